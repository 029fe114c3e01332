//===- Reshapes.h - Reshapes of tensors with open dimensions ----*- C++ -*-===//

#ifndef CAMEO_COMPILER_IMPORT_RESHAPES_H
#define CAMEO_COMPILER_IMPORT_RESHAPES_H

#include "compiler/import/ops/Chain.h"

namespace cameo {

/// The extents of `x` as a tensor of `shape`, the bound, where dimensions stay
/// themselves or are merged; none when an open one is split.
std::optional<Exprs> inferReshape(Extents &extents, mlir::Value x,
                                  llvm::ArrayRef<int64_t> shape);

/// Whether elements stand in the same places of `x` and of a tensor of `shape`
/// with the extents `target`.
bool keepsPlaces(Extents &extents, mlir::Value x, llvm::ArrayRef<int64_t> shape,
                 llvm::ArrayRef<mlir::AffineExpr> target);

/// `x` with the extents `target`, whose shape is their bounds.
mlir::FailureOr<mlir::Value> reshapeTo(OpImporter &n, mlir::Value x,
                                       llvm::ArrayRef<mlir::AffineExpr> target);

/// The same in a chain; a plain reshape where nothing is open.
MaybeValue chainReshapeTo(OpImporter &n, MaybeValue x,
                          llvm::ArrayRef<mlir::AffineExpr> target);

} // namespace cameo

#endif // CAMEO_COMPILER_IMPORT_RESHAPES_H
