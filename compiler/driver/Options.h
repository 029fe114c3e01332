//===- Options.h - What cameoc is asked to do -------------------*- C++ -*-===//
//
// One table describes every option; the command line, configuration files and
// the documentation are read from it.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_COMPILER_DRIVER_OPTIONS_H
#define CAMEO_COMPILER_DRIVER_OPTIONS_H

#include "compiler/import/Importer.h"
#include "compiler/report/Report.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

#include <string>

namespace cameo {

enum class Command {
  Compile,
  Check,
  Report,
  ListOperators,
  Help,
  HelpMarkdown,
  Version
};

/// What to write.
enum class Emit {
  Graph,
  Fused,
  Layout,
  Plan,
  Schedule,
  Loops,
  LLVM,
  Assembly,
  Cpp,
  Object,
  Static,
  Shared
};

struct DriverOptions {
  Command command = Command::Compile;
  bool asMarkdown = false; // The list of operators.
  std::string model;
  std::string output;
  std::optional<Emit> emit; // Otherwise by the output's ending.
  std::string name;         // Otherwise from the output's or model's stem.
  llvm::StringMap<llvm::SmallVector<ExtentBounds>> shapes;
  llvm::StringMap<ExtentBounds> dims;
  llvm::StringMap<std::string> constants; // Files by input.
  std::vector<CacheNames> caches;
  unsigned stringBytes = 64; // Room for one in an input.
  std::string target, cpu, features;
  unsigned threads = 1;
  unsigned optLevel = 3;
  unsigned fuse = 2;
  bool layouts = true;               // --layout=auto or blocked.
  std::string fastProducts = "auto"; // --fast-products
  std::string weightsType = "auto";  // --weights-type
  bool winograd = true;              // --winograd=auto.
  std::string scheduleOverride;      // A file of schedules by problem.
  std::string runtime; // The stub's archive; otherwise the installed one.
  ReportFormat format = ReportFormat::Text;
  bool instrument = false;
  bool json = false;
  bool quiet = false;
  bool timeReport = false;
};

/// Reads a command line. Errors say what is wrong and name close spellings.
llvm::Error parseCommandLine(llvm::ArrayRef<llvm::StringRef> args,
                             DriverOptions &options);

/// Prints the table of options, for a terminal or as a page.
void printHelp(llvm::raw_ostream &os);
void printHelpMarkdown(llvm::raw_ostream &os);

} // namespace cameo

#endif // CAMEO_COMPILER_DRIVER_OPTIONS_H
