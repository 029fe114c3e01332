//===- Report.h - What a compiled model consists of -------------*- C++ -*-===//
//
// Tables of kernels, fusion refusals and memory for `cameoc report`.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_COMPILER_REPORT_REPORT_H
#define CAMEO_COMPILER_REPORT_REPORT_H

#include "dialects/cameo/Cameo.h"

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
  ScheduleAttr schedule; // What it is generated from.
  /// The nest that takes most of the time; null where there is none.
  NestAttr mainNest() const;
  /// An estimate, on one core that moves so many bytes per cycle.
  double steps(double bytesPerStep) const;
  /// Operations per byte: low values are bound by memory, high ones by
  /// arithmetic.
  double intensity() const { return bytes ? double(flops) / bytes : 0; }
};

struct RefusalRow {
  std::string node, op, reason;
};

struct Report {
  std::string model, target;
  double clockGHz = 1, flopsPerCycle = 1; // Of a core, at best.
  double stepCycles = 1;                  // See TargetDescription.
  double bytesPerStep = 1;                // From the last cache.
  uint64_t arenaBytes = 0, weightBytes = 0;
  /// The most bytes that are live at once: no plan can need less.
  uint64_t liveBytes = 0;
  std::vector<KernelRow> kernels; // In the order of a run.
  std::vector<RefusalRow> refusals;

  double cycles(const KernelRow &row) const {
    return stepCycles * row.steps(bytesPerStep);
  }
  double microseconds(const KernelRow &row) const {
    return cycles(row) / (clockGHz * 1e3);
  }
  double shareOfPeak(const KernelRow &row) const {
    return cycles(row) > 0 ? row.flops / (cycles(row) * flopsPerCycle) : 0;
  }
  uint64_t totalFlops() const;
  uint64_t totalBytes() const;
};

enum class ReportFormat { Text, Json, Csv, Html };

/// Fills in kernels and refusals from a module at the plan level.
void collectKernels(mlir::ModuleOp module, Report &report);
/// Fills in memory and schedules from a module at the loops level.
void collectMemory(mlir::ModuleOp module, Report &report);

/// The schedules of all kernels of a module at the loops level, by problem.
mlir::DictionaryAttr collectSchedules(mlir::ModuleOp module);
/// Writes schedules as a file that --schedule-override reads.
void printSchedules(mlir::DictionaryAttr schedules, llvm::raw_ostream &os);

void printReport(const Report &report, ReportFormat format,
                 llvm::raw_ostream &os);

} // namespace cameo

#endif // CAMEO_COMPILER_REPORT_REPORT_H
