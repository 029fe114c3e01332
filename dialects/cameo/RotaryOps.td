//===- RotaryOps.td - Positions as rotations ------------------*- tablegen -*-===//

#ifndef CAMEO_ROTARY_OPS
#define CAMEO_ROTARY_OPS

include "dialects/cameo/CameoBase.td"
include "dialects/cameo/TensorTypes.td"

def Cameo_RotaryEmbeddingOp
    : Cameo_Op<"rotary_embedding", [Cameo_Reference, Cameo_Cost]> {
  let summary = "Rotates pairs of elements of every row";
  let description = [{
    Of each row of `x`, the last dimension, as many elements are rotated as `cos` has in
    a row; those after them stay as they are. Element `i` becomes
    `x[i] * cos[i] + x[j] * sin[i]`, where `j` is the other element of its pair: the one
    half of the rotated elements before or after it or, if `interleaved`, the other of
    elements `2k` and `2k + 1`. For a rotation by an angle, `sin` is minus its sine for
    the first of a pair, and the sine for the second.
    ```mlir
    %3 = cameo.rotary_embedding %x, %cos, %sin {interleaved} : (tensor<1x3x7x8xf32>, tensor<7x6xf32>, tensor<7x6xf32>) -> tensor<1x3x7x8xf32>
    ```
    What exporters spell out, and ONNX RotaryEmbedding (opset 23).

    Constraints:
    - (C1) `x`, `cos` and `sin` have the same element type.
    - (C2) rows of `cos` and `sin` have the same even number of elements, no more than
      those of `x`.
    - (C3) the dimensions of `cos` and `sin` before the last can be broadcast to those of
      `x`.
  }];
  let arguments = (ins Cameo_FloatTensor:$x, Cameo_FloatTensor:$cos,
                       Cameo_FloatTensor:$sin, UnitAttr:$interleaved);
  let results = (outs Cameo_FloatTensor:$result);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
  let extraClassDeclaration = [{
    /// The elements of a row that are rotated.
    int64_t getRotated() {
      return ::mlir::cast<::mlir::RankedTensorType>(getCos().getType()).getShape().back();
    }
  }];
  let extraClassDefinition = [{
    int64_t $cppClass::getFlops() {
      return getType().getNumElements() / getType().getShape().back() * getRotated() * 3;
    }
  }];
}

#endif // CAMEO_ROTARY_OPS
