//===- Link.h - Archives and shared libraries -------------------*- C++ -*-===//
//
// Wraps a model's object into what programs link or load, together with the
// runtime stub. Results appear under their name only when they are whole.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_COMPILER_LINK_LINK_H
#define CAMEO_COMPILER_LINK_LINK_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>

namespace cameo {

/// The runtime stub's archive of the installation (or build tree) that the
/// program at `executable` belongs to; empty when there is none.
std::string findRuntimeArchive(llvm::StringRef executable);

/// Writes the archive `output` of the object and the members of the stub's
/// archive; `runtime` may be empty.
llvm::Error writeArchive(llvm::StringRef object, llvm::StringRef runtime,
                         llvm::StringRef output);

/// Links the shared library `output`, which exports the symbols that begin with
/// `name` and those of the stub. `emulation` is lld's, such as `elf_x86_64`.
llvm::Error linkShared(llvm::StringRef object, llvm::StringRef runtime,
                       llvm::StringRef name, llvm::StringRef emulation,
                       llvm::StringRef output);

} // namespace cameo

#endif // CAMEO_COMPILER_LINK_LINK_H
