//===- CameoInterfaces.td - What passes ask of operations -----*- tablegen -*-===//
//
// Passes reach operators through these interfaces only; none switches over
// operation names.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_INTERFACES
#define CAMEO_INTERFACES

include "mlir/IR/OpBase.td"

def Cameo_ElementwiseOpInterface : OpInterface<"ElementwiseOpInterface"> {
  let cppNamespace = "::cameo";
  let description = [{
    One result; each of its elements is a function of one element per operand.
    The scalar body is written once and serves the operator alone, in a chain and
    as the epilogue of another kernel.
  }];
  let methods = [
    InterfaceMethod<[{
      Builds the scalar computation. `args` hold one scalar per operand in compute
      types (see `computeType`: f32 for f16 and bf16, signless integers, i1 for
      booleans; signedness follows from the operand types of the operation), and
      the returned scalar has the compute type of the result's elements.
    }], "::mlir::Value", "buildScalar",
      (ins "::mlir::OpBuilder &":$builder, "::mlir::Location":$loc, "::mlir::ValueRange":$args)>,
    InterfaceMethod<[{
      The map from an index of the result to the index of `operand`. By default
      operands are aligned at their last dimensions and extents of one repeat.
    }], "::mlir::AffineMap", "getOperandMap", (ins "unsigned":$operand), [{}], [{
      return ::cameo::getBroadcastMap(
          ::mlir::cast<::mlir::RankedTensorType>($_op->getOperand(operand).getType()),
          ::mlir::cast<::mlir::RankedTensorType>($_op->getResult(0).getType()));
    }]>,
    InterfaceMethod<[{
      Operations per element, for cost reports.
    }], "int64_t", "getFlopsPerElement", (ins), [{}], [{ return 1; }]>
  ];
}

def Cameo_ReferenceLoweringInterface : OpInterface<"ReferenceLoweringInterface"> {
  let cppNamespace = "::cameo";
  let description = [{
    The one definition of what an operator means, for operators that are not
    elementwise: linalg, tensor, arith, math and scf operations on tensors of
    storage types (see `storageType`).
  }];
  let methods = [
    InterfaceMethod<[{
      Builds the computation and returns one tensor per result, of the results'
      storage types. `operands` are the operands in storage types. Indices that
      come from data are checked with `cf.assert` and clamped, so that no wild
      access remains.
    }], "::mlir::FailureOr<::llvm::SmallVector<::mlir::Value>>", "lowerReference",
      (ins "::mlir::OpBuilder &":$builder, "::mlir::ValueRange":$operands)>
  ];
}

def Cameo_IndexMapOpInterface : OpInterface<"IndexMapOpInterface"> {
  let cppNamespace = "::cameo";
  let description = [{
    Data movement: every element of the single result is a copy of an element of
    an operand, chosen by its index alone. One folder serves them all.
  }];
  let methods = [
    InterfaceMethod<[{
      The operand and the index in it whose element stands at `index` of the
      result.
    }], "::cameo::ElementSource", "getSource", (ins "::llvm::ArrayRef<int64_t>":$index)>
  ];
}

def Cameo_IndexedSourceOpInterface : OpInterface<"IndexedSourceOpInterface"> {
  let cppNamespace = "::cameo";
  let description = [{
    Data movement like that of IndexMapOpInterface, where the choice also depends on
    the values of integer operands.
  }];
  let methods = [
    InterfaceMethod<[{
      The operand and the index in it whose element stands at `index` of the
      result; none when an index in an operand is out of range. `read` gives the
      elements of integer operands.
    }], "::std::optional<::cameo::ElementSource>", "getIndexedSource",
      (ins "::llvm::ArrayRef<int64_t>":$index, "::cameo::IntegerReader":$read)>
  ];
}

def Cameo_CostOpInterface : OpInterface<"CostOpInterface"> {
  let cppNamespace = "::cameo";
  let description = [{ What an operator costs; reports and schedules add it up. }];
  let methods = [
    InterfaceMethod<"Arithmetic operations of one evaluation; a multiply-add is two.",
      "int64_t", "getFlops", (ins)>
  ];
}

def Cameo_RowOpInterface : OpInterface<"RowOpInterface"> {
  let cppNamespace = "::cameo";
  let description = [{
    One result, whose rows follow from the rows of the first operand at the same
    leading index; other operands may be read anywhere.
  }];
  let methods = [
    InterfaceMethod<[{
      The first dimension of a row: all from it on belong together. None when rows
      of the first operand do not correspond to rows of the result.
    }], "::std::optional<int64_t>", "getRowDim", (ins)>
  ];
}

def Cameo_ViewOpInterface : OpInterface<"ViewOpInterface"> {
  let cppNamespace = "::cameo";
  let description = [{
    The result has the bytes of the first operand in the same order under another
    shape, so no kernel is needed.
  }];
}

def Cameo_LayoutOpInterface : OpInterface<"LayoutOpInterface"> {
  let cppNamespace = "::cameo";
  let description = [{
    The blocked layouts that an operator runs well in. Operators without it, unless
    elementwise, want plain tensors.
  }];
  let methods = [
    InterfaceMethod<[{
      `operands` holds the layout in which each operand is at hand (null: plain)
      and receives the one in which it is read best; the layout of the only result
      is returned.
    }], "::cameo::BlockedAttr", "chooseLayouts",
      (ins "::llvm::MutableArrayRef<::cameo::BlockedAttr>":$operands,
           "const ::cameo::LayoutQuery &":$query)>,
    InterfaceMethod<[{
      Whether operands and result keep this layout inside of a kernel: the reference
      lowering works on stored tensors.
    }], "bool", "isAwareOf", (ins "::cameo::BlockedAttr":$layout), [{}], [{
      return false;
    }]>
  ];
}

#endif // CAMEO_INTERFACES
