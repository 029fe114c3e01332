//===- Attention.cpp - Import of attention --------------------------------===//
//
// Attention becomes two matrix products with a softmax between them. Query
// heads that share a key head become one dimension of a batched product, so
// that keys are not repeated. A row of which everything is masked gives zeros.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/Reshapes.h"
#include "compiler/import/ops/Chain.h"

#include "llvm/ADT/StringExtras.h"

#include <cmath>

using namespace mlir;
using namespace cameo;

static constexpr Limit kOpenHeads{"a bounded number or size of heads",
                                  "fix these extents"};
static constexpr Limit kOpenShortMask{
    "a mask for fewer keys, of bounded extents", "give it an element per key"};

namespace {
/// The parts of a node Attention, as tensors [batch, heads, length, size].
class AttentionImporter {
public:
  explicit AttentionImporter(OpImporter &n) : n(n) {}
  ImportResult run();

protected:
  LogicalResult readOperands();
  /// An input of three dimensions with its heads split off.
  MaybeValue splitHeads(unsigned input, StringRef headsAttr);
  /// The input after what is cached of it.
  MaybeValue withPast(MaybeValue x, unsigned past);
  /// Products of all queries and keys, [batch, heads, queries, keys].
  MaybeValue buildScores();
  /// Weights times values.
  MaybeValue buildOutput(MaybeValue weights);
  /// Zeros in rows of which everything is masked.
  MaybeValue withoutEmpty(MaybeValue x);

  int64_t heads() const { return q.getDimSize(1); }
  int64_t keys() const { return k.getDimSize(2); }
  /// Extents, which may be open.
  AffineExpr batch() { return n.extents().getExtent(query, 0); }
  AffineExpr queries() { return n.extents().getExtent(query, 2); }
  AffineExpr openKeys() { return n.extents().getExtent(key, 2); }
  AffineExpr number(int64_t value) { return n.extents().constant(value); }
  /// The i64 that an extent is.
  Value numberOf(AffineExpr extent) {
    return n.extents().materialize(n.loc(), extent);
  }

  OpImporter &n;
  Value query, key, value;
  RankedTensorType q, k, v;
  bool isFlat = false;        // Heads are part of the last dimension.
  MaybeValue empty = Value(); // Null: no row is.

private:
  /// Reads the mask; true elements of `allowed` and sums with `bias` remain.
  LogicalResult readMasks();
  MaybeValue paddedMask(Value mask);
  void restrict(MaybeValue condition);
  void restrictWindow();
  /// The positions of queries (2) or keys (3), to be broadcast to the scores.
  Value buildRange(int64_t dim);
  /// The position of the first query among the keys, [batch | 1, 1, 1, 1].
  MaybeValue buildOffset();
  MaybeValue buildMasked(MaybeValue scores);
  /// Which rows of the mask, without its last dimension, allow nothing; null
  /// when there are none. Asked of the mask, so that nothing but the softmax
  /// reads the scores.
  MaybeValue buildEmpty();

  MaybeValue allowed = Value(), bias = Value(); // Null: nothing is masked.
};
} // namespace

MaybeValue AttentionImporter::splitHeads(unsigned input, StringRef headsAttr) {
  Value x = n.input(input);
  RankedTensorType type = typeOf(x);
  if (!isFlat)
    return x;
  int64_t count = n.intAttr(headsAttr, 0);
  if (type.getRank() != 3 || count < 1 || type.getDimSize(2) % count != 0)
    return n.unsupported(
        headsAttr + " = " + Twine(count) + " for an input of shape [" +
            llvm::join(llvm::map_range(type.getShape(),
                                       [](int64_t extent) {
                                         return std::to_string(extent);
                                       }),
                       ", ") +
            "]",
        "give a number that divides the last dimension");
  if (n.extents().isOpen(x, 2))
    return n.unsupported(kOpenHeads);
  Exprs exprs = n.extents().getExtents(x);
  MaybeValue split = chainReshapeTo(
      n, x,
      {exprs[0], exprs[1], number(count), number(type.getDimSize(2) / count)});
  return chain<TransposeOp>(n, split, SmallVector<int64_t>{0, 2, 1, 3});
}

MaybeValue AttentionImporter::withPast(MaybeValue x, unsigned past) {
  if (failed(x) || !n.hasInput(past))
    return x;
  return n.value<ConcatOp>(ValueRange{n.input(past), *x}, 2);
}

LogicalResult AttentionImporter::readOperands() {
  isFlat = typeOf(n.input(0)).getRank() == 3;
  MaybeValue parts[] = {splitHeads(0, "q_num_heads"),
                        withPast(splitHeads(1, "kv_num_heads"), 4),
                        withPast(splitHeads(2, "kv_num_heads"), 5)};
  for (const MaybeValue &part : parts)
    if (failed(part))
      return failure();
  query = *parts[0], key = *parts[1], value = *parts[2];
  q = typeOf(query), k = typeOf(key), v = typeOf(value);
  if (q.getRank() != 4 || k.getRank() != 4 || v.getRank() != 4 ||
      k.getDimSize(0) != q.getDimSize(0) ||
      v.getDimSize(0) != q.getDimSize(0) || k.getDimSize(1) == 0 ||
      heads() % k.getDimSize(1) != 0 || v.getDimSize(1) != k.getDimSize(1) ||
      v.getDimSize(2) != keys() || k.getDimSize(3) != q.getDimSize(3))
    return n.unsupported("the shapes of queries, keys and values do not fit",
                         "check the model with the ONNX checker");
  for (Value part : {query, key, value})
    for (int64_t dim : {1, 3})
      if (n.extents().isOpen(part, dim))
        return n.unsupported(kOpenHeads);
  return success();
}

MaybeValue AttentionImporter::buildScores() {
  int64_t groups = k.getDimSize(1), shared = heads() / groups;
  Type type = q.getElementType();
  double scale =
      n.floatAttr("scale", 1 / std::sqrt(static_cast<double>(q.getDimSize(3))));
  MaybeValue scaled = chain<MulOp>(n, MaybeValue(query), n.splat(type, scale));
  MaybeValue keyMatrices = key;
  if (shared > 1) {
    AffineExpr size = number(q.getDimSize(3));
    scaled = chainReshapeTo(
        n, scaled, {batch(), number(groups), number(shared), queries(), size});
    keyMatrices = chainReshapeTo(n, key,
                                 {n.extents().getExtent(key, 0), number(groups),
                                  number(1), openKeys(), size});
  }
  MaybeValue scores = chain<MatMulOp>(n, scaled, keyMatrices,
                                      /*transpose_a=*/false,
                                      /*transpose_b=*/true);
  if (shared == 1)
    return scores;
  return chainReshapeTo(n, scores,
                        {batch(), number(heads()), queries(), openKeys()});
}

MaybeValue AttentionImporter::buildOutput(MaybeValue weights) {
  int64_t groups = k.getDimSize(1), shared = heads() / groups,
          size = v.getDimSize(3);
  MaybeValue values = value;
  if (shared > 1) {
    weights = chainReshapeTo(
        n, weights,
        {batch(), number(groups), number(shared), queries(), openKeys()});
    values = chainReshapeTo(n, value,
                            {n.extents().getExtent(value, 0), number(groups),
                             number(1), n.extents().getExtent(value, 2),
                             number(size)});
  }
  MaybeValue output = chain<MatMulOp>(n, weights, values, /*transpose_a=*/false,
                                      /*transpose_b=*/false);
  if (shared > 1)
    output = chainReshapeTo(
        n, output, {batch(), number(heads()), queries(), number(size)});
  output = withoutEmpty(output);
  if (!isFlat)
    return output;
  output = chain<TransposeOp>(n, output, SmallVector<int64_t>{0, 2, 1, 3});
  return chainReshapeTo(n, output,
                        {batch(), queries(), number(heads() * size)});
}

//===----------------------------------------------------------------------===//
// Masks
//===----------------------------------------------------------------------===//

void AttentionImporter::restrict(MaybeValue condition) {
  if (succeeded(allowed) && !*allowed)
    allowed = condition;
  else
    allowed = chain<AndOp>(n, allowed, condition);
}

/// A mask for fewer keys than there are forbids the rest.
MaybeValue AttentionImporter::paddedMask(Value mask) {
  RankedTensorType type = typeOf(mask);
  int64_t rank = type.getRank();
  if (rank < 1 || rank > 4 || type.getShape().back() > keys())
    return n.unsupported("the mask does not fit the keys",
                         "give it an element per key");
  SmallVector<int64_t> pads(2 * rank, 0);
  pads.back() = keys() - type.getShape().back();
  AffineExpr extent = n.extents().getExtent(mask, rank - 1);
  bool isWhole = n.extents().areEqual(extent, openKeys());
  if (type.getShape().back() == 1 || (pads.back() == 0 && isWhole))
    return mask;
  // How many keys are forbidden would be known at run time.
  bool isOpen = n.extents().isOpen(extent) || n.extents().isOpen(openKeys());
  if (isOpen && pads.back() > 0)
    return n.unsupported(kOpenShortMask);
  if (isOpen)
    return mask;
  Type element = type.getElementType();
  double padding = isa<FloatType>(element) ? -HUGE_VAL : 0;
  return n.value<PadOp>(mask, n.splat(element, padding), pads);
}

MaybeValue AttentionImporter::buildOffset() {
  Type i64 = n.builder().getI64Type();
  if (n.hasInput(4))
    return numberOf(n.extents().getExtent(n.input(4), 2));
  if (!n.hasInput(6))
    return n.splat(i64, 0);
  MaybeValue lengths =
      chainReshapeTo(n, chainCast(n, n.input(6), i64),
                     {batch(), number(1), number(1), number(1)});
  return chain<SubOp>(n, lengths, numberOf(queries()));
}

Value AttentionImporter::buildRange(int64_t dim) {
  auto type = RankedTensorType::get({1, 1, q.getDimSize(2), keys()},
                                    n.builder().getI64Type());
  Value positions = buildPositions(n, type, dim);
  AffineExpr extent = dim == 2 ? queries() : openKeys();
  if (n.extents().isOpen(extent)) {
    Exprs exprs(4, number(1));
    exprs[dim] = extent;
    n.extents().setExtents(positions, exprs);
  }
  return positions;
}

/// Positions of keys in reach of those of queries.
void AttentionImporter::restrictWindow() {
  Type i64 = n.builder().getI64Type();
  int64_t left = n.intAttr("left_window_size", -1);
  int64_t right = n.intAttr("right_window_size", -1);
  bool isCausal = n.intAttr("is_causal", 0) != 0;
  if (!isCausal && left < 0 && right < 0)
    return;
  MaybeValue position = chain<AddOp>(n, buildRange(2), buildOffset());
  MaybeValue distance = chain<SubOp>(n, position, buildRange(3));
  auto limit = [&](int64_t value) {
    return n.splat(i64, static_cast<double>(value));
  };
  if (isCausal)
    right = 0;
  if (right >= 0)
    restrict(chain<GreaterOrEqualOp>(n, distance, limit(-right)));
  if (left >= 0)
    restrict(chain<LessOrEqualOp>(n, distance, limit(left)));
}

LogicalResult AttentionImporter::readMasks() {
  if (n.hasInput(3)) {
    MaybeValue mask = paddedMask(n.input(3));
    if (failed(mask))
      return failure();
    if (typeOf(*mask).getElementType().isInteger(1))
      restrict(mask);
    else
      bias = chainCast(n, mask, q.getElementType());
  }
  restrictWindow();
  if (n.hasInput(6)) {
    if (typeOf(n.input(6)).getShape() != ArrayRef<int64_t>(q.getDimSize(0)))
      return n.unsupported("nonpad_kv_seqlen has no length per batch",
                           "check the model with the ONNX checker");
    Type i64 = n.builder().getI64Type();
    MaybeValue lengths =
        chainReshapeTo(n, chainCast(n, n.input(6), i64),
                       {batch(), number(1), number(1), number(1)});
    restrict(chain<LessOp>(n, buildRange(3), lengths));
  }
  return success(succeeded(allowed) && succeeded(bias));
}

MaybeValue AttentionImporter::buildMasked(MaybeValue scores) {
  if (*bias)
    scores = chain<AddOp>(n, scores, bias);
  if (*allowed)
    scores = chain<WhereOp>(n, allowed, scores,
                            n.splat(q.getElementType(), -HUGE_VAL));
  if (succeeded(scores) && typeOf(*scores).getShape() !=
                               ArrayRef<int64_t>({q.getDimSize(0), heads(),
                                                  q.getDimSize(2), keys()}))
    return n.unsupported("the mask does not fit the scores",
                         "check the model with the ONNX checker");
  return scores;
}

//===----------------------------------------------------------------------===//
// The node
//===----------------------------------------------------------------------===//

/// `cap * tanh(scores / cap)`.
static MaybeValue buildSoftcap(OpImporter &n, MaybeValue scores) {
  double cap = n.floatAttr("softcap", 0);
  if (cap == 0 || failed(scores))
    return scores;
  Value limit = n.splat(typeOf(*scores).getElementType(), cap);
  return chain<MulOp>(n, chain<TanhOp>(n, chain<DivOp>(n, scores, limit)),
                      limit);
}

/// The softmax along keys in the precision asked for.
static MaybeValue buildSoftmax(OpImporter &n, MaybeValue scores) {
  if (n.intAttr("softmax_precision", 0) == 0)
    return chain<SoftmaxOp>(n, scores, 3);
  FailureOr<Type> precision = n.elementTypeAttr("softmax_precision");
  if (failed(precision) || failed(scores))
    return failure();
  return chainCast(n, chain<SoftmaxOp>(n, chainCast(n, scores, *precision), 3),
                   typeOf(*scores).getElementType());
}

MaybeValue AttentionImporter::buildEmpty() {
  // Causal rows without a mask always have the element of their own.
  bool canBeEmpty = *bias || n.hasInput(3) || n.hasInput(6) ||
                    n.intAttr("left_window_size", -1) >= 0 ||
                    n.intAttr("right_window_size", -1) >= 0;
  if (!canBeEmpty)
    return Value();
  Value lowest = n.splat(q.getElementType(), -HUGE_VAL);
  MaybeValue mask = bias;
  if (*allowed)
    mask = chain<WhereOp>(
        n, allowed, *bias ? *bias : n.splat(q.getElementType(), 0), lowest);
  if (failed(mask))
    return failure();
  MaybeValue highest = chain<ReduceMaxOp>(
      n, mask, SmallVector<int64_t>{typeOf(*mask).getRank() - 1},
      /*keepdims=*/true);
  return chain<EqualOp>(n, highest, lowest);
}

MaybeValue AttentionImporter::withoutEmpty(MaybeValue x) {
  if (failed(empty))
    return failure();
  if (!*empty)
    return x;
  return chain<WhereOp>(n, empty, n.splat(q.getElementType(), 0), x);
}

ImportResult AttentionImporter::run() {
  if (failed(readOperands()) || failed(readMasks()))
    return failure();
  MaybeValue raw = buildScores();
  MaybeValue capped = buildSoftcap(n, raw);
  MaybeValue masked = buildMasked(capped);
  MaybeValue weights = buildSoftmax(n, masked);
  empty = buildEmpty();
  SmallVector<MaybeValue> results = {buildOutput(weights)};
  if (n.numOutputs() > 1)
    results.append({MaybeValue(key), MaybeValue(value)});
  if (n.hasOutput(3)) {
    int64_t mode = n.intAttr("qk_matmul_output_mode", 0);
    MaybeValue modes[] = {raw, capped, masked, weights};
    if (mode < 0 || mode > 3)
      return n.unsupported("qk_matmul_output_mode = " + Twine(mode),
                           "use 0 to 3");
    results.push_back(mode == 3 ? withoutEmpty(weights) : modes[mode]);
  }
  return chainResults(results);
}

static ImportResult importAttention(OpImporter &n) {
  return AttentionImporter(n).run();
}

namespace {
/// FlexAttention of ai.onnx.preview, whose masks are graphs.
class FlexAttentionImporter : public AttentionImporter {
public:
  using AttentionImporter::AttentionImporter;
  ImportResult run();

private:
  /// `x` through the graph in an attribute, if there is one.
  MaybeValue apply(StringRef name, MaybeValue x);
};
} // namespace

MaybeValue FlexAttentionImporter::apply(StringRef name, MaybeValue x) {
  const onnx::GraphProto *graph = n.graphAttr(name);
  if (!graph || failed(x))
    return x;
  ImportResult results = n.importBody(*graph, *x);
  if (failed(results))
    return failure();
  if (results->size() != 1 || (*results)[0].getType() != x->getType())
    return n.unsupported(name + " does not give one tensor like its input",
                         "check the model with the ONNX checker");
  return (*results)[0];
}

ImportResult FlexAttentionImporter::run() {
  if (failed(readOperands()))
    return failure();
  MaybeValue scores = apply("score_mod", buildScores());
  MaybeValue weights = apply("prob_mod", buildSoftmax(n, scores));
  return chainResults(buildOutput(weights));
}

static ImportResult importFlexAttention(OpImporter &n) {
  return FlexAttentionImporter(n).run();
}

//===----------------------------------------------------------------------===//
// RotaryEmbedding
//===----------------------------------------------------------------------===//

namespace {
/// Elements [start, start + count * step) of the last dimension, by steps.
MaybeValue chainLast(OpImporter &n, Value x, int64_t start, int64_t count,
                     int64_t step = 1) {
  RankedTensorType type = typeOf(x);
  SmallVector<int64_t> starts(type.getRank(), 0), extents(type.getShape()),
      steps(type.getRank(), 1);
  starts.back() = start;
  extents.back() = count;
  steps.back() = step;
  return n.value<SliceOp>(x, starts, extents, steps);
}
} // namespace

/// A cache of cosines or sines for every position, [batch | 1, length, 1,
/// half].
static MaybeValue buildRotation(OpImporter &n, unsigned cache, int64_t half) {
  MaybeValue rows = n.input(cache);
  if (n.hasInput(3))
    rows = chain<GatherOp>(n, n.input(cache), n.input(3), /*axis=*/0,
                           /*in_bounds=*/false);
  if (failed(rows))
    return failure();
  ArrayRef<int64_t> shape = typeOf(*rows).getShape();
  if (shape.size() != 3 || shape[2] != half)
    return n.unsupported("a cache does not have half of the rotated elements",
                         "check the model with the ONNX checker");
  Exprs exprs = n.extents().getExtents(*rows);
  exprs.insert(exprs.begin() + 2, n.extents().constant(1));
  return chainReshapeTo(n, rows, exprs);
}

/// Pairs of elements of every head, [batch, length, heads, size], are rotated.
static ImportResult importRotaryEmbedding(OpImporter &n) {
  RankedTensorType type = typeOf(n.input(0));
  Exprs exprs = n.extents().getExtents(n.input(0));
  if (!exprs.empty() && n.extents().isOpen(exprs.back()))
    return n.unsupported(kOpenHeads);
  int64_t count = n.intAttr("num_heads", 0);
  MaybeValue x = n.input(0);
  SmallVector<int64_t> swapped = {0, 2, 1, 3};
  if (type.getRank() == 4)
    x = chain<TransposeOp>(n, x, swapped);
  else if (type.getRank() == 3 && count > 0 && type.getDimSize(2) % count == 0)
    x = chainReshapeTo(n, x,
                       {exprs[0], exprs[1], n.extents().constant(count),
                        n.extents().constant(type.getDimSize(2) / count)});
  else
    return n.unsupported("num_heads = " + Twine(count) +
                             " for an input of rank " + Twine(type.getRank()),
                         "give a number that divides the last dimension");
  if (failed(x))
    return failure();
  int64_t size = typeOf(*x).getDimSize(3);
  int64_t rotated = n.intAttr("rotary_embedding_dim", 0);
  if (rotated == 0)
    rotated = size;
  if (rotated < 2 || rotated > size || rotated % 2 != 0)
    return n.unsupported("rotary_embedding_dim = " + Twine(rotated),
                         "give an even number up to the size of a head");
  int64_t half = rotated / 2;
  bool interleaved = n.intAttr("interleaved", 0) != 0;
  MaybeValue a = chainLast(n, *x, 0, half, interleaved ? 2 : 1);
  MaybeValue b =
      chainLast(n, *x, interleaved ? 1 : half, half, interleaved ? 2 : 1);
  MaybeValue cos = buildRotation(n, 1, half), sin = buildRotation(n, 2, half);
  MaybeValue first =
      chain<SubOp>(n, chain<MulOp>(n, cos, a), chain<MulOp>(n, sin, b));
  MaybeValue second =
      chain<AddOp>(n, chain<MulOp>(n, sin, a), chain<MulOp>(n, cos, b));
  if (failed(first) || failed(second))
    return failure();
  Exprs pairs = n.extents().getExtents(*first);
  int64_t axis = interleaved ? 4 : 3;
  if (interleaved) {
    pairs.push_back(n.extents().constant(1));
    first = chainReshapeTo(n, first, pairs);
    second = chainReshapeTo(n, second, pairs);
    pairs.pop_back();
  }
  if (failed(first) || failed(second))
    return failure();
  MaybeValue y = n.value<ConcatOp>(ValueRange{*first, *second}, axis);
  pairs.back() = n.extents().constant(rotated);
  y = chainReshapeTo(n, y, pairs);
  MaybeValue rest = chainLast(n, *x, rotated, size - rotated);
  if (failed(y) || failed(rest))
    return failure();
  if (rotated < size)
    y = n.value<ConcatOp>(ValueRange{*y, *rest}, 3);
  if (type.getRank() == 4)
    y = chain<TransposeOp>(n, y, swapped);
  return chainResults(chainReshapeTo(n, y, exprs));
}

//===----------------------------------------------------------------------===//
// TensorScatter
//===----------------------------------------------------------------------===//

/// Writes rows of a cache from an index per batch on; `circular` ones go on at
/// the start.
static ImportResult importTensorScatter(OpImporter &n) {
  RankedTensorType cache = typeOf(n.input(0)), update = typeOf(n.input(1));
  FailureOr<int64_t> axis = n.axis("axis", -2, cache.getRank());
  StringRef mode = n.stringAttr("mode", "linear");
  if (failed(axis))
    return failure();
  if (update.getRank() != cache.getRank() || *axis == 0 ||
      (mode != "linear" && mode != "circular"))
    return n.unsupported("mode '" + mode + "' along axis " + Twine(*axis),
                         "use linear or circular along an axis after the "
                         "batch, with an update of the cache's rank");
  Type i64 = n.builder().getI64Type();
  Extents &extents = n.extents();
  Exprs exprs = extents.getExtents(n.input(1));
  MaybeValue start = n.splat(i64, 0);
  if (n.hasInput(2)) {
    Exprs shape(cache.getRank(), extents.constant(1));
    shape[0] = extents.getExtent(n.input(2), 0);
    start = chainReshapeTo(n, chainCast(n, n.input(2), i64), shape);
  }
  MaybeValue rows =
      chain<AddOp>(n, start, buildPositions(n, n.input(1), *axis));
  AffineExpr length = extents.getExtent(n.input(0), *axis);
  if (mode == "circular")
    rows = chain<ModOp>(n, rows, extents.materialize(n.loc(), length),
                        /*fmod=*/false);
  if (succeeded(rows))
    rows = extents.isOpen(n.input(1))
               ? n.withExtents<ExpandOp>(exprs, *rows, update.getShape())
               : n.value<ExpandOp>(*rows, update.getShape());
  return chainResults(chain<ScatterElementsOp>(n, n.input(0), rows, n.input(1),
                                               *axis, ScatterReduction::None,
                                               /*in_bounds=*/false));
}

void cameo::registerAttention(OpRegistry &registry) {
  registry.add("Attention", 23,
               "float, float, float, bool|float?, float?, float?, int64?",
               importAttention, {kOpenHeads, kOpenShortMask});
  registry.add("RotaryEmbedding", 23, "float, float, float, index?",
               importRotaryEmbedding, {kOpenHeads});
  registry.add("TensorScatter", 24, "any, any, int64?", importTensorScatter);
  registry.add("ai.onnx.preview:FlexAttention", 1, "float, float, float",
               importFlexAttention, {kOpenHeads});
  registry.allowOpenDims({"Attention", "RotaryEmbedding", "TensorScatter",
                          "ai.onnx.preview:FlexAttention"});
}
