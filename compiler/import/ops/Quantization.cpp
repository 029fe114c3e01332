//===- Quantization.cpp - Import of quantisation --------------------------===//

#include "compiler/import/ops/Quantization.h"

using namespace mlir;
using namespace cameo;

static constexpr Limit kOpenBlocks{"blocks of a bounded dimension",
                                   "fix the extent"};

MaybeValue cameo::buildParameter(OpImporter &n, Value parameter, int64_t rank,
                                 int64_t axis) {
  RankedTensorType type = typeOf(parameter);
  if (type.getNumElements() == 1)
    return type.getRank() == 0 ? MaybeValue(parameter)
                               : chainReshape(n, parameter, {});
  if (type.getRank() != 1)
    return parameter;
  SmallVector<int64_t> shape(rank, 1);
  shape[axis] = type.getDimSize(0);
  return rank == 1 ? MaybeValue(parameter) : chainReshape(n, parameter, shape);
}

MaybeValue cameo::buildCentred(OpImporter &n, Value value, Value zeroPoint,
                               int64_t axis) {
  Type i32 = n.builder().getI32Type();
  MaybeValue wide = chainCast(n, value, i32);
  if (!zeroPoint)
    return wide;
  RankedTensorType type = typeOf(value);
  return chain<SubOp>(
      n, wide,
      chainCast(n, buildParameter(n, zeroPoint, type.getRank(), axis), i32));
}

/// Limits `value` to the range of an integer of less than eight bits; wider
/// ones saturate by themselves.
static MaybeValue clampNarrow(OpImporter &n, MaybeValue value, Type to) {
  unsigned width = to.getIntOrFloatBitWidth();
  if (width >= 8 || failed(value) || !isa<IntegerType>(to))
    return value;
  bool isUnsigned = to.isUnsignedInteger();
  double high = (1 << (isUnsigned ? width : width - 1)) - 1;
  double low = isUnsigned ? 0 : -high - 1;
  Type type = typeOf(*value).getElementType();
  value = chain<MaxOp>(n, value, n.splat(type, low));
  return chain<MinOp>(n, value, n.splat(type, high));
}

MaybeValue cameo::buildQuantized(OpImporter &n, MaybeValue value,
                                 MaybeValue zeroPoint, Type to) {
  Type f32 = n.builder().getF32Type();
  MaybeValue rounded = chainCast(n, chain<RoundOp>(n, value), f32);
  if (failed(zeroPoint))
    return failure();
  if (*zeroPoint)
    rounded = chain<AddOp>(n, rounded, chainCast(n, zeroPoint, f32));
  return chainCast(n, clampNarrow(n, rounded, to), to);
}

MaybeValue cameo::buildRequantized(OpImporter &n, MaybeValue sums,
                                   const Requantization &how) {
  if (failed(sums))
    return failure();
  Type f32 = n.builder().getF32Type();
  int64_t rank = typeOf(*sums).getRank();
  auto scale = [&](unsigned input, int64_t axis) {
    return chainCast(n, buildParameter(n, n.input(input), rank, axis), f32);
  };
  MaybeValue factor =
      chain<DivOp>(n,
                   chain<MulOp>(n, scale(how.firstScale, how.firstAxis),
                                scale(how.secondScale, how.secondAxis)),
                   scale(how.yScale, how.secondAxis));
  MaybeValue scaled = chain<MulOp>(n, chainCast(n, sums, f32), factor);
  Value zeroPoint = n.input(how.yScale + 1);
  return buildQuantized(n, scaled,
                        buildParameter(n, zeroPoint, rank, how.secondAxis),
                        typeOf(zeroPoint).getElementType());
}

//===----------------------------------------------------------------------===//
// QuantizeLinear and DequantizeLinear
//===----------------------------------------------------------------------===//

namespace {
/// Where the scales of a node apply.
struct Grid {
  RankedTensorType type;
  int64_t axis, block;
};
} // namespace

/// Refuses scales that fit neither the tensor, nor an axis, nor blocks of it.
static FailureOr<Grid> readGrid(OpImporter &n) {
  Grid grid{typeOf(n.input(0)), 0, n.intAttr("block_size", 0)};
  RankedTensorType scale = typeOf(n.input(1));
  int64_t rank = grid.type.getRank();
  if (scale.getNumElements() == 1)
    return grid;
  FailureOr<int64_t> axis = n.axis("axis", 1, rank);
  if (failed(axis))
    return failure();
  grid.axis = *axis;
  int64_t extent = grid.type.getDimSize(*axis);
  if (scale.getRank() == 1 && scale.getDimSize(0) == extent)
    return grid;
  SmallVector<int64_t> shape(grid.type.getShape());
  if (grid.block > 0)
    shape[*axis] = llvm::divideCeil(extent, grid.block);
  if (n.extents().isOpen(n.input(0), *axis))
    return n.unsupported(kOpenBlocks);
  if (grid.block <= 0 || scale.getShape() != ArrayRef(shape))
    return n.unsupported("scales do not fit the input",
                         "give one scale, one per index of axis, or one per "
                         "block of block_size");
  return grid;
}

/// A scale or zero point, repeated over the blocks of `grid`.
static MaybeValue buildOnGrid(OpImporter &n, Value parameter,
                              const Grid &grid) {
  int64_t rank = grid.type.getRank();
  if (typeOf(parameter).getNumElements() == 1 ||
      typeOf(parameter).getShape() == grid.type.getShape() ||
      typeOf(parameter).getRank() != rank || (rank == 1 && grid.block == 0))
    return buildParameter(n, parameter, rank, grid.axis);
  SmallVector<double> steps(rank, 1), offsets(rank, 0);
  steps[grid.axis] = 1.0 / static_cast<double>(grid.block);
  return n.value<ResizeNearestOp>(parameter, grid.type.getShape(), steps,
                                  offsets, SmallVector<bool>(rank, false));
}

/// The element type that an attribute asks for, or another.
static FailureOr<Type> getOutputType(OpImporter &n, Type otherwise) {
  if (n.intAttr("output_dtype", 0) == 0)
    return otherwise;
  return n.elementTypeAttr("output_dtype");
}

/// Quantises to floats of 8 or 4 bits, which round by themselves.
static MaybeValue buildNarrowFloats(OpImporter &n, MaybeValue value,
                                    MaybeValue zeroPoint, Type to) {
  if (failed(zeroPoint) || failed(value))
    return failure();
  if (*zeroPoint)
    value = chain<AddOp>(
        n, value, chainCast(n, zeroPoint, typeOf(*value).getElementType()));
  return chain<CastOp>(n, value, to, n.intAttr("saturate", 1) == 0);
}

static ImportResult importQuantizeLinear(OpImporter &n) {
  Type ui8 = n.builder().getIntegerType(8, /*isSigned=*/false);
  FailureOr<Grid> grid = readGrid(n);
  FailureOr<Type> to =
      n.hasInput(2) ? FailureOr<Type>(typeOf(n.input(2)).getElementType())
                    : getOutputType(n, ui8);
  if (failed(grid) || failed(to))
    return failure();
  MaybeValue scale = buildOnGrid(n, n.input(1), *grid);
  Type type = typeOf(n.input(1)).getElementType();
  if (n.intAttr("precision", 0) != 0) {
    FailureOr<Type> precision = n.elementTypeAttr("precision");
    if (failed(precision))
      return failure();
    type = *precision;
  }
  MaybeValue value = chain<DivOp>(n, chainCast(n, n.input(0), type),
                                  chainCast(n, scale, type));
  MaybeValue zeroPoint =
      n.hasInput(2) ? buildOnGrid(n, n.input(2), *grid) : MaybeValue(Value());
  if (isa<FloatType>(*to))
    return chainResults(buildNarrowFloats(n, value, zeroPoint, *to));
  return chainResults(buildQuantized(n, value, zeroPoint, *to));
}

static ImportResult importDequantizeLinear(OpImporter &n) {
  Builder &b = n.builder();
  FailureOr<Grid> grid = readGrid(n);
  FailureOr<Type> to = getOutputType(n, typeOf(n.input(1)).getElementType());
  if (failed(grid) || failed(to))
    return failure();
  bool isFloat = isa<FloatType>(grid->type.getElementType());
  Type wide = isFloat ? Type(b.getF32Type()) : b.getI32Type();
  MaybeValue value = chainCast(n, n.input(0), wide);
  if (n.hasInput(2))
    value = chain<SubOp>(n, value,
                         chainCast(n, buildOnGrid(n, n.input(2), *grid), wide));
  MaybeValue scale =
      chainCast(n, buildOnGrid(n, n.input(1), *grid), b.getF32Type());
  value = chain<MulOp>(n, chainCast(n, value, b.getF32Type()), scale);
  return chainResults(chainCast(n, value, *to));
}

/// The least and the greatest element and zero make the range of 8 bits.
static ImportResult importDynamicQuantizeLinear(OpImporter &n) {
  Value x = n.input(0);
  RankedTensorType type = typeOf(x);
  Type element = type.getElementType();
  Type ui8 = n.builder().getIntegerType(8, /*isSigned=*/false);
  auto axes = llvm::to_vector(llvm::seq<int64_t>(0, type.getRank()));
  Value zero = n.splat(element, 0), most = n.splat(element, 255);
  MaybeValue high = chain<ReduceMaxOp>(n, x, axes, /*keepdims=*/false);
  MaybeValue low = chain<ReduceMinOp>(n, x, axes, /*keepdims=*/false);
  high = chain<MaxOp>(n, high, zero);
  low = chain<MinOp>(n, low, zero);
  MaybeValue scale = chain<DivOp>(n, chain<SubOp>(n, high, low), most);
  MaybeValue offset = chain<DivOp>(n, chain<NegOp>(n, low), scale);
  MaybeValue zeroPoint = buildQuantized(n, offset, Value(), ui8);
  MaybeValue y = buildQuantized(n, chain<DivOp>(n, x, scale), zeroPoint, ui8);
  return chainResults({y, scale, zeroPoint});
}

void cameo::registerQuantization(OpRegistry &registry) {
  registry.add("QuantizeLinear", 10, "float|int32, float, int|narrow?",
               importQuantizeLinear, {kOpenBlocks});
  registry.add("DequantizeLinear", 10,
               "int|narrow, float|f8e8m0fnu, int|narrow?",
               importDequantizeLinear, {kOpenBlocks});
  registry.add("DynamicQuantizeLinear", 11, "f32", importDynamicQuantizeLinear);
  registry.allowOpenDims(
      {"QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear"});
}
