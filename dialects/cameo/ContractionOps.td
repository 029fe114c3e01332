//===- ContractionOps.td - Matrix products --------------------*- tablegen -*-===//

#ifndef CAMEO_CONTRACTION_OPS
#define CAMEO_CONTRACTION_OPS

include "dialects/cameo/CameoBase.td"

def Cameo_MatMulOp : Cameo_Op<"matmul", [Cameo_Reference, Cameo_Cost]> {
  let summary = "Matrix product of the last two dimensions, batched over the others";
  let description = [{
    ```mlir
    %2 = cameo.matmul %0, %1 : (tensor<2x3x4xf32>, tensor<4x5xf32>) -> tensor<2x3x5xf32>
    ```
    ONNX MatMul after rank-1 operands were reshaped to matrices. Leading
    dimensions are broadcast.

    Constraints:
    - (C1) both operands have at least two dimensions.
    - (C2) the last extent of `a` is the last but one of `b`.
    - (C3) element types are equal.
  }];
  let arguments = (ins AnyRankedTensor:$a, AnyRankedTensor:$b);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif // CAMEO_CONTRACTION_OPS
