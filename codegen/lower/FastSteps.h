//===- FastSteps.h - Steps of fast inner products ---------------*- C++ -*-===//
//
// a0 b0 + a1 b1 = (a0 + b1) (a1 + b0) - a0 a1 - b0 b1 adds values of both
// sides, so that these have to be alike: one side is scaled by a power of two,
// which rounds nothing.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_CODEGEN_LOWER_FASTSTEPS_H
#define CAMEO_CODEGEN_LOWER_FASTSTEPS_H

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

/// What sums of pairs start with, minus the sum of `args`, and sum + (a0 + b1)
/// (b0 + a1) of `args`, which are a0, a1, b0, b1 and sum. Both are marked for
/// `balance-pairs`.
mlir::Value buildPairStart(mlir::OpBuilder &builder, mlir::Location loc,
                           mlir::ValueRange args);
mlir::Value buildPairProduct(mlir::OpBuilder &builder, mlir::Location loc,
                             mlir::ValueRange args);

} // namespace cameo

#endif // CAMEO_CODEGEN_LOWER_FASTSTEPS_H
