//===- Sequences.h - Values that are not tensors ----------------*- C++ -*-===//
//
// Sequences and optionals exist only while a model is imported: their lengths
// are known, so operators on them are resolved to their elements. A sequence is
// a value of a tuple type, made of its elements by a conversion that disappears
// in the end; an empty optional is one of type none, another optional is what
// it holds.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_COMPILER_IMPORT_OPS_SEQUENCES_H
#define CAMEO_COMPILER_IMPORT_OPS_SEQUENCES_H

#include "compiler/import/ops/Chain.h"

namespace cameo {

mlir::Value buildSequence(mlir::OpBuilder &builder, mlir::Location loc,
                          mlir::ValueRange elements);
mlir::Value buildEmptyOptional(mlir::OpBuilder &builder, mlir::Location loc);

bool isSequence(mlir::Value value);
bool isEmptyOptional(mlir::Value value);
/// The elements of a sequence.
mlir::ValueRange getElements(mlir::Value sequence);

/// Erases the conversions in `block` that stand for sequences and optionals.
void eraseSequences(mlir::Block &block);

/// The element of a constant that has one and is of integers or booleans.
std::optional<int64_t> getConstantInt(mlir::Value value);

/// `values` in a new dimension `axis`.
MaybeValue buildStacked(OpImporter &n, mlir::ValueRange values, int64_t axis);

} // namespace cameo

#endif // CAMEO_COMPILER_IMPORT_OPS_SEQUENCES_H
