//===- WinogradOutputs.h - Output transforms of tiles -----------*- C++ -*-===//
//
// From the products of a group of tiles to the results of the convolution,
// together with the operations that follow it.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_CODEGEN_LOWER_WINOGRADOUTPUTS_H
#define CAMEO_CODEGEN_LOWER_WINOGRADOUTPUTS_H

#include "codegen/lower/TileBuilder.h"
#include "codegen/lower/WinogradCut.h"
#include "codegen/lower/WinogradEpilogue.h"
#include "codegen/lower/WinogradTransform.h"

namespace cameo {

class WinogradOutputs : TileBuilder {
public:
  WinogradOutputs(mlir::RewriterBase &rewriter, WinogradTilesOp op,
                  const WinogradExtents &extents, int64_t groupRows);

  /// The last of the operations that are replaced.
  mlir::Operation *getLast();
  /// Results of one block of filters of a group, from the products points x
  /// tile rows x tile columns x filters, times `scale` unless that is null.
  void emit(mlir::Value image, mlir::Value group, mlir::Value block,
            mlir::Value products, mlir::Value scale);
  /// Erases what has been replaced, and the buffer that a pool leaves unused.
  void finish();

private:
  /// Tile rows and columns [0, count) from `first` on, of which the results'
  /// first `kept` rows or columns are inside of the result.
  struct Segment {
    int64_t first, count, kept;
  };
  struct Box {
    llvm::SmallVector<mlir::OpFoldResult> offsets;
    llvm::SmallVector<int64_t> sizes;
  };

  static llvm::SmallVector<Segment> cutSegments(int64_t count, int64_t extent,
                                                int64_t tile);
  void emitSegments(mlir::Value image, mlir::Value group, mlir::Value block,
                    mlir::Value products, bool last);
  Box boxOf(llvm::ArrayRef<mlir::OpFoldResult> place, const Segment &rows,
            const Segment &columns, int64_t window);
  llvm::SmallVector<WinogradMember>
  cutMembers(llvm::ArrayRef<mlir::OpFoldResult> place, const Segment &rows,
             const Segment &columns);
  mlir::AffineMap elementMap(WinogradMember &member, int64_t i, int64_t j);
  void emitOutputTransform(llvm::ArrayRef<mlir::OpFoldResult> place,
                           mlir::Value products, const Segment &rows,
                           const Segment &columns);

  WinogradTilesOp op;
  const WinogradExtents e;
  const int64_t groupRows;
  WinogradMatrices matrices;
  llvm::SmallVector<mlir::linalg::LinalgOp> epilogue;
  std::optional<WinogradPool> pool; // Comes after it.
  mlir::Value scale;
};

} // namespace cameo

#endif // CAMEO_CODEGEN_LOWER_WINOGRADOUTPUTS_H
