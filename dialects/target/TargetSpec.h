//===- TargetSpec.h - Which machine to compile for --------------*- C++ -*-===//
//
// A triple, CPU and features in LLVM's names, checked: everything later may
// rely on them being valid. x86-64 and AArch64 (little-endian ELF) are
// supported.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_DIALECTS_TARGET_TARGETSPEC_H
#define CAMEO_DIALECTS_TARGET_TARGETSPEC_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/TargetParser/Triple.h"

#include <string>
#include <vector>

namespace cameo {

/// A machine to compile for. Made by `resolveTarget`.
struct TargetSpec {
  llvm::Triple triple;
  std::string cpu;      ///< never empty, never "native"
  std::string features; ///< "+avx2,-fma": differences from the CPU's own
  bool isHost = false;  ///< the CPU of the machine that compiles

  /// One line for people: triple, CPU and features.
  std::string text() const;
};

/// Checks and completes the target options. An empty triple is the host's; an
/// empty CPU is the host's for the host and a baseline one for a given triple;
/// "native" is the host's. Errors name the closest valid spelling.
llvm::Expected<TargetSpec> resolveTarget(llvm::StringRef triple,
                                         llvm::StringRef cpu,
                                         llvm::StringRef features);

/// Whether `spec` runs programs of the operating system and architecture of the
/// machine that compiles.
bool isHostPlatform(const TargetSpec &spec);

/// Whether the CPU with the features has all of `features` ("+avx512f,+fma").
bool hasFeatures(const TargetSpec &spec, llvm::StringRef features);

/// Makes LLVM's code generators for the supported targets known; idempotent.
void initializeTargets();

/// The candidates that differ least from `name`, at most `count`, best first.
std::vector<std::string>
closestNames(llvm::StringRef name, llvm::ArrayRef<llvm::StringRef> candidates,
             unsigned count = 3);

} // namespace cameo

#endif // CAMEO_DIALECTS_TARGET_TARGETSPEC_H
