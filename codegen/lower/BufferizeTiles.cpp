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
struct WinogradTilesBufferization
    : bufferization::DstBufferizableOpInterfaceExternalModel<
          WinogradTilesBufferization, WinogradTilesOp> {
  bool bufferizesToMemoryRead(Operation *op, OpOperand &operand,
                              const bufferization::AnalysisState &) const {
    return !cast<WinogradTilesOp>(op).isDpsInit(&operand);
  }

  LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                          const bufferization::BufferizationOptions &options,
                          bufferization::BufferizationState &state) const {
    auto tiles = cast<WinogradTilesOp>(op);
    SmallVector<Value> buffers;
    for (Value operand : op->getOperands()) {
      FailureOr<Value> buffer =
          bufferization::getBuffer(rewriter, operand, options, state);
      if (failed(buffer))
        return failure();
      buffers.push_back(*buffer);
    }
    WinogradTilesOp::create(rewriter, op->getLoc(), TypeRange(), buffers[0],
                            buffers[1], buffers[2], tiles.getTile(),
                            tiles.getPads());
    bufferization::replaceOpWithBufferizedValues(rewriter, op, buffers[2]);
    return success();
  }
};
} // namespace

void cameo::registerTilesBufferization(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, CameoDialect *) {
    WinogradTilesOp::attachInterface<WinogradTilesBufferization>(*context);
  });
}
