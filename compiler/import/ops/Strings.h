//===- Strings.h - Tensors of strings ---------------------------*- C++ -*-===//
//
// A string is a row of bytes, padded with zeros:
// a tensor of strings [a, b] is one of bytes [a, b, width]. While a model is
// imported it is a value of a type of its own, which no other operator mistakes
// for numbers, made of the bytes by a conversion that disappears in the end.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_COMPILER_IMPORT_OPS_STRINGS_H
#define CAMEO_COMPILER_IMPORT_OPS_STRINGS_H

#include "compiler/import/ops/Chain.h"

namespace cameo {

/// What a tensor of strings holds, where that is known.
struct Strings {
  llvm::SmallVector<int64_t> shape;
  std::vector<std::string> values;
};

mlir::Value buildStrings(mlir::OpBuilder &builder, mlir::Location loc,
                         mlir::Value bytes);
/// The bytes of a constant, as wide as its longest string.
mlir::Value buildBytes(OpImporter &n, const Strings &strings);

bool isStrings(mlir::Value value);
/// The bytes that a tensor of strings is made of.
mlir::Value getBytes(mlir::Value strings);
std::optional<Strings> getConstantStrings(mlir::Value strings);

/// Bytes with more room for each string.
MaybeValue buildWidened(OpImporter &n, MaybeValue bytes, int64_t width);
/// Where the strings in two tensors of bytes are equal; all dimensions but the
/// last one are broadcast.
MaybeValue buildStringsEqual(OpImporter &n, MaybeValue a, MaybeValue b);

} // namespace cameo

#endif // CAMEO_COMPILER_IMPORT_OPS_STRINGS_H
