//===- SamplingOps.td - Sampling at computed positions --------*- tablegen -*-===//

#ifndef CAMEO_SAMPLING_OPS
#define CAMEO_SAMPLING_OPS

include "dialects/cameo/CameoBase.td"
include "dialects/cameo/TensorTypes.td"

def Cameo_GridSampleOp : Cameo_Op<"grid_sample", [Cameo_Reference, Cameo_Cost]> {
  let summary = "Interpolates at the positions of a grid";
  let description = [{
    `result[n, c, o...]` is `x[n, c, ...]` at the position `grid[n, o..., :]`, whose
    components are those of the spatial dimensions, last one first. The edges of a
    dimension of extent L are at -1 and 1: the centres of its outermost elements
    under `align_corners`, their outer borders otherwise.

    `mode` is nearest (ties to even), linear or cubic (parameter -0.75). Outside of
    `x`, `padding` zeros gives zeros, border the nearest element, and reflection
    mirrors positions at the edges. Computed in f32, or f64 for f64.
    ```mlir
    %2 = cameo.grid_sample %0, %1 {mode = "linear", padding = "zeros"} : (tensor<1x3x8x8xf32>, tensor<1x4x5x2xf32>) -> tensor<1x3x4x5xf32>
    ```
    ONNX GridSample (opsets 16-22).

    Constraints:
    - (C1) `x` and `grid` have the same rank, at least three, and the same batch.
    - (C2) the last dimension of `grid` is the number of spatial dimensions.
    - (C3) `mode` and `padding` are among those named.
    - (C4) where the result has elements, `x` has some.
  }];
  let arguments = (ins Cameo_FloatTensor:$x, Cameo_FloatTensor:$grid,
                       StrAttr:$mode, StrAttr:$padding, UnitAttr:$align_corners);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

def Cameo_RoiAlignOp : Cameo_Op<"roi_align", [Cameo_Reference, Cameo_Cost]> {
  let summary = "Pools interpolated samples of regions of images";
  let description = [{
    Row r of `rois`, [x1, y1, x2, y2] times `spatial_scale` and, under `half_pixel`, minus
    one half, is a region of image `batch_indices[r]`. It is cut into `output_shape` bins,
    and every bin of a channel is the mean of its samples or, under `max`, the greatest
    weighted corner of all samples. Bins have `sampling_ratio` samples per dimension or,
    if that is 0, as many as the bin is long, rounded up. Samples are interpolated
    bilinearly; those more than an element outside are zero. Without `half_pixel`, regions
    are at least one element long.
    ```mlir
    %3 = cameo.roi_align %0, %1, %2 {half_pixel, output_shape = array<i64: 5, 5>, sampling_ratio = 2 : i64, spatial_scale = 1.0 : f32} : (tensor<1x3x10x10xf32>, tensor<4x4xf32>, tensor<4xi64>) -> tensor<4x3x5x5xf32>
    ```
    ONNX RoiAlign (opsets 10-22). A batch index out of range and a region of more
    samples per bin than 1024 or four times the image are errors.

    Constraints:
    - (C1) `x` has rank 4, `rois` 4 columns and a row per element of `batch_indices`.
    - (C2) `output_shape` are two extents; `sampling_ratio` is not negative.
  }];
  let arguments = (ins Cameo_FloatTensor:$x, Cameo_FloatTensor:$rois,
                       RankedTensorOf<[I32, I64]>:$batch_indices,
                       DenseI64ArrayAttr:$output_shape,
                       DefaultValuedAttr<I64Attr, "0">:$sampling_ratio,
                       DefaultValuedAttr<F32Attr, "1.0f">:$spatial_scale,
                       UnitAttr:$half_pixel, UnitAttr:$max);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

def Cameo_MaxRoiPoolOp : Cameo_Op<"max_roi_pool", [Cameo_Reference, Cameo_Cost]> {
  let summary = "Greatest elements in bins of regions of images";
  let description = [{
    Row r of `rois`, [batch, x1, y1, x2, y2], is a region of an image; its corners times
    `spatial_scale` are rounded to elements, both inclusive, and the region is cut into
    `output_shape` bins. Bins without elements are zero.
    ```mlir
    %2 = cameo.max_roi_pool %0, %1 {output_shape = array<i64: 2, 2>, spatial_scale = 1.0 : f32} : (tensor<1x3x10x10xf32>, tensor<4x5xf32>) -> tensor<4x3x2x2xf32>
    ```
    ONNX MaxRoiPool (opsets 1-22). A batch index out of range is an error.

    Constraints:
    - (C1) `x` has rank 4 and `rois` 5 columns.
    - (C2) `output_shape` are two extents.
  }];
  let arguments = (ins Cameo_FloatTensor:$x, Cameo_FloatTensor:$rois,
                       DenseI64ArrayAttr:$output_shape,
                       DefaultValuedAttr<F32Attr, "1.0f">:$spatial_scale);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif // CAMEO_SAMPLING_OPS
