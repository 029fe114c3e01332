//===- WindowBuilders.h - Sliding windows -----------------------*- C++ -*-===//
//
// What convolutions and pools share: the geometry of windows that slide over
// the spatial dimensions, padding, and the affine maps of their loops.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_DIALECTS_CAMEO_WINDOWBUILDERS_H
#define CAMEO_DIALECTS_CAMEO_WINDOWBUILDERS_H

#include "dialects/cameo/LinalgBuilders.h"

namespace cameo {

/// Windows over spatial dimensions, outermost first. `pads` are those before
/// every dimension, then those after.
struct Windows {
  llvm::ArrayRef<int64_t> kernel, strides, dilations, pads;

  int64_t getRank() const { return kernel.size(); }
  int64_t getPadBefore(int64_t dim) const { return pads[dim]; }
  int64_t getPadAfter(int64_t dim) const { return pads[getRank() + dim]; }
  /// The elements that a window spans, holes included.
  int64_t getSpan(int64_t dim) const {
    return (kernel[dim] - 1) * dilations[dim] + 1;
  }
  /// The number of windows over `extent` elements. With `ceil`, a last window
  /// may reach beyond the padding if it starts inside of the input or the
  /// padding before it. Negative if no window fits.
  int64_t getCount(int64_t dim, int64_t extent, bool ceil = false) const;
  /// How far the windows reach beyond the elements of `extent`, at least 0.
  int64_t getReachAfter(int64_t dim, int64_t extent, int64_t count) const;
  int64_t getKernelSize() const;
};

/// Reports arrays whose lengths or values do not suit `rank` spatial
/// dimensions, as a violation of C1.
llvm::LogicalResult checkWindows(std::optional<mlir::Location> loc,
                                 const Windows &windows, int64_t rank);

/// `x` with its spatial dimensions (all but two) padded by `value` (compute
/// type); `x` itself if nothing is to be done. `before` and `after` are per
/// spatial dimension.
mlir::Value buildPadded(mlir::OpBuilder &builder, mlir::Location loc,
                        mlir::Value x, mlir::Type elementType,
                        llvm::ArrayRef<int64_t> before,
                        llvm::ArrayRef<int64_t> after, mlir::Value value);

/// `x` padded so that all `counts` windows lie inside of it.
mlir::Value buildPaddedForWindows(mlir::OpBuilder &builder, mlir::Location loc,
                                  mlir::Value x, mlir::Type elementType,
                                  const Windows &windows,
                                  llvm::ArrayRef<int64_t> counts,
                                  mlir::Value value);

/// The expressions `o * stride + k * dilation`, where loop `firstOutput + i` is
/// o and loop `firstKernel + i` is k of spatial dimension i.
llvm::SmallVector<mlir::AffineExpr> getWindowExprs(mlir::MLIRContext *context,
                                                   const Windows &windows,
                                                   int64_t firstOutput,
                                                   int64_t firstKernel);

/// `count` dimension expressions from `first` on.
llvm::SmallVector<mlir::AffineExpr> getDimExprs(mlir::MLIRContext *context,
                                                int64_t first, int64_t count);

/// Iterators of loops of which the first `numParallel` are parallel and
/// `numReduction` more are reductions.
llvm::SmallVector<mlir::utils::IteratorType> getLoops(int64_t numParallel,
                                                      int64_t numReduction);

/// Splits dimension `dim` of `value` into dimensions of `extents`.
mlir::Value buildSplitDim(mlir::OpBuilder &builder, mlir::Location loc,
                          mlir::Value value, int64_t dim,
                          llvm::ArrayRef<int64_t> extents);

/// Merges dimensions `dim` and `dim + 1` of `value`.
mlir::Value buildMergedDims(mlir::OpBuilder &builder, mlir::Location loc,
                            mlir::Value value, int64_t dim);

} // namespace cameo

#endif // CAMEO_DIALECTS_CAMEO_WINDOWBUILDERS_H
