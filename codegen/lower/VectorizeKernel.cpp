//===- VectorizeKernel.cpp - Plans of register-tiled vector loops ---------===//
//
// Chooses for every linalg operation which dimension vectors take and how large
// its register tile is; LoopNest.cpp emits the loops.
//
//===----------------------------------------------------------------------===//

#include "codegen/lower/LoopSchedule.h"
#include "codegen/lower/Passes.h"
#include "codegen/lower/SplitBodies.h"
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
  void getDependentDialects(DialectRegistry &registry) const override {
    VectorizeKernelBase::getDependentDialects(registry);
    registry.insert<CameoDialect>();
  }

private:
  using TaskCheck = llvm::function_ref<bool(linalg::LinalgOp)>;
  LogicalResult emitGroups(RewriterBase &rewriter, const LoopTarget &target,
                           TaskCheck takesTasks);
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

/// Splits operations with more results than there are registers.
static void splitBodies(RewriterBase &rewriter, func::FuncOp function,
                        int64_t registers) {
  SmallVector<linalg::GenericOp> ops;
  function.walk([&](linalg::GenericOp op) { ops.push_back(op); });
  for (linalg::GenericOp op : ops)
    splitBody(rewriter, op, registers);
}

/// How often `op` is executed in one run of the kernel. Loops whose extent is
/// not known count once, and of branches the first is the usual one.
static double countRuns(Operation *op) {
  double runs = 1;
  for (Region *region = op->getParentRegion(); region;
       region = region->getParentRegion()) {
    Operation *parent = region->getParentOp();
    if (auto branch = dyn_cast<scf::IfOp>(parent))
      runs *= region == &branch.getThenRegion();
    if (auto loop = dyn_cast<scf::ForOp>(parent))
      if (std::optional<llvm::APInt> trips = loop.getStaticTripCount())
        runs *= trips->getZExtValue();
    auto forall = dyn_cast<scf::ForallOp>(parent);
    if (auto units = parent->getAttrOfType<IntegerAttr>(kUnitsAttr))
      runs *= units.getInt();
    else if (forall)
      for (OpFoldResult extent : forall.getMixedUpperBound())
        runs *= getConstantIntValue(extent).value_or(1);
  }
  return runs;
}

/// Every group becomes the loops of its nest: that of the kernel's schedule, or
/// else one that is chosen.
LogicalResult VectorizeKernelPass::emitGroups(RewriterBase &rewriter,
                                              const LoopTarget &target,
                                              TaskCheck takesTasks) {
  func::FuncOp function = getOperation();
  std::vector<LoopGroup> groups = findGroups(function);
  ScheduleAttr schedule = getSchedule(function);
  ArrayRef<NestAttr> given =
      schedule ? schedule.getNests() : ArrayRef<NestAttr>();
  if (!given.empty() && given.size() != groups.size())
    return function.emitError("schedule: '")
           << schedule.getProblem() << "' has " << groups.size()
           << " nests, not " << given.size();
  SmallVector<NestAttr> nests;
  for (auto [i, found] : llvm::enumerate(groups)) {
    LoopGroup group = collapseLoops(rewriter, found);
    linalg::LinalgOp root = group.root.op;
    bool withTasks = takesTasks(root);
    NestAttr nest = given.empty() ? NestAttr() : given[i];
    bool isGiven = nest && !nest.getLoops().empty();
    if (!isGiven)
      nest = makeNest(group, target, choosePlan(group, target, withTasks),
                      countRuns(root));
    FailureOr<LoopPlan> plan = readNest(nest, group, target, withTasks);
    if (failed(plan))
      return failure();
    if (isGiven) // What was asked for, with estimates of its own.
      nest = makeNest(group, target, *plan, countRuns(root), nest.getBeaten());
    nests.push_back(nest);
    ++(plan->vectorDim < 0 ? numScalar : numVectorized);
    numFused += group.members().size() - 1;
    emitLoopNest(rewriter, group, *plan);
  }
  setScheduleNests(function, nests);
  return success();
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
  target.memory.l1Bytes = l1Bytes;
  target.memory.l2Bytes = l2Bytes;
  target.memory.l2Rate = l2Rate;
  target.memory.l3Rate = l3Rate;
  target.hasLaneOperands = laneOperands;
  target.splitsBroadcasts = splitBroadcasts;
  hoistScalars(function);
  generalizeCopies(rewriter, function);
  numPeeled += peelBorders(rewriter, function, [&](linalg::LinalgOp op) {
    return chooseVectorDim(op, target);
  });
  dropUnitLoops(rewriter, function);
  // Others compute with what is in memory, without a register for it.
  if (laneOperands)
    splitBodies(rewriter, function, registers);
  bool cuttable = isCuttable(function);
  auto takesTasks = [&](linalg::LinalgOp op) {
    return cuttable && threads > 1 && isa<func::FuncOp>(op->getParentOp());
  };
  SmallVector<linalg::LinalgOp> ops;
  function.walk([&](linalg::LinalgOp op) { ops.push_back(op); });
  for (linalg::LinalgOp op : ops)
    if (vectorBits > 0)
      numTransposed += emitTranspose(rewriter, op, target, takesTasks(op));
  if (failed(emitGroups(rewriter, target, takesTasks)))
    return signalPassFailure();
  dropUnusedScratch(rewriter, function);
}
