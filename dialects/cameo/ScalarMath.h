//===- ScalarMath.h - Scalar expressions over arith and math ----*- C++ -*-===//
//
// Short forms for scalar bodies. One object serves one operator: it knows where
// operations go and whether its integers are unsigned.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_DIALECTS_CAMEO_SCALARMATH_H
#define CAMEO_DIALECTS_CAMEO_SCALARMATH_H

#include "dialects/cameo/ElementTypes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/TypeUtilities.h"

namespace cameo {

class ScalarMath {
public:
  /// `elementType` (ONNX) decides about signedness.
  ScalarMath(mlir::OpBuilder &builder, mlir::Location loc,
             mlir::Type elementType)
      : b(builder), loc(loc), isUnsigned(cameo::isUnsigned(elementType)) {}

  mlir::Value constant(mlir::Type type, double value) {
    return buildScalarConstant(b, loc, type, value);
  }
  mlir::Value constant(mlir::Type type, const llvm::APInt &value);
  /// A constant of the type of `like`.
  mlir::Value constant(mlir::Value like, double value) {
    return constant(like.getType(), value);
  }
  mlir::Value constant(mlir::Value like, const llvm::APFloat &value) {
    return constant(like.getType(), value.convertToDouble());
  }
  /// The lowest (-inf) or highest (inf) value of a compute type.
  mlir::Value lowest(mlir::Type type) { return extreme(type, false); }
  mlir::Value highest(mlir::Type type) { return extreme(type, true); }

  mlir::Value add(mlir::Value x, mlir::Value y);
  mlir::Value sub(mlir::Value x, mlir::Value y);
  mlir::Value mul(mlir::Value x, mlir::Value y);
  /// Integers: the divisor must be checked before (see `checkedDivisor`).
  mlir::Value div(mlir::Value x, mlir::Value y);
  mlir::Value rem(mlir::Value x, mlir::Value y);
  /// A divisor for integer `x` that neither traps nor overflows; records an
  /// error when it was zero.
  mlir::Value checkedDivisor(mlir::Value x, mlir::Value divisor);
  mlir::Value neg(mlir::Value x);
  mlir::Value abs(mlir::Value x);
  /// NaN when one operand is.
  mlir::Value max(mlir::Value x, mlir::Value y);
  mlir::Value min(mlir::Value x, mlir::Value y);
  /// max(x, bound) and min(x, bound) that keep a NaN of x, for bounds that are
  /// not NaN: one instruction on most machines.
  mlir::Value atLeast(mlir::Value x, mlir::Value bound);
  mlir::Value atMost(mlir::Value x, mlir::Value bound);

  /// Ordered comparisons (`ne` is unordered).
  mlir::Value eq(mlir::Value x, mlir::Value y);
  mlir::Value ne(mlir::Value x, mlir::Value y);
  mlir::Value lt(mlir::Value x, mlir::Value y);
  mlir::Value le(mlir::Value x, mlir::Value y);
  mlir::Value gt(mlir::Value x, mlir::Value y) { return lt(y, x); }
  mlir::Value ge(mlir::Value x, mlir::Value y) { return le(y, x); }
  mlir::Value isNaN(mlir::Value x);

  mlir::Value bitAnd(mlir::Value x, mlir::Value y) {
    return binary<mlir::arith::AndIOp>(x, y);
  }
  mlir::Value bitOr(mlir::Value x, mlir::Value y) {
    return binary<mlir::arith::OrIOp>(x, y);
  }
  mlir::Value bitXor(mlir::Value x, mlir::Value y) {
    return binary<mlir::arith::XOrIOp>(x, y);
  }
  mlir::Value bitNot(mlir::Value x);
  mlir::Value select(mlir::Value condition, mlir::Value x, mlir::Value y);

  mlir::Value exp(mlir::Value x) { return unary<mlir::math::ExpOp>(x); }
  mlir::Value log(mlir::Value x) { return unary<mlir::math::LogOp>(x); }
  mlir::Value sqrt(mlir::Value x) { return unary<mlir::math::SqrtOp>(x); }
  mlir::Value tanh(mlir::Value x) { return unary<mlir::math::TanhOp>(x); }
  mlir::Value erf(mlir::Value x) { return unary<mlir::math::ErfOp>(x); }
  mlir::Value pow(mlir::Value x, mlir::Value y) {
    return binary<mlir::math::PowFOp>(x, y);
  }
  /// 1 / (1 + exp(-x)).
  mlir::Value sigmoid(mlir::Value x);
  /// log(1 + exp(x)) without overflow.
  mlir::Value softplus(mlir::Value x);

  /// Converts between compute types; `fromUnsigned`/`toUnsigned` give the
  /// signedness of integers. A float to an integer saturates, NaN to zero.
  mlir::Value convert(mlir::Value x, bool fromUnsigned, mlir::Type to,
                      bool toUnsigned);

  template <typename Op> mlir::Value unary(mlir::Value x) {
    return Op::create(b, loc, x);
  }
  template <typename Op> mlir::Value binary(mlir::Value x, mlir::Value y) {
    return Op::create(b, loc, x, y);
  }
  template <typename Op> mlir::Value make(mlir::Type to, mlir::Value x) {
    return Op::create(b, loc, to, x);
  }

private:
  mlir::Value extreme(mlir::Type type, bool high);
  mlir::Value compare(mlir::arith::CmpFPredicate forFloats,
                      mlir::arith::CmpIPredicate forSigned,
                      mlir::arith::CmpIPredicate forUnsigned, mlir::Value x,
                      mlir::Value y);
  mlir::Value saturate(mlir::Value x, mlir::Type to, bool toUnsigned);

  mlir::OpBuilder &b;
  mlir::Location loc;
  bool isUnsigned;
};

/// For the body of an operation: of the element type of its first operand.
inline ScalarMath mathOf(mlir::Operation *op, mlir::OpBuilder &builder,
                         mlir::Location loc) {
  return ScalarMath(builder, loc,
                    mlir::getElementTypeOrSelf(op->getOperand(0).getType()));
}

} // namespace cameo

#endif // CAMEO_DIALECTS_CAMEO_SCALARMATH_H
