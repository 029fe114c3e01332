//===- TargetDescription.h - What a machine can do --------------*- C++ -*-===//
//
// The figures of a CPU that passes choose by: vector registers, caches,
// threads.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_DIALECTS_TARGET_TARGETDESCRIPTION_H
#define CAMEO_DIALECTS_TARGET_TARGETDESCRIPTION_H

#include "dialects/target/TargetSpec.h"

namespace cameo {

/// Figures of one CPU. Caches and threads are measured on the host and typical
/// ones of the class of CPU elsewhere.
struct TargetDescription {
  int64_t vectorBits = 128;     ///< width of the registers to use
  int64_t vectorRegisters = 16; ///< how many there are
  bool hasFma = false;
  bool hasAddPipes = false;       ///< for additions, beside multiply-adds
  bool hasMasks = false;          ///< predicated loads and stores at full speed
  bool hasHalfConversion = false; ///< f16 <-> f32 in hardware
  bool hasBFloat16 = false;       ///< bf16 conversion in hardware
  bool hasDotProduct = false;     ///< four i8 products into an i32 lane
  int64_t l1Bytes = 32 << 10;     ///< data cache of one core
  int64_t l2Bytes = 512 << 10;    ///< second level of one core
  int64_t l3Bytes = 8 << 20;      ///< last level, shared
  int64_t threads = 1;            ///< that run at the same time
  double clockGHz = 3.5;          ///< of a core at full load, typically

  /// How many elements of `bits` one register holds.
  int64_t lanes(int64_t bits) const { return vectorBits / bits; }
  /// The most f32 operations per cycle: two vector multiply-adds.
  double flopsPerCycle() const { return 4.0 * lanes(32); }
};

TargetDescription describeTarget(const TargetSpec &spec);

} // namespace cameo

#endif // CAMEO_DIALECTS_TARGET_TARGETDESCRIPTION_H
