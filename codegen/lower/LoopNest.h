//===- LoopNest.h - Vector loop nests of linalg operations -------*- C++
//-*-===//
//
// Emits one linalg operation on buffers as a loop nest that follows a plan:
// which dimension is taken by vectors, how many lanes, how large the register
// tile is.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_CODEGEN_LOWER_LOOPNEST_H
#define CAMEO_CODEGEN_LOWER_LOOPNEST_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace cameo {

/// How a linalg operation becomes loops.
struct LoopPlan {
  int64_t vectorDim = -1; // The dimension taken by vectors; -1: scalar loops.
  int64_t lanes = 1;      // Most lanes of a vector.
  int64_t vectors = 1;    // Most vectors side by side along vectorDim.
  int64_t rowDim = -1;    // A second tiled dimension of results; -1: none.
  int64_t rows = 1;       // Most rows of the register tile.
};

/// How an operand is read when one dimension takes several lanes.
enum class Access { Invariant, Contiguous, Strided };

/// How `map` moves through its operand along `dim`.
Access accessAlong(mlir::AffineMap map, int64_t dim);

/// Replaces `op` (buffers, static extents) by loops. `op` is erased.
void emitLoopNest(mlir::RewriterBase &rewriter, mlir::linalg::LinalgOp op,
                  const LoopPlan &plan);

} // namespace cameo

#endif // CAMEO_CODEGEN_LOWER_LOOPNEST_H
