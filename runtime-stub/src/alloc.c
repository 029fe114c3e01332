/* Optional helpers that allocate: aligned memory, and a context together with
 * its arena. Compiled models never call these. */
#if !defined(_POSIX_C_SOURCE)
#define _POSIX_C_SOURCE 200809L
#endif
#include "cameo/runtime.h"

#include <stdlib.h>

void *cameo_aligned_alloc(uint64_t alignment, uint64_t bytes) {
  if (alignment < sizeof(void *))
    alignment = sizeof(void *);
  if ((alignment & (alignment - 1)) != 0)
    return NULL;
  if (alignment > SIZE_MAX || bytes > SIZE_MAX - alignment)
    return NULL;
  void *memory = NULL;
  if (posix_memalign(&memory, (size_t)alignment,
                     bytes == 0 ? 1 : (size_t)bytes) != 0)
    return NULL;
  return memory;
}

void cameo_aligned_free(void *memory) { free(memory); }

/* One block holds the context and, after it, the arena: releasing does not
 * depend on the members that the caller may have changed. */
cameo_context *cameo_context_create(const cameo_model *model) {
  if (!model || model->abi_version != CAMEO_ABI_VERSION)
    return NULL;
  uint64_t alignment =
      model->arena_alignment < 64 ? 64 : model->arena_alignment;
  if ((alignment & (alignment - 1)) != 0)
    return NULL;
  uint64_t offset = (sizeof(cameo_context) + alignment - 1) & ~(alignment - 1);
  if (model->arena_bytes > UINT64_MAX - offset)
    return NULL;
  unsigned char *block =
      cameo_aligned_alloc(alignment, offset + model->arena_bytes);
  if (!block)
    return NULL;
  cameo_context *context = (cameo_context *)(void *)block;
  cameo_context_init(context, block + offset, model->arena_bytes);
  return context;
}

void cameo_context_destroy(cameo_context *context) {
  cameo_aligned_free(context);
}
