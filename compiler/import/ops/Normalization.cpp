//===- Normalization.cpp - Import of softmax and normalisations -----------===//

#include "compiler/import/ops/Chain.h"

using namespace mlir;
using namespace cameo;

//===----------------------------------------------------------------------===//
// Softmax and its kin
//===----------------------------------------------------------------------===//

/// Before opset 13, these operators worked on the matrix of rows `shape[:axis]`
/// and columns `shape[axis:]`; `body` gets the value and the axis to work
/// along.
static ImportResult
importAlongAxis(OpImporter &n, function_ref<MaybeValue(Value, int64_t)> body) {
  RankedTensorType type = typeOf(n.input(0));
  bool flattens = n.opset() < 13;
  FailureOr<int64_t> axis = n.axis("axis", flattens ? 1 : -1, type.getRank());
  if (failed(axis))
    return failure();
  ArrayRef<int64_t> shape = type.getShape();
  // A row of columns without others behind it needs no flattening.
  bool isRow = n.extents().isOpen(n.input(0)) &&
               ShapedType::getNumElements(shape.drop_front(*axis + 1)) == 1;
  if (!flattens || isRow)
    return chainResults(body(n.input(0), *axis));
  MaybeValue matrix =
      chainReshape(n, n.input(0),
                   {ShapedType::getNumElements(shape.take_front(*axis)),
                    ShapedType::getNumElements(shape.drop_front(*axis))});
  if (failed(matrix))
    return failure();
  return chainResults(chainReshape(n, body(*matrix, 1), shape));
}

template <typename Op> static ImportResult importSoftmax(OpImporter &n) {
  return importAlongAxis(
      n, [&](Value x, int64_t axis) { return chain<Op>(n, x, axis); });
}

/// One where the index along the axis is that of the first maximum, zero
/// elsewhere.
static MaybeValue buildHardmax(OpImporter &n, Value x, int64_t axis) {
  RankedTensorType type = typeOf(x);
  MaybeValue best =
      chain<ArgMaxOp>(n, x, axis, /*keepdims=*/true, /*select_last=*/false);
  MaybeValue isBest = chain<EqualOp>(n, buildPositions(n, x, axis), best);
  return chainCast(n, isBest, type.getElementType());
}

static ImportResult importHardmax(OpImporter &n) {
  return importAlongAxis(
      n, [&](Value x, int64_t axis) { return buildHardmax(n, x, axis); });
}

//===----------------------------------------------------------------------===//
// Normalisation by mean and variance
//===----------------------------------------------------------------------===//

static APFloat getEpsilon(OpImporter &n) {
  return APFloat(static_cast<float>(n.floatAttr("epsilon", 1e-5)));
}

/// The outputs Mean and InvStdDev of LayerNormalization.
static SmallVector<MaybeValue, 2> buildStatistics(OpImporter &n, int64_t axis) {
  RankedTensorType type = typeOf(n.input(0));
  auto axes = llvm::to_vector(llvm::seq<int64_t>(axis, type.getRank()));
  Type scalar = type.getElementType();
  if (!scalar.isF64())
    scalar = n.builder().getF32Type();
  MaybeValue x = chainCast(n, n.input(0), scalar);
  MaybeValue mean = chain<ReduceMeanOp>(n, x, axes, /*keepdims=*/true);
  MaybeValue difference = chain<SubOp>(n, x, mean);
  MaybeValue square = chain<MulOp>(n, difference, difference);
  MaybeValue variance = chain<ReduceMeanOp>(n, square, axes, /*keepdims=*/true);
  Value epsilon = n.splat(scalar, n.floatAttr("epsilon", 1e-5));
  MaybeValue deviation = chain<SqrtOp>(n, chain<AddOp>(n, variance, epsilon));
  return {mean, chain<ReciprocalOp>(n, deviation)};
}

static ImportResult importLayerNorm(OpImporter &n) {
  FailureOr<int64_t> axis = n.axis("axis", -1, typeOf(n.input(0)).getRank());
  if (failed(axis))
    return failure();
  Value bias = n.hasInput(2) ? n.input(2) : Value();
  SmallVector<MaybeValue> results{
      n.value<LayerNormOp>(n.input(0), n.input(1), bias, *axis, getEpsilon(n))};
  if (n.numOutputs() > 1)
    results.append(buildStatistics(n, *axis));
  results.truncate(n.numOutputs());
  return chainResults(results);
}

static ImportResult importRMSNorm(OpImporter &n) {
  FailureOr<int64_t> axis = n.axis("axis", -1, typeOf(n.input(0)).getRank());
  if (failed(axis))
    return failure();
  return n.build<RMSNormOp>(n.input(0), n.input(1), *axis, getEpsilon(n));
}

static ImportResult importInstanceNorm(OpImporter &n) {
  RankedTensorType type = typeOf(n.input(0));
  if (type.getRank() < 2)
    return n.unsupported("input without channels",
                         "give it at least two dimensions");
  return n.build<GroupNormOp>(n.input(0), n.input(1), n.input(2),
                              type.getDimSize(1), getEpsilon(n));
}

/// Repeats the elements of a vector, one per group, for every channel of the
/// group.
static MaybeValue repeatForChannels(OpImporter &n, Value perGroup,
                                    int64_t groupSize) {
  int64_t groups = typeOf(perGroup).getNumElements();
  Type elementType = getElementTypeOrSelf(perGroup);
  auto onesType = RankedTensorType::get({1, groupSize}, elementType);
  Value ones = n.constant(
      DenseElementsAttr::get(onesType, n.builder().getOneAttr(elementType)));
  MaybeValue matrix =
      chain<MulOp>(n, chainReshape(n, perGroup, {groups, 1}), ones);
  return chainReshape(n, matrix, {groups * groupSize});
}

/// Before opset 21, scale and bias had one element per group.
static ImportResult importGroupNorm(OpImporter &n) {
  RankedTensorType type = typeOf(n.input(0));
  int64_t groups = n.intAttr("num_groups", 1);
  MaybeValue scale = n.input(1), bias = n.input(2);
  bool splits =
      type.getRank() >= 2 && groups > 0 && type.getDimSize(1) % groups == 0;
  if (n.opset() < 21 && splits) {
    scale = repeatForChannels(n, *scale, type.getDimSize(1) / groups);
    bias = repeatForChannels(n, *bias, type.getDimSize(1) / groups);
  }
  return chainResults(
      chain<GroupNormOp>(n, n.input(0), scale, bias, groups, getEpsilon(n)));
}

/// (x - E[x]) / (sqrt(Var[x]) + 1e-9).
static ImportResult importMeanVarianceNorm(OpImporter &n) {
  Value x = n.input(0);
  RankedTensorType type = typeOf(x);
  FailureOr<SmallVector<int64_t>> axes =
      n.normalizedAxes(n.intsAttr("axes", {0, 2, 3}), type.getRank());
  if (failed(axes))
    return failure();
  MaybeValue mean = chain<ReduceMeanOp>(n, x, *axes, /*keepdims=*/true);
  MaybeValue difference = chain<SubOp>(n, x, mean);
  MaybeValue square = chain<MulOp>(n, difference, difference);
  MaybeValue variance =
      chain<ReduceMeanOp>(n, square, *axes, /*keepdims=*/true);
  MaybeValue deviation = chain<AddOp>(n, chain<SqrtOp>(n, variance),
                                      n.splat(type.getElementType(), 1e-9));
  return chainResults(chain<DivOp>(n, difference, deviation));
}

//===----------------------------------------------------------------------===//
// LpNormalization, LRN
//===----------------------------------------------------------------------===//

/// Vectors of length zero stay as they are.
static ImportResult importLpNorm(OpImporter &n) {
  Value x = n.input(0);
  Type elementType = getElementTypeOrSelf(x);
  int64_t p = n.intAttr("p", 2);
  if (p != 1 && p != 2)
    return n.unsupported("p = " + Twine(p), "use 1 or 2");
  FailureOr<int64_t> axis = n.axis("axis", -1, typeOf(x).getRank());
  if (failed(axis))
    return failure();
  SmallVector<int64_t> axes{*axis};
  MaybeValue norm = p == 1 ? chain<ReduceL1Op>(n, x, axes, /*keepdims=*/true)
                           : chain<ReduceL2Op>(n, x, axes, /*keepdims=*/true);
  MaybeValue isZero = chain<EqualOp>(n, norm, n.splat(elementType, 0));
  MaybeValue divisor = chain<WhereOp>(n, isZero, n.splat(elementType, 1), norm);
  return chainResults(chain<DivOp>(n, x, divisor));
}

static ImportResult importLRN(OpImporter &n) {
  auto number = [&](StringRef name, double otherwise) {
    return APFloat(static_cast<float>(n.floatAttr(name, otherwise)));
  };
  return n.build<LRNOp>(n.input(0), n.intAttr("size", 0), number("alpha", 1e-4),
                        number("beta", 0.75), number("bias", 1));
}

void cameo::registerNormalization(OpRegistry &registry) {
  registry.add("GroupNormalization", 18, "float, float, float",
               importGroupNorm);
  registry.add("Hardmax", 1, "float", importHardmax);
  registry.add("InstanceNormalization", 1, "float, float, float",
               importInstanceNorm);
  registry.add("LRN", 1, "float", importLRN);
  registry.add("LayerNormalization", 17, "float, float, float?",
               importLayerNorm);
  registry.add("LogSoftmax", 1, "float", importSoftmax<LogSoftmaxOp>);
  registry.add("LpNormalization", 1, "float", importLpNorm);
  registry.add("MeanVarianceNormalization", 9, "float", importMeanVarianceNorm);
  registry.add("RMSNormalization", 23, "float, float", importRMSNorm);
  registry.add("Softmax", 1, "float", importSoftmax<SoftmaxOp>);
  registry.allowOpenDims(
      {"GroupNormalization", "Hardmax", "InstanceNormalization", "LRN",
       "LayerNormalization", "LogSoftmax", "LpNormalization",
       "MeanVarianceNormalization", "RMSNormalization", "Softmax"});
}
