/* Optional helpers that allocate: aligned memory, and a context together with
 * its arena. Compiled models never call these. */
#if !defined(_DEFAULT_SOURCE)
#define _DEFAULT_SOURCE
#endif
#if !defined(_POSIX_C_SOURCE)
#define _POSIX_C_SOURCE 200809L
#endif
#include "cameo/runtime.h"

#include <stdlib.h>
#if defined(__linux__)
#include <sys/mman.h>
#endif

/* Large blocks start at a huge page and ask for such: arenas are walked over
 * and over, and each page costs a translation. */
static const uint64_t HUGE_PAGE = 2u << 20;

void *cameo_aligned_alloc(uint64_t alignment, uint64_t bytes) {
  if (alignment < sizeof(void *))
    alignment = sizeof(void *);
  if ((alignment & (alignment - 1)) != 0)
    return NULL;
#if defined(MADV_HUGEPAGE)
  int is_huge = bytes >= 2 * HUGE_PAGE;
  if (is_huge && alignment < HUGE_PAGE)
    alignment = HUGE_PAGE;
#endif
  if (alignment > SIZE_MAX || bytes > SIZE_MAX - alignment)
    return NULL;
  void *memory = NULL;
  if (posix_memalign(&memory, (size_t)alignment,
                     bytes == 0 ? 1 : (size_t)bytes) != 0)
    return NULL;
#if defined(MADV_HUGEPAGE)
  /* A request that the system may refuse. */
  if (is_huge)
    (void)madvise(memory, (size_t)(bytes / HUGE_PAGE * HUGE_PAGE),
                  MADV_HUGEPAGE);
#endif
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
