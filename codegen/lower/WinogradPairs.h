//===- WinogradPairs.h - Fast inner products of tiles -----------*- C++ -*-===//
//
// Loops for minimal filtering whose products are fast inner products (see
// fast_conv): the squares of the rows that a group of tiles reads, from which
// its scale follows; the sums over pairs of channels of the transformed tiles;
// and the products.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_CODEGEN_LOWER_WINOGRADPAIRS_H
#define CAMEO_CODEGEN_LOWER_WINOGRADPAIRS_H

#include "codegen/lower/TileBuilder.h"
#include "codegen/lower/WinogradCut.h"

namespace cameo {

class WinogradPairs : TileBuilder {
public:
  /// Groups of up to `places` places are at work, or remembered, at a time;
  /// each of `tasks` tasks has sums of up to `tiles` tiles in all points.
  WinogradPairs(mlir::RewriterBase &rewriter, WinogradTilesOp op,
                const WinogradExtents &extents, int64_t places, int64_t tasks,
                int64_t tiles);

  struct Rows {
    mlir::Value first;
    int64_t count;
  };
  struct Blocks {
    mlir::OpFoldResult first;
    int64_t count;
  };
  /// Sums the squares of rows of an image, as far as they are inside, in blocks
  /// of channels.
  void emitSquares(mlir::Value image, const Rows &rows, const Blocks &blocks,
                   mlir::Value place);
  /// Sums the squares of all blocks, from which the scale follows.
  void emitTotal(int64_t rows, mlir::Value place);
  /// Whether there is a scale: all is finite, and not too small.
  mlir::Value buildHasScale(mlir::Value place);
  /// The power of two that brings the input to the filters, or back; one
  /// where there is no scale.
  mlir::Value buildScaleOrOne(mlir::Value place, bool isInverse);
  /// The signs of the channels of a block.
  mlir::Value getSigns() const { return signs; }

  /// sums[i, j, t] = sum over cb, c < 8 of v[i, j, cb, t, c] * v[i, j, cb, t,
  /// c + 8]
  void emitSums(mlir::Value transformed, mlir::Value task);
  /// products[fb, i, j, t, f] = sum over cb, c of v[i, j, cb, t, c] *
  /// u[i, j, fb, cb, c, f] of the tiles whose sums the task has, for the points
  /// and the block of filters from `first` on.
  void emitProducts(mlir::Value task, llvm::ArrayRef<mlir::OpFoldResult> first,
                    mlir::Value transformed, mlir::Value filters,
                    mlir::Value products);

private:
  mlir::Value loadTotal(mlir::Value place);

  WinogradTilesOp op;
  const WinogradExtents e;
  double elements = 1;           // Of the rows whose squares are summed.
  mlir::Value lanes, totals;     // Squares: per lane and block, and all.
  mlir::Value sumsOfLanes, sums; // Over pairs.
  mlir::Value signs;
};

} // namespace cameo

#endif // CAMEO_CODEGEN_LOWER_WINOGRADPAIRS_H
