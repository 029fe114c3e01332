//===- Broadcast.h - Shapes of broadcast operands ----------------*- C++ -*-===//
//
// ONNX multidirectional broadcasting: shapes are aligned at their last
// dimensions; extents of one repeat.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_DIALECTS_CAMEO_BROADCAST_H
#define CAMEO_DIALECTS_CAMEO_BROADCAST_H

#include "mlir/IR/AffineMap.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Location.h"
#include "mlir/IR/ValueRange.h"

namespace cameo {

/// The common shape of `shapes`; reports to `loc` when there is none.
mlir::FailureOr<llvm::SmallVector<int64_t>>
broadcastShapes(std::optional<mlir::Location> loc,
                llvm::ArrayRef<llvm::ArrayRef<int64_t>> shapes);

/// The common shape of tensors, with `elementType`.
mlir::FailureOr<mlir::RankedTensorType>
broadcastTypes(std::optional<mlir::Location> loc, mlir::TypeRange types,
               mlir::Type elementType);

/// The map from an index of `result` to the index of an operand that is
/// broadcast to it.
mlir::AffineMap getBroadcastMap(mlir::RankedTensorType operand,
                                mlir::RankedTensorType result);

/// The result type of an elementwise operation: shapes are broadcast; the element
/// type is that of operand `like`, which all later operands must share unless
/// `mixed`. Without `like` (-1), elements are booleans and all operands share a type.
llvm::LogicalResult inferElementwise(std::optional<mlir::Location> loc,
                                     mlir::ValueRange operands, int like,
                                     llvm::SmallVectorImpl<mlir::Type> &types,
                                     bool mixed = false);

} // namespace cameo

#endif // CAMEO_DIALECTS_CAMEO_BROADCAST_H
