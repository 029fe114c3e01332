//===- LoopDepth.cpp - Reductions that loop nests take in runs ------------===//
//
// A tile of results reads all that its reduction goes over. Where the next tile
// reads much of that again and no cache has held it (filters of many channels
// and taps), all tiles take one run of the reduction before the next one, as
// blocked matrix products do (Goto and van de Geijn, "Anatomy of
// high-performance matrix multiplication", 2008). It costs to load and store
// sums once more per run.
//
//===----------------------------------------------------------------------===//

#include "codegen/lower/LoopCost.h"
#include "codegen/lower/LoopEmitter.h"
#include "codegen/lower/LoopPlan.h"

using namespace mlir;
using namespace cameo;

//===----------------------------------------------------------------------===//
// Plans
//===----------------------------------------------------------------------===//

bool cameo::canRunDepth(const LoopGroup &group, const LoopPlan &plan) {
  linalg::LinalgOp root = group.root.op;
  int64_t dim = plan.depthDim, steps = plan.depthSteps;
  if (dim < 0 || dim >= root.getNumLoops() || steps < 1 ||
      root.getIteratorTypesArray()[dim] != utils::IteratorType::reduction)
    return false;
  int64_t range = root.getStaticLoopRanges()[dim];
  // Loops of these kinds know where they begin and end.
  bool isSpecial = dim == plan.vectorDim || dim == plan.laneDim ||
                   plan.isUnrolled(dim) || boundsOf(root)[dim];
  if (isSpecial || steps >= range || range % steps != 0)
    return false;
  return llvm::all_of(root.getIndexingMapsArray(), [&](AffineMap map) {
    return llvm::all_of(map.getResults(), [&](AffineExpr expr) {
      return isa<AffineDimExpr>(expr) || !expr.isFunctionOfDim(dim);
    });
  });
}

void cameo::chooseDepth(const LoopGroup &group, const LoopTarget &target,
                        ArrayRef<SmallVector<int64_t>> orders, LoopPlan &plan) {
  // What estimates do not tell apart is not worth the sums' way.
  constexpr double kGain = 0.9;
  linalg::LinalgOp root = group.root.op;
  LoopCost cost = estimateCost(group, target, plan);
  if (cost.memory < cost.compute)
    return;
  double best = cost.getCycles() * kGain;
  LoopPlan runs = plan;
  runs.chunkDim = runs.aheadDim = -1;
  SmallVector<unsigned> reductions;
  root.getReductionDims(reductions);
  for (unsigned dim : reductions) {
    int64_t range = root.getStaticLoopRanges()[dim];
    runs.depthDim = dim;
    for (runs.depthSteps = 1; runs.depthSteps < range; ++runs.depthSteps) {
      if (!canRunDepth(group, runs))
        continue;
      for (const SmallVector<int64_t> &order : orders) {
        runs.order = order;
        double cycles = estimateCost(group, target, runs).getCycles();
        if (cycles >= best)
          continue;
        best = cycles;
        plan = runs;
      }
    }
  }
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

/// All tiles; with runs of a reduction, once for every run.
void LoopEmitter::emitStages() {
  if (plan.depthDim < 0)
    return emitParallel(0);
  if (group.prologue) {
    stage = Stage::Start;
    emitParallel(0);
  }
  stage = Stage::Sum;
  forLoop(constant(0), constant(ranges[plan.depthDim]), plan.depthSteps,
          plan.depthDim, {}, [&](ValueRange) {
            depthLow = index[plan.depthDim];
            emitParallel(0);
            return SmallVector<Value>();
          });
  if (!group.epilogue.empty()) {
    stage = Stage::Finish;
    emitParallel(0);
  }
}

/// The steps of the current run.
SmallVector<Value> LoopEmitter::emitDepthRun(size_t depth,
                                             ValueRange accumulators) {
  Value end =
      arith::AddIOp::create(b, loc, depthLow, constant(plan.depthSteps));
  return forLoop(
      depthLow, end, 1, plan.depthDim, accumulators,
      [&](ValueRange args) { return emitReductions(depth + 1, args); });
}
