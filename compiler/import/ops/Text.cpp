//===- Text.cpp - Import of operators on sequences of tokens --------------===//

#include "compiler/import/ops/MachineLearning.h"
#include "compiler/import/ops/Strings.h"

using namespace mlir;
using namespace cameo;

namespace {
/// Counts the n-grams of a pool in the rows of an input.
class TfIdfImporter {
public:
  explicit TfIdfImporter(OpImporter &n) : n(n) {}
  ImportResult run();

private:
  LogicalResult read();
  FailureOr<Value> numberStrings();
  /// Occurrences [rows, grams] of `count` grams of `length` tokens, the first
  /// of which is at `start` of the pool.
  MaybeValue countGrams(int64_t length, int64_t start, int64_t count);
  MaybeValue countWithSkip(int64_t length, int64_t start, int64_t count,
                           int64_t skip);
  /// Counts in the columns that `ngram_indexes` gives them.
  MaybeValue arrange(MaybeValue counts);
  MaybeValue weighted(MaybeValue counts);

  OpImporter &n;
  FailureOr<Value> input; ///< Numbers of tokens.
  Value x;                ///< The same as [rows, tokens].
  int64_t rows = 1, tokens = 0, minLength = 1, maxLength = 1, maxSkip = 0;
  SmallVector<int64_t> pool, starts, columns;
};
} // namespace

/// Numbers the strings of the pool, and the input's tokens by it; those that
/// are not in it become -1.
FailureOr<Value> TfIdfImporter::numberStrings() {
  llvm::StringMap<int64_t> numbers;
  Strings words;
  for (StringRef word : n.stringsAttr("pool_strings")) {
    auto [found, isNew] =
        numbers.try_emplace(word, static_cast<int64_t>(words.values.size()));
    if (isNew)
      words.values.push_back(word.str());
    pool.push_back(found->second);
  }
  auto count = static_cast<int64_t>(words.values.size());
  words.shape.push_back(count);
  Value bytes = getBytes(n.input(0));
  SmallVector<int64_t> shape(typeOf(bytes).getShape());
  shape.insert(shape.end() - 1, 1);
  MaybeValue isWord =
      buildStringsEqual(n, chainReshape(n, bytes, shape), buildBytes(n, words));
  // The only match counts one more than its number.
  Type i64 = n.builder().getI64Type();
  auto ranks = llvm::to_vector(llvm::seq<int64_t>(1, count + 1));
  Value ranked = n.constant(DenseElementsAttr::get(
      RankedTensorType::get(count, i64), ArrayRef<int64_t>(ranks)));
  MaybeValue sum = chain<ReduceSumOp>(
      n, chain<MulOp>(n, chainCast(n, isWord, i64), ranked),
      SmallVector<int64_t>{static_cast<int64_t>(shape.size()) - 2},
      /*keepdims=*/false);
  return chain<SubOp>(n, sum, n.splat(i64, 1));
}

LogicalResult TfIdfImporter::read() {
  bool hasStrings = isStrings(n.input(0));
  if (hasStrings != n.hasAttr("pool_strings"))
    return n.unsupported("its pool and its input are of different types",
                         "check the model with the ONNX checker");
  input = hasStrings ? numberStrings() : FailureOr<Value>(n.input(0));
  if (failed(input))
    return failure();
  RankedTensorType type = typeOf(*input);
  if (!hasStrings)
    pool = n.intsAttr("pool_int64s", {});
  starts = n.intsAttr("ngram_counts", {});
  columns = n.intsAttr("ngram_indexes", {});
  minLength = n.intAttr("min_gram_length", 1);
  maxLength = n.intAttr("max_gram_length", 1);
  maxSkip = n.intAttr("max_skip_count", 0);
  if (type.getRank() < 1 || type.getRank() > 2 ||
      !isa<IntegerType>(type.getElementType()))
    return n.unsupported("tokens of rank " + Twine(type.getRank()),
                         "give integers, [tokens] or [batch, tokens]");
  auto size = static_cast<int64_t>(pool.size());
  bool fits = minLength >= 1 && maxLength >= minLength && maxSkip >= 0 &&
              maxLength <= static_cast<int64_t>(starts.size()) &&
              llvm::is_sorted(starts) && starts.front() >= 0 &&
              starts.back() <= size && !columns.empty();
  constexpr int64_t kMostColumns = int64_t(1) << 24;
  for (int64_t column : columns)
    fits &= column >= 0 && column < kMostColumns;
  if (!fits)
    return n.unsupported("its pool, ngram_counts and ngram_indexes do not fit",
                         "check the model with the ONNX checker");
  rows = type.getRank() == 2 ? type.getDimSize(0) : 1;
  tokens = type.getShape().back();
  MaybeValue matrix = chainReshape(
      n, chainCast(n, *input, n.builder().getI64Type()), {rows, tokens});
  if (failed(matrix))
    return failure();
  x = *matrix;
  return success();
}

MaybeValue TfIdfImporter::countWithSkip(int64_t length, int64_t start,
                                        int64_t count, int64_t skip) {
  int64_t places = tokens - (length - 1) * (skip + 1);
  auto vector = RankedTensorType::get(count, n.builder().getI64Type());
  MaybeValue matches = failure();
  for (int64_t i = 0; i < length; ++i) {
    SmallVector<int64_t> from = {0, i * (skip + 1)}, steps = {1, 1},
                         extents = {rows, places};
    MaybeValue here = chainReshape(n, n.value<SliceOp>(x, from, extents, steps),
                                   {rows, places, 1});
    SmallVector<int64_t> grams;
    for (int64_t gram = 0; gram < count; ++gram)
      grams.push_back(pool[start + gram * length + i]);
    Value wanted =
        n.constant(DenseElementsAttr::get(vector, ArrayRef<int64_t>(grams)));
    MaybeValue isToken = chain<EqualOp>(n, here, wanted);
    matches = i == 0 ? isToken : chain<AndOp>(n, matches, isToken);
  }
  return chain<ReduceSumOp>(n, chainCast(n, matches, n.builder().getF32Type()),
                            SmallVector<int64_t>{1}, /*keepdims=*/false);
}

MaybeValue TfIdfImporter::countGrams(int64_t length, int64_t start,
                                     int64_t count) {
  // Tokens cannot be skipped inside of one.
  int64_t skips = length == 1 ? 0 : maxSkip;
  MaybeValue total =
      buildFloats(n, {rows, count}, SmallVector<float>(rows * count, 0));
  if (length < minLength)
    return total;
  for (int64_t skip = 0; skip <= skips && (length - 1) * (skip + 1) < tokens;
       ++skip)
    total = chain<AddOp>(n, total, countWithSkip(length, start, count, skip));
  return total;
}

/// Columns that no n-gram has are zero: they read a column added at the end.
MaybeValue TfIdfImporter::arrange(MaybeValue counts) {
  if (failed(counts))
    return failure();
  int64_t grams = typeOf(*counts).getDimSize(1);
  int64_t width = *llvm::max_element(columns) + 1;
  SmallVector<int64_t> sources(width, grams);
  for (auto [gram, column] : llvm::enumerate(columns))
    if (static_cast<int64_t>(gram) < grams)
      sources[column] = gram;
  Value zeros = buildFloats(n, {rows, 1}, SmallVector<float>(rows, 0));
  MaybeValue all = n.value<ConcatOp>(ValueRange{*counts, zeros}, 1);
  Value indices = n.constant(DenseElementsAttr::get(
      RankedTensorType::get(width, n.builder().getI64Type()),
      ArrayRef<int64_t>(sources)));
  return chain<GatherOp>(n, all, indices, 1, /*in_bounds=*/true);
}

MaybeValue TfIdfImporter::weighted(MaybeValue counts) {
  StringRef mode = n.stringAttr("mode", "TF");
  if (mode != "TF" && mode != "IDF" && mode != "TFIDF")
    return n.unsupported("mode '" + mode + "'", "use TF, IDF or TFIDF");
  Type f32 = n.builder().getF32Type();
  if (mode == "IDF")
    counts = chainCast(n, chain<GreaterOp>(n, counts, n.splat(f32, 0)), f32);
  SmallVector<float> weights = n.floatsAttr("weights");
  if (mode == "TF" || weights.empty() || failed(counts))
    return counts;
  auto count = static_cast<int64_t>(weights.size());
  if (count != typeOf(*counts).getDimSize(1))
    return n.unsupported(Twine(count) + " weights", "give one per n-gram");
  return chain<MulOp>(n, counts, buildFloats(n, count, weights));
}

ImportResult TfIdfImporter::run() {
  if (failed(read()))
    return failure();
  SmallVector<Value> parts;
  for (auto [i, start] : llvm::enumerate(starts)) {
    auto length = static_cast<int64_t>(i) + 1;
    int64_t end = i + 1 < starts.size() ? starts[i + 1]
                                        : static_cast<int64_t>(pool.size());
    int64_t count = (end - start) / length;
    if (length > maxLength || count == 0)
      continue;
    MaybeValue counts = countGrams(length, start, count);
    if (failed(counts))
      return failure();
    parts.push_back(*counts);
  }
  if (parts.empty())
    return n.unsupported("an empty pool", "give it n-grams");
  MaybeValue y = weighted(n.value<ConcatOp>(ValueRange(parts), 1));
  y = arrange(y);
  if (succeeded(y) && typeOf(*input).getRank() == 1)
    y = chainReshape(n, y, typeOf(*y).getDimSize(1));
  return chainResults(y);
}

static ImportResult importTfIdfVectorizer(OpImporter &n) {
  return TfIdfImporter(n).run();
}

void cameo::registerText(OpRegistry &registry) {
  registry.add("TfIdfVectorizer", 9, "index|string", importTfIdfVectorizer);
}
