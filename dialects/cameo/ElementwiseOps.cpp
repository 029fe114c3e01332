//===- ElementwiseOps.cpp - Elementwise operators -------------------------===//
//
// Registration, result types and verifiers that differ from the common ones,
// and copies and conversions. Other scalar bodies are in the files by kind that
// ElementwiseOps.td names.
//
//===----------------------------------------------------------------------===//

#include "dialects/cameo/Cameo.h"
#include "dialects/cameo/ScalarMath.h"

#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace cameo;

#define GET_OP_CLASSES
#include "dialects/cameo/ElementwiseOps.cpp.inc"

void CameoDialect::registerElementwiseOps() {
  addOperations<
#define GET_OP_LIST
#include "dialects/cameo/ElementwiseOps.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// clip, prelu
//===----------------------------------------------------------------------===//

LogicalResult ClipOp::verify() {
  Type elementType = getElementTypeOrSelf(getX().getType());
  for (std::optional<TypedAttr> bound : {getLo(), getHi()})
    if (bound && bound->getType() != elementType)
      return emitOpError("(C1) bound has type ")
             << bound->getType() << ", not the elements' type " << elementType;
  return success();
}

LogicalResult PReluOp::inferReturnTypes(MLIRContext *,
                                        std::optional<Location> loc,
                                        Adaptor adaptor,
                                        SmallVectorImpl<Type> &types) {
  if (failed(inferElementwise(loc, adaptor.getOperands(), 0, types)))
    return failure();
  Type x = adaptor.getX().getType();
  if (types[0] != x)
    return emitOptionalError(loc, "(C2) slope ", adaptor.getSlope().getType(),
                             " cannot be broadcast to ", x);
  return success();
}

//===----------------------------------------------------------------------===//
// batch_norm
//===----------------------------------------------------------------------===//

LogicalResult BatchNormOp::inferReturnTypes(MLIRContext *,
                                            std::optional<Location> loc,
                                            Adaptor adaptor,
                                            SmallVectorImpl<Type> &types) {
  auto type = cast<RankedTensorType>(adaptor.getX().getType());
  int64_t channels = type.getRank() > 1 ? type.getDimSize(1) : 1;
  for (Type other : adaptor.getOperands().drop_front().getTypes())
    if (cast<RankedTensorType>(other).getShape() != ArrayRef(channels))
      return emitOptionalError(loc, "(C1) statistics have type ", other,
                               " but there are ", channels, " channels");
  types.push_back(type);
  return success();
}

AffineMap BatchNormOp::getOperandMap(unsigned operand) {
  MLIRContext *context = getContext();
  int64_t rank = getType().getRank();
  if (operand == 0)
    return AffineMap::getMultiDimIdentityMap(rank, context);
  AffineExpr channel = rank > 1 ? getAffineDimExpr(1, context)
                                : getAffineConstantExpr(0, context);
  return AffineMap::get(rank, 0, channel, context);
}

Value BatchNormOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  Type type = args[0].getType();
  ScalarMath m(b, loc, type);
  // Statistics may be more precise than the data.
  SmallVector<Value> s;
  for (Value arg : args)
    s.push_back(m.convert(arg, false, type, false));
  Value deviation =
      m.sqrt(m.add(s[4], m.constant(type, getEpsilon().convertToDouble())));
  Value factor = m.div(s[1], deviation);
  return m.add(m.mul(m.sub(s[0], s[3]), factor), s[2]);
}

//===----------------------------------------------------------------------===//
// identity, cast
//===----------------------------------------------------------------------===//

Value IdentityOp::buildScalar(OpBuilder &, Location, ValueRange args) {
  return args[0];
}

LogicalResult CastOp::inferReturnTypes(MLIRContext *,
                                       std::optional<Location> loc,
                                       Adaptor adaptor,
                                       SmallVectorImpl<Type> &types) {
  Type to = adaptor.getTo();
  if (!isElementType(to))
    return emitOptionalError(loc, "(C1) cannot cast to ", to);
  types.push_back(cast<RankedTensorType>(adaptor.getX().getType()).clone(to));
  return success();
}

Value CastOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  Type from = getElementTypeOrSelf(getX().getType()), to = getTo();
  ScalarMath m(b, loc, from);
  // Half precision is computed in f32 but must be rounded here once, from the
  // widest form of the value.
  bool isHalf = to != computeType(to) && isa<FloatType>(to);
  Type target = isHalf && isa<FloatType>(from) ? to : computeType(to);
  Value result = m.convert(args[0], isUnsigned(from), target, isUnsigned(to));
  if (isHalf && !isa<FloatType>(from))
    result = m.convert(result, false, to, false);
  return m.convert(result, false, computeType(to), false);
}
