//===- WinogradPairs.cpp - Fast inner products of tiles -------------------===//

#include "codegen/lower/WinogradPairs.h"
#include "codegen/lower/FastSteps.h"
#include "codegen/lower/Passes.h"
#include "dialects/cameo/FastProduct.h"
#include "dialects/cameo/LinalgBuilders.h"

using namespace mlir;
using namespace cameo;

static constexpr auto kParallel = utils::IteratorType::parallel;
static constexpr auto kReduction = utils::IteratorType::reduction;
static constexpr int64_t kHalf = kFastBlock / 2;

WinogradPairs::WinogradPairs(RewriterBase &rewriter, WinogradTilesOp op,
                             const WinogradExtents &extents, int64_t places,
                             int64_t tasks, int64_t tiles)
    : TileBuilder(rewriter, op), op(op), e(extents) {
  lanes = addScratch({places, e.channelBlocks, kFastBlock});
  totals = addScratch({places, 1});
  sumsOfLanes = addScratch({tasks, tiles, kHalf});
  sums = addScratch({tasks, tiles});
  SmallVector<float> table;
  for (int64_t channel = 0; channel < kFastBlock; ++channel)
    table.push_back(fastSign(channel));
  signs = addTable(table);
}

//===----------------------------------------------------------------------===//
// Scales
//===----------------------------------------------------------------------===//

void WinogradPairs::emitSquares(Value image, const Rows &rows,
                                const Blocks &blocks, Value place) {
  OpFoldResult zeroIndex = index(0);
  Value perLane = slice(lanes, {place, blocks.first, zeroIndex},
                        {1, blocks.count, e.channels}, {0});
  linalg::FillOp::create(b, loc, zero(), perLane);
  forLoop(constant(0), constant(rows.count), [&](Value row) {
    Value from = apply(dim(0) + dim(1), {rows.first, row});
    auto addRow = [&] {
      Value x =
          slice(op.getX(), {image, blocks.first, from, zeroIndex, zeroIndex},
                {1, blocks.count, 1, e.width, e.channels}, {0, 2});
      // perLane[cb, c] += sum over w of x[cb, w, c]^2
      generic(x, perLane,
              {map(3, {dim(0), dim(2), dim(1)}), map(3, {dim(0), dim(1)})},
              {kParallel, kParallel, kReduction},
              [&](OpBuilder &builder, ValueRange args) {
                return buildMultiplyAdd(builder, loc, args[0], args[0],
                                        args[1]);
              });
    };
    ifElse(isInside(from, e.height), addRow, [] {});
  });
}

void WinogradPairs::emitTotal(int64_t rows, Value place) {
  OpFoldResult zeroIndex = index(0);
  elements = double(rows) * e.width * e.channelBlocks * e.channels;
  Value perLane = slice(lanes, {place, zeroIndex, zeroIndex},
                        {1, e.channelBlocks, e.channels}, {0});
  Value total = slice(totals, {place, zeroIndex}, {1, 1}, {0});
  linalg::FillOp::create(b, loc, zero(), total);
  generic(perLane, total,
          {map(2, {dim(0), dim(1)}), map(2, {b.getAffineConstantExpr(0)})},
          {kReduction, kReduction},
          [&](OpBuilder &builder, ValueRange args) -> Value {
            return arith::AddFOp::create(builder, loc, args[1], args[0]);
          });
}

Value WinogradPairs::loadTotal(Value place) {
  return memref::LoadOp::create(b, loc, totals, ValueRange{place, constant(0)});
}

Value WinogradPairs::buildHasScale(Value place) {
  Value total = loadTotal(place);
  auto compare = [&](arith::CmpFPredicate predicate, float bound) -> Value {
    return arith::CmpFOp::create(b, loc, predicate, total, literal(bound));
  };
  return arith::AndIOp::create(
      b, loc, compare(arith::CmpFPredicate::OGT, kLeastSquare * elements),
      compare(arith::CmpFPredicate::OLT,
              std::numeric_limits<float>::infinity()));
}

Value WinogradPairs::buildScaleOrOne(Value place, bool isInverse) {
  Value wanted =
      memref::LoadOp::create(b, loc, op.getFast()[1], ValueRange{constant(0)});
  Value factor = arith::DivFOp::create(b, loc, literal(1 / elements), wanted);
  Value square = arith::MulFOp::create(b, loc, loadTotal(place), factor);
  return arith::SelectOp::create(b, loc, buildHasScale(place),
                                 buildScale(b, loc, square, isInverse),
                                 literal(1));
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

void WinogradPairs::emitSums(Value transformed, Value task) {
  auto type = cast<MemRefType>(transformed.getType());
  int64_t rows = type.getDimSize(0), columns = type.getDimSize(1),
          tiles = type.getDimSize(3), count = rows * columns * tiles;
  Value perLane =
      slice(sumsOfLanes, {task, index(0), index(0)}, {1, count, kHalf}, {0});
  Value total = slice(sums, {task, index(0)}, {1, count}, {0});
  linalg::FillOp::create(b, loc, zero(), perLane);
  linalg::FillOp::create(b, loc, zero(), total);
  Value ofPoints = memref::ExpandShapeOp::create(
      b, loc, ArrayRef<int64_t>{rows, columns, tiles, kHalf}, perLane,
      ArrayRef<ReassociationIndices>{{0, 1, 2}, {3}});
  AffineExpr i, j, t, c, cb;
  bindDims(b.getContext(), i, j, t, c, cb);
  AffineMap ofTiles = map(5, {i, j, cb, t, c});
  SmallVector<utils::IteratorType> loops(4, kParallel);
  loops.push_back(kReduction);
  generic({half(transformed, 4, 0), half(transformed, 4, 1)}, ofPoints,
          {ofTiles, ofTiles, map(5, {i, j, t, c})}, loops,
          [&](OpBuilder &builder, ValueRange args) {
            return buildMultiplyAdd(builder, loc, args[0], args[1], args[2]);
          });
  sumLanes(perLane, total);
}

/// products[fb, i, j, t, f] = sum over cb, c < 8 of (a0 + b1) (a1 + b0) -
/// sums[i, j, t] - pairs[i, j, fb, f] with a0, a1 = v[i, j, cb, t, c], v[i, j,
/// cb, t, c + 8] and b0, b1 of u alike.
void WinogradPairs::emitProducts(Value task, ArrayRef<OpFoldResult> first,
                                 Value transformed, Value filters,
                                 Value products) {
  auto type = cast<MemRefType>(products.getType());
  int64_t run = type.getDimSize(0), rows = type.getDimSize(1),
          columns = type.getDimSize(2), tiles = type.getDimSize(3);
  OpFoldResult zeroIndex = index(0);
  Value perTile = memref::ExpandShapeOp::create(
      b, loc, ArrayRef<int64_t>{rows, columns, tiles},
      slice(sums, {task, zeroIndex}, {1, rows * columns * tiles}, {0}),
      ArrayRef<ReassociationIndices>{{0, 1, 2}});
  Value perFilter = memref::ExpandShapeOp::create(
      b, loc, ArrayRef<int64_t>{e.points, e.points, e.filterBlocks, e.filters},
      op.getFast()[0], ArrayRef<ReassociationIndices>{{0, 1, 2, 3}});
  perFilter = slice(perFilter, {first[0], first[1], first[2], zeroIndex},
                    {rows, columns, run, e.filters}, {});
  AffineExpr i, j, fb, t, f, cb, c;
  bindDims(b.getContext(), i, j, fb, t, f, cb, c);
  SmallVector<utils::IteratorType> loops(5, kParallel);
  generic({perTile, perFilter}, products,
          {map(5, {i, j, t}), map(5, {i, j, fb, f}), map(5, {fb, i, j, t, f})},
          loops, [&](OpBuilder &builder, ValueRange args) {
            return buildPairStart(builder, loc, args);
          });
  loops.append(2, kReduction);
  AffineMap ofTiles = map(7, {i, j, cb, t, c}),
            ofFilters = map(7, {i, j, fb, cb, c, f});
  generic({half(transformed, 4, 0), half(transformed, 4, 1),
           half(filters, 4, 0), half(filters, 4, 1)},
          products,
          {ofTiles, ofTiles, ofFilters, ofFilters, map(7, {fb, i, j, t, f})},
          loops, [&](OpBuilder &builder, ValueRange args) {
            return buildPairProduct(builder, loc, args);
          });
}
