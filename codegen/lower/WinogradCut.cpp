//===- WinogradCut.cpp - How minimal filtering is cut ---------------------===//

#include "codegen/lower/WinogradCut.h"
#include "dialects/cameo/Winograd.h"

using namespace mlir;
using namespace cameo;

WinogradExtents cameo::getWinogradExtents(WinogradTilesOp op) {
  auto x = cast<MemRefType>(op.getX().getType());
  auto y = cast<MemRefType>(op.getInit().getType());
  WinogradExtents e;
  e.images = x.getDimSize(0);
  e.channelBlocks = x.getDimSize(1);
  e.channels = x.getDimSize(4);
  e.filterBlocks = y.getDimSize(1);
  e.filters = y.getDimSize(4);
  e.height = x.getDimSize(2);
  e.width = x.getDimSize(3);
  e.rows = y.getDimSize(2);
  e.columns = y.getDimSize(3);
  e.tile = op.getTile();
  e.stride = op.getStride();
  e.step = e.tile * e.stride;
  e.points = winogradPoints(e.tile, e.stride);
  e.tileRows = llvm::divideCeil(e.rows, e.tile);
  e.tileColumns = llvm::divideCeil(e.columns, e.tile);
  e.isFast = !op.getFast().empty();
  return e;
}

/// Tiles of one block of filters load a value per multiply-add, as much as a
/// core can; those of two or three load it for all of these.
static int64_t chooseFilterRun(int64_t filterBlocks) {
  for (int64_t run : {2, 3})
    if (filterBlocks % run == 0)
      return run;
  return 1;
}

/// Estimated cycles of the products of a whole image with groups of `rows` tile
/// rows: two multiply-adds and two loads per cycle, 28 accumulators. Filters
/// are read once per group, ahead of their use; transformed tiles are written,
/// and read once per run of filters.
static double estimateCycles(const WinogradExtents &e, int64_t filterRun,
                             int64_t rows, const MemoryFigures &memory) {
  // What starts and ends a register tile; how much does not hide behind what
  // takes longest.
  constexpr double kTileCycles = 20, kShown = 0.3;
  double groups = e.tileRows / rows, points = e.points * e.points;
  double runs = e.filterBlocks / filterRun;
  int64_t tiles = rows * e.tileColumns;
  int64_t steps = llvm::divideCeil(tiles, 28 / filterRun);
  int64_t tileRows = llvm::divideCeil(tiles, steps);
  double perStep =
      std::max({tileRows * filterRun, tileRows + filterRun, int64_t(8)});
  if (e.isFast)
    perStep *= 0.8;
  double channels = e.channelBlocks * e.channels;
  double products =
      groups * points * runs * steps * (channels * perStep / 2 + kTileCycles);
  double planes = winogradPlanes(e.tile) * winogradPlanes(e.tile);
  double filterBytes = 4 * planes * channels * e.filterBlocks * e.filters;
  double tileBytes = 4 * points * channels * tiles;
  auto bytesPerCycle = [&](double bytes, double l3Bytes) {
    return bytes < 0.6 * memory.l2Bytes ? memory.l2Rate
           : bytes < l3Bytes            ? memory.l3Rate
                                        : memory.farRate;
  };
  double reading =
      groups * filterBytes / bytesPerCycle(filterBytes, memory.l3Bytes);
  // Tiles share the caches with all else, and filters that pass through.
  double tileCycles = groups * (runs + 2) * tileBytes /
                      bytesPerCycle(tileBytes, memory.l3Bytes / 4);
  return std::max(products, reading) +
         kShown * (std::min(products, reading) + tileCycles);
}

WinogradCut cameo::chooseWinogradCut(const WinogradExtents &e, int64_t threads,
                                     const MemoryFigures &memory,
                                     int64_t group) {
  // Groups that are too few give way to phases of the whole image, between
  // which threads wait for each other.
  constexpr double kPhases = 1.05;
  WinogradCut cut;
  cut.filterRun = chooseFilterRun(e.filterBlocks);
  auto tasksOf = [&](int64_t units) {
    return std::min<int64_t>(units, threads == 1 ? 1 : 2 * threads);
  };
  auto unitsOf = [&](int64_t rows) { return e.images * (e.tileRows / rows); };
  auto isShared = [&](int64_t units) {
    return units >= 2 * threads || units % threads == 0;
  };
  double best = std::numeric_limits<double>::max();
  for (int64_t rows = 1; rows <= e.tileRows; ++rows) {
    bool inPhases = rows == e.tileRows && !isShared(unitsOf(rows));
    if (e.tileRows % rows != 0 || (group && rows != group) ||
        (!group && !inPhases && !isShared(unitsOf(rows))))
      continue;
    double cycles = estimateCycles(e, cut.filterRun, rows, memory) *
                    (inPhases ? kPhases : 1);
    if (cycles > best)
      continue;
    best = cycles;
    cut.groupRows = rows;
    cut.inPhases = inPhases;
  }
  cut.tasks = tasksOf(unitsOf(cut.groupRows));
  if (!cut.inPhases)
    return cut;
  if (e.images * e.filterBlocks < threads * cut.filterRun)
    cut.filterRun = 1;
  cut.tasks = tasksOf(e.images * e.channelBlocks);
  cut.laterTasks = tasksOf(e.images * (e.filterBlocks / cut.filterRun));
  return cut;
}
