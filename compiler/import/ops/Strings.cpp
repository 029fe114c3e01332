//===- Strings.cpp - Import of operators on strings -----------------------===//
//
// Operators whose results have a bounded length and a known number of strings
// work on the bytes, in every run. Others need their input to be constant.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/ops/Strings.h"
#include "compiler/import/Tensors.h"
#include "compiler/import/ops/Control.h"
#include "compiler/import/ops/Regex.h"

#include "mlir/Dialect/Traits.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace cameo;

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

Value cameo::buildStrings(OpBuilder &builder, Location loc, Value bytes) {
  MLIRContext *context = builder.getContext();
  auto type = OpaqueType::get(StringAttr::get(context, "cameo"), "strings");
  return UnrealizedConversionCastOp::create(builder, loc, type, bytes)
      .getResult(0);
}

bool cameo::isStrings(Value value) { return isa<OpaqueType>(value.getType()); }

Value cameo::getBytes(Value strings) {
  return strings.getDefiningOp()->getOperand(0);
}

Value cameo::buildBytes(OpImporter &n, const Strings &strings) {
  return n.constant(
      packStrings(n.builder().getContext(), strings.shape, strings.values));
}

static Value buildConstant(OpImporter &n, const Strings &strings) {
  return buildStrings(n.builder(), n.loc(), buildBytes(n, strings));
}

std::optional<Strings> cameo::getConstantStrings(Value strings) {
  DenseElementsAttr bytes;
  if (!matchPattern(getBytes(strings), m_Constant(&bytes)))
    return std::nullopt;
  Strings result;
  result.shape.assign(bytes.getType().getShape());
  int64_t width = result.shape.pop_back_val();
  int64_t count = bytes.getNumElements() / width;
  auto byte = bytes.value_begin<uint8_t>();
  for (int64_t i = 0; i < count; ++i) {
    std::string value;
    for (int64_t j = 0; j < width; ++j)
      value.push_back(static_cast<char>(*byte++));
    result.values.push_back(value.c_str());
  }
  return result;
}

static int64_t widthOf(Value bytes) { return typeOf(bytes).getShape().back(); }

MaybeValue cameo::buildWidened(OpImporter &n, MaybeValue bytes, int64_t width) {
  if (failed(bytes) || widthOf(*bytes) >= width)
    return bytes;
  SmallVector<int64_t> shape(typeOf(*bytes).getShape());
  shape.back() = width - shape.back();
  auto type = RankedTensorType::get(shape, typeOf(*bytes).getElementType());
  Value zeros = n.constant(DenseElementsAttr::get(
      type, n.builder().getIntegerAttr(type.getElementType(), 0)));
  return n.value<ConcatOp>(ValueRange{*bytes, zeros},
                           typeOf(*bytes).getRank() - 1);
}

MaybeValue cameo::buildStringsEqual(OpImporter &n, MaybeValue a, MaybeValue b) {
  if (failed(a) || failed(b))
    return failure();
  int64_t width = std::max(widthOf(*a), widthOf(*b));
  MaybeValue same =
      chain<EqualOp>(n, buildWidened(n, a, width), buildWidened(n, b, width));
  MaybeValue flags = chainCast(n, same, n.builder().getI32Type());
  if (failed(flags))
    return failure();
  SmallVector<int64_t> last = {typeOf(*flags).getRank() - 1};
  return chainCast(n, chain<ReduceMinOp>(n, flags, last, /*keepdims=*/false),
                   n.builder().getI1Type());
}

/// Results that are as large, or as long, as the strings say.
static constexpr Limit kRunTimeStrings{
    "strings of a run: its result depends on the values of its input",
    "make it constant: --constant=INPUT=FILE.pb"};
static constexpr Limit kRunTimeStopwords{
    "stopwords for strings of a run: its result depends on the values of its "
    "input",
    "make it constant: --constant=INPUT=FILE.pb"};
static constexpr Limit kToStrings{"numbers do not become strings",
                                  "convert them after the model"};
static constexpr Limit kPattern{
    "patterns with flags, look-around, named classes or classes beyond ASCII",
    "use a simpler pattern"};

static ImportResult single(MaybeValue value) { return chainResults(value); }

static ImportResult bytesResult(OpImporter &n, MaybeValue bytes) {
  if (failed(bytes))
    return failure();
  return single(buildStrings(n.builder(), n.loc(), *bytes));
}

//===----------------------------------------------------------------------===//
// On bytes
//===----------------------------------------------------------------------===//

static ImportResult importEqual(OpImporter &n) {
  if (!isStrings(n.input(0)) || !isStrings(n.input(1)))
    return n.unsupported("it compares strings with numbers", "convert one");
  return single(
      buildStringsEqual(n, getBytes(n.input(0)), getBytes(n.input(1))));
}

/// The first string up to its end, then the second one: each byte of the result
/// is gathered from both and a zero.
static ImportResult importConcat(OpImporter &n) {
  if (!isStrings(n.input(0)) || !isStrings(n.input(1)))
    return n.unsupported("it joins strings and numbers", "convert one");
  auto a = getConstantStrings(n.input(0)), b = getConstantStrings(n.input(1));
  if (a && b && a->shape == b->shape) {
    for (auto [left, right] : llvm::zip_equal(a->values, b->values))
      left += right;
    return single(buildConstant(n, *a));
  }
  Value x = getBytes(n.input(0)), y = getBytes(n.input(1));
  SmallVector<int64_t> shape;
  if (!OpTrait::util::getBroadcastedShape(typeOf(x).getShape().drop_back(),
                                          typeOf(y).getShape().drop_back(),
                                          shape))
    return n.unsupported("its inputs cannot be broadcast",
                         "give them shapes that fit");
  Type i64 = n.builder().getI64Type();
  int64_t first = widthOf(x), width = first + widthOf(y);
  auto expand = [&](Value bytes) -> MaybeValue {
    SmallVector<int64_t> whole = shape;
    whole.push_back(widthOf(bytes));
    return chain<ExpandOp>(n, bytes, whole);
  };
  MaybeValue left = expand(x);
  MaybeValue both = buildWidened(n, left, width);
  if (failed(both))
    return failure();
  MaybeValue all = expand(y);
  if (failed(all))
    return failure();
  all = n.value<ConcatOp>(ValueRange{*left, *all}, shape.size());
  all = buildWidened(n, all, width + 1);
  // The end of the first string: the number of bytes before a zero.
  MaybeValue zero = n.splat(typeOf(x).getElementType(), 0);
  MaybeValue isByte = chainCast(n, chain<GreaterOp>(n, left, zero), i64);
  int64_t axis = shape.size();
  MaybeValue length = chain<ReduceSumOp>(n, isByte, SmallVector<int64_t>{axis},
                                         /*keepdims=*/true);
  Value at = buildPositions(n, typeOf(*both), axis);
  MaybeValue later = chain<SubOp>(n, at, length);
  MaybeValue source = chain<WhereOp>(
      n, chain<LessOp>(n, at, length), at,
      chain<MinOp>(n, chain<AddOp>(n, later, n.splat(i64, first)),
                   n.splat(i64, width)));
  return bytesResult(n, chain<GatherElementsOp>(n, all, source, axis));
}

/// The state of an automaton after every byte of a string; a zero keeps it.
static ImportResult importRegexFullMatch(OpImporter &n) {
  std::string error;
  std::optional<Automaton> automaton =
      Automaton::compile(n.stringAttr("pattern", ""), error);
  if (!automaton)
    return n.unsupported("pattern: " + error, kPattern.hint);
  Builder &b = n.builder();
  Type i64 = b.getI64Type();
  Value bytes = getBytes(n.input(0));
  ArrayRef<int64_t> shape = typeOf(bytes).getShape().drop_back();
  auto vector = [&](ArrayRef<int64_t> values) {
    return n.constant(DenseElementsAttr::get(
        RankedTensorType::get(values.size(), i64), values));
  };
  // States are kept times 256, so that a byte is added to find the next one.
  Value next = vector(automaton->next), accepts = vector(automaton->accepts);
  auto states = RankedTensorType::get(shape, i64);
  Value start =
      n.constant(DenseElementsAttr::get(states, b.getI64IntegerAttr(0)));
  constexpr int64_t kNodes = 4;
  auto step = [&](Value i, ValueRange now) -> ImportResult {
    MaybeValue byte = chainCast(
        n, chain<GatherOp>(n, bytes, i, shape.size(), /*in_bounds=*/true), i64);
    return single(chain<GatherOp>(n, next, chain<AddOp>(n, now[0], byte), 0,
                                  /*in_bounds=*/true));
  };
  ImportResult last = buildRepeated(n, n.extents().constant(widthOf(bytes)),
                                    start, kNodes, step);
  if (failed(last))
    return failure();
  MaybeValue state =
      chain<DivOp>(n, last->front(), n.splat(i64, Automaton::kBytes));
  return single(
      chainCast(n, chain<GatherOp>(n, accepts, state, 0, /*in_bounds=*/true),
                b.getI1Type()));
}

//===----------------------------------------------------------------------===//
// StringNormalizer
//===----------------------------------------------------------------------===//

/// The letters of ASCII from `first` on shifted to the other case.
static MaybeValue changeCase(OpImporter &n, Value bytes, char first,
                             int offset) {
  Type i32 = n.builder().getI32Type();
  MaybeValue x = chainCast(n, bytes, i32);
  MaybeValue isLetter =
      chain<AndOp>(n, chain<GreaterOrEqualOp>(n, x, n.splat(i32, first)),
                   chain<LessOrEqualOp>(n, x, n.splat(i32, first + 'Z' - 'A')));
  MaybeValue other = chain<AddOp>(n, x, n.splat(i32, offset));
  return chainCast(n, chain<WhereOp>(n, isLetter, other, x),
                   typeOf(bytes).getElementType());
}

/// Leaves out stop words: the result has as many strings as are left.
static ImportResult removeWords(OpImporter &n, StringRef action,
                                ArrayRef<StringRef> words) {
  std::optional<Strings> strings = getConstantStrings(n.input(0));
  if (!strings)
    return n.unsupported(kRunTimeStopwords);
  bool isSensitive = n.intAttr("is_case_sensitive", 0) != 0;
  auto isStopWord = [&](StringRef value) {
    return llvm::any_of(words, [&](StringRef word) {
      return isSensitive ? value == word : value.equals_insensitive(word);
    });
  };
  Strings kept;
  kept.shape = strings->shape;
  for (StringRef value : strings->values)
    if (!isStopWord(value))
      kept.values.push_back(action == "LOWER"   ? value.lower()
                            : action == "UPPER" ? value.upper()
                                                : value.str());
  if (kept.values.empty())
    kept.values.emplace_back();
  kept.shape.back() = kept.values.size();
  return single(buildConstant(n, kept));
}

static ImportResult importStringNormalizer(OpImporter &n) {
  StringRef action = n.stringAttr("case_change_action", "NONE");
  SmallVector<StringRef> words = n.stringsAttr("stopwords");
  Value bytes = getBytes(n.input(0));
  ArrayRef<int64_t> shape = typeOf(bytes).getShape().drop_back();
  if (shape.empty() || shape.size() > 2 || (shape.size() == 2 && shape[0] != 1))
    return n.unsupported("strings of rank " + Twine(shape.size()),
                         "give it [C] or [1, C]");
  if (!words.empty())
    return removeWords(n, action, words);
  if (action == "LOWER")
    return bytesResult(n, changeCase(n, bytes, 'A', 'a' - 'A'));
  if (action == "UPPER")
    return bytesResult(n, changeCase(n, bytes, 'a', 'A' - 'a'));
  return SmallVector<Value>{n.input(0)};
}

//===----------------------------------------------------------------------===//
// On constants
//===----------------------------------------------------------------------===//

/// The parts between delimiters, or between spaces without one, at most
/// `limit` + 1 of them.
static std::vector<std::string> split(StringRef value, StringRef delimiter,
                                      int64_t limit) {
  std::vector<std::string> parts;
  constexpr StringLiteral kSpaces = " \t\n\v\f\r";
  auto mayGoOn = [&] {
    return limit < 0 || static_cast<int64_t>(parts.size()) < limit;
  };
  if (!delimiter.empty()) {
    while (mayGoOn() && value.contains(delimiter)) {
      auto [front, back] = value.split(delimiter);
      parts.push_back(front.str());
      value = back;
    }
    parts.push_back(value.str());
    return parts;
  }
  for (value = value.ltrim(kSpaces); !value.empty();
       value = value.ltrim(kSpaces)) {
    size_t end = mayGoOn() ? value.find_first_of(kSpaces) : StringRef::npos;
    parts.push_back(value.take_front(end).str());
    value = value.substr(std::min(end, value.size()));
  }
  return parts;
}

static ImportResult importStringSplit(OpImporter &n) {
  std::optional<Strings> strings = getConstantStrings(n.input(0));
  if (!strings)
    return n.unsupported(kRunTimeStrings);
  StringRef delimiter = n.stringAttr("delimiter", "");
  int64_t limit = n.intAttr("maxsplit", -1);
  SmallVector<int64_t> counts;
  std::vector<std::vector<std::string>> all;
  size_t most = 0;
  for (StringRef value : strings->values) {
    all.push_back(split(value, delimiter, limit));
    counts.push_back(all.back().size());
    most = std::max(most, all.back().size());
  }
  Strings parts;
  parts.shape = strings->shape;
  parts.shape.push_back(most);
  for (std::vector<std::string> &row : all) {
    row.resize(most);
    llvm::append_range(parts.values, row);
  }
  auto type = RankedTensorType::get(strings->shape, n.builder().getI64Type());
  Value lengths =
      n.constant(DenseElementsAttr::get(type, ArrayRef<int64_t>(counts)));
  return chainResults({buildConstant(n, parts), lengths});
}

/// Numbers as strings spell them.
static ImportResult buildNumbers(OpImporter &n, Type to) {
  std::optional<Strings> strings = getConstantStrings(n.input(0));
  if (!strings)
    return n.unsupported(kRunTimeStrings);
  SmallVector<double> numbers;
  for (const std::string &value : strings->values) {
    char *end = nullptr;
    numbers.push_back(std::strtod(value.c_str(), &end));
    if (value.empty() || *end)
      return n.unsupported("'" + value + "' is not a number", "give numbers");
  }
  auto type = RankedTensorType::get(strings->shape, n.builder().getF64Type());
  return single(chainCast(
      n, n.constant(DenseElementsAttr::get(type, ArrayRef(numbers))), to));
}

static ImportResult importCast(OpImporter &n) {
  FailureOr<Type> to = n.elementTypeAttr("to");
  return failed(to) ? ImportResult(failure()) : buildNumbers(n, *to);
}

static ImportResult importCastLike(OpImporter &n) {
  if (!isStrings(n.input(0)) || isStrings(n.input(1)))
    return n.unsupported(kToStrings);
  return buildNumbers(n, getElementTypeOrSelf(n.input(1)));
}

void cameo::registerStrings(OpRegistry &registry) {
  registry.addForStrings("Cast", importCast, {kRunTimeStrings});
  registry.addForStrings("CastLike", importCastLike,
                         {kRunTimeStrings, kToStrings});
  registry.addForStrings("Equal", importEqual);

  registry.add("RegexFullMatch", 20, "string", importRegexFullMatch,
               {kPattern});
  registry.add("StringConcat", 20, "string, string", importConcat);
  registry.add("StringNormalizer", 10, "string", importStringNormalizer,
               {kRunTimeStopwords});
  registry.add("StringSplit", 20, "string", importStringSplit,
               {kRunTimeStrings});
}
