//===- NormalizationOps.td - Softmax and normalisations -------*- tablegen -*-===//

#ifndef CAMEO_NORMALIZATION_OPS
#define CAMEO_NORMALIZATION_OPS

include "dialects/cameo/CameoBase.td"
include "dialects/cameo/TensorTypes.td"

/// The result has the type of `x`; `flops` per element are rough.
class Cameo_NormalizationOp<string mnemonic, int flops, list<Trait> traits = []>
    : Cameo_Op<mnemonic, !listconcat([Cameo_Reference, Cameo_Cost], traits)> {
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
  let extraClassDefinition = "int64_t $cppClass::getFlops() { return " # flops #
                             " * getType().getNumElements(); }";
}

/// One over the dimensions from `axis` on, or along `axis` alone.
class Cameo_RowNormalizationOp<string mnemonic, int flops>
    : Cameo_NormalizationOp<mnemonic, flops, [Cameo_RowOpInterface]> {
  let extraClassDeclaration = "::std::optional<int64_t> getRowDim() { return getAxis(); }";
}

class Cameo_SoftmaxLikeOp<string mnemonic, string equation, string onnx>
    : Cameo_RowNormalizationOp<mnemonic, 20> {
  let summary = equation # " along an axis";
  let description = "Every element of the result is " # equation # [{ along `axis`,
    computed with the maximum subtracted.
    ```mlir
    %1 = cameo.}] # mnemonic # [{ %0 {axis = 1 : i64} : (tensor<2x3xf32>) -> tensor<2x3xf32>
    ```
    ONNX }] # onnx # [{; before opset 13 on a matrix, by reshapes.

    Constraints:
    - (C1) `axis` is a dimension of `x`.
  }];
  let arguments = (ins Cameo_FloatTensor:$x, I64Attr:$axis);
}

def Cameo_SoftmaxOp : Cameo_SoftmaxLikeOp<"softmax", "exp(x) / sum(exp(x))",
    "Softmax (opsets 1-13)">;
def Cameo_LogSoftmaxOp : Cameo_SoftmaxLikeOp<"log_softmax", "log(exp(x) / sum(exp(x)))",
    "LogSoftmax (opsets 1-13)">;

def Cameo_LayerNormOp : Cameo_RowNormalizationOp<"layer_norm", 8> {
  let summary = "Normalisation over the last dimensions";
  let description = [{
    The result is (x - mean) / sqrt(variance + epsilon) * scale + bias, with mean and
    variance over the dimensions from `axis` on.
    ```mlir
    %3 = cameo.layer_norm %0, %1, %2 {axis = 1 : i64, epsilon = 1.0e-05 : f32} : (tensor<2x8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<2x8xf32>
    ```
    ONNX LayerNormalization (opset 17); its other outputs are reductions.

    Constraints:
    - (C1) `axis` is a dimension of `x`.
    - (C2) `scale` and `bias` can be broadcast to `x`.
  }];
  let arguments = (ins Cameo_FloatTensor:$x, Cameo_FloatTensor:$scale,
                       Optional<Cameo_FloatTensor>:$bias, I64Attr:$axis,
                       DefaultValuedAttr<F32Attr, "1.0e-05f">:$epsilon);
}

def Cameo_RMSNormOp : Cameo_RowNormalizationOp<"rms_norm", 5> {
  let summary = "Normalisation by the root of the mean square";
  let description = [{
    The result is x / sqrt(mean(x * x) + epsilon) * scale, with the mean over the
    dimensions from `axis` on.
    ```mlir
    %2 = cameo.rms_norm %0, %1 {axis = 1 : i64, epsilon = 1.0e-05 : f32} : (tensor<2x8xf32>, tensor<8xf32>) -> tensor<2x8xf32>
    ```
    ONNX RMSNormalization (opset 23).

    Constraints:
    - (C1) `axis` is a dimension of `x`.
    - (C2) `scale` can be broadcast to `x`.
  }];
  let arguments = (ins Cameo_FloatTensor:$x, Cameo_FloatTensor:$scale, I64Attr:$axis,
                       DefaultValuedAttr<F32Attr, "1.0e-05f">:$epsilon);
}

def Cameo_GroupNormOp : Cameo_NormalizationOp<"group_norm", 8> {
  let summary = "Normalisation over groups of channels";
  let description = [{
    The result is (x - mean) / sqrt(variance + epsilon) * scale + bias, with mean and
    variance over each of `groups` groups of channels (the second dimension) and all
    later dimensions; scale and bias depend on the channel.
    ```mlir
    %3 = cameo.group_norm %0, %1, %2 {groups = 2 : i64, epsilon = 1.0e-05 : f32} : (tensor<1x8x4xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<1x8x4xf32>
    ```
    ONNX GroupNormalization (opsets 18-21) and, with a group per channel,
    InstanceNormalization (opsets 1-22).

    Constraints:
    - (C1) `x` has at least two dimensions.
    - (C2) `groups` is positive and divides the number of channels.
    - (C3) `scale` and `bias` have one element per channel.
  }];
  let arguments = (ins Cameo_FloatTensor:$x, Cameo_FloatTensor:$scale,
                       Cameo_FloatTensor:$bias, I64Attr:$groups,
                       DefaultValuedAttr<F32Attr, "1.0e-05f">:$epsilon);
}

def Cameo_LRNOp : Cameo_NormalizationOp<"lrn", 12> {
  let summary = "Local response normalisation over channels";
  let description = [{
    The result is x / (bias + alpha / size * sum)^beta, with the sum of squares over
    the `size` channels (second dimension) around each: (size - 1) / 2 before it,
    rounded down, and the rest after it.
    ```mlir
    %1 = cameo.lrn %0 {size = 5 : i64} : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
    ONNX LRN (opsets 1-13).

    Constraints:
    - (C1) `x` has at least two dimensions.
    - (C2) `size` is positive.
  }];
  let arguments = (ins Cameo_FloatTensor:$x, I64Attr:$size,
                       DefaultValuedAttr<F32Attr, "1.0e-04f">:$alpha,
                       DefaultValuedAttr<F32Attr, "0.75f">:$beta,
                       DefaultValuedAttr<F32Attr, "1.0f">:$bias);
}

#endif // CAMEO_NORMALIZATION_OPS
