//===- PackedProductOps.td - Products with packed matrices ----*- tablegen -*-===//

#ifndef CAMEO_PACKED_PRODUCT_OPS
#define CAMEO_PACKED_PRODUCT_OPS

include "dialects/cameo/CameoBase.td"
include "dialects/cameo/TensorTypes.td"

class Cameo_PackedProductOp<string mnemonic>
    : Cameo_Op<mnemonic, [Cameo_Reference, Cameo_Cost, Cameo_Layout]> {
  let arguments = (ins Cameo_F32Tensor:$x, I32Tensor:$w);
  let results = (outs Cameo_F32Tensor:$result);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

def Cameo_F24MatMulOp : Cameo_PackedProductOp<"f24_matmul"> {
  let summary = "Product with a matrix of floats of 24 bits";
  let description = [{
    For products of few rows, which take as long as reading the matrix: three quarters
    of the bytes of f32. A number is a sign, four bits of exponent (15: magnitudes
    from 1 on, below 2) and 19 of fraction; with exponent zero it has no leading one,
    as in IEEE 754. Rows 4k to 4k + 3 of a column are three words of 32 bits: the
    first three rows are the upper bits of one word each, and their low bytes make the
    fourth, the first word's uppermost. What is read as one of the first three
    includes the upper half of the low byte as more bits of the fraction, so that it
    need not be masked; who packs them knows.
    ```mlir
    %1 = cameo.f24_matmul %x, %w : (tensor<1x64xf32>, tensor<16x3x32xi32>) -> tensor<1x32xf32>
    ```

    Constraints:
    - (C1) `x` has at least two dimensions and `w` is K/4 x 3 x N, where K are the
      columns of `x`.
  }];
}

def Cameo_Q20MatMulOp : Cameo_PackedProductOp<"q20_matmul"> {
  let summary = "Product with a matrix of fixed-point numbers of 20 bits";
  let description = [{
    As `f24_matmul`, in five eighths of the bytes of f32. A number is the upper 20 bits
    of an integer of 32 bits, from -2^31 on, below 2^31; factors of rows and columns
    are the user's. Rows 8k to 8k + 7 of a column are five words: the first five rows
    are the upper bits of one word each, and their twelve low bits make the other
    three, the first word's uppermost. What is read as one of the first five includes
    those bits.
    ```mlir
    %1 = cameo.q20_matmul %x, %w : (tensor<1x64xf32>, tensor<8x5x32xi32>) -> tensor<1x32xf32>
    ```

    Constraints:
    - (C1) `x` has at least two dimensions and `w` is K/8 x 5 x N, where K are the
      columns of `x`.
  }];
}

#endif // CAMEO_PACKED_PRODUCT_OPS
