//===- ElementTypes.h - Storage and compute types ---------------*- C++ -*-===//
//
// The cameo dialect has ONNX element types (ui8.., i1 booleans, f16). Lowered
// code stores signless integers, and a byte per element of eight bits or less,
// and computes in f32 for f16, bf16 and narrower floats. These functions are
// the only place that knows the mapping.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_DIALECTS_CAMEO_ELEMENTTYPES_H
#define CAMEO_DIALECTS_CAMEO_ELEMENTTYPES_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"

namespace cameo {

/// Whether tensors of the cameo dialect may have elements of this type: f16,
/// bf16, f32, f64, i1, signless and unsigned integers of 2 to 64 bits, and
/// floats of 8 and 4 bits.
bool isElementType(mlir::Type type);

/// Whether an element type is an integer of 2 or 4 bits. These are stored as
/// numbers of 8 bits and computed on as such.
bool isNarrowInteger(mlir::Type elementType);

/// Whether an element type is an unsigned integer or a boolean.
bool isUnsigned(mlir::Type elementType);

/// The element type in memory: signless integers; i8 for i1 and for what has
/// less than eight bits or is a float of eight. A tensor in a blocked layout
/// has its stored shape.
mlir::Type storageType(mlir::Type elementType);
mlir::RankedTensorType storageType(mlir::RankedTensorType type);

/// The bytes of a tensor as it is stored.
int64_t storedBytes(mlir::Type tensorType);

/// The type in which scalar bodies compute: f32 for f16, bf16 and narrower
/// floats; signless integers of at least 8 bits; i1 for booleans.
mlir::Type computeType(mlir::Type elementType);

/// A constant in its storage type; null when it is of an unknown kind.
mlir::TypedAttr toStorage(mlir::ElementsAttr value);

/// The constant of `type` whose storage has these bytes.
mlir::DenseElementsAttr fromStorage(mlir::RankedTensorType type,
                                    llvm::ArrayRef<char> bytes);

/// Converts a stored scalar of `elementType` to its compute type.
mlir::Value buildLoaded(mlir::OpBuilder &builder, mlir::Location loc,
                        mlir::Value stored, mlir::Type elementType);

/// Converts a computed scalar to the storage type of `elementType`.
mlir::Value buildStored(mlir::OpBuilder &builder, mlir::Location loc,
                        mlir::Value computed, mlir::Type elementType);

/// A scalar constant of a compute type.
mlir::Value buildScalarConstant(mlir::OpBuilder &builder, mlir::Location loc,
                                mlir::Type type, double value);

} // namespace cameo

#endif // CAMEO_DIALECTS_CAMEO_ELEMENTTYPES_H
