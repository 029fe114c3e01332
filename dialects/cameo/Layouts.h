//===- Layouts.h - Blocked layouts of tensors -------------------*- C++ -*-===//
//
// Tensor types with a `#cameo.blocked` encoding: their stored shapes, and the
// operations that convert between layouts.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_DIALECTS_CAMEO_LAYOUTS_H
#define CAMEO_DIALECTS_CAMEO_LAYOUTS_H

#include "dialects/cameo/Cameo.h"

namespace cameo {

/// The layout of a tensor type; null when it is plain.
BlockedAttr getLayout(mlir::Type tensorType);

/// The type with another layout; null makes it plain.
mlir::RankedTensorType withLayout(mlir::Type tensorType, BlockedAttr layout);

/// The size of channel blocks for `channels`: as many as there are lanes, fewer
/// where few channels fill them; 0 when they do not fill a quarter.
int64_t chooseBlock(int64_t channels, int64_t lanes);

/// Channels (dimension 1) in blocks of `size`.
BlockedAttr blockChannels(mlir::MLIRContext *context, int64_t size);

/// The stored tensor `value` as a plain one of `shape`, and back. Null layouts
/// change nothing.
mlir::Value buildUnpacked(mlir::OpBuilder &builder, mlir::Location loc,
                          mlir::Value value, BlockedAttr layout,
                          llvm::ArrayRef<int64_t> shape);
mlir::Value buildPacked(mlir::OpBuilder &builder, mlir::Location loc,
                        mlir::Value value, BlockedAttr layout);

} // namespace cameo

#endif // CAMEO_DIALECTS_CAMEO_LAYOUTS_H
