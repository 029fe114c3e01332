//===- Reduction.cpp - Import of reductions and scans ---------------------===//

#include "compiler/import/ops/Chain.h"

using namespace mlir;
using namespace cameo;

/// The axes of a reduction, an attribute or (from `inputOpset` on) an input.
static FailureOr<SmallVector<int64_t>> getAxes(OpImporter &n,
                                               int64_t inputOpset) {
  int64_t rank = typeOf(n.input(0)).getRank();
  SmallVector<int64_t> axes;
  if (n.opset() < inputOpset) {
    axes = n.intsAttr("axes", {});
  } else if (n.hasInput(1)) {
    FailureOr<SmallVector<int64_t>> values = n.constantInts(1, "axes");
    if (failed(values))
      return failure();
    axes = *values;
  }
  if (axes.empty() && n.intAttr("noop_with_empty_axes", 0) == 0)
    return llvm::to_vector(llvm::seq<int64_t>(0, rank));
  return n.normalizedAxes(axes, rank);
}

/// Reduces in the type of the elements, but booleans as bytes and, under
/// `inFloat`, integers in f64.
template <typename Op, int64_t inputOpset, bool inFloat>
static ImportResult importReduce(OpImporter &n) {
  FailureOr<SmallVector<int64_t>> axes = getAxes(n, inputOpset);
  if (failed(axes))
    return failure();
  Builder &b = n.builder();
  Type type = getElementTypeOrSelf(n.input(0).getType()), used = type;
  if (type.isInteger(1))
    used = b.getIntegerType(8, /*isSigned=*/false);
  else if (inFloat && isa<IntegerType>(type))
    used = b.getF64Type();
  MaybeValue result = chain<Op>(n, chainCast(n, n.input(0), used), *axes,
                                n.intAttr("keepdims", 1) != 0);
  return chainResults(chainCast(n, result, type));
}

template <typename Op> static ImportResult importArg(OpImporter &n) {
  FailureOr<int64_t> axis = n.axis("axis", 0, typeOf(n.input(0)).getRank());
  if (failed(axis))
    return failure();
  return n.build<Op>(n.input(0), *axis, n.intAttr("keepdims", 1) != 0,
                     n.intAttr("select_last_index", 0) != 0);
}

template <typename Op> static ImportResult importCumulative(OpImporter &n) {
  int64_t rank = typeOf(n.input(0)).getRank();
  FailureOr<SmallVector<int64_t>> axis = n.constantInts(1, "axis");
  if (failed(axis))
    return failure();
  FailureOr<SmallVector<int64_t>> axes = n.normalizedAxes(*axis, rank);
  if (failed(axes))
    return failure();
  if (axes->size() != 1)
    return n.unsupported("axis of " + Twine(axes->size()) + " elements",
                         "give one axis");
  return n.build<Op>(n.input(0), axes->front(), n.intAttr("exclusive", 0) != 0,
                     n.intAttr("reverse", 0) != 0);
}

void cameo::registerReduction(OpRegistry &registry) {
  registry.add("ArgMax", 1, "number", importArg<ArgMaxOp>);
  registry.add("ArgMin", 1, "number", importArg<ArgMinOp>);
  registry.add("CumSum", 11, "number, known index", importCumulative<CumSumOp>);
  registry.add("CumProd", 26, "number, known index",
               importCumulative<CumProdOp>);
  registry.add("ReduceL1", 1, "number, known int64?",
               importReduce<ReduceL1Op, 18, false>);
  registry.add("ReduceL2", 1, "number, known int64?",
               importReduce<ReduceL2Op, 18, true>);
  registry.add("ReduceLogSum", 1, "number, known int64?",
               importReduce<ReduceLogSumOp, 18, true>);
  registry.add("ReduceLogSumExp", 1, "number, known int64?",
               importReduce<ReduceLogSumExpOp, 18, true>);
  registry.add("ReduceMax", 1, "number|bool, known int64?",
               importReduce<ReduceMaxOp, 18, false>);
  registry.add("ReduceMean", 1, "number, known int64?",
               importReduce<ReduceMeanOp, 18, false>);
  registry.add("ReduceMin", 1, "number|bool, known int64?",
               importReduce<ReduceMinOp, 18, false>);
  registry.add("ReduceProd", 1, "number, known int64?",
               importReduce<ReduceProdOp, 18, false>);
  registry.add("ReduceSum", 1, "number, known int64?",
               importReduce<ReduceSumOp, 13, false>);
  registry.add("ReduceSumSquare", 1, "number, known int64?",
               importReduce<ReduceSumSquareOp, 18, false>);
  registry.allowOpenDims({"ArgMax", "ArgMin", "CumSum", "CumProd", "ReduceL1",
                          "ReduceL2", "ReduceLogSum", "ReduceLogSumExp",
                          "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd",
                          "ReduceSum", "ReduceSumSquare"});
}
