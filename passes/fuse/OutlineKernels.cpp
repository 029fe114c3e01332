//===- OutlineKernels.cpp - Kernel regions to functions -------------------===//
//
// Equal regions share one function: two regions are equal when they print alike
// without locations.
//
//===----------------------------------------------------------------------===//

#include "dialects/cameo/ElementTypes.h"
#include "dialects/plan/Extents.h"
#include "passes/Passes.h"
#include "passes/schedule/Problem.h"

#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;

namespace cameo {
#define GEN_PASS_DEF_OUTLINEKERNELS
#include "passes/Passes.h.inc"
} // namespace cameo

using namespace cameo;

namespace {
struct OutlineKernelsPass
    : cameo::impl::OutlineKernelsBase<OutlineKernelsPass> {
  void runOnOperation() override;

private:
  FailureOr<func::FuncOp> getOrCreateFunction(KernelOp kernel);
  FailureOr<ScheduleAttr> scheduleOf(KernelOp kernel);
  bool isOfAlgorithm(NamedAttribute entry) const;
  LogicalResult checkOverrides();

  llvm::StringMap<func::FuncOp> functions;
  llvm::StringMap<int64_t> problems; // How many kernels have each.
  llvm::StringSet<> usedOverrides;
  llvm::StringSet<> mains; // Problems of main operators.
  DictionaryAttr overrides;
};
} // namespace

/// The names of the ONNX nodes that `loc` names, in order.
static void collectNodes(Location loc, SmallVectorImpl<StringRef> &names) {
  if (auto fused = dyn_cast<FusedLoc>(loc)) {
    for (Location part : fused.getLocations())
      collectNodes(part, names);
    return;
  }
  if (auto name = dyn_cast<NameLoc>(loc))
    if (!llvm::is_contained(names, name.getName().getValue()))
      names.push_back(name.getName().getValue());
}

/// Operations of one evaluation of the region.
static int64_t regionFlops(KernelOp kernel) {
  int64_t flops = 0;
  for (Operation &op : kernel.getBody().front()) {
    if (auto cost = dyn_cast<CostOpInterface>(op))
      flops += cost.getFlops();
    else if (auto elementwise = dyn_cast<ElementwiseOpInterface>(op))
      flops += elementwise.getFlopsPerElement() *
               cast<ShapedType>(op.getResult(0).getType()).getNumElements();
  }
  return flops;
}

/// The operators of the region without the dialect prefix, in order. Relayouts
/// count where there is nothing else.
static SmallVector<StringRef> regionOps(KernelOp kernel) {
  SmallVector<StringRef> ops;
  for (Operation &op : kernel.getBody().front().without_terminator())
    if (!op.hasTrait<OpTrait::ConstantLike>() && !isa<RelayoutOp>(op))
      ops.push_back(op.getName().stripDialect());
  if (ops.empty())
    ops.push_back("relayout");
  return ops;
}

/// The plan.kernel attribute of a region.
static DictionaryAttr describe(KernelOp kernel, ScheduleAttr schedule) {
  Builder builder(kernel.getContext());
  SmallVector<StringRef> nodes;
  collectNodes(kernel.getLoc(), nodes);
  int64_t bytes = 0;
  for (Type type : kernel->getOperandTypes())
    bytes += storedBytes(type);
  for (Type type : kernel.getResultTypes())
    bytes += storedBytes(type);
  SmallVector<NamedAttribute> entries = {
      builder.getNamedAttr("nodes", builder.getStrArrayAttr(nodes)),
      builder.getNamedAttr("ops", builder.getStrArrayAttr(regionOps(kernel))),
      builder.getNamedAttr("rule", kernel.getRuleAttr()),
      builder.getNamedAttr("flops",
                           builder.getI64IntegerAttr(regionFlops(kernel))),
      builder.getNamedAttr("bytes", builder.getI64IntegerAttr(bytes)),
      builder.getNamedAttr("schedule", schedule)};
  return builder.getDictionaryAttr(entries);
}

/// An extent that a region computes, as an expression of its inputs; null where
/// it computes something else.
static AffineExpr extentExpr(Value value) {
  MLIRContext *context = value.getContext();
  if (auto arg = dyn_cast<BlockArgument>(value))
    return getAffineSymbolExpr(arg.getArgNumber(), context);
  APInt number;
  if (matchPattern(value, m_ConstantInt(&number)))
    return getAffineConstantExpr(number.getSExtValue(), context);
  Operation *op = value.getDefiningOp();
  // Runs in which a check fails have no results.
  if (auto check = dyn_cast<CheckExtentOp>(op))
    return extentExpr(check.getExtent());
  auto extent = dyn_cast<ExtentOp>(op);
  if (!extent)
    return nullptr;
  SmallVector<AffineExpr> symbols;
  for (Value operand : extent.getSymbols()) {
    symbols.push_back(extentExpr(operand));
    if (!symbols.back())
      return nullptr;
  }
  return extent.getMap().getResult(0).replaceSymbols(symbols);
}

/// Tells what the launch computes when that is an extent.
static void describeExtent(KernelOp kernel, plan::LaunchOp launch) {
  Operation *yield = kernel.getBody().front().getTerminator();
  bool isScalar = llvm::all_of(kernel->getOperandTypes(), [](Type type) {
    return cast<RankedTensorType>(type).getRank() == 0;
  });
  AffineExpr expr = isScalar && yield->getNumOperands() == 1
                        ? extentExpr(yield->getOperand(0))
                        : AffineExpr();
  if (expr)
    launch->setAttr(
        plan::kExtentMapAttr,
        AffineMapAttr::get(AffineMap::get(0, kernel->getNumOperands(), expr)));
}

/// The caches that the region appends to, and the results that are in their
/// buffers: nothing else of the region reads them.
static SmallVector<std::pair<unsigned, unsigned>> findUpdates(KernelOp kernel) {
  SmallVector<std::pair<unsigned, unsigned>> updates;
  auto graph = kernel->getParentOfType<func::FuncOp>();
  Operation *terminator = graph.getBody().front().getTerminator();
  Operation *yield = kernel.getBody().front().getTerminator();
  for (auto [i, operand] : llvm::enumerate(yield->getOperands())) {
    auto append = operand.getDefiningOp<AppendOp>();
    auto arg = append ? dyn_cast<BlockArgument>(append.getPast()) : nullptr;
    if (!arg || !arg.hasOneUse())
      continue;
    auto cache =
        dyn_cast<BlockArgument>(kernel.getInputs()[arg.getArgNumber()]);
    std::optional<unsigned> output =
        cache ? plan::findCacheOutput(graph, cache.getArgNumber())
              : std::nullopt;
    if (output && terminator->getOperand(*output) == kernel.getResult(i))
      updates.push_back({arg.getArgNumber(), i});
  }
  return updates;
}

/// What two equal regions have in common.
static std::string structuralKey(KernelOp kernel) {
  std::string key;
  llvm::raw_string_ostream stream(key);
  stream << kernel.getScheduleAttr() << kernel.getGuardAttr()
         << kernel.getInputs().getTypes();
  for (auto [input, result] : findUpdates(kernel))
    stream << " " << input << "=" << result;
  stream << "\n";
  kernel.getBody().front().print(stream);
  return key;
}

/// What is known so far, under a problem that no other kernel has, and what
/// overrides add.
FailureOr<ScheduleAttr> OutlineKernelsPass::scheduleOf(KernelOp kernel) {
  ScheduleAttr known = kernel.getScheduleAttr();
  StringRef algorithm = known ? known.getAlgorithm() : "direct";
  KernelProblem parts =
      kernelProblem(kernel, known ? known.getProblem() : StringRef());
  std::string problem = parts.main + parts.others;
  mains.insert(parts.main);
  if (int64_t count = ++problems[problem]; count > 1)
    problem += "#" + std::to_string(count);
  // An entry for this kernel, or else for all with its main operator.
  StringRef key = problem;
  if (overrides && !overrides.get(key))
    key = parts.main;
  Attribute entry = overrides ? overrides.get(key) : Attribute();
  auto forced = dyn_cast_if_present<ScheduleAttr>(entry);
  if (forced) {
    usedOverrides.insert(key);
    if (!forced.getAlgorithm().empty() && forced.getAlgorithm() != algorithm)
      return kernel.emitError("schedule: '")
             << key << "' cannot be computed by '" << forced.getAlgorithm()
             << "', only by '" << algorithm << "'";
  }
  return ScheduleAttr::get(&getContext(), problem, algorithm,
                           forced ? forced.getGroup() : 0,
                           forced ? forced.getNests() : ArrayRef<NestAttr>(),
                           known ? known.getCycles() : 0,
                           known ? known.getBeaten() : DictionaryAttr());
}

/// Whether an override is of an algorithm alone, which a main operator has; its
/// kernels may then take in other operators than those that the key names.
bool OutlineKernelsPass::isOfAlgorithm(NamedAttribute entry) const {
  auto schedule = cast<ScheduleAttr>(entry.getValue());
  return !schedule.getAlgorithm().empty() && schedule.getNests().empty() &&
         !schedule.getGroup() && llvm::any_of(mains, [&](const auto &main) {
           return belongsTo(entry.getName(), main.first());
         });
}

/// Overrides of problems that the model does not have are mistakes.
LogicalResult OutlineKernelsPass::checkOverrides() {
  if (!overrides)
    return success();
  for (NamedAttribute entry : overrides) {
    StringRef key = entry.getName();
    if (!isa<ScheduleAttr>(entry.getValue()))
      return getOperation().emitError("schedule: the value of '")
             << key << "' is not a #cameo.schedule";
    if (usedOverrides.contains(key) || isOfAlgorithm(entry))
      continue;
    StringRef closest;
    unsigned best = key.size() / 3 + 1;
    for (const auto &problem : problems)
      if (unsigned distance = key.edit_distance(problem.first());
          distance < best) {
        best = distance;
        closest = problem.first();
      }
    InFlightDiagnostic error = getOperation().emitError("schedule: ")
                               << "no kernel has the problem '" << key << "'";
    if (!closest.empty())
      error << "; did you mean '" << closest << "'?";
    return error;
  }
  return success();
}

FailureOr<func::FuncOp>
OutlineKernelsPass::getOrCreateFunction(KernelOp kernel) {
  func::FuncOp &function = functions[structuralKey(kernel)];
  if (function) {
    ++numShared;
    return function;
  }
  FailureOr<ScheduleAttr> schedule = scheduleOf(kernel);
  if (failed(schedule))
    return failure();
  SmallVector<StringRef> ops = regionOps(kernel);
  std::string name = llvm::join(ArrayRef(ops).take_front(3), "_") + "_" +
                     std::to_string(functions.size() - 1);
  while (getOperation().lookupSymbol(name))
    name += "_k"; // The model has the name of a kernel.
  OpBuilder builder = OpBuilder::atBlockEnd(getOperation().getBody());
  auto type = builder.getFunctionType(kernel->getOperandTypes(),
                                      kernel.getResultTypes());
  function = func::FuncOp::create(builder, kernel.getLoc(), name, type);
  function.setPrivate();
  function->setAttr("plan.kernel", describe(kernel, *schedule));
  if (BoolAttr guard = kernel.getGuardAttr())
    function.setArgAttr(function.getNumArguments() - 1, plan::kGuardAttr,
                        guard);
  for (auto [input, result] : findUpdates(kernel))
    function.setArgAttr(input, plan::kUpdatedAttr,
                        builder.getI64IntegerAttr(result));
  IRMapping mapping;
  kernel.getBody().cloneInto(&function.getBody(), mapping);
  Operation *yield = function.getBody().front().getTerminator();
  builder.setInsertionPoint(yield);
  func::ReturnOp::create(builder, yield->getLoc(), yield->getOperands());
  yield->erase();
  return function;
}

void OutlineKernelsPass::runOnOperation() {
  functions.clear();
  problems.clear();
  usedOverrides.clear();
  mains.clear();
  overrides = getOperation()->getAttrOfType<DictionaryAttr>(kOverridesAttr);
  SmallVector<KernelOp> kernels;
  getOperation().walk([&](KernelOp kernel) { kernels.push_back(kernel); });
  for (KernelOp kernel : kernels) {
    FailureOr<func::FuncOp> function = getOrCreateFunction(kernel);
    if (failed(function))
      return signalPassFailure();
    OpBuilder builder(kernel);
    auto launch = plan::LaunchOp::create(
        builder, kernel.getLoc(), kernel.getResultTypes(), function->getName(),
        kernel.getInputs());
    describeExtent(kernel, launch);
    kernel->replaceAllUsesWith(launch);
    kernel.erase();
  }
  if (failed(checkOverrides()))
    return signalPassFailure();
  getOperation()->removeAttr(kOverridesAttr);
}
