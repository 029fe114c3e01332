//===- BufferizeTiles.cpp - Buffers for operations of our own -------------===//
//
// Teaches upstream's bufferization the operations that kernels hold beside
// linalg ones.
//
//===----------------------------------------------------------------------===//

#include "codegen/lower/Passes.h"
#include "dialects/cameo/Cameo.h"

#include "mlir/Dialect/Bufferization/IR/DstBufferizableOpInterfaceImpl.h"

using namespace mlir;
using namespace cameo;

namespace {
/// Operations in destination style that overwrite their result.
template <typename Op>
struct TilesBufferization
    : bufferization::DstBufferizableOpInterfaceExternalModel<
          TilesBufferization<Op>, Op> {
  bool bufferizesToMemoryRead(Operation *op, OpOperand &operand,
                              const bufferization::AnalysisState &) const {
    return !cast<Op>(op).isDpsInit(&operand);
  }

  LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                          const bufferization::BufferizationOptions &options,
                          bufferization::BufferizationState &state) const {
    OperationState onBuffers(op->getLoc(), op->getName());
    onBuffers.addAttributes(op->getAttrs());
    for (Value operand : op->getOperands()) {
      FailureOr<Value> buffer =
          bufferization::getBuffer(rewriter, operand, options, state);
      if (failed(buffer))
        return failure();
      onBuffers.operands.push_back(*buffer);
    }
    rewriter.create(onBuffers);
    bufferization::replaceOpWithBufferizedValues(rewriter, op,
                                                 onBuffers.operands.back());
    return success();
  }
};
} // namespace

void cameo::registerTilesBufferization(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, CameoDialect *) {
    WinogradTilesOp::attachInterface<TilesBufferization<WinogradTilesOp>>(
        *context);
    FastProductOp::attachInterface<TilesBufferization<FastProductOp>>(*context);
  });
}
