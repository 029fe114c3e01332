//===- KernelBounds.cpp - How far a kernel's loops have to go -------------===//
//
// Backwards from the results: parallel loops end where nobody reads what they
// compute, and operands are read as far as loops go. What is not understood is
// read to its end.
//
//===----------------------------------------------------------------------===//

#include "codegen/lower/KernelBounds.h"
#include "dialects/cameo/Shapes.h"

#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace cameo;

void KernelBounds::read(Value value, ArrayRef<Bound> bounds) {
  if (!isa<RankedTensorType>(value.getType()))
    return;
  Bounds useful;
  for (auto [bound, extent] : llvm::zip_equal(bounds, shapeOf(value)))
    useful.push_back(dropUseless(bound, extent, context.ranges));
  auto [place, isNew] = known.try_emplace(value, useful);
  if (!isNew)
    joinBounds(place->second, useful, context.ranges);
}

void KernelBounds::readAll(Value value) {
  if (auto type = dyn_cast<RankedTensorType>(value.getType()))
    read(value, Bounds(type.getRank()));
}

ArrayRef<Bound> KernelBounds::getArgument(unsigned index) {
  auto found = known.find(kernel.getArgument(index));
  return found == known.end() ? ArrayRef<Bound>() : ArrayRef(found->second);
}

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

/// A number at most as large as `index`, but for what bounds it otherwise.
Bound KernelBounds::numberOf(Value index) {
  Operation *op = index.getDefiningOp();
  if (!op)
    return {};
  if (auto extract = dyn_cast<tensor::ExtractOp>(op))
    return beyond.scalarOf(extract.getTensor());
  if (isa<arith::IndexCastOp, arith::ExtSIOp, arith::TruncIOp>(op))
    return numberOf(op->getOperand(0));
  if (op->getNumOperands() != 2)
    return {};
  Bound left = numberOf(op->getOperand(0));
  std::optional<int64_t> right = getConstantIntValue(op->getOperand(1));
  if (!left || !right)
    return {};
  // Extents are neither negative nor beyond what they are extents of.
  if (isa<arith::MaxSIOp, arith::MinSIOp>(op))
    return left;
  if (isa<arith::MulIOp>(op) && *right >= 0)
    return {left.expr * *right, left.root};
  if (isa<arith::AddIOp>(op))
    return {left.expr + *right, left.root};
  return {};
}

//===----------------------------------------------------------------------===//
// Operations
//===----------------------------------------------------------------------===//

/// Parallel loops of an operation that does nothing but compute its results may
/// end where nobody reads these, reductions where they add nothing more.
Bounds KernelBounds::findLoopBounds(linalg::LinalgOp op) {
  Bounds bounds(op.getNumLoops());
  bool isPure =
      !op.getBlock()
           ->walk([](Operation *inner) {
             return isMemoryEffectFree(inner) || isa<linalg::YieldOp>(inner)
                        ? WalkResult::advance()
                        : WalkResult::interrupt();
           })
           .wasInterrupted();
  if (!isPure)
    return bounds;
  SmallVector<utils::IteratorType> iterators = op.getIteratorTypesArray();
  for (int64_t loop = 0; loop < op.getNumLoops(); ++loop) {
    if (iterators[loop] != utils::IteratorType::parallel) {
      bounds[loop] = beyond.endOfReduction(op, loop);
      continue;
    }
    bool isFirst = true;
    for (OpResult result : op->getResults()) {
      auto reader = known.find(result);
      if (reader == known.end())
        continue;
      AffineMap map = op.getIndexingMapMatchingResult(result);
      Bound here;
      for (auto [i, expr] : llvm::enumerate(map.getResults()))
        if (expr == getAffineDimExpr(loop, op.getContext()))
          here = reader->second[i];
      bounds[loop] =
          isFirst ? here : joinBounds(bounds[loop], here, context.ranges);
      isFirst = false;
    }
  }
  return bounds;
}

void KernelBounds::visitLinalg(linalg::LinalgOp op) {
  Bounds bounds = findLoopBounds(op);
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  if (llvm::any_of(bounds, [](const Bound &bound) { return bool(bound); }))
    loops[op] = bounds;
  for (OpOperand &operand : op->getOpOperands()) {
    AffineMap map = op.getMatchingIndexingMap(&operand);
    Bounds read;
    for (AffineExpr expr : map.getResults()) {
      Bound bound = boundOf(expr, bounds, ranges);
      if (auto dim = dyn_cast<AffineDimExpr>(expr); dim && !bound)
        bound = beyond.endOfGuards(op, operand, dim.getPosition());
      read.push_back(bound);
    }
    if (isa<RankedTensorType>(operand.get().getType()))
      this->read(operand.get(), read);
  }
  // Tensors that the body reads by itself.
  op.getBlock()->walk([&](Operation *inner) {
    for (Value operand : inner->getOperands())
      readAll(operand);
  });
}

/// Whether loops do nothing with the tensors that they carry but write vectors
/// into them.
static bool onlyWritesVectors(Operation &op) {
  return !op.walk([](Operation *inner) {
              bool usesCarried =
                  llvm::any_of(inner->getOperands(), [](Value operand) {
                    return isa<BlockArgument>(operand) &&
                           isa<RankedTensorType>(operand.getType()) &&
                           isa<scf::ForOp>(
                               operand.getParentBlock()->getParentOp());
                  });
              return usesCarried && !isa<vector::TransferWriteOp, scf::ForOp,
                                         scf::YieldOp>(inner)
                         ? WalkResult::interrupt()
                         : WalkResult::advance();
            }).wasInterrupted();
}

/// The bounds of the loop indices at which a nest of loops writes into the
/// tensor that it makes, where all writes agree.
static DenseMap<Value, Bound> boundsOfWrites(Operation &op, Bounds result) {
  DenseMap<Value, Bound> bounds;
  bool isFirst = true;
  op.walk([&](vector::TransferWriteOp write) {
    DenseMap<Value, Bound> here;
    bool isPlain =
        write.getPermutationMap().isMinorIdentity() &&
        write.getShapedType().getRank() == static_cast<int64_t>(result.size());
    for (auto [i, index] : llvm::enumerate(write.getIndices()))
      if (isPlain && isa<BlockArgument>(index) && !here.contains(index))
        here[index] = result[i];
    if (!isFirst)
      for (auto &[index, bound] : bounds)
        if (!(here.lookup(index) == bound))
          bound = {};
    if (isFirst)
      bounds = here;
    isFirst = false;
  });
  return bounds;
}

/// Loops of scalars or vectors: tensors are read as far as the loops over their
/// indices go, or as far as what is written at the same indices is read.
void KernelBounds::visitNest(Operation &op) {
  DenseMap<Value, Bound> written;
  auto loop = dyn_cast<scf::ForOp>(op);
  auto reader = loop && loop.getNumResults() == 1
                    ? known.find(loop.getResult(0))
                    : known.end();
  bool isMovement = reader != known.end() && onlyWritesVectors(op);
  if (isMovement) {
    Bounds bounds = reader->second; // The map may grow.
    written = boundsOfWrites(op, bounds);
    read(loop.getInitArgs()[0], bounds);
  }
  op.walk([&](Operation *inner) {
    if (isMovement && inner == &op)
      return;
    auto extract = dyn_cast<tensor::ExtractOp>(inner);
    auto transfer = dyn_cast<vector::TransferReadOp>(inner);
    if (transfer && transfer.getPermutationMap().isMinorIdentity()) {
      Bounds bounds;
      for (Value index : transfer.getIndices())
        bounds.push_back(written.lookup(index));
      return read(transfer.getBase(), bounds);
    }
    if (!extract) {
      for (Value operand : inner->getOperands())
        readAll(operand);
      return;
    }
    Bounds bounds;
    for (Value index : extract.getIndices()) {
      auto arg = dyn_cast<BlockArgument>(index);
      auto loop =
          arg ? dyn_cast<scf::ForOp>(arg.getOwner()->getParentOp()) : nullptr;
      bool isIndex = loop && loop.getInductionVar() == arg;
      bounds.push_back(isIndex ? numberOf(loop.getUpperBound()) : Bound());
    }
    read(extract.getTensor(), bounds);
  });
}

void KernelBounds::visit(Operation &op) {
  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op))
    return visitLinalg(linalgOp);
  if (op.getNumRegions() > 0 && !isa<tensor::PadOp>(op))
    return visitNest(op);
  auto reader =
      op.getNumResults() == 1 ? known.find(op.getResult(0)) : known.end();
  if (reader == known.end()) {
    // Nobody reads a tensor; scalars are not followed.
    if (op.getNumResults() != 1 ||
        !isa<RankedTensorType>(op.getResult(0).getType()))
      for (Value operand : op.getOperands())
        readAll(operand);
    return;
  }
  Bounds bounds = reader->second; // The map may grow.
  if (isa<tensor::CollapseShapeOp, tensor::ExpandShapeOp>(op))
    return read(op.getOperand(0),
                reshapeBounds(bounds, shapeOf(op.getResult(0)),
                              shapeOf(op.getOperand(0))));
  if (auto insert = dyn_cast<tensor::InsertSliceOp>(op);
      insert &&
      insert.getSourceType().getRank() == insert.getType().getRank() &&
      insert.hasUnitStride()) {
    read(insert.getDest(), bounds);
    for (auto [bound, offset] :
         llvm::zip_equal(bounds, insert.getStaticOffsets())) {
      if (ShapedType::isDynamic(offset))
        bound = {};
      if (bound)
        bound.expr = bound.expr - offset;
    }
    return read(insert.getSource(), bounds);
  }
  if (auto pad = dyn_cast<tensor::PadOp>(op)) {
    for (auto [bound, low] : llvm::zip_equal(bounds, pad.getStaticLow())) {
      if (ShapedType::isDynamic(low))
        bound = {};
      if (bound)
        bound.expr = bound.expr - low;
    }
    return read(pad.getSource(), bounds);
  }
  for (Value operand : op.getOperands())
    readAll(operand);
}

/// What `value` is a reshaped form of.
static Value skipReshapes(Value value) {
  while (isa_and_nonnull<tensor::CollapseShapeOp, tensor::ExpandShapeOp>(
      value.getDefiningOp()))
    value = value.getDefiningOp()->getOperand(0);
  return value;
}

std::optional<unsigned> KernelBounds::findPassedOn() {
  // Pattern: select(position < extent, x, fill), read up to the extent -> x
  Block &block = kernel.getBody().front();
  auto ops = block.getOps<linalg::LinalgOp>();
  if (!llvm::hasSingleElement(ops) || kernel.getNumResults() != 1)
    return std::nullopt;
  linalg::LinalgOp op = *ops.begin();
  auto bounds = loops.find(op);
  Value result = skipReshapes(block.getTerminator()->getOperand(0));
  if (bounds == loops.end() || op.getNumReductionLoops() != 0 ||
      op->getNumResults() != 1 || result != op->getResult(0))
    return std::nullopt;
  Operation *value = op.getBlock()->getTerminator();
  if (auto narrowed = value->getOperand(0).getDefiningOp<arith::TruncFOp>())
    value = narrowed; // Of what has been widened before.
  auto select = value->getOperand(0).getDefiningOp<arith::SelectOp>();
  Value chosen = select ? select.getTrueValue() : Value();
  if (auto widened = chosen ? chosen.getDefiningOp<arith::ExtFOp>() : nullptr)
    chosen = widened.getIn();
  auto element = dyn_cast_if_present<BlockArgument>(chosen);
  if (!element || element.getOwner() != op.getBlock())
    return std::nullopt;
  OpOperand &operand = *op.getMatchingOpOperand(element);
  auto argument = dyn_cast<BlockArgument>(skipReshapes(operand.get()));
  if (!argument || argument.getType() != kernel.getResultTypes().front() ||
      op.getMatchingIndexingMap(&operand) !=
          op.getIndexingMapMatchingResult(op->getResult(0)))
    return std::nullopt;
  for (auto [loop, bound] : llvm::enumerate(bounds->second))
    if (bound && beyond.endOfGuards(op, operand, loop) == bound)
      return argument.getArgNumber();
  return std::nullopt;
}

void KernelBounds::run(ArrayRef<Bounds> results) {
  Block &block = kernel.getBody().front();
  for (auto [value, bounds] :
       llvm::zip_equal(block.getTerminator()->getOperands(), results))
    read(value, bounds);
  for (Operation &op : llvm::reverse(block.without_terminator()))
    visit(op);
}
