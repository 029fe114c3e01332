// A file that lives as long as its object.
#ifndef CAMEO_TEST_UNIT_TOOLS_TEMPORARYFILE_H
#define CAMEO_TEST_UNIT_TOOLS_TEMPORARYFILE_H

#include "compiler/tools/support/Files.h"

#include <cstdio>
#include <cstdlib>
#include <gtest/gtest.h>
#include <string>
#include <unistd.h>

namespace cameo {

class TemporaryFile {
public:
  explicit TemporaryFile(const char *ending, const std::string &contents = "") {
    std::string name = ::testing::TempDir() + "/cameoXXXXXX" + ending;
    int descriptor =
        mkstemps(name.data(), static_cast<int>(std::string(ending).size()));
    EXPECT_GE(descriptor, 0);
    close(descriptor);
    path = name;
    std::string error;
    EXPECT_TRUE(writeFile(path, contents, error)) << error;
  }
  ~TemporaryFile() { std::remove(path.c_str()); }

  std::string path;
};

} // namespace cameo

#endif
