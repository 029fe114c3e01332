//===- IndexingBuilders.cpp - Indices that come from data ----------------===//

#include "dialects/cameo/IndexingBuilders.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;

static Value extendToI64(OpBuilder &b, Location loc, Value stored) {
  Type i64 = b.getI64Type();
  return stored.getType() == i64 ? stored
                                 : arith::ExtSIOp::create(b, loc, i64, stored);
}

Value cameo::buildPosition(OpBuilder &b, Location loc, Value stored,
                           int64_t extent, bool inBounds) {
  Value index = extendToI64(b, loc, stored);
  if (inBounds)
    return index;
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantIntOp::create(b, loc, value, 64);
  };
  Value zero = constant(0);
  Value isNegative =
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, index, zero);
  Value fromEnd = arith::AddIOp::create(b, loc, index, constant(extent));
  Value position = arith::SelectOp::create(b, loc, isNegative, fromEnd, index);
  // Also false below -extent: then the position is still negative.
  Value isValid = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult,
                                        position, constant(extent));
  cf::AssertOp::create(b, loc, isValid, "index out of range");
  return arith::SelectOp::create(b, loc, isValid, position, zero);
}

Value cameo::buildPositions(OpBuilder &b, Location loc, Value indices,
                            int64_t extent, bool inBounds) {
  auto type = cast<RankedTensorType>(indices.getType());
  if (inBounds && type.getElementType().isInteger(64))
    return indices;
  return buildMap(b, loc, type.clone(b.getI64Type()), indices,
                  type.getElementType(),
                  b.getMultiDimIdentityMap(type.getRank()),
                  [&](OpBuilder &inner, Location at, ValueRange args) {
                    return buildPosition(inner, at, args[0], extent, inBounds);
                  });
}

Value cameo::buildIndexAt(OpBuilder &b, Location loc, Value tensor,
                          ValueRange at) {
  Value value = tensor::ExtractOp::create(b, loc, tensor, at);
  return arith::IndexCastOp::create(b, loc, b.getIndexType(), value);
}

Value cameo::buildLoops(
    OpBuilder &b, Location loc, ArrayRef<int64_t> shape, Value init,
    function_ref<Value(OpBuilder &, ValueRange, Value)> body) {
  auto constant = [&](int64_t value) {
    return arith::ConstantIndexOp::create(b, loc, value);
  };
  SmallVector<Value> lower, upper, steps;
  for (int64_t extent : shape) {
    lower.push_back(constant(0));
    upper.push_back(constant(extent));
    steps.push_back(constant(1));
  }
  scf::LoopNest nest = scf::buildLoopNest(
      b, loc, lower, upper, steps, init,
      [&](OpBuilder &inner, Location, ValueRange index, ValueRange state) {
        return scf::ValueVector{body(inner, index, state[0])};
      });
  return nest.results[0];
}

/// Offsets, sizes and strides of the row at `at`.
static std::array<SmallVector<OpFoldResult>, 3>
rowSlice(OpBuilder &b, Value tensor, ValueRange at) {
  auto type = cast<RankedTensorType>(tensor.getType());
  SmallVector<OpFoldResult> offsets(at.begin(), at.end());
  SmallVector<OpFoldResult> sizes(at.size(), b.getIndexAttr(1));
  offsets.push_back(b.getIndexAttr(0));
  sizes.push_back(b.getIndexAttr(type.getShape().back()));
  return {offsets, sizes,
          SmallVector<OpFoldResult>(type.getRank(), b.getIndexAttr(1))};
}

Value cameo::buildReadRow(OpBuilder &b, Location loc, Value tensor,
                          ValueRange at) {
  auto type = cast<RankedTensorType>(tensor.getType());
  auto [offsets, sizes, strides] = rowSlice(b, tensor, at);
  return tensor::ExtractSliceOp::create(b, loc,
                                        type.clone(type.getShape().back()),
                                        tensor, offsets, sizes, strides);
}

Value cameo::buildWriteRow(OpBuilder &b, Location loc, Value row, Value tensor,
                           ValueRange at) {
  auto [offsets, sizes, strides] = rowSlice(b, tensor, at);
  return tensor::InsertSliceOp::create(b, loc, row, tensor, offsets, sizes,
                                       strides);
}
