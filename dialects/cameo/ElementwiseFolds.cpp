//===- ElementwiseFolds.cpp - Algebraic simplification --------------------===//
//
// Folds and canonicalisation patterns of elementwise operators, each stated as
// an equation. They keep NaN and infinities; the sign of a zero may change.
//
//===----------------------------------------------------------------------===//

#include "dialects/cameo/Cameo.h"
#include "dialects/cameo/NarrowFloats.h"

#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace cameo;

/// The number that every element of a constant has.
static std::optional<double> getSplatNumber(Attribute constant) {
  auto dense = dyn_cast_if_present<DenseElementsAttr>(constant);
  if (!dense || !dense.isSplat() || dense.getNumElements() == 0)
    return std::nullopt;
  Type type = dense.getElementType();
  if (isa<FloatType>(type)) {
    APFloat value = dense.getSplatValue<APFloat>();
    bool lost;
    value.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &lost);
    return value.convertToDouble();
  }
  if (!isa<IntegerType>(type))
    return std::nullopt;
  APInt value = dense.getSplatValue<APInt>();
  return type.isUnsignedInteger() || type.isInteger(1)
             ? value.roundToDouble(/*isSigned=*/false)
             : value.roundToDouble(/*isSigned=*/true);
}

static bool isSplatOf(Attribute constant, double number) {
  return getSplatNumber(constant) == number;
}

/// `value` when it can stand for the result of `op`.
static Value sameType(Operation *op, Value value) {
  return value.getType() == op->getResult(0).getType() ? value : Value();
}

/// The operand of the operation of kind `Op` that defines `value`.
template <typename Op> static Value operandOf(Value value) {
  auto producer = value.getDefiningOp<Op>();
  return producer ? producer.getX() : Value();
}

//===----------------------------------------------------------------------===//
// Neutral elements
//===----------------------------------------------------------------------===//

OpFoldResult AddOp::fold(FoldAdaptor adaptor) {
  // Pattern: add(x, 0) -> x, add(0, x) -> x
  if (isSplatOf(adaptor.getB(), 0))
    return sameType(*this, getA());
  if (isSplatOf(adaptor.getA(), 0))
    return sameType(*this, getB());
  return {};
}

OpFoldResult SubOp::fold(FoldAdaptor adaptor) {
  // Pattern: sub(x, 0) -> x
  if (isSplatOf(adaptor.getB(), 0))
    return sameType(*this, getA());
  return {};
}

OpFoldResult MulOp::fold(FoldAdaptor adaptor) {
  // Pattern: mul(x, 1) -> x, mul(1, x) -> x
  if (isSplatOf(adaptor.getB(), 1))
    return sameType(*this, getA());
  if (isSplatOf(adaptor.getA(), 1))
    return sameType(*this, getB());
  return {};
}

OpFoldResult DivOp::fold(FoldAdaptor adaptor) {
  // Pattern: div(x, 1) -> x
  if (isSplatOf(adaptor.getB(), 1))
    return sameType(*this, getA());
  return {};
}

//===----------------------------------------------------------------------===//
// Idempotent and involutive operators
//===----------------------------------------------------------------------===//

// Pattern: f(x, x) -> x
OpFoldResult MaxOp::fold(FoldAdaptor) {
  return getA() == getB() ? getA() : Value();
}
OpFoldResult MinOp::fold(FoldAdaptor) {
  return getA() == getB() ? getA() : Value();
}
OpFoldResult BitwiseAndOp::fold(FoldAdaptor) {
  return getA() == getB() ? getA() : Value();
}
OpFoldResult BitwiseOrOp::fold(FoldAdaptor) {
  return getA() == getB() ? getA() : Value();
}

OpFoldResult AndOp::fold(FoldAdaptor adaptor) {
  // Pattern: and(x, x) -> x, and(x, true) -> x, and(true, x) -> x
  if (getA() == getB() || isSplatOf(adaptor.getB(), 1))
    return sameType(*this, getA());
  if (isSplatOf(adaptor.getA(), 1))
    return sameType(*this, getB());
  return {};
}

OpFoldResult OrOp::fold(FoldAdaptor adaptor) {
  // Pattern: or(x, x) -> x, or(x, false) -> x, or(false, x) -> x
  if (getA() == getB() || isSplatOf(adaptor.getB(), 0))
    return sameType(*this, getA());
  if (isSplatOf(adaptor.getA(), 0))
    return sameType(*this, getB());
  return {};
}

// Pattern: f(f(x)) -> x
OpFoldResult NegOp::fold(FoldAdaptor) { return operandOf<NegOp>(getX()); }
OpFoldResult NotOp::fold(FoldAdaptor) { return operandOf<NotOp>(getX()); }
OpFoldResult BitwiseNotOp::fold(FoldAdaptor) {
  return operandOf<BitwiseNotOp>(getX());
}

/// The operand when it is a result of the same operator.
template <typename Op> static Value foldIdempotent(Op op) {
  return op.getX().template getDefiningOp<Op>() ? op.getX() : Value();
}

// Pattern: f(f(x)) -> f(x)
OpFoldResult AbsOp::fold(FoldAdaptor) { return foldIdempotent(*this); }
OpFoldResult CeilOp::fold(FoldAdaptor) { return foldIdempotent(*this); }
OpFoldResult FloorOp::fold(FoldAdaptor) { return foldIdempotent(*this); }
OpFoldResult RoundOp::fold(FoldAdaptor) { return foldIdempotent(*this); }
OpFoldResult SignOp::fold(FoldAdaptor) { return foldIdempotent(*this); }
OpFoldResult ReluOp::fold(FoldAdaptor) { return foldIdempotent(*this); }

OpFoldResult ClipOp::fold(FoldAdaptor) {
  // Pattern: clip(x) without bounds -> x
  if (!getLo() && !getHi())
    return getX();
  return {};
}

OpFoldResult WhereOp::fold(FoldAdaptor adaptor) {
  // Pattern: where(true, a, b) -> a, where(false, a, b) -> b, where(c, x, x) ->
  // x
  if (std::optional<double> condition = getSplatNumber(adaptor.getCondition()))
    return sameType(*this, *condition != 0 ? getA() : getB());
  if (getA() == getB())
    return sameType(*this, getA());
  return {};
}

//===----------------------------------------------------------------------===//
// Copies and conversions
//===----------------------------------------------------------------------===//

// Pattern: identity(x) -> x
OpFoldResult IdentityOp::fold(FoldAdaptor) { return getX(); }

/// Whether every value of `narrow` is a value of `wide`.
static bool isExactIn(Type narrow, Type wide) {
  // Narrow floats have too many ways to round.
  if (isNarrowFloat(narrow) || isNarrowFloat(wide))
    return false;
  if (narrow == wide || narrow.isInteger(1))
    return true;
  unsigned from = narrow.getIntOrFloatBitWidth(),
           to = wide.getIntOrFloatBitWidth();
  if (auto wideFloat = dyn_cast<FloatType>(wide)) {
    if (isa<IntegerType>(narrow))
      return from <= wideFloat.getFPMantissaWidth();
    return from < to;
  }
  if (isa<FloatType>(narrow) || wide.isInteger(1) || from >= to)
    return false;
  return narrow.isUnsignedInteger() || !wide.isUnsignedInteger();
}

OpFoldResult CastOp::fold(FoldAdaptor) {
  // Pattern: cast(x) to x's own type -> x
  if (getX().getType() == getType())
    return getX();
  // Pattern: cast(cast(x)) -> cast(x) when the inner cast is exact
  auto producer = getX().getDefiningOp<CastOp>();
  if (producer && !getNoSaturate() &&
      isExactIn(getElementTypeOrSelf(producer.getX().getType()),
                producer.getTo())) {
    getXMutable().assign(producer.getX());
    return getResult();
  }
  return {};
}

//===----------------------------------------------------------------------===//
// pow
//===----------------------------------------------------------------------===//

LogicalResult PowOp::canonicalize(PowOp op, PatternRewriter &rewriter) {
  Attribute constant;
  std::optional<double> exponent;
  if (matchPattern(op.getB(), m_Constant(&constant)))
    exponent = getSplatNumber(constant);
  if (!exponent)
    return rewriter.notifyMatchFailure(op, "exponent is not a constant splat");
  Value x = op.getA();
  if (x.getType() != op.getType())
    return rewriter.notifyMatchFailure(op, "base is broadcast");
  bool isFloat = isa<FloatType>(getElementTypeOrSelf(x.getType()));
  if (*exponent == 1) {
    // Pattern: pow(x, 1) -> x
    rewriter.replaceOp(op, x);
  } else if (*exponent == 2) {
    // Pattern: pow(x, 2) -> mul(x, x)
    rewriter.replaceOpWithNewOp<MulOp>(op, x, x);
  } else if (*exponent == 3) {
    // Pattern: pow(x, 3) -> mul(mul(x, x), x)
    Value square = MulOp::create(rewriter, op.getLoc(), x, x);
    rewriter.replaceOpWithNewOp<MulOp>(op, square, x);
  } else if (*exponent == 0.5 && isFloat) {
    // Pattern: pow(x, 0.5) -> sqrt(x)
    rewriter.replaceOpWithNewOp<SqrtOp>(op, x);
  } else if (*exponent == -0.5 && isFloat) {
    // Pattern: pow(x, -0.5) -> reciprocal(sqrt(x))
    Value root = SqrtOp::create(rewriter, op.getLoc(), x);
    rewriter.replaceOpWithNewOp<ReciprocalOp>(op, root);
  } else if (*exponent == -1 && isFloat) {
    // Pattern: pow(x, -1) -> reciprocal(x)
    rewriter.replaceOpWithNewOp<ReciprocalOp>(op, x);
  } else {
    return rewriter.notifyMatchFailure(op, "no cheaper form for this exponent");
  }
  return success();
}
