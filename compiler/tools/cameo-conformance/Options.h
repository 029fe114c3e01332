// The command line of cameo-conformance.
#ifndef CAMEO_COMPILER_TOOLS_CAMEO_CONFORMANCE_OPTIONS_H
#define CAMEO_COMPILER_TOOLS_CAMEO_CONFORMANCE_OPTIONS_H

#include <cstdint>
#include <string>
#include <vector>

namespace cameo {

struct ConformanceOptions {
  std::vector<std::string> folders;
  std::string filter;       // regular expression on names; empty: all
  std::string jsonFile;     // results of every test
  std::string expectedFile; // names that must pass
  std::string cxx;          // compiler for the C++ back end
  int64_t jobs = 0;         // 0: one per processor
  int64_t timeout = 60;     // seconds for each process
  int64_t optLevel = 3;
  bool cpp = false;      // the C++ back end in place of LLVM's
  bool sanitize = false; // AddressSanitizer and UBSan in the generated C++
  bool updateExpected = false;
  bool keep = false; // leave the files of every test
  bool verbose = false;
  bool help = false;
};

extern const char *const kConformanceUsage;

/// False with `error` set if the command line is wrong.
bool parseOptions(int argc, char **argv, ConformanceOptions &options,
                  std::string &error);

} // namespace cameo

#endif
