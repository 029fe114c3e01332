// A dense tensor in memory, as the run-time tools read, run, compare and write
// it. Element types are those of cameo/runtime.h.
#ifndef CAMEO_COMPILER_TOOLS_SUPPORT_TENSOR_H
#define CAMEO_COMPILER_TOOLS_SUPPORT_TENSOR_H

#include "cameo/runtime.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace cameo {

struct FreeAligned {
  void operator()(void *memory) const { cameo_aligned_free(memory); }
};
using Buffer = std::unique_ptr<unsigned char, FreeAligned>;

/// Zeroed memory, null if there is none.
Buffer allocateBuffer(uint64_t bytes, uint64_t alignment = 64);

/// "float32", "int64", ...
std::string elementTypeName(int32_t elementType);

struct Tensor {
  int32_t elementType = 0;
  std::vector<int64_t> shape;
  Buffer data; // row-major, little-endian, `bytes` long
  uint64_t bytes = 0;
  /// Strings as bytes in a further dimension, padded with zeros.
  bool isText = false;

  /// Sets type and shape and allocates zeroed data. Fails on negative extents,
  /// sizes that overflow or do not fit memory, types without a fixed size.
  bool allocate(int32_t type, std::vector<int64_t> extents, std::string &error);

  uint64_t count() const;
  /// "float32 1x3x224x224"
  std::string describe() const;
  /// Element `index` as a number; 64-bit integers stay exact where long double
  /// has 64 bits of mantissa.
  long double element(uint64_t index) const;
};

/// Gives strings `width` bytes each; false if one has more.
bool resizeText(Tensor &tensor, int64_t width, std::string &error);

/// The size of a dense tensor; false if it is negative anywhere or overflows.
bool tensorBytes(int32_t elementType, const std::vector<int64_t> &shape,
                 uint64_t &bytes);

/// Copies the elements of a tensor to or from a buffer in which they have the
/// strides of a larger dense tensor.
void spreadElements(const Tensor &tensor, const std::vector<int64_t> &larger,
                    unsigned char *buffer);
void gatherElements(Tensor &tensor, const std::vector<int64_t> &larger,
                    const unsigned char *buffer);

/// Fills `tensor` with numbers that depend on `seed` alone: floats uniform in
/// [-1, 1), integers in [0, 4) (small enough to be an index into most things).
void fillRandom(Tensor &tensor, uint64_t seed);

/// A float of 8 or 4 bits, of one of the run-time interface's types, as float.
float narrowToFloat(uint8_t code, int32_t elementType);
/// IEEE half and bfloat16 as float.
float halfToFloat(uint16_t bits);
float bfloat16ToFloat(uint16_t bits);
/// Rounds to nearest even.
uint16_t floatToHalf(float value);
uint16_t floatToBfloat16(float value);

} // namespace cameo

#endif
