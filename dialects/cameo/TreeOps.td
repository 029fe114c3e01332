//===- TreeOps.td - Ensembles of decision trees ---------------*- tablegen -*-===//

#ifndef CAMEO_TREE_OPS
#define CAMEO_TREE_OPS

include "dialects/cameo/CameoBase.td"
include "dialects/cameo/TensorTypes.td"

def Cameo_TreeEnsembleOp : Cameo_Op<"tree_ensemble", [Cameo_Reference, Cameo_Cost]> {
  let summary = "Sums of the leaves that rows reach in decision trees";
  let description = [{
    Every row of `x` goes from each of `roots` to a leaf: at node i it takes `on_true[i]`
    if feature `features[i]` compares to `splits[i]` as number `comparisons[i]` of
    `#cameo.tree_comparison` says (or is NaN and `nan_is_true[i]`), else `on_false[i]`.
    Successors that are not negative are nodes; leaf l is -1 - l. A leaf has the weights
    `leaf_starts[l]` to `leaf_starts[l + 1]` of `weights`, for the columns `targets` of
    the result, in which they are summed, averaged over the trees, or the least or
    greatest is taken. What no leaf has a weight for is zero.
    ```mlir
    %1 = cameo.tree_ensemble %0 {comparisons = array<i64: 0>, features = array<i64: 1>, leaf_starts = array<i64: 0, 1, 2>, nan_is_true = array<i1: false>, num_targets = 1 : i64, on_false = array<i64: -2>, on_true = array<i64: -1>, roots = array<i64: 0>, splits = array<f64: 0.5>, targets = array<i64: 0, 0>, weights = array<f64: 1.0, 2.0>} : (tensor<3x2xf32>) -> tensor<3x1xf32>
    ```
    ONNX TreeEnsemble (ai.onnx.ml opset 5), TreeEnsembleRegressor and
    TreeEnsembleClassifier (opsets 1-3); membership of a set has become several nodes.

    Constraints:
    - (C1) `x` has rank 2.
    - (C2) there is a feature, split, comparison, NaN rule and two successors per node.
    - (C3) features are columns of `x`, comparisons 0 to 5.
    - (C4) roots and successors are nodes after their predecessor, or leaves.
    - (C5) `leaf_starts` ascend from 0 to the number of weights.
    - (C6) there is a weight per target, and targets are below `num_targets`.
  }];
  let arguments = (ins Cameo_FloatTensor:$x, DenseI64ArrayAttr:$features,
                       DenseF64ArrayAttr:$splits, DenseI64ArrayAttr:$comparisons,
                       DenseBoolArrayAttr:$nan_is_true, DenseI64ArrayAttr:$on_true,
                       DenseI64ArrayAttr:$on_false, DenseI64ArrayAttr:$roots,
                       DenseI64ArrayAttr:$leaf_starts, DenseI64ArrayAttr:$targets,
                       DenseF64ArrayAttr:$weights, I64Attr:$num_targets,
                       DefaultValuedAttr<Cameo_TreeAggregateAttr,
                                         "::cameo::TreeAggregate::Sum">:$aggregate);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$x attr-dict `:` functional-type($x, results)";
}

#endif // CAMEO_TREE_OPS
