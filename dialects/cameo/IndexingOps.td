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
}

#endif // CAMEO_INDEXING_OPS
