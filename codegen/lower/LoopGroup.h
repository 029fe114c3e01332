//===- LoopGroup.h - Operations that share a register tile ------*- C++ -*-===//
//
// Finds chains of linalg operations on one buffer, such as bias, convolution,
// residual addition and activation, which one loop nest can compute.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_CODEGEN_LOWER_LOOPGROUP_H
#define CAMEO_CODEGEN_LOWER_LOOPGROUP_H

#include "codegen/lower/LoopNest.h"

#include "mlir/IR/PatternMatch.h"

namespace cameo {

/// One operation alone.
LoopGroup makeGroup(mlir::linalg::LinalgOp op);

/// Drops the loops of one iteration of all linalg operations below `root`.
void dropUnitLoops(mlir::RewriterBase &rewriter, mlir::Operation *root);

/// Groups of all linalg operations below `root`, in order. Each operation is in
/// one group.
std::vector<LoopGroup> findGroups(mlir::Operation *root);

/// The group with adjacent loops made one where all operands walk them as one.
LoopGroup collapseLoops(mlir::RewriterBase &rewriter, const LoopGroup &group);

} // namespace cameo

#endif // CAMEO_CODEGEN_LOWER_LOOPGROUP_H
