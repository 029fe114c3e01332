/* Caches that callers give buffers of their own: the host code of a model
 * copies what there is to the output before the first kernel, which reads it
 * there. */
#include "cameo/runtime.h"

#include <string.h>

/* Is the row number `index` of dims dimensions one that the shape has? */
static int has_row(const int64_t *bounds, const int64_t *shape, int32_t dims,
                   int64_t index) {
  for (int32_t d = dims; d-- > 0; index /= bounds[d])
    if (index % bounds[d] >= shape[d])
      return 0;
  return 1;
}

static void copy_cache(const cameo_tensor_info *stored, const int64_t *shape,
                       int32_t dim, unsigned char *to,
                       const unsigned char *from) {
  uint64_t inner = cameo_element_size(stored->element_type);
  int64_t rows = 1;
  for (int32_t d = 0; d < stored->rank; ++d)
    if (d < dim)
      rows *= stored->shape[d];
    else if (d > dim)
      inner *= (uint64_t)stored->shape[d];
  uint64_t stride = inner * (uint64_t)stored->shape[dim];
  for (int64_t row = 0; row < rows; ++row, to += stride, from += stride)
    if (has_row(stored->shape, shape, dim, row))
      memcpy(to, from, inner * (uint64_t)shape[dim]);
}

cameo_status cameo_take_caches_v2(const cameo_model *model,
                                  cameo_context *context,
                                  const cameo_tensor *inputs,
                                  const cameo_tensor *outputs) {
  for (uint32_t i = 0; i < model->num_caches; ++i) {
    const cameo_cache *cache = &model->caches[i];
    const cameo_tensor_info *stored = &model->outputs[cache->output];
    const cameo_tensor *input = &inputs[cache->input];
    const unsigned char *from = (const unsigned char *)input->data;
    unsigned char *to = (unsigned char *)outputs[cache->output].data;
    if (from == to || stored->bytes == 0)
      continue;
    uint64_t distance = from < to ? (uint64_t)((uintptr_t)to - (uintptr_t)from)
                                  : (uint64_t)((uintptr_t)from - (uintptr_t)to);
    if (distance < stored->bytes) {
      context->message = "the buffers of a cache overlap but are not one";
      return CAMEO_ERROR_INVALID_VALUE;
    }
    copy_cache(stored,
               input->shape ? input->shape : model->inputs[cache->input].shape,
               cache->dim, to, from);
  }
  return CAMEO_OK;
}
