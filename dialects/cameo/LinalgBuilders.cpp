//===- LinalgBuilders.cpp - Building blocks of reference lowerings --------===//

#include "dialects/cameo/LinalgBuilders.h"
#include "dialects/cameo/ElementTypes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

Value cameo::buildEmpty(OpBuilder &builder, Location loc,
                        RankedTensorType type) {
  return tensor::EmptyOp::create(builder, loc, type.getShape(),
                                 storageType(type.getElementType()));
}

Value cameo::buildFilled(OpBuilder &builder, Location loc,
                         RankedTensorType type, Value value) {
  Value stored = buildStored(builder, loc, value, type.getElementType());
  return linalg::FillOp::create(builder, loc, stored,
                                buildEmpty(builder, loc, type))
      .getResult(0);
}

/// Converts the first `elementTypes.size()` block arguments to compute types.
static SmallVector<Value> loadAll(OpBuilder &builder, Location loc,
                                  ValueRange args,
                                  ArrayRef<Type> elementTypes) {
  SmallVector<Value> loaded;
  for (auto [type, arg] : llvm::zip_first(elementTypes, args))
    loaded.push_back(cameo::buildLoaded(builder, loc, arg, type));
  return loaded;
}

Value cameo::buildMap(OpBuilder &builder, Location loc, RankedTensorType type,
                      ValueRange inputs, ArrayRef<Type> elementTypes,
                      ArrayRef<AffineMap> maps, ScalarBuilder body) {
  SmallVector<AffineMap> allMaps(maps);
  allMaps.push_back(builder.getMultiDimIdentityMap(type.getRank()));
  SmallVector<utils::IteratorType> iterators(type.getRank(),
                                             utils::IteratorType::parallel);
  Value init = buildEmpty(builder, loc, type);
  auto generic = linalg::GenericOp::create(
      builder, loc, init.getType(), inputs, init, allMaps, iterators,
      [&](OpBuilder &b, Location l, ValueRange args) {
        Value result = body(b, l, loadAll(b, l, args, elementTypes));
        linalg::YieldOp::create(
            b, l, buildStored(b, l, result, type.getElementType()));
      });
  return generic.getResult(0);
}

Value cameo::buildReduction(OpBuilder &builder, Location loc, Value init,
                            ValueRange inputs, ArrayRef<Type> elementTypes,
                            ArrayRef<AffineMap> maps, AffineMap resultMap,
                            ArrayRef<utils::IteratorType> iterators,
                            ScalarBuilder body) {
  SmallVector<AffineMap> allMaps(maps);
  allMaps.push_back(resultMap);
  auto generic = linalg::GenericOp::create(
      builder, loc, init.getType(), inputs, init, allMaps, iterators,
      [&](OpBuilder &b, Location l, ValueRange args) {
        SmallVector<Value> scalars = loadAll(b, l, args, elementTypes);
        scalars.push_back(args.back());
        linalg::YieldOp::create(b, l, body(b, l, scalars));
      });
  return generic.getResult(0);
}

Value cameo::buildMultiplyAdd(OpBuilder &builder, Location loc, Value a,
                              Value b, Value acc) {
  if (isa<FloatType>(acc.getType()))
    return arith::AddFOp::create(builder, loc, acc,
                                 arith::MulFOp::create(builder, loc, a, b));
  return arith::AddIOp::create(builder, loc, acc,
                               arith::MulIOp::create(builder, loc, a, b));
}

Value cameo::buildRounded(OpBuilder &builder, Location loc, Value accumulators,
                          RankedTensorType type) {
  Type from = getElementTypeOrSelf(accumulators.getType());
  if (from == storageType(type.getElementType()))
    return accumulators;
  return buildMap(
      builder, loc, type, accumulators, from,
      builder.getMultiDimIdentityMap(type.getRank()),
      [](OpBuilder &, Location, ValueRange args) { return args[0]; });
}

Value cameo::buildReshape(OpBuilder &builder, Location loc, Value value,
                          ArrayRef<int64_t> shape) {
  auto from = cast<RankedTensorType>(value.getType());
  RankedTensorType to = from.clone(shape),
                   flat = from.clone(from.getNumElements());
  if (from == to)
    return value;
  auto allDims = [](RankedTensorType type) {
    SmallVector<ReassociationIndices> groups;
    if (type.getRank() > 0)
      groups.push_back(llvm::to_vector(llvm::seq<int64_t>(0, type.getRank())));
    return groups;
  };
  if (from.getRank() == 0)
    value =
        tensor::ExpandShapeOp::create(builder, loc, flat, value, allDims(from));
  else if (from.getRank() > 1)
    value = tensor::CollapseShapeOp::create(builder, loc, flat, value,
                                            allDims(from));
  if (to.getRank() == 0)
    return tensor::CollapseShapeOp::create(builder, loc, to, value,
                                           allDims(to));
  if (to.getRank() > 1)
    return tensor::ExpandShapeOp::create(builder, loc, to, value, allDims(to));
  return value;
}

/// Drops the dimensions of extent one that `map` reads at a fixed index, so
/// that the map becomes a projected permutation, which more transformations
/// take.
static Value dropFixedDims(OpBuilder &builder, Location loc, Value operand,
                           AffineMap &map) {
  auto isFixed = [](AffineExpr expr) { return isa<AffineConstantExpr>(expr); };
  if (llvm::none_of(map.getResults(), isFixed))
    return operand;
  auto type = cast<RankedTensorType>(operand.getType());
  SmallVector<AffineExpr> kept;
  SmallVector<int64_t> shape;
  SmallVector<ReassociationIndices> groups;
  ReassociationIndices pending;
  for (auto [i, expr] : llvm::enumerate(map.getResults())) {
    pending.push_back(i);
    if (isFixed(expr))
      continue;
    kept.push_back(expr);
    shape.push_back(type.getDimSize(i));
    groups.push_back(std::exchange(pending, {}));
  }
  if (!groups.empty())
    groups.back().append(pending);
  map = AffineMap::get(map.getNumDims(), 0, kept, builder.getContext());
  return tensor::CollapseShapeOp::create(
      builder, loc, RankedTensorType::get(shape, type.getElementType()),
      operand, groups);
}

Value cameo::buildElementwise(ElementwiseOpInterface op, OpBuilder &builder,
                              ValueRange operands) {
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  SmallVector<AffineMap> maps;
  SmallVector<Type> elementTypes;
  SmallVector<Value> inputs;
  for (auto [i, operand] : llvm::enumerate(op->getOperands())) {
    maps.push_back(op.getOperandMap(i));
    elementTypes.push_back(getElementTypeOrSelf(operand.getType()));
    inputs.push_back(
        dropFixedDims(builder, op.getLoc(), operands[i], maps.back()));
  }
  return buildMap(builder, op.getLoc(), type, inputs, elementTypes, maps,
                  [&](OpBuilder &b, Location loc, ValueRange args) {
                    return op.buildScalar(b, loc, args);
                  });
}
