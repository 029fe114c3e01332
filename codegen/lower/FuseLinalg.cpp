//===- FuseLinalg.cpp - Fuse and simplify linalg operations ---------------===//
//
// Upstream patterns, in the order in which each helps the next.
//
//===----------------------------------------------------------------------===//

#include "codegen/lower/Passes.h"

#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace cameo {
#define GEN_PASS_DEF_FUSELINALG
#include "codegen/lower/Passes.h.inc"
} // namespace cameo

using namespace cameo;

namespace {
struct FuseLinalgPass : cameo::impl::FuseLinalgBase<FuseLinalgPass> {
  void runOnOperation() override;

private:
  void markInPlace();
};
} // namespace

/// Whether `op` is where `value` is used last, and once.
static bool isLastUse(Value value, Operation *op) {
  return llvm::count(op->getOperands(), value) == 1 &&
         llvm::all_of(value.getUsers(), [&](Operation *user) {
           return user == op || (user->getBlock() == op->getBlock() &&
                                 user->isBeforeInBlock(op));
         });
}

/// An input that an elementwise operation may overwrite: made by another
/// operation of the kernel, not needed later, read at the index where the
/// result is written.
static OpOperand *findDyingInput(linalg::GenericOp op) {
  AffineMap resultMap = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  for (OpOperand *input : op.getDpsInputOperands()) {
    Value value = input->get();
    if (value.getDefiningOp<DestinationStyleOpInterface>() &&
        isLastUse(value, op) && value.getType() == op.getResult(0).getType() &&
        op.getMatchingIndexingMap(input) == resultMap)
      return input;
  }
  return nullptr;
}

namespace {
// Pattern: generic ins(x) outs(empty) -> generic outs(x), where x dies
struct OverwriteDyingInput : OpRewritePattern<linalg::GenericOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(linalg::GenericOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getNumResults() != 1 || op.getNumReductionLoops() != 0 ||
        !op.getDpsInitOperand(0)->get().getDefiningOp<tensor::EmptyOp>())
      return rewriter.notifyMatchFailure(op,
                                         "not elementwise into a new tensor");
    OpOperand *input = findDyingInput(op);
    if (!input)
      return rewriter.notifyMatchFailure(op, "no input dies here");
    rewriter.modifyOpInPlace(op, [&] {
      Value value = input->get();
      op.getMatchingBlockArgument(input).replaceAllUsesWith(
          op.getMatchingBlockArgument(op.getDpsInitOperand(0)));
      input->set(op.getDpsInitOperand(0)->get());
      op.getDpsInitOperand(0)->set(value);
    });
    return success();
  }
};
} // namespace

//===----------------------------------------------------------------------===//
// Elementwise fusion
//===----------------------------------------------------------------------===//

/// Operations of a body that take time: conversions are free enough.
static int64_t countWork(linalg::LinalgOp op) {
  return llvm::count_if(op.getBlock()->without_terminator(),
                        [](Operation &inner) {
                          return !inner.hasTrait<OpTrait::ConstantLike>() &&
                                 !isa<CastOpInterface>(inner);
                        });
}

/// Whether every operation of the body is about as cheap as reading its result
/// from memory.
static bool isCheap(linalg::LinalgOp op) {
  return countWork(op) <= 2 &&
         llvm::none_of(*op.getBlock(), [](Operation &inner) {
           return isa<arith::DivFOp, arith::DivSIOp, arith::DivUIOp,
                      arith::RemFOp, arith::RemSIOp, arith::RemUIOp>(inner) ||
                  isa_and_nonnull<math::MathDialect>(inner.getDialect());
         });
}

static int64_t countIterations(linalg::LinalgOp op) {
  int64_t count = 1;
  for (int64_t range : op.getStaticLoopRanges())
    count *= range;
  return count;
}

/// Fusion must not compute anything twice but for what costs no more than to
/// store and to read it.
static bool isWorthFusing(OpOperand *operand) {
  auto producer = operand->get().getDefiningOp<linalg::LinalgOp>();
  auto consumer = dyn_cast<linalg::LinalgOp>(operand->getOwner());
  if (!producer || !consumer || countWork(producer) == 0)
    return true;
  bool hasOtherUsers = llvm::any_of(
      producer->getUsers(), [&](Operation *user) { return user != consumer; });
  if (hasOtherUsers)
    return false;
  if (countIterations(consumer) <= countIterations(producer))
    return true;
  return consumer.getNumReductionLoops() == 0 && isCheap(producer);
}

/// Whether an operation copies its input to other places.
static bool isCopy(linalg::GenericOp op) {
  Block *body = op.getBlock();
  return op.getNumDpsInputs() == 1 && op.getNumReductionLoops() == 0 &&
         llvm::hasSingleElement(*body) &&
         body->getTerminator()->getOperand(0) == body->getArgument(0);
}

/// Whether the operand of a copy was computed, elementwise, with dimensions
/// that a reshape then merged: the copy takes them apart again, so that it
/// fuses.
static bool copiesMerged(OpOperand *operand) {
  auto copy = dyn_cast<linalg::GenericOp>(operand->getOwner());
  auto merge = operand->get().getDefiningOp<tensor::CollapseShapeOp>();
  if (!copy || !merge || !merge->hasOneUse() || !isCopy(copy))
    return false;
  auto computed = merge.getSrc().getDefiningOp<linalg::GenericOp>();
  return computed && computed->hasOneUse() &&
         computed.getNumReductionLoops() == 0;
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

/// Whether an operation adds products of its two inputs to its result.
static bool isProduct(linalg::GenericOp op) {
  if (op.getNumDpsInputs() != 2 || op.getNumDpsInits() != 1 ||
      op.getNumReductionLoops() == 0)
    return false;
  Block *body = op.getBlock();
  auto sum =
      body->getTerminator()->getOperand(0).getDefiningOp<arith::AddFOp>();
  if (!sum || sum.getLhs() != body->getArgument(2))
    return false;
  auto product = sum.getRhs().getDefiningOp<arith::MulFOp>();
  return product && body->getOperations().size() == 3 &&
         product.getLhs() == body->getArgument(0) &&
         product.getRhs() == body->getArgument(1);
}

/// Matches x * s with a factor `s` that does not move along the last dimension;
/// the numbers of both operands.
static std::optional<std::pair<unsigned, unsigned>>
matchRowScale(linalg::GenericOp op) {
  if (op.getNumDpsInputs() != 2 || op.getNumReductionLoops() != 0 ||
      op.getNumDpsInits() != 1)
    return std::nullopt;
  Block *body = op.getBlock();
  auto product =
      body->getTerminator()->getOperand(0).getDefiningOp<arith::MulFOp>();
  AffineMap resultMap = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  if (!product || body->getOperations().size() != 2 || !resultMap.isIdentity())
    return std::nullopt;
  for (unsigned scale : {0, 1}) {
    AffineMap scaleMap =
        op.getMatchingIndexingMap(op.getDpsInputOperand(scale));
    AffineMap dataMap =
        op.getMatchingIndexingMap(op.getDpsInputOperand(1 - scale));
    bool readsBoth =
        llvm::is_contained(product->getOperands(), body->getArgument(0)) &&
        llvm::is_contained(product->getOperands(), body->getArgument(1));
    if (readsBoth && dataMap == resultMap &&
        scaleMap.isProjectedPermutation() &&
        !scaleMap.isFunctionOfDim(op.getNumLoops() - 1))
      return std::pair(1 - scale, scale);
  }
  return std::nullopt;
}

namespace {
// Pattern: product(x * s, w) -> product(x, w) * s, where s is one per row
struct ScaleAfterProduct : OpRewritePattern<linalg::GenericOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(linalg::GenericOp op,
                                PatternRewriter &rewriter) const override {
    if (!isProduct(op))
      return rewriter.notifyMatchFailure(op, "not a product");
    auto scaled = op.getInputs()[0].getDefiningOp<linalg::GenericOp>();
    if (!scaled || !scaled->hasOneUse())
      return rewriter.notifyMatchFailure(op, "first factor is not computed");
    auto operands = matchRowScale(scaled);
    AffineMap factorMap = op.getMatchingIndexingMap(op.getDpsInputOperand(0));
    AffineMap resultMap = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
    if (!operands || !factorMap.isProjectedPermutation() ||
        !resultMap.isProjectedPermutation())
      return rewriter.notifyMatchFailure(op, "first factor is not scaled");
    // From the result's index to the scale's.
    AffineMap scaleMap =
        scaled
            .getMatchingIndexingMap(scaled.getDpsInputOperand(operands->second))
            .compose(factorMap);
    SmallVector<AffineExpr> position(op.getNumLoops(), AffineExpr());
    for (auto [i, expr] : llvm::enumerate(resultMap.getResults()))
      position[cast<AffineDimExpr>(expr).getPosition()] =
          rewriter.getAffineDimExpr(i);
    SmallVector<AffineExpr> exprs;
    for (AffineExpr expr : scaleMap.getResults())
      exprs.push_back(position[cast<AffineDimExpr>(expr).getPosition()]);
    if (llvm::is_contained(exprs, AffineExpr()))
      return rewriter.notifyMatchFailure(op, "the scale varies along the sum");
    unsigned rank = resultMap.getNumResults();
    rewriter.modifyOpInPlace(
        op, [&] { op->setOperand(0, scaled.getInputs()[operands->first]); });
    rewriter.setInsertionPointAfter(op);
    Value scale = scaled.getInputs()[operands->second];
    AffineMap identity = rewriter.getMultiDimIdentityMap(rank);
    auto type = cast<RankedTensorType>(op.getResult(0).getType());
    Value empty = tensor::EmptyOp::create(
        rewriter, op.getLoc(), type.getShape(), type.getElementType());
    auto after = linalg::GenericOp::create(
        rewriter, op.getLoc(), type, ValueRange{op.getResult(0), scale}, empty,
        ArrayRef<AffineMap>{
            identity, AffineMap::get(rank, 0, exprs, getContext()), identity},
        SmallVector<utils::IteratorType>(rank, utils::IteratorType::parallel),
        [](OpBuilder &b, Location loc, ValueRange args) {
          Value result = arith::MulFOp::create(b, loc, args[0], args[1]);
          linalg::YieldOp::create(b, loc, result);
        });
    rewriter.replaceAllUsesExcept(op.getResult(0), after.getResult(0), after);
    return success();
  }
};

// Pattern: transpose(reduction(fill)) -> reduction(fill) with another result
// map
struct TransposeInReduction : OpRewritePattern<linalg::GenericOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(linalg::GenericOp op,
                                PatternRewriter &rewriter) const override {
    if (!isCopy(op))
      return rewriter.notifyMatchFailure(op, "not a transposition");
    auto reduction = op.getInputs()[0].getDefiningOp<linalg::GenericOp>();
    AffineMap from = op.getIndexingMapsArray()[0],
              to = op.getIndexingMapsArray()[1];
    if (!reduction || !reduction->hasOneUse() ||
        reduction.getNumReductionLoops() == 0 ||
        reduction.getNumDpsInits() != 1 || !from.isPermutation() ||
        !to.isPermutation())
      return rewriter.notifyMatchFailure(op, "not of a reduction's result");
    auto fill = reduction.getOutputs()[0].getDefiningOp<linalg::FillOp>();
    if (!fill)
      return rewriter.notifyMatchFailure(op, "the reduction starts from data");
    Location loc = reduction.getLoc();
    auto type = cast<RankedTensorType>(op.getResult(0).getType());
    rewriter.setInsertionPoint(op);
    Value empty = tensor::EmptyOp::create(rewriter, loc, type.getShape(),
                                          type.getElementType());
    Value start =
        linalg::FillOp::create(rewriter, loc, fill.getInputs()[0], empty)
            .getResult(0);
    SmallVector<AffineMap> maps = reduction.getIndexingMapsArray();
    maps.back() = to.compose(inversePermutation(from)).compose(maps.back());
    auto moved = linalg::GenericOp::create(rewriter, loc, type,
                                           reduction.getInputs(), start, maps,
                                           reduction.getIteratorTypesArray());
    rewriter.inlineRegionBefore(reduction.getRegion(), moved.getRegion(),
                                moved.getRegion().end());
    rewriter.replaceOp(op, moved);
    rewriter.eraseOp(reduction);
    return success();
  }
};
} // namespace

static void populate(RewritePatternSet &patterns) {
  MLIRContext *context = patterns.getContext();
  linalg::populateElementwiseOpsFusionPatterns(patterns, isWorthFusing);
  linalg::populateFoldReshapeOpsByExpansionPatterns(patterns, copiesMerged);
  patterns.add<ScaleAfterProduct, TransposeInReduction>(context);
  linalg::populateConstantFoldLinalgOperations(
      patterns, [](OpOperand *) { return true; });
  linalg::populateDecomposePadPatterns(patterns);
  linalg::populateEraseUnusedOperandsAndResultsPatterns(patterns);
  linalg::populateInlineConstantOperandsPatterns(patterns);
  tensor::EmptyOp::getCanonicalizationPatterns(patterns, context);
  tensor::CollapseShapeOp::getCanonicalizationPatterns(patterns, context);
  tensor::ExpandShapeOp::getCanonicalizationPatterns(patterns, context);
  tensor::ExtractSliceOp::getCanonicalizationPatterns(patterns, context);
  linalg::GenericOp::getCanonicalizationPatterns(patterns, context);
  linalg::FillOp::getCanonicalizationPatterns(patterns, context);
}

/// What `value` is a reshaped form of; a form that has other users stays.
static Value stripReshapes(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    if (!isa<tensor::CollapseShapeOp, tensor::ExpandShapeOp>(op) ||
        !value.hasOneUse())
      break;
    value = op->getOperand(0);
  }
  return value;
}

void FuseLinalgPass::markInPlace() {
  func::FuncOp function = getOperation();
  SmallVector<linalg::LinalgOp> ops;
  bool onlyLinalg = true;
  for (Operation &op : function.getBody().front().without_terminator()) {
    if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op))
      ops.push_back(linalgOp);
    else
      onlyLinalg &=
          isa<tensor::CollapseShapeOp, tensor::ExpandShapeOp, tensor::EmptyOp>(
              op) ||
          op.hasTrait<OpTrait::ConstantLike>();
  }
  if (!onlyLinalg || ops.size() != 1 ||
      ops[0].getNumLoops() != ops[0].getNumParallelLoops())
    return;
  linalg::LinalgOp op = ops[0];
  Builder builder(&getContext());
  Operation *terminator = function.getBody().front().getTerminator();
  for (auto [i, returned] : llvm::enumerate(terminator->getOperands())) {
    auto result = dyn_cast<OpResult>(stripReshapes(returned));
    if (!result || result.getOwner() != op)
      continue;
    AffineMap resultMap = op.getIndexingMapMatchingResult(result);
    for (OpOperand *operand : op.getDpsInputOperands()) {
      auto arg = dyn_cast<BlockArgument>(stripReshapes(operand->get()));
      bool sameBytes =
          arg &&
          getElementTypeOrSelf(arg.getType()).getIntOrFloatBitWidth() ==
              getElementTypeOrSelf(result.getType()).getIntOrFloatBitWidth();
      if (!sameBytes || !resultMap.isPermutation() ||
          op.getMatchingIndexingMap(operand) != resultMap || !arg.hasOneUse())
        continue;
      function.setArgAttr(
          arg.getArgNumber(), plan::kInPlaceAttr,
          builder.getI64IntegerAttr(function.getNumArguments() + i));
      ++numInPlace;
      break;
    }
  }
}

void FuseLinalgPass::runOnOperation() {
  if (!isKernel(getOperation()))
    return;
  RewritePatternSet fusion(&getContext());
  populate(fusion);
  RewritePatternSet reuse(&getContext());
  reuse.add<OverwriteDyingInput>(&getContext());
  linalg::populateEraseUnusedOperandsAndResultsPatterns(reuse);
  if (failed(applyPatternsGreedily(getOperation(), std::move(fusion))) ||
      failed(applyPatternsGreedily(getOperation(), std::move(reuse))))
    return signalPassFailure();
  markInPlace();
}
