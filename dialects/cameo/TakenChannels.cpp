//===- TakenChannels.cpp - Channels of tensors in any order ---------------===//
//
// On plain tensors, runs of channels are slices. In blocks, a vector of the
// result is shuffled together from the vectors that hold its channels. Patterns
// gather concatenations, slices and shuffles of channels into one operation.
//
//===----------------------------------------------------------------------===//

#include "dialects/cameo/TakenChannels.h"
#include "dialects/cameo/Layouts.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/PatternMatch.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace cameo;

namespace {
/// A channel of one of several tensors.
struct Channel {
  int64_t input, index;
};

/// A vector of a stored tensor.
using VectorPlace = std::pair<int64_t, int64_t>; // Input, number.
} // namespace

static Channel findChannel(ArrayRef<RankedTensorType> types, int64_t channel) {
  int64_t input = 0;
  while (channel >= types[input].getDimSize(1))
    channel -= types[input++].getDimSize(1);
  return {input, channel};
}

/// The lanes of a result's block, by the blocks that they come from: -1 where a
/// lane comes from another one.
static llvm::MapVector<VectorPlace, SmallVector<int64_t>>
findLanes(ArrayRef<RankedTensorType> types, ArrayRef<int64_t> channels,
          int64_t size) {
  llvm::MapVector<VectorPlace, SmallVector<int64_t>> lanes;
  for (auto [lane, number] : llvm::enumerate(channels)) {
    Channel channel = findChannel(types, number);
    SmallVector<int64_t> &taken = lanes[{channel.input, channel.index / size}];
    taken.resize(size, -1);
    taken[lane] = channel.index % size;
  }
  return lanes;
}

/// One vector of the result at the place that `indices` say; their second entry
/// is the block.
static Value
buildVector(OpBuilder &b, Location loc, ValueRange stored,
            const llvm::MapVector<VectorPlace, SmallVector<int64_t>> &lanes,
            SmallVector<Value> indices, VectorType type) {
  int64_t size = type.getDimSize(0);
  Value result;
  for (const auto &[block, taken] : lanes) {
    indices[1] = arith::ConstantIndexOp::create(b, loc, block.second);
    Value padding =
        arith::ConstantOp::create(b, loc, b.getZeroAttr(type.getElementType()));
    Value vector =
        vector::TransferReadOp::create(b, loc, type, stored[block.first],
                                       indices, padding, ArrayRef<bool>{true});
    SmallVector<int64_t> mask;
    for (int64_t lane = 0; lane < size; ++lane)
      mask.push_back(taken[lane] < 0 ? lane
                                     : taken[lane] + (result ? size : 0));
    if (result)
      result = vector::ShuffleOp::create(b, loc, result, vector, mask);
    else if (llvm::equal(mask, llvm::seq<int64_t>(0, size)))
      result = vector;
    else
      result = vector::ShuffleOp::create(b, loc, vector, vector, mask);
  }
  return result;
}

Value cameo::buildTakenBlocks(OpBuilder &builder, Location loc,
                              ValueRange stored,
                              ArrayRef<RankedTensorType> types,
                              ArrayRef<int64_t> channels, int64_t size) {
  auto first = cast<RankedTensorType>(stored[0].getType());
  SmallVector<int64_t> shape(first.getShape());
  int64_t blocks = shape[1] = llvm::divideCeil(channels.size(), size);
  Value result =
      tensor::EmptyOp::create(builder, loc, shape, first.getElementType());
  auto vectorType = VectorType::get({size}, first.getElementType());
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(builder, loc, value);
  };
  int64_t rank = first.getRank();
  for (int64_t block = 0; block < blocks; ++block) {
    auto lanes =
        findLanes(types, channels.slice(block * size).take_front(size), size);
    // Loops over all dimensions but those of the channels.
    SmallVector<Value> indices(rank, constant(0));
    OpBuilder::InsertionGuard guard(builder);
    scf::ForOp outermost;
    Value target = result;
    for (int64_t dim = 0; dim < rank - 1; ++dim) {
      if (dim == 1 || shape[dim] == 1)
        continue;
      auto loop = scf::ForOp::create(builder, loc, constant(0),
                                     constant(shape[dim]), constant(1), target);
      if (outermost)
        scf::YieldOp::create(builder, loc, loop.getResults());
      else
        outermost = loop;
      indices[dim] = loop.getInductionVar();
      target = loop.getRegionIterArg(0);
      builder.setInsertionPointToStart(loop.getBody());
    }
    Value vector =
        buildVector(builder, loc, stored, lanes, indices, vectorType);
    indices[1] = constant(block);
    Value written =
        vector::TransferWriteOp::create(builder, loc, vector, target, indices,
                                        ArrayRef<bool>{true})
            .getResult();
    if (outermost)
      scf::YieldOp::create(builder, loc, written);
    result = outermost ? outermost.getResult(0) : written;
  }
  return result;
}

//===----------------------------------------------------------------------===//
// take_channels
//===----------------------------------------------------------------------===//

LogicalResult TakeChannelsOp::inferReturnTypes(MLIRContext *,
                                               std::optional<Location> loc,
                                               Adaptor adaptor,
                                               SmallVectorImpl<Type> &types) {
  if (adaptor.getInputs().empty() ||
      cast<RankedTensorType>(adaptor.getInputs()[0].getType()).getRank() < 2)
    return emitOptionalError(loc, "(C1) there are no inputs with channels");
  auto first = cast<RankedTensorType>(adaptor.getInputs()[0].getType());
  SmallVector<int64_t> shape(first.getShape());
  int64_t count = 0;
  for (Type type : adaptor.getInputs().getTypes()) {
    auto next = cast<RankedTensorType>(type);
    if (next.getRank() == first.getRank())
      shape[1] = next.getDimSize(1);
    if (next != first.clone(shape))
      return emitOptionalError(loc, "(C2) ", next, " and ", first,
                               " differ in more than dimension 1");
    count += shape[1];
  }
  for (int64_t channel : adaptor.getChannels())
    if (channel < 0 || channel >= count)
      return emitOptionalError(loc, "(C3) channel ", channel,
                               " is not one of the ", count, " of the inputs");
  shape[1] = adaptor.getChannels().size();
  types.push_back(first.clone(shape));
  return success();
}

static SmallVector<RankedTensorType> inputTypes(TakeChannelsOp op) {
  return llvm::map_to_vector(op.getInputs().getTypes(), [](Type type) {
    return cast<RankedTensorType>(type);
  });
}

ElementSource TakeChannelsOp::getSource(ArrayRef<int64_t> index) {
  Channel channel = findChannel(inputTypes(*this), getChannels()[index[1]]);
  ElementSource source{static_cast<unsigned>(channel.input),
                       SmallVector<int64_t>(index)};
  source.index[1] = channel.index;
  return source;
}

bool TakeChannelsOp::isAwareOf(BlockedAttr) { return true; }

BlockedAttr TakeChannelsOp::chooseLayouts(MutableArrayRef<BlockedAttr> operands,
                                          const LayoutQuery &) {
  BlockedAttr layout = operands[0];
  bool fits = layout && layout.getDims() == ArrayRef<int64_t>{1} &&
              layout.getOuter().empty() && llvm::all_equal(operands);
  if (!fits)
    llvm::fill(operands, nullptr);
  return operands[0];
}

FailureOr<SmallVector<Value>>
TakeChannelsOp::lowerReference(OpBuilder &builder, ValueRange operands) {
  SmallVector<RankedTensorType> types = inputTypes(*this);
  auto type = cast<RankedTensorType>(getType());
  if (BlockedAttr layout = getLayout(type))
    return SmallVector<Value>{buildTakenBlocks(builder, getLoc(), operands,
                                               types, getChannels(),
                                               layout.getSizes()[0])};
  Value result = tensor::EmptyOp::create(
      builder, getLoc(), type.getShape(),
      cast<RankedTensorType>(operands[0].getType()).getElementType());
  SmallVector<int64_t> from(type.getRank(), 0), to(from),
      sizes(type.getShape()), ones(type.getRank(), 1);
  auto indices = [&](ArrayRef<int64_t> values) {
    return getAsIndexOpFoldResult(getContext(), values);
  };
  ArrayRef<int64_t> channels = getChannels();
  for (size_t i = 0; i < channels.size(); i += sizes[1]) {
    Channel channel = findChannel(types, channels[i]);
    int64_t most = types[channel.input].getDimSize(1) - channel.index;
    for (sizes[1] = 1; sizes[1] < most && i + sizes[1] < channels.size() &&
                       channels[i + sizes[1]] == channels[i] + sizes[1];)
      ++sizes[1];
    from[1] = channel.index;
    to[1] = i;
    Value run = tensor::ExtractSliceOp::create(
        builder, getLoc(), operands[channel.input], indices(from),
        indices(sizes), indices(ones));
    result = tensor::InsertSliceOp::create(builder, getLoc(), run, result,
                                           indices(to), indices(sizes),
                                           indices(ones));
  }
  return SmallVector<Value>{result};
}

//===----------------------------------------------------------------------===//
// Patterns
//===----------------------------------------------------------------------===//

/// More inputs than this are not worth their addresses in registers.
static constexpr size_t kMostInputs = 16;

bool cameo::takesChannels(SliceOp op) {
  auto x = cast<RankedTensorType>(op.getX().getType());
  for (int64_t dim = 0; dim < x.getRank(); ++dim)
    if (dim != 1 &&
        (op.getExtents()[dim] != x.getDimSize(dim) || op.getSteps()[dim] != 1))
      return false;
  return x.getRank() > 1;
}

/// Where channel `channel` of `value` comes from, before any movement.
static std::pair<Value, int64_t> findOrigin(Value value, int64_t channel) {
  while (Operation *op = value.getDefiningOp()) {
    if (auto slice = dyn_cast<SliceOp>(op); slice && takesChannels(slice)) {
      channel = slice.getStarts()[1] + channel * slice.getSteps()[1];
      value = slice.getX();
      continue;
    }
    if (auto concat = dyn_cast<ConcatOp>(op); concat && concat.getAxis() == 1) {
      SmallVector<RankedTensorType> types =
          llvm::map_to_vector(concat.getInputs().getTypes(), [](Type type) {
            return cast<RankedTensorType>(type);
          });
      Channel from = findChannel(types, channel);
      value = concat.getInputs()[from.input];
      channel = from.index;
      continue;
    }
    auto take = dyn_cast<TakeChannelsOp>(op);
    if (!take)
      break;
    Channel from = findChannel(inputTypes(take), take.getChannels()[channel]);
    value = take.getInputs()[from.input];
    channel = from.index;
  }
  return {value, channel};
}

namespace {
// Pattern: take_channels(concat(a, slice(take_channels(b, c)))) ->
// take_channels(a, b, c)
struct FlattenTake : OpRewritePattern<TakeChannelsOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(TakeChannelsOp op,
                                PatternRewriter &rewriter) const override {
    llvm::MapVector<Value, SmallVector<std::pair<size_t, int64_t>>> uses;
    SmallVector<RankedTensorType> types = inputTypes(op);
    for (auto [i, number] : llvm::enumerate(op.getChannels())) {
      Channel channel = findChannel(types, number);
      auto [value, index] =
          findOrigin(op.getInputs()[channel.input], channel.index);
      uses[value].push_back({i, index});
    }
    if (uses.size() > kMostInputs || uses.empty())
      return rewriter.notifyMatchFailure(op, "has too many or no inputs");
    SmallVector<Value> inputs;
    SmallVector<int64_t> channels(op.getChannels().size());
    int64_t first = 0;
    for (auto &[value, places] : uses) {
      inputs.push_back(value);
      for (auto [i, index] : places)
        channels[i] = first + index;
      first += cast<RankedTensorType>(value.getType()).getDimSize(1);
    }
    if (inputs.size() == 1 && inputs[0].getType() == op.getType() &&
        llvm::equal(channels, llvm::seq<int64_t>(0, first))) {
      rewriter.replaceOp(op, inputs[0]);
      return success();
    }
    if (ValueRange(inputs) == ValueRange(op.getInputs()))
      return rewriter.notifyMatchFailure(op, "reads its origins already");
    rewriter.replaceOpWithNewOp<TakeChannelsOp>(op, inputs, channels);
    return success();
  }
};

// Pattern: slice(take_channels(a)) -> take_channels(a)
struct SliceOfTake : OpRewritePattern<SliceOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(SliceOp op,
                                PatternRewriter &rewriter) const override {
    auto take = op.getX().getDefiningOp<TakeChannelsOp>();
    if (!take || !takesChannels(op) || op.getExtents()[1] == 0)
      return rewriter.notifyMatchFailure(op, "is no slice of taken channels");
    SmallVector<int64_t> channels;
    for (int64_t i = 0; i < op.getExtents()[1]; ++i)
      channels.push_back(
          take.getChannels()[op.getStarts()[1] + i * op.getSteps()[1]]);
    rewriter.replaceOpWithNewOp<TakeChannelsOp>(op, take.getInputs(), channels);
    return success();
  }
};

// Pattern: concat(take_channels(a), b) -> take_channels(a, b)
struct ConcatOfTake : OpRewritePattern<ConcatOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ConcatOp op,
                                PatternRewriter &rewriter) const override {
    auto isTake = [](Value input) {
      return input.hasOneUse() && input.getDefiningOp<TakeChannelsOp>();
    };
    if (op.getAxis() != 1 || llvm::none_of(op.getInputs(), isTake))
      return rewriter.notifyMatchFailure(op, "has no taken channels");
    rewriter.replaceOpWithNewOp<TakeChannelsOp>(
        op, op.getInputs(),
        llvm::to_vector(llvm::seq(op.getType().getDimSize(1))));
    return success();
  }
};

// Pattern: reshape(transpose(reshape(x))) that swaps two parts of the channels'
// numbers -> take_channels(x)
struct ShuffleToTake : OpRewritePattern<ReshapeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ReshapeOp op,
                                PatternRewriter &rewriter) const override {
    auto transpose = op.getX().getDefiningOp<TransposeOp>();
    auto split =
        transpose ? transpose.getX().getDefiningOp<ReshapeOp>() : nullptr;
    if (!split)
      return rewriter.notifyMatchFailure(op, "does not shuffle");
    auto x = cast<RankedTensorType>(split.getX().getType());
    ArrayRef<int64_t> parts = split.getShape();
    SmallVector<int64_t> permutation =
        llvm::to_vector(llvm::seq<int64_t>(0, parts.size()));
    if (op.getType() != split.getX().getType() || x.getRank() < 2 ||
        static_cast<int64_t>(parts.size()) != x.getRank() + 1 ||
        x.getNumElements() == 0)
      return rewriter.notifyMatchFailure(op, "has another shape than x");
    std::swap(permutation[1], permutation[2]);
    bool keepsOthers = parts[0] == x.getDimSize(0) &&
                       parts.drop_front(3) == x.getShape().drop_front(2);
    if (!keepsOthers ||
        transpose.getPermutation() != ArrayRef<int64_t>(permutation))
      return rewriter.notifyMatchFailure(op, "moves more than channels");
    SmallVector<int64_t> channels;
    for (int64_t inner = 0; inner < parts[2]; ++inner)
      for (int64_t outer = 0; outer < parts[1]; ++outer)
        channels.push_back(outer * parts[2] + inner);
    rewriter.replaceOpWithNewOp<TakeChannelsOp>(op, split.getX(), channels);
    return success();
  }
};
} // namespace

void TakeChannelsOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                                 MLIRContext *context) {
  patterns.add<FlattenTake, SliceOfTake, ConcatOfTake, ShuffleToTake>(context);
}
