//===- ConstantInputs.cpp - Inputs given at compile time ------------------===//

#include "compiler/import/ConstantInputs.h"
#include "compiler/import/Tensors.h"
#include "compiler/tools/support/Npy.h"

#include "onnx/onnx-data_pb.h"
#include "onnx/onnx_pb.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace cameo;

/// Parses a whole file as one message, of a kind that is called `what`.
template <typename Proto>
static bool readProto(llvm::StringRef path, llvm::StringRef what, Proto &proto,
                      std::string &error) {
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                            /*RequiresNullTerminator=*/false);
  if (!buffer) {
    error = "cannot read '" + path.str() + "': " + buffer.getError().message();
    return false;
  }
  llvm::StringRef bytes = (*buffer)->getBuffer();
  if (bytes.size() > static_cast<size_t>(INT_MAX) ||
      !proto.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    error =
        "'" + path.str() + "' is not an ONNX " + what.str() + ", or is cut off";
    return false;
  }
  return true;
}

bool cameo::readConstantFile(llvm::StringRef path, onnx::TensorProto &tensor,
                             std::string &error) {
  if (path.ends_with(".pb"))
    return readProto(path, "tensor", tensor, error);
  if (!path.ends_with(".npy")) {
    error = "'" + path.str() + "' is neither a .pb nor a .npy file";
    return false;
  }
  Tensor array;
  if (!readNpy(path.str(), array, error))
    return false;
  // The run-time interface numbers element types as ONNX does.
  tensor.set_data_type(array.elementType);
  for (int64_t extent : array.shape)
    tensor.add_dims(extent);
  tensor.set_raw_data(array.data.get(), array.bytes);
  return true;
}

bool cameo::readSequenceFile(llvm::StringRef path,
                             onnx::SequenceProto &sequence,
                             std::string &error) {
  return readProto(path, "sequence", sequence, error);
}

bool cameo::readOptionalFile(llvm::StringRef path,
                             onnx::OptionalProto &optional,
                             std::string &error) {
  return readProto(path, "optional", optional, error);
}

bool cameo::matchesInput(const onnx::TensorProto &tensor,
                         const onnx::ValueInfoProto &input,
                         std::string &error) {
  const auto &type = input.type().tensor_type();
  if (tensor.data_type() != type.elem_type()) {
    error = "it has " + getElementTypeName(tensor.data_type()) +
            " elements when the input has " +
            getElementTypeName(type.elem_type());
    return false;
  }
  if (!type.has_shape())
    return true;
  if (tensor.dims_size() != type.shape().dim_size()) {
    error = "it has rank " + std::to_string(tensor.dims_size()) +
            " when the input has rank " +
            std::to_string(type.shape().dim_size());
    return false;
  }
  for (auto [i, dim] : llvm::enumerate(type.shape().dim()))
    if (dim.has_dim_value() && dim.dim_value() != tensor.dims(i)) {
      error = "extent " + std::to_string(i) + " is " +
              std::to_string(tensor.dims(i)) + " when the input has " +
              std::to_string(dim.dim_value());
      return false;
    }
  return true;
}
