//===- ModelHeader.h - The C header of a compiled model ---------*- C++ -*-===//
//
// Writes NAME.h: constants, typed inputs and outputs, NAME_run and NAME_model.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_CODEGEN_ABI_MODELHEADER_H
#define CAMEO_CODEGEN_ABI_MODELHEADER_H

#include "codegen/abi/ModelDescriptor.h"

namespace cameo {

/// Writes the header's text.
void writeHeader(const ModelDescriptor &model, llvm::raw_ostream &os);

} // namespace cameo

#endif // CAMEO_CODEGEN_ABI_MODELHEADER_H
