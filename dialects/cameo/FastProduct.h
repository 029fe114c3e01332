//===- FastProduct.h - How fast inner products pair channels ----*- C++ -*-===//

#ifndef CAMEO_DIALECTS_CAMEO_FASTPRODUCT_H
#define CAMEO_DIALECTS_CAMEO_FASTPRODUCT_H

#include <cstdint>

namespace cameo {

/// Channels of a block; the second half are the partners of the first.
inline constexpr int64_t kFastBlock = 16;

/// The sign with which a channel of a block counts: -1 for partners in the last
/// quarter, so that half of all pairs are subtracted.
inline float fastSign(int64_t channel) { return channel < 12 ? 1.0f : -1.0f; }

/// How many pixels are scaled alike: the most, up to 64 and to what 512 KiB
/// hold of `channels`, that divide `pixels`; 0 when that is fewer than a
/// register tile can use.
inline int64_t fastGroup(int64_t pixels, int64_t channels) {
  constexpr int64_t kMost = 64, kBytes = 512 << 10, kFewest = 12;
  for (int64_t group = kMost; group >= kFewest; --group)
    if (pixels % group == 0 && group * channels * 4 <= kBytes)
      return group;
  return 0;
}

} // namespace cameo

#endif // CAMEO_DIALECTS_CAMEO_FASTPRODUCT_H
