//===- Layouts.cpp - Blocked layouts of tensors ---------------------------===//

#include "dialects/cameo/Layouts.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace cameo;

LogicalResult BlockedAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                  ArrayRef<int64_t> dims,
                                  ArrayRef<int64_t> sizes,
                                  ArrayRef<int64_t> outer) {
  if (dims.size() != sizes.size() || dims.empty())
    return emitError() << "blocked layout has " << dims.size()
                       << " dimensions and " << sizes.size() << " sizes";
  for (auto [i, dim] : llvm::enumerate(dims))
    if (dim < 0 || sizes[i] < 1 || llvm::is_contained(dims.take_front(i), dim))
      return emitError() << "blocked layout splits dimension " << dim << " by "
                         << sizes[i];
  if (!isPermutationVector(outer))
    return emitError() << "blocked layout orders outer dimensions by [" << outer
                       << "], which is no permutation";
  return success();
}

LogicalResult BlockedAttr::verifyEncoding(
    ArrayRef<int64_t> shape, Type elementType,
    function_ref<InFlightDiagnostic()> emitError) const {
  if (!getOuter().empty() && getOuter().size() != shape.size())
    return emitError() << "blocked layout orders " << getOuter().size()
                       << " dimensions of a tensor of rank " << shape.size();
  for (int64_t dim : getDims())
    if (dim >= static_cast<int64_t>(shape.size()))
      return emitError() << "blocked layout splits dimension " << dim
                         << " of a tensor of rank " << shape.size();
  return success();
}

SmallVector<int64_t>
BlockedAttr::getStoredShape(ArrayRef<int64_t> shape) const {
  SmallVector<int64_t> stored(shape);
  for (auto [dim, size] : llvm::zip_equal(getDims(), getSizes()))
    stored[dim] = llvm::divideCeil(stored[dim], size);
  if (!getOuter().empty())
    applyPermutationToVector(stored, getOuter());
  llvm::append_range(stored, getSizes());
  return stored;
}

bool BlockedAttr::hasTails(ArrayRef<int64_t> shape) const {
  for (auto [dim, size] : llvm::zip_equal(getDims(), getSizes()))
    if (shape[dim] % size != 0)
      return true;
  return false;
}

bool BlockedAttr::isPlainOrder(ArrayRef<int64_t> shape) const {
  // One dimension, and nothing varies between its blocks and their insides.
  return getDims().size() == 1 && getOuter().empty() && !hasTails(shape) &&
         llvm::all_of(shape.drop_front(getDims()[0] + 1),
                      [](int64_t extent) { return extent == 1; });
}

BlockedAttr cameo::getLayout(Type tensorType) {
  return dyn_cast_if_present<BlockedAttr>(
      cast<RankedTensorType>(tensorType).getEncoding());
}

RankedTensorType cameo::withLayout(Type tensorType, BlockedAttr layout) {
  auto type = cast<RankedTensorType>(tensorType);
  return RankedTensorType::get(type.getShape(), type.getElementType(), layout);
}

int64_t cameo::chooseBlock(int64_t channels, int64_t lanes) {
  if (channels >= lanes)
    return lanes;
  int64_t size = llvm::PowerOf2Ceil(channels);
  return size >= 4 && 4 * channels >= lanes ? size : 0;
}

BlockedAttr cameo::blockChannels(MLIRContext *context, int64_t size) {
  return BlockedAttr::get(context, {1}, {size});
}

static SmallVector<OpFoldResult> tiles(OpBuilder &builder, BlockedAttr layout) {
  return getAsIndexOpFoldResult(builder.getContext(), layout.getSizes());
}

Value cameo::buildUnpacked(OpBuilder &builder, Location loc, Value value,
                           BlockedAttr layout, ArrayRef<int64_t> shape) {
  if (!layout)
    return value;
  Value empty = tensor::EmptyOp::create(
      builder, loc, shape,
      cast<RankedTensorType>(value.getType()).getElementType());
  return linalg::UnPackOp::create(builder, loc, value, empty, layout.getDims(),
                                  tiles(builder, layout), layout.getOuter())
      .getResult();
}

Value cameo::buildPacked(OpBuilder &builder, Location loc, Value value,
                         BlockedAttr layout) {
  if (!layout)
    return value;
  auto type = cast<RankedTensorType>(value.getType());
  Value empty = tensor::EmptyOp::create(builder, loc,
                                        layout.getStoredShape(type.getShape()),
                                        type.getElementType());
  std::optional<Value> padding;
  if (layout.hasTails(type.getShape()))
    padding = arith::ConstantOp::create(
        builder, loc, builder.getZeroAttr(type.getElementType()));
  return linalg::PackOp::create(builder, loc, value, empty, layout.getDims(),
                                tiles(builder, layout), padding,
                                layout.getOuter())
      .getResult();
}
