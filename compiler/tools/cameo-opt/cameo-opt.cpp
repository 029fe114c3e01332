//===- cameo-opt.cpp - mlir-opt with Cameo's dialects and passes -----------===//

#include "dialects/cameo/Cameo.h"
#include "dialects/plan/Plan.h"

#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  mlir::registerAllPasses();
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  registry.insert<cameo::CameoDialect, cameo::plan::PlanDialect>();
  return mlir::asMainReturnCode(
      mlir::MlirOptMain(argc, argv, "Cameo optimizer driver\n", registry));
}
