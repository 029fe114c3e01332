//===- Shapes.h - Shapes of values ------------------------------*- C++ -*-===//

#ifndef CAMEO_DIALECTS_CAMEO_SHAPES_H
#define CAMEO_DIALECTS_CAMEO_SHAPES_H

#include "mlir/IR/BuiltinTypes.h"

namespace cameo {

/// The extents of a ranked tensor.
inline llvm::ArrayRef<int64_t> shapeOf(mlir::Value value) {
  return mlir::cast<mlir::RankedTensorType>(value.getType()).getShape();
}

} // namespace cameo

#endif // CAMEO_DIALECTS_CAMEO_SHAPES_H
