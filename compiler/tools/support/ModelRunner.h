// Runs a compiled model on tensors: owns arena, context, threads and buffers.
#ifndef CAMEO_COMPILER_TOOLS_SUPPORT_MODELRUNNER_H
#define CAMEO_COMPILER_TOOLS_SUPPORT_MODELRUNNER_H

#include "compiler/tools/support/CompiledModel.h"

namespace cameo {

class ModelRunner {
public:
  /// Allocates the arena (aligned to huge pages where it is large, and
  /// touched), all outputs, and one buffer per cache, which runs find again as
  /// they were given it. `model` must outlive the runner.
  static std::unique_ptr<ModelRunner> create(const CompiledModel &model,
                                             int threads, std::string &error);
  ~ModelRunner();
  ModelRunner(const ModelRunner &) = delete;
  ModelRunner &operator=(const ModelRunner &) = delete;

  /// Checks type and shape against what the model declares.
  bool setInput(uint32_t index, Tensor tensor, std::string &error);
  bool hasInput(uint32_t index) const { return given[index]; }
  /// An error if any input has not been set.
  bool checkInputs(std::string &error) const;

  bool run(std::string &error);
  /// The bare call, for timing; the inputs must have been checked.
  cameo_status runOnce() {
    return model.run(context, inputArguments.data(), outputArguments.data());
  }

  /// The result of the last run; its shape is the actual one.
  const Tensor &output(uint32_t index) const { return outputs[index]; }
  void setProfiler(cameo_profiler profiler, void *data);

private:
  explicit ModelRunner(const cameo_model &model) : model(model) {}
  bool allocate(int threads, std::string &error);
  bool allocateArena(std::string &error);
  bool takeOutput(uint32_t index, std::string &error);
  unsigned char *bufferOf(const cameo_cache *cache) const {
    return caches[cache - model.caches].get();
  }

  const cameo_model &model;
  Buffer arena;
  cameo_pool *pool = nullptr;
  cameo_context contextStorage;
  cameo_context *context = &contextStorage;
  std::vector<bool> given;
  std::vector<Tensor> inputs, outputs;
  std::vector<Buffer> caches; // With the strides of the outputs' bounds.
  std::vector<std::vector<int64_t>> outputShapes; // written by the model
  std::vector<cameo_tensor> inputArguments, outputArguments;
};

} // namespace cameo

#endif
