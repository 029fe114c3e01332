//===- PackedFloats.h - How floats of 24 bits are stored --------*- C++ -*-===//

#ifndef CAMEO_DIALECTS_CAMEO_PACKEDFLOATS_H
#define CAMEO_DIALECTS_CAMEO_PACKEDFLOATS_H

#include <cstdint>

namespace cameo {

/// Rows that are stored together, and the words that hold them.
inline constexpr int64_t kPackedRows = 4, kPackedWords = 3;

} // namespace cameo

#endif // CAMEO_DIALECTS_CAMEO_PACKEDFLOATS_H
