//===- TargetDescription.cpp - What a machine can do ----------------------===//

#include "dialects/target/TargetDescription.h"

#include <thread>
#include <unistd.h>

using namespace llvm;
using namespace cameo;

namespace {
/// What is known of one CPU beside its features.
struct MachineRow {
  StringRef cpu;
  double clockGHz;
  int64_t pipeBits;
  MemoryFigures memory;
};
} // namespace

static constexpr int64_t operator""_K(unsigned long long value) {
  return value << 10;
}
static constexpr int64_t operator""_M(unsigned long long value) {
  return value << 20;
}

/// Rates are what loops reach, not what a cache's port could carry.
static const MachineRow kMachines[] = {
    // CPU         GHz pipes  L1    L2     L3   bytes per cycle
    {"znver5", 4.0, 512, {48_K, 1_M, 16_M, 32, 12, 6}},
    {"znver4", 4.0, 256, {32_K, 1_M, 16_M, 28, 16, 5}},
    {"znver3", 4.0, 256, {32_K, 512_K, 16_M, 28, 12, 6}},
    {"znver2", 3.8, 256, {32_K, 512_K, 8_M, 28, 12, 6}},
    {"sapphirerapids", 3.2, 512, {48_K, 2_M, 2_M, 40, 8, 4}},
    {"icelake-server", 3.0, 512, {48_K, 1280_K, 2_M, 40, 8, 4}},
    {"cascadelake", 3.0, 512, {32_K, 1_M, 2_M, 40, 8, 4}},
    {"skylake-avx512", 3.0, 512, {32_K, 1_M, 2_M, 40, 8, 4}},
    {"skylake", 4.0, 256, {32_K, 256_K, 4_M, 28, 12, 6}},
    {"broadwell", 3.5, 256, {32_K, 256_K, 4_M, 28, 10, 5}},
    {"haswell", 3.5, 256, {32_K, 256_K, 4_M, 28, 10, 5}},
    {"x86-64-v4", 3.5, 512, {32_K, 1_M, 4_M, 32, 12, 6}},
    {"x86-64-v3", 3.5, 256, {32_K, 512_K, 4_M, 28, 12, 6}},
    {"x86-64", 3.5, 128, {32_K, 512_K, 4_M, 24, 10, 5}},
    {"neoverse-v2", 3.0, 128, {64_K, 1_M, 4_M, 32, 10, 6}},
    {"neoverse-v1", 2.6, 128, {64_K, 1_M, 4_M, 32, 10, 6}},
    {"neoverse-n2", 2.8, 128, {64_K, 1_M, 4_M, 24, 10, 6}},
    {"neoverse-n1", 2.6, 128, {64_K, 1_M, 4_M, 24, 10, 6}},
    {"cortex-a78", 2.4, 128, {64_K, 512_K, 2_M, 24, 10, 5}},
    {"cortex-a76", 2.4, 128, {64_K, 512_K, 2_M, 20, 8, 4}},
    {"cortex-a72", 1.8, 128, {32_K, 1_M, 1_M, 16, 4, 3}},
    {"generic", 2.6, 128, {64_K, 512_K, 2_M, 20, 8, 4}},
};

/// The row of a CPU; null: it is not in the table.
static const MachineRow *findMachine(StringRef cpu) {
  const MachineRow *found =
      find_if(kMachines, [&](const MachineRow &row) { return row.cpu == cpu; });
  return found == std::end(kMachines) ? nullptr : found;
}

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
  if (has("+avx512f,+avx512vl,+avx512bw,+avx512dq")) {
    result.vectorBits = 512;
    result.vectorRegisters = 32;
    result.hasMasks = true;
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
  result.hasLaneOperands = true;
  result.hasHalfConversion = true;
  result.hasDotProduct = hasFeatures(spec, "+dotprod");
  result.hasBFloat16 = hasFeatures(spec, "+bf16");
  return result;
}

/// Replaces the typical sizes of a core's own caches by the host's where it
/// tells them. What it tells of a shared one does not say what a core gets.
static void measureCaches(MemoryFigures &memory) {
  auto measure = [](int name, int64_t &bytes) {
    long value = sysconf(name);
    if (value > 0)
      bytes = value;
  };
  measure(_SC_LEVEL1_DCACHE_SIZE, memory.l1Bytes);
  measure(_SC_LEVEL2_CACHE_SIZE, memory.l2Bytes);
}

/// A CPU of the table with the same vectors.
static StringRef classOf(const TargetDescription &machine, bool isX86) {
  if (!isX86)
    return "generic";
  return machine.vectorBits == 512   ? "x86-64-v4"
         : machine.vectorBits == 256 ? "x86-64-v3"
                                     : "x86-64";
}

TargetDescription cameo::describeTarget(const TargetSpec &spec) {
  bool isX86 = spec.triple.getArch() == Triple::x86_64;
  TargetDescription result = isX86 ? describeX86(spec) : describeAArch64(spec);
  const MachineRow *known = findMachine(spec.cpu);
  const MachineRow *row = known ? known : findMachine(classOf(result, isX86));
  result.clockGHz = row->clockGHz;
  result.pipeBits = std::min(row->pipeBits, result.vectorBits);
  result.memory = row->memory;
  for (int64_t MemoryFigures::*rate :
       {&MemoryFigures::l2Rate, &MemoryFigures::l3Rate,
        &MemoryFigures::farRate})
    result.memory.*rate *= result.stepCycles();
  if (spec.isHost) {
    if (!known)
      measureCaches(result.memory);
    result.threads = std::max(1u, std::thread::hardware_concurrency());
  }
  return result;
}
