//===- Passes.h - Passes that run the pipeline ------------------*- C++ -*-===//

#ifndef CAMEO_COMPILER_PIPELINE_PASSES_H
#define CAMEO_COMPILER_PIPELINE_PASSES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"

namespace cameo {

#define GEN_PASS_DECL
#include "compiler/pipeline/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "compiler/pipeline/Passes.h.inc"

} // namespace cameo

#endif // CAMEO_COMPILER_PIPELINE_PASSES_H
