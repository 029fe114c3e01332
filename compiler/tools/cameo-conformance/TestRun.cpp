// Implements TestRun.h.
#include "compiler/tools/cameo-conformance/TestRun.h"

#include "compiler/tools/cameo-conformance/Subprocess.h"
#include "compiler/tools/support/Files.h"
#include "compiler/tools/support/Text.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/Regex.h"
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <unistd.h>

namespace fs = std::filesystem;

namespace cameo {

static bool isThere(const fs::path &path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

bool Toolchain::find(const std::string &executable,
                     const ConformanceOptions &options, std::string &error) {
  fs::path bin = fs::path(executable).parent_path();
  cameoc = bin / "cameoc";
  cameoRun = bin / "cameo-run";
  for (const std::string &tool : {cameoc, cameoRun})
    if (!isThere(tool)) {
      error = text("there is no '%s'", tool.c_str());
      return false;
    }
  if (!options.cpp)
    return true;
  fs::path installed = bin.parent_path() / "include";
  include = isThere(installed / "cameo/runtime.h") ? installed.string()
                                                   : CAMEO_SOURCE_INCLUDE;
  return findCompiler(options, error) &&
         (!options.sanitize || findSanitizer(error));
}

bool Toolchain::findCompiler(const ConformanceOptions &options,
                             std::string &error) {
  cxx = options.cxx;
  if (const char *variable = std::getenv("CXX"); variable && cxx.empty())
    cxx = variable;
  for (const char *name : {"g++", "c++", "clang++-22"})
    if (cxx.empty() && llvm::sys::findProgramByName(name))
      cxx = name;
  if (cxx.empty())
    error = "no C++ compiler; name one with --cxx=COMPILER";
  return error.empty();
}

/// GCC and Clang name the library of AddressSanitizer differently. It must be
/// loaded before a program that was built without it.
bool Toolchain::findSanitizer(std::string &error) {
  // Clang finds the library of GCC as well.
  for (const char *library : {"libclang_rt.asan-x86_64.so",
                              "libclang_rt.asan-aarch64.so", "libasan.so"}) {
    ProcessResult result;
    std::error_code ignored;
    fs::path folder = fs::temp_directory_path(ignored);
    std::string log = text("cameo-cxx-%d.log", getpid());
    bool ran = runProcess({cxx, text("-print-file-name=%s", library)}, folder,
                          log, 60, result, error);
    fs::remove(folder / log, ignored);
    if (!ran)
      return false;
    fs::path found = llvm::StringRef(result.output).trim().str();
    if (result.succeeded() && found.is_absolute() && isThere(found)) {
      sanitizer = found;
      return true;
    }
  }
  error = text("'%s' has no AddressSanitizer", cxx.c_str());
  return false;
}

/// The first line that has `mark` in it, else the last line.
static std::string lineWith(llvm::StringRef output, llvm::StringRef mark) {
  llvm::StringRef last;
  for (; !output.empty(); output = output.split('\n').second) {
    llvm::StringRef line = output.split('\n').first.trim();
    if (line.contains(mark))
      return line.str();
    if (!line.empty())
      last = line;
  }
  return last.str();
}

namespace {

/// The steps of one test, in a folder of their own.
class TestRun {
public:
  TestRun(const TestCase &test, const Toolchain &tools,
          const ConformanceOptions &options)
      : test(test), tools(tools), options(options) {}

  Outcome run();

private:
  bool makeFolder();
  bool callCompiler(const std::vector<TestInput> &inputs, Binding level,
                    bool &isRefused);
  bool compileModel(const std::vector<TestInput> &inputs);
  bool runAll(const std::vector<std::string> &dataSets);
  bool compileSource();
  bool runDataSet(const std::string &dataSet);
  bool execute(const std::vector<std::string> &command, const char *log,
               ProcessResult &result);
  bool fail(const std::string &reason) {
    outcome.reason = reason;
    return false;
  }

  const TestCase &test;
  const Toolchain &tools;
  const ConformanceOptions &options;
  std::string folder;
  Binding binding = Binding::None; // that the model was compiled with
  Outcome outcome;
};

} // namespace

bool TestRun::makeFolder() {
  std::error_code ignored;
  folder = (fs::temp_directory_path(ignored) / "cameo-test-XXXXXX").string();
  return mkdtemp(folder.data()) ||
         fail(text("cannot create a folder: %s", std::strerror(errno)));
}

/// False with the reason if the process crashed or took too long.
bool TestRun::execute(const std::vector<std::string> &command, const char *log,
                      ProcessResult &result) {
  std::string error;
  if (!runProcess(command, folder, log, static_cast<int>(options.timeout),
                  result, error))
    return fail(error);
  std::string end = result.violentEnd();
  if (end.empty())
    return true;
  fs::path program = fs::path(command[0]).filename();
  return fail(end + " in " + program.string());
}

/// Whether cameoc ended with a list of what it cannot compile.
static bool isRefusal(const ProcessResult &result) {
  static const llvm::Regex regex("cannot be compiled: [0-9]+ problem");
  return result.exitCode == 1 && regex.match(result.output);
}

bool TestRun::callCompiler(const std::vector<TestInput> &inputs, Binding level,
                           bool &isRefused) {
  std::vector<std::string> command = {
      tools.cameoc,
      test.model(),
      "-o",
      options.cpp ? "model.cpp" : "model.so",
      "--name=model",
      "--quiet",
      text("-O%lld", static_cast<long long>(options.optLevel))};
  for (std::string &option : inputOptions(inputs, level))
    command.push_back(std::move(option));
  ProcessResult result;
  bool ended = execute(command, "cameoc.log", result);
  outcome.compileMs += result.milliseconds;
  isRefused = ended && isRefusal(result);
  if (!ended || result.succeeded())
    return ended;
  llvm::StringRef output = result.output;
  if (output.contains("LLVM ERROR"))
    return fail("CRASH: " + lineWith(output, "LLVM ERROR"));
  return fail(lineWith(output, "error:"));
}

bool TestRun::compileModel(const std::vector<TestInput> &inputs) {
  std::vector<std::string> tried;
  for (Binding level : {Binding::None, Binding::Integers, Binding::Small,
                        Binding::All, Binding::Everything}) {
    // Only operators that say so may need all of their data.
    if (level == Binding::Everything &&
        outcome.reason.find("depends on the values") == std::string::npos)
      return false;
    std::vector<std::string> wanted = inputOptions(inputs, level);
    if (level != Binding::None && wanted == tried)
      continue;
    tried = wanted;
    bool isRefused = false;
    if (callCompiler(inputs, level, isRefused)) {
      binding = level;
      outcome.reason.clear();
      return true;
    }
    outcome.verdict = isRefused ? Verdict::Skipped : Verdict::Failed;
    if (!isRefused)
      return false;
  }
  return false;
}

bool TestRun::compileSource() {
  std::vector<std::string> command = {
      tools.cxx, "-std=c++20", "-O1",
      "-Wall",   "-Wextra",    "-Werror",
      "-shared", "-fPIC",      "-I" + tools.include,
      "-o",      "model.so",   "model.cpp"};
  if (!tools.sanitizer.empty())
    command.insert(command.end(),
                   {"-g1", "-fsanitize=address,undefined,float-cast-overflow",
                    "-fno-sanitize-recover=all"});
  ProcessResult result;
  bool ended = execute(command, "cxx.log", result);
  outcome.compileMs += result.milliseconds;
  return ended &&
         (result.succeeded() || fail("the C++ does not compile: " +
                                     lineWith(result.output, "error:")));
}

bool TestRun::runDataSet(const std::string &dataSet) {
  std::vector<std::string> command = {tools.cameoRun, "./model.so",
                                      "--name=model", "--test-data", dataSet};
  if (!tools.sanitizer.empty())
    command.insert(command.begin(), {"env", "LD_PRELOAD=" + tools.sanitizer,
                                     "ASAN_OPTIONS=detect_leaks=0"});
  ProcessResult result;
  bool ended = execute(command, "cameo-run.log", result);
  outcome.runMs += result.milliseconds;
  if (!ended)
    return false;
  llvm::StringRef output = result.output;
  for (const char *report : {"runtime error:", "ERROR: AddressSanitizer"})
    if (output.contains(report))
      return fail(lineWith(output, report));
  std::string wanted, ignored;
  if (readFile(dataSet + "/error.txt", wanted, ignored)) {
    wanted = llvm::StringRef(wanted).trim();
    return (result.exitCode == 1 && output.contains("error: the run failed") &&
            output.contains(wanted)) ||
           fail("the run should fail with: " + wanted);
  }
  return result.succeeded() ||
         fail(lineWith(output, output.contains("WRONG") ? "WRONG" : "error:"));
}

bool TestRun::runAll(const std::vector<std::string> &dataSets) {
  for (const std::string &dataSet : dataSets) {
    // A model with constants from one data set serves that one only.
    if (&dataSet == &dataSets.front() || binding != Binding::None) {
      std::vector<TestInput> inputs = readInputs(test, dataSet);
      if (!compileModel(inputs) || (options.cpp && !compileSource()))
        return false;
      outcome.bound.clear();
      for (size_t i = 0; i < inputs.size(); ++i)
        if (isBound(inputs, i, binding))
          outcome.bound.push_back(inputs[i].name);
      std::string error, reduced = folder + "/data";
      if (binding != Binding::None || hasSequenceOutputs(test)) {
        if (!makeReducedDataSet(test, inputs, binding, dataSet, reduced, error))
          return fail(error);
        if (!runDataSet(reduced))
          return false;
        continue;
      }
    }
    if (!runDataSet(dataSet))
      return false;
  }
  return true;
}

Outcome TestRun::run() {
  std::vector<std::string> dataSets = findDataSets(test);
  if (dataSets.empty()) {
    fail("there is no test_data_set_* in " + test.folder);
    return outcome;
  }
  if (!makeFolder())
    return outcome;
  bool ok = runAll(dataSets);
  if (ok)
    outcome.verdict = Verdict::Passed;
  std::error_code ignored;
  if (options.keep)
    outcome.reason += (ok ? "files in " : "; files in ") + folder;
  else
    fs::remove_all(folder, ignored);
  return outcome;
}

Outcome runTest(const TestCase &test, const Toolchain &tools,
                const ConformanceOptions &options) {
  return TestRun(test, tools, options).run();
}

} // namespace cameo
