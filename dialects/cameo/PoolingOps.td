//===- PoolingOps.td - Pools ----------------------------------*- tablegen -*-===//

#ifndef CAMEO_POOLING_OPS
#define CAMEO_POOLING_OPS

include "dialects/cameo/CameoBase.td"
include "dialects/cameo/TensorTypes.td"

/// One value from every window over the spatial dimensions (all but the first two).
class Cameo_PoolOp<string mnemonic, string equation, string onnx, Type type, dag more = (ins)>
    : Cameo_Op<mnemonic, [Cameo_Reference, Cameo_Cost, Cameo_Layout]> {
  let summary = "Pool: " # equation;
  let description = "Every element of the result is " # equation # [{ of a window:
    elements `o * stride + k * dilation - pad` of the spatial dimensions. `pads` are
    those before all dimensions, then those after. Under `ceil_mode`, a last window
    that starts in the input or the padding before it may reach beyond the padding.
    ```mlir
    %1 = cameo.}] # mnemonic # [{ %0 {dilations = array<i64: 1, 1>, kernel = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 2, 2>} : (tensor<1x4x8x8xf32>) -> tensor<1x4x4x4xf32>
    ```
    ONNX }] # onnx # [{ with `auto_pad` resolved.

    Constraints:
    - (C1) `x` has at least three dimensions, and `kernel`, `strides`, `dilations`
      (positive) and `pads` (not negative) have an entry per spatial dimension
      (pads: two).
    - (C2) the window fits into the padded input.
  }];
  let arguments = !con((ins type:$x, DenseI64ArrayAttr:$kernel,
                            DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$dilations,
                            DenseI64ArrayAttr:$pads, UnitAttr:$ceil_mode), more);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$x attr-dict `:` functional-type($x, results)";
  let extraClassDefinition = [{
    ::llvm::LogicalResult $cppClass::inferReturnTypes(
        ::mlir::MLIRContext *, ::std::optional<::mlir::Location> loc,
        Adaptor adaptor, ::llvm::SmallVectorImpl<::mlir::Type> &types) {
      return inferPool(loc, adaptor, types);
    }
    int64_t $cppClass::getFlops() { return getPoolFlops(*this); }
    ::cameo::BlockedAttr $cppClass::chooseLayouts(
        ::llvm::MutableArrayRef<::cameo::BlockedAttr> operands,
        const ::cameo::LayoutQuery &query) {
      return operands[0] = choosePoolLayout(*this, operands[0], query);
    }
  }];
}

def Cameo_MaxPoolOp : Cameo_PoolOp<"max_pool", "the maximum (NaN when there is one)",
    "MaxPool (opsets 1-22), without indices,", Cameo_NumberTensor>;

def Cameo_AvgPoolOp : Cameo_PoolOp<"avg_pool", "the mean",
    "AveragePool (opsets 1-22)", Cameo_FloatTensor, (ins UnitAttr:$count_include_pad)> {
  let description = [{
    Every element of the result is the mean of a window: elements
    `o * stride + k * dilation - pad` of the spatial dimensions, those in the
    padding not counted, or counted as zeros under `count_include_pad`; what lies
    beyond the padding is never counted. `pads` and `ceil_mode` are as in `max_pool`.
    ```mlir
    %1 = cameo.avg_pool %0 {dilations = array<i64: 1>, kernel = array<i64: 2>, pads = array<i64: 1, 1>, strides = array<i64: 2>} : (tensor<1x4x8xf32>) -> tensor<1x4x5xf32>
    ```
    ONNX AveragePool (opsets 1-22) with `auto_pad` resolved. Half precision is summed
    in f32.

    Constraints:
    - (C1), (C2) as of `max_pool`.
  }];
}

def Cameo_LpPoolOp : Cameo_PoolOp<"lp_pool", "the p-norm", "LpPool (opsets 1-22)",
    Cameo_FloatTensor, (ins DefaultValuedAttr<I64Attr, "2">:$p)>;

def Cameo_MaxPoolIndicesOp : Cameo_PoolOp<"max_pool_indices",
    "the maximum (NaN when there is one) and where it stands",
    "MaxPool (opsets 8-22) with indices", Cameo_NumberTensor,
    (ins UnitAttr:$column_major)> {
  let description = [{
    As `max_pool`, with the index of every maximum (the first of equal ones) in the
    flattened `x`. Under `column_major`, the spatial dimensions are counted with
    the first one fastest.
    ```mlir
    %1, %2 = cameo.max_pool_indices %0 {dilations = array<i64: 1>, kernel = array<i64: 2>, pads = array<i64: 0, 0>, strides = array<i64: 2>} : (tensor<1x4x8xf32>) -> (tensor<1x4x4xf32>, tensor<1x4x4xi64>)
    ```
    ONNX MaxPool (opsets 8-22) with the second output.

    Constraints:
    - (C1), (C2) as of `max_pool`.
  }];
  let results = (outs AnyRankedTensor:$result, AnyRankedTensor:$indices);
  let extraClassDefinition = [{
    ::llvm::LogicalResult $cppClass::inferReturnTypes(
        ::mlir::MLIRContext *context, ::std::optional<::mlir::Location> loc,
        Adaptor adaptor, ::llvm::SmallVectorImpl<::mlir::Type> &types) {
      if (failed(inferPool(loc, adaptor, types)))
        return ::llvm::failure();
      auto values = ::llvm::cast<::mlir::RankedTensorType>(types[0]);
      types.push_back(values.clone(::mlir::IntegerType::get(context, 64)));
      return ::llvm::success();
    }
    int64_t $cppClass::getFlops() { return getPoolFlops(*this); }
    ::cameo::BlockedAttr $cppClass::chooseLayouts(
        ::llvm::MutableArrayRef<::cameo::BlockedAttr> operands,
        const ::cameo::LayoutQuery &) {
      // Indices count elements of the plain tensor.
      ::llvm::fill(operands, nullptr);
      return nullptr;
    }
  }];
}

#endif // CAMEO_POOLING_OPS
