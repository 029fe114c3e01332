// Implements Peak.h: as many multiply-adds at once as hide their latency, in
// the widest vectors that the machine has.
#include "compiler/tools/cameo-run/Peak.h"
#include "compiler/tools/cameo-run/Bench.h"

#include <algorithm>
#include <cstdint>

namespace cameo {

namespace {
#if defined(__x86_64__)
using Floats8 = float __attribute__((vector_size(32)));
using Floats16 = float __attribute__((vector_size(64)));
#else
using Floats4 = float __attribute__((vector_size(16)));
#endif

constexpr int kSums = 12; // Do not depend on each other.
constexpr int64_t kRounds = 100000;
} // namespace

// The same twelve instructions for each kind of vector: compilers keep the
// operands in registers, and nothing else is in the loop.
#define CAMEO_PEAK_LOOP(VECTOR, CONSTRAINT, FMA)                               \
  VECTOR a = {}, b = {}, s0 = {}, s1 = {}, s2 = {}, s3 = {}, s4 = {}, s5 = {}, \
         s6 = {}, s7 = {}, s8 = {}, s9 = {}, s10 = {}, s11 = {};               \
  for (int64_t i = 0; i < kRounds; ++i)                                        \
    asm volatile(FMA(0) FMA(1) FMA(2) FMA(3) FMA(4) FMA(5) FMA(6) FMA(7)       \
                     FMA(8) FMA(9) FMA(10) FMA(11)                             \
                 : "+" CONSTRAINT(s0), "+" CONSTRAINT(s1), "+" CONSTRAINT(s2), \
                   "+" CONSTRAINT(s3), "+" CONSTRAINT(s4), "+" CONSTRAINT(s5), \
                   "+" CONSTRAINT(s6), "+" CONSTRAINT(s7), "+" CONSTRAINT(s8), \
                   "+" CONSTRAINT(s9), "+" CONSTRAINT(s10),                    \
                   "+" CONSTRAINT(s11)                                         \
                 : CONSTRAINT(a), CONSTRAINT(b));

#if defined(__x86_64__)
#define CAMEO_X86_FMA(N) "vfmadd231ps %12, %13, %" #N "\n\t"
[[gnu::target("avx512f")]] static void runAvx512() {
  CAMEO_PEAK_LOOP(Floats16, "v", CAMEO_X86_FMA)
}
[[gnu::target("avx2,fma")]] static void runAvx2(){
    CAMEO_PEAK_LOOP(Floats8, "x", CAMEO_X86_FMA)}
#elif defined(__aarch64__)
#define CAMEO_ARM_FMA(N) "fmla %" #N ".4s, %12.4s, %13.4s\n\t"
static void runNeon() { CAMEO_PEAK_LOOP(Floats4, "w", CAMEO_ARM_FMA) }
#endif

/// The loop for this machine and its lanes; null: there is none.
static void (*chooseLoop(int &lanes))() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) {
    lanes = 16;
    return runAvx512;
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    lanes = 8;
    return runAvx2;
  }
#elif defined(__aarch64__)
  lanes = 4;
  return runNeon;
#endif
  lanes = 0;
  return nullptr;
}

double measurePeakGflops() {
  int lanes;
  void (*loop)() = chooseLoop(lanes);
  if (!loop)
    return 0;
  constexpr int kTimes = 20;
  double least = 1e30;
  for (int i = 0; i < kTimes; ++i) {
    double before = nowMs();
    loop();
    least = std::min(least, nowMs() - before);
  }
  return least > 0 ? 2.0 * lanes * kSums * kRounds / least * 1e-6 : 0;
}

} // namespace cameo
