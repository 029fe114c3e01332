//===- IndexingOps.td - Data movement by index tensors --------*- tablegen -*-===//

#ifndef CAMEO_INDEXING_OPS
#define CAMEO_INDEXING_OPS

include "dialects/cameo/CameoBase.td"
include "dialects/cameo/TensorTypes.td"

def Cameo_IndexTensor : RankedTensorOf<[I32, I64]>;

/// Elements chosen by a tensor of indices. Negative indices count from the end;
/// one that is out of range makes the kernel record an error. `in_bounds` says that
/// all indices are known to be in [0, extent), so that nothing is checked.
class Cameo_GatherBase<string mnemonic, dag more>
    : Cameo_Op<mnemonic, [Cameo_Reference, Cameo_IndexedSource]> {
  let arguments = !con((ins AnyRankedTensor:$x, Cameo_IndexTensor:$indices), more,
                       (ins UnitAttr:$in_bounds));
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat =
      "$x `,` $indices attr-dict `:` functional-type(operands, results)";
}

def Cameo_GatherOp : Cameo_GatherBase<"gather", (ins I64Attr:$axis)> {
  let summary = "Slices along an axis, chosen by a tensor of indices";
  let description = [{
    `result[o..., k..., i...] = x[o..., indices[k...], i...]`, where `o` are the
    dimensions before `axis` and `i` those after it. Negative indices count from the
    end; an index out of range is an error at run time. `in_bounds` promises that
    indices are in [0, extent).
    ```mlir
    %2 = cameo.gather %0, %1 {axis = 1 : i64} : (tensor<2x8x4xf32>, tensor<3xi64>) -> tensor<2x3x4xf32>
    ```
    ONNX Gather (opsets 1-13).

    Constraints:
    - (C1) `axis` is in [0, rank of x).
    - (C2) the dimension `axis` is not empty when the result has elements.
  }];
  let hasCanonicalizeMethod = 1;
}

def Cameo_GatherElementsOp : Cameo_GatherBase<"gather_elements", (ins I64Attr:$axis)> {
  let summary = "Elements along an axis, one index for each";
  let description = [{
    `result[k] = x[k with k[axis] replaced by indices[k]]`. Indices are as in
    `gather`.
    ```mlir
    %2 = cameo.gather_elements %0, %1 {axis = 1 : i64} : (tensor<2x8xf32>, tensor<2x3xi64>) -> tensor<2x3xf32>
    ```
    ONNX GatherElements (opsets 11-13).

    Constraints:
    - (C1) `axis` is in [0, rank of x).
    - (C2) the dimension `axis` is not empty when the result has elements.
    - (C3) `indices` has the rank of x, and no larger extent but along `axis`.
  }];
}

def Cameo_GatherNDOp : Cameo_GatherBase<"gather_nd", (ins I64Attr:$batch_dims)> {
  let summary = "Slices chosen by tuples of indices";
  let description = [{
    `result[b..., m..., i...] = x[b..., indices[b..., m..., :]..., i...]`: the last
    dimension of `indices` holds tuples that index the dimensions of `x` after the
    first `batch_dims` ones, which both have. Indices are as in `gather`.
    ```mlir
    %2 = cameo.gather_nd %0, %1 {batch_dims = 1 : i64} : (tensor<2x8x4x5xf32>, tensor<2x3x2xi64>) -> tensor<2x3x5xf32>
    ```
    ONNX GatherND (opsets 11-13).

    Constraints:
    - (C1) `batch_dims` is not negative and less than the ranks of both operands,
      and these dimensions have the same extents.
    - (C2) no indexed dimension is empty when the result has elements.
    - (C3) tuples have one element or more, and not more than x has dimensions after
      `batch_dims`.
  }];
}

/// A copy of `x` in which the elements chosen by indices are updated, one after the
/// other in the order of `updates`.
class Cameo_ScatterBase<string mnemonic, dag more>
    : Cameo_Op<mnemonic, [Cameo_Reference]> {
  let arguments = !con((ins AnyRankedTensor:$x, Cameo_IndexTensor:$indices,
                            AnyRankedTensor:$updates), more,
                       (ins Cameo_ScatterReductionAttr:$reduction, UnitAttr:$in_bounds));
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = [{
    $x `,` $indices `,` $updates attr-dict `:` functional-type(operands, results)
  }];
}

def Cameo_ScatterElementsOp : Cameo_ScatterBase<"scatter_elements", (ins I64Attr:$axis)> {
  let summary = "Updates elements along an axis, one index for each";
  let description = [{
    A copy of `x`, then for every index `k` of `updates` in row-major order
    `result[k with k[axis] replaced by indices[k]]` becomes `updates[k]` or, under a
    `reduction`, its sum, product, maximum or minimum with that. Indices are as in
    `gather`.
    ```mlir
    %3 = cameo.scatter_elements %0, %1, %2 {axis = 0 : i64, reduction = #cameo<scatter_reduction add>} : (tensor<8xf32>, tensor<3xi64>, tensor<3xf32>) -> tensor<8xf32>
    ```
    ONNX ScatterElements (opsets 11-18) and Scatter (opsets 9-11).

    Constraints:
    - (C1) `axis` is in [0, rank of x).
    - (C2) the dimension `axis` is not empty when there are updates.
    - (C3) `indices` has the rank of x, and no larger extent but along `axis`.
    - (C4) `updates` has the shape of `indices` and the element type of `x`.
    - (C5) booleans are not reduced.
  }];
}

def Cameo_ScatterNDOp : Cameo_ScatterBase<"scatter_nd", (ins)> {
  let summary = "Updates slices chosen by tuples of indices";
  let description = [{
    A copy of `x`, then for every index `m` of `updates` in row-major order the slice
    `result[indices[m..., :]..., :]` becomes `updates[m..., :]` or, under a `reduction`,
    its sum, product, maximum or minimum with that. Indices are as in `gather`.
    ```mlir
    %3 = cameo.scatter_nd %0, %1, %2 {reduction = #cameo<scatter_reduction none>} : (tensor<8x4xf32>, tensor<3x1xi64>, tensor<3x4xf32>) -> tensor<8x4xf32>
    ```
    ONNX ScatterND (opsets 11-18).

    Constraints:
    - (C1) `indices` has at least one dimension.
    - (C2) no indexed dimension is empty when there are updates.
    - (C3) tuples have one element or more, and not more than x has dimensions.
    - (C4) `updates` has the shape of `indices` without its last dimension, then that
      of a slice, and the element type of `x`.
    - (C5) booleans are not reduced.
  }];
}

def Cameo_ReverseSequenceOp : Cameo_Op<"reverse_sequence", [
    Cameo_Reference, Cameo_IndexedSource]> {
  let summary = "Reverses the beginning of every sequence";
  let description = [{
    The first `lengths[b]` steps of sequence `b` in reverse order, then the others as
    they are. Steps are counted on dimension `time_axis`, sequences on the other one
    of the first two. A length that is not in [0, extent of time] is an error at run
    time ("index out of range").
    ```mlir
    %2 = cameo.reverse_sequence %0, %1 {time_axis = 0 : i64} : (tensor<5x2x4xf32>, tensor<2xi64>) -> tensor<5x2x4xf32>
    ```
    ONNX ReverseSequence (opset 10).

    Constraints:
    - (C1) `x` has two dimensions or more, and `time_axis` is 0 or 1.
    - (C2) `lengths` has one dimension with an entry per sequence.
  }];
  let arguments = (ins AnyRankedTensor:$x, Cameo_IndexTensor:$lengths,
                       I64Attr:$time_axis);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat =
      "$x `,` $lengths attr-dict `:` functional-type(operands, results)";
}

def Cameo_TopKOp : Cameo_Op<"top_k", [Cameo_Reference, Cameo_Cost]> {
  let summary = "The largest or smallest elements along an axis and their indices";
  let description = [{
    The `k` largest elements along `axis`, largest first, or without `largest` the
    smallest ones, smallest first; and their indices. Of equal elements, the one
    with the lower index comes first; NaN is greater than all numbers.
    ```mlir
    %1, %2 = cameo.top_k %0 {axis = 1 : i64, k = 3 : i64, largest} : (tensor<2x8xf32>) -> (tensor<2x3xf32>, tensor<2x3xi64>)
    ```
    ONNX TopK (opsets 1-24).

    Constraints:
    - (C1) `axis` is in [0, rank of x).
    - (C2) `k` is in [0, extent of `axis`].
  }];
  let arguments = (ins Cameo_NumberTensor:$x, I64Attr:$k, I64Attr:$axis,
                       UnitAttr:$largest);
  let results = (outs AnyRankedTensor:$values, AnyRankedTensor:$indices);
  let assemblyFormat = "$x attr-dict `:` functional-type($x, results)";
}

#endif // CAMEO_INDEXING_OPS
