//===- IndexRange.h - Ranges of index values --------------------*- C++ -*-===//

#ifndef CAMEO_CODEGEN_CPP_INDEXRANGE_H
#define CAMEO_CODEGEN_CPP_INDEXRANGE_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace cameo::cpp {

/// Marks additions, subtractions and multiplications on `index` that cannot
/// leave 64 bits as `nsw`.
void markIndexArithmetic(mlir::func::FuncOp func);

} // namespace cameo::cpp

#endif // CAMEO_CODEGEN_CPP_INDEXRANGE_H
