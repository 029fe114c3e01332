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

#endif // CAMEO_SAMPLING_OPS
