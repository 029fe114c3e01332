//===- FastScale.h - Scales of fast inner products --------------*- C++ -*-===//
//
// Fast inner products add values of both sides, so that these have to be alike:
// one side is scaled by a power of two, which rounds nothing.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_CODEGEN_LOWER_FASTSCALE_H
#define CAMEO_CODEGEN_LOWER_FASTSCALE_H

#include "mlir/IR/Builders.h"

namespace cameo {

/// The least mean square of values that are scaled: squares of smaller ones are
/// lost in underflow.
inline constexpr float kLeastSquare = 1e-30f;

/// The power of two next to the root of `square`, a positive f32: how much
/// larger values are than wanted, of which that is the quotient of the mean
/// squares. Or its inverse, which brings them there.
mlir::Value buildScale(mlir::OpBuilder &builder, mlir::Location loc,
                       mlir::Value square, bool isInverse);

} // namespace cameo

#endif // CAMEO_CODEGEN_LOWER_FASTSCALE_H
