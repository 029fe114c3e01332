//===- FuseKernels.cpp - Group operations into kernel regions -------------===//
//
// Backward greedy grouping: an operation joins the kernel of its users when all
// of them are in one kernel. Kernels formed like this are convex and have one
// result-producing operation.
//
//===----------------------------------------------------------------------===//

#include "dialects/cameo/Shapes.h"
#include "passes/Passes.h"
#include "passes/schedule/Problem.h"

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

/// When a value is needed: always, or when `condition` is `value`.
struct Guard {
  Value condition;
  bool value = false;
  bool operator==(const Guard &other) const = default;
};

/// A kernel that is being formed; `ops` in reverse program order.
struct Group {
  SmallVector<Operation *> ops;
  SmallVector<Operation *, 4> roots; // Those that are not elementwise.
  /// Attention: the product whose rows the softmax of this kernel needs.
  Operation *scores = nullptr, *softmax = nullptr;
  /// The minimal filtering whose tiles a pool of this kernel reduces.
  Operation *tiles = nullptr;
  Guard guard;
  bool meetsInRows = false;
  Operation *last() const { return ops.front(); }
  StringRef rule() const {
    if (scores)
      return "attention";
    if (tiles)
      return "epilogue";
    if (meetsInRows)
      return "rows";
    return roots.empty() ? "elementwise" : ops.size() > 1 ? "epilogue" : "root";
  }
};

struct FuseKernelsPass : cameo::impl::FuseKernelsBase<FuseKernelsPass> {
  using FuseKernelsBase::FuseKernelsBase;
  void runOnOperation() override;

private:
  Group *findGroupToJoin(Operation *op);
  StringRef refusal(Operation *op, const Group &group);
  Guard findGuard(Operation *op);
  void add(Operation *op, Group &group);
  void recordRefusal(Operation *op, StringRef reason);
  void materialize(const Group &group);

  std::deque<Group> groups; // Stable addresses.
  DenseMap<Operation *, Group *> groupOf;
  DenseMap<Operation *, Guard> guards;
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

/// Whether an operand becomes a literal in the kernel of its user. Parameters
/// of fast products stay, so that kernels that differ in nothing else are one.
static bool becomesLiteral(OpOperand &operand) {
  return isSplatConstant(operand.get()) &&
         !isa<FastConvOp, FastMatMulOp, WinogradConvOp>(operand.getOwner());
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
    if (func.getResultAttr(operand.getOperandNumber(), plan::kExtentAttr)) {
      // The host reads extents where they are, in the arena.
      auto arg = dyn_cast<BlockArgument>(source);
      if (arg ? bool(func.getArgAttr(arg.getArgNumber(), plan::kExtentAttr))
              : computed && !seen.contains(source))
        continue;
    } else if (computed && seen.insert(source).second) {
      continue;
    }
    operand.set(IdentityOp::create(builder, operand.get().getLoc(),
                                   operand.get().getType(), operand.get()));
  }
}

//===----------------------------------------------------------------------===//
// Conditions
//===----------------------------------------------------------------------===//

/// When `op` is needed, from the users of its results, which are known. Of
/// conditions inside each other only the outermost counts: others are
/// themselves not always computed.
Guard FuseKernelsPass::findGuard(Operation *op) {
  std::optional<Guard> guard;
  for (OpOperand &use : op->getUses()) {
    Guard needed = guards.lookup(use.getOwner());
    auto choose = dyn_cast<ChooseOp>(use.getOwner());
    if (choose && !needed.condition && use.getOperandNumber() > 0)
      needed = {choose.getCondition(), use.getOperandNumber() == 1};
    if (guard && *guard != needed)
      return {};
    guard = needed;
  }
  if (!guard || !guard->condition)
    return {};
  Operation *producer = guard->condition.getDefiningOp();
  return !producer || producer->isBeforeInBlock(op) ? *guard : Guard();
}

//===----------------------------------------------------------------------===//
// Rules
//===----------------------------------------------------------------------===//

/// A product of two matrices that are computed at run time: neither is packed.
static bool isProductOfActivations(Operation *op) {
  auto product = dyn_cast_or_null<MatMulOp>(op);
  auto isConstant = [](Value value) {
    while (Operation *view = value.getDefiningOp<ViewOpInterface>())
      value = view->getOperand(0);
    Operation *producer = value.getDefiningOp();
    return producer && producer->hasTrait<OpTrait::ConstantLike>();
  };
  return product && !isConstant(product.getA()) && !isConstant(product.getB());
}

/// A transposition that leaves the last dimension in place: rows stay whole.
static bool permutesRows(Operation *op) {
  auto transpose = dyn_cast_or_null<TransposeOp>(op);
  return transpose && !transpose.getPermutation().empty() &&
         transpose.getPermutation().back() ==
             static_cast<int64_t>(transpose.getPermutation().size()) - 1;
}

/// A part of a tensor without gaps between elements of a row, which is read
/// where it is.
static bool takesPart(Operation *op) {
  auto slice = dyn_cast_or_null<SliceOp>(op);
  return slice && !slice.getSteps().empty() &&
         llvm::all_of(slice.getSteps(), [](int64_t step) { return step == 1; });
}

/// Whether `op` is read by products of activations alone.
static bool feedsProducts(Operation *op) {
  return llvm::all_of(op->getUsers(), isProductOfActivations);
}

/// The root that `value` is computed from by elementwise operations of its
/// shape, all with one user.
static Operation *findRoot(Value value) {
  Operation *op = value.getDefiningOp();
  if (!op || !value.hasOneUse() || isHostOp(op))
    return nullptr;
  if (!isElementwise(op))
    return op;
  for (Value operand : op->getOperands())
    if (shapeOf(operand) == shapeOf(value))
      if (Operation *root = findRoot(operand))
        return root;
  return nullptr;
}

/// The softmax that `op` is computed from for `user` alone, by elementwise
/// operations of its shape: exporters replace rows that are masked as a whole.
static SoftmaxOp findSoftmax(Operation *op, Operation *user) {
  SoftmaxOp softmax;
  llvm::SetVector<Operation *> chain;
  chain.insert(op);
  for (size_t i = 0; i < chain.size(); ++i) {
    Operation *member = chain[i];
    if (auto found = dyn_cast<SoftmaxOp>(member); found && !softmax) {
      softmax = found;
      continue;
    }
    if (!isElementwise(member))
      return nullptr;
    for (Value operand : member->getOperands())
      if (Operation *producer = operand.getDefiningOp();
          producer && !isHostOp(producer) &&
          shapeOf(operand) == shapeOf(op->getResult(0)))
        chain.insert(producer);
  }
  bool isAlone = llvm::all_of(chain, [&](Operation *member) {
    return llvm::all_of(member->getUsers(), [&](Operation *other) {
      return other == user || chain.contains(other);
    });
  });
  return isAlone ? softmax : nullptr;
}

/// The product of attention whose scaled and masked rows the softmax before
/// `op` normalises for `user`; null when it is not that.
static Operation *findScores(Operation *op, Operation *user) {
  if (!isProductOfActivations(user) ||
      user->getOperand(0).getDefiningOp() != op)
    return nullptr;
  SoftmaxOp softmax = findSoftmax(op, user);
  if (!softmax || softmax.getRowDim() != softmax.getType().getRank() - 1)
    return nullptr;
  Operation *scores = findRoot(softmax.getX());
  return isProductOfActivations(scores) ? scores : nullptr;
}

/// The minimal filtering that `pool` reduces two by two, perhaps after
/// elementwise operations: squares of four are in one tile, which is at hand.
/// Null when it is not that.
static Operation *findTiles(Operation *pool) {
  auto op = dyn_cast<MaxPoolOp>(pool);
  auto all = [](ArrayRef<int64_t> values, int64_t wanted) {
    return llvm::all_of(values, [&](int64_t value) { return value == wanted; });
  };
  if (!op || !all(op.getKernel(), 2) || !all(op.getStrides(), 2) ||
      !all(op.getPads(), 0) || !all(op.getDilations(), 1))
    return nullptr;
  auto conv = dyn_cast_or_null<WinogradConvOp>(findRoot(op.getX()));
  ArrayRef<int64_t> x = shapeOf(op.getX()), y = shapeOf(op.getResult());
  bool isWhole = llvm::all_of(llvm::zip(x.drop_front(2), y.drop_front(2)),
                              [](auto extents) {
                                auto [in, out] = extents;
                                return 2 * out <= in;
                              });
  return conv && isWhole && conv.getTile() % 2 == 0 ? conv : nullptr;
}

/// Whether `op` may feed `user`, a root of `group`.
static bool mayFeedRoot(Operation *op, Operation *user, const Group &group) {
  bool feedsOthers = llvm::any_of(user->getOpOperands(), [&](OpOperand &use) {
    return use.get().getDefiningOp() == op && use.getOperandNumber() != 0;
  });
  if (findTiles(user))
    return true;
  // Queries, keys and values that are computed together: nothing is copied.
  if (takesPart(op))
    return isProductOfActivations(user) || isa<RotaryEmbeddingOp>(user) ||
           (isa<TransposeOp>(user) && feedsProducts(user));
  if (permutesRows(op))
    return isProductOfActivations(user);
  if (permutesRows(user))
    return group.ops.size() == 1 &&
           (isProductOfActivations(op) || isa<RotaryEmbeddingOp>(op));
  if (feedsOthers || !isa<RowOpInterface>(user))
    return false;
  if (isa<MatMulOp>(user))
    return findScores(op, user) && !group.scores;
  if (op == group.scores)
    return true;
  // What can follow a product in registers does.
  Operation *root = isElementwise(op) ? findRoot(op->getResult(0)) : nullptr;
  return isElementwise(op) &&
         (!root || root == group.scores ||
          isa<RowOpInterface>(root) != isa<MatMulOp>(root));
}

/// Why `op` may not join `group`, all of whose uses of it are inside and may
/// stay so; empty when it may.
StringRef FuseKernelsPass::refusal(Operation *op, const Group &group) {
  if (level < 1)
    return "fusion is off";
  if (static_cast<int64_t>(group.ops.size()) >= maxOps)
    return "the kernel has the most operations allowed";
  if (op->getNumResults() != 1)
    return "it has several results";
  if (guards.lookup(op) != group.guard)
    return "it is needed under another condition";
  bool feedsRoot = false;
  for (Operation *user : op->getUsers()) {
    if (!isElementwise(user))
      feedsRoot = true;
    else if (shapeOf(op->getResult(0)) != shapeOf(user->getResult(0)))
      return "its users have another shape";
  }
  if (level < 2 && (feedsRoot || !isElementwise(op)))
    return "fusion with roots is off";
  if (isElementwise(op) || feedsRoot || op == group.scores ||
      op == group.softmax || op == group.tiles)
    return "";
  // Gates: parts of one tensor meet.
  bool meetsParts = takesPart(op) && llvm::all_of(group.roots, takesPart);
  if (!group.roots.empty() && !meetsParts)
    return "the kernel has a root already";
  return "";
}

void FuseKernelsPass::add(Operation *op, Group &group) {
  for (Operation *user : op->getUsers()) {
    if (groupOf.lookup(user) != &group || isElementwise(user))
      continue;
    if (Operation *scores = findScores(op, user)) {
      group.scores = scores;
      group.softmax = findSoftmax(op, user);
    }
    if (Operation *tiles = findTiles(user))
      group.tiles = tiles;
    group.meetsInRows |= isElementwise(op);
  }
  group.ops.push_back(op);
  groupOf[op] = &group;
  if (!isElementwise(op))
    group.roots.push_back(op);
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
    else if (!isElementwise(user) && !mayFeedRoot(op, user, *of))
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
    for (OpOperand &operand : op->getOpOperands())
      if (!members.contains(operand.get().getDefiningOp()) &&
          !becomesLiteral(operand))
        inputs.insert(operand.get());
  // The condition comes last, even if it is an input for other reasons.
  SmallVector<Value> operands = inputs.takeVector();
  BoolAttr guard;
  if (group.guard.condition) {
    operands.push_back(group.guard.condition);
    guard = builder.getBoolAttr(group.guard.value);
  }

  SmallVector<Location> locs;
  for (Operation *op : llvm::reverse(group.ops))
    locs.push_back(op->getLoc());
  auto kernel = KernelOp::create(builder, builder.getFusedLoc(locs),
                                 last->getResultTypes(), operands, group.rule(),
                                 ScheduleAttr(), guard);
  SmallVector<Location> argLocs(operands.size(), builder.getUnknownLoc());
  Block *body = builder.createBlock(&kernel.getBody(), {},
                                    kernel.getInputs().getTypes(), argLocs);
  IRMapping mapping;
  for (auto [operand, arg] : llvm::zip(operands, body->getArguments()))
    if (!mapping.contains(operand))
      mapping.map(operand, arg);
  for (Operation *op : llvm::reverse(group.ops)) {
    for (Value operand : op->getOperands())
      if (!mapping.contains(operand))
        mapping.map(operand,
                    builder.clone(*operand.getDefiningOp())->getResult(0));
    Operation *inner = builder.clone(*op, mapping);
    if (auto schedule = inner->getAttrOfType<ScheduleAttr>(kScheduleAttr)) {
      kernel.setScheduleAttr(schedule);
      inner->removeAttr(kScheduleAttr);
    }
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
  guards.clear();
  refusals.clear();
  func::FuncOp func = getOperation();
  copyPassedThroughResults(func);
  for (Operation &op : llvm::reverse(func.getBody().front())) {
    guards[&op] = findGuard(&op);
    if (isHostOp(&op))
      continue;
    Group *group = findGroupToJoin(&op);
    if (group) {
      ++numFused;
    } else {
      group = &groups.emplace_back();
      group->guard = guards.lookup(&op);
      ++numKernels;
    }
    add(&op, *group);
  }
  for (const Group &group : groups)
    materialize(group);
  func->setAttr(kRefusalsAttr, ArrayAttr::get(&getContext(), refusals));
}
