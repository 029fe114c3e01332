//===- ScalarMath.cpp - Scalar expressions over arith and math ------------===//

#include "dialects/cameo/ScalarMath.h"

#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"

using namespace mlir;
using namespace cameo;

static bool isFloat(Value scalar) { return isa<FloatType>(scalar.getType()); }

Value ScalarMath::constant(Type type, const APInt &value) {
  return arith::ConstantOp::create(b, loc, b.getIntegerAttr(type, value));
}

Value ScalarMath::extreme(Type type, bool high) {
  if (isa<FloatType>(type))
    return constant(type, high ? HUGE_VAL : -HUGE_VAL);
  unsigned width = type.getIntOrFloatBitWidth();
  if (isUnsigned)
    return constant(type,
                    high ? APInt::getMaxValue(width) : APInt::getZero(width));
  return constant(type, high ? APInt::getSignedMaxValue(width)
                             : APInt::getSignedMinValue(width));
}

Value ScalarMath::add(Value x, Value y) {
  return isFloat(x) ? binary<arith::AddFOp>(x, y) : binary<arith::AddIOp>(x, y);
}

Value ScalarMath::sub(Value x, Value y) {
  return isFloat(x) ? binary<arith::SubFOp>(x, y) : binary<arith::SubIOp>(x, y);
}

Value ScalarMath::mul(Value x, Value y) {
  return isFloat(x) ? binary<arith::MulFOp>(x, y) : binary<arith::MulIOp>(x, y);
}

Value ScalarMath::div(Value x, Value y) {
  if (isFloat(x))
    return binary<arith::DivFOp>(x, y);
  return isUnsigned ? binary<arith::DivUIOp>(x, y)
                    : binary<arith::DivSIOp>(x, y);
}

Value ScalarMath::rem(Value x, Value y) {
  if (isFloat(x))
    return binary<arith::RemFOp>(x, y);
  return isUnsigned ? binary<arith::RemUIOp>(x, y)
                    : binary<arith::RemSIOp>(x, y);
}

Value ScalarMath::checkedDivisor(Value x, Value divisor) {
  Value nonZero = ne(divisor, constant(divisor, 0));
  cf::AssertOp::create(b, loc, nonZero, "division by zero");
  Value safe = select(nonZero, divisor, constant(divisor, 1));
  if (isUnsigned)
    return safe;
  // The lowest integer by -1 is the one quotient that does not fit. It wraps to
  // itself, as division by 1 gives.
  Value overflows =
      bitAnd(eq(x, lowest(x.getType())), eq(safe, constant(safe, -1)));
  return select(overflows, constant(safe, 1), safe);
}

Value ScalarMath::neg(Value x) {
  return isFloat(x) ? unary<arith::NegFOp>(x) : sub(constant(x, 0), x);
}

Value ScalarMath::abs(Value x) {
  if (isFloat(x))
    return unary<math::AbsFOp>(x);
  return isUnsigned ? x : unary<math::AbsIOp>(x);
}

Value ScalarMath::max(Value x, Value y) {
  if (isFloat(x))
    return binary<arith::MaximumFOp>(x, y);
  return isUnsigned ? binary<arith::MaxUIOp>(x, y)
                    : binary<arith::MaxSIOp>(x, y);
}

Value ScalarMath::min(Value x, Value y) {
  if (isFloat(x))
    return binary<arith::MinimumFOp>(x, y);
  return isUnsigned ? binary<arith::MinUIOp>(x, y)
                    : binary<arith::MinSIOp>(x, y);
}

Value ScalarMath::atLeast(Value x, Value bound) {
  return isFloat(x) ? select(lt(x, bound), bound, x) : max(x, bound);
}

Value ScalarMath::atMost(Value x, Value bound) {
  return isFloat(x) ? select(gt(x, bound), bound, x) : min(x, bound);
}

Value ScalarMath::compare(arith::CmpFPredicate forFloats,
                          arith::CmpIPredicate forSigned,
                          arith::CmpIPredicate forUnsigned, Value x, Value y) {
  if (isFloat(x))
    return arith::CmpFOp::create(b, loc, forFloats, x, y);
  return arith::CmpIOp::create(b, loc, isUnsigned ? forUnsigned : forSigned, x,
                               y);
}

Value ScalarMath::eq(Value x, Value y) {
  return compare(arith::CmpFPredicate::OEQ, arith::CmpIPredicate::eq,
                 arith::CmpIPredicate::eq, x, y);
}

Value ScalarMath::ne(Value x, Value y) {
  return compare(arith::CmpFPredicate::UNE, arith::CmpIPredicate::ne,
                 arith::CmpIPredicate::ne, x, y);
}

Value ScalarMath::lt(Value x, Value y) {
  return compare(arith::CmpFPredicate::OLT, arith::CmpIPredicate::slt,
                 arith::CmpIPredicate::ult, x, y);
}

Value ScalarMath::le(Value x, Value y) {
  return compare(arith::CmpFPredicate::OLE, arith::CmpIPredicate::sle,
                 arith::CmpIPredicate::ule, x, y);
}

Value ScalarMath::isNaN(Value x) {
  return arith::CmpFOp::create(b, loc, arith::CmpFPredicate::UNO, x, x);
}

Value ScalarMath::bitNot(Value x) {
  unsigned width = x.getType().getIntOrFloatBitWidth();
  return bitXor(x, constant(x.getType(), APInt::getAllOnes(width)));
}

Value ScalarMath::select(Value condition, Value x, Value y) {
  return arith::SelectOp::create(b, loc, condition, x, y);
}

Value ScalarMath::sigmoid(Value x) {
  Value one = constant(x, 1);
  return div(one, add(one, exp(neg(x))));
}

Value ScalarMath::softplus(Value x) {
  Value tail = unary<math::Log1pOp>(exp(neg(abs(x))));
  return add(atLeast(x, constant(x, 0)), tail);
}

Value ScalarMath::saturate(Value x, Type to, bool toUnsigned) {
  unsigned width = to.getIntOrFloatBitWidth();
  // Both limits are powers of two (or zero), so they are exact in every float
  // type: values strictly between `low - 1` and `high` convert without
  // overflow.
  double high = std::ldexp(1.0, toUnsigned ? width : width - 1);
  double low = toUnsigned ? 0 : -high;
  Value aboveLow = gt(x, constant(x, low)),
        belowHigh = lt(x, constant(x, high));
  Value safe = select(bitAnd(aboveLow, belowHigh), x, constant(x, 0));
  Value result;
  if (toUnsigned)
    result = arith::FPToUIOp::create(b, loc, to, safe);
  else
    result = arith::FPToSIOp::create(b, loc, to, safe);
  APInt highest =
      toUnsigned ? APInt::getMaxValue(width) : APInt::getSignedMaxValue(width);
  APInt lowest =
      toUnsigned ? APInt::getZero(width) : APInt::getSignedMinValue(width);
  result = select(ge(x, constant(x, high)), constant(to, highest), result);
  return select(le(x, constant(x, low)), constant(to, lowest), result);
}

Value ScalarMath::convert(Value x, bool fromUnsigned, Type to,
                          bool toUnsigned) {
  Type from = x.getType();
  if (from == to)
    return x;
  if (to.isInteger(1))
    return ne(x, constant(x, 0));
  if (isa<FloatType>(from)) {
    if (isa<IntegerType>(to))
      return saturate(x, to, toUnsigned);
    if (from.getIntOrFloatBitWidth() < to.getIntOrFloatBitWidth())
      return arith::ExtFOp::create(b, loc, to, x);
    return arith::TruncFOp::create(b, loc, to, x);
  }
  if (isa<FloatType>(to)) {
    if (fromUnsigned)
      return arith::UIToFPOp::create(b, loc, to, x);
    return arith::SIToFPOp::create(b, loc, to, x);
  }
  if (from.getIntOrFloatBitWidth() > to.getIntOrFloatBitWidth())
    return arith::TruncIOp::create(b, loc, to, x);
  if (fromUnsigned)
    return arith::ExtUIOp::create(b, loc, to, x);
  return arith::ExtSIOp::create(b, loc, to, x);
}
