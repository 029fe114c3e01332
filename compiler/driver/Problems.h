//===- Problems.h - What users read when a model does not compile ---------===//

#ifndef CAMEO_COMPILER_DRIVER_PROBLEMS_H
#define CAMEO_COMPILER_DRIVER_PROBLEMS_H

#include "compiler/import/Importer.h"

#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/raw_ostream.h"

namespace cameo {

/// One line per problem: `error: node 'Conv_12' (Resize-18): reason; hint`.
void printProblems(llvm::ArrayRef<ImportProblem> problems,
                   llvm::raw_ostream &os);

/// The same as one JSON object with an array `problems`.
void printProblemsJson(llvm::ArrayRef<ImportProblem> problems,
                       llvm::raw_ostream &os);

/// Prints MLIR diagnostics with ONNX node names while it lives.
class DiagnosticPrinter {
public:
  explicit DiagnosticPrinter(mlir::MLIRContext &context);

private:
  mlir::ScopedDiagnosticHandler handler;
};

} // namespace cameo

#endif // CAMEO_COMPILER_DRIVER_PROBLEMS_H
