//===- ExtentOps.td - Extents that are known at run time ------*- tablegen -*-===//
//
// Shapes of tensors are bounds; what a tensor really extends to is data, a tensor
// of one i64. Elements beyond an extent may be anything.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_EXTENT_OPS
#define CAMEO_EXTENT_OPS

include "dialects/cameo/CameoBase.td"
include "dialects/cameo/TensorTypes.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"

/// An extent, or a number from which extents are computed.
def Cameo_ExtentTensor : 0DTensorOf<[I64]>;

class Cameo_ExtentsOp<string mnemonic, list<Trait> traits = []> : Cameo_Op<mnemonic, traits> {
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

def Cameo_ExtentOp : Cameo_ExtentsOp<"extent", [Cameo_Elementwise]> {
  let summary = "An extent computed from others";
  let description = [{
    The only result of `map` for the operands as its symbols. Divisions by symbols that
    are not positive divide by one.
    ```mlir
    %1 = cameo.extent %0 {map = affine_map<()[s0] -> ((s0 - 1) floordiv 2 + 1)>} : (tensor<i64>) -> tensor<i64>
    ```

    Constraints:
    - (C1) `map` has no dimensions, a symbol per operand and one result.
  }];
  let arguments = (ins Variadic<Cameo_ExtentTensor>:$symbols, AffineMapAttr:$map);
}

def Cameo_CheckExtentOp : Cameo_ExtentsOp<"check_extent", [Cameo_Elementwise]> {
  let summary = "An extent that must be in a range";
  let description = [{
    The first operand. A run in which it is not in [low, high] has the status
    CAMEO_ERROR_SHAPE.
    ```mlir
    %3 = cameo.check_extent %0, %1, %2 : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<i64>
    ```
  }];
  let arguments = (ins Cameo_ExtentTensor:$extent, Cameo_ExtentTensor:$low,
                       Cameo_ExtentTensor:$high);
}

//===----------------------------------------------------------------------===//
// Tensors
//===----------------------------------------------------------------------===//

def Cameo_LimitOp : Cameo_ExtentsOp<"limit", [Cameo_Elementwise]> {
  let summary = "Gives elements beyond an extent a value";
  let description = [{
    `x` where the index along `dim` is less than `extent`, `fill` elsewhere: what follows
    may then mix elements along that dimension. `positions` are the indices along `dim`.
    ```mlir
    %3 = cameo.limit %0, %1, %2 {dim = 0 : i64, fill = 0.0 : f32} : (tensor<4x8xf32>, tensor<4x1xi32>, tensor<i64>) -> tensor<4x8xf32>
    ```

    Constraints:
    - (C1) `x` has a dimension `dim`, of less than 2^31 elements.
    - (C2) `positions` has the rank of `x` and extents of one but along `dim`, where it
      has the extent of `x`.
    - (C3) `fill` has the type of the elements.
  }];
  let arguments = (ins AnyRankedTensor:$x, RankedTensorOf<[I32]>:$positions,
                       Cameo_ExtentTensor:$extent, I64Attr:$dim, TypedAttrInterface:$fill);
  let extraClassDeclaration = "int64_t getFlopsPerElement() { return 0; }";
  let hasFolder = 1;
}

class Cameo_DenseOp<string mnemonic, string direction>
    : Cameo_ExtentsOp<mnemonic, [Cameo_Reference]> {
  let arguments = (ins AnyRankedTensor:$x, Variadic<Cameo_ExtentTensor>:$extents,
                       DenseI64ArrayAttr:$dims);
  let hasFolder = 1;
  let extraClassDefinition = [{
    ::llvm::LogicalResult $cppClass::inferReturnTypes(
        ::mlir::MLIRContext *, ::std::optional<::mlir::Location> loc,
        Adaptor adaptor, ::llvm::SmallVectorImpl<::mlir::Type> &types) {
      return inferDense(loc, adaptor, types);
    }
    ::mlir::OpFoldResult $cppClass::fold(FoldAdaptor) { return foldDense(*this); }
    ::mlir::FailureOr<::llvm::SmallVector<::mlir::Value>> $cppClass::lowerReference(
        ::mlir::OpBuilder &builder, ::mlir::ValueRange operands) {
      return lowerDense(*this, builder, operands, }] # direction # [{);
    }
  }];
}

def Cameo_LoadDenseOp : Cameo_DenseOp<"load_dense", "DenseSide::Operand"> {
  let summary = "Spreads elements that stand without gaps";
  let description = [{
    The first elements of `x` in row-major order are those of a tensor whose dimensions
    `dims` have `extents`; they are put at their indices. This is how tensors come in.
    ```mlir
    %2 = cameo.load_dense %0, %1 {dims = array<i64: 1>} : (tensor<4x8xf32>, tensor<i64>) -> tensor<4x8xf32>
    ```

    Constraints:
    - (C1) `dims` are ascending dimensions of `x`, one per extent.
  }];
}

def Cameo_StoreDenseOp : Cameo_DenseOp<"store_dense", "DenseSide::Result"> {
  let summary = "Closes gaps between elements";
  let description = [{
    The opposite of `load_dense`: elements within `extents` stand first in the result and
    in row-major order. This is how tensors go out.
    ```mlir
    %2 = cameo.store_dense %0, %1 {dims = array<i64: 1>} : (tensor<4x8xf32>, tensor<i64>) -> tensor<4x8xf32>
    ```

    Constraints:
    - (C1) `dims` are ascending dimensions of `x`, one per extent.
  }];
}

def Cameo_ConcatExtentsOp : Cameo_ExtentsOp<"concat_extents", [
    Cameo_Reference, SameVariadicOperandSize]> {
  let summary = "Tensors one after another, each to its own extent";
  let description = [{
    Like `concat`, but of every input only the first `extents` elements along `axis`.
    ```mlir
    %4 = cameo.concat_extents %0, %1, %2, %3 {axis = 1 : i64} : (tensor<2x3xf32>, tensor<2x1xf32>, tensor<i64>, tensor<i64>) -> tensor<2x4xf32>
    ```
    ONNX Concat (opsets 1-13).

    Constraints:
    - (C1) there are inputs, and they have a dimension `axis`.
    - (C2) the inputs' types are equal but for the extent of that dimension.
  }];
  let arguments = (ins Variadic<AnyRankedTensor>:$inputs,
                       Variadic<Cameo_ExtentTensor>:$extents, I64Attr:$axis);
}

def Cameo_AppendOp : Cameo_ExtentsOp<"append", [Cameo_Reference]> {
  let summary = "A tensor after the elements that another has already";
  let description = [{
    `past` with the first `extent` elements of `x` along `axis` at `position`. An
    input of the model that has the attribute `onnx.cache` stands in the buffer of an
    output; this is what computes that output, in place: nothing of `past` is moved.
    ```mlir
    %4 = cameo.append %0, %1, %2, %3 {axis = 1 : i64} : (tensor<2x4xf32>, tensor<2x1xf32>, tensor<i64>, tensor<i64>) -> tensor<2x4xf32>
    ```
    A position that leaves too little room for `x` is moved to where it fits.

    Constraints:
    - (C1) `past` has a dimension `axis`, and the types are equal but for the extent
      of that dimension, of which `x` has at most as much as `past`.
  }];
  let arguments = (ins AnyRankedTensor:$past, AnyRankedTensor:$x,
                       Cameo_ExtentTensor:$position, Cameo_ExtentTensor:$extent,
                       I64Attr:$axis);
}

#endif // CAMEO_EXTENT_OPS
