//===- EmitCpp.cpp - Standalone C++ from a loops module -------------------===//
//
// Lowers the kernels to EmitC, prints them with upstream's translation, tidies
// the text and puts the host side around it.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpp/EmitCpp.h"
#include "codegen/abi/ModelHeader.h"
#include "codegen/abi/WeightsBlob.h"
#include "codegen/cpp/Helpers.h"
#include "codegen/cpp/HostCode.h"
#include "codegen/cpp/Passes.h"
#include "codegen/cpp/Signature.h"
#include "codegen/cpp/Tidy.h"

#include "mlir/Conversion/AffineToStandard/AffineToStandard.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/Cpp/CppEmitter.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace cameo;

namespace cameo::cpp {
#define GEN_PASS_DEF_EMITCPP
#include "codegen/cpp/Passes.h.inc"
} // namespace cameo::cpp

using KernelTypes = llvm::StringMap<SmallVector<std::string>>;

static void buildPipeline(OpPassManager &pm) {
  pm.addPass(createLowerAffinePass());
  // 1. 16-bit floats are only stored and converted; arithmetic is on f32.
  math::MathExtendToSupportedTypesOptions math;
  math.targetTypeStr = "f32";
  math.extraTypeStrs = {"f32", "f64"};
  pm.addPass(math::createMathExtendToSupportedTypes(math));
  arith::ArithEmulateUnsupportedFloatsOptions floats;
  floats.sourceTypeStrs = {"f16", "bf16"};
  floats.targetTypeStr = "f32";
  pm.addPass(arith::createArithEmulateUnsupportedFloats(floats));
  // 2. Before canonicalisation, which would not see through views later.
  pm.addPass(cpp::createFlattenAccesses());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  pm.addPass(cpp::createLoopsToEmitC());
  pm.addPass(cpp::createNestExpressions());
}

/// Prints one kernel with its comment; notes the types of its parameters.
static LogicalResult printKernel(emitc::FuncOp func, KernelTypes &types,
                                 raw_ostream &os) {
  auto names = func->getAttrOfType<ArrayAttr>(cpp::kArgNamesAttr);
  auto spellings = func->getAttrOfType<ArrayAttr>(cpp::kArgTypesAttr);
  if (!names || !spellings)
    return func.emitError("kernel has no names for its arguments");
  std::string text;
  llvm::raw_string_ostream stream(text);
  if (failed(emitc::translateToCpp(func, stream)))
    return failure();
  SmallVector<cpp::Parameter> parameters;
  for (auto [name, type] :
       llvm::zip_equal(names.getAsRange<StringAttr>(),
                       spellings.getAsRange<StringAttr>())) {
    parameters.push_back({type.str(), name.str()});
    StringRef plain = type.getValue();
    plain.consume_back("__restrict ");
    types[func.getName()].push_back(plain.str());
  }
  os << cpp::kernelComment(func) << "\n"
     << cpp::tidyFunction(text, parameters) << "\n";
  return success();
}

static LogicalResult printKernels(ModuleOp module, KernelTypes &types,
                                  raw_ostream &os) {
  for (Operation &op : module) {
    if (auto verbatim = dyn_cast<emitc::VerbatimOp>(op)) {
      os << cpp::wrapLine(verbatim.getValue(), 0) << "\n";
      continue;
    }
    auto func = dyn_cast<emitc::FuncOp>(op);
    if (func && !func.isExternal() && failed(printKernel(func, types, os)))
      return failure();
  }
  return success();
}

LogicalResult cameo::emitCpp(ModuleOp loops, const CppOptions &options,
                             raw_ostream &source) {
  FailureOr<plan::ModelOp> original = findModel(loops);
  if (failed(original))
    return failure();
  FailureOr<ModelDescriptor> descriptor =
      describeModel(*original, options.target);
  if (failed(descriptor))
    return failure();
  OwningOpRef<ModuleOp> module = loops.clone();
  PassManager pm(module->getContext(), ModuleOp::getOperationName());
  pm.enableVerifier(false); // Once, at the end.
  buildPipeline(pm);
  if (failed(pm.run(*module)) || failed(verify(*module)))
    return failure();
  KernelTypes types;
  std::string kernels;
  llvm::raw_string_ostream stream(kernels);
  if (failed(printKernels(*module, types, stream)))
    return failure();
  cpp::HostCode host(*original, *descriptor, options);
  source << host.opening();
  std::string preamble = cpp::preambleFor(kernels);
  source << preamble << kernels << host.closing(types);
  return success();
}

//===----------------------------------------------------------------------===//
// The pass for tests
//===----------------------------------------------------------------------===//

namespace {
struct EmitCppPass : cpp::impl::EmitCppBase<EmitCppPass> {
  using EmitCppBase::EmitCppBase;

  void runOnOperation() override {
    CppOptions options;
    options.instrument = instrument;
    std::string source;
    llvm::raw_string_ostream os(source);
    if (failed(emitCpp(getOperation(), options, os)))
      return signalPassFailure();
    if (outputDir.empty())
      llvm::outs() << source;
    else if (failed(writeFiles(source)))
      signalPassFailure();
  }

  /// Writes what `fill` prints to a file of the output folder.
  LogicalResult
  writeFile(const Twine &name,
            llvm::function_ref<LogicalResult(raw_ostream &)> fill) {
    SmallString<128> path(outputDir.getValue());
    llvm::sys::path::append(path, name);
    std::error_code error;
    llvm::raw_fd_ostream file(path, error);
    if (error)
      return getOperation().emitError("cannot write '")
             << path << "': " << error.message();
    return fill(file);
  }

  LogicalResult writeFiles(StringRef source) {
    FailureOr<plan::ModelOp> model = findModel(getOperation());
    FailureOr<ModelDescriptor> descriptor = describeModel(*model, "C++ source");
    std::string name = descriptor->name;
    return success(succeeded(writeFile(name + ".cpp",
                                       [&](raw_ostream &os) {
                                         os << source;
                                         return success();
                                       })) &&
                   succeeded(writeFile(name + ".h",
                                       [&](raw_ostream &os) {
                                         writeHeader(*descriptor, os);
                                         return success();
                                       })) &&
                   succeeded(writeFile(name + ".cpp" + kWeightsSuffix,
                                       [&](raw_ostream &os) {
                                         return writeWeights(*model, os);
                                       })));
  }
};
} // namespace
