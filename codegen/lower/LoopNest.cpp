//===- LoopNest.cpp - Vector loop nests of linalg operations
//---------------===//
//
// Parallel loops outside, a register tile of results, reduction loops that
// carry the tile as loop arguments, stores at the end. Dimensions that do not
// divide are cut into pieces: full tiles first, then smaller ones, and for the
// vector dimension half the lanes until one is left.
//
//===----------------------------------------------------------------------===//

#include "codegen/lower/LoopNest.h"

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

Access cameo::accessAlong(AffineMap map, int64_t dim) {
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

namespace {

/// A part [low, high) of a dimension that is walked with one step.
struct Piece {
  int64_t low, high;
  int64_t lanes; // 1 but for the vector dimension.
  int64_t count; // Vectors or rows of a step.
  int64_t step() const { return lanes * count; }
};

class Emitter {
public:
  Emitter(RewriterBase &rewriter, linalg::LinalgOp op, const LoopPlan &plan)
      : b(rewriter), op(op), plan(plan), loc(op.getLoc()),
        ranges(op.getStaticLoopRanges()), iterators(op.getIteratorTypesArray()),
        index(op.getNumLoops()) {
    for (int64_t dim = 0; dim < op.getNumLoops(); ++dim)
      (isReduction(dim) ? reductions : parallels).push_back(dim);
    // The vector dimension is the innermost loop of its kind.
    auto &kind = plan.vectorDim >= 0 && isReduction(plan.vectorDim) ? reductions
                                                                    : parallels;
    auto place = llvm::find(kind, plan.vectorDim);
    if (place != kind.end())
      std::rotate(place, place + 1, kind.end());
  }

  void emit() { emitParallel(0); }

private:
  bool isReduction(int64_t dim) const {
    return iterators[dim] == utils::IteratorType::reduction;
  }
  SmallVector<Piece> pieces(int64_t dim) const;
  Value constant(int64_t value) {
    return arith::ConstantIndexOp::create(b, loc, value);
  }
  SmallVector<Value> forLoop(int64_t low, int64_t high, int64_t step,
                             int64_t dim, ValueRange inits,
                             function_ref<SmallVector<Value>(ValueRange)> body);

  void emitParallel(size_t depth);
  void emitTile();
  SmallVector<Value> emitReductions(size_t depth, ValueRange accumulators);
  SmallVector<Value> emitSplitReduction(ValueRange totals);
  SmallVector<Value> emitStep(ValueRange accumulators);
  SmallVector<Value> emitBody(int64_t row, int64_t vector,
                              ValueRange accumulators);

  Type laneType(Type element) const {
    return lanes == 1 ? element : Type(VectorType::get({lanes}, element));
  }
  Value widen(Value scalar) {
    return lanes == 1 ? scalar
                      : vector::BroadcastOp::create(
                            b, loc, laneType(scalar.getType()), scalar);
  }
  SmallVector<Value> indices(AffineMap map, int64_t row, int64_t lane);
  Value load(OpOperand &operand, int64_t row, int64_t vector);
  void store(OpOperand &operand, Value value, int64_t row, int64_t vector);
  Operation *cloneWide(Operation &inner, IRMapping &mapping);

  RewriterBase &b;
  linalg::LinalgOp op;
  const LoopPlan &plan;
  Location loc;
  SmallVector<int64_t> ranges;
  SmallVector<utils::IteratorType> iterators;
  SmallVector<int64_t> parallels, reductions;
  SmallVector<Value> index; // The current index of every dimension.
  int64_t lanes = 1;        // Of the current piece.
  int64_t vectors = 1;
  int64_t rows = 1;
};

} // namespace

SmallVector<Piece> Emitter::pieces(int64_t dim) const {
  SmallVector<Piece> result;
  int64_t low = 0, extent = ranges[dim];
  auto cut = [&](int64_t width, int64_t count) {
    int64_t high = low + (extent - low) / (width * count) * (width * count);
    if (high > low)
      result.push_back({low, high, width, count});
    low = high;
  };
  if (dim == plan.vectorDim) {
    for (int64_t width = plan.lanes; width >= 1; width /= 2) {
      cut(width, plan.vectors);
      if (width > 1 || low == extent) // At most vectors - 1 whole vectors.
        cut(width, std::max<int64_t>((extent - low) / width, 1));
    }
    cut(1, 1);
    return result;
  }
  if (dim == plan.rowDim) {
    cut(1, plan.rows);
    cut(1, std::max<int64_t>(extent - low, 1));
    return result;
  }
  cut(1, 1);
  return result;
}

/// A loop over a dimension; no loop where one step covers it.
SmallVector<Value>
Emitter::forLoop(int64_t low, int64_t high, int64_t step, int64_t dim,
                 ValueRange inits,
                 function_ref<SmallVector<Value>(ValueRange)> body) {
  if (high - low == step) {
    index[dim] = constant(low);
    return body(inits);
  }
  auto loop = scf::ForOp::create(b, loc, constant(low), constant(high),
                                 constant(step), inits);
  OpBuilder::InsertionGuard guard(b);
  Block *block = loop.getBody();
  if (inits.empty())
    block->getTerminator()->erase();
  b.setInsertionPointToStart(block);
  index[dim] = loop.getInductionVar();
  scf::YieldOp::create(b, loc, body(loop.getRegionIterArgs()));
  return loop.getResults();
}

void Emitter::emitParallel(size_t depth) {
  if (depth == parallels.size())
    return emitTile();
  int64_t dim = parallels[depth];
  for (const Piece &piece : pieces(dim)) {
    if (dim == plan.vectorDim)
      std::tie(lanes, vectors) = std::pair(piece.lanes, piece.count);
    if (dim == plan.rowDim)
      rows = piece.count;
    forLoop(piece.low, piece.high, piece.step(), dim, {}, [&](ValueRange) {
      emitParallel(depth + 1);
      return SmallVector<Value>();
    });
  }
}

/// Indices of an operand at the current position plus `row` rows and `lane`
/// elements along the vector dimension.
SmallVector<Value> Emitter::indices(AffineMap map, int64_t row, int64_t lane) {
  SmallVector<AffineExpr> shifted;
  for (int64_t dim = 0; dim < map.getNumDims(); ++dim) {
    int64_t shift =
        (dim == plan.rowDim ? row : 0) + (dim == plan.vectorDim ? lane : 0);
    shifted.push_back(b.getAffineDimExpr(dim) + shift);
  }
  AffineMap moved =
      map.compose(AffineMap::get(map.getNumDims(), 0, shifted, b.getContext()));
  SmallVector<Value> result;
  for (unsigned i = 0; i < moved.getNumResults(); ++i) {
    SmallVector<OpFoldResult> dims;
    for (Value value : index)
      dims.push_back(value ? OpFoldResult(value)
                           : OpFoldResult(b.getIndexAttr(0)));
    result.push_back(getValueOrCreateConstantIndexOp(
        b, loc,
        affine::makeComposedFoldedAffineApply(b, loc, moved.getSubMap({i}),
                                              dims)));
  }
  return result;
}

Value Emitter::load(OpOperand &operand, int64_t row, int64_t vector) {
  if (!isa<MemRefType>(operand.get().getType()))
    return widen(operand.get());
  AffineMap map = op.getMatchingIndexingMap(&operand);
  Access access = plan.vectorDim < 0 || lanes == 1
                      ? Access::Invariant
                      : accessAlong(map, plan.vectorDim);
  int64_t first = vector * lanes;
  Type element = getElementTypeOrSelf(operand.get().getType());
  if (access == Access::Contiguous)
    return vector::LoadOp::create(b, loc, cast<VectorType>(laneType(element)),
                                  operand.get(), indices(map, row, first));
  if (access == Access::Invariant) {
    Value scalar =
        memref::LoadOp::create(b, loc, operand.get(), indices(map, row, first));
    return widen(scalar);
  }
  SmallVector<Value> scalars;
  for (int64_t lane = 0; lane < lanes; ++lane)
    scalars.push_back(memref::LoadOp::create(b, loc, operand.get(),
                                             indices(map, row, first + lane)));
  return vector::FromElementsOp::create(
      b, loc, cast<VectorType>(laneType(element)), scalars);
}

void Emitter::store(OpOperand &operand, Value value, int64_t row,
                    int64_t vector) {
  AffineMap map = op.getMatchingIndexingMap(&operand);
  SmallVector<Value> at = indices(map, row, vector * lanes);
  if (isa<VectorType>(value.getType()))
    vector::StoreOp::create(b, loc, value, operand.get(), at);
  else
    memref::StoreOp::create(b, loc, value, operand.get(), at);
}

/// Clones an operation of the body, elementwise ones on whole vectors.
Operation *Emitter::cloneWide(Operation &inner, IRMapping &mapping) {
  if (auto position = dyn_cast<linalg::IndexOp>(inner)) {
    mapping.map(position.getResult(), index[position.getDim()]);
    return nullptr;
  }
  Operation *clone = b.clone(inner, mapping);
  if (lanes == 1)
    return clone;
  if (auto literal = dyn_cast<arith::ConstantOp>(clone)) {
    mapping.map(inner.getResult(0), widen(literal));
    return clone;
  }
  for (OpOperand &operand : clone->getOpOperands())
    if (!isa<VectorType>(operand.get().getType())) {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPoint(clone);
      operand.set(widen(operand.get()));
    }
  for (Value result : clone->getResults())
    result.setType(laneType(result.getType()));
  return clone;
}

/// The body for one vector of one row; returns the new accumulators.
SmallVector<Value> Emitter::emitBody(int64_t row, int64_t vector,
                                     ValueRange accumulators) {
  Block *body = op.getBlock();
  IRMapping mapping;
  for (OpOperand *operand : op.getDpsInputOperands()) {
    BlockArgument arg = op.getMatchingBlockArgument(operand);
    if (!arg.use_empty())
      mapping.map(arg, load(*operand, row, vector));
  }
  for (auto [i, accumulator] : llvm::enumerate(accumulators))
    mapping.map(op.getMatchingBlockArgument(op.getDpsInitOperand(i)),
                accumulator);
  for (Operation &inner : body->without_terminator())
    cloneWide(inner, mapping);
  SmallVector<Value> results;
  for (Value yielded : body->getTerminator()->getOperands()) {
    Value result = mapping.lookupOrDefault(yielded);
    results.push_back(lanes > 1 && !isa<VectorType>(result.getType())
                          ? widen(result)
                          : result);
  }
  return results;
}

/// One step of the innermost loop for the whole register tile.
SmallVector<Value> Emitter::emitStep(ValueRange accumulators) {
  SmallVector<Value> results;
  size_t outputs = op.getNumDpsInits();
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t vector = 0; vector < vectors; ++vector) {
      size_t first = (row * vectors + vector) * outputs;
      llvm::append_range(
          results, emitBody(row, vector, accumulators.slice(first, outputs)));
    }
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
  size_t outputs = op.getNumDpsInits();
  for (const Piece &piece : pieces(plan.vectorDim)) {
    std::tie(lanes, vectors) = std::pair(piece.lanes, piece.count);
    SmallVector<Value> partial;
    for (int64_t part = 0; part < vectors; ++part)
      for (size_t i = 0; i < outputs; ++i)
        partial.push_back(widen(
            arith::ConstantOp::create(b, loc, matchCombiner(op, i).second)));
    partial = forLoop(piece.low, piece.high, piece.step(), plan.vectorDim,
                      partial, [&](ValueRange args) { return emitStep(args); });
    for (size_t i = 0; i < outputs; ++i) {
      Operation *combiner = matchCombiner(op, i).first;
      auto combine = [&](Value left, Value right) {
        Operation *clone = b.clone(*combiner);
        clone->setOperands({left, right});
        clone->getResult(0).setType(left.getType());
        return clone->getResult(0);
      };
      Value sum = partial[i];
      for (int64_t part = 1; part < vectors; ++part)
        sum = combine(sum, partial[part * outputs + i]);
      if (lanes > 1)
        sum = vector::ReductionOp::create(
            b, loc, *linalg::getCombinerOpKind(combiner), sum);
      current[i] = combine(current[i], sum);
    }
  }
  lanes = vectors = 1;
  return current;
}

SmallVector<Value> Emitter::emitReductions(size_t depth,
                                           ValueRange accumulators) {
  if (depth == reductions.size())
    return emitStep(accumulators);
  int64_t dim = reductions[depth];
  if (dim == plan.vectorDim)
    return emitSplitReduction(accumulators);
  SmallVector<Value> current(accumulators);
  for (const Piece &piece : pieces(dim))
    current =
        forLoop(piece.low, piece.high, 1, dim, current, [&](ValueRange args) {
          return emitReductions(depth + 1, args);
        });
  return current;
}

/// Loads a register tile of results, runs the reductions, stores it.
void Emitter::emitTile() {
  size_t outputs = op.getNumDpsInits();
  SmallVector<Value> accumulators;
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t vector = 0; vector < vectors; ++vector)
      for (size_t i = 0; i < outputs; ++i)
        accumulators.push_back(load(*op.getDpsInitOperand(i), row, vector));
  accumulators = emitReductions(0, accumulators);
  size_t next = 0;
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t vector = 0; vector < vectors; ++vector)
      for (size_t i = 0; i < outputs; ++i)
        store(*op.getDpsInitOperand(i), accumulators[next++], row, vector);
}

void cameo::emitLoopNest(RewriterBase &rewriter, linalg::LinalgOp op,
                         const LoopPlan &plan) {
  rewriter.setInsertionPoint(op);
  if (!llvm::is_contained(op.getStaticLoopRanges(), 0))
    Emitter(rewriter, op, plan).emit();
  rewriter.eraseOp(op);
}
