//===- NormalizationOps.cpp - Softmax and normalisations ------------------===//
//
// All are reductions along rows, then maps over them; variances take two
// passes.
//
//===----------------------------------------------------------------------===//

#include "dialects/cameo/Cameo.h"
#include "dialects/cameo/ReductionBuilders.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace cameo;

#define GET_OP_CLASSES
#include "dialects/cameo/NormalizationOps.cpp.inc"

void CameoDialect::registerNormalizationOps() {
  addOperations<
#define GET_OP_LIST
#include "dialects/cameo/NormalizationOps.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// Result types
//===----------------------------------------------------------------------===//

/// Checks (C1) of operators with an axis and gives the result the type of x.
static LogicalResult inferWithAxis(std::optional<Location> loc, Type type,
                                   int64_t axis, SmallVectorImpl<Type> &types) {
  if (axis < 0 || axis >= cast<RankedTensorType>(type).getRank())
    return emitOptionalError(loc, "(C1) axis ", axis, " is not a dimension of ",
                             type);
  types.push_back(type);
  return success();
}

/// Checks (C2) of operators with a scale and a bias over the last dimensions.
static LogicalResult checkParameters(std::optional<Location> loc,
                                     RankedTensorType type,
                                     ValueRange parameters) {
  for (Type parameter : parameters.getTypes()) {
    FailureOr<RankedTensorType> common =
        broadcastTypes(std::nullopt, {type, parameter}, type.getElementType());
    if (failed(common) || *common != type)
      return emitOptionalError(loc, "(C2) ", parameter,
                               " cannot be broadcast to ", type);
  }
  return success();
}

/// Checks (C1) of operators with channels.
static LogicalResult checkChannels(std::optional<Location> loc,
                                   RankedTensorType type) {
  if (type.getRank() < 2)
    return emitOptionalError(loc, "(C1) ", type, " has no second dimension");
  return success();
}

LogicalResult SoftmaxOp::inferReturnTypes(MLIRContext *,
                                          std::optional<Location> loc,
                                          Adaptor adaptor,
                                          SmallVectorImpl<Type> &types) {
  return inferWithAxis(loc, adaptor.getX().getType(), adaptor.getAxis(), types);
}

LogicalResult LogSoftmaxOp::inferReturnTypes(MLIRContext *,
                                             std::optional<Location> loc,
                                             Adaptor adaptor,
                                             SmallVectorImpl<Type> &types) {
  return inferWithAxis(loc, adaptor.getX().getType(), adaptor.getAxis(), types);
}

LogicalResult LayerNormOp::inferReturnTypes(MLIRContext *,
                                            std::optional<Location> loc,
                                            Adaptor adaptor,
                                            SmallVectorImpl<Type> &types) {
  auto type = cast<RankedTensorType>(adaptor.getX().getType());
  if (failed(inferWithAxis(loc, type, adaptor.getAxis(), types)))
    return failure();
  return checkParameters(loc, type, adaptor.getOperands().drop_front());
}

LogicalResult RMSNormOp::inferReturnTypes(MLIRContext *,
                                          std::optional<Location> loc,
                                          Adaptor adaptor,
                                          SmallVectorImpl<Type> &types) {
  auto type = cast<RankedTensorType>(adaptor.getX().getType());
  if (failed(inferWithAxis(loc, type, adaptor.getAxis(), types)))
    return failure();
  return checkParameters(loc, type, adaptor.getOperands().drop_front());
}

LogicalResult GroupNormOp::inferReturnTypes(MLIRContext *,
                                            std::optional<Location> loc,
                                            Adaptor adaptor,
                                            SmallVectorImpl<Type> &types) {
  auto type = cast<RankedTensorType>(adaptor.getX().getType());
  if (failed(checkChannels(loc, type)))
    return failure();
  int64_t groups = adaptor.getGroups(), channels = type.getDimSize(1);
  if (groups <= 0 || channels % groups != 0)
    return emitOptionalError(loc, "(C2) ", groups, " groups do not divide ",
                             channels, " channels");
  for (Type parameter : adaptor.getOperands().drop_front().getTypes())
    if (cast<RankedTensorType>(parameter).getShape() != ArrayRef(channels))
      return emitOptionalError(loc, "(C3) scale or bias has type ", parameter,
                               " but there are ", channels, " channels");
  types.push_back(type);
  return success();
}

LogicalResult LRNOp::inferReturnTypes(MLIRContext *,
                                      std::optional<Location> loc,
                                      Adaptor adaptor,
                                      SmallVectorImpl<Type> &types) {
  auto type = cast<RankedTensorType>(adaptor.getX().getType());
  if (failed(checkChannels(loc, type)))
    return failure();
  if (adaptor.getSize() == 0 || static_cast<int64_t>(adaptor.getSize()) < 0)
    return emitOptionalError(loc, "(C2) size is ",
                             static_cast<int64_t>(adaptor.getSize()),
                             ", not positive");
  types.push_back(type);
  return success();
}

//===----------------------------------------------------------------------===//
// Rows
//===----------------------------------------------------------------------===//

namespace {
/// The loops of one normalisation: reductions of x along rows.
struct Rows {
  Rows(OpBuilder &builder, Location loc, Value x, RankedTensorType type,
       ArrayRef<int64_t> axes)
      : builder(builder), loc(loc), x(x), type(type),
        elementType(type.getElementType()), scalar(computeType(elementType)),
        space(type, axes) {}

  Value constant(double value) const {
    return buildScalarConstant(builder, loc, scalar, value);
  }
  /// The maximum of each row.
  Value max() const {
    ScalarMath m(builder, loc, elementType);
    return space.reduce(
        builder, loc, m.lowest(scalar), x, elementType, {},
        [&](OpBuilder &b, Location l, ValueRange args) {
          return ScalarMath(b, l, elementType).max(args[0], args[1]);
        });
  }
  /// The sum of `term(x, kept...)` along each row.
  Value sum(ValueRange kept,
            function_ref<Value(ScalarMath &, ValueRange)> term) const {
    return space.reduce(builder, loc, constant(0), x, elementType, kept,
                        [&](OpBuilder &b, Location l, ValueRange args) {
                          ScalarMath m(b, l, elementType);
                          return m.add(args.back(), term(m, args.drop_back()));
                        });
  }
  Value mean() const {
    Value total =
        sum({}, [](ScalarMath &, ValueRange args) { return args[0]; });
    return perRow(total, [&](ScalarMath &m, Value x) {
      return m.div(x, m.constant(x, space.getCount()));
    });
  }
  /// 1 / sqrt(total / count + epsilon) of each row.
  Value inverseRoot(Value total, const APFloat &epsilon) const {
    return perRow(total, [&](ScalarMath &m, Value x) {
      Value mean = m.div(x, m.constant(x, space.getCount()));
      return m.div(m.constant(x, 1),
                   m.sqrt(m.add(mean, m.constant(x, epsilon))));
    });
  }
  Value perRow(Value kept,
               function_ref<Value(ScalarMath &, Value)> body) const {
    return buildPointwise(builder, loc, space.keptType(scalar), kept,
                          [&](OpBuilder &b, Location l, ValueRange args) {
                            ScalarMath m(b, l, elementType);
                            return body(m, args[0]);
                          });
  }

  OpBuilder &builder;
  Location loc;
  Value x;
  RankedTensorType type;
  Type elementType, scalar;
  ReducedSpace space;
};
} // namespace

/// (x - mean) * inverseDeviation * scale + bias, without `mean` or `bias` when
/// they are null. `parameterMap` leads from an index of x to one of scale and
/// bias.
static Value buildNormalised(const Rows &rows, Value mean,
                             Value inverseDeviation, Value scale, Value bias,
                             ArrayRef<Type> parameterTypes,
                             ArrayRef<AffineMap> parameterMaps) {
  AffineMap keptMap = rows.space.getKeptOfInput();
  SmallVector<Value> inputs{rows.x, inverseDeviation, scale};
  SmallVector<Type> types{rows.elementType, rows.scalar, parameterTypes[0]};
  SmallVector<AffineMap> maps{
      rows.builder.getMultiDimIdentityMap(rows.type.getRank()), keptMap,
      parameterMaps[0]};
  if (bias) {
    inputs.push_back(bias);
    types.push_back(parameterTypes[1]);
    maps.push_back(parameterMaps[1]);
  }
  if (mean) {
    inputs.push_back(mean);
    types.push_back(rows.scalar);
    maps.push_back(keptMap);
  }
  return buildMap(rows.builder, rows.loc, rows.type, inputs, types, maps,
                  [&](OpBuilder &b, Location l, ValueRange args) {
                    ScalarMath m(b, l, rows.elementType);
                    auto parameter = [&](Value value) {
                      return m.convert(value, false, rows.scalar, false);
                    };
                    Value x = mean ? m.sub(args[0], args.back()) : args[0];
                    x = m.mul(m.mul(x, args[1]), parameter(args[2]));
                    return bias ? m.add(x, parameter(args[3])) : x;
                  });
}

/// The sum of squared differences from `mean` along each row.
static Value buildSquaredDifferences(const Rows &rows, Value mean) {
  return rows.sum(mean, [](ScalarMath &m, ValueRange args) {
    Value difference = m.sub(args[0], args[1]);
    return m.mul(difference, difference);
  });
}

static SmallVector<int64_t> dimsFrom(int64_t axis, int64_t rank) {
  return llvm::to_vector(llvm::seq<int64_t>(axis, rank));
}

//===----------------------------------------------------------------------===//
// softmax, log_softmax
//===----------------------------------------------------------------------===//

FailureOr<SmallVector<Value>> SoftmaxOp::lowerReference(OpBuilder &builder,
                                                        ValueRange operands) {
  RankedTensorType type = getType();
  Rows rows(builder, getLoc(), operands[0], type,
            static_cast<int64_t>(getAxis()));
  Value max = rows.max();
  Value powers = rows.space.map(builder, getLoc(), type.clone(rows.scalar),
                                operands[0], rows.elementType, max,
                                [&](OpBuilder &b, Location l, ValueRange args) {
                                  ScalarMath m(b, l, rows.elementType);
                                  return m.exp(m.sub(args[0], args[1]));
                                });
  Rows powerRows(builder, getLoc(), powers, type.clone(rows.scalar),
                 static_cast<int64_t>(getAxis()));
  Value sum =
      powerRows.sum({}, [](ScalarMath &, ValueRange args) { return args[0]; });
  Value inverse = powerRows.perRow(
      sum, [](ScalarMath &m, Value x) { return m.div(m.constant(x, 1), x); });
  Value result = rows.space.map(
      builder, getLoc(), type, powers, rows.scalar, inverse,
      [&](OpBuilder &b, Location l, ValueRange args) {
        return ScalarMath(b, l, rows.scalar).mul(args[0], args[1]);
      });
  return SmallVector<Value>{result};
}

FailureOr<SmallVector<Value>>
LogSoftmaxOp::lowerReference(OpBuilder &builder, ValueRange operands) {
  RankedTensorType type = getType();
  Rows rows(builder, getLoc(), operands[0], type,
            static_cast<int64_t>(getAxis()));
  Value max = rows.max();
  Value sum = rows.sum(max, [](ScalarMath &m, ValueRange args) {
    return m.exp(m.sub(args[0], args[1]));
  });
  Value logSum =
      rows.perRow(sum, [](ScalarMath &m, Value x) { return m.log(x); });
  Value result = rows.space.map(
      builder, getLoc(), type, operands[0], rows.elementType, {max, logSum},
      [&](OpBuilder &b, Location l, ValueRange args) {
        ScalarMath m(b, l, rows.elementType);
        return m.sub(m.sub(args[0], args[1]), args[2]);
      });
  return SmallVector<Value>{result};
}

//===----------------------------------------------------------------------===//
// layer_norm, rms_norm, group_norm
//===----------------------------------------------------------------------===//

/// Maps and element types of parameters that are broadcast to `type`.
static void getParameters(RankedTensorType type, ValueRange parameters,
                          SmallVectorImpl<Type> &types,
                          SmallVectorImpl<AffineMap> &maps) {
  for (Type parameter : parameters.getTypes()) {
    types.push_back(getElementTypeOrSelf(parameter));
    maps.push_back(getBroadcastMap(cast<RankedTensorType>(parameter), type));
  }
}

FailureOr<SmallVector<Value>> LayerNormOp::lowerReference(OpBuilder &builder,
                                                          ValueRange operands) {
  RankedTensorType type = getType();
  Rows rows(builder, getLoc(), operands[0], type,
            dimsFrom(getAxis(), type.getRank()));
  Value mean = rows.mean();
  Value deviation =
      rows.inverseRoot(buildSquaredDifferences(rows, mean), getEpsilon());
  SmallVector<Type> types;
  SmallVector<AffineMap> maps;
  getParameters(type, getOperands().drop_front(), types, maps);
  Value bias = operands.size() > 2 ? operands[2] : Value();
  return SmallVector<Value>{
      buildNormalised(rows, mean, deviation, operands[1], bias, types, maps)};
}

FailureOr<SmallVector<Value>> RMSNormOp::lowerReference(OpBuilder &builder,
                                                        ValueRange operands) {
  RankedTensorType type = getType();
  Rows rows(builder, getLoc(), operands[0], type,
            dimsFrom(getAxis(), type.getRank()));
  Value squares = rows.sum({}, [](ScalarMath &m, ValueRange args) {
    return m.mul(args[0], args[0]);
  });
  SmallVector<Type> types;
  SmallVector<AffineMap> maps;
  getParameters(type, getScale(), types, maps);
  return SmallVector<Value>{
      buildNormalised(rows, Value(), rows.inverseRoot(squares, getEpsilon()),
                      operands[1], Value(), types, maps)};
}

/// Splits dimension `dim` of a tensor into `outer` parts.
static RankedTensorType splitType(RankedTensorType type, int64_t dim,
                                  int64_t outer) {
  SmallVector<int64_t> shape(type.getShape());
  shape[dim] /= outer;
  shape.insert(shape.begin() + dim, outer);
  return type.clone(shape);
}

static SmallVector<ReassociationIndices> splitGroups(int64_t rank,
                                                     int64_t dim) {
  SmallVector<ReassociationIndices> groups;
  for (int64_t i = 0; i < rank; ++i) {
    int64_t at = i > dim ? i + 1 : i;
    groups.push_back({at});
    if (i == dim)
      groups.back().push_back(at + 1);
  }
  return groups;
}

FailureOr<SmallVector<Value>> GroupNormOp::lowerReference(OpBuilder &builder,
                                                          ValueRange operands) {
  Location loc = getLoc();
  int64_t groups = getGroups(), rank = getType().getRank();
  RankedTensorType type = splitType(getType(), 1, groups);
  auto split = [&](Value value, int64_t dim) -> Value {
    auto from = cast<RankedTensorType>(value.getType());
    return tensor::ExpandShapeOp::create(builder, loc,
                                         splitType(from, dim, groups), value,
                                         splitGroups(from.getRank(), dim));
  };
  Rows rows(builder, loc, split(operands[0], 1), type, dimsFrom(2, rank + 1));
  Value mean = rows.mean();
  Value deviation =
      rows.inverseRoot(buildSquaredDifferences(rows, mean), getEpsilon());
  // Scale and bias are indexed by group and channel of the group.
  MLIRContext *context = getContext();
  AffineMap channel = AffineMap::get(
      rank + 1, 0, {getAffineDimExpr(1, context), getAffineDimExpr(2, context)},
      context);
  Value result = buildNormalised(rows, mean, deviation, split(operands[1], 0),
                                 split(operands[2], 0),
                                 {getElementTypeOrSelf(getScale().getType()),
                                  getElementTypeOrSelf(getBias().getType())},
                                 {channel, channel});
  return SmallVector<Value>{
      tensor::CollapseShapeOp::create(builder, loc, storageType(getType()),
                                      result, splitGroups(rank, 1))
          .getResult()};
}

//===----------------------------------------------------------------------===//
// lrn
//===----------------------------------------------------------------------===//

/// x / base^beta, by square roots where they do.
static Value buildDividedByPower(ScalarMath &m, Value x, Value base,
                                 double beta) {
  if (beta == 1)
    return m.div(x, base);
  if (beta == 0.5)
    return m.div(x, m.sqrt(base));
  if (beta == 0.75)
    return m.div(x, m.mul(m.sqrt(base), m.sqrt(m.sqrt(base))));
  return m.div(x, m.pow(base, m.constant(base, beta)));
}

FailureOr<SmallVector<Value>> LRNOp::lowerReference(OpBuilder &builder,
                                                    ValueRange operands) {
  Location loc = getLoc();
  RankedTensorType type = getType();
  Type elementType = type.getElementType(), scalar = computeType(elementType);
  int64_t rank = type.getRank(), size = getSize();
  // Sums are taken over a window of a tensor with zero channels on both sides.
  SmallVector<OpFoldResult> low(rank, builder.getIndexAttr(0)), high = low;
  low[1] = builder.getIndexAttr((size - 1) / 2);
  high[1] = builder.getIndexAttr(size - 1 - (size - 1) / 2);
  RankedTensorType storage = storageType(type);
  SmallVector<int64_t> paddedShape(type.getShape());
  paddedShape[1] += size - 1;
  Value zero = buildScalarConstant(builder, loc, storage.getElementType(), 0);
  Value padded = tensor::PadOp::create(builder, loc, storage.clone(paddedShape),
                                       operands[0], low, high, zero);
  // The window has no data; its tensor gives the last loop its extent.
  auto windowType = RankedTensorType::get({size}, scalar);
  Value window = buildEmpty(builder, loc, windowType);
  MLIRContext *context = getContext();
  AffineMap resultMap =
      AffineMap::getMultiDimIdentityMap(rank + 1, context).dropResult(rank);
  SmallVector<AffineExpr> inputExprs(resultMap.getResults());
  AffineExpr offset = getAffineDimExpr(rank, context);
  inputExprs[1] = inputExprs[1] + offset;
  SmallVector<utils::IteratorType> iterators(rank,
                                             utils::IteratorType::parallel);
  iterators.push_back(utils::IteratorType::reduction);
  Value init = buildFilled(builder, loc, type.clone(scalar),
                           buildScalarConstant(builder, loc, scalar, 0));
  Value squares = buildReduction(
      builder, loc, init, {padded, window}, {elementType, scalar},
      {AffineMap::get(rank + 1, 0, inputExprs, context),
       AffineMap::get(rank + 1, 0, offset, context)},
      resultMap, iterators, [&](OpBuilder &b, Location l, ValueRange args) {
        ScalarMath m(b, l, elementType);
        return m.add(args[2], m.mul(args[0], args[0]));
      });
  AffineMap identity = builder.getMultiDimIdentityMap(rank);
  Value result = buildMap(
      builder, loc, type, {operands[0], squares}, {elementType, scalar},
      {identity, identity}, [&](OpBuilder &b, Location l, ValueRange args) {
        ScalarMath m(b, l, elementType);
        Value x = args[0];
        Value factor = m.constant(x, getAlpha().convertToDouble() / size);
        Value base = m.add(m.constant(x, getBias()), m.mul(factor, args[1]));
        return buildDividedByPower(m, x, base, getBeta().convertToDouble());
      });
  return SmallVector<Value>{result};
}
