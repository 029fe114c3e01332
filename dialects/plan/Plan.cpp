//===- Plan.cpp - The plan dialect ----------------------------------------===//
//
// Registration and verifiers of the plan dialect.
//
//===----------------------------------------------------------------------===//

#include "dialects/plan/Plan.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace cameo::plan;

#include "dialects/plan/PlanDialect.cpp.inc"
#include "dialects/plan/PlanEnums.cpp.inc"
#define GET_OP_CLASSES
#include "dialects/plan/Plan.cpp.inc"

void PlanDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "dialects/plan/Plan.cpp.inc"
      >();
}

/// Bytes of a dense buffer; sub-byte elements take a byte each.
static int64_t byteSize(MemRefType type) {
  unsigned bits =
      type.getElementType().isIndex() ? 64 : type.getElementTypeBitWidth();
  return type.getNumElements() * llvm::divideCeil(bits, 8u);
}

/// (C2) for one buffer.
static LogicalResult verifyRange(ModelOp model, BufferOp buffer) {
  int64_t position = buffer.getPosition();
  int64_t limit = 0, size = 1;
  switch (buffer.getSpace()) {
  case Space::arena:
    limit = model.getArenaBytes();
    size = byteSize(buffer.getType());
    break;
  case Space::weights:
    limit = model.getWeightBytes();
    size = byteSize(buffer.getType());
    break;
  case Space::input:
    limit = model.getInputTypes().size();
    break;
  case Space::output:
    limit = model.getOutputTypes().size();
    break;
  }
  if (position < 0 || position + size > limit)
    return buffer.emitOpError("position ")
           << position << " with size " << size << " is outside the " << limit
           << " of its space";
  return success();
}

LogicalResult ModelOp::verify() {
  if (getInputNames().size() != getInputTypes().size() ||
      getOutputNames().size() != getOutputTypes().size())
    return emitOpError("has not one name per input and output type");
  for (BufferOp buffer : getBody().getOps<BufferOp>())
    if (failed(verifyRange(*this, buffer)))
      return failure();
  return success();
}

LogicalResult LaunchOp::verify() {
  bool allTensors =
      llvm::all_of(getArgs().getTypes(), llvm::IsaPred<TensorType>);
  bool allMemRefs =
      llvm::all_of(getArgs().getTypes(), llvm::IsaPred<MemRefType>);
  if (!(allTensors && getNumResults() > 0) &&
      !(allMemRefs && getNumResults() == 0))
    return emitOpError(
        "takes tensors and has results, or takes memrefs and has none");
  return success();
}
