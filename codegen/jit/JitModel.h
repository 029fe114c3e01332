//===- JitModel.h - A model compiled into this process ----------*- C++ -*-===//
//
// Compiles a module at the loops level as for an object file and loads the
// object in memory: no file, no linker. Constant folding and the conformance
// runner use it.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_CODEGEN_JIT_JITMODEL_H
#define CAMEO_CODEGEN_JIT_JITMODEL_H

#include "codegen/llvm/GenerateLLVM.h"

#include <cameo/runtime.h>

#include <memory>

namespace cameo {

/// A loaded model; its code and weights live as long as this object.
class JitModel {
public:
  /// Compiles and loads `module`, whose contents are consumed. The target must
  /// be the host's. Errors are reported as diagnostics.
  static mlir::FailureOr<std::unique_ptr<JitModel>>
  create(mlir::ModuleOp module, const TargetSpec &target, unsigned optLevel);
  ~JitModel();

  const cameo_model *get() const { return model; }

private:
  JitModel();
  llvm::Error load(std::unique_ptr<llvm::MemoryBuffer> object,
                   llvm::StringRef name);

  struct Code;
  std::unique_ptr<Code> code;
  const cameo_model *model = nullptr;
};

} // namespace cameo

#endif // CAMEO_CODEGEN_JIT_JITMODEL_H
