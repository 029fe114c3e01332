//===- BufferizeKernel.cpp - A kernel on tensors to one on buffers --------===//
//
// Destination passing at the function's border, upstream one-shot bufferisation
// inside. What remains allocated becomes stack or scratch memory.
//
//===----------------------------------------------------------------------===//

#include "codegen/lower/Passes.h"

#include "mlir/Dialect/Bufferization/Transforms/OneShotAnalysis.h"
#include "mlir/Dialect/Bufferization/Transforms/Transforms.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Dialect/Vector/Transforms/LoweringPatterns.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace cameo {
#define GEN_PASS_DEF_BUFFERIZEKERNEL
#include "codegen/lower/Passes.h.inc"
} // namespace cameo

using namespace cameo;

namespace {
struct BufferizeKernelPass
    : cameo::impl::BufferizeKernelBase<BufferizeKernelPass> {
  using BufferizeKernelBase::BufferizeKernelBase;
  void runOnOperation() override;

private:
  void convertConstants();
  void convertArguments();
  void convertResults();
  void joinUpdated(unsigned firstResult);
  LogicalResult placeAllocations();
  BlockArgument addArgument(Type type, Location loc, StringRef name = "",
                            Attribute value = {});
};
} // namespace

static MemRefType bufferType(Type type) {
  auto tensor = cast<RankedTensorType>(type);
  return MemRefType::get(tensor.getShape(), tensor.getElementType());
}

/// Adds a further argument, perhaps marked with an attribute.
BlockArgument BufferizeKernelPass::addArgument(Type type, Location loc,
                                               StringRef name,
                                               Attribute value) {
  func::FuncOp function = getOperation();
  unsigned index = function.getNumArguments();
  NamedAttrList attrs;
  if (value)
    attrs.append(name, value);
  (void)function.insertArgument(index, type, attrs.getDictionary(&getContext()),
                                loc);
  return function.getArgument(index);
}

/// Tables become arguments that the plan packs into the weights, repeated
/// values are filled in: no global is needed.
void BufferizeKernelPass::convertConstants() {
  SmallVector<arith::ConstantOp> constants;
  getOperation().walk([&](arith::ConstantOp op) {
    if (isa<RankedTensorType>(op.getType()))
      constants.push_back(op);
  });
  for (arith::ConstantOp op : constants) {
    OpBuilder builder(op);
    auto type = cast<RankedTensorType>(op.getType());
    auto dense = dyn_cast<DenseElementsAttr>(op.getValue());
    Value replacement;
    if (dense && dense.isSplat()) {
      Value scalar = arith::ConstantOp::create(
          builder, op.getLoc(), dense.getSplatValue<TypedAttr>());
      Value empty = tensor::EmptyOp::create(
          builder, op.getLoc(), type.getShape(), type.getElementType());
      replacement = linalg::FillOp::create(builder, op.getLoc(), scalar, empty)
                        .getResult(0);
    } else {
      Value arg = addArgument(bufferType(type), op.getLoc(), "plan.constant",
                              op.getValue());
      replacement =
          bufferization::ToTensorOp::create(builder, op.getLoc(), type, arg,
                                            /*restrict=*/true);
    }
    op.replaceAllUsesWith(replacement);
    op.erase();
  }
}

void BufferizeKernelPass::convertArguments() {
  func::FuncOp function = getOperation();
  Block &block = function.getBody().front();
  OpBuilder builder = OpBuilder::atBlockBegin(&block);
  for (unsigned i = 0, end = block.getNumArguments(); i < end; ++i) {
    BlockArgument old = block.getArgument(i);
    BlockArgument fresh =
        block.insertArgument(i, bufferType(old.getType()), old.getLoc());
    Value tensor = bufferization::ToTensorOp::create(
        builder, old.getLoc(), old.getType(), fresh, /*restrict=*/true);
    old.replaceAllUsesWith(tensor);
    block.eraseArgument(i + 1);
  }
  function.setFunctionType(
      FunctionType::get(&getContext(), block.getArgumentTypes(), TypeRange()));
}

/// The value that `value` is a reshaped form of; `target`, a buffer for
/// `value`, becomes a view of it for that value, so that the value is computed
/// in place.
static Value moveReshapes(OpBuilder &builder, Value value, Value &target) {
  while (Operation *op = value.getDefiningOp()) {
    if (!op->hasOneUse())
      break;
    if (auto expand = dyn_cast<tensor::ExpandShapeOp>(op))
      target = memref::CollapseShapeOp::create(
          builder, op->getLoc(), bufferType(expand.getSrcType()), target,
          expand.getReassociationIndices());
    else if (auto collapse = dyn_cast<tensor::CollapseShapeOp>(op))
      target = memref::ExpandShapeOp::create(
          builder, op->getLoc(), bufferType(collapse.getSrcType()), target,
          collapse.getReassociationIndices());
    else
      break;
    value = op->getOperand(0);
  }
  return value;
}

void BufferizeKernelPass::convertResults() {
  func::FuncOp function = getOperation();
  Block &block = function.getBody().front();
  Operation *terminator = block.getTerminator();
  OpBuilder builder(terminator);
  for (Value value : terminator->getOperands()) {
    Value target = addArgument(bufferType(value.getType()), value.getLoc());
    value = moveReshapes(builder, value, target);
    bufferization::MaterializeInDestinationOp::create(
        builder, value.getLoc(), Type(), value, target, /*restrict=*/true,
        /*writable=*/true);
  }
  func::ReturnOp::create(builder, terminator->getLoc());
  terminator->erase();
}

/// An argument and the result that is computed in its buffer are one: the
/// result's, which may be written.
void BufferizeKernelPass::joinUpdated(unsigned firstResult) {
  func::FuncOp function = getOperation();
  for (unsigned i = 0; i < firstResult; ++i) {
    auto result = function.getArgAttrOfType<IntegerAttr>(i, plan::kUpdatedAttr);
    if (!result)
      continue;
    int64_t number = firstResult + result.getInt();
    Value buffer = function.getArgument(number);
    function.setArgAttr(i, plan::kInPlaceAttr,
                        Builder(&getContext()).getI64IntegerAttr(number));
    for (Operation *user :
         llvm::make_early_inc_range(function.getArgument(i).getUsers()))
      if (auto tensor = dyn_cast<bufferization::ToTensorOp>(user)) {
        tensor.getBufferMutable().assign(buffer);
        tensor.setWritable(true);
      }
  }
}

/// Small buffers inside loops go to the stack, others become scratch arguments:
/// these outlive a task.
LogicalResult BufferizeKernelPass::placeAllocations() {
  SmallVector<memref::AllocOp> allocations;
  getOperation().walk([&](memref::AllocOp op) { allocations.push_back(op); });
  for (memref::AllocOp op : allocations) {
    MemRefType type = op.getType();
    if (!type.hasStaticShape())
      return op.emitOpError("has no static shape");
    int64_t bytes = type.getNumElements() *
                    llvm::divideCeil(type.getElementType().isIndex()
                                         ? 64
                                         : type.getElementTypeBitWidth(),
                                     8u);
    OpBuilder builder =
        OpBuilder::atBlockBegin(&getOperation().getBody().front());
    Value buffer;
    bool inLoop = !isa<func::FuncOp>(op->getParentOp());
    if (inLoop && bytes <= maxStackBytes)
      buffer = memref::AllocaOp::create(
          builder, op.getLoc(), type,
          builder.getI64IntegerAttr(plan::kBufferAlignment));
    else
      buffer =
          addArgument(type, op.getLoc(), "plan.scratch", builder.getUnitAttr());
    op.replaceAllUsesWith(buffer);
    op.erase();
  }
  return success();
}

void BufferizeKernelPass::runOnOperation() {
  func::FuncOp function = getOperation();
  if (!isKernel(function))
    return;
  convertArguments();
  unsigned firstResult = function.getNumArguments();
  convertResults();
  joinUpdated(firstResult);
  convertConstants();
  IRRewriter rewriter(&getContext());
  if (failed(bufferization::eliminateEmptyTensors(rewriter, function)))
    return signalPassFailure();
  bufferization::OneShotBufferizationOptions options;
  options.bufferAlignment = plan::kBufferAlignment;
  bufferization::BufferizationState state;
  if (failed(bufferization::runOneShotBufferize(function, options, state)) ||
      failed(placeAllocations()))
    return signalPassFailure();
  // Vectors of tensors are vectors of buffers now.
  RewritePatternSet patterns(&getContext());
  vector::populateVectorTransferLoweringPatterns(patterns);
  if (failed(applyPatternsGreedily(function, std::move(patterns))))
    return signalPassFailure();
}
