//===- WinogradTransform.h - Transforms of tiles ----------------*- C++ -*-===//
//
// The arithmetic M d M^T on a tile of scalars as few operations: zeros and ones
// cost nothing, and rows or columns of opposite points share what they have in
// common.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_CODEGEN_LOWER_WINOGRADTRANSFORM_H
#define CAMEO_CODEGEN_LOWER_WINOGRADTRANSFORM_H

#include "dialects/cameo/Winograd.h"

#include "mlir/IR/Builders.h"

namespace cameo {

/// A tile of scalars, row by row.
using ScalarTile = llvm::SmallVector<llvm::SmallVector<mlir::Value>>;

/// (ty, tx, lane) -> (point, ty, tx, lane)
mlir::AffineMap pointMap(mlir::Builder &builder, int64_t point);

/// The first arguments of a body, which are the points of a tile.
ScalarTile tileOf(mlir::ValueRange args, int64_t points);

/// `matrix` * `tile` * transpose(`matrix`), of which only the first `rows` rows
/// and `columns` columns are wanted.
ScalarTile buildTileTransform(mlir::OpBuilder &builder, mlir::Location loc,
                              const Matrix &matrix, const ScalarTile &tile,
                              int64_t rows, int64_t columns);

} // namespace cameo

#endif // CAMEO_CODEGEN_LOWER_WINOGRADTRANSFORM_H
