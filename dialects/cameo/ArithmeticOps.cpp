//===- ArithmeticOps.cpp - Scalar bodies of arithmetic --------------------===//

#include "dialects/cameo/Cameo.h"
#include "dialects/cameo/ScalarMath.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace cameo;

static bool isFloat(Value scalar) { return isa<FloatType>(scalar.getType()); }

Value AddOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  return mathOf(*this, b, loc).add(args[0], args[1]);
}

Value SubOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  return mathOf(*this, b, loc).sub(args[0], args[1]);
}

Value MulOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  return mathOf(*this, b, loc).mul(args[0], args[1]);
}

Value DivOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  ScalarMath m = mathOf(*this, b, loc);
  return m.div(args[0],
               isFloat(args[1]) ? args[1] : m.checkedDivisor(args[0], args[1]));
}

Value MaxOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  return mathOf(*this, b, loc).max(args[0], args[1]);
}

Value MinOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  return mathOf(*this, b, loc).min(args[0], args[1]);
}

Value NegOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  return mathOf(*this, b, loc).neg(args[0]);
}

Value AbsOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  return mathOf(*this, b, loc).abs(args[0]);
}

Value CeilOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  return mathOf(*this, b, loc).unary<math::CeilOp>(args[0]);
}

Value FloorOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  return mathOf(*this, b, loc).unary<math::FloorOp>(args[0]);
}

Value RoundOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  return mathOf(*this, b, loc).unary<math::RoundEvenOp>(args[0]);
}

Value ReciprocalOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  ScalarMath m = mathOf(*this, b, loc);
  return m.div(m.constant(args[0], 1), args[0]);
}

Value SignOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  ScalarMath m = mathOf(*this, b, loc);
  Value x = args[0], zero = m.constant(x, 0);
  // Zeros and NaN pass through.
  Value result = m.select(m.gt(x, zero), m.constant(x, 1), x);
  if (isUnsigned(getElementTypeOrSelf(getX().getType())))
    return result;
  return m.select(m.lt(x, zero), m.constant(x, -1), result);
}

Value ModOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  ScalarMath m = mathOf(*this, b, loc);
  Value x = args[0], y = args[1];
  if (!isFloat(y))
    y = m.checkedDivisor(x, y);
  Value rest = m.rem(x, y);
  if (getFmod() || isUnsigned(getElementTypeOrSelf(getA().getType())))
    return rest;
  // The remainder of a truncated quotient has the sign of x.
  Value zero = m.constant(rest, 0);
  Value signsDiffer = m.bitXor(m.lt(rest, zero), m.lt(y, zero));
  return m.select(m.bitAnd(m.ne(rest, zero), signsDiffer), m.add(rest, y),
                  rest);
}

Value ClipOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  ScalarMath m = mathOf(*this, b, loc);
  Value x = args[0];
  auto bound = [&](TypedAttr attr) {
    if (auto number = dyn_cast<FloatAttr>(attr))
      return m.constant(x, number.getValue());
    return m.constant(x.getType(), cast<IntegerAttr>(attr).getValue());
  };
  if (std::optional<TypedAttr> lo = getLo())
    x = m.atLeast(x, bound(*lo));
  if (std::optional<TypedAttr> hi = getHi())
    x = m.atMost(x, bound(*hi));
  return x;
}

//===----------------------------------------------------------------------===//
// pow
//===----------------------------------------------------------------------===//

/// base to the power exponent by squaring, modulo two to the width; what a
/// negative exponent gives is the truncated quotient.
static Value buildIntegerPower(ScalarMath &m, OpBuilder &b, Location loc,
                               Value base, Value exponent,
                               bool exponentIsUnsigned) {
  Type type = base.getType(), exponentType = exponent.getType();
  auto index = [&](int64_t value) {
    return arith::ConstantIndexOp::create(b, loc, value);
  };
  auto loop = scf::ForOp::create(
      b, loc, index(0), index(exponentType.getIntOrFloatBitWidth()), index(1),
      ValueRange{m.constant(type, 1), base, exponent},
      [&](OpBuilder &inner, Location l, Value, ValueRange state) {
        ScalarMath s(inner, l, type);
        Value one = s.constant(exponentType, 1);
        Value bit = s.ne(s.bitAnd(state[2], one), s.constant(exponentType, 0));
        Value product = s.select(bit, s.mul(state[0], state[1]), state[0]);
        Value rest = s.binary<arith::ShRUIOp>(state[2], one);
        scf::YieldOp::create(
            inner, l, ValueRange{product, s.mul(state[1], state[1]), rest});
      });
  Value power = loop.getResult(0);
  if (exponentIsUnsigned)
    return power;
  // Of negative exponents, only +-1 have quotients that are not zero, and their
  // powers are their own reciprocals. The loop has used the exponent's bits as
  // an unsigned number of the same parity.
  Value one = m.constant(type, 1);
  Value isUnit = m.eq(base, one);
  if (!isUnsigned(type))
    isUnit = m.bitOr(isUnit, m.eq(base, m.constant(type, -1)));
  Value isNegative = arith::CmpIOp::create(
      b, loc, arith::CmpIPredicate::slt, exponent, m.constant(exponentType, 0));
  Value vanishes = m.bitAnd(isNegative, m.bitNot(isUnit));
  return m.select(vanishes, m.constant(type, 0), power);
}

Value PowOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  ScalarMath m = mathOf(*this, b, loc);
  Value x = args[0], y = args[1];
  bool baseIsUnsigned = isUnsigned(getElementTypeOrSelf(getA().getType()));
  bool exponentIsUnsigned = isUnsigned(getElementTypeOrSelf(getB().getType()));
  if (!isFloat(x) && !isFloat(y))
    return buildIntegerPower(m, b, loc, x, y, exponentIsUnsigned);
  Type type = isFloat(x) ? x.getType() : b.getF64Type();
  Value power = m.pow(m.convert(x, baseIsUnsigned, type, false),
                      m.convert(y, exponentIsUnsigned, type, false));
  return m.convert(power, false, x.getType(), baseIsUnsigned);
}
