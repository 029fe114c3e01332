//===- LoopPlan.cpp - Plans of register-tiled vector loops ----------------===//
//
// Which dimension vectors take, how large the register tile is and in which
// order loops are nested: from extents and a model of a core with two loads and
// two multiply-adds per step.
//
//===----------------------------------------------------------------------===//

#include "codegen/lower/LoopPlan.h"
#include "codegen/lower/LoopCost.h"
#include "codegen/lower/Windows.h"

#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"

using namespace mlir;
using namespace cameo;

namespace {
/// A register tile of a product, or all of the product, in vectors and values.
struct TileShape {
  int64_t columns, outerRows, rows;
};

class Planner {
public:
  Planner(const LoopGroup &group, const LoopTarget &target)
      : group(group), target(target), root(group.root.op),
        ranges(root.getStaticLoopRanges()),
        iterators(root.getIteratorTypesArray()),
        windows(findPaddedWindows(root)) {
    plan.tile.assign(root.getNumLoops(), 1);
  }
  LoopPlan choose(bool withTasks);
  void chooseVectors();

  LoopPlan plan;

private:
  bool isParallel(int64_t dim) const {
    return iterators[dim] == utils::IteratorType::parallel;
  }
  void chooseTile();
  bool chooseWindowTile();
  int64_t findOuterRows(int64_t rowDim);
  double productCost(const TileShape &shape, const TileShape &extents,
                     int64_t depth);
  int64_t mostRows(int64_t columns);
  void chooseProductTile(int64_t rowDim);
  void chooseRowsAhead(int64_t rowDim, ArrayRef<OpOperand *> rowOperands);
  void chooseOrder(int64_t rowDim);
  void listBeaten();

  const LoopGroup &group;
  const LoopTarget &target;
  linalg::LinalgOp root;
  SmallVector<int64_t> ranges;
  SmallVector<utils::IteratorType> iterators;
  SmallVector<Window> windows;
  /// Tiles that were considered, with what they cost.
  std::vector<std::pair<double, SmallVector<int64_t>>> tried;
  /// Orders of loops that keep what rows, or columns, share.
  SmallVector<SmallVector<int64_t>, 2> orders;
};
} // namespace

//===----------------------------------------------------------------------===//
// Vectors
//===----------------------------------------------------------------------===//

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
static int64_t lanesOf(linalg::LinalgOp op, int64_t vectorBits) {
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

/// The most lanes that all members of a group can take.
static int64_t widestLanes(const LoopGroup &group, const LoopTarget &target) {
  int64_t widest = target.vectorBits ? target.vectorBits : 1;
  for (GroupMember &member : group.members()) {
    if (!hasElementwiseBody(member.op))
      return 1;
    widest = std::min(widest, lanesOf(member.op, target.vectorBits));
  }
  return widest;
}

/// Operands of one load per lane along a dimension; -1: vectors cannot take it.
static int64_t vectorScore(const LoopGroup &group, ArrayRef<Window> windows,
                           int64_t dim) {
  linalg::LinalgOp root = group.root.op;
  bool reduction =
      root.getIteratorTypesArray()[dim] == utils::IteratorType::reduction;
  bool isPadded = llvm::any_of(windows, [&](const Window &window) {
    return window.output == dim || window.tap == dim;
  });
  if (root.getStaticLoopRanges()[dim] < 2 || isPadded ||
      (reduction && !canSplitReduction(root)))
    return -1;
  return stridedOperands(group, dim, reduction);
}

int64_t cameo::mostLanes(const LoopGroup &group, const LoopTarget &target,
                         int64_t dim) {
  linalg::LinalgOp root = group.root.op;
  if (dim < 0 || dim >= root.getNumLoops() ||
      vectorScore(group, findPaddedWindows(root), dim) < 0)
    return 1;
  return widestLanes(group, target);
}

void Planner::chooseVectors() {
  int64_t widest = widestLanes(group, target);
  if (widest < 2)
    return;
  int64_t bestScore = std::numeric_limits<int64_t>::max();
  for (int64_t dim = 0; dim < root.getNumLoops(); ++dim) {
    int64_t strided = vectorScore(group, windows, dim);
    if (strided < 0)
      continue;
    // Fewer strided operands first; then lanes in use; then no final sums.
    int64_t usedLanes =
        std::min<int64_t>(widest, llvm::bit_floor<uint64_t>(ranges[dim]));
    int64_t score =
        strided * 1000 + (widest / usedLanes) * 10 + !isParallel(dim);
    if (score >= bestScore)
      continue;
    bestScore = score;
    plan.vectorDim = dim;
    plan.lanes = usedLanes;
  }
}

//===----------------------------------------------------------------------===//
// Tiles
//===----------------------------------------------------------------------===//

/// A dimension of the results along which operands that move along `moving` are
/// used again: the innermost one that fills a tile, else the longest; -1: none.
static int64_t findReuse(linalg::LinalgOp op, int64_t moving,
                         ArrayRef<int64_t> excluded) {
  constexpr int64_t kEnough = 12;
  int64_t best = -1;
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  SmallVector<utils::IteratorType> iterators = op.getIteratorTypesArray();
  for (int64_t dim = 0; dim < op.getNumLoops(); ++dim) {
    if (llvm::is_contained(excluded, dim) || ranges[dim] < 2 ||
        iterators[dim] != utils::IteratorType::parallel)
      continue;
    bool reuses =
        llvm::any_of(op.getDpsInputOperands(), [&](OpOperand *operand) {
          AffineMap map = op.getMatchingIndexingMap(operand);
          return accessAlong(map, moving) != Access::Invariant &&
                 accessAlong(map, dim) == Access::Invariant;
        });
    if (reuses && (best < 0 || ranges[dim] >= std::min(ranges[best], kEnough)))
      best = dim;
  }
  return best;
}

/// Steps of equal size, at most `most`, that cover `extent`.
static int64_t balancedStep(int64_t extent, int64_t most) {
  int64_t steps = llvm::divideCeil(extent, std::max<int64_t>(most, 1));
  return llvm::divideCeil(extent, steps);
}

/// Adds up `cost` of the steps that cover `extent`, the last one maybe shorter.
static double overSteps(int64_t extent, int64_t step,
                        llvm::function_ref<double(int64_t)> cost) {
  double sum = (extent / step) * cost(step);
  return extent % step ? sum + cost(extent % step) : sum;
}

/// Outputs of a row whose windows meet: all taps of the innermost reduction are
/// written out, so that every element is loaded once for all of them.
bool Planner::chooseWindowTile() {
  int64_t tap = -1;
  for (int64_t dim = 0; dim < root.getNumLoops(); ++dim)
    if (!isParallel(dim))
      tap = dim;
  constexpr int64_t kMostTaps = 16;
  if (ranges[tap] > kMostTaps)
    return false;
  std::optional<Window> window;
  int64_t others = 0; // Vectors of weights per tap.
  for (OpOperand *operand : root.getDpsInputOperands()) {
    AffineMap map = root.getMatchingIndexingMap(operand);
    if (root.getMatchingBlockArgument(operand).use_empty() ||
        !isa<MemRefType>(operand->get().getType()))
      continue;
    if (accessAlong(root, *operand, plan.vectorDim) != Access::Contiguous)
      return false;
    ++others;
    for (int64_t dim = 0, end = map.getNumResults(); dim < end; ++dim)
      if (std::optional<Window> found = matchWindow(root, *operand, dim);
          found && found->tap == tap && found->output != plan.vectorDim) {
        window = found;
        --others;
      }
  }
  if (!window || ranges[window->output] < 2)
    return false;
  int64_t extent = ranges[window->output], taps = ranges[tap];
  // Elements that an output shares with the one before it.
  int64_t shared = llvm::divideCeil(
      std::max<int64_t>(window->dilation * (taps - 1) + 1 - window->stride, 0),
      window->stride * window->dilation);
  // Where operations do not read memory, elements of one output are early.
  bool isCrowded = target.hasLaneOperands && window->stride > 1;
  int64_t registers = target.registers - (isCrowded ? 8 : 0);
  double best = std::numeric_limits<double>::max();
  for (int64_t limit = 1; limit <= extent; ++limit) {
    int64_t rows = balancedStep(extent, limit);
    if (limit > 1 && 2 * rows + shared + 2 > registers)
      break;
    double cost = overSteps(extent, rows, [&](int64_t outputs) {
      // Sums that depend on each other wait for latency.
      double sums = std::max<double>(outputs, 6) * taps / 2;
      double loads = (outputs * std::max<int64_t>(taps - shared, 1) + shared +
                      others * taps) /
                     2.0;
      return std::max(sums, loads) + 3;
    });
    SmallVector<int64_t> tile = plan.tile;
    tile[window->output] = rows;
    tried.push_back({cost, tile});
    if (cost < best * 0.999) {
      best = cost;
      plan.tile = tile;
    }
  }
  plan.unrolled.push_back(tap);
  return true;
}

/// Another loop over rows, for tiles of several short rows; -1: none.
int64_t Planner::findOuterRows(int64_t rowDim) {
  int64_t found = -1;
  for (int64_t dim = 0; dim < rowDim; ++dim) {
    bool isRow = isParallel(dim) && dim != plan.vectorDim && ranges[dim] > 1;
    for (OpOperand *operand : root.getDpsInputOperands()) {
      AffineMap map = root.getMatchingIndexingMap(operand);
      isRow &= root.getMatchingBlockArgument(operand).use_empty() ||
               (accessAlong(map, dim) == Access::Invariant) ==
                   (accessAlong(map, rowDim) == Access::Invariant);
    }
    if (isRow)
      found = dim;
  }
  return found;
}

/// Cycles of all reductions with tiles of `shape`, whose extents are `extents`.
double Planner::productCost(const TileShape &shape, const TileShape &extents,
                            int64_t depth) {
  // Cycles that a tile takes beside its reduction.
  constexpr double kTileCycles = 20;
  auto atLeastOne = [&](Access access) {
    return std::max<int64_t>(countInputs(root, plan.vectorDim, access), 1);
  };
  int64_t vectors = atLeastOne(Access::Contiguous);
  int64_t scalars = atLeastOne(Access::Invariant);
  int64_t bytes = vectors * target.vectorBits / 8;
  double held = depth * shape.columns * bytes;
  double perCycle = std::numeric_limits<double>::max();
  if (held > target.memory.l2Bytes * 3 / 4)
    perCycle = target.memory.l3Rate;
  else if (held > target.getFirstBytes())
    perCycle = target.memory.l2Rate;
  double step = operationsOf(root) / 2;
  bool reads = readsBroadcasts(root, target);
  auto tileCost = [&](int64_t columns, int64_t rows) {
    // A tile whose sums depend on each other too soon waits for latency.
    double cycles = std::max<double>(columns * rows, 8) * step;
    double perNumber = reads               ? columns / 2.0
                       : plan.laneDim >= 0 ? 1.0 / kLaneSteps
                                           : 1;
    double loads = columns * vectors + rows * scalars * perNumber;
    cycles = std::max(cycles, loads / 2) + 0.25;
    cycles = std::max(cycles, columns * bytes / perCycle);
    return depth * cycles + kTileCycles;
  };
  return overSteps(extents.columns, shape.columns, [&](int64_t columns) {
    return overSteps(extents.outerRows, shape.outerRows, [&](int64_t outer) {
      return overSteps(extents.rows, shape.rows, [&](int64_t rows) {
        return tileCost(columns, outer * rows);
      });
    });
  });
}

/// Registers that a step takes beyond those of `acc + a * b`: further operands,
/// and values in between.
static int64_t extraRegisters(linalg::LinalgOp root, int64_t vectorDim,
                              int64_t columns, bool reads) {
  int64_t vectors = countInputs(root, vectorDim, Access::Contiguous);
  int64_t scalars = reads ? 0 : countInputs(root, vectorDim, Access::Invariant);
  int64_t operations = root.getBlock()->getOperations().size() - 1;
  // Values of the next row are there before those of the last one are used up.
  return std::max<int64_t>(vectors - 1, 0) * columns +
         std::max<int64_t>(2 * scalars - 2, 0) +
         std::max<int64_t>(operations - 2, 0) * columns;
}

/// How many rows of accumulators registers allow beside what a step takes.
int64_t Planner::mostRows(int64_t columns) {
  // One column's values can be broadcast by the operation that uses them.
  int64_t perRow = columns, step = columns + (columns > 1 ? 1 : 2);
  if (plan.laneDim >= 0) {
    // A vector per row for all columns, which come one after the other.
    ++perRow;
    step = 3;
  }
  step += extraRegisters(root, plan.vectorDim, columns,
                         readsBroadcasts(root, target));
  return std::clamp<int64_t>((target.registers - step) / perRow, 1, 28);
}

/// Accumulators take most registers; the others are for one step's operands:
/// columns of vectors, each for rows of values that are broadcast.
void Planner::chooseProductTile(int64_t rowDim) {
  int64_t steps = llvm::divideCeil(ranges[plan.vectorDim], plan.lanes);
  // Columns are more vectors side by side, or a loop that reuses the rows.
  int64_t columnDim = plan.vectorDim, depth = 1;
  TileShape extents{steps, 1, ranges[rowDim]};
  if (steps == 1) {
    columnDim = findReuse(root, rowDim, {plan.vectorDim, rowDim});
    extents.columns = columnDim < 0 ? 1 : ranges[columnDim];
  }
  int64_t outerDim = findOuterRows(rowDim);
  if (outerDim >= 0 && outerDim != columnDim)
    extents.outerRows = ranges[outerDim];
  for (int64_t dim = 0; dim < root.getNumLoops(); ++dim)
    depth *= isParallel(dim) ? 1 : ranges[dim];
  double best = std::numeric_limits<double>::max();
  auto consider = [&](const TileShape &shape) {
    double cost = productCost(shape, extents, depth);
    SmallVector<int64_t> tile = plan.tile;
    if (columnDim >= 0)
      tile[columnDim] = shape.columns;
    if (outerDim >= 0)
      tile[outerDim] = shape.outerRows;
    tile[rowDim] = shape.rows;
    tried.push_back({cost, tile});
    if (cost >= best * 0.999)
      return;
    best = cost;
    plan.columnDim = columnDim;
    plan.tile = tile;
  };
  int64_t mostColumns = std::min<int64_t>(extents.columns, 4);
  for (int64_t most = 1; most <= mostColumns; ++most) {
    int64_t columns = balancedStep(extents.columns, most);
    int64_t budget = mostRows(columns);
    for (int64_t limit = budget; limit > 0; --limit)
      consider({columns, 1, balancedStep(extents.rows, limit)});
    for (int64_t outer = 2;
         outer * extents.rows <= budget && outer <= extents.outerRows; ++outer)
      consider({columns, balancedStep(extents.outerRows, outer), extents.rows});
  }
}

/// Accumulators that do not wait for each other where nothing is used twice: a
/// few, but as long runs of adjacent memory as registers allow.
static void chooseChains(linalg::LinalgOp root, LoopPlan &plan,
                         int64_t registers) {
  // Loads keep up with products where several steps share one.
  int64_t chains = plan.laneDim < 0 ? 4 : 8;
  SmallVector<int64_t> ranges = root.getStaticLoopRanges();
  SmallVector<utils::IteratorType> iterators = root.getIteratorTypesArray();
  int64_t steps = llvm::divideCeil(ranges[plan.vectorDim], plan.lanes);
  plan.tile[plan.vectorDim] =
      balancedStep(steps, std::max(registers / 2, chains));
  if (steps > 1)
    return;
  for (int64_t dim = root.getNumLoops(); dim-- > 0;)
    if (iterators[dim] == utils::IteratorType::parallel &&
        dim != plan.vectorDim && ranges[dim] > 1) {
      plan.tile[dim] = balancedStep(ranges[dim], chains);
      return;
    }
}

void Planner::chooseTile() {
  if (plan.vectorDim < 0 || root.getNumReductionLoops() == 0)
    return;
  if (!isParallel(plan.vectorDim)) {
    int64_t steps = llvm::divideCeil(ranges[plan.vectorDim], plan.lanes);
    plan.tile[plan.vectorDim] = std::min<int64_t>(steps, 4);
    return;
  }
  if (chooseWindowTile())
    return;
  int64_t rowDim = findReuse(root, plan.vectorDim, {plan.vectorDim});
  if (rowDim < 0)
    return chooseChains(root, plan, target.registers);
  chooseProductTile(rowDim);
  chooseOrder(rowDim);
}

//===----------------------------------------------------------------------===//
// Order
//===----------------------------------------------------------------------===//

/// A line of every row of the next tile is fetched ahead where the innermost
/// reduction is along lines and rows follow each other.
void Planner::chooseRowsAhead(int64_t rowDim,
                              ArrayRef<OpOperand *> rowOperands) {
  constexpr int64_t kLineBytes = 64;
  int64_t inner = root.getNumLoops() - 1;
  while (isParallel(inner))
    --inner;
  bool areLines = llvm::all_of(rowOperands, [&](OpOperand *operand) {
    AffineMap map = root.getMatchingIndexingMap(operand);
    Type element = getElementTypeOrSelf(operand->get().getType());
    bool isPlain =
        !getPaddedView(operand->get()) &&
        llvm::is_contained(map.getResults(),
                           getAffineDimExpr(rowDim, map.getContext()));
    return isPlain &&
           accessAlong(root, *operand, inner) == Access::Contiguous &&
           ranges[inner] * element.getIntOrFloatBitWidth() <= 8 * kLineBytes;
  });
  if (areLines && plan.columnDim >= 0 && plan.tile[plan.columnDim] > 1)
    plan.aheadDim = rowDim;
}

/// What is reused along rows ("columns", such as weights) is read again for
/// every tile of rows and the other way round: the loops over what is larger
/// are outside, so that the smaller one stays in a cache. Where both are large,
/// outermost is a loop over as many rows as do.
void Planner::chooseOrder(int64_t rowDim) {
  SmallVector<int64_t> batch, rows, columns;
  auto movesAlong = [&](OpOperand *operand, int64_t dim) {
    return accessAlong(root.getMatchingIndexingMap(operand), dim) !=
           Access::Invariant;
  };
  SmallVector<OpOperand *> rowOperands, columnOperands;
  for (OpOperand *operand : root.getDpsInputOperands()) {
    if (root.getMatchingBlockArgument(operand).use_empty())
      continue;
    bool isRow = movesAlong(operand, rowDim);
    bool isColumn = movesAlong(operand, plan.vectorDim);
    if (isRow && isColumn)
      return;
    if (isRow || isColumn)
      (isRow ? rowOperands : columnOperands).push_back(operand);
  }
  auto anyMoves = [&](ArrayRef<OpOperand *> operands, int64_t dim) {
    return llvm::any_of(
        operands, [&](OpOperand *operand) { return movesAlong(operand, dim); });
  };
  for (int64_t dim = 0; dim < root.getNumLoops(); ++dim) {
    if (!isParallel(dim) || dim == plan.vectorDim)
      continue;
    bool isRow = anyMoves(rowOperands, dim);
    bool isColumn = anyMoves(columnOperands, dim);
    (isRow == isColumn ? batch : isRow ? rows : columns).push_back(dim);
  }
  columns.push_back(plan.vectorDim);
  auto bytesOf = [&](ArrayRef<OpOperand *> operands) {
    double bytes = 0;
    for (OpOperand *operand : operands) {
      auto type = dyn_cast<MemRefType>(operand->get().getType());
      if (!type)
        continue;
      double own =
          type.getNumElements() * (type.getElementTypeBitWidth() / 8.0);
      for (int64_t dim : batch)
        if (movesAlong(operand, dim))
          own /= ranges[dim];
      bytes += own;
    }
    return bytes;
  };
  double rowBytes = bytesOf(rowOperands);
  double columnBytes = bytesOf(columnOperands);
  double cached = target.memory.l2Bytes / 2;
  orders = {llvm::to_vector(llvm::concat<int64_t>(batch, rows, columns)),
            llvm::to_vector(llvm::concat<int64_t>(batch, columns, rows))};
  if (rowBytes > cached && columnBytes <= cached) {
    plan.order = orders[0];
    chooseRowsAhead(rowDim, rowOperands);
    return;
  }
  plan.order = orders[1];
  if (rowBytes <= cached || rows.empty())
    return;
  int64_t dim = rows.front();
  int64_t tiles = ranges[dim] / plan.tile[dim];
  int64_t chunks = std::ceil(rowBytes / cached);
  if (chunks < 2 || tiles < 2)
    return;
  plan.chunkDim = dim;
  plan.chunkSteps = std::max<int64_t>(llvm::divideCeil(tiles, chunks), 1);
}

/// The cheapest tiles but for the chosen one.
void Planner::listBeaten() {
  constexpr size_t kMost = 3;
  double chosen = 0;
  for (auto &[cost, tile] : tried)
    if (tile == plan.tile)
      chosen = cost;
  llvm::sort(tried);
  for (auto &[cost, tile] : tried) {
    bool isKnown = llvm::any_of(
        plan.beaten, [&](const auto &other) { return other.first == tile; });
    if (plan.beaten.size() < kMost && tile != plan.tile && !isKnown)
      plan.beaten.push_back({tile, cost / chosen});
  }
}

LoopPlan Planner::choose(bool withTasks) {
  chooseVectors();
  plan.laneDim = chooseLaneDim(group, target, plan.vectorDim, plan.lanes);
  chooseTile();
  listBeaten();
  if (!orders.empty())
    chooseDepth(group, target, orders, plan);
  if (withTasks)
    chooseTasks(group, target, plan);
  return plan;
}

LoopPlan cameo::choosePlan(const LoopGroup &group, const LoopTarget &target,
                           bool withTasks) {
  return Planner(group, target).choose(withTasks);
}

int64_t cameo::chooseVectorDim(linalg::LinalgOp op, const LoopTarget &target) {
  LoopGroup group = makeGroup(op);
  Planner planner(group, target);
  planner.chooseVectors();
  return planner.plan.vectorDim;
}
