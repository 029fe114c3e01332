//===- ReductionBuilders.cpp - Reductions over axes -----------------------===//

#include "dialects/cameo/ReductionBuilders.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/ReshapeOpsUtils.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace cameo;

ReducedSpace::ReducedSpace(RankedTensorType type, ArrayRef<int64_t> axes) {
  MLIRContext *context = type.getContext();
  unsigned rank = type.getRank();
  numKept = rank - axes.size();
  SmallVector<AffineExpr> input, kept, keptDims;
  unsigned nextReduced = numKept;
  for (auto [dim, extent] : llvm::enumerate(type.getShape())) {
    if (llvm::is_contained(axes, static_cast<int64_t>(dim))) {
      input.push_back(getAffineDimExpr(nextReduced++, context));
      count *= extent;
      continue;
    }
    AffineExpr loop = getAffineDimExpr(kept.size(), context);
    input.push_back(loop);
    kept.push_back(loop);
    keptDims.push_back(getAffineDimExpr(dim, context));
    keptShape.push_back(extent);
  }
  inputMap = AffineMap::get(rank, 0, input, context);
  keptMap = AffineMap::get(rank, 0, kept, context);
  keptOfInput = AffineMap::get(rank, 0, keptDims, context);
}

Value ReducedSpace::reduce(OpBuilder &builder, Location loc, Value init,
                           Value input, Type elementType, ValueRange kept,
                           ScalarBuilder body) const {
  SmallVector<Value> inputs{input};
  SmallVector<Type> elementTypes{elementType};
  SmallVector<AffineMap> maps{inputMap};
  for (Value value : kept) {
    inputs.push_back(value);
    elementTypes.push_back(getElementTypeOrSelf(value.getType()));
    maps.push_back(keptMap);
  }
  SmallVector<utils::IteratorType> iterators(numKept,
                                             utils::IteratorType::parallel);
  iterators.resize(inputMap.getNumDims(), utils::IteratorType::reduction);
  Value start = buildFilled(builder, loc, keptType(init.getType()), init);
  return buildReduction(builder, loc, start, inputs, elementTypes, maps,
                        keptMap, iterators, body);
}

Value ReducedSpace::map(OpBuilder &builder, Location loc, RankedTensorType type,
                        Value input, Type elementType, ValueRange kept,
                        ScalarBuilder body) const {
  SmallVector<Value> inputs{input};
  SmallVector<Type> elementTypes{elementType};
  SmallVector<AffineMap> maps{builder.getMultiDimIdentityMap(type.getRank())};
  for (Value value : kept) {
    inputs.push_back(value);
    elementTypes.push_back(getElementTypeOrSelf(value.getType()));
    maps.push_back(keptOfInput);
  }
  return buildMap(builder, loc, type, inputs, elementTypes, maps, body);
}

Value cameo::buildPointwise(OpBuilder &builder, Location loc,
                            RankedTensorType type, ValueRange inputs,
                            ScalarBuilder body) {
  SmallVector<Type> elementTypes;
  for (Type input : inputs.getTypes())
    elementTypes.push_back(getElementTypeOrSelf(input));
  SmallVector<AffineMap> maps(inputs.size(),
                              builder.getMultiDimIdentityMap(type.getRank()));
  return buildMap(builder, loc, type, inputs, elementTypes, maps, body);
}

Value cameo::buildKeptDims(OpBuilder &builder, Location loc, Value value,
                           int64_t rank, ArrayRef<int64_t> axes) {
  if (axes.empty())
    return value;
  auto from = cast<RankedTensorType>(value.getType());
  SmallVector<int64_t> shape;
  // Every kept dimension takes the unit dimensions after it; the first one also
  // those before it.
  SmallVector<ReassociationIndices> groups;
  ReassociationIndices leading;
  for (int64_t dim = 0, kept = 0; dim < rank; ++dim) {
    if (llvm::is_contained(axes, dim)) {
      shape.push_back(1);
      (groups.empty() ? leading : groups.back()).push_back(dim);
      continue;
    }
    shape.push_back(from.getDimSize(kept++));
    groups.push_back(std::move(leading));
    leading.clear();
    groups.back().push_back(dim);
  }
  auto type = RankedTensorType::get(shape, from.getElementType());
  return tensor::ExpandShapeOp::create(builder, loc, type, value, groups);
}
