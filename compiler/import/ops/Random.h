//===- Random.h - Random numbers of a node ----------------------*- C++ -*-===//

#ifndef CAMEO_COMPILER_IMPORT_OPS_RANDOM_H
#define CAMEO_COMPILER_IMPORT_OPS_RANDOM_H

#include "compiler/import/ops/Chain.h"

namespace cameo {

/// A constant of uniform numbers in [0, 1), drawn from the node's seed.
MaybeValue buildUniform(OpImporter &n, llvm::ArrayRef<int64_t> shape,
                        mlir::Type elementType);

} // namespace cameo

#endif // CAMEO_COMPILER_IMPORT_OPS_RANDOM_H
