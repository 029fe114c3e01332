//===- WinogradProducts.h - Products in the points of tiles -----*- C++ -*-===//
//
// One product of matrices per point: transformed tiles times filters. For runs
// of blocks of filters, all points after each other; or for one point after the
// other, all filters.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_CODEGEN_LOWER_WINOGRADPRODUCTS_H
#define CAMEO_CODEGEN_LOWER_WINOGRADPRODUCTS_H

#include "codegen/lower/TileBuilder.h"
#include "codegen/lower/WinogradCut.h"
#include "codegen/lower/WinogradPairs.h"
#include "dialects/cameo/Winograd.h"

namespace cameo {

class WinogradProducts : TileBuilder {
public:
  /// Of the tiles in `transformed`, places x points x channel blocks x tiles x
  /// channels; by fast inner products unless `pairs` is null.
  WinogradProducts(mlir::RewriterBase &rewriter, WinogradTilesOp op,
                   const WinogradExtents &extents, mlir::Value transformed,
                   WinogradPairs *pairs);

  /// What fast inner products of all points of a task's tiles share.
  void emitSums(mlir::Value task);
  /// All points of `count` blocks of filters from `block` on and of the tiles
  /// at `place`, whose sums the task has, to the first `count` blocks of the
  /// task's `products`, tasks x filter blocks x points x tiles x filters.
  void emitRun(mlir::Value place, mlir::Value task, mlir::Value block,
               int64_t count, mlir::Value products);

  /// All filters of all images, whose tiles are at their places, to `products`,
  /// images x filter blocks x points x tiles x filters. Tasks share the points,
  /// each of which has a plane of its own (step one).
  void emitAll(int64_t tasks, mlir::Value products);

private:
  /// Points of one dimension.
  struct Range {
    mlir::OpFoldResult point, plane; // The first ones.
    int64_t count;
    bool isShared; // All points have one plane.
  };
  /// A box of filters and of points.
  struct Box {
    Range rows, columns;
    mlir::OpFoldResult block;
    int64_t blocks;
  };

  /// `count` elements of buffer[place] from `first` on.
  mlir::Value atPlace(mlir::Value buffer, mlir::Value place,
                      mlir::OpFoldResult first, int64_t count);
  Range rangeOf(const WinogradRange &range);
  Range onePoint(mlir::Value point) { return {point, point, 1, false}; }
  mlir::Value splitPoints(mlir::Value buffer, int64_t dimension, int64_t count);
  mlir::Value pointsOf(mlir::Value buffer, int64_t dimension, const Box &box);
  mlir::Value filtersOf(const Box &box);
  mlir::Value tilesOf(mlir::Value place, const Box &box);
  void emitBox(mlir::Value place, mlir::Value task, const Box &box,
               mlir::Value products);
  void emitDirect(const Box &box, mlir::Value tiles, mlir::Value filters,
                  mlir::Value sums);

  WinogradTilesOp op;
  const WinogradExtents e;
  mlir::Value transformed;
  WinogradPairs *pairs;
  llvm::SmallVector<WinogradRange> ranges; // Of points in one dimension.
};

} // namespace cameo

#endif // CAMEO_CODEGEN_LOWER_WINOGRADPRODUCTS_H
