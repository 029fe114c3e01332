//===- ElementTypes.cpp - Storage and compute types -----------------------===//

#include "dialects/cameo/ElementTypes.h"
#include "dialects/cameo/Layouts.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

bool cameo::isElementType(Type type) {
  if (isa<Float16Type, BFloat16Type, Float32Type, Float64Type>(type) ||
      type.isInteger(1))
    return true;
  auto integer = dyn_cast<IntegerType>(type);
  return integer && !integer.isSigned() &&
         llvm::is_contained({8u, 16u, 32u, 64u}, integer.getWidth());
}

bool cameo::isUnsigned(Type elementType) {
  return elementType.isUnsignedInteger() || elementType.isInteger(1);
}

Type cameo::storageType(Type elementType) {
  if (elementType.isInteger(1))
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

Type cameo::computeType(Type elementType) {
  if (elementType.isF16() || elementType.isBF16())
    return Float32Type::get(elementType.getContext());
  if (elementType.isInteger(1))
    return elementType;
  return storageType(elementType);
}

Value cameo::buildLoaded(OpBuilder &builder, Location loc, Value stored,
                         Type elementType) {
  if (elementType.isInteger(1)) {
    Value zero = arith::ConstantIntOp::create(builder, loc, 0, 8);
    return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ne, stored,
                                 zero);
  }
  if (computeType(elementType) != stored.getType())
    return arith::ExtFOp::create(builder, loc, computeType(elementType),
                                 stored);
  return stored;
}

Value cameo::buildStored(OpBuilder &builder, Location loc, Value computed,
                         Type elementType) {
  if (elementType.isInteger(1))
    return arith::ExtUIOp::create(builder, loc, builder.getI8Type(), computed);
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
