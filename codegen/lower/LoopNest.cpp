//===- LoopNest.cpp - Vector loop nests of linalg operations --------------===//
//
// Parallel loops outside, a register tile of results, reduction loops that
// carry the tile as loop arguments, one store at the end. Dimensions that do
// not divide are cut into pieces: full tiles first, then smaller ones, and for
// the vector dimension half the lanes until one is left.
//
//===----------------------------------------------------------------------===//

#include "codegen/lower/LoopNest.h"
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

Access cameo::accessAlong(AffineMap map, int64_t dim) {
  if (dim < 0)
    return Access::Invariant;
  AffineExpr expr = getAffineDimExpr(dim, map.getContext());
  bool last = true;
  Access access = Access::Invariant;
  for (AffineExpr result : llvm::reverse(map.getResults())) {
    if (result.isFunctionOfDim(dim)) {
      // `d` or `d + c * e...` with a unit step in `d` is contiguous in the last
      // position only.
      AffineExpr step = result.replace(expr, expr + 1) - result;
      step = simplifyAffineExpr(step, map.getNumDims(), 0);
      auto constant = dyn_cast<AffineConstantExpr>(step);
      if (!last || access != Access::Invariant || !constant ||
          constant.getValue() != 1)
        return Access::Strided;
      access = Access::Contiguous;
    }
    last = false;
  }
  return access;
}

Access cameo::accessAlong(linalg::LinalgOp op, OpOperand &operand,
                          int64_t dim) {
  Access access = accessAlong(op.getMatchingIndexingMap(&operand), dim);
  auto buffer = dyn_cast<MemRefType>(operand.get().getType());
  // A view may skip elements of the last dimension.
  if (access == Access::Contiguous && buffer &&
      !buffer.areTrailingDimsContiguous(1))
    return Access::Strided;
  return access;
}

namespace {

/// A part [low, high) of a dimension that is walked with one step.
struct Piece {
  int64_t low, high;
  int64_t lanes; // 1 but for the vector dimension.
  int64_t count; // Steps of a register tile.
  int64_t step() const { return lanes * count; }
};

/// Where an element of the register tile is: steps per dimension of the root.
using TileIndex = SmallVector<int64_t>;

class Emitter {
public:
  Emitter(RewriterBase &rewriter, const LoopGroup &group, const LoopPlan &plan)
      : b(rewriter), group(group), root(group.root.op), plan(plan),
        loc(root.getLoc()), ranges(root.getStaticLoopRanges()),
        iterators(root.getIteratorTypesArray()), index(root.getNumLoops()),
        tile(root.getNumLoops(), 1) {
    for (int64_t dim = 0; dim < root.getNumLoops(); ++dim)
      (isReduction(dim) ? reductions : parallels).push_back(dim);
    // The vector dimension is the innermost loop of its kind.
    auto &kind = plan.vectorDim >= 0 && isReduction(plan.vectorDim) ? reductions
                                                                    : parallels;
    auto place = llvm::find(kind, plan.vectorDim);
    if (place != kind.end())
      std::rotate(place, place + 1, kind.end());
  }

  void emit();

private:
  using BodyBuilder = function_ref<SmallVector<Value>(ValueRange)>;

  bool isReduction(int64_t dim) const {
    return iterators[dim] == utils::IteratorType::reduction;
  }
  SmallVector<Piece> pieces(int64_t dim) const;
  Value constant(int64_t value) {
    return arith::ConstantIndexOp::create(b, loc, value);
  }
  SmallVector<Value> forLoop(const Piece &piece, int64_t dim, ValueRange inits,
                             BodyBuilder body);
  SmallVector<Value> forLoop(Value low, Value high, int64_t step, int64_t dim,
                             ValueRange inits, BodyBuilder body);

  void emitParallel(size_t depth);
  void emitPiece(const Piece &piece, size_t depth);
  void emitTaskPieces(size_t depth);
  void emitTile();
  SmallVector<Value> emitReductions(size_t depth, ValueRange accumulators);
  SmallVector<Value> emitSplitReduction(ValueRange totals);
  SmallVector<Value> emitStep(const GroupMember &member,
                              ValueRange accumulators);
  SmallVector<Value> emitBody(const GroupMember &member, const TileIndex &at,
                              ValueRange accumulators);

  Type laneType(Type element) const {
    return lanes == 1 ? element : Type(VectorType::get({lanes}, element));
  }
  Value widen(Value scalar) {
    return lanes == 1 ? scalar
                      : vector::BroadcastOp::create(
                            b, loc, laneType(scalar.getType()), scalar);
  }
  SmallVector<TileIndex> tileIndices() const;
  SmallVector<Value> indices(const GroupMember &member, AffineMap map,
                             const TileIndex &at, int64_t lane);
  Value load(const GroupMember &member, OpOperand &operand,
             const TileIndex &at);
  Value loadOnce(const GroupMember &member, OpOperand &operand,
                 const TileIndex &at);
  void store(OpOperand &operand, Value value, const TileIndex &at);
  void cloneWide(const GroupMember &member, Operation &inner,
                 IRMapping &mapping);

  RewriterBase &b;
  const LoopGroup &group;
  linalg::LinalgOp root;
  const LoopPlan &plan;
  Location loc;
  SmallVector<int64_t> ranges;
  SmallVector<utils::IteratorType> iterators;
  SmallVector<int64_t> parallels, reductions;
  SmallVector<Value> index; // The current index of every dimension.
  Value task;
  int64_t lanes = 1;         // Of the current piece.
  SmallVector<int64_t> tile; // Of the current pieces.
  /// What the current step has loaded: operands that do not move along a
  /// dimension are loaded once for the whole tile.
  std::map<std::pair<OpOperand *, TileIndex>, Value> loaded;
};

} // namespace

SmallVector<Piece> Emitter::pieces(int64_t dim) const {
  SmallVector<Piece> result;
  int64_t low = 0, extent = ranges[dim], most = plan.tile[dim];
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

SmallVector<Value> Emitter::forLoop(Value low, Value high, int64_t step,
                                    int64_t dim, ValueRange inits,
                                    BodyBuilder body) {
  auto loop = scf::ForOp::create(b, loc, low, high, constant(step), inits);
  OpBuilder::InsertionGuard guard(b);
  Block *block = loop.getBody();
  if (inits.empty())
    block->getTerminator()->erase();
  b.setInsertionPointToStart(block);
  index[dim] = loop.getInductionVar();
  scf::YieldOp::create(b, loc, body(loop.getRegionIterArgs()));
  return loop.getResults();
}

/// A loop over a piece of a dimension; no loop where one step covers it.
SmallVector<Value> Emitter::forLoop(const Piece &piece, int64_t dim,
                                    ValueRange inits, BodyBuilder body) {
  if (piece.high - piece.low > piece.step())
    return forLoop(constant(piece.low), constant(piece.high), piece.step(), dim,
                   inits, body);
  index[dim] = constant(piece.low);
  return body(inits);
}

void Emitter::emit() {
  if (plan.tasks == 1)
    return emitParallel(0);
  auto forall = scf::ForallOp::create(
      b, loc, ArrayRef<OpFoldResult>{b.getIndexAttr(plan.tasks)}, ValueRange(),
      std::nullopt);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(forall.getBody());
  task = forall.getInductionVars().front();
  emitParallel(0);
}

void Emitter::emitPiece(const Piece &piece, size_t depth) {
  int64_t dim = parallels[depth];
  if (dim == plan.vectorDim)
    lanes = piece.lanes;
  tile[dim] = piece.count;
  forLoop(piece, dim, {}, [&](ValueRange) {
    emitParallel(depth + 1);
    return SmallVector<Value>();
  });
}

/// The dimension that is split: every task does a run of the full tiles, the
/// last one what is left over as well.
void Emitter::emitTaskPieces(size_t depth) {
  int64_t dim = parallels[depth];
  SmallVector<Piece> all = pieces(dim);
  const Piece &main = all.front();
  int64_t steps = (main.high - main.low) / main.step();
  int64_t chunk = llvm::divideCeil(steps, plan.tasks) * main.step();
  Value end = constant(main.high);
  Value low = arith::MinSIOp::create(
      b, loc, arith::MulIOp::create(b, loc, task, constant(chunk)), end);
  Value high = arith::MinSIOp::create(
      b, loc, arith::AddIOp::create(b, loc, low, constant(chunk)), end);
  if (dim == plan.vectorDim)
    lanes = main.lanes;
  tile[dim] = main.count;
  forLoop(low, high, main.step(), dim, {}, [&](ValueRange) {
    emitParallel(depth + 1);
    return SmallVector<Value>();
  });
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

void Emitter::emitParallel(size_t depth) {
  if (depth == parallels.size())
    return emitTile();
  if (task && parallels[depth] == plan.taskDim)
    return emitTaskPieces(depth);
  for (const Piece &piece : pieces(parallels[depth]))
    emitPiece(piece, depth);
}

/// All elements of the register tile, columns fastest.
SmallVector<TileIndex> Emitter::tileIndices() const {
  SmallVector<int64_t> order =
      llvm::to_vector(llvm::seq<int64_t>(0, tile.size()));
  if (plan.columnDim >= 0)
    std::rotate(order.begin() + plan.columnDim,
                order.begin() + plan.columnDim + 1, order.end());
  SmallVector<TileIndex> result = {TileIndex(tile.size(), 0)};
  for (int64_t dim : order) {
    SmallVector<TileIndex> longer;
    for (const TileIndex &at : result)
      for (int64_t step = 0; step < tile[dim]; ++step) {
        longer.push_back(at);
        longer.back()[dim] = step;
      }
    result = std::move(longer);
  }
  return result;
}

/// Indices of an operand at an element of the tile, plus `lane` elements along
/// the vector dimension.
SmallVector<Value> Emitter::indices(const GroupMember &member, AffineMap map,
                                    const TileIndex &at, int64_t lane) {
  SmallVector<AffineExpr> shifted;
  SmallVector<OpFoldResult> dims;
  for (auto [i, dim] : llvm::enumerate(member.toRoot)) {
    int64_t shift = dim == plan.vectorDim ? at[dim] * lanes + lane : at[dim];
    shifted.push_back(getAffineDimExpr(i, b.getContext()) + shift);
    dims.push_back(index[dim] ? OpFoldResult(index[dim])
                              : OpFoldResult(b.getIndexAttr(0)));
  }
  AffineMap moved =
      map.compose(AffineMap::get(map.getNumDims(), 0, shifted, b.getContext()));
  SmallVector<Value> result;
  for (unsigned i = 0; i < moved.getNumResults(); ++i)
    result.push_back(getValueOrCreateConstantIndexOp(
        b, loc,
        affine::makeComposedFoldedAffineApply(b, loc, moved.getSubMap({i}),
                                              dims)));
  return result;
}

/// The dimension of a member that is the root's `rootDim`; -1: none.
static int64_t memberDim(const GroupMember &member, int64_t rootDim) {
  auto place = llvm::find(member.toRoot, rootDim);
  return rootDim < 0 || place == member.toRoot.end()
             ? -1
             : place - member.toRoot.begin();
}

Value Emitter::load(const GroupMember &member, OpOperand &operand,
                    const TileIndex &at) {
  linalg::LinalgOp op = member.op;
  AffineMap map = op.getMatchingIndexingMap(&operand);
  Access access =
      lanes == 1 ? Access::Invariant
                 : accessAlong(op, operand, memberDim(member, plan.vectorDim));
  Value buffer = operand.get();
  Type element = getElementTypeOrSelf(buffer.getType());
  if (access == Access::Contiguous)
    return vector::LoadOp::create(b, loc, cast<VectorType>(laneType(element)),
                                  buffer, indices(member, map, at, 0));
  if (access == Access::Invariant)
    return widen(
        memref::LoadOp::create(b, loc, buffer, indices(member, map, at, 0)));
  SmallVector<Value> scalars;
  for (int64_t lane = 0; lane < lanes; ++lane)
    scalars.push_back(
        memref::LoadOp::create(b, loc, buffer, indices(member, map, at, lane)));
  return vector::FromElementsOp::create(
      b, loc, cast<VectorType>(laneType(element)), scalars);
}

Value Emitter::loadOnce(const GroupMember &member, OpOperand &operand,
                        const TileIndex &at) {
  if (!isa<MemRefType>(operand.get().getType()))
    return widen(operand.get());
  linalg::LinalgOp op = member.op;
  AffineMap map = op.getMatchingIndexingMap(&operand);
  TileIndex moving(at.size(), 0);
  for (auto [i, dim] : llvm::enumerate(member.toRoot))
    if (map.isFunctionOfDim(i))
      moving[dim] = at[dim];
  Value &value = loaded[{&operand, moving}];
  if (!value)
    value = load(member, operand, at);
  return value;
}

void Emitter::store(OpOperand &operand, Value value, const TileIndex &at) {
  AffineMap map = root.getMatchingIndexingMap(&operand);
  SmallVector<Value> position = indices(group.root, map, at, 0);
  if (isa<VectorType>(value.getType()))
    vector::StoreOp::create(b, loc, value, operand.get(), position);
  else
    memref::StoreOp::create(b, loc, value, operand.get(), position);
}

/// Clones an operation of a body, elementwise ones on whole vectors.
void Emitter::cloneWide(const GroupMember &member, Operation &inner,
                        IRMapping &mapping) {
  if (auto position = dyn_cast<linalg::IndexOp>(inner)) {
    mapping.map(position.getResult(), index[member.toRoot[position.getDim()]]);
    return;
  }
  Operation *clone = b.clone(inner, mapping);
  if (lanes == 1)
    return;
  if (auto literal = dyn_cast<arith::ConstantOp>(clone)) {
    mapping.map(inner.getResult(0), widen(literal));
    return;
  }
  for (OpOperand &operand : clone->getOpOperands())
    if (!isa<VectorType>(operand.get().getType())) {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPoint(clone);
      operand.set(widen(operand.get()));
    }
  for (Value result : clone->getResults())
    result.setType(laneType(result.getType()));
}

/// A member's body for one element of the tile; returns the new accumulators.
SmallVector<Value> Emitter::emitBody(const GroupMember &member,
                                     const TileIndex &at,
                                     ValueRange accumulators) {
  linalg::LinalgOp op = member.op;
  Block *body = op.getBlock();
  IRMapping mapping;
  for (OpOperand *operand : op.getDpsInputOperands()) {
    BlockArgument arg = op.getMatchingBlockArgument(operand);
    if (!arg.use_empty())
      mapping.map(arg, loadOnce(member, *operand, at));
  }
  for (auto [i, accumulator] : llvm::enumerate(accumulators))
    mapping.map(op.getMatchingBlockArgument(op.getDpsInitOperand(i)),
                accumulator);
  for (Operation &inner : body->without_terminator())
    cloneWide(member, inner, mapping);
  SmallVector<Value> results;
  for (Value yielded : body->getTerminator()->getOperands()) {
    Value result = mapping.lookupOrDefault(yielded);
    results.push_back(lanes > 1 && !isa<VectorType>(result.getType())
                          ? widen(result)
                          : result);
  }
  return results;
}

/// A member's body for the whole register tile.
SmallVector<Value> Emitter::emitStep(const GroupMember &member,
                                     ValueRange accumulators) {
  SmallVector<Value> results;
  size_t outputs = root.getNumDpsInits();
  loaded.clear();
  for (auto [i, at] : llvm::enumerate(tileIndices()))
    llvm::append_range(
        results, emitBody(member, at,
                          accumulators.empty()
                              ? accumulators
                              : accumulators.slice(i * outputs, outputs)));
  return results;
}

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

/// A reduction along the vector dimension: partial vectors, added up per piece.
SmallVector<Value> Emitter::emitSplitReduction(ValueRange totals) {
  SmallVector<Value> current(totals);
  size_t outputs = root.getNumDpsInits();
  for (const Piece &piece : pieces(plan.vectorDim)) {
    lanes = piece.lanes;
    tile[plan.vectorDim] = piece.count;
    SmallVector<Value> partial;
    for (int64_t part = 0; part < piece.count; ++part)
      for (size_t i = 0; i < outputs; ++i)
        partial.push_back(widen(
            arith::ConstantOp::create(b, loc, matchCombiner(root, i).second)));
    partial = forLoop(piece, plan.vectorDim, partial, [&](ValueRange args) {
      return emitStep(group.root, args);
    });
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
      if (lanes > 1)
        sum = vector::ReductionOp::create(
            b, loc, *linalg::getCombinerOpKind(combiner), sum);
      current[i] = combine(current[i], sum);
    }
  }
  lanes = tile[plan.vectorDim] = 1;
  return current;
}

SmallVector<Value> Emitter::emitReductions(size_t depth,
                                           ValueRange accumulators) {
  if (depth == reductions.size())
    return emitStep(group.root, accumulators);
  int64_t dim = reductions[depth];
  if (dim == plan.vectorDim)
    return emitSplitReduction(accumulators);
  SmallVector<Value> current(accumulators);
  for (const Piece &piece : pieces(dim))
    current = forLoop(piece, dim, current, [&](ValueRange args) {
      return emitReductions(depth + 1, args);
    });
  return current;
}

/// Starts a register tile of results, runs the reductions and what follows
/// them, stores it.
void Emitter::emitTile() {
  SmallVector<Value> accumulators;
  loaded.clear();
  if (group.prologue)
    accumulators = emitStep(*group.prologue, {});
  else
    for (const TileIndex &at : tileIndices())
      for (OpOperand &init : root.getDpsInitsMutable())
        accumulators.push_back(load(group.root, init, at));
  accumulators = emitReductions(0, accumulators);
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
    Emitter(rewriter, group, plan).emit();
  for (GroupMember &member : members) {
    // Nothing to reduce: what the buffer starts from and becomes is still due.
    if (isEmpty && member.op != root)
      emitLoopNest(rewriter, makeGroup(member.op),
                   {-1, 1, SmallVector<int64_t>(member.op.getNumLoops(), 1)});
    else
      rewriter.eraseOp(member.op);
  }
}
