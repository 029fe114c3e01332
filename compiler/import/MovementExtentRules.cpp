//===- MovementExtentRules.cpp - Extents through data movement ------------===//
//
// Reshapes keep their elements in place where every group of dimensions that
// become others is open at its outermost one only; else gaps are closed and
// opened again.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/ExtentRules.h"
#include "compiler/import/Reshapes.h"
#include "compiler/import/ops/OpenShapes.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace cameo;

//===----------------------------------------------------------------------===//
// Permutations and parts
//===----------------------------------------------------------------------===//

static LogicalResult ruleTranspose(TransposeOp op, ExtentRule &r) {
  Exprs x = r.of(0), result;
  for (int64_t dim : op.getPermutation())
    result.push_back(x[dim]);
  return r.set(result);
}

static LogicalResult ruleReshape(ReshapeOp op, ExtentRule &r) {
  std::optional<Exprs> result =
      inferReshape(r.extents, op.getX(), op.getShape());
  if (!result)
    return r.refuse(0, *r.extents.findOpenDim(op.getX()));
  if (keepsPlaces(r.extents, op.getX(), op.getShape(), *result))
    return r.set(*result);
  return r.replace(reshapeTo(r.n, op.getX(), *result));
}

static LogicalResult ruleSlice(SliceOp op, ExtentRule &r) {
  Exprs result = r.of(0);
  for (auto [dim, expr] : llvm::enumerate(result)) {
    if (!r.extents.isOpen(expr)) {
      expr = r.extents.constant(op.getExtents()[dim]);
      continue;
    }
    bool isWhole = op.getStarts()[dim] == 0 && op.getSteps()[dim] == 1 &&
                   op.getExtents()[dim] == r.typeOf(0).getDimSize(dim);
    if (!isWhole)
      return r.refuse(0, dim);
  }
  return r.set(result);
}

static LogicalResult ruleConcat(ConcatOp op, ExtentRule &r) {
  auto axis = static_cast<size_t>(op.getAxis());
  unsigned count = op->getNumOperands();
  Exprs result = r.of(0);
  bool hasGaps = false;
  SmallVector<Value> extents;
  for (unsigned i = 0; i < count; ++i) {
    Exprs part = r.of(i);
    hasGaps |= r.extents.isOpen(part[axis]) && i + 1 < count;
    extents.push_back(r.extents.materialize(op.getLoc(), part[axis]));
    if (i == 0)
      continue;
    for (auto [dim, expr] : llvm::enumerate(part))
      result[dim] =
          dim == axis ? result[dim] + expr : r.unify(result[dim], expr);
  }
  result[axis] = r.extents.simplify(result[axis]);
  if (!hasGaps)
    return r.set(result);
  auto joined =
      ConcatExtentsOp::create(r.n.builder(), op.getLoc(), op.getType(),
                              op.getInputs(), extents, op.getAxis());
  r.extents.setExtents(joined, result);
  return r.replace(FailureOr<Value>(joined.getResult()));
}

//===----------------------------------------------------------------------===//
// Padding
//===----------------------------------------------------------------------===//

/// The value is put beyond the extent; there is more of it in the padding.
static LogicalResult rulePad(PadOp op, ExtentRule &r) {
  Exprs result = r.of(0);
  int64_t rank = result.size();
  Value x = op.getX();
  for (int64_t dim = 0; dim < rank; ++dim) {
    int64_t before = op.getPads()[dim], after = op.getPads()[rank + dim];
    AffineExpr extent = result[dim];
    result[dim] = r.extents.simplify(extent + (before + after));
    if (!r.extents.isOpen(extent) || after == 0)
      continue;
    DenseElementsAttr value;
    if (!matchPattern(op.getValue(), m_Constant(&value)))
      return r.refuse(0, dim);
    x = r.extents.limit(op.getLoc(), x, dim, value.getSplatValue<TypedAttr>());
  }
  op->setOperand(0, x);
  return r.set(result);
}

template <typename Op>
static LogicalResult rulePadFromInput(Op op, ExtentRule &r) {
  Exprs result = r.of(0);
  int64_t rank = result.size();
  for (int64_t dim = 0; dim < rank; ++dim) {
    int64_t before = op.getPads()[dim], after = op.getPads()[rank + dim];
    if (r.extents.isOpen(result[dim]) && before + after > 0)
      return r.refuse(0, dim);
    result[dim] = r.extents.simplify(result[dim] + (before + after));
  }
  return r.set(result);
}

//===----------------------------------------------------------------------===//
// Indices
//===----------------------------------------------------------------------===//

namespace {
/// Dimensions of operand 0 that indices are into, and which operand these are.
struct Indexed {
  int64_t first, count;
  bool isTuple; ///< Whether there is an index for each of the dimensions.
  unsigned operand = 1;
  int64_t spare = 0; ///< Elements that dimension `first` will have beyond.
};
} // namespace

/// Negative indices count from the actual extent, and others beyond it become
/// too large for the bound.
static LogicalResult resolveIndices(ExtentRule &r, const Indexed &how) {
  OpImporter &n = r.n;
  Exprs x = r.of(0), extents, bounds;
  for (int64_t dim = how.first; dim < how.first + how.count; ++dim) {
    int64_t spare = dim == how.first ? how.spare : 0;
    extents.push_back(x[dim]);
    bounds.push_back(r.extents.constant(r.typeOf(0).getDimSize(dim) + spare));
  }
  MaybeValue end = buildNumbers(n, extents, how.isTuple),
             outside = buildNumbers(n, bounds, how.isTuple);
  Type i64 = n.builder().getI64Type();
  Value zero = n.splat(i64, 0);
  MaybeValue indices = chainCast(n, r.operandAt(how.operand), i64);
  MaybeValue isNegative = chain<LessOp>(n, indices, zero);
  MaybeValue position =
      chain<WhereOp>(n, isNegative, chain<AddOp>(n, indices, end), indices);
  MaybeValue isInside =
      chain<AndOp>(n, chain<LessOp>(n, position, end),
                   chain<GreaterOrEqualOp>(n, position, zero));
  position = chain<WhereOp>(n, isInside, position, outside);
  if (failed(position))
    return failure();
  r.op->setOperand(how.operand, *position);
  return success();
}

static LogicalResult ruleGather(GatherOp op, ExtentRule &r) {
  Exprs x = r.of(0), indices = r.of(1);
  int64_t axis = op.getAxis();
  if (r.extents.isOpen(x[axis])) {
    if (failed(resolveIndices(r, {axis, 1, /*isTuple=*/false})))
      return failure();
    op.setInBounds(false);
  }
  // Garbage is no index.
  if (!op.getInBounds())
    r.limit(1, Neutral::Zero);
  Exprs result(x.begin(), x.begin() + axis);
  result.append(indices);
  result.append(x.begin() + axis + 1, x.end());
  return r.set(result);
}

static LogicalResult ruleGatherElements(GatherElementsOp op, ExtentRule &r) {
  int64_t axis = op.getAxis();
  if (r.isOpen(0, axis)) {
    if (failed(resolveIndices(r, {axis, 1, /*isTuple=*/false})))
      return failure();
    op.setInBounds(false);
  }
  r.limit(1, Neutral::Zero);
  return r.set(r.of(1));
}

static LogicalResult ruleGatherND(GatherNDOp op, ExtentRule &r) {
  Exprs x = r.of(0), indices = r.of(1);
  int64_t rank = indices.size(), batch = op.getBatchDims();
  if (r.extents.isOpen(indices.back()))
    return r.refuse(1, rank - 1);
  int64_t depth = r.typeOf(1).getDimSize(rank - 1);
  auto indexed = ArrayRef(x).slice(batch, depth);
  if (llvm::any_of(indexed,
                   [&](AffineExpr e) { return r.extents.isOpen(e); })) {
    if (failed(resolveIndices(r, {batch, depth, /*isTuple=*/true})))
      return failure();
    op.setInBounds(false);
  }
  if (!op.getInBounds())
    r.limit(1, Neutral::Zero);
  Exprs result(llvm::drop_end(indices));
  for (int64_t dim = 0; dim < batch; ++dim)
    result[dim] = r.unify(result[dim], x[dim]);
  result.append(x.begin() + batch + depth, x.end());
  return r.set(result);
}

/// The first lengths are of steps that are there.
static LogicalResult ruleReverseSequence(ReverseSequenceOp op, ExtentRule &r) {
  int64_t time = op.getTimeAxis();
  Exprs result = r.of(0);
  result[1 - time] = r.unify(result[1 - time], r.of(1)[0]);
  if (r.extents.isOpen(result[time])) {
    Type i64 = r.n.builder().getI64Type();
    MaybeValue lengths = chainCast(r.n, op.getLengths(), i64);
    MaybeValue isInside = chain<LessOrEqualOp>(
        r.n, lengths, r.extents.materialize(op.getLoc(), result[time]));
    auto bound = static_cast<double>(r.typeOf(0).getDimSize(time));
    lengths = chain<WhereOp>(r.n, isInside, lengths, r.n.splat(i64, bound + 1));
    if (failed(lengths))
      return failure();
    op->setOperand(1, *lengths);
  }
  r.limit(1, Neutral::Zero);
  return r.set(result);
}

/// Indices of images, one per region.
static LogicalResult ruleRoiAlign(RoiAlignOp op, ExtentRule &r) {
  if (failed(r.requireFixed(0, {2, 3})) || failed(r.requireFixed(1, {1})))
    return failure();
  Exprs x = r.of(0);
  AffineExpr count = r.unify(r.of(1)[0], r.of(2)[0]);
  if (r.extents.isOpen(x[0]) &&
      failed(resolveIndices(r, {0, 1, /*isTuple=*/false, /*operand=*/2})))
    return failure();
  // Regions beyond the extent are empty ones of the first image.
  r.limit(1, Neutral::Zero);
  r.limit(2, Neutral::Zero);
  Exprs result = {count, x[1]};
  for (int64_t extent : op.getOutputShape())
    result.push_back(r.extents.constant(extent));
  return r.set(result);
}

static LogicalResult ruleMaxRoiPool(MaxRoiPoolOp op, ExtentRule &r) {
  if (failed(r.requireFixed(0, {0, 2, 3})) || failed(r.requireFixed(1, {1})))
    return failure();
  // Regions beyond the extent are of the first image.
  r.limit(1, Neutral::Zero);
  Exprs result = {r.of(1)[0], r.of(0)[1]};
  for (int64_t extent : op.getOutputShape())
    result.push_back(r.extents.constant(extent));
  return r.set(result);
}

//===----------------------------------------------------------------------===//
// Scatters
//===----------------------------------------------------------------------===//

/// A scatter to `x` with one more element along `axis`, where updates go that
/// are beyond their extents; it is taken away again.
template <typename Op, typename... Args>
static LogicalResult replaceScatter(Op op, ExtentRule &r, Exprs x, int64_t axis,
                                    Args... args) {
  SmallVector<int64_t> shape(r.typeOf(0).getShape());
  SmallVector<int64_t> starts(shape.size(), 0), steps(shape.size(), 1),
      pads(2 * shape.size(), 0);
  pads[shape.size() + axis] = 1;
  Exprs wider = x;
  wider[axis] = r.extents.constant(shape[axis] + 1);
  Value zero = r.n.splat(r.typeOf(0).getElementType(), 0);
  MaybeValue y = r.n.withExtents<PadOp>(wider, op.getX(), zero, pads);
  if (succeeded(y))
    y = r.n.withExtents<Op>(wider, *y, r.operandAt(1), r.operandAt(2), args...,
                            op.getReduction(), /*in_bounds=*/false);
  if (succeeded(y))
    y = r.n.withExtents<SliceOp>(x, *y, starts, shape, steps);
  return r.replace(y);
}

/// Fills indices beyond their extents.
static void limitIndices(ExtentRule &r, ArrayRef<AffineExpr> extents,
                         int64_t fill) {
  for (auto [dim, extent] : llvm::enumerate(extents)) {
    if (!r.extents.isOpen(extent))
      continue;
    Type type = r.typeOf(1).getElementType();
    r.op->setOperand(1,
                     r.extents.limitTo(r.op->getLoc(), r.operandAt(1), dim,
                                       extent, IntegerAttr::get(type, fill)));
  }
}

static LogicalResult ruleScatterElements(ScatterElementsOp op, ExtentRule &r) {
  int64_t axis = op.getAxis();
  Exprs x = r.of(0), indices = r.of(1), updates = r.of(2);
  bool hasGaps = false;
  for (auto [dim, extent] : llvm::enumerate(indices)) {
    extent = r.unify(extent, updates[dim]);
    // Elsewhere, updates beyond an extent go beyond that of the result.
    bool isBeyond =
        static_cast<int64_t>(dim) != axis && r.extents.areEqual(extent, x[dim]);
    hasGaps |= r.extents.isOpen(extent) && !isBeyond;
  }
  if (hasGaps || r.extents.isOpen(x[axis])) {
    if (failed(resolveIndices(
            r, {axis, 1, /*isTuple=*/false, /*operand=*/1, hasGaps ? 1 : 0})))
      return failure();
    op.setInBounds(false);
  }
  limitIndices(r, indices, hasGaps ? r.typeOf(0).getDimSize(axis) : 0);
  return hasGaps ? replaceScatter(op, r, x, axis, axis) : r.set(x);
}

static LogicalResult ruleScatterND(ScatterNDOp op, ExtentRule &r) {
  Exprs x = r.of(0), indices = r.of(1), updates = r.of(2);
  int64_t last = indices.size() - 1, depth = r.typeOf(1).getDimSize(last);
  if (r.extents.isOpen(indices[last]))
    return r.refuse(1, last);
  if (depth == 0)
    return r.requireFixed(1);
  bool hasGaps = false, isInto = false;
  indices.pop_back();
  for (auto [dim, extent] : llvm::enumerate(indices)) {
    extent = r.unify(extent, updates[dim]);
    hasGaps |= r.extents.isOpen(extent);
  }
  for (auto [dim, extent] : llvm::enumerate(x)) {
    auto at = static_cast<int64_t>(dim);
    isInto |= at < depth && r.extents.isOpen(extent);
    if (at >= depth)
      extent = r.unify(extent, updates[last + at - depth]);
  }
  if (!hasGaps && !isInto)
    return r.set(x);
  if (failed(resolveIndices(
          r, {0, depth, /*isTuple=*/true, /*operand=*/1, hasGaps ? 1 : 0})))
    return failure();
  op.setInBounds(false);
  if (!hasGaps)
    return r.set(x);
  // No index is negative any more.
  limitIndices(r, indices, -1);
  Builder &b = r.n.builder();
  SmallVector<int64_t> spare(depth, 0);
  spare[0] = r.typeOf(0).getDimSize(0);
  Value place = r.n.constant(DenseElementsAttr::get(
      RankedTensorType::get(depth, b.getI64Type()), ArrayRef(spare)));
  MaybeValue isGap =
      chain<LessOp>(r.n, r.operandAt(1), r.n.splat(b.getI64Type(), 0));
  MaybeValue filled = chain<WhereOp>(r.n, isGap, place, r.operandAt(1));
  if (failed(filled))
    return failure();
  op->setOperand(1, *filled);
  return replaceScatter(op, r, x, /*axis=*/0);
}

//===----------------------------------------------------------------------===//
// Selections
//===----------------------------------------------------------------------===//

static LogicalResult ruleTopK(TopKOp op, ExtentRule &r) {
  int64_t axis = op.getAxis();
  Exprs result = r.of(0);
  AffineExpr k = r.extents.constant(op.getK());
  // There must be as many elements.
  result[axis] =
      r.extents.check(op.getLoc(), k, r.extents.constant(0), result[axis]);
  r.limit(0, axis, op.getLargest() ? Neutral::Lowest : Neutral::Highest);
  (void)r.set(result, 1);
  return r.set(result);
}

/// Elements beyond an extent are zero, so that they are not found.
static LogicalResult ruleNonZero(NonZeroOp op, ExtentRule &r) {
  r.limit(0, Neutral::Zero);
  AffineExpr count =
      r.extents.addSymbol(op.getCount(), {0, r.typeOf(0).getNumElements()});
  (void)r.set({}, 1);
  return r.set({r.extents.constant(r.typeOf(0).getRank()), count});
}

void cameo::addMovementExtentRules(ExtentRuleTable &table) {
  addExtentRule<TransposeOp, ruleTranspose>(table);
  addExtentRule<ReshapeOp, ruleReshape>(table);
  addExtentRule<SliceOp, ruleSlice>(table);
  addExtentRule<ConcatOp, ruleConcat>(table);
  addExtentRule<PadOp, rulePad>(table);
  addExtentRule<PadEdgeOp, rulePadFromInput<PadEdgeOp>>(table);
  addExtentRule<PadReflectOp, rulePadFromInput<PadReflectOp>>(table);
  addExtentRule<PadWrapOp, rulePadFromInput<PadWrapOp>>(table);
  addExtentRule<GatherOp, ruleGather>(table);
  addExtentRule<GatherElementsOp, ruleGatherElements>(table);
  addExtentRule<GatherNDOp, ruleGatherND>(table);
  addExtentRule<ReverseSequenceOp, ruleReverseSequence>(table);
  addExtentRule<RoiAlignOp, ruleRoiAlign>(table);
  addExtentRule<MaxRoiPoolOp, ruleMaxRoiPool>(table);
  addExtentRule<ScatterElementsOp, ruleScatterElements>(table);
  addExtentRule<ScatterNDOp, ruleScatterND>(table);
  addExtentRule<TopKOp, ruleTopK>(table);
  addExtentRule<NonZeroOp, ruleNonZero>(table);
}
