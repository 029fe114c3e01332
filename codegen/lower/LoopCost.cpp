//===- LoopCost.cpp - What a loop nest costs ------------------------------===//
//
// A core with two vector operations and two loads per step. Traffic between
// caches: walking outwards from the register tile, the loops whose data a cache
// holds read it once; every loop around them reads it again where it moves.
//
//===----------------------------------------------------------------------===//

#include "codegen/lower/LoopCost.h"
#include "codegen/lower/Passes.h"
#include "dialects/cameo/FastProduct.h"

using namespace mlir;
using namespace cameo;

namespace {
/// A part of a dimension that is walked with one step.
struct Stretch {
  int64_t lanes, count; // Of a step of the register tile.
  int64_t steps;
};

class Estimator {
public:
  Estimator(const LoopGroup &group, const LoopTarget &target,
            const LoopPlan &plan)
      : target(target), plan(plan), root(group.root.op), group(group),
        ranges(root.getStaticLoopRanges()),
        iterators(root.getIteratorTypesArray()) {}
  LoopCost estimate();

private:
  bool isReduction(int64_t dim) const {
    return iterators[dim] == utils::IteratorType::reduction;
  }
  SmallVector<Stretch> stretches(int64_t dim) const;
  void addTiles(size_t dim, SmallVectorImpl<Stretch> &chosen);
  void addTile(ArrayRef<Stretch> chosen);
  double loadsOf(OpOperand &operand, ArrayRef<Stretch> chosen);
  double bytesOf(OpOperand &operand, ArrayRef<int64_t> extents);
  bool isHeld(OpOperand &operand, double cacheBytes);
  SmallVector<int64_t> loopsInnermostFirst() const;
  double trafficBeyond(double cacheBytes);

  const LoopTarget &target;
  const LoopPlan &plan;
  linalg::LinalgOp root;
  const LoopGroup &group;
  SmallVector<int64_t> ranges;
  SmallVector<utils::IteratorType> iterators;
  LoopCost cost;
};
} // namespace

double LoopCost::getCycles() const {
  double longest = std::max({compute, l1, l2, memory});
  constexpr double kShown = 0.1;
  return longest + kShown * (compute + l1 + l2 + memory - longest);
}

//===----------------------------------------------------------------------===//
// Register tiles
//===----------------------------------------------------------------------===//

/// Full tiles, what is left over, and for vectors the same with half the lanes.
SmallVector<Stretch> Estimator::stretches(int64_t dim) const {
  SmallVector<Stretch> result;
  int64_t rest = ranges[dim], most = plan.tile[dim];
  int64_t widest = dim == plan.vectorDim ? plan.lanes : 1;
  for (int64_t lanes = widest; lanes >= 1; lanes /= 2)
    for (int64_t count : {most, rest / lanes % most})
      if (count > 0 && rest / (lanes * count) > 0) {
        result.push_back({lanes, count, rest / (lanes * count)});
        rest %= lanes * count;
      }
  return result;
}

/// Vectors and values that an operand loads for one step of a tile.
double Estimator::loadsOf(OpOperand &operand, ArrayRef<Stretch> chosen) {
  if (!isa<MemRefType>(operand.get().getType()))
    return 0;
  AffineMap map = root.getMatchingIndexingMap(&operand);
  double loads = plan.laneDim >= 0 && isReadByLane(root, operand,
                                                   plan.vectorDim, plan.laneDim)
                     ? 1.0 / kLaneSteps
                     : 1;
  // Two numbers that operations read take as long as one vector.
  bool isSplit = readsBroadcasts(root, target) && plan.vectorDim >= 0 &&
                 accessAlong(map, plan.vectorDim) == Access::Invariant;
  if (isSplit)
    loads /= 2;
  for (auto [dim, stretch] : llvm::enumerate(chosen)) {
    Access access = accessAlong(map, dim);
    if (access == Access::Invariant && !isSplit)
      continue;
    loads *= stretch.count;
    if (access == Access::Strided)
      loads *= stretch.lanes;
  }
  return loads;
}

bool cameo::addsPairs(linalg::LinalgOp op) {
  return llvm::any_of(*op.getBlock(), [](Operation &inner) {
    return inner.hasAttr(kPairAttr);
  });
}

double cameo::operationsOf(linalg::LinalgOp op) {
  if (addsPairs(op))
    return 2 * kPairCost;
  double count = op.getBlock()->getOperations().size() - 1;
  bool isProduct = op.getNumReductionLoops() > 0 && count >= 2;
  return std::max(isProduct ? count - 1 : count, 1.0);
}

/// All tiles of one shape.
void Estimator::addTile(ArrayRef<Stretch> chosen) {
  // What starts and ends a tile.
  constexpr double kTileCycles = 12, kStepCycles = 0.25;
  // Sums that depend on each other take so long.
  constexpr double kLatency = 4;
  double tiles = 1, vectors = 1, depth = 1;
  double runs =
      plan.depthDim < 0 ? 1 : double(ranges[plan.depthDim]) / plan.depthSteps;
  for (auto [dim, stretch] : llvm::enumerate(chosen)) {
    (isReduction(dim) ? depth : tiles) *= stretch.steps;
    vectors *= stretch.count;
  }
  double loads = 0, perResult = 0;
  for (OpOperand *operand : root.getDpsInputOperands())
    if (!root.getMatchingBlockArgument(operand).use_empty())
      loads += loadsOf(*operand, chosen);
  for (GroupMember &member : group.members())
    if (member.op != root)
      perResult += operationsOf(member.op);
  double step = vectors * operationsOf(root) / 2;
  if (depth > 1)
    step = std::max(step, kLatency) + kStepCycles;
  cost.compute += tiles * (depth * step + vectors * perResult / 2 +
                           (depth > 1 ? runs * kTileCycles : 0));
  cost.l1 += tiles * (depth * loads / 2 + (2 * runs - 1) * vectors);
}

void Estimator::addTiles(size_t dim, SmallVectorImpl<Stretch> &chosen) {
  if (dim == ranges.size())
    return addTile(chosen);
  for (const Stretch &stretch : stretches(dim)) {
    chosen.push_back(stretch);
    addTiles(dim + 1, chosen);
    chosen.pop_back();
  }
}

//===----------------------------------------------------------------------===//
// Caches
//===----------------------------------------------------------------------===//

/// How many values `expr` takes when every dimension takes its `extents`.
static int64_t extentOf(AffineExpr expr, ArrayRef<int64_t> extents) {
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return extents[dim.getPosition()];
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return 1;
  int64_t left = extentOf(binary.getLHS(), extents);
  auto constant = dyn_cast<AffineConstantExpr>(binary.getRHS());
  int64_t factor = constant ? std::abs(constant.getValue()) : 1;
  switch (binary.getKind()) {
  case AffineExprKind::Add:
    return left + extentOf(binary.getRHS(), extents) - 1;
  case AffineExprKind::Mul:
    return (left - 1) * factor + 1;
  case AffineExprKind::Mod:
    return std::min(left, std::max<int64_t>(factor, 1));
  default:
    return llvm::divideCeil(left, std::max<int64_t>(factor, 1));
  }
}

/// Bytes of an operand that are read while each dimension takes so many steps.
double Estimator::bytesOf(OpOperand &operand, ArrayRef<int64_t> extents) {
  auto type = dyn_cast<MemRefType>(operand.get().getType());
  if (!type)
    return 0;
  double elements = 1;
  for (AffineExpr expr : root.getMatchingIndexingMap(&operand).getResults())
    elements *= extentOf(expr, extents);
  return std::min<double>(elements, type.getNumElements()) *
         type.getElementTypeBitWidth() / 8;
}

/// Whether an operand is a buffer inside the kernel that a cache holds.
bool Estimator::isHeld(OpOperand &operand, double cacheBytes) {
  auto argument = dyn_cast<BlockArgument>(baseOf(operand.get()));
  auto function =
      argument ? dyn_cast<func::FuncOp>(argument.getOwner()->getParentOp())
               : nullptr;
  bool isInside =
      !function || function.getArgAttr(argument.getArgNumber(), "plan.scratch");
  return isInside && bytesOf(operand, ranges) <= cacheBytes / 2;
}

SmallVector<int64_t> Estimator::loopsInnermostFirst() const {
  SmallVector<int64_t> loops;
  for (int64_t dim = ranges.size(); dim-- > 0;)
    if (isReduction(dim))
      loops.push_back(dim);
  if (!plan.order.empty()) {
    llvm::append_range(loops, llvm::reverse(plan.order));
    return loops;
  }
  if (plan.vectorDim >= 0 && !isReduction(plan.vectorDim))
    loops.push_back(plan.vectorDim);
  for (int64_t dim = ranges.size(); dim-- > 0;)
    if (!isReduction(dim) && dim != plan.vectorDim)
      loops.push_back(dim);
  return loops;
}

/// Bytes that come from beyond a cache of this size.
double Estimator::trafficBeyond(double cacheBytes) {
  SmallVector<int64_t> extents;
  for (auto [dim, steps] : llvm::enumerate(plan.tile))
    extents.push_back(
        std::min(ranges[dim],
                 steps * (int64_t(dim) == plan.vectorDim ? plan.lanes : 1)));
  SmallVector<int64_t> loops = loopsInnermostFirst(), around;
  // The run of an outermost loop that inner loops come back to.
  int64_t runExtent = plan.chunkDim < 0
                          ? 0
                          : std::min(ranges[plan.chunkDim],
                                     extents[plan.chunkDim] * plan.chunkSteps);
  bool holds = true;
  for (int64_t dim : loops) {
    SmallVector<int64_t> wider = extents;
    wider[dim] = dim == plan.chunkDim   ? runExtent
                 : dim == plan.depthDim ? plan.depthSteps
                                        : ranges[dim];
    double bytes = 0;
    for (OpOperand &operand : root->getOpOperands())
      bytes += bytesOf(operand, wider);
    holds &= bytes <= cacheBytes;
    if (holds)
      extents = wider;
    else
      around.push_back(dim);
  }
  if (plan.chunkDim >= 0 && extents[plan.chunkDim] < ranges[plan.chunkDim] &&
      !llvm::is_contained(around, plan.chunkDim))
    around.push_back(plan.chunkDim);
  if (plan.depthDim >= 0 && !llvm::is_contained(around, plan.depthDim))
    around.push_back(plan.depthDim);
  double traffic = 0;
  for (OpOperand &operand : root->getOpOperands()) {
    if (isHeld(operand, cacheBytes))
      continue;
    double bytes = bytesOf(operand, extents);
    AffineMap map = root.getMatchingIndexingMap(&operand);
    // It stays where it is until the first loop in which it moves.
    bool moves = false;
    for (int64_t dim : around) {
      moves |= map.isFunctionOfDim(dim);
      if (moves)
        bytes *= llvm::divideCeil(ranges[dim], extents[dim]);
    }
    traffic += bytes;
  }
  return traffic;
}

LoopCost Estimator::estimate() {
  if (llvm::is_contained(ranges, 0))
    return cost;
  SmallVector<Stretch> chosen;
  addTiles(0, chosen);
  const MemoryFigures &memory = target.memory;
  cost.l2 = trafficBeyond(target.getFirstBytes()) / memory.l2Rate;
  cost.memory = trafficBeyond(memory.l2Bytes) / memory.l3Rate;
  return cost;
}

LoopCost cameo::estimateCost(const LoopGroup &group, const LoopTarget &target,
                             const LoopPlan &plan) {
  return Estimator(group, target, plan).estimate();
}
