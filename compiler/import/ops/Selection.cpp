//===- Selection.cpp - Import of selections whose size comes from data ----===//
//
// Operators that give as many elements as their inputs say: these inputs must
// be constant, and the result is computed here.
//
//===----------------------------------------------------------------------===//

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

static ImportResult importUnique(OpImporter &n) {
  RankedTensorType type = typeOf(n.input(0));
  FailureOr<SmallVector<double>> numbers = getNumbers(n, 0, "the input");
  if (failed(numbers))
    return failure();
  if (type.getElementType().isInteger(64) || type.getElementType().isF64()) {
    // Numbers beyond 2^53 would not be told apart.
    if (llvm::any_of(*numbers, [](double x) { return std::fabs(x) > 0x1p53; }))
      return n.unsupported("integers beyond 2^53", "use smaller ones");
  }
  std::optional<int64_t> axis;
  if (n.hasAttr("axis")) {
    FailureOr<int64_t> given = n.axis("axis", 0, type.getRank());
    if (failed(given))
      return failure();
    axis = *given;
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

static ImportResult importNonMaxSuppression(OpImporter &n) {
  RankedTensorType boxType = typeOf(n.input(0)), type = typeOf(n.input(1));
  if (boxType.getRank() != 3 || type.getRank() != 3 ||
      boxType.getDimSize(2) != 4 ||
      boxType.getDimSize(0) != type.getDimSize(0) ||
      boxType.getDimSize(1) != type.getDimSize(2))
    return n.unsupported("the shapes of boxes and scores do not fit",
                         "check the model with the ONNX checker");
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
  registry.add("NonMaxSuppression", importNonMaxSuppression, 2);
  registry.add("Unique", importUnique);
}
