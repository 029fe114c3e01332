// Status texts, element sizes and the layout that compiled models rely on.
#include "cameo/runtime.h"

#include <cstddef>
#include <gtest/gtest.h>
#include <set>
#include <string>

TEST(Status, EveryStatusHasItsOwnText) {
  std::set<std::string> texts;
  for (int status = CAMEO_OK; status <= CAMEO_ERROR_BRANCH_LEFT_OUT; ++status)
    texts.insert(cameo_status_message(static_cast<cameo_status>(status)));
  EXPECT_EQ(texts.size(), 11u);
  EXPECT_EQ(texts.count("unknown status"), 0u);
  EXPECT_STREQ(cameo_status_message(static_cast<cameo_status>(99)),
               "unknown status");
}

TEST(ElementSize, FollowsOnnxNumbers) {
  // Those narrower than a byte and the floats of eight bits, from 17 on, take
  // one byte each; 27 is not known.
  const size_t sizes[] = {0, 4, 1, 1, 2, 2, 4, 8, 0, 1, 2, 8, 4, 8,
                          0, 0, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0};
  for (int32_t type = 0; type < 28; ++type)
    EXPECT_EQ(cameo_element_size(type), sizes[type]) << type;
  EXPECT_EQ(cameo_element_size(-1), 0u);
}

// Code generation writes these structures as constants; a change here needs a
// new CAMEO_ABI_VERSION.
TEST(Abi, LayoutOf64BitTargetsIsFixed) {
  static_assert(CAMEO_ABI_VERSION == 2);
  static_assert(sizeof(cameo_tensor_info) == 40);
  static_assert(offsetof(cameo_tensor_info, shape) == 16);
  static_assert(offsetof(cameo_tensor_info, bytes) == 32);
  static_assert(sizeof(cameo_tensor) == 16);
  static_assert(sizeof(cameo_context) == 64);
  static_assert(offsetof(cameo_context, arena) == 8);
  static_assert(offsetof(cameo_context, parallel_for) == 24);
  static_assert(offsetof(cameo_context, profiler) == 40);
  static_assert(offsetof(cameo_context, message) == 56);
  static_assert(sizeof(cameo_kernel_info) == 32);
  static_assert(sizeof(cameo_cache) == 12);
  static_assert(sizeof(cameo_model) == 104);
  static_assert(offsetof(cameo_model, arena_bytes) == 56);
  static_assert(offsetof(cameo_model, run) == 80);
  static_assert(offsetof(cameo_model, caches) == 88);
  EXPECT_EQ(sizeof(cameo_status), 4u);
}
