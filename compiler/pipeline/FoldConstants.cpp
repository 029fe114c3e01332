//===- FoldConstants.cpp - Compute what depends on constants only ---------===//
//
// The constant part of a graph becomes a model of its own without inputs, which
// goes through the same pipeline and back end as every other and runs here.
//
//===----------------------------------------------------------------------===//

#include "codegen/jit/JitModel.h"
#include "compiler/pipeline/Passes.h"
#include "compiler/pipeline/Pipeline.h"
#include "dialects/cameo/Cameo.h"
#include "dialects/cameo/ElementTypes.h"
#include "dialects/cameo/Layouts.h"
#include "dialects/target/TargetDescription.h"

#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;

namespace cameo {
#define GEN_PASS_DEF_FOLDCONSTANTS
#include "compiler/pipeline/Passes.h.inc"
} // namespace cameo

using namespace cameo;

namespace {
struct FoldConstantsPass : cameo::impl::FoldConstantsBase<FoldConstantsPass> {
  using FoldConstantsBase::FoldConstantsBase;
  void getDependentDialects(DialectRegistry &registry) const override {
    FoldConstantsBase::getDependentDialects(registry);
    registerDialects(registry);
    registerLLVMTranslations(registry);
  }
  void runOnOperation() override;

private:
  void findConstantOps();
  bool growsTooMuch(Operation *op) const;
  OwningOpRef<ModuleOp> buildModule();
  LogicalResult evaluate(SmallVectorImpl<ElementsAttr> &values);

  /// Operations to fold, in order, and those of their results that others use.
  SmallVector<Operation *> ops;
  SmallVector<Value> results;
};
} // namespace

/// Results that are small enough to print and to fold further.
static constexpr int64_t kInlineBytes = 1024;

/// The bytes that a constant takes in the weights; none for a repeated value.
static int64_t weightBytes(Value value) {
  if (auto constant = value.getDefiningOp<ConstantOp>())
    if (auto dense = dyn_cast<DenseElementsAttr>(constant.getValue()))
      if (dense.isSplat())
        return 0;
  return storedBytes(value.getType());
}

bool FoldConstantsPass::growsTooMuch(Operation *op) const {
  if (isa<RelayoutOp>(op))
    return false; // Kernels rely on it.
  int64_t before = 0, after = 0;
  for (Value operand : op->getOperands())
    before += weightBytes(operand);
  for (Type type : op->getResultTypes())
    after += storedBytes(type);
  return after > std::max<int64_t>(64 << 10, maxGrowth * before);
}

/// Whether a value or a view of it is returned.
static bool isReturned(Value value) {
  return llvm::any_of(value.getUsers(), [](Operation *user) {
    return user->hasTrait<OpTrait::IsTerminator>() ||
           (isa<ViewOpInterface>(user) && isReturned(user->getResult(0)));
  });
}

/// Whether a kernel writes an output, which a constant cannot do.
static bool writesOutput(Operation *op) {
  return isa<KernelOp>(op) && llvm::any_of(op->getResults(), isReturned);
}

void FoldConstantsPass::findConstantOps() {
  ops.clear();
  results.clear();
  llvm::SmallPtrSet<Operation *, 16> members;
  for (Operation &op : getOperation().getBody().front().without_terminator()) {
    auto isKnown = [&](Value operand) {
      Operation *def = operand.getDefiningOp();
      return def &&
             (def->hasTrait<OpTrait::ConstantLike>() || members.contains(def));
    };
    if (op.hasTrait<OpTrait::ConstantLike>() || op.getNumOperands() == 0 ||
        !isPure(&op) || isa<CastLayoutOp>(op) ||
        !llvm::all_of(op.getOperands(), isKnown) || growsTooMuch(&op) ||
        writesOutput(&op))
      continue;
    ops.push_back(&op);
    members.insert(&op);
  }
  for (Operation *op : ops)
    for (Value result : op->getResults())
      if (llvm::any_of(result.getUsers(), [&](Operation *user) {
            return !members.contains(user);
          }))
        results.push_back(result);
}

/// A graph without inputs that computes `results`.
OwningOpRef<ModuleOp> FoldConstantsPass::buildModule() {
  Location loc = getOperation().getLoc();
  OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
  OpBuilder builder = OpBuilder::atBlockEnd(module->getBody());
  auto function = func::FuncOp::create(
      builder, loc, "folded",
      builder.getFunctionType({}, TypeRange(ValueRange(results))));
  builder.setInsertionPointToStart(function.addEntryBlock());
  IRMapping mapping;
  for (Operation *op : ops) {
    for (Value operand : op->getOperands())
      if (!mapping.contains(operand))
        builder.clone(*operand.getDefiningOp(), mapping);
    builder.clone(*op, mapping);
  }
  SmallVector<Value> returned = llvm::map_to_vector(
      results, [&](Value value) { return mapping.lookup(value); });
  func::ReturnOp::create(builder, loc, returned);
  return module;
}

/// The attribute of a computed tensor; large ones take over the bytes.
static ElementsAttr makeElements(RankedTensorType type, AsmResourceBlob blob) {
  ArrayRef<char> data = blob.getData();
  if (data.size() > kInlineBytes)
    return DenseResourceElementsAttr::get(type, "folded", std::move(blob));
  return fromStorage(type, data);
}

LogicalResult
FoldConstantsPass::evaluate(SmallVectorImpl<ElementsAttr> &values) {
  OwningOpRef<ModuleOp> module = buildModule();
  llvm::Expected<TargetSpec> target = resolveTarget("", "", "");
  if (!target)
    return getOperation().emitError(toString(target.takeError()));
  TargetDescription machine = describeTarget(*target);
  PipelineOptions options;
  options.foldConstants = false;
  options.vectorBits = machine.vectorBits;
  options.registers = machine.vectorRegisters;
  if (failed(cameo::runPipeline(*module, options, Level::Loops)))
    return failure();
  auto model = JitModel::create(*module, *target, /*optLevel=*/1);
  if (failed(model))
    return failure();
  SmallVector<AsmResourceBlob> blobs;
  SmallVector<cameo_tensor> outputs;
  for (Value result : results) {
    // The runtime wants an address also for no bytes.
    int64_t bytes = std::max<int64_t>(storedBytes(result.getType()), 1);
    blobs.push_back(
        HeapAsmResourceBlob::allocate(bytes, plan::kBufferAlignment));
    outputs.push_back({blobs.back().getMutableData().data(), nullptr});
  }
  const cameo_model *compiled = (*model)->get();
  std::unique_ptr<cameo_context, decltype(&cameo_context_destroy)> context(
      cameo_context_create(compiled), cameo_context_destroy);
  if (!context)
    return getOperation().emitError("out of memory while folding constants");
  if (compiled->run(context.get(), nullptr, outputs.data()) != CAMEO_OK)
    return getOperation().emitError("folding constants failed: ")
           << context->message;
  for (auto [result, blob] : llvm::zip_equal(results, blobs)) {
    auto type = cast<RankedTensorType>(result.getType());
    // Attributes have no tails: the stored tensor stands for the result.
    BlockedAttr layout = getLayout(type);
    if (layout && layout.hasTails(type.getShape()))
      type = RankedTensorType::get(layout.getStoredShape(type.getShape()),
                                   type.getElementType());
    values.push_back(makeElements(type, std::move(blob)));
  }
  return success();
}

void FoldConstantsPass::runOnOperation() {
  findConstantOps();
  if (results.empty())
    return;
  SmallVector<ElementsAttr> values;
  if (failed(evaluate(values)))
    return signalPassFailure();
  for (auto [result, value] : llvm::zip_equal(results, values)) {
    OpBuilder builder(result.getDefiningOp());
    Value constant = ConstantOp::create(builder, result.getLoc(), value);
    if (constant.getType() != result.getType())
      constant = CastLayoutOp::create(builder, result.getLoc(),
                                      result.getType(), constant);
    result.replaceAllUsesWith(constant);
    foldedBytes += storedBytes(value.getType());
  }
  for (Operation *op : llvm::reverse(ops))
    op->erase();
  numFolded += ops.size();
}
