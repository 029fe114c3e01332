//===- Selection.cpp - Import of selections whose size comes from data ----===//
//
// Operators that give as many elements as their inputs say: these inputs must
// be constant, and the result is computed here.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/ExtentRules.h"
#include "compiler/import/Reshapes.h"
#include "compiler/import/ops/Sequences.h"

#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/Matchers.h"

#include <cmath>

using namespace mlir;
using namespace cameo;

/// The numbers of a constant; none when input `i` is not one.
static FailureOr<SmallVector<double>> getNumbers(OpImporter &n, unsigned i,
                                                 StringRef what) {
  DenseElementsAttr dense;
  if (!matchPattern(n.input(i), m_Constant(&dense)))
    return n.unsupported("the shape of the output depends on the values of " +
                             what + ", which are not constant",
                         "make " + what +
                             " an initialiser, or do this step outside of the "
                             "model");
  SmallVector<double> numbers;
  Type type = dense.getElementType();
  if (!isa<FloatType>(type)) {
    bool isUnsigned = type.isUnsignedInteger() || type.isInteger(1);
    for (const APInt &value : dense.getValues<APInt>())
      numbers.push_back(APSInt(value, isUnsigned).isNegative() || !isUnsigned
                            ? static_cast<double>(value.getSExtValue())
                            : static_cast<double>(value.getZExtValue()));
    return numbers;
  }
  for (APFloat value : dense.getValues<APFloat>()) {
    bool lost;
    value.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &lost);
    numbers.push_back(value.convertToDouble());
  }
  return numbers;
}

static Value buildIndices(OpImporter &n, ArrayRef<int64_t> shape,
                          ArrayRef<int64_t> values) {
  return n.constant(DenseElementsAttr::get(
      RankedTensorType::get(shape, n.builder().getI64Type()), values));
}

//===----------------------------------------------------------------------===//
// Unique
//===----------------------------------------------------------------------===//

namespace {
/// Rows of numbers that compare like vectors; NaN after all others, each NaN
/// alone.
struct Rows {
  SmallVector<SmallVector<double>> rows;

  /// Negative, zero or positive.
  int compare(int64_t a, int64_t b) const {
    for (auto [x, y] : llvm::zip_equal(rows[a], rows[b])) {
      if (std::isnan(x) || std::isnan(y)) {
        if (std::isnan(x) && std::isnan(y))
          return a < b ? -1 : 1;
        return std::isnan(x) ? 1 : -1;
      }
      if (x != y)
        return x < y ? -1 : 1;
    }
    return 0;
  }
};
} // namespace

/// The slices of the input along an axis, or all of its elements.
static Rows getRows(ArrayRef<double> numbers, ArrayRef<int64_t> shape,
                    std::optional<int64_t> axis) {
  Rows result;
  int64_t extent = axis ? shape[*axis] : static_cast<int64_t>(numbers.size());
  result.rows.resize(extent);
  SmallVector<int64_t> strides = computeStrides(shape);
  for (auto [i, number] : llvm::enumerate(numbers)) {
    int64_t row =
        axis ? delinearize(i, strides)[*axis] : static_cast<int64_t>(i);
    result.rows[row].push_back(number);
  }
  return result;
}

namespace {
/// Unique of a vector that is known at run time: it is sorted, and what differs
/// from the element before begins a group.
class UniqueImporter {
public:
  explicit UniqueImporter(OpImporter &n) : n(n), extents(n.extents()) {}
  ImportResult import();

private:
  MaybeValue sort(Value x, AffineExpr extent, Value &places);
  MaybeValue buildStarts(Value sorted);
  MaybeValue buildCounts(Value starts);
  MaybeValue invert(Value places, Value values, AffineExpr extent);
  LogicalResult restoreOrder(MutableArrayRef<MaybeValue> results);
  Value positions() {
    return buildPositions(
        n, RankedTensorType::get(bound, n.builder().getI64Type()), 0);
  }

  OpImporter &n;
  Extents &extents;
  int64_t bound = 0;
  AffineExpr extent, count;      // Of the operand, and of its groups.
  MaybeValue begins = failure(); // Whether an element is the first of a group.
};
} // namespace

/// In ascending order; `places` are the indices of what stands there.
MaybeValue UniqueImporter::sort(Value x, AffineExpr of, Value &places) {
  Type element = typeOf(x).getElementType();
  x = extents.limit(n.loc(), x, 0, getNeutral(element, Neutral::Highest));
  MaybeValue sorted = n.withExtents<TopKOp>(of, Type(), x, bound, /*axis=*/0,
                                            /*largest=*/false);
  if (failed(sorted))
    return failure();
  places = sorted->getDefiningOp<TopKOp>().getIndices();
  extents.setExtents(places, of);
  return sorted;
}

/// Where groups begin.
MaybeValue UniqueImporter::buildStarts(Value sorted) {
  Exprs inner = {extents.constant(bound - 1)};
  SmallVector<int64_t, 1> most{bound - 1}, one{1}, zero{0};
  MaybeValue isSame =
      chain<EqualOp>(n, n.withExtents<SliceOp>(inner, sorted, one, most, one),
                     n.withExtents<SliceOp>(inner, sorted, zero, most, one));
  Value first = n.constant(DenseElementsAttr::get(
      RankedTensorType::get(1, n.builder().getI1Type()), true));
  MaybeValue isOther = chain<NotOp>(n, isSame);
  if (failed(isOther))
    return failure();
  begins = n.withExtents<ConcatOp>(extent, ValueRange{first, *isOther},
                                   /*axis=*/0);
  // The first null type is that of the indices, this one that of their number.
  return chainReshape(n, chain<NonZeroOp>(n, Type(), begins), bound);
}

/// A group ends where the next one begins, the last one with the operand.
MaybeValue UniqueImporter::buildCounts(Value starts) {
  SmallVector<int64_t> rotated =
      llvm::to_vector(llvm::seq<int64_t>(1, bound + 1));
  rotated.back() = bound - 1;
  Value next = buildIndices(n, bound, rotated);
  MaybeValue ends = n.withExtents<GatherOp>(count, starts, next, /*axis=*/0,
                                            /*in_bounds=*/true);
  Value last = extents.materialize(n.loc(), extents.simplify(count - 1));
  Value isLast = positions();
  extents.setExtents(isLast, count);
  ends = chain<WhereOp>(n, chain<EqualOp>(n, isLast, last),
                        extents.materialize(n.loc(), extent), ends);
  return chain<SubOp>(n, ends, starts);
}

/// `result[places[i]] = values[i]`.
MaybeValue UniqueImporter::invert(Value places, Value values, AffineExpr of) {
  Value zeros = buildIndices(n, bound, SmallVector<int64_t>(bound, 0));
  return n.withExtents<ScatterElementsOp>(of, zeros, places, values,
                                          /*axis=*/0, ScatterReduction::None,
                                          /*in_bounds=*/true);
}

/// Puts groups in the order of their first elements.
LogicalResult
UniqueImporter::restoreOrder(MutableArrayRef<MaybeValue> results) {
  Value order;
  MaybeValue firsts = sort(*results[1], count, order);
  if (failed(firsts))
    return failure();
  auto take = [&](MaybeValue &of) {
    if (succeeded(of))
      of = n.withExtents<GatherOp>(count, *of, order, /*axis=*/0,
                                   /*in_bounds=*/true);
  };
  take(results[0]);
  take(results[3]);
  results[1] = firsts;
  Value ranks = positions();
  MaybeValue rankOf = invert(order, ranks, extents.constant(bound));
  if (succeeded(rankOf) && succeeded(results[2]))
    results[2] = n.withExtents<GatherOp>(extent, *rankOf, *results[2],
                                         /*axis=*/0, /*in_bounds=*/false);
  return success();
}

static constexpr Limit kParts{
    "the shape of the output depends on the values of parts along an axis, "
    "which are not constant",
    "leave the axis out, or make the input an initialiser"};
static constexpr Limit kOpenFloats{"floats of bounded extents",
                                   "fix the extents"};
static constexpr Limit kNoElements{"an operand without elements",
                                   "leave it out"};
static constexpr Limit kLargeNumbers{"constants beyond 2^53",
                                     "use smaller ones"};

ImportResult UniqueImporter::import() {
  Exprs exprs = extents.getExtents(n.input(0));
  RankedTensorType type = typeOf(n.input(0));
  int64_t axis = n.intAttr("axis", 0);
  if (n.hasAttr("axis") && (type.getRank() != 1 || axis < -1 || axis > 0))
    return n.unsupported(kParts);
  extent = extents.product(exprs);
  if (isa<FloatType>(type.getElementType()) && extents.isOpen(extent))
    return n.unsupported(kOpenFloats);
  // Booleans are sorted as numbers.
  Type element = type.getElementType();
  Type used = element.isInteger(1) ? IntegerType::get(element.getContext(), 8,
                                                      IntegerType::Unsigned)
                                   : element;
  MaybeValue x = chainCast(n, reshapeTo(n, n.input(0), extent), used);
  if (failed(x))
    return failure();
  bound = typeOf(*x).getNumElements();
  if (bound == 0)
    return n.unsupported(kNoElements);
  Value places;
  MaybeValue sorted = sort(*x, extent, places);
  MaybeValue starts = failed(sorted) ? sorted : buildStarts(*sorted);
  if (failed(starts))
    return failure();
  count = extents.getExtent(*starts, 0);
  // The group of an element: how many have begun before it or at it.
  MaybeValue begun =
      chain<CumSumOp>(n, chainCast(n, begins, n.builder().getI64Type()), 0,
                      /*exclusive=*/false, /*reverse=*/false);
  MaybeValue group =
      chain<SubOp>(n, begun, n.splat(n.builder().getI64Type(), 1));
  if (failed(group))
    return failure();
  SmallVector<MaybeValue> results = {
      n.value<GatherOp>(*sorted, *starts, /*axis=*/0, /*in_bounds=*/false),
      n.value<GatherOp>(places, *starts, /*axis=*/0, /*in_bounds=*/false),
      invert(places, *group, extent), buildCounts(*starts)};
  if (n.intAttr("sorted", 1) == 0 && failed(restoreOrder(results)))
    return failure();
  results[0] = chainCast(n, results[0], element);
  results.truncate(n.numOutputs());
  return chainResults(results);
}

static ImportResult importUnique(OpImporter &n) {
  if (!matchPattern(n.input(0), m_Constant()))
    return UniqueImporter(n).import();
  RankedTensorType type = typeOf(n.input(0));
  FailureOr<SmallVector<double>> numbers = getNumbers(n, 0, "the input");
  if (failed(numbers))
    return failure();
  if (type.getElementType().isInteger(64) || type.getElementType().isF64()) {
    // Numbers beyond 2^53 would not be told apart.
    if (llvm::any_of(*numbers, [](double x) { return std::fabs(x) > 0x1p53; }))
      return n.unsupported(kLargeNumbers);
  }
  std::optional<int64_t> axis;
  if (n.hasAttr("axis")) {
    FailureOr<int64_t> given = n.axis("axis", 0, type.getRank());
    if (failed(given))
      return failure();
    axis = given;
  }
  Rows rows = getRows(*numbers, type.getShape(), axis);
  auto count = static_cast<int64_t>(rows.rows.size());
  SmallVector<int64_t> order = llvm::to_vector(llvm::seq<int64_t>(0, count));
  llvm::sort(order, [&](int64_t a, int64_t b) {
    int sign = rows.compare(a, b);
    return sign < 0 || (sign == 0 && a < b);
  });
  // First occurrences, in sorted order.
  SmallVector<int64_t> firsts, groupOf(count), counts;
  for (int64_t i : order) {
    if (firsts.empty() || rows.compare(firsts.back(), i) != 0) {
      firsts.push_back(i);
      counts.push_back(0);
    }
    groupOf[i] = static_cast<int64_t>(firsts.size()) - 1;
    ++counts.back();
  }
  auto place = llvm::to_vector(llvm::seq<int64_t>(0, firsts.size()));
  if (n.intAttr("sorted", 1) == 0)
    llvm::sort(place,
               [&](int64_t a, int64_t b) { return firsts[a] < firsts[b]; });
  SmallVector<int64_t> indices, totals, rank(firsts.size());
  for (auto [at, group] : llvm::enumerate(place)) {
    indices.push_back(firsts[group]);
    totals.push_back(counts[group]);
    rank[group] = at;
  }
  SmallVector<int64_t> inverse =
      llvm::map_to_vector(groupOf, [&](int64_t group) { return rank[group]; });
  auto size = static_cast<int64_t>(indices.size());
  Value chosen = buildIndices(n, size, indices);
  MaybeValue x = n.input(0);
  if (!axis)
    x = chainReshape(n, x, type.getNumElements());
  SmallVector<MaybeValue> results = {
      chain<GatherOp>(n, x, chosen, axis.value_or(0), /*in_bounds=*/true),
      chosen, buildIndices(n, count, inverse), buildIndices(n, size, totals)};
  results.truncate(n.numOutputs());
  return chainResults(results);
}

//===----------------------------------------------------------------------===//
// NonMaxSuppression
//===----------------------------------------------------------------------===//

namespace {
/// Corners in ascending order.
struct Box {
  double top, left, bottom, right;
  double area() const { return (bottom - top) * (right - left); }
};
} // namespace

static Box getBox(ArrayRef<double> corners, bool isCentre) {
  if (isCentre) {
    double halfWidth = corners[2] / 2, halfHeight = corners[3] / 2;
    return {corners[1] - halfHeight, corners[0] - halfWidth,
            corners[1] + halfHeight, corners[0] + halfWidth};
  }
  return {std::min(corners[0], corners[2]), std::min(corners[1], corners[3]),
          std::max(corners[0], corners[2]), std::max(corners[1], corners[3])};
}

/// The area that boxes share, as a part of what they cover.
static double getOverlap(const Box &a, const Box &b) {
  double height = std::min(a.bottom, b.bottom) - std::max(a.top, b.top);
  double width = std::min(a.right, b.right) - std::max(a.left, b.left);
  double shared = std::max(height, 0.0) * std::max(width, 0.0);
  double covered = a.area() + b.area() - shared;
  return covered > 0 ? shared / covered : 0;
}

/// Boxes by descending score, without those that overlap one before too much.
static SmallVector<int64_t> suppress(ArrayRef<Box> boxes,
                                     ArrayRef<double> scores, double threshold,
                                     double least, int64_t most) {
  SmallVector<int64_t> order, kept;
  for (int64_t i = 0, end = boxes.size(); i < end; ++i)
    if (scores[i] > least)
      order.push_back(i);
  llvm::sort(order, [&](int64_t a, int64_t b) {
    return scores[a] > scores[b] || (scores[a] == scores[b] && a < b);
  });
  for (int64_t i : order) {
    if (static_cast<int64_t>(kept.size()) >= most)
      break;
    if (llvm::none_of(kept, [&](int64_t other) {
          return getOverlap(boxes[i], boxes[other]) > threshold;
        }))
      kept.push_back(i);
  }
  return kept;
}

/// An optional scalar.
static FailureOr<double> getScalar(OpImporter &n, unsigned i, StringRef what,
                                   double otherwise) {
  if (!n.hasInput(i))
    return otherwise;
  FailureOr<SmallVector<double>> numbers = getNumbers(n, i, what);
  if (failed(numbers))
    return failure();
  if (numbers->size() != 1)
    return n.unsupported(what + " is not one number", "give one");
  return numbers->front();
}

/// Input `i` as a scalar; `otherwise` when it is not given.
static MaybeValue getScalarValue(OpImporter &n, unsigned i, Value otherwise) {
  return n.hasInput(i) ? chainReshape(n, n.input(i), {})
                       : MaybeValue(otherwise);
}

static constexpr Limit kOpenClasses{"bounded numbers of images or classes",
                                    "fix these extents"};

/// Boxes and scores that are known at run time: scores are sorted first, and as
/// many rows are selected as there can be.
static ImportResult importOpenNonMaxSuppression(OpImporter &n) {
  Extents &extents = n.extents();
  RankedTensorType type = typeOf(n.input(1));
  Type f32 = n.builder().getF32Type(), i64 = n.builder().getI64Type();
  if (extents.isOpen(n.input(1), 0) || extents.isOpen(n.input(1), 1))
    return n.unsupported(kOpenClasses);
  int64_t boxes = type.getDimSize(2), bound = boxes;
  if (!n.hasInput(2))
    bound = 0;
  else if (std::optional<Exprs> most = extents.getNumbers(n.input(2)))
    if (most->size() == 1)
      bound =
          std::clamp<int64_t>(extents.getRange(most->front()).high, 0, boxes);
  // Those beyond the extent come last and are never better than a threshold.
  TypedAttr lowest = getNeutral(f32, Neutral::Lowest);
  Value scores = extents.limit(n.loc(), n.input(1), 2, lowest);
  Exprs all;
  for (int64_t extent : type.getShape())
    all.push_back(extents.constant(extent));
  MaybeValue sorted = n.withExtents<TopKOp>(all, Type(), scores, boxes,
                                            /*axis=*/2, /*largest=*/true);
  if (failed(sorted))
    return failure();
  Value order = sorted->getDefiningOp<TopKOp>().getIndices();
  extents.setExtents(order, all);
  Value none = n.constant(
      DenseElementsAttr::get(RankedTensorType::get({}, f32), lowest));
  MaybeValue most = getScalarValue(n, 2, n.splat(i64, 0)),
             overlap = getScalarValue(n, 3, n.splat(f32, 0)),
             least = getScalarValue(n, 4, none);
  if (failed(most) || failed(overlap) || failed(least))
    return failure();
  Exprs rows = {
      extents.constant(type.getDimSize(0) * type.getDimSize(1) * bound),
      extents.constant(3)};
  MaybeValue selected = n.withExtents<NonMaxSuppressionOp>(
      rows, Type(), n.input(0), *sorted, order, *most, *overlap, *least, bound,
      n.intAttr("center_point_box", 0) != 0);
  if (failed(selected))
    return failure();
  auto op = selected->getDefiningOp<NonMaxSuppressionOp>();
  rows[0] =
      extents.addSymbol(op.getCount(), {0, typeOf(*selected).getDimSize(0)});
  extents.setExtents(*selected, rows);
  extents.setExtents(op.getCount(), {});
  return SmallVector<Value>{*selected};
}

static ImportResult importNonMaxSuppression(OpImporter &n) {
  RankedTensorType boxType = typeOf(n.input(0)), type = typeOf(n.input(1));
  if (boxType.getRank() != 3 || type.getRank() != 3 ||
      boxType.getDimSize(2) != 4 ||
      boxType.getDimSize(0) != type.getDimSize(0) ||
      boxType.getDimSize(1) != type.getDimSize(2))
    return n.unsupported("the shapes of boxes and scores do not fit",
                         "check the model with the ONNX checker");
  for (unsigned i = 0; i < n.numInputs(); ++i)
    if (n.hasInput(i) && !matchPattern(n.input(i), m_Constant()))
      return importOpenNonMaxSuppression(n);
  FailureOr<SmallVector<double>> corners = getNumbers(n, 0, "the boxes");
  if (failed(corners))
    return failure();
  FailureOr<SmallVector<double>> scores = getNumbers(n, 1, "the scores");
  FailureOr<double> most = getScalar(n, 2, "max_output_boxes_per_class", 0);
  FailureOr<double> threshold = getScalar(n, 3, "iou_threshold", 0);
  FailureOr<double> least = getScalar(n, 4, "score_threshold", -HUGE_VAL);
  if (failed(scores) || failed(most) || failed(threshold) || failed(least))
    return failure();
  int64_t count = type.getDimSize(2), classes = type.getDimSize(1);
  int64_t limit =
      static_cast<int64_t>(std::clamp(*most, 0.0, static_cast<double>(count)));
  bool isCentre = n.intAttr("center_point_box", 0) != 0;
  SmallVector<int64_t> selected;
  for (int64_t batch = 0; batch < type.getDimSize(0); ++batch) {
    SmallVector<Box> boxes;
    for (int64_t i = 0; i < count; ++i)
      boxes.push_back(getBox(
          ArrayRef(*corners).slice((batch * count + i) * 4, 4), isCentre));
    for (int64_t c = 0; c < classes; ++c)
      for (int64_t box : suppress(
               boxes,
               ArrayRef(*scores).slice((batch * classes + c) * count, count),
               *threshold, *least, limit))
        selected.append({batch, c, box});
  }
  auto rows = static_cast<int64_t>(selected.size()) / 3;
  return SmallVector<Value>{buildIndices(n, {rows, 3}, selected)};
}

void cameo::registerSelection(OpRegistry &registry) {
  registry.add("NonMaxSuppression", 10, "f32, f32, int64?, f32?, f32?",
               importNonMaxSuppression, {kOpenClasses});
  registry.add("Unique", 11, "number|bool", importUnique,
               {kParts, kOpenFloats, kNoElements, kLargeNumbers});
  registry.allowOpenDims({"NonMaxSuppression", "Unique"});
}
