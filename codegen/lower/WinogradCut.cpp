//===- WinogradCut.cpp - How minimal filtering is cut ---------------------===//

#include "codegen/lower/WinogradCut.h"
#include "dialects/cameo/FastProduct.h"
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

/// What comes and goes through the caches, in cycles.
static double estimateTraffic(const WinogradExtents &e, const WinogradCut &cut,
                              const MemoryFigures &memory) {
  double groups = e.tileRows / cut.groupRows, points = e.points * e.points;
  double tiles = cut.groupRows * e.tileColumns;
  double tileBytes = 4 * points * e.channelBlocks * e.channels * tiles;
  double sumBytes = 4 * points * e.filterBlocks * e.filters * tiles;
  // Both share the caches with all else, and filters that pass through.
  auto cyclesOf = [&](double bytes) {
    double rate = bytes < 0.6 * memory.l2Bytes   ? memory.l2Rate
                  : bytes < memory.l3Bytes / 4.0 ? memory.l3Rate
                                                 : memory.farRate;
    return bytes / rate;
  };
  if (cut.byPoint)
    return 2 * (cyclesOf(tileBytes) + cyclesOf(sumBytes));
  double runs = e.filterBlocks / cut.filterRun;
  return groups * (runs + 2) * cyclesOf(tileBytes);
}

/// Estimated cycles of a whole image: two multiply-adds and two loads per
/// cycle, 28 accumulators. Filters are read once per group, requested while
/// what is before them is computed. In groups, transformed tiles are written,
/// and read once per run of filters; in phases, they and their products are
/// written and read once.
static double estimateCycles(const WinogradExtents &e, const WinogradCut &cut,
                             const MemoryFigures &memory) {
  // What starts and ends a register tile; how much does not hide behind what
  // takes longest.
  constexpr double kTileCycles = 60, kShown = 0.1;
  double groups = e.tileRows / cut.groupRows, points = e.points * e.points;
  int64_t pair = chooseFilterRun(e.filterBlocks);
  int64_t tiles = cut.groupRows * e.tileColumns;
  int64_t steps = llvm::divideCeil(tiles, 28 / pair);
  double tileRows = llvm::divideCeil(tiles, steps);
  // Filters come from the second cache, 16 bytes per cycle beside all else.
  double perStep = std::max<double>(
      {(e.isFast ? kPairCost : 1) * tileRows * pair, tileRows + pair, 16.0});
  double channels = e.channelBlocks * e.channels;
  double products = groups * points * (e.filterBlocks / pair) * steps *
                    (channels * perStep / 2 + kTileCycles);
  double planes = winogradPlanes(e.tile) * winogradPlanes(e.tile);
  double filterBytes = 4 * planes * channels * e.filterBlocks * e.filters;
  double rate = filterBytes < 0.6 * memory.l2Bytes ? memory.l2Rate
                : filterBytes < memory.l3Bytes     ? memory.l3Rate
                                                   : memory.farRate;
  double reading = groups * filterBytes / rate;
  return std::max(products, reading) + kShown * std::min(products, reading) +
         estimateTraffic(e, cut, memory);
}

WinogradCut cameo::chooseWinogradCut(const WinogradExtents &e, int64_t threads,
                                     const MemoryFigures &memory,
                                     int64_t group) {
  // Threads wait for each other between phases.
  constexpr double kPhases = 1.05;
  auto cutWith = [&](int64_t rows) {
    WinogradCut cut;
    cut.groupRows = rows;
    cut.inPhases = rows == e.tileRows;
    // With step two there are more than twice the points per result, whose
    // products are not worth sending through memory.
    cut.byPoint = cut.inPhases && e.stride == 1;
    cut.filterRun = chooseFilterRun(e.filterBlocks);
    if (cut.byPoint)
      cut.filterRun = e.filterBlocks;
    else if (cut.inPhases &&
             e.images * e.filterBlocks < threads * cut.filterRun)
      cut.filterRun = 1;
    int64_t tasks = threads == 1 ? 1 : 2 * threads;
    cut.tasks =
        cut.inPhases ? tasks : std::min(tasks, e.images * (e.tileRows / rows));
    return cut;
  };
  // How much longer the thread with most units takes than all do on average.
  auto unevenness = [&](const WinogradCut &cut) {
    int64_t units = e.images * (e.tileRows / cut.groupRows);
    return double(llvm::alignTo(units, threads)) / units;
  };
  WinogradCut best = cutWith(group ? group : e.tileRows);
  double least = std::numeric_limits<double>::max();
  for (int64_t rows = 1; !group && rows <= e.tileRows; ++rows) {
    WinogradCut cut = cutWith(rows);
    if (e.tileRows % rows != 0)
      continue;
    double waiting = !cut.inPhases ? unevenness(cut)
                     : threads > 1 ? kPhases
                                   : 1;
    double cycles = waiting * estimateCycles(e, cut, memory);
    if (cycles > least)
      continue;
    least = cycles;
    best = cut;
  }
  return best;
}
