// Runs folders of ONNX backend tests through the compiler and counts what
// passes. See `cameo-conformance --help`.
#include "compiler/tools/cameo-conformance/Expected.h"
#include "compiler/tools/support/Files.h"
#include "compiler/tools/support/Text.h"

#include "llvm/Support/FileSystem.h"
#include <algorithm>
#include <cstdio>
#include <mutex>
#include <sys/resource.h>
#include <thread>

using namespace cameo;

namespace {

enum ExitStatus { kSuccess = 0, kFailure = 1, kWrongUsage = 2 };

struct Counts {
  size_t passed = 0, failed = 0, skipped = 0;
};

/// Tests and their outcomes; workers take tests in order.
class Session {
public:
  Session(const ConformanceOptions &options, const Toolchain &tools,
          std::vector<TestCase> tests)
      : options(options), tools(tools), tests(std::move(tests)),
        outcomes(this->tests.size()), done(this->tests.size(), false) {}

  void run();
  Counts count() const;
  NameSet passed() const;
  std::string json() const;

private:
  void work();
  void print(size_t index) const;

  const ConformanceOptions &options;
  const Toolchain &tools;
  const std::vector<TestCase> tests;
  std::vector<Outcome> outcomes;
  std::vector<bool> done;
  std::mutex mutex;
  size_t next = 0, printed = 0;
};

} // namespace

static const char *spelling(Verdict verdict) {
  return verdict == Verdict::Passed   ? "PASS"
         : verdict == Verdict::Failed ? "FAIL"
                                      : "SKIP";
}

void Session::print(size_t index) const {
  const Outcome &outcome = outcomes[index];
  if (!options.verbose && !options.keep && outcome.verdict != Verdict::Failed)
    return;
  std::printf("%s %s%s%s\n", spelling(outcome.verdict),
              tests[index].name.c_str(), outcome.reason.empty() ? "" : ": ",
              outcome.reason.c_str());
}

void Session::work() {
  std::unique_lock lock(mutex);
  while (next < tests.size()) {
    size_t index = next++;
    lock.unlock();
    Outcome outcome = runTest(tests[index], tools, options);
    lock.lock();
    outcomes[index] = std::move(outcome);
    done[index] = true;
    // In order, whatever order the tests end in.
    for (; printed < tests.size() && done[printed]; ++printed)
      print(printed);
    std::fflush(stdout);
  }
}

void Session::run() {
  size_t jobs = options.jobs
                    ? options.jobs
                    : std::max(1u, std::thread::hardware_concurrency());
  std::vector<std::thread> workers;
  for (size_t i = 0; i < std::min(jobs, tests.size()); ++i)
    workers.emplace_back([this] { work(); });
  for (std::thread &worker : workers)
    worker.join();
}

Counts Session::count() const {
  Counts counts;
  for (const Outcome &outcome : outcomes)
    ++(outcome.verdict == Verdict::Passed   ? counts.passed
       : outcome.verdict == Verdict::Failed ? counts.failed
                                            : counts.skipped);
  return counts;
}

NameSet Session::passed() const {
  NameSet names;
  for (size_t i = 0; i < tests.size(); ++i)
    if (outcomes[i].verdict == Verdict::Passed)
      names.insert(tests[i].name);
  return names;
}

std::string Session::json() const {
  Counts counts = count();
  std::string result = text(
      "{\"passed\": %zu, \"failed\": %zu, \"skipped\": %zu, \"backend\": "
      "\"%s\", \"opt\": %lld, \"tests\": [",
      counts.passed, counts.failed, counts.skipped,
      options.cpp ? "cpp" : "llvm", static_cast<long long>(options.optLevel));
  for (size_t i = 0; i < tests.size(); ++i) {
    const Outcome &outcome = outcomes[i];
    std::string bound;
    for (const std::string &name : outcome.bound)
      bound += (bound.empty() ? "" : ", ") + jsonString(name);
    result +=
        text("%s\n{\"name\": %s, \"result\": \"%s\", \"reason\": %s, "
             "\"constants\": [%s], \"compile_ms\": %.1f, "
             "\"run_ms\": %.1f}",
             i ? "," : "", jsonString(tests[i].name).c_str(),
             spelling(outcome.verdict), jsonString(outcome.reason).c_str(),
             bound.c_str(), outcome.compileMs, outcome.runMs);
  }
  return result + "\n]}\n";
}

/// Compares with the list of expected passes, or rewrites it. `ok` is false if
/// a pass was lost.
static bool applyExpected(const ConformanceOptions &options,
                          const NameSet &passed, bool &ok, std::string &error) {
  NameSet expected;
  std::error_code ignored;
  if ((!options.updateExpected ||
       llvm::sys::fs::exists(options.expectedFile)) &&
      !readExpected(options.expectedFile, expected, error))
    return false;
  NameSet lost = lostPasses(expected, passed, options.filter);
  if (options.updateExpected) {
    for (const std::string &name : lost)
      expected.erase(name);
    expected.insert(passed.begin(), passed.end());
    return writeExpected(options.expectedFile, expected, error);
  }
  for (const std::string &name : lost)
    std::printf("LOST %s: is in %s but does not pass\n", name.c_str(),
                options.expectedFile.c_str());
  size_t gained =
      std::count_if(passed.begin(), passed.end(), [&](const std::string &name) {
        return !expected.count(name);
      });
  if (gained)
    std::printf("%zu tests pass that are not in the list of expected passes; "
                "--update-expected adds them\n",
                gained);
  ok = lost.empty();
  return true;
}

static ExitStatus run(const ConformanceOptions &options,
                      const std::string &executable, std::string &error) {
  Toolchain tools;
  std::vector<TestCase> tests;
  if (!tools.find(executable, options, error) ||
      !findTests(options.folders, options.filter, tests, error))
    return kWrongUsage;
  if (tests.empty()) {
    error = "no test found: there is no test_*/model.onnx that matches";
    return kWrongUsage;
  }
  // Crashes are counted, not kept.
  rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  Session session(options, tools, std::move(tests));
  session.run();
  Counts counts = session.count();
  bool ok = counts.failed == 0;
  if (!options.expectedFile.empty() &&
      !applyExpected(options, session.passed(), ok = true, error))
    return kFailure;
  if (!options.jsonFile.empty() &&
      !writeFile(options.jsonFile, session.json(), error))
    return kFailure;
  std::printf("%zu passed, %zu failed, %zu skipped\n", counts.passed,
              counts.failed, counts.skipped);
  return ok ? kSuccess : kFailure;
}

int main(int argc, char **argv) {
  ConformanceOptions options;
  std::string error;
  if (!parseOptions(argc, argv, options, error)) {
    std::fprintf(stderr,
                 "cameo-conformance: error: %s (see cameo-conformance "
                 "--help)\n",
                 error.c_str());
    return kWrongUsage;
  }
  if (options.help) {
    std::printf("%s", kConformanceUsage);
    return kSuccess;
  }
  std::string executable = llvm::sys::fs::getMainExecutable(
      argv[0], reinterpret_cast<void *>(reinterpret_cast<intptr_t>(main)));
  ExitStatus status = run(options, executable, error);
  if (!error.empty())
    std::fprintf(stderr, "cameo-conformance: error: %s\n", error.c_str());
  return status;
}
