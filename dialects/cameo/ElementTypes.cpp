//===- ElementTypes.cpp - Storage and compute types -----------------------===//

#include "dialects/cameo/ElementTypes.h"
#include "dialects/cameo/Layouts.h"
#include "dialects/cameo/NarrowFloats.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;

bool cameo::isElementType(Type type) {
  if (isa<Float16Type, BFloat16Type, Float32Type, Float64Type>(type) ||
      isa<Float8E4M3FNType, Float8E4M3FNUZType, Float8E5M2Type,
          Float8E5M2FNUZType, Float8E8M0FNUType, Float4E2M1FNType>(type) ||
      type.isInteger(1))
    return true;
  auto integer = dyn_cast<IntegerType>(type);
  return integer && !integer.isSigned() &&
         llvm::is_contained({2u, 4u, 8u, 16u, 32u, 64u}, integer.getWidth());
}

bool cameo::isNarrowInteger(Type elementType) {
  return isa<IntegerType>(elementType) &&
         llvm::is_contained({2u, 4u}, elementType.getIntOrFloatBitWidth());
}

bool cameo::isUnsigned(Type elementType) {
  return elementType.isUnsignedInteger() || elementType.isInteger(1);
}

Type cameo::storageType(Type elementType) {
  if (elementType.getIntOrFloatBitWidth() <= 8)
    return IntegerType::get(elementType.getContext(), 8);
  if (auto integer = dyn_cast<IntegerType>(elementType))
    return IntegerType::get(elementType.getContext(), integer.getWidth());
  return elementType;
}

RankedTensorType cameo::storageType(RankedTensorType type) {
  SmallVector<int64_t> shape(type.getShape());
  if (BlockedAttr layout = getLayout(type))
    shape = layout.getStoredShape(shape);
  return RankedTensorType::get(shape, storageType(type.getElementType()));
}

int64_t cameo::storedBytes(Type tensorType) {
  RankedTensorType type = storageType(cast<RankedTensorType>(tensorType));
  return type.getNumElements() * (type.getElementTypeBitWidth() / 8);
}

Type cameo::computeType(Type elementType) {
  if (elementType.isF16() || elementType.isBF16() || isNarrowFloat(elementType))
    return Float32Type::get(elementType.getContext());
  if (elementType.isInteger(1))
    return elementType;
  return storageType(elementType);
}

/// An integer of a narrow element type as it is stored.
static APInt extend(const APInt &value, Type elementType) {
  return elementType.isUnsignedInteger() || elementType.isInteger(1) ||
                 cameo::isNarrowFloat(elementType)
             ? value.zext(8)
             : value.sext(8);
}

TypedAttr cameo::toStorage(ElementsAttr value) {
  auto type = storageType(cast<RankedTensorType>(value.getType()));
  if (type == value.getType())
    return cast<TypedAttr>(value);
  // Blobs hold storage bytes in any case.
  if (auto blob = dyn_cast<DenseResourceElementsAttr>(value))
    return DenseResourceElementsAttr::get(type, blob.getRawHandle());
  auto dense = dyn_cast<DenseElementsAttr>(value);
  if (!dense)
    return nullptr;
  Type elementType = dense.getElementType(), stored = type.getElementType();
  if (elementType.getIntOrFloatBitWidth() >= 8)
    return dense.bitcast(stored);
  if (isa<FloatType>(elementType))
    return cast<TypedAttr>(dense.mapValues(stored, [&](const APFloat &number) {
      return extend(number.bitcastToAPInt(), elementType);
    }));
  return cast<TypedAttr>(dense.mapValues(stored, [&](const APInt &number) {
    return extend(number, elementType);
  }));
}

DenseElementsAttr cameo::fromStorage(RankedTensorType type,
                                     ArrayRef<char> bytes) {
  if (type.getElementType().isInteger(1)) {
    SmallVector<bool> flags =
        llvm::map_to_vector(bytes, [](char byte) { return byte != 0; });
    return DenseElementsAttr::get(type, ArrayRef<bool>(flags));
  }
  if (bytes.empty())
    return DenseElementsAttr::get(type, ArrayRef<Attribute>{});
  unsigned width = type.getElementTypeBitWidth();
  if (width >= 8)
    return DenseElementsAttr::getFromRawBuffer(type, bytes);
  // Attributes have zeros above narrow elements.
  SmallVector<char> masked = llvm::map_to_vector(
      bytes, [&](char byte) -> char { return byte & ((1 << width) - 1); });
  return DenseElementsAttr::getFromRawBuffer(type, masked);
}

Value cameo::buildLoaded(OpBuilder &builder, Location loc, Value stored,
                         Type elementType) {
  if (elementType.isInteger(1)) {
    Value zero = arith::ConstantIntOp::create(builder, loc, 0, 8);
    return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ne, stored,
                                 zero);
  }
  if (isNarrowFloat(elementType))
    return buildDecoded(builder, loc, stored, elementType);
  if (computeType(elementType) != stored.getType())
    return arith::ExtFOp::create(builder, loc, computeType(elementType),
                                 stored);
  return stored;
}

Value cameo::buildStored(OpBuilder &builder, Location loc, Value computed,
                         Type elementType) {
  if (elementType.isInteger(1))
    return arith::ExtUIOp::create(builder, loc, builder.getI8Type(), computed);
  if (isNarrowFloat(elementType))
    return buildEncoded(builder, loc, computed, elementType);
  if (storageType(elementType) != computed.getType())
    return arith::TruncFOp::create(builder, loc, storageType(elementType),
                                   computed);
  return computed;
}

Value cameo::buildScalarConstant(OpBuilder &builder, Location loc, Type type,
                                 double value) {
  if (auto floatType = dyn_cast<FloatType>(type)) {
    APFloat number(value);
    bool lost;
    number.convert(floatType.getFloatSemantics(), APFloat::rmNearestTiesToEven,
                   &lost);
    return arith::ConstantFloatOp::create(builder, loc, floatType, number);
  }
  return arith::ConstantIntOp::create(builder, loc, type,
                                      static_cast<int64_t>(value));
}
