// The comparison of tensors: tolerance, NaN, infinities, worst element.
#include "compiler/tools/support/Compare.h"

#include <cmath>
#include <cstring>
#include <gtest/gtest.h>

using namespace cameo;

static Tensor floats(const std::vector<float> &values) {
  Tensor tensor;
  std::string error;
  EXPECT_TRUE(tensor.allocate(CAMEO_FLOAT32,
                              {static_cast<int64_t>(values.size())}, error));
  std::memcpy(tensor.data.get(), values.data(), tensor.bytes);
  return tensor;
}

static bool equal(float got, float want) {
  return compareTensors(floats({got}), floats({want}), Tolerance()).equal;
}

TEST(Compare, UsesBothTolerances) {
  EXPECT_TRUE(equal(1.0009f, 1.0f));
  EXPECT_FALSE(equal(1.0011f, 1.0f));
  EXPECT_TRUE(equal(0.5e-7f, 0.0f));
  EXPECT_FALSE(equal(2e-7f, 0.0f));
  EXPECT_TRUE(equal(-0.0f, 0.0f));
  EXPECT_FALSE(compareTensors(floats({1.5f}), floats({1.0f}), {0, 0}).equal);
  EXPECT_TRUE(compareTensors(floats({1.5f}), floats({1.0f}), {0.5, 0}).equal);
}

TEST(Compare, TreatsNanAndInfinityExactly) {
  EXPECT_TRUE(equal(NAN, NAN));
  EXPECT_FALSE(equal(NAN, 1));
  EXPECT_FALSE(equal(1, NAN));
  EXPECT_TRUE(equal(INFINITY, INFINITY));
  EXPECT_FALSE(equal(-INFINITY, INFINITY));
  EXPECT_FALSE(equal(1, INFINITY));
  EXPECT_FALSE(equal(INFINITY, 1));
}

TEST(Compare, ReportsTheWorstElement) {
  Comparison result = compareTensors(floats({1, 2, 9, 4.1f}),
                                     floats({1, 2, 3, 4}), Tolerance());
  EXPECT_FALSE(result.equal);
  EXPECT_EQ(result.wrong, 2u);
  EXPECT_EQ(result.worstIndex, 2u);
  EXPECT_EQ(result.worstError, 6);
  EXPECT_EQ(result.report,
            "2 of 4 elements differ; worst at [2]: got 9, wanted "
            "3, error 6");
}

TEST(Compare, RefusesOtherTypesAndShapes) {
  Tensor a = floats({1, 2}), b = floats({1});
  EXPECT_FALSE(compareTensors(a, b, Tolerance()).equal);
  EXPECT_EQ(compareTensors(a, b, Tolerance()).report,
            "got float32 2, wanted float32 1");
  Tensor c;
  std::string error;
  ASSERT_TRUE(c.allocate(CAMEO_INT32, {2}, error));
  EXPECT_FALSE(compareTensors(a, c, {1e9, 0}).equal);
}

TEST(Compare, KeepsLargeIntegersApart) {
  Tensor a, b;
  std::string error;
  ASSERT_TRUE(a.allocate(CAMEO_INT64, {1}, error) &&
              b.allocate(CAMEO_INT64, {1}, error));
  int64_t x = INT64_MAX, y = INT64_MAX - 1;
  std::memcpy(a.data.get(), &x, 8);
  std::memcpy(b.data.get(), &y, 8);
  EXPECT_FALSE(compareTensors(a, b, {0, 0}).equal);
}
