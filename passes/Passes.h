//===- Passes.h - Graph and plan passes -------------------------*- C++ -*-===//

#ifndef CAMEO_PASSES_PASSES_H
#define CAMEO_PASSES_PASSES_H

#include "dialects/cameo/Cameo.h"
#include "dialects/plan/Plan.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Pass/Pass.h"

namespace cameo {

/// On a graph function after fuse-kernels: an array of `[node, operator,
/// reason]`, one for every operation that could not join the kernel of its
/// users.
inline constexpr llvm::StringLiteral kRefusalsAttr = "cameo.refusals";

#define GEN_PASS_DECL
#include "passes/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "passes/Passes.h.inc"

} // namespace cameo

#endif // CAMEO_PASSES_PASSES_H
