// Implements Options.h: one table of options, so that all are spelled, parsed
// and refused alike.
#include "compiler/tools/cameo-run/Options.h"

#include "compiler/tools/support/Text.h"

#include <functional>

namespace cameo {

const char *const kUsage =
    R"(usage: cameo-run LIBRARY.so [options]

Loads a compiled model, runs it and shows, writes, checks or times its results.
Every option with a value may be written --option=VALUE or --option VALUE.

  --name=IDENT            the model's symbol prefix (default: found in LIBRARY)
  --input NAME=FILE       data of an input: .npy, or .pb (ONNX TensorProto)
  --random-inputs=SEED    random data for the inputs not given
  --shape NAME=1x3x32x32  extents of random data (default: as declared, the
                          upper bounds)
  --output DIR            write the results to DIR/0.npy, DIR/1.npy, ...
  --test-data DIR         ONNX test_data_set folder: run and compare
  --atol=X --rtol=X       tolerance of the comparison (1e-7 and 1e-3):
                          |got - wanted| <= atol + rtol * |wanted|
  --bench=N               time N runs
  --bench-time=SECONDS    time runs for so long (with --bench: whichever is
                          reached first)
  --warmup=N              runs before the timed ones (3)
  --threads=N             run on N threads (1)
  --profile               time per kernel; for models compiled with
                          --instrument=profile
  --json                  the last line of the output is one JSON object
  --help                  this text

Exit status: 0 success, 1 the model or the data failed, 2 wrong usage.
)";

namespace {

using Handler = std::function<bool(const std::string &)>;
struct OptionSpec {
  const char *name;
  bool takesValue;
  const char *wanted; // what a valid value is
  Handler handle;     // false: invalid value
};

} // namespace

static Handler storeText(std::string &target) {
  return [&target](const std::string &value) {
    target = value;
    return !value.empty();
  };
}

static Handler storeCount(int64_t &target, int64_t least, int64_t most) {
  return [&target, least, most](const std::string &value) {
    return parseNumber(value, target) && target >= least && target <= most;
  };
}

static Handler storeCount(std::optional<int64_t> &target, int64_t least,
                          int64_t most) {
  return [&target, least, most](const std::string &value) {
    return storeCount(target.emplace(), least, most)(value);
  };
}

static Handler storeReal(double &target) {
  return [&target](const std::string &value) {
    return parseNumber(value, target) && target >= 0 && target < 1e18;
  };
}

/// "1x3x32" as extents; "" is a scalar.
static bool parseShape(const std::string &value, std::vector<int64_t> &shape) {
  for (size_t begin = 0; begin < value.size();) {
    size_t end = std::min(value.find('x', begin), value.size());
    int64_t extent = 0;
    if (!parseNumber(value.substr(begin, end - begin), extent) || extent < 0 ||
        end + 1 == value.size())
      return false;
    shape.push_back(extent);
    begin = end + 1;
  }
  return true;
}

static Handler setFlag(bool &target) {
  return [&target](const std::string &) { return target = true; };
}

static std::vector<OptionSpec> optionTable(Options &o) {
  auto addInput = [&o](const std::string &value) {
    // The last '=': names of ONNX values may contain one, file names rarely do.
    size_t equals = value.rfind('=');
    if (equals == std::string::npos || equals == 0 ||
        equals + 1 == value.size())
      return false;
    o.inputs.emplace_back(value.substr(0, equals), value.substr(equals + 1));
    return true;
  };
  auto addShape = [&o](const std::string &value) {
    size_t equals = value.rfind('=');
    std::vector<int64_t> shape;
    if (equals == std::string::npos || equals == 0 ||
        !parseShape(value.substr(equals + 1), shape))
      return false;
    o.shapes.emplace_back(value.substr(0, equals), shape);
    return true;
  };
  auto benchTime = [&o](const std::string &value) {
    return storeReal(o.benchSeconds.emplace())(value);
  };
  constexpr int64_t kMany = 1000000000;
  return {
      {"--name", true, "an identifier", storeText(o.name)},
      {"--input", true, "NAME=FILE", addInput},
      {"--random-inputs", true, "an integer",
       storeCount(o.randomSeed, INT64_MIN, INT64_MAX)},
      {"--shape", true, "NAME=EXTENTxEXTENT...", addShape},
      {"--output", true, "a folder", storeText(o.outputDir)},
      {"--test-data", true, "a folder", storeText(o.testDataDir)},
      {"--bench", true, "a number of runs", storeCount(o.benchRuns, 1, kMany)},
      {"--bench-time", true, "a time in seconds", benchTime},
      {"--threads", true, "a number from 1 to 1024",
       storeCount(o.threads, 1, 1024)},
      {"--warmup", true, "a number of runs", storeCount(o.warmup, 0, kMany)},
      {"--atol", true, "a number", storeReal(o.tolerance.absolute)},
      {"--rtol", true, "a number", storeReal(o.tolerance.relative)},
      {"--profile", false, "", setFlag(o.profile)},
      {"--json", false, "", setFlag(o.json)},
      {"--help", false, "", setFlag(o.help)},
  };
}

static bool parsePositional(const std::string &argument, Options &options,
                            std::string &error) {
  if (options.library.empty() && !argument.empty()) {
    options.library = argument;
    return true;
  }
  error = text("unexpected argument '%s'", argument.c_str());
  return false;
}

/// Consumes the option at argv[i], and its value at argv[i + 1] if it is there.
static bool parseOption(const std::vector<OptionSpec> &table, int argc,
                        char **argv, int &i, std::string &error) {
  std::string argument = argv[i], value;
  bool attached = splitOption(argument, value);
  for (const OptionSpec &option : table) {
    if (argument != option.name)
      continue;
    if (attached && !option.takesValue) {
      error = text("option %s takes no value", option.name);
      return false;
    }
    if (option.takesValue && !attached) {
      if (i + 1 == argc) {
        error = text("option %s needs %s", option.name, option.wanted);
        return false;
      }
      value = argv[++i];
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

bool parseOptions(int argc, char **argv, Options &options, std::string &error) {
  std::vector<OptionSpec> table = optionTable(options);
  for (int i = 1; i < argc; ++i) {
    bool ok = std::string_view(argv[i]).starts_with("-")
                  ? parseOption(table, argc, argv, i, error)
                  : parsePositional(argv[i], options, error);
    if (!ok)
      return false;
  }
  if (options.help)
    return true;
  if (options.library.empty()) {
    error = "no library given";
    return false;
  }
  if (!options.testDataDir.empty() &&
      (!options.inputs.empty() || options.randomSeed)) {
    error = "--test-data brings its own inputs: it excludes --input and "
            "--random-inputs";
    return false;
  }
  if (!options.shapes.empty() && !options.randomSeed) {
    error = "--shape is for random data; add --random-inputs=SEED";
    return false;
  }
  return true;
}

} // namespace cameo
