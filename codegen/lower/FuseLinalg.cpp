//===- FuseLinalg.cpp - Fuse and simplify linalg operations ----------------===//
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

/// Groups of adjacent loops that every operand walks as one.
static SmallVector<ReassociationIndices> collapsibleLoops(linalg::LinalgOp op) {
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  SmallVector<utils::IteratorType> iterators = op.getIteratorTypesArray();
  SmallVector<ReassociationIndices> groups;
  if (!llvm::all_of(maps, [](AffineMap map) { return map.isProjectedPermutation(); }))
    return groups;
  for (int64_t dim = 0, end = op.getNumLoops(); dim < end;) {
    ReassociationIndices group = {dim};
    for (int64_t next = dim + 1; next < end && iterators[next] == iterators[dim]; ++next) {
      ReassociationIndices longer = group;
      longer.push_back(next);
      if (!linalg::areDimSequencesPreserved(maps, {longer}))
        break;
      group = longer;
    }
    dim += group.size();
    if (group.size() > 1)
      groups.push_back(group);
  }
  return groups;
}

static void populate(RewritePatternSet &patterns, bool collapse) {
  MLIRContext *context = patterns.getContext();
  if (collapse) {
    linalg::populateCollapseDimensions(patterns, collapsibleLoops);
    return;
  }
  linalg::populateElementwiseOpsFusionPatterns(patterns, [](OpOperand *) { return true; });
  linalg::populateConstantFoldLinalgOperations(patterns, [](OpOperand *) { return true; });
  linalg::populateDecomposePadPatterns(patterns);
  linalg::ControlDropUnitDims control;
  linalg::populateFoldUnitExtentDimsPatterns(patterns, control);
  linalg::populateEraseUnusedOperandsAndResultsPatterns(patterns);
  linalg::populateInlineConstantOperandsPatterns(patterns);
  for (StringRef name : {"linalg", "tensor", "arith"})
    if (Dialect *dialect = context->getLoadedDialect(name))
      dialect->getCanonicalizationPatterns(patterns);
  tensor::EmptyOp::getCanonicalizationPatterns(patterns, context);
  tensor::CollapseShapeOp::getCanonicalizationPatterns(patterns, context);
  tensor::ExpandShapeOp::getCanonicalizationPatterns(patterns, context);
  tensor::ExtractSliceOp::getCanonicalizationPatterns(patterns, context);
  linalg::GenericOp::getCanonicalizationPatterns(patterns, context);
  linalg::FillOp::getCanonicalizationPatterns(patterns, context);
}

/// What `value` is a reshaped form of.
static Value stripReshapes(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    if (!isa<tensor::CollapseShapeOp, tensor::ExpandShapeOp>(op))
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
      onlyLinalg &= isa<tensor::CollapseShapeOp, tensor::ExpandShapeOp, tensor::EmptyOp>(op) ||
                    op.hasTrait<OpTrait::ConstantLike>();
  }
  if (!onlyLinalg || ops.size() != 1 || ops[0].getNumLoops() != ops[0].getNumParallelLoops())
    return;
  linalg::LinalgOp op = ops[0];
  Builder builder(&getContext());
  for (auto [i, returned] : llvm::enumerate(function.getBody().front().getTerminator()->getOperands())) {
    auto result = dyn_cast<OpResult>(stripReshapes(returned));
    if (!result || result.getOwner() != op)
      continue;
    AffineMap resultMap = op.getIndexingMapMatchingResult(result);
    for (OpOperand *operand : op.getDpsInputOperands()) {
      auto arg = dyn_cast<BlockArgument>(stripReshapes(operand->get()));
      bool sameBytes = arg && getElementTypeOrSelf(arg.getType()).getIntOrFloatBitWidth() ==
                                  getElementTypeOrSelf(result.getType()).getIntOrFloatBitWidth();
      if (!sameBytes || !resultMap.isPermutation() ||
          op.getMatchingIndexingMap(operand) != resultMap || !arg.hasOneUse())
        continue;
      function.setArgAttr(arg.getArgNumber(), plan::kInPlaceAttr,
                          builder.getI64IntegerAttr(function.getNumArguments() + i));
      ++numInPlace;
      break;
    }
  }
}

void FuseLinalgPass::runOnOperation() {
  if (!isKernel(getOperation()))
    return;
  for (bool collapse : {false, true}) {
    RewritePatternSet patterns(&getContext());
    populate(patterns, collapse);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      return signalPassFailure();
  }
  markInPlace();
}
