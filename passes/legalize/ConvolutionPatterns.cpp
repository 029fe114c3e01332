//===- ConvolutionPatterns.cpp - Groups of convolutions -------------------===//
//
// A few large groups are convolutions of their own, each of which runs as well
// as any: on parts of the input and of the result, which are not copied where
// they are whole blocks of channels.
//
//===----------------------------------------------------------------------===//

#include "dialects/cameo/Shapes.h"
#include "passes/legalize/Patterns.h"

using namespace mlir;
using namespace cameo;

/// Channels of a part are a multiple of the lanes of every target.
static constexpr int64_t kLanes = 16;

/// `count` elements of `dim` from `first` on.
static Value takePart(OpBuilder &b, Location loc, Value value, int64_t dim,
                      int64_t first, int64_t count) {
  SmallVector<int64_t> extents(shapeOf(value)), starts(extents.size(), 0),
      steps(extents.size(), 1);
  starts[dim] = first;
  extents[dim] = count;
  return SliceOp::create(b, loc, value, starts, extents, steps);
}

namespace {
// Pattern: conv(x, w, b) in groups -> concat(conv(x0, w0, b0), conv(x1, w1,
// b1), ...)
struct SplitGroups : OpRewritePattern<ConvOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ConvOp op,
                                PatternRewriter &rewriter) const override {
    constexpr int64_t kMostGroups = 32;
    int64_t groups = op.getGroups(), filters = shapeOf(op.getW())[0],
            perFilter = shapeOf(op.getW())[1];
    if (groups < 2 || groups > kMostGroups)
      return rewriter.notifyMatchFailure(op, "not a few groups");
    if (perFilter % kLanes != 0 || filters / groups % kLanes != 0)
      return rewriter.notifyMatchFailure(op, "groups cut blocks of channels");
    if (!isConstant(op.getW()) || (op.getBias() && !isConstant(op.getBias())))
      return rewriter.notifyMatchFailure(op, "filters would be copied");
    Location loc = op.getLoc();
    SmallVector<Value> parts;
    int64_t count = filters / groups;
    for (int64_t i = 0; i < groups; ++i) {
      Value x = takePart(rewriter, loc, op.getX(), 1, i * perFilter, perFilter);
      Value w = takePart(rewriter, op.getW().getLoc(), op.getW(), 0, i * count,
                         count);
      Value bias = op.getBias();
      if (bias)
        bias = takePart(rewriter, bias.getLoc(), bias, 0, i * count, count);
      parts.push_back(ConvOp::create(rewriter, loc, x, w, bias, op.getStrides(),
                                     op.getDilations(), op.getPads(),
                                     /*groups=*/1));
    }
    rewriter.replaceOpWithNewOp<ConcatOp>(op, parts, /*axis=*/1);
    return success();
  }
};

/// The concatenation of channels of convolutions that has no other users.
ConcatOp findParts(Value value) {
  auto concat = value.getDefiningOp<ConcatOp>();
  bool isOwn =
      concat && concat->hasOneUse() && concat.getAxis() == 1 &&
      llvm::all_of(concat.getInputs(), [](Value part) {
        Operation *op = part.getDefiningOp();
        while (op && isa<ElementwiseOpInterface>(op) && part.hasOneUse())
          op = (part = op->getOperand(0)).getDefiningOp();
        return isa_and_nonnull<ConvOp>(op) && part.hasOneUse();
      });
  return isOwn ? concat : nullptr;
}

// Pattern: f(concat(conv(...), ...), y...) -> concat(f(conv(...), y0...), ...),
// so that elementwise operations follow each convolution
struct FollowParts : OpInterfaceRewritePattern<ElementwiseOpInterface> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;
  LogicalResult matchAndRewrite(ElementwiseOpInterface op,
                                PatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(op->getResult(0).getType());
    ConcatOp concat =
        op->getNumOperands() ? findParts(op->getOperand(0)) : ConcatOp();
    if (!concat || concat.getType() != type)
      return rewriter.notifyMatchFailure(op, "does not follow parts");
    // Where other operands have channels: the last but the spatial dimensions.
    auto channelDim = [&](Value operand) {
      int64_t rank = shapeOf(operand).size(), dim = rank - type.getRank() + 1;
      return dim >= 0 && shapeOf(operand)[dim] != 1 ? dim : -1;
    };
    int64_t first = 0;
    SmallVector<Value> parts;
    for (Value part : concat.getInputs()) {
      int64_t count = shapeOf(part)[1];
      IRMapping mapping;
      mapping.map(op->getOperand(0), part);
      for (Value operand : llvm::drop_begin(op->getOperands()))
        if (int64_t dim = channelDim(operand); dim >= 0)
          mapping.map(operand, takePart(rewriter, op.getLoc(), operand, dim,
                                        first, count));
      Operation *clone = rewriter.clone(*op, mapping);
      clone->getResult(0).setType(type.clone(shapeOf(part)));
      parts.push_back(clone->getResult(0));
      first += count;
    }
    rewriter.replaceOpWithNewOp<ConcatOp>(op, parts, /*axis=*/1);
    return success();
  }
};
} // namespace

void cameo::populateConvolutionPatterns(RewritePatternSet &patterns) {
  patterns.add<SplitGroups, FollowParts>(patterns.getContext());
}
