// Whole files to and from memory.
#ifndef CAMEO_COMPILER_TOOLS_SUPPORT_FILES_H
#define CAMEO_COMPILER_TOOLS_SUPPORT_FILES_H

#include <string>

namespace cameo {

bool readFile(const std::string &path, std::string &contents,
              std::string &error);

/// Writes beside `path` and renames: a failure leaves no half-written file.
bool writeFile(const std::string &path, const std::string &contents,
               std::string &error);

} // namespace cameo

#endif
