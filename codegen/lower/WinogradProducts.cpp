//===- WinogradProducts.cpp - Products in the points of tiles -------------===//

#include "codegen/lower/WinogradProducts.h"

#include "dialects/cameo/LinalgBuilders.h"

using namespace mlir;
using namespace cameo;

WinogradProducts::WinogradProducts(RewriterBase &rewriter, WinogradTilesOp op,
                                   const WinogradExtents &extents,
                                   Value transformed, WinogradPairs *pairs)
    : TileBuilder(rewriter, op), op(op), e(extents), transformed(transformed),
      pairs(pairs), ranges(getWinogradRanges(extents.tile, extents.stride)) {}

//===----------------------------------------------------------------------===//
// Boxes
//===----------------------------------------------------------------------===//

WinogradProducts::Range WinogradProducts::rangeOf(const WinogradRange &range) {
  return {index(range.point), index(range.plane), range.count, range.shared};
}

Value WinogradProducts::atPlace(Value buffer, Value place, OpFoldResult first,
                                int64_t count) {
  SmallVector<int64_t> sizes(cast<MemRefType>(buffer.getType()).getShape());
  SmallVector<OpFoldResult> offsets(sizes.size(), index(0));
  offsets[0] = place;
  sizes[0] = 1;
  offsets[1] = first;
  sizes[1] = count;
  return slice(buffer, offsets, sizes, {0});
}

/// The dimension of points as two of `count`.
Value WinogradProducts::splitPoints(Value buffer, int64_t dimension,
                                    int64_t count) {
  SmallVector<int64_t> split(cast<MemRefType>(buffer.getType()).getShape());
  SmallVector<ReassociationIndices> groups;
  for (int64_t i = 0, end = split.size(); i < end; ++i)
    groups.push_back({i + (i > dimension)});
  groups[dimension].push_back(dimension + 1);
  split[dimension] = count;
  split.insert(split.begin() + dimension, count);
  return memref::ExpandShapeOp::create(b, loc, split, buffer, groups);
}

/// The points of a box in `buffer`, whose dimension of points becomes two.
Value WinogradProducts::pointsOf(Value buffer, int64_t dimension,
                                 const Box &box) {
  buffer = splitPoints(buffer, dimension, e.points);
  SmallVector<int64_t> sizes(cast<MemRefType>(buffer.getType()).getShape());
  SmallVector<OpFoldResult> offsets(sizes.size(), index(0));
  offsets[dimension] = box.rows.point;
  offsets[dimension + 1] = box.columns.point;
  sizes[dimension] = box.rows.count;
  sizes[dimension + 1] = box.columns.count;
  return slice(buffer, offsets, sizes, {});
}

/// rows x columns x filter blocks x channel blocks x channels x filters, where
/// there is one row or column if points share it.
Value WinogradProducts::filtersOf(const Box &box) {
  Value u = splitPoints(op.getU(), 0, winogradPlanes(e.tile));
  SmallVector<int64_t> sizes(cast<MemRefType>(u.getType()).getShape());
  SmallVector<OpFoldResult> offsets(sizes.size(), index(0));
  offsets[0] = box.rows.plane;
  offsets[1] = box.columns.plane;
  offsets[2] = box.block;
  sizes[0] = box.rows.isShared ? 1 : box.rows.count;
  sizes[1] = box.columns.isShared ? 1 : box.columns.count;
  sizes[2] = box.blocks;
  return slice(u, offsets, sizes, {});
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

/// sums[fb, i, j, t, f] = sum over cb, c of tiles[i, j, cb, t, c] *
///     filters[i, j, fb, cb, c, f], where a shared plane is at 0.
void WinogradProducts::emitDirect(const Box &box, Value tiles, Value filters,
                                  Value sums) {
  linalg::FillOp::create(b, loc, zero(), sums);
  AffineExpr i, j, fb, t, f, cb, c, first = b.getAffineConstantExpr(0);
  bindDims(b.getContext(), i, j, fb, t, f, cb, c);
  AffineExpr row = box.rows.isShared ? first : i,
             column = box.columns.isShared ? first : j;
  SmallVector<utils::IteratorType> loops(5, utils::IteratorType::parallel);
  loops.append(2, utils::IteratorType::reduction);
  generic({tiles, filters}, sums,
          {map(7, {i, j, cb, t, c}), map(7, {row, column, fb, cb, c, f}),
           map(7, {fb, i, j, t, f})},
          loops, [&](OpBuilder &builder, ValueRange args) {
            return buildMultiplyAdd(builder, loc, args[0], args[1], args[2]);
          });
}

Value WinogradProducts::tilesOf(Value place, const Box &box) {
  return pointsOf(atPlace(transformed, place, index(0), e.points * e.points), 0,
                  box);
}

void WinogradProducts::emitBox(Value place, Value task, const Box &box,
                               Value products) {
  Value tiles = tilesOf(place, box), filters = filtersOf(box),
        sums = pointsOf(products, 1, box);
  auto emitDirectly = [&] { emitDirect(box, tiles, filters, sums); };
  if (!pairs)
    return emitDirectly();
  ifElse(
      pairs->buildHasScale(place),
      [&] {
        pairs->emitProducts(task,
                            {box.rows.point, box.columns.point, box.block},
                            tiles, filters, sums);
      },
      emitDirectly);
}

void WinogradProducts::emitSums(Value task) {
  if (!pairs)
    return;
  Range all = rangeOf(ranges.front());
  pairs->emitSums(tilesOf(task, {all, all, index(0), e.filterBlocks}), task);
}

void WinogradProducts::emitRun(Value place, Value task, Value block,
                               int64_t count, Value products) {
  Value ofTask = atPlace(products, task, index(0), count);
  for (const WinogradRange &rows : ranges)
    for (const WinogradRange &columns : ranges)
      emitBox(place, task, {rangeOf(rows), rangeOf(columns), block, count},
              ofTask);
}

/// Parts of filters, as few as give every task some of `units`; blocks stay
/// even in number where they are.
static int64_t choosePartsOfFilters(int64_t blocks, int64_t units,
                                    int64_t tasks) {
  int64_t pairs = blocks % 2 == 0 ? blocks / 2 : blocks;
  int64_t parts = 1;
  while (parts < pairs && (units * parts < tasks || pairs % parts != 0))
    ++parts;
  return parts;
}

void WinogradProducts::emitAll(int64_t tasks, Value products) {
  int64_t units = e.images * e.points * e.points;
  int64_t parts = choosePartsOfFilters(e.filterBlocks, units, tasks);
  int64_t blocks = e.filterBlocks / parts;
  units *= parts;
  forUnits(units, std::min(units, tasks), [&](Value unit, Value task) {
    // Images share the filters of a point.
    Value image = apply(dim(0) % e.images, {unit});
    Value part = apply(dim(0).floorDiv(e.images) % parts, {unit});
    AffineExpr point = dim(0).floorDiv(e.images * parts);
    Value first = apply(dim(0) * blocks, {part});
    Box box = {onePoint(apply(point.floorDiv(e.points), {unit})),
               onePoint(apply(point % e.points, {unit})), first, blocks};
    if (pairs)
      pairs->emitSums(tilesOf(image, box), task);
    emitBox(image, task, box, atPlace(products, image, first, blocks));
  });
}
