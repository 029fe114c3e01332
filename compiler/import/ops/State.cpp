//===- State.cpp - Import of layers that carry a state --------------------===//

#include "compiler/import/Reshapes.h"
#include "compiler/import/ops/Chain.h"
#include "compiler/import/ops/Control.h"
#include "compiler/import/ops/OpenShapes.h"

#include <cmath>

using namespace mlir;
using namespace cameo;

static constexpr Limit kOpenHeads{"heads of a bounded size",
                                  "fix the last dimension"};

//===----------------------------------------------------------------------===//
// CausalConvWithState
//===----------------------------------------------------------------------===//

/// A depthwise convolution over what was kept of the past and the input.
static ImportResult importCausalConv(OpImporter &n) {
  RankedTensorType x = typeOf(n.input(0)), w = typeOf(n.input(1));
  StringRef activation = n.stringAttr("activation", "none");
  if (x.getRank() != 3 || w.getRank() != 3 || w.getDimSize(2) < 1 ||
      w.getDimSize(0) != x.getDimSize(1))
    return n.unsupported("the shapes of input and weight do not fit",
                         "check the model with the ONNX checker");
  if (!llvm::is_contained({"none", "silu", "swish"}, activation))
    return n.unsupported("activation '" + activation + "'",
                         "use none, silu or swish");
  int64_t past = w.getDimSize(2) - 1;
  auto stateType = x.clone({x.getDimSize(0), x.getDimSize(1), past});
  Extents &extents = n.extents();
  Exprs exprs = extents.getExtents(n.input(0));
  Value state =
      n.hasInput(3)
          ? n.input(3)
          : n.constant(DenseElementsAttr::get(
                stateType, n.builder().getZeroAttr(x.getElementType())));
  if (!n.hasInput(3) && extents.isOpen(n.input(0)))
    extents.setExtents(state, {exprs[0], exprs[1], extents.constant(past)});
  if (state.getType() != stateType)
    return n.unsupported("the shape of past_state does not fit",
                         "check the model with the ONNX checker");
  MaybeValue padded = n.value<ConcatOp>(ValueRange{state, n.input(0)}, 2);
  if (failed(padded))
    return failure();
  SmallVector<int64_t> ones = {1}, none = {0, 0};
  MaybeValue y =
      n.value<ConvOp>(*padded, n.input(1), n.hasInput(2) ? n.input(2) : Value(),
                      ones, ones, none, x.getDimSize(1));
  if (activation != "none")
    y = chain<SwishOp>(n, y, n.builder().getF32FloatAttr(1));
  if (extents.isOpen(exprs[2]))
    return chainResults(
        {y, sliceOpen(n, *padded, 2, {exprs[2], extents.constant(past)})});
  SmallVector<int64_t> starts = {0, 0, x.getDimSize(2)}, steps(3, 1);
  return chainResults(
      {y, chain<SliceOp>(n, padded, starts, stateType.getShape(), steps)});
}

//===----------------------------------------------------------------------===//
// LinearAttention
//===----------------------------------------------------------------------===//

namespace {
/// One recurrence per key head over a matrix state [batch, heads, keys,
/// values], computed in f32.
class LinearAttentionImporter {
public:
  explicit LinearAttentionImporter(OpImporter &n) : n(n) {}
  ImportResult run();

private:
  LogicalResult read();
  /// An input [batch, length, heads * size] as [length, batch, heads, size].
  MaybeValue splitHeads(unsigned input, int64_t heads);
  MaybeValue at(Value sequence, Value i) {
    Exprs exprs(ArrayRef(n.extents().getExtents(sequence)).drop_front());
    return n.extents().isOpen(sequence)
               ? n.withExtents<GatherOp>(exprs, sequence, i, 0,
                                         /*in_bounds=*/true)
               : n.value<GatherOp>(sequence, i, 0, /*in_bounds=*/true);
  }
  /// Gives dimensions of extent one at the end of (-1) or before (-2) the last.
  MaybeValue widened(MaybeValue x, int64_t place);
  ImportResult step(Value i, Value state);
  MaybeValue initialState();

  OpImporter &n;
  AffineExpr steps;                  // The length, which may be open.
  Value q, k, v, decay, beta, erase; // By time.
  int64_t batch = 0, length = 0, heads = 0, keyHeads = 0, keySize = 0,
          valueSize = 0;
};
} // namespace

MaybeValue LinearAttentionImporter::splitHeads(unsigned input, int64_t count) {
  RankedTensorType type = typeOf(n.input(input));
  if (type.getRank() != 3 || type.getDimSize(0) != batch ||
      type.getDimSize(1) != length || count < 1 ||
      type.getDimSize(2) % count != 0)
    return n.unsupported("input " + Twine(input) + " does not split into " +
                             Twine(count) + " heads",
                         "check the model with the ONNX checker");
  MaybeValue x = chainCast(n, n.input(input), n.builder().getF32Type());
  Extents &extents = n.extents();
  Exprs exprs = extents.getExtents(n.input(input));
  if (extents.isOpen(exprs[2]))
    return n.unsupported(kOpenHeads);
  // All inputs are as long as the queries.
  exprs[1] = extents.check(n.loc(), exprs[1], steps, steps);
  x = chainReshapeTo(n, x,
                     {exprs[0], exprs[1], extents.constant(count),
                      extents.constant(type.getDimSize(2) / count)});
  return chain<TransposeOp>(n, x, SmallVector<int64_t>{1, 0, 2, 3});
}

LogicalResult LinearAttentionImporter::read() {
  RankedTensorType type = typeOf(n.input(0));
  heads = n.intAttr("q_num_heads", 0), keyHeads = n.intAttr("kv_num_heads", 0);
  if (type.getRank() != 3 || keyHeads < 1 || heads < 1 || heads % keyHeads != 0)
    return n.unsupported(Twine(heads) + " heads of queries for " +
                             Twine(keyHeads) + " of keys",
                         "give a multiple");
  batch = type.getDimSize(0), length = type.getDimSize(1);
  steps = n.extents().getExtent(n.input(0), 1);
  StringRef rule = n.stringAttr("update_rule", "gated_delta");
  bool isGated = rule == "gated" || rule == "gated_delta";
  bool isDelta = rule == "delta" || rule == "gated_delta";
  if ((!isGated && !isDelta && rule != "linear") || isGated != n.hasInput(4) ||
      isDelta != n.hasInput(5))
    return n.unsupported("update_rule '" + rule +
                             "' does not go with the inputs",
                         "give decay to gated rules and beta to delta rules");
  // Decay is one per head or one per key; beta may be shared by heads.
  int64_t betaHeads = 1;
  if (isDelta && typeOf(n.input(5)).getRank() == 3)
    betaHeads = typeOf(n.input(5)).getDimSize(2);
  MaybeValue parts[] = {splitHeads(0, heads),
                        splitHeads(1, keyHeads),
                        splitHeads(2, keyHeads),
                        isGated ? splitHeads(4, keyHeads) : Value(),
                        isDelta ? splitHeads(5, betaHeads) : Value(),
                        n.hasInput(6) ? splitHeads(6, keyHeads) : Value()};
  for (const MaybeValue &part : parts)
    if (failed(part))
      return failure();
  q = *parts[0], k = *parts[1], v = *parts[2];
  decay = *parts[3], beta = *parts[4], erase = *parts[5];
  keySize = typeOf(k).getDimSize(3), valueSize = typeOf(v).getDimSize(3);
  if (typeOf(q).getDimSize(3) != keySize)
    return n.unsupported("queries and keys have heads of different sizes",
                         "check the model with the ONNX checker");
  return success();
}

MaybeValue LinearAttentionImporter::widened(MaybeValue x, int64_t place) {
  if (failed(x))
    return failure();
  Exprs shape = n.extents().getExtents(*x);
  shape.insert(shape.end() + place + 1, n.extents().constant(1));
  return chainReshapeTo(n, x, shape);
}

MaybeValue LinearAttentionImporter::initialState() {
  Type f32 = n.builder().getF32Type();
  auto type = RankedTensorType::get({batch, keyHeads, keySize, valueSize}, f32);
  if (!n.hasInput(3)) {
    Value zeros = n.constant(
        DenseElementsAttr::get(type, n.builder().getF32FloatAttr(0)));
    Exprs exprs = n.extents().getExtents(zeros);
    exprs[0] = n.extents().getExtent(n.input(0), 0);
    if (n.extents().isOpen(exprs[0]))
      n.extents().setExtents(zeros, exprs);
    return zeros;
  }
  if (typeOf(n.input(3)).getShape() != type.getShape())
    return n.unsupported("the shape of past_state does not fit",
                         "check the model with the ONNX checker");
  return chainCast(n, n.input(3), f32);
}

/// The next state and the output of one step.
ImportResult LinearAttentionImporter::step(Value i, Value before) {
  MaybeValue state = before, value = at(v, i), key = at(k, i);
  if (decay)
    state = chain<MulOp>(n, state, widened(chain<ExpOp>(n, at(decay, i)), -1));
  if (beta) {
    MaybeValue read = key;
    if (erase)
      read = chain<MulOp>(n, at(erase, i), key);
    MaybeValue known = chain<ReduceSumOp>(
        n, chain<MulOp>(n, state, widened(read, -1)), SmallVector<int64_t>{2},
        /*keepdims=*/false);
    value = chain<MulOp>(n, at(beta, i), chain<SubOp>(n, value, known));
  }
  state = chain<AddOp>(n, state,
                       chain<MulOp>(n, widened(key, -1), widened(value, -2)));
  // Query heads that share a state are rows of one product.
  int64_t shared = heads / keyHeads;
  auto number = [&](int64_t value) { return n.extents().constant(value); };
  AffineExpr rows = n.extents().getExtent(q, 1);
  MaybeValue query = chainReshapeTo(
      n, at(q, i), {rows, number(keyHeads), number(shared), number(keySize)});
  MaybeValue output = chain<MatMulOp>(n, query, state, /*transpose_a=*/false,
                                      /*transpose_b=*/false);
  return chainResults(
      {state, chainReshapeTo(n, output, {rows, number(heads * valueSize)})});
}

ImportResult LinearAttentionImporter::run() {
  if (failed(read()))
    return failure();
  MaybeValue start = initialState();
  if (failed(start))
    return failure();
  constexpr int64_t kNodesPerStep = 16;
  ImportResult results = buildRepeated(
      n, steps, *start, kNodesPerStep,
      [&](Value i, ValueRange states) { return step(i, states.front()); });
  if (failed(results) || results->size() != 2)
    return failure();
  double scale = n.floatAttr("scale", 0);
  if (scale == 0)
    scale = 1 / std::sqrt(static_cast<double>(keySize));
  Type type = typeOf(n.input(0)).getElementType();
  MaybeValue y = chain<MulOp>(n, MaybeValue((*results)[1]),
                              n.splat(n.builder().getF32Type(), scale));
  y = chain<TransposeOp>(n, y, SmallVector<int64_t>{1, 0, 2});
  Type stateType = n.hasInput(3) ? typeOf(n.input(3)).getElementType() : type;
  return chainResults(
      {chainCast(n, y, type), chainCast(n, (*results)[0], stateType)});
}

static ImportResult importLinearAttention(OpImporter &n) {
  return LinearAttentionImporter(n).run();
}

void cameo::registerState(OpRegistry &registry) {
  registry.add("CausalConvWithState", 27, "float, float, float?, float?",
               importCausalConv);
  registry.add("LinearAttention", 27,
               "float, float, float, float?, float?, float?, float?",
               importLinearAttention, {kOpenHeads});
  registry.allowOpenDims({"CausalConvWithState", "LinearAttention"});
}
