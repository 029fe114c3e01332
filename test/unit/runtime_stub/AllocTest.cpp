// The allocation helpers: alignment, refusals, context with arena.
#include "cameo/runtime.h"

#include <cstring>
#include <gtest/gtest.h>

TEST(AlignedAlloc, KeepsEveryAlignment) {
  for (uint64_t alignment = 1; alignment <= (2u << 20); alignment *= 2)
    for (uint64_t bytes : {0, 1, 100, 4097}) {
      void *memory = cameo_aligned_alloc(alignment, bytes);
      ASSERT_NE(memory, nullptr) << alignment << " " << bytes;
      EXPECT_EQ(reinterpret_cast<uintptr_t>(memory) % alignment, 0u);
      std::memset(memory, 1, bytes);
      cameo_aligned_free(memory);
    }
  cameo_aligned_free(nullptr);
}

TEST(AlignedAlloc, RefusesWhatCannotBe) {
  EXPECT_EQ(cameo_aligned_alloc(24, 8), nullptr);
  EXPECT_EQ(cameo_aligned_alloc(64, UINT64_MAX), nullptr);
  EXPECT_EQ(cameo_aligned_alloc(64, UINT64_MAX - 63), nullptr);
}

TEST(ContextCreate, AllocatesAnArenaAsTheModelNeeds) {
  cameo_model model = {};
  model.abi_version = CAMEO_ABI_VERSION;
  for (uint64_t alignment : {1, 64, 4096}) {
    model.arena_alignment = alignment;
    model.arena_bytes = 1000;
    cameo_context *context = cameo_context_create(&model);
    ASSERT_NE(context, nullptr);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(context->arena) % alignment, 0u);
    EXPECT_EQ(context->arena_bytes, 1000u);
    std::memset(context->arena, 0xff, 1000);
    EXPECT_EQ(context->abi_version, static_cast<uint32_t>(CAMEO_ABI_VERSION));
    context->arena = nullptr; // destroying does not depend on it
    cameo_context_destroy(context);
  }
  cameo_context_destroy(nullptr);
}

TEST(ContextCreate, RefusesBrokenModels) {
  EXPECT_EQ(cameo_context_create(nullptr), nullptr);
  cameo_model model = {};
  model.abi_version = CAMEO_ABI_VERSION + 1;
  EXPECT_EQ(cameo_context_create(&model), nullptr);
  model.abi_version = CAMEO_ABI_VERSION;
  model.arena_alignment = 64;
  model.arena_bytes = UINT64_MAX;
  EXPECT_EQ(cameo_context_create(&model), nullptr);
  model.arena_bytes = UINT64_MAX - 64;
  EXPECT_EQ(cameo_context_create(&model), nullptr);
  model.arena_bytes = 64;
  model.arena_alignment = 96;
  EXPECT_EQ(cameo_context_create(&model), nullptr);
}
