//===- PackedFloats.h - Matrices of floats of 24 bits -----------*- C++ -*-===//
//
// f32 matrices in three quarters of the bytes, where that rounds less than the
// sums of their products may.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_PASSES_SCHEDULE_PACKEDFLOATS_H
#define CAMEO_PASSES_SCHEDULE_PACKEDFLOATS_H

#include "dialects/cameo/Cameo.h"

namespace cameo {

/// The elements of a constant of f32, one where all are the same; none when
/// they cannot be read.
std::optional<llvm::ArrayRef<float>> readFloats(mlir::ElementsAttr values);

/// The second operand of a product as it is read: K rows and N columns.
struct FloatMatrix {
  llvm::ArrayRef<float> values;
  int64_t rows, columns;
  int64_t rowStep, columnStep;

  float at(int64_t row, int64_t column) const {
    return values[row * rowStep + column * columnStep];
  }
};

/// The constant matrix of a product, without columns that were added; none when
/// it is not constant or not f32.
std::optional<FloatMatrix> readMatrix(MatMulOp product);

/// Whether every row differs from what is stored by at most 2^-20 of its
/// Euclidean norm. False when rows are much smaller than the largest elements
/// of their columns, when elements are not finite, or when rows are not groups
/// of four.
bool fitsPackedFloats(const FloatMatrix &matrix);

// Pattern: matmul(x, w) -> f24_matmul(x, q) * s, with w ~ q * s and s one per
// column
/// Returns the product. `matrix` is what `readMatrix` gave.
mlir::Operation *usePackedFloats(MatMulOp product, const FloatMatrix &matrix);

} // namespace cameo

#endif // CAMEO_PASSES_SCHEDULE_PACKEDFLOATS_H
