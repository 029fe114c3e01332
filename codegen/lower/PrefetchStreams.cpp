//===- PrefetchStreams.cpp - Ask for weights before they are needed -------===//
//
// Packed weights are read once, in order, between loads that hardware
// prefetchers follow instead: an explicit request some kilobytes ahead hides
// the latency of memory.
//
//===----------------------------------------------------------------------===//

#include "codegen/lower/Passes.h"

#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace cameo {
#define GEN_PASS_DEF_PREFETCHSTREAMS
#include "codegen/lower/Passes.h.inc"
} // namespace cameo

using namespace cameo;

namespace {
struct PrefetchStreamsPass
    : cameo::impl::PrefetchStreamsBase<PrefetchStreamsPass> {
  using PrefetchStreamsBase::PrefetchStreamsBase;
  void runOnOperation() override;

private:
  void visit(scf::ForOp loop);
  bool isWorthIt(Value buffer) const;
};
} // namespace

/// The factor of `variable` in `value`, an expression of values from outside
/// `loop`; none when it is not linear.
static std::optional<int64_t> factorIn(Value value, scf::ForOp loop) {
  if (value == loop.getInductionVar())
    return 1;
  Operation *op = value.getDefiningOp();
  if (!op || !loop->isProperAncestor(op))
    return value.getParentBlock() == loop.getBody() ? std::nullopt
                                                    : std::optional<int64_t>(0);
  if (!isa<arith::AddIOp, arith::MulIOp>(op))
    return std::nullopt;
  std::optional<int64_t> left = factorIn(op->getOperand(0), loop),
                         right = factorIn(op->getOperand(1), loop);
  if (!left || !right)
    return std::nullopt;
  if (isa<arith::AddIOp>(op))
    return *left + *right;
  std::optional<int64_t> scale = getConstantIntValue(op->getOperand(1));
  if (*left == 0 && *right == 0)
    return 0;
  return scale ? std::optional<int64_t>(*left * *scale) : std::nullopt;
}

/// How many elements further an access is after one step of the loop; none
/// when that is not fixed.
static std::optional<int64_t> stepOf(vector::LoadOp load, scf::ForOp loop) {
  auto [strides, offset] = load.getMemRefType().getStridesAndOffset();
  std::optional<int64_t> step = getConstantIntValue(loop.getStep());
  int64_t sum = 0;
  for (auto [index, stride] : llvm::zip_equal(load.getIndices(), strides)) {
    std::optional<int64_t> factor = factorIn(index, loop);
    if (!step || !factor || ShapedType::isDynamic(stride))
      return std::nullopt;
    sum += *factor * stride * *step;
  }
  return sum;
}

/// Buffers from outside that a second-level cache does not hold anyway.
bool PrefetchStreamsPass::isWorthIt(Value buffer) const {
  buffer = baseOf(buffer);
  auto argument = dyn_cast<BlockArgument>(buffer);
  auto type = cast<MemRefType>(buffer.getType());
  return argument && argument.getOwner()->isEntryBlock() &&
         isa<func::FuncOp>(argument.getOwner()->getParentOp()) &&
         type.hasStaticShape() &&
         type.getNumElements() * type.getElementTypeBitWidth() >=
             8 * smallestBytes;
}

/// The index of `load` that lies `ahead` steps of `loop` further on.
static SmallVector<Value> indicesAhead(OpBuilder &builder, vector::LoadOp load,
                                       scf::ForOp loop, int64_t ahead) {
  Location loc = load.getLoc();
  int64_t distance = ahead * *getConstantIntValue(loop.getStep());
  IRMapping moved;
  moved.map(loop.getInductionVar(),
            arith::AddIOp::create(
                builder, loc, loop.getInductionVar(),
                arith::ConstantIndexOp::create(builder, loc, distance)));
  std::function<Value(Value)> rebuild = [&](Value value) -> Value {
    Operation *op = value.getDefiningOp();
    if (moved.contains(value))
      return moved.lookup(value);
    if (!op || !loop->isProperAncestor(op))
      return value;
    for (Value operand : op->getOperands())
      moved.map(operand, rebuild(operand));
    return builder.clone(*op, moved)->getResult(0);
  };
  return llvm::map_to_vector(load.getIndices(), rebuild);
}

void PrefetchStreamsPass::visit(scf::ForOp loop) {
  SmallVector<vector::LoadOp> loads;
  int64_t products = 0;
  for (Operation &op : *loop.getBody()) {
    if (op.getNumRegions() > 0)
      return; // An outer loop.
    products += isa<arith::MulFOp, arith::MulIOp>(op) &&
                isa<VectorType>(op.getResult(0).getType());
    if (auto load = dyn_cast<vector::LoadOp>(op))
      if (isWorthIt(load.getBase()))
        loads.push_back(load);
  }
  // One request per vector; where each is used only a few times the loads
  // themselves are what takes time.
  if (loads.empty() || products < 4 * static_cast<int64_t>(loads.size()))
    return;
  for (vector::LoadOp load : loads) {
    int64_t lanes = load.getVectorType().getNumElements();
    std::optional<int64_t> step = stepOf(load, loop);
    int64_t siblings = llvm::count_if(loads, [&](vector::LoadOp other) {
      return other.getBase() == load.getBase();
    });
    if (!step || *step < lanes || *step > lanes * siblings)
      continue; // Not read in order.
    int64_t bytes = *step * load.getVectorType().getElementTypeBitWidth() / 8;
    OpBuilder builder(load);
    memref::PrefetchOp::create(
        builder, load.getLoc(), load.getBase(),
        indicesAhead(builder, load, loop, llvm::divideCeil(distance, bytes)),
        /*isWrite=*/false, /*localityHint=*/3, /*isDataCache=*/true);
    ++numPrefetches;
  }
}

void PrefetchStreamsPass::runOnOperation() {
  if (!isKernel(getOperation()))
    return;
  SmallVector<scf::ForOp> loops;
  getOperation().walk([&](scf::ForOp loop) { loops.push_back(loop); });
  for (scf::ForOp loop : loops)
    visit(loop);
}
