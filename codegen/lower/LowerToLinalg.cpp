//===- LowerToLinalg.cpp - Operators to their reference lowerings ---------===//
//
// Straight-line replacement: operands are mapped to values of storage types.
//
//===----------------------------------------------------------------------===//

#include "codegen/lower/Passes.h"
#include "dialects/cameo/ElementTypes.h"
#include "dialects/cameo/LinalgBuilders.h"

#include "mlir/IR/IRMapping.h"

using namespace mlir;

namespace cameo {
#define GEN_PASS_DEF_LOWERTOLINALG
#include "codegen/lower/Passes.h.inc"
} // namespace cameo

using namespace cameo;

namespace {
struct LowerToLinalgPass : cameo::impl::LowerToLinalgBase<LowerToLinalgPass> {
  void runOnOperation() override;
};
} // namespace

/// The constant in its storage type: a byte per boolean, signless integers.
static TypedAttr toStorage(ElementsAttr value) {
  auto type = storageType(cast<RankedTensorType>(value.getType()));
  if (type == value.getType())
    return cast<TypedAttr>(value);
  auto dense = dyn_cast<DenseElementsAttr>(value);
  if (!dense)
    return nullptr;
  if (!dense.getElementType().isInteger(1))
    return dense.bitcast(type.getElementType());
  return cast<TypedAttr>(dense.mapValues(
      type.getElementType(), [](const APInt &bit) { return bit.zext(8); }));
}

/// Builds the lowered form of `op`; one value per result.
static FailureOr<SmallVector<Value>> lower(Operation *op, OpBuilder &builder,
                                           ValueRange operands) {
  if (auto constant = dyn_cast<ConstantOp>(op)) {
    TypedAttr value = toStorage(constant.getValue());
    if (!value)
      return op->emitOpError("is too large a constant for a kernel");
    return SmallVector<Value>{
        arith::ConstantOp::create(builder, op->getLoc(), value)};
  }
  if (auto elementwise = dyn_cast<ElementwiseOpInterface>(op))
    return SmallVector<Value>{buildElementwise(elementwise, builder, operands)};
  if (auto reference = dyn_cast<ReferenceLoweringInterface>(op))
    return reference.lowerReference(builder, operands);
  return op->emitOpError("has no reference lowering");
}

void LowerToLinalgPass::runOnOperation() {
  func::FuncOp function = getOperation();
  if (!isKernel(function))
    return;
  Block &block = function.getBody().front();
  SmallVector<Operation *> ops;
  for (Operation &op : block.without_terminator())
    ops.push_back(&op);
  // Operators keep their ONNX types while they are lowered, because signedness
  // follows from them: lowered values stand beside them until the end.
  IRMapping lowered;
  unsigned numArgs = block.getNumArguments();
  for (unsigned i = 0; i < numArgs; ++i) {
    BlockArgument arg = block.getArgument(i);
    auto type = storageType(cast<RankedTensorType>(arg.getType()));
    lowered.map(arg, block.addArgument(type, arg.getLoc()));
  }
  for (Operation *op : ops) {
    OpBuilder builder(op);
    SmallVector<Value> operands = llvm::map_to_vector(
        op->getOperands(), [&](Value v) { return lowered.lookup(v); });
    FailureOr<SmallVector<Value>> results = lower(op, builder, operands);
    if (failed(results))
      return signalPassFailure();
    lowered.map(op->getResults(), *results);
  }
  Operation *terminator = block.getTerminator();
  for (OpOperand &operand : terminator->getOpOperands())
    operand.set(lowered.lookup(operand.get()));
  for (Operation *op : llvm::reverse(ops))
    op->erase();
  block.eraseArguments(0, numArgs);
  function.setFunctionType(FunctionType::get(
      &getContext(), block.getArgumentTypes(), terminator->getOperandTypes()));
}
