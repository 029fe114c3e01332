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

/// Whether an operation adds pairs of products up, see `balance-pairs`.
bool addsPairs(mlir::linalg::LinalgOp op);

/// Operations for one element, of which a core does two per step; a product and
/// a sum are one, and additions of pairs have pipes of their own.
double operationsOf(mlir::linalg::LinalgOp op);

/// Whether additions will read what they broadcast, each for itself.
inline bool readsBroadcasts(mlir::linalg::LinalgOp op,
                            const LoopTarget &target) {
  return target.splitsBroadcasts && addsPairs(op);
}

LoopCost estimateCost(const LoopGroup &group, const LoopTarget &target,
                      const LoopPlan &plan);

} // namespace cameo

#endif // CAMEO_CODEGEN_LOWER_LOOPCOST_H
