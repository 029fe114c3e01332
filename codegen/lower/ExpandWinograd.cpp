//===- ExpandWinograd.cpp - Loops over Winograd tiles ---------------------===//
//
// A group of tile rows at a time, so that what is in between stays in cache:
// input transform of all channels, then for every run of blocks of filters one
// matrix product per point, and the output transform together with what follows
// the convolution.
//
//===----------------------------------------------------------------------===//

#include "codegen/lower/LoopSchedule.h"
#include "codegen/lower/Passes.h"
#include "codegen/lower/TileBuilder.h"
#include "codegen/lower/WinogradCut.h"
#include "codegen/lower/WinogradOutputs.h"
#include "codegen/lower/WinogradPairs.h"
#include "codegen/lower/WinogradTransform.h"
#include "dialects/cameo/LinalgBuilders.h"

#include "mlir/Dialect/Linalg/Utils/Utils.h"

using namespace mlir;

namespace cameo {
#define GEN_PASS_DEF_EXPANDWINOGRAD
#include "codegen/lower/Passes.h.inc"
} // namespace cameo

using namespace cameo;

namespace {
struct ExpandWinogradPass
    : cameo::impl::ExpandWinogradBase<ExpandWinogradPass> {
  using ExpandWinogradBase::ExpandWinogradBase;
  void runOnOperation() override;
};

class Expander : TileBuilder {
public:
  Expander(RewriterBase &rewriter, WinogradTilesOp op,
           const WinogradExtents &extents, const WinogradCut &cut)
      : TileBuilder(rewriter, op), op(op), e(extents), cut(cut),
        matrices(getWinogradMatrices(extents.tile, extents.stride)),
        outputs(rewriter, op, extents, cut.groupRows) {}

  void expand();

private:
  int64_t getTiles() const { return cut.groupRows * e.tileColumns; }
  Value splitTiles(Value buffer);
  void makeScratch();
  void emitGroups();
  void emitPhases();
  void emitStrip(Value image, Value group, Value block, Value place,
                 Value strip);
  void emitRow(Value from, Value factor, Value to);
  void emitSquares(Value image, Value group, Value place);
  void emitSums(Value place);
  void emitInputTransform(Value strip, Value target);
  void emitInputs(Value image, Value group, Value block, Value task,
                  Value place);
  void emitFilters(Value image, Value group, Value run, Value task,
                   Value place);
  Value splitPoints(Value buffer, int64_t dimension, int64_t count);
  void emitProducts(Value block, Value transformed, Value products,
                    Value place);
  void emitDirect(Value filters, Value transformed, Value products);
  void emitRangeProducts(const WinogradRange &rows,
                         const WinogradRange &columns, Value filters,
                         Value transformed, Value products);

  WinogradTilesOp op;
  const WinogradExtents e;
  const WinogradCut cut;
  WinogradMatrices matrices;
  WinogradOutputs outputs;
  std::optional<WinogradPairs> pairs;  // Of fast inner products.
  Value strips, transformed, products; // Scratch: see makeScratch.
};
} // namespace

//===----------------------------------------------------------------------===//
// Small tools
//===----------------------------------------------------------------------===//

/// points x tiles x lanes as points x tile rows x tile columns x lanes.
Value Expander::splitTiles(Value buffer) {
  SmallVector<ReassociationIndices> split = {{0}, {1, 2}, {3}};
  auto type = cast<MemRefType>(buffer.getType());
  return memref::ExpandShapeOp::create(
      b, loc,
      ArrayRef<int64_t>{type.getDimSize(0), cut.groupRows, e.tileColumns,
                        type.getDimSize(2)},
      buffer, split);
}

/// Per task: a strip of zero-padded rows of one block of channels, and the
/// products of one block of filters; per task or image: the transformed tiles.
void Expander::makeScratch() {
  int64_t tasks = std::max(cut.tasks, cut.laterTasks);
  int64_t tiles = getTiles(), points = e.points * e.points;
  strips = addScratch({tasks, (cut.groupRows - 1) * e.step + e.points,
                       (e.tileColumns - 1) * e.step + e.points, e.channels});
  transformed = addSpacedScratch({cut.inPhases ? e.images : tasks, points},
                                 {e.channelBlocks, tiles, e.channels});
  products = addScratch({tasks, cut.filterRun, points, tiles, e.filters});
  if (e.isFast)
    pairs.emplace(b, op, e, cut.inPhases ? e.images : tasks, tiles);
}

//===----------------------------------------------------------------------===//
// Input transform
//===----------------------------------------------------------------------===//

/// Fills `strip` with the rows of a group in one block of channels, scaled for
/// fast inner products.
void Expander::emitStrip(Value image, Value group, Value block, Value place,
                         Value strip) {
  auto type = cast<MemRefType>(strip.getType());
  int64_t height = type.getDimSize(0), width = type.getDimSize(1);
  int64_t top = op.getPads()[0], left = op.getPads()[1];
  int64_t inside = std::min(e.width, width - left);
  Value nothing = zero();
  Value factor =
      pairs ? pairs->buildScaleOrOne(place, /*isInverse=*/true) : Value();
  auto fill = [&](OpFoldResult row, int64_t column, int64_t count) {
    if (count > 0)
      linalg::FillOp::create(b, loc, nothing,
                             slice(strip, {row, index(column), index(0)},
                                   {1, count, e.channels}, {0}));
  };
  forLoop(constant(0), constant(height), [&](Value row) {
    Value from =
        apply(dim(0) * (cut.groupRows * e.step) + dim(1) - top, {group, row});
    ifElse(
        isInside(from, e.height),
        [&] {
          fill(row, 0, left);
          emitRow(slice(op.getX(), {image, block, from, index(0), index(0)},
                        {1, 1, 1, inside, e.channels}, {0, 1, 2}),
                  factor,
                  slice(strip, {row, index(left), index(0)},
                        {1, inside, e.channels}, {0}));
          fill(row, left + inside, width - left - inside);
        },
        [&] { fill(row, 0, width); });
  });
}

/// to[w, c] = from[w, c], times the factor and the channel's sign where there
/// is one.
void Expander::emitRow(Value from, Value factor, Value to) {
  if (!factor) {
    linalg::makeMemRefCopyOp(b, loc, from, to);
    return;
  }
  generic({from, factor, pairs->getSigns()}, to,
          {map(2, {dim(0), dim(1)}), map(2, {}), map(2, {dim(1)}),
           map(2, {dim(0), dim(1)})},
          {utils::IteratorType::parallel, utils::IteratorType::parallel},
          [&](OpBuilder &builder, ValueRange args) -> Value {
            Value signedFactor =
                arith::MulFOp::create(builder, loc, args[1], args[2]);
            return arith::MulFOp::create(builder, loc, args[0], signedFactor);
          });
}

/// target[p, ty, tx, c] = (B^T d B)[p] of the tile d at (ty, tx) of the strip.
void Expander::emitInputTransform(Value strip, Value target) {
  MLIRContext *context = b.getContext();
  SmallVector<Value> inputs, outputs;
  SmallVector<AffineMap> maps;
  for (int64_t row = 0; row < e.points; ++row)
    for (int64_t column = 0; column < e.points; ++column) {
      inputs.push_back(strip);
      maps.push_back(AffineMap::get(
          3, 0, {dim(0) * e.step + row, dim(1) * e.step + column, dim(2)},
          context));
    }
  for (int64_t point = 0; point < e.points * e.points; ++point) {
    outputs.push_back(target);
    maps.push_back(pointMap(b, point));
  }
  SmallVector<utils::IteratorType> loops(3, utils::IteratorType::parallel);
  linalg::GenericOp::create(b, loc, TypeRange(), inputs, outputs, maps, loops,
                            [&](OpBuilder &builder, Location, ValueRange args) {
                              ScalarTile result = buildTileTransform(
                                  builder, loc, matrices.input,
                                  tileOf(args, e.points), e.points, e.points);
                              SmallVector<Value> yielded;
                              for (const auto &row : result)
                                llvm::append_range(yielded, row);
                              linalg::YieldOp::create(builder, loc, yielded);
                            });
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

/// The dimension of points as two of `count`.
Value Expander::splitPoints(Value buffer, int64_t dimension, int64_t count) {
  SmallVector<int64_t> split(cast<MemRefType>(buffer.getType()).getShape());
  SmallVector<ReassociationIndices> groups;
  for (int64_t i = 0, end = split.size(); i < end; ++i)
    groups.push_back({i + (i > dimension)});
  groups[dimension].push_back(dimension + 1);
  split[dimension] = count;
  split.insert(split.begin() + dimension, count);
  return memref::ExpandShapeOp::create(b, loc, split, buffer, groups);
}

void Expander::emitProducts(Value block, Value transformed, Value products,
                            Value place) {
  auto uType = cast<MemRefType>(op.getU().getType());
  SmallVector<OpFoldResult> offsets(5, index(0));
  offsets[0] = block;
  SmallVector<int64_t> sizes(uType.getShape());
  sizes[0] = cut.filterRun;
  Value filters = slice(op.getU(), offsets, sizes, {});
  if (!pairs)
    return emitDirect(filters, transformed, products);
  ifElse(
      pairs->buildHasScale(place),
      [&] {
        pairs->emitProducts(block, transformed, filters, products, place);
      },
      [&] { emitDirect(filters, transformed, products); });
}

void Expander::emitDirect(Value filters, Value transformed, Value products) {
  transformed = splitPoints(transformed, 0, e.points);
  products = splitPoints(products, 1, e.points);
  filters = splitPoints(filters, 1, winogradPlanes(e.tile));
  SmallVector<WinogradRange> ranges = getWinogradRanges(e.tile, e.stride);
  for (const WinogradRange &rows : ranges)
    for (const WinogradRange &columns : ranges)
      emitRangeProducts(rows, columns, filters, transformed, products);
}

/// For the points i, j of two ranges
/// products[fb, i, j, t, f] =
///     sum over cb, c of transformed[i, j, cb, t, c] * u[fb, i, j, cb, c, f],
/// where a plane of u that is shared is read at 0.
void Expander::emitRangeProducts(const WinogradRange &rows,
                                 const WinogradRange &columns, Value filters,
                                 Value transformed, Value products) {
  auto pointsOf = [&](Value buffer, int64_t dimension, int64_t row,
                      int64_t rowCount, int64_t column, int64_t columnCount) {
    SmallVector<int64_t> sizes(cast<MemRefType>(buffer.getType()).getShape());
    SmallVector<OpFoldResult> offsets(sizes.size(), index(0));
    offsets[dimension] = index(row);
    offsets[dimension + 1] = index(column);
    sizes[dimension] = rowCount;
    sizes[dimension + 1] = columnCount;
    return slice(buffer, offsets, sizes, {});
  };
  auto tilesOf = [&](Value buffer, int64_t dimension) {
    return pointsOf(buffer, dimension, rows.point, rows.count, columns.point,
                    columns.count);
  };
  Value planes = pointsOf(filters, 1, rows.plane, rows.shared ? 1 : rows.count,
                          columns.plane, columns.shared ? 1 : columns.count);
  Value sums = tilesOf(products, 1);
  linalg::FillOp::create(b, loc, zero(), sums);
  AffineExpr i, j, fb, t, f, cb, c, first = b.getAffineConstantExpr(0);
  bindDims(b.getContext(), i, j, fb, t, f, cb, c);
  AffineExpr planeRow = rows.shared ? first : i,
             planeColumn = columns.shared ? first : j;
  SmallVector<utils::IteratorType> loops(5, utils::IteratorType::parallel);
  loops.append(2, utils::IteratorType::reduction);
  generic({tilesOf(transformed, 0), planes}, sums,
          {map(7, {i, j, cb, t, c}),
           map(7, {fb, planeRow, planeColumn, cb, c, f}),
           map(7, {fb, i, j, t, f})},
          loops, [&](OpBuilder &builder, ValueRange args) {
            return buildMultiplyAdd(builder, loc, args[0], args[1], args[2]);
          });
}

//===----------------------------------------------------------------------===//
// Everything
//===----------------------------------------------------------------------===//

/// What the scale of a group comes from.
void Expander::emitSquares(Value image, Value group, Value place) {
  if (!pairs)
    return;
  AffineExpr first = dim(0) * (cut.groupRows * e.step) - op.getPads()[0];
  pairs->emitSquares(image, apply(first, {group}),
                     cast<MemRefType>(strips.getType()).getDimSize(1), place);
}

/// The sums over pairs of channels of the transformed tiles at `place`.
void Expander::emitSums(Value place) {
  OpFoldResult zero = index(0);
  if (pairs)
    pairs->emitSums(
        slice(transformed, {place, zero, zero, zero, zero},
              {1, e.points * e.points, e.channelBlocks, getTiles(), e.channels},
              {0}),
        place);
}

/// One block of channels of a group: its strip, then its points at `place` of
/// the transformed tiles.
void Expander::emitInputs(Value image, Value group, Value block, Value task,
                          Value place) {
  OpFoldResult zero = index(0);
  SmallVector<int64_t> sizes(cast<MemRefType>(strips.getType()).getShape());
  sizes[0] = 1;
  Value strip = slice(strips, {task, zero, zero, zero}, sizes, {0});
  emitStrip(image, group, block, place, strip);
  Value target =
      slice(transformed, {place, zero, block, zero, zero},
            {1, e.points * e.points, 1, getTiles(), e.channels}, {0, 2});
  emitInputTransform(strip, splitTiles(target));
}

/// A run of blocks of filters of a group, of the transformed tiles at `place`.
void Expander::emitFilters(Value image, Value group, Value run, Value task,
                           Value place) {
  int64_t points = e.points * e.points;
  OpFoldResult zero = index(0);
  Value inputs =
      slice(transformed, {place, zero, zero, zero, zero},
            {1, points, e.channelBlocks, getTiles(), e.channels}, {0});
  Value product = slice(products, {task, zero, zero, zero, zero},
                        {1, cut.filterRun, points, getTiles(), e.filters}, {0});
  Value first = apply(dim(0) * cut.filterRun, {run});
  emitProducts(first, inputs, product, place);
  Value scale =
      pairs ? pairs->buildScaleOrOne(place, /*isInverse=*/false) : Value();
  forLoop(constant(0), constant(cut.filterRun), [&](Value i) {
    Value ofBlock = slice(product, {i, zero, zero, zero},
                          {1, points, getTiles(), e.filters}, {0});
    outputs.emit(image, group, apply(dim(0) + dim(1), {first, i}),
                 splitTiles(ofBlock), scale);
  });
}

/// Groups of tile rows, one after the other or side by side.
void Expander::emitGroups() {
  int64_t groups = e.tileRows / cut.groupRows;
  forUnits(e.images * groups, cut.tasks, [&](Value unit, Value task) {
    Value image = apply(dim(0).floorDiv(groups), {unit});
    Value group = apply(dim(0) % groups, {unit});
    emitSquares(image, group, task);
    forLoop(constant(0), constant(e.channelBlocks),
            [&](Value block) { emitInputs(image, group, block, task, task); });
    emitSums(task);
    forLoop(constant(0), constant(e.filterBlocks / cut.filterRun),
            [&](Value run) { emitFilters(image, group, run, task, task); });
  });
}

/// Blocks of channels side by side, then blocks of filters; what all of them
/// need of an image in between.
void Expander::emitPhases() {
  Value whole = constant(0);
  auto perImage = [&](auto emit) {
    if (pairs)
      forUnits(e.images, std::min(e.images, cut.tasks),
               [&](Value image, Value) { emit(image); });
  };
  perImage([&](Value image) { emitSquares(image, whole, image); });
  forUnits(e.images * e.channelBlocks, cut.tasks, [&](Value unit, Value task) {
    Value image = apply(dim(0).floorDiv(e.channelBlocks), {unit});
    Value block = apply(dim(0) % e.channelBlocks, {unit});
    emitInputs(image, whole, block, task, image);
  });
  perImage([&](Value image) { emitSums(image); });
  int64_t runs = e.filterBlocks / cut.filterRun;
  forUnits(e.images * runs, cut.laterTasks, [&](Value unit, Value task) {
    Value image = apply(dim(0).floorDiv(runs), {unit});
    Value run = apply(dim(0) % runs, {unit});
    emitFilters(image, whole, run, task, image);
  });
}

void Expander::expand() {
  b.setInsertionPoint(outputs.getLast());
  makeScratch();
  if (cut.inPhases)
    emitPhases();
  else
    emitGroups();
  outputs.finish();
}

void ExpandWinogradPass::runOnOperation() {
  func::FuncOp function = getOperation();
  if (!isKernel(function))
    return;
  MemoryFigures memory;
  memory.l2Bytes = l2Bytes;
  memory.l3Bytes = l3Bytes;
  memory.l2Rate = l2Rate;
  memory.l3Rate = l3Rate;
  memory.farRate = farRate;
  SmallVector<WinogradTilesOp> ops;
  function.walk([&](WinogradTilesOp op) { ops.push_back(op); });
  IRRewriter rewriter(&getContext());
  for (WinogradTilesOp op : ops) {
    WinogradExtents extents = getWinogradExtents(op);
    int64_t group = getScheduleGroup(function);
    if (group < 0 || (group && extents.tileRows % group != 0)) {
      op.emitError("schedule: groups of ")
          << group << " rows of tiles do not make up " << extents.tileRows;
      return signalPassFailure();
    }
    WinogradCut cut = chooseWinogradCut(extents, threads, memory, group);
    setScheduleGroup(function, cut.groupRows);
    Expander(rewriter, op, extents, cut).expand();
    ++numExpanded;
  }
}
