//===- ExpandWinograd.cpp - Loops over Winograd tiles ---------------------===//
//
// A group of tile rows at a time, so that what is in between stays in cache:
// input transform of all channels, then for every run of blocks of filters one
// matrix product per point, and the output transform together with what follows
// the convolution. Or, where there is one group, whole images in phases: input
// transforms, one point after the other, output transforms. With step two runs
// of filters are the second phase, and the last.
//
//===----------------------------------------------------------------------===//

#include "codegen/lower/LoopSchedule.h"
#include "codegen/lower/Passes.h"
#include "codegen/lower/TileBuilder.h"
#include "codegen/lower/WinogradCut.h"
#include "codegen/lower/WinogradOutputs.h"
#include "codegen/lower/WinogradPairs.h"
#include "codegen/lower/WinogradProducts.h"
#include "codegen/lower/WinogradTransform.h"

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
  int64_t getStripRows() const;
  void emitSquares(Value image, Value group,
                   const WinogradPairs::Blocks &blocks, Value place);
  void emitInputTransform(Value strip, Value target);
  void emitInputs(Value image, Value group, Value block, Value task,
                  Value place);
  void emitRun(Value image, Value group, Value run, Value place, Value task);
  void emitResults(Value image, Value group, Value block, Value place,
                   Value task, Value i);

  WinogradTilesOp op;
  const WinogradExtents e;
  const WinogradCut cut;
  WinogradMatrices matrices;
  WinogradOutputs outputs;
  std::optional<WinogradPairs> pairs; // Of fast inner products.
  std::optional<WinogradProducts> products;
  Value strips, transformed, sums; // Scratch: see makeScratch.
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

/// Per task: a strip of zero-padded rows of one block of channels. Per task or,
/// in phases, per image: the transformed tiles, and the products of a run of
/// blocks of filters or of all.
void Expander::makeScratch() {
  int64_t tiles = getTiles(), points = e.points * e.points;
  int64_t places = cut.inPhases ? e.images : cut.tasks;
  strips = addScratch({cut.tasks, getStripRows(),
                       (e.tileColumns - 1) * e.step + e.points, e.channels});
  transformed =
      addSpacedScratch({places, points}, {e.channelBlocks, tiles, e.channels});
  sums = addSpacedScratch(
      {cut.byPoint ? e.images : cut.tasks, cut.filterRun, points},
      {tiles, e.filters});
  if (e.isFast)
    pairs.emplace(b, op, e, places, cut.tasks,
                  cut.byPoint ? tiles : points * tiles);
  products.emplace(b, op, e, transformed, pairs ? &*pairs : nullptr);
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
// Everything
//===----------------------------------------------------------------------===//

/// Rows of a strip.
int64_t Expander::getStripRows() const {
  return (cut.groupRows - 1) * e.step + e.points;
}

/// What the scale of a group comes from, in blocks of channels.
void Expander::emitSquares(Value image, Value group,
                           const WinogradPairs::Blocks &blocks, Value place) {
  AffineExpr first = dim(0) * (cut.groupRows * e.step) - op.getPads()[0];
  pairs->emitSquares(image, {apply(first, {group}), getStripRows()}, blocks,
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

/// The results of `block`, which is block i of the sums of `task`; its inputs
/// have the scale of `place`.
void Expander::emitResults(Value image, Value group, Value block, Value place,
                           Value task, Value i) {
  OpFoldResult zero = index(0);
  Value scale =
      pairs ? pairs->buildScaleOrOne(place, /*isInverse=*/false) : Value();
  Value ofBlock =
      slice(sums, {task, i, zero, zero, zero},
            {1, 1, e.points * e.points, getTiles(), e.filters}, {0, 1});
  outputs.emit(image, group, block, splitTiles(ofBlock), scale);
}

/// Groups of tile rows, one after the other or side by side, with runs of
/// filters.
void Expander::emitGroups() {
  int64_t groups = e.tileRows / cut.groupRows;
  forUnits(e.images * groups, cut.tasks, [&](Value unit, Value task) {
    Value image = apply(dim(0).floorDiv(groups), {unit});
    Value group = apply(dim(0) % groups, {unit});
    if (pairs) {
      emitSquares(image, group, {index(0), e.channelBlocks}, task);
      pairs->emitTotal(getStripRows(), task);
    }
    forLoop(constant(0), constant(e.channelBlocks),
            [&](Value block) { emitInputs(image, group, block, task, task); });
    products->emitSums(task);
    forLoop(constant(0), constant(e.filterBlocks / cut.filterRun),
            [&](Value run) { emitRun(image, group, run, task, task); });
  });
}

/// A run of blocks of filters of the tiles at `place`.
void Expander::emitRun(Value image, Value group, Value run, Value place,
                       Value task) {
  Value first = apply(dim(0) * cut.filterRun, {run});
  products->emitRun(place, task, first, cut.filterRun, sums);
  forLoop(constant(0), constant(cut.filterRun), [&](Value i) {
    emitResults(image, group, apply(dim(0) + dim(1), {first, i}), place, task,
                i);
  });
}

/// Blocks of channels side by side, then points and then blocks of filters, or
/// runs of these.
void Expander::emitPhases() {
  Value whole = constant(0);
  auto perBlock = [&](int64_t blocks, auto emit) {
    int64_t units = e.images * blocks;
    forUnits(units, std::min(units, cut.tasks), [&](Value unit, Value task) {
      emit(apply(dim(0).floorDiv(blocks), {unit}),
           apply(dim(0) % blocks, {unit}), task);
    });
  };
  if (pairs) {
    perBlock(e.channelBlocks, [&](Value image, Value block, Value) {
      emitSquares(image, whole, {block, 1}, image);
    });
    forUnits(e.images, std::min(e.images, cut.tasks), [&](Value image, Value) {
      pairs->emitTotal(getStripRows(), image);
    });
  }
  perBlock(e.channelBlocks, [&](Value image, Value block, Value task) {
    emitInputs(image, whole, block, task, image);
  });
  if (!cut.byPoint)
    return perBlock(e.filterBlocks / cut.filterRun,
                    [&](Value image, Value run, Value task) {
                      emitRun(image, whole, run, image, task);
                    });
  products->emitAll(cut.tasks, sums);
  perBlock(e.filterBlocks, [&](Value image, Value block, Value) {
    emitResults(image, whole, block, image, image, block);
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
