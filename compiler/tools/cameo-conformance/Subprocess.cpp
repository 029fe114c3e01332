// Implements Subprocess.h.
#include "compiler/tools/cameo-conformance/Subprocess.h"

#include "compiler/tools/support/Files.h"
#include "compiler/tools/support/Text.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace cameo {

using Clock = std::chrono::steady_clock;

std::string ProcessResult::violentEnd() const {
  if (timedOut)
    return text("TIMEOUT: killed after %.0f s", milliseconds / 1000);
  if (signal)
    return text("CRASH: signal %d (%s)", signal, strsignal(signal));
  return "";
}

/// Waits for the process; kills its group when the time is over.
static void waitFor(pid_t child, int timeoutSeconds, ProcessResult &result) {
  Clock::time_point start = Clock::now();
  auto elapsed = [&] {
    return std::chrono::duration<double, std::milli>(Clock::now() - start)
        .count();
  };
  std::chrono::microseconds nap(500);
  int status = 0;
  while (waitpid(child, &status, WNOHANG) == 0) {
    if (elapsed() > timeoutSeconds * 1000.0) {
      result.timedOut = true;
      kill(-child, SIGKILL);
      waitpid(child, &status, 0);
      break;
    }
    std::this_thread::sleep_for(nap);
    nap = std::min(nap * 2, std::chrono::microseconds(8000));
  }
  result.milliseconds = elapsed();
  if (WIFSIGNALED(status))
    result.signal = WTERMSIG(status);
  else
    result.exitCode = WEXITSTATUS(status);
}

bool runProcess(const std::vector<std::string> &command,
                const std::string &folder, const std::string &logFile,
                int timeoutSeconds, ProcessResult &result, std::string &error) {
  std::vector<char *> arguments;
  for (const std::string &argument : command)
    arguments.push_back(const_cast<char *>(argument.c_str()));
  arguments.push_back(nullptr);
  std::string log = folder + "/" + logFile;

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null",
                                   O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log.c_str(),
                                   O_WRONLY | O_CREAT | O_TRUNC | O_APPEND,
                                   0644);
  posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  pid_t child = -1;
  int status = posix_spawnp(&child, arguments[0], &actions, &attributes,
                            arguments.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (status != 0) {
    error =
        text("cannot run '%s': %s", command[0].c_str(), std::strerror(status));
    return false;
  }
  waitFor(child, timeoutSeconds, result);
  return readFile(log, result.output, error);
}

} // namespace cameo
