//===- EmitModule.cpp - Optimise and write LLVM IR ------------------------===//

#include "codegen/llvm/Stages.h"

#include "dialects/target/TargetDescription.h"

#include "llvm/Analysis/CGSCCPassManager.h"
#include "llvm/Analysis/LoopAnalysisManager.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Operator.h"
#include "llvm/IR/PatternMatch.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Target/TargetOptions.h"

using namespace llvm;
using namespace cameo;

static CodeGenOptLevel codeGenLevel(unsigned optLevel) {
  return *CodeGenOpt::getLevel(std::min(optLevel, 3u));
}

std::unique_ptr<TargetMachine>
cameo::createTargetMachine(const LLVMOptions &options) {
  initializeTargets();
  std::string error;
  const Target *target =
      TargetRegistry::lookupTarget(options.target.triple, error);
  if (!target)
    return nullptr;
  return std::unique_ptr<TargetMachine>(target->createTargetMachine(
      options.target.triple, options.target.cpu, options.target.features,
      TargetOptions(), Reloc::PIC_, std::nullopt,
      codeGenLevel(options.optLevel)));
}

/// Pattern: x < c ? c : x -> maximum(x, c), c < x ? c : x -> minimum(x, c),
/// where c is a number. Both keep NaN, AArch64 in one instruction.
static void useMaximum(Function &function) {
  for (Instruction &instruction :
       make_early_inc_range(instructions(function))) {
    auto *select = dyn_cast<SelectInst>(&instruction);
    auto *compare =
        select ? dyn_cast<FCmpInst>(select->getCondition()) : nullptr;
    if (!compare || compare->getPredicate() != FCmpInst::FCMP_OLT)
      continue;
    Value *bound = select->getTrueValue(), *value = select->getFalseValue();
    Value *low = compare->getOperand(0), *high = compare->getOperand(1);
    bool isMaximum = low == value && high == bound;
    bool isMinimum = low == bound && high == value;
    if (!PatternMatch::match(bound, PatternMatch::m_NonNaN()) ||
        (!isMaximum && !isMinimum))
      continue;
    Value *result = IRBuilder<>(select).CreateBinaryIntrinsic(
        isMaximum ? Intrinsic::maximum : Intrinsic::minimum, value, bound);
    select->replaceAllUsesWith(result);
    select->eraseFromParent();
  }
}

void cameo::setAttributes(Module &module, const LLVMOptions &options) {
  TargetDescription machine = describeTarget(options.target);
  for (Function &function : module) {
    function.addFnAttr(Attribute::NoUnwind);
    if (function.isDeclaration())
      continue;
    function.addFnAttr("target-cpu", options.target.cpu);
    if (!options.target.features.empty())
      function.addFnAttr("target-features", options.target.features);
    // Without it LLVM splits 512-bit operations on CPUs it believes prefer 256.
    if (machine.vectorBits > 128)
      function.addFnAttr("prefer-vector-width",
                         std::to_string(machine.vectorBits));
    if (options.target.triple.getArch() == Triple::aarch64)
      useMaximum(function);
    for (Instruction &instruction : instructions(function)) {
      if (isa<FPMathOperator>(instruction))
        instruction.setHasAllowContract(true);
      // ONNX does not tell zeros apart; to order them takes as much time as the
      // maximum itself.
      if (auto *call = dyn_cast<IntrinsicInst>(&instruction);
          call && (call->getIntrinsicID() == Intrinsic::maximum ||
                   call->getIntrinsicID() == Intrinsic::minimum))
        call->setHasNoSignedZeros(true);
    }
  }
}

void cameo::optimize(Module &module, TargetMachine &machine,
                     unsigned optLevel) {
  static const OptimizationLevel levels[] = {
      OptimizationLevel::O0, OptimizationLevel::O1, OptimizationLevel::O2,
      OptimizationLevel::O3};
  // Kernels arrive vectorised and unrolled as their schedule says; LLVM may
  // still vectorise what was left scalar. Interleaving or unrolling would do so
  // once more: values that several steps of a window share would be kept, and
  // the sums spilled for them.
  PipelineTuningOptions tuning;
  tuning.LoopInterleaving = false;
  tuning.LoopUnrolling = false;
  tuning.LoopVectorization = optLevel >= 2;
  tuning.SLPVectorization = optLevel >= 2;
  PassBuilder passes(&machine, tuning);
  LoopAnalysisManager loops;
  FunctionAnalysisManager functions;
  CGSCCAnalysisManager graphs;
  ModuleAnalysisManager modules;
  passes.registerModuleAnalyses(modules);
  passes.registerCGSCCAnalyses(graphs);
  passes.registerFunctionAnalyses(functions);
  passes.registerLoopAnalyses(loops);
  passes.crossRegisterProxies(loops, functions, graphs, modules);
  if (optLevel == 0)
    passes.buildO0DefaultPipeline(OptimizationLevel::O0).run(module, modules);
  else
    passes.buildPerModuleDefaultPipeline(levels[std::min(optLevel, 3u)])
        .run(module, modules);
}

LogicalResult cameo::emitModule(Module &module, TargetMachine &machine,
                                LLVMOutput output, raw_pwrite_stream &os) {
  if (output == LLVMOutput::ir) {
    module.print(os, nullptr);
    return success();
  }
  legacy::PassManager passes;
  CodeGenFileType type = output == LLVMOutput::assembly
                             ? CodeGenFileType::AssemblyFile
                             : CodeGenFileType::ObjectFile;
  if (machine.addPassesToEmitFile(passes, os, nullptr, type))
    return failure();
  passes.run(module);
  return success();
}
