//===- cameo-opt.cpp - mlir-opt with Cameo's dialects and passes ----------===//

#include "codegen/cpp/Passes.h"
#include "compiler/pipeline/Pipeline.h"

#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  mlir::registerAllPasses();
  cameo::registerPasses();
  cameo::cpp::registerCameoCppPasses();
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  cameo::registerDialects(registry);
  return mlir::asMainReturnCode(
      mlir::MlirOptMain(argc, argv, "Cameo optimizer driver\n", registry));
}
