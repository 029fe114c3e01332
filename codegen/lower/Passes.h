//===- Passes.h - Kernel lowering passes ------------------------*- C++ -*-===//

#ifndef CAMEO_CODEGEN_LOWER_PASSES_H
#define CAMEO_CODEGEN_LOWER_PASSES_H

#include "dialects/cameo/Cameo.h"
#include "dialects/plan/Plan.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "mlir/Pass/Pass.h"

namespace cameo {

/// Whether a function is a kernel; the passes of this folder skip all others.
inline bool isKernel(mlir::func::FuncOp function) {
  return function->hasAttr("plan.kernel");
}

/// The buffer that a memref is a view of.
inline mlir::Value baseOf(mlir::Value buffer) {
  while (auto view = buffer.getDefiningOp<mlir::ViewLikeOpInterface>())
    buffer = view.getViewSource();
  return buffer;
}

/// Lets buffers replace tensors in operations of the cameo dialect.
void registerTilesBufferization(mlir::DialectRegistry &registry);

/// Marks a loop whose iterations compute rows of the kernel's result: they may
/// run at the same time but for the buffers that they share.
inline constexpr llvm::StringLiteral kRowLoopAttr = "cameo.row_loop";

/// How many units of work the tasks of a loop share, in loops of their own.
inline constexpr llvm::StringLiteral kUnitsAttr = "cameo.units";

/// Marks the addition of a pair of products, (x0 + w1) (w0 + x1), to a sum,
inline constexpr llvm::StringLiteral kPairAttr = "cameo.pair";
/// and what such a sum starts with: minus all that pairs have too much.
inline constexpr llvm::StringLiteral kPairStartAttr = "cameo.pair_start";

#define GEN_PASS_DECL
#include "codegen/lower/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "codegen/lower/Passes.h.inc"

} // namespace cameo

#endif // CAMEO_CODEGEN_LOWER_PASSES_H
