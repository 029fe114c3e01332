//===- Plan.h - The plan dialect --------------------------------*- C++ -*-===//
//
// Buffer level of a model: memory plan and launch sequence. See Plan.td.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_DIALECTS_PLAN_PLAN_H
#define CAMEO_DIALECTS_PLAN_PLAN_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/AffineMap.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dialects/plan/PlanDialect.h.inc"
#include "dialects/plan/PlanEnums.h.inc"
#define GET_ATTRDEF_CLASSES
#include "dialects/plan/PlanAttributes.h.inc"
#define GET_OP_CLASSES
#include "dialects/plan/Plan.h.inc"

namespace cameo::plan {

/// Bytes of the arena kept for the status cell.
inline constexpr int64_t kStatusBytes = 64;
/// Alignment of the arena, the weights and every buffer in them.
inline constexpr int64_t kBufferAlignment = 64;

/// Attribute of a kernel argument: index of the result argument that may share
/// its buffer.
inline constexpr llvm::StringLiteral kInPlaceAttr = "plan.in_place";
/// Attribute of a kernel argument, a boolean: the value that it must have for
/// the kernel to run.
inline constexpr llvm::StringLiteral kGuardAttr = "plan.guard";

/// Attribute of an operation of a kernel: an array of a plan.bound, or unit for
/// none, per loop. A hint: loops that go on to their end are right, too.
inline constexpr llvm::StringLiteral kBoundsAttr = "plan.bounds";

/// Attribute of a launch of one operation that computes an extent from the
/// numbers it takes: the affine map.
inline constexpr llvm::StringLiteral kExtentMapAttr = "plan.extent_map";

/// Attribute of the model function's hidden arguments and results, scalars that
/// follow the others: {of = [{value, dim}, ...], min}, the dimensions of inputs
/// or outputs that have this extent, and the least that it may be.
inline constexpr llvm::StringLiteral kExtentAttr = "onnx.extent";

/// Attribute of the model function's argument that stands in the buffer of a
/// result and has its type: {value, dim, extent}, that output, the dimension in
/// which it is larger, and what the input itself has of it at most.
inline constexpr llvm::StringLiteral kCacheAttr = "onnx.cache";

/// Attribute of a kernel's argument: the number of the result that is computed
/// in the argument's buffer, of which it changes a part.
inline constexpr llvm::StringLiteral kUpdatedAttr = "plan.updated";

} // namespace cameo::plan

#endif // CAMEO_DIALECTS_PLAN_PLAN_H
