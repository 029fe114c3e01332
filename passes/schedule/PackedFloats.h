//===- PackedFloats.h - Matrices in fewer bits than f32 ---------*- C++ -*-===//
//
// f32 matrices in three quarters or five eighths of the bytes, where that
// rounds no more than sums of their products do.
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

/// Floats of 24 bits, fixed-point numbers of 20.
enum class PackedFormat { F24, Q20 };

/// Bits of a number, and the name of the algorithm that reads it.
int64_t bitsOf(PackedFormat format);
llvm::StringRef nameOf(PackedFormat format);

/// A matrix whose elements are those of `words` times the factors of rows and
/// columns.
struct PackedMatrix {
  PackedFormat format;
  mlir::AsmResourceBlob words; // i32, groups of rows x words x columns.
  llvm::SmallVector<float> rowFactors, columnFactors; // Rows' of F24: ones.
};

/// Packs a matrix, with columns of zeros up to `columns`. None when elements
/// are not finite, when rows do not make groups, or when what is stored differs
/// from a row or a column by too large a part of its Euclidean norm: for `F24`
/// 2^-20, for `Q20` 2^-24 times the root of the number of rows, which is 2.5
/// times what f32 sums of so many products differ by.
std::optional<PackedMatrix> packFloats(const FloatMatrix &matrix,
                                       int64_t columns, PackedFormat format);

// Pattern: matmul(x, w) -> f24_matmul(x, q) * s, with w ~ q * s and s one per
// column
// Pattern: matmul(x, w) -> q20_matmul(x * r, q) * s, with w ~ r * q * s, r one
// per row
/// Returns the product.
mlir::Operation *usePackedFloats(MatMulOp product, PackedMatrix packed);

} // namespace cameo

#endif // CAMEO_PASSES_SCHEDULE_PACKEDFLOATS_H
