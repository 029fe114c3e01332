//===- BalancePairs.cpp - Pairs of products that are computed directly ----===//
//
// Some cores have as many pipes for additions as for multiply-adds. A pair of
// products takes two multiply-adds, or with a fast inner product one and two
// additions. When one pair in three is computed directly, both kinds of pipes
// have as much to do, and three pairs take four cycles of two pipes each.
//
//===----------------------------------------------------------------------===//

#include "codegen/lower/Passes.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace cameo {
#define GEN_PASS_DEF_BALANCEPAIRS
#include "codegen/lower/Passes.h.inc"
} // namespace cameo

using namespace cameo;

namespace {
struct BalancePairsPass : cameo::impl::BalancePairsBase<BalancePairsPass> {
  void runOnOperation() override;
};
} // namespace

/// Follows a sum from where it starts through loops to where it is used in
/// another way. Collects the additions of pairs to it, in `pairs`.
static void followSum(Value sum, SmallVectorImpl<arith::AddFOp> &pairs) {
  while (sum.hasOneUse()) {
    OpOperand &use = *sum.getUses().begin();
    Operation *user = use.getOwner();
    if (auto add = dyn_cast<arith::AddFOp>(user)) {
      if (!add->hasAttr(kPairAttr) || use.getOperandNumber() != 0)
        return;
      pairs.push_back(add);
      sum = add;
    } else if (auto loop = dyn_cast<scf::ForOp>(user)) {
      sum = loop.getTiedLoopRegionIterArg(&use);
    } else if (auto loop = dyn_cast<scf::ForOp>(user->getParentOp());
               loop && isa<scf::YieldOp>(user)) {
      sum = loop.getResult(use.getOperandNumber());
    } else {
      return;
    }
  }
}

// Pattern: sum + (x0 + w1) (w0 + x1) -> sum + x0 w0 + x1 w1, in a sum that does
// not start with what the left side has too much
static void makeDirect(RewriterBase &rewriter, arith::AddFOp pair) {
  Location loc = pair.getLoc();
  auto product = pair.getRhs().getDefiningOp<arith::MulFOp>();
  auto left = product.getLhs().getDefiningOp<arith::AddFOp>();
  auto right = product.getRhs().getDefiningOp<arith::AddFOp>();
  rewriter.setInsertionPoint(pair);
  Value sum = pair.getLhs();
  for (auto [x, w] : {std::pair(left.getLhs(), right.getLhs()),
                      std::pair(right.getRhs(), left.getRhs())})
    sum = arith::AddFOp::create(rewriter, loc, sum,
                                arith::MulFOp::create(rewriter, loc, x, w));
  rewriter.replaceOp(pair, sum);
  for (Operation *op :
       {product.getOperation(), left.getOperation(), right.getOperation()})
    rewriter.eraseOp(op);
}

void BalancePairsPass::runOnOperation() {
  func::FuncOp function = getOperation();
  if (!isKernel(function))
    return;
  // Sums that start in the same block are those of one register tile.
  DenseMap<Block *, int64_t> seen;
  SmallVector<arith::NegFOp> chosen;
  function.walk([&](arith::NegFOp start) {
    constexpr int64_t kEvery = 3;
    if (start->hasAttr(kPairStartAttr) && isa<VectorType>(start.getType()) &&
        seen[start->getBlock()]++ % kEvery == 1)
      chosen.push_back(start);
  });
  IRRewriter rewriter(&getContext());
  for (arith::NegFOp start : chosen) {
    SmallVector<arith::AddFOp> pairs;
    followSum(start, pairs);
    if (pairs.empty())
      continue; // It goes through memory.
    for (arith::AddFOp pair : pairs)
      makeDirect(rewriter, pair);
    numDirect += pairs.size();
    rewriter.setInsertionPoint(start);
    rewriter.replaceOpWithNewOp<arith::ConstantOp>(
        start, rewriter.getZeroAttr(start.getType()));
  }
  function.walk([](Operation *op) {
    op->removeDiscardableAttr(kPairAttr);
    op->removeDiscardableAttr(kPairStartAttr);
  });
}
