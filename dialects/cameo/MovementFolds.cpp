//===- MovementFolds.cpp - Simplification of data movement ----------------===//

#include "dialects/cameo/Cameo.h"

#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace cameo;

//===----------------------------------------------------------------------===//
// transpose
//===----------------------------------------------------------------------===//

OpFoldResult TransposeOp::fold(FoldAdaptor) {
  // Pattern: transpose(x) with every dimension in place -> x
  if (isIdentityPermutation(getPermutation()))
    return getX();
  // Pattern: transpose(transpose(x)) -> transpose(x)
  if (auto producer = getX().getDefiningOp<TransposeOp>()) {
    setPermutation(
        applyPermutation(producer.getPermutation(), getPermutation()));
    getXMutable().assign(producer.getX());
    return getResult();
  }
  return {};
}

LogicalResult TransposeOp::canonicalize(TransposeOp op,
                                        PatternRewriter &rewriter) {
  // Pattern: transpose that moves extents of one only -> reshape
  auto x = cast<RankedTensorType>(op.getX().getType());
  SmallVector<int64_t> moved;
  for (int64_t dim : op.getPermutation())
    if (x.getDimSize(dim) != 1)
      moved.push_back(dim);
  if (!llvm::is_sorted(moved))
    return rewriter.notifyMatchFailure(op, "moves elements");
  rewriter.replaceOpWithNewOp<ReshapeOp>(op, op.getType(), op.getX(),
                                         op.getType().getShape());
  return success();
}

//===----------------------------------------------------------------------===//
// slice
//===----------------------------------------------------------------------===//

OpFoldResult SliceOp::fold(FoldAdaptor) {
  // Pattern: slice(x) of everything -> x
  bool isForward =
      llvm::all_of(llvm::zip_equal(getExtents(), getSteps()), [](auto dim) {
        auto [extent, step] = dim;
        return step == 1 || extent <= 1;
      });
  if (isForward && getX().getType() == getType())
    return getX();
  // Pattern: slice(slice(x)) -> slice(x)
  auto producer = getX().getDefiningOp<SliceOp>();
  if (!producer || getType().getNumElements() == 0)
    return {};
  SmallVector<int64_t> starts, steps;
  for (size_t dim = 0; dim < getSteps().size(); ++dim) {
    int64_t step = producer.getSteps()[dim];
    starts.push_back(producer.getStarts()[dim] + getStarts()[dim] * step);
    // The step between single elements is of no account, and could overflow.
    steps.push_back(getExtents()[dim] == 1 ? 1 : getSteps()[dim] * step);
  }
  setStarts(starts);
  setSteps(steps);
  getXMutable().assign(producer.getX());
  return getResult();
}

//===----------------------------------------------------------------------===//
// concat
//===----------------------------------------------------------------------===//

OpFoldResult ConcatOp::fold(FoldAdaptor) {
  // Pattern: concat(x) -> x
  if (getInputs().size() == 1)
    return getInputs().front();
  return {};
}

static bool isEmpty(Value value) {
  return cast<RankedTensorType>(value.getType()).getNumElements() == 0;
}

namespace {
// Pattern: concat(a, concat(b, c), empty) -> concat(a, b, c)
struct FlattenConcat : OpRewritePattern<ConcatOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ConcatOp op,
                                PatternRewriter &rewriter) const override {
    SmallVector<Value> inputs;
    for (Value input : op.getInputs()) {
      auto inner = input.getDefiningOp<ConcatOp>();
      if (isEmpty(input) && !isEmpty(op.getResult()))
        continue;
      if (inner && inner->hasOneUse() && inner.getAxis() == op.getAxis())
        llvm::append_range(inputs, inner.getInputs());
      else
        inputs.push_back(input);
    }
    if (ValueRange(inputs) == ValueRange(op.getInputs()))
      return rewriter.notifyMatchFailure(op,
                                         "has no concat and no empty operand");
    rewriter.modifyOpInPlace(op, [&] { op.getInputsMutable().assign(inputs); });
    return success();
  }
};
} // namespace

void ConcatOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                           MLIRContext *context) {
  patterns.add<FlattenConcat>(context);
}

//===----------------------------------------------------------------------===//
// expand
//===----------------------------------------------------------------------===//

OpFoldResult ExpandOp::fold(FoldAdaptor adaptor) {
  // Pattern: expand(x) to x's own shape -> x
  if (getX().getType() == getType())
    return getX();
  // Pattern: expand(constant of one value) -> constant
  auto dense = dyn_cast_if_present<DenseElementsAttr>(adaptor.getX());
  if (dense && dense.isSplat())
    return dense.resizeSplat(getType());
  // Pattern: expand(expand(x)) -> expand(x)
  if (auto producer = getX().getDefiningOp<ExpandOp>()) {
    getXMutable().assign(producer.getX());
    return getResult();
  }
  return {};
}

/// Makes `operand` of an elementwise operation read `x` itself where it read
/// expand(x); false, and nothing changed, when that means something else.
static bool bypassExpand(ExpandOp expand, OpOperand &operand,
                         PatternRewriter &rewriter) {
  auto user = dyn_cast<ElementwiseOpInterface>(operand.getOwner());
  auto inference = dyn_cast<InferTypeOpInterface>(operand.getOwner());
  if (!user || !inference)
    return false;
  Operation *op = operand.getOwner();
  unsigned number = operand.getOperandNumber();
  SmallVector<Value> operands(op->getOperands());
  operands[number] = expand.getX();
  SmallVector<Type> types;
  if (failed(inference.inferReturnTypes(
          op->getContext(), std::nullopt, operands, op->getAttrDictionary(),
          op->getPropertiesStorage(), op->getRegions(), types)) ||
      TypeRange(types) != op->getResultTypes())
    return false;
  AffineMap wanted =
      expand.getOperandMap(0).compose(user.getOperandMap(number));
  Value old = operand.get();
  rewriter.startOpModification(op);
  operand.set(expand.getX());
  if (user.getOperandMap(number) == wanted) {
    rewriter.finalizeOpModification(op);
    return true;
  }
  operand.set(old);
  rewriter.cancelOpModification(op);
  return false;
}

LogicalResult ExpandOp::canonicalize(ExpandOp op, PatternRewriter &rewriter) {
  // Pattern: add(expand(x), y) -> add(x, y), where y has the result's shape
  bool changed = false;
  for (OpOperand &use : llvm::make_early_inc_range(op->getUses()))
    changed |= bypassExpand(op, use, rewriter);
  return success(changed);
}
