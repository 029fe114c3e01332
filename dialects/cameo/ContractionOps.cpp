//===- ContractionOps.cpp - Matrix products -------------------------------===//

#include "dialects/cameo/Cameo.h"
#include "dialects/cameo/ElementTypes.h"
#include "dialects/cameo/LinalgBuilders.h"
#include "dialects/cameo/PackedFloats.h"

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

//===----------------------------------------------------------------------===//
// f24_matmul
//===----------------------------------------------------------------------===//

LogicalResult F24MatMulOp::inferReturnTypes(MLIRContext *,
                                            std::optional<Location> loc,
                                            Adaptor adaptor,
                                            SmallVectorImpl<Type> &types) {
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  auto w = cast<RankedTensorType>(adaptor.getW().getType());
  if (x.getRank() < 2 || w.getRank() != 3 || w.getDimSize(1) != kPackedWords ||
      w.getDimSize(0) * kPackedRows != x.getShape().back())
    return emitOptionalError(loc, "(C1) ", x, " and ", w,
                             " are not matrices that can be multiplied");
  SmallVector<int64_t> shape(x.getShape());
  shape.back() = w.getDimSize(2);
  types.push_back(x.clone(shape));
  return success();
}

int64_t F24MatMulOp::getFlops() {
  return 2 * cast<RankedTensorType>(getType()).getNumElements() *
         cast<RankedTensorType>(getX().getType()).getShape().back();
}

BlockedAttr F24MatMulOp::chooseLayouts(MutableArrayRef<BlockedAttr> operands,
                                       const LayoutQuery &query) {
  llvm::fill(operands, nullptr);
  auto type = cast<RankedTensorType>(getType());
  if (query.lanes > 1 && type.getShape().back() % query.lanes == 0)
    operands[1] = BlockedAttr::get(
        getContext(), {2}, {getColumnBlock(type, query.lanes)}, {2, 0, 1});
  return nullptr;
}

/// The word of the fourth number of a group, from the low bytes of the others.
static Value buildFourth(OpBuilder &b, Location loc, ValueRange words) {
  auto number = [&](int64_t value) -> Value {
    return arith::ConstantOp::create(b, loc, b.getI32IntegerAttr(value));
  };
  Value result = arith::ShLIOp::create(b, loc, words[0], number(24));
  for (int64_t i = 1; i < kPackedWords; ++i) {
    int64_t shift = 24 - 8 * i;
    Value byte = arith::AndIOp::create(
        b, loc, arith::ShLIOp::create(b, loc, words[i], number(shift)),
        number(0xFF << shift));
    result = arith::OrIOp::create(b, loc, result, byte);
  }
  return result;
}

/// The number in a word: its exponent gets zeros on top, which is 2^-112 of it.
static Value buildNumber(OpBuilder &b, Location loc, Value word) {
  Value four = arith::ConstantOp::create(b, loc, b.getI32IntegerAttr(4)),
        mask = arith::ConstantOp::create(
            b, loc, b.getI32IntegerAttr(static_cast<int32_t>(0x87FFFFFF))),
        factor = arith::ConstantOp::create(b, loc, b.getF32FloatAttr(0x1p112f));
  Value bits = arith::AndIOp::create(
      b, loc, arith::ShRSIOp::create(b, loc, word, four), mask);
  Value number = arith::BitcastOp::create(b, loc, b.getF32Type(), bits);
  return arith::MulFOp::create(b, loc, number, factor);
}

FailureOr<SmallVector<Value>> F24MatMulOp::lowerReference(OpBuilder &builder,
                                                          ValueRange operands) {
  // Loops: rows..., n, k/4.
  auto type = cast<RankedTensorType>(getType());
  int64_t rank = type.getRank();
  AffineExpr n = builder.getAffineDimExpr(rank - 1),
             group = builder.getAffineDimExpr(rank);
  SmallVector<AffineExpr> results =
      llvm::map_to_vector(llvm::seq<int64_t>(0, rank), [&](int64_t dim) {
        return builder.getAffineDimExpr(dim);
      });
  auto mapOf = [&](ArrayRef<AffineExpr> exprs) {
    return AffineMap::get(rank + 1, 0, exprs, getContext());
  };
  AffineMap resultMap = mapOf(results);
  SmallVector<Value> inputs(kPackedRows, operands[0]);
  inputs.append(kPackedWords, operands[1]);
  SmallVector<AffineMap> maps;
  for (int64_t i = 0; i < kPackedRows; ++i) {
    results.back() = group * kPackedRows + i;
    maps.push_back(mapOf(results));
  }
  for (int64_t i = 0; i < kPackedWords; ++i)
    maps.push_back(mapOf({group, builder.getAffineConstantExpr(i), n}));
  SmallVector<Type> elements(kPackedRows, type.getElementType());
  elements.append(kPackedWords, builder.getI32Type());
  SmallVector<utils::IteratorType> iterators(rank,
                                             utils::IteratorType::parallel);
  iterators.push_back(utils::IteratorType::reduction);
  Value zero = buildScalarConstant(builder, getLoc(), type.getElementType(), 0);
  return SmallVector<Value>{buildReduction(
      builder, getLoc(), buildFilled(builder, getLoc(), type, zero), inputs,
      elements, maps, resultMap, iterators,
      [&](OpBuilder &b, Location loc, ValueRange s) -> Value {
        ValueRange words = s.slice(kPackedRows, kPackedWords);
        SmallVector<Value> all(words);
        all.push_back(buildFourth(b, loc, words));
        Value sum = s.back();
        for (auto [x, word] : llvm::zip(s.take_front(kPackedRows), all))
          sum = buildMultiplyAdd(b, loc, x, buildNumber(b, loc, word), sum);
        return sum;
      })};
}
