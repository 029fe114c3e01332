//===- Convolution.cpp - Import of convolutions
//----------------------------===//

#include "compiler/import/ops/Windows.h"

using namespace mlir;
using namespace cameo;

/// The windows of a convolution with the given filters; refuses ranks that do
/// not fit.
static FailureOr<WindowAttrs> readConvolution(OpImporter &n) {
  RankedTensorType x = typeOf(n.input(0)), w = typeOf(n.input(1));
  if (x.getRank() < 3 || x.getRank() != w.getRank())
    return n.unsupported("input and filters have ranks " + Twine(x.getRank()) +
                             " and " + Twine(w.getRank()),
                         "both need batch, channels and spatial dimensions");
  SmallVector<int64_t> kernel(w.getShape().drop_front(2));
  if (n.intsAttr("kernel_shape", kernel) != kernel)
    return n.unsupported("kernel_shape is not the shape of the filters",
                         "check the model with the ONNX checker");
  return readWindows(n, kernel);
}

static MaybeValue buildConv(OpImporter &n, Value x, Value w, Value bias) {
  FailureOr<WindowAttrs> windows = readConvolution(n);
  if (failed(windows) || failed(resolveAutoPad(n, typeOf(x), *windows)))
    return failure();
  return n.value<ConvOp>(x, w, bias, windows->strides, windows->dilations,
                         windows->pads, n.intAttr("group", 1));
}

static ImportResult importConv(OpImporter &n) {
  Value bias = n.hasInput(2) ? n.input(2) : Value();
  return chainResults(buildConv(n, n.input(0), n.input(1), bias));
}

/// `value - zeroPoint` in i32, where the zero point has been reshaped.
static MaybeValue buildCentred(OpImporter &n, Value value,
                               MaybeValue zeroPoint) {
  Type i32 = n.builder().getI32Type();
  return chain<SubOp>(n, chainCast(n, value, i32),
                      chainCast(n, zeroPoint, i32));
}

static ImportResult importConvInteger(OpImporter &n) {
  Type i32 = n.builder().getI32Type();
  MaybeValue x = chainCast(n, n.input(0), i32),
             w = chainCast(n, n.input(1), i32);
  if (n.hasInput(2))
    x = buildCentred(n, n.input(0), n.input(2));
  if (n.hasInput(3)) {
    // One zero point, or one per filter.
    MaybeValue zeroPoint = n.input(3);
    if (typeOf(n.input(3)).getRank() == 1) {
      SmallVector<int64_t> shape(typeOf(n.input(1)).getRank(), 1);
      shape[0] = typeOf(n.input(3)).getDimSize(0);
      zeroPoint = chainReshape(n, n.input(3), shape);
    }
    w = buildCentred(n, n.input(1), zeroPoint);
  }
  if (failed(x) || failed(w))
    return failure();
  return chainResults(buildConv(n, *x, *w, Value()));
}

/// Turns `output_shape` or `auto_pad` into pads.
static LogicalResult resolveOutputShape(OpImporter &n,
                                        ArrayRef<int64_t> outputPadding,
                                        WindowAttrs &windows) {
  RankedTensorType x = typeOf(n.input(0));
  StringRef mode = n.stringAttr("auto_pad", "NOTSET");
  SmallVector<int64_t> shape = n.intsAttr("output_shape", {});
  bool same = mode == "SAME_UPPER" || mode == "SAME_LOWER";
  if (!same && mode != "NOTSET" && mode != "VALID" && !mode.empty())
    return n.unsupported("auto_pad is '" + mode + "'",
                         "use NOTSET, VALID, SAME_UPPER or SAME_LOWER");
  if (mode == "VALID")
    windows.pads.assign(windows.pads.size(), 0);
  int64_t rank = windows.getRank();
  if (shape.empty() && !same)
    return success();
  if (!shape.empty() && static_cast<int64_t>(shape.size()) < rank)
    return n.unsupported("output_shape has " + Twine(shape.size()) + " entries",
                         "give one per spatial dimension");
  for (int64_t i = 0; i < rank; ++i) {
    int64_t stride = windows.strides[i], extent = x.getDimSize(2 + i);
    // Some exporters give batch and channels too.
    int64_t wanted =
        shape.empty() ? extent * stride : shape[shape.size() - rank + i];
    int64_t total =
        stride * (extent - 1) + outputPadding[i] + windows.getSpan(i) - wanted;
    int64_t before = mode == "SAME_UPPER" ? total / 2 : total - total / 2;
    before = std::max<int64_t>(0, before);
    windows.pads[i] = before;
    windows.pads[rank + i] = total - before;
  }
  return success();
}

static ImportResult importConvTranspose(OpImporter &n) {
  FailureOr<WindowAttrs> windows = readConvolution(n);
  if (failed(windows))
    return failure();
  SmallVector<int64_t> outputPadding =
      n.intsAttr("output_padding", SmallVector<int64_t>(windows->getRank(), 0));
  if (static_cast<int64_t>(outputPadding.size()) != windows->getRank())
    return n.unsupported("output_padding has " + Twine(outputPadding.size()) +
                             " entries",
                         "give one per spatial dimension");
  if (failed(resolveOutputShape(n, outputPadding, *windows)))
    return failure();
  Value bias = n.hasInput(2) ? n.input(2) : Value();
  return n.build<ConvTransposeOp>(
      n.input(0), n.input(1), bias, windows->strides, windows->dilations,
      windows->pads, n.intAttr("group", 1), outputPadding);
}

void cameo::registerConvolution(OpRegistry &registry) {
  registry.add("Conv", importConv, 2);
  registry.add("ConvInteger", importConvInteger, 2);
  registry.add("ConvTranspose", importConvTranspose, 2);
}
