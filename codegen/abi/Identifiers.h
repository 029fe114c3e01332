//===- Identifiers.h - C identifiers from ONNX names ------------*- C++ -*-===//
//
// ONNX value names are arbitrary text. These functions turn them into
// identifiers that are valid in C and in C++, and unique in their scope.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_CODEGEN_ABI_IDENTIFIERS_H
#define CAMEO_CODEGEN_ABI_IDENTIFIERS_H

#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/StringSet.h"

#include <string>

namespace cameo {

/// Whether `text` can be an identifier in C and C++: no keyword, no reserved
/// leading underscore.
bool isIdentifier(llvm::StringRef text);

/// `text` with every character that an identifier cannot hold replaced by '_',
/// with `fallback` when nothing is left.
std::string makeIdentifier(llvm::StringRef text, llvm::StringRef fallback);

/// Gives out identifiers, each once.
class IdentifierScope {
public:
  /// An identifier for `text`; numbered when it is taken. Its companions (the
  /// identifier followed by each of `suffixes`) are taken with it.
  std::string add(llvm::StringRef text, llvm::StringRef fallback,
                  llvm::ArrayRef<llvm::StringRef> suffixes = {});

private:
  llvm::StringSet<> taken;
};

} // namespace cameo

#endif // CAMEO_CODEGEN_ABI_IDENTIFIERS_H
