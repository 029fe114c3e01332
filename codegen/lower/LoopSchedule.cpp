//===- LoopSchedule.cpp - Plans of loop nests as data ---------------------===//

#include "codegen/lower/LoopSchedule.h"
#include "codegen/lower/LoopCost.h"
#include "codegen/lower/Windows.h"

using namespace mlir;
using namespace cameo;

static constexpr llvm::StringLiteral kKernelAttr = "plan.kernel";

ScheduleAttr cameo::getSchedule(func::FuncOp kernel) {
  auto info = kernel->getAttrOfType<DictionaryAttr>(kKernelAttr);
  return info ? info.getAs<ScheduleAttr>("schedule") : ScheduleAttr();
}

static void replaceParts(func::FuncOp kernel, ScheduleAttr old, int64_t group,
                         ArrayRef<NestAttr> nests) {
  NamedAttrList entries(kernel->getAttrOfType<DictionaryAttr>(kKernelAttr));
  entries.set("schedule",
              ScheduleAttr::get(kernel.getContext(), old.getProblem(),
                                old.getAlgorithm(), group, nests,
                                old.getCycles(), old.getBeaten()));
  kernel->setAttr(kKernelAttr, entries.getDictionary(kernel.getContext()));
}

int64_t cameo::getScheduleGroup(func::FuncOp kernel) {
  ScheduleAttr schedule = getSchedule(kernel);
  return schedule ? schedule.getGroup() : 0;
}

void cameo::setScheduleGroup(func::FuncOp kernel, int64_t group) {
  if (ScheduleAttr old = getSchedule(kernel))
    replaceParts(kernel, old, group, old.getNests());
}

void cameo::setScheduleNests(func::FuncOp kernel, ArrayRef<NestAttr> nests) {
  if (ScheduleAttr old = getSchedule(kernel))
    replaceParts(kernel, old, old.getGroup(), nests);
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

/// `2x14` for a tile of 2 and 14 steps.
static std::string nameOf(ArrayRef<int64_t> tile) {
  std::string name;
  for (int64_t steps : tile)
    if (steps > 1)
      name += (name.empty() ? "" : "x") + std::to_string(steps);
  return name.empty() ? "1" : name;
}

NestAttr cameo::makeNest(const LoopGroup &group, const LoopTarget &target,
                         const LoopPlan &plan, double runs,
                         DictionaryAttr beaten) {
  linalg::LinalgOp root = group.root.op;
  Builder builder(root.getContext());
  auto number = [&](double cycles) {
    return builder.getI64IntegerAttr(std::llround(cycles * runs));
  };
  LoopCost cost = estimateCost(group, target, plan);
  DictionaryAttr parts = builder.getDictionaryAttr(
      {builder.getNamedAttr("compute", number(cost.compute)),
       builder.getNamedAttr("l1", number(cost.l1)),
       builder.getNamedAttr("l2", number(cost.l2)),
       builder.getNamedAttr("memory", number(cost.memory))});
  NamedAttrList others;
  for (auto &[tile, slower] : plan.beaten)
    others.set(nameOf(tile), number(cost.getCycles() * slower));
  if (!others.empty())
    beaten = others.getDictionary(root.getContext());
  // All fields by name: a new one has to be dealt with here.
  const auto &[vectorDim, lanes, tile, columnDim, order, unrolled, chunkDim,
               chunkSteps, depthDim, depthSteps, aheadDim, laneDim, taskDim,
               tasks, beatenTiles] = plan;
  // That follows from the target.
  (void)laneDim;
  (void)beatenTiles;
  return NestAttr::get(root.getContext(), root.getStaticLoopRanges(), vectorDim,
                       lanes, tile, columnDim, order, unrolled, chunkDim,
                       chunkSteps, depthDim, depthSteps, aheadDim, tasks,
                       taskDim, number(cost.getCycles()).getInt(), parts,
                       beaten);
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

namespace {
/// Checks what a nest asks for, and says what of it cannot be.
class NestReader {
public:
  NestReader(NestAttr nest, const LoopGroup &group, const LoopTarget &target,
             bool withTasks)
      : nest(nest), group(group), target(target), withTasks(withTasks),
        root(group.root.op), ranges(root.getStaticLoopRanges()),
        iterators(root.getIteratorTypesArray()),
        windows(findPaddedWindows(root)) {}
  FailureOr<LoopPlan> read();

private:
  InFlightDiagnostic refuse(StringRef field) {
    return root->emitError("schedule: '" + field + "' of a nest ");
  }
  bool isParallel(int64_t dim) const {
    return dim >= 0 && dim < int64_t(ranges.size()) &&
           iterators[dim] == utils::IteratorType::parallel;
  }
  LogicalResult checkVectors();
  LogicalResult checkTile();
  LogicalResult checkLoops();
  LogicalResult checkTasks(const LoopPlan &plan);

  NestAttr nest;
  const LoopGroup &group;
  const LoopTarget &target;
  bool withTasks;
  linalg::LinalgOp root;
  SmallVector<int64_t> ranges;
  SmallVector<utils::IteratorType> iterators;
  SmallVector<Window> windows;
};
} // namespace

LogicalResult NestReader::checkVectors() {
  int64_t most = mostLanes(group, target, nest.getVector());
  if (nest.getVector() < 0 && nest.getLanes() == 1)
    return success();
  if (most < 2)
    return refuse("vector") << "is dimension " << nest.getVector()
                            << ", which vectors cannot take";
  if (nest.getLanes() < 1 || nest.getLanes() > most ||
      !llvm::isPowerOf2_64(nest.getLanes()))
    return refuse("lanes") << "is " << nest.getLanes()
                           << ", which is not a power of two up to " << most;
  return success();
}

LogicalResult NestReader::checkTile() {
  // More accumulators than this would be copies of code for nothing.
  int64_t most = 4 * target.registers, size = 1;
  if (nest.getTile().size() != ranges.size())
    return refuse("tile") << "has " << nest.getTile().size() << " extents for "
                          << ranges.size() << " loops";
  for (auto [dim, steps] : llvm::enumerate(nest.getTile())) {
    bool isVector = int64_t(dim) == nest.getVector();
    int64_t limit =
        llvm::divideCeil(ranges[dim], isVector ? nest.getLanes() : 1);
    if (!isParallel(dim) && !isVector)
      limit = 1;
    if (steps < 1 || steps > std::max<int64_t>(limit, 1))
      return refuse("tile") << "is " << steps << " along dimension " << dim
                            << ", which allows 1 to " << limit;
    size *= steps;
  }
  if (size > most)
    return refuse("tile") << "has " << size << " vectors, more than " << most;
  return success();
}

LogicalResult NestReader::checkLoops() {
  if (nest.getColumn() >= 0 && !isParallel(nest.getColumn()))
    return refuse("column") << "is not a parallel dimension";
  SmallVector<int64_t> order(nest.getOrder());
  llvm::sort(order);
  SmallVector<int64_t> parallels;
  for (int64_t dim = 0; dim < int64_t(ranges.size()); ++dim)
    if (isParallel(dim))
      parallels.push_back(dim);
  if (!order.empty() && order != parallels)
    return refuse("order") << "is not an order of the parallel dimensions";
  constexpr int64_t kMostUnrolled = 16;
  for (int64_t dim : nest.getUnrolled())
    if (dim < 0 || dim >= int64_t(ranges.size()) || isParallel(dim) ||
        dim == nest.getVector() || ranges[dim] > kMostUnrolled)
      return refuse("unrolled")
             << "has " << dim << ", which is not a reduction of at most "
             << kMostUnrolled << " steps";
  bool hasRun = nest.getRun() >= 0;
  if (hasRun && (!isParallel(nest.getRun()) || nest.getRunSteps() < 1))
    return refuse("run") << "is not a number of tiles of a parallel dimension";
  bool hasReductions = root.getNumReductionLoops() > 0;
  if (nest.getAhead() >= 0 &&
      (!isParallel(nest.getAhead()) || !hasReductions || !windows.empty()))
    return refuse("ahead")
           << "is not a parallel dimension of a reduction without padding";
  return success();
}

LogicalResult NestReader::checkTasks(const LoopPlan &plan) {
  if (plan.tasks == 1 && plan.taskDim < 0)
    return success();
  bool isPeeled = llvm::any_of(windows, [&](const Window &window) {
    return window.output == plan.taskDim &&
           plan.isPeeled(window.output, window.tap);
  });
  if (!withTasks)
    return refuse("tasks") << "is " << plan.tasks
                           << ", but the nest cannot be split: more than one "
                              "thread has to be allowed, and loops around it "
                              "cannot be";
  if (plan.tasks < 2 || !isParallel(plan.taskDim) || isPeeled ||
      plan.taskDim == plan.chunkDim)
    return refuse("tasks") << "does not split a parallel dimension, in whole "
                              "tiles and without runs";
  int64_t width = plan.taskDim == plan.vectorDim ? plan.lanes : 1;
  int64_t steps = ranges[plan.taskDim] / (width * plan.tile[plan.taskDim]);
  if (plan.tasks > steps)
    return refuse("tasks") << "is " << plan.tasks << " for " << steps
                           << " tiles";
  return success();
}

FailureOr<LoopPlan> NestReader::read() {
  if (nest.getLoops() != ArrayRef(ranges)) {
    InFlightDiagnostic error = refuse("loops") << "is [";
    llvm::interleaveComma(nest.getLoops(), error);
    error << "], but the kernel has [";
    llvm::interleaveComma(ranges, error);
    return error << "] here";
  }
  if (failed(checkVectors()) || failed(checkTile()) || failed(checkLoops()))
    return failure();
  LoopPlan plan{nest.getVector(),
                nest.getLanes(),
                SmallVector<int64_t>(nest.getTile()),
                nest.getColumn(),
                SmallVector<int64_t>(nest.getOrder()),
                SmallVector<int64_t>(nest.getUnrolled()),
                nest.getRun(),
                nest.getRunSteps(),
                nest.getDepth(),
                nest.getDepthSteps(),
                nest.getAhead(),
                chooseLaneDim(group, target, nest.getVector(), nest.getLanes()),
                nest.getSplit(),
                nest.getTasks(),
                {}};
  if (plan.depthDim >= 0 && !canRunDepth(group, plan))
    return refuse("depth") << "does not cut a reduction into equal runs";
  if (failed(checkTasks(plan)))
    return failure();
  return plan;
}

FailureOr<LoopPlan> cameo::readNest(NestAttr nest, const LoopGroup &group,
                                    const LoopTarget &target, bool withTasks) {
  return NestReader(nest, group, target, withTasks).read();
}
