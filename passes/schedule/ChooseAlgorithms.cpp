//===- ChooseAlgorithms.cpp - How convolutions and products are computed --===//
//
// Compares estimates of the direct form and of minimal filtering with several
// tile sizes, in cycles of a core with two multiply-adds per cycle; fast inner
// products are for 1x1 convolutions and matrices.
//
//===----------------------------------------------------------------------===//

#include "dialects/cameo/FastMatMul.h"
#include "dialects/cameo/FastProduct.h"
#include "dialects/cameo/Layouts.h"
#include "dialects/cameo/Winograd.h"
#include "dialects/plan/Extents.h"
#include "passes/Passes.h"

#include <numeric>

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
  bool isFasterByPairs(int64_t pixels, int64_t channels, int64_t filters) const;
  bool isFasterByPairs(ConvOp conv) const;
  bool isFasterByPairs(MatMulOp product) const;
  void usePairs(ConvOp conv);
  void usePairs(MatMulOp product);
  MatMulOp padColumns(MatMulOp product);
  int64_t getLanes() const { return vectorBits / 32; }
};
} // namespace

static ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

static bool isOnes(ArrayRef<int64_t> values) {
  return llvm::all_of(values, [](int64_t value) { return value == 1; });
}

/// Whether weights are constant; repeated values are not worth storing.
static bool isStored(Value w) {
  if (auto pad = w.getDefiningOp<PadOp>())
    w = pad.getX();
  auto constant = w.getDefiningOp<ConstantOp>();
  return constant && !isa<SplatElementsAttr>(constant.getValue());
}

/// A convolution with constant f32 filters of `extent` x `extent`, the same
/// step in rows and columns.
static bool isPlainConv(ConvOp conv, int64_t extent) {
  ArrayRef<int64_t> w = shapeOf(conv.getW());
  return w.size() == 4 && w[2] == extent && w[3] == extent &&
         llvm::all_equal(conv.getStrides()) && isOnes(conv.getDilations()) &&
         conv.getGroups() == 1 &&
         cast<RankedTensorType>(conv.getType()).getElementType().isF32() &&
         isStored(conv.getW());
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
bool ChooseAlgorithmsPass::isFasterByPairs(int64_t pixels, int64_t channels,
                                           int64_t filters) const {
  constexpr int64_t kFewestFilters = 96;
  return fastProducts && getLanes() == kFastBlock &&
         channels % kFastBlock == 0 && filters % getLanes() == 0 &&
         filters >= kFewestFilters && fastGroup(pixels, channels) > 0;
}

bool ChooseAlgorithmsPass::isFasterByPairs(ConvOp conv) const {
  ArrayRef<int64_t> w = shapeOf(conv.getW()), y = shapeOf(conv.getResult());
  bool isPadded =
      llvm::any_of(conv.getPads(), [](int64_t pad) { return pad != 0; });
  return isPlainConv(conv, 1) && !isPadded &&
         isFasterByPairs(y[2] * y[3], w[1], w[0]);
}

bool ChooseAlgorithmsPass::isFasterByPairs(MatMulOp product) const {
  ArrayRef<int64_t> x = shapeOf(product.getA()), w = shapeOf(product.getB());
  if (w.size() != 2 || product.getTransposeA() ||
      !cast<RankedTensorType>(product.getB().getType())
           .getElementType()
           .isF32() ||
      !isStored(product.getB()))
    return false;
  int64_t columns = product.getType().getShape().back();
  int64_t rows =
      product.getType().getNumElements() / std::max<int64_t>(columns, 1);
  return isFasterByPairs(rows, x.back(), columns);
}

namespace {
/// Builds what fast products need of their filters from operators that are
/// folded. Channels are dimension `dim` of the filters; all that is before and
/// after it are filters.
struct FilterBuilder {
  OpBuilder &b;
  Location loc;
  unsigned dim;

  Value constant(ArrayRef<int64_t> shape, ArrayRef<float> values) {
    auto type = RankedTensorType::get(shape, b.getF32Type());
    return ConstantOp::create(b, loc, DenseElementsAttr::get(type, values));
  }
  /// One half of all blocks of channels.
  Value half(Value blocks, int64_t which) {
    SmallVector<int64_t> starts(5, 0), extents(shapeOf(blocks)), steps(5, 1);
    starts[2] = which;
    extents[2] = 1;
    return SliceOp::create(b, loc, blocks, starts, extents, steps);
  }
  /// w with the signs of its channels.
  Value withSigns(Value w) {
    SmallVector<float> signs;
    for (int64_t channel = 0; channel < shapeOf(w)[dim]; ++channel)
      signs.push_back(fastSign(channel % kFastBlock));
    SmallVector<int64_t> shape(shapeOf(w).size(), 1);
    shape[dim] = shapeOf(w)[dim];
    return MulOp::create(b, loc, w, constant(shape, signs));
  }
  /// Per filter the sum of products of pairs.
  Value pairs(Value w) {
    auto count = [](ArrayRef<int64_t> extents) {
      return std::accumulate(extents.begin(), extents.end(), int64_t(1),
                             std::multiplies<>());
    };
    int64_t before = count(shapeOf(w).take_front(dim)),
            after = count(shapeOf(w).drop_front(dim + 1));
    Value split = ReshapeOp::create(
        b, loc, w,
        ArrayRef<int64_t>{before, shapeOf(w)[dim] / kFastBlock, 2,
                          kFastBlock / 2, after});
    Value products = MulOp::create(b, loc, half(split, 0), half(split, 1));
    Value sums =
        ReduceSumOp::create(b, loc, products, ArrayRef<int64_t>{1, 2, 3},
                            /*keepdims=*/false);
    return ReshapeOp::create(b, loc, sums, ArrayRef<int64_t>{before * after});
  }
  Value square(Value w) {
    auto dims = llvm::to_vector(llvm::seq<int64_t>(0, shapeOf(w).size()));
    Value mean = ReduceMeanOp::create(b, loc, MulOp::create(b, loc, w, w), dims,
                                      /*keepdims=*/false);
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
  FilterBuilder filters{builder, conv.getW().getLoc(), 1};
  Value w = filters.withSigns(conv.getW());
  Value x = takePixels(builder, conv);
  auto fast = FastConvOp::create(builder, conv.getLoc(), x, w, filters.pairs(w),
                                 filters.square(w), conv.getBias(), getLanes());
  conv->replaceAllUsesWith(fast);
  conv.erase();
}

void ChooseAlgorithmsPass::usePairs(MatMulOp product) {
  OpBuilder builder(product);
  FilterBuilder filters{builder, product.getB().getLoc(), 0};
  Value w = product.getB();
  if (product.getTransposeB())
    w = TransposeOp::create(builder, filters.loc, w, ArrayRef<int64_t>{1, 0});
  w = filters.withSigns(w);
  auto fast = FastMatMulOp::create(builder, product.getLoc(), product.getA(), w,
                                   filters.pairs(w), filters.square(w));
  product->replaceAllUsesWith(fast);
  product.erase();
}

// Pattern: matmul(x, w) -> slice(matmul(x, pad(w))), to whole blocks of columns
MatMulOp ChooseAlgorithmsPass::padColumns(MatMulOp product) {
  // Copying the result must not matter.
  constexpr int64_t kFewest = 1024, kVectors = 4;
  int64_t columns = product.getType().getShape().back(),
          missing = llvm::alignTo(columns, kVectors * getLanes()) - columns;
  auto type = cast<RankedTensorType>(product.getB().getType());
  bool isWide = getLanes() > 1 && columns >= kFewest &&
                columns % getLanes() != 0 && type.getRank() == 2 &&
                isa<FloatType>(product.getType().getElementType());
  if (!isWide || !isStored(product.getB()))
    return product;
  OpBuilder builder(product);
  Location loc = product.getLoc();
  auto scalar = RankedTensorType::get({}, type.getElementType());
  Value zero = ConstantOp::create(
      builder, loc,
      DenseElementsAttr::get(scalar,
                             builder.getZeroAttr(scalar.getElementType())));
  SmallVector<int64_t> pads(4, 0);
  pads[product.getTransposeB() ? 2 : 3] = missing;
  Value w = PadOp::create(builder, product.getB().getLoc(), product.getB(),
                          zero, pads);
  auto padded =
      MatMulOp::create(builder, loc, product.getA(), w, product.getTransposeA(),
                       product.getTransposeB());
  SmallVector<int64_t> extents(product.getType().getShape());
  SmallVector<int64_t> starts(extents.size(), 0), steps(extents.size(), 1);
  Value part = SliceOp::create(builder, loc, padded, starts, extents, steps);
  product.replaceAllUsesWith(part);
  product.erase();
  ++numPadded;
  return padded;
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
  SmallVector<MatMulOp> products;
  getOperation().walk([&](MatMulOp product) { products.push_back(product); });
  for (MatMulOp found : products)
    if (MatMulOp product = padColumns(found); isFasterByPairs(product)) {
      usePairs(product);
      ++numFast;
    }
}
