//===- MemoryFigures.h - Caches and what comes from them --------*- C++ -*-===//
//
// What estimates of loops know of the memory of a machine.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_DIALECTS_TARGET_MEMORYFIGURES_H
#define CAMEO_DIALECTS_TARGET_MEMORYFIGURES_H

#include <cstdint>

namespace cameo {

/// The levels of memory as one core sees them, with all cores at work.
struct MemoryFigures {
  int64_t l1Bytes = 32 << 10;  ///< data cache of one core
  int64_t l2Bytes = 512 << 10; ///< second level of one core
  int64_t l3Bytes = 4 << 20;   ///< what a core can count on of a shared level
  int64_t l2Rate = 24;         ///< bytes per step from the second level,
  int64_t l3Rate = 10;         ///< from the shared one,
  int64_t farRate = 5;         ///< and from memory
};

} // namespace cameo

#endif // CAMEO_DIALECTS_TARGET_MEMORYFIGURES_H
