//===- LogicOps.cpp - Scalar bodies of comparison and logic ---------------===//

#include "dialects/cameo/Cameo.h"
#include "dialects/cameo/ScalarMath.h"

#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace cameo;

Value EqualOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  return mathOf(*this, b, loc).eq(args[0], args[1]);
}

Value LessOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  return mathOf(*this, b, loc).lt(args[0], args[1]);
}

Value LessOrEqualOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  return mathOf(*this, b, loc).le(args[0], args[1]);
}

Value GreaterOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  return mathOf(*this, b, loc).gt(args[0], args[1]);
}

Value GreaterOrEqualOp::buildScalar(OpBuilder &b, Location loc,
                                    ValueRange args) {
  return mathOf(*this, b, loc).ge(args[0], args[1]);
}

Value AndOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  return mathOf(*this, b, loc).bitAnd(args[0], args[1]);
}

Value OrOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  return mathOf(*this, b, loc).bitOr(args[0], args[1]);
}

Value XorOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  return mathOf(*this, b, loc).bitXor(args[0], args[1]);
}

Value NotOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  return mathOf(*this, b, loc).bitNot(args[0]);
}

Value BitwiseAndOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  return mathOf(*this, b, loc).bitAnd(args[0], args[1]);
}

Value BitwiseOrOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  return mathOf(*this, b, loc).bitOr(args[0], args[1]);
}

Value BitwiseXorOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  return mathOf(*this, b, loc).bitXor(args[0], args[1]);
}

Value BitwiseNotOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  return mathOf(*this, b, loc).bitNot(args[0]);
}

Value BitShiftOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  ScalarMath m = mathOf(*this, b, loc);
  Value x = args[0], amount = args[1];
  unsigned width = x.getType().getIntOrFloatBitWidth();
  Value fits = m.lt(amount, m.constant(x, width));
  Value safe = m.bitAnd(amount, m.constant(x, width - 1));
  Value shifted = getRight() ? m.binary<arith::ShRUIOp>(x, safe)
                             : m.binary<arith::ShLIOp>(x, safe);
  return m.select(fits, shifted, m.constant(x, 0));
}

Value IsNaNOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  return mathOf(*this, b, loc).isNaN(args[0]);
}

Value IsInfOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  ScalarMath m = mathOf(*this, b, loc);
  Value x = args[0], infinity = m.highest(x.getType());
  if (getNegative() && getPositive())
    return m.eq(m.abs(x), infinity);
  if (getNegative())
    return m.eq(x, m.lowest(x.getType()));
  if (getPositive())
    return m.eq(x, infinity);
  return m.constant(b.getI1Type(), 0);
}

Value WhereOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  return mathOf(*this, b, loc).select(args[0], args[1], args[2]);
}
