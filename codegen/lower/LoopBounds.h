//===- LoopBounds.h - Loops that may end early ------------------*- C++ -*-===//
//
// Reads and keeps the bounds that bound-loops has marked operations with.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_CODEGEN_LOWER_LOOPBOUNDS_H
#define CAMEO_CODEGEN_LOWER_LOOPBOUNDS_H

#include "dialects/plan/Plan.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace cameo {

/// The bound of every loop; null where it goes to its end.
using LoopBounds = llvm::SmallVector<plan::BoundAttr>;

LoopBounds boundsOf(mlir::linalg::LinalgOp op);
/// Marks an operation, unless no loop has a bound.
void setBounds(mlir::Operation *op, llvm::ArrayRef<plan::BoundAttr> bounds);

/// A reduction that goes on behind its bound reads what nobody has computed:
/// notes how many operations of a kernel have one, and whether they still do.
void markBoundedReductions(mlir::func::FuncOp kernel);
bool keepsBoundedReductions(mlir::func::FuncOp kernel);

/// The bound of a loop that takes each of its iterations `factor` times.
plan::BoundAttr scaleBound(plan::BoundAttr bound, int64_t factor);

/// Whether an operation reads a scalar argument of its kernel that nothing
/// writes, such as an extent: it may be done at any time, and again.
bool isScalarRead(mlir::Operation *op);

/// The index at which a loop that goes to `end` may stop, from the number in
/// the argument of the function around.
mlir::Value emitBound(mlir::OpBuilder &builder, mlir::Location loc,
                      plan::BoundAttr bound, int64_t end);

} // namespace cameo

#endif // CAMEO_CODEGEN_LOWER_LOOPBOUNDS_H
