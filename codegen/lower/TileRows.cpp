//===- TileRows.cpp - Compute reductions and their neighbours by rows -----===//
//
// Operations that meet in rows (softmax, normalisations, attention) run one
// after the other on a few rows at a time, so that what is between them stays
// in cache. Loops that need all of a reduction's result are not cut.
//
//===----------------------------------------------------------------------===//

#include "codegen/lower/LoopBounds.h"
#include "codegen/lower/Passes.h"

#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Interfaces/TilingInterface.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SmallBitVector.h"

using namespace mlir;

namespace cameo {
#define GEN_PASS_DEF_TILEROWS
#include "codegen/lower/Passes.h.inc"
} // namespace cameo

using namespace cameo;

namespace {
/// Tiled dimensions are numbered as the loops of the last operation; every
/// operation knows which of its loops runs along which of them (-1: whole).
using TiledLoops = SmallVector<int64_t>;

/// What is computed together, a tile at a time.
struct RowPlan {
  linalg::LinalgOp last;
  llvm::MapVector<Operation *, TiledLoops> ops;
  SmallVector<int64_t> dims; // Tiled, in the order of the result.
  llvm::SmallDenseMap<int64_t, int64_t> step;
};

struct TileRowsPass : cameo::impl::TileRowsBase<TileRowsPass> {
  using TileRowsBase::TileRowsBase;
  void runOnOperation() override;

private:
  void chooseSteps(RowPlan &plan) const;
};
} // namespace

//===----------------------------------------------------------------------===//
// What can be tiled
//===----------------------------------------------------------------------===//

static bool isMovement(linalg::LinalgOp op) {
  return isa<linalg::GenericOp>(op) && op.getNumReductionLoops() == 0 &&
         llvm::hasSingleElement(*op.getBlock());
}

/// Follows an operand of an operation to its producer's loops. Tiled dimensions
/// that the producer does not run along are added to `lost`.
static TiledLoops followOperand(AffineMap operandMap, const TiledLoops &loops,
                                linalg::LinalgOp producer,
                                AffineMap producerMap,
                                llvm::SmallBitVector &lost) {
  TiledLoops result(producer.getNumLoops(), -1);
  llvm::SmallBitVector found(lost.size());
  for (auto [i, expr] : llvm::enumerate(operandMap.getResults())) {
    auto dim = dyn_cast<AffineDimExpr>(expr);
    if (!dim || loops[dim.getPosition()] < 0)
      continue;
    auto loop = dyn_cast<AffineDimExpr>(producerMap.getResult(i));
    if (!loop || producer.getIteratorTypesArray()[loop.getPosition()] !=
                     utils::IteratorType::parallel)
      continue;
    result[loop.getPosition()] = loops[dim.getPosition()];
    found.set(loops[dim.getPosition()]);
  }
  for (int64_t tiled : loops)
    if (tiled >= 0 && !found.test(tiled))
      lost.set(tiled);
  // A window moves through its operand: tiles would overlap.
  for (AffineExpr expr : operandMap.getResults())
    for (auto [loop, tiled] : llvm::enumerate(loops))
      if (tiled >= 0 && !isa<AffineDimExpr>(expr) && expr.isFunctionOfDim(loop))
        lost.set(tiled);
  return result;
}

/// Adds the producers of all operations in the plan; the tiled dimensions along
/// which one would be computed again.
static llvm::SmallBitVector collectProducers(RowPlan &plan, int64_t numDims) {
  llvm::SmallBitVector lost(numDims);
  Block *block = plan.last->getBlock();
  for (Operation &op : llvm::reverse(*block)) {
    auto place = plan.ops.find(&op);
    if (place == plan.ops.end())
      continue;
    TiledLoops loops = place->second;
    auto user = cast<linalg::LinalgOp>(op);
    for (OpOperand &operand : op.getOpOperands()) {
      auto producer = operand.get().getDefiningOp<linalg::LinalgOp>();
      if (!producer || producer->getBlock() != block)
        continue;
      auto result = cast<OpResult>(operand.get());
      AffineMap producerMap = producer.getIndexingMapMatchingResult(result);
      llvm::SmallBitVector lostHere(numDims);
      TiledLoops its = followOperand(user.getMatchingIndexingMap(&operand),
                                     loops, producer, producerMap, lostHere);
      // Data that every tile needs is moved before the loops.
      if (lostHere.any() && isMovement(producer))
        continue;
      lost |= lostHere;
      auto [known, isNew] = plan.ops.try_emplace(producer, its);
      for (auto [mine, other] : llvm::zip_equal(its, known->second))
        if (mine != other)
          lost.set(std::max(mine, other));
    }
  }
  return lost;
}

static int64_t elementBytes(Type type) {
  Type element = getElementTypeOrSelf(type);
  return element.isIndex()
             ? 8
             : llvm::divideCeil(element.getIntOrFloatBitWidth(), 8);
}

static int64_t resultBytes(linalg::LinalgOp op) {
  int64_t bytes = 0;
  for (Type type : op->getResultTypes())
    bytes += cast<RankedTensorType>(type).getNumElements() * elementBytes(type);
  return bytes;
}

static int64_t countLoops(linalg::LinalgOp op, bool onlyParallel) {
  int64_t count = 0;
  for (auto [range, type] :
       llvm::zip_equal(op.getStaticLoopRanges(), op.getIteratorTypesArray()))
    count +=
        range > 1 && (!onlyParallel || type == utils::IteratorType::parallel);
  return count;
}

/// Whether the operations meet in rows: a result of a reduction is used again
/// along what it reduced.
static bool meetsInRows(const RowPlan &plan) {
  linalg::LinalgOp last = plan.last;
  int64_t intermediate = 0;
  bool reduces = false;
  for (const auto &[op, loops] : plan.ops) {
    if (isa<linalg::FillOp>(op) || op == last)
      continue;
    auto linalgOp = cast<linalg::LinalgOp>(op);
    intermediate += resultBytes(linalgOp);
    reduces |= linalgOp.getNumReductionLoops() > 0 &&
               countLoops(linalgOp, true) < countLoops(last, true);
  }
  // Less than this stays in the first cache anyway.
  constexpr int64_t kSmall = 16 << 10;
  return reduces && intermediate + resultBytes(last) > kSmall;
}

/// Whether nothing but the plan's operations needs what they compute.
static bool isClosed(const RowPlan &plan) {
  return llvm::all_of(plan.ops, [&](const auto &entry) {
    return entry.first == plan.last || isa<linalg::FillOp>(entry.first) ||
           llvm::all_of(entry.first->getUsers(), [&](Operation *user) {
             return plan.ops.contains(user);
           });
  });
}

/// The last operation's loops that can be cut, and what is computed inside.
static std::optional<RowPlan> findRows(linalg::LinalgOp last) {
  if (last->getNumResults() != 1 || !last.hasPureTensorSemantics())
    return std::nullopt;
  AffineMap resultMap =
      last.getIndexingMapMatchingResult(cast<OpResult>(last->getResult(0)));
  SmallVector<int64_t> ranges = last.getStaticLoopRanges();
  if (!resultMap.isProjectedPermutation() || resultMap.getNumResults() == 0 ||
      llvm::is_contained(ranges, 0))
    return std::nullopt;
  // Vectors run along the last dimension of the result.
  TiledLoops loops(ranges.size(), -1);
  for (AffineExpr expr : resultMap.getResults().drop_back()) {
    int64_t dim = cast<AffineDimExpr>(expr).getPosition();
    if (ranges[dim] > 1)
      loops[dim] = dim;
  }
  while (llvm::any_of(loops, [](int64_t dim) { return dim >= 0; })) {
    RowPlan plan;
    plan.last = last;
    plan.ops[last] = loops;
    llvm::SmallBitVector lost = collectProducers(plan, ranges.size());
    if (lost.any()) {
      for (int64_t dim : lost.set_bits())
        loops[dim] = -1;
      continue;
    }
    for (AffineExpr expr : resultMap.getResults())
      if (int64_t dim = cast<AffineDimExpr>(expr).getPosition();
          loops[dim] >= 0)
        plan.dims.push_back(dim);
    if (meetsInRows(plan) && isClosed(plan))
      return plan;
    return std::nullopt;
  }
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Tiles
//===----------------------------------------------------------------------===//

/// Whether a reduction uses an operand again for every row.
static bool reusesAlong(linalg::LinalgOp op, ArrayRef<int64_t> loops,
                        int64_t tiled) {
  auto loop = llvm::find(loops, tiled);
  if (op.getNumReductionLoops() == 0 || loop == loops.end())
    return false;
  return llvm::any_of(op.getDpsInputOperands(), [&](OpOperand *operand) {
    AffineMap map = op.getMatchingIndexingMap(operand);
    return map.getNumResults() > 1 &&
           !map.isFunctionOfDim(loop - loops.begin());
  });
}

/// One row of outer dimensions at a time; of the innermost as many as fit into
/// cache, with a matrix product as many as its register tile takes.
void TileRowsPass::chooseSteps(RowPlan &plan) const {
  SmallVector<int64_t> ranges = plan.last.getStaticLoopRanges();
  int64_t bytes = 0, rows = 1, reused = -1;
  for (const auto &[op, loops] : plan.ops) {
    auto linalgOp = cast<linalg::LinalgOp>(op);
    for (int64_t dim : plan.dims)
      if (reusesAlong(linalgOp, loops, dim))
        reused = dim;
    if (!isa<linalg::FillOp>(op))
      bytes += resultBytes(linalgOp);
  }
  if (reused >= 0) {
    llvm::erase(plan.dims, reused);
    plan.dims.push_back(reused);
  }
  for (int64_t dim : plan.dims) {
    plan.step[dim] = 1;
    rows *= ranges[dim];
  }
  int64_t inner = plan.dims.back();
  int64_t perRow = std::max<int64_t>(bytes / rows, 1);
  // A product takes as many rows as accumulators fit into registers.
  int64_t most = (reused >= 0 ? productBytes : rowBytes) / perRow;
  most = std::clamp<int64_t>(most, 1, reused >= 0 ? registers - 4 : 16);
  int64_t steps = llvm::divideCeil(ranges[inner], most);
  plan.step[inner] = llvm::divideCeil(ranges[inner], steps);
}

namespace {
/// Emits the loops over tiles.
class RowEmitter {
public:
  RowEmitter(RewriterBase &rewriter, const RowPlan &plan)
      : b(rewriter), plan(plan), last(plan.last), loc(last.getLoc()),
        ranges(last.getStaticLoopRanges()), offset(ranges.size()),
        size(ranges.size()) {
    for (Operation &op : *last->getBlock())
      if (plan.ops.contains(&op))
        order.push_back(&op);
  }

  void emit();

private:
  Value emitLoops(size_t depth, Value result);
  Value emitTile(Value result);
  Value emitRun(size_t depth, Value result, int64_t low, int64_t high,
                int64_t step);
  Value emitOp(linalg::LinalgOp op, const TiledLoops &loops, Value result);
  Value constant(int64_t value) {
    return arith::ConstantIndexOp::create(b, loc, value);
  }

  RewriterBase &b;
  const RowPlan &plan;
  linalg::LinalgOp last;
  Location loc;
  SmallVector<Operation *> order; // Of the plan, as in the program.
  SmallVector<int64_t> ranges;
  SmallVector<OpFoldResult> offset; // Of the current tile, per tiled dimension.
  SmallVector<int64_t> size;
  llvm::DenseMap<Value, Value> tiles; // The current tile of a whole value.
};
} // namespace

/// Bounds of loops that the loops over tiles have taken over hold no longer.
static void dropTiledBounds(Operation *clone, const TiledLoops &loops) {
  auto bounds = clone->getAttrOfType<ArrayAttr>(plan::kBoundsAttr);
  if (!bounds)
    return;
  SmallVector<Attribute> kept(bounds.getValue());
  for (auto [bound, tiled] : llvm::zip_equal(kept, loops))
    if (tiled >= 0)
      bound = UnitAttr::get(clone->getContext());
  clone->setAttr(plan::kBoundsAttr, ArrayAttr::get(clone->getContext(), kept));
}

/// `op` on the current tile; the last one writes to its place in `result`.
Value RowEmitter::emitOp(linalg::LinalgOp op, const TiledLoops &loops,
                         Value result) {
  SmallVector<OpFoldResult> offsets, sizes;
  for (auto [tiled, range] : llvm::zip_equal(loops, op.getStaticLoopRanges())) {
    offsets.push_back(tiled < 0 ? b.getIndexAttr(0) : offset[tiled]);
    sizes.push_back(b.getIndexAttr(tiled < 0 ? range : size[tiled]));
  }
  FailureOr<TilingResult> tiled =
      cast<TilingInterface>(op.getOperation())
          .getTiledImplementation(b, offsets, sizes);
  assert(succeeded(tiled) && "linalg operations can be tiled anywhere");
  Operation *clone = tiled->tiledOps.front();
  dropTiledBounds(clone, loops);
  for (OpOperand &operand : clone->getOpOperands()) {
    auto slice = operand.get().getDefiningOp<tensor::ExtractSliceOp>();
    bool isNew = slice && llvm::is_contained(tiled->generatedSlices, slice);
    Value whole = isNew ? slice.getSource() : operand.get();
    Operation *producer = whole.getDefiningOp();
    if (Value tile = tiles.lookup(whole)) {
      operand.set(tile);
    } else if (isa_and_nonnull<linalg::FillOp>(producer) &&
               plan.ops.contains(producer)) {
      // Reductions that start from one value each get their own.
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPoint(clone);
      operand.set(emitOp(cast<linalg::LinalgOp>(producer),
                         plan.ops.lookup(producer), nullptr));
    } else if (isa_and_nonnull<tensor::EmptyOp>(producer)) {
      if (op == last && isNew) {
        slice.getSourceMutable().set(result);
        continue;
      }
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPoint(clone);
      auto type = cast<RankedTensorType>(operand.get().getType());
      operand.set(tensor::EmptyOp::create(b, loc, type.getShape(),
                                          type.getElementType()));
    } else {
      continue;
    }
    if (isNew && slice->use_empty())
      b.eraseOp(slice);
  }
  return clone->getResult(0);
}

Value RowEmitter::emitTile(Value result) {
  tiles.clear();
  Value tile;
  for (Operation *op : order) {
    if (isa<linalg::FillOp>(op))
      continue;
    tile = emitOp(cast<linalg::LinalgOp>(op), plan.ops.lookup(op), result);
    tiles[op->getResult(0)] = tile;
  }
  AffineMap map =
      last.getIndexingMapMatchingResult(cast<OpResult>(last->getResult(0)));
  SmallVector<OpFoldResult> offsets, sizes;
  for (AffineExpr expr : map.getResults()) {
    int64_t dim = cast<AffineDimExpr>(expr).getPosition();
    bool isTiled = llvm::is_contained(plan.dims, dim);
    offsets.push_back(isTiled ? offset[dim] : b.getIndexAttr(0));
    sizes.push_back(b.getIndexAttr(isTiled ? size[dim] : ranges[dim]));
  }
  SmallVector<OpFoldResult> strides(sizes.size(), b.getIndexAttr(1));
  return tensor::InsertSliceOp::create(b, loc, tile, result, offsets, sizes,
                                       strides);
}

/// The tiles of `step` rows between two indices.
Value RowEmitter::emitRun(size_t depth, Value result, int64_t low, int64_t high,
                          int64_t step) {
  int64_t dim = plan.dims[depth];
  plan::BoundAttr bound = boundsOf(last)[dim];
  size[dim] = step;
  if (high - low == step && !bound) {
    offset[dim] = b.getIndexAttr(low);
    return emitLoops(depth + 1, result);
  }
  Value start = constant(low);
  Value end = bound ? emitBound(b, loc, bound, high) : constant(high);
  auto loop = scf::ForOp::create(b, loc, start, end, constant(step), result);
  if (depth == 0 && low == 0)
    loop->setAttr(kRowLoopAttr, b.getUnitAttr());
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  offset[dim] = loop.getInductionVar();
  scf::YieldOp::create(b, loc, emitLoops(depth + 1, loop.getRegionIterArg(0)));
  return loop.getResult(0);
}

/// Full steps in a loop, then what is left over.
Value RowEmitter::emitLoops(size_t depth, Value result) {
  if (depth == plan.dims.size())
    return emitTile(result);
  int64_t dim = plan.dims[depth], step = plan.step.lookup(dim);
  int64_t whole = ranges[dim] / step * step;
  result = emitRun(depth, result, 0, whole, step);
  if (whole == ranges[dim])
    return result;
  return emitRun(depth, result, whole, ranges[dim], ranges[dim] - whole);
}

void RowEmitter::emit() {
  b.setInsertionPoint(last);
  auto type = cast<RankedTensorType>(last->getResult(0).getType());
  Value empty =
      tensor::EmptyOp::create(b, loc, type.getShape(), type.getElementType());
  Value result = emitLoops(0, empty);
  b.replaceOp(last, result);
  order.pop_back();
  for (Operation *op : llvm::reverse(order))
    if (op->use_empty())
      b.eraseOp(op);
}

void TileRowsPass::runOnOperation() {
  func::FuncOp function = getOperation();
  if (!isKernel(function))
    return;
  IRRewriter rewriter(&getContext());
  SmallVector<linalg::LinalgOp> ops;
  for (Value value :
       function.getBody().front().getTerminator()->getOperands()) {
    while (Operation *op = value.getDefiningOp()) {
      if (!isa<tensor::CollapseShapeOp, tensor::ExpandShapeOp>(op))
        break;
      value = op->getOperand(0);
    }
    if (auto op = value.getDefiningOp<linalg::LinalgOp>())
      ops.push_back(op);
  }
  if (ops.size() != 1)
    return;
  std::optional<RowPlan> plan = findRows(ops.front());
  if (!plan)
    return;
  chooseSteps(*plan);
  ++numTiled;
  RowEmitter(rewriter, *plan).emit();
}
