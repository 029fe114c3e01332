//===- ConvolutionOps.td - Convolutions -----------------------*- tablegen -*-===//

#ifndef CAMEO_CONVOLUTION_OPS
#define CAMEO_CONVOLUTION_OPS

include "dialects/cameo/CameoBase.td"
include "dialects/cameo/TensorTypes.td"

class Cameo_ConvolutionOp<string mnemonic, dag more = (ins), list<Trait> traits = []>
    : Cameo_Op<mnemonic, !listconcat([Cameo_Reference, Cameo_Cost], traits)> {
  let arguments = !con((ins Cameo_NumberTensor:$x, Cameo_NumberTensor:$w,
                            Optional<Cameo_NumberTensor>:$bias,
                            DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$dilations,
                            DenseI64ArrayAttr:$pads,
                            DefaultValuedAttr<I64Attr, "1">:$groups), more);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = [{
    $x `,` $w (`bias` `(` $bias^ `)`)? attr-dict `:` functional-type(operands, results)
  }];
}

def Cameo_ConvOp : Cameo_ConvolutionOp<"conv", (ins), [Cameo_Layout]> {
  let hasCanonicalizeMethod = 1;
  let summary = "Convolution over one or more spatial dimensions";
  let description = [{
    Every element of the result is the bias of its channel plus the sum of products
    of a window of `x` and the filter of the channel:
    ```
    result[n, oc, o...] = bias[oc] + sum over ic, k... of
      x[n, g * IC + ic, o * stride + k * dilation - pad...] * w[oc, ic, k...]
    ```
    where IC are the input channels of a group and g the group of oc; outside of
    `x` there are zeros. `pads` are those before all dimensions, then those after.
    ```mlir
    %2 = cameo.conv %x, %w bias(%b) {dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 2, 2>} : (tensor<1x3x8x8xf32>, tensor<16x3x3x3xf32>, tensor<16xf32>) -> tensor<1x16x4x4xf32>
    ```
    ONNX Conv (opsets 1-22) with `auto_pad` resolved. Half precision is accumulated
    in f32.

    Constraints:
    - (C1) `x` and `w` have the same rank, at least three, and `strides`,
      `dilations` (positive) and `pads` (not negative) an entry per spatial dimension
      (pads: two).
    - (C2) `groups` divides the channels of `x` and the filters of `w`, and a filter
      has the channels of one group.
    - (C3) the window fits into the padded input.
    - (C4) `bias` has one element per filter.
    - (C5) element types are equal.
  }];
}

def Cameo_ConvTransposeOp : Cameo_ConvolutionOp<"conv_transpose",
    (ins DenseI64ArrayAttr:$output_padding)> {
  let summary = "Transposed convolution over one or more spatial dimensions";
  let description = [{
    The gradient of a convolution: every element of `x`, times a filter, is added
    to a window of the result:
    ```
    result[n, g * OC + oc, i * stride + k * dilation - pad...] +=
      x[n, g * IC + ic, i...] * w[g * IC + ic, oc, k...]
    ```
    starting from the bias; what falls outside is dropped.
    ```mlir
    %1 = cameo.conv_transpose %x, %w {dilations = array<i64: 1>, output_padding = array<i64: 0>, pads = array<i64: 0, 0>, strides = array<i64: 2>} : (tensor<1x4x8xf32>, tensor<4x6x2xf32>) -> tensor<1x6x16xf32>
    ```
    ONNX ConvTranspose (opsets 1-22) with `auto_pad` and `output_shape` resolved
    to pads. Those after a dimension may be negative: the result is larger then.

    Constraints:
    - (C1) `x` and `w` have the same rank, at least three, and `strides`,
      `dilations` (positive), `pads` (before: not negative) and `output_padding` (not negative) an entry per
      spatial dimension (pads: two).
    - (C2) `groups` divides the channels of `x`, which are the rows of `w`.
    - (C3) no extent of the result is negative.
    - (C4) `bias` has one element per channel of the result.
    - (C5) element types are equal.
  }];
}

#endif // CAMEO_CONVOLUTION_OPS
