//===- ShapeArithmetic.h - Numbers that come from shapes --------*- C++ -*-===//
//
// Follows small tensors of integers element by element through any operation
// that moves elements or computes each for itself.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_COMPILER_IMPORT_SHAPEARITHMETIC_H
#define CAMEO_COMPILER_IMPORT_SHAPEARITHMETIC_H

#include "compiler/import/Extents.h"

#include "mlir/IR/Operation.h"

namespace cameo {

/// The elements of the operation's only result as expressions; none when those
/// of an operand are not known or the result is no expression of them.
std::optional<Exprs> evaluateNumbers(mlir::Operation *op, Extents &extents);

/// Whether it is a reduction that is followed: such ones of constants fold no
/// other way.
bool isReductionOfNumbers(mlir::Operation *op);

/// The constant of `type` with these elements; null when one is not constant.
mlir::DenseElementsAttr toConstant(mlir::RankedTensorType type,
                                   llvm::ArrayRef<mlir::AffineExpr> numbers);

} // namespace cameo

#endif // CAMEO_COMPILER_IMPORT_SHAPEARITHMETIC_H
