//===- ExpandWinograd.cpp - Loops over Winograd tiles ---------------------===//
//
// A group of tile rows at a time, so that what is in between stays in cache:
// input transform of all channels, then for every block of filters one matrix
// product per point, and the output transform together with what follows the
// convolution element by element.
//
//===----------------------------------------------------------------------===//

#include "codegen/lower/LoopSchedule.h"
#include "codegen/lower/Passes.h"
#include "codegen/lower/TileBuilder.h"
#include "codegen/lower/WinogradCut.h"
#include "codegen/lower/WinogradEpilogue.h"
#include "codegen/lower/WinogradPairs.h"
#include "codegen/lower/WinogradTransform.h"

#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;

namespace cameo {
#define GEN_PASS_DEF_EXPANDWINOGRAD
#include "codegen/lower/Passes.h.inc"
} // namespace cameo

using namespace cameo;

namespace {
/// Tile rows and columns [0, count) from `first` on, of which the results'
/// first `kept` rows or columns are inside of the result.
struct Segment {
  int64_t first, count, kept;
};

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
        matrices(getWinogradMatrices(extents.tile, extents.stride)) {}

  void expand();

private:
  /// (ty, tx, lane) -> (point, ty, tx, lane)
  AffineMap pointMap(int64_t point) {
    return AffineMap::get(
        3, 0, {b.getAffineConstantExpr(point), dim(0), dim(1), dim(2)},
        b.getContext());
  }
  /// The first arguments of a body, which are the points of a tile.
  ScalarTile tileOf(ValueRange args) const {
    ScalarTile tile;
    for (int64_t row = 0; row < e.points; ++row)
      tile.emplace_back(args.slice(row * e.points, e.points));
    return tile;
  }
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
  void emitOutputs(Value image, Value group, Value block, Value products);
  void emitSegments(Value image, Value group, Value block, Value products,
                    bool last);
  struct Box {
    SmallVector<OpFoldResult> offsets;
    SmallVector<int64_t> sizes;
  };
  Box boxOf(ArrayRef<OpFoldResult> place, const Segment &rows,
            const Segment &columns, int64_t window);
  SmallVector<WinogradMember> cutMembers(ArrayRef<OpFoldResult> place,
                                         const Segment &rows,
                                         const Segment &columns);
  AffineMap elementMap(WinogradMember &member, int64_t i, int64_t j);
  void emitOutputTransform(ArrayRef<OpFoldResult> place, Value products,
                           const Segment &rows, const Segment &columns);

  WinogradTilesOp op;
  const WinogradExtents e;
  const WinogradCut cut;
  WinogradMatrices matrices;
  SmallVector<linalg::LinalgOp> epilogue;
  std::optional<WinogradPool> pool;   // Comes after it.
  std::optional<WinogradPairs> pairs; // Of fast inner products.
  Value scale; // What results are multiplied with; null: nothing.
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
  transformed = addScratch({cut.inPhases ? e.images : tasks, points,
                            e.channelBlocks, tiles, e.channels});
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
    // One unsigned comparison checks both ends.
    Value isInside = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult,
                                           from, constant(e.height));
    ifElse(
        isInside,
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
    maps.push_back(pointMap(point));
  }
  SmallVector<utils::IteratorType> loops(3, utils::IteratorType::parallel);
  linalg::GenericOp::create(b, loc, TypeRange(), inputs, outputs, maps, loops,
                            [&](OpBuilder &builder, Location, ValueRange args) {
                              ScalarTile result = buildTileTransform(
                                  builder, loc, matrices.input, tileOf(args),
                                  e.points, e.points);
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
  auto map = [&](ArrayRef<AffineExpr> exprs) {
    return AffineMap::get(7, 0, exprs, b.getContext());
  };
  AffineMap planeMap =
      map({fb, rows.shared ? first : i, columns.shared ? first : j, cb, c, f});
  SmallVector<utils::IteratorType> loops(5, utils::IteratorType::parallel);
  loops.append(2, utils::IteratorType::reduction);
  linalg::GenericOp::create(
      b, loc, TypeRange(), ValueRange{tilesOf(transformed, 0), planes},
      ValueRange{sums},
      ArrayRef{map({i, j, cb, t, c}), planeMap, map({fb, i, j, t, f})}, loops,
      [&](OpBuilder &builder, Location, ValueRange args) {
        Value product = arith::MulFOp::create(builder, loc, args[0], args[1]);
        Value sum = arith::AddFOp::create(builder, loc, args[2], product);
        linalg::YieldOp::create(builder, loc, sum);
      });
}

//===----------------------------------------------------------------------===//
// Output transform
//===----------------------------------------------------------------------===//

/// The box of the result that tiles of two segments make, in squares of
/// `window`. `place` is the image, the block of filters and the first row.
Expander::Box Expander::boxOf(ArrayRef<OpFoldResult> place, const Segment &rows,
                              const Segment &columns, int64_t window) {
  AffineExpr firstRow = (dim(0) + rows.first * e.tile).floorDiv(window);
  return {{place[0], place[1],
           affine::makeComposedFoldedAffineApply(b, loc, firstRow, {place[2]}),
           index(columns.first * e.tile / window), index(0)},
          {1, 1, ((rows.count - 1) * e.tile + rows.kept) / window,
           ((columns.count - 1) * e.tile + columns.kept) / window, e.filters}};
}

/// The operations that follow, for tiles of two segments.
SmallVector<WinogradMember> Expander::cutMembers(ArrayRef<OpFoldResult> place,
                                                 const Segment &rows,
                                                 const Segment &columns) {
  SmallVector<WinogradMember> members;
  Box box = boxOf(place, rows, columns, 1);
  for (linalg::LinalgOp member : epilogue)
    members.emplace_back(tileEpilogue(member, box.offsets, box.sizes), nullptr);
  if (!pool)
    return members;
  box = boxOf(place, rows, columns, WinogradPool::kWindow);
  SmallVector<OpFoldResult> offsets(pool->loops.size(), index(0));
  SmallVector<int64_t> sizes(pool->loops.size(), WinogradPool::kWindow);
  for (auto [loop, offset, size] :
       llvm::zip(pool->loops, box.offsets, box.sizes)) {
    offsets[loop] = offset;
    sizes[loop] = size;
  }
  linalg::LinalgOp cut = tileEpilogue(pool->op, offsets, sizes);
  members.emplace_back(cut, &cut->getOpOperand(pool->read->getOperandNumber()));
  return members;
}

/// The loops of `member` for (ty, tx, lane) and result (i, j) of a tile.
AffineMap Expander::elementMap(WinogradMember &member, int64_t i, int64_t j) {
  AffineExpr first = b.getAffineConstantExpr(0);
  if (!member.isReduction())
    return AffineMap::get(
        3, 0, {first, first, dim(0) * e.tile + i, dim(1) * e.tile + j, dim(2)},
        b.getContext());
  constexpr int64_t kWindow = WinogradPool::kWindow;
  int64_t step = e.tile / kWindow;
  SmallVector<AffineExpr> exprs(pool->loops.size(), first);
  AffineExpr ofLoops[] = {first,
                          first,
                          dim(0) * step + i / kWindow,
                          dim(1) * step + j / kWindow,
                          dim(2),
                          b.getAffineConstantExpr(i % kWindow),
                          b.getAffineConstantExpr(j % kWindow)};
  for (auto [loop, expr] : llvm::zip_equal(pool->loops, ofLoops))
    exprs[loop] = expr;
  return AffineMap::get(3, 0, exprs, b.getContext());
}

/// y[m ty + i, m tx + j, f] = epilogue((A^T M A)[i, j]) of the products M of
/// the tiles of two segments. `place` is the image, the block of filters and
/// the first row of the group.
void Expander::emitOutputTransform(ArrayRef<OpFoldResult> place, Value products,
                                   const Segment &rows,
                                   const Segment &columns) {
  int64_t window = pool ? WinogradPool::kWindow : 1, step = e.tile / window;
  OpFoldResult zero = index(0);
  if (rows.kept < window || columns.kept < window)
    return; // No whole square.
  Value tiles =
      slice(products, {zero, index(rows.first), index(columns.first), zero},
            {e.points * e.points, rows.count, columns.count, e.filters}, {});
  InputList inputs;
  for (int64_t point = 0; point < e.points * e.points; ++point)
    inputs.add(tiles, pointMap(point));
  unsigned scaleInput = scale ? inputs.add(scale, map(3, {})) : 0;
  SmallVector<WinogradMember> members = cutMembers(place, rows, columns);
  Box box = boxOf(place, rows, columns, window);
  Value result = slice(pool ? pool->op.getDpsInits()[0] : op.getInit(),
                       box.offsets, box.sizes, {0, 1});
  SmallVector<Value> outputs;
  SmallVector<AffineMap> outputMaps;
  for (int64_t i = 0; i < rows.kept / window; ++i)
    for (int64_t j = 0; j < columns.kept / window; ++j) {
      for (int64_t square = 0; square < window * window; ++square)
        for (WinogradMember &member : members)
          member.addReads(inputs,
                          elementMap(member, i * window + square / window,
                                     j * window + square % window));
      outputs.push_back(result);
      outputMaps.push_back(
          AffineMap::get(3, 0, {dim(0) * step + i, dim(1) * step + j, dim(2)},
                         b.getContext()));
    }
  SmallVector<AffineMap> maps = inputs.maps;
  llvm::append_range(maps, outputMaps);
  SmallVector<utils::IteratorType> loops(3, utils::IteratorType::parallel);
  linalg::GenericOp::create(
      b, loc, TypeRange(), inputs.values, outputs, maps, loops,
      [&](OpBuilder &builder, Location, ValueRange args) {
        ScalarTile sums =
            buildTileTransform(builder, loc, matrices.output, tileOf(args),
                               rows.kept, columns.kept);
        SmallVector<Value> yielded;
        size_t next = 0;
        for (int64_t i = 0; i < rows.kept / window; ++i)
          for (int64_t j = 0; j < columns.kept / window; ++j) {
            Value sum = pool ? pool->start : Value();
            for (int64_t square = 0; square < window * window; ++square) {
              Value value = sums[i * window + square / window]
                                [j * window + square % window];
              if (scale)
                value = arith::MulFOp::create(builder, loc, value,
                                              args[scaleInput]);
              for (WinogradMember &member : members)
                value = member.apply(builder, next, args, value, sum);
              sum = value;
              ++next;
            }
            yielded.push_back(sum);
          }
        linalg::YieldOp::create(builder, loc, yielded);
      });
  for (WinogradMember &member : members) {
    SmallVector<Value> operands(member.getOp()->getOperands());
    b.eraseOp(member.getOp());
    for (Value operand : operands)
      if (Operation *view = operand.getDefiningOp();
          view && isOpTriviallyDead(view))
        b.eraseOp(view);
  }
}

/// Cuts `count` tiles, from the first on, of which the last one may reach
/// beyond `extent` results.
static SmallVector<Segment> cutSegments(int64_t count, int64_t extent,
                                        int64_t tile) {
  int64_t whole = std::min(count, extent / tile);
  SmallVector<Segment> segments;
  if (whole > 0)
    segments.push_back({0, whole, tile});
  if (whole < count)
    segments.push_back({whole, 1, extent - whole * tile});
  return segments;
}

void Expander::emitSegments(Value image, Value group, Value block,
                            Value products, bool last) {
  int64_t groupExtent = cut.groupRows * e.tile;
  int64_t groups = e.tileRows / cut.groupRows;
  int64_t extent = last ? e.rows - (groups - 1) * groupExtent : groupExtent;
  Value first = apply(dim(0) * groupExtent, {group});
  for (const Segment &rows : cutSegments(cut.groupRows, extent, e.tile))
    for (const Segment &columns : cutSegments(e.tileColumns, e.columns, e.tile))
      emitOutputTransform({image, block, first}, products, rows, columns);
}

void Expander::emitOutputs(Value image, Value group, Value block,
                           Value products) {
  int64_t groups = e.tileRows / cut.groupRows;
  if (e.rows % e.tile == 0 || groups == 1)
    return emitSegments(image, group, block, products, groups == 1);
  // Only the last group's last row of tiles is not whole.
  Value isLast = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, group,
                                       constant(groups - 1));
  ifElse(
      isLast,
      [&] { emitSegments(image, group, block, products, /*last=*/true); },
      [&] { emitSegments(image, group, block, products, /*last=*/false); });
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
  if (pairs)
    scale = pairs->buildScaleOrOne(place, /*isInverse=*/false);
  forLoop(constant(0), constant(cut.filterRun), [&](Value i) {
    Value ofBlock = slice(product, {i, zero, zero, zero},
                          {1, points, getTiles(), e.filters}, {0});
    emitOutputs(image, group, apply(dim(0) + dim(1), {first, i}),
                splitTiles(ofBlock));
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
  epilogue = findEpilogue(op.getInit());
  pool = findWinogradPool(op, epilogue);
  makeScratch();
  b.setInsertionPoint(pool               ? pool->op.getOperation()
                      : epilogue.empty() ? op.getOperation()
                                         : epilogue.back().getOperation());
  if (cut.inPhases)
    emitPhases();
  else
    emitGroups();
  for (linalg::LinalgOp member : epilogue)
    b.eraseOp(member);
  Value results = op.getInit();
  b.eraseOp(op);
  if (!pool)
    return;
  b.eraseOp(pool->op);
  b.eraseOp(pool->fill);
  dropScratch(results);
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
