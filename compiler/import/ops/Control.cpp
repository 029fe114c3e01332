//===- Control.cpp - Import of loops --------------------------------------===//
//
// Loops of few known iterations are unrolled: shapes may then differ between
// iterations, and constants fold. Others become operations with regions of
// their own.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/ops/Control.h"
#include "compiler/import/Tensors.h"
#include "compiler/import/ops/OpenShapes.h"
#include "compiler/import/ops/Sequences.h"

#include "mlir/IR/Matchers.h"
#include "onnx/onnx_pb.h"

#include <functional>

using namespace mlir;
using namespace cameo;

/// Loops of at most this many nodes in all iterations are unrolled.
static constexpr int64_t kMaxUnrolledNodes = 1024;
/// The same for those that cannot stay loops.
static constexpr int64_t kMaxForcedNodes = 1 << 15;

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

namespace {
/// What Loop and Scan have in common. The graph's results are, in this order, a
/// condition (Loop), the states, and values to collect.
class LoopImporter {
public:
  LoopImporter(OpImporter &n, int64_t numNodes) : n(n), numNodes(numNodes) {}

  /// The last states, then the collected values, stacked in dimension 0.
  ImportResult run();

  /// Builds the graph in iteration `i`, a scalar.
  std::function<ImportResult(Value i, ValueRange states)> body;
  SmallVector<Value> states;
  Value trips, condition; ///< Null: there is none.
  AffineExpr count;       ///< The trips, where they come from shapes.
  bool yieldsCondition = false;

private:
  /// Builds the graph once; null condition when there is none.
  FailureOr<SmallVector<Value>> iterate(Value i, ValueRange now, Value &goesOn);
  /// Unrolls; none when the number of iterations turns out to be unknown.
  std::optional<ImportResult> unroll(int64_t limit);
  ImportResult buildLoop();
  /// Adds a last state, the number of iterations.
  void countIterations();
  ImportResult finishLoop(BodyRegion &region, Value loopCondition);
  /// The extents of the results for what the region yields.
  FailureOr<SmallVector<Exprs>> getResultExtents(BodyRegion &region,
                                                 ArrayRef<Value> yielded);

  Value integer(int64_t value) {
    return n.splat(n.builder().getI64Type(), static_cast<double>(value));
  }

  OpImporter &n;
  int64_t numNodes;    ///< Of an iteration.
  bool counts = false; ///< Whether the last state counts iterations.
};
} // namespace

FailureOr<SmallVector<Value>> LoopImporter::iterate(Value i, ValueRange now,
                                                    Value &goesOn) {
  ImportResult results = body(i, now);
  if (failed(results))
    return failure();
  if (results->size() < states.size() + (yieldsCondition ? 1 : 0))
    return n.unsupported("its graph gives too few values",
                         "check the model with the ONNX checker");
  if (!yieldsCondition)
    return *results;
  goesOn = results->front();
  results->erase(results->begin());
  return *results;
}

std::optional<ImportResult> LoopImporter::unroll(int64_t limit) {
  Block &block = *n.builder().getInsertionBlock();
  Operation *mark = block.empty() ? nullptr : &block.back();
  std::optional<int64_t> count = getConstantInt(trips);
  std::optional<int64_t> runs = condition ? getConstantInt(condition) : 1;
  if ((trips && !count) || !runs)
    return std::nullopt;
  SmallVector<Value> now = states;
  SmallVector<SmallVector<Value>> collected;
  for (int64_t i = 0; *runs && (!count || i < *count); ++i) {
    if (i * std::max<int64_t>(numNodes, 1) > limit) {
      eraseAfter(n, block, mark);
      return std::nullopt;
    }
    Value goesOn;
    FailureOr<SmallVector<Value>> results = iterate(integer(i), now, goesOn);
    if (failed(results))
      return ImportResult(failure());
    ArrayRef<Value> all = *results;
    now.assign(all.begin(), all.begin() + states.size());
    ArrayRef<Value> rest = all.drop_front(states.size());
    collected.resize(rest.size());
    for (auto [values, value] : llvm::zip_equal(collected, rest))
      values.push_back(value);
    if (!goesOn)
      continue;
    runs = getConstantInt(goesOn);
    if (!runs) {
      eraseAfter(n, block, mark);
      return std::nullopt;
    }
  }
  size_t numCollected =
      n.numOutputs() > now.size() ? n.numOutputs() - now.size() : 0;
  if (collected.size() < numCollected)
    return ImportResult(
        n.unsupported("no iteration runs, so that the shapes of what it "
                      "collects are unknown",
                      "give it at least one iteration"));
  for (ArrayRef<Value> values : collected) {
    if (!llvm::all_of(values, isTensor))
      return ImportResult(
          n.unsupported("it collects sequences", "collect tensors"));
    MaybeValue stacked = buildStacked(n, values, 0);
    if (failed(stacked))
      return ImportResult(failure());
    now.push_back(*stacked);
  }
  return ImportResult(now);
}

FailureOr<SmallVector<Exprs>>
LoopImporter::getResultExtents(BodyRegion &region, ArrayRef<Value> yielded) {
  Extents &extents = n.extents();
  SmallVector<Exprs> result;
  for (auto [i, value] : llvm::enumerate(yielded)) {
    FailureOr<Exprs> exprs = getYieldedExtents(n, region, value);
    if (failed(exprs))
      return failure();
    if (i >= states.size()) {
      exprs->insert(exprs->begin(),
                    extents.greatest(n.loc(), count, extents.constant(0)));
      result.push_back(*exprs);
      continue;
    }
    Exprs before = extents.getExtents(states[i]);
    if (!llvm::all_of(llvm::zip_equal(before, *exprs), [&](auto pair) {
          return extents.areEqual(std::get<0>(pair), std::get<1>(pair));
        }))
      return n.unsupported("state " + Twine(i) +
                               " changes its bounded extents from one "
                               "iteration to the next",
                           "make the number of iterations constant, or fix "
                           "the extents");
    result.push_back(before);
  }
  return result;
}

ImportResult LoopImporter::finishLoop(BodyRegion &region, Value loopCondition) {
  size_t numStates = states.size();
  ArrayRef<Value> yielded = region.results;
  if (loopCondition)
    yielded = yielded.drop_front();
  SmallVector<Type> types;
  for (auto [before, after] :
       llvm::zip(states, yielded.take_front(numStates))) {
    if (before.getType() != after.getType())
      return n.unsupported("a state changes its shape in an unknown number of "
                           "iterations",
                           "make the number of iterations constant");
    types.push_back(before.getType());
  }
  if (std::optional<int64_t> constant = getConstantInt(trips))
    count = n.extents().constant(*constant);
  if (yielded.size() > numStates && !count)
    return n.unsupported("it collects values of an unknown number of "
                         "iterations",
                         "make the number of iterations constant, or give the "
                         "most there may be as the trip count");
  FailureOr<SmallVector<Exprs>> exprs = getResultExtents(region, yielded);
  if (failed(exprs))
    return failure();
  int64_t length =
      count ? std::max<int64_t>(n.extents().getRange(count).high, 0) : 0;
  for (Value value : yielded.drop_front(numStates)) {
    SmallVector<int64_t> shape(typeOf(value).getShape());
    shape.insert(shape.begin(), length);
    if (!hasSensibleSize(shape))
      return n.unsupported("it collects too many elements",
                           "give smaller bounds");
    types.push_back(typeOf(value).clone(shape));
  }
  llvm::SetVector<Value> captured;
  collectCaptures(n.builder(), region, captured);
  isolate(n.builder(), region, captured.getArrayRef());
  MaybeValue scalarTrips = Value();
  if (trips)
    scalarTrips = chainReshape(n, trips, {});
  if (failed(scalarTrips))
    return failure();
  auto op =
      LoopOp::create(n.builder(), n.loc(), types, *scalarTrips, loopCondition,
                     states, captured.getArrayRef(), length);
  op.getBody().takeBody(*region.region);
  SmallVector<Value> results(op.getResults());
  if (counts) {
    AffineExpr runs =
        n.extents().addSymbol(op.getResult(numStates - 1), {0, length});
    for (Exprs &collected : MutableArrayRef(*exprs).drop_front(numStates))
      collected.front() = runs;
  }
  for (auto [result, extents] : llvm::zip_equal(results, *exprs))
    n.extents().setExtents(result, extents);
  if (counts)
    results.erase(results.begin() + numStates - 1);
  return results;
}

ImportResult LoopImporter::buildLoop() {
  if (!llvm::all_of(states, isTensor))
    return n.unsupported("its states are sequences in too many iterations",
                         "make the number of iterations constant");
  SmallVector<Type> types = {
      RankedTensorType::get({}, n.builder().getI64Type())};
  llvm::append_range(types, ValueRange(states).getTypes());
  Value loopCondition = condition;
  bool collects = false;
  if (yieldsCondition && !condition)
    loopCondition = n.splat(n.builder().getI1Type(), 1);
  bool alwaysRuns =
      !loopCondition || getConstantInt(loopCondition).value_or(0) != 0;
  auto region = buildRegion(n, types, [&](ValueRange args) -> ImportResult {
    for (auto [arg, state] : llvm::zip_equal(args.drop_front(), states))
      if (n.extents().isOpen(state))
        n.extents().setExtents(arg, n.extents().getExtents(state));
    Value goesOn;
    FailureOr<SmallVector<Value>> results =
        iterate(args.front(), args.drop_front(), goesOn);
    if (failed(results))
      return failure();
    collects = results->size() > states.size();
    // Without an end of its own, the loop is a counted one.
    bool isEndless = goesOn && !trips && getConstantInt(goesOn).value_or(0);
    if (isEndless)
      return n.unsupported("it never ends", "give it a trip count");
    if (!goesOn ||
        (trips && alwaysRuns && getConstantInt(goesOn).value_or(0))) {
      loopCondition = Value();
      return results;
    }
    MaybeValue shaped =
        chainReshape(n, goesOn, typeOf(loopCondition).getShape());
    if (failed(shaped))
      return failure();
    results->insert(results->begin(), *shaped);
    return results;
  });
  if (failed(region))
    return failure();
  if (!loopCondition || !collects || counts)
    return finishLoop(*region, loopCondition);
  // How many values are collected is known after the loop: it counts.
  eraseAfter(n, region->block(), /*mark=*/nullptr);
  countIterations();
  return buildLoop();
}

void LoopImporter::countIterations() {
  counts = true;
  size_t place = states.size();
  states.push_back(integer(0));
  body = [this, place, inner = body, first = yieldsCondition ? 1 : 0](
             Value i, ValueRange now) -> ImportResult {
    ImportResult results = inner(i, now.drop_back());
    MaybeValue next = n.value<AddOp>(now.back(), integer(1));
    if (failed(results) || failed(next) || results->size() < place + first)
      return failure();
    results->insert(results->begin() + first + place, *next);
    return results;
  };
}

ImportResult LoopImporter::run() {
  bool hasSequences = !llvm::all_of(states, isTensor);
  if (auto results = unroll(hasSequences ? kMaxForcedNodes : kMaxUnrolledNodes))
    return *results;
  return buildLoop();
}

/// A number of iterations.
static Value buildCount(OpImporter &n, AffineExpr expr) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return n.splat(n.builder().getI64Type(),
                   static_cast<double>(constant.getValue()));
  return n.extents().materialize(n.loc(), expr);
}

ImportResult cameo::buildRepeated(
    OpImporter &n, AffineExpr trips, ArrayRef<Value> states, int64_t numNodes,
    llvm::function_ref<ImportResult(Value i, ValueRange states)> body) {
  LoopImporter loop(n, numNodes);
  loop.trips = buildCount(n, trips);
  loop.count = trips;
  loop.states.assign(states.begin(), states.end());
  loop.body = body;
  return loop.run();
}

/// Whether a value is absent or a tensor of one element of the type.
static bool isOneOf(Value value, Type elementType) {
  return !value || (isTensor(value) && typeOf(value).getNumElements() == 1 &&
                    typeOf(value).getElementType() == elementType);
}

static ImportResult importLoop(OpImporter &n) {
  const onnx::GraphProto *body = n.graphAttr("body");
  Value trips = n.hasInput(0) ? n.input(0) : Value();
  Value condition = n.hasInput(1) ? n.input(1) : Value();
  if (!body || !isOneOf(trips, n.builder().getI64Type()) ||
      !isOneOf(condition, n.builder().getI1Type()))
    return n.unsupported("the body is missing, or the trip count or condition "
                         "is not a scalar",
                         "check the model with the ONNX checker");
  LoopImporter loop(n, body->node_size());
  loop.trips = trips;
  if (trips)
    if (std::optional<Exprs> numbers = n.extents().getNumbers(trips))
      loop.count = numbers->front();
  loop.condition = condition;
  loop.yieldsCondition = true;
  for (unsigned i = 2; i < n.numInputs(); ++i) {
    if (!n.hasInput(i))
      return n.unsupported("state " + Twine(i - 2) + " is missing",
                           "check the model with the ONNX checker");
    loop.states.push_back(n.input(i));
  }
  Value yes = n.splat(n.builder().getI1Type(), 1);
  loop.body = [&](Value i, ValueRange states) {
    SmallVector<Value> args = {i, yes};
    llvm::append_range(args, states);
    return n.importBody(*body, args);
  };
  return loop.run();
}

//===----------------------------------------------------------------------===//
// Scan
//===----------------------------------------------------------------------===//

namespace {
/// The attributes of Scan; of directions, 1 is reverse.
struct ScanAttrs {
  SmallVector<int64_t> inputAxes, inputReverse, outputAxes, outputReverse;
  size_t numStates = 0;
};
} // namespace

static FailureOr<ScanAttrs>
readScan(OpImporter &n, const onnx::GraphProto &body, size_t numInputs) {
  bool isOld = n.opset() < 9;
  int64_t numScanned = n.intAttr("num_scan_inputs", 0);
  int64_t numStates = static_cast<int64_t>(numInputs) - numScanned;
  int64_t numCollected = body.output_size() - numStates;
  if (numScanned < 1 || numStates < 0 || numCollected < 0)
    return n.unsupported("num_scan_inputs = " + Twine(numScanned) + " of " +
                             Twine(numInputs) + " inputs",
                         "check the model with the ONNX checker");
  auto read = [&](StringRef name, int64_t count) {
    return n.intsAttr(name, SmallVector<int64_t>(count, 0));
  };
  ScanAttrs attrs;
  attrs.numStates = numStates;
  attrs.inputAxes = read("scan_input_axes", numScanned);
  attrs.inputReverse =
      read(isOld ? "directions" : "scan_input_directions", numScanned);
  attrs.outputAxes = read("scan_output_axes", numCollected);
  attrs.outputReverse = read("scan_output_directions", numCollected);
  if (static_cast<int64_t>(attrs.inputAxes.size()) != numScanned ||
      static_cast<int64_t>(attrs.inputReverse.size()) != numScanned ||
      static_cast<int64_t>(attrs.outputAxes.size()) != numCollected ||
      static_cast<int64_t>(attrs.outputReverse.size()) != numCollected)
    return n.unsupported("axes and directions do not go with its inputs and "
                         "outputs",
                         "check the model with the ONNX checker");
  return attrs;
}

/// Collected values with dimension 0 moved to `axis`, perhaps from the end.
static MaybeValue arrangeOutput(OpImporter &n, Value collected, int64_t axis,
                                bool reverse) {
  RankedTensorType type = typeOf(collected);
  int64_t rank = type.getRank();
  if (axis < -rank || axis >= rank)
    return n.unsupported("a scan output's axis is " + Twine(axis),
                         "give an axis in [-rank, rank)");
  if (axis < 0)
    axis += rank;
  MaybeValue result = collected;
  AffineExpr length = n.extents().getExtent(collected, 0);
  if (reverse && n.extents().isOpen(length)) {
    AffineExpr last = n.extents().simplify(length - 1);
    result = sliceOpen(n, collected, 0, {last, length, /*step=*/-1});
  } else if (reverse && type.getDimSize(0) > 0) {
    SmallVector<int64_t> starts(rank, 0), steps(rank, 1);
    starts[0] = type.getDimSize(0) - 1;
    steps[0] = -1;
    result = chain<SliceOp>(n, result, starts, type.getShape(), steps);
  }
  auto permutation = llvm::to_vector(llvm::seq<int64_t>(1, rank));
  permutation.insert(permutation.begin() + axis, 0);
  return chain<TransposeOp>(n, result, permutation);
}

/// Runs the graph along the scanned dimension of its last inputs.
static ImportResult buildScan(OpImporter &n, const onnx::GraphProto &body,
                              const ScanAttrs &attrs, ArrayRef<Value> inputs) {
  ArrayRef<Value> scanned = inputs.drop_front(attrs.numStates);
  Extents &extents = n.extents();
  AffineExpr length;
  SmallVector<int64_t> axes;
  for (auto [input, axis] : llvm::zip_equal(scanned, attrs.inputAxes)) {
    RankedTensorType type = typeOf(input);
    bool fits = axis >= -type.getRank() && axis < type.getRank();
    axes.push_back(axis < 0 ? axis + type.getRank() : axis);
    AffineExpr here = fits ? extents.getExtent(input, axes.back()) : length;
    bool isOpen =
        fits && length && (extents.isOpen(here) || extents.isOpen(length));
    if (!fits || (length && !isOpen && here != length))
      return n.unsupported("its inputs have different lengths",
                           "check the model with the ONNX checker");
    length = isOpen ? extents.check(n.loc(), length, here, here) : here;
  }
  LoopImporter loop(n, body.node_size());
  loop.trips = buildCount(n, length);
  loop.count = length;
  loop.states.assign(inputs.begin(), inputs.begin() + attrs.numStates);
  loop.body = [&](Value i, ValueRange states) -> ImportResult {
    SmallVector<Value> args(states);
    for (auto [input, axis, reverse] :
         llvm::zip_equal(scanned, axes, attrs.inputReverse)) {
      MaybeValue at = i;
      if (reverse)
        at = n.value<SubOp>(buildCount(n, extents.simplify(length - 1)), i);
      if (failed(at))
        return failure();
      // No iteration is beyond the extent.
      Exprs exprs = extents.getExtents(input);
      exprs.erase(exprs.begin() + axis);
      MaybeValue element =
          extents.isOpen(input)
              ? n.withExtents<GatherOp>(exprs, input, *at, axis,
                                        /*in_bounds=*/true)
              : n.value<GatherOp>(input, *at, axis, /*in_bounds=*/true);
      if (failed(element))
        return failure();
      args.push_back(*element);
    }
    return n.importBody(body, args);
  };
  ImportResult results = loop.run();
  if (failed(results))
    return failure();
  for (auto [i, axis] : llvm::enumerate(attrs.outputAxes)) {
    if (attrs.numStates + i >= results->size())
      break; // Nothing ran, and nobody asked.
    Value &collected = (*results)[attrs.numStates + i];
    MaybeValue arranged =
        arrangeOutput(n, collected, axis, attrs.outputReverse[i] != 0);
    if (failed(arranged))
      return failure();
    collected = *arranged;
  }
  return results;
}

/// Before opset 9, all inputs had a batch dimension first.
static ImportResult buildBatchedScan(OpImporter &n,
                                     const onnx::GraphProto &body,
                                     const ScanAttrs &attrs,
                                     ArrayRef<Value> inputs) {
  int64_t batch = -1;
  for (Value input : inputs) {
    RankedTensorType type = typeOf(input);
    if (type.getRank() < 1 || (batch >= 0 && type.getDimSize(0) != batch))
      return n.unsupported("its inputs have no common batch",
                           "check the model with the ONNX checker");
    if (n.extents().isOpen(input, 0))
      return n.unsupported("a bounded batch", "fix the extent");
    batch = type.getDimSize(0);
  }
  SmallVector<SmallVector<Value>> all;
  for (int64_t b = 0; b < batch; ++b) {
    SmallVector<Value> elements;
    for (Value input : inputs) {
      MaybeValue element = n.value<GatherOp>(
          input, n.splat(n.builder().getI64Type(), static_cast<double>(b)), 0,
          /*in_bounds=*/true);
      if (failed(element))
        return failure();
      elements.push_back(*element);
    }
    ImportResult results = buildScan(n, body, attrs, elements);
    if (failed(results))
      return failure();
    all.resize(results->size());
    for (auto [values, result] : llvm::zip_equal(all, *results))
      values.push_back(result);
  }
  SmallVector<MaybeValue> outputs;
  for (ArrayRef<Value> values : all)
    outputs.push_back(buildStacked(n, values, 0));
  return chainResults(outputs);
}

static ImportResult importScan(OpImporter &n) {
  const onnx::GraphProto *body = n.graphAttr("body");
  bool isOld = n.opset() < 9;
  if (isOld && n.hasInput(0))
    return n.unsupported("sequence_lens of opset 8",
                         "convert the model to opset 9 or later");
  SmallVector<Value> inputs;
  for (unsigned i = isOld ? 1 : 0; i < n.numInputs(); ++i) {
    if (!n.hasInput(i))
      return n.unsupported("input " + Twine(i) + " is missing",
                           "check the model with the ONNX checker");
    inputs.push_back(n.input(i));
  }
  if (!body)
    return n.unsupported("it has no body", "check the model");
  FailureOr<ScanAttrs> attrs = readScan(n, *body, inputs.size());
  if (failed(attrs))
    return failure();
  return isOld ? buildBatchedScan(n, *body, *attrs, inputs)
               : buildScan(n, *body, *attrs, inputs);
}

void cameo::registerControl(OpRegistry &registry) {
  registry.addForSequences("Loop", importLoop, 0);
  registry.add("Scan", importScan, 0);
  registry.allowOpenDims({"Loop", "Scan"});
}
