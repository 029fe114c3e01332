// Stands in for TensorProtoFile.cpp in builds without protobuf.
#include "compiler/tools/support/TensorProtoFile.h"

#include "compiler/tools/support/Text.h"

namespace cameo {

static bool unsupported(const std::string &path, std::string &error) {
  error = text("'%s': this build has no protobuf and cannot use TensorProto "
               "files; use .npy",
               path.c_str());
  return false;
}

bool readTensorProto(const std::string &path, Tensor &, std::string &,
                     std::string &error) {
  return unsupported(path, error);
}

bool writeTensorProto(const std::string &path, const Tensor &,
                      const std::string &, std::string &error) {
  return unsupported(path, error);
}

} // namespace cameo
