//===- TargetDescription.cpp - What a machine can do ----------------------===//

#include "dialects/target/TargetDescription.h"

#include <thread>
#include <unistd.h>

using namespace llvm;
using namespace cameo;

/// x86-64: three classes by vector width.
static TargetDescription describeX86(const TargetSpec &spec) {
  auto has = [&](StringRef features) { return hasFeatures(spec, features); };
  TargetDescription result;
  result.hasFma = has("+fma");
  // All Zen cores: two pipes for multiply-adds, two for additions.
  result.hasAddPipes = StringRef(spec.cpu).starts_with("znver");
  result.hasHalfConversion = has("+f16c");
  result.hasDotProduct = has("+avxvnni") || has("+avx512vnni");
  result.hasBFloat16 = has("+avx512bf16") || has("+avxneconvert");
  result.clockGHz = result.hasAddPipes ? 4.0 : 3.5;
  if (has("+avx512f,+avx512vl,+avx512bw,+avx512dq")) {
    result.vectorBits = 512;
    result.vectorRegisters = 32;
    result.hasMasks = true;
    result.l2Bytes = 1 << 20;
    result.l3Bytes = 32 << 20;
  } else if (has("+avx2")) {
    result.vectorBits = 256;
  }
  return result;
}

/// AArch64: NEON, also where SVE exists.
static TargetDescription describeAArch64(const TargetSpec &spec) {
  TargetDescription result;
  result.vectorRegisters = 32;
  result.hasFma = true;
  result.hasHalfConversion = true;
  result.hasDotProduct = hasFeatures(spec, "+dotprod");
  result.hasBFloat16 = hasFeatures(spec, "+bf16");
  result.l1Bytes = 64 << 10;
  result.l3Bytes = 4 << 20;
  result.clockGHz = 2.6;
  return result;
}

/// Replaces the typical sizes of caches by the host's where it tells them.
static void measureHost(TargetDescription &result) {
  auto measure = [](int name, int64_t &bytes) {
    long value = sysconf(name);
    if (value > 0)
      bytes = value;
  };
  measure(_SC_LEVEL1_DCACHE_SIZE, result.l1Bytes);
  measure(_SC_LEVEL2_CACHE_SIZE, result.l2Bytes);
  measure(_SC_LEVEL3_CACHE_SIZE, result.l3Bytes);
  result.threads = std::max(1u, std::thread::hardware_concurrency());
}

TargetDescription cameo::describeTarget(const TargetSpec &spec) {
  TargetDescription result = spec.triple.getArch() == Triple::aarch64
                                 ? describeAArch64(spec)
                                 : describeX86(spec);
  if (spec.isHost)
    measureHost(result);
  return result;
}
