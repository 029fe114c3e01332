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

// Pattern: reshape(slice(x)) -> slice(reshape(x)), where one dimension is
// sliced and then split, or dropped (heads of queries, keys or values that are
// computed together)
struct ReshapeFirst : OpRewritePattern<ReshapeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ReshapeOp op,
                                PatternRewriter &rewriter) const override {
    auto slice = op.getX().getDefiningOp<SliceOp>();
    // Transpositions go first: `SliceFirst`.
    if (!slice || !slice->hasOneUse() ||
        slice.getX().getDefiningOp<TransposeOp>() ||
        !llvm::all_of(slice.getSteps(), [](int64_t s) { return s == 1; }) ||
        !llvm::all_of(op->getUsers(),
                      llvm::IsaPred<TransposeOp, MatMulOp, RotaryEmbeddingOp>))
      return rewriter.notifyMatchFailure(op, "not a part for attention");
    SmallVector<int64_t> from(shapeOf(slice.getX())), starts(slice.getStarts()),
        extents(slice.getExtents());
    auto differ = llvm::to_vector(llvm::make_filter_range(
        llvm::seq<int64_t>(0, from.size()),
        [&](int64_t dim) { return from[dim] != extents[dim]; }));
    ArrayRef<int64_t> to = op.getType().getShape();
    if (differ.size() != 1)
      return rewriter.notifyMatchFailure(op, "several dimensions are sliced");
    int64_t dim = differ.front(), rank = from.size();
    if (extents[dim] == 1 && dim + 1 < rank) {
      // The dimension is merged with the next one, of which it takes a run.
      starts[dim + 1] = starts[dim] * from[dim + 1];
      from[dim + 1] *= from[dim];
      for (auto *list : {&from, &starts, &extents})
        list->erase(list->begin() + dim);
    } else if (static_cast<int64_t>(to.size()) == rank + 1) {
      int64_t inner = to[dim + 1];
      if (inner == 0 || from[dim] % inner != 0 || starts[dim] % inner != 0)
        return rewriter.notifyMatchFailure(op, "parts are not whole heads");
      from[dim] /= inner, starts[dim] /= inner, extents[dim] = to[dim];
      from.insert(from.begin() + dim + 1, inner);
      starts.insert(starts.begin() + dim + 1, 0);
      extents.insert(extents.begin() + dim + 1, inner);
    }
    if (ArrayRef<int64_t>(extents) != to)
      return rewriter.notifyMatchFailure(op, "another reshape");
    Value x = ReshapeOp::create(rewriter, op.getLoc(), slice.getX(), from);
    rewriter.replaceOpWithNewOp<SliceOp>(op, x, starts, extents,
                                         SmallVector<int64_t>(to.size(), 1));
    return success();
  }
};
} // namespace

void cameo::populateMovementPatterns(RewritePatternSet &patterns) {
  patterns.add<TransposeLast, TransposeFirst, SliceFirst, ReshapeFirst>(
      patterns.getContext());
}
