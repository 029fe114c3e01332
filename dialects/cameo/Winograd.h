//===- Winograd.h - Minimal filtering algorithms ----------------*- C++ -*-===//
//
// The matrices of F(m x m, 3 x 3): Toom-Cook interpolation at few small points
// (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2016).
// With step two, even inputs meet the outer two taps of a filter, for which
// there is F(m, 2), and odd ones the middle tap, which is plain products.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_DIALECTS_CAMEO_WINOGRAD_H
#define CAMEO_DIALECTS_CAMEO_WINOGRAD_H

#include "llvm/ADT/SmallVector.h"

namespace cameo {

/// The extent of the filters.
inline constexpr int64_t kWinogradFilter = 3;

/// The elements of a tile in one dimension, for `tile` results: as many points.
inline int64_t winogradPoints(int64_t tile, int64_t stride) {
  return (tile - 1) * stride + kWinogradFilter;
}

/// Filters in points, in one dimension, of which some serve several points.
inline int64_t winogradPlanes(int64_t tile) {
  return tile + kWinogradFilter - 1;
}

/// Points of one dimension and their planes.
struct WinogradRange {
  int64_t point, count; ///< The first point; how many.
  int64_t plane;        ///< The plane of the first.
  bool shared;          ///< Whether it is the plane of all.
};

/// All points of one dimension.
llvm::SmallVector<WinogradRange> getWinogradRanges(int64_t tile,
                                                   int64_t stride);

/// Whether matrices for tiles of this size exist: 2, 4 and 6 for step one, 2, 3
/// and 4 for step two.
bool isWinogradTile(int64_t tile, int64_t stride);

using Matrix = llvm::SmallVector<llvm::SmallVector<double>>;

/// Results of one dimension are A^T ((G g) * (B^T d)), element by element, of
/// the filter g, whose planes are those of the points, and the inputs d.
struct WinogradMatrices {
  Matrix input;  ///< B^T, points x points
  Matrix filter; ///< G, planes x 3
  Matrix output; ///< A^T, tile x points
};

WinogradMatrices getWinogradMatrices(int64_t tile, int64_t stride);

} // namespace cameo

#endif // CAMEO_DIALECTS_CAMEO_WINOGRAD_H
