//===- Reshapes.cpp - Reshapes of tensors with open dimensions ------------===//

#include "compiler/import/Reshapes.h"
#include "compiler/import/Tensors.h"
#include "compiler/import/ops/Chain.h"

using namespace mlir;
using namespace cameo;

namespace {
/// Dimensions [begin, end) of the operand that become [first, last) of the
/// result: no smaller parts of both have the same number of elements.
struct Group {
  int64_t begin, end, first, last;
};
} // namespace

/// Cuts both shapes in groups; none when their numbers of elements differ.
static std::optional<SmallVector<Group>> findGroups(ArrayRef<int64_t> from,
                                                    ArrayRef<int64_t> to) {
  if (ShapedType::getNumElements(from) != ShapedType::getNumElements(to))
    return std::nullopt;
  SmallVector<Group> groups;
  int64_t i = 0, j = 0, fromRank = from.size(), toRank = to.size();
  while (i < fromRank || j < toRank) {
    Group group{i, i, j, j};
    int64_t a = 1, c = 1;
    if (i < fromRank)
      a = from[i++];
    if (j < toRank)
      c = to[j++];
    while (a != c && (i < fromRank || j < toRank)) {
      if ((a < c && i < fromRank) || j == toRank)
        a *= from[i++];
      else
        c *= to[j++];
    }
    group.end = i;
    group.last = j;
    groups.push_back(group);
  }
  return groups;
}

/// Whether only the outermost dimension of more than one element is open.
static bool isOpenOutside(Extents &extents, ArrayRef<AffineExpr> exprs,
                          ArrayRef<int64_t> shape) {
  bool isInside = false;
  for (auto [expr, bound] : llvm::zip_equal(exprs, shape)) {
    if (isInside && extents.isOpen(expr))
      return false;
    isInside |= bound != 1;
  }
  return true;
}

std::optional<Exprs> cameo::inferReshape(Extents &extents, Value x,
                                         ArrayRef<int64_t> shape) {
  Exprs from = extents.getExtents(x), result;
  ArrayRef<int64_t> bounds = typeOf(x).getShape();
  auto groups = findGroups(bounds, shape);
  if (!groups)
    return std::nullopt;
  for (const Group &group : *groups) {
    auto parts = ArrayRef(from).slice(group.begin, group.end - group.begin);
    bool isFixed = llvm::none_of(
        parts, [&](AffineExpr expr) { return extents.isOpen(expr); });
    int64_t others = 0;
    for (int64_t j = group.first; j < group.last; ++j)
      others += shape[j] != 1;
    // One dimension takes them all.
    if (!isFixed && others > 1)
      return std::nullopt;
    bool isTaken = isFixed;
    for (int64_t j = group.first; j < group.last; ++j) {
      bool takes = !isTaken && (shape[j] != 1 || j + 1 == group.last);
      result.push_back(takes ? extents.product(parts)
                             : extents.constant(shape[j]));
      isTaken |= takes;
    }
    if (!isTaken)
      return std::nullopt;
  }
  return result;
}

bool cameo::keepsPlaces(Extents &extents, Value x, ArrayRef<int64_t> shape,
                        ArrayRef<AffineExpr> target) {
  Exprs from = extents.getExtents(x);
  ArrayRef<int64_t> bounds = typeOf(x).getShape();
  auto groups = findGroups(bounds, shape);
  return groups && llvm::all_of(*groups, [&](const Group &group) {
           int64_t count = group.end - group.begin;
           int64_t others = group.last - group.first;
           auto parts = ArrayRef(from).slice(group.begin, count);
           auto taken = target.slice(group.first, others);
           return isOpenOutside(extents, parts,
                                bounds.slice(group.begin, count)) &&
                  isOpenOutside(extents, taken,
                                shape.slice(group.first, others)) &&
                  extents.areEqual(extents.product(parts),
                                   extents.product(taken));
         });
}

/// The open dimensions, and their extents as values.
static SmallVector<int64_t> getOpenDims(OpImporter &n,
                                        ArrayRef<AffineExpr> exprs,
                                        SmallVector<Value> &values) {
  SmallVector<int64_t> dims;
  for (auto [dim, expr] : llvm::enumerate(exprs)) {
    if (!n.extents().isOpen(expr))
      continue;
    dims.push_back(dim);
    values.push_back(n.extents().materialize(n.loc(), expr));
  }
  return dims;
}

/// As many elements from the start of `x`, or with others behind them.
static MaybeValue resizeFlat(OpImporter &n, Value x, int64_t count) {
  int64_t have = typeOf(x).getNumElements();
  Exprs exprs = {n.extents().constant(count)};
  MaybeValue flat = n.withExtents<ReshapeOp>({n.extents().constant(have)}, x,
                                             ArrayRef<int64_t>{have});
  if (failed(flat) || count == have)
    return flat;
  if (count < have)
    return n.withExtents<SliceOp>(exprs, *flat, ArrayRef<int64_t>{0},
                                  ArrayRef<int64_t>{count},
                                  ArrayRef<int64_t>{1});
  Value zero = n.splat(typeOf(x).getElementType(), 0);
  return n.withExtents<PadOp>(exprs, *flat, zero,
                              ArrayRef<int64_t>{0, count - have});
}

FailureOr<Value> cameo::reshapeTo(OpImporter &n, Value x,
                                  ArrayRef<AffineExpr> target) {
  Extents &extents = n.extents();
  SmallVector<int64_t> shape;
  for (AffineExpr expr : target)
    shape.push_back(std::max<int64_t>(0, extents.getRange(expr).high));
  if (!hasSensibleSize(shape))
    return n.unsupported("its result has too many elements",
                         "give smaller bounds");
  Exprs from = extents.getExtents(x), to(target);
  AffineExpr before = extents.product(from), after = extents.product(to);
  if (!extents.areEqual(before, after)) {
    // A run in which the numbers of elements differ is an error.
    auto *open = llvm::find_if(
        to, [&](AffineExpr expr) { return extents.isOpen(expr); });
    if (open == to.end())
      return n.unsupported("a tensor of bounded size becomes one of fixed size",
                           "leave an extent open with -1");
    Exprs others;
    for (AffineExpr &expr : to)
      if (&expr != open)
        others.push_back(expr);
    AffineExpr checked = extents.check(n.loc(), after, before, before);
    *open = extents.quotient(checked, others);
  }
  if (keepsPlaces(extents, x, shape, to))
    return n.withExtents<ReshapeOp>(to, x, shape);
  // Gaps are closed and opened elsewhere.
  SmallVector<Value> values, targetValues;
  MaybeValue flat = x;
  if (!isOpenOutside(extents, from, typeOf(x).getShape())) {
    SmallVector<int64_t> dims = getOpenDims(n, from, values);
    flat = n.withExtents<StoreDenseOp>(from, x, values, dims);
  }
  if (succeeded(flat))
    flat = resizeFlat(n, *flat, ShapedType::getNumElements(shape));
  if (failed(flat))
    return failure();
  flat = n.withExtents<ReshapeOp>(to, *flat, shape);
  if (failed(flat) || isOpenOutside(extents, to, shape))
    return flat;
  SmallVector<int64_t> targetDims = getOpenDims(n, to, targetValues);
  return n.withExtents<LoadDenseOp>(to, *flat, targetValues, targetDims);
}

MaybeValue cameo::chainReshapeTo(OpImporter &n, MaybeValue x,
                                 ArrayRef<AffineExpr> target) {
  if (failed(x))
    return failure();
  SmallVector<int64_t> shape;
  for (AffineExpr expr : target)
    if (auto extent = dyn_cast<AffineConstantExpr>(expr))
      shape.push_back(extent.getValue());
  bool isFixed = shape.size() == target.size() && !n.extents().isOpen(*x);
  return isFixed ? n.value<ReshapeOp>(*x, shape) : reshapeTo(n, *x, target);
}
