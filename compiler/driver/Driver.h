//===- Driver.h - The compiler as a function --------------------*- C++ -*-===//

#ifndef CAMEO_COMPILER_DRIVER_DRIVER_H
#define CAMEO_COMPILER_DRIVER_DRIVER_H

#include "compiler/driver/Options.h"

namespace cameo {

/// Does what the options ask. Returns the exit status: 0, or 1 when the model
/// cannot be compiled or a file cannot be written; the reason is on stderr.
/// `executable` is the path of the running program.
int runDriver(const DriverOptions &options, llvm::StringRef executable);

} // namespace cameo

#endif // CAMEO_COMPILER_DRIVER_DRIVER_H
