//===- VectorizeKernel.cpp - Plans of register-tiled vector loops
//----------===//
//
// Chooses for every linalg operation which dimension vectors take and how large
// its register tile is; LoopNest.cpp emits the loops.
//
//===----------------------------------------------------------------------===//

#include "codegen/lower/LoopNest.h"
#include "codegen/lower/Passes.h"

#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"

using namespace mlir;

namespace cameo {
#define GEN_PASS_DEF_VECTORIZEKERNEL
#include "codegen/lower/Passes.h.inc"
} // namespace cameo

using namespace cameo;

namespace {
struct VectorizeKernelPass
    : cameo::impl::VectorizeKernelBase<VectorizeKernelPass> {
  using VectorizeKernelBase::VectorizeKernelBase;
  void runOnOperation() override;

private:
  LoopPlan plan(linalg::LinalgOp op) const;
  int64_t lanesOf(linalg::LinalgOp op) const;
};
} // namespace

/// Groups of adjacent loops that every operand walks as one.
static SmallVector<ReassociationIndices> collapsibleLoops(linalg::LinalgOp op) {
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  SmallVector<utils::IteratorType> iterators = op.getIteratorTypesArray();
  SmallVector<ReassociationIndices> groups;
  bool contiguous = llvm::all_of(op->getOperandTypes(), [](Type type) {
    auto buffer = dyn_cast<MemRefType>(type);
    return !buffer || buffer.getLayout().isIdentity();
  });
  if (!contiguous || op.hasIndexSemantics() ||
      !llvm::all_of(maps,
                    [](AffineMap map) { return map.isProjectedPermutation(); }))
    return groups;
  for (int64_t dim = 0, end = op.getNumLoops(); dim < end;) {
    ReassociationIndices group = {dim};
    for (int64_t next = dim + 1;
         next < end && iterators[next] == iterators[dim]; ++next) {
      ReassociationIndices longer = group;
      longer.push_back(next);
      if (!linalg::areDimSequencesPreserved(maps, {longer}))
        break;
      group = longer;
    }
    dim += group.size();
    groups.push_back(group);
  }
  bool any =
      llvm::any_of(groups, [](const auto &group) { return group.size() > 1; });
  return any ? groups : SmallVector<ReassociationIndices>();
}

/// The operation with adjacent loops made one where possible.
static linalg::LinalgOp collapseLoops(RewriterBase &rewriter,
                                      linalg::LinalgOp op) {
  SmallVector<ReassociationIndices> groups = collapsibleLoops(op);
  if (groups.empty())
    return op;
  rewriter.setInsertionPoint(op);
  FailureOr<linalg::CollapseResult> collapsed =
      linalg::collapseOpIterationDims(op, groups, rewriter);
  if (failed(collapsed))
    return op;
  rewriter.eraseOp(op);
  return collapsed->collapsedOp;
}

/// Whether every operation of the body works on vectors as on scalars.
static bool hasElementwiseBody(linalg::LinalgOp op) {
  return llvm::all_of(op.getBlock()->without_terminator(),
                      [](Operation &inner) {
                        return isa<arith::ConstantOp>(inner) ||
                               (OpTrait::hasElementwiseMappableTraits(&inner) &&
                                inner.getNumRegions() == 0);
                      });
}

/// Lanes of a vector of the widest type in the operation.
int64_t VectorizeKernelPass::lanesOf(linalg::LinalgOp op) const {
  int64_t widest = 8;
  auto widen = [&](Type type) {
    Type element = getElementTypeOrSelf(type);
    int64_t bits = element.isIndex() ? 64 : element.getIntOrFloatBitWidth();
    widest = std::max(widest, bits);
  };
  llvm::for_each(op->getOperandTypes(), widen);
  op.getBlock()->walk([&](Operation *inner) {
    llvm::for_each(inner->getResultTypes(), widen);
  });
  return std::max<int64_t>(vectorBits / widest, 1);
}

/// Whether the results can be combined from partial ones along a dimension.
static bool canSplitReduction(linalg::LinalgOp op) {
  for (unsigned i = 0; i < op.getNumDpsInits(); ++i) {
    SmallVector<Operation *, 4> combiners;
    if (!matchReduction(op.getRegionOutputArgs(), i, combiners) ||
        combiners.size() != 1 || !arith::getNeutralElement(combiners[0]) ||
        !linalg::getCombinerOpKind(combiners[0]))
      return false;
  }
  return true;
}

/// Number of operands that need one scalar load per lane along `dim`; -1 when
/// results are not contiguous or no vectors are possible.
static int64_t stridedOperands(linalg::LinalgOp op, int64_t dim,
                               bool reduction) {
  for (OpOperand &init : op.getDpsInitsMutable()) {
    Access wanted = reduction ? Access::Invariant : Access::Contiguous;
    if (accessAlong(op.getMatchingIndexingMap(&init), dim) != wanted)
      return -1;
  }
  int64_t strided = 0, contiguous = 0;
  for (OpOperand *operand : op.getDpsInputOperands()) {
    if (!isa<MemRefType>(operand->get().getType()))
      continue;
    Access access = accessAlong(op.getMatchingIndexingMap(operand), dim);
    strided += access == Access::Strided;
    contiguous += access == Access::Contiguous;
  }
  return reduction && (strided || !contiguous) ? -1 : strided;
}

/// A dimension of the results along which a vector operand is used again.
static int64_t findRowDim(linalg::LinalgOp op, int64_t vectorDim) {
  int64_t best = -1;
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  for (int64_t dim = 0; dim < op.getNumLoops(); ++dim) {
    if (dim == vectorDim || ranges[dim] < 2 ||
        op.getIteratorTypesArray()[dim] != utils::IteratorType::parallel)
      continue;
    bool reuses =
        llvm::any_of(op.getDpsInputOperands(), [&](OpOperand *operand) {
          AffineMap map = op.getMatchingIndexingMap(operand);
          return accessAlong(map, vectorDim) != Access::Invariant &&
                 accessAlong(map, dim) == Access::Invariant;
        });
    if (reuses && (best < 0 || ranges[dim] > ranges[best]))
      best = dim;
  }
  return best;
}

LoopPlan VectorizeKernelPass::plan(linalg::LinalgOp op) const {
  LoopPlan result;
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  int64_t widest = lanesOf(op);
  if (vectorBits == 0 || widest < 2 || !hasElementwiseBody(op))
    return result;
  int64_t bestScore = std::numeric_limits<int64_t>::max();
  for (int64_t dim = 0; dim < op.getNumLoops(); ++dim) {
    bool reduction =
        op.getIteratorTypesArray()[dim] == utils::IteratorType::reduction;
    if (ranges[dim] < 2 || (reduction && !canSplitReduction(op)))
      continue;
    int64_t strided = stridedOperands(op, dim, reduction);
    if (strided < 0)
      continue;
    // Fewer strided operands first; then lanes in use; then no final sums.
    int64_t usedLanes =
        std::min<int64_t>(widest, llvm::bit_floor<uint64_t>(ranges[dim]));
    int64_t score = strided * 1000 + (widest / usedLanes) * 10 + reduction;
    if (score >= bestScore)
      continue;
    bestScore = score;
    result.vectorDim = dim;
    result.lanes = usedLanes;
  }
  if (result.vectorDim < 0 || op.getNumReductionLoops() == 0)
    return result;
  // Half of the registers hold accumulators, in two columns where rows share
  // loaded vectors.
  if (op.getIteratorTypesArray()[result.vectorDim] ==
      utils::IteratorType::reduction) {
    result.vectors = 4;
    return result;
  }
  result.rowDim = findRowDim(op, result.vectorDim);
  result.vectors = result.rowDim >= 0 ? 2 : 4;
  result.rows = result.rowDim >= 0 ? registers * 3 / 8 : 1;
  return result;
}

void VectorizeKernelPass::runOnOperation() {
  func::FuncOp function = getOperation();
  if (!isKernel(function))
    return;
  IRRewriter rewriter(&getContext());
  SmallVector<memref::CopyOp> copies;
  function.walk([&](memref::CopyOp copy) { copies.push_back(copy); });
  for (memref::CopyOp copy : copies) {
    rewriter.setInsertionPoint(copy);
    linalg::makeMemRefCopyOp(rewriter, copy.getLoc(), copy.getSource(),
                             copy.getTarget());
    rewriter.eraseOp(copy);
  }
  SmallVector<linalg::LinalgOp> ops;
  function.walk([&](linalg::LinalgOp op) { ops.push_back(op); });
  for (linalg::LinalgOp op : ops) {
    op = collapseLoops(rewriter, op);
    LoopPlan loops = plan(op);
    ++(loops.vectorDim < 0 ? numScalar : numVectorized);
    emitLoopNest(rewriter, op, loops);
  }
}
