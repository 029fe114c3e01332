//===- RotaryOps.cpp - Positions as rotations -----------------------------===//
//
// One loop nest reads both elements of a pair. Halves of rows are a dimension
// of two that is read backwards; interleaved pairs are an index that LoopBody
// reads with a shuffle.
//
//===----------------------------------------------------------------------===//

#include "dialects/cameo/Cameo.h"
#include "dialects/cameo/LinalgBuilders.h"
#include "dialects/cameo/Shapes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace cameo;

#define GET_OP_CLASSES
#include "dialects/cameo/RotaryOps.cpp.inc"

void CameoDialect::registerRotaryOps() {
  addOperations<
#define GET_OP_LIST
#include "dialects/cameo/RotaryOps.cpp.inc"
      >();
}

LogicalResult
RotaryEmbeddingOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                    Adaptor adaptor,
                                    SmallVectorImpl<Type> &types) {
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  auto cos = cast<RankedTensorType>(adaptor.getCos().getType());
  auto sin = cast<RankedTensorType>(adaptor.getSin().getType());
  if (cos.getElementType() != x.getElementType() ||
      sin.getElementType() != x.getElementType())
    return emitOptionalError(loc, "(C1) the elements of ", x, ", ", cos,
                             " and ", sin, " differ");
  if (x.getRank() == 0 || cos.getRank() == 0 || sin.getRank() == 0)
    return emitOptionalError(loc, "(C2) ", x, ", ", cos, " and ", sin,
                             " do not all have rows");
  int64_t rotated = cos.getShape().back();
  if (sin.getShape().back() != rotated || rotated % 2 != 0 || rotated == 0 ||
      rotated > x.getShape().back())
    return emitOptionalError(
        loc, "(C2) ", rotated, " and ", sin.getShape().back(),
        " elements do not rotate pairs of ", x.getShape().back());
  for (RankedTensorType table : {cos, sin}) {
    FailureOr<SmallVector<int64_t>> common = broadcastShapes(
        std::nullopt, {x.getShape().drop_back(), table.getShape().drop_back()});
    if (failed(common) || ArrayRef(*common) != x.getShape().drop_back())
      return emitOptionalError(loc, "(C3) ", table,
                               " cannot be broadcast to rows of ", x);
  }
  types.push_back(x);
  return success();
}

/// Splits the last dimension of `value` in two halves.
static Value buildHalves(OpBuilder &builder, Location loc, Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  int64_t last = type.getRank() - 1;
  SmallVector<int64_t> shape(type.getShape().drop_back());
  shape.append({2, type.getShape().back() / 2});
  SmallVector<ReassociationIndices> groups;
  for (int64_t dim = 0; dim < last; ++dim)
    groups.push_back({dim});
  groups.push_back({last, last + 1});
  return tensor::ExpandShapeOp::create(builder, loc, type.clone(shape), value,
                                       groups);
}

/// The elements [start, start + count) of every row.
static Value buildPart(OpBuilder &builder, Location loc, Value x, int64_t start,
                       int64_t count) {
  auto type = cast<RankedTensorType>(x.getType());
  SmallVector<OpFoldResult> starts(type.getRank(), builder.getIndexAttr(0)),
      sizes = getAsIndexOpFoldResult(builder.getContext(), type.getShape()),
      ones(type.getRank(), builder.getIndexAttr(1));
  if (count == type.getShape().back())
    return x;
  starts.back() = builder.getIndexAttr(start);
  sizes.back() = builder.getIndexAttr(count);
  return tensor::ExtractSliceOp::create(builder, loc, x, starts, sizes, ones);
}

/// `x * cos + partner * sin`, where `partner` maps an index of x to that of the
/// other element of its pair.
static Value buildRotated(OpBuilder &builder, RotaryEmbeddingOp op,
                          ValueRange operands, AffineMap partner) {
  Value x = operands[0], cos = operands[1], sin = operands[2];
  Type element = op.getType().getElementType();
  auto type = RankedTensorType::get(shapeOf(x), element);
  auto broadcast = [&](Value table) {
    return getBroadcastMap(cast<RankedTensorType>(table.getType()), type);
  };
  return buildMap(builder, op.getLoc(), type, {x, x, cos, sin},
                  SmallVector<Type>(4, element),
                  {builder.getMultiDimIdentityMap(type.getRank()), partner,
                   broadcast(cos), broadcast(sin)},
                  [](OpBuilder &b, Location loc, ValueRange args) {
                    Value product =
                        arith::MulFOp::create(b, loc, args[0], args[2]);
                    return buildMultiplyAdd(b, loc, args[1], args[3], product);
                  });
}

FailureOr<SmallVector<Value>>
RotaryEmbeddingOp::lowerReference(OpBuilder &builder, ValueRange operands) {
  Location loc = getLoc();
  int64_t rank = getType().getRank(), size = getType().getShape().back();
  int64_t rotated = getRotated();
  Value x = buildPart(builder, loc, operands[0], 0, rotated), result;
  SmallVector<AffineExpr> exprs;
  for (int64_t dim = 0; dim < rank; ++dim)
    exprs.push_back(builder.getAffineDimExpr(dim));
  if (getInterleaved()) {
    exprs.back() = exprs.back() + 1 - exprs.back() % 2 * 2;
    result = buildRotated(builder, *this, {x, operands[1], operands[2]},
                          AffineMap::get(rank, 0, exprs, getContext()));
  } else {
    exprs.back() = 1 - exprs.back();
    exprs.push_back(builder.getAffineDimExpr(rank));
    SmallVector<Value> halves;
    for (Value value : {x, operands[1], operands[2]})
      halves.push_back(buildHalves(builder, loc, value));
    result = buildRotated(builder, *this, halves,
                          AffineMap::get(rank + 1, 0, exprs, getContext()));
    SmallVector<ReassociationIndices> groups;
    for (int64_t dim = 0; dim < rank; ++dim)
      groups.push_back({dim});
    groups.back().push_back(rank);
    result = tensor::CollapseShapeOp::create(builder, loc, result, groups);
  }
  if (rotated == size)
    return SmallVector<Value>{result};
  Value rest = buildPart(builder, loc, operands[0], rotated, size - rotated);
  Value whole = buildEmpty(builder, loc, getType());
  for (auto [part, start] : {std::pair(result, int64_t(0)), {rest, rotated}}) {
    SmallVector<OpFoldResult> starts(rank, builder.getIndexAttr(0)),
        ones(rank, builder.getIndexAttr(1));
    starts.back() = builder.getIndexAttr(start);
    whole = tensor::InsertSliceOp::create(
        builder, loc, part, whole, starts,
        getAsIndexOpFoldResult(getContext(), shapeOf(part)), ones);
  }
  return SmallVector<Value>{whole};
}
