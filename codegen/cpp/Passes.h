//===- Passes.h - Passes of the C++ back end --------------------*- C++ -*-===//

#ifndef CAMEO_CODEGEN_CPP_PASSES_H
#define CAMEO_CODEGEN_CPP_PASSES_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/EmitC/IR/EmitC.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Pass/Pass.h"

namespace cameo::cpp {

/// Attribute of a flattened kernel: the types its arguments had before.
inline constexpr llvm::StringLiteral kShapesAttr = "cpp.shapes";

#define GEN_PASS_DECL
#include "codegen/cpp/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "codegen/cpp/Passes.h.inc"

} // namespace cameo::cpp

#endif // CAMEO_CODEGEN_CPP_PASSES_H
