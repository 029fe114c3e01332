// Implements Tensor.h.
#include "compiler/tools/support/Tensor.h"

#include "compiler/tools/support/Text.h"

#include <bit>
#include <cmath>
#include <cstring>

namespace cameo {

Buffer allocateBuffer(uint64_t bytes, uint64_t alignment) {
  void *memory = cameo_aligned_alloc(alignment, bytes);
  if (memory)
    std::memset(memory, 0, bytes);
  return Buffer(static_cast<unsigned char *>(memory));
}

std::string elementTypeName(int32_t elementType) {
  switch (elementType) {
  case CAMEO_FLOAT32:
    return "float32";
  case CAMEO_UINT8:
    return "uint8";
  case CAMEO_INT8:
    return "int8";
  case CAMEO_UINT16:
    return "uint16";
  case CAMEO_INT16:
    return "int16";
  case CAMEO_INT32:
    return "int32";
  case CAMEO_INT64:
    return "int64";
  case CAMEO_STRING:
    return "string";
  case CAMEO_BOOL:
    return "bool";
  case CAMEO_FLOAT16:
    return "float16";
  case CAMEO_FLOAT64:
    return "float64";
  case CAMEO_UINT32:
    return "uint32";
  case CAMEO_UINT64:
    return "uint64";
  case CAMEO_BFLOAT16:
    return "bfloat16";
  case CAMEO_FLOAT8E4M3FN:
    return "float8e4m3fn";
  case CAMEO_FLOAT8E4M3FNUZ:
    return "float8e4m3fnuz";
  case CAMEO_FLOAT8E5M2:
    return "float8e5m2";
  case CAMEO_FLOAT8E5M2FNUZ:
    return "float8e5m2fnuz";
  case CAMEO_UINT4:
    return "uint4";
  case CAMEO_INT4:
    return "int4";
  case CAMEO_FLOAT4E2M1:
    return "float4e2m1";
  case CAMEO_FLOAT8E8M0:
    return "float8e8m0";
  case CAMEO_UINT2:
    return "uint2";
  case CAMEO_INT2:
    return "int2";
  default:
    return text("element type %d", elementType);
  }
}

bool resizeText(Tensor &tensor, int64_t width, std::string &error) {
  auto old = static_cast<uint64_t>(tensor.shape.back());
  auto room = static_cast<uint64_t>(width);
  if (old == room)
    return true;
  uint64_t count = tensor.bytes / old;
  std::vector<int64_t> shape = tensor.shape;
  shape.back() = width;
  Tensor resized;
  if (!resized.allocate(tensor.elementType, std::move(shape), error))
    return false;
  for (uint64_t i = 0; i < count; ++i) {
    const unsigned char *row = tensor.data.get() + i * old;
    for (uint64_t j = room; j < old; ++j)
      if (row[j]) {
        error = text("a string has more than %llu bytes",
                     static_cast<unsigned long long>(room));
        return false;
      }
    std::memcpy(resized.data.get() + i * room, row, std::min(old, room));
  }
  resized.isText = tensor.isText;
  tensor = std::move(resized);
  return true;
}

bool tensorBytes(int32_t elementType, const std::vector<int64_t> &shape,
                 uint64_t &bytes) {
  // A zero anywhere makes the tensor empty, but does not excuse the others.
  bool empty = false;
  bytes = cameo_element_size(elementType);
  for (int64_t extent : shape) {
    if (extent < 0)
      return false;
    empty |= extent == 0;
    if (extent != 0 && !multiplyInto(bytes, extent))
      return false;
  }
  if (bytes > INT64_MAX)
    return false;
  if (empty)
    bytes = 0;
  return true;
}

bool Tensor::allocate(int32_t type, std::vector<int64_t> extents,
                      std::string &error) {
  if (cameo_element_size(type) == 0) {
    error = text("elements of type %s are not supported",
                 elementTypeName(type).c_str());
    return false;
  }
  uint64_t size = 0;
  if (!tensorBytes(type, extents, size)) {
    error =
        text("shape %s is negative or too large", shapeText(extents).c_str());
    return false;
  }
  Buffer memory = allocateBuffer(size);
  if (!memory) {
    error = text("out of memory for %llu bytes",
                 static_cast<unsigned long long>(size));
    return false;
  }
  elementType = type;
  shape = std::move(extents);
  data = std::move(memory);
  bytes = size;
  return true;
}

uint64_t Tensor::count() const {
  uint64_t size = cameo_element_size(elementType);
  return size ? bytes / size : 0;
}

std::string Tensor::describe() const {
  return elementTypeName(elementType) + " " + shapeText(shape);
}

template <typename T> static T load(const unsigned char *data, uint64_t index) {
  T value;
  std::memcpy(&value, data + index * sizeof(T), sizeof(T));
  return value;
}

long double Tensor::element(uint64_t index) const {
  const unsigned char *p = data.get();
  switch (elementType) {
  case CAMEO_FLOAT32:
    return load<float>(p, index);
  case CAMEO_UINT8:
  case CAMEO_BOOL:
  case CAMEO_UINT4:
  case CAMEO_UINT2:
    return load<uint8_t>(p, index);
  case CAMEO_INT8:
  case CAMEO_INT4:
  case CAMEO_INT2:
    return load<int8_t>(p, index);
  case CAMEO_FLOAT8E4M3FN:
  case CAMEO_FLOAT8E4M3FNUZ:
  case CAMEO_FLOAT8E5M2:
  case CAMEO_FLOAT8E5M2FNUZ:
  case CAMEO_FLOAT4E2M1:
  case CAMEO_FLOAT8E8M0:
    return narrowToFloat(load<uint8_t>(p, index), elementType);
  case CAMEO_UINT16:
    return load<uint16_t>(p, index);
  case CAMEO_INT16:
    return load<int16_t>(p, index);
  case CAMEO_INT32:
    return load<int32_t>(p, index);
  case CAMEO_INT64:
    return load<int64_t>(p, index);
  case CAMEO_FLOAT16:
    return halfToFloat(load<uint16_t>(p, index));
  case CAMEO_FLOAT64:
    return load<double>(p, index);
  case CAMEO_UINT32:
    return load<uint32_t>(p, index);
  case CAMEO_UINT64:
    return load<uint64_t>(p, index);
  case CAMEO_BFLOAT16:
    return bfloat16ToFloat(load<uint16_t>(p, index));
  default:
    return NAN;
  }
}

float narrowToFloat(uint8_t code, int32_t elementType) {
  if (elementType == CAMEO_FLOAT8E8M0)
    return code == 255 ? NAN : std::ldexp(1.0f, code - 127);
  bool isUnsignedZero = elementType == CAMEO_FLOAT8E4M3FNUZ ||
                        elementType == CAMEO_FLOAT8E5M2FNUZ;
  if (isUnsignedZero && code == 0x80)
    return NAN;
  bool isFour = elementType == CAMEO_FLOAT4E2M1;
  bool isWide =
      elementType == CAMEO_FLOAT8E5M2 || elementType == CAMEO_FLOAT8E5M2FNUZ;
  int mantissaBits = isFour ? 1 : isWide ? 2 : 3;
  int bias = isFour ? 1 : isWide ? 15 : 7;
  bias += isUnsignedZero ? 1 : 0;
  int signBit = isFour ? 8 : 0x80, magnitude = code & (signBit - 1);
  float sign = code & signBit ? -1.0f : 1.0f;
  if (elementType == CAMEO_FLOAT8E4M3FN && magnitude == 0x7f)
    return NAN;
  if (elementType == CAMEO_FLOAT8E5M2 && magnitude >= 0x7c)
    return magnitude == 0x7c ? sign * HUGE_VALF : NAN;
  int exponent = magnitude >> mantissaBits;
  int mantissa = magnitude & ((1 << mantissaBits) - 1);
  if (exponent == 0)
    exponent = 1; // subnormal
  else
    mantissa += 1 << mantissaBits;
  return sign * std::ldexp(static_cast<float>(mantissa),
                           exponent - bias - mantissaBits);
}

float bfloat16ToFloat(uint16_t bits) {
  return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16);
}

uint16_t floatToBfloat16(float value) {
  uint32_t bits = std::bit_cast<uint32_t>(value);
  if (std::isnan(value))
    return static_cast<uint16_t>(bits >> 16 | 0x40);
  return static_cast<uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

float halfToFloat(uint16_t bits) {
  uint32_t sign = static_cast<uint32_t>(bits & 0x8000) << 16;
  uint32_t exponent = bits >> 10 & 31, mantissa = bits & 0x3ff;
  if (exponent == 31)
    return std::bit_cast<float>(sign | 0x7f800000 | mantissa << 13);
  if (exponent != 0)
    return std::bit_cast<float>(sign | (exponent + 112) << 23 | mantissa << 13);
  float magnitude = std::ldexp(static_cast<float>(mantissa), -24);
  return sign ? -magnitude : magnitude;
}

uint16_t floatToHalf(float value) {
  uint16_t sign = std::signbit(value) ? 0x8000 : 0;
  float magnitude = std::fabs(value);
  if (std::isnan(value))
    return sign | 0x7e00;
  if (magnitude >= 65520.0f) // half way between the largest and infinity
    return sign | 0x7c00;
  int exponent = 0;
  std::frexp(magnitude, &exponent); // magnitude < 2^exponent
  // The distance of neighbours there; nearbyint rounds to nearest even.
  int step = std::max(exponent - 11, -24);
  auto units =
      static_cast<uint16_t>(std::nearbyint(std::ldexp(magnitude, -step)));
  if (magnitude == 0)
    return sign;
  // `units` has 11 bits for normal numbers; its top bit carries into the
  // exponent field, also when rounding up made it 2048.
  return static_cast<uint16_t>(sign + units + ((step + 24) << 10));
}

/// Calls copy(byte in the tensor, byte in the buffer, bytes) for every run of
/// elements that are neighbours in both.
template <typename Copy>
static void forEachRun(const Tensor &tensor, const std::vector<int64_t> &larger,
                       Copy copy) {
  size_t rank = tensor.shape.size();
  if (tensor.bytes == 0)
    return;
  uint64_t run = cameo_element_size(tensor.elementType);
  if (rank > 0)
    run *= static_cast<uint64_t>(tensor.shape[rank - 1]);
  for (uint64_t place = 0; place < tensor.bytes; place += run) {
    uint64_t row = place / run, offset = 0, stride = run;
    if (rank > 0)
      stride = run / tensor.shape[rank - 1] * larger[rank - 1];
    for (size_t d = rank; d-- > 1;) {
      offset += row % tensor.shape[d - 1] * stride;
      row /= tensor.shape[d - 1];
      stride *= larger[d - 1];
    }
    copy(place, offset, run);
  }
}

void spreadElements(const Tensor &tensor, const std::vector<int64_t> &larger,
                    unsigned char *buffer) {
  forEachRun(tensor, larger, [&](uint64_t at, uint64_t to, uint64_t bytes) {
    std::memcpy(buffer + to, tensor.data.get() + at, bytes);
  });
}

void gatherElements(Tensor &tensor, const std::vector<int64_t> &larger,
                    const unsigned char *buffer) {
  forEachRun(tensor, larger, [&](uint64_t to, uint64_t at, uint64_t bytes) {
    std::memcpy(tensor.data.get() + to, buffer + at, bytes);
  });
}

static uint64_t nextRandom(uint64_t &state) { // splitmix64
  uint64_t z = state += 0x9e3779b97f4a7c15;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
  z = (z ^ z >> 27) * 0x94d049bb133111eb;
  return z ^ z >> 31;
}

template <typename T> static void store(Tensor &tensor, uint64_t i, T value) {
  std::memcpy(tensor.data.get() + i * sizeof(T), &value, sizeof(T));
}

void fillRandom(Tensor &tensor, uint64_t seed) {
  uint64_t state = seed, count = tensor.count();
  for (uint64_t i = 0; i < count; ++i) {
    uint64_t bits = nextRandom(state);
    float unit =
        static_cast<float>(static_cast<int64_t>(bits) >> 40) * 0x1p-23f;
    switch (tensor.elementType) {
    case CAMEO_FLOAT32:
      store(tensor, i, unit);
      break;
    case CAMEO_FLOAT64:
      store(tensor, i, static_cast<double>(unit));
      break;
    case CAMEO_FLOAT16:
      store(tensor, i, floatToHalf(unit));
      break;
    case CAMEO_BFLOAT16:
      store(tensor, i, floatToBfloat16(unit));
      break;
    case CAMEO_BOOL:
      tensor.data.get()[i] = bits >> 63;
      break;
    case CAMEO_INT2: // has no 2 and 3
      tensor.data.get()[i] = bits >> 63;
      break;
    default: // integers: the low byte of a zeroed little-endian element
      tensor.data.get()[i * cameo_element_size(tensor.elementType)] =
          bits >> 62;
    }
  }
}

} // namespace cameo
