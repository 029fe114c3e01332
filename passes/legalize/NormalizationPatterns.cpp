//===- NormalizationPatterns.cpp - Layer and RMS normalisation ------------===//
//
// Anchored at the division by the deviation; scale and bias are taken in
// afterwards, so that forms without them are found as well.
//
//===----------------------------------------------------------------------===//

#include "passes/legalize/Patterns.h"

#include <cmath>

using namespace mlir;
using namespace cameo;

/// The mean of `value` over its last dimensions: the first of these.
static std::optional<int64_t> matchMean(Value mean, Value value) {
  auto op = mean.getDefiningOp<ReduceMeanOp>();
  if (!op || op.getX() != value || !op.getKeepdims() || op.getAxes().empty())
    return std::nullopt;
  int64_t rank = cast<RankedTensorType>(value.getType()).getRank();
  ArrayRef<int64_t> axes = op.getAxes();
  if (axes.back() != rank - 1 ||
      axes.front() != rank - static_cast<int64_t>(axes.size()))
    return std::nullopt;
  return axes.front();
}

/// Whether `value` is the square of `x`.
static bool isSquare(Value value, Value x) {
  if (auto mul = value.getDefiningOp<MulOp>())
    return mul.getA() == x && mul.getB() == x;
  auto pow = value.getDefiningOp<PowOp>();
  return pow && pow.getA() == x && isSplat(pow.getB(), 2);
}

namespace {
/// x / sqrt(mean(x * x) + epsilon).
struct RootMeanSquare {
  Value x;
  int64_t axis;
  double epsilon;
};
} // namespace

/// Matches the parts of a division by the root of a mean square.
static std::optional<RootMeanSquare> matchRoot(Value x, Value deviation) {
  auto root = deviation.getDefiningOp<SqrtOp>();
  auto sum = root ? root.getX().getDefiningOp<AddOp>() : AddOp();
  if (!sum || !isa<FloatType>(getElementTypeOrSelf(x)))
    return std::nullopt;
  for (auto [mean, epsilon] :
       {std::pair(sum.getA(), sum.getB()), std::pair(sum.getB(), sum.getA())}) {
    std::optional<double> value = getSplat(epsilon);
    auto op = mean.getDefiningOp<ReduceMeanOp>();
    if (!value || *value < 0 || !op || !isSquare(op.getX(), x))
      continue;
    if (std::optional<int64_t> axis = matchMean(mean, op.getX()))
      return RootMeanSquare{x, *axis, *value};
  }
  return std::nullopt;
}

/// What `value` is the reciprocal of; null when it is none.
static Value matchReciprocal(Value value) {
  if (auto op = value.getDefiningOp<ReciprocalOp>())
    return op.getX();
  auto op = value.getDefiningOp<DivOp>();
  return op && isSplat(op.getA(), 1) ? op.getB() : Value();
}

static std::optional<RootMeanSquare> matchNormalized(Operation *op) {
  if (auto div = dyn_cast<DivOp>(op))
    return matchRoot(div.getA(), div.getB());
  for (unsigned i : {0, 1})
    if (Value root = matchReciprocal(op->getOperand(i)))
      if (auto match = matchRoot(op->getOperand(1 - i), root))
        return match;
  return std::nullopt;
}

namespace {
// Pattern: d / sqrt(mean(d * d) + e), d = x - mean(x) -> layer_norm(x, 1)
// Pattern: x / sqrt(mean(x * x) + e) -> rms_norm(x, 1)
template <typename Op> struct RecognizeNorm : OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;
  LogicalResult matchAndRewrite(Op op,
                                PatternRewriter &rewriter) const override {
    std::optional<RootMeanSquare> match = matchNormalized(op);
    if (!match || match->x.getType() != op.getType())
      return rewriter.notifyMatchFailure(op, "no division by a deviation");
    auto type = cast<RankedTensorType>(op.getType());
    auto scaleType = RankedTensorType::get(
        type.getShape().drop_front(match->axis), type.getElementType());
    auto one = DenseElementsAttr::get(
        scaleType, rewriter.getFloatAttr(type.getElementType(), 1));
    Value scale = ConstantOp::create(rewriter, op.getLoc(), one);
    APFloat epsilon(static_cast<float>(match->epsilon));
    auto difference = match->x.template getDefiningOp<SubOp>();
    if (difference && difference.getA().getType() == type &&
        matchMean(difference.getB(), difference.getA()) == match->axis)
      rewriter.replaceOpWithNewOp<LayerNormOp>(op, difference.getA(), scale,
                                               Value(), match->axis, epsilon);
    else
      rewriter.replaceOpWithNewOp<RMSNormOp>(op, match->x, scale, match->axis,
                                             epsilon);
    return success();
  }
};

/// A parameter that a normalisation of `type` can take as scale or bias: it
/// does not differ between rows.
bool isParameter(Value value, RankedTensorType type, int64_t axis) {
  auto shape = cast<RankedTensorType>(value.getType()).getShape();
  int64_t rowRank = type.getRank() - axis;
  ArrayRef<int64_t> outer =
      shape.drop_back(std::min<int64_t>(rowRank, shape.size()));
  return llvm::all_of(outer, [](int64_t extent) { return extent == 1; });
}

// Pattern: norm(x, 1) * s -> norm(x, s)
template <typename Norm> struct TakeScale : OpRewritePattern<MulOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(MulOp op,
                                PatternRewriter &rewriter) const override {
    for (unsigned i : {0, 1}) {
      auto norm = op->getOperand(i).getDefiningOp<Norm>();
      Value scale = op->getOperand(1 - i);
      if (!norm || !norm->hasOneUse() || norm->getNumOperands() != 2 ||
          norm.getType() != op.getType() || !isSplat(norm.getScale(), 1) ||
          !isParameter(scale, op.getType(), norm.getAxis()))
        continue;
      auto copy = cast<Norm>(rewriter.clone(*norm));
      copy->setLoc(op.getLoc());
      copy.getScaleMutable().assign(scale);
      rewriter.replaceOp(op, copy);
      return success();
    }
    return rewriter.notifyMatchFailure(op, "no normalisation times a vector");
  }
};

// Pattern: layer_norm(x, s) + b -> layer_norm(x, s, b)
struct TakeBias : OpRewritePattern<AddOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(AddOp op,
                                PatternRewriter &rewriter) const override {
    for (unsigned i : {0, 1}) {
      auto norm = op->getOperand(i).getDefiningOp<LayerNormOp>();
      Value bias = op->getOperand(1 - i);
      if (!norm || !norm->hasOneUse() || norm.getBias() ||
          norm.getType() != op.getType() ||
          !isParameter(bias, op.getType(), norm.getAxis()))
        continue;
      rewriter.replaceOpWithNewOp<LayerNormOp>(op, norm.getX(), norm.getScale(),
                                               bias, norm.getAxis(),
                                               norm.getEpsilon());
      return success();
    }
    return rewriter.notifyMatchFailure(op, "no normalisation plus a vector");
  }
};

/// The number that `limit` puts beyond the extent.
static std::optional<double> getFill(LimitOp limit) {
  auto fill = dyn_cast<FloatAttr>(limit.getFill());
  return fill ? std::optional(fill.getValueAsDouble()) : std::nullopt;
}

// Pattern: limit(softmax(limit(x, n, -inf)), n, 0) -> softmax(limit(x, n,
// -inf)) (attention, whose softmax the following product then still sees).
struct DropLimitOfSoftmax : OpRewritePattern<LimitOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(LimitOp op,
                                PatternRewriter &rewriter) const override {
    auto softmax = op.getX().getDefiningOp<SoftmaxOp>();
    auto inner = softmax ? softmax.getX().getDefiningOp<LimitOp>() : LimitOp();
    if (!inner || inner.getExtent() != op.getExtent() ||
        inner.getDim() != op.getDim() || softmax.getAxis() != op.getDim() ||
        getFill(op) != 0.0 || getFill(inner) != -INFINITY)
      return rewriter.notifyMatchFailure(op, "not zero beyond it already");
    rewriter.replaceOp(op, softmax);
    return success();
  }
};
} // namespace

void cameo::populateNormalizationPatterns(RewritePatternSet &patterns) {
  patterns
      .add<RecognizeNorm<DivOp>, RecognizeNorm<MulOp>, TakeScale<LayerNormOp>,
           TakeScale<RMSNormOp>, TakeBias, DropLimitOfSoftmax>(
          patterns.getContext());
}
