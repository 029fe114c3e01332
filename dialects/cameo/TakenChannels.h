//===- TakenChannels.h - Channels of blocked tensors ------------*- C++ -*-===//
//
// Movements of channels that do not keep blocks whole, on stored tensors.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_DIALECTS_CAMEO_TAKENCHANNELS_H
#define CAMEO_DIALECTS_CAMEO_TAKENCHANNELS_H

#include "dialects/cameo/Cameo.h"

namespace cameo {

/// The stored tensor whose channel `i` is channel `channels[i]` of tensors one
/// after another. `stored` are those in blocks of `size` channels, `types` what
/// they stand for.
mlir::Value buildTakenBlocks(mlir::OpBuilder &builder, mlir::Location loc,
                             mlir::ValueRange stored,
                             llvm::ArrayRef<mlir::RankedTensorType> types,
                             llvm::ArrayRef<int64_t> channels, int64_t size);

/// Whether a slice takes channels and all of every other dimension.
bool takesChannels(SliceOp op);

} // namespace cameo

#endif // CAMEO_DIALECTS_CAMEO_TAKENCHANNELS_H
