//===- FastProductOps.cpp - Products by fast inner products ---------------===//
//
// Result types, layouts and lowerings.
//
//===----------------------------------------------------------------------===//

#include "dialects/cameo/Cameo.h"
#include "dialects/cameo/FastProduct.h"
#include "dialects/cameo/Layouts.h"
#include "dialects/cameo/LinalgBuilders.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace cameo;

#define GET_OP_CLASSES
#include "dialects/cameo/FastProductOps.cpp.inc"

void CameoDialect::registerFastProductOps() {
  addOperations<
#define GET_OP_LIST
#include "dialects/cameo/FastProductOps.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// fast_conv
//===----------------------------------------------------------------------===//

static bool hasElements(Value value, int64_t count) {
  return cast<RankedTensorType>(value.getType()).getShape() == ArrayRef(count);
}

LogicalResult FastConvOp::inferReturnTypes(MLIRContext *,
                                           std::optional<Location> loc,
                                           Adaptor adaptor,
                                           SmallVectorImpl<Type> &types) {
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  auto w = cast<RankedTensorType>(adaptor.getW().getType());
  if (x.getRank() != 4 || w.getRank() != 4 ||
      w.getDimSize(1) != x.getDimSize(1) || w.getDimSize(2) != 1 ||
      w.getDimSize(3) != 1)
    return emitOptionalError(loc, "(C1) ", x, " and ", w,
                             " are not an image and 1x1 filters of its "
                             "channels");
  int64_t filters = w.getDimSize(0), block = adaptor.getFilterBlock();
  if (!hasElements(adaptor.getPairs(), filters) ||
      !hasElements(adaptor.getSquare(), 1) ||
      (adaptor.getBias() && !hasElements(adaptor.getBias(), filters)))
    return emitOptionalError(loc, "(C2) pairs, square or bias do not suit ",
                             filters, " filters");
  if (x.getDimSize(1) % kFastBlock || block < 1 || filters % block)
    return emitOptionalError(loc, "(C3) blocks of ", kFastBlock, " and ", block,
                             " do not divide ", x.getDimSize(1), " and ",
                             filters);
  types.push_back(
      x.clone({x.getDimSize(0), filters, x.getDimSize(2), x.getDimSize(3)}));
  return success();
}

int64_t FastConvOp::getFlops() {
  return 2 * cast<RankedTensorType>(getType()).getNumElements() *
         cast<RankedTensorType>(getX().getType()).getDimSize(1);
}

/// How `w` is stored.
static BlockedAttr getFilterLayout(FastConvOp op) {
  return BlockedAttr::get(op.getContext(), {1, 0},
                          {kFastBlock, int64_t(op.getFilterBlock())});
}

BlockedAttr FastConvOp::chooseLayouts(MutableArrayRef<BlockedAttr> operands,
                                      const LayoutQuery &) {
  llvm::fill(operands, nullptr);
  operands[0] = blockChannels(getContext(), kFastBlock);
  operands[1] = getFilterLayout(*this);
  return blockChannels(getContext(), getFilterBlock());
}

FailureOr<SmallVector<Value>> FastConvOp::lowerReference(OpBuilder &builder,
                                                         ValueRange operands) {
  Location loc = getLoc();
  auto type = cast<RankedTensorType>(getType());
  Type element = type.getElementType();
  BlockedAttr layout = blockChannels(getContext(), getFilterBlock());
  Value x = buildPacked(builder, loc, operands[0],
                        blockChannels(getContext(), kFastBlock));
  Value w = buildPacked(builder, loc, operands[1], getFilterLayout(*this));
  auto wType = cast<RankedTensorType>(w.getType());
  w = buildReshape(builder, loc, w,
                   {wType.getDimSize(0), wType.getDimSize(1),
                    wType.getDimSize(4), wType.getDimSize(5)});
  Value init = tensor::EmptyOp::create(
      builder, loc, layout.getStoredShape(type.getShape()), element);
  auto product = FastProductOp::create(builder, loc, init.getType(), x, w,
                                       operands[2], operands[3], init);
  Value sum = buildUnpacked(builder, loc, product.getResult(0), layout,
                            type.getShape());
  if (!getBias())
    return SmallVector<Value>{sum};
  AffineMap channels =
      AffineMap::get(4, 0, builder.getAffineDimExpr(1), getContext());
  return SmallVector<Value>{
      buildMap(builder, loc, type, {sum, operands[4]}, {element, element},
               {builder.getMultiDimIdentityMap(4), channels},
               [](OpBuilder &b, Location l, ValueRange args) -> Value {
                 return arith::AddFOp::create(b, l, args[0], args[1]);
               })};
}

//===----------------------------------------------------------------------===//
// fast_matmul
//===----------------------------------------------------------------------===//

LogicalResult FastMatMulOp::inferReturnTypes(MLIRContext *,
                                             std::optional<Location> loc,
                                             Adaptor adaptor,
                                             SmallVectorImpl<Type> &types) {
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  auto w = cast<RankedTensorType>(adaptor.getW().getType());
  if (x.getRank() < 2 || w.getRank() != 2 ||
      w.getDimSize(0) != x.getShape().back())
    return emitOptionalError(loc, "(C1) ", x, " and ", w,
                             " are not matrices that can be multiplied");
  int64_t columns = w.getDimSize(1);
  if (!hasElements(adaptor.getPairs(), columns) ||
      !hasElements(adaptor.getSquare(), 1))
    return emitOptionalError(loc, "(C2) pairs or square do not suit ", columns,
                             " columns");
  if (w.getDimSize(0) % kFastBlock || columns % kFastBlock)
    return emitOptionalError(loc, "(C3) blocks of ", kFastBlock,
                             " do not divide ", w.getDimSize(0), " and ",
                             columns);
  SmallVector<int64_t> shape(x.getShape());
  shape.back() = columns;
  types.push_back(x.clone(shape));
  return success();
}

int64_t FastMatMulOp::getFlops() {
  return 2 * cast<RankedTensorType>(getType()).getNumElements() *
         cast<RankedTensorType>(getW().getType()).getDimSize(0);
}

/// How `w` is stored.
static BlockedAttr getMatrixLayout(MLIRContext *context) {
  return BlockedAttr::get(context, {0, 1}, {kFastBlock, kFastBlock}, {1, 0});
}

BlockedAttr FastMatMulOp::chooseLayouts(MutableArrayRef<BlockedAttr> operands,
                                        const LayoutQuery &) {
  llvm::fill(operands, nullptr);
  operands[1] = getMatrixLayout(getContext());
  return nullptr;
}

FailureOr<SmallVector<Value>>
FastMatMulOp::lowerReference(OpBuilder &builder, ValueRange operands) {
  Location loc = getLoc();
  auto type = cast<RankedTensorType>(getType());
  int64_t columns = type.getShape().back(),
          depth = cast<RankedTensorType>(getX().getType()).getShape().back();
  SmallVector<int64_t> rows(type.getShape().drop_back());
  constexpr size_t kMostDims = 2; // Of rows, for `fast_product`.
  if (rows.size() > kMostDims)
    rows = {type.getNumElements() / columns};
  auto shapeOf = [&](ArrayRef<int64_t> last) {
    SmallVector<int64_t> shape = rows;
    llvm::append_range(shape, last);
    return shape;
  };
  Value x = buildReshape(builder, loc, operands[0],
                         shapeOf({depth / kFastBlock, kFastBlock}));
  Value w =
      buildPacked(builder, loc, operands[1], getMatrixLayout(getContext()));
  Value init = tensor::EmptyOp::create(
      builder, loc, shapeOf({columns / kFastBlock, kFastBlock}),
      type.getElementType());
  auto product = FastProductOp::create(builder, loc, init.getType(), x, w,
                                       operands[2], operands[3], init);
  // Blocks of columns, so that what follows is split alike.
  auto layout = BlockedAttr::get(
      getContext(), {static_cast<int64_t>(rows.size())}, {kFastBlock});
  Value matrix = buildUnpacked(builder, loc, product.getResult(0), layout,
                               shapeOf({columns}));
  return SmallVector<Value>{
      buildReshape(builder, loc, matrix, type.getShape())};
}

//===----------------------------------------------------------------------===//
// fast_product
//===----------------------------------------------------------------------===//

/// Whether operands have the shapes of pixels in blocks of channels.
static bool arePixels(ShapedType x, ShapedType w, ShapedType y) {
  return x.getRank() == 5 && y.getRank() == 5 &&
         x.getDimSize(4) == kFastBlock && w.getDimSize(1) == x.getDimSize(1) &&
         w.getDimSize(0) == y.getDimSize(1) &&
         w.getDimSize(3) == y.getDimSize(4) &&
         x.getDimSize(0) == y.getDimSize(0) &&
         x.getDimSize(2) == y.getDimSize(2) &&
         x.getDimSize(3) == y.getDimSize(3);
}

/// Whether they have those of rows.
static bool areRows(ShapedType x, ShapedType w, ShapedType y) {
  int64_t rank = x.getRank();
  return (rank == 3 || rank == 4) && y.getRank() == rank &&
         x.getShape().back() == kFastBlock &&
         w.getDimSize(1) == x.getDimSize(rank - 2) &&
         w.getDimSize(0) == y.getDimSize(rank - 2) &&
         w.getDimSize(3) == y.getShape().back() &&
         x.getShape().drop_back(2) == y.getShape().drop_back(2);
}

LogicalResult FastProductOp::verify() {
  auto x = cast<ShapedType>(getX().getType());
  auto w = cast<ShapedType>(getW().getType());
  auto y = cast<ShapedType>(getInit().getType());
  bool onTensors = isa<TensorType>(y);
  for (Value operand : getOperands())
    if (isa<TensorType>(operand.getType()) != onTensors ||
        !cast<ShapedType>(operand.getType()).hasStaticShape())
      return emitOpError("(C1) mixes tensors and buffers");
  if (getNumResults() != (onTensors ? 1u : 0u))
    return emitOpError("(C1) has ") << getNumResults() << " results on "
                                    << (onTensors ? "tensors" : "buffers");
  if (w.getRank() != 4 || w.getDimSize(2) != kFastBlock ||
      (!arePixels(x, w, y) && !areRows(x, w, y)))
    return emitOpError("(C2) shapes of ")
           << x << ", " << w << " and " << y << " do not fit";
  return success();
}

void FastProductOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  getBufferEffects(*this, effects);
}
