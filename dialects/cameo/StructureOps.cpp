//===- StructureOps.cpp - Constants, kernels, views -----------------------===//

#include "dialects/cameo/Cameo.h"
#include "dialects/cameo/Layouts.h"
#include "dialects/cameo/LinalgBuilders.h"

#include "mlir/Dialect/Utils/IndexingUtils.h"

using namespace mlir;
using namespace cameo;

#define GET_OP_CLASSES
#include "dialects/cameo/StructureOps.cpp.inc"

void CameoDialect::registerStructureOps() {
  addOperations<
#define GET_OP_LIST
#include "dialects/cameo/StructureOps.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// constant
//===----------------------------------------------------------------------===//

LogicalResult ConstantOp::inferReturnTypes(MLIRContext *,
                                           std::optional<Location> loc,
                                           Adaptor adaptor,
                                           SmallVectorImpl<Type> &types) {
  auto type = dyn_cast<RankedTensorType>(adaptor.getValue().getType());
  if (!type)
    return emitOptionalError(loc, "constant is not a ranked tensor");
  types.push_back(type);
  return success();
}

OpFoldResult ConstantOp::fold(FoldAdaptor adaptor) {
  return adaptor.getValue();
}

//===----------------------------------------------------------------------===//
// reshape
//===----------------------------------------------------------------------===//

LogicalResult ReshapeOp::inferReturnTypes(MLIRContext *,
                                          std::optional<Location> loc,
                                          Adaptor adaptor,
                                          SmallVectorImpl<Type> &types) {
  auto type = cast<RankedTensorType>(adaptor.getX().getType());
  ArrayRef<int64_t> shape = adaptor.getShape();
  if (ShapedType::getNumElements(shape) != type.getNumElements())
    return emitOptionalError(loc, "reshape of ", type, " to [", shape,
                             "] changes the number of elements");
  types.push_back(RankedTensorType::get(shape, type.getElementType()));
  return success();
}

OpFoldResult ReshapeOp::fold(FoldAdaptor adaptor) {
  // Pattern: reshape(x) to x's own shape -> x
  if (getX().getType() == getType())
    return getX();
  // Pattern: reshape(constant) -> constant
  if (auto dense = dyn_cast_if_present<DenseElementsAttr>(adaptor.getX()))
    return dense.reshape(getType());
  // Pattern: reshape(reshape(x)) -> reshape(x)
  if (auto producer = getX().getDefiningOp<ReshapeOp>()) {
    getXMutable().assign(producer.getX());
    return getResult();
  }
  return {};
}

ElementSource ReshapeOp::getSource(ArrayRef<int64_t> index) {
  int64_t linear = linearize(index, computeStrides(getType().getShape()));
  auto from = cast<RankedTensorType>(getX().getType());
  return {0, delinearize(linear, computeStrides(from.getShape()))};
}

FailureOr<SmallVector<Value>> ReshapeOp::lowerReference(OpBuilder &builder,
                                                        ValueRange operands) {
  return SmallVector<Value>{
      buildReshape(builder, getLoc(), operands[0], getType().getShape())};
}

//===----------------------------------------------------------------------===//
// relayout, cast_layout
//===----------------------------------------------------------------------===//

template <typename Op> static LogicalResult verifySameTensor(Op op) {
  auto from = cast<RankedTensorType>(op.getX().getType());
  auto to = cast<RankedTensorType>(op.getType());
  if (from.getShape() != to.getShape() ||
      from.getElementType() != to.getElementType())
    return op.emitOpError("(C1) ")
           << from << " and " << to << " differ in more than layout";
  return success();
}

LogicalResult RelayoutOp::verify() { return verifySameTensor(*this); }

OpFoldResult RelayoutOp::fold(FoldAdaptor adaptor) {
  // Pattern: relayout(x) to x's own layout -> x
  if (getX().getType() == getType())
    return getX();
  // Pattern: relayout(splat) -> splat
  auto dense = dyn_cast_if_present<DenseElementsAttr>(adaptor.getX());
  BlockedAttr layout = getLayout(getType());
  bool hasTails =
      layout && layout.hasTails(cast<RankedTensorType>(getType()).getShape());
  if (dense && dense.isSplat() && !hasTails)
    return dense.resizeSplat(cast<ShapedType>(getType()));
  return {};
}

FailureOr<SmallVector<Value>> RelayoutOp::lowerReference(OpBuilder &builder,
                                                         ValueRange operands) {
  auto type = cast<RankedTensorType>(getType());
  Value plain = buildUnpacked(builder, getLoc(), operands[0],
                              getLayout(getX().getType()), type.getShape());
  return SmallVector<Value>{
      buildPacked(builder, getLoc(), plain, getLayout(type))};
}

LogicalResult CastLayoutOp::verify() {
  auto from = cast<RankedTensorType>(getX().getType());
  auto to = cast<RankedTensorType>(getType());
  BlockedAttr layout = getLayout(to);
  if (!getLayout(from) && layout &&
      from.getElementType() == to.getElementType() &&
      from.getShape() ==
          ArrayRef<int64_t>(layout.getStoredShape(to.getShape())))
    return success();
  if (failed(verifySameTensor(*this)))
    return failure();
  for (Type type : {getX().getType(), getType()})
    if (BlockedAttr layout = getLayout(type))
      if (!layout.isPlainOrder(cast<RankedTensorType>(type).getShape()))
        return emitOpError("(C2) ") << type << " is stored in another order";
  return success();
}

//===----------------------------------------------------------------------===//
// kernel
//===----------------------------------------------------------------------===//

LogicalResult KernelOp::verify() {
  Block &block = getBody().front();
  if (block.getArgumentTypes() != getInputs().getTypes())
    return emitOpError("block arguments do not have the types of the inputs");
  auto yield = dyn_cast<YieldOp>(block.getTerminator());
  if (!yield || yield.getValues().getTypes() != getResultTypes())
    return emitOpError("does not yield values of its result types");
  auto isFlag = [](Type type) {
    auto tensor = cast<RankedTensorType>(type);
    return tensor.getElementType().isInteger(1) && tensor.getNumElements() == 1;
  };
  if (getGuard() &&
      (getInputs().empty() || !isFlag(getInputs().back().getType())))
    return emitOpError("(C3) has a guard, but its last input is not one "
                       "boolean");
  return success();
}
