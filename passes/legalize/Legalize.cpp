//===- Legalize.cpp - Recognise what exporters spell out ------------------===//

#include "dialects/cameo/Shapes.h"
#include "passes/Passes.h"
#include "passes/legalize/Patterns.h"

#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace cameo {
#define GEN_PASS_DEF_LEGALIZE
#include "passes/Passes.h.inc"
} // namespace cameo

using namespace cameo;

bool cameo::isConstant(Value value) {
  return matchPattern(value, m_Constant());
}

std::optional<double> cameo::getSplat(Value value) {
  DenseFPElementsAttr data;
  if (!value || !matchPattern(value, m_Constant(&data)) || !data.isSplat())
    return std::nullopt;
  return data.getSplatValue<APFloat>().convertToDouble();
}

bool cameo::isSplat(Value value, double number) {
  std::optional<double> splat = getSplat(value);
  return splat && std::abs(*splat - number) <= 1e-4 * std::abs(number);
}

Value cameo::otherThanSplat(Operation *op, double number) {
  if (isSplat(op->getOperand(1), number))
    return op->getOperand(0);
  return isSplat(op->getOperand(0), number) ? op->getOperand(1) : Value();
}

Value cameo::buildScaled(PatternRewriter &rewriter, Location loc, Value value,
                         Value scale) {
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPointAfterValue(value);
  Value factor = rewriter.clone(*scale.getDefiningOp())->getResult(0);
  return MulOp::create(rewriter, loc, value, factor);
}

Value cameo::buildPart(OpBuilder &builder, Location loc, Value value,
                       int64_t dim, int64_t first, int64_t count) {
  SmallVector<int64_t> extents(shapeOf(value)), starts(extents.size(), 0),
      steps(extents.size(), 1);
  starts[dim] = first;
  extents[dim] = count;
  return SliceOp::create(builder, loc, value, starts, extents, steps);
}

Operation *cameo::cloneForPart(OpBuilder &builder, ElementwiseOpInterface op,
                               Value part) {
  Operation *clone = builder.clone(*op);
  clone->setOperand(0, part);
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  clone->getResult(0).setType(type.clone(shapeOf(part)));
  return clone;
}

SmallVector<Value, 4> cameo::getFactors(Value product) {
  SmallVector<Value, 4> factors, open{product};
  while (!open.empty()) {
    Value value = open.pop_back_val();
    auto mul = value.getDefiningOp<MulOp>();
    if (mul && (value == product || value.hasOneUse()) && factors.size() < 8)
      open.append({mul.getB(), mul.getA()});
    else
      factors.push_back(value);
  }
  return factors;
}

namespace {
using Populate = void (*)(RewritePatternSet &);

struct LegalizePass : cameo::impl::LegalizeBase<LegalizePass> {
  LogicalResult apply(ArrayRef<Populate> families) {
    RewritePatternSet patterns(&getContext());
    for (Populate populate : families)
      populate(patterns);
    return applyPatternsGreedily(getOperation(), std::move(patterns));
  }

  void runOnOperation() override {
    // First what others would take apart, last what needs all others.
    if (failed(apply({populateRotaryPatterns, populateScalePatterns})) ||
        failed(
            apply({populateActivationPatterns, populateAttentionPatterns,
                   populateBatchNormPatterns, populateMovementPatterns,
                   populateNormalizationPatterns, populateRotaryPatterns})) ||
        failed(apply({populateConvolutionPatterns, populateProductPatterns,
                      populateTransposedPatterns, populateMovementPatterns})))
      return signalPassFailure();
    getOperation()->walk([&](Operation *op) {
      numNorms += isa<LayerNormOp, RMSNormOp>(op);
      numActivations += isa<GeluOp, SwishOp>(op);
      numRotary += isa<RotaryEmbeddingOp>(op);
    });
  }
};
} // namespace
