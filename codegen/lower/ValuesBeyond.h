//===- ValuesBeyond.h - What stands beyond an extent ------------*- C++ -*-===//
//
// Where mixing operations follow, elements beyond an extent have been given a
// value that makes no difference. A reduction over such elements may end at the
// extent.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_CODEGEN_LOWER_VALUESBEYOND_H
#define CAMEO_CODEGEN_LOWER_VALUESBEYOND_H

#include "codegen/lower/Bounds.h"
#include "codegen/lower/Passes.h"

namespace cameo {

/// The number that all elements from an index on are.
struct Beyond {
  Bound bound;
  double value;
};

/// What a kernel has to know of the launch that it is looked at for.
struct LaunchContext {
  const RootRanges &ranges;
  /// The number in an argument of the kernel, as an expression of a root; none
  /// for arguments that are no extents.
  llvm::function_ref<Bound(unsigned)> getExtent;
  /// The dimension along which an argument holds the index; -1: none.
  llvm::function_ref<int64_t(unsigned)> getPositionsDim;
  /// What is beyond an extent of a dimension of an argument.
  llvm::function_ref<std::optional<Beyond>(unsigned, int64_t)> getBeyond;
};

/// Reads extents and guards from a kernel's operations on tensors.
class ValuesBeyond {
public:
  explicit ValuesBeyond(const LaunchContext &context) : context(context) {}

  /// What is beyond an extent along `dim` of a value of the kernel.
  std::optional<Beyond> find(mlir::Value tensor, int64_t dim);
  /// The index at which a reduction may end, for it adds nothing after.
  Bound endOfReduction(mlir::linalg::LinalgOp op, int64_t loop);
  /// Up to which index of `loop` an operand makes a difference, because what is
  /// computed from it is selected there only.
  Bound endOfGuards(mlir::linalg::LinalgOp op, mlir::OpOperand &operand,
                    int64_t loop);
  /// The number in a scalar of the kernel.
  Bound scalarOf(mlir::Value tensor);

private:
  Bound matchGuard(mlir::linalg::LinalgOp op, mlir::Value condition,
                   int64_t loop);
  Bound findGuard(mlir::linalg::LinalgOp op, mlir::Value value, int64_t loop);
  Bound findCandidate(mlir::linalg::LinalgOp op, int64_t loop);
  bool isInvariant(mlir::linalg::LinalgOp op, mlir::Value value, int64_t loop);
  std::optional<double> evaluate(mlir::linalg::LinalgOp op, mlir::Value value,
                                 int64_t loop, const Bound &bound);
  std::optional<double> evaluateOperation(mlir::linalg::LinalgOp op,
                                          mlir::Operation *inner, int64_t loop,
                                          const Bound &bound);
  std::optional<Beyond> findOperand(mlir::linalg::LinalgOp op,
                                    mlir::OpOperand &operand, int64_t loop);

  const LaunchContext &context;
  llvm::DenseMap<std::pair<mlir::Value, int64_t>, std::optional<Beyond>> known;
};

/// The dimension of a reshaped value that is dimension `dim` of what it is
/// made of; -1: none is.
int64_t reshapedDim(llvm::ArrayRef<int64_t> shape,
                    llvm::ArrayRef<int64_t> newShape, int64_t dim);

} // namespace cameo

#endif // CAMEO_CODEGEN_LOWER_VALUESBEYOND_H
