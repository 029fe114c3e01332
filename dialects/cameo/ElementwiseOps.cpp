//===- ElementwiseOps.cpp - Elementwise operators --------------------------===//
//
// Result types and scalar bodies.
//
//===----------------------------------------------------------------------===//

#include "dialects/cameo/Cameo.h"
#include "dialects/cameo/ElementTypes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace cameo;

/// Operands are broadcast; the elements have the type of the first operand's.
static LogicalResult inferLikeFirst(std::optional<Location> loc, ValueRange operands,
                                    SmallVectorImpl<Type> &types) {
  FailureOr<RankedTensorType> type = broadcastTypes(
      loc, operands.getTypes(), getElementTypeOrSelf(operands[0].getType()));
  if (failed(type))
    return failure();
  types.push_back(*type);
  return success();
}

#define INFER_LIKE_FIRST(Op)                                                     \
  LogicalResult Op::inferReturnTypes(MLIRContext *, std::optional<Location> loc, \
                                     Adaptor adaptor,                            \
                                     SmallVectorImpl<Type> &types) {             \
    return inferLikeFirst(loc, adaptor.getOperands(), types);                    \
  }
INFER_LIKE_FIRST(AddOp)
INFER_LIKE_FIRST(MulOp)
INFER_LIKE_FIRST(IdentityOp)
INFER_LIKE_FIRST(ReluOp)
#undef INFER_LIKE_FIRST

#define GET_OP_CLASSES
#include "dialects/cameo/ElementwiseOps.cpp.inc"

void CameoDialect::registerElementwiseOps() {
  addOperations<
#define GET_OP_LIST
#include "dialects/cameo/ElementwiseOps.cpp.inc"
      >();
}

static bool isFloat(Value scalar) { return isa<FloatType>(scalar.getType()); }

Value AddOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  if (isFloat(args[0]))
    return arith::AddFOp::create(b, loc, args[0], args[1]);
  return arith::AddIOp::create(b, loc, args[0], args[1]);
}

Value MulOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  if (isFloat(args[0]))
    return arith::MulFOp::create(b, loc, args[0], args[1]);
  return arith::MulIOp::create(b, loc, args[0], args[1]);
}

Value IdentityOp::buildScalar(OpBuilder &, Location, ValueRange args) {
  return args[0];
}

Value ReluOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  Value zero = buildScalarConstant(b, loc, args[0].getType(), 0);
  if (isFloat(args[0]))
    return arith::MaximumFOp::create(b, loc, args[0], zero);
  return arith::MaxSIOp::create(b, loc, args[0], zero);
}
