//===- AttentionPatterns.cpp - Heads that share keys, keys as stored ------===//
//
// Exporters repeat the keys and values of a group for each of its heads, and
// transpose keys before the product with queries. Heads of a group become a
// dimension of their own instead, from the scores to the result, and keys stay
// as they are where few rows are multiplied by them.
//
//===----------------------------------------------------------------------===//

#include "dialects/cameo/Shapes.h"
#include "passes/legalize/Patterns.h"

using namespace mlir;
using namespace cameo;

/// `shape` with the dimension `dim` split in `outer` and the rest of it.
static SmallVector<int64_t> splitDim(ArrayRef<int64_t> shape, int64_t dim,
                                     int64_t outer) {
  SmallVector<int64_t> result(shape);
  result[dim] /= outer;
  result.insert(result.begin() + dim, outer);
  return result;
}

namespace {
/// A reshape that makes one dimension of `dim` and the one after it.
struct Merge {
  Value x;
  int64_t dim;

  int64_t outer() const { return shapeOf(x)[dim]; }
  int64_t rank() const { return shapeOf(x).size() - 1; }
};

/// Matrices of which each is repeated `heads` times along `dim`.
struct Repeated {
  Value x; // With an extent of one between `dim` and what follows it.
  int64_t dim, groups, heads;
};
} // namespace

static std::optional<Merge> matchMerge(Value value) {
  auto op = value.getDefiningOp<ReshapeOp>();
  if (!op)
    return std::nullopt;
  ArrayRef<int64_t> from = shapeOf(op.getX()), to = op.getType().getShape();
  if (from.size() != to.size() + 1)
    return std::nullopt;
  for (size_t dim = 0; dim < to.size(); ++dim) {
    SmallVector<int64_t> merged(from);
    merged[dim] *= merged[dim + 1];
    merged.erase(merged.begin() + dim + 1);
    if (ArrayRef<int64_t>(merged) == to && from[dim] > 1 && from[dim + 1] > 1)
      return Merge{op.getX(), static_cast<int64_t>(dim)};
  }
  return std::nullopt;
}

/// Matches merge(expand(x)) of matrices.
static std::optional<Repeated> matchRepeated(Value value) {
  std::optional<Merge> merge = matchMerge(value);
  auto expand = merge ? merge->x.getDefiningOp<ExpandOp>() : ExpandOp();
  if (!expand || merge->dim + 2 >= merge->rank())
    return std::nullopt;
  SmallVector<int64_t> wanted(shapeOf(merge->x));
  int64_t heads = wanted[merge->dim + 1];
  wanted[merge->dim + 1] = 1;
  if (shapeOf(expand.getX()) != ArrayRef<int64_t>(wanted))
    return std::nullopt;
  return Repeated{expand.getX(), merge->dim, merge->outer(), heads};
}

/// The permutation that transposes matrices, all else in place.
static SmallVector<int64_t> transposingMatrices(int64_t rank) {
  auto permutation = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  std::swap(permutation[rank - 1], permutation[rank - 2]);
  return permutation;
}

/// What `value` is the transposition of, matrix by matrix; null when it is
/// none.
static Value matchTransposedMatrices(Value value) {
  auto op = value.getDefiningOp<TransposeOp>();
  int64_t rank = op ? op.getPermutation().size() : 0;
  if (rank < 2 ||
      op.getPermutation() != ArrayRef<int64_t>(transposingMatrices(rank)))
    return nullptr;
  return op.getX();
}

/// Whether a product has a matrix per head on its right, not a packed one.
static bool multipliesActivations(MatMulOp op) {
  return shapeOf(op.getB()).size() > 2 && !isConstant(op.getB());
}

/// Rows of the left side for which a matrix of the right side is read.
static int64_t countRowsPerMatrix(MatMulOp op) {
  ArrayRef<int64_t> a = shapeOf(op.getA()), b = shapeOf(op.getB());
  int64_t rows = a[a.size() - (op.getTransposeA() ? 1 : 2)];
  for (size_t back = 3; back <= a.size(); ++back)
    if (back > b.size() || b[b.size() - back] == 1)
      rows *= a[a.size() - back];
  return rows;
}

/// Up to so many rows, sums of products along rows of both sides cost less than
/// a transposition.
static constexpr int64_t kFewRows = 4;

/// Whether `value` is computed by elementwise operators and softmax from
/// products with heads in groups.
static bool comesFromGroups(Value value) {
  Operation *op = value.getDefiningOp();
  if (!op || !op->hasOneUse())
    return false;
  if (auto product = dyn_cast<MatMulOp>(op))
    return product.getType().getRank() > 4;
  if (!isa<ElementwiseOpInterface, SoftmaxOp>(op))
    return false;
  return llvm::any_of(op->getOperands(), [&](Value operand) {
    return shapeOf(operand) == shapeOf(value) && comesFromGroups(operand);
  });
}

/// A merge that can be moved behind its only user.
static std::optional<Merge> matchMovable(Value value) {
  std::optional<Merge> merge = matchMerge(value);
  if (!merge || !value.hasOneUse() || !comesFromGroups(merge->x))
    return std::nullopt;
  return merge;
}

namespace {
// Pattern: matmul(a, repeat(x)) -> merge(matmul(split(a), x)), also where x is
// transposed (grouped queries: keys and values are not copied per head)
struct ShareHeads : OpRewritePattern<MatMulOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(MatMulOp op,
                                PatternRewriter &rewriter) const override {
    Value source = matchTransposedMatrices(op.getB());
    std::optional<Repeated> b = matchRepeated(source ? source : op.getB());
    if (!b)
      return rewriter.notifyMatchFailure(op, "no repeated matrices");
    ArrayRef<int64_t> a = shapeOf(op.getA());
    if (static_cast<int64_t>(a.size()) !=
            cast<RankedTensorType>(op.getB().getType()).getRank() ||
        a[b->dim] != b->groups * b->heads)
      return rewriter.notifyMatchFailure(op, "not a matrix per head");
    Value x = b->x;
    if (source)
      x = TransposeOp::create(rewriter, op.getB().getLoc(), x,
                              transposingMatrices(shapeOf(x).size()));
    Value split = ReshapeOp::create(rewriter, op.getLoc(), op.getA(),
                                    splitDim(a, b->dim, b->groups));
    Value product = MatMulOp::create(rewriter, op.getLoc(), split, x,
                                     op.getTransposeA(), op.getTransposeB());
    rewriter.replaceOpWithNewOp<ReshapeOp>(op, product,
                                           op.getType().getShape());
    return success();
  }
};

// Pattern: f(merge(x), y) -> merge(f(x, split(y))), elementwise
struct MergeAfterElementwise : RewritePattern {
  MergeAfterElementwise(MLIRContext *context)
      : RewritePattern(Pattern::MatchAnyOpTypeTag(), 1, context) {}
  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    if (!isa<ElementwiseOpInterface>(op) || !op->getAttrs().empty() ||
        op->getNumResults() != 1)
      return rewriter.notifyMatchFailure(op, "not plainly elementwise");
    auto type = cast<RankedTensorType>(op->getResult(0).getType());
    std::optional<Merge> merge;
    for (Value operand : op->getOperands())
      if (!merge && shapeOf(operand) == type.getShape())
        merge = matchMovable(operand);
    if (!merge)
      return rewriter.notifyMatchFailure(op, "no heads of groups");
    SmallVector<Value> operands;
    for (Value operand : op->getOperands()) {
      ArrayRef<int64_t> shape = shapeOf(operand);
      int64_t place =
          merge->dim - (merge->rank() - static_cast<int64_t>(shape.size()));
      if (place >= 0)
        operand = ReshapeOp::create(
            rewriter, operand.getLoc(), operand,
            splitDim(shape, place, shape[place] == 1 ? 1 : merge->outer()));
      operands.push_back(operand);
    }
    OperationState state(op->getLoc(), op->getName());
    state.addOperands(operands);
    state.addTypes(
        RankedTensorType::get(shapeOf(merge->x), type.getElementType()));
    rewriter.replaceOpWithNewOp<ReshapeOp>(
        op, rewriter.create(state)->getResult(0), type.getShape());
    return success();
  }
};

// Pattern: softmax(merge(x)) -> merge(softmax(x))
struct MergeAfterSoftmax : OpRewritePattern<SoftmaxOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(SoftmaxOp op,
                                PatternRewriter &rewriter) const override {
    std::optional<Merge> merge = matchMovable(op.getX());
    int64_t axis = op.getAxis();
    if (!merge || axis <= merge->dim)
      return rewriter.notifyMatchFailure(op, "no heads of groups");
    Value weights =
        SoftmaxOp::create(rewriter, op.getLoc(), merge->x, axis + 1);
    rewriter.replaceOpWithNewOp<ReshapeOp>(op, weights,
                                           op.getType().getShape());
    return success();
  }
};

// Pattern: transpose(merge(x)) -> merge(transpose(x))
struct MergeAfterTranspose : OpRewritePattern<TransposeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(TransposeOp op,
                                PatternRewriter &rewriter) const override {
    std::optional<Merge> merge = matchMovable(op.getX());
    if (!merge)
      return rewriter.notifyMatchFailure(op, "no heads of groups");
    SmallVector<int64_t> permutation;
    for (int64_t dim : op.getPermutation()) {
      permutation.push_back(dim > merge->dim ? dim + 1 : dim);
      if (dim == merge->dim)
        permutation.push_back(dim + 1);
    }
    Value moved =
        TransposeOp::create(rewriter, op.getLoc(), merge->x, permutation);
    rewriter.replaceOpWithNewOp<ReshapeOp>(op, moved, op.getType().getShape());
    return success();
  }
};

// Pattern: matmul(a, transpose(x)) -> matmul(a, x) with transpose_b, where few
// rows are multiplied by each matrix (a step of a decoder)
struct KeepKeys : OpRewritePattern<MatMulOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(MatMulOp op,
                                PatternRewriter &rewriter) const override {
    auto transpose = op.getB().getDefiningOp<TransposeOp>();
    if (!transpose || op.getTransposeB() || !multipliesActivations(op) ||
        isConstant(transpose.getX()))
      return rewriter.notifyMatchFailure(op, "no transposed activations");
    SmallVector<int64_t> permutation(transpose.getPermutation());
    int64_t last = permutation.size() - 1;
    std::swap(permutation[last], permutation[last - 1]);
    if (permutation[last] != last || countRowsPerMatrix(op) > kFewRows)
      return rewriter.notifyMatchFailure(op, "transposing pays");
    Value keys = TransposeOp::create(rewriter, transpose.getLoc(),
                                     transpose.getX(), permutation);
    rewriter.replaceOpWithNewOp<MatMulOp>(op, op.getA(), keys,
                                          op.getTransposeA(),
                                          /*transpose_b=*/true);
    return success();
  }
};

// Pattern: matmul(a, x) with transpose_b -> matmul(a, transpose(x)), where many
// are
struct TransposeKeys : OpRewritePattern<MatMulOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(MatMulOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.getTransposeB() || !multipliesActivations(op) ||
        countRowsPerMatrix(op) <= kFewRows)
      return rewriter.notifyMatchFailure(op, "few rows, or weights");
    Value keys =
        TransposeOp::create(rewriter, op.getB().getLoc(), op.getB(),
                            transposingMatrices(shapeOf(op.getB()).size()));
    rewriter.replaceOpWithNewOp<MatMulOp>(op, op.getA(), keys,
                                          op.getTransposeA(),
                                          /*transpose_b=*/false);
    return success();
  }
};
} // namespace

void cameo::populateAttentionPatterns(RewritePatternSet &patterns) {
  patterns.add<ShareHeads, MergeAfterElementwise, MergeAfterSoftmax,
               MergeAfterTranspose, KeepKeys, TransposeKeys>(
      patterns.getContext());
}
