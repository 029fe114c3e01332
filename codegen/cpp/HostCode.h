//===- HostCode.h - Host side of the generated source -----------*- C++ -*-===//

#ifndef CAMEO_CODEGEN_CPP_HOSTCODE_H
#define CAMEO_CODEGEN_CPP_HOSTCODE_H

#include "codegen/abi/ModelDescriptor.h"
#include "codegen/cpp/EmitCpp.h"

namespace cameo::cpp {

/// Text of the parts of the source around the kernels.
class HostCode {
public:
  HostCode(plan::ModelOp model, const ModelDescriptor &descriptor,
           const CppOptions &options)
      : model(model), descriptor(descriptor), options(options) {}

  /// Comment, includes and the embedded weights.
  std::string opening() const;
  /// Run function, descriptor and exported functions. `types` holds the C++
  /// types of each kernel's parameters, `const float *` and so on.
  std::string
  closing(const llvm::StringMap<llvm::SmallVector<std::string>> &types) const;

private:
  std::string argument(mlir::Value buffer, llvm::StringRef type) const;
  std::string launch(plan::LaunchOp launch, unsigned index,
                     llvm::ArrayRef<std::string> types) const;
  std::string
  thunks(const llvm::StringMap<llvm::SmallVector<std::string>> &types) const;
  std::string descriptorTables() const;
  std::string extentTable(llvm::StringRef kind,
                          llvm::ArrayRef<ExtentInfo> extents) const;
  std::string cacheTable() const;
  std::string runTensors(
      const llvm::StringMap<llvm::SmallVector<std::string>> &types) const;

  mutable plan::ModelOp model; // its accessors are not const
  const ModelDescriptor &descriptor;
  const CppOptions &options;
};

} // namespace cameo::cpp

#endif // CAMEO_CODEGEN_CPP_HOSTCODE_H
