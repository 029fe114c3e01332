//===- SplitTasks.cpp - Task loops to launches with several tasks ---------===//

#include "codegen/lower/LoopBounds.h"
#include "codegen/lower/Passes.h"

#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;

namespace cameo {
#define GEN_PASS_DEF_SPLITTASKS
#include "codegen/lower/Passes.h.inc"
} // namespace cameo

using namespace cameo;

namespace {
/// Operations between two barriers: a task loop alone, or others.
struct Phase {
  scf::ForallOp loop;
  SmallVector<Operation *> ops;
};

struct SplitTasksPass : cameo::impl::SplitTasksBase<SplitTasksPass> {
  void runOnOperation() override;

private:
  void split(func::FuncOp kernel, ArrayRef<plan::LaunchOp> launches);
  func::FuncOp makeFunction(func::FuncOp kernel, Phase phase, StringRef suffix);
};
} // namespace

/// What a kernel does, in order. Operations without effect belong to no phase.
static SmallVector<Phase> findPhases(func::FuncOp kernel) {
  SmallVector<Phase> phases;
  for (Operation &op : kernel.getBody().front().without_terminator()) {
    if (isMemoryEffectFree(&op) || isScalarRead(&op))
      continue;
    if (auto loop = dyn_cast<scf::ForallOp>(op)) {
      phases.push_back({loop, {}});
      continue;
    }
    if (phases.empty() || phases.back().loop)
      phases.emplace_back();
    phases.back().ops.push_back(&op);
  }
  return phases;
}

/// Whether `op` or an operation inside it uses a result of one of `others`.
static bool usesAny(Operation &op, const llvm::SetVector<Operation *> &others) {
  auto result = op.walk([&](Operation *inner) {
    bool uses = llvm::any_of(inner->getOperands(), [&](Value operand) {
      return others.contains(operand.getDefiningOp());
    });
    return uses ? WalkResult::interrupt() : WalkResult::advance();
  });
  return result.wasInterrupted();
}

func::FuncOp SplitTasksPass::makeFunction(func::FuncOp kernel, Phase phase,
                                          StringRef suffix) {
  OpBuilder builder(kernel);
  auto function = cast<func::FuncOp>(builder.clone(*kernel));
  function.setName((kernel.getName() + suffix).str());
  Block &old = kernel.getBody().front();
  Block &block = function.getBody().front();
  // The clone's operations at the places of the phase's.
  llvm::SmallPtrSet<Operation *, 16> kept(phase.ops.begin(), phase.ops.end());
  if (phase.loop)
    kept.insert(phase.loop);
  scf::ForallOp loop;
  llvm::SetVector<Operation *> dropped;
  for (auto [before, after] : llvm::zip_equal(old, block)) {
    if (&before == phase.loop.getOperation())
      loop = cast<scf::ForallOp>(after);
    if (kept.contains(&before) || before.hasTrait<OpTrait::IsTerminator>())
      continue;
    // What is computed from another phase's reads goes with them.
    bool isFree = isMemoryEffectFree(&before) || isScalarRead(&before);
    if (!isFree || usesAny(after, dropped))
      dropped.insert(&after);
  }
  for (Operation *op : llvm::reverse(dropped))
    op->erase();
  if (!loop)
    return function;
  unsigned last = function.getNumArguments();
  (void)function.insertArgument(last, builder.getIndexType(), {},
                                function.getLoc());
  loop.getInductionVars().front().replaceAllUsesWith(
      function.getArgument(last));
  IRRewriter rewriter(builder);
  loop.getBody()->getTerminator()->erase();
  rewriter.inlineBlockBefore(loop.getBody(), loop,
                             SmallVector<Value>{function.getArgument(last)});
  loop.erase();
  return function;
}

void SplitTasksPass::split(func::FuncOp kernel,
                           ArrayRef<plan::LaunchOp> launches) {
  SmallVector<Phase> phases = findPhases(kernel);
  if (!llvm::any_of(phases,
                    [](const Phase &phase) { return bool(phase.loop); }))
    return;
  for (auto [i, phase] : llvm::enumerate(phases)) {
    std::string suffix =
        phases.size() == 1 ? "_tasks" : "_" + std::to_string(i);
    func::FuncOp function = makeFunction(kernel, phase, suffix);
    int64_t tasks = phase.loop ? phase.loop.getStaticUpperBound()[0] : 1;
    numPhases += tasks > 1;
    for (plan::LaunchOp launch : launches) {
      OpBuilder builder(launch);
      plan::LaunchOp::create(builder, launch.getLoc(), TypeRange(),
                             function.getName(), launch.getArgs(), tasks);
    }
  }
  for (plan::LaunchOp launch : launches)
    launch.erase();
  kernel.erase();
}

void SplitTasksPass::runOnOperation() {
  llvm::MapVector<StringRef, SmallVector<plan::LaunchOp>> launches;
  getOperation().walk([&](plan::LaunchOp launch) {
    launches[launch.getKernel()].push_back(launch);
  });
  for (auto kernel :
       llvm::make_early_inc_range(getOperation().getOps<func::FuncOp>()))
    if (isKernel(kernel))
      split(kernel, launches.lookup(kernel.getName()));
}
