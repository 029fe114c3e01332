//===- ChooseAlgorithms.cpp - How every convolution is computed -----------===//
//
// Compares estimates of the direct form and of minimal filtering with several
// tile sizes, in cycles of a core with two multiply-adds per cycle.
//
//===----------------------------------------------------------------------===//

#include "dialects/cameo/FastProduct.h"
#include "dialects/cameo/Layouts.h"
#include "dialects/cameo/Winograd.h"
#include "dialects/plan/Extents.h"
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
  bool isFasterByPairs(ConvOp conv) const;
  void usePairs(ConvOp conv);
  int64_t getLanes() const { return vectorBits / 32; }
};
} // namespace

static ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

static bool isOnes(ArrayRef<int64_t> values) {
  return llvm::all_of(values, [](int64_t value) { return value == 1; });
}

/// A convolution with constant f32 filters of `extent` x `extent`, the same
/// step in rows and columns.
static bool isPlainConv(ConvOp conv, int64_t extent) {
  ArrayRef<int64_t> w = shapeOf(conv.getW());
  // Repeated values are not worth storing.
  auto filters = conv.getW().getDefiningOp<ConstantOp>();
  return w.size() == 4 && w[2] == extent && w[3] == extent &&
         llvm::all_equal(conv.getStrides()) && isOnes(conv.getDilations()) &&
         conv.getGroups() == 1 &&
         cast<RankedTensorType>(conv.getType()).getElementType().isF32() &&
         filters && !isa<SplatElementsAttr>(filters.getValue());
}

bool ChooseAlgorithmsPass::hasWinogradForm(ConvOp conv) const {
  if (!isPlainConv(conv, kWinogradFilter) || conv.getStrides()[0] > 2)
    return false;
  ArrayRef<int64_t> w = shapeOf(conv.getW());
  int64_t channelBlock = chooseBlock(w[1], getLanes());
  // Products would read the tail of channels that do not fill their block.
  return chooseBlock(w[0], getLanes()) && channelBlock &&
         w[1] % channelBlock == 0;
}

namespace {
/// Cycles per byte of filters, half of which hide behind arithmetic: they come
/// from memory or the last-level cache once per run.
constexpr double kCyclesPerFilterByte = 0.5 / 6;

/// What a convolution costs, in cycles.
struct ConvCost {
  double channels, filters, images, rows, columns, lanes;
  int64_t stride;

  double direct() const {
    double products = channels * filters * images * rows * columns * 9;
    return products / (2 * lanes) +
           4 * channels * filters * 9 * kCyclesPerFilterByte;
  }
  double winograd(int64_t tile) const {
    double points = std::pow(winogradPoints(tile, stride), 2);
    double planes = std::pow(winogradPlanes(tile), 2);
    double tiles = images * std::ceil(rows / tile) * std::ceil(columns / tile);
    double products = points * tiles * channels * filters / (2 * lanes);
    // Loads, stores and additions of the transforms, about three per point in
    // and out.
    double transforms = tiles * points * 3 * (channels + filters) / lanes;
    return products + transforms +
           4 * channels * filters * planes * kCyclesPerFilterByte;
  }
};
} // namespace

/// The fastest tile; 0 when the direct form is faster than all.
int64_t ChooseAlgorithmsPass::chooseTile(ConvOp conv) const {
  ArrayRef<int64_t> w = shapeOf(conv.getW()), y = shapeOf(conv.getResult());
  int64_t stride = conv.getStrides()[0];
  ConvCost cost{double(w[1]), double(w[0]),       double(y[0]), double(y[2]),
                double(y[3]), double(getLanes()), stride};
  int64_t best = 0;
  double least = cost.direct();
  // Tiles of 6 round too much.
  for (int64_t tile : {2, 3, 4}) {
    if (!isWinogradTile(tile, stride))
      continue;
    if (double cycles = cost.winograd(tile); cycles < least) {
      least = cycles;
      best = tile;
    }
  }
  return best;
}

void ChooseAlgorithmsPass::useWinograd(ConvOp conv, int64_t tile) {
  OpBuilder builder(conv);
  ArrayRef<int64_t> w = shapeOf(conv.getW());
  int64_t stride = conv.getStrides()[0];
  Value u = WinogradFilterOp::create(builder, conv.getW().getLoc(), conv.getW(),
                                     tile, stride);
  auto winograd = WinogradConvOp::create(builder, conv.getLoc(), conv.getX(), u,
                                         conv.getBias(), tile, conv.getPads(),
                                         chooseBlock(w[1], getLanes()),
                                         chooseBlock(w[0], getLanes()), stride);
  conv->replaceAllUsesWith(winograd);
  conv.erase();
}

/// Scaling takes about four cycles per pixel and block of channels, which a
/// quarter of the cycles of the product must pay for.
bool ChooseAlgorithmsPass::isFasterByPairs(ConvOp conv) const {
  constexpr int64_t kFewestFilters = 96;
  ArrayRef<int64_t> w = shapeOf(conv.getW()), y = shapeOf(conv.getResult());
  bool isPadded =
      llvm::any_of(conv.getPads(), [](int64_t pad) { return pad != 0; });
  return fastProducts && isPlainConv(conv, 1) && !isPadded &&
         getLanes() == kFastBlock && w[1] % kFastBlock == 0 &&
         w[0] % getLanes() == 0 && w[0] >= kFewestFilters &&
         fastGroup(y[2] * y[3], w[1]) > 0;
}

namespace {
/// Builds what `fast_conv` needs of its filters from operators that are folded.
struct FilterBuilder {
  OpBuilder &b;
  Location loc;

  Value constant(ArrayRef<int64_t> shape, ArrayRef<float> values) {
    auto type = RankedTensorType::get(shape, b.getF32Type());
    return ConstantOp::create(b, loc, DenseElementsAttr::get(type, values));
  }
  /// One half of all blocks of channels.
  Value half(Value blocks, int64_t which) {
    SmallVector<int64_t> starts(4, 0), extents(shapeOf(blocks)), steps(4, 1);
    starts[2] = which;
    extents[2] = 1;
    return SliceOp::create(b, loc, blocks, starts, extents, steps);
  }
  /// w with the signs of its channels.
  Value withSigns(Value w) {
    SmallVector<float> signs;
    for (int64_t channel = 0; channel < shapeOf(w)[1]; ++channel)
      signs.push_back(fastSign(channel % kFastBlock));
    return MulOp::create(b, loc, w, constant({1, shapeOf(w)[1], 1, 1}, signs));
  }
  /// Per filter the sum of products of pairs.
  Value pairs(Value w) {
    int64_t filters = shapeOf(w)[0], blocks = shapeOf(w)[1] / kFastBlock;
    Value split = ReshapeOp::create(
        b, loc, w, ArrayRef<int64_t>{filters, blocks, 2, kFastBlock / 2});
    Value products = MulOp::create(b, loc, half(split, 0), half(split, 1));
    return ReduceSumOp::create(b, loc, products, ArrayRef<int64_t>{1, 2, 3},
                               /*keepdims=*/false);
  }
  Value square(Value w) {
    Value mean =
        ReduceMeanOp::create(b, loc, MulOp::create(b, loc, w, w),
                             ArrayRef<int64_t>{0, 1, 2, 3}, /*keepdims=*/false);
    return ReshapeOp::create(b, loc, mean, ArrayRef<int64_t>{1});
  }
};
} // namespace

/// The pixels that a pointwise convolution reads.
static Value takePixels(OpBuilder &builder, ConvOp conv) {
  if (isOnes(conv.getStrides()))
    return conv.getX();
  SmallVector<int64_t> starts(4, 0), extents(shapeOf(conv.getResult())),
      steps(4, 1);
  extents[1] = shapeOf(conv.getX())[1];
  llvm::copy(conv.getStrides(), steps.begin() + 2);
  return SliceOp::create(builder, conv.getLoc(), conv.getX(), starts, extents,
                         steps);
}

void ChooseAlgorithmsPass::usePairs(ConvOp conv) {
  OpBuilder builder(conv);
  FilterBuilder filters{builder, conv.getW().getLoc()};
  Value w = filters.withSigns(conv.getW());
  Value x = takePixels(builder, conv);
  auto fast = FastConvOp::create(builder, conv.getLoc(), x, w, filters.pairs(w),
                                 filters.square(w), conv.getBias(), getLanes());
  conv->replaceAllUsesWith(fast);
  conv.erase();
}

void ChooseAlgorithmsPass::runOnOperation() {
  // Their loops go to the greatest extents in every run.
  if (plan::hasExtents(getOperation()))
    return;
  SmallVector<ConvOp> convs;
  getOperation().walk([&](ConvOp conv) { convs.push_back(conv); });
  for (ConvOp conv : convs) {
    bool mayTile = winograd && getLanes() > 1 && hasWinogradForm(conv);
    if (int64_t tile = mayTile ? chooseTile(conv) : 0) {
      useWinograd(conv, tile);
      ++numWinograd;
    } else if (isFasterByPairs(conv)) {
      usePairs(conv);
      ++numFast;
    }
  }
}
