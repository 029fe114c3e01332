//===- ReductionOps.td - Reductions and scans -----------------*- tablegen -*-===//

#ifndef CAMEO_REDUCTION_OPS
#define CAMEO_REDUCTION_OPS

include "dialects/cameo/CameoBase.td"
include "dialects/cameo/TensorTypes.td"

/// Computes one value from the elements along `axes`.
class Cameo_ReduceOp<string mnemonic, string equation, string onnx, string ofNothing,
                     Type type = Cameo_FloatTensor>
    : Cameo_Op<mnemonic, [Cameo_Reference, Cameo_Cost, Cameo_Layout]> {
  let summary = "Reduction: " # equation;
  let description = "Every element of the result is " # equation # [{ over the
    dimensions `axes` of x, which have extent one in the result or, without
    `keepdims`, are dropped. Of no elements, it is }] # ofNothing # [{.
    ```mlir
    %1 = cameo.}] # mnemonic # [{ %0 {axes = array<i64: 1>, keepdims = false} : (tensor<2x3xf32>) -> tensor<2xf32>
    ```
    ONNX }] # onnx # [{; half precision is accumulated in f32.

    Constraints:
    - (C1) axes ascend and are dimensions of `x`.
  }];
  let arguments = (ins type:$x, DenseI64ArrayAttr:$axes,
                       DefaultValuedAttr<BoolAttr, "true">:$keepdims);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$x attr-dict `:` functional-type($x, results)";
  let extraClassDefinition = [{
    ::llvm::LogicalResult $cppClass::inferReturnTypes(
        ::mlir::MLIRContext *, ::std::optional<::mlir::Location> loc,
        Adaptor adaptor, ::llvm::SmallVectorImpl<::mlir::Type> &types) {
      return ::cameo::inferReduction(loc, adaptor.getX().getType(), adaptor.getAxes(),
                                     adaptor.getKeepdims(), types);
    }
    int64_t $cppClass::getFlops() {
      return ::llvm::cast<::mlir::RankedTensorType>(getX().getType()).getNumElements();
    }
    ::cameo::BlockedAttr $cppClass::chooseLayouts(
        ::llvm::MutableArrayRef<::cameo::BlockedAttr> operands,
        const ::cameo::LayoutQuery &) {
      // Blocks of channels stay what they are unless channels are reduced.
      if (!getKeepdims() || ::llvm::is_contained(getAxes(), 1))
        operands[0] = nullptr;
      return operands[0];
    }
  }];
}

def Cameo_ReduceSumOp : Cameo_ReduceOp<"reduce_sum", "the sum", "ReduceSum (opsets 1-13)",
    "0", Cameo_NumberTensor>;
def Cameo_ReduceMeanOp : Cameo_ReduceOp<"reduce_mean", "the arithmetic mean",
    "ReduceMean (opsets 1-18), GlobalAveragePool", "NaN (integers: 0)", Cameo_NumberTensor>;
def Cameo_ReduceMaxOp : Cameo_ReduceOp<"reduce_max", "the maximum, NaN when there is one",
    "ReduceMax (opsets 1-20), GlobalMaxPool", "the lowest value", Cameo_NumberTensor>;
def Cameo_ReduceMinOp : Cameo_ReduceOp<"reduce_min", "the minimum, NaN when there is one",
    "ReduceMin (opsets 1-20)", "the highest value", Cameo_NumberTensor>;
def Cameo_ReduceProdOp : Cameo_ReduceOp<"reduce_prod", "the product",
    "ReduceProd (opsets 1-18)", "1", Cameo_NumberTensor>;
def Cameo_ReduceL1Op : Cameo_ReduceOp<"reduce_l1", "the sum of absolute values",
    "ReduceL1 (opsets 1-18)", "0", Cameo_NumberTensor>;
def Cameo_ReduceL2Op : Cameo_ReduceOp<"reduce_l2", "the square root of the sum of squares",
    "ReduceL2 (opsets 1-18)", "0">;
def Cameo_ReduceSumSquareOp : Cameo_ReduceOp<"reduce_sum_square", "the sum of squares",
    "ReduceSumSquare (opsets 1-18)", "0", Cameo_NumberTensor>;
def Cameo_ReduceLogSumOp : Cameo_ReduceOp<"reduce_log_sum", "the logarithm of the sum",
    "ReduceLogSum (opsets 1-18)", "-inf">;
def Cameo_ReduceLogSumExpOp : Cameo_ReduceOp<"reduce_log_sum_exp",
    "the logarithm of the sum of exponentials", "ReduceLogSumExp (opsets 1-18)", "-inf">;

/// The index of an extreme element along one axis.
class Cameo_ArgOp<string mnemonic, string which, string onnx>
    : Cameo_Op<mnemonic, [Cameo_Reference, Cameo_Cost]> {
  let summary = "Index of the " # which # " element along an axis";
  let description = "Every element of the result is the index of the " # which # [{
    element along `axis`, the first of several or, under `select_last`, the last. NaN
    wins over numbers.
    ```mlir
    %1 = cameo.}] # mnemonic # [{ %0 {axis = 1 : i64, keepdims = false} : (tensor<2x3xf32>) -> tensor<2xi64>
    ```
    ONNX }] # onnx # [{.

    Constraints:
    - (C1) `axis` is a dimension of `x`.
    - (C2) there is an element along `axis`.
  }];
  let arguments = (ins Cameo_NumberTensor:$x, I64Attr:$axis,
                       DefaultValuedAttr<BoolAttr, "true">:$keepdims,
                       UnitAttr:$select_last);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$x attr-dict `:` functional-type($x, results)";
  let extraClassDefinition = [{
    ::llvm::LogicalResult $cppClass::inferReturnTypes(
        ::mlir::MLIRContext *, ::std::optional<::mlir::Location> loc,
        Adaptor adaptor, ::llvm::SmallVectorImpl<::mlir::Type> &types) {
      return ::cameo::inferArgReduction(loc, adaptor.getX().getType(), adaptor.getAxis(),
                                        adaptor.getKeepdims(), types);
    }
    int64_t $cppClass::getFlops() {
      return ::llvm::cast<::mlir::RankedTensorType>(getX().getType()).getNumElements();
    }
  }];
}

def Cameo_ArgMaxOp : Cameo_ArgOp<"arg_max", "largest", "ArgMax (opsets 1-13)">;
def Cameo_ArgMinOp : Cameo_ArgOp<"arg_min", "smallest", "ArgMin (opsets 1-13)">;

class Cameo_CumulativeOp<string mnemonic, string noun, string onnx>
    : Cameo_Op<mnemonic, [Cameo_Reference, Cameo_Cost]> {
  let summary = "Running " # noun # " along an axis";
  let description = "Every element of the result is the " # noun # [{ of the elements of x up
    to it along `axis`; of those before it under `exclusive`; from the end under
    `reverse`.
    ```mlir
    %1 = cameo.}] # mnemonic # [{ %0 {axis = 1 : i64, exclusive} : (tensor<2x3xf32>) -> tensor<2x3xf32>
    ```
    ONNX }] # onnx # [{.

    Constraints:
    - (C1) `axis` is a dimension of `x`.
  }];
  let arguments = (ins Cameo_NumberTensor:$x, I64Attr:$axis, UnitAttr:$exclusive,
                       UnitAttr:$reverse);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$x attr-dict `:` functional-type($x, results)";
  let extraClassDefinition = [{
    ::llvm::LogicalResult $cppClass::inferReturnTypes(
        ::mlir::MLIRContext *, ::std::optional<::mlir::Location> loc,
        Adaptor adaptor, ::llvm::SmallVectorImpl<::mlir::Type> &types) {
      types.push_back(adaptor.getX().getType());
      return checkAxis(loc, types.back(), adaptor.getAxis());
    }
    int64_t $cppClass::getFlops() { return getType().getNumElements(); }
  }];
}

def Cameo_CumSumOp : Cameo_CumulativeOp<"cumsum", "sum", "CumSum (opsets 11-14)">;
def Cameo_CumProdOp : Cameo_CumulativeOp<"cumprod", "product", "CumProd (opset 26)">;

#endif // CAMEO_REDUCTION_OPS
