// Which rows of a cache are copied, and which buffers are refused.
#include "cameo/runtime.h"

#include <gtest/gtest.h>
#include <vector>

namespace {

cameo_status neverRun(cameo_context *, const cameo_tensor *,
                      const cameo_tensor *) {
  return CAMEO_OK;
}

/// Two heads of up to three rows of two numbers, stored with room for five, for
/// up to two sequences.
class Caches : public ::testing::Test {
protected:
  const int64_t inputShape[4] = {2, 2, 3, 2}, outputShape[4] = {2, 2, 5, 2};
  const int64_t least[4] = {1, 2, 0, 2};
  const cameo_tensor_info input = {"past",     CAMEO_FLOAT32, 4,
                                   inputShape, least,         160};
  const cameo_tensor_info output = {"present",   CAMEO_FLOAT32, 4,
                                    outputShape, least,         160};
  const cameo_cache cache = {0, 0, 2};
  const cameo_model model = {
      CAMEO_ABI_VERSION, 1,  1,  0, "m",      "generic", &input, &output,
      nullptr,           64, 64, 0, neverRun, &cache,    1};
  std::vector<float> from = std::vector<float>(80),
                     to = std::vector<float>(80, -1);
  int64_t shape[4] = {1, 2, 2, 2};
  cameo_context context;

  void SetUp() override {
    cameo_context_init(&context, nullptr, 0);
    for (int i = 0; i < 40; ++i)
      from[i] = static_cast<float>(i);
  }
  cameo_status take(float *past, float *present) {
    cameo_tensor in = {past, shape}, out = {present, nullptr};
    return cameo_take_caches_v2(&model, &context, &in, &out);
  }
};

} // namespace

TEST_F(Caches, OfOtherBuffersAreCopiedAsFarAsTheyGo) {
  EXPECT_EQ(take(from.data(), to.data()), CAMEO_OK);
  for (int i = 0; i < 40; ++i) {
    bool isThere = i < 20 && i % 10 < 4; // One sequence, two rows.
    EXPECT_EQ(to[i], isThere ? static_cast<float>(i) : -1.0f) << i;
  }
}

TEST_F(Caches, AreCopiedAsDeclaredWithoutAShape) {
  cameo_tensor in = {from.data(), nullptr}, out = {to.data(), nullptr};
  EXPECT_EQ(cameo_take_caches_v2(&model, &context, &in, &out), CAMEO_OK);
  for (int i = 0; i < 40; ++i)
    EXPECT_EQ(to[i], i % 10 < 6 ? static_cast<float>(i) : -1.0f) << i;
}

TEST_F(Caches, OfNothingAreNotTouched) {
  shape[2] = 0;
  EXPECT_EQ(take(from.data(), to.data()), CAMEO_OK);
  EXPECT_EQ(to, std::vector<float>(80, -1));
}

TEST_F(Caches, InPlaceAreLeftAlone) {
  std::vector<float> before = from;
  EXPECT_EQ(take(from.data(), from.data()), CAMEO_OK);
  EXPECT_EQ(from, before);
}

TEST_F(Caches, MustNotOverlap) {
  std::vector<float> before = from;
  EXPECT_EQ(take(from.data(), from.data() + 1), CAMEO_ERROR_INVALID_VALUE);
  EXPECT_EQ(take(from.data() + 39, from.data()), CAMEO_ERROR_INVALID_VALUE);
  EXPECT_STREQ(context.message,
               "the buffers of a cache overlap but are not one");
  EXPECT_EQ(from, before);
  EXPECT_EQ(take(from.data(), from.data() + 40), CAMEO_OK);
}
