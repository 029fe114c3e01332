//===- ResizeOps.td - Interpolation ---------------------------*- tablegen -*-===//

#ifndef CAMEO_RESIZE_OPS
#define CAMEO_RESIZE_OPS

include "dialects/cameo/CameoBase.td"
include "dialects/cameo/TensorTypes.td"

class Cameo_ResizeOpBase<string mnemonic, Type type, list<Trait> traits, dag more>
    : Cameo_Op<mnemonic, !listconcat([Cameo_Reference], traits)> {
  let arguments = !con((ins type:$x, DenseI64ArrayAttr:$shape,
                            DenseF64ArrayAttr:$steps, DenseF64ArrayAttr:$offsets), more);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$x attr-dict `:` functional-type($x, results)";
}

def Cameo_ResizeNearestOp : Cameo_ResizeOpBase<"resize_nearest",
    Cameo_NumberOrBoolTensor, [Cameo_IndexMap, Cameo_AwareOfLayout], (ins DenseBoolArrayAttr:$round_up)> {
  let summary = "Picks the nearest element on every dimension";
  let description = [{
    Index `o` of the result reads element `floor(o * step + offset)` of every
    dimension (`ceil` where `round_up`), clamped to the dimension. Coordinates
    within 1e-9 of a whole number count as that number.
    ```mlir
    %1 = cameo.resize_nearest %0 {offsets = array<f64: 0.0, 0.0>, round_up = array<i1: false, false>, shape = array<i64: 4, 6>, steps = array<f64: 0.5, 0.5>} : (tensor<2x3xf32>) -> tensor<4x6xf32>
    ```
    ONNX Resize (opsets 10-19) and Upsample (opsets 7-9) of mode nearest: coordinate
    transformations and rounding modes are resolved to steps and offsets.

    Constraints:
    - (C1) the attributes have an entry per dimension, and no extent is negative.
    - (C2) where the result has elements, `x` has some.
  }];
}

def Cameo_ResizeOp : Cameo_ResizeOpBase<"resize", Cameo_NumberTensor, [Cameo_Cost],
    (ins DenseF64ArrayAttr:$stretches, UnitAttr:$cubic,
         DefaultValuedAttr<F64Attr, "-0.75">:$cubic_a, UnitAttr:$exclude_outside)> {
  let summary = "Interpolates on every dimension";
  let description = [{
    Index `o` of the result has the coordinate `c = o * step + offset` on every
    dimension and is the sum of the elements of `x`, weighted by `filter((i - c) / stretch)`
    on every dimension, weights being scaled to a sum of one where they are stretched.
    The filter is the triangle of linear or, under `cubic`, the cubic
    convolution with parameter `cubic_a`. Elements outside repeat the edge or, under
    `exclude_outside`, have no weight. A dimension is left alone where coordinates
    are the indices.
    ```mlir
    %1 = cameo.resize %0 {offsets = array<f64: 0.0, -0.25>, shape = array<i64: 2, 6>, steps = array<f64: 1.0, 0.5>, stretches = array<f64: 1.0, 1.0>} : (tensor<2x3xf32>) -> tensor<2x6xf32>
    ```
    ONNX Resize (opsets 10-19) and Upsample (opsets 7-9) of modes linear and cubic;
    antialiasing is a stretch of more than one. Computed in f32 (f64 for f64);
    integers are rounded towards zero.

    Constraints:
    - (C1) the attributes have an entry per dimension, and no extent is negative.
    - (C2) where the result has elements, `x` has some.
    - (C3) stretches are at least one.
  }];
}

#endif // CAMEO_RESIZE_OPS
