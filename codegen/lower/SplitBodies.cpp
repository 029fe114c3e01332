//===- SplitBodies.cpp - Bodies with too many values ----------------------===//
//
// The transform of a tile by its columns, for example: what is read again costs
// less than to put values on the stack.
//
//===----------------------------------------------------------------------===//

#include "codegen/lower/SplitBodies.h"
#include "codegen/lower/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/EquivalenceClasses.h"

using namespace mlir;
using namespace cameo;

/// Whether results may be written before all inputs are read.
static bool canWriteFirst(linalg::GenericOp op) {
  auto isOnlyWritten = [&](OpOperand &init) {
    return op.getMatchingBlockArgument(&init).use_empty();
  };
  auto isApart = [&](OpOperand *input) {
    Value base = baseOf(input->get());
    auto argument = dyn_cast<BlockArgument>(base);
    auto function =
        argument ? dyn_cast<func::FuncOp>(argument.getOwner()->getParentOp())
                 : nullptr;
    bool isInPlace = function && function.getArgAttr(argument.getArgNumber(),
                                                     plan::kInPlaceAttr);
    return !isInPlace && llvm::none_of(op.getDpsInits(), [&](Value init) {
      return baseOf(init) == base;
    });
  };
  return llvm::all_of(op.getDpsInitsMutable(), isOnlyWritten) &&
         llvm::all_of(op.getDpsInputOperands(), isApart);
}

namespace {
/// Results by the operations that they share: an operation stands for all that
/// it has to do with.
using Parts = llvm::MapVector<Operation *, SmallVector<unsigned>>;
} // namespace

static Parts findParts(linalg::GenericOp op,
                       llvm::EquivalenceClasses<Operation *> &related) {
  for (Operation &inner : op.getBody()->without_terminator()) {
    if (isa<arith::ConstantOp>(inner))
      continue;
    related.insert(&inner);
    for (Value operand : inner.getOperands())
      if (Operation *source = operand.getDefiningOp();
          source && source->getBlock() == op.getBody() &&
          !isa<arith::ConstantOp>(source))
        related.unionSets(source, &inner);
  }
  Parts parts;
  for (auto [i, value] :
       llvm::enumerate(op.getBody()->getTerminator()->getOperands())) {
    Operation *source = value.getDefiningOp();
    bool isComputed = source && related.contains(source);
    parts[isComputed ? related.getLeaderValue(source) : nullptr].push_back(i);
  }
  return parts;
}

/// An operation for some of the results and what `isNeeded` of the body.
static void clonePart(RewriterBase &rewriter, linalg::GenericOp op,
                      ArrayRef<unsigned> results,
                      function_ref<bool(Operation &)> isNeeded) {
  Operation *yield = op.getBody()->getTerminator();
  llvm::SmallDenseSet<Value> read;
  for (Operation &inner : op.getBody()->without_terminator())
    if (isNeeded(inner))
      read.insert_range(inner.getOperands());
  for (unsigned i : results)
    read.insert(yield->getOperand(i));
  SmallVector<Value> inputs, outputs, arguments;
  SmallVector<AffineMap> maps;
  for (OpOperand *input : op.getDpsInputOperands())
    if (Value argument = op.getMatchingBlockArgument(input);
        read.contains(argument)) {
      inputs.push_back(input->get());
      maps.push_back(op.getMatchingIndexingMap(input));
      arguments.push_back(argument);
    }
  for (unsigned i : results) {
    OpOperand *init = op.getDpsInitOperand(i);
    outputs.push_back(init->get());
    maps.push_back(op.getMatchingIndexingMap(init));
  }
  linalg::GenericOp::create(
      rewriter, op.getLoc(), TypeRange(), inputs, outputs, maps,
      op.getIteratorTypesArray(),
      [&](OpBuilder &builder, Location, ValueRange args) {
        IRMapping mapping;
        mapping.map(arguments, args.take_front(arguments.size()));
        for (Operation &inner : op.getBody()->without_terminator())
          if (isNeeded(inner))
            builder.clone(inner, mapping);
        SmallVector<Value> yielded;
        for (unsigned i : results)
          yielded.push_back(mapping.lookupOrDefault(yield->getOperand(i)));
        linalg::YieldOp::create(builder, op.getLoc(), yielded);
      });
}

bool cameo::splitBody(RewriterBase &rewriter, linalg::GenericOp op,
                      int64_t mostResults) {
  if (op.getNumDpsInits() <= mostResults || op.getNumReductionLoops() > 0 ||
      !op.hasPureBufferSemantics() || !canWriteFirst(op))
    return false;
  llvm::EquivalenceClasses<Operation *> related;
  Parts parts = findParts(op, related);
  if (parts.size() < 2)
    return false;
  rewriter.setInsertionPoint(op);
  for (auto &[leader, results] : parts)
    clonePart(rewriter, op, results, [&, leader = leader](Operation &inner) {
      return isa<arith::ConstantOp>(inner) ||
             related.getLeaderValue(&inner) == leader;
    });
  rewriter.eraseOp(op);
  return true;
}
