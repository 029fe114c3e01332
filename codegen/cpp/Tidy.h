//===- Tidy.h - Readable form of a printed function -------------*- C++ -*-===//

#ifndef CAMEO_CODEGEN_CPP_TIDY_H
#define CAMEO_CODEGEN_CPP_TIDY_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <string>

namespace cameo::cpp {

/// Declaration of one parameter.
struct Parameter {
  std::string type; // with a trailing space or `*`
  std::string name;
};

/// Rewrites one function printed by `translateToCpp`: its parameters get their
/// names and types, loop counters short names, `*(p + i)` becomes `p[i]`,
/// variables are declared where they are first assigned, temporaries used once
/// by the next statement disappear, and lines are indented and wrapped.
std::string tidyFunction(llvm::StringRef source,
                         llvm::ArrayRef<Parameter> parameters);

/// Breaks one line after commas or before operators so that it fits.
std::string wrapLine(llvm::StringRef line, unsigned indent);

} // namespace cameo::cpp

#endif // CAMEO_CODEGEN_CPP_TIDY_H
