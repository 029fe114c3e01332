//===- PairKernels.cpp - Kernels of one task beside each other ------------===//
//
// What cannot be split, such as a recurrence over time, keeps one thread busy.
// Two launches that do not depend on each other and take about as long, such as
// the directions of a recurrent layer, become one launch of two tasks.
//
//===----------------------------------------------------------------------===//

#include "codegen/lower/Passes.h"

#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;

namespace cameo {
#define GEN_PASS_DEF_PAIRKERNELS
#include "codegen/lower/Passes.h.inc"
} // namespace cameo

using namespace cameo;

namespace {
struct PairKernelsPass : cameo::impl::PairKernelsBase<PairKernelsPass> {
  using PairKernelsBase::PairKernelsBase;
  void runOnOperation() override;

private:
  func::FuncOp kernelOf(plan::LaunchOp launch) {
    return getOperation().lookupSymbol<func::FuncOp>(launch.getKernel());
  }
  int64_t flopsOf(plan::LaunchOp launch);
  bool mayBePaired(plan::LaunchOp launch);
  bool arePair(plan::LaunchOp first, plan::LaunchOp second);
  void pair(plan::LaunchOp first, plan::LaunchOp second);
  func::FuncOp getOrMakeKernel(plan::LaunchOp first, plan::LaunchOp second);

  DenseMap<std::pair<Operation *, Operation *>, func::FuncOp> made;
};

/// The arguments of a kernel, by role.
struct Arguments {
  ArrayRef<BlockArgument> inputs, results, scratch;
  Arguments(func::FuncOp kernel, plan::LaunchOp launch) {
    ArrayRef<BlockArgument> all = kernel.getArguments();
    inputs = all.take_front(launch.getArgs().size());
    results = all.slice(inputs.size(), launch.getNumResults());
    scratch = all.drop_front(inputs.size() + results.size());
  }
};
} // namespace

int64_t PairKernelsPass::flopsOf(plan::LaunchOp launch) {
  auto info = kernelOf(launch)->getAttrOfType<DictionaryAttr>("plan.kernel");
  auto flops = info.getAs<IntegerAttr>("flops");
  return flops ? flops.getInt() : 0;
}

/// Whether a launch is of one task and its kernel has inputs, results and
/// scratch buffers alone.
bool PairKernelsPass::mayBePaired(plan::LaunchOp launch) {
  func::FuncOp kernel = kernelOf(launch);
  if (!kernel || !isKernel(kernel) || flopsOf(launch) < leastFlops)
    return false;
  if (!launch->getDiscardableAttrs().empty() || launch.getTasks() != 1)
    return false;
  for (BlockArgument arg : kernel.getArguments()) {
    auto attrs = kernel.getArgAttrDict(arg.getArgNumber());
    if (attrs && llvm::any_of(attrs, [](NamedAttribute attr) {
          return attr.getName() != "plan.scratch";
        }))
      return false;
  }
  WalkResult result =
      kernel.walk([](scf::ForallOp) { return WalkResult::interrupt(); });
  return !result.wasInterrupted();
}

/// What between two launches depends on the first one.
static llvm::SetVector<Operation *> dependents(plan::LaunchOp first,
                                               plan::LaunchOp second) {
  llvm::SetVector<Operation *> slice;
  ForwardSliceOptions options;
  options.filter = [&](Operation *op) {
    return op->getBlock() == first->getBlock() &&
           (op == second || op->isBeforeInBlock(second));
  };
  getForwardSlice(first.getOperation(), &slice, options);
  return slice;
}

bool PairKernelsPass::arePair(plan::LaunchOp first, plan::LaunchOp second) {
  int64_t a = flopsOf(first), b = flopsOf(second);
  if (std::max(a, b) > 2 * std::min(a, b))
    return false;
  // Views of the first one's results are moved behind the second one.
  return llvm::all_of(dependents(first, second), [&](Operation *op) {
    return op != second && !isa<plan::LaunchOp>(op) &&
           op->getNumRegions() == 0 && isMemoryEffectFree(op);
  });
}

/// One dictionary for both kernels.
static DictionaryAttr describe(func::FuncOp first, func::FuncOp second) {
  auto a = first->getAttrOfType<DictionaryAttr>("plan.kernel"),
       b = second->getAttrOfType<DictionaryAttr>("plan.kernel");
  Builder builder(first.getContext());
  NamedAttrList entries(a);
  for (StringRef name : {"nodes", "ops"})
    if (auto list = a.getAs<ArrayAttr>(name)) {
      SmallVector<Attribute> all(list.getValue());
      llvm::append_range(all, b.getAs<ArrayAttr>(name).getValue());
      entries.set(name, builder.getArrayAttr(all));
    }
  for (StringRef name : {"flops", "bytes"})
    if (auto number = a.getAs<IntegerAttr>(name))
      entries.set(name,
                  builder.getI64IntegerAttr(
                      number.getInt() + b.getAs<IntegerAttr>(name).getInt()));
  return entries.getDictionary(first.getContext());
}

func::FuncOp PairKernelsPass::getOrMakeKernel(plan::LaunchOp first,
                                              plan::LaunchOp second) {
  func::FuncOp kernels[] = {kernelOf(first), kernelOf(second)};
  func::FuncOp &function = made[{kernels[0], kernels[1]}];
  if (function)
    return function;
  Arguments arguments[] = {{kernels[0], first}, {kernels[1], second}};
  SmallVector<std::pair<BlockArgument, size_t>> order; // Of which kernel.
  for (ArrayRef<BlockArgument> Arguments::*role :
       {&Arguments::inputs, &Arguments::results, &Arguments::scratch})
    for (size_t i : {0, 1})
      for (BlockArgument argument : arguments[i].*role)
        order.push_back({argument, i});
  auto types = llvm::map_to_vector(
      order, [](const auto &entry) { return entry.first.getType(); });
  OpBuilder builder(kernels[0]);
  Location loc = kernels[0].getLoc();
  function = func::FuncOp::create(
      builder, loc, (kernels[0].getName() + "_" + kernels[1].getName()).str(),
      builder.getFunctionType(types, {}));
  function.setPrivate();
  function->setAttr("plan.kernel", describe(kernels[0], kernels[1]));
  Block *block = function.addEntryBlock();
  IRMapping mappings[2]; // Both launches may be of the same kernel.
  for (auto [entry, arg] : llvm::zip_equal(order, block->getArguments())) {
    auto [old, i] = entry;
    mappings[i].map(old, arg);
    if (auto attrs = kernels[i].getArgAttrDict(old.getArgNumber()))
      function.setArgAttrs(arg.getArgNumber(), attrs);
  }
  builder.setInsertionPointToStart(block);
  auto forall = scf::ForallOp::create(
      builder, loc, ArrayRef<OpFoldResult>{builder.getIndexAttr(2)},
      ValueRange(), std::nullopt);
  func::ReturnOp::create(builder, loc);
  builder.setInsertionPointToStart(forall.getBody());
  Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
  Value isFirst =
      arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq,
                            forall.getInductionVars().front(), zero);
  auto branch = scf::IfOp::create(builder, loc, isFirst, /*withElse=*/true);
  Block *branches[] = {branch.thenBlock(), branch.elseBlock()};
  for (size_t i : {0, 1}) {
    builder.setInsertionPointToStart(branches[i]);
    for (Operation &op : kernels[i].getBody().front().without_terminator())
      builder.clone(op, mappings[i]);
  }
  return function;
}

void PairKernelsPass::pair(plan::LaunchOp first, plan::LaunchOp second) {
  func::FuncOp kernel = getOrMakeKernel(first, second);
  SmallVector<Operation *> moved = dependents(first, second).takeVector();
  OpBuilder builder(second);
  SmallVector<Value> inputs(first.getArgs());
  llvm::append_range(inputs, second.getArgs());
  SmallVector<Type> types(first.getResultTypes());
  llvm::append_range(types, second.getResultTypes());
  auto launch = plan::LaunchOp::create(builder, second.getLoc(), types,
                                       kernel.getName(), inputs);
  ResultRange results = launch.getResults();
  first.replaceAllUsesWith(results.take_front(first.getNumResults()));
  second.replaceAllUsesWith(results.drop_front(first.getNumResults()));
  llvm::sort(moved,
             [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
  Operation *last = launch;
  for (Operation *op : moved) {
    op->moveAfter(last);
    last = op;
  }
  first.erase();
  second.erase();
  ++numPairs;
}

void PairKernelsPass::runOnOperation() {
  if (threads < 2)
    return;
  made.clear();
  llvm::SetVector<plan::LaunchOp> open;
  getOperation().walk([&](plan::LaunchOp launch) {
    if (mayBePaired(launch))
      open.insert(launch);
  });
  llvm::SetVector<Operation *> replaced;
  while (open.size() > 1) {
    plan::LaunchOp first = open.front();
    open.remove(first);
    auto second = llvm::find_if(open, [&](plan::LaunchOp other) {
      return other->getBlock() == first->getBlock() && arePair(first, other);
    });
    if (second == open.end())
      continue;
    plan::LaunchOp other = *second;
    open.remove(other);
    replaced.insert(kernelOf(first));
    replaced.insert(kernelOf(other));
    pair(first, other);
  }
  for (Operation *kernel : replaced)
    if (SymbolTable::symbolKnownUseEmpty(kernel, getOperation()))
      kernel->erase();
}
