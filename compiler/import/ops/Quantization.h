//===- Quantization.h - Parts of quantised operators ------------*- C++ -*-===//
//
// Quantised operators are compositions: integers less their zero points, sums
// in i32, and a result that is scaled, rounded and saturated.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_COMPILER_IMPORT_OPS_QUANTIZATION_H
#define CAMEO_COMPILER_IMPORT_OPS_QUANTIZATION_H

#include "compiler/import/ops/Chain.h"

namespace cameo {

/// A scale or zero point in a shape that is broadcast to a tensor of `rank`: a
/// single element as a scalar, a vector along `axis`, others as they are.
MaybeValue buildParameter(OpImporter &n, mlir::Value parameter, int64_t rank,
                          int64_t axis);

/// `value - zeroPoint` in i32; `zeroPoint` (null: zero) as of `buildParameter`.
MaybeValue buildCentred(OpImporter &n, mlir::Value value, mlir::Value zeroPoint,
                        int64_t axis);

/// `saturate(round(value) + zeroPoint)` in the elements `to`; `zeroPoint` may
/// be null and is in a shape that is broadcast.
MaybeValue buildQuantized(OpImporter &n, MaybeValue value, MaybeValue zeroPoint,
                          mlir::Type to);

/// Sums of products in i32, scaled by input `firstScale` (a scalar or along
/// `firstAxis`) and input `secondScale` (along `secondAxis`), quantised by
/// inputs `yScale` and `yScale + 1`.
struct Requantization {
  unsigned firstScale, secondScale, yScale;
  int64_t firstAxis, secondAxis;
};
MaybeValue buildRequantized(OpImporter &n, MaybeValue sums,
                            const Requantization &how);

} // namespace cameo

#endif // CAMEO_COMPILER_IMPORT_OPS_QUANTIZATION_H
