//===- SplitBodies.h - Bodies with too many values --------------*- C++ -*-===//
//
// Operations of many results become several, so that what one of them has in
// registers at a time fits there.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_CODEGEN_LOWER_SPLITBODIES_H
#define CAMEO_CODEGEN_LOWER_SPLITBODIES_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace cameo {

/// Splits `op`, elementwise on buffers, by results that share no computation if
/// it has more than `mostResults`. Returns whether it did.
bool splitBody(mlir::RewriterBase &rewriter, mlir::linalg::GenericOp op,
               int64_t mostResults);

} // namespace cameo

#endif // CAMEO_CODEGEN_LOWER_SPLITBODIES_H
