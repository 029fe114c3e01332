//===- ModelDescriptor.h - What a compiled model tells of itself ----------===//
//
// The contents of `cameo_model` and of the header, read once from a plan.model
// and its kernels. Both back ends and the header writer print from this.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_CODEGEN_ABI_MODELDESCRIPTOR_H
#define CAMEO_CODEGEN_ABI_MODELDESCRIPTOR_H

#include "dialects/plan/Plan.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

#include <string>
#include <vector>

namespace cameo {

/// One input or output; `cameo_tensor_info`.
struct TensorInfo {
  std::string name;       ///< the ONNX value's name
  std::string identifier; ///< its member in the generated struct
  int32_t elementType;    ///< a cameo_element_type
  std::string cType;      ///< `float`, `int64_t`; `uint16_t` for f16 and bf16
  llvm::SmallVector<int64_t> shape;
  llvm::SmallVector<int64_t> minShape; ///< empty when every extent is fixed
  uint64_t bytes;
};

/// A bounded extent and its place in the arena; `cameo_extent`.
struct ExtentInfo {
  uint32_t tensor;
  int32_t dim;
  uint64_t position;
};

/// An input that is stored as an output; `cameo_cache`.
struct CacheInfo {
  uint32_t input;
  uint32_t output;
  int32_t dim;
};

/// One launch of a kernel; `cameo_kernel_info`.
struct KernelInfo {
  std::string name;
  std::string nodes; ///< comma-separated
  uint64_t flops;
  uint64_t bytes;
};

/// `cameo_model`.
struct ModelDescriptor {
  std::string name;   ///< the symbol prefix, a C identifier
  std::string target; ///< triple, CPU and features
  std::vector<TensorInfo> inputs;
  std::vector<TensorInfo> outputs;
  std::vector<ExtentInfo> inputExtents;
  std::vector<ExtentInfo> outputExtents;
  std::vector<CacheInfo> caches;
  std::vector<KernelInfo> kernels; ///< one per launch, in order
  uint64_t arenaBytes;
  uint64_t arenaAlignment;
  uint64_t weightBytes;
};

/// The only plan.model of a module in loops form, its launches checked against
/// the kernels they name: they exist, have bodies and take these arguments.
mlir::FailureOr<plan::ModelOp> findModel(mlir::ModuleOp module);

/// Describes `model`. Fails with a diagnostic when its name is no identifier or
/// a tensor has a type that the C interface does not know.
mlir::FailureOr<ModelDescriptor> describeModel(plan::ModelOp model,
                                               llvm::StringRef target);

/// The C name of an element type's enumerator, such as `CAMEO_FLOAT32`.
llvm::StringRef elementTypeEnumerator(int32_t elementType);

} // namespace cameo

#endif // CAMEO_CODEGEN_ABI_MODELDESCRIPTOR_H
