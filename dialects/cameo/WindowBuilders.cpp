//===- WindowBuilders.cpp - Sliding windows -------------------------------===//

#include "dialects/cameo/WindowBuilders.h"
#include "dialects/cameo/ElementTypes.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace cameo;

int64_t Windows::getCount(int64_t dim, int64_t extent, bool ceil) const {
  int64_t room = extent + getPadBefore(dim) + getPadAfter(dim) - getSpan(dim);
  if (room < 0)
    return ceil && room + strides[dim] > 0 && extent + getPadBefore(dim) > 0
               ? 1
               : -1;
  if (!ceil)
    return room / strides[dim] + 1;
  int64_t count = llvm::divideCeil(room, strides[dim]) + 1;
  // A window that starts in the padding after the input is no window.
  if ((count - 1) * strides[dim] >= extent + getPadBefore(dim))
    --count;
  return count;
}

int64_t Windows::getReachAfter(int64_t dim, int64_t extent,
                               int64_t count) const {
  int64_t end = (count - 1) * strides[dim] + getSpan(dim) - getPadBefore(dim);
  return std::max<int64_t>(0, end - extent);
}

int64_t Windows::getKernelSize() const {
  int64_t size = 1;
  for (int64_t extent : kernel)
    size *= extent;
  return size;
}

LogicalResult cameo::checkWindows(std::optional<Location> loc,
                                  const Windows &windows, int64_t rank) {
  auto check = [&](StringRef name, ArrayRef<int64_t> values, int64_t length,
                   int64_t lowest) -> LogicalResult {
    if (static_cast<int64_t>(values.size()) != length)
      return emitOptionalError(loc, "(C1) ", name, " has ", values.size(),
                               " entries, not ", length);
    for (int64_t value : values)
      if (value < lowest)
        return emitOptionalError(loc, "(C1) entry ", value, " of ", name,
                                 " is less than ", lowest);
    return success();
  };
  if (failed(check("kernel", windows.kernel, rank, 1)) ||
      failed(check("strides", windows.strides, rank, 1)) ||
      failed(check("dilations", windows.dilations, rank, 1)))
    return failure();
  return check("pads", windows.pads, 2 * rank, 0);
}

Value cameo::buildPadded(OpBuilder &builder, Location loc, Value x,
                         Type elementType, ArrayRef<int64_t> before,
                         ArrayRef<int64_t> after, Value value) {
  auto isZero = [](int64_t pad) { return pad == 0; };
  if (llvm::all_of(before, isZero) && llvm::all_of(after, isZero))
    return x;
  auto type = cast<RankedTensorType>(x.getType());
  SmallVector<int64_t> shape(type.getShape());
  SmallVector<OpFoldResult> low, high;
  int64_t lead = type.getRank() - before.size();
  for (int64_t dim = 0; dim < type.getRank(); ++dim) {
    int64_t lowPad = dim < lead ? 0 : before[dim - lead];
    int64_t highPad = dim < lead ? 0 : after[dim - lead];
    low.push_back(builder.getIndexAttr(lowPad));
    high.push_back(builder.getIndexAttr(highPad));
    shape[dim] += lowPad + highPad;
  }
  Value stored = buildStored(builder, loc, value, elementType);
  return tensor::PadOp::create(builder, loc, type.clone(shape), x, low, high,
                               stored);
}

/// `x` without what a single window does not reach: the extent of a loop over
/// the window alone would be taken from it.
static Value cutToWindow(OpBuilder &b, Location loc, Value x,
                         const Windows &windows, ArrayRef<int64_t> counts) {
  auto type = cast<RankedTensorType>(x.getType());
  int64_t rank = windows.getRank(), first = type.getRank() - rank;
  SmallVector<int64_t> shape(type.getShape());
  for (int64_t i = 0; i < rank; ++i)
    if (counts[i] == 1)
      shape[first + i] = std::min(
          shape[first + i],
          std::max<int64_t>(0, windows.getSpan(i) - windows.getPadBefore(i)));
  if (type.getShape() == ArrayRef(shape))
    return x;
  SmallVector<OpFoldResult> offsets(type.getRank(), b.getIndexAttr(0)),
      steps(type.getRank(), b.getIndexAttr(1));
  return tensor::ExtractSliceOp::create(
      b, loc, type.clone(shape), x, offsets,
      getAsIndexOpFoldResult(b.getContext(), shape), steps);
}

Value cameo::buildPaddedForWindows(OpBuilder &builder, Location loc, Value x,
                                   Type elementType, const Windows &windows,
                                   ArrayRef<int64_t> counts, Value value) {
  x = cutToWindow(builder, loc, x, windows, counts);
  auto type = cast<RankedTensorType>(x.getType());
  SmallVector<int64_t> after;
  int64_t rank = windows.getRank();
  for (int64_t i = 0; i < rank; ++i)
    after.push_back(windows.getReachAfter(
        i, type.getDimSize(type.getRank() - rank + i), counts[i]));
  return buildPadded(builder, loc, x, elementType,
                     windows.pads.take_front(rank), after, value);
}

SmallVector<AffineExpr> cameo::getDimExprs(MLIRContext *context, int64_t first,
                                           int64_t count) {
  SmallVector<AffineExpr> exprs;
  for (int64_t i = 0; i < count; ++i)
    exprs.push_back(getAffineDimExpr(first + i, context));
  return exprs;
}

SmallVector<AffineExpr> cameo::getWindowExprs(MLIRContext *context,
                                              const Windows &windows,
                                              int64_t firstOutput,
                                              int64_t firstKernel) {
  SmallVector<AffineExpr> exprs;
  for (int64_t i = 0; i < windows.getRank(); ++i)
    exprs.push_back(
        getAffineDimExpr(firstOutput + i, context) * windows.strides[i] +
        getAffineDimExpr(firstKernel + i, context) * windows.dilations[i]);
  return exprs;
}

SmallVector<utils::IteratorType> cameo::getLoops(int64_t numParallel,
                                                 int64_t numReduction) {
  SmallVector<utils::IteratorType> loops(numParallel,
                                         utils::IteratorType::parallel);
  loops.append(numReduction, utils::IteratorType::reduction);
  return loops;
}

/// One group per dimension of `rank`, but `dim` has `count` of the dimensions
/// of the larger shape.
static SmallVector<ReassociationIndices> getGroups(int64_t rank, int64_t dim,
                                                   int64_t count) {
  SmallVector<ReassociationIndices> groups(rank);
  int64_t next = 0;
  for (int64_t i = 0; i < rank; ++i)
    for (int64_t j = 0; j < (i == dim ? count : 1); ++j)
      groups[i].push_back(next++);
  return groups;
}

Value cameo::buildSplitDim(OpBuilder &builder, Location loc, Value value,
                           int64_t dim, ArrayRef<int64_t> extents) {
  auto type = cast<RankedTensorType>(value.getType());
  SmallVector<int64_t> shape(type.getShape().take_front(dim));
  llvm::append_range(shape, extents);
  llvm::append_range(shape, type.getShape().drop_front(dim + 1));
  return tensor::ExpandShapeOp::create(
      builder, loc, type.clone(shape), value,
      getGroups(type.getRank(), dim, extents.size()));
}

Value cameo::buildMergedDims(OpBuilder &builder, Location loc, Value value,
                             int64_t dim) {
  auto type = cast<RankedTensorType>(value.getType());
  SmallVector<int64_t> shape(type.getShape());
  shape[dim] *= shape[dim + 1];
  shape.erase(shape.begin() + dim + 1);
  return tensor::CollapseShapeOp::create(builder, loc, type.clone(shape), value,
                                         getGroups(shape.size(), dim, 2));
}
