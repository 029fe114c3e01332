//===- Regex.h - Regular expressions as automata ----------------*- C++ -*-===//
//
// Patterns in RE2's syntax, as far as they are regular: literals, classes,
// groups, alternatives, repetitions. Matches are of whole strings.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_COMPILER_IMPORT_OPS_REGEX_H
#define CAMEO_COMPILER_IMPORT_OPS_REGEX_H

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "llvm/ADT/StringRef.h"

namespace cameo {

/// A deterministic automaton over the bytes of a string, padded with zeros.
struct Automaton {
  static constexpr int64_t kBytes = 256;
  /// For state s and byte b at s * 256 + b: the next state times 256. A zero
  /// keeps the state. State 0 is the first one.
  std::vector<int64_t> next;
  std::vector<int64_t> accepts; ///< 0 or 1 for each state.

  bool matches(llvm::StringRef text) const;
  /// None, with the reason in `error`, for what it cannot express.
  static std::optional<Automaton> compile(llvm::StringRef pattern,
                                          std::string &error);
};

} // namespace cameo

#endif // CAMEO_COMPILER_IMPORT_OPS_REGEX_H
