//===- ReductionOps.cpp - Reductions and scans ----------------------------===//

#include "dialects/cameo/Cameo.h"
#include "dialects/cameo/ReductionBuilders.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace cameo;

//===----------------------------------------------------------------------===//
// Result types
//===----------------------------------------------------------------------===//

static LogicalResult checkAxis(std::optional<Location> loc, Type type,
                               int64_t axis) {
  int64_t rank = cast<RankedTensorType>(type).getRank();
  if (axis < 0 || axis >= rank)
    return emitOptionalError(loc, "(C1) axis ", axis, " is not a dimension of ",
                             type);
  return success();
}

/// The shape of `type` with `axes` dropped or, under `keepdims`, of extent one.
static SmallVector<int64_t>
getReducedShape(RankedTensorType type, ArrayRef<int64_t> axes, bool keepdims) {
  SmallVector<int64_t> shape;
  for (auto [dim, extent] : llvm::enumerate(type.getShape())) {
    if (!llvm::is_contained(axes, static_cast<int64_t>(dim)))
      shape.push_back(extent);
    else if (keepdims)
      shape.push_back(1);
  }
  return shape;
}

LogicalResult cameo::inferReduction(std::optional<Location> loc, Type operand,
                                    ArrayRef<int64_t> axes, bool keepdims,
                                    SmallVectorImpl<Type> &types) {
  auto type = cast<RankedTensorType>(operand);
  for (auto [i, axis] : llvm::enumerate(axes)) {
    if (failed(checkAxis(loc, type, axis)))
      return failure();
    if (i > 0 && axes[i - 1] >= axis)
      return emitOptionalError(loc, "(C1) axes [", axes, "] do not ascend");
  }
  types.push_back(type.clone(getReducedShape(type, axes, keepdims)));
  return success();
}

LogicalResult cameo::inferArgReduction(std::optional<Location> loc,
                                       Type operand, int64_t axis,
                                       bool keepdims,
                                       SmallVectorImpl<Type> &types) {
  auto type = cast<RankedTensorType>(operand);
  if (failed(checkAxis(loc, type, axis)))
    return failure();
  if (type.getDimSize(axis) == 0)
    return emitOptionalError(loc, "(C2) ", type, " has no element along axis ",
                             axis);
  types.push_back(
      RankedTensorType::get(getReducedShape(type, axis, keepdims),
                            IntegerType::get(type.getContext(), 64)));
  return success();
}

#define GET_OP_CLASSES
#include "dialects/cameo/ReductionOps.cpp.inc"

void CameoDialect::registerReductionOps() {
  addOperations<
#define GET_OP_LIST
#include "dialects/cameo/ReductionOps.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// Reductions
//===----------------------------------------------------------------------===//

namespace {
/// A reduction: what an element contributes, how contributions are combined,
/// and what becomes of the last one. Absent functions pass their value through.
struct Rule {
  Value (*init)(ScalarMath &, Type);
  Value (*element)(ScalarMath &, Value);
  Value (*combine)(ScalarMath &, Value accumulator, Value contribution);
  Value (*finish)(ScalarMath &, Value accumulator, int64_t count);
};
} // namespace

static Value zero(ScalarMath &m, Type type) { return m.constant(type, 0); }
static Value one(ScalarMath &m, Type type) { return m.constant(type, 1); }
static Value add(ScalarMath &m, Value x, Value y) { return m.add(x, y); }
static Value square(ScalarMath &m, Value x) { return m.mul(x, x); }
static Value absolute(ScalarMath &m, Value x) { return m.abs(x); }
static Value root(ScalarMath &m, Value x, int64_t) { return m.sqrt(x); }
static Value logarithm(ScalarMath &m, Value x, int64_t) { return m.log(x); }

/// x / count; no integers of no elements give zero.
static Value average(ScalarMath &m, Value x, int64_t count) {
  if (isa<IntegerType>(x.getType()))
    count = std::max<int64_t>(count, 1);
  return m.div(x, m.constant(x, count));
}

/// Lowers a reduction operator, which has x, axes and keepdims, by its rule.
template <typename Op>
static SmallVector<Value> lowerReduction(Op op, OpBuilder &builder, Value input,
                                         Rule rule) {
  Location loc = op.getLoc();
  auto type = cast<RankedTensorType>(op.getX().getType());
  Type elementType = type.getElementType();
  ReducedSpace space(type, op.getAxes());
  ScalarMath outer(builder, loc, elementType);
  Value result = space.reduce(
      builder, loc, rule.init(outer, computeType(elementType)), input,
      elementType, {}, [&](OpBuilder &b, Location l, ValueRange args) {
        ScalarMath m(b, l, elementType);
        Value element = rule.element ? rule.element(m, args[0]) : args[0];
        return rule.combine(m, args[1], element);
      });
  RankedTensorType kept = space.keptType(elementType);
  if (rule.finish)
    result = buildPointwise(builder, loc, kept, result,
                            [&](OpBuilder &b, Location l, ValueRange args) {
                              ScalarMath m(b, l, elementType);
                              return rule.finish(m, args[0], space.getCount());
                            });
  else
    result = buildRounded(builder, loc, result, kept);
  if (op.getKeepdims())
    result = buildKeptDims(builder, loc, result, type.getRank(), op.getAxes());
  return {result};
}

FailureOr<SmallVector<Value>> ReduceSumOp::lowerReference(OpBuilder &b,
                                                          ValueRange x) {
  return lowerReduction(*this, b, x[0], {zero, nullptr, add, nullptr});
}

FailureOr<SmallVector<Value>> ReduceMeanOp::lowerReference(OpBuilder &b,
                                                           ValueRange x) {
  return lowerReduction(*this, b, x[0], {zero, nullptr, add, average});
}

FailureOr<SmallVector<Value>> ReduceMaxOp::lowerReference(OpBuilder &b,
                                                          ValueRange x) {
  auto lowest = [](ScalarMath &m, Type type) { return m.lowest(type); };
  auto max = [](ScalarMath &m, Value x, Value y) { return m.max(x, y); };
  return lowerReduction(*this, b, x[0], {lowest, nullptr, max, nullptr});
}

FailureOr<SmallVector<Value>> ReduceMinOp::lowerReference(OpBuilder &b,
                                                          ValueRange x) {
  auto highest = [](ScalarMath &m, Type type) { return m.highest(type); };
  auto min = [](ScalarMath &m, Value x, Value y) { return m.min(x, y); };
  return lowerReduction(*this, b, x[0], {highest, nullptr, min, nullptr});
}

FailureOr<SmallVector<Value>> ReduceProdOp::lowerReference(OpBuilder &b,
                                                           ValueRange x) {
  auto mul = [](ScalarMath &m, Value x, Value y) { return m.mul(x, y); };
  return lowerReduction(*this, b, x[0], {one, nullptr, mul, nullptr});
}

FailureOr<SmallVector<Value>> ReduceL1Op::lowerReference(OpBuilder &b,
                                                         ValueRange x) {
  return lowerReduction(*this, b, x[0], {zero, absolute, add, nullptr});
}

FailureOr<SmallVector<Value>> ReduceL2Op::lowerReference(OpBuilder &b,
                                                         ValueRange x) {
  return lowerReduction(*this, b, x[0], {zero, square, add, root});
}

FailureOr<SmallVector<Value>> ReduceSumSquareOp::lowerReference(OpBuilder &b,
                                                                ValueRange x) {
  return lowerReduction(*this, b, x[0], {zero, square, add, nullptr});
}

FailureOr<SmallVector<Value>> ReduceLogSumOp::lowerReference(OpBuilder &b,
                                                             ValueRange x) {
  return lowerReduction(*this, b, x[0], {zero, nullptr, add, logarithm});
}

FailureOr<SmallVector<Value>>
ReduceLogSumExpOp::lowerReference(OpBuilder &builder, ValueRange operands) {
  Location loc = getLoc();
  auto type = cast<RankedTensorType>(getX().getType());
  Type elementType = type.getElementType(), scalar = computeType(elementType);
  ReducedSpace space(type, getAxes());
  ScalarMath outer(builder, loc, elementType);
  Value max =
      space.reduce(builder, loc, outer.lowest(scalar), operands[0], elementType,
                   {}, [&](OpBuilder &b, Location l, ValueRange args) {
                     return ScalarMath(b, l, elementType).max(args[0], args[1]);
                   });
  // An infinite maximum cannot be subtracted from itself; without one, the sum
  // is what it should be.
  max = buildPointwise(
      builder, loc, space.keptType(scalar), max,
      [&](OpBuilder &b, Location l, ValueRange args) {
        ScalarMath m(b, l, elementType);
        Value isInfinite = m.eq(m.abs(args[0]), m.highest(scalar));
        return m.select(isInfinite, m.constant(scalar, 0), args[0]);
      });
  Value sum = space.reduce(
      builder, loc, outer.constant(scalar, 0), operands[0], elementType, max,
      [&](OpBuilder &b, Location l, ValueRange args) {
        ScalarMath m(b, l, elementType);
        return m.add(args[2], m.exp(m.sub(args[0], args[1])));
      });
  Value result =
      buildPointwise(builder, loc, space.keptType(elementType), {sum, max},
                     [&](OpBuilder &b, Location l, ValueRange args) {
                       ScalarMath m(b, l, elementType);
                       return m.add(m.log(args[0]), args[1]);
                     });
  if (getKeepdims())
    result = buildKeptDims(builder, loc, result, type.getRank(), getAxes());
  return SmallVector<Value>{result};
}

//===----------------------------------------------------------------------===//
// arg_max, arg_min
//===----------------------------------------------------------------------===//

/// Whether `x` at a later index is to replace `best`.
static Value buildReplaces(ScalarMath &m, Value x, Value best, bool isMax,
                           bool selectLast) {
  Value greater = isMax ? x : best, less = isMax ? best : x;
  Value wins = selectLast ? m.ge(greater, less) : m.gt(greater, less);
  if (isa<IntegerType>(x.getType()))
    return wins;
  Value isNaN = m.isNaN(x);
  if (!selectLast)
    isNaN = m.bitAnd(isNaN, m.bitNot(m.isNaN(best)));
  return m.bitOr(wins, isNaN);
}

template <typename Op>
static SmallVector<Value> lowerArgReduction(Op op, OpBuilder &builder,
                                            Value input, bool isMax) {
  Location loc = op.getLoc();
  auto type = cast<RankedTensorType>(op.getX().getType());
  Type elementType = type.getElementType(), scalar = computeType(elementType);
  int64_t axis = op.getAxis();
  ReducedSpace space(type, axis);
  ScalarMath outer(builder, loc, elementType);
  Value worst = isMax ? outer.lowest(scalar) : outer.highest(scalar);
  Value zeroIndex = outer.constant(builder.getI64Type(), 0);
  SmallVector<Value> inits{
      buildFilled(builder, loc, space.keptType(scalar), worst),
      buildFilled(builder, loc, space.keptType(builder.getI64Type()),
                  zeroIndex)};
  int64_t rank = type.getRank();
  SmallVector<utils::IteratorType> iterators(rank,
                                             utils::IteratorType::parallel);
  iterators.back() = utils::IteratorType::reduction;
  auto generic = linalg::GenericOp::create(
      builder, loc, TypeRange(ValueRange(inits)), input, inits,
      ArrayRef<AffineMap>{space.getInputMap(), space.getKeptMap(),
                          space.getKeptMap()},
      iterators, [&](OpBuilder &b, Location l, ValueRange args) {
        ScalarMath m(b, l, elementType);
        Value x = buildLoaded(b, l, args[0], elementType);
        Value replaces =
            buildReplaces(m, x, args[1], isMax, op.getSelectLast());
        Value index = linalg::IndexOp::create(b, l, rank - 1);
        index = arith::IndexCastOp::create(b, l, b.getI64Type(), index);
        linalg::YieldOp::create(b, l,
                                ValueRange{m.select(replaces, x, args[1]),
                                           m.select(replaces, index, args[2])});
      });
  Value result = generic.getResult(1);
  if (op.getKeepdims())
    result = buildKeptDims(builder, loc, result, rank, axis);
  return {result};
}

FailureOr<SmallVector<Value>> ArgMaxOp::lowerReference(OpBuilder &b,
                                                       ValueRange x) {
  return lowerArgReduction(*this, b, x[0], /*isMax=*/true);
}

FailureOr<SmallVector<Value>> ArgMinOp::lowerReference(OpBuilder &b,
                                                       ValueRange x) {
  return lowerArgReduction(*this, b, x[0], /*isMax=*/false);
}

//===----------------------------------------------------------------------===//
// Running sums and products
//===----------------------------------------------------------------------===//

/// A loop along the axis that carries the results so far, one per other index.
template <typename Op>
static Value lowerCumulative(Op op, OpBuilder &builder, Value x, double neutral,
                             Value (ScalarMath::*combine)(Value, Value)) {
  Location loc = op.getLoc();
  RankedTensorType type = op.getType();
  Type elementType = type.getElementType(), scalar = computeType(elementType);
  int64_t axis = op.getAxis(), extent = type.getDimSize(axis);
  ReducedSpace space(type, axis);
  RankedTensorType sliceType = storageType(space.keptType(elementType));
  Value init = buildFilled(builder, loc, space.keptType(scalar),
                           buildScalarConstant(builder, loc, scalar, neutral));
  auto index = [&](int64_t value) {
    return arith::ConstantIndexOp::create(builder, loc, value);
  };
  auto loop = scf::ForOp::create(
      builder, loc, index(0), index(extent), index(1),
      ValueRange{init, buildEmpty(builder, loc, type)},
      [&](OpBuilder &b, Location l, Value step, ValueRange state) {
        Value last = arith::ConstantIndexOp::create(b, l, extent - 1);
        Value position = step;
        if (op.getReverse())
          position = arith::SubIOp::create(b, l, last, step);
        SmallVector<OpFoldResult> offsets(type.getRank(), b.getIndexAttr(0));
        SmallVector<OpFoldResult> sizes,
            strides(type.getRank(), b.getIndexAttr(1));
        for (int64_t size : type.getShape())
          sizes.push_back(b.getIndexAttr(size));
        offsets[axis] = position;
        sizes[axis] = b.getIndexAttr(1);
        Value slice = tensor::ExtractSliceOp::create(b, l, sliceType, x,
                                                     offsets, sizes, strides);
        auto write = [&](Value sums) -> Value {
          Value piece = buildRounded(b, l, sums, space.keptType(elementType));
          return tensor::InsertSliceOp::create(b, l, piece, state[1], offsets,
                                               sizes, strides);
        };
        // They are updated in place, so their old values are written before.
        Value result = op.getExclusive() ? write(state[0]) : Value();
        AffineMap identity = b.getMultiDimIdentityMap(sliceType.getRank());
        SmallVector<utils::IteratorType> iterators(
            sliceType.getRank(), utils::IteratorType::parallel);
        Value sum = buildReduction(
            b, l, state[0], slice, elementType, identity, identity, iterators,
            [&](OpBuilder &inner, Location at, ValueRange args) {
              ScalarMath m(inner, at, elementType);
              return (m.*combine)(args[1], args[0]);
            });
        if (!op.getExclusive())
          result = write(sum);
        scf::YieldOp::create(b, l, ValueRange{sum, result});
      });
  return loop.getResult(1);
}

FailureOr<SmallVector<Value>> CumSumOp::lowerReference(OpBuilder &b,
                                                       ValueRange x) {
  return SmallVector<Value>{
      lowerCumulative(*this, b, x[0], 0, &ScalarMath::add)};
}
FailureOr<SmallVector<Value>> CumProdOp::lowerReference(OpBuilder &b,
                                                        ValueRange x) {
  return SmallVector<Value>{
      lowerCumulative(*this, b, x[0], 1, &ScalarMath::mul)};
}
