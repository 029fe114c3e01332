//===- DistributeRows.cpp - Split loops over rows into tasks --------------===//
//
// Row loops write disjoint parts of their results; what else they write is
// theirs alone and becomes one buffer per task.
//
//===----------------------------------------------------------------------===//

#include "codegen/lower/Passes.h"

#include "mlir/IR/IRMapping.h"

using namespace mlir;

namespace cameo {
#define GEN_PASS_DEF_DISTRIBUTEROWS
#include "codegen/lower/Passes.h.inc"
} // namespace cameo

using namespace cameo;

namespace {
struct DistributeRowsPass
    : cameo::impl::DistributeRowsBase<DistributeRowsPass> {
  using DistributeRowsBase::DistributeRowsBase;
  void runOnOperation() override;

private:
  void distribute(scf::ForOp loop, int64_t tasks);
};
} // namespace

/// Scratch buffers and stack buffers that only `loop` uses.
static SmallVector<Value> findOwnBuffers(func::FuncOp function,
                                         scf::ForOp loop) {
  auto isOwn = [&](Value buffer) {
    return !buffer.use_empty() &&
           llvm::all_of(buffer.getUsers(), [&](Operation *user) {
             return loop->isProperAncestor(user);
           });
  };
  SmallVector<Value> buffers;
  for (BlockArgument arg : function.getArguments())
    if (function.getArgAttr(arg.getArgNumber(), "plan.scratch") && isOwn(arg))
      buffers.push_back(arg);
  for (auto op : function.getBody().front().getOps<memref::AllocaOp>())
    if (isOwn(op))
      buffers.push_back(op);
  return buffers;
}

/// Gives every task its part of a scratch buffer.
static Value splitBuffer(OpBuilder &builder, func::FuncOp function,
                         BlockArgument buffer, Value task, int64_t tasks) {
  auto type = cast<MemRefType>(buffer.getType());
  SmallVector<int64_t> shape = {tasks};
  llvm::append_range(shape, type.getShape());
  auto whole = MemRefType::get(shape, type.getElementType());
  buffer.setType(whole);
  function.setFunctionType(FunctionType::get(
      builder.getContext(), function.getBody().front().getArgumentTypes(), {}));
  SmallVector<OpFoldResult> offsets(shape.size(), builder.getIndexAttr(0)),
      sizes = getAsIndexOpFoldResult(builder.getContext(), shape),
      strides(shape.size(), builder.getIndexAttr(1));
  offsets[0] = task;
  sizes[0] = builder.getIndexAttr(1);
  auto part = memref::SubViewOp::inferRankReducedResultType(
      type.getShape(), whole, offsets, sizes, strides);
  return memref::SubViewOp::create(builder, buffer.getLoc(),
                                   cast<MemRefType>(part), buffer, offsets,
                                   sizes, strides);
}

/// Computes `value` again where `builder` stands, from arguments alone.
static Value cloneTree(OpBuilder &builder, Value value) {
  Operation *op = value.getDefiningOp();
  if (!op)
    return value;
  IRMapping mapping;
  for (Value operand : op->getOperands())
    mapping.map(operand, cloneTree(builder, operand));
  return builder.clone(*op, mapping)->getResult(0);
}

/// Where a row loop ends at the latest; none when that is not known.
static std::optional<int64_t> findEnd(scf::ForOp loop) {
  Value end = loop.getUpperBound();
  if (auto bounded = end.getDefiningOp<arith::MinSIOp>())
    end = bounded.getRhs();
  return getConstantIntValue(end);
}

void DistributeRowsPass::distribute(scf::ForOp loop, int64_t tasks) {
  Location loc = loop.getLoc();
  IRRewriter rewriter(loop);
  SmallVector<Value> buffers = findOwnBuffers(getOperation(), loop);
  auto forall = scf::ForallOp::create(
      rewriter, loc, ArrayRef<OpFoldResult>{rewriter.getIndexAttr(tasks)},
      ValueRange(), std::nullopt);
  rewriter.setInsertionPointToStart(forall.getBody());
  Value task = forall.getInductionVars().front();
  for (Value buffer : buffers) {
    if (Operation *op = buffer.getDefiningOp()) {
      op->moveBefore(forall.getBody(), forall.getBody()->begin());
      continue;
    }
    SmallVector<OpOperand *> uses = llvm::map_to_vector(
        buffer.getUses(), [](OpOperand &use) { return &use; });
    Value part = splitBuffer(rewriter, getOperation(),
                             cast<BlockArgument>(buffer), task, tasks);
    for (OpOperand *use : uses)
      use->set(part);
  }
  int64_t high = *findEnd(loop);
  int64_t step = *getConstantIntValue(loop.getStep());
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(rewriter, loc, value);
  };
  Value end, chunk;
  if (getConstantIntValue(loop.getUpperBound())) {
    end = constant(high);
    chunk =
        constant(llvm::divideCeil(llvm::divideCeil(high, step), tasks) * step);
  } else {
    // As many tasks share fewer rows.
    end = cloneTree(rewriter, loop.getUpperBound());
    AffineExpr rows = rewriter.getAffineSymbolExpr(0);
    chunk = affine::AffineApplyOp::create(
        rewriter, loc, rows.ceilDiv(step).ceilDiv(tasks) * step,
        ValueRange{end});
  }
  Value low = arith::MinSIOp::create(
      rewriter, loc, arith::MulIOp::create(rewriter, loc, task, chunk), end);
  Value stop = arith::MinSIOp::create(
      rewriter, loc, arith::AddIOp::create(rewriter, loc, low, chunk), end);
  loop->moveAfter(stop.getDefiningOp());
  loop.setLowerBound(low);
  loop.setUpperBound(stop);
}

/// Rough number of scalar operations below `op`.
static int64_t workOf(Operation *op) {
  int64_t work = 0;
  op->walk([&](linalg::LinalgOp inner) {
    int64_t iterations = 1;
    for (int64_t range : inner.getStaticLoopRanges())
      iterations *= range;
    for (auto loop = inner->getParentOfType<scf::ForOp>();
         loop && op->isAncestor(loop);
         loop = loop->getParentOfType<scf::ForOp>())
      if (std::optional<APInt> count = loop.getStaticTripCount())
        iterations *= count->getSExtValue();
    work += iterations * inner.getBlock()->getOperations().size();
  });
  return work;
}

void DistributeRowsPass::runOnOperation() {
  func::FuncOp function = getOperation();
  if (!isKernel(function) || threads < 2)
    return;
  // Below this much work a task costs less than handing it over.
  constexpr int64_t kTaskWork = 100000;
  for (auto loop : llvm::to_vector(function.getOps<scf::ForOp>())) {
    std::optional<int64_t> end = findEnd(loop);
    if (!loop->hasAttr(kRowLoopAttr) || !end || loop.getNumResults() > 0 ||
        !matchPattern(loop.getLowerBound(), m_Zero()))
      continue;
    int64_t steps =
        llvm::divideCeil(*end, *getConstantIntValue(loop.getStep()));
    int64_t tasks =
        std::min<int64_t>({steps, 4 * threads, workOf(loop) / kTaskWork});
    if (tasks < 2)
      continue;
    tasks = llvm::divideCeil(steps, llvm::divideCeil(steps, tasks));
    ++numLoops;
    distribute(loop, tasks);
  }
}
