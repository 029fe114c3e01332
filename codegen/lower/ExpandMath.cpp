//===- ExpandMath.cpp - Elementary functions to polynomials ---------------===//

#include "codegen/lower/Passes.h"

#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace cameo {
#define GEN_PASS_DEF_EXPANDMATH
#include "codegen/lower/Passes.h.inc"
} // namespace cameo

using namespace cameo;

namespace {
struct ExpandMathPass : cameo::impl::ExpandMathBase<ExpandMathPass> {
  void runOnOperation() override {
    if (!isKernel(getOperation()))
      return;
    RewritePatternSet patterns(&getContext());
    populateMathPolynomialApproximationPatterns(patterns);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
