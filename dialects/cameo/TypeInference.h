//===- TypeInference.h - Result types of operator families ------*- C++ -*-===//
//
// The inference that operations of a family share; operation tables refer to
// it.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_DIALECTS_CAMEO_TYPEINFERENCE_H
#define CAMEO_DIALECTS_CAMEO_TYPEINFERENCE_H

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Location.h"
#include "mlir/IR/ValueRange.h"

namespace cameo {

/// The result type of an elementwise operation: shapes are broadcast; the
/// element type is that of operand `like`, which all later operands must share
/// unless `mixed`. Without `like` (-1), elements are booleans and all operands
/// share a type.
llvm::LogicalResult inferElementwise(std::optional<mlir::Location> loc,
                                     mlir::ValueRange operands, int like,
                                     llvm::SmallVectorImpl<mlir::Type> &types,
                                     bool mixed = false);

/// The result type of a reduction over `axes`.
llvm::LogicalResult inferReduction(std::optional<mlir::Location> loc,
                                   mlir::Type operand,
                                   llvm::ArrayRef<int64_t> axes, bool keepdims,
                                   llvm::SmallVectorImpl<mlir::Type> &types);

/// The result type of a search for an index along `axis`.
llvm::LogicalResult inferArgReduction(std::optional<mlir::Location> loc,
                                      mlir::Type operand, int64_t axis,
                                      bool keepdims,
                                      llvm::SmallVectorImpl<mlir::Type> &types);

} // namespace cameo

#endif // CAMEO_DIALECTS_CAMEO_TYPEINFERENCE_H
