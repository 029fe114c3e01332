//===- Transposes.h - Data movement through registers -----------*- C++ -*-===//
//
// Where what lies side by side in memory changes, whole vectors are read,
// square blocks of them are transposed in registers, and whole vectors are
// written.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_CODEGEN_LOWER_TRANSPOSES_H
#define CAMEO_CODEGEN_LOWER_TRANSPOSES_H

#include "codegen/lower/LoopPlan.h"

namespace cameo {

/// Replaces `op` by loops over blocks when it is such a transposition of
/// elements of 32 bits; false, and nothing changed, when it is none.
bool emitTranspose(mlir::RewriterBase &rewriter, mlir::linalg::LinalgOp op,
                   const LoopTarget &target, bool withTasks);

} // namespace cameo

#endif // CAMEO_CODEGEN_LOWER_TRANSPOSES_H
