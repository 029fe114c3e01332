//===- ConvertMath.cpp - math to EmitC ------------------------------------===//
//
// Scalars call libm, vectors a helper that does so lane by lane or, where the
// compiler has one, uses its elementwise builtin.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpp/Convert.h"

#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace cameo::cpp;

/// A rule for a function whose helper is NAME_TYPE.
template <typename SourceOp, const char *name>
static Value function(SourceOp op, ValueRange in, Emit &emit) {
  Type type = op->getOperand(0).getType();
  std::optional<CppType> cpp = CppType::get(type);
  if (!cpp || (cpp->bits == 16 && cpp->kind != CppType::Signed))
    return {};
  return emit.helper(name, type, op.getType(), in);
}

#define MATH_RULE(OP, NAME)                                                    \
  static constexpr char k##OP[] = NAME;                                        \
  rules.add<math::OP>(function<math::OP, k##OP>)

static void addTranscendentalRules(Rules rules) {
  MATH_RULE(AcosOp, "acos");
  MATH_RULE(AcoshOp, "acosh");
  MATH_RULE(AsinOp, "asin");
  MATH_RULE(AsinhOp, "asinh");
  MATH_RULE(AtanOp, "atan");
  MATH_RULE(Atan2Op, "atan2");
  MATH_RULE(AtanhOp, "atanh");
  MATH_RULE(CbrtOp, "cbrt");
  MATH_RULE(CosOp, "cos");
  MATH_RULE(CoshOp, "cosh");
  MATH_RULE(ErfOp, "erf");
  MATH_RULE(ErfcOp, "erfc");
  MATH_RULE(ExpOp, "exp");
  MATH_RULE(Exp2Op, "exp2");
  MATH_RULE(ExpM1Op, "expm1");
  MATH_RULE(LogOp, "log");
  MATH_RULE(Log10Op, "log10");
  MATH_RULE(Log1pOp, "log1p");
  MATH_RULE(Log2Op, "log2");
  MATH_RULE(PowFOp, "pow");
  MATH_RULE(SinOp, "sin");
  MATH_RULE(SinhOp, "sinh");
  MATH_RULE(TanOp, "tan");
  MATH_RULE(TanhOp, "tanh");
}

void cameo::cpp::addMathRules(Rules rules) {
  addTranscendentalRules(rules);
  MATH_RULE(FmaOp, "fma");
  MATH_RULE(AbsFOp, "fabs");
  MATH_RULE(CopySignOp, "copysign");
  MATH_RULE(CeilOp, "ceil");
  MATH_RULE(FloorOp, "floor");
  MATH_RULE(TruncOp, "trunc");
  MATH_RULE(RoundOp, "round");
  MATH_RULE(RoundEvenOp, "rint"); // To even in the default rounding mode.
  MATH_RULE(SqrtOp, "sqrt");
  MATH_RULE(RsqrtOp, "rsqrt");
  MATH_RULE(IsNaNOp, "isnan");
  MATH_RULE(IsInfOp, "isinf");
  MATH_RULE(IsFiniteOp, "isfinite");
  MATH_RULE(AbsIOp, "wrap_abs");
}
