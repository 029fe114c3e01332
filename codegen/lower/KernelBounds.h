//===- KernelBounds.h - How far a kernel's loops have to go -----*- C++ -*-===//
//
// Follows what is read of a kernel's results backwards through its operations
// to its arguments.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_CODEGEN_LOWER_KERNELBOUNDS_H
#define CAMEO_CODEGEN_LOWER_KERNELBOUNDS_H

#include "codegen/lower/ValuesBeyond.h"

#include "llvm/ADT/MapVector.h"

namespace cameo {

class KernelBounds {
public:
  KernelBounds(mlir::func::FuncOp kernel, const LaunchContext &context)
      : kernel(kernel), context(context), beyond(context) {}

  /// Follows back what is read of every result.
  void run(llvm::ArrayRef<Bounds> results);

  /// How far an argument is read; empty when it is not.
  llvm::ArrayRef<Bound> getArgument(unsigned index);
  /// The argument that the only result is as far as it is read, for the kernel
  /// does nothing but give elements beyond that a value; none when it does
  /// more.
  std::optional<unsigned> findPassedOn();
  /// Operations with a loop that may end early, and the bounds of all loops.
  const llvm::MapVector<mlir::Operation *, Bounds> &getLoops() const {
    return loops;
  }

private:
  void read(mlir::Value value, llvm::ArrayRef<Bound> bounds);
  void readAll(mlir::Value value);
  void visit(mlir::Operation &op);
  void visitLinalg(mlir::linalg::LinalgOp op);
  void visitNest(mlir::Operation &op);
  Bounds findLoopBounds(mlir::linalg::LinalgOp op);
  Bound numberOf(mlir::Value index);

  mlir::func::FuncOp kernel;
  const LaunchContext &context;
  ValuesBeyond beyond;
  llvm::DenseMap<mlir::Value, Bounds> known;
  llvm::MapVector<mlir::Operation *, Bounds> loops;
};

} // namespace cameo

#endif // CAMEO_CODEGEN_LOWER_KERNELBOUNDS_H
