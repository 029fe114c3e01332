//===- Windows.cpp - Attributes of convolutions and pools -----------------===//

#include "compiler/import/ops/Windows.h"
#include "compiler/import/ops/OpenShapes.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace cameo;

FailureOr<WindowAttrs> cameo::readWindows(OpImporter &n,
                                          ArrayRef<int64_t> kernel) {
  size_t rank = kernel.size();
  WindowAttrs windows;
  windows.kernel.assign(kernel.begin(), kernel.end());
  windows.strides = n.intsAttr("strides", SmallVector<int64_t>(rank, 1));
  windows.dilations = n.intsAttr("dilations", SmallVector<int64_t>(rank, 1));
  windows.pads = n.intsAttr("pads", SmallVector<int64_t>(2 * rank, 0));
  if (windows.strides.size() != rank || windows.dilations.size() != rank ||
      windows.pads.size() != 2 * rank)
    return n.unsupported(
        "strides, dilations or pads do not have the entries of " + Twine(rank) +
            " spatial dimensions",
        "check the model with the ONNX checker");
  // Products of these stay far from the limits of 64 bits.
  constexpr int64_t limit = int64_t(1) << 30;
  auto isWindow = [](int64_t value) { return value >= 1 && value <= limit; };
  auto isPad = [](int64_t value) { return value >= 0 && value <= limit; };
  if (!llvm::all_of(windows.kernel, isWindow) ||
      !llvm::all_of(windows.strides, isWindow) ||
      !llvm::all_of(windows.dilations, isWindow) ||
      !llvm::all_of(windows.pads, isPad))
    return n.unsupported(
        "kernel, strides or dilations are not positive, or pads are "
        "negative",
        "use a Slice or Pad node for negative pads");
  return windows;
}

/// Pads dimension `dim`, which is open, as `auto_pad` asks for.
static MaybeValue padSame(OpImporter &n, Value x, int64_t dim, int64_t span,
                          int64_t stride, Neutral filling, bool upper) {
  Extents &extents = n.extents();
  AffineExpr extent = extents.getExtent(x, dim);
  // Windows fit from the first to the last element: what is left over is
  // (extent - 1) mod stride.
  AffineExpr total = extents.constant(span - 1) - (extent - 1) % stride;
  AffineExpr end = (extent.ceilDiv(stride) - 1) * stride + span;
  AffineExpr before =
      extents.simplify(upper ? total.floorDiv(2) : total - total.floorDiv(2));
  TypedAttr fill = getNeutral(typeOf(x).getElementType(), filling);
  Value scalar = n.constant(DenseElementsAttr::get(
      RankedTensorType::get({}, fill.getType()), Attribute(fill)));
  return padOpen(n, x, dim, before, extents.simplify(end), scalar);
}

MaybeValue cameo::resolveAutoPad(OpImporter &n, Value value,
                                 WindowAttrs &windows,
                                 std::optional<Neutral> filling) {
  RankedTensorType x = typeOf(value);
  StringRef mode = n.stringAttr("auto_pad", "NOTSET");
  if (mode.empty() || mode == "NOTSET")
    return value;
  windows.pads.assign(windows.pads.size(), 0);
  if (mode == "VALID")
    return value;
  if (mode != "SAME_UPPER" && mode != "SAME_LOWER")
    return n.unsupported("auto_pad is '" + mode + "'",
                         "use NOTSET, VALID, SAME_UPPER or SAME_LOWER");
  for (int64_t i = 0; i < windows.getRank(); ++i) {
    int64_t extent = x.getDimSize(2 + i), stride = windows.strides[i];
    // With steps of one, pads are the same for all extents.
    if (stride != 1 && n.extents().isOpen(value, 2 + i)) {
      if (!filling || windows.getSpan(i) < stride)
        return n.unsupported("auto_pad depends on the bounded dimension " +
                                 Twine(2 + i),
                             "give pads, or fix the extent");
      MaybeValue padded = padSame(n, value, 2 + i, windows.getSpan(i), stride,
                                  *filling, mode == "SAME_UPPER");
      if (failed(padded))
        return failure();
      value = *padded;
      continue;
    }
    int64_t count = llvm::divideCeil(extent, stride);
    int64_t total = std::max<int64_t>(0, (count - 1) * stride +
                                             windows.getSpan(i) - extent);
    int64_t before = mode == "SAME_UPPER" ? total / 2 : total - total / 2;
    windows.pads[i] = before;
    windows.pads[windows.getRank() + i] = total - before;
  }
  return value;
}
