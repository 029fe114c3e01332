//===- WinogradOps.cpp - Convolutions by minimal filtering ----------------===//
//
// Result types, layouts and lowerings. The tiles themselves are computed by
// winograd_tiles on stored tensors, which the lowering brings about.
//
//===----------------------------------------------------------------------===//

#include "dialects/cameo/Cameo.h"
#include "dialects/cameo/FastProduct.h"
#include "dialects/cameo/Layouts.h"
#include "dialects/cameo/WindowBuilders.h"
#include "dialects/cameo/Winograd.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace cameo;

#define GET_OP_CLASSES
#include "dialects/cameo/WinogradOps.cpp.inc"

void CameoDialect::registerWinogradOps() {
  addOperations<
#define GET_OP_LIST
#include "dialects/cameo/WinogradOps.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// winograd_filter
//===----------------------------------------------------------------------===//

LogicalResult WinogradFilterOp::inferReturnTypes(MLIRContext *,
                                                 std::optional<Location> loc,
                                                 Adaptor adaptor,
                                                 SmallVectorImpl<Type> &types) {
  auto w = cast<RankedTensorType>(adaptor.getW().getType());
  if (w.getRank() != 4 || w.getDimSize(2) != kWinogradFilter ||
      w.getDimSize(3) != kWinogradFilter)
    return emitOptionalError(loc, "(C1) ", w, " holds no 3x3 filters");
  int64_t tile = adaptor.getTile(), stride = adaptor.getStride();
  if (!isWinogradTile(tile, stride))
    return emitOptionalError(loc, "(C2) there are no tiles of ", tile,
                             " for step ", stride);
  int64_t planes = winogradPlanes(tile);
  types.push_back(w.clone({planes * planes, w.getDimSize(0), w.getDimSize(1)}));
  return success();
}

/// G (x) G: one row per plane, one column per element of a filter.
static Value buildFilterMatrix(OpBuilder &builder, Location loc,
                               const Matrix &filter) {
  SmallVector<double> values;
  for (const auto &rows : filter)
    for (const auto &columns : filter)
      for (double row : rows)
        for (double column : columns)
          values.push_back(row * column);
  int64_t planes = filter.size() * filter.size();
  auto type = RankedTensorType::get({planes, kWinogradFilter * kWinogradFilter},
                                    builder.getF64Type());
  return arith::ConstantOp::create(
      builder, loc, DenseElementsAttr::get(type, ArrayRef(values)));
}

FailureOr<SmallVector<Value>>
WinogradFilterOp::lowerReference(OpBuilder &builder, ValueRange operands) {
  Location loc = getLoc();
  MLIRContext *context = getContext();
  auto type = cast<RankedTensorType>(getType());
  Type wide = builder.getF64Type(), narrow = type.getElementType();
  Value w = buildMergedDims(builder, loc, operands[0], 2);
  Value matrix = buildFilterMatrix(
      builder, loc, getWinogradMatrices(getTile(), getStride()).filter);
  Value zero = buildFilled(
      builder, loc, RankedTensorType::get(type.getShape(), wide),
      arith::ConstantOp::create(builder, loc, builder.getF64FloatAttr(0)));
  // result[p, oc, ic] = sum over k of matrix[p, k] * w[oc, ic, k]
  AffineExpr p, oc, ic, k;
  bindDims(context, p, oc, ic, k);
  auto map = [&](ArrayRef<AffineExpr> exprs) {
    return AffineMap::get(4, 0, exprs, context);
  };
  Value sum = buildReduction(
      builder, loc, zero, {matrix, w}, {wide, narrow},
      {map({p, k}), map({oc, ic, k})}, map({p, oc, ic}), getLoops(3, 1),
      [&](OpBuilder &b, Location l, ValueRange args) {
        Value element = arith::ExtFOp::create(b, l, wide, args[1]);
        return buildMultiplyAdd(b, l, args[0], element, args[2]);
      });
  return SmallVector<Value>{
      buildMap(builder, loc, type, sum, wide, builder.getMultiDimIdentityMap(3),
               [&](OpBuilder &b, Location l, ValueRange args) -> Value {
                 return arith::TruncFOp::create(b, l, narrow, args[0]);
               })};
}

//===----------------------------------------------------------------------===//
// winograd_conv
//===----------------------------------------------------------------------===//

LogicalResult WinogradConvOp::inferReturnTypes(MLIRContext *,
                                               std::optional<Location> loc,
                                               Adaptor adaptor,
                                               SmallVectorImpl<Type> &types) {
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  auto u = cast<RankedTensorType>(adaptor.getU().getType());
  int64_t tile = adaptor.getTile(), stride = adaptor.getStride();
  if (!isWinogradTile(tile, stride))
    return emitOptionalError(loc, "(C5) there are no tiles of ", tile,
                             " for step ", stride);
  int64_t planes = winogradPlanes(tile) * winogradPlanes(tile);
  if (x.getRank() != 4 || u.getRank() != 3 || u.getDimSize(0) != planes)
    return emitOptionalError(loc, "(C1) ", x, " and ", u,
                             " are not an image and filters of ", planes,
                             " planes");
  int64_t filters = u.getDimSize(1), channels = u.getDimSize(2);
  Value bias = adaptor.getBias();
  if (x.getDimSize(1) != channels ||
      (bias &&
       cast<RankedTensorType>(bias.getType()).getShape() != ArrayRef(filters)))
    return emitOptionalError(loc, "(C2) ", u, " does not fit ", x,
                             " or the bias");
  int64_t kernel[] = {kWinogradFilter, kWinogradFilter}, ones[] = {1, 1};
  int64_t strides[] = {stride, stride};
  Windows windows{kernel, strides, ones, adaptor.getPads()};
  if (failed(checkWindows(loc, windows, 2)))
    return failure();
  SmallVector<int64_t> shape = {x.getDimSize(0), filters};
  for (int64_t i = 0; i < 2; ++i)
    shape.push_back(windows.getCount(i, x.getDimSize(2 + i)));
  if (shape[2] < 0 || shape[3] < 0)
    return emitOptionalError(loc, "(C3) a 3x3 window does not fit into ", x);
  int64_t channelBlock = adaptor.getChannelBlock(),
          filterBlock = adaptor.getFilterBlock();
  if (channelBlock < 1 || filterBlock < 1 || channels % channelBlock)
    return emitOptionalError(loc, "(C4) blocks of ", channelBlock, " and ",
                             filterBlock, " do not suit ", channels, " and ",
                             filters);
  types.push_back(x.clone(shape));
  return success();
}

LogicalResult WinogradConvOp::verify() {
  if (getFast().empty())
    return success();
  ArrayRef<int64_t> u = cast<RankedTensorType>(getU().getType()).getShape();
  auto hasElements = [&](size_t i, int64_t count) {
    return cast<RankedTensorType>(getFast()[i].getType()).getShape() ==
           ArrayRef(count);
  };
  if (getFast().size() != 2 || !hasElements(0, u[0] * u[1]) ||
      !hasElements(1, 1) || getStride() != 1 ||
      int64_t(getChannelBlock()) != kFastBlock ||
      u[1] % int64_t(getFilterBlock()) != 0)
    return emitOpError("(C6) what 'fast' has, the step or the blocks do not "
                       "suit fast inner products");
  return success();
}

int64_t WinogradConvOp::getFlops() {
  // Those of the plain convolution, so that speeds can be compared.
  return 2 * cast<RankedTensorType>(getType()).getNumElements() *
         cast<RankedTensorType>(getU().getType()).getDimSize(2) *
         kWinogradFilter * kWinogradFilter;
}

/// How `u`, planes x filters x channels, is stored.
static BlockedAttr getFilterLayout(WinogradConvOp op) {
  return BlockedAttr::get(
      op.getContext(), {2, 1},
      {int64_t(op.getChannelBlock()), int64_t(op.getFilterBlock())});
}

BlockedAttr WinogradConvOp::chooseLayouts(MutableArrayRef<BlockedAttr> operands,
                                          const LayoutQuery &) {
  llvm::fill(operands, nullptr);
  operands[0] = blockChannels(getContext(), getChannelBlock());
  operands[1] = getFilterLayout(*this);
  int64_t filterBlock = getFilterBlock();
  if (getBias() &&
      cast<RankedTensorType>(getType()).getDimSize(1) % filterBlock != 0)
    operands[2] = BlockedAttr::get(getContext(), {0}, {filterBlock});
  return blockChannels(getContext(), getFilterBlock());
}

FailureOr<SmallVector<Value>>
WinogradConvOp::lowerReference(OpBuilder &builder, ValueRange operands) {
  Location loc = getLoc();
  auto type = cast<RankedTensorType>(getType());
  BlockedAttr layout = blockChannels(getContext(), getFilterBlock());
  Value x = buildPacked(builder, loc, operands[0],
                        blockChannels(getContext(), getChannelBlock()));
  Value u = buildPacked(builder, loc, operands[1], getFilterLayout(*this));
  Value init = tensor::EmptyOp::create(builder, loc,
                                       layout.getStoredShape(type.getShape()),
                                       type.getElementType());
  auto tiles = WinogradTilesOp::create(
      builder, loc, init.getType(), x, u, operands.take_back(getFast().size()),
      init, getTile(), getPads().take_front(2), getStride());
  Value sum =
      buildUnpacked(builder, loc, tiles.getResult(0), layout, type.getShape());
  if (!getBias())
    return SmallVector<Value>{sum};
  Type element = type.getElementType();
  AffineMap channels =
      AffineMap::get(4, 0, builder.getAffineDimExpr(1), getContext());
  return SmallVector<Value>{
      buildMap(builder, loc, type, {sum, operands[2]}, {element, element},
               {builder.getMultiDimIdentityMap(4), channels},
               [](OpBuilder &b, Location l, ValueRange args) -> Value {
                 return arith::AddFOp::create(b, l, args[0], args[1]);
               })};
}

//===----------------------------------------------------------------------===//
// winograd_tiles
//===----------------------------------------------------------------------===//

LogicalResult WinogradTilesOp::verify() {
  auto x = cast<ShapedType>(getX().getType());
  auto u = cast<ShapedType>(getU().getType());
  auto y = cast<ShapedType>(getInit().getType());
  bool onTensors = isa<TensorType>(y);
  if (isa<TensorType>(x) != onTensors || isa<TensorType>(u) != onTensors ||
      getNumResults() != (onTensors ? 1u : 0u))
    return emitOpError("(C1) mixes tensors and buffers, or its results do not "
                       "follow");
  if (!isWinogradTile(getTile(), getStride()) || getPads().size() != 2)
    return emitOpError("(C2) tile or pads are not those of winograd_conv");
  int64_t planes = winogradPlanes(getTile()) * winogradPlanes(getTile());
  if (!x.hasStaticShape() || !u.hasStaticShape() || !y.hasStaticShape() ||
      x.getRank() != 5 || u.getRank() != 5 || y.getRank() != 5 ||
      u.getDimSize(0) != planes || u.getDimSize(2) != x.getDimSize(1) ||
      u.getDimSize(3) != x.getDimSize(4) ||
      u.getDimSize(1) != y.getDimSize(1) ||
      u.getDimSize(4) != y.getDimSize(4) || x.getDimSize(0) != y.getDimSize(0))
    return emitOpError("(C2) shapes of ")
           << x << ", " << u << " and " << y << " do not fit";
  return success();
}

void WinogradTilesOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  getBufferEffects(*this, effects);
}
