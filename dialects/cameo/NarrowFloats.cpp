//===- NarrowFloats.cpp - Floats of 8 and 4 bits as integers --------------===//

#include "dialects/cameo/NarrowFloats.h"
#include "dialects/cameo/ScalarMath.h"

using namespace mlir;
using namespace cameo;

namespace {
/// A format with a sign, exponents with `bias`, and mantissas of `mantissa`
/// bits; codes are without the sign.
struct Format {
  int mantissa, bias;
  int highest;  ///< Code of the greatest finite number.
  int overflow; ///< Code of what is greater: infinity, NaN or `highest`.
  int nan;      ///< Code of NaN, with the sign bit where it has one.
  bool isUnsignedZero;
  int signBit;
};

/// Shifts, comparisons and selections of i32 and f32 scalars.
struct Bits : ScalarMath {
  Bits(OpBuilder &builder, Location loc)
      : ScalarMath(builder, loc, builder.getI32Type()),
        i32(builder.getI32Type()), f32(builder.getF32Type()) {}

  Value number(int64_t value) {
    return constant(i32, APInt(32, value, /*isSigned=*/true));
  }
  Value plus(Value x, int64_t y) { return add(x, number(y)); }
  Value shiftLeft(Value x, int by) {
    return binary<arith::ShLIOp>(x, number(by));
  }
  Value shiftRight(Value x, int by) {
    return binary<arith::ShRUIOp>(x, number(by));
  }
  Value bitsOf(Value f) { return cast<arith::BitcastOp>(f, i32); }
  Value floatOf(Value bits) { return cast<arith::BitcastOp>(bits, f32); }
  template <typename Op> Value cast(Value x, Type to) {
    return make<Op>(to, x);
  }

  Type i32, f32;
};
} // namespace

static constexpr int kInfinityBits = 0x7f800000, kNaNBits = 0x7fc00000;

static Format getFormat(Type type) {
  if (isa<Float8E4M3FNType>(type))
    return {3, 7, 0x7e, 0x7f, 0x7f, false, 0x80};
  if (isa<Float8E4M3FNUZType>(type))
    return {3, 8, 0x7f, 0x80, 0x80, true, 0x80};
  if (isa<Float8E5M2Type>(type))
    return {2, 15, 0x7b, 0x7c, 0x7e, false, 0x80};
  if (isa<Float8E5M2FNUZType>(type))
    return {2, 16, 0x7f, 0x80, 0x80, true, 0x80};
  return {1, 1, 7, 7, 8, false, 8}; // f4E2M1FN
}

bool cameo::isNarrowFloat(Type elementType) {
  return isa<FloatType>(elementType) &&
         elementType.getIntOrFloatBitWidth() <= 8;
}

static Value decodePowerOfTwo(Bits &m, Value code) {
  Value bits = m.shiftLeft(code, 23);
  // 2^-127 is subnormal in f32.
  bits = m.select(m.eq(code, m.number(0)), m.number(1 << 22), bits);
  return m.floatOf(
      m.select(m.eq(code, m.number(255)), m.number(kNaNBits), bits));
}

Value cameo::buildDecoded(OpBuilder &builder, Location loc, Value code,
                          Type elementType) {
  Bits m(builder, loc);
  Value wide = m.cast<arith::ExtUIOp>(code, m.i32);
  if (isa<Float8E8M0FNUType>(elementType))
    return decodePowerOfTwo(m, wide);
  Format f = getFormat(elementType);
  Value magnitude = m.bitAnd(wide, m.number(f.signBit - 1));
  // The fields where f32 has them; scaling moves the bias and makes subnormal
  // numbers normal.
  Value scaled = m.mul(m.floatOf(m.shiftLeft(magnitude, 23 - f.mantissa)),
                       m.constant(m.f32, std::ldexp(1.0, 127 - f.bias)));
  Value sign = m.bitAnd(wide, m.number(f.signBit));
  int toTop = f.signBit == 8 ? 28 : 24;
  Value bits = m.bitOr(m.bitsOf(scaled), m.shiftLeft(sign, toTop));
  if (f.isUnsignedZero) {
    bits = m.select(m.eq(wide, m.number(f.nan)), m.number(kNaNBits), bits);
  } else if (f.signBit == 0x80) {
    Value special =
        m.bitOr(m.shiftLeft(sign, toTop),
                m.select(m.eq(magnitude,
                              m.number(f.nan == f.overflow ? -1 : f.overflow)),
                         m.number(kInfinityBits), m.number(kNaNBits)));
    bits = m.select(m.gt(magnitude, m.number(f.highest)), special, bits);
  }
  return m.floatOf(bits);
}

/// Of a power of two: see `buildPowerOfTwo`.
static Value encodePowerOfTwo(Bits &m, Value number) {
  Value bits = m.bitAnd(m.bitsOf(number), m.number(0x7fffffff));
  // Infinity and NaN have the exponent 255 of NaN here.
  return m.shiftRight(bits, 23);
}

Value cameo::buildEncoded(OpBuilder &builder, Location loc, Value number,
                          Type elementType) {
  Bits m(builder, loc);
  if (isa<Float8E8M0FNUType>(elementType))
    return m.cast<arith::TruncIOp>(encodePowerOfTwo(m, number),
                                   builder.getI8Type());
  Format f = getFormat(elementType);
  Value bits = m.bitsOf(number);
  Value magnitude = m.bitAnd(bits, m.number(0x7fffffff));
  // Normal numbers: round the mantissa, which may carry into the exponent.
  int dropped = 23 - f.mantissa;
  Value odd = m.bitAnd(m.shiftRight(magnitude, dropped), m.number(1));
  Value rounded = m.add(m.plus(magnitude, (1 << (dropped - 1)) - 1), odd);
  Value normal =
      m.plus(m.shiftRight(rounded, dropped), -((127 - f.bias) << f.mantissa));
  // Subnormal ones: adding a number whose last bit is their unit rounds them.
  double unit = std::ldexp(1.0, 1 - f.bias - f.mantissa);
  float anchor = static_cast<float>(std::ldexp(unit, 23));
  Value sum = m.add(m.floatOf(magnitude), m.constant(m.f32, anchor));
  Value subnormal = m.plus(m.bitsOf(sum), -llvm::bit_cast<int32_t>(anchor));
  int least = (128 - f.bias) << 23; // Bits of the least normal number.
  Value code = m.select(m.lt(magnitude, m.number(least)), subnormal, normal);
  code = m.select(m.gt(code, m.number(f.highest)), m.number(f.overflow), code);
  Value sign = m.bitAnd(m.shiftRight(bits, f.signBit == 8 ? 28 : 24),
                        m.number(f.signBit));
  Value withSign = m.bitOr(code, sign);
  if (f.isUnsignedZero)
    withSign = m.select(m.eq(code, m.number(0)), code, withSign);
  code = m.select(m.gt(magnitude, m.number(kInfinityBits)), m.number(f.nan),
                  withSign);
  return m.cast<arith::TruncIOp>(code, builder.getI8Type());
}

Value cameo::buildSaturated(OpBuilder &builder, Location loc, Value number,
                            Type elementType) {
  ScalarMath m(builder, loc, number.getType());
  const llvm::fltSemantics &semantics =
      cast<FloatType>(elementType).getFloatSemantics();
  double most = APFloat::getLargest(semantics).convertToDouble();
  if (isa<Float8E8M0FNUType>(elementType))
    return m.atMost(number, m.constant(number, most));
  return m.atLeast(m.atMost(number, m.constant(number, most)),
                   m.constant(number, -most));
}

Value cameo::buildPowerOfTwo(OpBuilder &builder, Location loc, Value number,
                             StringRef roundMode) {
  Bits m(builder, loc);
  Value bits = m.bitAnd(m.bitsOf(number), m.number(0x7fffffff));
  int carry = roundMode == "up"        ? (1 << 23) - 1
              : roundMode == "nearest" ? 1 << 22
                                       : 0;
  Value isNaN = m.gt(bits, m.number(kInfinityBits));
  Value rounded = m.bitAnd(m.plus(bits, carry), m.number(kInfinityBits));
  // 2^-127, the least power, is subnormal in f32.
  rounded = m.select(m.le(bits, m.number(1 << 22)), m.number(0), rounded);
  return m.select(isNaN, number, m.floatOf(rounded));
}
