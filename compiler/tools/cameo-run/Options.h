// The command line of cameo-run.
#ifndef CAMEO_COMPILER_TOOLS_CAMEO_RUN_OPTIONS_H
#define CAMEO_COMPILER_TOOLS_CAMEO_RUN_OPTIONS_H

#include "compiler/tools/support/Compare.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cameo {

struct Options {
  std::string library;
  std::string name; // empty: found in the library
  std::vector<std::pair<std::string, std::string>> inputs; // name, file
  std::optional<int64_t> randomSeed;
  std::vector<std::pair<std::string, std::vector<int64_t>>> shapes;
  std::string outputDir;
  std::string testDataDir;
  std::optional<int64_t> benchRuns;
  std::optional<double> benchSeconds;
  int64_t threads = 1;
  int64_t warmup = 3;
  Tolerance tolerance;
  bool profile = false;
  bool json = false;
  bool help = false;

  bool bench() const { return benchRuns || benchSeconds; }
};

/// Every option with a value may be written --option=VALUE or --option VALUE.
bool parseOptions(int argc, char **argv, Options &options, std::string &error);

extern const char *const kUsage;

} // namespace cameo

#endif
