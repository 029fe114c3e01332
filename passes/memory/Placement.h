//===- Placement.h - Offsets of buffers in one arena ------------*- C++ -*-===//
//
// Buffers that are not live at the same time share memory.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_PASSES_MEMORY_PLACEMENT_H
#define CAMEO_PASSES_MEMORY_PLACEMENT_H

#include "llvm/ADT/SmallVector.h"

namespace cameo {

/// Bytes that are needed during launches [first, last].
struct LiveRange {
  int64_t bytes = 0;
  int64_t first = 0;
  int64_t last = 0;
  int64_t position = -1;
};

/// Gives all ranges positions from `start` on. Returns where the last one ends,
/// and the largest sum of `start` and of ranges that are live at a time, which
/// no placement can do without.
std::pair<int64_t, int64_t> placeRanges(llvm::ArrayRef<LiveRange *> ranges,
                                        int64_t start);

} // namespace cameo

#endif // CAMEO_PASSES_MEMORY_PLACEMENT_H
