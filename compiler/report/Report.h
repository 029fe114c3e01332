//===- Report.h - What a compiled model consists of -------------*- C++ -*-===//
//
// Tables of kernels, fusion refusals and memory for `cameoc report`.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_COMPILER_REPORT_REPORT_H
#define CAMEO_COMPILER_REPORT_REPORT_H

#include "mlir/IR/BuiltinOps.h"

#include <string>
#include <vector>

namespace cameo {

/// One launch.
struct KernelRow {
  std::string name, rule, nodes, ops;
  uint64_t flops = 0; // Operations of one run.
  uint64_t bytes = 0; // Read and written, each tensor once.
  /// Bytes that kernels of one operation each would move in addition.
  uint64_t savedBytes = 0;
  /// Operations per byte: low values are bound by memory, high ones by
  /// arithmetic.
  double intensity() const { return bytes ? double(flops) / bytes : 0; }
};

struct RefusalRow {
  std::string node, op, reason;
};

struct Report {
  std::string model, target;
  uint64_t arenaBytes = 0, weightBytes = 0;
  /// The most bytes that are live at once: no plan can need less.
  uint64_t liveBytes = 0;
  std::vector<KernelRow> kernels; // In the order of a run.
  std::vector<RefusalRow> refusals;

  uint64_t totalFlops() const;
  uint64_t totalBytes() const;
};

enum class ReportFormat { Text, Json, Csv, Html };

/// Fills in kernels and refusals from a module at the plan level.
void collectKernels(mlir::ModuleOp module, Report &report);
/// Fills in memory from a module at the loops level.
void collectMemory(mlir::ModuleOp module, Report &report);

void printReport(const Report &report, ReportFormat format,
                 llvm::raw_ostream &os);

} // namespace cameo

#endif // CAMEO_COMPILER_REPORT_REPORT_H
