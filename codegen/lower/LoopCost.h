//===- LoopCost.h - What a loop nest costs ----------------------*- C++ -*-===//
//
// An estimate of a nest's time on one core from its plan: arithmetic, and the
// traffic to each level of memory. Schedules and reports show it.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_CODEGEN_LOWER_LOOPCOST_H
#define CAMEO_CODEGEN_LOWER_LOOPCOST_H

#include "codegen/lower/LoopPlan.h"

namespace cameo {

/// Cycles that each part of a core would take if it were alone.
struct LoopCost {
  double compute = 0; // Arithmetic, with tails and waiting for results.
  double l1 = 0;      // Loads and stores.
  double l2 = 0;      // What the first cache does not hold.
  double memory = 0;  // What the second does not hold.

  /// They overlap, but not quite: of what is not the longest, part shows.
  double getCycles() const;
};

LoopCost estimateCost(const LoopGroup &group, const LoopTarget &target,
                      const LoopPlan &plan);

} // namespace cameo

#endif // CAMEO_CODEGEN_LOWER_LOOPCOST_H
