//===- PackedFloats.h - Matrices of floats of 24 bits -----------*- C++ -*-===//
//
// f32 matrices in three quarters of the bytes, where that rounds less than the
// sums of their products may.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_PASSES_SCHEDULE_PACKEDFLOATS_H
#define CAMEO_PASSES_SCHEDULE_PACKEDFLOATS_H

#include "dialects/cameo/Cameo.h"

#include "mlir/IR/AsmState.h"

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

/// A matrix whose elements are those of `words` times the scales of columns.
struct PackedMatrix {
  mlir::AsmResourceBlob words; // i32, rows / 4 x 3 x columns.
  llvm::SmallVector<float> scales;
};

/// Packs a matrix, with columns of zeros up to `columns`. None when a row would
/// differ from what is stored by more than 2^-20 of its Euclidean norm, since
/// it is much smaller than the largest elements of its columns; when elements
/// are not finite, or when rows are not groups of four.
std::optional<PackedMatrix> packFloats(const FloatMatrix &matrix,
                                       int64_t columns);

// Pattern: matmul(x, w) -> f24_matmul(x, q) * s, with w ~ q * s and s one per
// column
/// Returns the product.
mlir::Operation *usePackedFloats(MatMulOp product, PackedMatrix packed);

} // namespace cameo

#endif // CAMEO_PASSES_SCHEDULE_PACKEDFLOATS_H
