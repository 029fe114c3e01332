//===- ValuesBeyond.cpp - What stands beyond an extent --------------------===//
//
// `select(position < extent, x, fill)` is where it begins; arithmetic on
// numbers that are known goes on from there.
//
//===----------------------------------------------------------------------===//

#include "codegen/lower/ValuesBeyond.h"
#include "dialects/cameo/Shapes.h"

#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include <cmath>

using namespace mlir;
using namespace cameo;

static bool isReshape(Operation *op) {
  return isa_and_nonnull<tensor::CollapseShapeOp, tensor::ExpandShapeOp>(op);
}

/// The kernel's argument that `value` is a reshaped form of; null: it is none.
static BlockArgument stripToArgument(Value value) {
  while (isReshape(value.getDefiningOp()))
    value = value.getDefiningOp()->getOperand(0);
  auto arg = dyn_cast<BlockArgument>(value);
  return arg && isa<func::FuncOp>(arg.getOwner()->getParentOp())
             ? arg
             : BlockArgument();
}

static Value skipCasts(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    if (!isa<arith::ExtSIOp, arith::TruncIOp, arith::IndexCastOp>(op))
      break;
    value = op->getOperand(0);
  }
  return value;
}

/// The operand that a value of the body is an element of.
static OpOperand *operandOf(linalg::LinalgOp op, Value value) {
  auto arg = dyn_cast<BlockArgument>(skipCasts(value));
  return arg && arg.getOwner() == op.getBlock() ? op.getMatchingOpOperand(arg)
                                                : nullptr;
}

int64_t cameo::reshapedDim(ArrayRef<int64_t> shape, ArrayRef<int64_t> newShape,
                           int64_t dim) {
  int64_t before = 1, count = 1;
  for (int64_t i = 0; i < dim; ++i)
    before *= shape[i];
  for (auto [i, extent] : llvm::enumerate(newShape)) {
    if (count == before && extent == shape[dim] && extent != 1)
      return i;
    count *= extent;
  }
  return -1;
}

Bound ValuesBeyond::scalarOf(Value tensor) {
  auto type = dyn_cast<RankedTensorType>(tensor.getType());
  BlockArgument arg = type && type.getNumElements() == 1
                          ? stripToArgument(tensor)
                          : BlockArgument();
  return arg ? context.getExtent(arg.getArgNumber()) : Bound();
}

//===----------------------------------------------------------------------===//
// Guards
//===----------------------------------------------------------------------===//

/// Up to where a condition says that the index of `loop` is.
Bound ValuesBeyond::matchGuard(linalg::LinalgOp op, Value condition,
                               int64_t loop) {
  auto compare = condition.getDefiningOp<arith::CmpIOp>();
  if (!compare || compare.getPredicate() != arith::CmpIPredicate::slt)
    return {};
  OpOperand *index = operandOf(op, compare.getLhs());
  if (!index)
    return {};
  BlockArgument positions = stripToArgument(index->get());
  if (!positions || context.getPositionsDim(positions.getArgNumber()) < 0)
    return {};
  AffineMap map = op.getMatchingIndexingMap(index);
  for (auto [expr, size] :
       llvm::zip_equal(map.getResults(), shapeOf(index->get())))
    if (size != 1 && expr != getAffineDimExpr(loop, op.getContext()))
      return {};
  // Scalars are read by the body itself where they have been inlined.
  Value extent = skipCasts(compare.getRhs());
  if (auto extract = extent.getDefiningOp<tensor::ExtractOp>())
    return scalarOf(extract.getTensor());
  OpOperand *operand = operandOf(op, extent);
  return operand ? scalarOf(operand->get()) : Bound();
}

/// Up to which index of `loop` a value of the body makes a difference.
Bound ValuesBeyond::findGuard(linalg::LinalgOp op, Value value, int64_t loop) {
  Bound guard;
  for (OpOperand &use : value.getUses()) {
    Operation *user = use.getOwner();
    Bound here;
    auto select = dyn_cast<arith::SelectOp>(user);
    if (select && use.getOperandNumber() == 1)
      here = matchGuard(op, select.getCondition(), loop);
    if (!here && isMemoryEffectFree(user) && user->getNumResults() == 1 &&
        user->getNumRegions() == 0)
      here = findGuard(op, user->getResult(0), loop);
    if (!here)
      return {};
    guard = guard ? joinBounds(guard, here, context.ranges) : here;
    if (!guard)
      return {};
  }
  return guard;
}

Bound ValuesBeyond::endOfGuards(linalg::LinalgOp op, OpOperand &operand,
                                int64_t loop) {
  return findGuard(op, op.getMatchingBlockArgument(&operand), loop);
}

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

/// What is beyond an extent of the dimension of an operand that `loop` goes
/// over.
std::optional<Beyond> ValuesBeyond::findOperand(linalg::LinalgOp op,
                                                OpOperand &operand,
                                                int64_t loop) {
  if (!isa<RankedTensorType>(operand.get().getType()))
    return std::nullopt;
  AffineExpr expr = getAffineDimExpr(loop, op.getContext());
  for (auto [dim, result] :
       llvm::enumerate(op.getMatchingIndexingMap(&operand).getResults()))
    if (result == expr)
      return find(operand.get(), dim);
  return std::nullopt;
}

/// Whether a value of the body is the same for all indices of `loop`.
bool ValuesBeyond::isInvariant(linalg::LinalgOp op, Value value, int64_t loop) {
  if (OpOperand *operand = operandOf(op, value))
    return !op.getMatchingIndexingMap(operand).isFunctionOfDim(loop);
  Operation *inner = value.getDefiningOp();
  return inner && isMemoryEffectFree(inner) && !isa<linalg::IndexOp>(inner) &&
         inner->getNumRegions() == 0 &&
         llvm::all_of(inner->getOperands(), [&](Value operand) {
           return isInvariant(op, operand, loop);
         });
}

std::optional<double> ValuesBeyond::evaluateOperation(linalg::LinalgOp op,
                                                      Operation *inner,
                                                      int64_t loop,
                                                      const Bound &bound) {
  auto at = [&](unsigned i) {
    return evaluate(op, inner->getOperand(i), loop, bound);
  };
  if (auto select = dyn_cast<arith::SelectOp>(inner))
    return matchGuard(op, select.getCondition(), loop) == bound ? at(2)
                                                                : std::nullopt;
  if (isa<arith::ExtFOp, arith::TruncFOp>(inner))
    return at(0);
  if (isa<math::ExpOp, math::Exp2Op>(inner)) {
    std::optional<double> x = at(0);
    return x ? std::optional(std::exp(*x)) : std::nullopt;
  }
  if (inner->getNumOperands() != 2)
    return std::nullopt;
  std::optional<double> x = at(0), y = at(1);
  // What is the same within the extent has had its effect there: a factor or
  // term that is not finite has reached every element of the row already.
  if (isa<arith::MulFOp>(inner)) {
    if (x && y)
      return *x * *y;
    if ((x == 0.0 && isInvariant(op, inner->getOperand(1), loop)) ||
        (y == 0.0 && isInvariant(op, inner->getOperand(0), loop)))
      return 0.0;
  }
  if (isa<arith::DivFOp>(inner) && x == 0.0 &&
      isInvariant(op, inner->getOperand(1), loop))
    return 0.0;
  if (isa<arith::SubFOp>(inner) && x == -INFINITY &&
      isInvariant(op, inner->getOperand(1), loop))
    return x;
  return std::nullopt;
}

/// What a value of the body is from index `bound` of `loop` on.
std::optional<double> ValuesBeyond::evaluate(linalg::LinalgOp op, Value value,
                                             int64_t loop, const Bound &bound) {
  APFloat constant(0.0);
  if (matchPattern(value, m_ConstantFloat(&constant)))
    return constant.convertToDouble();
  if (Operation *inner = value.getDefiningOp())
    return evaluateOperation(op, inner, loop, bound);
  OpOperand *operand = operandOf(op, value);
  if (!operand)
    return std::nullopt;
  std::optional<Beyond> beyond = findOperand(op, *operand, loop);
  return beyond && beyond->bound == bound ? std::optional(beyond->value)
                                          : std::nullopt;
}

/// An extent of `loop` that an operand or a guard knows; none if none does.
Bound ValuesBeyond::findCandidate(linalg::LinalgOp op, int64_t loop) {
  for (OpOperand &operand : op->getOpOperands())
    if (std::optional<Beyond> beyond = findOperand(op, operand, loop))
      return beyond->bound;
  Bound found;
  op.getBlock()->walk([&](arith::SelectOp select) {
    if (!found)
      found = matchGuard(op, select.getCondition(), loop);
  });
  return found;
}

std::optional<Beyond> ValuesBeyond::find(Value tensor, int64_t dim) {
  auto [place, isNew] = known.try_emplace({tensor, dim}, std::nullopt);
  if (!isNew)
    return place->second;
  std::optional<Beyond> result;
  Operation *producer = tensor.getDefiningOp();
  if (isa<BlockArgument>(tensor)) {
    if (BlockArgument arg = stripToArgument(tensor))
      result = context.getBeyond(arg.getArgNumber(), dim);
  } else if (isReshape(producer)) {
    Value source = producer->getOperand(0);
    int64_t from = reshapedDim(shapeOf(tensor), shapeOf(source), dim);
    if (from >= 0)
      result = find(source, from);
  } else if (auto op = dyn_cast<linalg::LinalgOp>(producer)) {
    unsigned number = cast<OpResult>(tensor).getResultNumber();
    auto loop = dyn_cast<AffineDimExpr>(
        op.getIndexingMapMatchingResult(cast<OpResult>(tensor)).getResult(dim));
    Bound bound = loop && op.getNumReductionLoops() == 0
                      ? findCandidate(op, loop.getPosition())
                      : Bound();
    std::optional<double> value;
    if (bound)
      value = evaluate(op, op.getBlock()->getTerminator()->getOperand(number),
                       loop.getPosition(), bound);
    if (value)
      result = Beyond{bound, *value};
  }
  return known[{tensor, dim}] = result;
}

Bound ValuesBeyond::endOfReduction(linalg::LinalgOp op, int64_t loop) {
  // Only where the loop is an index by itself: nests then honour its end.
  AffineExpr dim = getAffineDimExpr(loop, op.getContext());
  for (AffineMap map : op.getIndexingMapsArray())
    for (AffineExpr expr : map.getResults())
      if (expr != dim && expr.isFunctionOfDim(loop))
        return {};
  Bound bound = findCandidate(op, loop);
  if (!bound)
    return {};
  for (unsigned i = 0; i < op.getNumDpsInits(); ++i) {
    SmallVector<Operation *, 4> combiners;
    BlockArgument sum = op.getRegionOutputArgs()[i];
    if (!matchReduction(op.getRegionOutputArgs(), i, combiners) ||
        combiners.size() != 1 || !sum.hasOneUse())
      return {};
    Operation *combiner = combiners[0];
    unsigned added = combiner->getOperand(0) == sum ? 1 : 0;
    std::optional<double> value =
        evaluate(op, combiner->getOperand(added), loop, bound);
    bool isNeutral =
        value && ((isa<arith::AddFOp>(combiner) && *value == 0) ||
                  (isa<arith::MaximumFOp, arith::MaxNumFOp>(combiner) &&
                   *value == -INFINITY));
    if (!isNeutral)
      return {};
  }
  return bound;
}
