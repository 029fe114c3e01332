//===- ContractionOps.td - Matrix products --------------------*- tablegen -*-===//

#ifndef CAMEO_CONTRACTION_OPS
#define CAMEO_CONTRACTION_OPS

include "dialects/cameo/CameoBase.td"
include "dialects/cameo/TensorTypes.td"

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
    Half precision is accumulated in f32. Elements of `b` may be narrower than those of
    an f32 `a`: weights that are stored like this are widened where they are read.

    Constraints:
    - (C1) both operands have at least two dimensions.
    - (C2) the columns of `a` are the rows of `b` (after transposition).
    - (C3) element types are equal, or f32 in `a` and f16, bf16 or i8 in `b`.
  }];
  let arguments = (ins AnyRankedTensor:$a, AnyRankedTensor:$b,
                       UnitAttr:$transpose_a, UnitAttr:$transpose_b);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

def Cameo_DetOp : Cameo_Op<"det", [Cameo_Reference, Cameo_Cost]> {
  let summary = "Determinants of square matrices";
  let description = [{
    Every element of the result is the determinant of the matrix in the last two
    dimensions, by elimination with partial pivoting; that of no elements is 1.
    ```mlir
    %1 = cameo.det %0 : (tensor<2x3x3xf32>) -> tensor<2xf32>
    ```
    ONNX Det (opsets 11-22). Half precision is computed in f32.

    Constraints:
    - (C1) the last two dimensions are of equal extent.
  }];
  let arguments = (ins Cameo_FloatTensor:$x);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif // CAMEO_CONTRACTION_OPS
