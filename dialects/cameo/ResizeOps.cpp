//===- ResizeOps.cpp - Interpolation --------------------------------------===//
//
// Shapes are static, so indices and weights of every dimension are tables known
// at compile time. Dimensions are resized one after the other.
//
//===----------------------------------------------------------------------===//

#include "dialects/cameo/Cameo.h"
#include "dialects/cameo/ElementTypes.h"
#include "dialects/cameo/Layouts.h"
#include "dialects/cameo/ScalarMath.h"
#include "dialects/cameo/WindowBuilders.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

#include <cmath>

using namespace mlir;
using namespace cameo;

#define GET_OP_CLASSES
#include "dialects/cameo/ResizeOps.cpp.inc"

void CameoDialect::registerResizeOps() {
  addOperations<
#define GET_OP_LIST
#include "dialects/cameo/ResizeOps.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// Result types
//===----------------------------------------------------------------------===//

template <typename Adaptor>
static LogicalResult inferResize(std::optional<Location> loc, Adaptor adaptor,
                                 size_t numMore, SmallVectorImpl<Type> &types) {
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  ArrayRef<int64_t> shape = adaptor.getShape();
  for (size_t length : {shape.size(), adaptor.getSteps().size(),
                        adaptor.getOffsets().size(), numMore})
    if (length != static_cast<size_t>(x.getRank()))
      return emitOptionalError(loc, "(C1) an attribute has ", length,
                               " entries for the dimensions of ", x);
  for (int64_t extent : shape)
    if (extent < 0)
      return emitOptionalError(loc, "(C1) extent ", extent, " is negative");
  if (x.getNumElements() == 0 && !llvm::is_contained(shape, 0))
    return emitOptionalError(loc, "(C2) ", x,
                             " has no elements to interpolate");
  types.push_back(x.clone(shape));
  return success();
}

LogicalResult ResizeNearestOp::inferReturnTypes(MLIRContext *,
                                                std::optional<Location> loc,
                                                Adaptor adaptor,
                                                SmallVectorImpl<Type> &types) {
  return inferResize(loc, adaptor, adaptor.getRoundUp().size(), types);
}

LogicalResult ResizeOp::inferReturnTypes(MLIRContext *,
                                         std::optional<Location> loc,
                                         Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  for (double stretch : adaptor.getStretches())
    if (!(stretch >= 1))
      return emitOptionalError(loc, "(C3) stretch ", std::to_string(stretch),
                               " is less than 1");
  return inferResize(loc, adaptor, adaptor.getStretches().size(), types);
}

//===----------------------------------------------------------------------===//
// Tables
//===----------------------------------------------------------------------===//

/// The coordinate of index `o`; whole numbers and halves are exact.
static double getCoordinate(double step, double offset, int64_t o) {
  double coordinate = static_cast<double>(o) * step + offset;
  double snapped = std::round(coordinate * 2) / 2;
  return std::abs(coordinate - snapped) < 1e-9 ? snapped : coordinate;
}

/// A coordinate as an integer in [0, extent).
static int64_t clampIndex(double coordinate, int64_t extent) {
  return static_cast<int64_t>(
      std::clamp(coordinate, 0.0, static_cast<double>(extent - 1)));
}

static int64_t getNearest(ResizeNearestOp op, int64_t dim, int64_t o) {
  double coordinate =
      getCoordinate(op.getSteps()[dim], op.getOffsets()[dim], o);
  return clampIndex(
      op.getRoundUp()[dim] ? std::ceil(coordinate) : std::floor(coordinate),
      cast<RankedTensorType>(op.getX().getType()).getDimSize(dim));
}

/// Whether batch and channels are left alone.
static bool isSpatial(ResizeNearestOp op) {
  auto x = cast<RankedTensorType>(op.getX().getType());
  for (int64_t dim = 0; dim < std::min<int64_t>(x.getRank(), 2); ++dim) {
    if (x.getDimSize(dim) != op.getShape()[dim])
      return false;
    for (int64_t o = 0; o < x.getDimSize(dim); ++o)
      if (getNearest(op, dim, o) != o)
        return false;
  }
  return true;
}

BlockedAttr
ResizeNearestOp::chooseLayouts(MutableArrayRef<BlockedAttr> operands,
                               const LayoutQuery &) {
  BlockedAttr layout = operands[0];
  bool fits = layout && layout.getDims() == ArrayRef<int64_t>{1} &&
              layout.getOuter().empty() && isSpatial(*this);
  if (!fits)
    operands[0] = nullptr;
  return operands[0];
}

bool ResizeNearestOp::isAwareOf(BlockedAttr) { return true; }

ElementSource ResizeNearestOp::getSource(ArrayRef<int64_t> index) {
  ElementSource source{0, {}};
  for (auto [dim, o] : llvm::enumerate(index))
    source.index.push_back(getNearest(*this, dim, o));
  return source;
}

namespace {
/// What one dimension of a result is made of: `taps` weighted elements per
/// index.
struct AxisTable {
  int64_t dim, taps;
  SmallVector<int64_t> indices;
  SmallVector<double> weights;

  bool isIdentity(int64_t extent) const {
    if (taps != 1 || static_cast<int64_t>(indices.size()) != extent)
      return false;
    for (auto [o, index] : llvm::enumerate(indices))
      if (index != static_cast<int64_t>(o) || weights[o] != 1)
        return false;
    return true;
  }
  /// The factor by which every element is repeated, or 0.
  int64_t getRepetition(int64_t extent) const {
    int64_t count = indices.size();
    if (taps != 1 || extent == 0 || count % extent != 0)
      return 0;
    int64_t factor = count / extent;
    for (int64_t o = 0; o < count; ++o)
      if (indices[o] != o / factor)
        return 0;
    return factor;
  }
};
} // namespace

static double getFilterWeight(ResizeOp op, double x) {
  x = std::abs(x);
  if (!op.getCubic())
    return std::max(0.0, 1 - x);
  double a = op.getCubicA().convertToDouble();
  if (x <= 1)
    return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

/// Appends the taps of a coordinate: the elements around it, as many as the
/// stretched filter covers.
static void appendTaps(ResizeOp op, int64_t dim, double coordinate,
                       AxisTable &table) {
  int64_t extent = cast<RankedTensorType>(op.getX().getType()).getDimSize(dim);
  double stretch = op.getStretches()[dim];
  // The coordinate lies in (base, base + 1].
  double base = std::ceil(coordinate) - 1;
  SmallVector<double> weights;
  double sum = 0;
  for (int64_t t = 0; t < table.taps; ++t) {
    double position =
        base - static_cast<double>(table.taps) / 2 + 1 + static_cast<double>(t);
    double weight = getFilterWeight(op, (position - coordinate) / stretch);
    if (op.getExcludeOutside() &&
        (position < 0 || position > static_cast<double>(extent - 1)))
      weight = 0;
    table.indices.push_back(clampIndex(position, extent));
    weights.push_back(weight);
    sum += weight;
  }
  bool scaled = (stretch > 1 || op.getExcludeOutside()) && sum != 0;
  for (double weight : weights)
    table.weights.push_back(scaled ? weight / sum : weight);
}

/// Whether the coordinates of `dim` are the indices.
static bool isLeftAlone(ResizeOp op, int64_t dim) {
  auto x = cast<RankedTensorType>(op.getX().getType());
  return op.getShape()[dim] == x.getDimSize(dim) && op.getSteps()[dim] == 1 &&
         op.getOffsets()[dim] == 0 && op.getStretches()[dim] == 1;
}

static AxisTable getTable(ResizeOp op, int64_t dim) {
  double radius = (op.getCubic() ? 2.0 : 1.0) * op.getStretches()[dim];
  AxisTable table{dim, 2 * static_cast<int64_t>(std::ceil(radius)), {}, {}};
  for (int64_t o = 0; o < op.getShape()[dim]; ++o)
    appendTaps(op, dim,
               getCoordinate(op.getSteps()[dim], op.getOffsets()[dim], o),
               table);
  return table;
}

int64_t ResizeOp::getFlops() {
  int64_t taps = 0;
  for (int64_t dim = 0; dim < cast<RankedTensorType>(getType()).getRank();
       ++dim)
    if (!isLeftAlone(*this, dim))
      taps += getTable(*this, dim).taps;
  return 2 * cast<RankedTensorType>(getType()).getNumElements() * taps;
}

//===----------------------------------------------------------------------===//
// Reference lowerings
//===----------------------------------------------------------------------===//

static Value buildIndexTable(OpBuilder &builder, Location loc,
                             ArrayRef<int64_t> shape,
                             ArrayRef<int64_t> indices) {
  SmallVector<int32_t> narrow(indices.begin(), indices.end());
  auto type = RankedTensorType::get(shape, builder.getI32Type());
  return arith::ConstantOp::create(
      builder, loc, DenseElementsAttr::get(type, ArrayRef<int32_t>(narrow)));
}

static Value buildWeightTable(OpBuilder &builder, Location loc,
                              ArrayRef<int64_t> shape, ArrayRef<double> weights,
                              Type type) {
  SmallVector<Attribute> elements;
  for (double weight : weights)
    elements.push_back(FloatAttr::get(type, weight));
  return arith::ConstantOp::create(
      builder, loc,
      DenseElementsAttr::get(RankedTensorType::get(shape, type), elements));
}

/// Element `index` of `dim` of `x`, at the current loop indices elsewhere.
static Value buildPicked(OpBuilder &b, Location loc, Value x, int64_t dim,
                         Value index) {
  SmallVector<Value> indices;
  for (int64_t i = 0; i < cast<RankedTensorType>(x.getType()).getRank(); ++i)
    indices.push_back(
        i == dim ? arith::IndexCastOp::create(b, loc, b.getIndexType(), index)
                       .getResult()
                 : linalg::IndexOp::create(b, loc, i).getResult());
  return tensor::ExtractOp::create(b, loc, x, indices);
}

/// Repeats every element of `dim` `factor` times: affine, as a dimension more.
static Value buildRepeated(OpBuilder &builder, Location loc, Value x,
                           int64_t dim, int64_t factor) {
  auto type = cast<RankedTensorType>(x.getType());
  SmallVector<int64_t> shape(type.getShape());
  shape.insert(shape.begin() + dim + 1, factor);
  SmallVector<AffineExpr> exprs;
  for (int64_t i = 0; i < type.getRank(); ++i)
    exprs.push_back(builder.getAffineDimExpr(i <= dim ? i : i + 1));
  Value repeated =
      buildMap(builder, loc, type.clone(shape), x, type.getElementType(),
               AffineMap::get(shape.size(), 0, exprs, builder.getContext()),
               [](OpBuilder &, Location, ValueRange args) { return args[0]; });
  return buildMergedDims(builder, loc, repeated, dim);
}

/// The elements of `dim` that the table names, by one load each.
static Value buildGathered(OpBuilder &builder, Location loc, Value x,
                           const AxisTable &table) {
  auto type = cast<RankedTensorType>(x.getType());
  SmallVector<int64_t> shape(type.getShape());
  int64_t extent = shape[table.dim] = table.indices.size();
  Value indices = buildIndexTable(builder, loc, extent, table.indices);
  AffineMap map =
      AffineMap::get(shape.size(), 0, builder.getAffineDimExpr(table.dim));
  return buildMap(builder, loc, type.clone(shape), indices,
                  builder.getI32Type(), map,
                  [&](OpBuilder &b, Location l, ValueRange args) {
                    return buildPicked(b, l, x, table.dim, args[0]);
                  });
}

FailureOr<SmallVector<Value>>
ResizeNearestOp::lowerReference(OpBuilder &builder, ValueRange operands) {
  Value x = operands[0];
  auto xType = cast<RankedTensorType>(x.getType());
  auto type = storageType(cast<RankedTensorType>(getType()));
  if (type.getNumElements() == 0)
    return SmallVector<Value>{buildEmpty(builder, getLoc(), type)};
  // In blocks of channels, what is resized stands where it always does.
  bool isBlocked = bool(getLayout(getType()));
  int64_t rank = cast<RankedTensorType>(getType()).getRank();
  for (int64_t dim = isBlocked ? 2 : 0; dim < rank; ++dim) {
    AxisTable table{dim, 1, {}, {}};
    for (int64_t o = 0; o < type.getDimSize(dim); ++o)
      table.indices.push_back(getNearest(*this, dim, o));
    table.weights.assign(table.indices.size(), 1);
    int64_t extent = xType.getDimSize(dim);
    if (table.isIdentity(extent))
      continue;
    if (int64_t factor = table.getRepetition(extent))
      x = buildRepeated(builder, getLoc(), x, dim, factor);
    else
      x = buildGathered(builder, getLoc(), x, table);
  }
  // An identity still needs a value of its own.
  if (x == operands[0])
    x = buildMap(
        builder, getLoc(), type, x, type.getElementType(),
        builder.getMultiDimIdentityMap(type.getRank()),
        [](OpBuilder &, Location, ValueRange args) { return args[0]; });
  return SmallVector<Value>{x};
}

/// The weighted sums along one dimension of `x`, whose elements are
/// `elementType`.
static Value buildInterpolated(OpBuilder &builder, Location loc, Value x,
                               Type elementType, const AxisTable &table,
                               FloatType accumulator) {
  auto type = cast<RankedTensorType>(x.getType());
  SmallVector<int64_t> shape(type.getShape());
  int64_t rank = shape.size(), extent = table.indices.size() / table.taps;
  shape[table.dim] = extent;
  Value indices =
      buildIndexTable(builder, loc, {extent, table.taps}, table.indices);
  Value weights = buildWeightTable(builder, loc, {extent, table.taps},
                                   table.weights, accumulator);
  Value zero = buildScalarConstant(builder, loc, accumulator, 0);
  Value init = buildFilled(builder, loc,
                           RankedTensorType::get(shape, accumulator), zero);
  AffineMap tableMap = AffineMap::get(
      rank + 1, 0,
      {builder.getAffineDimExpr(table.dim), builder.getAffineDimExpr(rank)},
      builder.getContext());
  AffineMap resultMap =
      AffineMap::get(rank + 1, 0, getDimExprs(builder.getContext(), 0, rank),
                     builder.getContext());
  return buildReduction(
      builder, loc, init, {indices, weights},
      {builder.getI32Type(), accumulator}, {tableMap, tableMap}, resultMap,
      getLoops(rank, 1), [&](OpBuilder &b, Location l, ValueRange args) {
        Value element = buildPicked(b, l, x, table.dim, args[0]);
        element = buildLoaded(b, l, element, elementType);
        element =
            ScalarMath(b, l, elementType)
                .convert(element, isUnsigned(elementType), accumulator, false);
        return buildMultiplyAdd(b, l, element, args[1], args[2]);
      });
}

FailureOr<SmallVector<Value>> ResizeOp::lowerReference(OpBuilder &builder,
                                                       ValueRange operands) {
  auto type = cast<RankedTensorType>(getType());
  auto xType = cast<RankedTensorType>(getX().getType());
  if (type.getNumElements() == 0)
    return SmallVector<Value>{buildEmpty(builder, getLoc(), type)};
  auto accumulator =
      cast<FloatType>(type.getElementType().isF64() ? Type(builder.getF64Type())
                                                    : builder.getF32Type());
  SmallVector<int64_t> dims;
  for (int64_t dim = 0; dim < type.getRank(); ++dim)
    if (!isLeftAlone(*this, dim))
      dims.push_back(dim);
  // Shrink first: what follows has less to do.
  auto ratio = [&](int64_t dim) {
    return std::pair(static_cast<double>(type.getDimSize(dim)) /
                         static_cast<double>(xType.getDimSize(dim)),
                     dim);
  };
  llvm::sort(dims, [&](int64_t a, int64_t b) { return ratio(a) < ratio(b); });
  Value x = operands[0];
  Type elementType = type.getElementType();
  for (int64_t dim : dims) {
    x = buildInterpolated(builder, getLoc(), x, elementType,
                          getTable(*this, dim), accumulator);
    elementType = accumulator;
  }
  Value result = buildMap(builder, getLoc(), type, x, elementType,
                          builder.getMultiDimIdentityMap(type.getRank()),
                          [&](OpBuilder &b, Location l, ValueRange args) {
                            return ScalarMath(b, l, type.getElementType())
                                .convert(args[0], isUnsigned(elementType),
                                         computeType(type.getElementType()),
                                         isUnsigned(type.getElementType()));
                          });
  return SmallVector<Value>{result};
}
