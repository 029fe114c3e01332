//===- GatherLowering.cpp - Reference lowerings of gathers ---------------===//
//
// Gathers copy rows: what follows the indexed dimensions is contiguous and is
// copied with vectors, and every index is checked and loaded once.
//
//===----------------------------------------------------------------------===//

#include "dialects/cameo/IndexingBuilders.h"

using namespace mlir;
using namespace cameo;

/// `result[o, k, :] = x[o, positions[k], :]` of three-dimensional tensors.
static Value buildRowGather(OpBuilder &builder, Location loc, Value x,
                            Value positions, RankedTensorType type) {
  return buildLoops(builder, loc, type.getShape().take_front(2),
                    buildEmpty(builder, loc, type),
                    [&](OpBuilder &b, ValueRange at, Value result) {
                      Value position = buildIndexAt(b, loc, positions, at[1]);
                      Value row = buildReadRow(b, loc, x, {at[0], position});
                      return buildWriteRow(b, loc, row, result, at);
                    });
}

FailureOr<SmallVector<Value>> GatherOp::lowerReference(OpBuilder &builder,
                                                       ValueRange operands) {
  RankedTensorType type = getType();
  if (type.getNumElements() == 0)
    return SmallVector<Value>{buildEmpty(builder, getLoc(), type)};
  ArrayRef<int64_t> shape = cast<RankedTensorType>(getX().getType()).getShape();
  int64_t extent = shape[getAxis()];
  int64_t outer = ShapedType::getNumElements(shape.take_front(getAxis()));
  int64_t inner = ShapedType::getNumElements(shape.drop_front(getAxis() + 1));
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
