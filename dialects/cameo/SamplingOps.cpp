//===- SamplingOps.cpp - Sampling at computed positions -------------------===//
//
// Indices and weights of all taps are computed per spatial dimension from the
// grid, once for all channels; then taps are summed up per element.
//
//===----------------------------------------------------------------------===//

#include "dialects/cameo/Cameo.h"
#include "dialects/cameo/ElementTypes.h"
#include "dialects/cameo/ScalarMath.h"
#include "dialects/cameo/WindowBuilders.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace cameo;

#define GET_OP_CLASSES
#include "dialects/cameo/SamplingOps.cpp.inc"

void CameoDialect::registerSamplingOps() {
  addOperations<
#define GET_OP_LIST
#include "dialects/cameo/SamplingOps.cpp.inc"
      >();
}

LogicalResult GridSampleOp::inferReturnTypes(MLIRContext *,
                                             std::optional<Location> loc,
                                             Adaptor adaptor,
                                             SmallVectorImpl<Type> &types) {
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  auto grid = cast<RankedTensorType>(adaptor.getGrid().getType());
  int64_t rank = x.getRank();
  if (rank < 3 || grid.getRank() != rank ||
      grid.getDimSize(0) != x.getDimSize(0))
    return emitOptionalError(loc, "(C1) ranks or batches of ", x,
                             " and the grid ", grid, " do not fit");
  if (grid.getDimSize(rank - 1) != rank - 2)
    return emitOptionalError(loc, "(C2) positions of ",
                             grid.getDimSize(rank - 1), " components for ",
                             rank - 2, " spatial dimensions");
  if (!llvm::is_contained({"nearest", "linear", "cubic"}, adaptor.getMode()))
    return emitOptionalError(loc, "(C3) mode is '", adaptor.getMode(), "'");
  if (!llvm::is_contained({"zeros", "border", "reflection"},
                          adaptor.getPadding()))
    return emitOptionalError(loc, "(C3) padding is '", adaptor.getPadding(),
                             "'");
  SmallVector<int64_t> shape = {x.getDimSize(0), x.getDimSize(1)};
  llvm::append_range(shape, grid.getShape().drop_front().drop_back());
  if (x.getNumElements() == 0 && !llvm::is_contained(shape, 0))
    return emitOptionalError(loc, "(C4) ", x,
                             " has no elements to interpolate");
  types.push_back(x.clone(shape));
  return success();
}

//===----------------------------------------------------------------------===//
// Taps
//===----------------------------------------------------------------------===//

namespace {
/// The position in one spatial dimension as scalars of the type computed in.
class AxisPosition {
public:
  AxisPosition(GridSampleOp op, int64_t extent, ScalarMath &math)
      : op(op), m(math), extent(static_cast<double>(extent)) {}

  /// The position, in elements, of a component of the grid.
  Value locate(Value component);
  /// The element that a tap reads, not yet inside of the dimension.
  Value tap(Value position, Value offset);
  /// A tap moved into the dimension.
  Value inside(Value tap) { return pad(tap); }
  /// The weight of a tap.
  Value weigh(Value position, Value tap);

private:
  double low() { return op.getAlignCorners() ? 0 : -0.5; }
  double high() { return extent - 1 - low(); }
  Value clamp(Value value) {
    return m.min(m.max(value, m.constant(value, 0)),
                 m.constant(value, extent - 1));
  }
  Value reflect(Value value);
  Value pad(Value value);
  Value isOutside(Value value, double from, double to) {
    return m.bitOr(m.lt(value, m.constant(value, from)),
                   m.gt(value, m.constant(value, to)));
  }

  GridSampleOp op;
  ScalarMath &m;
  double extent;
};
} // namespace

/// Mirrors at both edges as often as needed.
Value AxisPosition::reflect(Value value) {
  double range = high() - low();
  if (range == 0)
    return m.constant(value, low());
  Value distance = m.abs(m.sub(value, m.constant(value, low())));
  Value period = m.constant(value, 2 * range);
  Value turns = m.unary<math::FloorOp>(m.div(distance, period));
  Value rest = m.sub(distance, m.mul(turns, period));
  Value folded = m.min(rest, m.sub(period, rest));
  return m.add(folded, m.constant(value, low()));
}

Value AxisPosition::pad(Value value) {
  if (op.getPadding() != "reflection")
    return clamp(value);
  Value outside = isOutside(value, low(), high());
  return clamp(m.select(outside, reflect(value), value));
}

Value AxisPosition::locate(Value component) {
  Value shifted = m.add(component, m.constant(component, 1));
  Value position =
      op.getAlignCorners()
          ? m.mul(shifted, m.constant(component, (extent - 1) / 2))
          : m.div(m.sub(m.mul(shifted, m.constant(component, extent)),
                        m.constant(component, 1)),
                  m.constant(component, 2));
  if (op.getMode() == "nearest")
    position = m.unary<math::RoundEvenOp>(position);
  if (op.getPadding() == "zeros")
    return position;
  Value outside = isOutside(position, low(), high());
  Value moved =
      op.getPadding() == "border" ? clamp(position) : reflect(position);
  return m.select(outside, moved, position);
}

Value AxisPosition::tap(Value position, Value offset) {
  return m.add(m.unary<math::FloorOp>(position), offset);
}

Value AxisPosition::weigh(Value position, Value tap) {
  Value weight = m.constant(position, 1);
  Value d = m.abs(m.sub(position, tap));
  auto number = [&](double value) { return m.constant(d, value); };
  if (op.getMode() == "linear") {
    weight = m.sub(number(1), d);
  } else if (op.getMode() == "cubic") {
    // The convolution with a = -0.75, by Horner's rule.
    Value near =
        m.mul(m.sub(m.mul(number(1.25), d), number(2.25)), m.mul(d, d));
    Value far = m.mul(m.add(m.mul(number(-0.75), d), number(3.75)), d);
    far = m.add(m.mul(m.sub(far, number(6)), d), number(3));
    weight = m.select(m.le(d, number(1)), m.add(near, number(1)), far);
  }
  if (op.getPadding() != "zeros")
    return weight;
  return m.select(isOutside(tap, 0, extent - 1), m.constant(weight, 0), weight);
}

//===----------------------------------------------------------------------===//
// Reference lowering
//===----------------------------------------------------------------------===//

static SmallVector<float> getOffsets(StringRef mode) {
  if (mode == "nearest")
    return {0};
  if (mode == "linear")
    return {0, 1};
  return {-1, 0, 1, 2};
}

int64_t GridSampleOp::getFlops() {
  int64_t taps = 1, count = getOffsets(getMode()).size();
  for (int64_t i = 2; i < getType().getRank(); ++i)
    taps *= count;
  return 2 * taps * getType().getNumElements();
}

namespace {
class GridSampleBuilder {
public:
  GridSampleBuilder(GridSampleOp op, OpBuilder &builder, ValueRange operands);
  Value build();

private:
  /// Indices or weights (n, o..., tap) in spatial dimension `dim`.
  Value buildTaps(int64_t dim, bool weights);

  GridSampleOp op;
  OpBuilder &b;
  Location loc;
  Value x, grid;
  RankedTensorType xType, gridType, type;
  Type computed;
  Value offsets;
  int64_t rank, taps;
};
} // namespace

GridSampleBuilder::GridSampleBuilder(GridSampleOp op, OpBuilder &builder,
                                     ValueRange operands)
    : op(op), b(builder), loc(op.getLoc()), x(operands[0]), grid(operands[1]),
      xType(cast<RankedTensorType>(op.getX().getType())),
      gridType(cast<RankedTensorType>(op.getGrid().getType())),
      type(op.getType()), rank(xType.getRank() - 2) {
  computed = xType.getElementType().isF64() ? Type(b.getF64Type())
                                            : Type(b.getF32Type());
  SmallVector<Attribute> values;
  for (float offset : getOffsets(op.getMode()))
    values.push_back(FloatAttr::get(computed, offset));
  taps = values.size();
  offsets = arith::ConstantOp::create(
      b, loc,
      DenseElementsAttr::get(RankedTensorType::get(taps, computed), values));
}

Value GridSampleBuilder::buildTaps(int64_t dim, bool weights) {
  MLIRContext *context = b.getContext();
  SmallVector<int64_t> shape(gridType.getShape().drop_back());
  shape.push_back(taps);
  int64_t loops = shape.size(), extent = xType.getDimSize(2 + dim);
  // Components stand last dimension first.
  SmallVector<AffineExpr> exprs = getDimExprs(context, 0, loops - 1);
  exprs.push_back(getAffineConstantExpr(rank - 1 - dim, context));
  AffineMap gridMap = AffineMap::get(loops, 0, exprs, context);
  AffineMap tapMap = AffineMap::get(loops, 0, b.getAffineDimExpr(loops - 1));
  Type result = weights ? computed : b.getI32Type();
  return buildMap(b, loc, RankedTensorType::get(shape, result), {grid, offsets},
                  {gridType.getElementType(), computed}, {gridMap, tapMap},
                  [&](OpBuilder &inner, Location at, ValueRange args) -> Value {
                    ScalarMath m(inner, at, computed);
                    AxisPosition axis(op, extent, m);
                    Value position = axis.locate(m.convert(
                        args[0], false, computed, /*toUnsigned=*/false));
                    Value tap = axis.tap(position, args[1]);
                    if (weights)
                      return axis.weigh(position, tap);
                    return m.convert(axis.inside(tap), false, result,
                                     /*toUnsigned=*/false);
                  });
}

Value GridSampleBuilder::build() {
  MLIRContext *context = b.getContext();
  if (type.getNumElements() == 0)
    return buildEmpty(b, loc, type);
  // Loops: n, c, o..., taps...
  int64_t numLoops = 2 + 2 * rank;
  SmallVector<Value> inputs;
  SmallVector<Type> types;
  SmallVector<AffineMap> maps;
  for (int64_t dim = 0; dim < rank; ++dim) {
    SmallVector<AffineExpr> exprs = {b.getAffineDimExpr(0)};
    llvm::append_range(exprs, getDimExprs(context, 2, rank));
    exprs.push_back(b.getAffineDimExpr(2 + rank + dim));
    for (bool weights : {false, true}) {
      inputs.push_back(buildTaps(dim, weights));
      types.push_back(weights ? computed : b.getI32Type());
      maps.push_back(AffineMap::get(numLoops, 0, exprs, context));
    }
  }
  Value init = buildFilled(b, loc, type.clone(computed),
                           buildScalarConstant(b, loc, computed, 0));
  AffineMap resultMap =
      AffineMap::get(numLoops, 0, getDimExprs(context, 0, 2 + rank), context);
  Value sum = buildReduction(
      b, loc, init, inputs, types, maps, resultMap, getLoops(2 + rank, rank),
      [&](OpBuilder &inner, Location at, ValueRange args) {
        ScalarMath m(inner, at, computed);
        SmallVector<Value> index = {linalg::IndexOp::create(inner, at, 0),
                                    linalg::IndexOp::create(inner, at, 1)};
        Value weight = args[1];
        for (int64_t dim = 0; dim < rank; ++dim) {
          index.push_back(arith::IndexCastOp::create(
              inner, at, inner.getIndexType(), args[2 * dim]));
          if (dim > 0)
            weight = m.mul(weight, args[2 * dim + 1]);
        }
        Value element = tensor::ExtractOp::create(inner, at, x, index);
        element = buildLoaded(inner, at, element, xType.getElementType());
        return buildMultiplyAdd(inner, at, element, weight, args.back());
      });
  return buildRounded(b, loc, sum, type);
}

FailureOr<SmallVector<Value>>
GridSampleOp::lowerReference(OpBuilder &builder, ValueRange operands) {
  return SmallVector<Value>{
      GridSampleBuilder(*this, builder, operands).build()};
}
