//===- Helpers.h - Vector types and helper functions of the source --------===//

#ifndef CAMEO_CODEGEN_CPP_HELPERS_H
#define CAMEO_CODEGEN_CPP_HELPERS_H

#include "llvm/ADT/StringRef.h"
#include <string>

namespace cameo::cpp {

/// Definition of the helper function called `name` (such as fma_f32x16), or
/// nothing if the name is not one of a helper.
std::string helperDefinition(llvm::StringRef name);

/// Definition of the type called `name` (f32x16, mask8, bf16, f32x16_mem), or
/// nothing if it needs none.
std::string typeDefinition(llvm::StringRef name);

/// Definitions of all types and helpers that `source` mentions, those first
/// that others need.
std::string preambleFor(llvm::StringRef source);

} // namespace cameo::cpp

#endif // CAMEO_CODEGEN_CPP_HELPERS_H
