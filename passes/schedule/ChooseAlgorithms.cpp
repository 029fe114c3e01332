//===- ChooseAlgorithms.cpp - How convolutions and products are computed --===//
//
// Compares estimates of the direct form, of minimal filtering with several tile
// sizes and of fast inner products, which are for 1x1 convolutions and
// matrices. What is chosen becomes the schedule of the operator.
//
//===----------------------------------------------------------------------===//

#include "dialects/cameo/ElementTypes.h"
#include "dialects/cameo/FastProduct.h"
#include "dialects/cameo/Layouts.h"
#include "dialects/cameo/Shapes.h"
#include "dialects/cameo/Winograd.h"
#include "dialects/plan/Extents.h"
#include "passes/Passes.h"
#include "passes/schedule/AlgorithmCost.h"
#include "passes/schedule/PackedFloats.h"
#include "passes/schedule/Problem.h"

#include <numeric>

using namespace mlir;

namespace cameo {
#define GEN_PASS_DEF_CHOOSEALGORITHMS
#include "passes/Passes.h.inc"
} // namespace cameo

using namespace cameo;

namespace {
/// A way to compute an operator.
struct Candidate {
  std::string algorithm;
  int64_t tile = 0;    // Of minimal filtering.
  bool isFast = false; // Whether its products are fast inner products.
  double cycles = 0;
  bool isAllowed = true; // To be chosen unless it is asked for.
  std::shared_ptr<PackedMatrix> packed = nullptr; // Of products with one.
};

struct ChooseAlgorithmsPass
    : cameo::impl::ChooseAlgorithmsBase<ChooseAlgorithmsPass> {
  using ChooseAlgorithmsBase::ChooseAlgorithmsBase;
  void runOnOperation() override;

private:
  bool hasWinogradForm(ConvOp conv) const;
  bool hasPairForm(int64_t pixels, int64_t channels, int64_t filters) const;
  bool hasPairForm(ConvOp conv) const;
  bool hasFastTiles(ConvOp conv) const;
  bool hasPairForm(MatMulOp product) const;
  std::optional<PackedMatrix> pack(MatMulOp product) const;
  SmallVector<Candidate> candidatesFor(ConvOp conv) const;
  SmallVector<Candidate> candidatesFor(MatMulOp product) const;
  FailureOr<Candidate> choose(Operation *op, StringRef problem,
                              ArrayRef<Candidate> candidates) const;
  Operation *apply(ConvOp conv, const Candidate &choice);
  Operation *apply(MatMulOp product, const Candidate &choice);
  template <typename OpTy> LogicalResult schedule(OpTy op, StringRef problem);
  Operation *useWinograd(ConvOp conv, int64_t tile, bool isFast);
  Operation *usePairs(ConvOp conv);
  Operation *usePairs(MatMulOp product);
  MatMulOp padColumns(MatMulOp product);
  int64_t getLanes() const { return vectorBits / 32; }
  int64_t getFilterRate() const { return isCold ? farRate : l3Rate; }

  bool isCold = false; // Weights come from memory in every run.
};
} // namespace

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

/// More rows are not held up by reading their matrix.
static constexpr int64_t kFewRows = 8;

/// Fewer filters do not pay for scaling the pixels.
static constexpr int64_t kFewestFilters = 96;

/// All ways in which a convolution can be computed, the direct one first.
SmallVector<Candidate> ChooseAlgorithmsPass::candidatesFor(ConvOp conv) const {
  AlgorithmCost cost =
      costOf(conv, std::max<int64_t>(getLanes(), 1), getFilterRate());
  SmallVector<Candidate> candidates = {{"direct", 0, false, cost.direct()}};
  if (winograd && getLanes() > 1 && hasWinogradForm(conv))
    for (int64_t tile : {2, 3, 4}) // Tiles of 6 round too much.
      if (isWinogradTile(tile, cost.stride)) {
        std::string name = "winograd" + std::to_string(tile);
        candidates.push_back({name, tile, false, cost.winograd(tile)});
        if (hasFastTiles(conv))
          candidates.push_back(
              {"fast_" + name, tile, true, cost.fastWinograd(tile)});
      }
  if (hasPairForm(conv))
    candidates.push_back({"fast", 0, true, cost.pairs(),
                          shapeOf(conv.getW())[0] >= kFewestFilters});
  return candidates;
}

SmallVector<Candidate>
ChooseAlgorithmsPass::candidatesFor(MatMulOp product) const {
  SmallVector<Candidate> candidates = {{"direct"}};
  AlgorithmCost cost =
      costOf(product, std::max<int64_t>(getLanes(), 1), getFilterRate());
  if (std::optional<PackedMatrix> packed = pack(product)) {
    candidates.front().cycles = cost.fewRows(/*bits=*/32);
    candidates.push_back({nameOf(packed->format).str(), 0, false,
                          cost.fewRows(bitsOf(packed->format)), isCold,
                          std::make_shared<PackedMatrix>(std::move(*packed))});
  } else if (hasPairForm(product)) {
    candidates.front().cycles = cost.direct();
    candidates.push_back(
        {"fast", 0, true, cost.pairs(), cost.filters >= kFewestFilters});
  }
  return candidates;
}

/// The algorithm that overrides ask for; the fastest one where they do not.
FailureOr<Candidate>
ChooseAlgorithmsPass::choose(Operation *op, StringRef problem,
                             ArrayRef<Candidate> candidates) const {
  FailureOr<StringRef> forced = findForcedAlgorithm(op, problem);
  if (failed(forced))
    return failure();
  if (!forced->empty()) {
    for (const Candidate &candidate : candidates)
      if (candidate.algorithm == *forced)
        return candidate;
    InFlightDiagnostic error = op->emitError() << "schedule: '" << problem
                                               << "' cannot be computed by '"
                                               << *forced << "', only by ";
    llvm::interleaveComma(candidates, error, [&](const Candidate &candidate) {
      error << "'" << candidate.algorithm << "'";
    });
    return failure();
  }
  Candidate best = candidates.front();
  for (const Candidate &candidate : candidates.drop_front())
    if (candidate.isAllowed && candidate.cycles < best.cycles)
      best = candidate;
  return best;
}

Operation *ChooseAlgorithmsPass::apply(ConvOp conv, const Candidate &choice) {
  numWinograd += choice.tile != 0;
  numFast += choice.isFast;
  if (choice.tile)
    return useWinograd(conv, choice.tile, choice.isFast);
  if (!choice.isFast)
    return conv;
  return usePairs(conv);
}

Operation *ChooseAlgorithmsPass::apply(MatMulOp product,
                                       const Candidate &choice) {
  if (choice.packed) {
    ++numPacked;
    return usePackedFloats(product, std::move(*choice.packed));
  }
  if (!choice.isFast)
    return product;
  ++numFast;
  return usePairs(product);
}

/// Chooses how `op` is computed, does it, and says so in a schedule.
template <typename OpTy>
LogicalResult ChooseAlgorithmsPass::schedule(OpTy op, StringRef problem) {
  SmallVector<Candidate> candidates = candidatesFor(op);
  FailureOr<Candidate> choice = choose(op, problem, candidates);
  if (failed(choice))
    return failure();
  Builder builder(&getContext());
  NamedAttrList beaten;
  for (const Candidate &candidate : candidates)
    if (candidate.algorithm != choice->algorithm)
      beaten.set(candidate.algorithm,
                 builder.getI64IntegerAttr(candidate.cycles));
  apply(op, *choice)
      ->setAttr(kScheduleAttr,
                ScheduleAttr::get(&getContext(), problem, choice->algorithm,
                                  /*group=*/0,
                                  /*nests=*/{}, choice->cycles,
                                  beaten.getDictionary(&getContext())));
  return success();
}

/// Filters make pairs of blocks, and channels are enough for the rounding of
/// pairs beside that of the transforms.
bool ChooseAlgorithmsPass::hasFastTiles(ConvOp conv) const {
  constexpr int64_t kFewestChannels = 64;
  ArrayRef<int64_t> w = shapeOf(conv.getW());
  return fastProducts && conv.getStrides()[0] == 1 &&
         getLanes() == kFastBlock && w[1] % kFastBlock == 0 &&
         w[1] >= kFewestChannels && w[0] % (2 * getLanes()) == 0;
}

bool ChooseAlgorithmsPass::hasPairForm(int64_t pixels, int64_t channels,
                                       int64_t filters) const {
  return fastProducts && getLanes() == kFastBlock &&
         channels % kFastBlock == 0 && filters % getLanes() == 0 &&
         fastGroup(pixels, channels) > 0;
}

bool ChooseAlgorithmsPass::hasPairForm(ConvOp conv) const {
  if (!isPlainConv(conv, 1))
    return false;
  ArrayRef<int64_t> w = shapeOf(conv.getW()), y = shapeOf(conv.getResult());
  bool isPadded =
      llvm::any_of(conv.getPads(), [](int64_t pad) { return pad != 0; });
  return !isPadded && hasPairForm(y[2] * y[3], w[1], w[0]);
}

bool ChooseAlgorithmsPass::hasPairForm(MatMulOp product) const {
  ArrayRef<int64_t> x = shapeOf(product.getA()), w = shapeOf(product.getB());
  if (w.size() != 2 || product.getTransposeA() ||
      !cast<RankedTensorType>(product.getB().getType())
           .getElementType()
           .isF32() ||
      !isStored(product.getB()))
    return false;
  return hasPairForm(rowsOf(product), x.back(),
                     product.getType().getShape().back());
}

/// The matrix of few rows of vectors of columns in the fewest bits that round
/// little enough, if it is large enough to matter.
std::optional<PackedMatrix> ChooseAlgorithmsPass::pack(MatMulOp product) const {
  constexpr int64_t kFewestElements = 1 << 14, kLeastDepth = 256;
  int64_t columns = product.getType().getShape().back();
  if (getLanes() < 2 || product.getTransposeA() || columns % getLanes() != 0 ||
      rowsOf(product) > kFewRows ||
      shapeOf(product.getA()).back() < kLeastDepth ||
      shapeOf(product.getB()).size() != 2)
    return std::nullopt;
  std::optional<FloatMatrix> matrix = readMatrix(product);
  if (!matrix || static_cast<int64_t>(matrix->values.size()) < kFewestElements)
    return std::nullopt;
  for (PackedFormat format : {PackedFormat::Q20, PackedFormat::F24})
    if (bitsOf(format) >= fewestBits)
      if (auto packed = packFloats(*matrix, columns, format))
        return packed;
  return std::nullopt;
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

/// Mean square of the points of tiles of values of mean square one.
static double pointSquare(int64_t tile) {
  double sum = 0;
  Matrix input = getWinogradMatrices(tile, /*stride=*/1).input;
  for (const auto &row : input)
    for (double value : row)
      sum += value * value;
  return std::pow(sum / input.size(), 2);
}

Operation *ChooseAlgorithmsPass::useWinograd(ConvOp conv, int64_t tile,
                                             bool isFast) {
  OpBuilder builder(conv);
  ArrayRef<int64_t> w = shapeOf(conv.getW());
  int64_t stride = conv.getStrides()[0];
  Location loc = conv.getW().getLoc();
  Value u = WinogradFilterOp::create(builder, loc, conv.getW(), tile, stride);
  SmallVector<Value> fast;
  if (isFast) {
    FilterBuilder filters{builder, loc, 2};
    u = filters.withSigns(u);
    float gain = 1 / pointSquare(tile);
    fast = {filters.pairs(u), MulOp::create(builder, loc, filters.square(u),
                                            filters.constant({1}, {gain}))};
  }
  auto winograd = WinogradConvOp::create(
      builder, conv.getLoc(), conv.getX(), u, conv.getBias(), fast, tile,
      conv.getPads(), chooseBlock(w[1], getLanes()),
      chooseBlock(w[0], getLanes()), stride);
  conv->replaceAllUsesWith(winograd);
  conv.erase();
  return winograd;
}

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

Operation *ChooseAlgorithmsPass::usePairs(ConvOp conv) {
  OpBuilder builder(conv);
  FilterBuilder filters{builder, conv.getW().getLoc(), 1};
  Value w = filters.withSigns(conv.getW());
  Value x = takePixels(builder, conv);
  auto fast = FastConvOp::create(builder, conv.getLoc(), x, w, filters.pairs(w),
                                 filters.square(w), conv.getBias(), getLanes());
  conv->replaceAllUsesWith(fast);
  conv.erase();
  return fast;
}

Operation *ChooseAlgorithmsPass::usePairs(MatMulOp product) {
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
  return fast;
}

// Pattern: matmul(x, w) -> slice(matmul(x, pad(w))), to whole blocks of columns
MatMulOp ChooseAlgorithmsPass::padColumns(MatMulOp product) {
  // Copying the result must not matter.
  constexpr int64_t kFewest = 1024, kVectors = 4;
  int64_t columns = product.getType().getShape().back(),
          depth = shapeOf(product.getA()).back(),
          missing = llvm::alignTo(columns, kVectors * getLanes()) - columns;
  auto type = cast<RankedTensorType>(product.getB().getType());
  bool isLarge =
      columns >= kFewest || (rowsOf(product) <= kFewRows && depth >= kFewest);
  bool isWide = getLanes() > 1 && isLarge && columns % getLanes() != 0 &&
                type.getRank() == 2 &&
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

/// Where extents that vary come from: an input's, and all that an operation
/// gives which finds one in data.
static void collectSources(func::FuncOp graph, DenseSet<Value> &found) {
  SmallVector<Value> extents;
  for (BlockArgument arg : graph.getArguments())
    if (graph.getArgAttr(arg.getArgNumber(), plan::kExtentAttr))
      found.insert(arg);
  graph.walk([&](Operation *op) {
    if (auto limit = dyn_cast<LimitOp>(op))
      extents.push_back(limit.getExtent());
    if (!isa<func::ReturnOp>(op))
      return;
    for (auto [i, value] : llvm::enumerate(op->getOperands()))
      if (graph.getResultAttr(i, plan::kExtentAttr))
        extents.push_back(value);
  });
  DenseSet<Operation *> seen;
  while (!extents.empty()) {
    Operation *op = extents.pop_back_val().getDefiningOp();
    if (!op || !seen.insert(op).second)
      continue;
    bool isScalar = llvm::all_of(op->getOperands(), [](Value operand) {
      return cast<RankedTensorType>(operand.getType()).getNumElements() == 1;
    });
    if (isScalar)
      llvm::append_range(extents, op->getOperands());
    else
      found.insert_range(op->getResults());
  }
}

/// Values whose extents may vary.
static DenseSet<Value> findOpenValues(func::FuncOp graph) {
  DenseSet<Value> open;
  if (!plan::hasExtents(graph))
    return open;
  collectSources(graph, open);
  auto isOpen = [&](Value value) { return open.contains(value); };
  graph.walk<WalkOrder::PreOrder>([&](Operation *op) {
    // Regions stand alone: what is inside may see all that goes in.
    Operation *around = op->getParentOp();
    if (llvm::any_of(op->getOperands(), isOpen) ||
        (around != graph && llvm::any_of(around->getResults(), isOpen)))
      open.insert_range(op->getResults());
  });
  return open;
}

/// Bytes of all constants.
static int64_t countWeightBytes(func::FuncOp graph) {
  int64_t bytes = 0;
  graph.walk(
      [&](ConstantOp constant) { bytes += storedBytes(constant.getType()); });
  return bytes;
}

void ChooseAlgorithmsPass::runOnOperation() {
  isCold = countWeightBytes(getOperation()) > cacheBytes;
  // Loops of other algorithms go to the greatest extents in every run.
  DenseSet<Value> open = findOpenValues(getOperation());
  SmallVector<ConvOp> convs;
  SmallVector<MatMulOp> products, openProducts;
  getOperation().walk([&](ConvOp conv) {
    if (!open.contains(conv.getResult()))
      convs.push_back(conv);
  });
  getOperation().walk([&](MatMulOp product) {
    (open.contains(product.getResult()) ? openProducts : products)
        .push_back(product);
  });
  for (ConvOp conv : convs)
    if (failed(schedule(conv, problemOf(conv))))
      return signalPassFailure();
  for (MatMulOp product : products) {
    std::string problem = problemOf(product);
    if (failed(schedule(padColumns(product), problem)))
      return signalPassFailure();
  }
  // One row is the greatest extent.
  for (MatMulOp product : openProducts) {
    std::string problem = problemOf(product);
    if (rowsOf(product) == 1 && failed(schedule(padColumns(product), problem)))
      return signalPassFailure();
  }
}
