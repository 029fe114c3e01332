//===- ShapeArithmetic.cpp - Numbers that come from shapes ----------------===//
//
// The scalar body of an elementwise operation is evaluated with expressions in
// place of numbers. Comparisons are decided by ranges.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/ShapeArithmetic.h"
#include "dialects/cameo/Cameo.h"
#include "dialects/cameo/ElementTypes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/TypeUtilities.h"

#include <cmath>

using namespace mlir;
using namespace cameo;

/// Results of more elements are not followed.
static constexpr int64_t kMaxNumbers = 256;

namespace {
/// A scalar body and the expressions that its values have.
class ScalarNumbers {
public:
  ScalarNumbers(ElementwiseOpInterface op, Extents &extents)
      : extents(extents), loc(op.getLoc()) {
    for (Type type : op->getOperandTypes())
      body.addArgument(computeType(getElementTypeOrSelf(type)), loc);
    OpBuilder builder(op.getContext());
    builder.setInsertionPointToEnd(&body);
    result = op.buildScalar(builder, loc, body.getArguments());
  }

  /// Null when it is no expression.
  AffineExpr evaluate(ArrayRef<AffineExpr> operands) {
    for (auto [arg, expr] : llvm::zip_equal(body.getArguments(), operands))
      values[arg] = expr;
    for (Operation &op : body) {
      if (isa<cf::AssertOp>(op)) {
        if (!isTrue(of(op.getOperand(0))))
          return {};
        continue;
      }
      values[op.getResult(0)] = compute(&op);
    }
    AffineExpr expr = of(result);
    return expr ? extents.simplify(expr) : expr;
  }

private:
  AffineExpr of(Value value) { return values.lookup(value); }
  AffineExpr number(int64_t value) { return extents.constant(value); }
  bool isTrue(AffineExpr expr) {
    auto constant = dyn_cast_or_null<AffineConstantExpr>(expr);
    return constant && constant.getValue() != 0;
  }
  AffineExpr compute(Operation *op);
  AffineExpr computeConstant(arith::ConstantOp op);
  AffineExpr computeBinary(Operation *op, AffineExpr x, AffineExpr y);
  AffineExpr computeQuotient(Operation *op, AffineExpr x, AffineExpr y);
  AffineExpr computeLogic(Operation *op, AffineExpr x, AffineExpr y);
  AffineExpr compare(arith::CmpIPredicate predicate, AffineExpr x,
                     AffineExpr y);
  AffineExpr compareFloats(arith::CmpFPredicate predicate, AffineExpr x,
                           AffineExpr y);

  Extents &extents;
  Location loc;
  Block body;
  Value result;
  DenseMap<Value, AffineExpr> values;
};
} // namespace

AffineExpr ScalarNumbers::computeConstant(arith::ConstantOp op) {
  if (auto integer = dyn_cast<IntegerAttr>(op.getValue()))
    return number(integer.getType().isInteger(1)
                      ? static_cast<int64_t>(integer.getValue().getZExtValue())
                      : integer.getValue().getSExtValue());
  double x = cast<FloatAttr>(op.getValue()).getValueAsDouble();
  bool isWhole = std::abs(x) < 0x1p53 && x == std::floor(x);
  return isWhole ? number(static_cast<int64_t>(x)) : AffineExpr();
}

AffineExpr ScalarNumbers::compare(arith::CmpIPredicate predicate, AffineExpr x,
                                  AffineExpr y) {
  using P = arith::CmpIPredicate;
  auto both = [&](bool isTrue, bool isFalse) -> AffineExpr {
    return isTrue ? number(1) : isFalse ? number(0) : AffineExpr();
  };
  auto isLess = [&](AffineExpr a, AffineExpr c) {
    return extents.isAtMost(a + 1, c);
  };
  bool isEqual = extents.areEqual(x, y);
  bool isOther = isLess(x, y) || isLess(y, x);
  switch (predicate) {
  case P::eq:
    return both(isEqual, isOther);
  case P::ne:
    return both(isOther, isEqual);
  case P::slt:
    return both(isLess(x, y), extents.isAtMost(y, x));
  case P::sle:
    return both(extents.isAtMost(x, y), isLess(y, x));
  case P::sgt:
    return both(isLess(y, x), extents.isAtMost(x, y));
  case P::sge:
    return both(extents.isAtMost(y, x), isLess(x, y));
  default:
    return {};
  }
}

AffineExpr ScalarNumbers::compareFloats(arith::CmpFPredicate predicate,
                                        AffineExpr x, AffineExpr y) {
  using P = arith::CmpFPredicate;
  switch (predicate) {
  case P::UNO:
    return number(0);
  case P::ORD:
    return number(1);
  case P::OEQ:
  case P::UEQ:
    return compare(arith::CmpIPredicate::eq, x, y);
  case P::ONE:
  case P::UNE:
    return compare(arith::CmpIPredicate::ne, x, y);
  case P::OLT:
  case P::ULT:
    return compare(arith::CmpIPredicate::slt, x, y);
  case P::OLE:
  case P::ULE:
    return compare(arith::CmpIPredicate::sle, x, y);
  case P::OGT:
  case P::UGT:
    return compare(arith::CmpIPredicate::sgt, x, y);
  case P::OGE:
  case P::UGE:
    return compare(arith::CmpIPredicate::sge, x, y);
  default:
    return {};
  }
}

AffineExpr ScalarNumbers::computeQuotient(Operation *op, AffineExpr x,
                                          AffineExpr y) {
  if (extents.getRange(y).low <= 0)
    return {};
  // Signed division rounds towards zero.
  bool isPositive = extents.getRange(x).low >= 0;
  if (isa<arith::RemSIOp>(op))
    return isPositive ? x % y : AffineExpr();
  AffineExpr quotient = extents.quotient(x, y);
  bool isExact = extents.areEqual(quotient * y, x);
  return isExact || (isPositive && isa<arith::DivSIOp>(op)) ? quotient
                                                            : AffineExpr();
}

AffineExpr ScalarNumbers::computeLogic(Operation *op, AffineExpr x,
                                       AffineExpr y) {
  auto a = dyn_cast<AffineConstantExpr>(x), c = dyn_cast<AffineConstantExpr>(y);
  if (!a || !c)
    return {};
  if (isa<arith::AndIOp>(op))
    return number(a.getValue() & c.getValue());
  if (isa<arith::OrIOp>(op))
    return number(a.getValue() | c.getValue());
  return number(a.getValue() ^ c.getValue());
}

AffineExpr ScalarNumbers::computeBinary(Operation *op, AffineExpr x,
                                        AffineExpr y) {
  if (isa<arith::AddIOp, arith::AddFOp>(op))
    return x + y;
  if (isa<arith::SubIOp, arith::SubFOp>(op))
    return x - y;
  if (isa<arith::MulIOp, arith::MulFOp>(op))
    return x * y;
  if (isa<arith::DivSIOp, arith::RemSIOp, arith::DivFOp>(op))
    return computeQuotient(op, x, y);
  if (isa<arith::MaxSIOp, arith::MaximumFOp, arith::MaxNumFOp>(op))
    return extents.greatest(loc, x, y);
  if (isa<arith::MinSIOp, arith::MinimumFOp, arith::MinNumFOp>(op))
    return extents.least(loc, x, y);
  if (isa<arith::AndIOp, arith::OrIOp, arith::XOrIOp>(op))
    return computeLogic(op, x, y);
  if (auto comparison = dyn_cast<arith::CmpIOp>(op))
    return compare(comparison.getPredicate(), x, y);
  if (auto comparison = dyn_cast<arith::CmpFOp>(op))
    return compareFloats(comparison.getPredicate(), x, y);
  return {};
}

AffineExpr ScalarNumbers::compute(Operation *op) {
  if (auto constant = dyn_cast<arith::ConstantOp>(op))
    return computeConstant(constant);
  if (op->getNumRegions() != 0 || op->getNumResults() != 1)
    return {};
  if (auto select = dyn_cast<arith::SelectOp>(op)) {
    auto condition =
        dyn_cast_or_null<AffineConstantExpr>(of(select.getCondition()));
    if (!condition)
      return {};
    return of(condition.getValue() != 0 ? select.getTrueValue()
                                        : select.getFalseValue());
  }
  for (Value operand : op->getOperands())
    if (!of(operand))
      return {};
  if (op->getNumOperands() == 2)
    return computeBinary(op, of(op->getOperand(0)), of(op->getOperand(1)));
  if (op->getNumOperands() != 1)
    return {};
  AffineExpr x = of(op->getOperand(0));
  if (isa<arith::NegFOp>(op))
    return -x;
  // Numbers are whole.
  if (isa<math::FloorOp, math::CeilOp, math::RoundEvenOp, math::TruncOp,
          arith::ExtSIOp, arith::ExtFOp, arith::TruncFOp, arith::SIToFPOp>(op))
    return x;
  return {};
}

/// Conversions between numbers that hold every extent.
static std::optional<Exprs> evaluateCast(CastOp op, Exprs numbers,
                                         Extents &extents) {
  Type to = getElementTypeOrSelf(op.getType());
  if (to.isInteger(1)) {
    for (AffineExpr &number : numbers) {
      NumberRange range = extents.getRange(number);
      if (!range.isNumber() && range.low <= 0 && range.high >= 0)
        return std::nullopt;
      number = extents.constant(range.low == 0 && range.high == 0 ? 0 : 1);
    }
    return numbers;
  }
  // Floats hold whole numbers up to their precision exactly.
  int64_t bits = isa<FloatType>(to) ? cast<FloatType>(to).getFPMantissaWidth()
                                    : to.getIntOrFloatBitWidth() - 1;
  int64_t most = bits >= 63 ? std::numeric_limits<int64_t>::max()
                            : (int64_t(1) << bits) - 1;
  for (AffineExpr number : numbers) {
    NumberRange range = extents.getRange(number);
    if (range.high > most || range.low < -most ||
        (range.low < 0 && to.isUnsignedInteger()))
      return std::nullopt;
  }
  return numbers;
}

static std::optional<Exprs> evaluateElementwise(ElementwiseOpInterface op,
                                                RankedTensorType type,
                                                ArrayRef<Exprs> operands,
                                                Extents &extents) {
  ScalarNumbers scalar(op, extents);
  SmallVector<int64_t> strides = computeStrides(type.getShape());
  Exprs numbers;
  for (int64_t i = 0, end = type.getNumElements(); i < end; ++i) {
    SmallVector<int64_t> index = delinearize(i, strides);
    Exprs scalars;
    for (auto [k, operand] : llvm::enumerate(operands)) {
      auto from = cast<RankedTensorType>(op->getOperand(k).getType());
      SmallVector<int64_t> source = op.getOperandMap(k).compose(index);
      scalars.push_back(
          operand[linearize(source, computeStrides(from.getShape()))]);
    }
    AffineExpr number = scalar.evaluate(scalars);
    if (!number)
      return std::nullopt;
    numbers.push_back(number);
  }
  return numbers;
}

/// Elements moved as `getSource` says.
static std::optional<Exprs> evaluateMovement(
    Operation *op, RankedTensorType type, ArrayRef<Exprs> operands,
    function_ref<std::optional<ElementSource>(ArrayRef<int64_t>)> getSource) {
  SmallVector<int64_t> strides = computeStrides(type.getShape());
  Exprs numbers;
  for (int64_t i = 0, end = type.getNumElements(); i < end; ++i) {
    std::optional<ElementSource> source = getSource(delinearize(i, strides));
    if (!source)
      return std::nullopt;
    auto from =
        cast<RankedTensorType>(op->getOperand(source->operand).getType());
    numbers.push_back(operands[source->operand][linearize(
        source->index, computeStrides(from.getShape()))]);
  }
  return numbers;
}

/// Gathers at constant indices.
static std::optional<Exprs> evaluateIndexed(IndexedSourceOpInterface op,
                                            RankedTensorType type,
                                            ArrayRef<Exprs> operands) {
  bool isKnown = true;
  auto read = [&](unsigned operand, ArrayRef<int64_t> index) -> int64_t {
    auto from = cast<RankedTensorType>(op->getOperand(operand).getType());
    auto number = dyn_cast<AffineConstantExpr>(
        operands[operand][linearize(index, computeStrides(from.getShape()))]);
    isKnown &= bool(number);
    return number ? number.getValue() : 0;
  };
  return evaluateMovement(
      op, type, operands,
      [&](ArrayRef<int64_t> index) -> std::optional<ElementSource> {
        std::optional<ElementSource> source = op.getIndexedSource(index, read);
        return isKnown ? source : std::nullopt;
      });
}

/// Reductions of all elements.
static std::optional<Exprs> evaluateReduction(Operation *op,
                                              ArrayRef<AffineExpr> numbers,
                                              Extents &extents) {
  if (isa<ReduceProdOp>(op))
    return Exprs{extents.product(numbers)};
  AffineExpr result = numbers[0];
  for (AffineExpr number : numbers.drop_front()) {
    if (isa<ReduceMaxOp>(op))
      result = extents.greatest(op->getLoc(), result, number);
    else if (isa<ReduceMinOp>(op))
      result = extents.least(op->getLoc(), result, number);
    else if (isa<ReduceSumOp>(op))
      result = extents.simplify(result + number);
  }
  if (isa<ReduceMaxOp, ReduceMinOp, ReduceSumOp>(op))
    return Exprs{result};
  return std::nullopt;
}

bool cameo::isReductionOfNumbers(Operation *op) {
  return isa<ReduceMaxOp, ReduceMinOp, ReduceProdOp, ReduceSumOp>(op);
}

std::optional<Exprs> cameo::evaluateNumbers(Operation *op, Extents &extents) {
  if (op->getNumResults() != 1 || op->getNumOperands() == 0)
    return std::nullopt;
  auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
  if (!type || type.getNumElements() > kMaxNumbers)
    return std::nullopt;
  // Only signed arithmetic is followed; floats hold whole numbers.
  Type element = type.getElementType();
  if (!element.isSignlessInteger() && !isa<FloatType>(element))
    return std::nullopt;
  SmallVector<Exprs> operands;
  for (Value operand : op->getOperands()) {
    if (extents.isOpen(operand))
      return std::nullopt;
    std::optional<Exprs> numbers = extents.getNumbers(operand);
    if (!numbers)
      return std::nullopt;
    operands.push_back(*numbers);
  }
  if (auto cast = dyn_cast<CastOp>(op))
    return evaluateCast(cast, operands[0], extents);
  if (auto elementwise = dyn_cast<ElementwiseOpInterface>(op))
    return evaluateElementwise(elementwise, type, operands, extents);
  if (auto movement = dyn_cast<IndexMapOpInterface>(op))
    return evaluateMovement(op, type, operands, [&](ArrayRef<int64_t> index) {
      return std::optional(movement.getSource(index));
    });
  if (auto indexed = dyn_cast<IndexedSourceOpInterface>(op))
    return evaluateIndexed(indexed, type, operands);
  if (type.getNumElements() == 1 && !operands[0].empty())
    return evaluateReduction(op, operands[0], extents);
  return std::nullopt;
}

DenseElementsAttr cameo::toConstant(RankedTensorType type,
                                    ArrayRef<AffineExpr> numbers) {
  SmallVector<Attribute> elements;
  Type element = type.getElementType();
  for (AffineExpr number : numbers) {
    auto constant = dyn_cast<AffineConstantExpr>(number);
    if (!constant)
      return nullptr;
    if (isa<FloatType>(element))
      elements.push_back(
          FloatAttr::get(element, static_cast<double>(constant.getValue())));
    else
      elements.push_back(IntegerAttr::get(
          element, APInt(element.getIntOrFloatBitWidth(), constant.getValue(),
                         /*isSigned=*/true, /*implicitTrunc=*/true)));
  }
  return DenseElementsAttr::get(type, elements);
}
