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
#define GET_ATTRDEF_CLASSES
#include "dialects/plan/PlanAttributes.cpp.inc"
#define GET_OP_CLASSES
#include "dialects/plan/Plan.cpp.inc"

void PlanDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/plan/PlanAttributes.cpp.inc"
      >();
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

/// (C3) for the extents of inputs or outputs.
static LogicalResult verifyExtents(ModelOp model,
                                   std::optional<ArrayAttr> extents,
                                   ArrayAttr types) {
  if (!extents)
    return success();
  for (auto extent : extents->getAsRange<ExtentAttr>()) {
    auto fail = [&](const Twine &reason) {
      return model.emitOpError("has the extent ") << extent << ", " << reason;
    };
    int64_t tensor = extent.getTensor(), dim = extent.getDim();
    if (tensor < 0 || tensor >= static_cast<int64_t>(types.size()))
      return fail("whose tensor does not exist");
    auto type =
        dyn_cast<RankedTensorType>(cast<TypeAttr>(types[tensor]).getValue());
    if (!type || dim < 0 || dim >= type.getRank())
      return fail("whose dimension does not exist");
    if (extent.getLeast() < 0 || extent.getLeast() > type.getDimSize(dim))
      return fail("whose least value is not within its bound");
    if (extent.getPosition() < kStatusBytes || extent.getPosition() % 8 != 0 ||
        extent.getPosition() + 8 > static_cast<int64_t>(model.getArenaBytes()))
      return fail("whose place is not in the arena");
  }
  return success();
}

/// (C4)
static LogicalResult verifyCaches(ModelOp model) {
  llvm::SmallDenseSet<int64_t> inputs, outputs;
  auto typeAt = [](ArrayAttr types, int64_t index) -> RankedTensorType {
    bool exists = index >= 0 && index < static_cast<int64_t>(types.size());
    return exists ? dyn_cast<RankedTensorType>(
                        cast<TypeAttr>(types[index]).getValue())
                  : RankedTensorType();
  };
  std::optional<ArrayAttr> caches = model.getCaches();
  if (!caches)
    return success();
  for (auto cache : caches->getAsRange<CacheAttr>()) {
    auto fail = [&](const Twine &reason) {
      return model.emitOpError("has the cache ") << cache << ", " << reason;
    };
    RankedTensorType input = typeAt(model.getInputTypes(), cache.getInput());
    RankedTensorType output = typeAt(model.getOutputTypes(), cache.getOutput());
    int64_t dim = cache.getDim();
    if (!input || !output || dim < 0 || dim >= output.getRank() ||
        input.getRank() != output.getRank())
      return fail("whose dimension does not exist");
    SmallVector<int64_t> shape(output.getShape());
    shape[dim] = input.getDimSize(dim);
    if (input != output.clone(shape) || shape[dim] > output.getDimSize(dim))
      return fail("whose types do not fit");
    if (!inputs.insert(cache.getInput()).second ||
        !outputs.insert(cache.getOutput()).second)
      return fail("whose input or output is in another one");
  }
  return success();
}

LogicalResult ModelOp::verify() {
  if (getInputNames().size() != getInputTypes().size() ||
      getOutputNames().size() != getOutputTypes().size())
    return emitOpError("has not one name per input and output type");
  if (failed(verifyExtents(*this, getInputExtents(), getInputTypes())) ||
      failed(verifyExtents(*this, getOutputExtents(), getOutputTypes())) ||
      failed(verifyCaches(*this)))
    return failure();
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
