//===- PlanMemory.cpp - Give every buffer an offset in one arena ----------===//
//
// Liveness over the launch sequence, greedy placement by size, in-place
// results, views, concatenations. Kernels are in buffer form already; the graph
// function still is in tensor form and is replaced by a plan.model.
//
//===----------------------------------------------------------------------===//

#include "dialects/cameo/ElementTypes.h"
#include "dialects/plan/Extents.h"
#include "passes/Passes.h"
#include "passes/memory/Placement.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace cameo {
#define GEN_PASS_DEF_PLANMEMORY
#include "passes/Passes.h.inc"
} // namespace cameo

using namespace cameo;

namespace {

/// A byte range in a space or, for a part of another buffer, in that one.
struct Buffer : LiveRange {
  plan::Space space = plan::Space::arena;
  Buffer *whole = nullptr;

  Buffer *getRoot() { return whole ? whole->getRoot() : this; }
  int64_t getPosition() const {
    return whole ? whole->getPosition() + position : position;
  }
};

/// Where a value stands in a concatenation of the graph.
struct Part {
  Value whole;
  int64_t position;
};

/// Plans one graph function.
class Planner {
public:
  Planner(func::FuncOp graph, SymbolTable &symbols)
      : graph(graph), symbols(symbols) {}

  LogicalResult collect();
  void place();
  LogicalResult emit();

  int64_t arenaBytes = plan::kStatusBytes;
  int64_t liveBytes = 0;
  int64_t numInPlace = 0;
  int64_t numParts = 0;

private:
  Buffer *newBuffer(int64_t bytes, int64_t launch);
  void collectParts();
  void collectUses();
  Buffer *getBuffer(Value value, int64_t launch);
  void use(Value value, int64_t launch);
  LogicalResult collectOutputs();
  LogicalResult collectArgument(BlockArgument arg);
  LogicalResult checkCache(BlockArgument arg, unsigned output);
  LogicalResult collectLaunch(plan::LaunchOp launch, int64_t index);
  Buffer *findInPlace(plan::LaunchOp launch, func::FuncOp kernel,
                      unsigned result, int64_t index);
  Buffer *addConstant(ElementsAttr value);
  void emitLaunch(OpBuilder &builder, plan::LaunchOp launch);
  Value emitBuffer(OpBuilder &builder, Location loc, const Buffer &buffer,
                   MemRefType type);
  FailureOr<plan::ModelOp> emitModel(OpBuilder &builder);
  LogicalResult collectExtents(DictionaryAttr extent, Value value,
                               ArrayAttr names,
                               SmallVectorImpl<Attribute> &extents);
  LogicalResult collectCaches(ArrayAttr inputNames,
                              SmallVectorImpl<Type> &inputTypes,
                              SmallVectorImpl<Attribute> &caches);

  func::FuncOp graph;
  SymbolTable &symbols;
  std::vector<std::unique_ptr<Buffer>> buffers;
  DenseMap<Value, Buffer *> bufferOf;
  DenseMap<Value, Part> partOf;
  /// The last launch that reads a value, a view of it or what it is part of.
  DenseMap<Value, int64_t> lastUse;
  /// Scratch buffers and tables of a launch, in argument order.
  DenseMap<Operation *, SmallVector<Buffer *>> extraOf;
  llvm::MapVector<Attribute, Buffer *> constants;
  int64_t weightBytes = 0;
  int64_t totalBytes = 0; // Of all buffers, as if none shared memory.
};

struct PlanMemoryPass : cameo::impl::PlanMemoryBase<PlanMemoryPass> {
  void runOnOperation() override;
};

} // namespace

/// More than machines can address; sizes and their sum stop here.
static constexpr int64_t kMostBytes = int64_t(1) << 47;

/// Of a buffer, or of a tensor as it is stored.
static int64_t byteSize(ShapedType type) {
  if (auto tensor = dyn_cast<RankedTensorType>(type))
    type = storageType(tensor);
  Type element = type.getElementType();
  int64_t bytes = element.isIndex()
                      ? 8
                      : llvm::divideCeil(element.getIntOrFloatBitWidth(), 8u);
  if (llvm::is_contained(type.getShape(), 0))
    return 0;
  for (int64_t extent : type.getShape())
    bytes = extent > kMostBytes / bytes ? kMostBytes : bytes * extent;
  return bytes;
}

/// The dimensions that a hidden argument or result gives the extent of; null:
/// it is an input or output like others.
static DictionaryAttr extentOf(func::FuncOp graph, BlockArgument arg) {
  return graph.getArgAttrOfType<DictionaryAttr>(arg.getArgNumber(),
                                                plan::kExtentAttr);
}
static DictionaryAttr extentOf(func::FuncOp graph, OpOperand &returned) {
  return graph.getResultAttrOfType<DictionaryAttr>(returned.getOperandNumber(),
                                                   plan::kExtentAttr);
}

static int64_t align(int64_t bytes) {
  return llvm::alignTo(std::max<int64_t>(bytes, 1), plan::kBufferAlignment);
}

Buffer *Planner::newBuffer(int64_t bytes, int64_t launch) {
  buffers.push_back(std::make_unique<Buffer>());
  static_cast<LiveRange &>(*buffers.back()) = {align(bytes), launch, launch};
  totalBytes = std::min(totalBytes + buffers.back()->bytes, kMostBytes);
  return buffers.back().get();
}

/// Extends the live range of a value's buffer to a launch.
void Planner::use(Value value, int64_t launch) {
  for (Buffer *buffer = bufferOf.lookup(value); buffer; buffer = buffer->whole)
    buffer->last = std::max(buffer->last, launch);
}

/// Operands of a concatenation follow each other in its buffer.
void Planner::collectParts() {
  for (auto concat : graph.getBody().front().getOps<ConcatOp>()) {
    int64_t position = 0;
    for (Value input : concat.getInputs()) {
      partOf[input] = {concat, position};
      position += byteSize(cast<ShapedType>(input.getType()));
    }
  }
}

/// The buffer of a value that launch `launch` computes, as a whole or a part.
Buffer *Planner::getBuffer(Value value, int64_t launch) {
  Buffer *&buffer = bufferOf[value];
  if (buffer)
    return buffer;
  auto part = partOf.find(value);
  if (part == partOf.end())
    return buffer =
               newBuffer(byteSize(cast<ShapedType>(value.getType())), launch);
  Buffer *whole = getBuffer(part->second.whole, launch);
  buffers.push_back(std::make_unique<Buffer>());
  ++numParts;
  // The map may have grown.
  Buffer *result = bufferOf[value] = buffers.back().get();
  result->bytes = align(byteSize(cast<ShapedType>(value.getType())));
  result->first = result->last = launch;
  result->position = part->second.position;
  result->whole = whole;
  return result;
}

Buffer *Planner::addConstant(ElementsAttr value) {
  Buffer *&buffer = constants[value];
  if (!buffer) {
    buffer = newBuffer(byteSize(value.getShapedType()), 0);
    buffer->space = plan::Space::weights;
    buffer->position = weightBytes;
    weightBytes += buffer->bytes;
  }
  return buffer;
}

/// The buffer of an operand that dies at launch `index` and that `kernel`
/// allows its result number `result` to overwrite; null when there is none.
Buffer *Planner::findInPlace(plan::LaunchOp launch, func::FuncOp kernel,
                             unsigned result, int64_t index) {
  for (auto [i, operand] : llvm::enumerate(launch.getArgs())) {
    auto allowed = kernel.getArgAttrOfType<IntegerAttr>(i, plan::kInPlaceAttr);
    Buffer *buffer = bufferOf.lookup(operand);
    int64_t bytes =
        align(byteSize(cast<ShapedType>(launch.getResult(result).getType())));
    if (!allowed || allowed.getInt() != launch.getNumOperands() + result ||
        buffer->space != plan::Space::arena || buffer->last != index ||
        buffer->whole || buffer->bytes != bytes)
      continue;
    // Another operand that shares the buffer would be overwritten while read.
    auto shared = llvm::count_if(launch.getArgs(), [&](Value other) {
      return bufferOf.lookup(other)->getRoot() == buffer;
    });
    if (shared == 1)
      return buffer;
  }
  return nullptr;
}

LogicalResult Planner::collectLaunch(plan::LaunchOp launch, int64_t index) {
  auto kernel = symbols.lookup<func::FuncOp>(launch.getKernel());
  if (!kernel)
    return launch.emitOpError("launches an unknown kernel ")
           << launch.getKernelAttr();
  for (auto [i, result] : llvm::enumerate(launch.getResults())) {
    if (bufferOf.contains(result))
      continue; // Written straight to an output.
    if (partOf.contains(result)) {
      getBuffer(result, index);
      continue;
    }
    if (Buffer *reused = findInPlace(launch, kernel, i, index)) {
      bufferOf[result] = reused;
      ++numInPlace;
      continue;
    }
    getBuffer(result, index);
  }
  for (BlockArgument arg : kernel.getArguments()) {
    unsigned number = arg.getArgNumber();
    if (kernel.getArgAttr(number, "plan.scratch"))
      extraOf[launch].push_back(
          newBuffer(byteSize(cast<ShapedType>(arg.getType())), index));
    else if (auto value =
                 kernel.getArgAttrOfType<ElementsAttr>(number, "plan.constant"))
      extraOf[launch].push_back(addConstant(value));
  }
  return success();
}

/// A returned value is computed in the output's buffer, through views of it.
LogicalResult Planner::collectOutputs() {
  Operation *terminator = graph.getBody().front().getTerminator();
  for (OpOperand &operand : terminator->getOpOperands()) {
    if (extentOf(graph, operand))
      continue;
    Buffer *buffer = newBuffer(0, 0);
    buffer->space = plan::Space::output;
    buffer->position = operand.getOperandNumber();
    Value value = operand.get();
    while (auto view = value.getDefiningOp<ViewOpInterface>()) {
      bufferOf[value] = buffer;
      value = view->getOperand(0);
    }
    if (!value.getDefiningOp<plan::LaunchOp>() || bufferOf.contains(value))
      return terminator->emitOpError("returns a value (number ")
             << operand.getOperandNumber()
             << ") that no launch computes for it alone";
    bufferOf[value] = buffer;
  }
  return success();
}

/// Live ranges end at the last launch that reads a value, also by another name;
/// those of extents that the host reads end after all launches.
void Planner::collectUses() {
  int64_t index = 0;
  auto collect = [&](SmallVector<Value> read) {
    while (!read.empty()) {
      Value value = read.pop_back_val();
      lastUse[value] = index;
      Operation *op = value.getDefiningOp();
      if (op && isa<ViewOpInterface>(op))
        read.push_back(op->getOperand(0));
      else if (auto concat = dyn_cast_if_present<ConcatOp>(op))
        llvm::append_range(read, concat.getInputs());
    }
    ++index;
  };
  Block &block = graph.getBody().front();
  for (auto launch : block.getOps<plan::LaunchOp>())
    collect(SmallVector<Value>(launch.getArgs()));
  SmallVector<Value> extents;
  for (OpOperand &operand : block.getTerminator()->getOpOperands())
    if (extentOf(graph, operand))
      extents.push_back(operand.get());
  collect(extents);
}

/// A cache and the output that it is stored in have one buffer: the output is
/// the cache, to which its launch adds.
LogicalResult Planner::checkCache(BlockArgument arg, unsigned output) {
  Value value = graph.getBody().front().getTerminator()->getOperand(output);
  auto launch = value.getDefiningOp<plan::LaunchOp>();
  auto kernel = launch ? symbols.lookup<func::FuncOp>(launch.getKernel())
                       : func::FuncOp();
  for (auto [i, operand] :
       llvm::enumerate(kernel ? launch.getArgs() : ValueRange())) {
    auto updated = kernel.getArgAttrOfType<IntegerAttr>(i, plan::kUpdatedAttr);
    if (operand == arg && updated &&
        value == launch->getResult(updated.getInt()))
      return success();
  }
  return graph.emitError("argument ")
         << arg.getArgNumber() << " is stored in output " << output
         << ", which is not computed from it in place";
}

/// Inputs are the caller's, or in outputs; extents are written into the arena
/// before the first launch.
LogicalResult Planner::collectArgument(BlockArgument arg) {
  bool isExtent = bool(extentOf(graph, arg));
  Buffer *buffer =
      newBuffer(isExtent ? byteSize(cast<ShapedType>(arg.getType())) : 0, 0);
  bufferOf[arg] = buffer;
  if (isExtent) {
    use(arg, lastUse.lookup(arg));
    return success();
  }
  std::optional<unsigned> output =
      plan::findCacheOutput(graph, arg.getArgNumber());
  buffer->space = output ? plan::Space::output : plan::Space::input;
  buffer->position = output.value_or(arg.getArgNumber());
  return output ? checkCache(arg, *output) : success();
}

LogicalResult Planner::collect() {
  Block &block = graph.getBody().front();
  collectUses();
  for (BlockArgument arg : block.getArguments())
    if (failed(collectArgument(arg)))
      return failure();
  if (failed(collectOutputs()))
    return failure();
  collectParts();
  int64_t index = 0;
  for (Operation &op : block.without_terminator()) {
    if (auto constant = dyn_cast<ConstantOp>(op)) {
      bufferOf[constant] = addConstant(constant.getValue());
      continue;
    }
    if (isa<ViewOpInterface>(op)) {
      bufferOf[op.getResult(0)] = bufferOf.lookup(op.getOperand(0));
      continue;
    }
    if (auto concat = dyn_cast<ConcatOp>(op)) {
      for (Value input : concat.getInputs())
        if (!bufferOf.contains(input) || !bufferOf.lookup(input)->whole)
          return op.emitOpError("joins a value that no launch computes");
      continue;
    }
    auto launch = dyn_cast<plan::LaunchOp>(op);
    if (!launch)
      return op.emitOpError("is not a launch, a view or a constant");
    if (failed(collectLaunch(launch, index)))
      return failure();
    for (Value result : launch.getResults())
      if (lastUse.contains(result))
        use(result, lastUse[result]);
    ++index;
  }
  if (totalBytes >= kMostBytes)
    return graph.emitError("the values of the graph take more than ")
           << kMostBytes << " bytes; give smaller shapes";
  return success();
}

void Planner::place() {
  SmallVector<LiveRange *> ranges;
  for (const std::unique_ptr<Buffer> &buffer : buffers)
    if (buffer->space == plan::Space::arena && !buffer->whole)
      ranges.push_back(buffer.get());
  std::tie(arenaBytes, liveBytes) = placeRanges(ranges, plan::kStatusBytes);
}

Value Planner::emitBuffer(OpBuilder &builder, Location loc,
                          const Buffer &buffer, MemRefType type) {
  return plan::BufferOp::create(builder, loc, type, buffer.space,
                                buffer.getPosition());
}

void Planner::emitLaunch(OpBuilder &builder, plan::LaunchOp launch) {
  auto kernel = symbols.lookup<func::FuncOp>(launch.getKernel());
  SmallVector<Buffer *> order;
  for (Value value : launch.getArgs())
    order.push_back(bufferOf.lookup(value));
  for (Value value : launch.getResults())
    order.push_back(bufferOf.lookup(value));
  llvm::append_range(order, extraOf[launch]);
  Buffer status;
  status.bytes = plan::kStatusBytes;
  status.position = 0;
  SmallVector<Value> args;
  for (BlockArgument arg : kernel.getArguments()) {
    auto type = dyn_cast<MemRefType>(arg.getType());
    if (!type)
      continue; // The task index.
    bool isStatus = bool(kernel.getArgAttr(arg.getArgNumber(), "plan.status"));
    const Buffer &buffer = isStatus ? status : *order[arg.getArgNumber()];
    args.push_back(emitBuffer(builder, launch.getLoc(), buffer, type));
  }
  int64_t tasks = 1;
  if (auto attr = kernel->getAttrOfType<IntegerAttr>("plan.tasks"))
    tasks = attr.getInt();
  plan::LaunchOp::create(builder, launch.getLoc(), TypeRange(),
                         launch.getKernel(), args, tasks);
}

/// Adds the dimensions that a hidden argument or result gives the extent of.
LogicalResult Planner::collectExtents(DictionaryAttr extent, Value value,
                                      ArrayAttr names,
                                      SmallVectorImpl<Attribute> &extents) {
  if (!extent)
    return graph.emitError("has an extent before an input or an output");
  auto fail = [&](const Twine &reason) {
    return graph.emitError("the extent ") << extent << " " << reason;
  };
  Buffer *buffer = bufferOf.lookup(value);
  auto type = cast<RankedTensorType>(value.getType());
  if (!type.getElementType().isInteger(64) || type.getNumElements() != 1)
    return fail("is not one i64");
  if (!buffer || buffer->space != plan::Space::arena)
    return fail("is not computed for itself");
  auto places = extent.getAs<ArrayAttr>("of");
  auto least = extent.getAs<IntegerAttr>("min");
  for (Attribute attr : places ? places.getValue() : ArrayRef<Attribute>()) {
    auto place = dyn_cast<DictionaryAttr>(attr);
    auto name = place ? place.getAs<StringAttr>("value") : StringAttr();
    auto dim = place ? place.getAs<IntegerAttr>("dim") : IntegerAttr();
    const Attribute *found = llvm::find(names, name);
    if (!dim || found == names.end())
      return fail("names no dimension of a tensor");
    extents.push_back(plan::ExtentAttr::get(
        graph.getContext(), found - names.begin(), dim.getInt(),
        buffer->getPosition(), least ? least.getInt() : 0));
  }
  return success();
}

/// Adds the inputs that are stored in outputs; their types become their own.
LogicalResult Planner::collectCaches(ArrayAttr inputNames,
                                     SmallVectorImpl<Type> &inputTypes,
                                     SmallVectorImpl<Attribute> &caches) {
  for (auto [i, type] : llvm::enumerate(inputTypes)) {
    auto cache = graph.getArgAttrOfType<DictionaryAttr>(i, plan::kCacheAttr);
    if (!cache)
      continue;
    std::optional<unsigned> output = plan::findCacheOutput(graph, i);
    auto dim = cache.getAs<IntegerAttr>("dim");
    auto extent = cache.getAs<IntegerAttr>("extent");
    auto stored = cast<RankedTensorType>(type);
    if (!output || !dim || !extent || dim.getInt() < 0 ||
        dim.getInt() >= stored.getRank())
      return graph.emitError("the cache ")
             << inputNames[i] << " names no dimension of an output";
    SmallVector<int64_t> shape(stored.getShape());
    shape[dim.getInt()] = extent.getInt();
    type = stored.clone(shape);
    caches.push_back(
        plan::CacheAttr::get(graph.getContext(), i, *output, dim.getInt()));
  }
  return success();
}

/// The model without its body.
FailureOr<plan::ModelOp> Planner::emitModel(OpBuilder &builder) {
  Block &block = graph.getBody().front();
  auto names = [&](unsigned count, auto getAttr) {
    SmallVector<Attribute> all;
    for (unsigned i = 0; i < count; ++i) {
      auto name = dyn_cast_or_null<StringAttr>(getAttr(i));
      all.push_back(name ? name : builder.getStringAttr("value" + Twine(i)));
    }
    return builder.getArrayAttr(all);
  };
  auto isVisible = [&](auto &&value) { return !extentOf(graph, value); };
  MutableArrayRef<OpOperand> returned = block.getTerminator()->getOpOperands();
  unsigned numInputs = llvm::count_if(block.getArguments(), isVisible);
  unsigned numOutputs = llvm::count_if(returned, isVisible);
  ArrayAttr inputNames = names(
      numInputs, [&](unsigned i) { return graph.getArgAttr(i, "onnx.name"); });
  ArrayAttr outputNames = names(numOutputs, [&](unsigned i) {
    return graph.getResultAttr(i, "onnx.name");
  });
  SmallVector<Attribute> inputExtents, outputExtents;
  for (BlockArgument arg : block.getArguments().drop_front(numInputs))
    if (failed(collectExtents(extentOf(graph, arg), arg, inputNames,
                              inputExtents)))
      return failure();
  for (OpOperand &operand : returned.drop_front(numOutputs))
    if (failed(collectExtents(extentOf(graph, operand), operand.get(),
                              outputNames, outputExtents)))
      return failure();
  FunctionType type = graph.getFunctionType();
  SmallVector<Type> inputTypes(type.getInputs().take_front(numInputs));
  SmallVector<Attribute> caches;
  if (failed(collectCaches(inputNames, inputTypes, caches)))
    return failure();
  auto arrayOrNone = [&](ArrayRef<Attribute> attrs) {
    return attrs.empty() ? ArrayAttr() : builder.getArrayAttr(attrs);
  };
  auto model = plan::ModelOp::create(
      builder, graph.getLoc(), graph.getName(), arenaBytes, weightBytes,
      inputNames, builder.getTypeArrayAttr(inputTypes), outputNames,
      builder.getTypeArrayAttr(type.getResults().take_front(numOutputs)),
      arrayOrNone(inputExtents), arrayOrNone(outputExtents),
      arrayOrNone(caches));
  // For the report: what no plan can do without.
  model->setAttr("plan.live_bytes", builder.getI64IntegerAttr(liveBytes));
  return model;
}

LogicalResult Planner::emit() {
  OpBuilder builder(graph);
  FailureOr<plan::ModelOp> model = emitModel(builder);
  if (failed(model))
    return failure();
  builder.createBlock(&model->getBody());
  for (auto [value, buffer] : constants)
    plan::DataOp::create(builder, graph.getLoc(), buffer->position,
                         cast<ElementsAttr>(value));
  for (auto launch : graph.getBody().front().getOps<plan::LaunchOp>())
    emitLaunch(builder, launch);
  return success();
}

void PlanMemoryPass::runOnOperation() {
  SymbolTable symbols(getOperation());
  for (auto graph :
       llvm::make_early_inc_range(getOperation().getOps<func::FuncOp>())) {
    if (graph->hasAttr("plan.kernel"))
      continue;
    Planner planner(graph, symbols);
    if (failed(planner.collect()))
      return signalPassFailure();
    planner.place();
    if (failed(planner.emit()))
      return signalPassFailure();
    arenaBytes += planner.arenaBytes;
    liveBytes += planner.liveBytes;
    numInPlace += planner.numInPlace;
    numParts += planner.numParts;
    graph.erase();
  }
}
