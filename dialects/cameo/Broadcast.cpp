//===- Broadcast.cpp - Shapes of broadcast operands -----------------------===//

#include "dialects/cameo/Broadcast.h"
#include "dialects/cameo/TypeInference.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;

FailureOr<SmallVector<int64_t>>
cameo::broadcastShapes(std::optional<Location> loc,
                       ArrayRef<ArrayRef<int64_t>> shapes) {
  size_t rank = 0;
  for (ArrayRef<int64_t> shape : shapes)
    rank = std::max(rank, shape.size());
  SmallVector<int64_t> result(rank, 1);
  for (ArrayRef<int64_t> shape : shapes) {
    size_t lead = rank - shape.size();
    for (auto [i, extent] : llvm::enumerate(shape)) {
      int64_t &common = result[lead + i];
      if (extent == 1 || extent == common)
        continue;
      if (common != 1)
        return emitOptionalError(loc, "extents ", common, " and ", extent,
                                 " of dimension ", lead + i,
                                 " cannot be broadcast");
      common = extent;
    }
  }
  return result;
}

FailureOr<RankedTensorType> cameo::broadcastTypes(std::optional<Location> loc,
                                                  TypeRange types,
                                                  Type elementType) {
  SmallVector<ArrayRef<int64_t>> shapes;
  for (Type type : types)
    shapes.push_back(cast<RankedTensorType>(type).getShape());
  FailureOr<SmallVector<int64_t>> shape = broadcastShapes(loc, shapes);
  if (failed(shape))
    return failure();
  return RankedTensorType::get(*shape, elementType);
}

AffineMap cameo::getBroadcastMap(RankedTensorType operand,
                                 RankedTensorType result) {
  MLIRContext *context = result.getContext();
  int64_t lead = result.getRank() - operand.getRank();
  SmallVector<AffineExpr> exprs;
  for (auto [i, extent] : llvm::enumerate(operand.getShape()))
    exprs.push_back(extent == 1 && result.getDimSize(lead + i) != 1
                        ? getAffineConstantExpr(0, context)
                        : getAffineDimExpr(lead + i, context));
  return AffineMap::get(result.getRank(), 0, exprs, context);
}

LogicalResult cameo::inferElementwise(std::optional<Location> loc,
                                      ValueRange operands, int like,
                                      SmallVectorImpl<Type> &types,
                                      bool mixed) {
  unsigned first = std::max(like, 0);
  Type elementType = getElementTypeOrSelf(operands[first].getType());
  for (Type type : operands.drop_front(first + 1).getTypes())
    if (!mixed && getElementTypeOrSelf(type) != elementType)
      return emitOptionalError(loc, "(C1) element types ", elementType, " and ",
                               getElementTypeOrSelf(type), " differ");
  if (like < 0)
    elementType = IntegerType::get(elementType.getContext(), 1);
  FailureOr<RankedTensorType> type =
      broadcastTypes(loc, operands.getTypes(), elementType);
  if (failed(type))
    return failure();
  types.push_back(*type);
  return success();
}
