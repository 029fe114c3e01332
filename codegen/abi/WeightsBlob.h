//===- WeightsBlob.h - The packed constants of a model ----------*- C++ -*-===//
//
// Streams the plan.data of a model as the bytes that its kernels read: dense,
// little-endian, a byte per boolean, gaps zero. Data is passed on where it
// lies; no copy of the whole is made.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_CODEGEN_ABI_WEIGHTSBLOB_H
#define CAMEO_CODEGEN_ABI_WEIGHTSBLOB_H

#include "dialects/plan/Plan.h"

#include "llvm/Support/raw_ostream.h"

namespace cameo {

/// Writes exactly `weight_bytes` bytes.
llvm::LogicalResult writeWeights(plan::ModelOp model, llvm::raw_ostream &os);

/// Frees the bytes of the constants, which are not read any more once they are
/// written: code generation needs the memory.
void releaseWeights(plan::ModelOp model);

} // namespace cameo

#endif // CAMEO_CODEGEN_ABI_WEIGHTSBLOB_H
