// The most arithmetic that a core of this machine can do.
#ifndef CAMEO_COMPILER_TOOLS_CAMEO_RUN_PEAK_H
#define CAMEO_COMPILER_TOOLS_CAMEO_RUN_PEAK_H

namespace cameo {

/// Operations on f32 in multiply-adds, in thousands of millions per second,
/// measured for some milliseconds; 0 where the machine has no multiply-add.
double measurePeakGflops();

} // namespace cameo

#endif
