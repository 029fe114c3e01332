//===- Tensors.h - ONNX tensors as attributes -------------------*- C++ -*-===//

#ifndef CAMEO_COMPILER_IMPORT_TENSORS_H
#define CAMEO_COMPILER_IMPORT_TENSORS_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"

namespace onnx {
class TensorProto;
} // namespace onnx

namespace cameo {

/// The type of an ONNX element type's number; null when there is none.
mlir::Type getElementType(int32_t number, mlir::MLIRContext *context);
/// The name of an ONNX element type's number, for messages.
std::string getElementTypeName(int32_t number);

/// The elements of a tensor; large ones become a `dense_resource` blob.
/// `folder` is where files of external data are. Returns null and says why in
/// `error`.
mlir::ElementsAttr importTensor(const onnx::TensorProto &tensor,
                                llvm::StringRef folder,
                                mlir::MLIRContext *context, std::string &error);

/// Strings as bytes in a further dimension, padded with zeros to the longest.
mlir::DenseElementsAttr packStrings(mlir::MLIRContext *context,
                                    llvm::ArrayRef<int64_t> shape,
                                    llvm::ArrayRef<std::string> values);
/// The same of a tensor of strings.
mlir::DenseElementsAttr importStrings(const onnx::TensorProto &tensor,
                                      mlir::MLIRContext *context,
                                      std::string &error);

/// Whether products of the extents, zeros left out, stay far from overflow and
/// from what machines hold.
bool hasSensibleSize(llvm::ArrayRef<int64_t> shape);

} // namespace cameo

#endif // CAMEO_COMPILER_IMPORT_TENSORS_H
