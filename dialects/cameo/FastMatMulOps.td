//===- FastMatMulOps.td - Products of matrices by pairs -------*- tablegen -*-===//

#ifndef CAMEO_FAST_MATMUL_OPS
#define CAMEO_FAST_MATMUL_OPS

include "dialects/cameo/CameoBase.td"
include "dialects/cameo/TensorTypes.td"

def Cameo_FastMatMulOp
    : Cameo_Op<"fast_matmul", [Cameo_Reference, Cameo_Cost, Cameo_Layout]> {
  let summary = "Matrix product by fast inner products";
  let description = [{
    What `fast_conv` is for pixels, for the rows of `x`: `w` holds the second matrix
    with the signs of its rows, `pairs` the sums over pairs of rows per column, and
    `square` its mean square. Every row of `x` is scaled by a power of two of its own.
    ```mlir
    %1 = cameo.fast_matmul %x, %w, %pairs, %square
        : (tensor<1x8x16xf32>, tensor<16x32xf32>, tensor<32xf32>, tensor<1xf32>) -> tensor<1x8x32xf32>
    ```
    `w` is stored in blocks of 16 x 16, those of the same columns one after the
    other; `x` and the result are plain. Lowers to `fast_product` with `x` stored as
    M x C/16 x 16 and the result as M x F/f x f, where M may be two dimensions.

    Constraints:
    - (C1) `x` has at least two dimensions, `w` has two, and the rows of `w` are the
      columns of `x`.
    - (C2) `pairs` has one element per column of `w`, `square` has one.
    - (C3) rows and columns of `w` are multiples of 16.
  }];
  let arguments = (ins Cameo_F32Tensor:$x, Cameo_F32Tensor:$w,
      Cameo_F32Tensor:$pairs, Cameo_F32Tensor:$square);
  let results = (outs Cameo_F32Tensor:$result);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif // CAMEO_FAST_MATMUL_OPS
