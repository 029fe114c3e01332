//===- FuseKernels.cpp - Group operations into kernel regions -------------===//
//
// Backward greedy grouping: an operation joins the kernel of its users when all
// of them are in one kernel. Kernels formed like this are convex and have one
// result-producing operation.
//
//===----------------------------------------------------------------------===//

#include "passes/Passes.h"

#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"

#include <deque>

using namespace mlir;

namespace cameo {
#define GEN_PASS_DEF_FUSEKERNELS
#include "passes/Passes.h.inc"
} // namespace cameo

using namespace cameo;

namespace {

/// A kernel that is being formed; `ops` in reverse program order.
struct Group {
  SmallVector<Operation *> ops;
  Operation *root = nullptr;
  bool fused() const { return ops.size() > 1; }
  Operation *last() const { return ops.front(); }
};

struct FuseKernelsPass : cameo::impl::FuseKernelsBase<FuseKernelsPass> {
  using FuseKernelsBase::FuseKernelsBase;
  void runOnOperation() override;

private:
  Group *findGroupToJoin(Operation *op);
  StringRef refusal(Operation *op, const Group &group);
  void recordRefusal(Operation *op, StringRef reason);
  void materialize(const Group &group);

  std::deque<Group> groups; // Stable addresses.
  DenseMap<Operation *, Group *> groupOf;
  SmallVector<Attribute> refusals; // Of kRefusalsAttr.
};

} // namespace

static bool isElementwise(Operation *op) {
  return isa<ElementwiseOpInterface>(op);
}

/// Operations that stay on the host: no kernel computes them.
static bool isHostOp(Operation *op) {
  return op->hasTrait<OpTrait::ConstantLike>() || isa<ViewOpInterface>(op) ||
         op->hasTrait<OpTrait::IsTerminator>();
}

/// A constant of one repeated value: becomes a literal in the kernel.
static bool isSplatConstant(Value value) {
  auto constant = value.getDefiningOp<ConstantOp>();
  auto dense =
      constant ? dyn_cast<DenseElementsAttr>(constant.getValue()) : nullptr;
  return dense && dense.isSplat();
}

/// Makes every returned value the result of a distinct computing operation.
static void copyPassedThroughResults(func::FuncOp func) {
  Operation *terminator = func.getBody().front().getTerminator();
  OpBuilder builder(terminator);
  llvm::SmallPtrSet<Value, 8> seen;
  for (OpOperand &operand : terminator->getOpOperands()) {
    Value source = operand.get();
    while (Operation *view = source.getDefiningOp<ViewOpInterface>())
      source = view->getOperand(0);
    bool computed = source.getDefiningOp() && !isHostOp(source.getDefiningOp());
    if (computed && seen.insert(source).second)
      continue;
    operand.set(IdentityOp::create(builder, operand.get().getLoc(),
                                   operand.get().getType(), operand.get()));
  }
}

/// Why `op` may not join `group`, all of whose uses of it are inside; empty
/// when it may.
StringRef FuseKernelsPass::refusal(Operation *op, const Group &group) {
  if (level < 1)
    return "fusion is off";
  if (static_cast<int64_t>(group.ops.size()) >= maxOps)
    return "the kernel has the most operations allowed";
  if (op->getNumResults() != 1)
    return "it has several results";
  if (cast<ShapedType>(op->getResult(0).getType()).getShape() !=
      cast<ShapedType>(group.last()->getResult(0).getType()).getShape())
    return "its users have another shape";
  if (isElementwise(op))
    return "";
  if (level < 2)
    return "fusion with roots is off";
  if (group.root)
    return "the kernel has a root already";
  return "";
}

/// Notes for the report why `op` starts a kernel of its own.
void FuseKernelsPass::recordRefusal(Operation *op, StringRef reason) {
  auto name = dyn_cast<NameLoc>(op->getLoc());
  refusals.push_back(
      Builder(&getContext())
          .getStrArrayAttr({name ? name.getName().getValue() : StringRef("?"),
                            op->getName().stripDialect(), reason}));
}

/// The group of all users of `op` when it may join it.
Group *FuseKernelsPass::findGroupToJoin(Operation *op) {
  Group *group = nullptr;
  StringRef reason;
  for (Operation *user : op->getUsers()) {
    Group *of = groupOf.lookup(user);
    if (user->hasTrait<OpTrait::IsTerminator>())
      return nullptr;
    if (!of)
      reason = "its user is a view";
    else if (group && group != of)
      reason = "its users are in different kernels";
    else if (user == of->root)
      reason = "its user is not elementwise";
    if (!reason.empty())
      break;
    group = of;
  }
  if (reason.empty() && group)
    reason = refusal(op, *group);
  if (reason.empty())
    return group;
  recordRefusal(op, reason);
  return nullptr;
}

/// Moves a group's operations into a kernel at the place of its last operation.
void FuseKernelsPass::materialize(const Group &group) {
  Operation *last = group.last();
  OpBuilder builder(last);
  llvm::SmallPtrSet<Operation *, 8> members(group.ops.begin(), group.ops.end());
  llvm::SetVector<Value> inputs;
  for (Operation *op : llvm::reverse(group.ops))
    for (Value operand : op->getOperands())
      if (!members.contains(operand.getDefiningOp()) &&
          !isSplatConstant(operand))
        inputs.insert(operand);

  StringRef rule = !group.root     ? "elementwise"
                   : group.fused() ? "epilogue"
                                   : "root";
  SmallVector<Location> locs;
  for (Operation *op : llvm::reverse(group.ops))
    locs.push_back(op->getLoc());
  auto kernel = KernelOp::create(builder, builder.getFusedLoc(locs),
                                 last->getResultTypes(), inputs.getArrayRef(),
                                 rule, ScheduleAttr());
  SmallVector<Location> argLocs(inputs.size(), builder.getUnknownLoc());
  Block *body = builder.createBlock(&kernel.getBody(), {},
                                    kernel.getInputs().getTypes(), argLocs);
  IRMapping mapping;
  mapping.map(inputs.getArrayRef(), body->getArguments());
  for (Operation *op : llvm::reverse(group.ops)) {
    for (Value operand : op->getOperands())
      if (!mapping.contains(operand))
        mapping.map(operand,
                    builder.clone(*operand.getDefiningOp())->getResult(0));
    builder.clone(*op, mapping);
  }
  SmallVector<Value> results;
  for (Value result : last->getResults())
    results.push_back(mapping.lookup(result));
  YieldOp::create(builder, last->getLoc(), results);
  last->replaceAllUsesWith(kernel);
  for (Operation *op : group.ops)
    op->erase();
}

void FuseKernelsPass::runOnOperation() {
  groups.clear();
  groupOf.clear();
  refusals.clear();
  func::FuncOp func = getOperation();
  copyPassedThroughResults(func);
  for (Operation &op : llvm::reverse(func.getBody().front())) {
    if (isHostOp(&op))
      continue;
    Group *group = findGroupToJoin(&op);
    if (group) {
      ++numFused;
    } else {
      group = &groups.emplace_back();
      ++numKernels;
    }
    group->ops.push_back(&op);
    groupOf[&op] = group;
    if (!isElementwise(&op))
      group->root = &op;
  }
  for (const Group &group : groups)
    materialize(group);
  func->setAttr(kRefusalsAttr, ArrayAttr::get(&getContext(), refusals));
}
