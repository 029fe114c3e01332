//===- MovementOps.td - Data movement -------------------------*- tablegen -*-===//
//
// Results made of copied elements, whose places follow from the index alone.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_MOVEMENT_OPS
#define CAMEO_MOVEMENT_OPS

include "dialects/cameo/CameoBase.td"

class Cameo_MovementOp<string mnemonic, list<Trait> traits = []>
    : Cameo_Op<mnemonic, !listconcat([Cameo_Reference, Cameo_IndexMap], traits)> {
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

//===----------------------------------------------------------------------===//
// Permutations and parts
//===----------------------------------------------------------------------===//

def Cameo_TransposeOp : Cameo_MovementOp<"transpose"> {
  let summary = "Permutes dimensions";
  let description = [{
    Dimension `i` of the result is dimension `permutation[i]` of `x`.
    ```mlir
    %1 = cameo.transpose %0 {permutation = array<i64: 2, 0, 1>} : (tensor<2x3x4xf32>) -> tensor<4x2x3xf32>
    ```
    ONNX Transpose (opsets 1-25).

    Constraints:
    - (C1) `permutation` has every dimension of `x` once.
  }];
  let arguments = (ins AnyRankedTensor:$x, DenseI64ArrayAttr:$permutation);
  let hasFolder = 1;
  let hasCanonicalizeMethod = 1;
}

def Cameo_SliceOp : Cameo_MovementOp<"slice", [Cameo_AwareOfLayout]> {
  let summary = "A regular part of a tensor";
  let description = [{
    Index `i` of the result is index `starts + i * steps` of `x` on every dimension;
    steps may be negative.
    ```mlir
    %1 = cameo.slice %0 {extents = array<i64: 2, 2>, starts = array<i64: 0, 3>, steps = array<i64: 1, -2>} : (tensor<2x4xf32>) -> tensor<2x2xf32>
    ```
    ONNX Slice (opsets 1-13), Split (opsets 1-18).

    Constraints:
    - (C1) `starts`, `extents` and `steps` have an entry per dimension, no extent is
      negative, and no step is zero.
    - (C2) all indices are in `x`.
  }];
  let arguments = (ins AnyRankedTensor:$x, DenseI64ArrayAttr:$starts,
                       DenseI64ArrayAttr:$extents, DenseI64ArrayAttr:$steps);
  let hasFolder = 1;
}

def Cameo_ConcatOp : Cameo_MovementOp<"concat", [Cameo_AwareOfLayout]> {
  let summary = "Tensors one after another along a dimension";
  let description = [{
    ```mlir
    %2 = cameo.concat %0, %1 {axis = 1 : i64} : (tensor<2x3xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>
    ```
    ONNX Concat (opsets 1-13).

    Constraints:
    - (C1) there are operands, and they have a dimension `axis`.
    - (C2) the operands' types are equal but for the extent of that dimension.
  }];
  let arguments = (ins Variadic<AnyRankedTensor>:$inputs, I64Attr:$axis);
  let hasFolder = 1;
  let hasCanonicalizer = 1;
}

def Cameo_TakeChannelsOp : Cameo_MovementOp<"take_channels", [Cameo_AwareOfLayout]> {
  let summary = "Channels of several tensors in any order";
  let description = [{
    Channel `i` (of dimension 1) of the result is channel `channels[i]` of the inputs
    one after another. Made of concatenations, slices and shuffles of channels that
    follow each other, so that what is between them need not exist.
    ```mlir
    %2 = cameo.take_channels %0, %1 {channels = array<i64: 0, 2, 1>} : (tensor<1x2x4xf32>, tensor<1x1x4xf32>) -> tensor<1x3x4xf32>
    ```

    Constraints:
    - (C1) there are inputs, of at least two dimensions.
    - (C2) the inputs' types are equal but for dimension 1.
    - (C3) `channels` are channels of the inputs.
  }];
  let arguments = (ins Variadic<AnyRankedTensor>:$inputs, DenseI64ArrayAttr:$channels);
  let hasCanonicalizer = 1;
}

//===----------------------------------------------------------------------===//
// Repetition
//===----------------------------------------------------------------------===//

def Cameo_ExpandOp : Cameo_Op<"expand", [Cameo_Elementwise]> {
  let summary = "Broadcasts a tensor to a shape";
  let description = [{
    Dimensions are aligned at the last one; extents of one are repeated. The
    operation is elementwise, so it is computed where its result is used.
    ```mlir
    %1 = cameo.expand %0 {shape = array<i64: 2, 3, 4>} : (tensor<3x1xf32>) -> tensor<2x3x4xf32>
    ```
    ONNX Expand (opsets 8-13), Tile (opsets 6-13).

    Constraints:
    - (C1) `shape` has no negative extents.
    - (C2) the operand can be broadcast to `shape`.
  }];
  let arguments = (ins AnyRankedTensor:$x, DenseI64ArrayAttr:$shape);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
  let extraClassDeclaration = "int64_t getFlopsPerElement() { return 0; }";
  let hasFolder = 1;
  let hasCanonicalizeMethod = 1;
}

//===----------------------------------------------------------------------===//
// Padding
//===----------------------------------------------------------------------===//

def Cameo_PadOp : Cameo_MovementOp<"pad"> {
  let summary = "Surrounds a tensor with a value";
  let description = [{
    `pads` are the numbers of elements before all dimensions, then after.
    ```mlir
    %2 = cameo.pad %0, %1 {pads = array<i64: 0, 1, 0, 2>} : (tensor<2x3xf32>, tensor<f32>) -> tensor<2x6xf32>
    ```
    ONNX Pad (opsets 2-25) of mode constant; negative pads are slices.

    Constraints:
    - (C1) `pads` has two entries per dimension, none negative.
    - (C2) `value` has no dimensions and the type of the elements.
  }];
  let arguments = (ins AnyRankedTensor:$x, AnyRankedTensor:$value,
                       DenseI64ArrayAttr:$pads);
  let hasFolder = 1;
}

class Cameo_PadFromInputOp<string mnemonic, string mode, string equation>
    : Cameo_MovementOp<mnemonic> {
  let summary = "Surrounds a tensor with its own elements: " # mode;
  let description = "`pads` are the numbers of elements before all dimensions, then after. "
    # "Index `i` from the start of `x` reads " # equation # [{ where `n` is the extent.
    ```mlir
    %1 = cameo.}] # mnemonic # [{ %0 {pads = array<i64: 0, 1, 0, 2>} : (tensor<2x3xf32>) -> tensor<2x6xf32>
    ```
    ONNX Pad (opsets 2-25) of mode }] # mode # [{; negative pads are slices.

    Constraints:
    - (C1) `pads` has two entries per dimension, none negative.
    - (C2) a dimension without elements is not padded.
  }];
  let arguments = (ins AnyRankedTensor:$x, DenseI64ArrayAttr:$pads);
  let hasFolder = 1;
  let extraClassDeclaration = [{
    /// The index that index `i`, from the start of `x`, reads in an extent.
    static int64_t getSourceIndex(int64_t i, int64_t extent);
  }];
  let extraClassDefinition = [{
    ::llvm::LogicalResult $cppClass::inferReturnTypes(
        ::mlir::MLIRContext *, ::std::optional<::mlir::Location> loc,
        Adaptor adaptor, ::llvm::SmallVectorImpl<::mlir::Type> &types) {
      return inferPadFromInput(loc, adaptor, types);
    }
    ElementSource $cppClass::getSource(::llvm::ArrayRef<int64_t> index) {
      return getPadSource(*this, index);
    }
    ::mlir::FailureOr<::llvm::SmallVector<::mlir::Value>> $cppClass::lowerReference(
        ::mlir::OpBuilder &builder, ::mlir::ValueRange operands) {
      return lowerPadFromInput(*this, builder, operands);
    }
    ::mlir::OpFoldResult $cppClass::fold(FoldAdaptor) { return foldPad(*this); }
  }];
}

def Cameo_PadEdgeOp : Cameo_PadFromInputOp<"pad_edge", "edge",
    "the nearest index in [0, n)">;
def Cameo_PadReflectOp : Cameo_PadFromInputOp<"pad_reflect", "reflect",
    "`i` folded back at 0 and n - 1 without repeating them">;
def Cameo_PadWrapOp : Cameo_PadFromInputOp<"pad_wrap", "wrap", "`i` modulo n">;

#endif // CAMEO_MOVEMENT_OPS
