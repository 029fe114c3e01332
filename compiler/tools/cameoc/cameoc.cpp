//===- cameoc.cpp - The compiler's command --------------------------------===//

#include "compiler/driver/Driver.h"
#include "compiler/driver/Operators.h"

#include "llvm/Config/llvm-config.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/InitLLVM.h"

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  llvm::SmallVector<llvm::StringRef> args(argv + 1, argv + argc);
  cameo::DriverOptions options;
  if (llvm::Error error = cameo::parseCommandLine(args, options)) {
    llvm::errs() << "cameoc: error: " << llvm::toString(std::move(error))
                 << "\n";
    return 2;
  }
  switch (options.command) {
  case cameo::Command::Help:
    cameo::printHelp(llvm::outs());
    return 0;
  case cameo::Command::HelpMarkdown:
    cameo::printHelpMarkdown(llvm::outs());
    return 0;
  case cameo::Command::Version:
    llvm::outs() << "cameoc " CAMEO_VERSION ", LLVM " LLVM_VERSION_STRING "\n";
    return 0;
  case cameo::Command::ListOperators:
    cameo::printOperators(options.asMarkdown, llvm::outs());
    return 0;
  default:
    break;
  }
  std::string executable = llvm::sys::fs::getMainExecutable(
      argv[0], reinterpret_cast<void *>(reinterpret_cast<intptr_t>(main)));
  return cameo::runDriver(options, executable);
}
