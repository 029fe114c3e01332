// Timing of whole runs and of single kernels.
#ifndef CAMEO_COMPILER_TOOLS_CAMEO_RUN_BENCH_H
#define CAMEO_COMPILER_TOOLS_CAMEO_RUN_BENCH_H

#include "compiler/tools/cameo-run/Options.h"
#include "compiler/tools/support/ModelRunner.h"

namespace cameo {

/// Milliseconds of a monotonic clock.
double nowMs();

struct BenchResult {
  uint64_t runs = 0;
  double minMs = 0, medianMs = 0, p90Ms = 0, meanMs = 0;
};

/// Warms up, then times single runs.
bool bench(ModelRunner &runner, const Options &options, BenchResult &result,
           std::string &error);

/// Collects the time of every kernel through the context's profiler callback.
class Profile {
public:
  explicit Profile(const cameo_model &model)
      : model(model), kernels(model.num_kernels) {}

  static void callback(void *data, uint32_t kernel, int32_t end);
  /// Did the model call back at all?
  bool empty() const;
  /// A table, the slowest kernel first. `peak`: the most GFLOP/s that the
  /// threads of a run can do; 0: not known.
  std::string table(double peak) const;
  /// The same as a JSON array.
  std::string json(double peak) const;

private:
  struct Kernel {
    uint64_t calls = 0;
    double begin = 0, total = 0, least = 0, most = 0;
  };
  std::vector<uint32_t> byTime() const;

  const cameo_model &model;
  std::vector<Kernel> kernels;
};

} // namespace cameo

#endif
