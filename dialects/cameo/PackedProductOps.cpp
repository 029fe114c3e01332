//===- PackedProductOps.cpp - Products with packed matrices ---------------===//

#include "dialects/cameo/Cameo.h"
#include "dialects/cameo/ElementTypes.h"
#include "dialects/cameo/LinalgBuilders.h"
#include "dialects/cameo/PackedFloats.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace cameo;

#define GET_OP_CLASSES
#include "dialects/cameo/PackedProductOps.cpp.inc"

void CameoDialect::registerPackedProductOps() {
  addOperations<
#define GET_OP_LIST
#include "dialects/cameo/PackedProductOps.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// All formats
//===----------------------------------------------------------------------===//

static LogicalResult inferProduct(const PackedRows &format,
                                  std::optional<Location> loc, Value left,
                                  Value right, SmallVectorImpl<Type> &types) {
  auto x = cast<RankedTensorType>(left.getType());
  auto w = cast<RankedTensorType>(right.getType());
  if (x.getRank() < 2 || w.getRank() != 3 || w.getDimSize(1) != format.words ||
      w.getDimSize(0) * format.rows != x.getShape().back())
    return emitOptionalError(loc, "(C1) ", x, " and ", w,
                             " are not matrices that can be multiplied");
  SmallVector<int64_t> shape(x.getShape());
  shape.back() = w.getDimSize(2);
  types.push_back(x.clone(shape));
  return success();
}

static int64_t countFlops(Value x, Type result) {
  return 2 * cast<RankedTensorType>(result).getNumElements() *
         cast<RankedTensorType>(x.getType()).getShape().back();
}

/// Columns are stored together, the words of one group after those of the
/// other, and read as one stream. Two lines of memory per word came faster than
/// one or four, but sums of more than four vectors leave too few registers.
static BlockedAttr chooseMatrixLayout(Type result,
                                      MutableArrayRef<BlockedAttr> operands,
                                      const LayoutQuery &query) {
  constexpr int64_t kColumns = 32, kVectors = 4;
  llvm::fill(operands, nullptr);
  int64_t columns = cast<RankedTensorType>(result).getShape().back();
  if (query.lanes < 2 || columns % query.lanes != 0)
    return nullptr;
  int64_t block = std::min(kColumns, kVectors * query.lanes);
  if (columns % block != 0)
    block = query.lanes;
  operands[1] = BlockedAttr::get(result.getContext(), {2}, {block}, {2, 0, 1});
  return nullptr;
}

static Value buildWord(OpBuilder &b, Location loc, uint32_t value) {
  return arith::ConstantOp::create(
      b, loc, b.getI32IntegerAttr(static_cast<int32_t>(value)));
}

/// The word of a number that is stored in low bits.
static Value buildJoined(OpBuilder &b, Location loc, ValueRange words,
                         ArrayRef<PackedPart> parts) {
  Value result;
  for (const PackedPart &part : parts) {
    if (part.mask == 0)
      continue;
    Value bits = arith::ShLIOp::create(b, loc, words[part.word],
                                       buildWord(b, loc, part.shift));
    if (part.mask != UINT32_MAX << part.shift)
      bits = arith::AndIOp::create(b, loc, bits, buildWord(b, loc, part.mask));
    result = result ? arith::OrIOp::create(b, loc, result, bits) : bits;
  }
  return result;
}

/// Sums of products with the numbers that `buildNumber` makes of words.
static FailureOr<SmallVector<Value>>
lowerProduct(const PackedRows &format, OpBuilder &builder, Location loc,
             RankedTensorType type, ValueRange operands,
             function_ref<Value(OpBuilder &, Location, Value)> buildNumber) {
  // Loops: rows..., n, groups of k.
  int64_t rank = type.getRank();
  AffineExpr n = builder.getAffineDimExpr(rank - 1),
             group = builder.getAffineDimExpr(rank);
  SmallVector<AffineExpr> results =
      llvm::map_to_vector(llvm::seq<int64_t>(0, rank), [&](int64_t dim) {
        return builder.getAffineDimExpr(dim);
      });
  auto mapOf = [&](ArrayRef<AffineExpr> exprs) {
    return AffineMap::get(rank + 1, 0, exprs, builder.getContext());
  };
  AffineMap resultMap = mapOf(results);
  SmallVector<Value> inputs(format.rows, operands[0]);
  inputs.append(format.words, operands[1]);
  SmallVector<AffineMap> maps;
  for (int64_t i = 0; i < format.rows; ++i) {
    results.back() = group * format.rows + i;
    maps.push_back(mapOf(results));
  }
  for (int64_t i = 0; i < format.words; ++i)
    maps.push_back(mapOf({group, builder.getAffineConstantExpr(i), n}));
  SmallVector<Type> elements(format.rows, type.getElementType());
  elements.append(format.words, builder.getI32Type());
  SmallVector<utils::IteratorType> iterators(rank,
                                             utils::IteratorType::parallel);
  iterators.push_back(utils::IteratorType::reduction);
  Value zero = buildScalarConstant(builder, loc, type.getElementType(), 0);
  return SmallVector<Value>{buildReduction(
      builder, loc, buildFilled(builder, loc, type, zero), inputs, elements,
      maps, resultMap, iterators,
      [&](OpBuilder &b, Location at, ValueRange s) -> Value {
        ValueRange words = s.slice(format.rows, format.words);
        Value sum = s.back();
        for (int64_t row = 0; row < format.rows; ++row) {
          Value word = row < format.words
                           ? words[row]
                           : buildJoined(b, at, words, format.partsOf(row));
          sum = buildMultiplyAdd(b, at, s[row], buildNumber(b, at, word), sum);
        }
        return sum;
      })};
}

//===----------------------------------------------------------------------===//
// f24_matmul
//===----------------------------------------------------------------------===//

LogicalResult F24MatMulOp::inferReturnTypes(MLIRContext *,
                                            std::optional<Location> loc,
                                            Adaptor adaptor,
                                            SmallVectorImpl<Type> &types) {
  return inferProduct(kF24Rows, loc, adaptor.getX(), adaptor.getW(), types);
}

int64_t F24MatMulOp::getFlops() { return countFlops(getX(), getType()); }

BlockedAttr F24MatMulOp::chooseLayouts(MutableArrayRef<BlockedAttr> operands,
                                       const LayoutQuery &query) {
  return chooseMatrixLayout(getType(), operands, query);
}

/// The float in a word: its exponent gets zeros on top, which is 2^-112 of it.
static Value buildF24(OpBuilder &b, Location loc, Value word) {
  Value factor = arith::ConstantOp::create(b, loc, b.getF32FloatAttr(0x1p112f));
  Value bits = arith::AndIOp::create(
      b, loc, arith::ShRSIOp::create(b, loc, word, buildWord(b, loc, 4)),
      buildWord(b, loc, 0x87FFFFFF));
  Value number = arith::BitcastOp::create(b, loc, b.getF32Type(), bits);
  return arith::MulFOp::create(b, loc, number, factor);
}

FailureOr<SmallVector<Value>> F24MatMulOp::lowerReference(OpBuilder &builder,
                                                          ValueRange operands) {
  return lowerProduct(kF24Rows, builder, getLoc(),
                      cast<RankedTensorType>(getType()), operands, buildF24);
}

//===----------------------------------------------------------------------===//
// q20_matmul
//===----------------------------------------------------------------------===//

LogicalResult Q20MatMulOp::inferReturnTypes(MLIRContext *,
                                            std::optional<Location> loc,
                                            Adaptor adaptor,
                                            SmallVectorImpl<Type> &types) {
  return inferProduct(kQ20Rows, loc, adaptor.getX(), adaptor.getW(), types);
}

int64_t Q20MatMulOp::getFlops() { return countFlops(getX(), getType()); }

BlockedAttr Q20MatMulOp::chooseLayouts(MutableArrayRef<BlockedAttr> operands,
                                       const LayoutQuery &query) {
  return chooseMatrixLayout(getType(), operands, query);
}

FailureOr<SmallVector<Value>> Q20MatMulOp::lowerReference(OpBuilder &builder,
                                                          ValueRange operands) {
  return lowerProduct(
      kQ20Rows, builder, getLoc(), cast<RankedTensorType>(getType()), operands,
      [](OpBuilder &b, Location loc, Value word) -> Value {
        return arith::SIToFPOp::create(b, loc, b.getF32Type(), word);
      });
}
