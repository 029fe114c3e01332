//===- Convolution.cpp - Import of convolutions ---------------------------===//

#include "compiler/import/ops/Quantization.h"
#include "compiler/import/ops/Windows.h"

using namespace mlir;
using namespace cameo;

static constexpr Limit kOpenPads{"pads that depend on the bounded extents",
                                 "give pads, or fix the extents"};

/// The windows of a convolution with the given filters; refuses ranks that do
/// not fit.
static FailureOr<WindowAttrs> readConvolution(OpImporter &n, RankedTensorType x,
                                              RankedTensorType w) {
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
  FailureOr<WindowAttrs> windows = readConvolution(n, typeOf(x), typeOf(w));
  if (failed(windows))
    return failure();
  MaybeValue padded = resolveAutoPad(n, x, *windows, Neutral::Zero);
  if (failed(padded))
    return failure();
  return n.value<ConvOp>(*padded, w, bias, windows->strides, windows->dilations,
                         windows->pads, n.intAttr("group", 1));
}

static ImportResult importConv(OpImporter &n) {
  Value bias = n.hasInput(2) ? n.input(2) : Value();
  return chainResults(buildConv(n, n.input(0), n.input(1), bias));
}

/// The convolution of two inputs less their zero points, of which filters may
/// have one each.
static MaybeValue buildIntegerConv(OpImporter &n, unsigned x, unsigned xZero,
                                   unsigned w, unsigned wZero, Value bias) {
  auto centred = [&](unsigned i, unsigned zero) {
    return buildCentred(n, n.input(i),
                        n.hasInput(zero) ? n.input(zero) : Value(),
                        /*axis=*/0);
  };
  MaybeValue input = centred(x, xZero), filters = centred(w, wZero);
  if (failed(input) || failed(filters))
    return failure();
  return buildConv(n, *input, *filters, bias);
}

static ImportResult importConvInteger(OpImporter &n) {
  return chainResults(buildIntegerConv(n, 0, 2, 1, 3, Value()));
}

static ImportResult importQLinearConv(OpImporter &n) {
  Value bias = n.hasInput(8) ? n.input(8) : Value();
  Requantization how{/*firstScale=*/1, /*secondScale=*/4, /*yScale=*/6,
                     /*firstAxis=*/1, /*secondAxis=*/1};
  return chainResults(
      buildRequantized(n, buildIntegerConv(n, 0, 2, 3, 5, bias), how));
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
    // Those of auto_pad are the same for all extents.
    if (!shape.empty() && n.extents().isOpen(n.input(0), 2 + i))
      return n.unsupported(kOpenPads);
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
  FailureOr<WindowAttrs> windows =
      readConvolution(n, typeOf(n.input(0)), typeOf(n.input(1)));
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
  registry.add("Conv", 1, "float, float, float?", importConv);
  registry.add("ConvInteger", 10, "byte, byte, byte?, byte?",
               importConvInteger);
  registry.add("QLinearConv", 10,
               "byte, f32, byte, byte, f32, byte, f32, byte, int32?",
               importQLinearConv);
  registry.add("ConvTranspose", 1, "float, float, float?", importConvTranspose,
               {kOpenPads});
  registry.allowOpenDims(
      {"Conv", "ConvInteger", "QLinearConv", "ConvTranspose"});
}
