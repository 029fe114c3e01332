//===- IndexingBuilders.cpp - Indices that come from data -----------------===//

#include "dialects/cameo/IndexingBuilders.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
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

Value cameo::buildChecked(OpBuilder &b, Location loc, Value stored,
                          int64_t end) {
  Value index = extendToI64(b, loc, stored);
  Value limit = arith::ConstantIntOp::create(b, loc, end, 64);
  // Negative numbers are large unsigned ones.
  Value isValid =
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult, index, limit);
  cf::AssertOp::create(b, loc, isValid, "index out of range");
  Value zero = arith::ConstantIntOp::create(b, loc, 0, 64);
  return arith::SelectOp::create(b, loc, isValid, index, zero);
}

Value cameo::buildPosition(OpBuilder &b, Location loc, Value stored,
                           int64_t extent, bool inBounds) {
  Value index = extendToI64(b, loc, stored);
  if (inBounds)
    return index;
  Value zero = arith::ConstantIntOp::create(b, loc, 0, 64);
  Value isNegative =
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, index, zero);
  Value shift = arith::ConstantIntOp::create(b, loc, extent, 64);
  Value fromEnd = arith::AddIOp::create(b, loc, index, shift);
  Value position = arith::SelectOp::create(b, loc, isNegative, fromEnd, index);
  return buildChecked(b, loc, position, extent);
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

Value cameo::buildTuplePosition(OpBuilder &b, Location loc, ValueRange tuple,
                                ArrayRef<int64_t> extents, bool inBounds) {
  Value position;
  for (auto [index, extent] : llvm::zip_equal(tuple, extents)) {
    Value next = buildPosition(b, loc, index, extent, inBounds);
    if (position) {
      Value stride = arith::ConstantIntOp::create(b, loc, extent, 64);
      position = arith::MulIOp::create(b, loc, position, stride);
      next = arith::AddIOp::create(b, loc, position, next);
    }
    position = next;
  }
  return position;
}

Value cameo::buildIndexAt(OpBuilder &b, Location loc, Value tensor,
                          ValueRange at) {
  return buildIndexCast(b, loc, tensor::ExtractOp::create(b, loc, tensor, at));
}

Value cameo::buildIndexCast(OpBuilder &b, Location loc, Value position) {
  return arith::IndexCastOp::create(b, loc, b.getIndexType(), position);
}

SmallVector<Value> cameo::buildLoops(
    OpBuilder &b, Location loc, ArrayRef<int64_t> shape, ValueRange inits,
    function_ref<SmallVector<Value>(OpBuilder &, ValueRange, ValueRange)>
        body) {
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
      b, loc, lower, upper, steps, inits,
      [&](OpBuilder &inner, Location, ValueRange index, ValueRange state) {
        return scf::ValueVector(body(inner, index, state));
      });
  return SmallVector<Value>(nest.results);
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

Value cameo::buildCopy(OpBuilder &b, Location loc, Value tensor) {
  auto type = cast<RankedTensorType>(tensor.getType());
  return bufferization::MaterializeInDestinationOp::create(
             b, loc, tensor, buildEmpty(b, loc, type))
      .getResult();
}
