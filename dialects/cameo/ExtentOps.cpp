//===- ExtentOps.cpp - Extents that are known at run time -----------------===//
//
// Copies between tensors with gaps and without are loops to the extents, whose
// innermost one goes over all that is contiguous on both sides.
//
//===----------------------------------------------------------------------===//

#include "dialects/cameo/Cameo.h"
#include "dialects/cameo/ElementTypes.h"
#include "dialects/cameo/IndexingBuilders.h"
#include "dialects/cameo/ScalarMath.h"

#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace cameo;

/// Whether elements without gaps are the operand or the result.
enum class DenseSide { Operand, Result };

/// Whether the extent is a constant of this value.
static bool isConstantExtent(Value extent, int64_t value) {
  APInt constant;
  return matchPattern(extent, m_ConstantInt(&constant)) &&
         constant.getSExtValue() == value;
}

template <typename Adaptor>
static LogicalResult inferDense(std::optional<Location> loc, Adaptor adaptor,
                                SmallVectorImpl<Type> &types) {
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  ArrayRef<int64_t> dims = adaptor.getDims();
  bool fits = dims.size() == adaptor.getExtents().size() &&
              llvm::is_sorted(dims, std::less_equal<>()) &&
              llvm::all_of(dims, [&](int64_t dim) {
                return dim >= 0 && dim < x.getRank();
              });
  if (!fits)
    return emitOptionalError(loc, "(C1) dimensions [", dims, "] of ", x,
                             " for ", adaptor.getExtents().size(), " extents");
  types.push_back(x);
  return success();
}

template <typename Op> static OpFoldResult foldDense(Op op) {
  // Pattern: load_dense(x), store_dense(x) of all of x -> x
  auto type = cast<RankedTensorType>(op.getX().getType());
  for (auto [dim, extent] : llvm::zip_equal(op.getDims(), op.getExtents()))
    if (!isConstantExtent(extent, type.getDimSize(dim)))
      return {};
  return op.getX();
}

/// An extent as an index, in [0, bound] whatever the number says.
static Value buildExtentIndex(OpBuilder &b, Location loc, Value extent,
                              int64_t bound) {
  Value number = tensor::ExtractOp::create(b, loc, extent);
  Value zero = arith::ConstantIntOp::create(b, loc, 0, 64);
  Value most = arith::ConstantIntOp::create(b, loc, bound, 64);
  number = arith::MaxSIOp::create(b, loc, number, zero);
  number = arith::MinSIOp::create(b, loc, number, most);
  return buildIndexCast(b, loc, number);
}

/// A loop nest from zero to `bounds` that carries one tensor.
static Value
buildCopyNest(OpBuilder &b, Location loc, ValueRange bounds, Value init,
              function_ref<Value(OpBuilder &, ValueRange, Value)> body) {
  SmallVector<Value> lower(bounds.size(),
                           arith::ConstantIndexOp::create(b, loc, 0));
  SmallVector<Value> steps(bounds.size(),
                           arith::ConstantIndexOp::create(b, loc, 1));
  scf::LoopNest nest = scf::buildLoopNest(
      b, loc, lower, bounds, steps, init,
      [&](OpBuilder &inner, Location, ValueRange index, ValueRange state) {
        return scf::ValueVector{body(inner, index, state[0])};
      });
  return nest.results[0];
}

/// Copies between `x`, one side of a tensor of `shape`, and the other side.
static Value copyDense(OpBuilder &b, Location loc, Value x,
                       ArrayRef<int64_t> shape, ArrayRef<Value> extents,
                       DenseSide dense) {
  // From the last open dimension on, rows are contiguous on both sides.
  int64_t rank = shape.size(), last = 0;
  for (int64_t dim = 0; dim < rank; ++dim)
    if (extents[dim])
      last = dim;
  int64_t inner = ShapedType::getNumElements(shape.drop_front(last + 1));
  SmallVector<int64_t> rows(shape.take_front(last));
  rows.push_back(shape[last] * inner);
  int64_t count = ShapedType::getNumElements(shape);
  SmallVector<Value> bounds;
  for (int64_t dim = 0; dim <= last; ++dim) {
    Value bound = arith::ConstantIndexOp::create(b, loc, shape[dim]);
    bounds.push_back(extents[dim]
                         ? buildExtentIndex(b, loc, extents[dim], shape[dim])
                         : bound);
  }
  bounds.back() = arith::MulIOp::create(
      b, loc, bounds.back(), arith::ConstantIndexOp::create(b, loc, inner));
  bool fromDense = dense == DenseSide::Operand;
  Value source = buildReshape(b, loc, x, fromDense ? ArrayRef(count) : rows);
  Value target =
      tensor::EmptyOp::create(b, loc, fromDense ? ArrayRef(rows) : count,
                              getElementTypeOrSelf(x.getType()));
  Value copied = buildCopyNest(
      b, loc, bounds, target, [&](OpBuilder &at, ValueRange index, Value to) {
        Value place = index[0];
        for (auto [i, bound] :
             llvm::zip_equal(index.drop_front(), ArrayRef(bounds).drop_front()))
          place = arith::AddIOp::create(
              at, loc, arith::MulIOp::create(at, loc, place, bound), i);
        Value element = tensor::ExtractOp::create(
            at, loc, source, fromDense ? ValueRange(place) : index);
        return tensor::InsertOp::create(at, loc, element, to,
                                        fromDense ? index : ValueRange(place))
            .getResult();
      });
  return buildReshape(b, loc, copied, shape);
}

template <typename Op>
static FailureOr<SmallVector<Value>>
lowerDense(Op op, OpBuilder &builder, ValueRange operands, DenseSide dense) {
  auto type = cast<RankedTensorType>(operands[0].getType());
  if (type.getNumElements() == 0 || op.getDims().empty())
    return SmallVector<Value>{operands[0]};
  SmallVector<Value> extents(type.getRank());
  for (auto [dim, extent] :
       llvm::zip_equal(op.getDims(), operands.drop_front()))
    extents[dim] = extent;
  return SmallVector<Value>{copyDense(builder, op.getLoc(), operands[0],
                                      type.getShape(), extents, dense)};
}

#define GET_OP_CLASSES
#include "dialects/cameo/ExtentOps.cpp.inc"

void CameoDialect::registerExtentOps() {
  addOperations<
#define GET_OP_LIST
#include "dialects/cameo/ExtentOps.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// extent, check_extent
//===----------------------------------------------------------------------===//

LogicalResult ExtentOp::inferReturnTypes(MLIRContext *context,
                                         std::optional<Location> loc,
                                         Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  AffineMap map = adaptor.getMap();
  if (map.getNumDims() != 0 || map.getNumResults() != 1 ||
      map.getNumSymbols() != adaptor.getSymbols().size())
    return emitOptionalError(
        loc, "(C1) a map of ", map.getNumDims(), " dimensions, ",
        map.getNumSymbols(), " symbols and ", map.getNumResults(),
        " results for ", adaptor.getSymbols().size(), " operands");
  types.push_back(RankedTensorType::get({}, IntegerType::get(context, 64)));
  return success();
}

/// Quotient rounded down, or remainder of the sign of the divisor, which is
/// made positive.
static Value buildFloorDivision(ScalarMath &m, Value x, Value y,
                                bool wantsQuotient) {
  Value zero = m.constant(x, 0.0), one = m.constant(x, 1.0);
  y = m.max(y, one);
  Value rest = m.binary<arith::RemSIOp>(x, y);
  Value isBelow = m.lt(rest, zero);
  if (!wantsQuotient)
    return m.select(isBelow, m.add(rest, y), rest);
  Value quotient = m.binary<arith::DivSIOp>(x, y);
  return m.select(isBelow, m.sub(quotient, one), quotient);
}

static Value buildExpr(ScalarMath &m, AffineExpr expr, ValueRange symbols,
                       Type type) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return m.constant(type, APInt(64, constant.getValue(), /*isSigned=*/true));
  if (auto symbol = dyn_cast<AffineSymbolExpr>(expr))
    return symbols[symbol.getPosition()];
  auto binary = cast<AffineBinaryOpExpr>(expr);
  Value x = buildExpr(m, binary.getLHS(), symbols, type);
  Value y = buildExpr(m, binary.getRHS(), symbols, type);
  switch (binary.getKind()) {
  case AffineExprKind::Add:
    return m.add(x, y);
  case AffineExprKind::Mul:
    return m.mul(x, y);
  case AffineExprKind::Mod:
    return buildFloorDivision(m, x, y, /*wantsQuotient=*/false);
  case AffineExprKind::CeilDiv:
    return m.neg(buildFloorDivision(m, m.neg(x), y, /*wantsQuotient=*/true));
  default:
    return buildFloorDivision(m, x, y, /*wantsQuotient=*/true);
  }
}

Value ExtentOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  ScalarMath m(b, loc, b.getI64Type());
  return buildExpr(m, getMap().getResult(0), args, b.getI64Type());
}

LogicalResult CheckExtentOp::inferReturnTypes(MLIRContext *,
                                              std::optional<Location>,
                                              Adaptor adaptor,
                                              SmallVectorImpl<Type> &types) {
  types.push_back(adaptor.getExtent().getType());
  return success();
}

Value CheckExtentOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  ScalarMath m(b, loc, b.getI64Type());
  Value isIn = m.bitAnd(m.le(args[1], args[0]), m.le(args[0], args[2]));
  cf::AssertOp::create(b, loc, isIn, "extent out of range");
  // What comes after a failed check still stays within the bounds.
  return m.max(args[1], m.min(args[0], args[2]));
}

//===----------------------------------------------------------------------===//
// limit
//===----------------------------------------------------------------------===//

LogicalResult LimitOp::inferReturnTypes(MLIRContext *,
                                        std::optional<Location> loc,
                                        Adaptor adaptor,
                                        SmallVectorImpl<Type> &types) {
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  int64_t dim = adaptor.getDim();
  if (dim < 0 || dim >= x.getRank() ||
      x.getDimSize(dim) > std::numeric_limits<int32_t>::max())
    return emitOptionalError(loc, "(C1) ", x, " has no dimension ", dim,
                             " of less than 2^31 elements");
  SmallVector<int64_t> shape(x.getRank(), 1);
  shape[dim] = x.getDimSize(dim);
  auto positions = cast<RankedTensorType>(adaptor.getPositions().getType());
  if (positions.getShape() != ArrayRef(shape))
    return emitOptionalError(loc, "(C2) positions of type ", positions,
                             " along dimension ", dim, " of ", x);
  if (adaptor.getFill().getType() != x.getElementType())
    return emitOptionalError(loc, "(C3) ", adaptor.getFill(), " in ", x);
  types.push_back(x);
  return success();
}

Value LimitOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  ScalarMath m(b, loc, getElementTypeOrSelf(getX().getType()));
  Type type = args[0].getType();
  Value fill;
  if (auto number = dyn_cast<FloatAttr>(getFill())) {
    APFloat value = number.getValue();
    bool lost;
    value.convert(cast<FloatType>(type).getFloatSemantics(),
                  APFloat::rmNearestTiesToEven, &lost);
    fill = arith::ConstantOp::create(b, loc, FloatAttr::get(type, value));
  } else {
    APInt value = cast<IntegerAttr>(getFill()).getValue();
    unsigned width = type.getIntOrFloatBitWidth();
    bool isUnsigned = cameo::isUnsigned(getFill().getType());
    fill = m.constant(type, isUnsigned ? value.zextOrTrunc(width)
                                       : value.sextOrTrunc(width));
  }
  Value extent = m.make<arith::TruncIOp>(args[1].getType(), args[2]);
  Value isInside =
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, args[1], extent);
  return m.select(isInside, args[0], fill);
}

OpFoldResult LimitOp::fold(FoldAdaptor) {
  // Pattern: limit(x) to the whole of x -> x
  auto type = cast<RankedTensorType>(getX().getType());
  if (isConstantExtent(getExtent(), type.getDimSize(getDim())))
    return getX();
  return {};
}

//===----------------------------------------------------------------------===//
// concat_extents
//===----------------------------------------------------------------------===//

LogicalResult ConcatExtentsOp::inferReturnTypes(MLIRContext *context,
                                                std::optional<Location> loc,
                                                Adaptor adaptor,
                                                SmallVectorImpl<Type> &types) {
  // The shape is that of whole inputs.
  ConcatOp::Properties properties;
  properties.axis = adaptor.getAxisAttr();
  ConcatOp::Adaptor whole(adaptor.getInputs(), DictionaryAttr(), properties);
  return ConcatOp::inferReturnTypes(context, loc, whole, types);
}

/// The first `row` elements of every row of `x` at `offset` of a row of
/// `target`.
static Value copyRows(OpBuilder &b, Location loc, Value x, Value row,
                      Value target, Value offset) {
  int64_t count = cast<RankedTensorType>(x.getType()).getDimSize(0);
  return buildCopyNest(
      b, loc, {arith::ConstantIndexOp::create(b, loc, count), row}, target,
      [&](OpBuilder &at, ValueRange index, Value to) {
        Value element = tensor::ExtractOp::create(at, loc, x, index);
        Value place = arith::AddIOp::create(at, loc, offset, index[1]);
        return tensor::InsertOp::create(at, loc, element, to,
                                        ValueRange{index[0], place})
            .getResult();
      });
}

FailureOr<SmallVector<Value>>
ConcatExtentsOp::lowerReference(OpBuilder &b, ValueRange operands) {
  Location loc = getLoc();
  auto type = cast<RankedTensorType>(operands[0].getType());
  ArrayRef<int64_t> shape = cast<RankedTensorType>(getType()).getShape();
  int64_t axis = getAxis();
  int64_t outer = ShapedType::getNumElements(shape.take_front(axis));
  int64_t inner = ShapedType::getNumElements(shape.drop_front(axis + 1));
  Value result = tensor::EmptyOp::create(
      b, loc, ArrayRef<int64_t>{outer, shape[axis] * inner},
      type.getElementType());
  if (outer * shape[axis] * inner == 0)
    return SmallVector<Value>{buildReshape(b, loc, result, shape)};
  auto constant = [&](int64_t value) {
    return arith::ConstantIndexOp::create(b, loc, value).getResult();
  };
  size_t count = operands.size() / 2;
  Value offset = constant(0);
  for (auto [x, extent] : llvm::zip_equal(operands.take_front(count),
                                          operands.drop_front(count))) {
    int64_t bound = cast<RankedTensorType>(x.getType()).getDimSize(axis);
    if (bound == 0)
      continue;
    Value row = arith::MulIOp::create(
        b, loc, buildExtentIndex(b, loc, extent, bound), constant(inner));
    Value part = buildReshape(b, loc, x, {outer, bound * inner});
    result = copyRows(b, loc, part, row, result, offset);
    offset = arith::AddIOp::create(b, loc, offset, row);
  }
  return SmallVector<Value>{buildReshape(b, loc, result, shape)};
}

//===----------------------------------------------------------------------===//
// append
//===----------------------------------------------------------------------===//

LogicalResult AppendOp::inferReturnTypes(MLIRContext *,
                                         std::optional<Location> loc,
                                         Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  auto past = cast<RankedTensorType>(adaptor.getPast().getType());
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  int64_t axis = adaptor.getAxis();
  bool fits = axis >= 0 && axis < past.getRank() &&
              x.getRank() == past.getRank() &&
              x.getDimSize(axis) <= past.getDimSize(axis);
  if (fits) {
    SmallVector<int64_t> shape(past.getShape());
    shape[axis] = x.getDimSize(axis);
    fits = x == past.clone(shape);
  }
  if (!fits)
    return emitOptionalError(loc, "(C1) ", x, " is no part of ", past,
                             " along dimension ", axis);
  types.push_back(past);
  return success();
}

FailureOr<SmallVector<Value>> AppendOp::lowerReference(OpBuilder &b,
                                                       ValueRange operands) {
  Location loc = getLoc();
  auto type = cast<RankedTensorType>(operands[0].getType());
  ArrayRef<int64_t> shape = type.getShape();
  int64_t axis = getAxis();
  int64_t bound =
      cast<RankedTensorType>(operands[1].getType()).getDimSize(axis);
  if (type.getNumElements() == 0 || bound == 0)
    return SmallVector<Value>{operands[0]};
  int64_t outer = ShapedType::getNumElements(shape.take_front(axis));
  int64_t inner = ShapedType::getNumElements(shape.drop_front(axis + 1));
  auto elements = [&](Value extent, int64_t most) -> Value {
    return arith::MulIOp::create(b, loc, buildExtentIndex(b, loc, extent, most),
                                 arith::ConstantIndexOp::create(b, loc, inner));
  };
  Value offset = elements(operands[2], shape[axis] - bound);
  Value row = elements(operands[3], bound);
  Value part = buildReshape(b, loc, operands[1], {outer, bound * inner});
  Value past = buildReshape(b, loc, operands[0], {outer, shape[axis] * inner});
  Value result = copyRows(b, loc, part, row, past, offset);
  return SmallVector<Value>{buildReshape(b, loc, result, shape)};
}
