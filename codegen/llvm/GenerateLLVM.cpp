//===- GenerateLLVM.cpp - From the loops level to objects -----------------===//

#include "codegen/llvm/Stages.h"

#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"

using namespace mlir;
using namespace cameo;

void cameo::registerLLVMTranslations(DialectRegistry &registry) {
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
}

/// Gives the functions that launches call their symbols and all functions
/// internal linkage. Kernels stay calls: what inlining them would gain is lost
/// in their noalias arguments.
static void setLinkage(llvm::Module &module, const LaunchList &launches) {
  for (llvm::Function &function : module) {
    if (function.isDeclaration())
      continue;
    function.setLinkage(llvm::GlobalValue::InternalLinkage);
    function.setDSOLocal(true);
  }
  for (const Launch &launch : launches)
    module.getFunction(launch.kernel)->addFnAttr(llvm::Attribute::NoInline);
}

/// Renames kernels; later stages know them by their symbols only.
static void renameKernels(ModuleOp module, StringRef model) {
  auto functions = llvm::to_vector(module.getOps<func::FuncOp>());
  for (func::FuncOp function : functions) {
    if (function.isExternal())
      continue;
    std::string symbol = kernelSymbol(model, function.getSymName());
    (void)SymbolTable::replaceAllSymbolUses(
        function, StringAttr::get(module.getContext(), symbol), module);
    function.setSymName(symbol);
    function->removeAttr("plan.kernel");
  }
}

LogicalResult cameo::generateLLVM(ModuleOp module, const LLVMOptions &options,
                                  LLVMOutput output,
                                  llvm::raw_pwrite_stream &os) {
  // 1. Read the host side and take it out of the module.
  FailureOr<plan::ModelOp> model = findModel(module);
  if (failed(model))
    return failure();
  FailureOr<ModelDescriptor> descriptor =
      describeModel(*model, options.target.text());
  if (failed(descriptor))
    return failure();
  LaunchList launches = readLaunches(*model, module);
  model->erase();
  renameKernels(module, descriptor->name);

  // 2. Kernels to LLVM IR, with the host side beside them.
  if (failed(convertKernels(module)))
    return failure();
  std::unique_ptr<llvm::TargetMachine> machine = createTargetMachine(options);
  if (!machine)
    return module.emitError("no code generator for ") << options.target.text();
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> ir =
      translateModuleToLLVMIR(module, context, descriptor->name, true);
  if (!ir)
    return module.emitError("translation to LLVM IR failed");
  ir->setTargetTriple(options.target.triple);
  ir->setDataLayout(machine->createDataLayout());
  ir->setPICLevel(llvm::PICLevel::BigPIC);
  setLinkage(*ir, launches);
  addHostCode(*ir, *descriptor, launches, options);
  setAttributes(*ir, options);

  // 3. Optimise and write.
  optimize(*ir, *machine, options.optLevel);
  return emitModule(*ir, *machine, output, os);
}
