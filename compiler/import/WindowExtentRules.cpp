//===- WindowExtentRules.cpp - Extents through windows and resizing -------===//

#include "compiler/import/ExtentRules.h"
#include "compiler/import/ops/Chain.h"

#include <cmath>

using namespace mlir;
using namespace cameo;

namespace {
/// Windows along one dimension.
struct Window {
  int64_t span, stride, before, after;
};
} // namespace

template <typename Op>
static Window getWindow(Op op, int64_t i, int64_t kernel) {
  int64_t rank = op.getStrides().size();
  return {(kernel - 1) * op.getDilations()[i] + 1, op.getStrides()[i],
          op.getPads()[i], op.getPads()[rank + i]};
}

/// A run in which an extent is negative is an error.
static AffineExpr checkNotNegative(ExtentRule &r, AffineExpr extent) {
  int64_t high = std::max<int64_t>(0, r.extents.getRange(extent).high);
  return r.extents.check(r.op->getLoc(), extent, r.extents.constant(0),
                         r.extents.constant(high));
}

/// How many windows there are in `extent`.
static AffineExpr countWindows(ExtentRule &r, AffineExpr extent,
                               const Window &window) {
  AffineExpr room = extent + (window.before + window.after - window.span);
  AffineExpr count = r.extents.simplify(room.floorDiv(window.stride) + 1);
  return checkNotNegative(r, count);
}

static LogicalResult ruleConv(ConvOp op, ExtentRule &r) {
  if (failed(r.requireFixedFrom(1)) || failed(r.requireFixed(0, {1})))
    return failure();
  Exprs x = r.of(0);
  Exprs result = {x[0], r.of(1)[0]};
  for (int64_t i = 0, rank = op.getStrides().size(); i < rank; ++i) {
    Window window = getWindow(op, i, r.typeOf(1).getDimSize(2 + i));
    result.push_back(countWindows(r, x[2 + i], window));
    // Without padding, no window reaches beyond the extent.
    if (window.after > 0)
      r.limit(0, 2 + i, Neutral::Zero);
  }
  return r.set(result);
}

static LogicalResult ruleConvTranspose(ConvTransposeOp op, ExtentRule &r) {
  if (failed(r.requireFixedFrom(1)) || failed(r.requireFixed(0, {1})))
    return failure();
  Exprs x = r.of(0);
  Exprs result = {x[0], r.extents.constant(r.resultType().getDimSize(1))};
  for (int64_t i = 0, rank = op.getStrides().size(); i < rank; ++i) {
    Window window = getWindow(op, i, r.typeOf(1).getDimSize(2 + i));
    if (!r.extents.isOpen(x[2 + i])) {
      result.push_back(r.extents.constant(r.resultType().getDimSize(2 + i)));
      continue;
    }
    int64_t extra =
        window.span + op.getOutputPadding()[i] - window.before - window.after;
    AffineExpr extent =
        r.extents.simplify((x[2 + i] - 1) * window.stride + extra);
    result.push_back(checkNotNegative(r, extent));
    // Elements beyond the extent reach into the result from this index on.
    if (window.stride - window.before < extra)
      r.limit(0, 2 + i, Neutral::Zero);
  }
  return r.set(result);
}

template <typename Op, Neutral neutral>
static LogicalResult rulePool(Op op, ExtentRule &r) {
  Exprs x = r.of(0), result = x;
  for (int64_t i = 0, rank = op.getStrides().size(); i < rank; ++i) {
    if (!r.extents.isOpen(x[2 + i]))
      continue;
    Window window = getWindow(op, i, op.getKernel()[i]);
    // Means leave out what is beyond the edge: their divisors would differ.
    if (auto mean = dyn_cast<AvgPoolOp>(op.getOperation()))
      if (op.getCeilMode() || (window.after > 0 && !mean.getCountIncludePad()))
        return r.refuse(0, 2 + i);
    // With rounding up, whether the last window is left out depends on more.
    if (op.getCeilMode() && window.stride > 1)
      return r.refuse(0, 2 + i);
    result[2 + i] = countWindows(r, x[2 + i], window);
    if (window.after > 0)
      r.limit(0, 2 + i, neutral);
  }
  for (int64_t i = 0, rank = op.getStrides().size(); i < rank; ++i)
    if (!r.extents.isOpen(x[2 + i]))
      result[2 + i] = r.extents.constant(r.resultType().getDimSize(2 + i));
  return r.set(result);
}

//===----------------------------------------------------------------------===//
// Resizing
//===----------------------------------------------------------------------===//

/// The extent of a dimension that is made longer or shorter by a whole factor;
/// null for others.
static AffineExpr getResized(ExtentRule &r, AffineExpr extent, double step) {
  double up = std::round(1 / step), down = std::round(step);
  if (std::abs(up * step - 1) < 1e-6)
    return r.extents.simplify(extent * static_cast<int64_t>(up));
  if (std::abs(down - step) < 1e-6)
    return r.extents.simplify(extent.floorDiv(static_cast<int64_t>(down)));
  return {};
}

/// Repeats the last element along `dim` beyond the extent: coordinates are
/// clamped there.
static void repeatEdge(ExtentRule &r, int64_t dim) {
  Location loc = r.op->getLoc();
  Value x = r.operandAt(0);
  AffineExpr extent = r.extents.getExtent(x, dim);
  OpBuilder &b = r.n.builder();
  auto indices =
      llvm::to_vector(llvm::seq<int64_t>(0, r.typeOf(0).getDimSize(dim)));
  auto type = RankedTensorType::get(indices.size(), b.getI64Type());
  Value all = ConstantOp::create(
      b, loc, DenseElementsAttr::get(type, ArrayRef(indices)));
  Value last = r.extents.materialize(
      loc, r.extents.greatest(loc, r.extents.simplify(extent - 1),
                              r.extents.constant(0)));
  Value clamped = MinOp::create(b, loc, type, all, last);
  Value repeated = GatherOp::create(b, loc, x.getType(), x, clamped,
                                    b.getI64IntegerAttr(dim), b.getUnitAttr());
  Exprs exprs = r.extents.getExtents(x);
  r.extents.setExtents(repeated, exprs);
  r.extents.setExtents(clamped, r.extents.getExtents(all));
  r.op->setOperand(0, repeated);
}

template <typename Op> static LogicalResult ruleResize(Op op, ExtentRule &r) {
  Exprs x = r.of(0), result;
  for (auto [dim, expr] : llvm::enumerate(x)) {
    double step = op.getSteps()[dim], offset = op.getOffsets()[dim];
    if (!r.extents.isOpen(expr)) {
      result.push_back(r.extents.constant(op.getShape()[dim]));
      continue;
    }
    bool isIdentity = step == 1 && offset == 0 &&
                      op.getShape()[dim] == r.typeOf(0).getDimSize(dim);
    if constexpr (std::is_same_v<Op, ResizeOp>)
      if (!isIdentity && op.getExcludeOutside())
        return r.refuse(0, dim);
    AffineExpr extent = isIdentity ? expr : getResized(r, expr, step);
    if (!extent)
      return r.refuse(0, dim);
    result.push_back(extent);
    // The last coordinate is at most extent - step + offset.
    bool isInside = false;
    if constexpr (std::is_same_v<Op, ResizeNearestOp>)
      isInside = offset < step - (op.getRoundUp()[dim] ? 1 : 0) - 1e-6;
    if (!isIdentity && !isInside)
      repeatEdge(r, dim);
  }
  return r.set(result);
}

void cameo::addWindowExtentRules(ExtentRuleTable &table) {
  addExtentRule<ConvOp, ruleConv>(table);
  addExtentRule<ConvTransposeOp, ruleConvTranspose>(table);
  addExtentRule<MaxPoolOp, rulePool<MaxPoolOp, Neutral::Lowest>>(table);
  addExtentRule<AvgPoolOp, rulePool<AvgPoolOp, Neutral::Zero>>(table);
  addExtentRule<LpPoolOp, rulePool<LpPoolOp, Neutral::Zero>>(table);
  addExtentRule<ResizeNearestOp, ruleResize<ResizeNearestOp>>(table);
  addExtentRule<ResizeOp, ruleResize<ResizeOp>>(table);
}
