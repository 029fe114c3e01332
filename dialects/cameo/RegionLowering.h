//===- RegionLowering.h - Lowering of the operations of a block -*- C++ -*-===//

#ifndef CAMEO_DIALECTS_CAMEO_REGIONLOWERING_H
#define CAMEO_DIALECTS_CAMEO_REGIONLOWERING_H

#include "mlir/IR/Builders.h"

namespace cameo {

/// Builds the lowered forms of the operations of `block`, whose first arguments
/// have the values `args` (of storage types), and returns those of its
/// terminator's operands.
mlir::FailureOr<llvm::SmallVector<mlir::Value>>
lowerBlock(mlir::OpBuilder &builder, mlir::Block &block, mlir::ValueRange args);

} // namespace cameo

#endif // CAMEO_DIALECTS_CAMEO_REGIONLOWERING_H
