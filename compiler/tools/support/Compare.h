// Compares a computed tensor with a wanted one, element by element.
#ifndef CAMEO_COMPILER_TOOLS_SUPPORT_COMPARE_H
#define CAMEO_COMPILER_TOOLS_SUPPORT_COMPARE_H

#include "compiler/tools/support/Tensor.h"

namespace cameo {

struct Tolerance {
  double absolute = 1e-7;
  double relative = 1e-3;
};

struct Comparison {
  bool equal = false;
  uint64_t wrong = 0;      // elements outside the tolerance
  uint64_t worstIndex = 0; // of the greatest error relative to its tolerance
  double worstError = 0;   // |got - want| there
  /// One line: what differs, or how close the worst element is.
  std::string report;
};

/// Element type and shape must be equal; elements must satisfy |got - want| <=
/// absolute + relative * |want|. NaN equals NaN, infinities equal themselves.
Comparison compareTensors(const Tensor &got, const Tensor &want,
                          Tolerance tolerance);

} // namespace cameo

#endif
