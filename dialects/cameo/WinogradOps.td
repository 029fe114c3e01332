//===- WinogradOps.td - Convolutions by minimal filtering -----*- tablegen -*-===//

#ifndef CAMEO_WINOGRAD_OPS
#define CAMEO_WINOGRAD_OPS

include "dialects/cameo/CameoBase.td"
include "dialects/cameo/TensorTypes.td"
include "mlir/Interfaces/DestinationStyleOpInterface.td"

def Cameo_WinogradFilterOp : Cameo_Op<"winograd_filter", [Cameo_Reference]> {
  let summary = "3x3 filters in the points of a minimal filtering algorithm";
  let description = [{
    With a tile of `m` x `m` results, every 3x3 filter g becomes the (m+2) x (m+2)
    matrix G g G^T (see `winograd_conv`), whose elements, the planes, are the
    outermost dimension of the result. Computed in f64.
    ```mlir
    %1 = cameo.winograd_filter %w {tile = 4} : (tensor<32x16x3x3xf32>) -> tensor<36x32x16xf32>
    ```
    Constraints:
    - (C1) `w` holds 3x3 filters.
    - (C2) `tile` is 2, 4 or 6 for `stride` 1, and 2 to 4 for `stride` 2.
  }];
  let arguments = (ins Cameo_F32Tensor:$w, I64Attr:$tile,
                       DefaultValuedAttr<I64Attr, "1">:$stride);
  let results = (outs Cameo_F32Tensor:$result);
  let assemblyFormat = "$w attr-dict `:` functional-type($w, results)";
}

def Cameo_WinogradConvOp : Cameo_Op<"winograd_conv", [
    Cameo_Reference, Cameo_Cost, Cameo_Layout, AttrSizedOperandSegments]> {
  let summary = "3x3 convolution, step one or two, by minimal filtering";
  let description = [{
    The convolution of `x` with 3x3 filters, of which `u` is the `winograd_filter`.
    Tiles of m x m results are computed from (m+2) x (m+2) elements d of `x` as
    A^T [ (G g G^T) * (B^T d B) ] A, with one product per point instead of nine per
    result (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks",
    2016). With `stride` 2, they are computed from (2m+1) x (2m+1) elements: even
    rows and columns meet the outer taps of a filter, odd ones the middle tap; the
    m points of the latter share one plane of `u`.

    Results differ from those of `conv` by rounding: as a multiple of `conv`'s own
    distance to the exact ones, 0.6 to 0.9 for m = 2, 1.7 to 2.1 for m = 4 and 7.6
    for m = 6; at most 1 with `stride` 2.
    ```mlir
    %2 = cameo.winograd_conv %x, %u bias(%b) {channel_block = 16, filter_block = 16, pads = array<i64: 1, 1, 1, 1>, tile = 4}
        : (tensor<1x16x8x8xf32>, tensor<36x32x16xf32>, tensor<32xf32>) -> tensor<1x32x8x8xf32>
    ```
    `channel_block` and `filter_block` are the blocks of channels and of filters
    that `x`, `u` and the result are stored in.

    With `fast`, the products of every point are fast inner products (see
    `fast_conv`): `u` has the signs of its channels, and `fast` are its sums over
    pairs of channels, per point and filter, and the mean square to which `x` is
    scaled, a group of tile rows at a time. Data that is not all finite, or too
    small, takes direct products. Results are then 1.7 to 3.4 times as far from the
    exact ones as those of `conv` with 64 channels, and less with more.
    ```mlir
    %3 = cameo.winograd_conv %x, %u bias(%b) fast(%pairs, %square) {channel_block = 16, filter_block = 16, pads = array<i64: 1, 1, 1, 1>, tile = 4}
        : (tensor<1x16x8x8xf32>, tensor<36x32x16xf32>, tensor<32xf32>, tensor<1152xf32>, tensor<1xf32>) -> tensor<1x32x8x8xf32>
    ```

    Constraints:
    - (C1) `x` has rank 4 and `u` rank 3, with (m+2) x (m+2) planes.
    - (C2) `u` has the channels of `x`, and `bias` one element per filter.
    - (C3) the window fits into the padded input.
    - (C4) the block of channels divides them.
    - (C5) `tile` is 2, 4 or 6 for `stride` 1, and 2 to 4 for `stride` 2.
    - (C6) `fast` is empty, or has one element per plane and filter, and one; then
      `stride` is 1, blocks of channels are of 16, and blocks of filters divide them.
  }];
  let arguments = (ins Cameo_F32Tensor:$x, Cameo_F32Tensor:$u,
                       Optional<Cameo_F32Tensor>:$bias,
                       Variadic<Cameo_F32Tensor>:$fast, I64Attr:$tile,
                       DenseI64ArrayAttr:$pads, I64Attr:$channel_block,
                       I64Attr:$filter_block,
                       DefaultValuedAttr<I64Attr, "1">:$stride);
  let results = (outs Cameo_F32Tensor:$result);
  let assemblyFormat = [{
    $x `,` $u (`bias` `(` $bias^ `)`)? (`fast` `(` $fast^ `)`)? attr-dict
    `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

def Cameo_WinogradTilesOp : Op<Cameo_Dialect, "winograd_tiles", [
    DestinationStyleOpInterface, DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let summary = "The computation of winograd_conv on stored tensors or buffers";
  let description = [{
    What `winograd_conv` lowers to: `x` stored as n x C/c x H x W x c, `u` as
    planes x F/f x C/c x c x f, the result as n x F/f x H x W x f, where c and f
    are the blocks. `pads` are those before the rows and the columns; where tiles
    reach beyond `x` there are zeros. `expand-winograd` gives it loops.

    Constraints:
    - (C1) operands are all tensors and there is a result, or all buffers and
      there is none.
    - (C2) shapes are as above.
  }];
  let arguments = (ins AnyShaped:$x, AnyShaped:$u, Variadic<AnyShaped>:$fast,
                       AnyShaped:$init, I64Attr:$tile, DenseI64ArrayAttr:$pads,
                       DefaultValuedAttr<I64Attr, "1">:$stride);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = [{
    `ins` `(` $x `,` $u `:` type($x) `,` type($u) `)`
    (`fast` `(` $fast^ `:` type($fast) `)`)? `outs` `(` $init `:` type($init) `)` attr-dict (`->` type($results)^)?
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getInitMutable(); }
  }];
}

#endif // CAMEO_WINOGRAD_OPS
