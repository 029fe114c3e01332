//===- Operators.cpp - The list of supported operators --------------------===//

#include "compiler/driver/Operators.h"

#include "compiler/import/OpImporter.h"

#include "llvm/ADT/STLExtras.h"

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
     << " operators of ONNX that Cameo imports, for all their operator set "
        "versions.\n`cameoc check MODEL.onnx` lists what a model uses beyond "
        "them, and forms of them that\nare refused, each with its reason. "
        "Operators of other domains than the default one\nare called "
        "DOMAIN:OPERATOR.\n\n| operator | required inputs |\n|---|---|\n";
  for (llvm::StringRef name : names) {
    auto [domain, op] = name.split(':');
    std::string page = op.empty() ? ("onnx__" + domain).str()
                                  : ("onnx_" + domain + "_" + op).str();
    // Pages of other domains have no dots in their names.
    llvm::erase(page, '.');
    os << "| [" << name << "](https://onnx.ai/onnx/operators/" << page
       << ".html) | " << registry.find(name)->minInputs << " |\n";
  }
}
