//===- Signal.cpp - Import of signal processing ---------------------------===//
//
// Fourier transforms are products with matrices of cosines and sines; a short
// time transform is a convolution with such a matrix.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/Reshapes.h"
#include "compiler/import/ops/Sequences.h"

#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/Matchers.h"

#include <cmath>

using namespace mlir;
using namespace cameo;

/// Matrices of more elements are refused.
static constexpr int64_t kMaxMatrix = int64_t(1) << 24;
static constexpr double kPi = 3.14159265358979323846;

/// A tensor of numbers computed while compiling.
static Value buildTable(OpImporter &n, ArrayRef<int64_t> shape,
                        Type elementType, ArrayRef<double> values) {
  auto floatType = dyn_cast<FloatType>(elementType);
  SmallVector<Attribute> elements;
  elements.reserve(values.size());
  for (double value : values)
    elements.push_back(
        floatType ? Attribute(FloatAttr::get(floatType, value))
                  : IntegerAttr::get(elementType, static_cast<int64_t>(value)));
  return n.constant(DenseElementsAttr::get(
      RankedTensorType::get(shape, elementType), elements));
}

/// A constant number in input `i`.
static FailureOr<double> getNumber(OpImporter &n, unsigned i, StringRef what) {
  DenseElementsAttr dense;
  if (std::optional<int64_t> integer = getConstantInt(n.input(i)))
    return static_cast<double>(*integer);
  if (!matchPattern(n.input(i), m_Constant(&dense)) ||
      dense.getNumElements() != 1 || !isa<FloatType>(dense.getElementType()))
    return n.unsupported(what + " is not a constant number",
                         "make it an initialiser");
  APFloat number = *dense.value_begin<APFloat>();
  bool lost;
  number.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &lost);
  return number.convertToDouble();
}

/// A constant length in [least, kMaxMatrix] in input `i`.
static FailureOr<int64_t> getLength(OpImporter &n, unsigned i, StringRef what,
                                    int64_t least = 1) {
  FailureOr<double> number = getNumber(n, i, what);
  if (failed(number))
    return failure();
  if (!(*number >= static_cast<double>(least) &&
        *number <= static_cast<double>(kMaxMatrix)))
    return n.unsupported(what + " is too small or too large",
                         "give one of at least " + Twine(least));
  return static_cast<int64_t>(*number);
}

//===----------------------------------------------------------------------===//
// Windows
//===----------------------------------------------------------------------===//

/// `a - b * cos(x) + c * cos(2 * x)` over one period.
static ImportResult buildWindow(OpImporter &n, double a, double b, double c) {
  FailureOr<int64_t> size = getLength(n, 0, "size", 0);
  FailureOr<Type> type = n.builder().getF32Type();
  if (n.hasAttr("output_datatype"))
    type = n.elementTypeAttr("output_datatype");
  if (failed(size) || failed(type))
    return failure();
  bool isPeriodic = n.intAttr("periodic", 1) != 0;
  auto period =
      static_cast<double>(std::max<int64_t>(isPeriodic ? *size : *size - 1, 1));
  SmallVector<double> values;
  for (int64_t i = 0; i < *size; ++i) {
    double x = 2 * kPi * static_cast<double>(i) / period;
    values.push_back(a - b * std::cos(x) + c * std::cos(2 * x));
  }
  return SmallVector<Value>{buildTable(n, *size, *type, values)};
}

static ImportResult importHannWindow(OpImporter &n) {
  return buildWindow(n, 0.5, 0.5, 0);
}
static ImportResult importHammingWindow(OpImporter &n) {
  return buildWindow(n, 25.0 / 46, 21.0 / 46, 0);
}
static ImportResult importBlackmanWindow(OpImporter &n) {
  return buildWindow(n, 0.42, 0.5, 0.08);
}

//===----------------------------------------------------------------------===//
// Fourier transforms
//===----------------------------------------------------------------------===//

namespace {
/// A transform of `length` points.
struct Transform {
  int64_t length;
  int64_t inputs;     ///< Points that are given.
  int64_t components; ///< Of an input: 1 (real) or 2.
  bool inverse, onesided;

  bool givesReal() const { return inverse && onesided; }
  int64_t outputs() const {
    return onesided && !inverse ? length / 2 + 1 : length;
  }
  int64_t outputComponents() const { return givesReal() ? 1 : 2; }
  int64_t rows() const { return inputs * components; }
  int64_t columns() const { return outputs() * outputComponents(); }

  /// The factor of component `in` of input `j` in component `out` of output
  /// `k`.
  double factor(int64_t j, int64_t in, int64_t k, int64_t out) const;
};
} // namespace

double Transform::factor(int64_t j, int64_t in, int64_t k, int64_t out) const {
  // The product is reduced first, so that no precision is lost.
  double turn =
      static_cast<double>(j * k % length) / static_cast<double>(length);
  double angle = (inverse ? 2 : -2) * kPi * turn;
  double value = in == out  ? std::cos(angle)
                 : out == 1 ? std::sin(angle)
                            : -std::sin(angle);
  if (inverse)
    value /= static_cast<double>(length);
  // The other half of the spectrum is the conjugate of this one.
  bool isMirrored = givesReal() && j > 0 && 2 * j != length;
  return isMirrored ? 2 * value : value;
}

static constexpr Limit kOpenSignal{"a signal of a bounded length",
                                   "fix the extent"};
static constexpr Limit kOpenWindow{"a window of a bounded extent",
                                   "fix the extent"};
static constexpr Limit kManyPoints{
    "transforms whose matrix has more than 2^24 elements", "use fewer points"};

/// The matrix of a transform, [inputs * components, outputs * components].
static MaybeValue buildMatrix(OpImporter &n, const Transform &t,
                              Type elementType) {
  if (t.rows() > 0 && t.columns() > kMaxMatrix / t.rows())
    return n.unsupported(kManyPoints);
  SmallVector<double> values;
  values.reserve(t.rows() * t.columns());
  for (int64_t j = 0; j < t.inputs; ++j)
    for (int64_t in = 0; in < t.components; ++in)
      for (int64_t k = 0; k < t.outputs(); ++k)
        for (int64_t out = 0; out < t.outputComponents(); ++out)
          values.push_back(t.factor(j, in, k, out));
  return buildTable(n, {t.rows(), t.columns()}, elementType, values);
}

/// `x` with dimension `axis` cut or filled up with zeros to `extent`.
static MaybeValue resized(OpImporter &n, Value x, int64_t axis,
                          int64_t extent) {
  RankedTensorType type = typeOf(x);
  int64_t rank = type.getRank(), have = type.getDimSize(axis);
  if (have > extent) {
    SmallVector<int64_t> starts(rank, 0), extents(type.getShape()),
        steps(rank, 1);
    extents[axis] = extent;
    return n.value<SliceOp>(x, starts, extents, steps);
  }
  SmallVector<int64_t> pads(2 * rank, 0);
  pads[rank + axis] = extent - have;
  return n.value<PadOp>(x, n.splat(type.getElementType(), 0), pads);
}

/// The axis: an attribute, or from opset 20 on an input.
static FailureOr<int64_t> getTransformAxis(OpImporter &n, int64_t rank) {
  int64_t axis = n.intAttr("axis", n.opset() < 20 ? 1 : -2);
  if (n.hasInput(2)) {
    FailureOr<SmallVector<int64_t>> given = n.constantInts(2, "axis");
    if (failed(given))
      return failure();
    if (given->size() != 1)
      return n.unsupported("axis is not one number", "give one");
    axis = given->front();
  }
  int64_t normal = axis < 0 ? axis + rank : axis;
  if (normal < 0 || normal >= rank - 1)
    return n.unsupported("axis = " + Twine(axis) + " of a signal of rank " +
                             Twine(rank),
                         "give an axis before the last one");
  return normal;
}

static ImportResult importDFT(OpImporter &n) {
  RankedTensorType type = typeOf(n.input(0));
  int64_t rank = type.getRank();
  if (rank < 2 || type.getShape().back() < 1 || type.getShape().back() > 2)
    return n.unsupported("the last dimension is not that of real and imaginary "
                         "parts",
                         "give it extent 1 or 2");
  FailureOr<int64_t> axis = getTransformAxis(n, rank);
  if (failed(axis))
    return failure();
  if (n.extents().isOpen(n.input(0), *axis) ||
      n.extents().isOpen(n.input(0), rank - 1))
    return n.unsupported(kOpenSignal);
  bool inverse = n.intAttr("inverse", 0) != 0;
  bool onesided = n.intAttr("onesided", 0) != 0;
  int64_t have = type.getDimSize(*axis);
  FailureOr<int64_t> length = inverse && onesided ? 2 * (have - 1) : have;
  if (n.hasInput(1))
    length = getLength(n, 1, "dft_length");
  if (failed(length) || *length < 1)
    return n.unsupported("a transform of no points", "give some");
  int64_t inputs = inverse && onesided ? *length / 2 + 1 : *length;
  Transform t{*length, inputs, type.getShape().back(), inverse, onesided};
  MaybeValue matrix = buildMatrix(n, t, type.getElementType());
  MaybeValue x = resized(n, n.input(0), *axis, inputs);
  // The points last but for the components, these as rows of a matrix.
  auto permutation = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  std::rotate(permutation.begin() + *axis, permutation.begin() + *axis + 1,
              permutation.end() - 1);
  x = chain<TransposeOp>(n, x, permutation);
  if (failed(x))
    return failure();
  Extents &extents = n.extents();
  Exprs shape(ArrayRef(extents.getExtents(*x)).drop_back(2));
  MaybeValue rows = chainReshapeTo(
      n, x, {extents.product(shape), extents.constant(t.rows())});
  MaybeValue y = chain<MatMulOp>(n, rows, matrix, /*transpose_a=*/false,
                                 /*transpose_b=*/false);
  shape.append(
      {extents.constant(t.outputs()), extents.constant(t.outputComponents())});
  return chainResults(chain<TransposeOp>(n, chainReshapeTo(n, y, shape),
                                         invertPermutationVector(permutation)));
}

/// Frames of the signal times the window are convolutions.
static ImportResult importSTFT(OpImporter &n) {
  for (unsigned i = 1; i < n.numInputs(); ++i)
    if (n.hasInput(i) && n.extents().isOpen(n.input(i)))
      return n.unsupported(kOpenWindow);
  RankedTensorType type = typeOf(n.input(0));
  if (type.getRank() == 2)
    type = type.clone({type.getDimSize(0), type.getDimSize(1), 1});
  if (type.getRank() != 3 || type.getDimSize(2) < 1 || type.getDimSize(2) > 2)
    return n.unsupported("the signal is not [batch, length, 1 or 2]",
                         "check the model with the ONNX checker");
  FailureOr<int64_t> step = getLength(n, 1, "frame_step");
  FailureOr<int64_t> length = failure();
  if (n.hasInput(3))
    length = getLength(n, 3, "frame_length");
  else if (n.hasInput(2) && typeOf(n.input(2)).getRank() == 1)
    length = typeOf(n.input(2)).getDimSize(0);
  else
    return n.unsupported("neither window nor frame_length is given",
                         "give one of them");
  if (failed(step) || failed(length))
    return failure();
  bool windowFits = !n.hasInput(2) ||
                    typeOf(n.input(2)).getShape() == ArrayRef<int64_t>(*length);
  if (*length < 1 || *length > type.getDimSize(1) || !windowFits)
    return n.unsupported("frames of " + Twine(*length) +
                             " elements do not fit the signal or the window",
                         "check the model with the ONNX checker");
  int64_t components = type.getDimSize(2);
  bool onesided = n.intAttr("onesided", 1) != 0 && components == 1;
  Transform t{*length, *length, components, /*inverse=*/false, onesided};
  MaybeValue matrix = buildMatrix(n, t, type.getElementType());
  MaybeValue filters =
      chainReshape(n, matrix, {*length, components, t.columns()});
  if (n.hasInput(2))
    filters =
        chain<MulOp>(n, filters, chainReshape(n, n.input(2), {*length, 1, 1}));
  filters = chain<TransposeOp>(n, filters, SmallVector<int64_t>{2, 1, 0});
  MaybeValue signal =
      chain<TransposeOp>(n, chainReshape(n, n.input(0), type.getShape()),
                         SmallVector<int64_t>{0, 2, 1});
  if (failed(filters) || failed(signal))
    return failure();
  SmallVector<int64_t> strides = {*step}, ones = {1}, none = {0, 0};
  MaybeValue y =
      n.value<ConvOp>(*signal, *filters, Value(), strides, ones, none, 1);
  y = chain<TransposeOp>(n, y, SmallVector<int64_t>{0, 2, 1});
  if (failed(y))
    return failure();
  Exprs exprs = n.extents().getExtents(*y);
  return chainResults(
      chainReshapeTo(n, y,
                     {exprs[0], exprs[1], n.extents().constant(t.outputs()),
                      n.extents().constant(2)}));
}

//===----------------------------------------------------------------------===//
// MelWeightMatrix
//===----------------------------------------------------------------------===//

/// The bins of the spectrum at which the triangles of the filters begin.
static SmallVector<int64_t> getMelBins(int64_t count, double points,
                                       double rate, double low, double high) {
  auto toMel = [](double hertz) { return 2595 * std::log10(1 + hertz / 700); };
  double first = toMel(low);
  double step = (toMel(high) - first) / static_cast<double>(count + 2);
  SmallVector<int64_t> bins;
  for (int64_t i = 0; i < count + 2; ++i) {
    double mel = first + static_cast<double>(i) * step;
    double hertz = 700 * (std::pow(10, mel / 2595) - 1);
    bins.push_back(
        static_cast<int64_t>(std::floor((points + 1) * hertz / rate)));
  }
  return bins;
}

static ImportResult importMelWeightMatrix(OpImporter &n) {
  FailureOr<int64_t> count = getLength(n, 0, "num_mel_bins");
  FailureOr<int64_t> points = getLength(n, 1, "dft_length");
  FailureOr<double> rate = getNumber(n, 2, "sample_rate");
  FailureOr<double> low = getNumber(n, 3, "lower_edge_hertz");
  FailureOr<double> high = getNumber(n, 4, "upper_edge_hertz");
  FailureOr<Type> type = n.builder().getF32Type();
  if (n.hasAttr("output_datatype"))
    type = n.elementTypeAttr("output_datatype");
  if (failed(count) || failed(points) || failed(rate) || failed(low) ||
      failed(high) || failed(type))
    return failure();
  int64_t rows = *points / 2 + 1;
  if (!(*rate > 0) || !(*low >= 0) || !(*high >= *low) || *high > *rate ||
      *count > kMaxMatrix / rows)
    return n.unsupported("edges from " + std::to_string(*low) + " to " +
                             std::to_string(*high) + " at a sample rate of " +
                             std::to_string(*rate),
                         "give ascending edges below the sample rate");
  SmallVector<int64_t> bins =
      getMelBins(*count, static_cast<double>(*points), *rate, *low, *high);
  SmallVector<double> values(rows * *count, 0);
  auto set = [&](int64_t row, int64_t column, double value) {
    if (row >= 0 && row < rows)
      values[row * *count + column] = value;
  };
  for (int64_t i = 0; i < *count; ++i) {
    int64_t from = bins[i], centre = bins[i + 1], to = bins[i + 2];
    if (from == centre)
      set(centre, i, 1);
    for (int64_t row = from; row <= centre && from < centre; ++row)
      set(row, i,
          static_cast<double>(row - from) / static_cast<double>(centre - from));
    for (int64_t row = centre; row < to; ++row)
      set(row, i,
          static_cast<double>(to - row) / static_cast<double>(to - centre));
  }
  return SmallVector<Value>{buildTable(n, {rows, *count}, *type, values)};
}

void cameo::registerSignal(OpRegistry &registry) {
  registry.add("BlackmanWindow", 17, "known index", importBlackmanWindow);
  registry.add("DFT", 17, "float, known index?, known index?", importDFT,
               {kManyPoints, kOpenSignal});
  registry.add("HammingWindow", 17, "known index", importHammingWindow);
  registry.add("HannWindow", 17, "known index", importHannWindow);
  registry.add(
      "MelWeightMatrix", 17,
      "known index, known index, known index, known float, known float",
      importMelWeightMatrix);
  registry.add("STFT", 17, "float, known index, float?, known index?",
               importSTFT, {kManyPoints, kOpenWindow});
  registry.allowOpenDims({"DFT", "STFT"});
}
