//===- Operators.cpp - The list of supported operators --------------------===//

#include "compiler/driver/Operators.h"

#include "compiler/import/OpRegistry.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

using namespace cameo;

/// The page of ONNX's documentation on an operator.
static std::string getPage(llvm::StringRef name) {
  auto [domain, op] = name.split(':');
  std::string page = op.empty() ? ("onnx__" + domain).str()
                                : ("onnx_" + domain + "_" + op).str();
  // Pages of other domains have no dots in their names.
  llvm::erase(page, '.');
  return "https://onnx.ai/onnx/operators/" + page + ".html";
}

static constexpr char kIntroduction[] = R"(# Operators

Written by `cameoc --list-operators=markdown` from the table by which the importer refuses nodes.

The {0} operators of ONNX that Cameo imports. Operators of other domains than the default one are called DOMAIN:OPERATOR.
`cameoc check MODEL.onnx` lists what a model uses beyond them, each with its reason.

- *since*: the first version of the operator set that is supported. All later ones up to 28 are (ai.onnx.ml: 5).
- *inputs*: their element types, in ONNX's order. `known` inputs must be constant or computed from shapes; `?` may be left
  out; `...` are any number.
- *bounded*: whether inputs may have bounded dimensions (`--dim=NAME=1..512`).
- *limits*: forms that are refused. Invalid models are refused as well and not listed.

| types | are |
|---|---|
)";

/// A cell of a table, in which `|` ends it.
static std::string escape(llvm::StringRef text) {
  return llvm::join(llvm::split(text, '|'), "\\|");
}

static void printRow(llvm::StringRef name, const OpRegistry::Entry &entry,
                     llvm::raw_ostream &os) {
  os << "| [" << name << "](" << getPage(name) << ") | " << entry.since << " | "
     << escape(entry.signature.str()) << " | "
     << (entry.takesOpenDims ? "yes" : "") << " | ";
  llvm::interleave(
      entry.limits, os, [&](const Limit &limit) { os << limit.reason; }, "; ");
  os << " |\n";
}

void cameo::printOperators(bool asMarkdown, llvm::raw_ostream &os) {
  const OpRegistry &registry = OpRegistry::get();
  llvm::SmallVector<llvm::StringRef> names = registry.names();
  if (!asMarkdown) {
    for (llvm::StringRef name : names)
      os << name << "\n";
    return;
  }
  os << llvm::formatv(kIntroduction, names.size());
  for (const TypeGroup &group : getTypeGroups())
    os << "| " << group.name << " | " << escape(group.members) << " |\n";
  os << "\n| operator | since | inputs | bounded | limits |\n"
     << "|---|---|---|---|---|\n";
  for (llvm::StringRef name : names)
    printRow(name, *registry.find(name), os);
}
