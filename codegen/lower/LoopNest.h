//===- LoopNest.h - Vector loop nests of linalg operations ------*- C++ -*-===//
//
// Emits a chain of linalg operations on one buffer as a single loop nest that
// follows a plan: which dimension is taken by vectors, how many lanes, how
// large the register tile is, how the work is split into tasks.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_CODEGEN_LOWER_LOOPNEST_H
#define CAMEO_CODEGEN_LOWER_LOOPNEST_H

#include "codegen/lower/LoopBounds.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace cameo {

/// One operation of a group and how its loops are loops of the root.
struct GroupMember {
  mlir::linalg::LinalgOp op;
  llvm::SmallVector<int64_t> toRoot; // The root's dimension per dimension.
};

/// Operations that write one buffer one after the other, so that a tile of it
/// can stay in registers through all of them: what it starts from, the root,
/// which may reduce, and elementwise operations in place.
struct LoopGroup {
  std::optional<GroupMember> prologue; // Does not read the buffer.
  GroupMember root;
  llvm::SmallVector<GroupMember> epilogue;

  llvm::SmallVector<GroupMember> members() const;
  /// Bounds of the root's loops: parallel ones compute what the last operation
  /// leaves in the buffer.
  LoopBounds bounds() const;
};

/// How a group becomes loops.
struct LoopPlan {
  int64_t vectorDim = -1; // The dimension taken by vectors; -1: scalar loops.
  int64_t lanes = 1;      // Most lanes of a vector.
  /// Steps (vectors for vectorDim) of the register tile per dimension of the
  /// root; 1 for reductions but vectorDim.
  llvm::SmallVector<int64_t> tile;
  /// The dimension along which a step of the tile reuses what is broadcast: its
  /// steps come one after the other, so that few such values live at once.
  int64_t columnDim = -1;
  /// Parallel dimensions from the outermost loop on; empty: as they come, the
  /// vector dimension last.
  llvm::SmallVector<int64_t> order;
  /// Reductions of which all steps are written out, so that loads are shared.
  llvm::SmallVector<int64_t> unrolled;
  /// The dimension that an outermost loop takes in runs of so many tiles, all
  /// of which the loops between do before the next run; -1: none.
  int64_t chunkDim = -1;
  int64_t chunkSteps = 0;
  /// The reduction that a loop around all tiles takes in runs of so many steps,
  /// so that what tiles share of a run stays in a cache; in between, sums are
  /// in the buffer; -1: none.
  int64_t depthDim = -1;
  int64_t depthSteps = 0;
  /// Elements of the next tile along this dimension are fetched ahead; -1: not.
  int64_t aheadDim = -1;
  /// The reduction that becomes the innermost loop, of which four steps are
  /// written out: operands that move along it are read by vectors, of which
  /// products take lanes; -1: none, or the target has no such products.
  int64_t laneDim = -1;
  int64_t taskDim = -1; // The dimension that is split into tasks.
  int64_t tasks = 1;
  /// The next best tiles, and how many times slower they were estimated to be.
  llvm::SmallVector<std::pair<llvm::SmallVector<int64_t>, double>> beaten;

  bool isUnrolled(int64_t dim) const {
    return llvm::is_contained(unrolled, dim);
  }
  /// Whether the edges of a padded window are pieces of their own, where it is
  /// known which taps are inside; else its loop over taps has computed bounds.
  bool isPeeled(int64_t output, int64_t tap) const {
    return tile[output] > 1 || isUnrolled(tap);
  }
};

/// Steps of `LoopPlan::laneDim` at once: the lanes of its vectors.
inline constexpr int64_t kLaneSteps = 4;

/// How an operand is read when one dimension takes several lanes; `Paired`:
/// elements 2k and 2k + 1 of it in each other's place.
enum class Access { Invariant, Contiguous, Paired, Strided };

/// How `map` moves through its operand along `dim`.
Access accessAlong(mlir::AffineMap map, int64_t dim);
/// The same in memory, where an operand may be a view with gaps.
Access accessAlong(mlir::linalg::LinalgOp op, mlir::OpOperand &operand,
                   int64_t dim);

/// Replaces the operations of `group` (buffers, static extents) by loops; with
/// several tasks inside an `scf.forall` over them. The operations are erased.
void emitLoopNest(mlir::RewriterBase &rewriter, const LoopGroup &group,
                  const LoopPlan &plan);

} // namespace cameo

#endif // CAMEO_CODEGEN_LOWER_LOOPNEST_H
