//===- LoopLanes.cpp - Products that take lanes of vectors ----------------===//
//
// Where multiply-adds can take an operand from one lane of a vector, what is
// the same for all lanes of a result is read four steps of a reduction at a
// time, one vector for what would be four broadcasts.
//
//===----------------------------------------------------------------------===//

#include "codegen/lower/LoopEmitter.h"
#include "codegen/lower/LoopPlan.h"

#include <map>

using namespace mlir;
using namespace cameo;

//===----------------------------------------------------------------------===//
// Plans
//===----------------------------------------------------------------------===//

bool cameo::isReadByLane(linalg::LinalgOp op, OpOperand &operand,
                         int64_t vectorDim, int64_t dim) {
  auto type = dyn_cast<MemRefType>(operand.get().getType());
  AffineMap map = op.getMatchingIndexingMap(&operand);
  if (!type || !type.getElementType().isF32() || map.getNumResults() == 0 ||
      op.getMatchingBlockArgument(&operand).use_empty() ||
      accessAlong(map, vectorDim) != Access::Invariant)
    return false;
  // Within a block that a dimension is stored in as along the dimension.
  AffineExpr last = map.getResults().back();
  if (last.getKind() == AffineExprKind::Mod)
    return cast<AffineBinaryOpExpr>(last).getLHS() ==
               getAffineDimExpr(dim, map.getContext()) &&
           type.areTrailingDimsContiguous(1);
  return accessAlong(op, operand, dim) == Access::Contiguous;
}

int64_t cameo::chooseLaneDim(const LoopGroup &group, const LoopTarget &target,
                             int64_t vectorDim, int64_t lanes) {
  linalg::LinalgOp root = group.root.op;
  SmallVector<unsigned> reductions;
  root.getReductionDims(reductions);
  if (!target.hasLaneOperands || lanes < 2 ||
      llvm::is_contained(reductions, vectorDim))
    return -1;
  // Fewer steps do not share a vector.
  constexpr int64_t kFewest = kLaneSteps - 1;
  LoopBounds bounds = group.bounds();
  for (int64_t dim : llvm::reverse(reductions)) {
    bool isRead =
        llvm::any_of(root.getDpsInputOperands(), [&](OpOperand *operand) {
          return isReadByLane(root, *operand, vectorDim, dim);
        });
    if (isRead && !bounds[dim] && root.getStaticLoopRanges()[dim] >= kFewest)
      return dim;
  }
  return -1;
}

/// How many steps of plan.laneDim are written out: of a window all taps, as
/// outputs share what they read.
int64_t LoopEmitter::countLaneSteps() const {
  constexpr int64_t kMostTaps = 8;
  linalg::LinalgOp op = root;
  if (plan.laneDim < 0 || ranges[plan.laneDim] > kMostTaps)
    return kLaneSteps;
  bool isTap = llvm::any_of(op.getDpsInputOperands(), [&](OpOperand *operand) {
    int64_t rank = op.getRank(operand);
    std::optional<Window> window;
    if (rank > 0)
      window = matchWindow(op, *operand, rank - 1);
    return window && window->tap == plan.laneDim;
  });
  return isTap ? ranges[plan.laneDim] : kLaneSteps;
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

/// `map` with `shift` more in its last result.
static AffineMap shiftLast(AffineMap map, int64_t shift) {
  SmallVector<AffineExpr> exprs(map.getResults());
  exprs.back() = simplifyAffineExpr(exprs.back() + shift, map.getNumDims(), 0);
  return AffineMap::get(map.getNumDims(), 0, exprs, map.getContext());
}

/// Finds the vectors that together have what products at `positions` read, row
/// by row: the last one of a row ends with the row.
void LoopEmitter::findLanes(ArrayRef<TileIndex> positions) {
  for (OpOperand *operand : root.getDpsInputOperands()) {
    if (lanes == 1 ||
        !isReadByLane(root, *operand, plan.vectorDim, plan.laneDim))
      continue;
    auto [buffer, map] = readOf(root, *operand);
    // By what their places have in common, the places that differ from it.
    llvm::MapVector<AffineMap, std::map<int64_t, AffineMap>> rows;
    for (const TileIndex &at : positions) {
      AffineMap moved = moveMap(group.root, map, at, 0);
      SmallVector<AffineExpr> zeros(moved.getNumDims(),
                                    b.getAffineConstantExpr(0));
      auto place = dyn_cast<AffineConstantExpr>(
          moved.getResults().back().replaceDims(zeros));
      if (place)
        rows[shiftLast(moved, -place.getValue())][place.getValue()] = moved;
    }
    for (auto &[common, places] : rows) {
      int64_t low = places.begin()->first, high = places.rbegin()->first;
      auto startOf = [&](int64_t place) {
        return std::min(low + (place - low) / kLaneSteps * kLaneSteps,
                        high + 1 - kLaneSteps);
      };
      std::map<int64_t, int64_t> uses;
      for (auto &[place, moved] : places)
        ++uses[startOf(place)];
      for (auto &[place, moved] : places)
        if (int64_t start = startOf(place); start >= low && uses[start] > 1)
          lanesOf[{buffer, moved}] = {shiftLast(common, start), place - start};
    }
  }
}

/// What `findLanes` has found, for all lanes of a product.
Value LoopEmitter::loadLane(Value buffer, AffineMap moved) {
  auto [start, lane] = lanesOf.at({buffer, moved});
  Value &vector = laneVectors[{buffer, start}];
  if (!vector)
    vector = vector::LoadOp::create(
        b, loc,
        VectorType::get({kLaneSteps}, getElementTypeOrSelf(buffer.getType())),
        buffer, indices(start));
  return widen(vector::ExtractOp::create(b, loc, vector, lane));
}

/// Some steps of the innermost reduction one after the other, columns by
/// columns: each takes the vectors of all rows, but is loaded for itself.
SmallVector<Value> LoopEmitter::emitLaneSteps(int64_t steps,
                                              ValueRange accumulators) {
  SmallVector<Value> current(accumulators);
  size_t outputs = root.getNumDpsInits();
  SmallVector<TileIndex> positions = tileIndices(), all;
  auto order = llvm::to_vector(llvm::seq<size_t>(0, positions.size()));
  auto columnOf = [&](size_t i) {
    return plan.columnDim < 0 ? 0 : positions[i][plan.columnDim];
  };
  llvm::sort(order, [&](size_t left, size_t right) {
    return std::pair(columnOf(left), left) < std::pair(columnOf(right), right);
  });
  for (int64_t step = 0; step < steps; ++step)
    for (TileIndex at : positions) {
      at[plan.laneDim] = step;
      if (isInside(at))
        all.push_back(at);
    }
  broadcast.clear();
  findLanes(all);
  for (int64_t step = 0; step < steps; ++step)
    for (size_t i : order) {
      TileIndex at = positions[i];
      at[plan.laneDim] = step;
      if (!isInside(at))
        continue;
      auto mine = MutableArrayRef(current).slice(i * outputs, outputs);
      llvm::copy(emitBody(group.root, at, mine), mine.begin());
    }
  broadcast.clear();
  lanesOf.clear();
  laneVectors.clear();
  return current;
}

/// What is inside the loop of a reduction, for so many steps of it.
SmallVector<Value> LoopEmitter::emitSteps(int64_t steps, size_t depth,
                                          ValueRange accumulators) {
  return reductions[depth] == plan.laneDim
             ? emitLaneSteps(steps, accumulators)
             : emitReductions(depth + 1, accumulators);
}
