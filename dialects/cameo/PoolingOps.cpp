//===- PoolingOps.cpp - Pools ---------------------------------------------===//
//
// Result types and reference lowerings: one loop nest over batch, channel and
// spatial dimensions, then over the window.
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

using namespace mlir;
using namespace cameo;

template <typename OpOrAdaptor> static Windows getWindows(OpOrAdaptor op) {
  return {op.getKernel(), op.getStrides(), op.getDilations(), op.getPads()};
}

template <typename Adaptor>
static LogicalResult inferPool(std::optional<Location> loc, Adaptor adaptor,
                               SmallVectorImpl<Type> &types) {
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  if (x.getRank() < 3)
    return emitOptionalError(loc, "(C1) ", x, " has no spatial dimension");
  Windows windows = getWindows(adaptor);
  if (failed(checkWindows(loc, windows, x.getRank() - 2)))
    return failure();
  SmallVector<int64_t> shape(x.getShape().take_front(2));
  for (int64_t i = 0; i < windows.getRank(); ++i) {
    shape.push_back(
        windows.getCount(i, x.getDimSize(2 + i), adaptor.getCeilMode()));
    if (shape.back() < 0)
      return emitOptionalError(loc, "(C2) a window of ", windows.getSpan(i),
                               " elements does not fit into spatial dimension ",
                               i, " of ", x);
  }
  types.push_back(x.clone(shape));
  return success();
}

template <typename Op> static int64_t getPoolFlops(Op op) {
  return cast<RankedTensorType>(op.getResult().getType()).getNumElements() *
         getWindows(op).getKernelSize();
}

/// The layout at hand. Plain rows are read lane by lane where windows take
/// steps; those that overlap much read every element often enough for moving it
/// to blocks first.
template <typename Op>
static BlockedAttr choosePoolLayout(Op op, BlockedAttr atHand,
                                    const LayoutQuery &query) {
  constexpr int64_t kLeastReads = 2;
  auto x = cast<RankedTensorType>(op.getX().getType());
  int64_t channels = x.getDimSize(1),
          block = chooseBlock(channels, query.lanes);
  bool fills = x.getElementType().isF32() && block && channels % block == 0;
  int64_t steps = llvm::product_of(op.getStrides());
  if (atHand || !fills || op.getStrides().back() == 1 ||
      getWindows(op).getKernelSize() < kLeastReads * steps)
    return atHand;
  return blockChannels(op.getContext(), block);
}

#define GET_OP_CLASSES
#include "dialects/cameo/PoolingOps.cpp.inc"

void CameoDialect::registerPoolingOps() {
  addOperations<
#define GET_OP_LIST
#include "dialects/cameo/PoolingOps.cpp.inc"
      >();
}

namespace {
/// The loops of a pool: n, c, spatial dimensions, then the window.
class PoolBuilder {
public:
  PoolBuilder(OpBuilder &builder, Location loc, Windows windows,
              RankedTensorType xType, RankedTensorType type)
      : builder(builder), loc(loc), windows(windows), xType(xType), type(type) {
  }

  int64_t getNumParallel() const { return type.getRank(); }
  int64_t getNumLoops() const { return type.getRank() + windows.getRank(); }
  AffineMap getMap(ArrayRef<AffineExpr> exprs) const {
    return AffineMap::get(getNumLoops(), 0, exprs, builder.getContext());
  }
  AffineMap getInputMap() const {
    SmallVector<AffineExpr> exprs = getDimExprs(builder.getContext(), 0, 2);
    llvm::append_range(exprs, getWindowExprs(builder.getContext(), windows, 2,
                                             getNumParallel()));
    return getMap(exprs);
  }
  AffineMap getWindowMap() const {
    return getMap(
        getDimExprs(builder.getContext(), getNumParallel(), windows.getRank()));
  }
  AffineMap getResultMap() const {
    return getMap(getDimExprs(builder.getContext(), 0, getNumParallel()));
  }
  SmallVector<utils::IteratorType> getIterators() const {
    return getLoops(getNumParallel(), windows.getRank());
  }
  /// A tensor without data that gives the window's loops their extents.
  Value buildWindow() const {
    return buildEmpty(
        builder, loc,
        RankedTensorType::get(windows.kernel, builder.getI8Type()));
  }
  Value buildPaddedInput(Value x, Value padding) const {
    return buildPaddedForWindows(builder, loc, x, xType.getElementType(),
                                 windows, type.getShape().drop_front(2),
                                 padding);
  }

  /// `body(element, accumulator)` over all windows of `x`, from `start` on,
  /// with `padding` around; in the compute type.
  Value build(Value x, Value start, Value padding, ScalarBuilder body) const {
    Value init = buildFilled(
        builder, loc, RankedTensorType::get(type.getShape(), start.getType()),
        start);
    return buildReduction(
        builder, loc, init, {buildPaddedInput(x, padding), buildWindow()},
        xType.getElementType(), {getInputMap(), getWindowMap()}, getResultMap(),
        getIterators(), body);
  }

private:
  OpBuilder &builder;
  Location loc;
  Windows windows;
  RankedTensorType xType, type;
};
} // namespace

template <typename Op> static PoolBuilder getPool(Op op, OpBuilder &builder) {
  return PoolBuilder(builder, op.getLoc(), getWindows(op),
                     cast<RankedTensorType>(op.getX().getType()),
                     cast<RankedTensorType>(op.getResult().getType()));
}

FailureOr<SmallVector<Value>> MaxPoolOp::lowerReference(OpBuilder &builder,
                                                        ValueRange operands) {
  auto type = cast<RankedTensorType>(getType());
  Type elementType = type.getElementType();
  Value lowest = ScalarMath(builder, getLoc(), elementType)
                     .lowest(computeType(elementType));
  Value max =
      getPool(*this, builder)
          .build(operands[0], lowest, lowest,
                 [&](OpBuilder &b, Location loc, ValueRange args) {
                   return ScalarMath(b, loc, elementType).max(args[0], args[1]);
                 });
  return SmallVector<Value>{buildRounded(builder, getLoc(), max, type)};
}

//===----------------------------------------------------------------------===//
// Means and norms
//===----------------------------------------------------------------------===//

/// How many elements of every window along spatial dimension `dim` are counted.
static SmallVector<double> getCounts(AvgPoolOp op, int64_t dim) {
  Windows windows = getWindows(op);
  int64_t extent =
      cast<RankedTensorType>(op.getX().getType()).getDimSize(2 + dim);
  bool all = op.getCountIncludePad();
  int64_t first = all ? -windows.getPadBefore(dim) : 0;
  int64_t end = extent + (all ? windows.getPadAfter(dim) : 0);
  SmallVector<double> counts;
  for (int64_t o = 0;
       o < cast<RankedTensorType>(op.getType()).getDimSize(2 + dim); ++o) {
    int64_t count = 0;
    for (int64_t k = 0; k < windows.kernel[dim]; ++k) {
      int64_t position = o * windows.strides[dim] + k * windows.dilations[dim] -
                         windows.getPadBefore(dim);
      count += position >= first && position < end;
    }
    counts.push_back(count);
  }
  return counts;
}

/// A constant of one dimension in a floating-point type.
static Value buildTable(OpBuilder &builder, Location loc,
                        ArrayRef<double> values, FloatType type) {
  SmallVector<Attribute> elements;
  for (double value : values)
    elements.push_back(FloatAttr::get(type, value));
  auto tableType = RankedTensorType::get(values.size(), type);
  return arith::ConstantOp::create(builder, loc,
                                   DenseElementsAttr::get(tableType, elements));
}

FailureOr<SmallVector<Value>> AvgPoolOp::lowerReference(OpBuilder &builder,
                                                        ValueRange operands) {
  auto type = cast<RankedTensorType>(getType());
  auto accumulator = cast<FloatType>(computeType(type.getElementType()));
  Value zero = buildScalarConstant(builder, getLoc(), accumulator, 0);
  Value sum =
      getPool(*this, builder)
          .build(operands[0], zero, zero,
                 [](OpBuilder &b, Location loc, ValueRange args) -> Value {
                   return arith::AddFOp::create(b, loc, args[1], args[0]);
                 });
  // Only dimensions where windows differ in their counts need a table.
  double common = 1;
  SmallVector<Value> inputs = {sum};
  SmallVector<AffineMap> maps = {
      builder.getMultiDimIdentityMap(type.getRank())};
  for (int64_t i = 0; i < type.getRank() - 2; ++i) {
    SmallVector<double> counts = getCounts(*this, i);
    if (counts.empty() || llvm::all_equal(counts)) {
      common *= counts.empty() ? 1 : counts.front();
      continue;
    }
    inputs.push_back(buildTable(builder, getLoc(), counts, accumulator));
    maps.push_back(
        AffineMap::get(type.getRank(), 0, builder.getAffineDimExpr(2 + i)));
  }
  SmallVector<Type> elementTypes(inputs.size(), accumulator);
  Value mean =
      buildMap(builder, getLoc(), type, inputs, elementTypes, maps,
               [&](OpBuilder &b, Location loc, ValueRange args) -> Value {
                 Value count = buildScalarConstant(b, loc, accumulator, common);
                 for (Value factor : args.drop_front())
                   count = arith::MulFOp::create(b, loc, count, factor);
                 return arith::DivFOp::create(b, loc, args[0], count);
               });
  return SmallVector<Value>{mean};
}

FailureOr<SmallVector<Value>> LpPoolOp::lowerReference(OpBuilder &builder,
                                                       ValueRange operands) {
  auto type = cast<RankedTensorType>(getType());
  Type elementType = type.getElementType(),
       accumulator = computeType(elementType);
  Value zero = buildScalarConstant(builder, getLoc(), accumulator, 0);
  int64_t p = getP();
  auto power = [&](OpBuilder &b, Location loc, ValueRange args) -> Value {
    ScalarMath math(b, loc, elementType);
    Value x = math.abs(args[0]);
    if (p == 2)
      x = math.mul(args[0], args[0]);
    else if (p != 1)
      x = math.pow(x, math.constant(x, static_cast<double>(p)));
    return math.add(args[1], x);
  };
  Value sum = getPool(*this, builder).build(operands[0], zero, zero, power);
  Value norm = buildMap(
      builder, getLoc(), type, sum, accumulator,
      builder.getMultiDimIdentityMap(type.getRank()),
      [&](OpBuilder &b, Location loc, ValueRange args) -> Value {
        ScalarMath math(b, loc, elementType);
        if (p == 1)
          return args[0];
        return p == 2 ? math.sqrt(args[0])
                      : math.pow(args[0],
                                 math.constant(args[0],
                                               1.0 / static_cast<double>(p)));
      });
  return SmallVector<Value>{norm};
}

//===----------------------------------------------------------------------===//
// Maxima with indices
//===----------------------------------------------------------------------===//

/// Where the current element of a window stands: its index in the flattened
/// input, and whether it is not in the padding.
static std::pair<Value, Value> buildPosition(MaxPoolIndicesOp op, OpBuilder &b,
                                             Location loc) {
  auto xType = cast<RankedTensorType>(op.getX().getType());
  Windows windows = getWindows(op);
  int64_t rank = windows.getRank();
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(b, loc, value);
  };
  auto loop = [&](int64_t i) -> Value {
    return linalg::IndexOp::create(b, loc, i);
  };
  auto multiplyAdd = [&](Value x, int64_t factor, Value y) -> Value {
    Value product = arith::MulIOp::create(b, loc, x, constant(factor));
    return arith::AddIOp::create(b, loc, product, y);
  };
  Value inside = arith::ConstantIntOp::create(b, loc, 1, 1);
  SmallVector<Value> positions;
  for (int64_t i = 0; i < rank; ++i) {
    Value offset = multiplyAdd(loop(2 + rank + i), windows.dilations[i],
                               constant(-windows.getPadBefore(i)));
    positions.push_back(multiplyAdd(loop(2 + i), windows.strides[i], offset));
    // Unsigned: before the input is beyond it.
    Value inDim = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult,
                                        positions.back(),
                                        constant(xType.getDimSize(2 + i)));
    inside = arith::AndIOp::create(b, loc, inside, inDim);
  }
  Value index = multiplyAdd(loop(0), xType.getDimSize(1), loop(1));
  for (int64_t i = 0; i < rank; ++i) {
    int64_t dim = op.getColumnMajor() ? rank - 1 - i : i;
    index = multiplyAdd(index, xType.getDimSize(2 + dim), positions[dim]);
  }
  return {arith::IndexCastOp::create(b, loc, b.getI64Type(), index), inside};
}

FailureOr<SmallVector<Value>>
MaxPoolIndicesOp::lowerReference(OpBuilder &builder, ValueRange operands) {
  Location loc = getLoc();
  auto type = cast<RankedTensorType>(getResult().getType());
  Type elementType = type.getElementType(),
       accumulator = computeType(elementType);
  PoolBuilder pool = getPool(*this, builder);
  Value lowest = ScalarMath(builder, loc, elementType).lowest(accumulator);
  Value none = arith::ConstantIntOp::create(builder, loc, -1, 64);
  Value maxima = buildFilled(builder, loc, type.clone(accumulator), lowest);
  Value indices =
      buildFilled(builder, loc, type.clone(builder.getI64Type()), none);
  auto generic = linalg::GenericOp::create(
      builder, loc, TypeRange{maxima.getType(), indices.getType()},
      ValueRange{pool.buildPaddedInput(operands[0], lowest),
                 pool.buildWindow()},
      ValueRange{maxima, indices},
      ArrayRef<AffineMap>{pool.getInputMap(), pool.getWindowMap(),
                          pool.getResultMap(), pool.getResultMap()},
      pool.getIterators(), [&](OpBuilder &b, Location l, ValueRange args) {
        ScalarMath math(b, l, elementType);
        Value x = buildLoaded(b, l, args[0], elementType), max = args[2];
        auto [index, inside] = buildPosition(*this, b, l);
        // A first element, a greater one, or a first NaN.
        Value better = math.bitOr(math.gt(x, max), math.eq(args[3], none));
        if (isa<FloatType>(accumulator))
          better = math.bitOr(
              better, math.bitAnd(math.isNaN(x), math.bitNot(math.isNaN(max))));
        better = math.bitAnd(better, inside);
        linalg::YieldOp::create(
            b, l,
            ValueRange{math.select(better, x, max),
                       math.select(better, index, args[3])});
      });
  return SmallVector<Value>{
      buildRounded(builder, loc, generic.getResult(0), type),
      generic.getResult(1)};
}
