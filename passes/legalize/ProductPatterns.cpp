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
  SmallVector<int64_t> leading; // Of the heads' shape.

  Value result() { return sum ? sum.getResult() : product.getResult(); }
};
} // namespace

/// The only user of `value`, if it is of this kind.
template <typename Op> static Op onlyUser(Value value) {
  return value.hasOneUse() ? dyn_cast<Op>(*value.user_begin()) : Op();
}

/// What splits `value` in heads that are read in place: rotated, or transposed
/// for products; null when nothing does.
static ReshapeOp findSplit(Value value) {
  auto split = onlyUser<ReshapeOp>(value);
  if (!split || split.getType().getRank() < 3)
    return nullptr;
  auto isNotOne = [](int64_t extent) { return extent != 1; };
  ArrayRef<int64_t> heads = split.getType().getShape().drop_back(2);
  if (!llvm::equal(
          llvm::make_filter_range(heads, isNotOne),
          llvm::make_filter_range(shapeOf(value).drop_back(), isNotOne)))
    return nullptr;
  if (auto rotary = onlyUser<RotaryEmbeddingOp>(split.getResult()))
    return rotary.getX() == split.getResult() ? split : nullptr;
  auto transpose = onlyUser<TransposeOp>(split.getResult());
  bool isRead =
      transpose && llvm::all_of(transpose->getUsers(), llvm::IsaPred<MatMulOp>);
  return isRead ? split : nullptr;
}

/// Whether `value` is made of constants.
static bool isWeights(Value value) {
  auto scaled = value.getDefiningOp<MulOp>();
  return isConstant(value) ||
         (scaled && isConstant(scaled.getA()) && isConstant(scaled.getB()));
}

/// A copy of weights where they are needed earlier.
static Value copyWeights(PatternRewriter &rewriter, Value weights) {
  Operation *op = weights.getDefiningOp();
  SmallVector<Value> operands;
  for (Value operand : op->getOperands())
    operands.push_back(copyWeights(rewriter, operand));
  Operation *copy = rewriter.clone(*op);
  copy->setOperands(operands);
  return copy->getResult(0);
}

static std::optional<HeadsProduct> matchHeads(Operation *op, Value x) {
  auto product = dyn_cast<MatMulOp>(op);
  if (!product || product.getA() != x || product.getTransposeA() ||
      product.getTransposeB() || !isWeights(product.getB()) ||
      shapeOf(product.getB()).size() != 2)
    return std::nullopt;
  HeadsProduct match{product, nullptr, shapeOf(product.getB())[1], 0, {}};
  if (auto sum = onlyUser<AddOp>(product.getResult())) {
    Value other = sum.getA() == product.getResult() ? sum.getB() : sum.getA();
    if (!isWeights(other) || shapeOf(other) != ArrayRef<int64_t>(match.columns))
      return std::nullopt;
    match.sum = sum;
  }
  ReshapeOp split = findSplit(match.result());
  if (!split)
    return std::nullopt;
  ArrayRef<int64_t> heads = split.getType().getShape();
  match.headSize = heads.back();
  match.leading.assign(heads.begin(), heads.end() - 2);
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
    matrices.push_back(copyWeights(rewriter, member.product.getB()));
    auto type = RankedTensorType::get({member.columns}, element);
    if (member.sum)
      vectors.push_back(
          copyWeights(rewriter, member.sum.getA() == member.product.getResult()
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
  int64_t start = 0;
  for (HeadsProduct &member : members) {
    SmallVector<int64_t> all(member.leading);
    all.push_back(shapeOf(y).back());
    Value rows = ReshapeOp::create(rewriter, loc, y, all);
    Value part =
        buildPart(rewriter, loc, rows, all.size() - 1, start, member.columns);
    start += member.columns;
    rewriter.replaceOpWithNewOp<ReshapeOp>(member.result().getDefiningOp(),
                                           part, shapeOf(member.result()));
  }
  return success();
}

namespace {
// Pattern: (matmul(x, w) + b) * c -> matmul(x, w * c) + b * c, of constants
struct ScaleWeights : OpRewritePattern<MulOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(MulOp op,
                                PatternRewriter &rewriter) const override {
    unsigned place = getSplat(op.getA()) ? 0 : 1;
    Value scale = op->getOperand(place), scaled = op->getOperand(1 - place);
    std::optional<double> factor = getSplat(scale);
    if (!factor || !std::isfinite(*factor) || shapeOf(scale).size() > 1 ||
        scaled.getType() != op.getType() || !scaled.hasOneUse())
      return rewriter.notifyMatchFailure(op, "no constant factor");
    auto sum = scaled.getDefiningOp<AddOp>();
    unsigned bias = sum && isConstant(sum.getA()) ? 0 : 1;
    if (sum)
      scaled = sum->getOperand(1 - bias);
    auto product = scaled.getDefiningOp<MatMulOp>();
    if (!product || !scaled.hasOneUse() || !isOwnConstant(product.getB()) ||
        (sum && !isOwnConstant(sum->getOperand(bias))))
      return rewriter.notifyMatchFailure(op, "not a product with weights");
    scaleConstant(rewriter, product->getOpOperand(1), scale);
    if (sum)
      scaleConstant(rewriter, sum->getOpOperand(bias), scale);
    rewriter.replaceOp(op, op->getOperand(1 - place));
    return success();
  }

private:
  /// Others would need the constant as it is, too.
  static bool isOwnConstant(Value value) {
    return isConstant(value) && value.hasOneUse() &&
           getElementTypeOrSelf(value.getType()).isF32();
  }

  static void scaleConstant(PatternRewriter &rewriter, OpOperand &operand,
                            Value scale) {
    Operation *user = operand.getOwner();
    Value product = buildScaled(rewriter, user->getLoc(), operand.get(), scale);
    rewriter.modifyOpInPlace(user, [&] { operand.set(product); });
  }
};
} // namespace

void cameo::populateProductPatterns(RewritePatternSet &patterns) {
  patterns.add<JoinProducts>(patterns.getContext());
}

void cameo::populateScalePatterns(RewritePatternSet &patterns) {
  patterns.add<ScaleWeights>(patterns.getContext());
}
