//===- Operators.h - The list of supported operators ------------*- C++ -*-===//

#ifndef CAMEO_COMPILER_DRIVER_OPERATORS_H
#define CAMEO_COMPILER_DRIVER_OPERATORS_H

#include "llvm/Support/raw_ostream.h"

namespace cameo {

/// Prints every ONNX operator that the importer converts: one name a line, or
/// a page in Markdown.
void printOperators(bool asMarkdown, llvm::raw_ostream &os);

} // namespace cameo

#endif // CAMEO_COMPILER_DRIVER_OPERATORS_H
