//===- FastProductOps.td - Products by fast inner products ----*- tablegen -*-===//

#ifndef CAMEO_FAST_PRODUCT_OPS
#define CAMEO_FAST_PRODUCT_OPS

include "dialects/cameo/CameoBase.td"
include "dialects/cameo/TensorTypes.td"
include "mlir/Interfaces/DestinationStyleOpInterface.td"

def Cameo_FastConvOp
    : Cameo_Op<"fast_conv", [Cameo_Reference, Cameo_Cost, Cameo_Layout]> {
  let summary = "1x1 convolution by fast inner products";
  let description = [{
    Two products of a sum take one multiplication and two additions (Winograd, "A
    New Algorithm for Inner Product", 1968):
    ```
    a0 b0 + a1 b1 = (a0 + b1) (a1 + b0) - a0 a1 - b0 b1
    ```
    where the sums of a0 a1 are needed once per pixel and those of b0 b1 once per
    filter. That is faster where a core has pipes for additions beside those for
    multiply-adds.

    Channels c and c + 8 of every 16 are a pair. The second of every pair with
    c >= 4 counts with the opposite sign in `x` and in `w`, so that what is
    subtracted again does not grow with the mean of the data. `w` holds the filters
    with these signs, `pairs` the sums of b0 b1 per filter, and `square` the mean
    square of the filters: the pixels are scaled by a power of two to the same mean
    square, some tens of them at a time, because the rounding of a sum is small only
    if its terms are alike. Pixels that are not all finite, or
    whose mean square is below 1e-30, are computed directly.
    ```mlir
    %2 = cameo.fast_conv %x, %w, %pairs, %square bias(%b) {filter_block = 16}
        : (tensor<1x16x8x8xf32>, tensor<32x16x1x1xf32>, tensor<32xf32>, tensor<1xf32>, tensor<32xf32>) -> tensor<1x32x8x8xf32>
    ```
    `x` and `w` are stored in blocks of 16 channels, `w` and the result in blocks of
    `filter_block` filters.

    Constraints:
    - (C1) `x` and `w` have rank 4 and `w` holds 1x1 filters of the channels of `x`.
    - (C2) `pairs` and `bias` have one element per filter, `square` has one.
    - (C3) channels are a multiple of 16, filters of `filter_block`.
  }];
  let arguments = (ins Cameo_F32Tensor:$x, Cameo_F32Tensor:$w,
      Cameo_F32Tensor:$pairs, Cameo_F32Tensor:$square,
      Optional<Cameo_F32Tensor>:$bias, I64Attr:$filter_block);
  let results = (outs Cameo_F32Tensor:$result);
  let assemblyFormat = [{
    $x `,` $w `,` $pairs `,` $square (`bias` `(` $bias^ `)`)? attr-dict
    `:` functional-type(operands, results)
  }];
}

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

def Cameo_FastProductOp
    : Op<Cameo_Dialect, "fast_product",
         [DestinationStyleOpInterface,
          DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let summary = "The computation of fast_conv on stored tensors or buffers";
  let description = [{
    What `fast_conv` lowers to: `x` stored as n x C/16 x H x W x 16, `w` as
    F/f x C/16 x 16 x f, the result as n x F/f x H x W x f. `expand-fast-products`
    gives it loops.

    Constraints:
    - (C1) operands are all tensors and there is a result, or all buffers and
      there is none.
    - (C2) shapes are as above.
  }];
  let arguments = (ins AnyShaped:$x, AnyShaped:$w, AnyShaped:$pairs,
      AnyShaped:$square, AnyShaped:$init);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = [{
    `ins` `(` $x `,` $w `,` $pairs `,` $square
    `:` type($x) `,` type($w) `,` type($pairs) `,` type($square) `)`
    `outs` `(` $init `:` type($init) `)` attr-dict (`->` type($results)^)?
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getInitMutable(); }
  }];
}

#endif // CAMEO_FAST_PRODUCT_OPS
