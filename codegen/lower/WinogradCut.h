//===- WinogradCut.h - How minimal filtering is cut -------------*- C++ -*-===//
//
// Groups of tile rows and runs of filters, from an estimate of what they cost.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_CODEGEN_LOWER_WINOGRADCUT_H
#define CAMEO_CODEGEN_LOWER_WINOGRADCUT_H

#include "dialects/cameo/Cameo.h"
#include "dialects/target/MemoryFigures.h"

namespace cameo {

/// Extents of the problem, in the words of winograd_tiles.
struct WinogradExtents {
  int64_t images, channelBlocks, channels, filterBlocks, filters;
  int64_t height, width; // Of the input.
  int64_t rows, columns; // Of the result.
  int64_t tile, points;  // Results and inputs of a tile in one dimension.
  int64_t stride, step;  // Of the windows; from tile to tile in the input.
  int64_t tileRows, tileColumns;
  bool isFast; // Products are fast inner products.
};

/// How the work is cut.
struct WinogradCut {
  int64_t groupRows = 1; // Tile rows of a group; they divide all of them.
  int64_t filterRun = 1; // Blocks of filters whose products are made together.
  bool inPhases = false; // One group: all inputs, then the products.
  bool byPoint = false;  // All filters of one point together.
  int64_t tasks = 1;
};

WinogradExtents getWinogradExtents(WinogradTilesOp op);

/// The fastest cut for so many threads; `group` is the number of tile rows to
/// take at a time, or 0.
WinogradCut chooseWinogradCut(const WinogradExtents &extents, int64_t threads,
                              const MemoryFigures &memory, int64_t group);

} // namespace cameo

#endif // CAMEO_CODEGEN_LOWER_WINOGRADCUT_H
