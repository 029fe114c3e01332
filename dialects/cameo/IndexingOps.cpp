//===- IndexingOps.cpp - Data movement by index tensors -------------------===//
//
// Result types and, for constant folding, where elements come from. Reference
// lowerings are in GatherLowering.cpp.
//
//===----------------------------------------------------------------------===//

#include "dialects/cameo/Cameo.h"

#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"
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

LogicalResult GatherOp::canonicalize(GatherOp op, PatternRewriter &rewriter) {
  // Pattern: gather(x, one constant index) -> reshape(slice(x))
  auto x = cast<RankedTensorType>(op.getX().getType());
  DenseElementsAttr indices;
  if (!matchPattern(op.getIndices(), m_Constant(&indices)) ||
      indices.getNumElements() != 1)
    return rewriter.notifyMatchFailure(op, "not one constant index");
  int64_t axis = op.getAxis();
  std::optional<int64_t> position = getPosition(
      (*indices.getValues<APInt>().begin()).getSExtValue(), x.getDimSize(axis));
  if (!position)
    return rewriter.notifyMatchFailure(op, "index is out of range");
  SmallVector<int64_t> starts(x.getRank(), 0), steps(x.getRank(), 1);
  SmallVector<int64_t> extents(x.getShape());
  starts[axis] = *position;
  extents[axis] = 1;
  Value slice = SliceOp::create(rewriter, op.getLoc(), x.clone(extents),
                                op.getX(), starts, extents, steps);
  rewriter.replaceOpWithNewOp<ReshapeOp>(op, op.getType(), slice,
                                         op.getType().getShape());
  return success();
}

//===----------------------------------------------------------------------===//
// gather_elements
//===----------------------------------------------------------------------===//

/// Checks indices that have the dimensions of `x`: one index per element.
static LogicalResult checkElementIndices(std::optional<Location> loc,
                                         RankedTensorType x,
                                         RankedTensorType indices,
                                         int64_t axis) {
  if (failed(checkAxis(loc, axis, x)))
    return failure();
  if (indices.getRank() != x.getRank())
    return emitOptionalError(loc, "(C3) ", indices,
                             " does not have the rank of ", x);
  for (int64_t dim = 0; dim < x.getRank(); ++dim)
    if (dim != axis && indices.getDimSize(dim) > x.getDimSize(dim))
      return emitOptionalError(loc, "(C3) dimension ", dim, " of ", indices,
                               " is larger than that of ", x);
  return indices.getNumElements() == 0 ? success()
                                       : checkNotEmpty(loc, x, axis);
}

LogicalResult GatherElementsOp::inferReturnTypes(MLIRContext *,
                                                 std::optional<Location> loc,
                                                 Adaptor adaptor,
                                                 SmallVectorImpl<Type> &types) {
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  auto indices = cast<RankedTensorType>(adaptor.getIndices().getType());
  types.push_back(x.clone(indices.getShape()));
  return checkElementIndices(loc, x, indices, adaptor.getAxis());
}

std::optional<ElementSource>
GatherElementsOp::getIndexedSource(ArrayRef<int64_t> index,
                                   IntegerReader read) {
  int64_t axis = getAxis();
  int64_t extent = cast<RankedTensorType>(getX().getType()).getDimSize(axis);
  std::optional<int64_t> position = getPosition(read(1, index), extent);
  if (!position)
    return std::nullopt;
  SmallVector<int64_t> source(index);
  source[axis] = *position;
  return ElementSource{0, source};
}

//===----------------------------------------------------------------------===//
// gather_nd
//===----------------------------------------------------------------------===//

/// Checks tuples of indices into the dimensions of `x` after `batchDims`.
static LogicalResult checkTuples(std::optional<Location> loc,
                                 RankedTensorType x, RankedTensorType indices,
                                 int64_t batchDims) {
  int64_t size = indices.getShape().back();
  if (size < 1 || size > x.getRank() - batchDims)
    return emitOptionalError(loc, "(C3) tuples of ", size, " indices into ",
                             x.getRank() - batchDims, " dimensions of ", x);
  if (indices.getNumElements() == 0)
    return success();
  for (int64_t dim = batchDims; dim < batchDims + size; ++dim)
    if (failed(checkNotEmpty(loc, x, dim)))
      return failure();
  return success();
}

LogicalResult GatherNDOp::inferReturnTypes(MLIRContext *,
                                           std::optional<Location> loc,
                                           Adaptor adaptor,
                                           SmallVectorImpl<Type> &types) {
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  auto indices = cast<RankedTensorType>(adaptor.getIndices().getType());
  int64_t batchDims = adaptor.getBatchDims();
  if (batchDims < 0 || batchDims >= std::min(x.getRank(), indices.getRank()))
    return emitOptionalError(loc, "(C1) ", batchDims, " batch dimensions of ",
                             x, " and ", indices);
  if (x.getShape().take_front(batchDims) !=
      indices.getShape().take_front(batchDims))
    return emitOptionalError(loc, "(C1) the first ", batchDims,
                             " dimensions of ", x, " and ", indices, " differ");
  int64_t size = indices.getShape().back();
  if (failed(checkTuples(loc, x, indices, batchDims)))
    return failure();
  SmallVector<int64_t> shape(indices.getShape().drop_back());
  llvm::append_range(shape, x.getShape().drop_front(batchDims + size));
  types.push_back(x.clone(shape));
  return success();
}

std::optional<ElementSource>
GatherNDOp::getIndexedSource(ArrayRef<int64_t> index, IntegerReader read) {
  auto x = cast<RankedTensorType>(getX().getType());
  auto indices = cast<RankedTensorType>(getIndices().getType());
  SmallVector<int64_t> source(index.take_front(getBatchDims()));
  SmallVector<int64_t> at(index.take_front(indices.getRank() - 1));
  at.push_back(0);
  for (; at.back() < indices.getShape().back(); ++at.back()) {
    std::optional<int64_t> position =
        getPosition(read(1, at), x.getDimSize(source.size()));
    if (!position)
      return std::nullopt;
    source.push_back(*position);
  }
  llvm::append_range(source, index.drop_front(indices.getRank() - 1));
  return ElementSource{0, source};
}

//===----------------------------------------------------------------------===//
// scatter_elements, scatter_nd
//===----------------------------------------------------------------------===//

/// Checks updates and gives the result the type of `x`.
template <typename Adaptor>
static LogicalResult inferScatter(std::optional<Location> loc, Adaptor adaptor,
                                  ArrayRef<int64_t> updatesShape,
                                  SmallVectorImpl<Type> &types) {
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  Type updates = adaptor.getUpdates().getType();
  if (updates != x.clone(updatesShape))
    return emitOptionalError(loc, "(C4) updates are ", updates, ", not ",
                             x.clone(updatesShape));
  if (adaptor.getReduction() != ScatterReduction::None &&
      x.getElementType().isInteger(1))
    return emitOptionalError(loc, "(C5) booleans are not reduced");
  types.push_back(x);
  return success();
}

LogicalResult
ScatterElementsOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                    Adaptor adaptor,
                                    SmallVectorImpl<Type> &types) {
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  auto indices = cast<RankedTensorType>(adaptor.getIndices().getType());
  if (failed(checkElementIndices(loc, x, indices, adaptor.getAxis())))
    return failure();
  return inferScatter(loc, adaptor, indices.getShape(), types);
}

LogicalResult ScatterNDOp::inferReturnTypes(MLIRContext *,
                                            std::optional<Location> loc,
                                            Adaptor adaptor,
                                            SmallVectorImpl<Type> &types) {
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  auto indices = cast<RankedTensorType>(adaptor.getIndices().getType());
  if (indices.getRank() == 0)
    return emitOptionalError(loc, "(C1) ", indices, " holds no tuples");
  if (failed(checkTuples(loc, x, indices, /*batchDims=*/0)))
    return failure();
  SmallVector<int64_t> shape(indices.getShape().drop_back());
  llvm::append_range(shape, x.getShape().drop_front(indices.getShape().back()));
  return inferScatter(loc, adaptor, shape, types);
}

//===----------------------------------------------------------------------===//
// reverse_sequence
//===----------------------------------------------------------------------===//

LogicalResult ReverseSequenceOp::inferReturnTypes(
    MLIRContext *context, std::optional<Location> loc, Adaptor adaptor,
    SmallVectorImpl<Type> &types) {
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  auto lengths = cast<RankedTensorType>(adaptor.getLengths().getType());
  int64_t time = adaptor.getTimeAxis();
  if (x.getRank() < 2)
    return emitOptionalError(loc, "(C1) ", x, " has less than two dimensions");
  if (time != 0 && time != 1)
    return emitOptionalError(loc, "(C1) time_axis is ", time, ", not 0 or 1");
  if (lengths.getShape() != ArrayRef<int64_t>(x.getDimSize(1 - time)))
    return emitOptionalError(loc, "(C2) ", lengths,
                             " does not have one entry for ",
                             x.getDimSize(1 - time), " sequences");
  types.push_back(x);
  return success();
}

std::optional<ElementSource>
ReverseSequenceOp::getIndexedSource(ArrayRef<int64_t> index,
                                    IntegerReader read) {
  int64_t time = getTimeAxis(), length = read(1, index[1 - time]);
  if (length < 0 || length > getType().getDimSize(time))
    return std::nullopt;
  SmallVector<int64_t> source(index);
  if (index[time] < length)
    source[time] = length - 1 - index[time];
  return ElementSource{0, source};
}

//===----------------------------------------------------------------------===//
// top_k
//===----------------------------------------------------------------------===//

LogicalResult TopKOp::inferReturnTypes(MLIRContext *context,
                                       std::optional<Location> loc,
                                       Adaptor adaptor,
                                       SmallVectorImpl<Type> &types) {
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  int64_t axis = adaptor.getAxis(), k = adaptor.getK();
  if (failed(checkAxis(loc, axis, x)))
    return failure();
  if (k < 0 || k > x.getDimSize(axis))
    return emitOptionalError(loc, "(C2) k = ", k, " elements of dimension ",
                             axis, " of ", x);
  SmallVector<int64_t> shape(x.getShape());
  shape[axis] = k;
  auto values = x.clone(shape);
  types.append({values, values.clone(IntegerType::get(context, 64))});
  return success();
}
