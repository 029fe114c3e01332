//===- TransposedPatterns.cpp - Transposed convolutions as convolutions ---===//
//
// Results of a transposed convolution that are a step apart are those of a
// convolution with every step-th tap of the filters, backwards: one per phase.
//
//===----------------------------------------------------------------------===//

#include "dialects/cameo/Shapes.h"
#include "passes/legalize/Patterns.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace cameo;

namespace {
/// One phase along one dimension: results phase + step * m, m < count, sum
/// x[m + shift - j] * w[first + step * j] over j < taps.
struct Phase {
  int64_t first, taps, shift;
  int64_t before, after; // Zeros around x; fewer than none: it is cut.

  Phase(int64_t phase, int64_t step, int64_t pad, int64_t kernel,
        int64_t extent, int64_t count)
      : first((phase + pad) % step),
        taps(llvm::divideCeil(std::max<int64_t>(kernel - first, 0), step)),
        shift((phase + pad - first) / step), before(taps - 1 - shift),
        after(count + shift - extent) {}
  bool operator==(const Phase &other) const {
    return taps == other.taps && shift == other.shift;
  }
};

/// Builds what replaces a transposed convolution and what follows it.
struct PhaseBuilder {
  PhaseBuilder(ConvTransposeOp op, PatternRewriter &rewriter);
  /// Why there is no such form; empty when there is.
  StringRef whyNot();
  Value build();
  /// What that replaces: the last of what follows the operation.
  Operation *getLast() {
    return followers.empty() ? op : followers.back().getOperation();
  }

private:
  SmallVector<Phase> phasesOf(int64_t number);
  Value takeFilters(ArrayRef<Phase> phases);
  Value takeInput(ArrayRef<Phase> phases, SmallVectorImpl<int64_t> &pads);
  Value buildConv(ArrayRef<int64_t> numbers);
  Value buildInterleaved(Value stacked);
  Value follow(Value part);

  ConvTransposeOp op;
  /// Elementwise operations that follow, other operands of which are the same
  /// for all elements.
  SmallVector<ElementwiseOpInterface> followers;
  PatternRewriter &b;
  Location loc;
  ArrayRef<int64_t> x, w, y;
  int64_t rank, filters, count = 1;    // `count` of phases.
  SmallVector<int64_t> steps, extents; // Per dimension: of the parts.
};
} // namespace

PhaseBuilder::PhaseBuilder(ConvTransposeOp op, PatternRewriter &rewriter)
    : op(op), b(rewriter), loc(op.getLoc()), x(shapeOf(op.getX())),
      w(shapeOf(op.getW())), y(shapeOf(op.getResult())), rank(x.size() - 2),
      filters(y[1]), steps(op.getStrides()) {
  for (int64_t i = 0; i < rank; ++i) {
    count *= steps[i];
    extents.push_back(llvm::divideCeil(y[2 + i], steps[i]));
  }
  for (Operation *last = op; last->hasOneUse();) {
    Operation *user = *last->user_begin();
    auto next = dyn_cast<ElementwiseOpInterface>(user);
    bool follows = next && user->getResult(0).getType() == op.getType() &&
                   user->getOperand(0) == last->getResult(0) &&
                   llvm::all_of(llvm::seq<unsigned>(1, user->getNumOperands()),
                                [&](unsigned other) {
                                  return next.getOperandMap(other).isConstant();
                                });
    if (!follows)
      break;
    followers.push_back(next);
    last = user;
  }
}

/// The phase of every dimension; the last one's changes first.
SmallVector<Phase> PhaseBuilder::phasesOf(int64_t number) {
  SmallVector<Phase> phases;
  for (int64_t i = rank - 1; i >= 0; --i) {
    phases.emplace_back(number % steps[i], steps[i], op.getPads()[i], w[2 + i],
                        x[2 + i], extents[i]);
    number /= steps[i];
  }
  std::reverse(phases.begin(), phases.end());
  return phases;
}

StringRef PhaseBuilder::whyNot() {
  constexpr int64_t kMostPhases = 16;
  if (!isConstant(op.getW()))
    return "filters would be taken apart in every run";
  if (llvm::any_of(op.getDilations(), [](int64_t d) { return d != 1; }))
    return "filters have holes";
  if (count > kMostPhases)
    return "too many phases";
  if (llvm::is_contained(x, 0) || llvm::is_contained(y, 0))
    return "nothing to compute";
  for (int64_t number = 0; number < count; ++number)
    for (auto [phase, extent] :
         llvm::zip_equal(phasesOf(number), x.drop_front(2))) {
      if (phase.taps == 0)
        return "some results are the bias alone";
      if (extent + std::min<int64_t>(phase.before, 0) +
              std::min<int64_t>(phase.after, 0) <=
          0)
        return "some results do not depend on the input";
    }
  return "";
}

/// Filters of a phase: result's channels first, taps backwards.
Value PhaseBuilder::takeFilters(ArrayRef<Phase> phases) {
  Location at = op.getW().getLoc();
  int64_t groups = op.getGroups();
  SmallVector<int64_t> starts(2, 0), taps(w.take_front(2)), strides(2, 1),
      order = {0, 2, 1};
  for (auto [i, phase] : llvm::enumerate(phases)) {
    starts.push_back(phase.first + steps[i] * (phase.taps - 1));
    taps.push_back(phase.taps);
    strides.push_back(-steps[i]);
    order.push_back(3 + i);
  }
  Value taken = SliceOp::create(b, at, op.getW(), starts, taps, strides);
  SmallVector<int64_t> split = {groups, w[0] / groups, w[1]};
  split.append(taps.begin() + 2, taps.end());
  Value grouped =
      TransposeOp::create(b, at, ReshapeOp::create(b, at, taken, split), order);
  SmallVector<int64_t> whole = {filters, w[0] / groups};
  whole.append(taps.begin() + 2, taps.end());
  return ReshapeOp::create(b, at, grouped, whole);
}

/// What of the input a phase reads, and the zeros around it.
Value PhaseBuilder::takeInput(ArrayRef<Phase> phases,
                              SmallVectorImpl<int64_t> &pads) {
  SmallVector<int64_t> starts(x.size(), 0), taken(x), strides(x.size(), 1);
  pads.assign(2 * rank, 0);
  for (auto [i, phase] : llvm::enumerate(phases)) {
    pads[i] = std::max<int64_t>(phase.before, 0);
    pads[rank + i] = std::max<int64_t>(phase.after, 0);
    starts[2 + i] = std::max<int64_t>(-phase.before, 0);
    taken[2 + i] +=
        std::min<int64_t>(phase.before, 0) + std::min<int64_t>(phase.after, 0);
  }
  if (ArrayRef(taken) == x)
    return op.getX();
  return SliceOp::create(b, loc, op.getX(), starts, taken, strides);
}

/// The convolution of phases that read the same: their filters one phase after
/// the other.
Value PhaseBuilder::buildConv(ArrayRef<int64_t> numbers) {
  SmallVector<Value> parts, biases;
  for (int64_t number : numbers) {
    parts.push_back(takeFilters(phasesOf(number)));
    if (op.getBias())
      biases.push_back(op.getBias());
  }
  auto join = [&](ValueRange values) -> Value {
    if (values.empty())
      return Value();
    return values.size() == 1 ? values.front()
                              : ConcatOp::create(b, loc, values, 0);
  };
  SmallVector<int64_t> pads, ones(rank, 1);
  Value input = takeInput(phasesOf(numbers.front()), pads);
  return follow(ConvOp::create(b, loc, input, join(parts), join(biases), ones,
                               ones, pads, op.getGroups()));
}

/// What follows the operation, of a part of its result.
Value PhaseBuilder::follow(Value part) {
  for (ElementwiseOpInterface follower : followers)
    part = cloneForPart(b, follower, part)->getResult(0);
  return part;
}

/// Phases next to each other, from one after the other as blocks of channels.
Value PhaseBuilder::buildInterleaved(Value stacked) {
  SmallVector<int64_t> split = {y[0]}, order = {0, rank + 1},
                       whole = {y[0], filters};
  llvm::append_range(split, steps);
  split.push_back(filters);
  llvm::append_range(split, extents);
  for (int64_t i = 0; i < rank; ++i) {
    order.append({rank + 2 + i, 1 + i});
    whole.push_back(extents[i] * steps[i]);
  }
  Value parts = ReshapeOp::create(b, loc, stacked, split);
  Value moved = TransposeOp::create(b, loc, parts, order);
  Value result = ReshapeOp::create(b, loc, moved, whole);
  if (ArrayRef(whole) == y)
    return result;
  SmallVector<int64_t> starts(y.size(), 0), strides(y.size(), 1);
  return SliceOp::create(b, loc, result, starts, y, strides);
}

Value PhaseBuilder::build() {
  auto numbers = llvm::to_vector(llvm::seq<int64_t>(0, count));
  bool areAlike = op.getGroups() == 1 && llvm::all_of(numbers, [&](int64_t n) {
                    return phasesOf(n) == phasesOf(0);
                  });
  if (areAlike)
    return count == 1 ? buildConv(numbers)
                      : buildInterleaved(buildConv(numbers));
  SmallVector<Value> parts = llvm::map_to_vector(
      numbers, [&](int64_t number) { return buildConv({number}); });
  return buildInterleaved(ConcatOp::create(b, loc, parts, /*axis=*/1));
}

namespace {
// Pattern: f(conv_transpose(x, w)) -> interleave(f(conv(x, w0)), f(conv(x,
// w1)), ...), where w0, w1, ... hold every step-th tap of w from 0, 1, ... on,
// backwards
struct MakePhases : OpRewritePattern<ConvTransposeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ConvTransposeOp op,
                                PatternRewriter &rewriter) const override {
    PhaseBuilder builder(op, rewriter);
    if (StringRef reason = builder.whyNot(); !reason.empty())
      return rewriter.notifyMatchFailure(op, reason);
    rewriter.setInsertionPoint(builder.getLast());
    rewriter.replaceOp(builder.getLast(), builder.build());
    return success();
  }
};
} // namespace

void cameo::populateTransposedPatterns(RewritePatternSet &patterns) {
  patterns.add<MakePhases>(patterns.getContext());
}
