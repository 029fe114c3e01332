// Runs a program in a process group of its own, with a limit on its time.
#ifndef CAMEO_COMPILER_TOOLS_CAMEO_CONFORMANCE_SUBPROCESS_H
#define CAMEO_COMPILER_TOOLS_CAMEO_CONFORMANCE_SUBPROCESS_H

#include <string>
#include <vector>

namespace cameo {

struct ProcessResult {
  int exitCode = -1; // meaningful if neither of the next two is set
  int signal = 0;    // that ended the process
  bool timedOut = false;
  double milliseconds = 0;
  std::string output; // both streams, in order

  bool succeeded() const { return !signal && !timedOut && exitCode == 0; }
  /// "CRASH: signal 11 (Segmentation fault)" or "TIMEOUT: over 60 s"; empty
  /// if the process ended by itself.
  std::string violentEnd() const;
};

/// `command[0]` is searched in PATH unless it has a slash. The process runs in
/// `folder`, its output goes through the file `logFile` there. On timeout its
/// whole process group is killed. False with `error` if it cannot start.
bool runProcess(const std::vector<std::string> &command,
                const std::string &folder, const std::string &logFile,
                int timeoutSeconds, ProcessResult &result, std::string &error);

} // namespace cameo

#endif
