//===- LoopTasks.cpp - How loop nests are split into tasks ----------------===//
//
// One parallel dimension is split: that which keeps all threads busy and has
// them fetch least from each other.
//
//===----------------------------------------------------------------------===//

#include "codegen/lower/LoopCost.h"
#include "codegen/lower/LoopPlan.h"
#include "codegen/lower/Windows.h"

using namespace mlir;
using namespace cameo;

namespace {
class Splitter {
public:
  Splitter(const LoopGroup &group, const LoopTarget &target, LoopPlan &plan)
      : group(group), target(target), plan(plan), root(group.root.op),
        ranges(root.getStaticLoopRanges()),
        iterators(root.getIteratorTypesArray()),
        windows(findPaddedWindows(root)) {}
  void choose();

private:
  bool isPeeled(int64_t dim) const;
  double estimateCycles();
  double sharedCycles(int64_t dim);

  const LoopGroup &group;
  const LoopTarget &target;
  LoopPlan &plan;
  linalg::LinalgOp root;
  SmallVector<int64_t> ranges;
  SmallVector<utils::IteratorType> iterators;
  SmallVector<Window> windows;
};
} // namespace

/// Whether the loop over `dim` has its edges as pieces of their own.
bool Splitter::isPeeled(int64_t dim) const {
  return llvm::any_of(windows, [&](const Window &window) {
    return window.output == dim && plan.isPeeled(dim, window.tap);
  });
}

/// Cycles of the group on one core, roughly.
double Splitter::estimateCycles() {
  double cycles = 0, bytes = 0;
  for (GroupMember &member : group.members()) {
    double iterations = 1;
    for (int64_t range : member.op.getStaticLoopRanges())
      iterations *= range;
    cycles += iterations * operationsOf(member.op) /
              (plan.vectorDim < 0 ? 1 : 2 * plan.lanes);
  }
  for (Value operand : root->getOperands())
    if (auto type = dyn_cast<MemRefType>(operand.getType()))
      bytes +=
          type.getNumElements() * ((type.getElementTypeBitWidth() + 7) / 8);
  return std::max(cycles, bytes / target.memory.l3Rate);
}

/// Cycles that it costs a task to fetch what tasks along `dim` share: operands
/// that do not move along it, and of those that windows move over rows, what
/// another thread has just computed by rows.
double Splitter::sharedCycles(int64_t dim) {
  // From the memory of another core, and the part of what is only read that
  // prefetching does not hide.
  constexpr double kRemoteBytes = 5, kReadBytes = 40;
  // Tensors with fewer rows are computed by channels.
  constexpr int64_t kFewRows = 144;
  double cycles = 0, windowBytes = 0;
  int64_t rows = 1;
  bool isAlongRows = false;
  for (OpOperand *operand : root.getDpsInputOperands()) {
    auto type = dyn_cast<MemRefType>(operand->get().getType());
    if (!type || root.getMatchingBlockArgument(operand).use_empty())
      continue;
    AffineMap map = root.getMatchingIndexingMap(operand);
    double bytes =
        type.getNumElements() * (type.getElementTypeBitWidth() / 8.0);
    bool isShared = accessAlong(map, dim) == Access::Invariant;
    // What is read by vectors of results is most often constant.
    bool isColumn = plan.columnDim >= 0 && plan.vectorDim >= 0 &&
                    accessAlong(map, plan.vectorDim) != Access::Invariant;
    if (isShared && plan.columnDim >= 0)
      cycles += bytes / 2 / (isColumn ? kReadBytes : kRemoteBytes);
    for (int64_t i = 0, end = map.getNumResults(); i < end; ++i)
      if (std::optional<Window> window = matchWindow(root, *operand, i)) {
        windowBytes = bytes;
        rows *= ranges[window->output];
        isAlongRows |= window->output == dim;
      }
  }
  if (plan.columnDim < 0 && isAlongRows != (rows >= kFewRows))
    cycles += windowBytes / 2 / kRemoteBytes;
  return cycles;
}

/// Splits the parallel dimension that keeps threads busy and fetches least from
/// other cores, the outermost of equals, into as many tasks as threads, or a
/// multiple where a task's rows would not stay in a cache.
void Splitter::choose() {
  // Below this many cycles a task costs more to hand over than it takes.
  constexpr double kTaskCycles = 8000;
  int64_t threads = target.threads;
  double cycles = estimateCycles();
  if (threads == 1 || cycles < 2 * kTaskCycles)
    return;
  int64_t busy = std::min<int64_t>(threads, cycles / kTaskCycles);
  double best = cycles;
  for (int64_t dim = 0; dim < root.getNumLoops(); ++dim) {
    if (iterators[dim] != utils::IteratorType::parallel || isPeeled(dim))
      continue;
    int64_t width = dim == plan.vectorDim ? plan.lanes : 1;
    int64_t steps = ranges[dim] / (width * plan.tile[dim]);
    if (steps < 2)
      continue;
    int64_t wanted = busy;
    if (dim == plan.chunkDim)
      wanted *= llvm::divideCeil(steps, plan.chunkSteps * busy);
    int64_t chunk = llvm::divideCeil(steps, wanted);
    int64_t tasks = llvm::divideCeil(steps, chunk);
    // The share of the time that all threads have something to do.
    int64_t rounds = llvm::divideCeil(tasks, busy);
    double efficiency =
        double(ranges[dim]) / (rounds * busy * chunk * width * plan.tile[dim]);
    double cost = cycles / busy / std::min(efficiency, 1.0) + sharedCycles(dim);
    if (tasks < 2 || cost >= best * 0.98)
      continue;
    best = cost;
    plan.taskDim = dim;
    plan.tasks = tasks;
  }
  if (plan.taskDim >= 0 && plan.taskDim == plan.chunkDim)
    plan.chunkDim = -1;
}

void cameo::chooseTasks(const LoopGroup &group, const LoopTarget &target,
                        LoopPlan &plan) {
  Splitter(group, target, plan).choose();
}
