// Loads a compiled model and runs it: results to files, checks against ONNX
// test data, timing, profile. See `cameo-run --help`.
#include "compiler/tools/cameo-run/Bench.h"
#include "compiler/tools/cameo-run/Options.h"
#include "compiler/tools/cameo-run/Peak.h"
#include "compiler/tools/cameo-run/TestData.h"
#include "compiler/tools/support/Npy.h"
#include "compiler/tools/support/Text.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>

using namespace cameo;

namespace {
enum ExitStatus { kSuccess = 0, kFailure = 1, kWrongUsage = 2 };

/// What the JSON line reports.
struct Measurements {
  double loadMs = 0, firstMs = 0;
  double peakGflops = 0; // Of all threads of a run.
  BenchResult bench;
};
} // namespace

/// The index of the input of this name; none, with an error, if there is none.
static std::optional<uint32_t> findInput(const CompiledModel &model,
                                         const std::string &name,
                                         std::string &error) {
  int index = model.findInput(name);
  if (index >= 0)
    return index;
  const cameo_model &descriptor = model.descriptor();
  error = text("the model has no input '%s'; it has", name.c_str());
  for (uint32_t i = 0; i < descriptor.num_inputs; ++i)
    error += text("%s '%s'", i ? "," : "", descriptor.inputs[i].name);
  return std::nullopt;
}

/// Random data for the inputs that have none.
static bool fillInputs(const Options &options, const CompiledModel &model,
                       ModelRunner &runner, std::string &error) {
  const cameo_model &descriptor = model.descriptor();
  std::vector<std::vector<int64_t>> shapes;
  for (uint32_t i = 0; i < descriptor.num_inputs; ++i)
    shapes.push_back(declaredShape(descriptor.inputs[i]));
  for (const auto &[name, shape] : options.shapes) {
    std::optional<uint32_t> index = findInput(model, name, error);
    if (!index)
      return false;
    shapes[*index] = shape;
  }
  for (uint32_t i = 0; i < descriptor.num_inputs; ++i) {
    if (runner.hasInput(i))
      continue;
    Tensor tensor;
    if (!tensor.allocate(descriptor.inputs[i].element_type, shapes[i], error))
      return false;
    fillRandom(tensor, static_cast<uint64_t>(*options.randomSeed) + i);
    if (!runner.setInput(i, std::move(tensor), error))
      return false;
  }
  return true;
}

static bool loadInputs(const Options &options, const CompiledModel &model,
                       ModelRunner &runner, std::string &error) {
  if (!options.testDataDir.empty())
    return loadTestInputs(options.testDataDir, model, runner, error);
  for (const auto &[name, file] : options.inputs) {
    std::optional<uint32_t> index = findInput(model, name, error);
    if (!index)
      return false;
    if (runner.hasInput(*index)) {
      error = text("input '%s' is given twice", name.c_str());
      return false;
    }
    Tensor tensor;
    std::string ignoredName;
    if (!readTensorFile(file, tensor, ignoredName, error) ||
        !runner.setInput(*index, std::move(tensor), error))
      return false;
  }
  if (options.randomSeed && !fillInputs(options, model, runner, error))
    return false;
  if (runner.checkInputs(error))
    return true;
  error += "; use --input NAME=FILE or --random-inputs=SEED";
  return false;
}

static bool writeOutputs(const std::string &folder, const cameo_model &model,
                         const ModelRunner &runner, std::string &error) {
  std::error_code status;
  std::filesystem::create_directories(folder, status);
  if (status) {
    error = text("cannot create folder '%s': %s", folder.c_str(),
                 status.message().c_str());
    return false;
  }
  for (uint32_t i = 0; i < model.num_outputs; ++i)
    if (!writeNpy(text("%s/%u.npy", folder.c_str(), i), runner.output(i),
                  error))
      return false;
  return true;
}

static void printSummary(const cameo_model &model, const ModelRunner &runner) {
  for (uint32_t i = 0; i < model.num_outputs; ++i) {
    const Tensor &tensor = runner.output(i);
    long double least = INFINITY, most = -INFINITY, sum = 0;
    uint64_t count = tensor.count(), position = 0;
    for (uint64_t k = 0; k < count; ++k) {
      long double value = tensor.element(k);
      least = std::min(least, value);
      if (value > most) {
        most = value;
        position = k;
      }
      sum += value;
    }
    std::printf("output '%s': %s", model.outputs[i].name,
                tensor.describe().c_str());
    if (count)
      std::printf(", min %.6Lg, mean %.6Lg, max %.6Lg at %llu", least,
                  sum / count, most, static_cast<unsigned long long>(position));
    std::printf("\n");
  }
}

static void printBench(const Options &options, const Measurements &m) {
  std::printf("%llu runs on %lld thread%s: min %.4f ms, median %.4f ms, p90 "
              "%.4f ms, mean %.4f ms (load %.2f ms, first run %.4f ms)\n",
              static_cast<unsigned long long>(m.bench.runs),
              static_cast<long long>(options.threads),
              options.threads == 1 ? "" : "s", m.bench.minMs, m.bench.medianMs,
              m.bench.p90Ms, m.bench.meanMs, m.loadMs, m.firstMs);
}

static void printJson(const Options &options, const cameo_model &model,
                      const Measurements &m, const Profile &profile) {
  std::string line = text(
      "{\"model\": %s, \"target\": %s, \"threads\": %lld, \"arena_bytes\": "
      "%llu, "
      "\"weight_bytes\": %llu, \"load_ms\": %.4f, \"first_ms\": %.6f",
      jsonString(model.name).c_str(),
      jsonString(model.target ? model.target : "").c_str(),
      static_cast<long long>(options.threads),
      static_cast<unsigned long long>(model.arena_bytes),
      static_cast<unsigned long long>(model.weight_bytes), m.loadMs, m.firstMs);
  if (options.bench())
    line += text(", \"runs\": %llu, \"min_ms\": %.6f, \"median_ms\": %.6f, "
                 "\"p90_ms\": %.6f, \"mean_ms\": %.6f",
                 static_cast<unsigned long long>(m.bench.runs), m.bench.minMs,
                 m.bench.medianMs, m.bench.p90Ms, m.bench.meanMs);
  if (options.profile)
    line += text(", \"peak_gflops\": %.2f", m.peakGflops) +
            ", \"kernels\": " + profile.json(m.peakGflops);
  std::printf("%s}\n", line.c_str());
}

/// Runs the model as asked; `equal` is false when test data disagrees.
static bool execute(const Options &options, const CompiledModel &model,
                    ModelRunner &runner, Measurements &m, bool &equal,
                    std::string &error) {
  const cameo_model &descriptor = model.descriptor();
  double before = nowMs();
  if (!runner.run(error))
    return false;
  m.firstMs = nowMs() - before;
  if (!options.outputDir.empty() &&
      !writeOutputs(options.outputDir, descriptor, runner, error))
    return false;
  if (!options.testDataDir.empty()) {
    std::string report;
    if (!compareTestOutputs(options.testDataDir, model, runner,
                            options.tolerance, report, equal, error))
      return false;
    std::printf("%s", report.c_str());
  } else if (options.outputDir.empty() && !options.bench()) {
    printSummary(descriptor, runner);
  }
  if (!options.bench())
    return true;
  if (!bench(runner, options, m.bench, error))
    return false;
  printBench(options, m);
  return true;
}

static ExitStatus run(const Options &options, std::string &error) {
  Measurements measurements;
  double before = nowMs();
  auto model = CompiledModel::load(options.library, options.name, error);
  if (!model)
    return kFailure;
  auto runner =
      ModelRunner::create(*model, static_cast<int>(options.threads), error);
  if (!runner)
    return kFailure;
  measurements.loadMs = nowMs() - before;
  if (!loadInputs(options, *model, *runner, error))
    return kFailure;
  Profile profile(model->descriptor());
  if (options.profile)
    runner->setProfiler(Profile::callback, &profile);
  if (options.profile)
    measurements.peakGflops = measurePeakGflops() * options.threads;
  bool equal = true;
  if (!execute(options, *model, *runner, measurements, equal, error))
    return kFailure;
  if (options.profile && profile.empty())
    std::printf("no profile: the model was not compiled with "
                "--instrument=profile\n");
  else if (options.profile)
    std::printf("peak of %lld thread%s: %.1f GFLOP/s (f32, measured)\n%s",
                static_cast<long long>(options.threads),
                options.threads == 1 ? "" : "s", measurements.peakGflops,
                profile.table(measurements.peakGflops).c_str());
  if (options.json)
    printJson(options, model->descriptor(), measurements, profile);
  return equal ? kSuccess : kFailure;
}

int main(int argc, char **argv) {
  Options options;
  std::string error;
  if (!parseOptions(argc, argv, options, error)) {
    std::fprintf(stderr, "cameo-run: error: %s (see cameo-run --help)\n",
                 error.c_str());
    return kWrongUsage;
  }
  if (options.help) {
    std::printf("%s", kUsage);
    return kSuccess;
  }
  ExitStatus status = run(options, error);
  if (!error.empty())
    std::fprintf(stderr, "cameo-run: error: %s\n", error.c_str());
  if (std::fflush(stdout) != 0)
    return kFailure;
  return status;
}
