//===- NarrowFloats.h - Floats of 8 and 4 bits as integers ------*- C++ -*-===//
//
// No machine computes on these types: they are loaded as f32 and stored by
// integer arithmetic on its bits. The formats are those of ONNX: f8E4M3FN,
// f8E4M3FNUZ, f8E5M2, f8E5M2FNUZ, f4E2M1FN and the powers of two f8E8M0FNU.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_DIALECTS_CAMEO_NARROWFLOATS_H
#define CAMEO_DIALECTS_CAMEO_NARROWFLOATS_H

#include "mlir/IR/Builders.h"

namespace cameo {

bool isNarrowFloat(mlir::Type elementType);

/// The f32 value of the i8 `code` of a narrow float.
mlir::Value buildDecoded(mlir::OpBuilder &builder, mlir::Location loc,
                         mlir::Value code, mlir::Type elementType);

/// The code of an f32 value, rounded to nearest even. What is too large becomes
/// infinite or, in formats without infinity, NaN; f4E2M1FN saturates, and its
/// NaN is -0.
mlir::Value buildEncoded(mlir::OpBuilder &builder, mlir::Location loc,
                         mlir::Value number, mlir::Type elementType);

/// The f32 `number` limited to what the format can hold; NaN stays.
mlir::Value buildSaturated(mlir::OpBuilder &builder, mlir::Location loc,
                           mlir::Value number, mlir::Type elementType);

/// The f32 `number` as a power of two, or NaN, rounded "up", "down" or to the
/// "nearest".
mlir::Value buildPowerOfTwo(mlir::OpBuilder &builder, mlir::Location loc,
                            mlir::Value number, llvm::StringRef roundMode);

} // namespace cameo

#endif // CAMEO_DIALECTS_CAMEO_NARROWFLOATS_H
