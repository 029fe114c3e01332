//===- ConvTransposeLowering.cpp - Meaning of transposed convolutions -----===//
//
// A position of the whole result (before pads are cut off) is stride * q + r,
// and a position in a filter, holes included, is stride * j + r. So the element
// at (q, r) sums x[q - j] * w[j, r] over channels and j: a dense gather with
// neither branches nor products with inserted zeros. Filters are padded to a
// multiple of the stride.
//
//===----------------------------------------------------------------------===//

#include "dialects/cameo/Cameo.h"
#include "dialects/cameo/ElementTypes.h"
#include "dialects/cameo/WindowBuilders.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace cameo;

namespace {
/// Sizes of the loops q, r and j of every spatial dimension.
struct Phases {
  SmallVector<int64_t> q, r, j;
};

class ConvTransposeBuilder {
public:
  ConvTransposeBuilder(ConvTransposeOp op, OpBuilder &builder,
                       ValueRange operands);
  Value build();

private:
  Value buildFilters();
  Value buildInput();
  Value buildInit();
  Value buildCropped(Value whole);

  ConvTransposeOp op;
  OpBuilder &b;
  Location loc;
  ValueRange operands;
  RankedTensorType type, xType, wType;
  Type elementType;
  int64_t rank, groups;
  Phases phases;
};
} // namespace

ConvTransposeBuilder::ConvTransposeBuilder(ConvTransposeOp op,
                                           OpBuilder &builder,
                                           ValueRange operands)
    : op(op), b(builder), loc(op.getLoc()), operands(operands),
      type(cast<RankedTensorType>(op.getType())),
      xType(cast<RankedTensorType>(op.getX().getType())),
      wType(cast<RankedTensorType>(op.getW().getType())),
      elementType(type.getElementType()), rank(type.getRank() - 2),
      groups(op.getGroups()) {
  for (int64_t i = 0; i < rank; ++i) {
    int64_t stride = op.getStrides()[i];
    int64_t span = (wType.getDimSize(2 + i) - 1) * op.getDilations()[i] + 1;
    int64_t end = op.getPads()[i] + type.getDimSize(2 + i);
    phases.q.push_back(std::max<int64_t>(1, llvm::divideCeil(end, stride)));
    phases.r.push_back(stride);
    phases.j.push_back(llvm::divideCeil(span, stride));
  }
}

/// Filters (g, ic, oc, j0, r0, j1, r1, ...), where holes are zeros.
Value ConvTransposeBuilder::buildFilters() {
  Value w = operands[1];
  Value zero = buildScalarConstant(b, loc, computeType(elementType), 0);
  SmallVector<int64_t> spread(wType.getShape()), none(rank, 0), after;
  SmallVector<OpFoldResult> offsets(wType.getRank(), b.getIndexAttr(0)), sizes,
      strides;
  for (int64_t i = 0; i < wType.getRank(); ++i) {
    int64_t dilation = i < 2 ? 1 : op.getDilations()[i - 2];
    sizes.push_back(b.getIndexAttr(wType.getDimSize(i)));
    strides.push_back(b.getIndexAttr(dilation));
    spread[i] = (wType.getDimSize(i) - 1) * dilation + 1;
    if (i >= 2)
      after.push_back(phases.j[i - 2] * phases.r[i - 2] - spread[i]);
  }
  if (ArrayRef<int64_t>(spread) != wType.getShape()) {
    Value holes = buildFilled(b, loc, wType.clone(spread), zero);
    w = tensor::InsertSliceOp::create(b, loc, w, holes, offsets, sizes,
                                      strides);
  }
  w = buildPadded(b, loc, w, elementType, none, after, zero);
  for (int64_t i = rank - 1; i >= 0; --i)
    w = buildSplitDim(b, loc, w, 2 + i, {phases.j[i], phases.r[i]});
  return buildSplitDim(b, loc, w, 0, {groups, wType.getDimSize(0) / groups});
}

/// Input (n, g, ic, spatial...) padded so that it can be read at q - j + J - 1.
Value ConvTransposeBuilder::buildInput() {
  SmallVector<int64_t> before, after;
  for (int64_t i = 0; i < rank; ++i) {
    before.push_back(phases.j[i] - 1);
    after.push_back(
        std::max<int64_t>(0, phases.q[i] - xType.getDimSize(2 + i)));
  }
  Value zero = buildScalarConstant(b, loc, computeType(elementType), 0);
  Value x = buildPadded(b, loc, operands[0], elementType, before, after, zero);
  return buildSplitDim(b, loc, x, 1, {groups, xType.getDimSize(1) / groups});
}

/// The bias or zeros in (n, g, oc, q0, r0, q1, r1, ...).
Value ConvTransposeBuilder::buildInit() {
  int64_t filters = wType.getDimSize(1);
  SmallVector<int64_t> shape = {xType.getDimSize(0), groups, filters};
  for (int64_t i = 0; i < rank; ++i)
    shape.append({phases.q[i], phases.r[i]});
  auto initType = RankedTensorType::get(shape, computeType(elementType));
  if (operands.size() < 3)
    return buildFilled(
        b, loc, initType,
        buildScalarConstant(b, loc, initType.getElementType(), 0));
  Value bias = buildSplitDim(b, loc, operands[2], 0, {groups, filters});
  AffineMap map = AffineMap::get(
      shape.size(), 0, getDimExprs(b.getContext(), 1, 2), b.getContext());
  return buildMap(
      b, loc, initType, bias, elementType, map,
      [](OpBuilder &, Location, ValueRange args) { return args[0]; });
}

/// Cuts the pads off.
Value ConvTransposeBuilder::buildCropped(Value whole) {
  auto wholeType = cast<RankedTensorType>(whole.getType());
  if (wholeType == storageType(type))
    return whole;
  SmallVector<OpFoldResult> offsets(2, b.getIndexAttr(0)), sizes,
      strides(type.getRank(), b.getIndexAttr(1));
  for (int64_t i = 0; i < rank; ++i)
    offsets.push_back(b.getIndexAttr(op.getPads()[i]));
  for (int64_t extent : type.getShape())
    sizes.push_back(b.getIndexAttr(extent));
  return tensor::ExtractSliceOp::create(b, loc, whole, offsets, sizes, strides);
}

Value ConvTransposeBuilder::build() {
  MLIRContext *context = b.getContext();
  // Loops: n, g, oc, (q, r)..., ic, j...
  int64_t numParallel = 3 + 2 * rank;
  AffineExpr n = getAffineDimExpr(0, context), g = getAffineDimExpr(1, context);
  AffineExpr oc = getAffineDimExpr(2, context);
  AffineExpr ic = getAffineDimExpr(numParallel, context);
  SmallVector<AffineExpr> xExprs = {n, g, ic}, wExprs = {g, ic, oc};
  for (int64_t i = 0; i < rank; ++i) {
    AffineExpr q = getAffineDimExpr(3 + 2 * i, context);
    AffineExpr r = getAffineDimExpr(4 + 2 * i, context);
    AffineExpr j = getAffineDimExpr(numParallel + 1 + i, context);
    xExprs.push_back(q - j + (phases.j[i] - 1));
    wExprs.append({j, r});
  }
  auto map = [&](ArrayRef<AffineExpr> exprs) {
    return AffineMap::get(numParallel + 1 + rank, 0, exprs, context);
  };
  Value sum = buildReduction(
      b, loc, buildInit(), {buildInput(), buildFilters()},
      {elementType, elementType}, {map(xExprs), map(wExprs)},
      map(getDimExprs(context, 0, numParallel)),
      getLoops(numParallel, 1 + rank),
      [](OpBuilder &b, Location loc, ValueRange args) {
        return buildMultiplyAdd(b, loc, args[0], args[1], args[2]);
      });
  auto sumType = cast<RankedTensorType>(sum.getType());
  sum = buildRounded(b, loc, sum,
                     RankedTensorType::get(sumType.getShape(), elementType));
  for (int64_t i = rank - 1; i >= 0; --i)
    sum = buildMergedDims(b, loc, sum, 3 + 2 * i);
  return buildCropped(buildMergedDims(b, loc, sum, 1));
}

FailureOr<SmallVector<Value>>
ConvTransposeOp::lowerReference(OpBuilder &builder, ValueRange operands) {
  return SmallVector<Value>{
      ConvTransposeBuilder(*this, builder, operands).build()};
}
