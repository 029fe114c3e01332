//===- LinalgBuilders.h - Building blocks of reference lowerings ----------===//
//
// Short forms of the linalg operations that reference lowerings are made of.
// Tensors have storage types; bodies see compute types.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_DIALECTS_CAMEO_LINALGBUILDERS_H
#define CAMEO_DIALECTS_CAMEO_LINALGBUILDERS_H

#include "dialects/cameo/Cameo.h"

#include "mlir/Dialect/Utils/StructuredOpsUtils.h"

namespace cameo {

/// Builds the result from compute-type scalars, one per input (and per
/// accumulator, last, in reductions).
using ScalarBuilder = llvm::function_ref<mlir::Value(
    mlir::OpBuilder &, mlir::Location, mlir::ValueRange)>;

/// An uninitialised tensor of the storage type of `type`.
mlir::Value buildEmpty(mlir::OpBuilder &builder, mlir::Location loc,
                       mlir::RankedTensorType type);

/// A tensor of the storage type of `type` filled with `value` (compute type).
mlir::Value buildFilled(mlir::OpBuilder &builder, mlir::Location loc,
                        mlir::RankedTensorType type, mlir::Value value);

/// `result[d...] = body(inputs[maps(d...)]...)` over all indices of `type`.
/// `elementTypes` are the inputs' ONNX element types.
mlir::Value buildMap(mlir::OpBuilder &builder, mlir::Location loc,
                     mlir::RankedTensorType type, mlir::ValueRange inputs,
                     llvm::ArrayRef<mlir::Type> elementTypes,
                     llvm::ArrayRef<mlir::AffineMap> maps, ScalarBuilder body);

/// `acc[resultMap(d...)] = body(inputs[maps(d...)]..., acc[...])` over a loop
/// nest with `iterators`, starting from `init`. `init` and the result hold a
/// compute type: accumulators are not rounded between steps (see
/// `buildRounded`).
mlir::Value buildReduction(mlir::OpBuilder &builder, mlir::Location loc,
                           mlir::Value init, mlir::ValueRange inputs,
                           llvm::ArrayRef<mlir::Type> elementTypes,
                           llvm::ArrayRef<mlir::AffineMap> maps,
                           mlir::AffineMap resultMap,
                           llvm::ArrayRef<mlir::utils::IteratorType> iterators,
                           ScalarBuilder body);

/// `acc + a * b` of scalars.
mlir::Value buildMultiplyAdd(mlir::OpBuilder &builder, mlir::Location loc,
                             mlir::Value a, mlir::Value b, mlir::Value acc);

/// Rounds a tensor of accumulators to the storage type of `type`; itself when
/// it has that type already.
mlir::Value buildRounded(mlir::OpBuilder &builder, mlir::Location loc,
                         mlir::Value accumulators, mlir::RankedTensorType type);

/// The same elements in row-major order under another shape.
mlir::Value buildReshape(mlir::OpBuilder &builder, mlir::Location loc,
                         mlir::Value value, llvm::ArrayRef<int64_t> shape);

/// The loop form of an elementwise operator on `operands` in storage types.
mlir::Value buildElementwise(ElementwiseOpInterface op,
                             mlir::OpBuilder &builder,
                             mlir::ValueRange operands);

} // namespace cameo

#endif // CAMEO_DIALECTS_CAMEO_LINALGBUILDERS_H
