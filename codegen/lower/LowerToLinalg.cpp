//===- LowerToLinalg.cpp - Operators to their reference lowerings ---------===//
//
// Straight-line replacement: operands are mapped to values of storage types.
//
//===----------------------------------------------------------------------===//

#include "codegen/lower/Passes.h"
#include "dialects/cameo/ElementTypes.h"
#include "dialects/cameo/RegionLowering.h"

using namespace mlir;

namespace cameo {
#define GEN_PASS_DEF_LOWERTOLINALG
#include "codegen/lower/Passes.h.inc"
} // namespace cameo

using namespace cameo;

namespace {
struct LowerToLinalgPass : cameo::impl::LowerToLinalgBase<LowerToLinalgPass> {
  void runOnOperation() override;
};
} // namespace

void LowerToLinalgPass::runOnOperation() {
  func::FuncOp function = getOperation();
  if (!isKernel(function))
    return;
  Block &block = function.getBody().front();
  SmallVector<Operation *> ops;
  for (Operation &op : block.without_terminator())
    ops.push_back(&op);
  unsigned numArgs = block.getNumArguments();
  for (unsigned i = 0; i < numArgs; ++i) {
    BlockArgument arg = block.getArgument(i);
    auto type = storageType(cast<RankedTensorType>(arg.getType()));
    block.addArgument(type, arg.getLoc());
  }
  Operation *terminator = block.getTerminator();
  OpBuilder builder(terminator);
  FailureOr<SmallVector<Value>> results =
      lowerBlock(builder, block, block.getArguments().drop_front(numArgs));
  if (failed(results))
    return signalPassFailure();
  terminator->setOperands(*results);
  for (Operation *op : llvm::reverse(ops))
    op->erase();
  block.eraseArguments(0, numArgs);
  function.setFunctionType(FunctionType::get(
      &getContext(), block.getArgumentTypes(), terminator->getOperandTypes()));
}
