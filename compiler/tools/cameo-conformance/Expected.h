// The list of tests that must pass: a sorted text file, one name a line.
#ifndef CAMEO_COMPILER_TOOLS_CAMEO_CONFORMANCE_EXPECTED_H
#define CAMEO_COMPILER_TOOLS_CAMEO_CONFORMANCE_EXPECTED_H

#include "compiler/tools/cameo-conformance/TestRun.h"

#include <set>

namespace cameo {

using NameSet = std::set<std::string>;

bool readExpected(const std::string &path, NameSet &names, std::string &error);

bool writeExpected(const std::string &path, const NameSet &names,
                   std::string &error);

/// The names of `expected` that did not pass, of those that `filter` selects.
NameSet lostPasses(const NameSet &expected, const NameSet &passed,
                   const std::string &filter);

} // namespace cameo

#endif
