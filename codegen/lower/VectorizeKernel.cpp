//===- VectorizeKernel.cpp - Plans of register-tiled vector loops ---------===//
//
// Chooses for every linalg operation which dimension vectors take and how large
// its register tile is; LoopNest.cpp emits the loops.
//
//===----------------------------------------------------------------------===//

#include "codegen/lower/LoopPlan.h"
#include "codegen/lower/Passes.h"
#include "codegen/lower/Transposes.h"
#include "codegen/lower/Windows.h"

#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;

namespace cameo {
#define GEN_PASS_DEF_VECTORIZEKERNEL
#include "codegen/lower/Passes.h.inc"
} // namespace cameo

using namespace cameo;

namespace {
struct VectorizeKernelPass
    : cameo::impl::VectorizeKernelBase<VectorizeKernelPass> {
  using VectorizeKernelBase::VectorizeKernelBase;
  void runOnOperation() override;
};
} // namespace

/// Whether the kernel is a sequence of loop nests that only buffers connect, so
/// that it can be cut between any two of them.
static bool isCuttable(func::FuncOp function) {
  return llvm::all_of(function.getBody().front(), [](Operation &op) {
    return isa<linalg::LinalgOp>(op) || isMemoryEffectFree(&op) ||
           isScalarRead(&op) || op.hasTrait<OpTrait::IsTerminator>();
  });
}

/// Scratch buffers that stayed in registers are no longer needed.
static void dropUnusedScratch(RewriterBase &rewriter, func::FuncOp function) {
  SmallVector<Operation *> views;
  function.walk([&](ViewLikeOpInterface op) { views.push_back(op); });
  for (Operation *view : llvm::reverse(views))
    if (isOpTriviallyDead(view))
      rewriter.eraseOp(view);
  for (unsigned i = function.getNumArguments(); i-- > 0;)
    if (function.getArgAttr(i, "plan.scratch") &&
        function.getArgument(i).use_empty())
      (void)function.eraseArgument(i);
}

/// Copies become operations like others.
static void generalizeCopies(RewriterBase &rewriter, func::FuncOp function) {
  SmallVector<memref::CopyOp> copies;
  function.walk([&](memref::CopyOp copy) { copies.push_back(copy); });
  for (memref::CopyOp copy : copies) {
    rewriter.setInsertionPoint(copy);
    linalg::makeMemRefCopyOp(rewriter, copy.getLoc(), copy.getSource(),
                             copy.getTarget());
    rewriter.eraseOp(copy);
  }
}

/// Scalars that bodies read from arguments are read before the operation, so
/// that vectors take what is left.
static void hoistScalars(func::FuncOp function) {
  SmallVector<memref::LoadOp> loads;
  function.walk([&](memref::LoadOp load) {
    if (isa<linalg::LinalgOp>(load->getParentOp()) && isScalarRead(load))
      loads.push_back(load);
  });
  for (memref::LoadOp load : loads)
    load->moveBefore(load->getParentOp());
}

void VectorizeKernelPass::runOnOperation() {
  func::FuncOp function = getOperation();
  if (!isKernel(function))
    return;
  if (!keepsBoundedReductions(function)) {
    function.emitOpError("has lost the bound of a reduction");
    return signalPassFailure();
  }
  IRRewriter rewriter(&getContext());
  LoopTarget target{vectorBits, registers, threads};
  hoistScalars(function);
  generalizeCopies(rewriter, function);
  numPeeled += peelBorders(rewriter, function, [&](linalg::LinalgOp op) {
    return chooseVectorDim(op, target);
  });
  dropUnitLoops(rewriter, function);
  bool cuttable = isCuttable(function);
  auto takesTasks = [&](linalg::LinalgOp op) {
    return cuttable && threads > 1 && isa<func::FuncOp>(op->getParentOp());
  };
  SmallVector<linalg::LinalgOp> ops;
  function.walk([&](linalg::LinalgOp op) { ops.push_back(op); });
  for (linalg::LinalgOp op : ops)
    if (vectorBits > 0)
      numTransposed += emitTranspose(rewriter, op, target, takesTasks(op));
  for (LoopGroup group : findGroups(function)) {
    group = collapseLoops(rewriter, group);
    linalg::LinalgOp root = group.root.op;
    LoopPlan plan = choosePlan(group, target, takesTasks(root));
    ++(plan.vectorDim < 0 ? numScalar : numVectorized);
    numFused += group.members().size() - 1;
    emitLoopNest(rewriter, group, plan);
  }
  dropUnusedScratch(rewriter, function);
}
