//===- ElementwiseOps.cpp - Elementwise operators -------------------------===//
//
// Registration, result types and verifiers that differ from the common ones,
// and copies and conversions. Other scalar bodies are in the files by kind that
// ElementwiseOps.td names.
//
//===----------------------------------------------------------------------===//

#include "dialects/cameo/Cameo.h"
#include "dialects/cameo/LinalgBuilders.h"
#include "dialects/cameo/NarrowFloats.h"
#include "dialects/cameo/ScalarMath.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
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
  if (!llvm::is_contained({"up", "down", "nearest"}, adaptor.getRoundMode()))
    return emitOptionalError(loc, "(C2) round_mode is '",
                             adaptor.getRoundMode(), "'");
  types.push_back(cast<RankedTensorType>(adaptor.getX().getType()).clone(to));
  return success();
}

/// Keeps the last bits of an i8 as an integer of 2 or 4 bits does.
static Value wrapNarrow(ScalarMath &m, Value x, Type to) {
  unsigned width = to.getIntOrFloatBitWidth();
  if (to.isUnsignedInteger())
    return m.bitAnd(x, m.constant(x, (1 << width) - 1));
  Value shift = m.constant(x, 8 - width);
  return m.binary<arith::ShRSIOp>(m.binary<arith::ShLIOp>(x, shift), shift);
}

/// `x` in f32 as a narrow float can hold it but for rounding.
static Value fitNarrowFloat(CastOp op, OpBuilder &b, Location loc, Value x) {
  if (isa<Float8E8M0FNUType>(op.getTo()))
    x = buildPowerOfTwo(b, loc, x, op.getRoundMode());
  return op.getNoSaturate() ? x : buildSaturated(b, loc, x, op.getTo());
}

Value CastOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  Type from = getElementTypeOrSelf(getX().getType()), to = getTo();
  ScalarMath m(b, loc, from);
  if (isNarrowFloat(to))
    return fitNarrowFloat(
        *this, b, loc,
        m.convert(args[0], isUnsigned(from), b.getF32Type(), false));
  if (isNarrowInteger(to)) {
    // Floats wrap around as integers do, so no narrower type may saturate.
    Value wide = m.convert(args[0], isUnsigned(from), b.getI32Type(), false);
    return wrapNarrow(m, m.convert(wide, false, b.getI8Type(), false), to);
  }
  // Half precision is computed in f32 but must be rounded here once, from the
  // widest form of the value.
  bool isHalf = to != computeType(to) && isa<FloatType>(to);
  Type target = isHalf && isa<FloatType>(from) ? to : computeType(to);
  Value result = m.convert(args[0], isUnsigned(from), target, isUnsigned(to));
  if (isHalf && !isa<FloatType>(from))
    result = m.convert(result, false, to, false);
  return m.convert(result, false, computeType(to), false);
}

//===----------------------------------------------------------------------===//
// bitcast
//===----------------------------------------------------------------------===//

LogicalResult BitCastOp::inferReturnTypes(MLIRContext *,
                                          std::optional<Location> loc,
                                          Adaptor adaptor,
                                          SmallVectorImpl<Type> &types) {
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  Type to = adaptor.getTo();
  if (!isElementType(to) || to.getIntOrFloatBitWidth() < 8 ||
      storageType(x.getElementType()).getIntOrFloatBitWidth() !=
          to.getIntOrFloatBitWidth())
    return emitOptionalError(loc, "(C1) cannot read ", x.getElementType(),
                             " as ", to);
  types.push_back(x.clone(to));
  return success();
}

OpFoldResult BitCastOp::fold(FoldAdaptor adaptor) {
  // Pattern: bitcast(x) to x's own type -> x
  if (getX().getType() == getType())
    return getX();
  // Pattern: bitcast(constant) -> constant
  auto dense = dyn_cast_if_present<DenseElementsAttr>(adaptor.getX());
  if (dense && !dense.getElementType().isInteger(1))
    return dense.bitcast(getTo());
  return {};
}

FailureOr<SmallVector<Value>> BitCastOp::lowerReference(OpBuilder &builder,
                                                        ValueRange operands) {
  auto type = storageType(cast<RankedTensorType>(getType()));
  if (operands[0].getType() == type)
    return SmallVector<Value>{operands[0]};
  Value init = buildEmpty(builder, getLoc(), type);
  SmallVector<AffineMap> maps(2,
                              builder.getMultiDimIdentityMap(type.getRank()));
  SmallVector<utils::IteratorType> iterators(type.getRank(),
                                             utils::IteratorType::parallel);
  auto generic = linalg::GenericOp::create(
      builder, getLoc(), init.getType(), operands[0], init, maps, iterators,
      [&](OpBuilder &b, Location loc, ValueRange args) {
        Value bits =
            arith::BitcastOp::create(b, loc, type.getElementType(), args[0]);
        linalg::YieldOp::create(b, loc, bits);
      });
  return SmallVector<Value>{generic.getResult(0)};
}
