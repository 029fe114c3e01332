//===- Signature.h - Declarations and comments of kernels -------*- C++ -*-===//

#ifndef CAMEO_CODEGEN_CPP_SIGNATURE_H
#define CAMEO_CODEGEN_CPP_SIGNATURE_H

#include "mlir/Dialect/EmitC/IR/EmitC.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace cameo::cpp {

/// Attributes of a kernel: the names of its arguments, and their C++ types.
inline constexpr llvm::StringLiteral kArgNamesAttr = "cpp.arg_names";
inline constexpr llvm::StringLiteral kArgTypesAttr = "cpp.arg_types";

/// Names the arguments of a flat kernel: inputs `in0`, `in1`, ..., buffers it
/// writes `out0`, ..., `status` and `task`; sets both attributes.
void nameArguments(mlir::func::FuncOp func);

/// Text of a kernel's comment: ONNX nodes, shapes and cost.
std::string kernelComment(mlir::emitc::FuncOp func);

/// Text that can stand in a comment.
std::string commentText(llvm::StringRef text);

} // namespace cameo::cpp

#endif // CAMEO_CODEGEN_CPP_SIGNATURE_H
