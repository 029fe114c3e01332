//===- PackedFloats.h - How rows of a matrix share words --------*- C++ -*-===//
//
// Of some rows, the first are the upper bits of a word each; their low bits
// make the others.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_DIALECTS_CAMEO_PACKEDFLOATS_H
#define CAMEO_DIALECTS_CAMEO_PACKEDFLOATS_H

#include "llvm/ADT/ArrayRef.h"

#include <cstdint>

namespace cameo {

/// A part of a number, from the low bits of a word: `(word << shift) & mask`.
struct PackedPart {
  int64_t word, shift;
  uint32_t mask;
};

/// Rows that are stored together, the words that hold them, and the parts of
/// what is in low bits; every number in those has three at most.
struct PackedRows {
  static constexpr int64_t kParts = 3;

  int64_t rows, words, lowBits;
  llvm::ArrayRef<PackedPart> parts; // kParts per number.

  /// The parts of row `row`, which is not one of the first.
  llvm::ArrayRef<PackedPart> partsOf(int64_t row) const {
    return parts.slice((row - words) * kParts, kParts);
  }
};

inline constexpr PackedPart kF24Parts[] = {
    {0, 24, 0xFF000000}, {1, 16, 0x00FF0000}, {2, 8, 0x0000FF00}};
inline constexpr PackedPart kQ20Parts[] = {
    {0, 20, 0xFFF00000}, {1, 8, 0x000FF000},  {1, 0, 0},
    {1, 28, 0xF0000000}, {2, 16, 0x0FFF0000}, {3, 4, 0x0000F000},
    {3, 24, 0xFF000000}, {4, 12, 0x00FFF000}, {4, 0, 0}};

/// Floats of 24 bits, and fixed-point numbers of 20.
inline const PackedRows kF24Rows = {4, 3, 8, kF24Parts};
inline const PackedRows kQ20Rows = {8, 5, 12, kQ20Parts};

} // namespace cameo

#endif // CAMEO_DIALECTS_CAMEO_PACKEDFLOATS_H
