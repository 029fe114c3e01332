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

NestAttr KernelRow::mainNest() const {
  NestAttr main;
  for (NestAttr nest : schedule ? schedule.getNests() : ArrayRef<NestAttr>())
    if (!main || nest.getCycles() > main.getCycles())
      main = nest;
  return main;
}

double KernelRow::steps(double bytesPerStep) const {
  double sum = 0;
  for (NestAttr nest : schedule ? schedule.getNests() : ArrayRef<NestAttr>())
    sum += nest.getCycles();
  // What only moves data takes as long as its bytes.
  return sum > 0 ? sum : bytes / bytesPerStep;
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
    row.schedule = info.getAs<ScheduleAttr>("schedule");
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

DictionaryAttr cameo::collectSchedules(ModuleOp module) {
  NamedAttrList schedules;
  for (auto kernel : module.getOps<func::FuncOp>()) {
    auto info = kernel->getAttrOfType<DictionaryAttr>("plan.kernel");
    auto schedule = info ? info.getAs<ScheduleAttr>("schedule") : nullptr;
    // Phases of a kernel have the same.
    if (schedule)
      schedules.set(schedule.getProblem(), schedule);
  }
  return schedules.getDictionary(module.getContext());
}

void cameo::printSchedules(DictionaryAttr schedules, llvm::raw_ostream &os) {
  os << "{\n";
  llvm::interleave(
      schedules, os,
      [&](NamedAttribute entry) {
        auto schedule = cast<ScheduleAttr>(entry.getValue());
        os << "  \"";
        llvm::printEscapedString(entry.getName().getValue(), os);
        // The key says what the problem is.
        os << "\" = "
           << ScheduleAttr::get(schedules.getContext(), "",
                                schedule.getAlgorithm(), schedule.getGroup(),
                                schedule.getNests(), schedule.getCycles(),
                                schedule.getBeaten());
      },
      ",\n");
  os << "\n}\n";
}

void cameo::collectMemory(ModuleOp module, Report &report) {
  DictionaryAttr schedules = collectSchedules(module);
  for (KernelRow &row : report.kernels)
    if (row.schedule)
      row.schedule =
          cast<ScheduleAttr>(schedules.get(row.schedule.getProblem()));
  for (auto model : module.getOps<plan::ModelOp>()) {
    report.arenaBytes = model.getArenaBytes();
    report.weightBytes = model.getWeightBytes();
    if (auto live = model->getAttrOfType<IntegerAttr>("plan.live_bytes"))
      report.liveBytes = live.getInt();
  }
}
