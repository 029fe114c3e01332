//===- Transposes.cpp - Data movement through registers -------------------===//

#include "codegen/lower/Transposes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace cameo;

namespace {
/// Blocks of `lanes` times `lanes`: vectors run along `from` in the source and
/// along `to` in the target.
struct Blocks {
  int64_t from, to;
  int64_t lanes;
};

class TransposeEmitter {
public:
  TransposeEmitter(RewriterBase &rewriter, linalg::LinalgOp op,
                   const Blocks &blocks)
      : b(rewriter), op(op), blocks(blocks), loc(op.getLoc()),
        ranges(op.getStaticLoopRanges()), ends(ranges.size()),
        index(ranges.size()) {
    for (int64_t dim = 0; dim < op.getNumLoops(); ++dim)
      if (dim != blocks.from && dim != blocks.to)
        outer.push_back(dim);
  }

  /// With several tasks, which share the steps of `taskDim`.
  void emit(int64_t taskDim, int64_t tasks);

private:
  void readBounds();
  void emitOuter(size_t depth);
  void emitBlocks(int64_t dim, function_ref<void()> body);
  void emitBlock();
  void forLoop(int64_t dim, Value low, Value high, int64_t step,
               function_ref<void()> body);
  Value constant(int64_t value) {
    return arith::ConstantIndexOp::create(b, loc, value);
  }
  SmallVector<Value> position(OpOperand &operand, int64_t dim, int64_t shift);

  RewriterBase &b;
  linalg::LinalgOp op;
  Blocks blocks;
  Location loc;
  SmallVector<int64_t> ranges, outer;
  SmallVector<Value> ends;  // Where bounded loops end; null: at their end.
  SmallVector<Value> index; // The current index of every dimension.
  int64_t taskDim = -1;
  Value taskLow, taskHigh; // The part of that dimension.
};
} // namespace

static std::optional<Blocks> matchBlocks(linalg::LinalgOp op,
                                         const LoopTarget &target) {
  if (!isa<linalg::GenericOp>(op) || op.getNumDpsInputs() != 1 ||
      op.getNumDpsInits() != 1 || op.getNumReductionLoops() != 0 ||
      !llvm::hasSingleElement(*op.getBlock()) ||
      op.getBlock()->getTerminator()->getOperand(0) !=
          op.getBlock()->getArgument(0))
    return std::nullopt;
  OpOperand &source = *op.getDpsInputOperand(0);
  OpOperand &result = *op.getDpsInitOperand(0);
  auto type = dyn_cast<MemRefType>(source.get().getType());
  Type element = type ? type.getElementType() : Type();
  if (!type || element.isIndex() || element.getIntOrFloatBitWidth() != 32 ||
      !op.getMatchingIndexingMap(&result).isProjectedPermutation())
    return std::nullopt;
  Blocks blocks = {-1, -1, 0};
  for (int64_t dim = 0; dim < op.getNumLoops(); ++dim) {
    Access in = accessAlong(op, source, dim),
           out = accessAlong(op, result, dim);
    if (in == Access::Contiguous && out == Access::Strided)
      blocks.from = dim;
    if (in == Access::Strided && out == Access::Contiguous)
      blocks.to = dim;
  }
  if (blocks.from < 0 || blocks.to < 0)
    return std::nullopt;
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  int64_t most = std::min(
      {ranges[blocks.from], ranges[blocks.to], target.vectorBits / 32});
  blocks.lanes = most < 4 ? 0 : llvm::bit_floor<uint64_t>(most);
  return blocks.lanes && !llvm::is_contained(ranges, 0) ? std::optional(blocks)
                                                        : std::nullopt;
}

/// Where `operand` is accessed at the current index, `shift` ahead along `dim`.
SmallVector<Value> TransposeEmitter::position(OpOperand &operand, int64_t dim,
                                              int64_t shift) {
  AffineMap map = op.getMatchingIndexingMap(&operand);
  SmallVector<AffineExpr> shifted;
  for (unsigned i = 0; i < map.getNumDims(); ++i)
    shifted.push_back(b.getAffineDimExpr(i) + (i == dim ? shift : 0));
  map =
      map.compose(AffineMap::get(map.getNumDims(), 0, shifted, b.getContext()));
  SmallVector<OpFoldResult> dims(index.begin(), index.end());
  SmallVector<Value> result;
  for (unsigned i = 0; i < map.getNumResults(); ++i)
    result.push_back(
        getValueOrCreateConstantIndexOp(b, loc,
                                        affine::makeComposedFoldedAffineApply(
                                            b, loc, map.getSubMap({i}), dims)));
  return result;
}

/// Exchanges, of every two rows a power of two apart, the halves that belong to
/// each other's columns; once for every power.
static void transposeRows(OpBuilder &b, Location loc,
                          MutableArrayRef<Value> rows) {
  int64_t lanes = rows.size();
  for (int64_t distance = 1; distance < lanes; distance *= 2) {
    SmallVector<int64_t> low, high;
    for (int64_t lane = 0; lane < lanes; ++lane) {
      bool isOther = lane & distance;
      low.push_back(isOther ? lanes + lane - distance : lane);
      high.push_back(isOther ? lanes + lane : lane + distance);
    }
    for (int64_t row = 0; row < lanes; ++row) {
      if (row & distance)
        continue;
      Value first = rows[row], second = rows[row + distance];
      rows[row] = vector::ShuffleOp::create(b, loc, first, second, low);
      rows[row + distance] =
          vector::ShuffleOp::create(b, loc, first, second, high);
    }
  }
}

void TransposeEmitter::emitBlock() {
  OpOperand &source = *op.getDpsInputOperand(0);
  OpOperand &result = *op.getDpsInitOperand(0);
  auto type = VectorType::get({blocks.lanes},
                              getElementTypeOrSelf(source.get().getType()));
  SmallVector<Value> rows;
  for (int64_t row = 0; row < blocks.lanes; ++row)
    rows.push_back(vector::LoadOp::create(b, loc, type, source.get(),
                                          position(source, blocks.to, row)));
  transposeRows(b, loc, rows);
  for (int64_t row = 0; row < blocks.lanes; ++row)
    vector::StoreOp::create(b, loc, rows[row], result.get(),
                            position(result, blocks.from, row));
}

void TransposeEmitter::readBounds() {
  for (auto [dim, bound] : llvm::enumerate(boundsOf(op)))
    if (bound)
      ends[dim] = emitBound(b, loc, bound, ranges[dim]);
}

void TransposeEmitter::forLoop(int64_t dim, Value low, Value high, int64_t step,
                               function_ref<void()> body) {
  if (ends[dim])
    high = arith::MinSIOp::create(b, loc, high, ends[dim]);
  auto loop = scf::ForOp::create(b, loc, low, high, constant(step));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  index[dim] = loop.getInductionVar();
  body();
}

/// What does not fill a block is in one that overlaps with the last.
void TransposeEmitter::emitBlocks(int64_t dim, function_ref<void()> body) {
  if (dim == taskDim)
    return forLoop(dim, taskLow, taskHigh, blocks.lanes, body);
  int64_t whole = ranges[dim] / blocks.lanes * blocks.lanes;
  forLoop(dim, constant(0), constant(whole), blocks.lanes, body);
  if (whole == ranges[dim])
    return;
  index[dim] = constant(ranges[dim] - blocks.lanes);
  body();
}

void TransposeEmitter::emitOuter(size_t depth) {
  if (depth == outer.size())
    return emitBlocks(blocks.to,
                      [&] { emitBlocks(blocks.from, [&] { emitBlock(); }); });
  int64_t dim = outer[depth];
  bool isShared = dim == taskDim;
  forLoop(dim, isShared ? taskLow : constant(0),
          isShared ? taskHigh : constant(ranges[dim]), 1,
          [&] { emitOuter(depth + 1); });
}

void TransposeEmitter::emit(int64_t sharedDim, int64_t tasks) {
  b.setInsertionPoint(op);
  if (tasks < 2) {
    readBounds();
    return emitOuter(0);
  }
  auto forall = scf::ForallOp::create(
      b, loc, ArrayRef<OpFoldResult>{b.getIndexAttr(tasks)}, ValueRange(),
      std::nullopt);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(forall.getBody());
  readBounds();
  taskDim = sharedDim;
  bool isBlocked = taskDim == blocks.from || taskDim == blocks.to;
  int64_t step = isBlocked ? blocks.lanes : 1;
  int64_t chunk = llvm::divideCeil(ranges[taskDim] / step, tasks) * step;
  Value end = constant(ranges[taskDim]);
  taskLow = arith::MinSIOp::create(
      b, loc,
      arith::MulIOp::create(b, loc, forall.getInductionVars().front(),
                            constant(chunk)),
      end);
  taskHigh = arith::MinSIOp::create(
      b, loc, arith::AddIOp::create(b, loc, taskLow, constant(chunk)), end);
  emitOuter(0);
}

/// The dimension that tasks share, of the result's rows or blocks if possible
/// and with nothing left over, and the number of its steps.
static std::pair<int64_t, int64_t> chooseTaskDim(linalg::LinalgOp op,
                                                 const Blocks &blocks) {
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  std::pair<int64_t, int64_t> best = {-1, 1};
  for (auto [dim, range] : llvm::enumerate(ranges)) {
    int64_t number = dim;
    bool isBlocked = number == blocks.from || number == blocks.to;
    int64_t steps = isBlocked && range % blocks.lanes ? 1
                    : isBlocked                       ? range / blocks.lanes
                                                      : range;
    if (steps > best.second)
      best = {number, steps};
  }
  return best;
}

bool cameo::emitTranspose(RewriterBase &rewriter, linalg::LinalgOp op,
                          const LoopTarget &target, bool withTasks) {
  if (!matchBlocks(op, target))
    return false;
  // Longer dimensions leave less over.
  op = collapseLoops(rewriter, makeGroup(op)).root.op;
  std::optional<Blocks> blocks = matchBlocks(op, target);
  assert(blocks && "collapsing keeps what is contiguous");
  // Every task moves at least this much.
  constexpr int64_t kTaskElements = 16 << 10;
  int64_t elements = 1;
  for (int64_t range : op.getStaticLoopRanges())
    elements *= range;
  auto [dim, steps] = chooseTaskDim(op, *blocks);
  int64_t tasks = 1;
  if (withTasks)
    tasks = std::min({4 * target.threads, elements / kTaskElements, steps});
  if (tasks > 1)
    tasks = llvm::divideCeil(steps, llvm::divideCeil(steps, tasks));
  TransposeEmitter(rewriter, op, *blocks).emit(dim, tasks);
  rewriter.eraseOp(op);
  return true;
}
