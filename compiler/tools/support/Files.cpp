// Implements Files.h.
#include "compiler/tools/support/Files.h"

#include "compiler/tools/support/Text.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>

namespace cameo {

namespace {
struct CloseFile {
  void operator()(FILE *file) const { std::fclose(file); }
};
using File = std::unique_ptr<FILE, CloseFile>;
} // namespace

static bool failed(const char *action, const std::string &path,
                   std::string &error) {
  error =
      text("cannot %s '%s': %s", action, path.c_str(), std::strerror(errno));
  return false;
}

bool readFile(const std::string &path, std::string &contents,
              std::string &error) {
  File file(std::fopen(path.c_str(), "rb"));
  struct stat info;
  if (!file || fstat(fileno(file.get()), &info) != 0)
    return failed("read", path, error);
  if (!S_ISREG(info.st_mode)) {
    error = text("cannot read '%s': not a regular file", path.c_str());
    return false;
  }
  contents.resize(info.st_size);
  size_t got = std::fread(contents.data(), 1, contents.size(), file.get());
  if (std::ferror(file.get()))
    return failed("read", path, error);
  contents.resize(got);
  return true;
}

bool writeFile(const std::string &path, const std::string &contents,
               std::string &error) {
  std::string temporary = path + text(".%ld.tmp", static_cast<long>(getpid()));
  File file(std::fopen(temporary.c_str(), "wb"));
  if (!file)
    return failed("write", path, error);
  bool ok = std::fwrite(contents.data(), 1, contents.size(), file.get()) ==
            contents.size();
  ok = std::fclose(file.release()) == 0 && ok;
  if (ok && std::rename(temporary.c_str(), path.c_str()) == 0)
    return true;
  failed("write", path, error);
  std::remove(temporary.c_str());
  return false;
}

} // namespace cameo
