//===- GatherLowering.cpp - Reference lowerings of gathers ----------------===//
//
// Most gathers copy rows: what follows the indexed dimensions is contiguous and
// is copied with vectors, and every index is checked and loaded once.
//
//===----------------------------------------------------------------------===//

#include "dialects/cameo/ElementTypes.h"
#include "dialects/cameo/IndexingBuilders.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace cameo;

/// The number of elements of a part of a shape.
static int64_t sizeOf(ArrayRef<int64_t> shape) {
  return ShapedType::getNumElements(shape);
}

/// `result[o, k, :] = x[o, positions[k], :]`, or `positions[o, k]`, of
/// three-dimensional tensors.
static Value buildRowGather(OpBuilder &builder, Location loc, Value x,
                            Value positions, RankedTensorType type) {
  bool shared = cast<RankedTensorType>(positions.getType()).getRank() == 1;
  return buildLoops(builder, loc, type.getShape().take_front(2),
                    buildEmpty(builder, loc, type),
                    [&](OpBuilder &b, ValueRange at, ValueRange state) {
                      Value position = buildIndexAt(
                          b, loc, positions, shared ? at.drop_front() : at);
                      Value row = buildReadRow(b, loc, x, {at[0], position});
                      return SmallVector<Value>{
                          buildWriteRow(b, loc, row, state[0], at)};
                    })
      .front();
}

FailureOr<SmallVector<Value>> GatherOp::lowerReference(OpBuilder &builder,
                                                       ValueRange operands) {
  RankedTensorType type = getType();
  if (type.getNumElements() == 0)
    return SmallVector<Value>{buildEmpty(builder, getLoc(), type)};
  ArrayRef<int64_t> shape = cast<RankedTensorType>(getX().getType()).getShape();
  int64_t extent = shape[getAxis()];
  int64_t outer = sizeOf(shape.take_front(getAxis()));
  int64_t inner = sizeOf(shape.drop_front(getAxis() + 1));
  int64_t count =
      cast<RankedTensorType>(getIndices().getType()).getNumElements();
  Value x =
      buildReshape(builder, getLoc(), operands[0], {outer, extent, inner});
  Value indices = buildReshape(builder, getLoc(), operands[1], count);
  Value positions =
      buildPositions(builder, getLoc(), indices, extent, getInBounds());
  Value rows = buildRowGather(builder, getLoc(), x, positions,
                              type.clone({outer, count, inner}));
  return SmallVector<Value>{
      buildReshape(builder, getLoc(), rows, type.getShape())};
}

FailureOr<SmallVector<Value>>
GatherElementsOp::lowerReference(OpBuilder &builder, ValueRange operands) {
  RankedTensorType type = storageType(getType());
  if (type.getNumElements() == 0)
    return SmallVector<Value>{buildEmpty(builder, getLoc(), type)};
  int64_t rank = type.getRank(), axis = getAxis();
  int64_t extent = cast<RankedTensorType>(getX().getType()).getDimSize(axis);
  Value result = buildMap(
      builder, getLoc(), type, operands[1], getElementTypeOrSelf(operands[1]),
      builder.getMultiDimIdentityMap(rank),
      [&](OpBuilder &b, Location loc, ValueRange args) -> Value {
        Value position = buildPosition(b, loc, args[0], extent, getInBounds());
        SmallVector<Value> at;
        for (int64_t dim = 0; dim < rank; ++dim)
          at.push_back(dim == axis ? buildIndexCast(b, loc, position)
                                   : linalg::IndexOp::create(b, loc, dim));
        return tensor::ExtractOp::create(b, loc, operands[0], at);
      });
  return SmallVector<Value>{result};
}

FailureOr<SmallVector<Value>> GatherNDOp::lowerReference(OpBuilder &builder,
                                                         ValueRange operands) {
  RankedTensorType type = getType();
  if (type.getNumElements() == 0)
    return SmallVector<Value>{buildEmpty(builder, getLoc(), type)};
  ArrayRef<int64_t> shape = cast<RankedTensorType>(getX().getType()).getShape();
  auto indicesType = cast<RankedTensorType>(getIndices().getType());
  int64_t batchDims = getBatchDims(), size = indicesType.getShape().back();
  ArrayRef<int64_t> extents = shape.slice(batchDims, size);
  int64_t batch = sizeOf(shape.take_front(batchDims));
  int64_t inner = sizeOf(shape.drop_front(batchDims + size));
  int64_t count = indicesType.getNumElements() / size;
  Value tuples = buildReshape(builder, getLoc(), operands[1], {count, size});
  // One input per element of the tuples.
  SmallVector<AffineMap> maps;
  for (int64_t i = 0; i < size; ++i)
    maps.push_back(AffineMap::get(
        1, 0, {builder.getAffineDimExpr(0), builder.getAffineConstantExpr(i)},
        builder.getContext()));
  SmallVector<Type> types(size, indicesType.getElementType());
  Value positions = buildMap(
      builder, getLoc(), RankedTensorType::get(count, builder.getI64Type()),
      SmallVector<Value>(size, tuples), types, maps,
      [&](OpBuilder &b, Location loc, ValueRange tuple) {
        return buildTuplePosition(b, loc, tuple, extents, getInBounds());
      });
  positions =
      buildReshape(builder, getLoc(), positions, {batch, count / batch});
  Value x = buildReshape(builder, getLoc(), operands[0],
                         {batch, sizeOf(extents), inner});
  Value rows = buildRowGather(builder, getLoc(), x, positions,
                              type.clone({batch, count / batch, inner}));
  return SmallVector<Value>{
      buildReshape(builder, getLoc(), rows, type.getShape())};
}

//===----------------------------------------------------------------------===//
// reverse_sequence
//===----------------------------------------------------------------------===//

/// Lengths as i64 in [0, extent]; records an error where they are not.
static Value buildLengths(OpBuilder &builder, Location loc, Value lengths,
                          int64_t extent) {
  auto type = cast<RankedTensorType>(lengths.getType());
  return buildMap(builder, loc, type.clone(builder.getI64Type()), lengths,
                  type.getElementType(), builder.getMultiDimIdentityMap(1),
                  [&](OpBuilder &b, Location l, ValueRange args) {
                    return buildChecked(b, l, args[0], extent + 1);
                  });
}

FailureOr<SmallVector<Value>>
ReverseSequenceOp::lowerReference(OpBuilder &builder, ValueRange operands) {
  RankedTensorType type = getType();
  int64_t time = getTimeAxis(), sequences = 1 - time;
  Value lengths =
      buildLengths(builder, getLoc(), operands[1], type.getDimSize(time));
  int64_t inner = sizeOf(type.getShape().drop_front(2));
  RankedTensorType rowType =
      type.clone({type.getDimSize(0), type.getDimSize(1), inner});
  Value x = buildReshape(builder, getLoc(), operands[0], rowType.getShape());
  Value rows =
      buildLoops(
          builder, getLoc(), rowType.getShape().take_front(2),
          buildEmpty(builder, getLoc(), rowType),
          [&](OpBuilder &b, ValueRange at, ValueRange state) {
            Value length = buildIndexAt(b, getLoc(), lengths, at[sequences]);
            Value one = arith::ConstantIndexOp::create(b, getLoc(), 1);
            Value last = arith::SubIOp::create(b, getLoc(), length, one);
            Value mirrored = arith::SubIOp::create(b, getLoc(), last, at[time]);
            Value isReversed = arith::CmpIOp::create(
                b, getLoc(), arith::CmpIPredicate::slt, at[time], length);
            SmallVector<Value> from(at);
            from[time] = arith::SelectOp::create(b, getLoc(), isReversed,
                                                 mirrored, at[time]);
            Value row = buildReadRow(b, getLoc(), x, from);
            return SmallVector<Value>{
                buildWriteRow(b, getLoc(), row, state[0], at)};
          })
          .front();
  return SmallVector<Value>{
      buildReshape(builder, getLoc(), rows, type.getShape())};
}
