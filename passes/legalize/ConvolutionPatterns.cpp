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
      Value x =
          buildPart(rewriter, loc, op.getX(), 1, i * perFilter, perFilter);
      Value w = buildPart(rewriter, op.getW().getLoc(), op.getW(), 0, i * count,
                          count);
      Value bias = op.getBias();
      if (bias)
        bias = buildPart(rewriter, bias.getLoc(), bias, 0, i * count, count);
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

/// The dimension of an operand that moves with the channels of the result; none
/// when the operand is the same for all of them.
std::optional<int64_t> findChannels(ElementwiseOpInterface op,
                                    unsigned operand) {
  AffineMap map = op.getOperandMap(operand);
  for (auto [dim, result] : llvm::enumerate(map.getResults()))
    if (result.isFunctionOfDim(1))
      return dim;
  return std::nullopt;
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
    bool areBlocks = llvm::all_of(concat.getInputs(), [](Value part) {
      return shapeOf(part)[1] % kLanes == 0;
    });
    auto isCut = [&](OpOperand &operand) {
      return operand.getOperandNumber() > 0 && !isConstant(operand.get()) &&
             findChannels(op, operand.getOperandNumber());
    };
    if (!areBlocks && llvm::any_of(op->getOpOperands(), isCut))
      return rewriter.notifyMatchFailure(op, "another operand would be copied");
    rewriter.replaceOpWithNewOp<ConcatOp>(op,
                                          cloneForParts(op, concat, rewriter),
                                          /*axis=*/1);
    return success();
  }

  /// `op` of every part.
  static SmallVector<Value> cloneForParts(ElementwiseOpInterface op,
                                          ConcatOp concat,
                                          PatternRewriter &rewriter) {
    int64_t first = 0;
    SmallVector<Value> parts;
    for (Value part : concat.getInputs()) {
      int64_t count = shapeOf(part)[1];
      Operation *clone = cloneForPart(rewriter, op, part);
      for (unsigned i = 1; i < op->getNumOperands(); ++i)
        if (std::optional<int64_t> dim = findChannels(op, i)) {
          OpBuilder::InsertionGuard guard(rewriter);
          rewriter.setInsertionPoint(clone);
          clone->setOperand(i,
                            buildPart(rewriter, op.getLoc(), op->getOperand(i),
                                      *dim, first, count));
        }
      parts.push_back(clone->getResult(0));
      first += count;
    }
    return parts;
  }
};
} // namespace

void cameo::populateConvolutionPatterns(RewritePatternSet &patterns) {
  patterns.add<SplitGroups, FollowParts>(patterns.getContext());
}
