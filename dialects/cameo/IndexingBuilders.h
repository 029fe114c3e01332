//===- IndexingBuilders.h - Indices that come from data ---------*- C++ -*-===//
//
// What the lowerings of gathers and scatters share. An index from data is
// checked with an assertion and then clamped, so that no access is ever wild.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_DIALECTS_CAMEO_INDEXINGBUILDERS_H
#define CAMEO_DIALECTS_CAMEO_INDEXINGBUILDERS_H

#include "dialects/cameo/LinalgBuilders.h"

namespace cameo {

/// A signed integer scalar `stored` as an i64 in [0, extent); negative ones
/// count from the end. Records an error when it is not in [-extent, extent).
/// Unchanged when it is known to be `inBounds`.
mlir::Value buildPosition(mlir::OpBuilder &builder, mlir::Location loc,
                          mlir::Value stored, int64_t extent, bool inBounds);

/// A signed integer scalar as an i64 in [0, end); records an error and becomes
/// zero when it is not.
mlir::Value buildChecked(mlir::OpBuilder &builder, mlir::Location loc,
                         mlir::Value stored, int64_t end);

/// The positions of a tensor of indices, i64 in the same shape. They are
/// checked here, once per index.
mlir::Value buildPositions(mlir::OpBuilder &builder, mlir::Location loc,
                           mlir::Value indices, int64_t extent, bool inBounds);

/// The position in the flattened `extents` of a tuple of indices.
mlir::Value buildTuplePosition(mlir::OpBuilder &builder, mlir::Location loc,
                               mlir::ValueRange tuple,
                               llvm::ArrayRef<int64_t> extents, bool inBounds);

/// The element of an integer tensor at `at`, as an index.
mlir::Value buildIndexAt(mlir::OpBuilder &builder, mlir::Location loc,
                         mlir::Value tensor, mlir::ValueRange at);
mlir::Value buildIndexCast(mlir::OpBuilder &builder, mlir::Location loc,
                           mlir::Value position);

/// Loops over all indices of `shape` in row-major order that carry `inits`.
llvm::SmallVector<mlir::Value> buildLoops(
    mlir::OpBuilder &builder, mlir::Location loc, llvm::ArrayRef<int64_t> shape,
    mlir::ValueRange inits,
    llvm::function_ref<llvm::SmallVector<mlir::Value>(
        mlir::OpBuilder &, mlir::ValueRange index, mlir::ValueRange state)>
        body);

/// Rows, the last dimension of `tensor`, by the indices of all others.
mlir::Value buildReadRow(mlir::OpBuilder &builder, mlir::Location loc,
                         mlir::Value tensor, mlir::ValueRange at);
mlir::Value buildWriteRow(mlir::OpBuilder &builder, mlir::Location loc,
                          mlir::Value row, mlir::Value tensor,
                          mlir::ValueRange at);

/// A copy that may be overwritten.
mlir::Value buildCopy(mlir::OpBuilder &builder, mlir::Location loc,
                      mlir::Value tensor);

} // namespace cameo

#endif // CAMEO_DIALECTS_CAMEO_INDEXINGBUILDERS_H
