//===- BatchNormPatterns.cpp - Normalisation by constants -----------------===//
//
// Statistics that are constant make batch normalisation a factor and a term per
// channel, which a convolution before it takes into its filters and bias.
//
//===----------------------------------------------------------------------===//

#include "dialects/cameo/Shapes.h"
#include "passes/legalize/Patterns.h"

using namespace mlir;
using namespace cameo;

namespace {
/// What a channel is multiplied with, and then added to it.
struct Affine {
  Value factor, term;
};
} // namespace

/// k = scale / sqrt(var + epsilon) and bias - mean * k, of `previous * k` more
/// where the input had that added already.
static Affine buildAffine(PatternRewriter &rewriter, BatchNormOp op,
                          Value previous) {
  Location loc = op.getLoc();
  auto type = cast<RankedTensorType>(op.getVar().getType());
  float epsilon = op.getEpsilon().convertToFloat();
  Value least = ConstantOp::create(
      rewriter, loc,
      DenseElementsAttr::get(RankedTensorType::get({}, type.getElementType()),
                             epsilon));
  Value deviation = SqrtOp::create(
      rewriter, loc, AddOp::create(rewriter, loc, op.getVar(), least));
  Value factor = DivOp::create(rewriter, loc, op.getScale(), deviation);
  Value shift = MulOp::create(rewriter, loc, op.getMean(), factor);
  Value term = SubOp::create(rewriter, loc, op.getBias(), shift);
  if (previous)
    term = AddOp::create(rewriter, loc, term,
                         MulOp::create(rewriter, loc, previous, factor));
  return {factor, term};
}

/// A vector as a tensor of `rank` dimensions, of which it is number `dim`.
static Value placeAt(PatternRewriter &rewriter, Location loc, Value vector,
                     int64_t dim, int64_t rank) {
  SmallVector<int64_t> shape(rank, 1);
  shape[dim] = shapeOf(vector)[0];
  return ReshapeOp::create(rewriter, loc, vector, shape);
}

/// Why the parameters of `op` are not f32 constants; empty when they are.
static StringRef whyNotConstant(BatchNormOp op) {
  for (Value operand : op->getOperands()) {
    if (!getElementTypeOrSelf(operand.getType()).isF32())
      return "not of f32";
    if (operand != op.getX() && !isConstant(operand))
      return "its statistics are not constant";
  }
  return "";
}

namespace {
// Pattern: batch_norm(conv(x, w, b), s, c, m, v) -> conv(x, w * k, c + (b - m)
// * k), with k = s / sqrt(v + epsilon); the same for transposed convolutions,
// whose filters have the channels of the result in another dimension
template <typename Op, int64_t kFilterDim>
struct FoldIntoConv : OpRewritePattern<BatchNormOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(BatchNormOp op,
                                PatternRewriter &rewriter) const override {
    if (StringRef reason = whyNotConstant(op); !reason.empty())
      return rewriter.notifyMatchFailure(op, reason);
    auto conv = op.getX().getDefiningOp<Op>();
    if (!conv || !conv->hasOneUse())
      return rewriter.notifyMatchFailure(op, "no convolution of its own");
    // Others would need the filters as they are, too.
    if (!isConstant(conv.getW()) || !conv.getW().hasOneUse() ||
        (conv.getBias() && !isConstant(conv.getBias())))
      return rewriter.notifyMatchFailure(op, "filters are not constant");
    if (shapeOf(conv.getW())[kFilterDim] != shapeOf(op.getVar())[0])
      return rewriter.notifyMatchFailure(op, "groups share places in filters");
    Affine affine = buildAffine(rewriter, op, conv.getBias());
    Value factor = placeAt(rewriter, op.getLoc(), affine.factor, kFilterDim,
                           shapeOf(conv.getW()).size());
    Value w = MulOp::create(rewriter, conv.getLoc(), conv.getW(), factor);
    auto folded = cast<Op>(rewriter.clone(*conv));
    folded->setLoc(rewriter.getFusedLoc({conv.getLoc(), op.getLoc()}));
    folded.getWMutable().assign(w);
    folded.getBiasMutable().assign(affine.term);
    rewriter.replaceOp(op, folded);
    return success();
  }
};

// Pattern: batch_norm(x, s, c, m, v) -> x * k + (c - m * k), with k = s /
// sqrt(v
// + epsilon)
struct MakeAffine : OpRewritePattern<BatchNormOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(BatchNormOp op,
                                PatternRewriter &rewriter) const override {
    if (StringRef reason = whyNotConstant(op); !reason.empty())
      return rewriter.notifyMatchFailure(op, reason);
    int64_t rank = shapeOf(op.getX()).size();
    if (rank < 2)
      return rewriter.notifyMatchFailure(op, "one channel");
    Affine affine = buildAffine(rewriter, op, Value());
    Location loc = op.getLoc();
    Value product =
        MulOp::create(rewriter, loc, op.getX(),
                      placeAt(rewriter, loc, affine.factor, 1, rank));
    rewriter.replaceOpWithNewOp<AddOp>(
        op, product, placeAt(rewriter, loc, affine.term, 1, rank));
    return success();
  }
};
} // namespace

void cameo::populateBatchNormPatterns(RewritePatternSet &patterns) {
  patterns.add<FoldIntoConv<ConvOp, 0>, FoldIntoConv<ConvTransposeOp, 1>>(
      patterns.getContext(), /*benefit=*/2);
  patterns.add<MakeAffine>(patterns.getContext());
}
