//===- Control.h - Loops in compositions ------------------------*- C++ -*-===//

#ifndef CAMEO_COMPILER_IMPORT_OPS_CONTROL_H
#define CAMEO_COMPILER_IMPORT_OPS_CONTROL_H

#include "compiler/import/OpImporter.h"

namespace cameo {

/// Repeats what `body` builds for iterations `i` (a scalar), about `numNodes`
/// operations. It gives the next states, then values to collect; results are
/// the last states, then these, stacked in dimension 0.
ImportResult buildRepeated(
    OpImporter &n, int64_t trips, llvm::ArrayRef<mlir::Value> states,
    int64_t numNodes,
    llvm::function_ref<ImportResult(mlir::Value i, mlir::ValueRange states)>
        body);

} // namespace cameo

#endif // CAMEO_COMPILER_IMPORT_OPS_CONTROL_H
