//===- ExpandMath.cpp - Elementary functions to polynomials ---------------===//
//
// exp and erf, which softmax and GELU need, by approximations of our own;
// others by upstream's. Coefficients are minimax fits of the relative error
// (iteratively reweighted least squares), rounded to f32.
//
//===----------------------------------------------------------------------===//

#include "codegen/lower/Passes.h"

#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace cameo {
#define GEN_PASS_DEF_EXPANDMATH
#include "codegen/lower/Passes.h.inc"
} // namespace cameo

using namespace cameo;

namespace {
/// Arithmetic on f32, scalars and vectors alike.
class Arithmetic {
public:
  Arithmetic(OpBuilder &builder, Location loc, Type type)
      : b(builder), loc(loc), type(type) {}

  Value constant(float value) { return splat(type, b.getF32FloatAttr(value)); }
  Value integer(int32_t value) {
    return splat(integerType(), b.getI32IntegerAttr(value));
  }
  Value fma(Value x, Value y, Value z) {
    return math::FmaOp::create(b, loc, x, y, z);
  }
  Value mul(Value x, Value y) { return arith::MulFOp::create(b, loc, x, y); }
  Value sub(Value x, Value y) { return arith::SubFOp::create(b, loc, x, y); }
  Value div(Value x, Value y) { return arith::DivFOp::create(b, loc, x, y); }
  Value bits(Value x) {
    return arith::BitcastOp::create(b, loc, integerType(), x);
  }
  Value fromBits(Value x) { return arith::BitcastOp::create(b, loc, type, x); }
  Value shiftLeft(Value x, int32_t by) {
    return arith::ShLIOp::create(b, loc, x, integer(by));
  }
  Value shiftRight(Value x, int32_t by) {
    return arith::ShRUIOp::create(b, loc, x, integer(by));
  }
  Value subInteger(Value x, Value y) {
    return arith::SubIOp::create(b, loc, x, y);
  }
  /// `x` between two bounds; NaN stays.
  Value clamp(Value x, float low, float high) {
    Value bound = constant(low);
    Value isLess =
        arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OGT, bound, x);
    x = arith::SelectOp::create(b, loc, isLess, bound, x);
    bound = constant(high);
    Value isMore =
        arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OLT, bound, x);
    return arith::SelectOp::create(b, loc, isMore, bound, x);
  }
  /// The polynomial with `coefficients`, that of the constant term first.
  Value polynomial(Value x, ArrayRef<float> coefficients) {
    Value result = constant(coefficients.back());
    for (float coefficient : llvm::reverse(coefficients.drop_back()))
      result = fma(result, x, constant(coefficient));
    return result;
  }

private:
  Type integerType() {
    Type element = b.getI32Type();
    auto vector = dyn_cast<VectorType>(type);
    return vector ? Type(vector.clone(element)) : element;
  }
  Value splat(Type of, TypedAttr scalar) {
    if (auto vector = dyn_cast<VectorType>(of))
      scalar = DenseElementsAttr::get(vector, scalar);
    return arith::ConstantOp::create(b, loc, scalar);
  }

  OpBuilder &b;
  Location loc;
  Type type;
};
} // namespace

/// e^x = 2^n * e^r with n = round(x / ln 2), |r| <= ln 2 / 2; the polynomial
/// has a relative error of 3e-9, the result less than one ULP, subnormal
/// results as well.
static Value buildExp(Arithmetic &a, Value x) {
  // Beyond these, the result is zero or infinity anyway.
  x = a.clamp(x, -104.0f, 89.0f);
  // Added to a number below 2^22, 1.5 * 2^23 rounds it to an integer, which
  // then is in the low bits. With 254 more, twice the bias of an exponent, n +
  // 254 is positive, and its halves are exponents of two powers of two whose
  // product is 2^n, neither of which overflows.
  Value magic = a.constant(12582912.0f + 254.0f);
  Value sum = a.fma(x, a.constant(1.44269504f), magic);
  Value n = a.sub(sum, magic);
  // ln 2 in two parts, of which the first has few enough bits to make n times
  // it exact.
  Value r = a.fma(n, a.constant(-0.693115234375f), x);
  r = a.fma(n, a.constant(-3.194618329871446e-05f), r);
  Value p = a.polynomial(r, {1.0f, 1.0f, 0.4999999403953552f,
                             0.1666652113199234f, 0.04166838899254799f,
                             0.00836874544620514f, 0.0013814540579915047f});
  Value doubled = a.bits(sum), half = a.shiftRight(doubled, 1);
  Value other = a.subInteger(doubled, half);
  p = a.mul(p, a.fromBits(a.shiftLeft(half, 23)));
  return a.mul(p, a.fromBits(a.shiftLeft(other, 23)));
}

/// x * P(x^2) / Q(x^2), where erf is not one yet in f32; the fraction has a
/// relative error of 2e-8, the result of less than six ULP.
static Value buildErf(Arithmetic &a, Value x) {
  x = a.clamp(x, -3.925f, 3.925f);
  Value square = a.mul(x, x);
  Value p =
      a.polynomial(square, {1.1283791065216064f, 0.19059492647647858f,
                            0.052769456058740616f, 0.0037726000882685184f,
                            0.0002848446019925177f, 2.0460176983760903e-06f});
  Value q = a.polynomial(square, {1.0f, 0.5022431015968323f, 0.114183209836483f,
                                  0.014983299188315868f, 0.0011638697469606996f,
                                  3.804772859439254e-05f});
  return a.div(a.mul(x, p), q);
}

namespace {
// Pattern: exp(x), erf(x) of f32 -> arithmetic
template <typename Op, Value (*build)(Arithmetic &, Value)>
struct Expand : OpRewritePattern<Op> {
  // Comes before upstream's patterns.
  Expand(MLIRContext *context) : OpRewritePattern<Op>(context, /*benefit=*/2) {}
  LogicalResult matchAndRewrite(Op op,
                                PatternRewriter &rewriter) const override {
    if (!getElementTypeOrSelf(op.getType()).isF32())
      return rewriter.notifyMatchFailure(op, "not f32");
    Arithmetic arithmetic(rewriter, op.getLoc(), op.getType());
    rewriter.replaceOp(op, build(arithmetic, op.getOperand()));
    return success();
  }
};

struct ExpandMathPass : cameo::impl::ExpandMathBase<ExpandMathPass> {
  void runOnOperation() override {
    if (!isKernel(getOperation()))
      return;
    RewritePatternSet patterns(&getContext());
    patterns.add<Expand<math::ExpOp, buildExp>, Expand<math::ErfOp, buildErf>>(
        &getContext());
    populateMathPolynomialApproximationPatterns(patterns);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
