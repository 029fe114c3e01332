// Implements Bench.h.
#include "compiler/tools/cameo-run/Bench.h"

#include "compiler/tools/support/Text.h"

#include <algorithm>
#include <chrono>
#include <numeric>

namespace cameo {

double nowMs() {
  auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double, std::milli>(now).count();
}

bool bench(ModelRunner &runner, const Options &options, BenchResult &result,
           std::string &error) {
  for (int64_t i = 0; i < options.warmup; ++i)
    if (!runner.run(error))
      return false;
  int64_t most = options.benchRuns.value_or(INT64_MAX);
  std::vector<double> times;
  double start = nowMs();
  double end = start + options.benchSeconds.value_or(1e15) * 1e3;
  double before = start;
  do {
    before = nowMs();
    cameo_status status = runner.runOnce();
    double after = nowMs();
    if (status != CAMEO_OK) {
      error = text("the run failed with status %d: %s", status,
                   cameo_status_message(status));
      return false;
    }
    times.push_back(after - before);
    before = after;
  } while (static_cast<int64_t>(times.size()) < most && before < end);
  std::sort(times.begin(), times.end());
  size_t n = times.size();
  result.runs = n;
  result.minMs = times[0];
  result.medianMs = (times[(n - 1) / 2] + times[n / 2]) / 2;
  result.p90Ms = times[(n * 9 + 9) / 10 - 1];
  result.meanMs = std::accumulate(times.begin(), times.end(), 0.0) / n;
  return true;
}

void Profile::callback(void *data, uint32_t index, int32_t end) {
  auto *self = static_cast<Profile *>(data);
  double now = nowMs();
  if (index >= self->kernels.size())
    return;
  Kernel &kernel = self->kernels[index];
  if (!end) {
    kernel.begin = now;
    return;
  }
  double time = now - kernel.begin;
  kernel.least = kernel.calls ? std::min(kernel.least, time) : time;
  kernel.most = std::max(kernel.most, time);
  kernel.total += time;
  ++kernel.calls;
}

bool Profile::empty() const {
  return std::all_of(kernels.begin(), kernels.end(),
                     [](const Kernel &k) { return k.calls == 0; });
}

std::vector<uint32_t> Profile::byTime() const {
  std::vector<uint32_t> order(kernels.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
    if (kernels[a].total != kernels[b].total)
      return kernels[a].total > kernels[b].total;
    return a < b;
  });
  return order;
}

/// Giga-units per second of `units` in `ms` milliseconds.
static double perSecond(uint64_t units, double ms) {
  return ms > 0 ? static_cast<double>(units) / ms * 1e-6 : 0;
}

/// The share of `peak` GFLOP/s, in percent.
static double shareOfPeak(uint64_t flops, double ms, double peak) {
  return peak > 0 ? 100 * perSecond(flops, ms) / peak : 0;
}

std::string Profile::table(double peak) const {
  double sum = 0;
  for (const Kernel &kernel : kernels)
    sum += kernel.total;
  std::string result =
      text("%8s %6s %10s %10s %10s %8s %6s %8s  %s\n", "calls", "%", "avg us",
           "min us", "max us", "GFLOP/s", "peak%", "GB/s", "kernel (nodes)");
  for (uint32_t i : byTime()) {
    const Kernel &k = kernels[i];
    if (k.calls == 0)
      continue;
    double average = k.total / k.calls;
    const cameo_kernel_info &info = model.kernels[i];
    result += text(
        "%8llu %6.2f %10.2f %10.2f %10.2f %8.2f %6.1f %8.2f  %s (%s)\n",
        static_cast<unsigned long long>(k.calls),
        sum > 0 ? 100 * k.total / sum : 0, average * 1e3, k.least * 1e3,
        k.most * 1e3, perSecond(info.flops, average),
        shareOfPeak(info.flops, average, peak), perSecond(info.bytes, average),
        info.name ? info.name : "", info.nodes ? info.nodes : "");
  }
  return result;
}

std::string Profile::json(double peak) const {
  std::string result;
  for (uint32_t i : byTime()) {
    const Kernel &k = kernels[i];
    if (k.calls == 0)
      continue;
    const cameo_kernel_info &info = model.kernels[i];
    result += (result.empty() ? "" : ", ") +
              text("{\"kernel\": %s, \"nodes\": %s, \"calls\": %llu, "
                   "\"avg_us\": %.3f, \"min_us\": %.3f, \"max_us\": %.3f, "
                   "\"flops\": %llu, \"bytes\": %llu, "
                   "\"percent_of_peak\": %.2f}",
                   jsonString(info.name ? info.name : "").c_str(),
                   jsonString(info.nodes ? info.nodes : "").c_str(),
                   static_cast<unsigned long long>(k.calls),
                   k.total / k.calls * 1e3, k.least * 1e3, k.most * 1e3,
                   static_cast<unsigned long long>(info.flops),
                   static_cast<unsigned long long>(info.bytes),
                   shareOfPeak(info.flops, k.total / k.calls, peak));
  }
  return "[" + result + "]";
}

} // namespace cameo
