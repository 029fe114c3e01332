// Implements CompiledModel.h.
#include "compiler/tools/support/CompiledModel.h"

#include "compiler/tools/support/ElfFile.h"
#include "compiler/tools/support/Text.h"

#include <algorithm>
#include <dlfcn.h>
#include <filesystem>

namespace cameo {

static constexpr std::string_view kSuffix = "_model";

/// Chooses the descriptor function among what the library exports.
static bool chooseSymbol(const std::string &path, const std::string &name,
                         const std::vector<std::string> &functions,
                         std::string &symbol, std::string &error) {
  if (!name.empty()) {
    symbol = name + std::string(kSuffix);
    return true;
  }
  std::string stem = std::filesystem::path(path).stem().string();
  if (stem.starts_with("lib"))
    stem.erase(0, 3);
  symbol = stem + std::string(kSuffix);
  if (std::find(functions.begin(), functions.end(), symbol) != functions.end())
    return true;
  std::vector<std::string> found;
  for (const std::string &function : functions)
    if (function.ends_with(kSuffix) && function.size() > kSuffix.size())
      found.push_back(function);
  if (found.size() == 1) {
    symbol = found[0];
    return true;
  }
  if (found.empty()) {
    error = text("'%s' holds no compiled model: it exports no function "
                 "NAME_model",
                 path.c_str());
    return false;
  }
  error = text("'%s' holds %zu models; choose one with --name=", path.c_str(),
               found.size());
  for (size_t i = 0; i < found.size(); ++i) {
    found[i].resize(found[i].size() - kSuffix.size());
    error += text(i ? "|%s" : "%s", found[i].c_str());
  }
  return false;
}

/// `bytes` is what the declared shape takes.
static bool checkTensor(const cameo_tensor_info &info, uint64_t &bytes) {
  return info.name && info.rank >= 0 && info.rank <= 64 &&
         (info.rank == 0 || info.shape) &&
         cameo_element_size(info.element_type) != 0 &&
         tensorBytes(info.element_type, declaredShape(info), bytes);
}

static bool checkCache(const cameo_model &model, const cameo_cache &cache) {
  if (cache.input >= model.num_inputs || cache.output >= model.num_outputs)
    return false;
  const cameo_tensor_info &input = model.inputs[cache.input];
  const cameo_tensor_info &output = model.outputs[cache.output];
  if (input.rank != output.rank || input.element_type != output.element_type ||
      input.bytes != output.bytes || cache.dim < 0 || cache.dim >= input.rank)
    return false;
  for (int32_t d = 0; d < input.rank; ++d)
    if (input.shape[d] > output.shape[d] ||
        (d != cache.dim && input.shape[d] != output.shape[d]))
      return false;
  return true;
}

static bool checkTensors(const cameo_model &model, std::string &error) {
  auto fail = [&](const char *kind, uint32_t i) {
    error = text("its description of %s %u is inconsistent", kind, i);
    return false;
  };
  for (uint32_t i = 0; i < model.num_inputs; ++i) {
    const cameo_tensor_info &info = model.inputs[i];
    uint64_t bytes = 0;
    if (!checkTensor(info, bytes) ||
        (bytes != info.bytes && !findCache(model, &cameo_cache::input, i)))
      return fail("input", i);
  }
  for (uint32_t i = 0; i < model.num_outputs; ++i) {
    const cameo_tensor_info &info = model.outputs[i];
    uint64_t bytes = 0;
    if (!checkTensor(info, bytes) || bytes != info.bytes)
      return fail("output", i);
  }
  for (uint32_t i = 0; i < model.num_caches; ++i)
    if (!checkCache(model, model.caches[i]))
      return fail("cache", i);
  return true;
}

/// The descriptor comes from a foreign file: trust nothing in it.
static bool checkDescriptor(const cameo_model *model, std::string &error) {
  if (!model) {
    error = "its descriptor is NULL";
    return false;
  }
  if (model->abi_version != CAMEO_ABI_VERSION) {
    error = text("it was compiled for ABI version %u, this program speaks "
                 "version %d; compile the model again",
                 model->abi_version, CAMEO_ABI_VERSION);
    return false;
  }
  uint64_t alignment = model->arena_alignment;
  if (!model->run || !model->name || (model->num_inputs && !model->inputs) ||
      (model->num_outputs && !model->outputs) ||
      (model->num_kernels && !model->kernels) ||
      (model->num_caches && !model->caches) ||
      (alignment & (alignment - 1)) != 0) {
    error = "its descriptor is incomplete";
    return false;
  }
  return checkTensors(*model, error);
}

std::unique_ptr<CompiledModel> CompiledModel::load(const std::string &path,
                                                   const std::string &name,
                                                   std::string &error) {
  std::vector<std::string> functions;
  std::string symbol;
  if (!readExportedFunctions(path, functions, error) ||
      !chooseSymbol(path, name, functions, symbol, error))
    return nullptr;
  // Without a slash dlopen would search the system's folders instead.
  std::string file = path.find('/') == std::string::npos ? "./" + path : path;
  void *library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    error = text("cannot load '%s': %s", path.c_str(), dlerror());
    return nullptr;
  }
  std::unique_ptr<CompiledModel> result(new CompiledModel(library, nullptr));
  auto getModel = reinterpret_cast<const cameo_model *(*)()>(
      dlsym(library, symbol.c_str()));
  if (!getModel) {
    error = text("'%s' exports no function '%s'", path.c_str(), symbol.c_str());
    return nullptr;
  }
  const cameo_model *model = getModel();
  std::string why;
  if (!checkDescriptor(model, why)) {
    error = text("cannot use '%s': %s", path.c_str(), why.c_str());
    return nullptr;
  }
  result->model = model;
  return result;
}

CompiledModel::~CompiledModel() { dlclose(library); }

int CompiledModel::findInput(const std::string &name) const {
  for (uint32_t i = 0; i < model->num_inputs; ++i)
    if (name == model->inputs[i].name)
      return static_cast<int>(i);
  return -1;
}

const cameo_cache *findCache(const cameo_model &model,
                             uint32_t cameo_cache::*side, uint32_t index) {
  for (uint32_t i = 0; i < model.num_caches; ++i)
    if (model.caches[i].*side == index)
      return &model.caches[i];
  return nullptr;
}

std::vector<int64_t> declaredShape(const cameo_tensor_info &info) {
  return std::vector<int64_t>(info.shape, info.shape + info.rank);
}

std::string describe(const cameo_tensor_info &info) {
  std::string shape = info.rank == 0 ? "scalar" : "";
  for (int32_t d = 0; d < info.rank; ++d) {
    shape += d ? "x" : "";
    if (info.min_shape && info.min_shape[d] != info.shape[d])
      shape += std::to_string(info.min_shape[d]) + "..";
    shape += std::to_string(info.shape[d]);
  }
  return elementTypeName(info.element_type) + " " + shape;
}

} // namespace cameo
