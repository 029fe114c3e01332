//===- AssignLayouts.cpp - Choose the memory layout of every tensor -------===//
//
// Forwards through the kernels: each takes the layouts that its operators
// choose in view of those at hand; what is at hand in another one is converted
// once. Inside kernels tensors stay plain, with conversions at the borders.
//
//===----------------------------------------------------------------------===//

#include "dialects/cameo/ElementTypes.h"
#include "dialects/cameo/Layouts.h"
#include "passes/Passes.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/Support/MathExtras.h"

#include <map>

using namespace mlir;

namespace cameo {
#define GEN_PASS_DEF_ASSIGNLAYOUTS
#include "passes/Passes.h.inc"
} // namespace cameo

using namespace cameo;

namespace {
/// The layouts of a kernel's inputs and of its only result.
struct KernelLayouts {
  SmallVector<BlockedAttr> inputs;
  BlockedAttr result;
  /// Operations that are lowered on stored tensors, and their layout.
  SmallVector<std::pair<Operation *, BlockedAttr>> aware;
  bool isPlain() const {
    return !result && llvm::all_of(inputs, [](BlockedAttr a) { return !a; });
  }
};

struct AssignLayoutsPass : cameo::impl::AssignLayoutsBase<AssignLayoutsPass> {
  using AssignLayoutsBase::AssignLayoutsBase;
  void runOnOperation() override;

private:
  KernelLayouts choose(KernelOp kernel) const;
  void apply(KernelOp kernel, const KernelLayouts &layouts);
  void store(const KernelLayouts &layouts);
  bool joinInMemory(KernelOp kernel, const KernelLayouts &layouts);
  BlockedAttr chooseOperation(Operation *op, KernelOp kernel,
                              MutableArrayRef<BlockedAttr> operands) const;
  Value convert(Value value, BlockedAttr layout);

  llvm::DenseMap<std::pair<Value, Attribute>, Value> converted;
};
} // namespace

/// Whether what stands in tails may be anything: no operation fails on it.
static bool canHaveTails(Operation *op) {
  auto isSafe = [](Type type) {
    Type element = getElementTypeOrSelf(type);
    return isa<FloatType>(element) || element.isInteger(1);
  };
  return llvm::all_of(op->getOperandTypes(), isSafe) &&
         llvm::all_of(op->getResultTypes(), isSafe);
}

/// Operands of the result's extents share its layout; those that repeat keep
/// the one at hand where it fits. Where there are tails, channels are in
/// blocks.
static BlockedAttr chooseElementwise(ElementwiseOpInterface op,
                                     MutableArrayRef<BlockedAttr> operands) {
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  auto shapeOf = [&](unsigned i) {
    return cast<RankedTensorType>(op->getOperand(i).getType()).getShape();
  };
  BlockedAttr chosen;
  for (auto [i, layout] : llvm::enumerate(operands))
    if (!chosen && shapeOf(i) == type.getShape())
      chosen = layout;
  bool hasTails = chosen && chosen.hasTails(type.getShape());
  if (hasTails &&
      (!canHaveTails(op) || chosen.getDims() != ArrayRef<int64_t>{1})) {
    llvm::fill(operands, nullptr);
    return nullptr;
  }
  for (auto [i, layout] : llvm::enumerate(operands)) {
    ArrayRef<int64_t> shape = shapeOf(i);
    int64_t channels = static_cast<int64_t>(shape.size()) - type.getRank() + 1;
    bool hasChannels = type.getRank() > 1 && channels >= 0 &&
                       shape[channels] == type.getDimSize(1);
    if (shape == type.getShape())
      layout = chosen;
    else if (hasTails && hasChannels)
      layout =
          BlockedAttr::get(op->getContext(), {channels}, chosen.getSizes());
    else if (!hasChannels || channels != 1 || layout != chosen)
      layout = nullptr;
  }
  return chosen;
}

/// Which operands of an operation of a kernel are constant.
static SmallVector<bool> constantOperands(Operation &op, KernelOp kernel) {
  return llvm::map_to_vector(op.getOperands(), [&](Value value) {
    if (auto arg = dyn_cast<BlockArgument>(value))
      value = kernel.getInputs()[arg.getArgNumber()];
    Operation *producer = value.getDefiningOp();
    return producer && producer->hasTrait<OpTrait::ConstantLike>();
  });
}

/// The layouts of an operation's operands and result.
BlockedAttr AssignLayoutsPass::chooseOperation(
    Operation *op, KernelOp kernel,
    MutableArrayRef<BlockedAttr> operands) const {
  int64_t bits = cast<RankedTensorType>(op->getResult(0).getType())
                     .getElementTypeBitWidth();
  if (auto choosing = dyn_cast<LayoutOpInterface>(op))
    return choosing.chooseLayouts(
        operands, {vectorBits / bits, constantOperands(*op, kernel)});
  if (auto elementwise = dyn_cast<ElementwiseOpInterface>(op))
    return chooseElementwise(elementwise, operands);
  llvm::fill(operands, nullptr);
  return nullptr;
}

KernelLayouts AssignLayoutsPass::choose(KernelOp kernel) const {
  Block &body = kernel.getBody().front();
  KernelLayouts plain{
      SmallVector<BlockedAttr>(body.getNumArguments(), nullptr), nullptr, {}};
  if (kernel.getNumResults() != 1)
    return plain;
  KernelLayouts layouts;
  llvm::DenseMap<Value, BlockedAttr> known, wanted;
  for (auto [arg, input] :
       llvm::zip_equal(body.getArguments(), kernel.getInputs()))
    known[arg] = getLayout(input.getType());
  for (Operation &op : body.without_terminator()) {
    if (op.hasTrait<OpTrait::ConstantLike>())
      continue;
    SmallVector<BlockedAttr> operands = llvm::map_to_vector(
        op.getOperands(), [&](Value v) { return known.lookup(v); });
    BlockedAttr result = chooseOperation(&op, kernel, operands);
    auto choosing = dyn_cast<LayoutOpInterface>(op);
    if (result && choosing && choosing.isAwareOf(result))
      layouts.aware.push_back({&op, result});
    for (auto [value, layout] : llvm::zip_equal(op.getOperands(), operands)) {
      Operation *producer = value.getDefiningOp();
      if (producer && producer->hasTrait<OpTrait::ConstantLike>())
        continue;
      // Two layouts of one value inside of a kernel are not worth it.
      auto [place, isNew] = wanted.try_emplace(value, layout);
      if (place->second != layout ||
          (producer && known.lookup(value) != layout))
        return plain;
    }
    known[op.getResult(0)] = result;
  }
  for (BlockArgument arg : body.getArguments())
    layouts.inputs.push_back(wanted.lookup(arg));
  layouts.result = known.lookup(body.getTerminator()->getOperand(0));
  return layouts;
}

/// `value` in another layout, by a kernel of its own unless it is a constant or
/// nothing has to move.
Value AssignLayoutsPass::convert(Value value, BlockedAttr layout) {
  BlockedAttr from = getLayout(value.getType());
  if (from == layout)
    return value;
  Value &result = converted[{value, layout}];
  if (result)
    return result;
  OpBuilder builder(&getContext());
  builder.setInsertionPointAfterValue(value);
  RankedTensorType type = withLayout(value.getType(), layout);
  auto inPlainOrder = [&](BlockedAttr attr) {
    return !attr || attr.isPlainOrder(type.getShape());
  };
  Location loc = value.getLoc();
  if (inPlainOrder(from) && inPlainOrder(layout))
    return result = CastLayoutOp::create(builder, loc, type, value);
  ++numRelayouts;
  Operation *producer = value.getDefiningOp();
  if (producer && producer->hasTrait<OpTrait::ConstantLike>()) {
    auto constant =
        dyn_cast<DenseElementsAttr>(cast<ConstantOp>(producer).getValue());
    if (!layout || !layout.hasTails(type.getShape()) || !constant ||
        !constant.isSplat())
      return result = builder.createOrFold<RelayoutOp>(loc, type, value);
    auto stored = RankedTensorType::get(layout.getStoredShape(type.getShape()),
                                        type.getElementType());
    Value splat =
        ConstantOp::create(builder, loc, constant.resizeSplat(stored));
    return result = CastLayoutOp::create(builder, loc, type, splat);
  }
  auto kernel =
      KernelOp::create(builder, loc, TypeRange{type}, ValueRange{value},
                       "relayout", ScheduleAttr(), BoolAttr());
  Block *body =
      builder.createBlock(&kernel.getBody(), {}, value.getType(), loc);
  Value moved = RelayoutOp::create(builder, loc, type, body->getArgument(0));
  YieldOp::create(builder, loc, moved);
  return result = kernel.getResult(0);
}

/// Has operations that are aware of layouts work on stored tensors.
void AssignLayoutsPass::store(const KernelLayouts &layouts) {
  for (auto [op, layout] : layouts.aware) {
    OpBuilder builder(op);
    for (OpOperand &operand : op->getOpOperands())
      operand.set(RelayoutOp::create(
          builder, op->getLoc(), withLayout(operand.get().getType(), layout),
          operand.get()));
    Value result = op->getResult(0);
    Type plain = result.getType();
    result.setType(withLayout(plain, layout));
    builder.setInsertionPointAfter(op);
    auto unpacked = RelayoutOp::create(builder, op->getLoc(), plain, result);
    result.replaceAllUsesExcept(unpacked, unpacked);
  }
}

void AssignLayoutsPass::apply(KernelOp kernel, const KernelLayouts &layouts) {
  Block &body = kernel.getBody().front();
  OpBuilder builder = OpBuilder::atBlockBegin(&body);
  for (auto [i, layout] : llvm::enumerate(layouts.inputs)) {
    Value input = convert(kernel.getInputs()[i], layout);
    kernel->setOperand(i, input);
    BlockArgument arg = body.getArgument(i);
    Type plain = arg.getType();
    arg.setType(input.getType());
    if (layout) {
      auto relayout = RelayoutOp::create(builder, arg.getLoc(), plain, arg);
      arg.replaceAllUsesExcept(relayout, relayout);
    }
  }
  store(layouts);
  if (!layouts.result)
    return;
  Operation *yield = body.getTerminator();
  RankedTensorType type =
      withLayout(kernel.getResult(0).getType(), layouts.result);
  builder.setInsertionPoint(yield);
  yield->setOperand(0, RelayoutOp::create(builder, yield->getLoc(), type,
                                          yield->getOperand(0)));
  kernel.getResult(0).setType(type);
}

//===----------------------------------------------------------------------===//
// Concatenations
//===----------------------------------------------------------------------===//

/// Whether a value, or what views make of it, is a result of the function,
/// whose buffer is the caller's.
static bool isReturned(Value value) {
  return llvm::any_of(value.getUsers(), [](Operation *user) {
    return user->hasTrait<OpTrait::IsTerminator>() ||
           (isa<ViewOpInterface, ConcatOp>(user) &&
            isReturned(user->getResult(0)));
  });
}

/// The concatenation that a kernel consists of, if its operands in `layout` can
/// stand one after another in memory.
static ConcatOp findJoin(KernelOp kernel, BlockedAttr layout) {
  Block &body = kernel.getBody().front();
  auto concat = dyn_cast<ConcatOp>(body.front());
  if (!concat || !llvm::hasNItems(body, 2) || isReturned(kernel.getResult(0)))
    return nullptr;
  auto type = cast<RankedTensorType>(concat.getType());
  int64_t axis = concat.getAxis();
  bool isWhole = llvm::all_of(type.getShape().take_front(axis),
                              [](int64_t extent) { return extent == 1; });
  if (!isWhole || type.getNumElements() == 0 ||
      (layout && (axis != 1 || concat.isAwareOf(layout))))
    return nullptr;
  return concat;
}

/// Whether the kernel that computes `value` can write it to a place in another
/// tensor.
static bool canBePart(Value value) {
  Operation *producer = value.getDefiningOp();
  return producer && isa<KernelOp, ConcatOp>(producer) && !isReturned(value) &&
         llvm::none_of(value.getUsers(),
                       [](Operation *user) { return isa<ConcatOp>(user); });
}

/// The value whose buffer holds `value`, where `join` is a concatenation in
/// memory like those in the graph.
static Value rootOf(Value value, Operation *join) {
  while (value.getDefiningOp<ViewOpInterface>())
    value = value.getDefiningOp()->getOperand(0);
  for (Operation *user : value.getUsers())
    if (isa<ConcatOp>(user) || user == join)
      return rootOf(user->getResult(0), join);
  return value;
}

/// The most bytes of kernels' results that are needed at the same time by the
/// operations [first, last] of the graph.
static int64_t peakBytes(Block &graph, int64_t first, int64_t last,
                         Operation *join) {
  llvm::MapVector<Value, std::pair<int64_t, int64_t>> ranges;
  for (auto [index, op] : llvm::enumerate(graph)) {
    if (!isa<KernelOp>(op) || &op == join)
      continue;
    int64_t now = index;
    for (Value result : op.getResults())
      ranges.insert({rootOf(result, join), {now, now}});
    for (Value operand : op.getOperands())
      if (auto place = ranges.find(rootOf(operand, join));
          place != ranges.end())
        place->second.second = now;
  }
  std::map<int64_t, int64_t> change;
  for (auto &[value, range] : ranges) {
    if (range.second < first || range.first > last)
      continue;
    range.first = std::max(range.first, first);
    change[range.first] += storedBytes(value.getType());
    change[range.second + 1] -= storedBytes(value.getType());
  }
  int64_t live = 0, most = 0;
  for (auto [index, bytes] : change)
    if (index <= last)
      most = std::max(most, live += bytes);
  return most;
}

/// Whether memory does not grow when `concat` is one in memory: a part that is
/// there long before the others then needs the room of all. Where much less
/// than the most is needed, it may.
static bool savesMemory(KernelOp concat) {
  Block &graph = *concat->getBlock();
  auto isPart = [&](Operation &op) {
    return llvm::is_contained(op.getUsers(), concat);
  };
  int64_t first = std::distance(graph.begin(), llvm::find_if(graph, isPart));
  int64_t last = std::distance(graph.begin(), Block::iterator(concat));
  int64_t after = peakBytes(graph, first, last, concat);
  return after <= peakBytes(graph, first, last, nullptr) ||
         4 * after <=
             3 * peakBytes(graph, 0, graph.getOperations().size(), nullptr);
}

/// Makes a kernel that only concatenates an operation of the graph: other
/// kernels write their results to where it puts them.
bool AssignLayoutsPass::joinInMemory(KernelOp kernel,
                                     const KernelLayouts &layouts) {
  ConcatOp concat = findJoin(kernel, layouts.result);
  if (!concat || ValueRange(concat.getInputs()) !=
                     ValueRange(kernel.getBody().front().getArguments()))
    return false;
  int64_t offset = 0;
  for (auto [input, layout] :
       llvm::zip_equal(kernel.getInputs(), layouts.inputs)) {
    // What is converted is written by a kernel of its own.
    if ((getLayout(input.getType()) == layout && !canBePart(input)) ||
        offset % plan::kBufferAlignment != 0)
      return false;
    offset += storedBytes(withLayout(input.getType(), layout));
  }
  if (!savesMemory(kernel))
    return false;
  SmallVector<Value> inputs;
  for (auto [input, layout] :
       llvm::zip_equal(kernel.getInputs(), layouts.inputs)) {
    inputs.push_back(convert(input, layout));
    if (!canBePart(inputs.back()))
      return false;
  }
  OpBuilder builder(kernel);
  Value joined =
      ConcatOp::create(builder, kernel.getLoc(), inputs, concat.getAxis());
  kernel.getResult(0).replaceAllUsesWith(joined);
  kernel.erase();
  ++numJoined;
  return true;
}

void AssignLayoutsPass::runOnOperation() {
  converted.clear();
  SmallVector<Operation *> ops;
  for (Operation &op : getOperation().getBody().front())
    ops.push_back(&op);
  for (Operation *op : ops) {
    if (auto kernel = dyn_cast<KernelOp>(op)) {
      KernelLayouts layouts = choose(kernel);
      if (joinInMemory(kernel, layouts))
        continue;
      numBlocked += !layouts.isPlain();
      apply(kernel, layouts);
      continue;
    }
    for (OpOperand &operand : op->getOpOperands())
      operand.set(convert(operand.get(), nullptr));
  }
}
