// Reads and writes ONNX TensorProto files, as in test_data_set folders.
//
// Needs protobuf; builds without it (CAMEO_RUN_PROTOBUF=OFF, for machines that
// are only cross-compiled for) refuse such files with a message.
#ifndef CAMEO_COMPILER_TOOLS_SUPPORT_TENSORPROTOFILE_H
#define CAMEO_COMPILER_TOOLS_SUPPORT_TENSORPROTOFILE_H

#include "compiler/tools/support/Tensor.h"

namespace cameo {

/// `name` receives the tensor's name, which may be empty.
bool readTensorProto(const std::string &path, Tensor &tensor, std::string &name,
                     std::string &error);

bool writeTensorProto(const std::string &path, const Tensor &tensor,
                      const std::string &name, std::string &error);

} // namespace cameo

#endif
