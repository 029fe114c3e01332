//===- ConvolutionOps.cpp - Convolutions ----------------------------------===//
//
// Result types and reference lowerings: one loop nest over batch, (group,)
// filter and spatial dimensions, then over input channels and the kernel.
//
//===----------------------------------------------------------------------===//

#include "dialects/cameo/Cameo.h"
#include "dialects/cameo/ElementTypes.h"
#include "dialects/cameo/Layouts.h"
#include "dialects/cameo/WindowBuilders.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace cameo;

#define GET_OP_CLASSES
#include "dialects/cameo/ConvolutionOps.cpp.inc"

void CameoDialect::registerConvolutionOps() {
  addOperations<
#define GET_OP_LIST
#include "dialects/cameo/ConvolutionOps.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// Result types
//===----------------------------------------------------------------------===//

template <typename OpOrAdaptor>
static Windows getWindows(OpOrAdaptor op, RankedTensorType w) {
  return {w.getShape().drop_front(2), op.getStrides(), op.getDilations(),
          op.getPads()};
}

static LogicalResult checkRanks(std::optional<Location> loc, RankedTensorType x,
                                RankedTensorType w) {
  if (x.getRank() < 3 || x.getRank() != w.getRank())
    return emitOptionalError(loc, "(C1) input and filters have ranks ",
                             x.getRank(), " and ", w.getRank(),
                             ", not equal ones of at least 3");
  return success();
}

/// Checks (C4) and (C5).
static LogicalResult checkBias(std::optional<Location> loc, RankedTensorType x,
                               RankedTensorType w, Value bias,
                               int64_t channels) {
  if (x.getElementType() != w.getElementType())
    return emitOptionalError(loc, "(C5) element types ", x.getElementType(),
                             " and ", w.getElementType(), " differ");
  if (!bias)
    return success();
  auto type = cast<RankedTensorType>(bias.getType());
  if (type.getRank() != 1 || type.getDimSize(0) != channels)
    return emitOptionalError(loc, "(C4) bias is ", type, ", not of ", channels,
                             " elements");
  if (x.getElementType() != type.getElementType())
    return emitOptionalError(loc, "(C5) element types ", x.getElementType(),
                             " and ", type.getElementType(), " differ");
  return success();
}

LogicalResult ConvOp::inferReturnTypes(MLIRContext *,
                                       std::optional<Location> loc,
                                       Adaptor adaptor,
                                       SmallVectorImpl<Type> &types) {
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  auto w = cast<RankedTensorType>(adaptor.getW().getType());
  Windows windows = getWindows(adaptor, w);
  if (failed(checkRanks(loc, x, w)) ||
      failed(checkWindows(loc, windows, x.getRank() - 2)))
    return failure();
  int64_t groups = adaptor.getGroups(), filters = w.getDimSize(0);
  if (groups < 1 || filters % groups != 0 ||
      x.getDimSize(1) != groups * w.getDimSize(1))
    return emitOptionalError(loc, "(C2) ", groups, " groups of filters ", w,
                             " do not fit an input of ", x.getDimSize(1),
                             " channels");
  SmallVector<int64_t> shape = {x.getDimSize(0), filters};
  for (int64_t i = 0; i < windows.getRank(); ++i) {
    shape.push_back(windows.getCount(i, x.getDimSize(2 + i)));
    if (shape.back() < 0)
      return emitOptionalError(loc, "(C3) a window of ", windows.getSpan(i),
                               " elements does not fit into spatial dimension ",
                               i, " of ", x);
  }
  if (failed(checkBias(loc, x, w, adaptor.getBias(), filters)))
    return failure();
  types.push_back(x.clone(shape));
  return success();
}

LogicalResult ConvTransposeOp::inferReturnTypes(MLIRContext *,
                                                std::optional<Location> loc,
                                                Adaptor adaptor,
                                                SmallVectorImpl<Type> &types) {
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  auto w = cast<RankedTensorType>(adaptor.getW().getType());
  Windows windows = getWindows(adaptor, w);
  // Pads after a dimension may be negative.
  SmallVector<int64_t> pads(adaptor.getPads());
  for (int64_t &pad : MutableArrayRef(pads).drop_front(pads.size() / 2))
    pad = std::max<int64_t>(0, pad);
  ArrayRef<int64_t> outputPadding = adaptor.getOutputPadding();
  if (failed(checkRanks(loc, x, w)) ||
      failed(checkWindows(
          loc, {windows.kernel, windows.strides, windows.dilations, pads},
          x.getRank() - 2)))
    return failure();
  if (outputPadding.size() != windows.kernel.size() ||
      llvm::any_of(outputPadding, [](int64_t pad) { return pad < 0; }))
    return emitOptionalError(
        loc, "(C1) output_padding [", outputPadding,
        "] is not one number from 0 on per spatial dimension");
  int64_t groups = adaptor.getGroups();
  if (groups < 1 || x.getDimSize(1) % groups != 0 ||
      x.getDimSize(1) != w.getDimSize(0))
    return emitOptionalError(loc, "(C2) ", groups, " groups of filters ", w,
                             " do not fit an input of ", x.getDimSize(1),
                             " channels");
  SmallVector<int64_t> shape = {x.getDimSize(0), groups * w.getDimSize(1)};
  for (int64_t i = 0; i < windows.getRank(); ++i) {
    int64_t extent = windows.strides[i] * (x.getDimSize(2 + i) - 1) +
                     outputPadding[i] + windows.getSpan(i) -
                     windows.getPadBefore(i) - windows.getPadAfter(i);
    if (extent < 0)
      return emitOptionalError(loc, "(C3) spatial dimension ", i,
                               " of the result has extent ", extent);
    shape.push_back(extent);
  }
  if (failed(checkBias(loc, x, w, adaptor.getBias(), shape[1])))
    return failure();
  types.push_back(x.clone(shape));
  return success();
}

int64_t ConvOp::getFlops() {
  auto w = cast<RankedTensorType>(getW().getType());
  int64_t perElement = getWindows(*this, w).getKernelSize() * w.getDimSize(1);
  return 2 * cast<RankedTensorType>(getType()).getNumElements() * perElement;
}

int64_t ConvTransposeOp::getFlops() {
  auto x = cast<RankedTensorType>(getX().getType());
  auto w = cast<RankedTensorType>(getW().getType());
  int64_t perElement = getWindows(*this, w).getKernelSize() * w.getDimSize(1);
  return 2 * x.getNumElements() * perElement;
}

//===----------------------------------------------------------------------===//
// Layouts
//===----------------------------------------------------------------------===//

BlockedAttr ConvOp::chooseLayouts(MutableArrayRef<BlockedAttr> operands,
                                  const LayoutQuery &query) {
  int64_t lanes = query.lanes;
  llvm::fill(operands, nullptr);
  MLIRContext *context = getContext();
  auto x = cast<RankedTensorType>(getX().getType());
  auto w = cast<RankedTensorType>(getW().getType());
  int64_t filters = w.getDimSize(0), channels = x.getDimSize(1);
  int64_t filterBlock = chooseBlock(filters, lanes);
  int64_t groups = getGroups();
  bool isDepthwise =
      w.getDimSize(1) == 1 && groups == channels && groups == filters;
  // Vectors along rows do as well as half-filled ones along channels.
  int64_t width = cast<RankedTensorType>(getType()).getShape().back();
  if (!filterBlock || (groups > 1 && !isDepthwise) ||
      (2 * filters < lanes && width >= lanes))
    return nullptr;
  auto blockedFilters = BlockedAttr::get(context, {0}, {filterBlock});
  // What repeats a value per filter has to have one for the tail as well.
  if (getBias() && filters % filterBlock != 0)
    operands[2] = blockedFilters;
  operands[1] = blockedFilters;
  if (isDepthwise)
    return operands[0] = blockChannels(context, filterBlock);
  // A vector of filters for every input channel of a block. The tail of the
  // channels is left out, so a loop over them all is not one over blocks.
  int64_t channelBlock = chooseBlock(channels, lanes);
  if (channelBlock)
    operands[0] = blockChannels(context, channelBlock);
  if (channelBlock && channels % channelBlock == 0)
    operands[1] =
        BlockedAttr::get(context, {1, 0}, {channelBlock, filterBlock});
  return blockChannels(context, filterBlock);
}

//===----------------------------------------------------------------------===//
// Folds
//===----------------------------------------------------------------------===//

namespace {
/// The elements of a kernel's dimension that are used, and pads without others.
struct UsedTaps {
  int64_t first = 0, count, dilation, before, after;
};
} // namespace

/// Whether element `tap` of the kernel reads anything but padding.
static bool isUsed(const Windows &windows, int64_t dim, int64_t tap,
                   int64_t extent, int64_t outputs) {
  for (int64_t o = 0; o < outputs; ++o) {
    int64_t position = o * windows.strides[dim] + tap * windows.dilations[dim] -
                       windows.getPadBefore(dim);
    if (position >= 0 && position < extent)
      return true;
  }
  return false;
}

static UsedTaps findUsedTaps(const Windows &windows, int64_t dim,
                             int64_t extent, int64_t outputs) {
  int64_t size = windows.kernel[dim], dilation = windows.dilations[dim];
  UsedTaps all{0, size, dilation, windows.getPadBefore(dim),
               windows.getPadAfter(dim)};
  int64_t first = 0, last = size - 1;
  while (first < last && !isUsed(windows, dim, first, extent, outputs))
    ++first;
  while (first < last && !isUsed(windows, dim, last, extent, outputs))
    --last;
  UsedTaps used{first, last - first + 1, dilation, 0, 0};
  if (used.count == size)
    return all;
  if (used.count == 1)
    used.dilation = 1;
  used.before = all.before - first * dilation;
  used.after = (outputs - 1) * windows.strides[dim] +
               (used.count - 1) * used.dilation + 1 - used.before - extent;
  // Otherwise the window would start inside or not reach the end.
  return used.before < 0 || used.after < 0 ? all : used;
}

LogicalResult ConvOp::canonicalize(ConvOp op, PatternRewriter &rewriter) {
  // Pattern: conv(x, w) -> conv(x, slice(w)) without the elements of the kernel
  // that only ever read padding
  auto x = cast<RankedTensorType>(op.getX().getType());
  auto w = cast<RankedTensorType>(op.getW().getType());
  auto type = cast<RankedTensorType>(op.getType());
  Windows windows = getWindows(op, w);
  int64_t rank = windows.getRank();
  if (type.getNumElements() == 0 || x.getNumElements() == 0)
    return rewriter.notifyMatchFailure(op, "computes nothing");
  SmallVector<int64_t> starts(2, 0), extents(w.getShape().take_front(2)),
      dilations, pads(2 * rank);
  for (int64_t dim = 0; dim < rank; ++dim) {
    UsedTaps used = findUsedTaps(windows, dim, x.getDimSize(2 + dim),
                                 type.getDimSize(2 + dim));
    starts.push_back(used.first);
    extents.push_back(used.count);
    dilations.push_back(used.dilation);
    pads[dim] = used.before;
    pads[rank + dim] = used.after;
  }
  if (extents == SmallVector<int64_t>(w.getShape()))
    return rewriter.notifyMatchFailure(op, "all of the kernel is used");
  SmallVector<int64_t> ones(w.getRank(), 1);
  Value used =
      SliceOp::create(rewriter, op.getLoc(), op.getW(), starts, extents, ones);
  rewriter.modifyOpInPlace(op, [&] {
    op.getWMutable().assign(used);
    op.setDilations(dilations);
    op.setPads(pads);
  });
  return success();
}

//===----------------------------------------------------------------------===//
// Reference lowerings
//===----------------------------------------------------------------------===//

/// Accumulators of `shape` that start from the bias, whose loops are
/// `channelDims`, or from zero.
static Value buildAccumulators(OpBuilder &builder, Location loc,
                               ArrayRef<int64_t> shape, Type elementType,
                               Value bias, ArrayRef<AffineExpr> channelDims) {
  auto type = RankedTensorType::get(shape, computeType(elementType));
  if (!bias)
    return buildFilled(
        builder, loc, type,
        buildScalarConstant(builder, loc, type.getElementType(), 0));
  AffineMap map =
      AffineMap::get(type.getRank(), 0, channelDims, builder.getContext());
  return buildMap(
      builder, loc, type, bias, elementType, map,
      [](OpBuilder &, Location, ValueRange args) { return args[0]; });
}

static Value multiplyAdd(OpBuilder &builder, Location loc, ValueRange args) {
  return buildMultiplyAdd(builder, loc, args[0], args[1], args[2]);
}

namespace {
/// The loops of a convolution: n, the group unless there is only one, the
/// filter unless groups have one each, spatial dimensions; then the input
/// channel unless there is one per group, and the kernel.
struct ConvLoops {
  bool group, filter, channel;
  int64_t rank;
  int64_t getFirstOutput() const { return 1 + group + filter; }
  int64_t getNumParallel() const { return getFirstOutput() + rank; }
  int64_t getFirstKernel() const { return getNumParallel() + channel; }
  int64_t getNumLoops() const { return getFirstKernel() + rank; }
};
} // namespace

FailureOr<SmallVector<Value>> ConvOp::lowerReference(OpBuilder &builder,
                                                     ValueRange operands) {
  Location loc = getLoc();
  MLIRContext *context = getContext();
  auto type = cast<RankedTensorType>(getType());
  auto wType = cast<RankedTensorType>(getW().getType());
  Type elementType = type.getElementType();
  Windows windows = getWindows(*this, wType);
  int64_t groups = getGroups(), channels = wType.getDimSize(1);
  int64_t filters = wType.getDimSize(0) / groups;
  ConvLoops loops{groups > 1, groups == 1 || filters > 1,
                  groups == 1 || channels > 1, windows.getRank()};
  Value zero = buildScalarConstant(builder, loc, computeType(elementType), 0);
  Value x = buildPaddedForWindows(builder, loc, operands[0], elementType,
                                  windows, type.getShape().drop_front(2), zero);
  Value w = operands[1];
  Value bias = operands.size() > 2 ? operands[2] : Value();
  SmallVector<AffineExpr> xExprs = {getAffineDimExpr(0, context)};
  SmallVector<AffineExpr> wExprs =
      getDimExprs(context, 1, loops.group + loops.filter);
  SmallVector<AffineExpr> channelDims = wExprs;
  AffineExpr channel = getAffineDimExpr(loops.getNumParallel(), context);
  if (loops.group)
    xExprs.push_back(getAffineDimExpr(1, context));
  if (loops.channel)
    xExprs.push_back(channel);
  wExprs.push_back(loops.channel ? channel : getAffineConstantExpr(0, context));
  if (loops.group && loops.channel)
    x = buildSplitDim(builder, loc, x, 1, {groups, channels});
  SmallVector<int64_t> shape(type.getShape());
  if (loops.group && loops.filter) {
    w = buildSplitDim(builder, loc, w, 0, {groups, filters});
    if (bias)
      bias = buildSplitDim(builder, loc, bias, 0, {groups, filters});
    shape[1] = groups;
    shape.insert(shape.begin() + 2, filters);
  }
  llvm::append_range(xExprs,
                     getWindowExprs(context, windows, loops.getFirstOutput(),
                                    loops.getFirstKernel()));
  llvm::append_range(
      wExprs, getDimExprs(context, loops.getFirstKernel(), windows.getRank()));
  Value init =
      buildAccumulators(builder, loc, shape, elementType, bias, channelDims);
  auto map = [&](ArrayRef<AffineExpr> exprs) {
    return AffineMap::get(loops.getNumLoops(), 0, exprs, context);
  };
  Value sum =
      buildReduction(builder, loc, init, {x, w}, {elementType, elementType},
                     {map(xExprs), map(wExprs)},
                     map(getDimExprs(context, 0, loops.getNumParallel())),
                     getLoops(loops.getNumParallel(),
                              loops.getNumLoops() - loops.getNumParallel()),
                     multiplyAdd);
  sum = buildRounded(builder, loc, sum,
                     RankedTensorType::get(shape, elementType));
  if (loops.group && loops.filter)
    sum = buildMergedDims(builder, loc, sum, 1);
  return SmallVector<Value>{sum};
}
