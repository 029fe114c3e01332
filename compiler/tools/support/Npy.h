// Reads and writes NumPy .npy files, versions 1 to 3.
//
// Reads every numeric type in both byte orders and both array orders; bfloat16,
// which NumPy lacks, travels as '<V2'.
#ifndef CAMEO_COMPILER_TOOLS_SUPPORT_NPY_H
#define CAMEO_COMPILER_TOOLS_SUPPORT_NPY_H

#include "compiler/tools/support/Tensor.h"

namespace cameo {

/// False with `error` set if the file is missing, malformed or truncated.
bool readNpy(const std::string &path, Tensor &tensor, std::string &error);

/// Writes version 1.0. The file appears whole or not at all.
bool writeNpy(const std::string &path, const Tensor &tensor,
              std::string &error);

} // namespace cameo

#endif
