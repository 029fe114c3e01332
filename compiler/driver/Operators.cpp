//===- Operators.cpp - The list of supported operators --------------------===//

#include "compiler/driver/Operators.h"

#include "compiler/import/OpImporter.h"

using namespace cameo;

void cameo::printOperators(bool asMarkdown, llvm::raw_ostream &os) {
  const OpRegistry &registry = OpRegistry::get();
  llvm::SmallVector<llvm::StringRef> names = registry.names();
  if (!asMarkdown) {
    for (llvm::StringRef name : names)
      os << name << "\n";
    return;
  }
  os << "# Operators\n\nWritten by `cameoc --list-operators=markdown`.\n\n"
     << "The " << names.size()
     << " operators of ONNX's default domain that Cameo imports, for all their "
        "operator\nset versions. `cameoc check MODEL.onnx` lists what a model "
        "uses beyond them, and forms\nof them that are refused, each with its "
        "reason.\n\n| operator | required inputs |\n|---|---|\n";
  for (llvm::StringRef name : names)
    os << "| [" << name << "](https://onnx.ai/onnx/operators/onnx__" << name
       << ".html) | " << registry.find(name)->minInputs << " |\n";
}
