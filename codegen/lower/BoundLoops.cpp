//===- BoundLoops.cpp - End loops at extents that runs have ---------------===//
//
// Backwards over the launches of the graph: what the readers of a value read of
// it is how far the kernel that computes it has to go. Kernels then take the
// numbers that say so, and their operations are marked with the bounds of their
// loops. Models of fixed shapes are left alone.
//
//===----------------------------------------------------------------------===//

#include "codegen/lower/KernelBounds.h"
#include "codegen/lower/LoopBounds.h"
#include "dialects/cameo/ElementTypes.h"
#include "dialects/plan/Extents.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace cameo {
#define GEN_PASS_DEF_BOUNDLOOPS
#include "codegen/lower/Passes.h.inc"
} // namespace cameo

using namespace cameo;

namespace {
struct BoundLoopsPass : cameo::impl::BoundLoopsBase<BoundLoopsPass> {
  void runOnOperation() override;

private:
  void collectRoots(func::FuncOp graph);
  void readResults(func::FuncOp graph);
  void read(Value value, ArrayRef<Bound> bounds);
  void readAll(Value value);
  void visitView(Operation &op);
  void visitLaunch(plan::LaunchOp launch);
  Bound trace(Value number);
  int64_t positionsDim(Value table);
  std::optional<Beyond> findBeyond(Value value, int64_t dim);
  std::optional<Beyond> computeBeyond(Value value, int64_t dim);
  template <typename Callback>
  auto withContext(plan::LaunchOp launch, Callback callback);
  void chooseVariant(plan::LaunchOp launch, func::FuncOp kernel,
                     const KernelBounds &bounds);

  /// What one kernel is for launches whose loops have the same bounds.
  struct Variant {
    func::FuncOp kernel;
    /// Bounds of loops, by the operation's number in the kernel.
    SmallVector<std::pair<unsigned, ArrayAttr>> marks;
    /// The numbers that it takes beside what launches give it already.
    SmallVector<Value> roots;
    SmallVector<plan::LaunchOp> launches;
  };
  void apply(Variant &variant);
  void passOn();

  RootRanges ranges;
  DenseMap<Value, Bounds> known;
  DenseMap<std::pair<Value, int64_t>, std::optional<Beyond>> beyond;
  llvm::MapVector<Attribute, Variant> variants;
  /// Launches whose result is an argument as far as it is read.
  SmallVector<std::pair<plan::LaunchOp, unsigned>> passedOn;
};
} // namespace

/// Of a tensor as it is stored.
static SmallVector<int64_t> storedShape(Value value) {
  auto type = storageType(cast<RankedTensorType>(value.getType()));
  return SmallVector<int64_t>(type.getShape());
}

/// The numbers that the host reads from shapes, with their ranges.
void BoundLoopsPass::collectRoots(func::FuncOp graph) {
  for (BlockArgument arg : graph.getArguments()) {
    auto extent = graph.getArgAttrOfType<DictionaryAttr>(arg.getArgNumber(),
                                                         plan::kExtentAttr);
    auto least = extent ? extent.getAs<IntegerAttr>("min") : IntegerAttr();
    auto most = extent ? extent.getAs<IntegerAttr>("max") : IntegerAttr();
    if (least && most)
      ranges[arg] = {least.getInt(), most.getInt()};
  }
}

void BoundLoopsPass::read(Value value, ArrayRef<Bound> bounds) {
  joinBounds(known[value], bounds, ranges);
}

void BoundLoopsPass::readAll(Value value) {
  if (isa<RankedTensorType>(value.getType()))
    read(value, Bounds(storedShape(value).size()));
}

/// The expression of a root that `number` is; none when it is no extent.
Bound BoundLoopsPass::trace(Value number) {
  auto type = dyn_cast<RankedTensorType>(number.getType());
  if (!type || type.getRank() != 0 || !type.getElementType().isInteger(64))
    return {};
  AffineExpr symbol = getAffineSymbolExpr(0, &getContext());
  auto launch = number.getDefiningOp<plan::LaunchOp>();
  auto map = launch ? launch->getAttrOfType<AffineMapAttr>(plan::kExtentMapAttr)
                    : AffineMapAttr();
  if (!map)
    return isa<BlockArgument>(number) || launch ? Bound{symbol, number}
                                                : Bound();
  AffineExpr expr = map.getValue().getResult(0);
  SmallVector<AffineExpr> symbols;
  Value root;
  for (auto [i, operand] : llvm::enumerate(launch.getArgs())) {
    APInt constant;
    bool isConstant = matchPattern(operand, m_ConstantInt(&constant));
    if (isConstant || !expr.isFunctionOfSymbol(i)) {
      symbols.push_back(getAffineConstantExpr(
          isConstant ? constant.getSExtValue() : 0, &getContext()));
      continue;
    }
    Bound part = trace(operand);
    if (!part || (root && part.root != root))
      return {symbol, number}; // Of several numbers: one by itself.
    root = part.root;
    symbols.push_back(part.expr);
  }
  expr = expr.replaceSymbols(symbols);
  return root ? Bound{simplifyAffineExpr(expr, 0, 1), root} : Bound();
}

/// The dimension along which a constant counts up from zero; -1: none.
int64_t BoundLoopsPass::positionsDim(Value table) {
  auto constant = table.getDefiningOp<ConstantOp>();
  auto values =
      constant ? dyn_cast<DenseIntElementsAttr>(constant.getValue()) : nullptr;
  if (!values || values.isSplat())
    return -1;
  ArrayRef<int64_t> shape = values.getType().getShape();
  if (llvm::count_if(shape, [](int64_t extent) { return extent != 1; }) != 1)
    return -1;
  for (auto [i, value] : llvm::enumerate(values.getValues<APInt>()))
    if (value.getZExtValue() != i)
      return -1;
  return llvm::find_if(shape, [](int64_t extent) { return extent != 1; }) -
         shape.begin();
}

/// Returned values are read by the caller: to their ends, or to the extent of
/// their outermost dimension, which the host writes into their shape.
void BoundLoopsPass::readResults(func::FuncOp graph) {
  Operation *terminator = graph.getBody().front().getTerminator();
  auto extentOf = [&](unsigned index) {
    return graph.getResultAttrOfType<DictionaryAttr>(index, plan::kExtentAttr);
  };
  for (OpOperand &returned : terminator->getOpOperands()) {
    Attribute name =
        graph.getResultAttr(returned.getOperandNumber(), "onnx.name");
    SmallVector<int64_t> shape = storedShape(returned.get());
    Bounds bounds(shape.size());
    bool isDense = true; // As far as it is read.
    for (OpOperand &number : terminator->getOpOperands()) {
      DictionaryAttr extent = extentOf(number.getOperandNumber());
      auto places = extent ? extent.getAs<ArrayAttr>("of") : ArrayAttr();
      for (Attribute attr :
           places ? places.getValue() : ArrayRef<Attribute>()) {
        auto place = dyn_cast<DictionaryAttr>(attr);
        auto dim = place ? place.getAs<IntegerAttr>("dim") : IntegerAttr();
        if (!dim || place.get("value") != name ||
            dim.getInt() >= static_cast<int64_t>(shape.size()))
          continue;
        isDense &= llvm::all_of(ArrayRef(shape).take_front(dim.getInt()),
                                [](int64_t outer) { return outer == 1; });
        bounds[dim.getInt()] = trace(number.get());
      }
    }
    read(returned.get(), isDense ? bounds : Bounds(shape.size()));
  }
}

void BoundLoopsPass::visitView(Operation &op) {
  auto reader = known.find(op.getResult(0));
  if (reader == known.end())
    return;
  Bounds bounds = reader->second; // The map may grow.
  if (isa<ViewOpInterface>(op))
    return read(op.getOperand(0),
                reshapeBounds(bounds, storedShape(op.getResult(0)),
                              storedShape(op.getOperand(0))));
  if (auto concat = dyn_cast<ConcatOp>(op)) {
    bounds[concat.getAxis()] = {};
    for (Value input : concat.getInputs())
      read(input, bounds);
    return;
  }
  for (Value operand : op.getOperands())
    readAll(operand);
}

template <typename Callback>
auto BoundLoopsPass::withContext(plan::LaunchOp launch, Callback callback) {
  auto getExtent = [&](unsigned index) {
    return trace(launch.getArgs()[index]);
  };
  auto getPositionsDim = [&](unsigned index) {
    return positionsDim(launch.getArgs()[index]);
  };
  auto getBeyond = [&](unsigned index, int64_t dim) {
    return findBeyond(launch.getArgs()[index], dim);
  };
  return callback(LaunchContext{ranges, getExtent, getPositionsDim, getBeyond});
}

/// What is beyond an extent of a value of the graph.
std::optional<Beyond> BoundLoopsPass::findBeyond(Value value, int64_t dim) {
  auto [place, isNew] = beyond.try_emplace({value, dim}, std::nullopt);
  if (!isNew)
    return place->second;
  std::optional<Beyond> found = computeBeyond(value, dim);
  return beyond[{value, dim}] = found;
}

std::optional<Beyond> BoundLoopsPass::computeBeyond(Value value, int64_t dim) {
  Operation *producer = value.getDefiningOp();
  if (isa_and_nonnull<ViewOpInterface>(producer)) {
    Value source = producer->getOperand(0);
    int64_t from = reshapedDim(storedShape(value), storedShape(source), dim);
    return from < 0 ? std::nullopt : findBeyond(source, from);
  }
  auto launch = dyn_cast_if_present<plan::LaunchOp>(producer);
  if (!launch)
    return std::nullopt;
  auto kernel = getOperation().lookupSymbol<func::FuncOp>(launch.getKernel());
  Operation *terminator = kernel.getBody().front().getTerminator();
  unsigned number = cast<OpResult>(value).getResultNumber();
  return withContext(launch, [&](const LaunchContext &context) {
    return ValuesBeyond(context).find(terminator->getOperand(number), dim);
  });
}

/// Whether nothing but launches reads a result or a view of it: outputs and
/// parts of others need a launch that computes them.
static bool isReadByLaunches(Operation *op) {
  return llvm::all_of(op->getUsers(), [](Operation *user) {
    return isa<plan::LaunchOp>(user) ||
           (isa<ViewOpInterface>(user) && isReadByLaunches(user));
  });
}

void BoundLoopsPass::visitLaunch(plan::LaunchOp launch) {
  auto kernel = getOperation().lookupSymbol<func::FuncOp>(launch.getKernel());
  SmallVector<Bounds> results;
  for (Value result : launch.getResults()) {
    Bounds bounds = known.lookup(result);
    bounds.resize(storedShape(result).size());
    // A number that is not yet there cannot bound anything.
    for (Bound &bound : bounds)
      if (bound && bound.root.getDefiningOp() &&
          !bound.root.getDefiningOp()->isBeforeInBlock(launch))
        bound = {};
    results.push_back(bounds);
  }
  withContext(launch, [&](const LaunchContext &context) {
    KernelBounds bounds(kernel, context);
    bounds.run(results);
    for (auto [i, operand] : llvm::enumerate(launch.getArgs())) {
      ArrayRef<Bound> argument = bounds.getArgument(i);
      if (!argument.empty())
        read(operand, argument);
    }
    std::optional<unsigned> argument = bounds.findPassedOn();
    if (argument && isReadByLaunches(launch) &&
        launch.getArgs()[*argument].getType() == launch.getResultTypes()[0])
      passedOn.push_back({launch, *argument});
    else
      chooseVariant(launch, kernel, bounds);
  });
}

/// What only gives elements a value that nobody reads is not needed any more:
/// reductions that have asked for it end before.
void BoundLoopsPass::passOn() {
  for (auto [launch, argument] : passedOn) {
    launch.getResult(0).replaceAllUsesWith(launch.getArgs()[argument]);
    auto kernel = getOperation().lookupSymbol<func::FuncOp>(launch.getKernel());
    launch.erase();
    ++numPassedOn;
    if (SymbolTable::symbolKnownUseEmpty(kernel, getOperation()))
      kernel.erase();
  }
}

/// Kernels are copied where launches need other bounds.
void BoundLoopsPass::chooseVariant(plan::LaunchOp launch, func::FuncOp kernel,
                                   const KernelBounds &bounds) {
  Variant fresh{kernel, {}, {}, {}};
  auto argumentOf = [&](Value root) -> unsigned {
    auto given = llvm::find(launch.getArgs(), root);
    if (given != launch.getArgs().end())
      return given - launch.getArgs().begin();
    auto place = llvm::find(fresh.roots, root);
    unsigned index = place - fresh.roots.begin();
    if (place == fresh.roots.end())
      fresh.roots.push_back(root);
    return launch.getArgs().size() + index;
  };
  DenseMap<Operation *, unsigned> numbers;
  kernel.walk([&](Operation *op) { numbers.try_emplace(op, numbers.size()); });
  std::string key = kernel.getName().str();
  llvm::raw_string_ostream stream(key);
  for (const auto &[op, loops] : bounds.getLoops()) {
    SmallVector<Attribute> attrs;
    for (const Bound &bound : loops)
      attrs.push_back(bound
                          ? Attribute(plan::BoundAttr::get(
                                &getContext(), AffineMap::get(0, 1, bound.expr),
                                argumentOf(bound.root)))
                          : UnitAttr::get(&getContext()));
    fresh.marks.push_back(
        {numbers.lookup(op), ArrayAttr::get(&getContext(), attrs)});
    stream << " " << fresh.marks.back().first << fresh.marks.back().second;
  }
  for (Value root : fresh.roots)
    stream << " " << root.getAsOpaquePointer();
  Attribute name = StringAttr::get(&getContext(), key);
  Variant &variant = variants.try_emplace(name, fresh).first->second;
  variant.launches.push_back(launch);
}

/// Marks the operations of a variant and lets its launches pass what it takes.
void BoundLoopsPass::apply(Variant &variant) {
  func::FuncOp kernel = variant.kernel;
  SmallVector<Operation *> ops;
  kernel.walk([&](Operation *op) { ops.push_back(op); });
  for (auto [number, bounds] : variant.marks)
    ops[number]->setAttr(plan::kBoundsAttr, bounds);
  markBoundedReductions(kernel);
  numBounded += variant.marks.size();
  unsigned before = kernel.getNumArguments();
  for (Value root : variant.roots)
    (void)kernel.insertArgument(kernel.getNumArguments(), root.getType(), {},
                                kernel.getLoc());
  // Results' buffers come after all arguments.
  Builder builder(&getContext());
  for (unsigned i = 0; i < before; ++i)
    if (auto result =
            kernel.getArgAttrOfType<IntegerAttr>(i, plan::kInPlaceAttr))
      kernel.setArgAttr(
          i, plan::kInPlaceAttr,
          builder.getI64IntegerAttr(result.getInt() + variant.roots.size()));
  for (plan::LaunchOp launch : variant.launches) {
    launch.getArgsMutable().append(variant.roots);
    launch.setKernel(kernel.getName());
  }
}

void BoundLoopsPass::runOnOperation() {
  ranges.clear();
  known.clear();
  beyond.clear();
  variants.clear();
  passedOn.clear();
  for (auto graph : getOperation().getOps<func::FuncOp>()) {
    if (isKernel(graph) || !plan::hasExtents(graph))
      continue;
    collectRoots(graph);
    readResults(graph);
    for (Operation &op :
         llvm::reverse(graph.getBody().front().without_terminator()))
      if (auto launch = dyn_cast<plan::LaunchOp>(op))
        visitLaunch(launch);
      else if (op.getNumResults() == 1)
        visitView(op);
  }
  // Copies are made before anything is marked.
  SymbolTable symbols(getOperation());
  llvm::SmallPtrSet<Operation *, 16> taken;
  for (auto &[key, variant] : variants) {
    if (taken.insert(variant.kernel).second)
      continue;
    variant.kernel = variant.kernel.clone();
    symbols.insert(variant.kernel);
    ++numCopied;
  }
  for (auto &[key, variant] : variants)
    apply(variant);
  passOn();
}
