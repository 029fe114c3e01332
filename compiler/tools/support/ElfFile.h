// A look into a shared library before the dynamic loader maps it.
#ifndef CAMEO_COMPILER_TOOLS_SUPPORT_ELFFILE_H
#define CAMEO_COMPILER_TOOLS_SUPPORT_ELFFILE_H

#include <string>
#include <vector>

namespace cameo {

/// Checks that `path` is a complete 64-bit little-endian ELF shared library
/// (the loader faults on truncated ones) and lists the functions it exports.
bool readExportedFunctions(const std::string &path,
                           std::vector<std::string> &functions,
                           std::string &error);

} // namespace cameo

#endif
