//===- Loss.cpp - Import of loss functions --------------------------------===//
//
// The class of a target is picked by comparing every class with it, so a target
// out of range contributes nothing.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/ops/Chain.h"

using namespace mlir;
using namespace cameo;

/// The elements of `values` (broadcast to classes in dimension 1) at the
/// targets.
static MaybeValue pickClass(OpImporter &n, MaybeValue isTarget, Value values) {
  Value zero = n.splat(getElementTypeOrSelf(values), 0);
  return chain<ReduceSumOp>(n, chain<WhereOp>(n, isTarget, values, zero),
                            SmallVector<int64_t>{1}, /*keepdims=*/false);
}

/// The weight of every target: of its class, or one; zero for ignored ones.
static MaybeValue buildWeights(OpImporter &n, MaybeValue isTarget,
                               RankedTensorType logType) {
  Type elementType = logType.getElementType();
  SmallVector<int64_t> shape(logType.getRank(), 1);
  shape[1] = logType.getDimSize(1);
  MaybeValue perClass = n.splat(elementType, 1);
  if (n.hasInput(2))
    perClass = chainReshape(n, n.input(2), shape);
  if (failed(perClass))
    return failure();
  MaybeValue weights = pickClass(n, isTarget, *perClass);
  if (!n.hasAttr("ignore_index"))
    return weights;
  Type targetType = getElementTypeOrSelf(n.input(1));
  MaybeValue isIgnored = chain<EqualOp>(
      n, n.input(1), n.splat(targetType, n.intAttr("ignore_index", 0)));
  return chain<WhereOp>(n, isIgnored, n.splat(elementType, 0), weights);
}

/// The negative log likelihood of targets under log probabilities.
static MaybeValue buildLikelihoodLoss(OpImporter &n, Value logs) {
  RankedTensorType logType = typeOf(logs), targetType = typeOf(n.input(1));
  if (logType.getRank() < 2 || targetType.getRank() != logType.getRank() - 1)
    return n.unsupported(
        "targets of rank " + Twine(targetType.getRank()) +
            " for scores of rank " + Twine(logType.getRank()),
        "give targets the shape of the scores without classes");
  SmallVector<int64_t> shape(targetType.getShape());
  shape.insert(shape.begin() + 1, 1);
  MaybeValue targets = chainCast(n, chainReshape(n, n.input(1), shape),
                                 n.builder().getI64Type());
  MaybeValue isTarget = chain<EqualOp>(n, buildPositions(n, logs, 1), targets);
  MaybeValue weights = buildWeights(n, isTarget, logType);
  MaybeValue loss =
      chain<MulOp>(n, chain<NegOp>(n, pickClass(n, isTarget, logs)), weights);
  StringRef reduction = n.stringAttr("reduction", "mean");
  if (reduction == "none")
    return loss;
  if (reduction != "sum" && reduction != "mean")
    return n.unsupported("reduction '" + reduction + "'",
                         "use none, sum or mean");
  auto axes = llvm::to_vector(llvm::seq<int64_t>(0, targetType.getRank()));
  MaybeValue total = chain<ReduceSumOp>(n, loss, axes, /*keepdims=*/false);
  if (reduction == "sum")
    return total;
  return chain<DivOp>(n, total,
                      chain<ReduceSumOp>(n, weights, axes, /*keepdims=*/false));
}

static ImportResult importLikelihoodLoss(OpImporter &n) {
  return chainResults(buildLikelihoodLoss(n, n.input(0)));
}

static ImportResult importSoftmaxLoss(OpImporter &n) {
  if (typeOf(n.input(0)).getRank() < 2)
    return n.unsupported("scores without classes",
                         "give them at least two dimensions");
  MaybeValue logs = chain<LogSoftmaxOp>(n, n.input(0), 1);
  if (failed(logs))
    return failure();
  SmallVector<MaybeValue> results{buildLikelihoodLoss(n, *logs), logs};
  results.truncate(n.numOutputs());
  return chainResults(results);
}

void cameo::registerLoss(OpRegistry &registry) {
  registry.add("NegativeLogLikelihoodLoss", 12, "float, index, float?",
               importLikelihoodLoss);
  registry.add("SoftmaxCrossEntropyLoss", 12, "float, index, float?",
               importSoftmaxLoss);
  registry.allowOpenDims(
      {"NegativeLogLikelihoodLoss", "SoftmaxCrossEntropyLoss"});
}
