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

/// Indices into open dimensions, the only one or those of a tuple: negative
/// ones count from the actual extent, and others beyond it become too large for
/// the bound.
static LogicalResult resolveIndices(ExtentRule &r, int64_t first, int64_t count,
                                    bool isTuple) {
  OpImporter &n = r.n;
  Exprs x = r.of(0), extents, bounds;
  for (int64_t dim = first; dim < first + count; ++dim) {
    extents.push_back(x[dim]);
    bounds.push_back(r.extents.constant(r.typeOf(0).getDimSize(dim)));
  }
  MaybeValue end = buildNumbers(n, extents, isTuple),
             outside = buildNumbers(n, bounds, isTuple);
  Value zero = n.splat(n.builder().getI64Type(), 0);
  MaybeValue indices = chainCast(n, r.operandAt(1), n.builder().getI64Type());
  MaybeValue isNegative = chain<LessOp>(n, indices, zero);
  MaybeValue position =
      chain<WhereOp>(n, isNegative, chain<AddOp>(n, indices, end), indices);
  MaybeValue isInside =
      chain<AndOp>(n, chain<LessOp>(n, position, end),
                   chain<GreaterOrEqualOp>(n, position, zero));
  position = chain<WhereOp>(n, isInside, position, outside);
  if (failed(position))
    return failure();
  r.op->setOperand(1, *position);
  return success();
}

static LogicalResult ruleGather(GatherOp op, ExtentRule &r) {
  Exprs x = r.of(0), indices = r.of(1);
  int64_t axis = op.getAxis();
  if (r.extents.isOpen(x[axis])) {
    if (failed(resolveIndices(r, axis, 1, /*isTuple=*/false)))
      return failure();
    op.setInBounds(false);
  }
  // Garbage is no index.
  if (!op.getInBounds())
    r.limit(1, Neutral::Zero);
  Exprs result(ArrayRef(x).take_front(axis));
  result.append(indices);
  result.append(x.begin() + axis + 1, x.end());
  return r.set(result);
}

static LogicalResult ruleGatherElements(GatherElementsOp op, ExtentRule &r) {
  int64_t axis = op.getAxis();
  if (r.isOpen(0, axis)) {
    if (failed(resolveIndices(r, axis, 1, /*isTuple=*/false)))
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
    if (failed(resolveIndices(r, batch, depth, /*isTuple=*/true)))
      return failure();
    op.setInBounds(false);
  }
  if (!op.getInBounds())
    r.limit(1, Neutral::Zero);
  Exprs result(ArrayRef(indices).drop_back());
  for (int64_t dim = 0; dim < batch; ++dim)
    result[dim] = r.unify(result[dim], x[dim]);
  result.append(x.begin() + batch + depth, x.end());
  return r.set(result);
}

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
  addExtentRule<TopKOp, ruleTopK>(table);
  addExtentRule<NonZeroOp, ruleNonZero>(table);
}
