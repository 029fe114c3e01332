//===- MovementPatterns.cpp - Transpositions around attention -------------===//
//
// Splitting and merging heads: transpositions end up next to the products that
// can take them in, reshapes away from these.
//
//===----------------------------------------------------------------------===//

#include "dialects/cameo/Shapes.h"
#include "passes/legalize/Patterns.h"

using namespace mlir;
using namespace cameo;

static SmallVector<int64_t> withoutOnes(ArrayRef<int64_t> shape) {
  return llvm::to_vector(
      llvm::make_filter_range(shape, [](int64_t e) { return e != 1; }));
}

/// Whether `op` is a reshape that only adds or drops extents of one.
static bool movesOnesOnly(ReshapeOp op) {
  return withoutOnes(shapeOf(op.getX())) ==
         withoutOnes(op.getType().getShape());
}

/// The dimensions of `permutation` with extents other than one, numbered
/// without the others.
static SmallVector<int64_t> permutationWithoutOnes(TransposeOp op) {
  ArrayRef<int64_t> shape = shapeOf(op.getX());
  SmallVector<int64_t> number(shape.size(), -1);
  int64_t next = 0;
  for (auto [dim, extent] : llvm::enumerate(shape))
    if (extent != 1)
      number[dim] = next++;
  SmallVector<int64_t> result;
  for (int64_t dim : op.getPermutation())
    if (number[dim] >= 0)
      result.push_back(number[dim]);
  return result;
}

namespace {
// Pattern: reshape(transpose(reshape(x))) -> transpose(reshape(x)), where the
// outer reshape moves extents of one only
struct TransposeLast : OpRewritePattern<ReshapeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ReshapeOp op,
                                PatternRewriter &rewriter) const override {
    auto transpose = op.getX().getDefiningOp<TransposeOp>();
    if (!transpose || !transpose->hasOneUse() || !movesOnesOnly(op))
      return rewriter.notifyMatchFailure(op, "does more to a transposition");
    // The other direction is for what comes from a product.
    auto inner = transpose.getX().getDefiningOp<ReshapeOp>();
    if (!(inner && !movesOnesOnly(inner)) &&
        !transpose.getX().getDefiningOp<SliceOp>())
      return rewriter.notifyMatchFailure(op, "no reshape to merge with");
    ArrayRef<int64_t> shape = op.getType().getShape();
    SmallVector<int64_t> moved = permutationWithoutOnes(transpose);
    int64_t ones = llvm::count(shape, 1), nextOne = 0, next = 0;
    SmallVector<int64_t> from(shape.size(), 1), permutation;
    for (int64_t extent : shape) {
      if (extent == 1) {
        permutation.push_back(nextOne++);
        continue;
      }
      permutation.push_back(ones + moved[next++]);
      from[permutation.back()] = extent;
    }
    Value x = ReshapeOp::create(rewriter, op.getLoc(), transpose.getX(), from);
    rewriter.replaceOpWithNewOp<TransposeOp>(op, x, permutation);
    return success();
  }
};

// Pattern: transpose(reshape(x)) -> reshape(transpose(x)), where the reshape
// moves extents of one only
struct TransposeFirst : OpRewritePattern<TransposeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(TransposeOp op,
                                PatternRewriter &rewriter) const override {
    auto reshape = op.getX().getDefiningOp<ReshapeOp>();
    if (!reshape || !reshape->hasOneUse() || !movesOnesOnly(reshape) ||
        !isa_and_nonnull<MatMulOp>(reshape.getX().getDefiningOp()))
      return rewriter.notifyMatchFailure(op, "not of a product's result");
    ArrayRef<int64_t> shape = shapeOf(reshape.getX());
    SmallVector<int64_t> permutation, places;
    for (auto [dim, extent] : llvm::enumerate(shape))
      (extent == 1 ? permutation : places).push_back(dim);
    for (int64_t moved : permutationWithoutOnes(op))
      permutation.push_back(places[moved]);
    Value moved =
        TransposeOp::create(rewriter, op.getLoc(), reshape.getX(), permutation);
    rewriter.replaceOpWithNewOp<ReshapeOp>(op, moved, op.getType().getShape());
    return success();
  }
};

// Pattern: slice(transpose(x)) -> transpose(slice(x))
struct SliceFirst : OpRewritePattern<SliceOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(SliceOp op,
                                PatternRewriter &rewriter) const override {
    auto transpose = op.getX().getDefiningOp<TransposeOp>();
    if (!transpose)
      return rewriter.notifyMatchFailure(op, "not of a transposition");
    ArrayRef<int64_t> permutation = transpose.getPermutation();
    SmallVector<int64_t> starts(permutation.size()), extents(starts),
        steps(starts);
    for (auto [i, dim] : llvm::enumerate(permutation)) {
      starts[dim] = op.getStarts()[i];
      extents[dim] = op.getExtents()[i];
      steps[dim] = op.getSteps()[i];
    }
    Value slice = SliceOp::create(rewriter, op.getLoc(), transpose.getX(),
                                  starts, extents, steps);
    rewriter.replaceOpWithNewOp<TransposeOp>(op, slice, permutation);
    return success();
  }
};
} // namespace

void cameo::populateMovementPatterns(RewritePatternSet &patterns) {
  patterns.add<TransposeLast, TransposeFirst, SliceFirst>(
      patterns.getContext());
}
