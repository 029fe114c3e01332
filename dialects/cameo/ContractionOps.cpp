//===- ContractionOps.cpp - Matrix products -------------------------------===//

#include "dialects/cameo/Cameo.h"
#include "dialects/cameo/ElementTypes.h"
#include "dialects/cameo/LinalgBuilders.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace cameo;

#define GET_OP_CLASSES
#include "dialects/cameo/ContractionOps.cpp.inc"

void CameoDialect::registerContractionOps() {
  addOperations<
#define GET_OP_LIST
#include "dialects/cameo/ContractionOps.cpp.inc"
      >();
}

/// Vectors of columns, one row after the other: read as one stream. Few rows
/// use each vector so seldom that they need several for their sums.
static int64_t getColumnBlock(RankedTensorType result, int64_t lanes) {
  constexpr int64_t kFewRows = 4, kVectors = 4;
  int64_t columns = result.getShape().back();
  bool isFew = result.getNumElements() <= kFewRows * columns;
  return isFew && columns % (kVectors * lanes) == 0 ? kVectors * lanes : lanes;
}

//===----------------------------------------------------------------------===//
// matmul
//===----------------------------------------------------------------------===//

/// Rows and columns of the matrices in an operand.
static std::pair<int64_t, int64_t> getMatrix(RankedTensorType type,
                                             bool transposed) {
  int64_t rows = type.getDimSize(type.getRank() - 2),
          columns = type.getShape().back();
  return transposed ? std::pair(columns, rows) : std::pair(rows, columns);
}

LogicalResult MatMulOp::inferReturnTypes(MLIRContext *,
                                         std::optional<Location> loc,
                                         Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  auto a = cast<RankedTensorType>(adaptor.getA().getType());
  auto b = cast<RankedTensorType>(adaptor.getB().getType());
  if (a.getRank() < 2 || b.getRank() < 2)
    return emitOptionalError(loc, "(C1) operands have ranks ", a.getRank(),
                             " and ", b.getRank(), ", not at least 2");
  auto [m, k] = getMatrix(a, adaptor.getTransposeA());
  auto [kOfB, n] = getMatrix(b, adaptor.getTransposeB());
  if (k != kOfB)
    return emitOptionalError(loc, "(C2) inner extents ", k, " and ", kOfB,
                             " differ");
  Type element = a.getElementType();
  bool isWidened = element.isF32() &&
                   (b.getElementType().isF16() || b.getElementType().isBF16() ||
                    b.getElementType().isSignlessInteger(8));
  if (element != b.getElementType() && !isWidened)
    return emitOptionalError(loc, "(C3) element types ", element, " and ",
                             b.getElementType(), " differ");
  FailureOr<SmallVector<int64_t>> shape = broadcastShapes(
      loc, {a.getShape().drop_back(2), b.getShape().drop_back(2)});
  if (failed(shape))
    return failure();
  shape->append({m, n});
  types.push_back(RankedTensorType::get(*shape, a.getElementType()));
  return success();
}

int64_t MatMulOp::getFlops() {
  auto a = cast<RankedTensorType>(getA().getType());
  return 2 * getType().getNumElements() * getMatrix(a, getTransposeA()).second;
}

std::optional<int64_t> MatMulOp::getRowDim() {
  if (getTransposeA())
    return std::nullopt;
  return getType().getRank() - 1;
}

BlockedAttr MatMulOp::chooseLayouts(MutableArrayRef<BlockedAttr> operands,
                                    const LayoutQuery &query) {
  llvm::fill(operands, nullptr);
  auto b = cast<RankedTensorType>(getB().getType());
  int64_t column = getTransposeB() ? 0 : 1;
  if (!query.isConstant[1] || b.getRank() != 2 ||
      b.getDimSize(column) % query.lanes != 0 || query.lanes < 2)
    return nullptr;
  int64_t block = getColumnBlock(getType(), query.lanes);
  operands[1] = BlockedAttr::get(getContext(), {column}, {block},
                                 column == 0 ? ArrayRef<int64_t>()
                                             : ArrayRef<int64_t>{1, 0});
  return nullptr;
}

FailureOr<SmallVector<Value>> MatMulOp::lowerReference(OpBuilder &builder,
                                                       ValueRange operands) {
  // Loops: batch..., m, n, k.
  auto type = getType();
  MLIRContext *context = getContext();
  int64_t rank = type.getRank();
  AffineExpr m = getAffineDimExpr(rank - 2, context);
  AffineExpr n = getAffineDimExpr(rank - 1, context);
  AffineExpr k = getAffineDimExpr(rank, context);
  auto operandMap = [&](Value operand, AffineExpr row, AffineExpr column,
                        bool transposed) {
    if (transposed)
      std::swap(row, column);
    auto operandType = cast<RankedTensorType>(operand.getType());
    SmallVector<AffineExpr> exprs;
    int64_t lead = rank - operandType.getRank();
    for (int64_t i = 0; i < operandType.getRank() - 2; ++i)
      exprs.push_back(operandType.getDimSize(i) != type.getDimSize(lead + i)
                          ? getAffineConstantExpr(0, context)
                          : getAffineDimExpr(lead + i, context));
    exprs.append({row, column});
    return AffineMap::get(rank + 1, 0, exprs, context);
  };
  SmallVector<utils::IteratorType> iterators(rank,
                                             utils::IteratorType::parallel);
  iterators.push_back(utils::IteratorType::reduction);
  Type accumulatorType = computeType(type.getElementType());
  bool isInteger = isa<FloatType>(accumulatorType) &&
                   getElementTypeOrSelf(getB().getType()).isInteger();
  Value zero = buildScalarConstant(builder, getLoc(), accumulatorType, 0);
  Value init =
      buildFilled(builder, getLoc(), type.clone(accumulatorType), zero);
  SmallVector<AffineExpr> resultExprs;
  for (int64_t i = 0; i < rank; ++i)
    resultExprs.push_back(getAffineDimExpr(i, context));
  Value sum = buildReduction(
      builder, getLoc(), init, operands,
      {getElementTypeOrSelf(getA().getType()),
       getElementTypeOrSelf(getB().getType())},
      {operandMap(getA(), m, k, getTransposeA()),
       operandMap(getB(), k, n, getTransposeB())},
      AffineMap::get(rank + 1, 0, resultExprs, context), iterators,
      [&](OpBuilder &b, Location loc, ValueRange s) -> Value {
        Value factor = s[1];
        if (isInteger)
          factor = arith::SIToFPOp::create(b, loc, accumulatorType, factor);
        return buildMultiplyAdd(b, loc, s[0], factor, s[2]);
      });
  return SmallVector<Value>{buildRounded(builder, getLoc(), sum, type)};
}
