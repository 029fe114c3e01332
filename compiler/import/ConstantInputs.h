//===- ConstantInputs.h - Inputs given at compile time ----------*- C++ -*-===//
//
// Reads the tensors that users bind to model inputs with `--constant`.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_COMPILER_IMPORT_CONSTANTINPUTS_H
#define CAMEO_COMPILER_IMPORT_CONSTANTINPUTS_H

#include "llvm/ADT/StringRef.h"

#include <string>

namespace onnx {
class OptionalProto;
class SequenceProto;
class TensorProto;
class ValueInfoProto;
} // namespace onnx

namespace cameo {

/// Reads an ONNX TensorProto (.pb) or NumPy (.npy) file; false with `error`.
bool readConstantFile(llvm::StringRef path, onnx::TensorProto &tensor,
                      std::string &error);

/// The same of a serialised sequence or optional.
bool readSequenceFile(llvm::StringRef path, onnx::SequenceProto &sequence,
                      std::string &error);
bool readOptionalFile(llvm::StringRef path, onnx::OptionalProto &optional,
                      std::string &error);

/// Whether the tensor has the element type and, where declared, the extents of
/// the input; otherwise `error` says what differs.
bool matchesInput(const onnx::TensorProto &tensor,
                  const onnx::ValueInfoProto &input, std::string &error);

} // namespace cameo

#endif // CAMEO_COMPILER_IMPORT_CONSTANTINPUTS_H
