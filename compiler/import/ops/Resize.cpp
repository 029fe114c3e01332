//===- Resize.cpp - Import of Resize and Upsample -------------------------===//
//
// All coordinate transformations are affine: they become a step and an offset
// per dimension, and rounding modes a shift of the offset and a direction.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/ExtentRules.h"
#include "compiler/import/ops/OpenResize.h"

#include "mlir/IR/Matchers.h"

#include "llvm/Support/FormatVariadic.h"

#include <cmath>

using namespace mlir;
using namespace cameo;

static constexpr Limit kOpenForms{
    "integers, antialias or exclude_outside with bounded extents",
    "fix the shapes of the inputs"};

namespace {
/// One dimension: extents and the transformation of coordinates.
struct Axis {
  int64_t in = 1, out = 1;
  double scale = 1, roiStart = 0, roiEnd = 1;
  double step = 1, offset = 0;

  bool isIdentity() const { return in == out && scale == 1; }
};

class ResizeImporter {
public:
  explicit ResizeImporter(OpImporter &n) : n(n) {}
  ImportResult import(bool isUpsample);

private:
  LogicalResult readAxes();
  LogicalResult readScales(bool isUpsample);
  LogicalResult readSizes();
  LogicalResult readOpenSizes();
  /// Leaves dimension `dim`, of the extent `out`, to the run.
  void leaveOpen(int64_t dim, AffineExpr out, double scale);
  LogicalResult leaveOpenScales();
  /// Resizes the dimensions that are left to the run.
  MaybeValue buildOpen(MaybeValue value, StringRef rounding);
  LogicalResult readRoi();
  FailureOr<SmallVector<double>> readFloats(unsigned i, StringRef what);
  bool isGiven(unsigned i) const {
    return n.hasInput(i) && typeOf(n.input(i)).getNumElements() != 0;
  }
  LogicalResult applyScales(ArrayRef<double> scales);
  LogicalResult transform(Axis &axis, StringRef mode);
  MaybeValue buildNearest(StringRef roundingMode);
  MaybeValue buildInterpolated(bool cubic);
  MaybeValue buildExtrapolated(MaybeValue value);

  OpImporter &n;
  SmallVector<Axis> dims;
  StringRef coordinates = "asymmetric";
  SmallVector<OpenResize> open;
  /// The dimensions that scales and sizes are given for.
  SmallVector<int64_t> axes;
  SmallVector<int64_t> shape;
  SmallVector<double> steps, offsets;
};
} // namespace

LogicalResult ResizeImporter::readAxes() {
  RankedTensorType x = typeOf(n.input(0));
  for (int64_t extent : x.getShape())
    dims.push_back({extent, extent});
  axes =
      n.intsAttr("axes", llvm::to_vector(llvm::seq<int64_t>(0, x.getRank())));
  // Entries of scales and sizes follow the order in which axes are given.
  for (int64_t &axis : axes) {
    if (axis < -x.getRank() || axis >= x.getRank())
      return n.unsupported("axis " + Twine(axis) + " of a tensor of rank " +
                               Twine(x.getRank()),
                           "give axes in [-rank, rank)");
    axis += axis < 0 ? x.getRank() : 0;
  }
  return success();
}

FailureOr<SmallVector<double>> ResizeImporter::readFloats(unsigned i,
                                                          StringRef what) {
  ElementsAttr elements;
  if (!matchPattern(n.input(i), m_Constant(&elements)) ||
      !isa<FloatType>(elements.getElementType()))
    return n.unsupported(
        what + " is not a constant of numbers",
        "make it an initialiser, or fix the shapes of the inputs");
  auto values = elements.tryGetValues<APFloat>();
  if (!values)
    return n.unsupported(what + " is too large", "give fewer values");
  return llvm::map_to_vector(
      *values, [](const APFloat &value) { return value.convertToDouble(); });
}

LogicalResult ResizeImporter::applyScales(ArrayRef<double> scales) {
  if (scales.size() != axes.size())
    return n.unsupported("there are " + Twine(scales.size()) + " scales for " +
                             Twine(axes.size()) + " dimensions",
                         "give one scale per dimension");
  for (auto [axis, scale] : llvm::zip(axes, scales)) {
    Axis &dim = dims[axis];
    dim.scale = scale;
    double extent =
        std::floor(static_cast<float>(scale) * static_cast<float>(dim.in));
    if (!(scale > 0) || !(extent < 1e15))
      return n.unsupported(llvm::formatv("scale {0:f6} gives no extent", scale),
                           "use positive scales");
    dim.out = static_cast<int64_t>(extent);
  }
  return success();
}

LogicalResult ResizeImporter::readScales(bool isUpsample) {
  if (isUpsample && n.opset() < 9) {
    SmallVector<float> scales = n.floatsAttr("scales");
    return applyScales(SmallVector<double>(scales.begin(), scales.end()));
  }
  unsigned input = isUpsample || n.opset() < 11 ? 1 : 2;
  if (!n.hasInput(input))
    return n.unsupported("neither scales nor sizes are given",
                         "give one of them");
  FailureOr<SmallVector<double>> scales = readFloats(input, "scales");
  return failed(scales) ? LogicalResult(failure()) : applyScales(*scales);
}

LogicalResult ResizeImporter::readSizes() {
  if (isOpenNode(n))
    return readOpenSizes();
  FailureOr<SmallVector<int64_t>> sizes = n.constantInts(3, "sizes");
  if (failed(sizes))
    return failure();
  if (sizes->size() != axes.size())
    return n.unsupported("there are " + Twine(sizes->size()) + " sizes for " +
                             Twine(axes.size()) + " dimensions",
                         "give one size per dimension");
  StringRef policy = n.stringAttr("keep_aspect_ratio_policy", "stretch");
  if (policy != "stretch" && policy != "not_larger" && policy != "not_smaller")
    return n.unsupported("keep_aspect_ratio_policy is '" + policy + "'",
                         "use stretch, not_larger or not_smaller");
  std::optional<double> common;
  for (auto [axis, size] : llvm::zip(axes, *sizes)) {
    Axis &dim = dims[axis];
    if (size < 0 || dim.in == 0)
      return n.unsupported("size " + Twine(size) +
                               " of a dimension of extent " + Twine(dim.in),
                           "use sizes from 0 on, of dimensions with elements");
    dim.out = size;
    dim.scale = static_cast<double>(size) / static_cast<double>(dim.in);
    if (policy == "not_larger")
      common = std::min(common.value_or(dim.scale), dim.scale);
    else
      common = std::max(common.value_or(dim.scale), dim.scale);
  }
  if (policy == "stretch")
    return success();
  for (int64_t axis : axes) {
    dims[axis].scale = *common;
    dims[axis].out = static_cast<int64_t>(
        std::floor(*common * static_cast<double>(dims[axis].in) + 0.5));
  }
  return success();
}

void ResizeImporter::leaveOpen(int64_t dim, AffineExpr out, double scale) {
  open.push_back({dim, checkExtent(n, out), scale, coordinates, StringRef(),
                  false, n.floatAttr("cubic_coeff_a", -0.75)});
  dims[dim].out = dims[dim].in;
  dims[dim].scale = 1;
}

/// Whether coordinates follow from the scale alone.
static bool followsScale(StringRef coordinates) {
  return coordinates == "half_pixel" || coordinates == "asymmetric" ||
         coordinates == "tf_half_pixel_for_nn";
}

/// Sizes that are a whole multiple of the extents, whatever these are, are a
/// scale; others are left to the run.
LogicalResult ResizeImporter::readOpenSizes() {
  Extents &extents = n.extents();
  FailureOr<Exprs> sizes = n.knownInts(3, "sizes");
  if (failed(sizes))
    return failure();
  if (sizes->size() != axes.size() ||
      n.stringAttr("keep_aspect_ratio_policy", "stretch") != "stretch")
    return n.unsupported("sizes do not fit the axes, or keep the aspect ratio",
                         "fix the shapes of the inputs");
  for (auto [axis, size] : llvm::zip(axes, *sizes)) {
    Axis &dim = dims[axis];
    AffineExpr extent = extents.getExtent(n.input(0), axis);
    int64_t high = extents.getRange(size).high;
    if (!extents.isOpen(extent) && !extents.isOpen(size) && dim.in > 0) {
      dim.out = high;
      dim.scale = static_cast<double>(high) / static_cast<double>(dim.in);
      continue;
    }
    int64_t factor = dim.in > 0 ? high / dim.in : 0;
    bool isWhole = factor >= 1 && extents.areEqual(size, extent * factor);
    if (!isWhole || (factor > 1 && !followsScale(coordinates))) {
      leaveOpen(axis, size, /*scale=*/0);
      continue;
    }
    dim.scale = static_cast<double>(factor);
    dim.out = dim.in * factor;
  }
  return success();
}

LogicalResult ResizeImporter::leaveOpenScales() {
  for (auto [i, dim] : llvm::enumerate(dims)) {
    if (!n.extents().isOpen(n.input(0), i) || dim.scale == 1 ||
        followsScale(coordinates))
      continue;
    AffineExpr extent = n.extents().getExtent(n.input(0), i);
    AffineExpr out = getScaled(n.extents(), extent, dim.scale);
    if (!out)
      return n.unsupported(llvm::formatv("scale {0:f6} of the bounded "
                                         "dimension {1}",
                                         dim.scale, i)
                               .str(),
                           "use sizes, or a scale that is a simple fraction");
    leaveOpen(i, out, dim.scale);
  }
  return success();
}

MaybeValue ResizeImporter::buildOpen(MaybeValue value, StringRef rounding) {
  StringRef mode = n.stringAttr("mode", "nearest");
  if (failed(value) || open.empty())
    return value;
  Type type = typeOf(*value).getElementType();
  bool isNearest = mode == "nearest";
  if (!isNearest && (!isa<FloatType>(type) || n.intAttr("antialias", 0) != 0 ||
                     n.intAttr("exclude_outside", 0) != 0))
    return n.unsupported(kOpenForms);
  bool isNarrow = !isNearest && type.getIntOrFloatBitWidth() < 32;
  if (isNarrow)
    value = chainCast(n, value, n.builder().getF32Type());
  for (OpenResize &how : open) {
    if (isNearest)
      how.rounding = rounding != "simple" ? rounding
                     : how.scale < 1      ? StringRef("ceil")
                                          : StringRef("floor");
    how.cubic = mode == "cubic";
    if (succeeded(value))
      value = resizeOpen(n, *value, how);
  }
  return isNarrow ? chainCast(n, value, type) : value;
}

LogicalResult ResizeImporter::readRoi() {
  if (n.opset() < 11 || !isGiven(1))
    return n.unsupported("tf_crop_and_resize has no region",
                         "give the input roi");
  FailureOr<SmallVector<double>> roi = readFloats(1, "roi");
  if (failed(roi))
    return failure();
  if (roi->size() != 2 * axes.size())
    return n.unsupported("roi has " + Twine(roi->size()) + " entries for " +
                             Twine(axes.size()) + " dimensions",
                         "give a start and an end per dimension");
  for (auto [i, axis] : llvm::enumerate(axes)) {
    dims[axis].roiStart = (*roi)[i];
    dims[axis].roiEnd = (*roi)[axes.size() + i];
    bool isWhole = dims[axis].roiStart == 0 && dims[axis].roiEnd == 1;
    if (!isWhole && n.extents().isOpen(n.input(0), axis))
      return n.unsupported("a part of the bounded dimension " + Twine(axis),
                           "fix the extent");
  }
  return success();
}

/// Sets step and offset from the coordinate transformation mode.
LogicalResult ResizeImporter::transform(Axis &axis, StringRef mode) {
  double in = static_cast<double>(axis.in), scale = axis.scale;
  double length = scale * in, last = in - 1;
  if (mode == "tf_crop_and_resize") {
    double range = (axis.roiEnd - axis.roiStart) * last;
    axis.step = length == 1 ? 0 : range / (length - 1);
    axis.offset = axis.roiStart * last + (length == 1 ? range / 2 : 0);
    return success();
  }
  if (axis.isIdentity())
    return success();
  axis.step = 1 / scale;
  axis.offset = 0.5 / scale - 0.5;
  if (mode == "half_pixel" || (mode == "pytorch_half_pixel" && axis.out > 1))
    return success();
  if (mode == "pytorch_half_pixel" || mode == "asymmetric") {
    axis.offset = 0;
  } else if (mode == "align_corners") {
    axis.step = length == 1 ? 0 : last / (length - 1);
    axis.offset = 0;
  } else if (mode == "half_pixel_symmetric") {
    axis.offset += in / 2 * (1 - static_cast<double>(axis.out) / length);
  } else if (mode == "tf_half_pixel_for_nn") {
    axis.offset = 0.5 / scale;
  } else {
    return n.unsupported("coordinate_transformation_mode is '" + mode + "'",
                         "use half_pixel, align_corners or asymmetric");
  }
  return success();
}

MaybeValue ResizeImporter::buildNearest(StringRef roundingMode) {
  SmallVector<bool> roundUp;
  for (auto [dim, offset] : llvm::zip(dims, offsets)) {
    StringRef mode = roundingMode;
    // Resize of opset 10 rounds away from what it leaves out.
    if (mode == "simple")
      mode = dim.scale < 1 ? "ceil" : "floor";
    roundUp.push_back(mode == "ceil" || mode == "round_prefer_floor");
    if (mode == "round_prefer_floor")
      offset -= dim.isIdentity() ? 0 : 0.5;
    else if (mode == "round_prefer_ceil")
      offset += dim.isIdentity() ? 0 : 0.5;
    else if (mode != "floor" && mode != "ceil")
      return n.unsupported(
          "nearest_mode is '" + mode + "'",
          "use round_prefer_floor, round_prefer_ceil, floor or ceil");
  }
  return n.value<ResizeNearestOp>(n.input(0), shape, steps, offsets, roundUp);
}

MaybeValue ResizeImporter::buildInterpolated(bool cubic) {
  bool antialias = n.intAttr("antialias", 0) != 0;
  SmallVector<double> stretches;
  for (const Axis &dim : dims)
    stretches.push_back(antialias && dim.scale < 1 ? 1 / dim.scale : 1);
  return n.value<ResizeOp>(n.input(0), shape, steps, offsets, stretches, cubic,
                           APFloat(n.floatAttr("cubic_coeff_a", -0.75)),
                           n.intAttr("exclude_outside", 0) != 0);
}

/// Puts `extrapolation_value` where coordinates lie outside of the input.
MaybeValue ResizeImporter::buildExtrapolated(MaybeValue value) {
  for (auto [i, dim] : llvm::enumerate(dims)) {
    SmallVector<bool> outside;
    for (int64_t o = 0; o < dim.out; ++o) {
      double coordinate = static_cast<double>(o) * dim.step + dim.offset;
      outside.push_back(coordinate < -1e-9 ||
                        coordinate > static_cast<double>(dim.in - 1) + 1e-9);
    }
    if (failed(value) || !llvm::is_contained(outside, true))
      continue;
    SmallVector<int64_t> maskShape(dims.size(), 1);
    maskShape[i] = dim.out;
    auto maskType = RankedTensorType::get(maskShape, n.builder().getI1Type());
    Value mask =
        n.constant(DenseElementsAttr::get(maskType, ArrayRef<bool>(outside)));
    Value filling = n.splat(typeOf(*value).getElementType(),
                            n.floatAttr("extrapolation_value", 0));
    value = chain<WhereOp>(n, mask, filling, value);
  }
  return value;
}

ImportResult ResizeImporter::import(bool isUpsample) {
  bool hasModes = !isUpsample && n.opset() >= 11;
  bool hasSizes = hasModes && isGiven(3);
  StringRef rounding = isUpsample ? "floor" : "simple";
  if (hasModes) {
    coordinates = n.stringAttr("coordinate_transformation_mode", "half_pixel");
    rounding = n.stringAttr("nearest_mode", "round_prefer_floor");
  }
  if (failed(readAxes()) ||
      failed(hasSizes ? readSizes() : readScales(isUpsample)) ||
      failed(leaveOpenScales()))
    return failure();
  bool crops = coordinates == "tf_crop_and_resize";
  if (crops && failed(readRoi()))
    return failure();
  for (Axis &dim : dims) {
    if (failed(transform(dim, coordinates)))
      return failure();
    shape.push_back(dim.out);
    steps.push_back(dim.step);
    offsets.push_back(dim.offset);
  }
  StringRef mode = n.stringAttr("mode", "nearest");
  MaybeValue result = n.input(0);
  bool isLeft = !open.empty() && llvm::all_of(dims, [](const Axis &dim) {
    return dim.isIdentity();
  });
  if (!isLeft && mode == "nearest")
    result = buildNearest(rounding);
  else if (!isLeft &&
           (mode == "linear" || mode == "bilinear" || mode == "cubic"))
    result = buildInterpolated(mode == "cubic");
  else if (!llvm::is_contained({"nearest", "linear", "bilinear", "cubic"},
                               mode))
    return n.unsupported("mode is '" + mode + "'",
                         "use nearest, linear or cubic");
  result = buildOpen(result, rounding);
  return chainResults(crops ? buildExtrapolated(result) : result);
}

static ImportResult importResize(OpImporter &n) {
  return ResizeImporter(n).import(/*isUpsample=*/false);
}

static ImportResult importUpsample(OpImporter &n) {
  return ResizeImporter(n).import(/*isUpsample=*/true);
}

void cameo::registerResize(OpRegistry &registry) {
  registry.add("Resize", 10, "number, known float?, known f32?, known int64?",
               importResize, {kOpenForms});
  registry.add("Upsample", 7, "number, known f32?", importUpsample,
               {kOpenForms});
  registry.allowOpenDims({"Resize", "Upsample"});
}
