//===- ConvertKernels.cpp - Kernels from loops to the LLVM dialect --------===//
//
// Prepares kernels with what only the launches know (alignment, aliasing) and
// converts them with upstream's conversions.
//
//===----------------------------------------------------------------------===//

#include "codegen/llvm/Stages.h"

#include "mlir/Analysis/DataLayoutAnalysis.h"
#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h"
#include "mlir/Conversion/FuncToLLVM/ConvertFuncToLLVM.h"
#include "mlir/Conversion/IndexToLLVM/IndexToLLVM.h"
#include "mlir/Conversion/LLVMCommon/ConversionTarget.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Conversion/MathToLLVM/MathToLLVM.h"
#include "mlir/Conversion/MathToLibm/MathToLibm.h"
#include "mlir/Conversion/MemRefToLLVM/MemRefToLLVM.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Conversion/UBToLLVM/UBToLLVM.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/DialectConversion.h"
#include "mlir/Transforms/Passes.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace cameo;

std::string cameo::kernelSymbol(StringRef model, StringRef kernel) {
  return (model + "." + kernel).str();
}

//===----------------------------------------------------------------------===//
// What launches tell of kernels
//===----------------------------------------------------------------------===//

/// The alignment that is certain for an argument: callers align inputs and
/// outputs for their element type only.
static uint64_t argumentAlignment(const LaunchArgument &argument,
                                  MemRefType type) {
  if (argument.space == plan::Space::input ||
      argument.space == plan::Space::output) {
    unsigned bits = type.getElementTypeBitWidth();
    return llvm::divideCeil(bits, 8u);
  }
  return llvm::MinAlign(argument.position, plan::kBufferAlignment);
}

/// Sets attributes of a kernel's arguments. Those that may share a buffer are
/// marked plan.in_place with the number of the result argument.
static void setArgumentAttributes(func::FuncOp kernel,
                                  ArrayRef<uint64_t> alignment) {
  Builder builder(kernel.getContext());
  llvm::SmallDenseSet<unsigned> mayAlias;
  unsigned numArguments = kernel.getNumArguments();
  for (unsigned i = 0; i < numArguments; ++i) {
    Attribute inPlace = kernel.removeArgAttr(
        i, StringAttr::get(kernel.getContext(), plan::kInPlaceAttr));
    if (!inPlace)
      continue;
    mayAlias.insert(i);
    auto partner = dyn_cast<IntegerAttr>(inPlace);
    for (unsigned j = 0; j < numArguments; ++j)
      if (!partner || partner.getInt() == j)
        mayAlias.insert(j);
  }
  for (unsigned i = 0; i < numArguments; ++i) {
    DictionaryAttr other = kernel.getArgAttrDict(i);
    NamedAttrList kept;
    for (NamedAttribute attr :
         other ? other.getValue() : ArrayRef<NamedAttribute>())
      if (attr.getName().getValue().starts_with("llvm."))
        kept.append(attr);
    if (isa<MemRefType>(kernel.getArgumentTypes()[i])) {
      if (!mayAlias.contains(i))
        kept.set(LLVM::LLVMDialect::getNoAliasAttrName(),
                 builder.getUnitAttr());
      kept.set(LLVM::LLVMDialect::getNonNullAttrName(), builder.getUnitAttr());
      kept.set(LLVM::LLVMDialect::getNoUndefAttrName(), builder.getUnitAttr());
      if (alignment[i])
        kept.set(LLVM::LLVMDialect::getAlignAttrName(),
                 builder.getI64IntegerAttr(alignment[i]));
    }
    kernel.setArgAttrs(i, kept);
  }
}

LaunchList cameo::readLaunches(plan::ModelOp model, ModuleOp module) {
  SymbolTable symbols(module);
  LaunchList launches;
  llvm::MapVector<Operation *, SmallVector<uint64_t>> alignments;
  for (auto op : model.getBody().getOps<plan::LaunchOp>()) {
    auto kernel = symbols.lookup<func::FuncOp>(op.getKernel());
    Launch launch = {kernelSymbol(model.getSymName(), op.getKernel()),
                     {},
                     static_cast<int64_t>(op.getTasks()),
                     kernel.getNumArguments() != op.getArgs().size()};
    SmallVector<uint64_t> &alignment = alignments[kernel];
    alignment.resize(kernel.getNumArguments());
    for (auto [i, arg] : llvm::enumerate(op.getArgs())) {
      auto buffer = arg.getDefiningOp<plan::BufferOp>();
      launch.arguments.push_back(
          {buffer.getSpace(), static_cast<uint64_t>(buffer.getPosition())});
      uint64_t here =
          argumentAlignment(launch.arguments.back(), buffer.getType());
      alignment[i] = alignment[i] ? std::min(alignment[i], here) : here;
    }
    launches.push_back(std::move(launch));
  }
  for (auto &[kernel, alignment] : alignments)
    setArgumentAttributes(cast<func::FuncOp>(kernel), alignment);
  return launches;
}

//===----------------------------------------------------------------------===//
// Rewrites before upstream's conversions
//===----------------------------------------------------------------------===//

namespace {

// Pattern: memref.copy(strided) -> loops of load and store
// (upstream would call a runtime library that does not exist here).
struct ExpandStridedCopy : OpRewritePattern<memref::CopyOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(memref::CopyOp op,
                                PatternRewriter &rewriter) const override {
    auto type = dyn_cast<MemRefType>(op.getSource().getType());
    auto target = dyn_cast<MemRefType>(op.getTarget().getType());
    if (!type || !target || !type.hasStaticShape())
      return rewriter.notifyMatchFailure(op, "not of static shape");
    if (type.getLayout().isIdentity() && target.getLayout().isIdentity())
      return rewriter.notifyMatchFailure(op, "contiguous, becomes a memcpy");
    Location loc = op.getLoc();
    auto constant = [&](int64_t value) -> Value {
      return arith::ConstantIndexOp::create(rewriter, loc, value);
    };
    Value zero = constant(0), one = constant(1);
    SmallVector<Value> indices;
    for (int64_t extent : type.getShape()) {
      auto loop =
          scf::ForOp::create(rewriter, loc, zero, constant(extent), one);
      rewriter.setInsertionPointToStart(loop.getBody());
      indices.push_back(loop.getInductionVar());
    }
    Value element =
        memref::LoadOp::create(rewriter, loc, op.getSource(), indices);
    memref::StoreOp::create(rewriter, loc, element, op.getTarget(), indices);
    rewriter.eraseOp(op);
    return success();
  }
};

/// Copies that are no memcpy become loops.
struct ExpandCopiesPass
    : PassWrapper<ExpandCopiesPass, OperationPass<func::FuncOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ExpandCopiesPass)

  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<arith::ArithDialect, scf::SCFDialect>();
  }
  void runOnOperation() override {
    PatternRewriter patternRewriter(&getContext());
    SmallVector<memref::CopyOp> copies;
    getOperation().walk([&](memref::CopyOp op) { copies.push_back(op); });
    ExpandStridedCopy pattern(&getContext());
    for (memref::CopyOp op : copies) {
      patternRewriter.setInsertionPoint(op);
      (void)pattern.matchAndRewrite(op, patternRewriter);
    }
  }
};

/// Functions for which LLVM has no accurate intrinsic call libm; everything
/// else is left to the conversion to LLVM's intrinsics.
struct LibmPass : PassWrapper<LibmPass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(LibmPass)

  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<arith::ArithDialect, func::FuncDialect,
                    vector::VectorDialect>();
  }
  void runOnOperation() override {
    ConversionTarget target(getContext());
    target.markUnknownOpDynamicallyLegal([](Operation *) { return true; });
    target
        .addIllegalOp<math::AcosOp, math::AcoshOp, math::AsinOp, math::AsinhOp,
                      math::Atan2Op, math::AtanOp, math::AtanhOp, math::CbrtOp,
                      math::CoshOp, math::ErfOp, math::ErfcOp, math::ExpM1Op,
                      math::Log1pOp, math::SinhOp, math::TanOp, math::TanhOp>();
    RewritePatternSet patterns(&getContext());
    populateMathToLibmConversionPatterns(patterns);
    if (failed(applyPartialConversion(getOperation(), target,
                                      std::move(patterns))))
      signalPassFailure();
  }
};

/// All that is left, in one conversion: each one visits every operation.
struct KernelsToLLVMPass
    : PassWrapper<KernelsToLLVMPass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(KernelsToLLVMPass)

  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<LLVM::LLVMDialect>();
  }
  void runOnOperation() override {
    MLIRContext *context = &getContext();
    const auto &layouts = getAnalysis<DataLayoutAnalysis>();
    LowerToLLVMOptions options(context, layouts.getAtOrAbove(getOperation()));
    options.useBarePtrCallConv = true;
    LLVMTypeConverter converter(context, options, &layouts);
    RewritePatternSet patterns(context);
    populateMathToLLVMConversionPatterns(converter, patterns,
                                         /*approximateLog1p=*/false);
    populateFinalizeMemRefToLLVMConversionPatterns(converter, patterns);
    populateFuncToLLVMConversionPatterns(converter, patterns);
    arith::populateArithToLLVMConversionPatterns(converter, patterns);
    index::populateIndexToLLVMConversionPatterns(converter, patterns);
    cf::populateControlFlowToLLVMConversionPatterns(converter, patterns);
    ub::populateUBToLLVMConversionPatterns(converter, patterns);
    LLVMConversionTarget target(*context);
    if (failed(applyPartialConversion(getOperation(), target,
                                      std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace

/// Gives arguments without elements, which nothing reads, one dimension:
/// upstream has no pointer for a buffer with an inner extent of zero.
static void flattenEmptyArguments(func::FuncOp kernel) {
  for (BlockArgument arg : kernel.getArguments()) {
    auto type = dyn_cast<MemRefType>(arg.getType());
    if (type && type.hasStaticShape() && type.getNumElements() == 0 &&
        arg.use_empty())
      arg.setType(MemRefType::get({0}, type.getElementType()));
  }
  kernel.setFunctionType(FunctionType::get(
      kernel.getContext(), kernel.getBody().front().getArgumentTypes(),
      kernel.getResultTypes()));
}

LogicalResult cameo::convertKernels(ModuleOp module) {
  for (auto kernel : module.getOps<func::FuncOp>())
    if (!kernel.isExternal())
      flattenEmptyArguments(kernel);
  PassManager pm(module->getContext());
  pm.enableVerifier(false); // Once, at the end.
  // 1. What has no direct counterpart in LLVM's dialect. Address computations
  // of
  //    views become affine maps, which are lowered right after.
  OpPassManager &functions = pm.nest<func::FuncOp>();
  functions.addPass(std::make_unique<ExpandCopiesPass>());
  functions.addPass(memref::createExpandStridedMetadataPass());
  functions.addPass(createLowerAffinePass());
  arith::ArithExpandOpsPassOptions expand;
  expand.includeBf16 = true;
  functions.addPass(arith::createArithExpandOpsPass(expand));
  // 2. Integer powers become functions, special functions calls of libm.
  pm.addPass(createConvertMathToFuncs());
  pm.addPass(std::make_unique<LibmPass>());
  // 3. Control flow, before the function's blocks are typed for LLVM.
  pm.addPass(createSCFToControlFlowPass());
  pm.addPass(createCSEPass());
  // 4. Vectors, lowered within their dialect before, then all that is left.
  ConvertVectorToLLVMPassOptions vectors;
  vectors.force32BitVectorIndices = true;
  pm.addPass(createConvertVectorToLLVMPass(vectors));
  pm.addPass(std::make_unique<KernelsToLLVMPass>());
  pm.addPass(createReconcileUnrealizedCastsPass());
  return success(succeeded(pm.run(module)) && succeeded(verify(module)));
}
