// Implements ModelRunner.h.
#include "compiler/tools/support/ModelRunner.h"

#include "compiler/tools/support/Text.h"

#include <algorithm>
#include <cstring>
#include <sys/mman.h>
#include <unistd.h>

namespace cameo {

std::unique_ptr<ModelRunner> ModelRunner::create(const CompiledModel &model,
                                                 int threads,
                                                 std::string &error) {
  std::unique_ptr<ModelRunner> runner(new ModelRunner(model.descriptor()));
  if (!runner->allocate(threads, error))
    return nullptr;
  return runner;
}

ModelRunner::~ModelRunner() { cameo_pool_destroy(pool); }

bool ModelRunner::allocateArena(std::string &error) {
  constexpr uint64_t kHugePage = 2 << 20;
  uint64_t bytes = model.arena_bytes;
  uint64_t page = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  uint64_t alignment = std::max(
      {model.arena_alignment, page, bytes >= kHugePage ? kHugePage : page});
  auto *memory =
      static_cast<unsigned char *>(cameo_aligned_alloc(alignment, bytes));
  if (!memory) {
    error = text("out of memory for an arena of %llu bytes",
                 static_cast<unsigned long long>(bytes));
    return false;
  }
  arena.reset(memory);
#ifdef MADV_HUGEPAGE
  // Only advice: an old kernel or a disabled feature changes nothing but speed.
  if (bytes >= kHugePage)
    (void)madvise(memory, bytes / kHugePage * kHugePage, MADV_HUGEPAGE);
#endif
  std::memset(memory, 0, bytes);
  cameo_context_init(context, memory, bytes);
  return true;
}

bool ModelRunner::allocate(int threads, std::string &error) {
  if (!allocateArena(error))
    return false;
  if (threads > 1) {
    pool = cameo_pool_create(threads);
    if (!pool) {
      error = text("cannot start %d threads", threads);
      return false;
    }
    context->parallel_for = cameo_pool_parallel_for;
    context->parallel_for_data = pool;
  }
  given.resize(model.num_inputs);
  inputs.resize(model.num_inputs);
  inputArguments.resize(model.num_inputs);
  outputs.resize(model.num_outputs);
  outputShapes.resize(model.num_outputs);
  outputArguments.resize(model.num_outputs);
  for (uint32_t i = 0; i < model.num_caches; ++i) {
    const cameo_tensor_info &info = model.outputs[model.caches[i].output];
    caches.push_back(allocateBuffer(info.bytes));
    if (!caches.back()) {
      error = text("out of memory for the cache '%s'", info.name);
      return false;
    }
  }
  for (uint32_t i = 0; i < model.num_outputs; ++i) {
    const cameo_tensor_info &info = model.outputs[i];
    if (!outputs[i].allocate(info.element_type, declaredShape(info), error)) {
      error = text("output '%s': %s", info.name, error.c_str());
      return false;
    }
    outputShapes[i] = outputs[i].shape;
    const cameo_cache *cache = findCache(model, &cameo_cache::output, i);
    outputArguments[i] = {cache ? bufferOf(cache) : outputs[i].data.get(),
                          outputShapes[i].data()};
  }
  return true;
}

bool ModelRunner::setInput(uint32_t index, Tensor tensor, std::string &error) {
  const cameo_tensor_info &info = model.inputs[index];
  // NumPy's tools like to make vectors of scalars.
  if (info.rank == 0 && tensor.shape == std::vector<int64_t>{1})
    tensor.shape.clear();
  if (tensor.isText && info.rank > 0 &&
      !resizeText(tensor, info.shape[info.rank - 1], error)) {
    error = text("input '%s': %s", info.name, error.c_str());
    return false;
  }
  bool fits = tensor.elementType == info.element_type &&
              tensor.shape.size() == static_cast<size_t>(info.rank);
  for (int32_t d = 0; fits && d < info.rank; ++d) {
    int64_t least = info.min_shape ? info.min_shape[d] : info.shape[d];
    fits = tensor.shape[d] >= least && tensor.shape[d] <= info.shape[d];
  }
  if (!fits) {
    error = text("input '%s': got %s, the model wants %s", info.name,
                 tensor.describe().c_str(), cameo::describe(info).c_str());
    return false;
  }
  inputs[index] = std::move(tensor);
  unsigned char *data = inputs[index].data.get();
  if (const cameo_cache *cache = findCache(model, &cameo_cache::input, index)) {
    data = bufferOf(cache);
    spreadElements(inputs[index], declaredShape(model.outputs[cache->output]),
                   data);
  }
  inputArguments[index] = {data, inputs[index].shape.data()};
  given[index] = true;
  return true;
}

bool ModelRunner::checkInputs(std::string &error) const {
  error.clear();
  for (uint32_t i = 0; i < model.num_inputs; ++i)
    if (!given[i])
      error += (error.empty() ? "" : ", ") +
               text("'%s' (%s)", model.inputs[i].name,
                    cameo::describe(model.inputs[i]).c_str());
  if (error.empty())
    return true;
  error = "no data for input " + error;
  return false;
}

bool ModelRunner::takeOutput(uint32_t index, std::string &error) {
  const cameo_tensor_info &info = model.outputs[index];
  const std::vector<int64_t> &shape = outputShapes[index];
  for (int32_t d = 0; d < info.rank; ++d) {
    if (shape[d] >= 0 && shape[d] <= info.shape[d])
      continue;
    error = text("output '%s': the model returned shape %s, outside its "
                 "declaration %s",
                 info.name, shapeText(shape).c_str(),
                 cameo::describe(info).c_str());
    return false;
  }
  Tensor &output = outputs[index];
  output.shape = shape;
  if (!tensorBytes(info.element_type, shape, output.bytes))
    return false;
  if (const cameo_cache *cache = findCache(model, &cameo_cache::output, index))
    gatherElements(output, declaredShape(info), bufferOf(cache));
  return true;
}

bool ModelRunner::run(std::string &error) {
  if (!checkInputs(error))
    return false;
  cameo_status status = runOnce();
  if (status != CAMEO_OK) {
    const char *message =
        context->message ? context->message : cameo_status_message(status);
    error = text("the run failed with status %d: %s", status, message);
    return false;
  }
  for (uint32_t i = 0; i < model.num_outputs; ++i)
    if (!takeOutput(i, error))
      return false;
  return true;
}

void ModelRunner::setProfiler(cameo_profiler profiler, void *data) {
  context->profiler = profiler;
  context->profiler_data = data;
}

} // namespace cameo
