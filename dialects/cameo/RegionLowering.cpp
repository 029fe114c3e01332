//===- RegionLowering.cpp - Lowering of the operations of a block ---------===//
//
// Operators keep their ONNX types while they are lowered, because signedness
// follows from them: lowered values stand beside them.
//
//===----------------------------------------------------------------------===//

#include "dialects/cameo/RegionLowering.h"
#include "dialects/cameo/ElementTypes.h"
#include "dialects/cameo/LinalgBuilders.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace cameo;

/// Builds the lowered form of `op`; one value per result.
static FailureOr<SmallVector<Value>> lower(Operation *op, OpBuilder &builder,
                                           ValueRange operands) {
  if (auto constant = dyn_cast<ConstantOp>(op)) {
    TypedAttr value = toStorage(constant.getValue());
    if (!value)
      return op->emitOpError("has no storage form");
    return SmallVector<Value>{
        arith::ConstantOp::create(builder, op->getLoc(), value)};
  }
  if (auto elementwise = dyn_cast<ElementwiseOpInterface>(op))
    return SmallVector<Value>{buildElementwise(elementwise, builder, operands)};
  if (auto reference = dyn_cast<ReferenceLoweringInterface>(op))
    return reference.lowerReference(builder, operands);
  return op->emitOpError("has no reference lowering");
}

FailureOr<SmallVector<Value>> cameo::lowerBlock(OpBuilder &builder,
                                                Block &block, ValueRange args) {
  IRMapping lowered;
  lowered.map(block.getArguments().take_front(args.size()), args);
  auto lookup = [&](Value value) { return lowered.lookup(value); };
  // New operations may be built in this very block.
  SmallVector<Operation *> ops = llvm::map_to_vector(
      block.without_terminator(), [](Operation &op) { return &op; });
  for (Operation *op : ops) {
    FailureOr<SmallVector<Value>> results =
        lower(op, builder, llvm::map_to_vector(op->getOperands(), lookup));
    if (failed(results))
      return failure();
    lowered.map(op->getResults(), *results);
  }
  return llvm::map_to_vector(block.getTerminator()->getOperands(), lookup);
}
