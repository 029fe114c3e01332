//===- Sampling.cpp - Import of sampling on grids -------------------------===//

#include "compiler/import/ops/Chain.h"

using namespace mlir;
using namespace cameo;

static ImportResult importGridSample(OpImporter &n) {
  StringRef mode = n.stringAttr("mode", "linear");
  // Names of opset 16.
  if (mode == "bilinear" || mode == "bicubic")
    mode = mode.drop_front(2);
  StringRef padding = n.stringAttr("padding_mode", "zeros");
  if (!llvm::is_contained({"nearest", "linear", "cubic"}, mode))
    return n.unsupported("mode is '" + mode + "'",
                         "use nearest, linear or cubic");
  if (!llvm::is_contained({"zeros", "border", "reflection"}, padding))
    return n.unsupported("padding_mode is '" + padding + "'",
                         "use zeros, border or reflection");
  return n.build<GridSampleOp>(n.input(0), n.input(1), mode, padding,
                               n.intAttr("align_corners", 0) != 0);
}

/// The homogeneous coordinates (x, y, ..., 1) of all elements of `shape`, row
/// by row, with edges at -1 and 1.
static Value buildCoordinates(OpImporter &n, ArrayRef<int64_t> shape,
                              bool alignCorners) {
  int64_t count = ShapedType::getNumElements(shape), rank = shape.size();
  SmallVector<float> values;
  for (int64_t element = 0; element < count; ++element) {
    int64_t rest = element;
    for (int64_t extent : llvm::reverse(shape)) {
      double index = static_cast<double>(rest % extent);
      rest /= extent;
      double length = static_cast<double>(extent);
      if (!alignCorners || extent == 1)
        values.push_back(static_cast<float>((2 * index + 1) / length - 1));
      else
        values.push_back(static_cast<float>(2 * index / (length - 1) - 1));
    }
    values.push_back(1);
  }
  return n.constant(DenseElementsAttr::get(
      RankedTensorType::get({count, rank + 1}, n.builder().getF32Type()),
      ArrayRef(values)));
}

/// Every element's coordinates times the matrix of its batch.
static ImportResult importAffineGrid(OpImporter &n) {
  FailureOr<SmallVector<int64_t>> size = n.constantInts(1, "size");
  if (failed(size))
    return failure();
  RankedTensorType theta = typeOf(n.input(0));
  int64_t rank = static_cast<int64_t>(size->size()) - 2;
  if (rank < 1 || theta.getRank() != 3 || theta.getDimSize(0) != (*size)[0] ||
      theta.getDimSize(1) != rank || theta.getDimSize(2) != rank + 1 ||
      llvm::any_of(*size, [](int64_t extent) { return extent < 1; }))
    return n.unsupported("size and the shape of theta do not fit",
                         "check the model with the ONNX checker");
  ArrayRef<int64_t> extents = ArrayRef(*size).drop_front(2);
  constexpr int64_t limit = int64_t(1) << 26;
  int64_t count = 1;
  for (int64_t extent : extents) {
    if (extent > limit / count)
      return n.unsupported("size asks for too many elements",
                           "use smaller extents");
    count *= extent;
  }
  MaybeValue base = chainCast(
      n, buildCoordinates(n, extents, n.intAttr("align_corners", 0) != 0),
      theta.getElementType());
  MaybeValue grid = chain<MatMulOp>(n, base, n.input(0), /*transpose_a=*/false,
                                    /*transpose_b=*/true);
  SmallVector<int64_t> shape = {theta.getDimSize(0)};
  llvm::append_range(shape, extents);
  shape.push_back(rank);
  return chainResults(chainReshape(n, grid, shape));
}

void cameo::registerSampling(OpRegistry &registry) {
  registry.add("GridSample", 16, "float, float", importGridSample);
  registry.add("AffineGrid", 20, "float, known int64", importAffineGrid);
  registry.allowOpenDims({"GridSample"});
}
