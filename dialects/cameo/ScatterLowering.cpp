//===- ScatterLowering.cpp - Reference lowerings of scatters --------------===//
//
// A copy, then updates one after the other: indices may name an element twice,
// so that these loops are neither reordered nor run in parallel.
//
//===----------------------------------------------------------------------===//

#include "dialects/cameo/ElementTypes.h"
#include "dialects/cameo/IndexingBuilders.h"
#include "dialects/cameo/ScalarMath.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace cameo;

/// The stored element `old` combined with a stored update.
static Value buildCombined(OpBuilder &b, Location loc, Value old, Value update,
                           Type elementType, ScatterReduction reduction) {
  if (reduction == ScatterReduction::None)
    return update;
  ScalarMath math(b, loc, elementType);
  Value x = buildLoaded(b, loc, old, elementType);
  Value y = buildLoaded(b, loc, update, elementType);
  Value result = reduction == ScatterReduction::Add   ? math.add(x, y)
                 : reduction == ScatterReduction::Mul ? math.mul(x, y)
                 : reduction == ScatterReduction::Max ? math.max(x, y)
                                                      : math.min(x, y);
  return buildStored(b, loc, result, elementType);
}

FailureOr<SmallVector<Value>>
ScatterElementsOp::lowerReference(OpBuilder &builder, ValueRange operands) {
  RankedTensorType type = getType();
  ArrayRef<int64_t> shape =
      cast<RankedTensorType>(getUpdates().getType()).getShape();
  Value copy = buildCopy(builder, getLoc(), operands[0]);
  if (ShapedType::getNumElements(shape) == 0)
    return SmallVector<Value>{copy};
  int64_t axis = getAxis(), extent = type.getDimSize(axis);
  auto update = [&](OpBuilder &b, ValueRange at,
                    ValueRange state) -> SmallVector<Value> {
    Location loc = getLoc();
    Value index = tensor::ExtractOp::create(b, loc, operands[1], at);
    Value value = tensor::ExtractOp::create(b, loc, operands[2], at);
    SmallVector<Value> to(at);
    to[axis] = buildIndexCast(
        b, loc, buildPosition(b, loc, index, extent, getInBounds()));
    if (getReduction() != ScatterReduction::None) {
      Value old = tensor::ExtractOp::create(b, loc, state[0], to);
      value = buildCombined(b, loc, old, value, type.getElementType(),
                            getReduction());
    }
    return {tensor::InsertOp::create(b, loc, value, state[0], to)};
  };
  return buildLoops(builder, getLoc(), shape, copy, update);
}

/// The row `old` combined with the row `update`, in place.
static Value buildCombinedRow(OpBuilder &builder, Location loc, Value old,
                              Value update, Type elementType,
                              ScatterReduction reduction) {
  SmallVector<AffineMap> maps(2, builder.getMultiDimIdentityMap(1));
  auto generic = linalg::GenericOp::create(
      builder, loc, old.getType(), update, old, maps,
      utils::IteratorType::parallel,
      [&](OpBuilder &b, Location l, ValueRange args) {
        linalg::YieldOp::create(
            b, l,
            buildCombined(b, l, args[1], args[0], elementType, reduction));
      });
  return generic.getResult(0);
}

FailureOr<SmallVector<Value>> ScatterNDOp::lowerReference(OpBuilder &builder,
                                                          ValueRange operands) {
  Location loc = getLoc();
  RankedTensorType type = getType();
  Value copy = buildCopy(builder, loc, operands[0]);
  if (cast<RankedTensorType>(getUpdates().getType()).getNumElements() == 0)
    return SmallVector<Value>{copy};
  auto indicesType = cast<RankedTensorType>(getIndices().getType());
  int64_t size = indicesType.getShape().back();
  int64_t count = indicesType.getNumElements() / size;
  ArrayRef<int64_t> extents = type.getShape().take_front(size);
  int64_t inner = ShapedType::getNumElements(type.getShape().drop_front(size));
  Value target = buildReshape(builder, loc, copy,
                              {ShapedType::getNumElements(extents), inner});
  Value tuples = buildReshape(builder, loc, operands[1], {count, size});
  Value updates = buildReshape(builder, loc, operands[2], {count, inner});
  auto update = [&](OpBuilder &b, ValueRange at,
                    ValueRange state) -> SmallVector<Value> {
    SmallVector<Value> tuple;
    for (int64_t i = 0; i < size; ++i) {
      Value column = arith::ConstantIndexOp::create(b, loc, i);
      tuple.push_back(
          tensor::ExtractOp::create(b, loc, tuples, {at[0], column}));
    }
    Value position = buildIndexCast(
        b, loc, buildTuplePosition(b, loc, tuple, extents, getInBounds()));
    Value row = buildReadRow(b, loc, updates, at);
    if (getReduction() != ScatterReduction::None)
      row = buildCombinedRow(b, loc, buildReadRow(b, loc, state[0], position),
                             row, type.getElementType(), getReduction());
    return {buildWriteRow(b, loc, row, state[0], position)};
  };
  Value rows = buildLoops(builder, loc, count, target, update).front();
  return SmallVector<Value>{buildReshape(builder, loc, rows, type.getShape())};
}
