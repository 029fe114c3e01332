//===- FastProduct.h - How fast inner products pair channels ----*- C++ -*-===//

#ifndef CAMEO_DIALECTS_CAMEO_FASTPRODUCT_H
#define CAMEO_DIALECTS_CAMEO_FASTPRODUCT_H

#include <cstdint>

namespace cameo {

/// Channels of a block; the second half are the partners of the first.
inline constexpr int64_t kFastBlock = 16;

/// What a product costs where one pair in three is computed directly, in
/// multiply-adds: three pairs take four steps of the pipes, and a little more.
inline constexpr double kPairCost = 0.7;

/// The sign with which a channel of a block counts: -1 for partners in the last
/// quarter, so that half of all pairs are subtracted.
inline float fastSign(int64_t channel) { return channel < 12 ? 1.0f : -1.0f; }

/// How many pixels are scaled alike: up to 64 and to what 512 KiB hold of
/// `channels`, the most that divide `pixels` or else about equal groups, the
/// last one smaller; 0 when those are fewer than a register tile can use.
inline int64_t fastGroup(int64_t pixels, int64_t channels) {
  constexpr int64_t kBytes = 512 << 10, kFewest = 12;
  int64_t most = 64;
  if (channels * 4 * most > kBytes)
    most = kBytes / (channels * 4);
  if (pixels < kFewest || most < kFewest)
    return 0;
  for (int64_t group = most; group >= kFewest && 4 * group >= 3 * most; --group)
    if (pixels % group == 0)
      return group;
  int64_t groups = (pixels + most - 1) / most;
  return (pixels + groups - 1) / groups;
}

} // namespace cameo

#endif // CAMEO_DIALECTS_CAMEO_FASTPRODUCT_H
