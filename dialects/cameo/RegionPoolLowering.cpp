//===- RegionPoolLowering.cpp - Pools of regions of images ----------------===//
//
// Regions come from data: every coordinate is checked or moved into the image
// before it becomes an index.
//
//===----------------------------------------------------------------------===//

#include "dialects/cameo/Cameo.h"
#include "dialects/cameo/ElementTypes.h"
#include "dialects/cameo/IndexingBuilders.h"
#include "dialects/cameo/ScalarMath.h"

#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace cameo;

static RankedTensorType rankedType(Value value) {
  return cast<RankedTensorType>(value.getType());
}

//===----------------------------------------------------------------------===//
// Types and costs
//===----------------------------------------------------------------------===//

static LogicalResult inferPooledRegions(std::optional<Location> loc,
                                        RankedTensorType x,
                                        RankedTensorType rois, int64_t columns,
                                        ArrayRef<int64_t> outputShape,
                                        SmallVectorImpl<Type> &types) {
  if (x.getRank() != 4 || rois.getRank() != 2 || rois.getDimSize(1) != columns)
    return emitOptionalError(loc, "(C1) cannot pool regions ", rois, " of ", x);
  if (outputShape.size() != 2 || outputShape[0] < 0 || outputShape[1] < 0)
    return emitOptionalError(loc, "(C2) output_shape is not two extents");
  types.push_back(x.clone(
      {rois.getDimSize(0), x.getDimSize(1), outputShape[0], outputShape[1]}));
  return success();
}

LogicalResult RoiAlignOp::inferReturnTypes(MLIRContext *,
                                           std::optional<Location> loc,
                                           Adaptor adaptor,
                                           SmallVectorImpl<Type> &types) {
  RankedTensorType rois = rankedType(adaptor.getRois());
  RankedTensorType images = rankedType(adaptor.getBatchIndices());
  if (images.getRank() != 1 || rois.getRank() != 2 ||
      images.getDimSize(0) != rois.getDimSize(0))
    return emitOptionalError(loc, "(C1) ", images, " does not go with regions ",
                             rois);
  auto ratio = static_cast<int64_t>(adaptor.getSamplingRatio());
  if (ratio < 0)
    return emitOptionalError(loc, "(C2) sampling_ratio is ", ratio);
  return inferPooledRegions(loc, rankedType(adaptor.getX()), rois, 4,
                            adaptor.getOutputShape(), types);
}

LogicalResult MaxRoiPoolOp::inferReturnTypes(MLIRContext *,
                                             std::optional<Location> loc,
                                             Adaptor adaptor,
                                             SmallVectorImpl<Type> &types) {
  return inferPooledRegions(loc, rankedType(adaptor.getX()),
                            rankedType(adaptor.getRois()), 5,
                            adaptor.getOutputShape(), types);
}

int64_t RoiAlignOp::getFlops() {
  int64_t ratio = std::max<int64_t>(getSamplingRatio(), 2);
  return 8 * ratio * ratio * getType().getNumElements();
}

int64_t MaxRoiPoolOp::getFlops() {
  RankedTensorType x = rankedType(getX());
  return x.getDimSize(0) == 0
             ? 0
             : getType().getDimSize(0) * x.getNumElements() / x.getDimSize(0);
}

//===----------------------------------------------------------------------===//
// Building blocks
//===----------------------------------------------------------------------===//

namespace {
/// The scalars of a region and the loops over its bins.
class RegionPool {
public:
  RegionPool(OpBuilder &b, Location loc, Value x, Type elementType)
      : b(b), loc(loc), x(x), elementType(elementType),
        scalar(computeType(elementType)), m(b, loc, scalar),
        integers(b, loc, b.getI64Type()) {}

  Value number(double value) { return m.constant(scalar, value); }
  Value integer(int64_t value) {
    return integers.constant(b.getI64Type(), APInt(64, value, true));
  }
  Value load(Value tensor, ValueRange at) {
    Value stored = tensor::ExtractOp::create(b, loc, tensor, at);
    return buildLoaded(b, loc, stored, elementType);
  }
  Value index(Value integer) { return buildIndexCast(b, loc, integer); }
  Value toFloat(Value index) {
    Value wide = arith::IndexCastOp::create(b, loc, b.getI64Type(), index);
    return m.convert(wide, false, scalar, false);
  }
  Value toInteger(Value number) {
    return m.convert(number, false, b.getI64Type(), false);
  }
  Value extent(int64_t dim) { return integer(rankedType(x).getDimSize(dim)); }
  /// Column `column` of row `r` of the regions.
  Value corner(Value rois, Value r, int64_t column) {
    return load(rois, {r, arith::ConstantIndexOp::create(b, loc, column)});
  }
  /// A loop over integers that carries a scalar.
  Value loop(Value from, Value to, Value init,
             function_ref<Value(Value i, Value carried)> body);

  OpBuilder &b;
  Location loc;
  Value x;
  Type elementType, scalar;
  ScalarMath m, integers;
};
} // namespace

Value RegionPool::loop(Value from, Value to, Value init,
                       function_ref<Value(Value, Value)> body) {
  Value one = arith::ConstantIndexOp::create(b, loc, 1);
  auto loop = scf::ForOp::create(b, loc, index(from), index(to), one, init);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  Value next = body(loop.getInductionVar(), loop.getRegionIterArg(0));
  scf::YieldOp::create(b, loc, next);
  return loop.getResult(0);
}

/// All elements of the result: `body` gives one at index (r, c, ph, pw).
static Value
buildBins(OpBuilder &builder, Location loc, RankedTensorType type, Value x,
          Type elementType,
          function_ref<Value(RegionPool &pool, ValueRange at)> body) {
  return buildLoops(
      builder, loc, type.getShape(), buildEmpty(builder, loc, type),
      [&](OpBuilder &inner, ValueRange at, ValueRange state) {
        RegionPool pool(inner, loc, x, elementType);
        Value element = buildStored(inner, loc, body(pool, at), elementType);
        return SmallVector<Value>{
            tensor::InsertOp::create(inner, loc, element, state[0], at)};
      })[0];
}

//===----------------------------------------------------------------------===//
// roi_align
//===----------------------------------------------------------------------===//

namespace {
/// The bins of a region in one dimension.
struct AlignedAxis {
  Value start, binSize, samples;
};

/// The two elements beside a sample, and their weights.
struct Neighbours {
  Value low, high, lowWeight, highWeight, isInside;
};
} // namespace

/// The axis of image dimension `dim` (2 or 3), whose corners are in columns
/// `low` and `low + 2`.
static AlignedAxis buildAxis(RoiAlignOp op, RegionPool &p, Value rois, Value r,
                             int64_t dim, int64_t low) {
  Value scale = p.number(op.getSpatialScale().convertToDouble());
  Value shift = p.number(op.getHalfPixel() ? 0.5 : 0);
  Value start = p.m.sub(p.m.mul(p.corner(rois, r, low), scale), shift);
  Value end = p.m.sub(p.m.mul(p.corner(rois, r, low + 2), scale), shift);
  Value length = p.m.sub(end, start);
  if (!op.getHalfPixel())
    length = p.m.max(length, p.number(1));
  double bins = static_cast<double>(op.getOutputShape()[dim - 2]);
  Value binSize = p.m.div(length, p.number(bins));
  if (op.getSamplingRatio() > 0)
    return {start, binSize, p.integer(op.getSamplingRatio())};
  int64_t most = std::max<int64_t>(1024, 4 * rankedType(p.x).getDimSize(dim));
  Value count = p.toInteger(p.m.unary<math::CeilOp>(binSize));
  Value isSensible = p.integers.le(count, p.integer(most));
  cf::AssertOp::create(p.b, p.loc, isSensible, "region is too large");
  count = p.integers.min(count, p.integer(most));
  return {start, binSize, p.integers.max(count, p.integer(0))};
}

/// Sample `i` of `bin`.
static Neighbours buildNeighbours(RegionPool &p, const AlignedAxis &axis,
                                  Value bin, Value i, int64_t dim) {
  ScalarMath &m = p.m;
  double last = static_cast<double>(rankedType(p.x).getDimSize(dim) - 1);
  Value half = m.add(p.toFloat(i), p.number(0.5));
  Value count = m.convert(axis.samples, false, p.scalar, false);
  Value offset = m.div(m.mul(half, axis.binSize), count);
  Value position =
      m.add(m.add(axis.start, m.mul(p.toFloat(bin), axis.binSize)), offset);
  Neighbours n;
  n.isInside = m.bitAnd(m.ge(position, p.number(-1)),
                        m.le(position, p.number(last + 1)));
  // What is outside reads the first element with any weight.
  Value clamped = m.select(n.isInside, position, p.number(0));
  clamped = m.min(m.max(clamped, p.number(0)), p.number(last));
  Value low = m.unary<math::FloorOp>(clamped);
  n.low = p.toInteger(low);
  n.high = p.integers.min(p.integers.add(n.low, p.integer(1)),
                          p.integers.sub(p.extent(dim), p.integer(1)));
  n.highWeight = m.sub(clamped, low);
  n.lowWeight = m.sub(p.number(1), n.highWeight);
  return n;
}

/// The mean of the samples of a bin, or the greatest weighted corner.
static Value buildAlignedBin(RoiAlignOp op, RegionPool &p, Value rois,
                             Value image, ValueRange at) {
  ScalarMath &m = p.m;
  AlignedAxis rows = buildAxis(op, p, rois, at[0], 2, 1);
  AlignedAxis columns = buildAxis(op, p, rois, at[0], 3, 0);
  Value zero = p.integer(0);
  bool isMax = op.getMax();
  Value start = isMax ? m.lowest(p.scalar) : p.number(0);
  Value total = p.loop(zero, rows.samples, start, [&](Value iy, Value outer) {
    Neighbours y = buildNeighbours(p, rows, at[2], iy, 2);
    return p.loop(zero, columns.samples, outer, [&](Value ix, Value now) {
      Neighbours x = buildNeighbours(p, columns, at[3], ix, 3);
      Value isInside = m.bitAnd(y.isInside, x.isInside);
      auto corner = [&](Value row, Value column, Value rowWeight,
                        Value columnWeight) {
        Value element =
            p.load(p.x, {p.index(image), at[1], p.index(row), p.index(column)});
        return m.mul(m.mul(rowWeight, columnWeight), element);
      };
      Value parts[] = {corner(y.low, x.low, y.lowWeight, x.lowWeight),
                       corner(y.low, x.high, y.lowWeight, x.highWeight),
                       corner(y.high, x.low, y.highWeight, x.lowWeight),
                       corner(y.high, x.high, y.highWeight, x.highWeight)};
      Value sample = parts[0];
      for (Value part : llvm::drop_begin(parts))
        sample = isMax ? m.max(sample, part) : m.add(sample, part);
      sample = m.select(isInside, sample, p.number(0));
      return isMax ? m.max(now, sample) : m.add(now, sample);
    });
  });
  Value count = p.integers.mul(rows.samples, columns.samples);
  Value isEmpty = p.integers.eq(count, zero);
  Value divisor =
      m.convert(p.integers.max(count, p.integer(1)), false, p.scalar, false);
  return m.select(isEmpty, p.number(0), isMax ? total : m.div(total, divisor));
}

/// The result where there is nothing to pool or nothing to write; else null.
static Value buildWithoutElements(OpBuilder &builder, Location loc,
                                  RankedTensorType type,
                                  RankedTensorType xType) {
  if (type.getNumElements() == 0)
    return buildEmpty(builder, loc, type);
  if (xType.getNumElements() != 0)
    return nullptr;
  Type scalar = computeType(type.getElementType());
  return buildFilled(builder, loc, type,
                     buildScalarConstant(builder, loc, scalar, 0));
}

FailureOr<SmallVector<Value>> RoiAlignOp::lowerReference(OpBuilder &builder,
                                                         ValueRange operands) {
  Location loc = getLoc();
  auto type = cast<RankedTensorType>(getType());
  RankedTensorType xType = rankedType(getX());
  if (Value nothing = buildWithoutElements(builder, loc, type, xType))
    return SmallVector<Value>{nothing};
  auto identity = builder.getMultiDimIdentityMap(1);
  Value images =
      buildMap(builder, loc,
               RankedTensorType::get(type.getDimSize(0), builder.getI64Type()),
               operands[2], rankedType(operands[2]).getElementType(), identity,
               [&](OpBuilder &inner, Location at, ValueRange args) {
                 return buildChecked(inner, at, args[0], xType.getDimSize(0));
               });
  return SmallVector<Value>{
      buildBins(builder, loc, type, operands[0], xType.getElementType(),
                [&](RegionPool &pool, ValueRange at) {
                  Value image = tensor::ExtractOp::create(pool.b, loc, images,
                                                          at.take_front());
                  return buildAlignedBin(*this, pool, operands[1], image, at);
                })};
}

//===----------------------------------------------------------------------===//
// max_roi_pool
//===----------------------------------------------------------------------===//

/// First element and the one after the last of bin `bin` of a region, whose
/// corners are in columns `low` and `low + 2`.
static std::pair<Value, Value> buildBin(MaxRoiPoolOp op, RegionPool &p,
                                        Value rois, Value r, Value bin,
                                        int64_t dim, int64_t low) {
  ScalarMath &m = p.m;
  int64_t extent = rankedType(p.x).getDimSize(dim);
  Value scale = p.number(op.getSpatialScale().convertToDouble());
  auto corner = [&](int64_t column) {
    Value scaled = m.mul(p.corner(rois, r, column), scale);
    return m.unary<math::RoundOp>(scaled);
  };
  Value start = corner(low), end = corner(low + 2);
  Value length = m.add(m.sub(end, start), p.number(1));
  length = m.max(length, p.number(1));
  double bins = static_cast<double>(op.getOutputShape()[dim - 2]);
  Value size = m.div(length, p.number(bins));
  Value next = m.add(p.toFloat(bin), p.number(1));
  Value first = m.unary<math::FloorOp>(m.mul(p.toFloat(bin), size));
  Value last = m.unary<math::CeilOp>(m.mul(next, size));
  auto inside = [&](Value offset) {
    Value position = m.add(start, offset);
    position = m.min(m.max(position, p.number(0)),
                     p.number(static_cast<double>(extent)));
    return p.toInteger(position);
  };
  return {inside(first), inside(last)};
}

FailureOr<SmallVector<Value>>
MaxRoiPoolOp::lowerReference(OpBuilder &builder, ValueRange operands) {
  Location loc = getLoc();
  auto type = cast<RankedTensorType>(getType());
  RankedTensorType xType = rankedType(getX());
  if (Value nothing = buildWithoutElements(builder, loc, type, xType))
    return SmallVector<Value>{nothing};
  return SmallVector<Value>{buildBins(
      builder, loc, type, operands[0], xType.getElementType(),
      [&](RegionPool &p, ValueRange at) {
        Value image =
            buildChecked(p.b, loc, p.toInteger(p.corner(operands[1], at[0], 0)),
                         xType.getDimSize(0));
        auto [top, bottom] =
            buildBin(*this, p, operands[1], at[0], at[2], 2, 2);
        auto [left, right] =
            buildBin(*this, p, operands[1], at[0], at[3], 3, 1);
        Value lowest = p.m.lowest(p.scalar);
        Value best = p.loop(top, bottom, lowest, [&](Value y, Value outer) {
          return p.loop(left, right, outer, [&](Value x, Value now) {
            return p.m.max(now, p.load(p.x, {p.index(image), at[1], y, x}));
          });
        });
        Value isEmpty =
            p.m.bitOr(p.integers.ge(top, bottom), p.integers.ge(left, right));
        return p.m.select(isEmpty, p.number(0), best);
      })};
}
