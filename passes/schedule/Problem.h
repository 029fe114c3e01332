//===- Problem.h - Names of what a kernel computes --------------*- C++ -*-===//
//
// A problem string says what is computed and on what shapes, and nothing about
// how: schedules can be forced by it, and benchmarks are made from it. See
// docs/guides/schedules.md for the grammar.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_PASSES_SCHEDULE_PROBLEM_H
#define CAMEO_PASSES_SCHEDULE_PROBLEM_H

#include "dialects/cameo/Cameo.h"

#include <string>

namespace cameo {

/// Names schedules of operations and, in a module, those to use by problem.
inline constexpr llvm::StringLiteral kScheduleAttr = "cameo.schedule";
inline constexpr llvm::StringLiteral kOverridesAttr =
    "cameo.schedule_overrides";

/// One operator: `conv:mb1ic64ih56oc64kh3ph1:f32`.
std::string problemOf(mlir::Operation *op);

/// What a kernel computes.
struct KernelProblem {
  std::string main;   // The problem of its costliest operator.
  std::string others; // Names of the others: `:add+relu`.
};
/// `main` is given where the operator it names has been replaced.
KernelProblem kernelProblem(KernelOp kernel, llvm::StringRef main);

/// Whether `key` is of a kernel whose main operator has `problem`.
bool belongsTo(llvm::StringRef key, llvm::StringRef problem);

/// The algorithm that overrides of the module ask for in all kernels with
/// `problem`; empty where they do not. Reports overrides that disagree.
mlir::FailureOr<llvm::StringRef> findForcedAlgorithm(mlir::Operation *op,
                                                     llvm::StringRef problem);

} // namespace cameo

#endif // CAMEO_PASSES_SCHEDULE_PROBLEM_H
