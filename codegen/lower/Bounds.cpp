//===- Bounds.cpp - How far dimensions are read ---------------------------===//

#include "codegen/lower/Bounds.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace cameo;

/// The value of an expression of symbol 0.
static int64_t evaluate(AffineExpr expr, int64_t symbol) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return constant.getValue();
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return symbol;
  int64_t left = evaluate(binary.getLHS(), symbol);
  int64_t right = evaluate(binary.getRHS(), symbol);
  switch (expr.getKind()) {
  case AffineExprKind::Add:
    return left + right;
  case AffineExprKind::Mul:
    return left * right;
  case AffineExprKind::FloorDiv:
    return llvm::divideFloorSigned(left, right);
  case AffineExprKind::CeilDiv:
    return llvm::divideCeilSigned(left, right);
  default:
    return llvm::mod(left, right);
  }
}

Bound cameo::joinBounds(Bound a, Bound b, const RootRanges &ranges) {
  if (a == b)
    return a;
  if (!a || !b || a.root != b.root)
    return {};
  auto range = ranges.find(a.root);
  constexpr int64_t kMost = 1 << 16;
  if (range == ranges.end() ||
      range->second.second - range->second.first > kMost) {
    auto difference =
        dyn_cast<AffineConstantExpr>(simplifyAffineExpr(b.expr - a.expr, 0, 1));
    if (!difference)
      return {};
    return difference.getValue() > 0 ? b : a;
  }
  // By how much b is more than a for some number, and the other way round.
  int64_t moreB = 0, moreA = 0;
  auto [least, most] = range->second;
  for (int64_t symbol = least; symbol <= most; ++symbol) {
    int64_t difference = evaluate(b.expr, symbol) - evaluate(a.expr, symbol);
    moreB = std::max(moreB, difference);
    moreA = std::max(moreA, -difference);
  }
  if (moreA <= moreB)
    return moreA ? Bound{b.expr + moreA, b.root} : b;
  return moreB ? Bound{a.expr + moreB, a.root} : a;
}

void cameo::joinBounds(Bounds &known, ArrayRef<Bound> more,
                       const RootRanges &ranges) {
  if (known.empty()) {
    known.assign(more.begin(), more.end());
    return;
  }
  for (auto [mine, other] : llvm::zip_equal(known, more))
    mine = joinBounds(mine, other, ranges);
}

Bound cameo::dropUseless(Bound bound, int64_t extent,
                         const RootRanges &ranges) {
  if (!bound)
    return bound;
  auto range = ranges.find(bound.root);
  int64_t least = range == ranges.end() ? 0 : range->second.first;
  return evaluate(bound.expr, least) >= extent ? Bound() : bound;
}

/// The greatest value of `expr`; false when it is not known.
static bool addGreatest(AffineExpr expr, ArrayRef<Bound> dims,
                        ArrayRef<int64_t> extents, Bound &greatest) {
  if (isa<AffineConstantExpr>(expr)) {
    greatest.expr = expr;
    return true;
  }
  if (auto dim = dyn_cast<AffineDimExpr>(expr)) {
    greatest = dims[dim.getPosition()];
    greatest.expr =
        (greatest ? greatest.expr
                  : getAffineConstantExpr(extents[dim.getPosition()],
                                          expr.getContext())) -
        1;
    return true;
  }
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  Bound left, right;
  if (!binary || !addGreatest(binary.getLHS(), dims, extents, left) ||
      !addGreatest(binary.getRHS(), dims, extents, right))
    return false;
  auto factor = dyn_cast<AffineConstantExpr>(right.expr);
  // An index is not negative.
  if (expr.getKind() == AffineExprKind::Mul && factor &&
      factor.getValue() < 0 && isa<AffineDimExpr>(binary.getLHS())) {
    greatest.expr = getAffineConstantExpr(0, expr.getContext());
    return true;
  }
  if (left.root && right.root && left.root != right.root)
    return false;
  greatest.root = left.root ? left.root : right.root;
  if (expr.getKind() == AffineExprKind::Add)
    greatest.expr = left.expr + right.expr;
  else if (expr.getKind() == AffineExprKind::Mul && factor &&
           factor.getValue() >= 0)
    greatest.expr = left.expr * right.expr;
  else if (expr.getKind() == AffineExprKind::FloorDiv && factor &&
           factor.getValue() > 0)
    greatest.expr = left.expr.floorDiv(factor.getValue());
  else
    return false;
  return true;
}

Bound cameo::boundOf(AffineExpr expr, ArrayRef<Bound> dims,
                     ArrayRef<int64_t> extents) {
  Bound greatest;
  if (!addGreatest(expr, dims, extents, greatest) || !greatest.root)
    return {};
  greatest.expr = simplifyAffineExpr(greatest.expr + 1, 0, 1);
  return greatest;
}

/// Positions of dimensions of more than one element.
static SmallVector<size_t> findDims(ArrayRef<int64_t> shape) {
  SmallVector<size_t> dims;
  for (auto [i, extent] : llvm::enumerate(shape))
    if (extent != 1)
      dims.push_back(i);
  return dims;
}

Bounds cameo::reshapeBounds(ArrayRef<Bound> bounds, ArrayRef<int64_t> shape,
                            ArrayRef<int64_t> newShape) {
  Bounds result(newShape.size());
  SmallVector<size_t> from = findDims(shape), to = findDims(newShape);
  size_t i = 0, j = 0;
  if (llvm::is_contained(shape, 0))
    return result;
  while (i < from.size() && j < to.size()) {
    // The shortest runs of dimensions with as many elements. Of the first
    // dimension of one follows what is read of the first of the other.
    const Bound &outer = bounds[from[i]];
    size_t first = to[j];
    int64_t fromCount = shape[from[i]], toCount = newShape[first];
    int64_t fromInner = 1, toInner = 1;
    for (++i, ++j; fromCount != toCount;) {
      if (fromCount < toCount) {
        fromInner *= shape[from[i]];
        fromCount *= shape[from[i++]];
      } else {
        toInner *= newShape[to[j]];
        toCount *= newShape[to[j++]];
      }
    }
    if (outer)
      result[first] = {
          simplifyAffineExpr((outer.expr * fromInner).ceilDiv(toInner), 0, 1),
          outer.root};
  }
  return result;
}
