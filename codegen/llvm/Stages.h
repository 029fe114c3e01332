//===- Stages.h - The stages of the LLVM back end ---------------*- C++ -*-===//
//
// Private to codegen/llvm: what GenerateLLVM.cpp runs in order.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_CODEGEN_LLVM_STAGES_H
#define CAMEO_CODEGEN_LLVM_STAGES_H

#include "codegen/llvm/GenerateLLVM.h"

#include "llvm/IR/Module.h"
#include "llvm/Target/TargetMachine.h"

namespace cameo {

/// One argument of a launch: bytes of a space.
struct LaunchArgument {
  plan::Space space;
  uint64_t position;
};

/// One launch, free of the IR it was read from.
struct Launch {
  std::string kernel; ///< symbol of the function
  llvm::SmallVector<LaunchArgument> arguments;
  int64_t tasks;
  bool takesTask; ///< the kernel's last argument is a task index
};

/// The launch sequence of a model.
using LaunchList = std::vector<Launch>;

/// The symbol of a kernel: with the model's name in front, so that it cannot be
/// that of a C library function.
std::string kernelSymbol(llvm::StringRef model, llvm::StringRef kernel);

/// Reads the launches, renames kernels to their symbols and gives their
/// arguments alignment and aliasing attributes that hold for all launches.
LaunchList readLaunches(plan::ModelOp model, mlir::ModuleOp module);

/// Converts kernels (all that is left in `module`) to the LLVM dialect.
llvm::LogicalResult convertKernels(mlir::ModuleOp module);

/// Adds NAME_run, NAME_model and the descriptor to `module`.
void addHostCode(llvm::Module &module, const ModelDescriptor &model,
                 const LaunchList &launches, const LLVMOptions &options);

std::unique_ptr<llvm::TargetMachine>
createTargetMachine(const LLVMOptions &options);

/// Sets linkage, CPU and floating-point attributes of everything in `module`.
void setAttributes(llvm::Module &module, const LLVMOptions &options);

/// Runs LLVM's optimisation pipeline.
void optimize(llvm::Module &module, llvm::TargetMachine &machine,
              unsigned optLevel);

/// Writes IR, assembly or an object.
llvm::LogicalResult emitModule(llvm::Module &module,
                               llvm::TargetMachine &machine, LLVMOutput output,
                               llvm::raw_pwrite_stream &os);

} // namespace cameo

#endif // CAMEO_CODEGEN_LLVM_STAGES_H
