//===- WinogradOutputs.cpp - Output transforms of tiles -------------------===//

#include "codegen/lower/WinogradOutputs.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace cameo;

WinogradOutputs::WinogradOutputs(RewriterBase &rewriter, WinogradTilesOp op,
                                 const WinogradExtents &extents,
                                 int64_t groupRows)
    : TileBuilder(rewriter, op), op(op), e(extents), groupRows(groupRows),
      matrices(getWinogradMatrices(extents.tile, extents.stride)),
      epilogue(findEpilogue(op.getInit())),
      pool(findWinogradPool(op, epilogue)) {}

Operation *WinogradOutputs::getLast() {
  if (pool)
    return pool->op;
  return epilogue.empty() ? op.getOperation() : epilogue.back().getOperation();
}

void WinogradOutputs::finish() {
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

/// The box of the result that tiles of two segments make, in squares of
/// `window`. `place` is the image, the block of filters and the first row.
WinogradOutputs::Box WinogradOutputs::boxOf(ArrayRef<OpFoldResult> place,
                                            const Segment &rows,
                                            const Segment &columns,
                                            int64_t window) {
  AffineExpr firstRow = (dim(0) + rows.first * e.tile).floorDiv(window);
  return {{place[0], place[1],
           affine::makeComposedFoldedAffineApply(b, loc, firstRow, {place[2]}),
           index(columns.first * e.tile / window), index(0)},
          {1, 1, ((rows.count - 1) * e.tile + rows.kept) / window,
           ((columns.count - 1) * e.tile + columns.kept) / window, e.filters}};
}

/// The operations that follow, for tiles of two segments.
SmallVector<WinogradMember>
WinogradOutputs::cutMembers(ArrayRef<OpFoldResult> place, const Segment &rows,
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
AffineMap WinogradOutputs::elementMap(WinogradMember &member, int64_t i,
                                      int64_t j) {
  AffineExpr first = b.getAffineConstantExpr(0);
  if (!member.isReduction())
    return map(
        3, {first, first, dim(0) * e.tile + i, dim(1) * e.tile + j, dim(2)});
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
  return map(3, exprs);
}

/// y[m ty + i, m tx + j, f] = epilogue((A^T M A)[i, j]) of the products M of
/// the tiles of two segments. `place` is the image, the block of filters and
/// the first row of the group.
void WinogradOutputs::emitOutputTransform(ArrayRef<OpFoldResult> place,
                                          Value products, const Segment &rows,
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
    inputs.add(tiles, pointMap(b, point));
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
          map(3, {dim(0) * step + i, dim(1) * step + j, dim(2)}));
    }
  SmallVector<AffineMap> maps = inputs.maps;
  llvm::append_range(maps, outputMaps);
  SmallVector<utils::IteratorType> loops(3, utils::IteratorType::parallel);
  linalg::GenericOp::create(
      b, loc, TypeRange(), inputs.values, outputs, maps, loops,
      [&](OpBuilder &builder, Location, ValueRange args) {
        ScalarTile sums =
            buildTileTransform(builder, loc, matrices.output,
                               tileOf(args, e.points), rows.kept, columns.kept);
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
SmallVector<WinogradOutputs::Segment>
WinogradOutputs::cutSegments(int64_t count, int64_t extent, int64_t tile) {
  int64_t whole = std::min(count, extent / tile);
  SmallVector<Segment> segments;
  if (whole > 0)
    segments.push_back({0, whole, tile});
  if (whole < count)
    segments.push_back({whole, 1, extent - whole * tile});
  return segments;
}

void WinogradOutputs::emitSegments(Value image, Value group, Value block,
                                   Value products, bool last) {
  int64_t groupExtent = groupRows * e.tile;
  int64_t groups = e.tileRows / groupRows;
  int64_t extent = last ? e.rows - (groups - 1) * groupExtent : groupExtent;
  Value first = apply(dim(0) * groupExtent, {group});
  for (const Segment &rows : cutSegments(groupRows, extent, e.tile))
    for (const Segment &columns : cutSegments(e.tileColumns, e.columns, e.tile))
      emitOutputTransform({image, block, first}, products, rows, columns);
}

void WinogradOutputs::emit(Value image, Value group, Value block,
                           Value products, Value scaledBy) {
  scale = scaledBy;
  int64_t groups = e.tileRows / groupRows;
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
