// Tensors: sizes that overflow, 16-bit floats, random contents.
#include "compiler/tools/support/Tensor.h"

#include <bit>
#include <cmath>
#include <gtest/gtest.h>

using namespace cameo;

TEST(Tensor, RefusesImpossibleShapes) {
  Tensor tensor;
  std::string error;
  EXPECT_FALSE(tensor.allocate(CAMEO_FLOAT32, {-1}, error));
  EXPECT_FALSE(tensor.allocate(CAMEO_FLOAT32, {INT64_MAX}, error));
  EXPECT_FALSE(tensor.allocate(CAMEO_FLOAT32, {1LL << 32, 1LL << 32}, error));
  EXPECT_FALSE(tensor.allocate(CAMEO_UINT8, {INT64_MAX, 0, 4}, error));
  EXPECT_FALSE(tensor.allocate(CAMEO_STRING, {1}, error));
  EXPECT_EQ(error, "elements of type string are not supported");
  EXPECT_TRUE(tensor.allocate(CAMEO_FLOAT32, {3, 0}, error));
  EXPECT_EQ(tensor.count(), 0u);
  EXPECT_TRUE(tensor.allocate(CAMEO_FLOAT32, {}, error));
  EXPECT_EQ(tensor.count(), 1u);
}

TEST(Tensor, HalfAndBfloat16RoundTrip) {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    auto half = static_cast<uint16_t>(bits);
    float value = halfToFloat(half);
    if (!std::isnan(value)) {
      EXPECT_EQ(floatToHalf(value), half);
    }
    float brain = bfloat16ToFloat(half);
    if (!std::isnan(brain)) {
      EXPECT_EQ(floatToBfloat16(brain), half);
    }
  }
  EXPECT_TRUE(std::isnan(halfToFloat(floatToHalf(NAN))));
  EXPECT_TRUE(std::isnan(bfloat16ToFloat(floatToBfloat16(NAN))));
}

TEST(Tensor, HalfRoundsToNearestEven) {
  EXPECT_EQ(halfToFloat(0x3c00), 1.0f);
  EXPECT_EQ(halfToFloat(0x0001), 0x1p-24f);
  EXPECT_EQ(halfToFloat(0x7bff), 65504.0f);
  EXPECT_EQ(floatToHalf(1.0f + 0x1p-11f), 0x3c00);     // tie to even
  EXPECT_EQ(floatToHalf(1.0f + 3 * 0x1p-11f), 0x3c02); // tie to even
  EXPECT_EQ(floatToHalf(1.0f + 0x1p-11f + 0x1p-20f), 0x3c01);
  EXPECT_EQ(floatToHalf(65519.0f), 0x7bff);
  EXPECT_EQ(floatToHalf(65520.0f), 0x7c00);
  EXPECT_EQ(floatToHalf(0x1p-25f), 0x0000);
  EXPECT_EQ(floatToHalf(-0x1.8p-25f), 0x8001);
}

TEST(Tensor, RandomIsReproducibleAndInRange) {
  for (int32_t type : {CAMEO_FLOAT32, CAMEO_FLOAT16, CAMEO_BOOL, CAMEO_INT64}) {
    Tensor a, b;
    std::string error;
    ASSERT_TRUE(a.allocate(type, {1000}, error) &&
                b.allocate(type, {1000}, error));
    fillRandom(a, 5);
    fillRandom(b, 5);
    bool different = false;
    for (int i = 0; i < 1000; ++i) {
      EXPECT_EQ(a.element(i), b.element(i));
      EXPECT_GE(a.element(i), -1);
      EXPECT_LE(a.element(i), type == CAMEO_INT64 ? 3 : 1);
      different |= a.element(i) != a.element(0);
    }
    EXPECT_TRUE(different);
  }
}
