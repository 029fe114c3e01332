//===- LoopBody.cpp - What a nest does for a register tile ----------------===//
//
// Loads, the bodies of operations on whole vectors, stores.
//
//===----------------------------------------------------------------------===//

#include "codegen/lower/LoopEmitter.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace cameo;

/// Whether `expr` is 2k + 1 where `dim` is 2k, and the other way round.
static bool swapsPairs(AffineExpr expr, AffineExpr dim) {
  unsigned dims = cast<AffineDimExpr>(dim).getPosition() + 1;
  auto at = [&](AffineExpr index) {
    return simplifyAffineExpr(expr.replace(dim, index), dims, 0);
  };
  return at(dim * 2) == dim * 2 + 1 && at(dim * 2 + 1) == dim * 2;
}

Access cameo::accessAlong(AffineMap map, int64_t dim) {
  if (dim < 0)
    return Access::Invariant;
  AffineExpr expr = getAffineDimExpr(dim, map.getContext());
  bool last = true;
  Access access = Access::Invariant;
  for (AffineExpr result : llvm::reverse(map.getResults())) {
    if (result.isFunctionOfDim(dim)) {
      // `d` or `d + c * e...` with a unit step in `d` is contiguous in the last
      // position only.
      AffineExpr step = result.replace(expr, expr + 1) - result;
      step = simplifyAffineExpr(step, map.getNumDims(), 0);
      auto constant = dyn_cast<AffineConstantExpr>(step);
      bool isNext = constant && constant.getValue() == 1;
      if (!last || access != Access::Invariant ||
          !(isNext || swapsPairs(result, expr)))
        return Access::Strided;
      access = isNext ? Access::Contiguous : Access::Paired;
    }
    last = false;
  }
  return access;
}

Access cameo::accessAlong(linalg::LinalgOp op, OpOperand &operand,
                          int64_t dim) {
  Access access = accessAlong(op.getMatchingIndexingMap(&operand), dim);
  auto buffer = dyn_cast<MemRefType>(operand.get().getType());
  // A view may skip elements of the last dimension.
  if (access != Access::Invariant && buffer &&
      !buffer.areTrailingDimsContiguous(1))
    return Access::Strided;
  // Padding may part the first pair.
  return access == Access::Paired && getPaddedView(operand.get())
             ? Access::Strided
             : access;
}

/// All elements of the register tile, columns fastest.
SmallVector<TileIndex> LoopEmitter::tileIndices() const {
  SmallVector<int64_t> order =
      llvm::to_vector(llvm::seq<int64_t>(0, tile.size()));
  if (plan.columnDim >= 0)
    std::rotate(order.begin() + plan.columnDim,
                order.begin() + plan.columnDim + 1, order.end());
  SmallVector<TileIndex> result = {TileIndex(tile.size(), 0)};
  for (int64_t dim : order) {
    SmallVector<TileIndex> longer;
    for (const TileIndex &at : result)
      for (int64_t step = 0; step < tile[dim]; ++step) {
        longer.push_back(at);
        longer.back()[dim] = step;
      }
    result = std::move(longer);
  }
  return result;
}

/// Whether what the current taps read for an element of the tile is inside of
/// all padded views.
bool LoopEmitter::isInside(const TileIndex &at) const {
  return llvm::all_of(windows, [&](const Window &window) {
    return !atEdge[window.output] || !place[window.tap] ||
           window.isInside(*place[window.output] + at[window.output],
                           *place[window.tap] + at[window.tap]);
  });
}

/// `map` as a map of the root's dimensions at an element of the tile, plus
/// `lane` elements along the vector dimension.
AffineMap LoopEmitter::moveMap(const GroupMember &member, AffineMap map,
                               const TileIndex &at, int64_t lane) const {
  SmallVector<AffineExpr> shifted;
  for (int64_t dim : member.toRoot) {
    int64_t shift = dim == plan.vectorDim ? at[dim] * lanes + lane
                    : inside[dim]         ? 0
                                          : at[dim];
    AffineExpr start = place[dim]
                           ? getAffineConstantExpr(*place[dim], b.getContext())
                           : getAffineDimExpr(dim, b.getContext());
    shifted.push_back(start + shift);
  }
  int64_t numLoops = index.size();
  AffineMap moved =
      map.compose(AffineMap::get(numLoops, 0, shifted, b.getContext()));
  // Where a dimension is walked in blocks, its index is two.
  llvm::DenseMap<AffineExpr, AffineExpr> parts;
  for (auto [dim, value] : llvm::enumerate(inside)) {
    if (!value)
      continue;
    AffineExpr whole = getAffineDimExpr(dim, b.getContext());
    AffineExpr block = getAffineDimExpr(numLoops + dim, b.getContext());
    AffineExpr rest =
        getAffineDimExpr(2 * numLoops + dim, b.getContext()) + at[dim];
    parts[whole.floorDiv(blocks[dim])] = block;
    parts[whole % blocks[dim]] = rest;
    parts[whole] = block * blocks[dim] + rest;
  }
  return moved.replace(parts, 3 * numLoops, 0);
}

SmallVector<Value> LoopEmitter::indices(AffineMap moved) {
  SmallVector<OpFoldResult> dims;
  for (ArrayRef<Value> values :
       {ArrayRef(index), ArrayRef(index), ArrayRef(inside)})
    for (Value value : values)
      dims.push_back(value ? OpFoldResult(value)
                           : OpFoldResult(b.getIndexAttr(0)));
  SmallVector<Value> result;
  for (unsigned i = 0; i < moved.getNumResults(); ++i)
    result.push_back(getValueOrCreateConstantIndexOp(
        b, loc,
        affine::makeComposedFoldedAffineApply(b, loc, moved.getSubMap({i}),
                                              dims)));
  return result;
}

/// The dimension of a member that is the root's `rootDim`; -1: none.
static int64_t memberDim(const GroupMember &member, int64_t rootDim) {
  auto found = llvm::find(member.toRoot, rootDim);
  return rootDim < 0 || found == member.toRoot.end()
             ? -1
             : found - member.toRoot.begin();
}

/// `map` of a padded view as a map of what it is a view of.
static AffineMap shiftMap(AffineMap map, ArrayRef<int64_t> low) {
  SmallVector<AffineExpr> exprs;
  for (auto [expr, before] : llvm::zip_equal(map.getResults(), low))
    exprs.push_back(expr - before);
  return AffineMap::get(map.getNumDims(), 0, exprs, map.getContext());
}

std::pair<Value, AffineMap> cameo::readOf(linalg::LinalgOp op,
                                          OpOperand &operand) {
  AffineMap map = op.getMatchingIndexingMap(&operand);
  if (std::optional<PaddedView> view = getPaddedView(operand.get()))
    return {view->source, shiftMap(map, view->low)};
  return {operand.get(), map};
}

/// `map` with the loop `dim` as its last result.
static AffineMap alongLast(AffineMap map, int64_t dim) {
  SmallVector<AffineExpr> exprs(map.getResults());
  exprs.back() = getAffineDimExpr(dim, map.getContext());
  return AffineMap::get(map.getNumDims(), 0, exprs, map.getContext());
}

/// `vector` with the lanes 2k and 2k + 1 in each other's place.
static Value swapPairs(OpBuilder &b, Location loc, Value vector) {
  SmallVector<int64_t> lanes;
  for (int64_t lane = 0,
               end = cast<VectorType>(vector.getType()).getNumElements();
       lane < end; ++lane)
    lanes.push_back(lane ^ 1);
  return vector::ShuffleOp::create(b, loc, vector, vector, lanes);
}

/// Loads an operand for an element of the tile, unless that has been done.
Value LoopEmitter::load(const GroupMember &member, OpOperand &operand,
                        const TileIndex &at) {
  Value buffer = operand.get();
  if (!isa<MemRefType>(buffer.getType()))
    return widen(buffer);
  linalg::LinalgOp op = member.op;
  int64_t along = memberDim(member, plan.vectorDim);
  Access access =
      lanes == 1 ? Access::Invariant : accessAlong(op, operand, along);
  AffineMap map;
  std::tie(buffer, map) = readOf(op, operand);
  if (access == Access::Paired)
    map = alongLast(map, along);
  AffineMap moved = moveMap(member, map, at, 0);
  if (lanesOf.contains({buffer, moved}))
    return loadLane(buffer, moved);
  // Values to broadcast are best read by the operation that uses them.
  bool isVector = access == Access::Contiguous || access == Access::Paired;
  auto &known = isVector ? loaded : broadcast;
  Value &value = known[{buffer, moved}];
  Type element = getElementTypeOrSelf(buffer.getType());
  if (!value && isVector)
    value = vector::LoadOp::create(b, loc, cast<VectorType>(laneType(element)),
                                   buffer, indices(moved));
  if (value)
    return access == Access::Paired ? swapPairs(b, loc, value) : value;
  if (access == Access::Invariant)
    return value =
               widen(memref::LoadOp::create(b, loc, buffer, indices(moved)));
  SmallVector<Value> scalars;
  for (int64_t lane = 0; lane < lanes; ++lane)
    scalars.push_back(memref::LoadOp::create(
        b, loc, buffer, indices(moveMap(member, map, at, lane))));
  return value = vector::FromElementsOp::create(
             b, loc, cast<VectorType>(laneType(element)), scalars);
}

/// Fetches what the root will read of an operand some steps later.
void LoopEmitter::fetchAhead(OpOperand &operand, TileIndex at, int64_t dim,
                             int64_t steps) {
  at[dim] += steps;
  AffineMap moved =
      moveMap(group.root, root.getMatchingIndexingMap(&operand), at, 0);
  memref::PrefetchOp::create(b, loc, operand.get(), indices(moved),
                             /*isWrite=*/false, /*localityHint=*/3,
                             /*isDataCache=*/true);
}

/// Elements of `type` before the first that `map` reads, at indices of zero.
static int64_t offsetOf(MemRefType type, AffineMap map) {
  SmallVector<AffineExpr> zeros(map.getNumDims(),
                                getAffineConstantExpr(0, map.getContext()));
  auto [strides, offset] = type.getStridesAndOffset();
  int64_t result = 0;
  for (auto [expr, stride] : llvm::zip_equal(map.getResults(), strides))
    if (auto place = dyn_cast<AffineConstantExpr>(expr.replaceDims(zeros)))
      result += place.getValue() * stride;
  return result;
}

/// Fetches what the innermost reduction loop will read for the next tile.
void LoopEmitter::fetchNextTile() {
  place[reductions.back()] = 0;
  for (OpOperand *operand : root.getDpsInputOperands()) {
    AffineMap map = root.getMatchingIndexingMap(operand);
    if (!map.isFunctionOfDim(plan.aheadDim))
      continue;
    auto type = cast<MemRefType>(operand->get().getType());
    // Rows that are read by vectors may be shorter than a line.
    constexpr int64_t kLineBits = 8 * 64;
    int64_t lineElements =
        plan.laneDim < 0 ? 0 : kLineBits / type.getElementTypeBitWidth();
    llvm::SmallDenseSet<AffineMap> known;
    int64_t lineEnd = std::numeric_limits<int64_t>::min();
    for (const TileIndex &at : tileIndices()) {
      AffineMap moved = moveMap(group.root, map, at, 0);
      int64_t offset = offsetOf(type, moved);
      if (!known.insert(moved).second || (lineElements && offset < lineEnd))
        continue;
      lineEnd = offset + lineElements;
      fetchAhead(*operand, at, plan.aheadDim, tile[plan.aheadDim]);
    }
  }
  place[reductions.back()] = std::nullopt;
}

void LoopEmitter::store(OpOperand &operand, Value value, const TileIndex &at) {
  AffineMap map = root.getMatchingIndexingMap(&operand);
  SmallVector<Value> position = indices(moveMap(group.root, map, at, 0));
  if (isa<VectorType>(value.getType()))
    vector::StoreOp::create(b, loc, value, operand.get(), position);
  else
    memref::StoreOp::create(b, loc, value, operand.get(), position);
}

/// Clones an operation of a body, elementwise ones on whole vectors.
void LoopEmitter::cloneWide(const GroupMember &member, Operation &inner,
                            IRMapping &mapping) {
  if (auto position = dyn_cast<linalg::IndexOp>(inner)) {
    mapping.map(position.getResult(), index[member.toRoot[position.getDim()]]);
    return;
  }
  Operation *clone = b.clone(inner, mapping);
  if (lanes == 1)
    return;
  if (auto literal = dyn_cast<arith::ConstantOp>(clone)) {
    mapping.map(inner.getResult(0), widen(literal));
    return;
  }
  for (OpOperand &operand : clone->getOpOperands())
    if (!isa<VectorType>(operand.get().getType())) {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPoint(clone);
      operand.set(widen(operand.get()));
    }
  for (Value result : clone->getResults())
    result.setType(laneType(result.getType()));
}

/// A member's body for one element of the tile; returns the new accumulators.
SmallVector<Value> LoopEmitter::emitBody(const GroupMember &member,
                                         const TileIndex &at,
                                         ValueRange accumulators) {
  linalg::LinalgOp op = member.op;
  Block *body = op.getBlock();
  IRMapping mapping;
  for (OpOperand *operand : op.getDpsInputOperands()) {
    BlockArgument arg = op.getMatchingBlockArgument(operand);
    if (!arg.use_empty())
      mapping.map(arg, load(member, *operand, at));
  }
  for (auto [i, accumulator] : llvm::enumerate(accumulators))
    mapping.map(op.getMatchingBlockArgument(op.getDpsInitOperand(i)),
                accumulator);
  for (Operation &inner : body->without_terminator())
    cloneWide(member, inner, mapping);
  SmallVector<Value> results;
  for (Value yielded : body->getTerminator()->getOperands()) {
    Value result = mapping.lookupOrDefault(yielded);
    results.push_back(lanes > 1 && !isa<VectorType>(result.getType())
                          ? widen(result)
                          : result);
  }
  return results;
}

/// A member's body for the whole register tile. Elements for which the root
/// reads padding keep what they have.
SmallVector<Value> LoopEmitter::emitStep(const GroupMember &member,
                                         ValueRange accumulators) {
  SmallVector<Value> results;
  size_t outputs = root.getNumDpsInits();
  broadcast.clear();
  bool isRoot = member.op == root;
  for (auto [i, at] : llvm::enumerate(tileIndices())) {
    ValueRange mine = accumulators.empty()
                          ? accumulators
                          : accumulators.slice(i * outputs, outputs);
    if (isRoot && !isInside(at))
      llvm::append_range(results, mine);
    else
      llvm::append_range(results, emitBody(member, at, mine));
  }
  return results;
}
