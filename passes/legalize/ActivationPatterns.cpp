//===- ActivationPatterns.cpp - GELU, SiLU, division by constants ---------===//

#include "passes/legalize/Patterns.h"

using namespace mlir;
using namespace cameo;

/// What is left of the factors of `product` once a constant of `number` is
/// taken out; none when there is no such factor.
static std::optional<SmallVector<Value, 4>> factorsWithout(Value product,
                                                           double number) {
  SmallVector<Value, 4> factors = getFactors(product);
  auto place = llvm::find_if(
      factors, [&](Value factor) { return isSplat(factor, number); });
  if (place == factors.end())
    return std::nullopt;
  factors.erase(place);
  return factors;
}

/// Whether `value` is `x` times `number`.
static bool isMultiple(Value value, Value x, double number) {
  if (auto div = value.getDefiningOp<DivOp>())
    return div.getA() == x && isSplat(div.getB(), 1 / number);
  auto factors = factorsWithout(value, number);
  return factors && factors->size() == 1 && factors->front() == x;
}

static bool isCube(ArrayRef<Value> factors, Value x) {
  if (factors.size() == 1) {
    auto pow = factors[0].getDefiningOp<PowOp>();
    return pow && pow.getA() == x && isSplat(pow.getB(), 3);
  }
  // One of the factors may be a square with other users.
  SmallVector<Value, 4> all;
  for (Value factor : factors)
    llvm::append_range(all, getFactors(factor));
  return all.size() == 3 && llvm::all_of(all, [&](Value v) { return v == x; });
}

/// Whether `value` is sqrt(2 / pi) * (x + 0.044715 * x^3).
static bool isTanhArgument(Value value, Value x) {
  auto outer = factorsWithout(value, 0.7978845608);
  auto sum = outer && outer->size() == 1 ? outer->front().getDefiningOp<AddOp>()
                                         : AddOp();
  if (!sum)
    return false;
  Value cube = sum.getA() == x   ? sum.getB()
               : sum.getB() == x ? sum.getA()
                                 : Value();
  auto factors = cube ? factorsWithout(cube, 0.044715) : std::nullopt;
  return factors && isCube(*factors, x);
}

namespace {
// Pattern: x * 0.5 * (1 + erf(x / sqrt(2))) -> gelu(x), likewise with tanh
struct RecognizeGelu : OpRewritePattern<MulOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(MulOp op,
                                PatternRewriter &rewriter) const override {
    auto factors = factorsWithout(op.getResult(), 0.5);
    if (!factors || factors->size() != 2)
      return rewriter.notifyMatchFailure(op, "not half of a product of two");
    for (unsigned i : {0, 1}) {
      Value x = (*factors)[i];
      auto sum = (*factors)[1 - i].getDefiningOp<AddOp>();
      Value curve = sum ? otherThanSplat(sum, 1) : Value();
      if (!curve || x.getType() != op.getType())
        continue;
      auto erf = curve.getDefiningOp<ErfOp>();
      auto tanh = curve.getDefiningOp<TanhOp>();
      bool isExact = erf && isMultiple(erf.getX(), x, M_SQRT1_2);
      if (!isExact && !(tanh && isTanhArgument(tanh.getX(), x)))
        continue;
      rewriter.replaceOpWithNewOp<GeluOp>(op, x, /*tanh=*/!isExact);
      return success();
    }
    return rewriter.notifyMatchFailure(op, "factors are not those of GELU");
  }
};

// Pattern: x * sigmoid(alpha * x) -> swish(x)
struct RecognizeSwish : OpRewritePattern<MulOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(MulOp op,
                                PatternRewriter &rewriter) const override {
    for (unsigned i : {0, 1}) {
      Value x = op->getOperand(i);
      auto sigmoid = op->getOperand(1 - i).getDefiningOp<SigmoidOp>();
      if (!sigmoid || x.getType() != op.getType())
        continue;
      auto mul = sigmoid.getX().getDefiningOp<MulOp>();
      std::optional<double> alpha;
      if (sigmoid.getX() == x)
        alpha = 1;
      else if (mul && mul.getA() == x)
        alpha = getSplat(mul.getB());
      else if (mul && mul.getB() == x)
        alpha = getSplat(mul.getA());
      if (!alpha)
        continue;
      rewriter.replaceOpWithNewOp<SwishOp>(op, x,
                                           APFloat(static_cast<float>(*alpha)));
      return success();
    }
    return rewriter.notifyMatchFailure(op, "not x times its sigmoid");
  }
};

// Pattern: x / c -> x * (1 / c)
struct MultiplyByReciprocal : OpRewritePattern<DivOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(DivOp op,
                                PatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(op.getB().getType());
    std::optional<double> divisor = getSplat(op.getB());
    // Half precision has too few bits to round twice.
    if (!divisor ||
        !(type.getElementType().isF32() || type.getElementType().isF64()))
      return rewriter.notifyMatchFailure(op, "not a constant divisor");
    if (!std::isfinite(*divisor) || std::abs(*divisor) < 1e-30 ||
        std::abs(*divisor) > 1e30)
      return rewriter.notifyMatchFailure(op, "the reciprocal is not normal");
    auto factor = DenseElementsAttr::get(
        type, rewriter.getFloatAttr(type.getElementType(), 1 / *divisor));
    Value constant = ConstantOp::create(rewriter, op.getB().getLoc(), factor);
    rewriter.replaceOpWithNewOp<MulOp>(op, op.getA(), constant);
    return success();
  }
};
} // namespace

void cameo::populateActivationPatterns(RewritePatternSet &patterns) {
  patterns.add<RecognizeGelu, RecognizeSwish, MultiplyByReciprocal>(
      patterns.getContext());
}
