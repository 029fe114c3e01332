// One test from model to verdict: cameoc, for the C++ back end a C++ compiler,
// then cameo-run on every data set. Each is a process of its own, so that
// nothing a model does can disturb the other tests.
#ifndef CAMEO_COMPILER_TOOLS_CAMEO_CONFORMANCE_TESTRUN_H
#define CAMEO_COMPILER_TOOLS_CAMEO_CONFORMANCE_TESTRUN_H

#include "compiler/tools/cameo-conformance/Options.h"
#include "compiler/tools/cameo-conformance/TestCase.h"

namespace cameo {

/// The programs that a test calls.
struct Toolchain {
  std::string cameoc, cameoRun, cxx, include;
  std::string sanitizer; // library to preload; empty: run as it is

  /// Finds them beside this executable; false with `error` if one is missing.
  bool find(const std::string &executable, const ConformanceOptions &options,
            std::string &error);

private:
  bool findCompiler(const ConformanceOptions &options, std::string &error);
  bool findSanitizer(std::string &error);
};

enum class Verdict { Passed, Failed, Skipped };

struct Outcome {
  Verdict verdict = Verdict::Failed;
  std::string reason;             // empty for Passed
  std::vector<std::string> bound; // inputs made constants
  double compileMs = 0, runMs = 0;
};

Outcome runTest(const TestCase &test, const Toolchain &tools,
                const ConformanceOptions &options);

} // namespace cameo

#endif
