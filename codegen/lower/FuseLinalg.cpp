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

/// An input that an elementwise operation may overwrite: made by another
/// operation of the kernel, read only here, at the index where the result is
/// written.
static OpOperand *findDyingInput(linalg::GenericOp op) {
  AffineMap resultMap = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  for (OpOperand *input : op.getDpsInputOperands()) {
    Value value = input->get();
    if (value.getDefiningOp<DestinationStyleOpInterface>() &&
        value.hasOneUse() && value.getType() == op.getResult(0).getType() &&
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

static void populate(RewritePatternSet &patterns) {
  MLIRContext *context = patterns.getContext();
  linalg::populateElementwiseOpsFusionPatterns(
      patterns, [](OpOperand *) { return true; });
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
