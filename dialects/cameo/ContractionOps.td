//===- ContractionOps.td - Matrix products --------------------*- tablegen -*-===//

#ifndef CAMEO_CONTRACTION_OPS
#define CAMEO_CONTRACTION_OPS

include "dialects/cameo/CameoBase.td"

def Cameo_MatMulOp : Cameo_Op<"matmul", [
    Cameo_Reference, Cameo_Cost, Cameo_Layout, Cameo_Rows]> {
  let summary = "Matrix product of the last two dimensions, batched over the others";
  let description = [{
    ```mlir
    %2 = cameo.matmul %0, %1 : (tensor<2x3x4xf32>, tensor<4x5xf32>) -> tensor<2x3x5xf32>
    ```
    Under `transpose_a` or `transpose_b` the last two dimensions of that operand are
    exchanged. Leading dimensions are broadcast. ONNX MatMul (opsets 1-13) after
    rank-1 operands were reshaped to matrices, and the product in Gemm (opsets 1-13).
    Half precision is accumulated in f32.

    Constraints:
    - (C1) both operands have at least two dimensions.
    - (C2) the columns of `a` are the rows of `b` (after transposition).
    - (C3) element types are equal.
  }];
  let arguments = (ins AnyRankedTensor:$a, AnyRankedTensor:$b,
                       UnitAttr:$transpose_a, UnitAttr:$transpose_b);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif // CAMEO_CONTRACTION_OPS
