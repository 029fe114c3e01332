//===- SpreadAdds.cpp - Additions on multiply-add pipes -------------------===//
//
// Some cores have as many pipes for additions as for multiply-adds. A loop with
// two additions per multiply-add keeps both kinds busy when one addition in
// four is a multiply-add by one.
//
//===----------------------------------------------------------------------===//

#include "codegen/lower/Passes.h"
#include "codegen/lower/TileBuilder.h"

using namespace mlir;

namespace cameo {
#define GEN_PASS_DEF_SPREADADDS
#include "codegen/lower/Passes.h.inc"
} // namespace cameo

using namespace cameo;

namespace {
struct SpreadAddsPass : cameo::impl::SpreadAddsBase<SpreadAddsPass> {
  void runOnOperation() override;
};
} // namespace

void SpreadAddsPass::runOnOperation() {
  func::FuncOp function = getOperation();
  if (!isKernel(function))
    return;
  SmallVector<arith::AddFOp> marked;
  function.walk([&](arith::AddFOp add) {
    if (add->removeDiscardableAttr(kSpreadAttr) &&
        isa<VectorType>(add.getType()))
      marked.push_back(add);
  });
  if (marked.empty())
    return;
  // A literal would be folded away again by whoever compiles the loops.
  IRRewriter rewriter(&getContext());
  TileBuilder tiles(rewriter, marked.front());
  Value table = tiles.addTable({1.0f});
  // Once per outermost loop: loops may become functions of their own.
  DenseMap<std::pair<Operation *, Type>, Value> ones;
  for (unsigned i = 1; i < marked.size(); i += 2) {
    arith::AddFOp add = marked[i];
    Operation *outermost =
        function.getBody().front().findAncestorOpInBlock(*add);
    Value &one = ones[{outermost, add.getType()}];
    if (!one) {
      rewriter.setInsertionPointToStart(outermost == add
                                            ? add->getBlock()
                                            : &outermost->getRegion(0).front());
      Value scalar = memref::LoadOp::create(rewriter, add.getLoc(), table,
                                            ValueRange{tiles.constant(0)});
      one = vector::BroadcastOp::create(rewriter, add.getLoc(), add.getType(),
                                        scalar);
    }
    // Pattern: a + b -> fma(a, 1, b)
    rewriter.setInsertionPoint(add);
    rewriter.replaceOpWithNewOp<vector::FMAOp>(add, add.getLhs(), one,
                                               add.getRhs());
    ++numSpread;
  }
}
