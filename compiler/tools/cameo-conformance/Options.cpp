// Implements Options.h.
#include "compiler/tools/cameo-conformance/Options.h"

#include "compiler/tools/support/Text.h"

#include <functional>

namespace cameo {

const char *const kConformanceUsage =
    R"(usage: cameo-conformance DIR... [options]

Compiles and runs every test_*/model.onnx below the folders and compares with
the expected outputs in test_data_set_*: same type and shape, and
|got - wanted| <= 1e-7 + 1e-3 * |wanted|. A model that cameoc refuses with a
list of problems is first tried again with those inputs as constants that may
say what shapes are (integers but for the first input; then all small ones).
If it is still refused the test is skipped. All else is a failure. A
test_data_set_* with a file error.txt must end in the error that this says.

  --filter=REGEX        only tests whose name matches; or a glob: test_conv*
  --jobs=N              tests at a time (default: one per processor)
  --json=FILE           write the result of every test
  --backend=llvm|cpp    cpp: by way of C++ source (default: llvm)
  --opt=0..3            optimisation level of cameoc (default: 3)
  --cxx=COMPILER        for --backend=cpp (default: $CXX, else g++)
  --sanitize            for --backend=cpp: with AddressSanitizer and UBSan in
                        the generated code, whose reports are failures
  --expected=FILE       names that must pass, one a line; decides the exit
                        status in place of the number of failures
  --update-expected     rewrite FILE with the tests that pass now
  --timeout=SECONDS     for each process of a test (default: 60)
  --keep                leave the files of every test and say where
  --verbose             also print tests that pass or are skipped
  --help                this text

The last line is 'N passed, N failed, N skipped'. Exit status: 0 success, 1 a
test failed (with --expected: one of the list no longer passes), 2 wrong usage.
)";

namespace {
struct OptionSpec {
  const char *name;
  const char *wanted; // what a valid value is; null for flags
  std::function<bool(const std::string &)> handle; // false: invalid value
};
} // namespace

static std::vector<OptionSpec> optionTable(ConformanceOptions &o) {
  auto string = [](std::string &target) {
    return [&target](const std::string &value) {
      target = value;
      return !value.empty();
    };
  };
  auto number = [](int64_t &target, int64_t least, int64_t most) {
    return [&target, least, most](const std::string &value) {
      return parseNumber(value, target) && target >= least && target <= most;
    };
  };
  auto flag = [](bool &target) {
    return [&target](const std::string &) { return target = true; };
  };
  auto backend = [&o](const std::string &value) {
    o.cpp = value == "cpp";
    return o.cpp || value == "llvm";
  };
  return {{"--filter", "a regular expression", string(o.filter)},
          {"--jobs", "a number from 1 to 1024", number(o.jobs, 1, 1024)},
          {"--json", "a file", string(o.jsonFile)},
          {"--backend", "llvm or cpp", backend},
          {"--opt", "a number from 0 to 3", number(o.optLevel, 0, 3)},
          {"--cxx", "a compiler", string(o.cxx)},
          {"--sanitize", nullptr, flag(o.sanitize)},
          {"--expected", "a file", string(o.expectedFile)},
          {"--update-expected", nullptr, flag(o.updateExpected)},
          {"--timeout", "seconds from 1", number(o.timeout, 1, 86400)},
          {"--keep", nullptr, flag(o.keep)},
          {"--verbose", nullptr, flag(o.verbose)},
          {"--help", nullptr, flag(o.help)}};
}

/// Parses argument `i`; takes the next one too if that is the value.
static bool parseOption(const std::vector<OptionSpec> &table, int argc,
                        char **argv, int &i, std::string &error) {
  std::string argument = argv[i], value;
  bool attached = splitOption(argument, value);
  for (const OptionSpec &option : table) {
    if (argument != option.name)
      continue;
    if (option.wanted && !attached && i + 1 < argc) {
      value = argv[++i];
      attached = true;
    }
    if (attached != (option.wanted != nullptr)) {
      error = attached ? text("option %s takes no value", option.name)
                       : text("option %s needs %s: %s=VALUE", option.name,
                              option.wanted, option.name);
      return false;
    }
    if (option.handle(value))
      return true;
    error = text("option %s needs %s, got '%s'", option.name, option.wanted,
                 value.c_str());
    return false;
  }
  error = text("unknown option '%s'", argument.c_str());
  return false;
}

bool parseOptions(int argc, char **argv, ConformanceOptions &options,
                  std::string &error) {
  std::vector<OptionSpec> table = optionTable(options);
  for (int i = 1; i < argc; ++i) {
    if (!std::string_view(argv[i]).starts_with("-"))
      options.folders.push_back(argv[i]);
    else if (!parseOption(table, argc, argv, i, error))
      return false;
  }
  if (options.help)
    return true;
  if (options.folders.empty())
    error = "no folder given";
  else if (options.sanitize && !options.cpp)
    error = "--sanitize needs --backend=cpp";
  else if (options.updateExpected && options.expectedFile.empty())
    error = "--update-expected needs --expected=FILE";
  return error.empty();
}

} // namespace cameo
