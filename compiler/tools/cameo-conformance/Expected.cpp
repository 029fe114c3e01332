// Implements Expected.h.
#include "compiler/tools/cameo-conformance/Expected.h"

#include "compiler/tools/support/Files.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Regex.h"

namespace cameo {

bool readExpected(const std::string &path, NameSet &names, std::string &error) {
  std::string contents;
  if (!readFile(path, contents, error))
    return false;
  for (llvm::StringRef line : llvm::split(contents, '\n'))
    if (llvm::StringRef name = line.split('#').first.trim(); !name.empty())
      names.insert(name.str());
  return true;
}

bool writeExpected(const std::string &path, const NameSet &names,
                   std::string &error) {
  std::string contents;
  for (const std::string &name : names)
    contents += name + "\n";
  return writeFile(path, contents, error);
}

NameSet lostPasses(const NameSet &expected, const NameSet &passed,
                   const std::string &filter) {
  llvm::Regex regex(filterRegex(filter));
  NameSet lost;
  for (const std::string &name : expected)
    if (!passed.count(name) && (filter.empty() || regex.match(name)))
      lost.insert(name);
  return lost;
}

} // namespace cameo
