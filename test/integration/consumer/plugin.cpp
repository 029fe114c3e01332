// A model and the thread pool within a shared library, through the C++ view of
// the header and through the generic descriptor.
#include "threaded.h"

#include <cstdio>
#include <cstring>

extern "C" int run_plugin() {
  const cameo_model *model = threaded_model();
  if (std::strcmp(model->name, "threaded") != 0 || model->num_inputs != 1)
    return 1;
  cameo_context *context = cameo_context_create(model);
  cameo_pool *pool = cameo_pool_create(2);
  if (!context || !pool)
    return 1;
  context->parallel_for = cameo_pool_parallel_for;
  context->parallel_for_data = pool;
  float x[6] = {1, 2, 3, -1, -2, -3}, y[4] = {};
  cameo_tensor input = {x, nullptr}, output = {y, nullptr};
  cameo_status status = model->run(context, &input, &output);
  cameo_pool_destroy(pool);
  cameo_context_destroy(context);
  std::printf("plugin: %g %g\n", y[0], y[3]);
  return status != CAMEO_OK || y[0] != 14.5f || y[3] != 14.25f;
}
