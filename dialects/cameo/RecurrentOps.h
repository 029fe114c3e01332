//===- RecurrentOps.h - Attributes of recurrent operations ------*- C++ -*-===//

#ifndef CAMEO_DIALECTS_CAMEO_RECURRENTOPS_H
#define CAMEO_DIALECTS_CAMEO_RECURRENTOPS_H

#include "llvm/ADT/StringRef.h"

namespace cameo {

/// A unit attribute: all `lengths` are the same, and nobody reads steps of `y`
/// from there on, so that the loop ends there.
constexpr llvm::StringLiteral kSameLengthsAttr = "cameo.same_lengths";

} // namespace cameo

#endif // CAMEO_DIALECTS_CAMEO_RECURRENTOPS_H
