//===- LoopPlan.h - Plans of register-tiled vector loops --------*- C++ -*-===//
//
// Chooses how a group of linalg operations becomes a loop nest.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_CODEGEN_LOWER_LOOPPLAN_H
#define CAMEO_CODEGEN_LOWER_LOOPPLAN_H

#include "codegen/lower/LoopGroup.h"
#include "dialects/target/MemoryFigures.h"

namespace cameo {

/// What plans depend on besides the operations.
struct LoopTarget {
  int64_t vectorBits = 0; // 0: scalar loops.
  int64_t registers = 16;
  int64_t threads = 1;
  MemoryFigures memory = {};
  bool hasLaneOperands = false;  // Products take an operand from one lane.
  bool splitsBroadcasts = false; // See split-broadcasts.

  /// What of the first cache is left beside what streams through it.
  int64_t getFirstBytes() const { return memory.l1Bytes / 3 * 2; }
};

/// The plan for a group; `withTasks`: it may be split into tasks.
LoopPlan choosePlan(const LoopGroup &group, const LoopTarget &target,
                    bool withTasks);

/// Whether `plan.depthDim` can be a loop around all tiles, in runs of
/// `plan.depthSteps`.
bool canRunDepth(const LoopGroup &group, const LoopPlan &plan);

/// Takes a reduction in runs, with loops in one of these orders, where what
/// tiles share does not stay in a cache otherwise.
void chooseDepth(const LoopGroup &group, const LoopTarget &target,
                 llvm::ArrayRef<llvm::SmallVector<int64_t>> orders,
                 LoopPlan &plan);

/// Splits the plan's loops into tasks where that pays.
void chooseTasks(const LoopGroup &group, const LoopTarget &target,
                 LoopPlan &plan);

/// Whether one vector has what products with `lanes` read of an operand in
/// several steps of `dim`, the same for all lanes of `vectorDim`.
bool isReadByLane(mlir::linalg::LinalgOp op, mlir::OpOperand &operand,
                  int64_t vectorDim, int64_t dim);

/// `LoopPlan::laneDim` for vectors along `vectorDim`.
int64_t chooseLaneDim(const LoopGroup &group, const LoopTarget &target,
                      int64_t vectorDim, int64_t lanes);

/// The most lanes that vectors along `dim` may have; 1: none.
int64_t mostLanes(const LoopGroup &group, const LoopTarget &target,
                  int64_t dim);

/// The dimension that vectors would take in an operation alone; -1: none.
int64_t chooseVectorDim(mlir::linalg::LinalgOp op, const LoopTarget &target);

} // namespace cameo

#endif // CAMEO_CODEGEN_LOWER_LOOPPLAN_H
