//===- RotaryPatterns.cpp - Rotary embeddings -----------------------------===//
//
// Positions as rotations of pairs of elements, in the forms that exporters
// write: pairs are halves of a row or neighbours, and rotated either by turning
// the whole row (x * cos + turned * sin) or element by element. Rows may be
// rotated in part. Other patterns would move the slices that these begin with,
// so these come first.
//
//===----------------------------------------------------------------------===//

#include "dialects/cameo/Shapes.h"
#include "passes/legalize/Patterns.h"

#include "mlir/Dialect/Utils/IndexingUtils.h"

using namespace mlir;
using namespace cameo;

namespace {
/// A regular part of a tensor.
struct Part {
  Value base;
  SmallVector<int64_t> starts, extents, steps;

  int64_t last() const { return starts.size() - 1; }
  bool isDense() const {
    return llvm::all_of(steps, [](int64_t step) { return step == 1; });
  }
  bool operator==(const Part &other) const = default;
};

/// Rows of pairs: `part`, whose last two dimensions are one where `merged`.
struct Rows {
  Part part;
  bool interleaved, merged = false;

  SmallVector<int64_t> shape() const {
    SmallVector<int64_t> shape(part.extents);
    if (merged) {
      int64_t inner = shape.pop_back_val();
      shape.back() *= inner;
    }
    return shape;
  }
  int64_t size() const { return shape().back(); }
};

/// Two values whose elements are those of rows: halves, or by turns.
struct Whole {
  Value first, second;
  bool interleaved;
};
} // namespace

/// What `value` was before extents of one came or went.
static Value stripOnes(Value value) {
  auto isNotOne = [](int64_t extent) { return extent != 1; };
  while (auto op = value.getDefiningOp<ReshapeOp>()) {
    auto from = llvm::make_filter_range(shapeOf(op.getX()), isNotOne);
    auto to = llvm::make_filter_range(op.getType().getShape(), isNotOne);
    if (!llvm::equal(from, to))
      break;
    value = op.getX();
  }
  return value;
}

/// All of `value`, as a part of itself.
static Part allOf(Value value) {
  SmallVector<int64_t> shape(shapeOf(value));
  return {value, SmallVector<int64_t>(shape.size(), 0), shape,
          SmallVector<int64_t>(shape.size(), 1)};
}

static Part asPart(Value value) {
  auto slice = value.getDefiningOp<SliceOp>();
  if (!slice)
    return allOf(value);
  return {slice.getX(), SmallVector<int64_t>(slice.getStarts()),
          SmallVector<int64_t>(slice.getExtents()),
          SmallVector<int64_t>(slice.getSteps())};
}

/// Whether `b` is `a`, `distance` further along `dim`.
static bool isNext(const Part &a, const Part &b, int64_t dim,
                   int64_t distance) {
  Part moved = a;
  moved.starts[dim] += distance;
  return moved == b;
}

/// Rows of which `first` and `second` hold the first and the second elements of
/// the pairs.
static std::optional<Rows> matchRows(Value first, Value second,
                                     bool interleaved) {
  Part a = asPart(stripOnes(first)), b = asPart(stripOnes(second));
  int64_t last = a.last();
  if (last < 0 || a.starts.size() != b.starts.size())
    return std::nullopt;
  ArrayRef<int64_t> shape = shapeOf(a.base);
  // Pairs, or halves, that a reshape has made a dimension of two.
  int64_t two = interleaved ? last : last - 1;
  if (last > 0 && shape[two] == 2 && a.extents[two] == 1 &&
      isNext(a, b, two, 1) && a.isDense() &&
      (interleaved || a.extents[last] == shape[last])) {
    a.extents[two] = 2;
    return Rows{a, interleaved, /*merged=*/true};
  }
  int64_t half = a.extents[last];
  if (!isNext(a, b, last, interleaved ? 1 : half) ||
      (half > 1 && a.steps[last] != (interleaved ? 2 : 1)))
    return std::nullopt;
  a.extents[last] = 2 * half;
  a.steps[last] = 1;
  return Rows{a, interleaved};
}

/// Whether `value` is made of these rows.
static bool isRows(Value value, const Rows &rows) {
  if (shapeOf(value) != ArrayRef<int64_t>(rows.shape()))
    return false;
  if (!rows.merged)
    return rows.part == asPart(value) || rows.part == allOf(value);
  auto split = rows.part.base.getDefiningOp<ReshapeOp>();
  return split && split.getX() == value &&
         rows.part == allOf(split.getResult());
}

static Value buildRows(PatternRewriter &rewriter, Location loc,
                       const Rows &rows) {
  const Part &part = rows.part;
  Value x = SliceOp::create(rewriter, loc, part.base, part.starts, part.extents,
                            part.steps);
  if (!rows.merged)
    return x;
  return ReshapeOp::create(rewriter, loc, x, rows.shape());
}

/// Matches two tensors one after the other in rows, or element by element.
static std::optional<Whole> matchWhole(Value value) {
  auto reshape = value.getDefiningOp<ReshapeOp>();
  auto concat = (reshape ? reshape.getX() : value).getDefiningOp<ConcatOp>();
  if (!concat || concat.getInputs().size() != 2 ||
      concat.getInputs()[0].getType() != concat.getInputs()[1].getType())
    return std::nullopt;
  ArrayRef<int64_t> shape = concat.getType().getShape();
  if (concat.getAxis() + 1 != shape.size())
    return std::nullopt;
  Whole whole{concat.getInputs()[0], concat.getInputs()[1], bool(reshape)};
  if (!reshape)
    return whole;
  SmallVector<int64_t> merged(shape.drop_back());
  if (shape.back() != 2 || merged.empty())
    return std::nullopt;
  merged.back() *= 2;
  return reshape.getType().getShape() == ArrayRef(merged) ? std::optional(whole)
                                                          : std::nullopt;
}

/// `second` with its sign changed and `first` in each other's place in rows of
/// pairs.
static std::optional<Rows> matchTurned(Value value) {
  std::optional<Whole> whole = matchWhole(value);
  auto neg = whole ? stripOnes(whole->first).getDefiningOp<NegOp>() : NegOp();
  return neg ? matchRows(whole->second, neg.getX(), whole->interleaved)
             : std::nullopt;
}

static bool hasRowsOf(Value table, int64_t size) {
  return !shapeOf(table).empty() && shapeOf(table).back() == size;
}

//===----------------------------------------------------------------------===//
// Rows as a whole
//===----------------------------------------------------------------------===//

/// `sin` with the sign changed for the first of every pair, beside `sin`, so
/// that all that it rotates share it.
static Value buildSigned(PatternRewriter &rewriter, Value sin,
                         bool interleaved) {
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPointAfterValue(sin);
  int64_t size = shapeOf(sin).back();
  Type element = cast<RankedTensorType>(sin.getType()).getElementType();
  SmallVector<Attribute> signs;
  for (int64_t i = 0; i < size; ++i) {
    bool isFirst = interleaved ? i % 2 == 0 : i < size / 2;
    signs.push_back(rewriter.getFloatAttr(element, isFirst ? -1.0 : 1.0));
  }
  auto values =
      DenseElementsAttr::get(RankedTensorType::get({size}, element), signs);
  return MulOp::create(rewriter, sin.getLoc(), sin,
                       ConstantOp::create(rewriter, sin.getLoc(), values));
}

namespace {
// Pattern: x * cos + turned(x) * sin -> rotary_embedding(x, cos, +-sin)
struct RecognizeTurnedRows : OpRewritePattern<AddOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(AddOp op,
                                PatternRewriter &rewriter) const override {
    for (unsigned order = 0; order < 8; ++order) {
      auto one = op->getOperand(order & 1).getDefiningOp<MulOp>();
      auto other = op->getOperand(1 - (order & 1)).getDefiningOp<MulOp>();
      if (!one || !other)
        return rewriter.notifyMatchFailure(op, "not a sum of products");
      unsigned at = order >> 1 & 1, place = order >> 2;
      Value x = one->getOperand(at), cos = one->getOperand(1 - at);
      Value turned = other->getOperand(place),
            sin = other->getOperand(1 - place);
      if (x.getType() != op.getType() || turned.getType() != op.getType())
        continue;
      std::optional<Rows> rows = matchTurned(turned);
      if (!rows || !isRows(x, *rows) || !hasRowsOf(cos, rows->size()) ||
          !hasRowsOf(sin, rows->size()))
        continue;
      rewriter.replaceOpWithNewOp<RotaryEmbeddingOp>(
          op, x, cos, buildSigned(rewriter, sin, rows->interleaved),
          rows->interleaved);
      return success();
    }
    return rewriter.notifyMatchFailure(
        op, "no row of pairs is turned and added to itself");
  }
};
} // namespace

//===----------------------------------------------------------------------===//
// Element by element
//===----------------------------------------------------------------------===//

namespace {
/// The elements of pairs and what rotates them.
struct Rotation {
  Value first, second, cos, sin;
  Rows rows;
};
} // namespace

/// The other factor of `product`; null when `factor` is not one.
static Value otherFactor(Value product, Value factor) {
  auto mul = product.getDefiningOp<MulOp>();
  if (!mul || (mul.getA() != factor && mul.getB() != factor))
    return nullptr;
  return mul.getA() == factor ? mul.getB() : mul.getA();
}

/// Matches first * cos - second * sin.
static std::optional<Rotation> matchFirst(Value value, bool interleaved) {
  auto sub = value.getDefiningOp<SubOp>();
  auto left = sub ? sub.getA().getDefiningOp<MulOp>() : MulOp();
  auto right = sub ? sub.getB().getDefiningOp<MulOp>() : MulOp();
  if (!left || !right)
    return std::nullopt;
  for (Value first : left->getOperands())
    for (Value second : right->getOperands())
      if (first.getType() == sub.getType() && second.getType() == sub.getType())
        if (auto rows = matchRows(first, second, interleaved))
          return Rotation{first, second, otherFactor(left.getResult(), first),
                          otherFactor(right.getResult(), second), *rows};
  return std::nullopt;
}

/// Whether `value` is first * sin + second * cos.
static bool isSecond(Value value, const Rotation &rotation) {
  auto add = value.getDefiningOp<AddOp>();
  if (!add)
    return false;
  auto isSum = [&](Value a, Value b) {
    return otherFactor(a, rotation.first) == rotation.sin &&
           otherFactor(b, rotation.second) == rotation.cos;
  };
  return isSum(add.getA(), add.getB()) || isSum(add.getB(), add.getA());
}

/// `table`, with an element for each of the `count` pairs, once for the first
/// of the pairs, of which `negated` changes the sign, and once for the second.
/// `isLast`: pairs are the last dimension, not the last but one.
static FailureOr<Value> buildTable(PatternRewriter &rewriter, Value table,
                                   int64_t count, bool isLast, bool interleaved,
                                   bool negated) {
  SmallVector<int64_t> shape(shapeOf(table));
  if (!isLast && (shape.size() < 2 || shape.pop_back_val() != 1))
    return failure();
  if (shape.empty() || shape.back() != count)
    return failure();
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPointAfterValue(table);
  Location loc = table.getLoc();
  SmallVector<int64_t> parts(shape), rows(shape);
  rows.back() *= 2;
  if (interleaved)
    parts.push_back(1);
  Value second = ReshapeOp::create(rewriter, loc, table, parts);
  Value first = negated ? NegOp::create(rewriter, loc, second) : second;
  Value whole = ConcatOp::create(rewriter, loc, ValueRange{first, second},
                                 parts.size() - 1);
  return Value(ReshapeOp::create(rewriter, loc, whole, rows));
}

/// Whether all users make pairs, the last dimension, elements of rows.
static bool becomesPairs(ConcatOp op) {
  ArrayRef<int64_t> shape = op.getType().getShape();
  return op.getInputs().size() == 2 && shape.back() == 2 && shape.size() > 1 &&
         llvm::all_of(op->getUsers(), [&](Operation *user) {
           std::optional<Whole> whole = isa<ReshapeOp>(user)
                                            ? matchWhole(user->getResult(0))
                                            : std::nullopt;
           return whole && whole->interleaved;
         });
}

namespace {
// Pattern: [a * cos - b * sin, a * sin + b * cos] -> rotary_embedding([a, b],
// [cos, cos], [-sin, sin]), in halves or by turns
struct RecognizeRotatedParts : OpRewritePattern<ConcatOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ConcatOp op,
                                PatternRewriter &rewriter) const override {
    ArrayRef<int64_t> shape = op.getType().getShape();
    OperandRange inputs = op.getInputs();
    if (op.getAxis() + 1 != shape.size() || inputs.size() < 2 ||
        inputs[0].getType() != inputs[1].getType())
      return rewriter.notifyMatchFailure(op, "not two parts of rows");
    bool interleaved = becomesPairs(op);
    auto rotation = matchFirst(stripOnes(inputs[0]), interleaved);
    if (!rotation || !isSecond(stripOnes(inputs[1]), *rotation))
      return rewriter.notifyMatchFailure(op, "parts are not rotated");
    const Rows &rows = rotation->rows;
    int64_t count = rows.size() / 2;
    // Parts may have the place in the pair as a dimension of one.
    SmallVector<int64_t> parts(rows.shape());
    parts.back() = count;
    ArrayRef<int64_t> from = shapeOf(rotation->first);
    bool isLast = from == ArrayRef<int64_t>(parts);
    if (!isLast && !(interleaved && from.back() == 1 &&
                     from.drop_back() == ArrayRef<int64_t>(parts)))
      return rewriter.notifyMatchFailure(op, "parts have another shape");
    auto cos = buildTable(rewriter, rotation->cos, count, isLast, interleaved,
                          /*negated=*/false);
    auto sin = buildTable(rewriter, rotation->sin, count, isLast, interleaved,
                          /*negated=*/true);
    if (failed(cos) || failed(sin))
      return rewriter.notifyMatchFailure(op, "no angle for every pair");
    Location loc = op.getLoc();
    Value x = buildRows(rewriter, loc, rows);
    Value y = RotaryEmbeddingOp::create(rewriter, loc, x, *cos, *sin,
                                        rows.interleaved);
    SmallVector<int64_t> extents(shape);
    if (inputs.size() > 2)
      extents.back() = rows.size();
    y = ReshapeOp::create(rewriter, loc, y, extents);
    SmallVector<Value> rest(inputs.drop_front(2));
    rest.insert(rest.begin(), y);
    rewriter.replaceOpWithNewOp<ConcatOp>(op, rest, op.getAxis());
    return success();
  }
};

// Pattern: [rotary_embedding(x[..., :n]), x[..., n:]] -> rotary_embedding(x)
struct RotateInPart : OpRewritePattern<ConcatOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ConcatOp op,
                                PatternRewriter &rewriter) const override {
    OperandRange inputs = op.getInputs();
    auto rotary = inputs[0].getDefiningOp<RotaryEmbeddingOp>();
    if (!rotary || !rotary->hasOneUse() || inputs.size() != 2 ||
        op.getAxis() + 1 != op.getType().getShape().size())
      return rewriter.notifyMatchFailure(op, "not a rotated part of rows");
    Part x = asPart(rotary.getX()), rest = asPart(inputs[1]), next = x;
    int64_t last = x.last(), rotated = rotary.getRotated(),
            others = shapeOf(inputs[1]).back();
    next.starts[last] += rotated;
    next.extents[last] = others;
    if (x.extents[last] != rotated || x.steps[last] != 1 || next != rest)
      return rewriter.notifyMatchFailure(op, "not the rest of the same rows");
    x.extents[last] += others;
    Value rows = SliceOp::create(rewriter, op.getLoc(), x.base, x.starts,
                                 x.extents, x.steps);
    rewriter.replaceOpWithNewOp<RotaryEmbeddingOp>(
        op, rows, rotary.getCos(), rotary.getSin(), rotary.getInterleaved());
    return success();
  }
};
} // namespace

//===----------------------------------------------------------------------===//
// What surrounds it
//===----------------------------------------------------------------------===//

static int64_t countElements(Value value) {
  return ShapedType::getNumElements(shapeOf(value));
}

/// Whether changing both tables costs little next to `op`.
static bool hasSmallTables(RotaryEmbeddingOp op) {
  return 2 * (countElements(op.getCos()) + countElements(op.getSin())) <=
         countElements(op.getX());
}

namespace {
// Pattern: rotary_embedding(transpose(x), cos, sin) ->
// transpose(rotary_embedding(x, cos, sin)), so that products take in the
// transposition
struct TransposeRotated : OpRewritePattern<RotaryEmbeddingOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(RotaryEmbeddingOp op,
                                PatternRewriter &rewriter) const override {
    auto transpose = op.getX().getDefiningOp<TransposeOp>();
    if (!transpose || !transpose->hasOneUse() ||
        transpose.getPermutation().back() + 1 !=
            static_cast<int64_t>(transpose.getPermutation().size()))
      return rewriter.notifyMatchFailure(op, "rows are not transposed");
    if (!hasSmallTables(op))
      return rewriter.notifyMatchFailure(op, "tables are as large as rows");
    ArrayRef<int64_t> permutation = transpose.getPermutation();
    SmallVector<int64_t> back = invertPermutationVector(permutation);
    auto moved = [&](Value table) -> Value {
      OpBuilder::InsertionGuard guard(rewriter);
      rewriter.setInsertionPointAfterValue(table);
      SmallVector<int64_t> shape(permutation.size(), 1);
      llvm::copy(shapeOf(table), shape.end() - shapeOf(table).size());
      Value whole = ReshapeOp::create(rewriter, table.getLoc(), table, shape);
      return TransposeOp::create(rewriter, table.getLoc(), whole, back);
    };
    Value y = RotaryEmbeddingOp::create(rewriter, op.getLoc(), transpose.getX(),
                                        moved(op.getCos()), moved(op.getSin()),
                                        op.getInterleaved());
    rewriter.replaceOpWithNewOp<TransposeOp>(op, y, permutation);
    return success();
  }
};

// Pattern: rotary_embedding(x, cos, sin) * c -> rotary_embedding(x, cos * c,
// sin * c)
struct ScaleRotation : OpRewritePattern<MulOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(MulOp op,
                                PatternRewriter &rewriter) const override {
    for (unsigned i : {0, 1}) {
      auto rotary = op->getOperand(i).getDefiningOp<RotaryEmbeddingOp>();
      Value scale = op->getOperand(1 - i);
      if (!rotary || !rotary->hasOneUse() || !getSplat(scale) ||
          countElements(scale) != 1 || rotary.getType() != op.getType())
        continue;
      if (rotary.getRotated() != shapeOf(rotary.getX()).back())
        return rewriter.notifyMatchFailure(op, "rows are rotated in part");
      if (!hasSmallTables(rotary))
        return rewriter.notifyMatchFailure(op, "tables are as large as rows");
      auto scaled = [&](Value table) {
        return buildScaled(rewriter, op.getLoc(), table, scale);
      };
      rewriter.replaceOpWithNewOp<RotaryEmbeddingOp>(
          op, rotary.getX(), scaled(rotary.getCos()), scaled(rotary.getSin()),
          rotary.getInterleaved());
      return success();
    }
    return rewriter.notifyMatchFailure(op, "not a scaled rotation");
  }
};
} // namespace

void cameo::populateRotaryPatterns(RewritePatternSet &patterns) {
  patterns.add<RecognizeTurnedRows, RecognizeRotatedParts, RotateInPart,
               TransposeRotated, ScaleRotation>(patterns.getContext());
}
