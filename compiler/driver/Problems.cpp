//===- Problems.cpp - What users read when a model does not compile -------===//

#include "compiler/driver/Problems.h"

#include "llvm/Support/JSON.h"

using namespace llvm;
using namespace cameo;

void cameo::printProblems(ArrayRef<ImportProblem> problems, raw_ostream &os) {
  for (const ImportProblem &problem : problems)
    os << "error: " << problem.str() << "\n";
}

void cameo::printProblemsJson(ArrayRef<ImportProblem> problems,
                              raw_ostream &os) {
  json::Array list;
  for (const ImportProblem &problem : problems)
    // Names in a model are any bytes.
    list.push_back(json::Object{{"node", json::fixUTF8(problem.node)},
                                {"operator", json::fixUTF8(problem.op)},
                                {"opset", problem.opset},
                                {"reason", json::fixUTF8(problem.reason)},
                                {"hint", json::fixUTF8(problem.hint)}});
  os << formatv("{0:2}",
                json::Value(json::Object{{"problems", std::move(list)}}))
     << "\n";
}

/// The ONNX node that a location names; empty when it names none.
static std::string nodeOf(mlir::Location loc) {
  std::string node;
  loc->walk([&](mlir::Location inner) {
    auto name = dyn_cast<mlir::NameLoc>(inner);
    if (!name)
      return mlir::WalkResult::advance();
    node = name.getName().str();
    return mlir::WalkResult::interrupt();
  });
  return node;
}

DiagnosticPrinter::DiagnosticPrinter(mlir::MLIRContext &context)
    : handler(&context, [](mlir::Diagnostic &diagnostic) {
        mlir::DiagnosticSeverity severity = diagnostic.getSeverity();
        std::string node = nodeOf(diagnostic.getLocation());
        errs() << (severity == mlir::DiagnosticSeverity::Error     ? "error: "
                   : severity == mlir::DiagnosticSeverity::Warning ? "warning: "
                                                                   : "note: ");
        if (!node.empty())
          errs() << "node '" << node << "': ";
        else if (auto loc =
                     dyn_cast<mlir::FileLineColLoc>(diagnostic.getLocation()))
          errs() << loc.getFilename().getValue() << ":" << loc.getLine()
                 << ": ";
        errs() << diagnostic << "\n";
      }) {}
