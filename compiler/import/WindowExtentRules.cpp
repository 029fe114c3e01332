//===- WindowExtentRules.cpp - Extents through windows and resizing -------===//

#include "compiler/import/ExtentRules.h"
#include "compiler/import/ops/OpenShapes.h"

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

/// How many windows there are in `extent`, rounded up under `ceil`: then they
/// start before its end.
static AffineExpr countWindows(ExtentRule &r, AffineExpr extent,
                               const Window &window, bool ceil = false) {
  AffineExpr room = extent + (window.before + window.after - window.span);
  if (ceil && window.stride > 1) {
    AffineExpr fitting = room.ceilDiv(window.stride) + 1;
    AffineExpr starting = (extent + window.before).ceilDiv(window.stride);
    return checkNotNegative(r, r.extents.least(r.op->getLoc(),
                                               r.extents.simplify(fitting),
                                               r.extents.simplify(starting)));
  }
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

/// The extents of a pool's result.
template <typename Op> static Exprs getPooled(Op op, ExtentRule &r) {
  Exprs result = r.of(0);
  for (int64_t i = 0, rank = op.getStrides().size(); i < rank; ++i) {
    AffineExpr &extent = result[2 + i];
    extent = r.extents.isOpen(extent)
                 ? countWindows(r, extent, getWindow(op, i, op.getKernel()[i]),
                                op.getCeilMode())
                 : r.extents.constant(r.resultType().getDimSize(2 + i));
  }
  return result;
}

/// Whether windows reach beyond an open extent.
template <typename Op> static bool reachesBeyond(Op op, ExtentRule &r) {
  for (int64_t i = 0, rank = op.getStrides().size(); i < rank; ++i)
    if (r.isOpen(0, 2 + i) && (op.getPads()[rank + i] > 0 || op.getCeilMode()))
      return true;
  return false;
}

template <typename Op, Neutral neutral>
static LogicalResult rulePool(Op op, ExtentRule &r) {
  Exprs result = getPooled(op, r);
  if (reachesBeyond(op, r))
    for (int64_t dim = 2; dim < r.typeOf(0).getRank(); ++dim)
      r.limit(0, dim, neutral);
  return r.set(result);
}

/// Means of what is there where windows reach beyond it: means with zeros, by
/// the share of the elements that are there.
static LogicalResult ruleAvgPool(AvgPoolOp op, ExtentRule &r) {
  if (!reachesBeyond(op, r) || op.getCountIncludePad()) {
    // Whether padding counts would depend on where it ends.
    std::optional<int64_t> dim = r.extents.findOpenDim(op.getX());
    return op.getCeilMode() && op.getCountIncludePad() && reachesBeyond(op, r)
               ? r.refuse(0, *dim)
               : rulePool<AvgPoolOp, Neutral::Zero>(op, r);
  }
  RankedTensorType type = r.typeOf(0);
  SmallVector<int64_t> shape(type.getShape());
  Exprs result = getPooled(op, r), x = r.of(0), share = result;
  AffineExpr number = r.extents.constant(1);
  shape[0] = shape[1] = 1;
  x[0] = x[1] = share[0] = share[1] = number;
  Attribute one = getNeutral(type.getElementType(), Neutral::One);
  Value ones = r.n.constant(DenseElementsAttr::get(type.clone(shape), one));
  r.extents.setExtents(ones, x);
  auto mean = [&](Value of, ArrayRef<AffineExpr> exprs) -> MaybeValue {
    TypedAttr zero = getNeutral(type.getElementType(), Neutral::Zero);
    for (int64_t dim = 2; dim < type.getRank(); ++dim)
      of = r.extents.limit(op.getLoc(), of, dim, zero);
    return r.n.withExtents<AvgPoolOp>(
        exprs, of, op.getKernel(), op.getStrides(), op.getDilations(),
        op.getPads(), op.getCeilMode(), /*count_include_pad=*/true);
  };
  return r.replace(
      chain<DivOp>(r.n, mean(op.getX(), result), mean(ones, share)));
}

//===----------------------------------------------------------------------===//
// Resizing
//===----------------------------------------------------------------------===//

AffineExpr cameo::getScaled(Extents &extents, AffineExpr extent, double scale) {
  constexpr int64_t kMaxDivisor = 64, kMaxChecked = 1 << 16;
  NumberRange range = extents.getRange(extent);
  for (int64_t divisor = 1; divisor <= kMaxDivisor; ++divisor) {
    double factor = scale * static_cast<double>(divisor);
    auto whole = static_cast<int64_t>(std::round(factor));
    if (whole < 1 || std::abs(factor - std::round(factor)) > 1e-6 * factor)
      continue;
    // ONNX multiplies floats: all that may come must have the same extent.
    bool isExact = range.low >= 0 && range.high <= kMaxChecked;
    for (int64_t e = range.low; isExact && e <= range.high; ++e) {
      float product = static_cast<float>(scale) * static_cast<float>(e);
      isExact =
          static_cast<int64_t>(std::floor(product)) == e * whole / divisor;
    }
    if (isExact)
      return extents.simplify((extent * whole).floorDiv(divisor));
  }
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
    AffineExpr extent =
        isIdentity ? expr : getScaled(r.extents, expr, 1 / step);
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

//===----------------------------------------------------------------------===//
// Sampling
//===----------------------------------------------------------------------===//

/// The grid for an image of the bound: coordinates of -1 and 1 are the edges of
/// the actual one.
static MaybeValue rescaleGrid(GridSampleOp op, ExtentRule &r) {
  OpImporter &n = r.n;
  Exprs x = r.of(0), spans;
  SmallVector<double> bounds;
  int64_t less = op.getAlignCorners() ? 1 : 0;
  // The last coordinate is that of the first spatial dimension.
  for (int64_t dim = x.size() - 1; dim >= 2; --dim) {
    spans.push_back(r.extents.simplify(x[dim] - less));
    bounds.push_back(static_cast<double>(
        std::max<int64_t>(r.typeOf(0).getDimSize(dim) - less, 1)));
  }
  Type type = r.typeOf(1).getElementType();
  SmallVector<Attribute> divisors;
  for (double bound : bounds)
    divisors.push_back(FloatAttr::get(type, bound));
  Value divisor = n.constant(DenseElementsAttr::get(
      RankedTensorType::get(bounds.size(), type), divisors));
  MaybeValue factor = chain<DivOp>(
      n, chainCast(n, buildNumbers(n, spans, /*isVector=*/true), type),
      divisor);
  Value one = n.splat(type, 1);
  MaybeValue fromEdge = chain<AddOp>(n, op.getGrid(), one);
  return chain<SubOp>(n, chain<MulOp>(n, fromEdge, factor), one);
}

static LogicalResult ruleGridSample(GridSampleOp op, ExtentRule &r) {
  Exprs x = r.of(0), grid = r.of(1);
  int64_t rank = x.size();
  Exprs result = {r.unify(x[0], grid[0]), x[1]};
  result.append(grid.begin() + 1, grid.end() - 1);
  if (failed(r.requireFixed(1, {rank - 1})))
    return failure();
  for (int64_t dim = 2; dim < rank; ++dim) {
    if (!r.isOpen(0, dim))
      continue;
    // The nearest one of two would depend on rounding.
    if (op.getMode() == "nearest" || op.getPadding() == "reflection")
      return r.refuse(0, dim);
    if (op.getPadding() == "zeros")
      r.limit(0, dim, Neutral::Zero);
    else
      repeatEdge(r, dim);
  }
  if (llvm::any_of(ArrayRef(x).drop_front(2),
                   [&](AffineExpr e) { return r.extents.isOpen(e); })) {
    MaybeValue rescaled = rescaleGrid(op, r);
    if (failed(rescaled))
      return failure();
    op->setOperand(1, *rescaled);
  }
  return r.set(result);
}

void cameo::addWindowExtentRules(ExtentRuleTable &table) {
  addExtentRule<ConvOp, ruleConv>(table);
  addExtentRule<ConvTransposeOp, ruleConvTranspose>(table);
  addExtentRule<MaxPoolOp, rulePool<MaxPoolOp, Neutral::Lowest>>(table);
  addExtentRule<AvgPoolOp, ruleAvgPool>(table);
  addExtentRule<LpPoolOp, rulePool<LpPoolOp, Neutral::Zero>>(table);
  addExtentRule<ResizeNearestOp, ruleResize<ResizeNearestOp>>(table);
  addExtentRule<ResizeOp, ruleResize<ResizeOp>>(table);
  addExtentRule<GridSampleOp, ruleGridSample>(table);
}
