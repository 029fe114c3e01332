//===- ReductionBuilders.h - Reductions over axes ---------------*- C++ -*-===//
//
// What reductions and normalisations share: the split of a tensor's dimensions
// into kept and reduced ones, and loops over it.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_DIALECTS_CAMEO_REDUCTIONBUILDERS_H
#define CAMEO_DIALECTS_CAMEO_REDUCTIONBUILDERS_H

#include "dialects/cameo/LinalgBuilders.h"
#include "dialects/cameo/ScalarMath.h"

namespace cameo {

/// A tensor's index space, split into kept and reduced dimensions. Loops run
/// over the kept dimensions in order, then over the reduced ones.
class ReducedSpace {
public:
  ReducedSpace(mlir::RankedTensorType type, llvm::ArrayRef<int64_t> axes);

  /// A tensor over the kept dimensions.
  mlir::RankedTensorType keptType(mlir::Type elementType) const {
    return mlir::RankedTensorType::get(keptShape, elementType);
  }
  /// The number of elements that make one.
  int64_t getCount() const { return count; }
  /// From loops to the whole tensor and to the kept dimensions.
  mlir::AffineMap getInputMap() const { return inputMap; }
  mlir::AffineMap getKeptMap() const { return keptMap; }
  /// From an index of the whole tensor to one of the kept dimensions.
  mlir::AffineMap getKeptOfInput() const { return keptOfInput; }

  /// `init` combined with `body(input, kept..., accumulator)` over all loops,
  /// where `input` has the whole shape and `elementType`, `kept` have the kept
  /// shape and compute types. The result has the kept shape and the type of
  /// `init`.
  mlir::Value reduce(mlir::OpBuilder &builder, mlir::Location loc,
                     mlir::Value init, mlir::Value input,
                     mlir::Type elementType, mlir::ValueRange kept,
                     ScalarBuilder body) const;

  /// `body(input, kept...)` over the whole tensor, as `type`.
  mlir::Value map(mlir::OpBuilder &builder, mlir::Location loc,
                  mlir::RankedTensorType type, mlir::Value input,
                  mlir::Type elementType, mlir::ValueRange kept,
                  ScalarBuilder body) const;

private:
  llvm::SmallVector<int64_t> keptShape;
  int64_t count = 1;
  unsigned numKept;
  mlir::AffineMap inputMap, keptMap, keptOfInput;
};

/// `body(inputs...)` over tensors of one shape and one compute type; the result
/// has the elements of `type`.
mlir::Value buildPointwise(mlir::OpBuilder &builder, mlir::Location loc,
                           mlir::RankedTensorType type, mlir::ValueRange inputs,
                           ScalarBuilder body);

/// Puts dimensions of extent one back where `axes` of a tensor of `rank` were
/// dropped.
mlir::Value buildKeptDims(mlir::OpBuilder &builder, mlir::Location loc,
                          mlir::Value value, int64_t rank,
                          llvm::ArrayRef<int64_t> axes);

} // namespace cameo

#endif // CAMEO_DIALECTS_CAMEO_REDUCTIONBUILDERS_H
