//===- Spatial.cpp - Import of operators on regions of images -------------===//

#include "compiler/import/Tensors.h"
#include "compiler/import/ops/OpenShapes.h"
#include "compiler/import/ops/Windows.h"

#include "mlir/Dialect/Utils/IndexingUtils.h"

using namespace mlir;
using namespace cameo;

static Value buildInts(OpImporter &n, ArrayRef<int64_t> shape,
                       ArrayRef<int64_t> values) {
  auto type = RankedTensorType::get(shape, n.builder().getI64Type());
  return n.constant(DenseElementsAttr::get(type, values));
}

/// Zeros of a shape.
static Value buildZeros(OpImporter &n, ArrayRef<int64_t> shape,
                        Type elementType) {
  return n.constant(
      DenseElementsAttr::get(RankedTensorType::get(shape, elementType),
                             n.builder().getZeroAttr(elementType)));
}

//===----------------------------------------------------------------------===//
// Col2Im
//===----------------------------------------------------------------------===//

/// For every element of every block, its place in the image; the number of
/// elements of the image where it is in the padding.
static SmallVector<int64_t> getBlockPlaces(const WindowAttrs &blocks,
                                           ArrayRef<int64_t> image,
                                           ArrayRef<int64_t> counts) {
  int64_t outside = ShapedType::getNumElements(image);
  SmallVector<int64_t> strides = computeStrides(image), places;
  for (int64_t element = 0; element < ShapedType::getNumElements(blocks.kernel);
       ++element) {
    SmallVector<int64_t> k =
        delinearize(element, computeStrides(blocks.kernel));
    for (int64_t block = 0; block < ShapedType::getNumElements(counts);
         ++block) {
      SmallVector<int64_t> at = delinearize(block, computeStrides(counts));
      int64_t place = 0;
      for (int64_t dim = 0; dim < blocks.getRank(); ++dim) {
        int64_t position = at[dim] * blocks.strides[dim] - blocks.pads[dim] +
                           k[dim] * blocks.dilations[dim];
        bool isInside = position >= 0 && position < image[dim];
        place = isInside && place != outside ? place + position * strides[dim]
                                             : outside;
      }
      places.push_back(place);
    }
  }
  return places;
}

/// Columns are added to rows of a matrix of one row per element of the image,
/// and one for what is outside.
static ImportResult importCol2Im(OpImporter &n) {
  FailureOr<SmallVector<int64_t>> image = n.constantInts(1, "image_shape");
  FailureOr<SmallVector<int64_t>> block = n.constantInts(2, "block_shape");
  if (failed(image) || failed(block))
    return failure();
  FailureOr<WindowAttrs> blocks = readWindows(n, *block);
  if (failed(blocks))
    return failure();
  RankedTensorType type = typeOf(n.input(0));
  constexpr int64_t kMostPlaces = int64_t(1) << 26;
  int64_t elements = 1, size = 1;
  bool fits = type.getRank() == 3 && image->size() == block->size();
  SmallVector<int64_t> counts;
  for (int64_t dim = 0; fits && dim < blocks->getRank(); ++dim) {
    int64_t room = (*image)[dim] + blocks->pads[dim] +
                   blocks->pads[blocks->getRank() + dim] - blocks->getSpan(dim);
    fits = (*image)[dim] > 0 && room >= 0 &&
           !llvm::MulOverflow(size, (*image)[dim], size) &&
           !llvm::MulOverflow(elements, (*block)[dim], elements) &&
           size <= kMostPlaces && elements <= kMostPlaces;
    counts.push_back(room / blocks->strides[dim] + 1);
  }
  int64_t places = fits ? ShapedType::getNumElements(counts) : 0;
  if (!fits || type.getDimSize(2) != places || elements == 0 ||
      type.getDimSize(1) % elements != 0 || places > kMostPlaces / elements)
    return n.unsupported("columns do not fit image_shape and block_shape",
                         "check the model with the ONNX checker");
  int64_t batch = type.getDimSize(0), channels = type.getDimSize(1) / elements;
  Value indices = buildInts(n, {elements * places, 1},
                            getBlockPlaces(*blocks, *image, counts));
  MaybeValue rows = chain<TransposeOp>(
      n, chainReshape(n, n.input(0), {batch * channels, elements * places}),
      SmallVector<int64_t>{1, 0});
  Value zeros =
      buildZeros(n, {size + 1, batch * channels}, type.getElementType());
  MaybeValue sums =
      chain<ScatterNDOp>(n, zeros, indices, rows, ScatterReduction::Add,
                         /*in_bounds=*/true);
  SmallVector<int64_t> starts = {0, 0}, steps = {1, 1};
  sums = chain<SliceOp>(n, sums, starts,
                        SmallVector<int64_t>{size, batch * channels}, steps);
  SmallVector<int64_t> shape = {batch, channels};
  llvm::append_range(shape, *image);
  return chainResults(chainReshape(
      n, chain<TransposeOp>(n, sums, SmallVector<int64_t>{1, 0}), shape));
}

//===----------------------------------------------------------------------===//
// CenterCropPad
//===----------------------------------------------------------------------===//

/// The same for open extents: elements are moved by half of the difference.
static ImportResult cropOpen(OpImporter &n, ArrayRef<int64_t> axes,
                             ArrayRef<int64_t> wanted) {
  Extents &extents = n.extents();
  MaybeValue x = n.input(0);
  int64_t rank = typeOf(*x).getRank();
  Value zero = n.splat(typeOf(*x).getElementType(), 0);
  for (auto [axis, extent] : llvm::zip_equal(axes, wanted)) {
    int64_t dim = axis < 0 ? axis + rank : axis;
    if (extent < 0 || !hasSensibleSize(extent))
      return n.unsupported("shape has the extent " + Twine(extent),
                           "give sensible extents");
    if (failed(x))
      return failure();
    AffineExpr have = extents.getExtent(*x, dim);
    AffineExpr none = extents.constant(0), more = extent - have;
    // Halves are rounded towards zero.
    AffineExpr added =
        extents.greatest(n.loc(), extents.simplify(more.floorDiv(2)), none);
    AffineExpr cut =
        extents.greatest(n.loc(), extents.simplify((-more).floorDiv(2)), none);
    x = padOpen(n, *x, dim, extents.simplify(added - cut),
                extents.constant(extent), zero);
  }
  return chainResults(x);
}

static ImportResult importCenterCropPad(OpImporter &n) {
  RankedTensorType type = typeOf(n.input(0));
  int64_t rank = type.getRank();
  FailureOr<SmallVector<int64_t>> wanted = n.constantInts(1, "shape");
  SmallVector<int64_t> axes =
      n.intsAttr("axes", llvm::to_vector(llvm::seq<int64_t>(0, rank)));
  if (failed(wanted) || failed(n.normalizedAxes(axes, rank)))
    return failure();
  if (axes.size() != wanted->size())
    return n.unsupported(Twine(wanted->size()) + " extents for " +
                             Twine(axes.size()) + " axes",
                         "give an extent per axis");
  SmallVector<int64_t> starts(rank, 0), extents(type.getShape()),
      steps(rank, 1), pads(2 * rank, 0);
  int64_t count = 1;
  if (n.extents().isOpen(n.input(0)))
    return cropOpen(n, axes, *wanted);
  for (auto [axis, extent] : llvm::zip_equal(axes, *wanted)) {
    int64_t dim = axis < 0 ? axis + rank : axis, have = extents[dim];
    if (extent < 0 || llvm::MulOverflow(count, extent, count))
      return n.unsupported("shape has the extent " + Twine(extent),
                           "give sensible extents");
    int64_t more = std::max<int64_t>(extent - have, 0);
    starts[dim] = std::max<int64_t>(have - extent, 0) / 2;
    extents[dim] = std::min(have, extent);
    pads[dim] = more / 2;
    pads[rank + dim] = more - more / 2;
    if (extents[dim] == 0)
      starts[dim] = 0;
  }
  MaybeValue part = n.value<SliceOp>(n.input(0), starts, extents, steps);
  return chainResults(
      chain<PadOp>(n, part, n.splat(type.getElementType(), 0), pads));
}

//===----------------------------------------------------------------------===//
// DeformConv
//===----------------------------------------------------------------------===//

namespace {
/// A convolution whose windows read at shifted positions: these are sampled as
/// on a grid, then multiplied with the filters.
class DeformConvImporter {
public:
  explicit DeformConvImporter(OpImporter &n) : n(n) {}
  ImportResult run();

private:
  LogicalResult read();
  /// Coordinates in dimension `dim` (0: y, 1: x) of all taps of all windows, as
  /// a grid has them: [batch * offset groups, taps * height, width, 1].
  MaybeValue buildCoordinates(int64_t dim);
  /// Sampled elements [batch, groups, inputs of a group * taps, windows].
  MaybeValue buildColumns();

  OpImporter &n;
  RankedTensorType x, w;
  WindowAttrs windows;
  int64_t groups = 1, offsetGroups = 1, taps = 0;
  SmallVector<int64_t> counts; ///< Windows per dimension.
};
} // namespace

static constexpr Limit kOpenImage{"a bounded extent other than the batch",
                                  "fix the extent"};
static constexpr Limit kImagesOnly{
    "tensors of other ranks than 4",
    "only images of two dimensions are supported"};

LogicalResult DeformConvImporter::read() {
  x = typeOf(n.input(0)), w = typeOf(n.input(1));
  for (unsigned i = 0; i < n.numInputs(); ++i)
    for (int64_t dim = i == 1 || i == 3 ? 0 : 1;
         n.hasInput(i) && dim < typeOf(n.input(i)).getRank(); ++dim)
      if (n.extents().isOpen(n.input(i), dim))
        return n.unsupported(kOpenImage);
  groups = n.intAttr("group", 1), offsetGroups = n.intAttr("offset_group", 1);
  if (x.getRank() != 4 || w.getRank() != 4)
    return n.unsupported(kImagesOnly);
  FailureOr<WindowAttrs> attrs = readWindows(n, w.getShape().drop_front(2));
  if (failed(attrs))
    return failure();
  windows = *attrs;
  taps = w.getDimSize(2) * w.getDimSize(3);
  bool fits = groups > 0 && offsetGroups > 0 &&
              x.getDimSize(1) == groups * w.getDimSize(1) &&
              w.getDimSize(0) % groups == 0 &&
              x.getDimSize(1) % offsetGroups == 0;
  for (int64_t dim = 0; fits && dim < 2; ++dim) {
    int64_t room = x.getDimSize(2 + dim) + windows.pads[dim] +
                   windows.pads[2 + dim] - windows.getSpan(dim);
    fits = room >= 0 && x.getDimSize(2 + dim) > 0;
    counts.push_back(fits ? room / windows.strides[dim] + 1 : 0);
  }
  auto matches = [&](unsigned input, int64_t components) {
    SmallVector<int64_t> shape = {x.getDimSize(0),
                                  offsetGroups * taps * components};
    llvm::append_range(shape, counts);
    return !n.hasInput(input) ||
           typeOf(n.input(input)).getShape() == ArrayRef(shape);
  };
  if (!fits || !matches(2, 2) || !matches(4, 1))
    return n.unsupported("the shapes of input, weights, offset and mask do not "
                         "fit",
                         "check the model with the ONNX checker");
  return success();
}

MaybeValue DeformConvImporter::buildCoordinates(int64_t dim) {
  Type f32 = n.builder().getF32Type();
  int64_t batch = x.getDimSize(0) * offsetGroups;
  SmallVector<int64_t> shape = {batch, taps, 2, counts[0], counts[1]};
  SmallVector<int64_t> starts = {0, 0, dim, 0, 0}, steps(5, 1), extents = shape;
  extents[2] = 1;
  MaybeValue offset = chain<SliceOp>(n, chainReshape(n, n.input(2), shape),
                                     starts, extents, steps);
  offset = chainReshape(n, chainCast(n, offset, f32),
                        {batch, taps, counts[0], counts[1]});
  SmallVector<float> base;
  for (int64_t tap = 0; tap < taps; ++tap)
    for (int64_t o = 0; o < counts[dim]; ++o) {
      int64_t k = dim == 0 ? tap / w.getDimSize(3) : tap % w.getDimSize(3);
      base.push_back(static_cast<float>(o * windows.strides[dim] -
                                        windows.pads[dim] +
                                        k * windows.dilations[dim]));
    }
  SmallVector<int64_t> baseShape = {1, taps, dim == 0 ? counts[0] : 1,
                                    dim == 0 ? 1 : counts[1]};
  Value positions = n.constant(DenseElementsAttr::get(
      RankedTensorType::get(baseShape, f32), ArrayRef<float>(base)));
  // The grid has the borders of the image at -1 and 1.
  auto extent = static_cast<double>(x.getDimSize(2 + dim));
  MaybeValue position = chain<AddOp>(n, offset, positions);
  MaybeValue scaled = chain<MulOp>(n, position, n.splat(f32, 2 / extent));
  MaybeValue grid = chain<AddOp>(n, scaled, n.splat(f32, 1 / extent - 1));
  return chainReshape(n, grid, {batch, taps * counts[0], counts[1], 1});
}

MaybeValue DeformConvImporter::buildColumns() {
  int64_t batch = x.getDimSize(0), channels = x.getDimSize(1);
  MaybeValue gridY = buildCoordinates(0), gridX = buildCoordinates(1);
  if (failed(gridY) || failed(gridX))
    return failure();
  MaybeValue grid = n.value<ConcatOp>(ValueRange{*gridX, *gridY}, 3);
  MaybeValue images =
      chainReshape(n, n.input(0),
                   {batch * offsetGroups, channels / offsetGroups,
                    x.getDimSize(2), x.getDimSize(3)});
  MaybeValue sampled =
      chain<GridSampleOp>(n, images, grid, StringRef("linear"),
                          StringRef("zeros"), /*align_corners=*/false);
  if (n.hasInput(4))
    sampled = chain<MulOp>(
        n, sampled,
        chainReshape(n, n.input(4),
                     {batch * offsetGroups, 1, taps * counts[0], counts[1]}));
  return chainReshape(
      n, sampled,
      {batch, groups, channels / groups * taps, counts[0] * counts[1]});
}

ImportResult DeformConvImporter::run() {
  if (failed(read()))
    return failure();
  int64_t outputs = w.getDimSize(0);
  MaybeValue filters = chainReshape(
      n, n.input(1), {groups, outputs / groups, w.getDimSize(1) * taps});
  MaybeValue y = chain<MatMulOp>(n, filters, buildColumns(),
                                 /*transpose_a=*/false, /*transpose_b=*/false);
  y = chainReshape(n, y, {x.getDimSize(0), outputs, counts[0], counts[1]});
  if (n.hasInput(3))
    y = chain<AddOp>(n, y, chainReshape(n, n.input(3), {outputs, 1, 1}));
  return chainResults(y);
}

static ImportResult importDeformConv(OpImporter &n) {
  return DeformConvImporter(n).run();
}

//===----------------------------------------------------------------------===//
// Pools
//===----------------------------------------------------------------------===//

static ImportResult importRoiAlign(OpImporter &n) {
  StringRef mode = n.stringAttr("mode", "avg");
  StringRef coordinates =
      n.stringAttr("coordinate_transformation_mode",
                   n.opset() < 16 ? "output_half_pixel" : "half_pixel");
  if (mode != "avg" && mode != "max")
    return n.unsupported("mode '" + mode + "'", "use avg or max");
  if (coordinates != "half_pixel" && coordinates != "output_half_pixel")
    return n.unsupported("coordinate_transformation_mode '" + coordinates + "'",
                         "use half_pixel or output_half_pixel");
  SmallVector<int64_t> shape = {n.intAttr("output_height", 1),
                                n.intAttr("output_width", 1)};
  return n.build<RoiAlignOp>(
      n.input(0), n.input(1), n.input(2), shape, n.intAttr("sampling_ratio", 0),
      APFloat(static_cast<float>(n.floatAttr("spatial_scale", 1))),
      coordinates == "half_pixel", mode == "max");
}

static ImportResult importMaxRoiPool(OpImporter &n) {
  return n.build<MaxRoiPoolOp>(
      n.input(0), n.input(1), n.intsAttr("pooled_shape", {}),
      APFloat(static_cast<float>(n.floatAttr("spatial_scale", 1))));
}

/// Writes every element at its index of a tensor of zeros.
static ImportResult importMaxUnpool(OpImporter &n) {
  RankedTensorType x = typeOf(n.input(0));
  int64_t rank = x.getRank();
  SmallVector<int64_t> kernel = n.intsAttr("kernel_shape", {});
  if (rank < 3 || static_cast<int64_t>(kernel.size()) != rank - 2)
    return n.unsupported("kernel_shape has " + Twine(kernel.size()) +
                             " entries for a tensor of rank " + Twine(rank),
                         "give one per spatial dimension");
  FailureOr<WindowAttrs> windows = readWindows(n, kernel);
  if (failed(windows))
    return failure();
  SmallVector<int64_t> shape(x.getShape());
  int64_t count = 1;
  for (int64_t dim = 0; dim < rank; ++dim) {
    if (dim >= 2)
      shape[dim] = (shape[dim] - 1) * windows->strides[dim - 2] +
                   windows->kernel[dim - 2] - windows->pads[dim - 2] -
                   windows->pads[rank - 2 + dim - 2];
    if (shape[dim] < 0 || llvm::MulOverflow(count, shape[dim], count))
      return n.unsupported("pads remove everything, or there are too many "
                           "elements",
                           "check the model with the ONNX checker");
  }
  MaybeValue y = chain<ScatterElementsOp>(
      n, buildZeros(n, count, x.getElementType()),
      chainReshape(n, n.input(1), x.getNumElements()),
      chainReshape(n, n.input(0), x.getNumElements()), /*axis=*/0,
      ScatterReduction::None, /*in_bounds=*/false);
  y = chainReshape(n, y, shape);
  if (!n.hasInput(2))
    return chainResults(y);
  FailureOr<SmallVector<int64_t>> wanted = n.constantInts(2, "output_shape");
  if (failed(wanted))
    return failure();
  SmallVector<int64_t> pads(2 * rank, 0);
  for (int64_t dim = 0; dim < rank; ++dim) {
    if (static_cast<int64_t>(wanted->size()) != rank ||
        (*wanted)[dim] < shape[dim])
      return n.unsupported("output_shape is smaller than what is unpooled",
                           "give larger extents");
    pads[rank + dim] = (*wanted)[dim] - shape[dim];
  }
  return chainResults(chain<PadOp>(n, y, n.splat(x.getElementType(), 0), pads));
}

static ImportResult importDet(OpImporter &n) {
  return n.build<DetOp>(n.input(0));
}

void cameo::registerSpatial(OpRegistry &registry) {
  registry.add("CenterCropPad", 18, "any, known index", importCenterCropPad);
  registry.add("Col2Im", 18, "number, known int64, known int64", importCol2Im);
  registry.add("DeformConv", 19, "float, float, float, float?, float?",
               importDeformConv, {kImagesOnly, kOpenImage});
  registry.add("Det", 11, "float", importDet);
  registry.add("MaxRoiPool", 1, "float, float", importMaxRoiPool);
  registry.add("MaxUnpool", 9, "float, int64, known int64?", importMaxUnpool);
  registry.add("RoiAlign", 10, "float, float, index", importRoiAlign);
  registry.allowOpenDims(
      {"CenterCropPad", "DeformConv", "Det", "MaxRoiPool", "RoiAlign"});
}
