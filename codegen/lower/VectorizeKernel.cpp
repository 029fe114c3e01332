//===- VectorizeKernel.cpp - Plans of register-tiled vector loops ---------===//
//
// Chooses for every linalg operation which dimension vectors take and how large
// its register tile is; LoopNest.cpp emits the loops.
//
//===----------------------------------------------------------------------===//

#include "codegen/lower/LoopGroup.h"
#include "codegen/lower/Passes.h"

#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"

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

private:
  int64_t lanesOf(linalg::LinalgOp op) const;
  void chooseVectors(const LoopGroup &group, LoopPlan &plan) const;
  void chooseTile(const LoopGroup &group, LoopPlan &plan) const;
  void chooseTasks(const LoopGroup &group, LoopPlan &plan) const;
};
} // namespace

/// Whether every operation of the body works on vectors as on scalars.
static bool hasElementwiseBody(linalg::LinalgOp op) {
  return llvm::all_of(op.getBlock()->without_terminator(),
                      [](Operation &inner) {
                        return isa<arith::ConstantOp>(inner) ||
                               (OpTrait::hasElementwiseMappableTraits(&inner) &&
                                inner.getNumRegions() == 0);
                      });
}

/// Lanes of a vector of the widest type in the operation.
int64_t VectorizeKernelPass::lanesOf(linalg::LinalgOp op) const {
  int64_t widest = 8;
  auto widen = [&](Type type) {
    Type element = getElementTypeOrSelf(type);
    int64_t bits = element.isIndex() ? 64 : element.getIntOrFloatBitWidth();
    widest = std::max(widest, bits);
  };
  llvm::for_each(op->getOperandTypes(), widen);
  op.getBlock()->walk([&](Operation *inner) {
    llvm::for_each(inner->getResultTypes(), widen);
  });
  return std::max<int64_t>(vectorBits / widest, 1);
}

/// Whether the results can be combined from partial ones along a dimension.
static bool canSplitReduction(linalg::LinalgOp op) {
  for (unsigned i = 0; i < op.getNumDpsInits(); ++i) {
    SmallVector<Operation *, 4> combiners;
    if (!matchReduction(op.getRegionOutputArgs(), i, combiners) ||
        combiners.size() != 1 || !arith::getNeutralElement(combiners[0]) ||
        !linalg::getCombinerOpKind(combiners[0]))
      return false;
  }
  return true;
}

/// How many inputs of a member are read in this way along its `dim`.
static int64_t countInputs(linalg::LinalgOp op, int64_t dim, Access wanted) {
  return llvm::count_if(op.getDpsInputOperands(), [&](OpOperand *operand) {
    return isa<MemRefType>(operand->get().getType()) &&
           accessAlong(op, *operand, dim) == wanted;
  });
}

/// Number of operands that need one scalar load per lane along `dim`; -1 when
/// results are not contiguous or no vectors are possible.
static int64_t stridedOperands(const LoopGroup &group, int64_t dim,
                               bool reduction) {
  linalg::LinalgOp root = group.root.op;
  for (OpOperand &init : root.getDpsInitsMutable()) {
    Access wanted = reduction ? Access::Invariant : Access::Contiguous;
    if (accessAlong(root, init, dim) != wanted)
      return -1;
  }
  int64_t strided = countInputs(root, dim, Access::Strided);
  if (reduction)
    return strided || !countInputs(root, dim, Access::Contiguous) ? -1 : 0;
  for (GroupMember &member : group.members()) {
    auto place = llvm::find(member.toRoot, dim);
    if (member.op != root && place != member.toRoot.end())
      strided += countInputs(member.op, place - member.toRoot.begin(),
                             Access::Strided);
  }
  return strided;
}

static bool isParallelLoop(linalg::LinalgOp op, int64_t dim) {
  return op.getIteratorTypesArray()[dim] == utils::IteratorType::parallel;
}

/// A dimension of the results along which operands that move along `moving` are
/// used again, the longest one and the innermost of those; -1: none.
static int64_t findReuse(linalg::LinalgOp op, int64_t moving,
                         ArrayRef<int64_t> excluded) {
  int64_t best = -1;
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  for (int64_t dim = 0; dim < op.getNumLoops(); ++dim) {
    if (llvm::is_contained(excluded, dim) || ranges[dim] < 2 ||
        !isParallelLoop(op, dim))
      continue;
    bool reuses =
        llvm::any_of(op.getDpsInputOperands(), [&](OpOperand *operand) {
          AffineMap map = op.getMatchingIndexingMap(operand);
          return accessAlong(map, moving) != Access::Invariant &&
                 accessAlong(map, dim) == Access::Invariant;
        });
    if (reuses && (best < 0 || ranges[dim] >= ranges[best]))
      best = dim;
  }
  return best;
}

/// Steps of equal size, at most `most`, that cover `extent`.
static int64_t balancedStep(int64_t extent, int64_t most) {
  int64_t steps = llvm::divideCeil(extent, std::max<int64_t>(most, 1));
  return llvm::divideCeil(extent, steps);
}

void VectorizeKernelPass::chooseVectors(const LoopGroup &group,
                                        LoopPlan &plan) const {
  linalg::LinalgOp root = group.root.op;
  SmallVector<int64_t> ranges = root.getStaticLoopRanges();
  int64_t widest = std::numeric_limits<int64_t>::max();
  for (GroupMember &member : group.members()) {
    widest = std::min(widest, lanesOf(member.op));
    if (!hasElementwiseBody(member.op))
      return;
  }
  if (vectorBits == 0 || widest < 2)
    return;
  int64_t bestScore = std::numeric_limits<int64_t>::max();
  for (int64_t dim = 0; dim < root.getNumLoops(); ++dim) {
    bool reduction =
        root.getIteratorTypesArray()[dim] == utils::IteratorType::reduction;
    if (ranges[dim] < 2 || (reduction && !canSplitReduction(root)))
      continue;
    int64_t strided = stridedOperands(group, dim, reduction);
    if (strided < 0)
      continue;
    // Fewer strided operands first; then lanes in use; then no final sums.
    int64_t usedLanes =
        std::min<int64_t>(widest, llvm::bit_floor<uint64_t>(ranges[dim]));
    int64_t score = strided * 1000 + (widest / usedLanes) * 10 + reduction;
    if (score >= bestScore)
      continue;
    bestScore = score;
    plan.vectorDim = dim;
    plan.lanes = usedLanes;
  }
}

/// Loads and arithmetic of one reduction step for all results, in cycles of a
/// core with two loads and two multiply-adds each: `columns` vectors, each for
/// `rows` values that are broadcast.
static double stepCost(int64_t columns, int64_t columnExtent, int64_t rows,
                       int64_t rowExtent) {
  auto tiles = [](int64_t extent, int64_t step) {
    return llvm::divideCeil(extent, step);
  };
  // A tile whose sums depend on each other too soon waits for latency.
  double products = std::max<double>(columns * rows, 8);
  double loads = columns + rows + 1;
  return tiles(columnExtent, columns) * tiles(rowExtent, rows) *
         std::max(products, loads);
}

/// Accumulators take most registers; the others are for one step's operands.
void VectorizeKernelPass::chooseTile(const LoopGroup &group,
                                     LoopPlan &plan) const {
  linalg::LinalgOp root = group.root.op;
  if (plan.vectorDim < 0 || root.getNumReductionLoops() == 0)
    return;
  SmallVector<int64_t> ranges = root.getStaticLoopRanges();
  int64_t steps = llvm::divideCeil(ranges[plan.vectorDim], plan.lanes);
  if (!isParallelLoop(root, plan.vectorDim)) {
    plan.tile[plan.vectorDim] = std::min<int64_t>(steps, 4);
    return;
  }
  int64_t rowDim = findReuse(root, plan.vectorDim, {plan.vectorDim});
  if (rowDim < 0) {
    plan.tile[plan.vectorDim] = std::min<int64_t>(steps, 4);
    return;
  }
  // Columns are more vectors side by side, or a loop that reuses the rows.
  int64_t columnDim = plan.vectorDim, columnExtent = steps;
  if (steps == 1) {
    columnDim = findReuse(root, rowDim, {plan.vectorDim, rowDim});
    columnExtent = columnDim < 0 ? 1 : ranges[columnDim];
  }
  double best = std::numeric_limits<double>::max();
  int64_t budget = registers - 4;
  for (int64_t most = 1; most <= std::min<int64_t>(columnExtent, 4); ++most) {
    int64_t columns = balancedStep(columnExtent, most);
    for (int64_t limit = std::max<int64_t>(budget / columns, 1); limit > 0;
         --limit) {
      int64_t rows = balancedStep(ranges[rowDim], limit);
      double cost = stepCost(columns, columnExtent, rows, ranges[rowDim]);
      if (cost >= best)
        continue;
      best = cost;
      plan.tile[rowDim] = rows;
      plan.columnDim = columnDim;
      if (columnDim >= 0)
        plan.tile[columnDim] = columns;
    }
  }
}

/// Work of the group in units of about one scalar operation or byte.
static int64_t workOf(const LoopGroup &group) {
  int64_t work = 0;
  for (GroupMember &member : group.members()) {
    int64_t iterations = 1;
    for (int64_t range : member.op.getStaticLoopRanges())
      iterations *= range;
    work += iterations * (4 * member.op->getNumOperands() +
                          member.op.getBlock()->getOperations().size());
  }
  return work;
}

/// Splits the parallel dimension whose steps divide best, the outermost of
/// equals, into a few tasks per thread.
void VectorizeKernelPass::chooseTasks(const LoopGroup &group,
                                      LoopPlan &plan) const {
  linalg::LinalgOp root = group.root.op;
  // Below this much work a task costs less than handing it over.
  constexpr int64_t kTaskWork = 100000;
  int64_t most = std::min<int64_t>(4 * threads, workOf(group) / kTaskWork);
  if (threads == 1 || most < 2 || !isa<func::FuncOp>(root->getParentOp()))
    return;
  SmallVector<int64_t> ranges = root.getStaticLoopRanges();
  double best = 0;
  for (int64_t dim = 0; dim < root.getNumLoops(); ++dim) {
    if (root.getIteratorTypesArray()[dim] != utils::IteratorType::parallel)
      continue;
    int64_t width = dim == plan.vectorDim ? plan.lanes : 1;
    int64_t steps = ranges[dim] / (width * plan.tile[dim]);
    int64_t chunk = llvm::divideCeil(steps, most);
    if (steps < 2 || chunk == 0)
      continue;
    int64_t tasks = llvm::divideCeil(steps, chunk);
    // The share of the time that all threads have something to do.
    int64_t rounds = llvm::divideCeil(tasks, threads);
    double efficiency = double(ranges[dim]) /
                        (rounds * threads * chunk * width * plan.tile[dim]);
    if (efficiency > best + 0.05) {
      best = efficiency;
      plan.taskDim = dim;
      plan.tasks = tasks;
    }
  }
}

/// Whether the kernel is a sequence of loop nests that only buffers connect, so
/// that it can be cut between any two of them.
static bool isCuttable(func::FuncOp function) {
  return llvm::all_of(function.getBody().front(), [](Operation &op) {
    return isa<linalg::LinalgOp>(op) || isMemoryEffectFree(&op) ||
           op.hasTrait<OpTrait::IsTerminator>();
  });
}

/// Scratch buffers that stayed in registers are no longer needed.
static void dropUnusedScratch(func::FuncOp function) {
  for (unsigned i = function.getNumArguments(); i-- > 0;)
    if (function.getArgAttr(i, "plan.scratch") &&
        function.getArgument(i).use_empty())
      (void)function.eraseArgument(i);
}

void VectorizeKernelPass::runOnOperation() {
  func::FuncOp function = getOperation();
  if (!isKernel(function))
    return;
  IRRewriter rewriter(&getContext());
  SmallVector<memref::CopyOp> copies;
  function.walk([&](memref::CopyOp copy) { copies.push_back(copy); });
  for (memref::CopyOp copy : copies) {
    rewriter.setInsertionPoint(copy);
    linalg::makeMemRefCopyOp(rewriter, copy.getLoc(), copy.getSource(),
                             copy.getTarget());
    rewriter.eraseOp(copy);
  }
  bool cuttable = isCuttable(function);
  for (LoopGroup group : findGroups(function)) {
    group = collapseLoops(rewriter, group);
    linalg::LinalgOp root = group.root.op;
    LoopPlan plan;
    plan.tile.assign(root.getNumLoops(), 1);
    chooseVectors(group, plan);
    chooseTile(group, plan);
    if (cuttable)
      chooseTasks(group, plan);
    ++(plan.vectorDim < 0 ? numScalar : numVectorized);
    numFused += group.members().size() - 1;
    emitLoopNest(rewriter, group, plan);
  }
  dropUnusedScratch(function);
}
