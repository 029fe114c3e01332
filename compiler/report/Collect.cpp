//===- Collect.cpp - Read a report off the IR -----------------------------===//

#include "compiler/report/Report.h"

#include "dialects/cameo/Cameo.h"
#include "dialects/plan/Plan.h"
#include "passes/Passes.h"

#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace cameo;

uint64_t Report::totalFlops() const {
  uint64_t sum = 0;
  for (const KernelRow &row : kernels)
    sum += row.flops;
  return sum;
}

uint64_t Report::totalBytes() const {
  uint64_t sum = 0;
  for (const KernelRow &row : kernels)
    sum += row.bytes;
  return sum;
}

static std::string joined(ArrayAttr names) {
  return names ? llvm::join(names.getAsValueRange<StringAttr>(), " ") : "";
}

static uint64_t number(DictionaryAttr info, StringRef name) {
  auto value = info.getAs<IntegerAttr>(name);
  return value ? value.getInt() : 0;
}

/// Bytes of values that never leave the kernel: written and read again by
/// kernels of one operation each.
static uint64_t savedBytes(func::FuncOp kernel) {
  uint64_t bytes = 0;
  for (Operation &op : kernel.getBody().front().without_terminator())
    for (OpResult result : op.getResults()) {
      bool leaves = llvm::any_of(result.getUsers(), [](Operation *user) {
        return user->hasTrait<OpTrait::IsTerminator>();
      });
      auto type = dyn_cast<RankedTensorType>(result.getType());
      if (leaves || !type || op.hasTrait<OpTrait::ConstantLike>())
        continue;
      uint64_t uses = std::distance(result.use_begin(), result.use_end());
      bytes += (1 + uses) * type.getNumElements() *
               llvm::divideCeil(type.getElementTypeBitWidth(), 8u);
    }
  return bytes;
}

void cameo::collectKernels(ModuleOp module, Report &report) {
  SymbolTable symbols(module);
  module.walk([&](plan::LaunchOp launch) {
    auto kernel = symbols.lookup<func::FuncOp>(launch.getKernel());
    auto info = kernel ? kernel->getAttrOfType<DictionaryAttr>("plan.kernel")
                       : DictionaryAttr();
    if (!info)
      return;
    KernelRow row;
    row.name = launch.getKernel().str();
    row.rule = info.getAs<StringAttr>("rule").str();
    // Equal kernels share a function; the nodes are the launch's own.
    SmallVector<StringRef> nodes;
    launch.getLoc()->walk([&](Location inner) {
      if (auto name = dyn_cast<NameLoc>(inner))
        if (!llvm::is_contained(nodes, name.getName().getValue()))
          nodes.push_back(name.getName().getValue());
      return WalkResult::advance();
    });
    row.nodes = llvm::join(nodes, " ");
    row.ops = joined(info.getAs<ArrayAttr>("ops"));
    row.flops = number(info, "flops");
    row.bytes = number(info, "bytes");
    row.savedBytes = savedBytes(kernel);
    report.kernels.push_back(std::move(row));
  });
  for (auto function : module.getOps<func::FuncOp>()) {
    auto refusals = function->getAttrOfType<ArrayAttr>(kRefusalsAttr);
    if (!refusals)
      continue;
    report.model = function.getName().str();
    for (auto entry : refusals.getAsRange<ArrayAttr>()) {
      auto text = [&](unsigned i) {
        return cast<StringAttr>(entry[i]).getValue().str();
      };
      report.refusals.push_back({text(0), text(1), text(2)});
    }
  }
}

void cameo::collectMemory(ModuleOp module, Report &report) {
  for (auto model : module.getOps<plan::ModelOp>()) {
    report.arenaBytes = model.getArenaBytes();
    report.weightBytes = model.getWeightBytes();
    if (auto live = model->getAttrOfType<IntegerAttr>("plan.live_bytes"))
      report.liveBytes = live.getInt();
  }
}
