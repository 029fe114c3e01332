// A compiled model in a shared library: loading, and what it declares.
#ifndef CAMEO_COMPILER_TOOLS_SUPPORT_COMPILEDMODEL_H
#define CAMEO_COMPILER_TOOLS_SUPPORT_COMPILEDMODEL_H

#include "compiler/tools/support/Tensor.h"

#include <memory>
#include <string>

namespace cameo {

class CompiledModel {
public:
  /// Loads the library and finds `NAME_model`. With an empty `name` that is the
  /// file's stem without "lib", else the only exported function *_model.
  static std::unique_ptr<CompiledModel>
  load(const std::string &path, const std::string &name, std::string &error);
  ~CompiledModel();
  CompiledModel(const CompiledModel &) = delete;
  CompiledModel &operator=(const CompiledModel &) = delete;

  const cameo_model &descriptor() const { return *model; }
  /// Index of the input of this name, or -1.
  int findInput(const std::string &name) const;

private:
  CompiledModel(void *library, const cameo_model *model)
      : library(library), model(model) {}

  void *library;
  const cameo_model *model;
};

/// The cache that an input or an output is stored in; null: it is none.
const cameo_cache *findCache(const cameo_model &model,
                             uint32_t cameo_cache::*side, uint32_t index);

/// The declared extents (upper bounds) as a vector.
std::vector<int64_t> declaredShape(const cameo_tensor_info &info);

/// "float32 1x3x224x224", with bounded extents as "1..8".
std::string describe(const cameo_tensor_info &info);

} // namespace cameo

#endif
