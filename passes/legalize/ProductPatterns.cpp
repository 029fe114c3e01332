//===- ProductPatterns.cpp - Products of one input become one -------------===//
//
// Queries, keys and values are products of the same rows with three matrices.
// One product with all columns prepares the rows once; attention reads its
// parts where they are.
//
//===----------------------------------------------------------------------===//

#include "dialects/cameo/FastProduct.h"
#include "dialects/cameo/Shapes.h"
#include "dialects/plan/Extents.h"
#include "passes/legalize/Patterns.h"

using namespace mlir;
using namespace cameo;

namespace {
/// A product with a constant matrix, plus a constant vector, that becomes a
/// matrix per head.
struct HeadsProduct {
  MatMulOp product;
  AddOp sum; // Null: nothing is added.
  int64_t columns, headSize;

  Value result() { return sum ? sum.getResult() : product.getResult(); }
};
} // namespace

/// The only user of `value`, if it is of this kind.
template <typename Op> static Op onlyUser(Value value) {
  return value.hasOneUse() ? dyn_cast<Op>(*value.user_begin()) : Op();
}

/// Whether `value` is split in heads and transposed for products, which read it
/// in place.
static bool becomesHeads(Value value, int64_t &headSize) {
  auto split = onlyUser<ReshapeOp>(value);
  if (!split || split.getType().getRank() != 4 ||
      split.getType().getShape().drop_back(2) != shapeOf(value).drop_back())
    return false;
  headSize = split.getType().getShape().back();
  auto transpose = onlyUser<TransposeOp>(split.getResult());
  return transpose &&
         llvm::all_of(transpose->getUsers(), llvm::IsaPred<MatMulOp>);
}

static std::optional<HeadsProduct> matchHeads(Operation *op, Value x) {
  auto product = dyn_cast<MatMulOp>(op);
  if (!product || product.getA() != x || product.getTransposeA() ||
      product.getTransposeB() || !isConstant(product.getB()) ||
      shapeOf(product.getB()).size() != 2)
    return std::nullopt;
  HeadsProduct match{product, nullptr, shapeOf(product.getB())[1], 0};
  if (auto sum = onlyUser<AddOp>(product.getResult())) {
    Value other = sum.getA() == product.getResult() ? sum.getB() : sum.getA();
    if (!isConstant(other) ||
        shapeOf(other) != ArrayRef<int64_t>(match.columns))
      return std::nullopt;
    match.sum = sum;
  }
  if (!becomesHeads(match.result(), match.headSize))
    return std::nullopt;
  return match;
}

namespace {
// Pattern: matmul(x, v), matmul(x, w) -> parts of matmul(x, [v, w]), likewise
// with sums
struct JoinProducts : OpRewritePattern<MatMulOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(MatMulOp op,
                                PatternRewriter &rewriter) const override;

private:
  static bool pays(Value x, ArrayRef<HeadsProduct> members);
};
} // namespace

/// Whether the rows are prepared (fast products: scaled, summed), which is then
/// done once. Reading parts of a wider result costs nothing.
bool JoinProducts::pays(Value x, ArrayRef<HeadsProduct> members) {
  ArrayRef<int64_t> shape = shapeOf(x);
  int64_t rows = ShapedType::getNumElements(shape.drop_back());
  MatMulOp first = members.front().product;
  auto type = cast<RankedTensorType>(first.getType());
  return members.size() > 1 && type.getElementType().isF32() &&
         fastGroup(rows, shape.back()) > 0 &&
         llvm::all_of(members, [&](const HeadsProduct &member) {
           return member.headSize == members.front().headSize &&
                  member.columns % member.headSize == 0;
         });
}

LogicalResult JoinProducts::matchAndRewrite(MatMulOp op,
                                            PatternRewriter &rewriter) const {
  Value x = op.getA();
  // Parts at the greatest extents would be copied.
  if (plan::hasExtents(op->getParentOfType<func::FuncOp>()) ||
      !matchHeads(op, x))
    return rewriter.notifyMatchFailure(op, "not for heads of attention");
  SmallVector<HeadsProduct, 4> members;
  for (Operation *user : x.getUsers())
    if (std::optional<HeadsProduct> match = matchHeads(user, x))
      members.push_back(*match);
  llvm::sort(members, [](const HeadsProduct &a, const HeadsProduct &b) {
    return a.product->isBeforeInBlock(b.product);
  });
  if (!pays(x, members))
    return rewriter.notifyMatchFailure(op, "alone, or nothing is shared");
  rewriter.setInsertionPoint(members.front().product);
  Location loc = op.getLoc();
  Type element = cast<RankedTensorType>(op.getType()).getElementType();
  SmallVector<Value> matrices, vectors;
  for (HeadsProduct &member : members) {
    auto copy = [&](Value constant) {
      return rewriter.clone(*constant.getDefiningOp())->getResult(0);
    };
    matrices.push_back(copy(member.product.getB()));
    auto type = RankedTensorType::get({member.columns}, element);
    if (member.sum)
      vectors.push_back(copy(member.sum.getA() == member.product.getResult()
                                 ? member.sum.getB()
                                 : member.sum.getA()));
    else
      vectors.push_back(ConstantOp::create(
          rewriter, loc,
          DenseElementsAttr::get(type, rewriter.getZeroAttr(element))));
  }
  Value w = ConcatOp::create(rewriter, loc, matrices, 1);
  Value y = MatMulOp::create(rewriter, loc, x, w, false, false);
  if (llvm::any_of(members, [](HeadsProduct &member) { return member.sum; }))
    y = AddOp::create(rewriter, loc, y,
                      ConcatOp::create(rewriter, loc, vectors, 0));
  SmallVector<int64_t> starts(shapeOf(y).size(), 0), steps(starts.size(), 1);
  for (HeadsProduct &member : members) {
    SmallVector<int64_t> extents(shapeOf(member.result()));
    rewriter.replaceOpWithNewOp<SliceOp>(member.result().getDefiningOp(), y,
                                         starts, extents, steps);
    starts.back() += member.columns;
  }
  return success();
}

void cameo::populateProductPatterns(RewritePatternSet &patterns) {
  patterns.add<JoinProducts>(patterns.getContext());
}
