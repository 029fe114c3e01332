//===- GenerateLLVM.h - From the loops level to objects ---------*- C++ -*-===//
//
// The LLVM back end: kernels become internal functions on bare pointers, the
// plan.model becomes NAME_run and NAME_model, all in process. Floating-point
// operations carry `contract` (a multiplication and an addition may become one
// fused operation) and no other fast-math flag.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_CODEGEN_LLVM_GENERATELLVM_H
#define CAMEO_CODEGEN_LLVM_GENERATELLVM_H

#include "codegen/abi/ModelDescriptor.h"
#include "dialects/target/TargetSpec.h"

#include "llvm/Support/raw_ostream.h"

namespace cameo {

/// What the LLVM back end writes.
enum class LLVMOutput { ir, assembly, object };

struct LLVMOptions {
  TargetSpec target;
  unsigned optLevel = 3;
  bool instrument = false; ///< call the context's profiler around each launch
  /// Where the weights are: a file that the object includes, or, for code that
  /// runs in this process, their address.
  std::string weightsFile;
  const void *weightsAddress = nullptr;
};

/// Makes the translations to LLVM IR known; call before creating the context.
void registerLLVMTranslations(mlir::DialectRegistry &registry);

/// Compiles a module at the loops level and writes it. Consumes the contents of
/// `module`. Errors are reported as diagnostics.
llvm::LogicalResult generateLLVM(mlir::ModuleOp module,
                                 const LLVMOptions &options, LLVMOutput output,
                                 llvm::raw_pwrite_stream &os);

} // namespace cameo

#endif // CAMEO_CODEGEN_LLVM_GENERATELLVM_H
