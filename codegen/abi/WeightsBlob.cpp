//===- WeightsBlob.cpp - The packed constants of a model ------------------===//

#include "codegen/abi/WeightsBlob.h"

#include "dialects/cameo/ElementTypes.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/DialectResourceBlobManager.h"

#include "llvm/ADT/bit.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace cameo;

// Raw data is written as the compiler holds it.
static_assert(llvm::endianness::native == llvm::endianness::little,
              "weights are little-endian");

static uint64_t elementBytes(Type type) {
  return llvm::divideCeil(type.getIntOrFloatBitWidth(), 8u);
}

/// Writes `count` copies of the bytes of one element.
static void writeSplat(StringRef element, uint64_t count, raw_ostream &os) {
  if (llvm::all_of(element, [](char c) { return c == 0; })) {
    for (uint64_t left = element.size() * count; left;) {
      unsigned part = std::min<uint64_t>(left, 1u << 30);
      os.write_zeros(part);
      left -= part;
    }
    return;
  }
  for (uint64_t i = 0; i < count; ++i)
    os << element;
}

/// Writes the elements of a constant; false when they are not held as bytes of
/// the expected size.
static bool writeElements(ElementsAttr value, raw_ostream &os) {
  uint64_t count = value.getNumElements();
  Type type = value.getElementType();
  uint64_t bytes = count * elementBytes(type);
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value)) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    if (!blob || blob->getData().size() != bytes)
      return false;
    os.write(blob->getData().data(), bytes);
    return true;
  }
  // A byte per narrow element.
  if (type.getIntOrFloatBitWidth() < 8)
    value = dyn_cast_if_present<ElementsAttr>(toStorage(value));
  auto dense = dyn_cast_if_present<DenseElementsAttr>(value);
  if (!dense)
    return false;
  ArrayRef<char> raw = dense.getRawData();
  if (dense.isSplat()) {
    writeSplat(StringRef(raw.data(), elementBytes(type)), count, os);
    return true;
  }
  if (raw.size() != bytes)
    return false;
  os.write(raw.data(), bytes);
  return true;
}

LogicalResult cameo::writeWeights(plan::ModelOp model, raw_ostream &os) {
  auto data = llvm::to_vector(model.getBody().getOps<plan::DataOp>());
  llvm::sort(data, [](plan::DataOp a, plan::DataOp b) {
    return a.getOffset() < b.getOffset();
  });
  uint64_t position = 0, limit = model.getWeightBytes();
  for (plan::DataOp constant : data) {
    ElementsAttr value = constant.getValue();
    if (!value.getElementType().isIntOrFloat())
      return constant.emitOpError("has elements of type ")
             << value.getElementType();
    uint64_t offset = constant.getOffset();
    uint64_t bytes =
        value.getNumElements() * elementBytes(value.getElementType());
    if (offset < position || bytes > limit || offset > limit - bytes)
      return constant.emitOpError("with ")
             << bytes << " bytes overlaps its predecessor or the end at "
             << limit;
    writeSplat(StringRef("\0", 1), offset - position, os);
    if (!writeElements(value, os))
      return constant.emitOpError("has no raw data of ") << bytes << " bytes";
    position = offset + bytes;
  }
  writeSplat(StringRef("\0", 1), limit - position, os);
  return success();
}

void cameo::releaseWeights(plan::ModelOp model) {
  for (auto constant : model.getBody().getOps<plan::DataOp>())
    if (auto resource =
            dyn_cast<DenseResourceElementsAttr>(constant.getValue()))
      if (AsmResourceBlob *blob = resource.getRawHandle().getBlob())
        *blob = AsmResourceBlob();
}
