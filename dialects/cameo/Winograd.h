//===- Winograd.h - Minimal filtering algorithms ----------------*- C++ -*-===//
//
// The matrices of F(m x m, 3 x 3): Toom-Cook interpolation at few small points
// (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2016).
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_DIALECTS_CAMEO_WINOGRAD_H
#define CAMEO_DIALECTS_CAMEO_WINOGRAD_H

#include "llvm/ADT/SmallVector.h"

namespace cameo {

/// The extent of the filters.
inline constexpr int64_t kWinogradFilter = 3;

/// The elements of a tile in one dimension, for `tile` results.
inline int64_t winogradPoints(int64_t tile) {
  return tile + kWinogradFilter - 1;
}

/// Whether matrices for tiles of this size exist: 2, 4 and 6.
bool isWinogradTile(int64_t tile);

using Matrix = llvm::SmallVector<llvm::SmallVector<double>>;

/// Results of one dimension are A^T ((G g) * (B^T d)), element by element, of
/// the filter g and the inputs d.
struct WinogradMatrices {
  Matrix input;  ///< B^T, points x points
  Matrix filter; ///< G, points x 3
  Matrix output; ///< A^T, tile x points
};

WinogradMatrices getWinogradMatrices(int64_t tile);

} // namespace cameo

#endif // CAMEO_DIALECTS_CAMEO_WINOGRAD_H
