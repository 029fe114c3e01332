//===- TargetDescription.h - What a machine can do --------------*- C++ -*-===//
//
// The figures of a CPU that passes choose by: vector registers, caches,
// threads.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_DIALECTS_TARGET_TARGETDESCRIPTION_H
#define CAMEO_DIALECTS_TARGET_TARGETDESCRIPTION_H

#include "dialects/target/MemoryFigures.h"
#include "dialects/target/TargetSpec.h"

namespace cameo {

/// Figures of one CPU, from a table; those of one that is not in the table are
/// those of its class, with the sizes that the host tells of its own caches.
struct TargetDescription {
  int64_t vectorBits = 128;     ///< width of the registers to use
  int64_t vectorRegisters = 16; ///< how many there are
  int64_t pipeBits = 128;       ///< of a register that one cycle computes
  bool hasFma = false;
  bool hasLaneOperands = false;   ///< multiply-adds by one lane of a vector
  bool hasAddPipes = false;       ///< for additions, beside multiply-adds
  bool hasMasks = false;          ///< predicated loads and stores at full speed
  bool hasHalfConversion = false; ///< f16 <-> f32 in hardware
  bool hasBFloat16 = false;       ///< bf16 conversion in hardware
  bool hasDotProduct = false;     ///< four i8 products into an i32 lane
  MemoryFigures memory;           ///< its rates are per step
  int64_t threads = 1;            ///< that run at the same time
  double clockGHz = 3.5;          ///< of a core at full load, typically

  /// How many elements of `bits` one register holds.
  int64_t lanes(int64_t bits) const { return vectorBits / bits; }
  /// Cycles of a step, in which two operations on whole registers start. It is
  /// the unit in which loops are estimated.
  int64_t stepCycles() const { return vectorBits / pipeBits; }
  /// The most f32 operations per step: two vector multiply-adds.
  double flopsPerStep() const { return 4.0 * lanes(32); }
};

TargetDescription describeTarget(const TargetSpec &spec);

} // namespace cameo

#endif // CAMEO_DIALECTS_TARGET_TARGETDESCRIPTION_H
