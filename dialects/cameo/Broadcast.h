//===- Broadcast.h - Shapes of broadcast operands ---------------*- C++ -*-===//
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

} // namespace cameo

#endif // CAMEO_DIALECTS_CAMEO_BROADCAST_H
