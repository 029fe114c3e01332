//===- ActivationOps.cpp - Scalar bodies of activations -------------------===//

#include "dialects/cameo/Cameo.h"
#include "dialects/cameo/ScalarMath.h"

#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace cameo;

/// min(max(x, 0), 1), NaN stays.
static Value buildUnitClamp(ScalarMath &m, Value x) {
  return m.atMost(m.atLeast(x, m.constant(x, 0)), m.constant(x, 1));
}

Value ReluOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  ScalarMath m = mathOf(*this, b, loc);
  return m.atLeast(args[0], m.constant(args[0], 0));
}

Value SigmoidOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  return mathOf(*this, b, loc).sigmoid(args[0]);
}

Value SoftplusOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  return mathOf(*this, b, loc).softplus(args[0]);
}

Value SoftsignOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  ScalarMath m = mathOf(*this, b, loc);
  return m.div(args[0], m.add(m.constant(args[0], 1), m.abs(args[0])));
}

Value HardSwishOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  ScalarMath m = mathOf(*this, b, loc);
  Value x = args[0];
  Value line = m.add(m.mul(x, m.constant(x, 1.0 / 6)), m.constant(x, 0.5));
  return m.mul(x, buildUnitClamp(m, line));
}

Value MishOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  ScalarMath m = mathOf(*this, b, loc);
  return m.mul(args[0], m.tanh(m.softplus(args[0])));
}

Value LeakyReluOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  ScalarMath m = mathOf(*this, b, loc);
  Value x = args[0], scaled = m.mul(x, m.constant(x, getAlpha()));
  return m.select(m.lt(x, m.constant(x, 0)), scaled, x);
}

Value EluOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  ScalarMath m = mathOf(*this, b, loc);
  Value x = args[0];
  Value curve =
      m.mul(m.constant(x, getAlpha()), m.sub(m.exp(x), m.constant(x, 1)));
  return m.select(m.lt(x, m.constant(x, 0)), curve, x);
}

Value SeluOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  ScalarMath m = mathOf(*this, b, loc);
  Value x = args[0], alpha = m.constant(x, getAlpha());
  Value curve = m.sub(m.mul(alpha, m.exp(x)), alpha);
  Value inner = m.select(m.gt(x, m.constant(x, 0)), x, curve);
  return m.mul(m.constant(x, getGamma()), inner);
}

Value CeluOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  ScalarMath m = mathOf(*this, b, loc);
  Value x = args[0], zero = m.constant(x, 0), alpha = m.constant(x, getAlpha());
  Value curve = m.mul(alpha, m.sub(m.exp(m.div(x, alpha)), m.constant(x, 1)));
  return m.add(m.atLeast(x, zero), m.atMost(curve, zero));
}

Value ThresholdedReluOp::buildScalar(OpBuilder &b, Location loc,
                                     ValueRange args) {
  ScalarMath m = mathOf(*this, b, loc);
  Value x = args[0];
  return m.select(m.gt(x, m.constant(x, getAlpha())), x, m.constant(x, 0));
}

Value HardSigmoidOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  ScalarMath m = mathOf(*this, b, loc);
  Value x = args[0];
  return buildUnitClamp(
      m, m.add(m.mul(m.constant(x, getAlpha()), x), m.constant(x, getBeta())));
}

Value GeluOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  ScalarMath m = mathOf(*this, b, loc);
  Value x = args[0], one = m.constant(x, 1), half = m.constant(x, 0.5), curve;
  if (getTanh()) {
    Value cube = m.mul(m.mul(x, x), x);
    Value inner = m.add(x, m.mul(m.constant(x, 0.044715), cube));
    curve = m.tanh(m.mul(m.constant(x, std::sqrt(2 / M_PI)), inner));
  } else {
    curve = m.erf(m.mul(x, m.constant(x, M_SQRT1_2)));
  }
  return m.mul(m.mul(half, x), m.add(one, curve));
}

Value SwishOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  ScalarMath m = mathOf(*this, b, loc);
  return m.mul(args[0],
               m.sigmoid(m.mul(m.constant(args[0], getAlpha()), args[0])));
}

Value ShrinkOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  ScalarMath m = mathOf(*this, b, loc);
  Value x = args[0], zero = m.constant(x, 0);
  Value bias = m.constant(x, getBias()), lambd = m.constant(x, getLambd());
  Value above = m.select(m.gt(x, lambd), m.sub(x, bias), zero);
  return m.select(m.lt(x, m.neg(lambd)), m.add(x, bias), above);
}

Value PReluOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  ScalarMath m = mathOf(*this, b, loc);
  Value x = args[0], scaled = m.mul(x, args[1]);
  return m.select(m.lt(x, m.constant(x, 0)), scaled, x);
}
