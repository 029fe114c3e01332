//===- GuardKernels.cpp - Kernels of branches run under a condition -------===//
//
// Puts a branch around what a kernel does. Last of all, so that the passes that
// make loops see none.
//
//===----------------------------------------------------------------------===//

#include "codegen/lower/Passes.h"

using namespace mlir;

namespace cameo {
#define GEN_PASS_DEF_GUARDKERNELS
#include "codegen/lower/Passes.h.inc"
} // namespace cameo

using namespace cameo;

namespace {
struct GuardKernelsPass : cameo::impl::GuardKernelsBase<GuardKernelsPass> {
  using GuardKernelsBase::GuardKernelsBase;
  void runOnOperation() override;
};
} // namespace

/// Whether the boolean in `flag` has the value.
static Value buildCheck(OpBuilder &b, Location loc, Value flag, bool value) {
  int64_t rank = cast<MemRefType>(flag.getType()).getRank();
  SmallVector<Value> indices;
  if (rank > 0)
    indices.assign(rank, arith::ConstantIndexOp::create(b, loc, 0));
  Value byte = memref::LoadOp::create(b, loc, flag, indices);
  Value zero = arith::ConstantIntOp::create(b, loc, byte.getType(), 0);
  return arith::CmpIOp::create(
      b, loc, value ? arith::CmpIPredicate::ne : arith::CmpIPredicate::eq, byte,
      zero);
}

static void guard(func::FuncOp function, Value flag, bool value) {
  Block &body = function.getBody().front();
  Location loc = function.getLoc();
  SmallVector<Operation *> guarded;
  for (Operation &op : body.without_terminator())
    // Buffers on the stack belong to the function's first block.
    if (!op.hasTrait<OpTrait::ConstantLike>() && !isa<memref::AllocaOp>(op))
      guarded.push_back(&op);
  OpBuilder builder(body.getTerminator());
  Value holds = buildCheck(builder, loc, flag, value);
  auto branch =
      scf::IfOp::create(builder, loc, holds, /*withElseRegion=*/false);
  for (Operation *op : guarded)
    op->moveBefore(branch.thenBlock()->getTerminator());
}

void GuardKernelsPass::runOnOperation() {
  func::FuncOp function = getOperation();
  if (!isKernel(function))
    return;
  for (unsigned i = 0; i < function.getNumArguments(); ++i) {
    auto value = function.getArgAttrOfType<BoolAttr>(i, plan::kGuardAttr);
    if (!value)
      continue;
    guard(function, function.getArgument(i), value.getValue());
    ++numGuarded;
    return;
  }
}
