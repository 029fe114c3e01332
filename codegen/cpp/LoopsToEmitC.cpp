//===- LoopsToEmitC.cpp - Kernel functions to EmitC -----------------------===//
//
// Names locals and arguments, then converts functions by upstream's patterns
// for func and scf and by our rules for arith, math, memref and vector.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpp/Convert.h"
#include "codegen/cpp/IndexRange.h"
#include "codegen/cpp/Passes.h"
#include "codegen/cpp/Signature.h"
#include "dialects/plan/Plan.h"

#include "mlir/Conversion/FuncToEmitC/FuncToEmitC.h"
#include "mlir/Conversion/SCFToEmitC/SCFToEmitC.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/UB/IR/UBOps.h"

using namespace mlir;

namespace cameo::cpp {
#define GEN_PASS_DEF_LOOPSTOEMITC
#include "codegen/cpp/Passes.h.inc"
} // namespace cameo::cpp

/// Gives every local buffer of a function a name.
static void nameLocals(func::FuncOp func) {
  int count = 0;
  func.walk([&](memref::AllocaOp op) {
    op->setAttr("cpp.name", StringAttr::get(op.getContext(),
                                            "local" + std::to_string(count++)));
  });
}

/// Drops reads of loop results that nothing uses, and variables that are never
/// read: compilers warn about these.
static void eraseUnusedResults(ModuleOp module) {
  module.walk([](emitc::LoadOp op) {
    if (op->use_empty())
      op->erase();
  });
  SmallVector<emitc::VariableOp> unread;
  module.walk([&](emitc::VariableOp op) {
    if (llvm::all_of(op->getUsers(), [&](Operation *user) {
          auto assign = dyn_cast<emitc::AssignOp>(user);
          return assign && assign.getVar() == op.getResult();
        }))
      unread.push_back(op);
  });
  for (emitc::VariableOp op : unread) {
    for (Operation *user : llvm::make_early_inc_range(op->getUsers()))
      user->erase();
    op.erase();
  }
}

namespace {
struct LoopsToEmitCPass : cameo::cpp::impl::LoopsToEmitCBase<LoopsToEmitCPass> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    for (auto func : module.getOps<func::FuncOp>()) {
      nameLocals(func);
      cameo::cpp::nameArguments(func);
      cameo::cpp::markIndexArithmetic(func);
      ++numKernels;
    }
    cameo::cpp::CppTypeConverter types;
    RewritePatternSet patterns(&getContext());
    populateFuncToEmitCPatterns(types, patterns);
    populateSCFToEmitCConversionPatterns(patterns, types);
    cameo::cpp::Rules rules = {patterns, types};
    cameo::cpp::addArithRules(rules);
    cameo::cpp::addCastRules(rules);
    cameo::cpp::addMathRules(rules);
    cameo::cpp::addMemRefRules(rules);
    cameo::cpp::addVectorRules(rules);

    ConversionTarget target(getContext());
    target.addLegalOp<ModuleOp, cameo::plan::ModelOp>();
    target.addLegalDialect<emitc::EmitCDialect, cameo::plan::PlanDialect>();
    target.addIllegalDialect<arith::ArithDialect, func::FuncDialect,
                             math::MathDialect, memref::MemRefDialect,
                             scf::SCFDialect, vector::VectorDialect,
                             ub::UBDialect>();
    target.markOpRecursivelyLegal<cameo::plan::ModelOp>();
    if (failed(applyFullConversion(module, target, std::move(patterns))))
      return signalPassFailure();
    eraseUnusedResults(module);
  }
};
} // namespace
