//===- ChooseAlgorithms.cpp - How every convolution is computed -----------===//
//
// Compares estimates of the direct form and of minimal filtering with several
// tile sizes, in cycles of a core with two multiply-adds per cycle.
//
//===----------------------------------------------------------------------===//

#include "dialects/cameo/Layouts.h"
#include "dialects/cameo/Winograd.h"
#include "passes/Passes.h"

using namespace mlir;

namespace cameo {
#define GEN_PASS_DEF_CHOOSEALGORITHMS
#include "passes/Passes.h.inc"
} // namespace cameo

using namespace cameo;

namespace {
struct ChooseAlgorithmsPass
    : cameo::impl::ChooseAlgorithmsBase<ChooseAlgorithmsPass> {
  using ChooseAlgorithmsBase::ChooseAlgorithmsBase;
  void runOnOperation() override;

private:
  bool hasWinogradForm(ConvOp conv) const;
  int64_t chooseTile(ConvOp conv) const;
  void useWinograd(ConvOp conv, int64_t tile);
  int64_t getLanes() const { return vectorBits / 32; }
};
} // namespace

static ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

static bool isOnes(ArrayRef<int64_t> values) {
  return llvm::all_of(values, [](int64_t value) { return value == 1; });
}

bool ChooseAlgorithmsPass::hasWinogradForm(ConvOp conv) const {
  ArrayRef<int64_t> w = shapeOf(conv.getW());
  // Repeated values are not worth storing.
  auto filters = conv.getW().getDefiningOp<ConstantOp>();
  int64_t channelBlock = w.size() == 4 ? chooseBlock(w[1], getLanes()) : 0;
  // Products would read the tail of channels that do not fill their block.
  return w.size() == 4 && w[2] == kWinogradFilter && w[3] == kWinogradFilter &&
         isOnes(conv.getStrides()) && isOnes(conv.getDilations()) &&
         conv.getGroups() == 1 &&
         cast<RankedTensorType>(conv.getType()).getElementType().isF32() &&
         filters && !isa<SplatElementsAttr>(filters.getValue()) &&
         chooseBlock(w[0], getLanes()) && channelBlock &&
         w[1] % channelBlock == 0;
}

namespace {
/// Cycles per byte of filters, half of which hide behind arithmetic: they come
/// from memory or the last-level cache once per run.
constexpr double kCyclesPerFilterByte = 0.5 / 6;

/// What a convolution costs, in cycles.
struct ConvCost {
  double channels, filters, images, rows, columns, lanes;

  double direct() const {
    double products = channels * filters * images * rows * columns * 9;
    return products / (2 * lanes) +
           4 * channels * filters * 9 * kCyclesPerFilterByte;
  }
  double winograd(int64_t tile) const {
    double points = winogradPoints(tile) * winogradPoints(tile);
    double tiles = images * std::ceil(rows / tile) * std::ceil(columns / tile);
    double products = points * tiles * channels * filters / (2 * lanes);
    // Loads, stores and additions of the transforms, about three per point in
    // and out.
    double transforms = tiles * points * 3 * (channels + filters) / lanes;
    return products + transforms +
           4 * channels * filters * points * kCyclesPerFilterByte;
  }
};
} // namespace

/// The fastest tile; 0 when the direct form is faster than all.
int64_t ChooseAlgorithmsPass::chooseTile(ConvOp conv) const {
  ArrayRef<int64_t> w = shapeOf(conv.getW()), y = shapeOf(conv.getResult());
  ConvCost cost{double(w[1]), double(w[0]), double(y[0]),
                double(y[2]), double(y[3]), double(getLanes())};
  int64_t best = 0;
  double least = cost.direct();
  for (int64_t tile : {2, 4})
    if (double cycles = cost.winograd(tile); cycles < least) {
      least = cycles;
      best = tile;
    }
  return best;
}

void ChooseAlgorithmsPass::useWinograd(ConvOp conv, int64_t tile) {
  OpBuilder builder(conv);
  ArrayRef<int64_t> w = shapeOf(conv.getW());
  Value u = WinogradFilterOp::create(builder, conv.getW().getLoc(), conv.getW(),
                                     tile);
  auto winograd = WinogradConvOp::create(builder, conv.getLoc(), conv.getX(), u,
                                         conv.getBias(), tile, conv.getPads(),
                                         chooseBlock(w[1], getLanes()),
                                         chooseBlock(w[0], getLanes()));
  conv->replaceAllUsesWith(winograd);
  conv.erase();
}

void ChooseAlgorithmsPass::runOnOperation() {
  if (!winograd || vectorBits < 64)
    return;
  SmallVector<ConvOp> convs;
  getOperation().walk([&](ConvOp conv) { convs.push_back(conv); });
  for (ConvOp conv : convs) {
    int64_t tile = hasWinogradForm(conv) ? chooseTile(conv) : 0;
    if (tile == 0)
      continue;
    useWinograd(conv, tile);
    ++numWinograd;
  }
}
