//===- IndexRange.cpp - Ranges of index values ----------------------------===//
//
// Interval arithmetic over loop counters and constants. Values that come from
// data have no range, so arithmetic on them keeps its wrapping form.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpp/IndexRange.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace {

struct Interval {
  int64_t low, high;
};
using MaybeInterval = std::optional<Interval>;

/// Task counts are far below this; see the launch contract.
constexpr Interval kTaskRange = {0, int64_t(1) << 31};
constexpr Interval kAnything = {INT64_MIN, INT64_MAX};
constexpr int kMaxDepth = 24;

class RangeFinder {
public:
  /// The range of a value; everything when nothing is known.
  Interval find(Value value, int depth);
  /// The range of an operation's exact result; none when it may wrap.
  MaybeInterval ofBinary(Operation *op, int depth);

private:
  Interval compute(Value value, int depth);
  Interval ofArgument(BlockArgument argument, int depth);

  llvm::DenseMap<Value, Interval> cache;
};

} // namespace

static MaybeInterval hull(bool overflow, std::initializer_list<int64_t> ends) {
  if (overflow)
    return std::nullopt;
  return Interval{std::min(ends), std::max(ends)};
}

static MaybeInterval multiply(Interval a, Interval b) {
  int64_t ll, lh, hl, hh;
  bool overflow = llvm::MulOverflow(a.low, b.low, ll) ||
                  llvm::MulOverflow(a.low, b.high, lh) ||
                  llvm::MulOverflow(a.high, b.low, hl) ||
                  llvm::MulOverflow(a.high, b.high, hh);
  return overflow ? std::nullopt : hull(false, {ll, lh, hl, hh});
}

MaybeInterval RangeFinder::ofBinary(Operation *op, int depth) {
  Interval a = find(op->getOperand(0), depth + 1),
           b = find(op->getOperand(1), depth + 1);
  int64_t low, high;
  if (isa<arith::AddIOp>(op)) {
    bool overflow = llvm::AddOverflow(a.low, b.low, low) ||
                    llvm::AddOverflow(a.high, b.high, high);
    return overflow ? std::nullopt : hull(false, {low, high});
  }
  if (isa<arith::SubIOp>(op)) {
    bool overflow = llvm::SubOverflow(a.low, b.high, low) ||
                    llvm::SubOverflow(a.high, b.low, high);
    return overflow ? std::nullopt : hull(false, {low, high});
  }
  if (isa<arith::MulIOp>(op))
    return multiply(a, b);
  if (isa<arith::MinSIOp>(op))
    return Interval{std::min(a.low, b.low), std::min(a.high, b.high)};
  if (isa<arith::MaxSIOp>(op))
    return Interval{std::max(a.low, b.low), std::max(a.high, b.high)};
  // A non-negative dividend and a positive divisor.
  bool natural = a.low >= 0 && b.low > 0;
  if (natural && isa<arith::DivSIOp, arith::DivUIOp, arith::FloorDivSIOp,
                     arith::CeilDivSIOp>(op))
    return Interval{0, a.high};
  if (natural && isa<arith::RemSIOp, arith::RemUIOp>(op))
    return Interval{0, std::min(a.high, b.high - 1)};
  return std::nullopt;
}

Interval RangeFinder::ofArgument(BlockArgument argument, int depth) {
  Operation *parent = argument.getOwner()->getParentOp();
  if (isa<func::FuncOp>(parent))
    return kTaskRange;
  auto loop = dyn_cast<scf::ForOp>(parent);
  if (!loop || argument != loop.getInductionVar())
    return kAnything;
  int64_t low = find(loop.getLowerBound(), depth + 1).low;
  return {low, std::max(low, find(loop.getUpperBound(), depth + 1).high)};
}

Interval RangeFinder::compute(Value value, int depth) {
  if (depth > kMaxDepth || !value.getType().isIndex())
    return kAnything;
  if (auto argument = dyn_cast<BlockArgument>(value))
    return ofArgument(argument, depth);
  Operation *op = value.getDefiningOp();
  if (auto constant = dyn_cast<arith::ConstantIndexOp>(op))
    return {constant.value(), constant.value()};
  if (isa<arith::SelectOp>(op)) {
    Interval a = find(op->getOperand(1), depth + 1),
             b = find(op->getOperand(2), depth + 1);
    return {std::min(a.low, b.low), std::max(a.high, b.high)};
  }
  if (op->getNumOperands() != 2 || op->getNumResults() != 1)
    return kAnything;
  return ofBinary(op, depth).value_or(kAnything);
}

Interval RangeFinder::find(Value value, int depth) {
  if (auto it = cache.find(value); it != cache.end())
    return it->second;
  Interval range = compute(value, depth);
  cache[value] = range;
  return range;
}

void cameo::cpp::markIndexArithmetic(func::FuncOp func) {
  RangeFinder finder;
  auto nsw = arith::IntegerOverflowFlagsAttr::get(
      func.getContext(), arith::IntegerOverflowFlags::nsw);
  func.walk([&](Operation *op) {
    if (isa<arith::AddIOp, arith::SubIOp, arith::MulIOp>(op) &&
        op->getResult(0).getType().isIndex() && finder.ofBinary(op, 0))
      op->setAttr("overflowFlags", nsw);
  });
}
