//===- LoopNest.cpp - Vector loop nests of linalg operations --------------===//
//
// Parallel loops outside, a register tile of results, reduction loops that
// carry the tile as loop arguments, one store at the end. Dimensions that do
// not divide are cut into pieces: full tiles first, then smaller ones, and for
// the vector dimension half the lanes until one is left.
//
//===----------------------------------------------------------------------===//

#include "codegen/lower/LoopEmitter.h"
#include "codegen/lower/LoopGroup.h"

#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace cameo;

SmallVector<GroupMember> LoopGroup::members() const {
  SmallVector<GroupMember> result;
  if (prologue)
    result.push_back(*prologue);
  result.push_back(root);
  llvm::append_range(result, epilogue);
  return result;
}

LoopBounds LoopGroup::bounds() const {
  const GroupMember &last = epilogue.empty() ? root : epilogue.back();
  linalg::LinalgOp op = root.op;
  LoopBounds result = boundsOf(op), outer = boundsOf(last.op);
  for (auto [dim, iterator] : llvm::enumerate(op.getIteratorTypesArray()))
    if (iterator == utils::IteratorType::parallel) {
      auto place = llvm::find(last.toRoot, static_cast<int64_t>(dim));
      result[dim] = place == last.toRoot.end()
                        ? plan::BoundAttr()
                        : outer[place - last.toRoot.begin()];
    }
  return result;
}

LoopEmitter::LoopEmitter(RewriterBase &rewriter, const LoopGroup &group,
                         const LoopPlan &plan)
    : b(rewriter), group(group), root(group.root.op), plan(plan),
      loc(root.getLoc()), ranges(root.getStaticLoopRanges()),
      iterators(root.getIteratorTypesArray()), windows(findPaddedWindows(root)),
      parallels(plan.order), ends(root.getNumLoops()),
      index(root.getNumLoops()), inside(root.getNumLoops()),
      place(root.getNumLoops()), atEdge(root.getNumLoops(), false),
      tile(root.getNumLoops(), 1) {
  laneSteps = countLaneSteps();
  for (int64_t dim = 0; dim < root.getNumLoops(); ++dim) {
    blocks.push_back(isReduction(dim) ? findBlock(dim) : 0);
    if (isReduction(dim))
      reductions.push_back(dim);
    else if (plan.order.empty())
      parallels.push_back(dim);
  }
  // The vector dimension is the innermost loop of its kind.
  auto &kind = plan.vectorDim >= 0 && isReduction(plan.vectorDim) ? reductions
                                                                  : parallels;
  auto found = llvm::find(kind, plan.vectorDim);
  if (found != kind.end() && plan.order.empty())
    std::rotate(found, found + 1, kind.end());
  if (plan.laneDim >= 0) {
    auto innermost = llvm::find(reductions, plan.laneDim);
    std::rotate(innermost, innermost + 1, reductions.end());
  }
  if (plan.chunkDim >= 0)
    parallels.insert(parallels.begin(), plan.chunkDim);
}

//===----------------------------------------------------------------------===//
// Pieces of dimensions
//===----------------------------------------------------------------------===//

const Window *LoopEmitter::windowOfOutput(int64_t dim) const {
  auto found = llvm::find_if(
      windows, [&](const Window &window) { return window.output == dim; });
  return found == windows.end() ? nullptr : found;
}

const Window *LoopEmitter::windowOfTap(int64_t dim) const {
  auto found = llvm::find_if(
      windows, [&](const Window &window) { return window.tap == dim; });
  return found == windows.end() ? nullptr : found;
}

SmallVector<Piece> LoopEmitter::edgePieces(int64_t dim,
                                           const Window &window) const {
  SmallVector<Piece> result;
  auto [first, last] = window.getInterior(ranges[window.tap]);
  int64_t extent = ranges[dim], most = plan.tile[dim];
  last = std::min(last, extent);
  for (int64_t low = 0; low < extent;) {
    int64_t high = std::min(low + most, extent), count = high - low;
    bool isEdge = low < first || high > last;
    if (!isEdge && count == most)
      high = low + (last - low) / most * most;
    result.push_back({low, high, 1, count, isEdge});
    low = high;
  }
  return result;
}

SmallVector<Piece> LoopEmitter::pieces(int64_t dim) const {
  if (const Window *window = windowOfOutput(dim);
      window && plan.isPeeled(dim, window->tap))
    return edgePieces(dim, *window);
  SmallVector<Piece> result;
  int64_t low = 0, extent = ranges[dim];
  int64_t most = dim == plan.laneDim ? laneSteps : plan.tile[dim];
  auto cut = [&](int64_t width, int64_t count) {
    int64_t high = low + (extent - low) / (width * count) * (width * count);
    if (high > low)
      result.push_back({low, high, width, count});
    low = high;
  };
  int64_t widest = dim == plan.vectorDim ? plan.lanes : 1;
  for (int64_t width = widest; width >= 1; width /= 2) {
    cut(width, most);
    // At most `most` - 1 steps are left, at once.
    if (int64_t rest = (extent - low) / width; rest > 0)
      cut(width, rest);
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Parallel loops
//===----------------------------------------------------------------------===//

SmallVector<Value> LoopEmitter::forLoop(Value low, Value high, int64_t step,
                                        int64_t dim, ValueRange inits,
                                        BodyBuilder body) {
  auto loop = scf::ForOp::create(b, loc, low, high, constant(step), inits);
  OpBuilder::InsertionGuard guard(b);
  Block *block = loop.getBody();
  if (inits.empty())
    block->getTerminator()->erase();
  b.setInsertionPointToStart(block);
  index[dim] = loop.getInductionVar();
  place[dim] = std::nullopt;
  loaded.clear();
  scf::YieldOp::create(b, loc, body(loop.getRegionIterArgs()));
  loaded.clear();
  return loop.getResults();
}

/// The end of a piece, or where a bounded loop ends before.
Value LoopEmitter::endOf(const Piece &piece, int64_t dim) {
  Value end = ends[dim];
  if (!end)
    return constant(piece.high);
  return piece.high == ranges[dim]
             ? end
             : arith::MinSIOp::create(b, loc, end, constant(piece.high));
}

/// A piece of a dimension that may end before it, or before it begins.
SmallVector<Value> LoopEmitter::boundedLoop(const Piece &piece, int64_t dim,
                                            ValueRange inits,
                                            BodyBuilder body) {
  Value low = constant(piece.low);
  if (piece.high - piece.low > piece.step() || !inits.empty())
    return forLoop(low, endOf(piece, dim), piece.step(), dim, inits, body);
  Value begins =
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, low, ends[dim]);
  auto branch = scf::IfOp::create(b, loc, begins, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  index[dim] = low;
  place[dim] = piece.low;
  loaded.clear();
  body(inits);
  loaded.clear();
  return {};
}

/// A loop over a piece of a dimension; no loop where one step covers it.
SmallVector<Value> LoopEmitter::forLoop(const Piece &piece, int64_t dim,
                                        ValueRange inits, BodyBuilder body) {
  if (ends[dim])
    return boundedLoop(piece, dim, inits, body);
  if (piece.high - piece.low > piece.step())
    return forLoop(constant(piece.low), constant(piece.high), piece.step(), dim,
                   inits, body);
  index[dim] = constant(piece.low);
  place[dim] = piece.low;
  loaded.clear();
  return body(inits);
}

/// Reads the numbers that bound loops, in the function that the nest is in.
void LoopEmitter::readBounds() {
  for (auto [dim, bound] : llvm::enumerate(group.bounds()))
    if (bound)
      ends[dim] = emitBound(b, loc, bound, ranges[dim]);
}

void LoopEmitter::emit() {
  if (plan.tasks == 1) {
    readBounds();
    return emitStages();
  }
  auto forall = scf::ForallOp::create(
      b, loc, ArrayRef<OpFoldResult>{b.getIndexAttr(plan.tasks)}, ValueRange(),
      std::nullopt);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(forall.getBody());
  task = forall.getInductionVars().front();
  readBounds();
  emitStages();
}

void LoopEmitter::emitPiece(const Piece &piece, size_t depth) {
  int64_t dim = parallels[depth];
  if (dim == plan.vectorDim)
    lanes = piece.lanes;
  tile[dim] = piece.count;
  atEdge[dim] = piece.isEdge;
  forLoop(piece, dim, {}, [&](ValueRange) {
    emitParallel(depth + 1);
    return SmallVector<Value>();
  });
  atEdge[dim] = false;
}

/// The part of a piece that lies between two indices.
void LoopEmitter::emitRange(const Piece &piece, Value low, Value high,
                            size_t depth) {
  int64_t dim = parallels[depth];
  if (dim == plan.vectorDim)
    lanes = piece.lanes;
  tile[dim] = piece.count;
  forLoop(low, high, piece.step(), dim, {}, [&](ValueRange) {
    emitParallel(depth + 1);
    return SmallVector<Value>();
  });
}

/// The dimension that is split: every task does a run of the full tiles, the
/// last one what is left over as well.
void LoopEmitter::emitTaskPieces(size_t depth) {
  int64_t dim = parallels[depth];
  SmallVector<Piece> all = pieces(dim);
  const Piece &main = all.front();
  int64_t steps = (main.high - main.low) / main.step();
  Value end = endOf(main, dim), chunk;
  if (ends[dim]) {
    AffineExpr shared = b.getAffineSymbolExpr(0);
    shared = shared.ceilDiv(main.step()).ceilDiv(plan.tasks) * main.step();
    chunk = affine::AffineApplyOp::create(b, loc, shared, ValueRange{end});
  } else {
    chunk = constant(llvm::divideCeil(steps, plan.tasks) * main.step());
  }
  Value low = arith::MinSIOp::create(
      b, loc, arith::MulIOp::create(b, loc, task, chunk), end);
  Value high = arith::MinSIOp::create(
      b, loc, arith::AddIOp::create(b, loc, low, chunk), end);
  emitRange(main, low, high, depth);
  if (all.size() == 1)
    return;
  Value isLast = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, task,
                                       constant(plan.tasks - 1));
  auto branch = scf::IfOp::create(b, loc, isLast, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  for (const Piece &piece : ArrayRef(all).drop_front())
    emitPiece(piece, depth);
}

/// The first time that the chunked dimension comes: runs of its tiles, small
/// enough to stay in a cache while other loops come back to them.
void LoopEmitter::emitChunks(size_t depth) {
  int64_t dim = parallels[depth];
  for (const Piece &piece : pieces(dim)) {
    chunk = piece;
    chunkLow = chunkHigh = nullptr;
    int64_t size = plan.chunkSteps * piece.step();
    if (piece.high - piece.low <= size) {
      emitParallel(depth + 1);
      continue;
    }
    Value low = constant(piece.low), end = endOf(piece, dim);
    forLoop(low, end, size, dim, {}, [&](ValueRange) {
      chunkLow = index[dim];
      chunkHigh = arith::AddIOp::create(b, loc, chunkLow, constant(size));
      if ((piece.high - piece.low) % size != 0 || ends[dim])
        chunkHigh = arith::MinSIOp::create(b, loc, chunkHigh, end);
      emitParallel(depth + 1);
      return SmallVector<Value>();
    });
  }
  chunk = std::nullopt;
}

void LoopEmitter::emitParallel(size_t depth) {
  if (depth == parallels.size())
    return emitTile();
  int64_t dim = parallels[depth];
  if (dim == plan.chunkDim && !chunk)
    return emitChunks(depth);
  if (dim == plan.chunkDim)
    return chunkLow ? emitRange(*chunk, chunkLow, chunkHigh, depth)
                    : emitPiece(*chunk, depth);
  if (task && dim == plan.taskDim)
    return emitTaskPieces(depth);
  for (const Piece &piece : pieces(dim))
    emitPiece(piece, depth);
}

//===----------------------------------------------------------------------===//
// Reduction loops
//===----------------------------------------------------------------------===//

/// The neutral element of the single operation that combines with an output.
static std::pair<Operation *, TypedAttr> matchCombiner(linalg::LinalgOp op,
                                                       unsigned output) {
  SmallVector<Operation *, 4> combiners;
  if (!matchReduction(op.getRegionOutputArgs(), output, combiners) ||
      combiners.size() != 1)
    return {nullptr, nullptr};
  std::optional<TypedAttr> neutral = arith::getNeutralElement(combiners[0]);
  return {combiners[0], neutral.value_or(TypedAttr())};
}

/// Halves a vector by combining its halves until one lane is left: as many
/// steps wait for each other as the number of lanes has bits.
static Value combineLanes(OpBuilder &b, Location loc, Value vector,
                          function_ref<Value(Value, Value)> combine) {
  auto type = dyn_cast<VectorType>(vector.getType());
  if (!type)
    return vector;
  for (int64_t half = type.getNumElements() / 2; half > 1; half /= 2) {
    SmallVector<int64_t> low = llvm::to_vector(llvm::seq<int64_t>(0, half)),
                         high = llvm::to_vector(
                             llvm::seq<int64_t>(half, 2 * half));
    Value lower = vector::ShuffleOp::create(b, loc, vector, vector, low);
    vector =
        combine(lower, vector::ShuffleOp::create(b, loc, vector, vector, high));
  }
  Value first = vector::ExtractOp::create(b, loc, vector, 0);
  return combine(first, vector::ExtractOp::create(b, loc, vector, 1));
}

/// The part of a reduction along the vector dimension that `loop` goes over in
/// steps of `piece`, added to the totals.
SmallVector<Value> LoopEmitter::emitPartialReduction(const Piece &piece,
                                                     ValueRange totals,
                                                     LoopBuilder loop) {
  SmallVector<Value> current(totals);
  size_t outputs = root.getNumDpsInits();
  lanes = piece.lanes;
  tile[plan.vectorDim] = piece.count;
  SmallVector<Value> partial;
  for (int64_t part = 0; part < piece.count; ++part)
    for (size_t i = 0; i < outputs; ++i)
      partial.push_back(widen(
          arith::ConstantOp::create(b, loc, matchCombiner(root, i).second)));
  partial = loop(partial,
                 [&](ValueRange args) { return emitStep(group.root, args); });
  for (size_t i = 0; i < outputs; ++i) {
    Operation *combiner = matchCombiner(root, i).first;
    auto combine = [&](Value left, Value right) {
      Operation *clone = b.clone(*combiner);
      clone->setOperands({left, right});
      clone->getResult(0).setType(left.getType());
      return clone->getResult(0);
    };
    Value sum = partial[i];
    for (int64_t part = 1; part < piece.count; ++part)
      sum = combine(sum, partial[part * outputs + i]);
    current[i] = combine(current[i], combineLanes(b, loc, sum, combine));
  }
  return current;
}

/// A reduction along the vector dimension: partial vectors, added up per piece.
SmallVector<Value> LoopEmitter::emitSplitReduction(ValueRange totals) {
  SmallVector<Value> current(totals);
  int64_t dim = plan.vectorDim, extent = ranges[dim];
  if (!ends[dim]) {
    for (const Piece &piece : pieces(dim))
      current = emitPartialReduction(piece, current,
                                     [&](ValueRange inits, BodyBuilder body) {
                                       return forLoop(piece, dim, inits, body);
                                     });
  } else {
    // Nothing beyond the bound may be added: whole steps, then single ones.
    Value low = constant(0);
    AffineExpr from = b.getAffineSymbolExpr(0), to = b.getAffineSymbolExpr(1);
    for (const Piece &piece :
         {Piece{0, extent, plan.lanes, plan.tile[dim]},
          Piece{0, extent, plan.lanes, 1}, Piece{0, extent, 1, 1}}) {
      int64_t step = piece.step();
      Value high = affine::AffineApplyOp::create(
          b, loc, from + (to - from).floorDiv(step) * step,
          ValueRange{low, ends[dim]});
      current = emitPartialReduction(
          piece, current, [&](ValueRange inits, BodyBuilder body) {
            return forLoop(low, high, step, dim, inits, body);
          });
      low = high;
    }
  }
  lanes = tile[dim] = 1;
  return current;
}

/// The size of blocks when some operand is read at `dim floordiv size` and
/// `dim mod size`; 0: none is.
int64_t LoopEmitter::findBlock(int64_t dim) const {
  int64_t size = 0;
  bool isUnique = true;
  linalg::LinalgOp op = root;
  for (AffineMap map : op.getIndexingMapsArray())
    map.walkExprs([&](AffineExpr expr) {
      auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
      if (!binary || (expr.getKind() != AffineExprKind::FloorDiv &&
                      expr.getKind() != AffineExprKind::Mod))
        return;
      auto divisor = dyn_cast<AffineConstantExpr>(binary.getRHS());
      if (!binary.getLHS().isFunctionOfDim(dim))
        return;
      isUnique &= divisor && isa<AffineDimExpr>(binary.getLHS()) &&
                  (size == 0 || size == divisor.getValue());
      size = divisor ? divisor.getValue() : 0;
    });
  return isUnique && size > 1 && dim != plan.vectorDim && ranges[dim] > size
             ? size
             : 0;
}

/// A reduction over a dimension that is stored in blocks, the last maybe not
/// full: a loop over blocks and one inside of them.
SmallVector<Value> LoopEmitter::emitBlocks(size_t depth,
                                           ValueRange accumulators) {
  int64_t dim = reductions[depth];
  int64_t most = dim == plan.laneDim ? laneSteps : 1;
  auto emitInside = [&](int64_t size, ValueRange inits) {
    Value block = index[dim];
    SmallVector<Value> current(inits);
    for (int64_t low = 0; low < size;) {
      int64_t steps = std::min(most, size - low);
      int64_t high = size - (size - low) % steps;
      current = forLoop(constant(low), constant(high), steps, dim, current,
                        [&](ValueRange args) {
                          inside[dim] = index[dim];
                          index[dim] = block;
                          return emitSteps(steps, depth, args);
                        });
      low = high;
    }
    return current;
  };
  int64_t full = ranges[dim] / blocks[dim], rest = ranges[dim] % blocks[dim];
  SmallVector<Value> current =
      forLoop(constant(0), constant(full), 1, dim, accumulators,
              [&](ValueRange args) { return emitInside(blocks[dim], args); });
  if (rest > 0) {
    index[dim] = constant(full);
    current = emitInside(rest, current);
  }
  index[dim] = inside[dim] = nullptr;
  return current;
}

/// All taps of a window one after the other, but for those outside for the
/// whole tile.
SmallVector<Value> LoopEmitter::emitTaps(size_t depth,
                                         ValueRange accumulators) {
  int64_t dim = reductions[depth];
  SmallVector<Value> current(accumulators);
  int64_t steps = dim == plan.laneDim ? laneSteps : 1;
  for (int64_t tap = 0; tap < ranges[dim]; tap += steps) {
    place[dim] = tap;
    index[dim] = constant(tap);
    if (dim == plan.laneDim)
      current = emitLaneSteps(std::min(steps, ranges[dim] - tap), current);
    else if (llvm::any_of(tileIndices(),
                          [&](const TileIndex &at) { return isInside(at); }))
      current = emitReductions(depth + 1, current);
  }
  place[dim] = std::nullopt;
  return current;
}

/// A loop over the taps that are inside for the current output.
SmallVector<Value> LoopEmitter::emitInsideTaps(const Window &window,
                                               size_t depth,
                                               ValueRange accumulators) {
  MLIRContext *context = b.getContext();
  AffineExpr start = getAffineDimExpr(0, context) * window.stride - window.low;
  AffineExpr zero = getAffineConstantExpr(0, context);
  AffineExpr taps = getAffineConstantExpr(ranges[window.tap], context);
  AffineMap lows =
      AffineMap::get(1, 0, {zero, (-start).ceilDiv(window.dilation)}, context);
  AffineMap highs = AffineMap::get(
      1, 0,
      {taps, (start * -1 + (window.extent - 1)).floorDiv(window.dilation) + 1},
      context);
  OpFoldResult output = index[window.output];
  Value low = getValueOrCreateConstantIndexOp(
      b, loc, affine::makeComposedFoldedAffineMax(b, loc, lows, output));
  Value high = getValueOrCreateConstantIndexOp(
      b, loc, affine::makeComposedFoldedAffineMin(b, loc, highs, output));
  return forLoop(low, high, 1, window.tap, accumulators, [&](ValueRange args) {
    return emitReductions(depth + 1, args);
  });
}

SmallVector<Value> LoopEmitter::emitReductions(size_t depth,
                                               ValueRange accumulators) {
  if (depth == reductions.size())
    return emitStep(group.root, accumulators);
  int64_t dim = reductions[depth];
  if (dim == plan.vectorDim)
    return emitSplitReduction(accumulators);
  if (blocks[dim])
    return emitBlocks(depth, accumulators);
  const Window *window = windowOfTap(dim);
  if (plan.isUnrolled(dim) || (window && atEdge[window->output]))
    return emitTaps(depth, accumulators);
  if (window && !plan.isPeeled(window->output, dim))
    return emitInsideTaps(*window, depth, accumulators);
  if (plan.aheadDim >= 0 && depth + 1 == reductions.size())
    fetchNextTile();
  if (dim == plan.depthDim)
    return emitDepthRun(depth, accumulators);
  SmallVector<Value> current(accumulators);
  for (const Piece &piece : pieces(dim))
    current = forLoop(piece, dim, current, [&](ValueRange args) {
      return emitSteps(piece.count, depth, args);
    });
  return current;
}

/// Starts a register tile of results, runs the reductions and what follows
/// them, stores it; or the part of that which is the current stage.
void LoopEmitter::emitTile() {
  SmallVector<Value> accumulators;
  loaded.clear();
  if (group.prologue && (stage == Stage::All || stage == Stage::Start))
    accumulators = emitStep(*group.prologue, {});
  else
    for (const TileIndex &at : tileIndices())
      for (OpOperand &init : root.getDpsInitsMutable())
        accumulators.push_back(load(group.root, init, at));
  if (stage == Stage::All || stage == Stage::Sum)
    accumulators = emitReductions(0, accumulators);
  if (stage == Stage::All || stage == Stage::Finish)
    for (const GroupMember &member : group.epilogue)
      accumulators = emitStep(member, accumulators);
  size_t next = 0;
  for (const TileIndex &at : tileIndices())
    for (OpOperand &init : root.getDpsInitsMutable())
      store(init, accumulators[next++], at);
}

void cameo::emitLoopNest(RewriterBase &rewriter, const LoopGroup &group,
                         const LoopPlan &plan) {
  SmallVector<GroupMember> members = group.members();
  linalg::LinalgOp root = group.root.op;
  rewriter.setInsertionPoint(members.back().op);
  bool isEmpty = llvm::is_contained(root.getStaticLoopRanges(), 0);
  if (!isEmpty)
    LoopEmitter(rewriter, group, plan).emit();
  for (GroupMember &member : members) {
    // Nothing to reduce: what the buffer starts from and becomes is still due.
    if (isEmpty && member.op != root) {
      LoopPlan plain;
      plain.tile.assign(member.op.getNumLoops(), 1);
      emitLoopNest(rewriter, makeGroup(member.op), plain);
    } else {
      rewriter.eraseOp(member.op);
    }
  }
}
