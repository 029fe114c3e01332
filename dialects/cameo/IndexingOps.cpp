//===- IndexingOps.cpp - Data movement by index tensors ------------------===//
//
// Result types and, for constant folding, where elements come from. Reference
// lowerings are in GatherLowering.cpp.
//
//===----------------------------------------------------------------------===//

#include "dialects/cameo/Cameo.h"

#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace cameo;

#define GET_OP_CLASSES
#include "dialects/cameo/IndexingOps.cpp.inc"

void CameoDialect::registerIndexingOps() {
  addOperations<
#define GET_OP_LIST
#include "dialects/cameo/IndexingOps.cpp.inc"
      >();
}

static LogicalResult checkAxis(std::optional<Location> loc, int64_t axis,
                               RankedTensorType type) {
  if (axis < 0 || axis >= type.getRank())
    return emitOptionalError(loc, "(C1) axis ", axis, " is not a dimension of ",
                             type);
  return success();
}

/// Refuses indices into dimension `dim` of `type` when none could be right.
static LogicalResult checkNotEmpty(std::optional<Location> loc,
                                   RankedTensorType type, int64_t dim) {
  if (type.getDimSize(dim) == 0)
    return emitOptionalError(loc, "(C2) no index fits the empty dimension ",
                             dim, " of ", type);
  return success();
}

/// The position in [0, extent) that `index` means; none when it is out of
/// range.
static std::optional<int64_t> getPosition(int64_t index, int64_t extent) {
  int64_t position = index < 0 ? index + extent : index;
  if (position < 0 || position >= extent)
    return std::nullopt;
  return position;
}

//===----------------------------------------------------------------------===//
// gather
//===----------------------------------------------------------------------===//

LogicalResult GatherOp::inferReturnTypes(MLIRContext *,
                                         std::optional<Location> loc,
                                         Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  auto indices = cast<RankedTensorType>(adaptor.getIndices().getType());
  int64_t axis = adaptor.getAxis();
  if (failed(checkAxis(loc, axis, x)))
    return failure();
  SmallVector<int64_t> shape(x.getShape().take_front(axis));
  llvm::append_range(shape, indices.getShape());
  llvm::append_range(shape, x.getShape().drop_front(axis + 1));
  auto type = x.clone(shape);
  types.push_back(type);
  return type.getNumElements() == 0 ? success() : checkNotEmpty(loc, x, axis);
}

std::optional<ElementSource> GatherOp::getIndexedSource(ArrayRef<int64_t> index,
                                                        IntegerReader read) {
  auto x = cast<RankedTensorType>(getX().getType());
  int64_t axis = getAxis();
  int64_t numIndexDims =
      cast<RankedTensorType>(getIndices().getType()).getRank();
  std::optional<int64_t> position =
      getPosition(read(1, index.slice(axis, numIndexDims)), x.getDimSize(axis));
  if (!position)
    return std::nullopt;
  SmallVector<int64_t> source(index.take_front(axis));
  source.push_back(*position);
  llvm::append_range(source, index.drop_front(axis + numIndexDims));
  return ElementSource{0, source};
}
