//===- Extents.cpp - What is known about extents at run time --------------===//

#include "compiler/import/Extents.h"
#include "dialects/cameo/Cameo.h"

#include "mlir/IR/Matchers.h"
#include "llvm/Support/MathExtras.h"

#include <cmath>

using namespace mlir;
using namespace cameo;

/// Tensors of more elements are not followed element by element.
static constexpr int64_t kMaxNumbers = 256;

//===----------------------------------------------------------------------===//
// Expressions
//===----------------------------------------------------------------------===//

AffineExpr Extents::addSymbol(Value number, NumberRange range,
                              AffineExpr equal) {
  symbols.push_back({number, range, equal ? resolve(equal) : equal});
  return b.getAffineSymbolExpr(symbols.size() - 1);
}

AffineExpr Extents::simplify(AffineExpr expr) const {
  expr = simplifyAffineExpr(expr, 0, symbols.size());
  NumberRange range = getRange(expr);
  return range.isNumber() ? b.getAffineConstantExpr(range.low) : expr;
}

AffineExpr Extents::resolve(AffineExpr expr) const {
  SmallVector<AffineExpr> replacements;
  for (auto [i, symbol] : llvm::enumerate(symbols))
    replacements.push_back(symbol.equal ? symbol.equal
                                        : b.getAffineSymbolExpr(i));
  return simplify(expr.replaceSymbols(replacements));
}

static int64_t saturate(int64_t x, int64_t y, bool multiply) {
  int64_t result;
  bool overflows = multiply ? llvm::MulOverflow(x, y, result)
                            : llvm::AddOverflow(x, y, result);
  if (!overflows)
    return result;
  bool isNegative = multiply ? (x < 0) != (y < 0) : x < 0;
  return isNegative ? std::numeric_limits<int64_t>::min()
                    : std::numeric_limits<int64_t>::max();
}

NumberRange Extents::getRange(AffineExpr expr) const {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return {constant.getValue(), constant.getValue()};
  if (auto symbol = dyn_cast<AffineSymbolExpr>(expr))
    return symbols[symbol.getPosition()].range;
  auto binary = cast<AffineBinaryOpExpr>(expr);
  NumberRange x = getRange(binary.getLHS()), y = getRange(binary.getRHS());
  if (binary.getKind() == AffineExprKind::Add)
    return {saturate(x.low, y.low, false), saturate(x.high, y.high, false)};
  if (binary.getKind() == AffineExprKind::Mul) {
    auto corners = {saturate(x.low, y.low, true), saturate(x.low, y.high, true),
                    saturate(x.high, y.low, true),
                    saturate(x.high, y.high, true)};
    return {std::min(corners), std::max(corners)};
  }
  // Divisors that are not positive divide by one (see cameo.extent).
  int64_t least = std::max<int64_t>(y.low, 1);
  int64_t most = std::max<int64_t>(y.high, 1);
  if (binary.getKind() == AffineExprKind::Mod)
    return {0, most - 1};
  auto divide = [&](int64_t a, int64_t d) {
    return binary.getKind() == AffineExprKind::CeilDiv
               ? llvm::divideCeilSigned(a, d)
               : llvm::divideFloorSigned(a, d);
  };
  auto corners = {divide(x.low, least), divide(x.low, most),
                  divide(x.high, least), divide(x.high, most)};
  return {std::min(corners), std::max(corners)};
}

AffineExpr Extents::leaveRegion(AffineExpr expr, Region &region) const {
  for (AffineExpr form : {expr, resolve(expr)}) {
    bool isInside = false;
    for (auto [i, symbol] : llvm::enumerate(symbols))
      isInside |= form.isFunctionOfSymbol(i) &&
                  region.isAncestor(Value(symbol.number).getParentRegion());
    if (!isInside)
      return form;
  }
  return {};
}

bool Extents::areEqual(AffineExpr x, AffineExpr y) const {
  if (x == y)
    return true;
  AffineExpr difference = simplify(resolve(x) - resolve(y));
  return difference == b.getAffineConstantExpr(0);
}

bool Extents::isAtMost(AffineExpr x, AffineExpr y) const {
  return getRange(simplify(y - x)).low >= 0 ||
         getRange(simplify(resolve(y) - resolve(x))).low >= 0 ||
         getRange(x).high <= getRange(y).low;
}

Value Extents::materialize(Location loc, AffineExpr expr) {
  if (auto symbol = dyn_cast<AffineSymbolExpr>(expr))
    return symbols[symbol.getPosition()].number;
  Value &value = materialized[expr];
  if (value)
    return value;
  auto type = RankedTensorType::get({}, b.getI64Type());
  if (auto constant = dyn_cast<AffineConstantExpr>(expr)) {
    value = ConstantOp::create(
        b, loc,
        DenseElementsAttr::get(type, b.getI64IntegerAttr(constant.getValue())));
    return value;
  }
  // Only symbols that occur are operands.
  SmallVector<AffineExpr> renumbered;
  SmallVector<Value> operands;
  for (auto [i, symbol] : llvm::enumerate(symbols)) {
    bool isUsed = expr.isFunctionOfSymbol(i);
    renumbered.push_back(b.getAffineSymbolExpr(operands.size()));
    if (isUsed)
      operands.push_back(symbol.number);
  }
  auto map = AffineMap::get(0, operands.size(), expr.replaceSymbols(renumbered),
                            b.getContext());
  value = ExtentOp::create(b, loc, type, operands, map);
  return value;
}

template <typename Op>
AffineExpr Extents::choose(Location loc, AffineExpr x, AffineExpr y,
                           NumberRange range) {
  auto type = RankedTensorType::get({}, b.getI64Type());
  Value number =
      Op::create(b, loc, type, materialize(loc, x), materialize(loc, y));
  return addSymbol(number, range);
}

AffineExpr Extents::least(Location loc, AffineExpr x, AffineExpr y) {
  if (isAtMost(x, y))
    return x;
  if (isAtMost(y, x))
    return y;
  NumberRange a = getRange(x), c = getRange(y);
  return choose<MinOp>(loc, x, y,
                       {std::min(a.low, c.low), std::min(a.high, c.high)});
}

AffineExpr Extents::greatest(Location loc, AffineExpr x, AffineExpr y) {
  if (isAtMost(x, y))
    return y;
  if (isAtMost(y, x))
    return x;
  NumberRange a = getRange(x), c = getRange(y);
  return choose<MaxOp>(loc, x, y,
                       {std::max(a.low, c.low), std::max(a.high, c.high)});
}

AffineExpr Extents::check(Location loc, AffineExpr expr, AffineExpr low,
                          AffineExpr high) {
  bool isEqual = areEqual(expr, low) && areEqual(expr, high);
  if (isEqual || (isAtMost(low, expr) && isAtMost(expr, high)))
    return expr;
  auto type = RankedTensorType::get({}, b.getI64Type());
  Value number =
      CheckExtentOp::create(b, loc, type, materialize(loc, expr),
                            materialize(loc, low), materialize(loc, high));
  NumberRange range = getRange(expr), least = getRange(low),
              most = getRange(high);
  return addSymbol(
      number, {std::max(range.low, least.low), std::min(range.high, most.high)},
      expr);
}

/// Splits an expression into a constant and other factors.
static void collectFactors(AffineExpr expr, int64_t &constant,
                           SmallVectorImpl<AffineExpr> &others) {
  if (auto number = dyn_cast<AffineConstantExpr>(expr)) {
    constant = saturate(constant, number.getValue(), true);
    return;
  }
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary || binary.getKind() != AffineExprKind::Mul) {
    others.push_back(expr);
    return;
  }
  collectFactors(binary.getLHS(), constant, others);
  collectFactors(binary.getRHS(), constant, others);
}

AffineExpr Extents::product(ArrayRef<AffineExpr> factors) const {
  return quotient(factors, {});
}

AffineExpr Extents::quotient(ArrayRef<AffineExpr> factors,
                             ArrayRef<AffineExpr> divisors) const {
  int64_t above = 1, below = 1;
  SmallVector<AffineExpr> numerator, denominator;
  for (AffineExpr factor : factors)
    collectFactors(factor, above, numerator);
  for (AffineExpr divisor : divisors)
    collectFactors(divisor, below, denominator);
  // What is equal cancels out.
  llvm::erase_if(denominator, [&](AffineExpr divisor) {
    auto *equal = llvm::find_if(
        numerator, [&](AffineExpr x) { return areEqual(x, divisor); });
    if (equal == numerator.end())
      return false;
    numerator.erase(equal);
    return true;
  });
  if (below != 0 && above % below == 0) {
    above /= below;
    below = 1;
  }
  AffineExpr result = b.getAffineConstantExpr(1);
  for (AffineExpr factor : numerator)
    result = result * factor;
  result = result * above;
  AffineExpr divisor = b.getAffineConstantExpr(below);
  for (AffineExpr factor : denominator)
    divisor = divisor * factor;
  if (divisor != b.getAffineConstantExpr(1))
    result = result.floorDiv(divisor);
  return simplify(result);
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

Exprs Extents::getExtents(Value value) const {
  auto known = extentsOf.find(value);
  if (known != extentsOf.end())
    return known->second;
  Exprs extents;
  for (int64_t extent : cast<RankedTensorType>(value.getType()).getShape())
    extents.push_back(b.getAffineConstantExpr(extent));
  return extents;
}

std::optional<int64_t> Extents::findOpenDim(Value value) const {
  auto known = extentsOf.find(value);
  if (known == extentsOf.end())
    return std::nullopt;
  for (auto [dim, extent] : llvm::enumerate(known->second))
    if (isOpen(extent))
      return dim;
  return std::nullopt;
}

void Extents::setExtents(Value value, ArrayRef<AffineExpr> extents) {
  extentsOf[value] = Exprs(extents);
}

std::optional<Exprs> Extents::getNumbers(Value value) const {
  auto known = numbersOf.find(value);
  if (known != numbersOf.end())
    return known->second;
  DenseElementsAttr dense;
  if (!matchPattern(value, m_Constant(&dense)) ||
      dense.getNumElements() > kMaxNumbers)
    return std::nullopt;
  Exprs numbers;
  for (Attribute element : dense.getValues<Attribute>()) {
    int64_t number;
    if (auto integer = dyn_cast<IntegerAttr>(element)) {
      bool isUnsigned = integer.getType().isUnsignedInteger() ||
                        integer.getType().isInteger(1);
      number = isUnsigned
                   ? static_cast<int64_t>(integer.getValue().getZExtValue())
                   : integer.getValue().getSExtValue();
    } else if (auto real = dyn_cast<FloatAttr>(element)) {
      double x = real.getValueAsDouble();
      if (!(std::abs(x) < 0x1p53) || x != std::floor(x))
        return std::nullopt;
      number = static_cast<int64_t>(x);
    } else {
      return std::nullopt;
    }
    numbers.push_back(b.getAffineConstantExpr(number));
  }
  return numbers;
}

void Extents::setNumbers(Value value, ArrayRef<AffineExpr> numbers) {
  if (static_cast<int64_t>(numbers.size()) <= kMaxNumbers)
    numbersOf[value] = Exprs(numbers);
}

/// Removes the entries of a map that `isGone` says.
template <typename Map, typename Predicate>
static void removeIf(Map &map, Predicate isGone) {
  for (auto entry = map.begin(), end = map.end(); entry != end; ++entry)
    if (isGone(*entry))
      map.erase(entry);
}

void Extents::forget(Operation *op) {
  op->walk([&](Operation *inner) {
    forget(inner->getResults());
    for (Region &region : inner->getRegions())
      for (Block &block : region)
        forget(block.getArguments());
  });
}

void Extents::forget(ValueRange values) {
  for (Value result : values) {
    extentsOf.erase(result);
    numbersOf.erase(result);
    auto isOf = [&](const auto &entry) { return entry.first.first == result; };
    removeIf(fills, isOf);
    removeIf(limits, [&](const auto &entry) {
      return isOf(entry) || entry.second.second == result;
    });
    removeIf(materialized,
             [&](const auto &entry) { return entry.second == result; });
  }
}

Value Extents::limit(Location loc, Value x, int64_t dim, TypedAttr fill) {
  AffineExpr extent = getExtent(x, dim);
  if (!isOpen(extent) || fills.lookup({x, dim}) == fill)
    return x;
  auto &[knownFill, known] = limits[{x, dim}];
  if (known && knownFill == fill)
    return known;
  knownFill = fill;
  known = limitTo(loc, x, dim, extent, fill);
  return known;
}

Value Extents::limitTo(Location loc, Value x, int64_t dim, AffineExpr extent,
                       TypedAttr fill) {
  auto type = cast<RankedTensorType>(x.getType());
  SmallVector<int64_t> shape(type.getRank(), 1);
  shape[dim] = type.getDimSize(dim);
  auto indices = llvm::to_vector(llvm::seq<int32_t>(0, shape[dim]));
  Value positions = ConstantOp::create(
      b, loc,
      DenseElementsAttr::get(RankedTensorType::get(shape, b.getI32Type()),
                             ArrayRef(indices)));
  Value limited =
      LimitOp::create(b, loc, type, x, positions, materialize(loc, extent),
                      b.getI64IntegerAttr(dim), fill);
  setExtents(limited, getExtents(x));
  // What was beyond other extents is there still.
  for (int64_t other = 0; other < type.getRank(); ++other)
    if (TypedAttr before = fills.lookup({x, other}); before == fill)
      setFill(limited, other, before);
  setFill(limited, dim, fill);
  return limited;
}
