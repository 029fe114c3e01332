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

static constexpr Limit kNoIteration{
    "no iteration runs, so that the shapes of what it collects are unknown",
    "give it at least one iteration"};
static constexpr Limit kCollectsSequences{"it collects sequences",
                                          "collect tensors"};
static constexpr Limit kStateShape{
    "a state changes its shape in an unknown number of iterations",
    "make the number of iterations constant"};
static constexpr Limit kUnknownCount{
    "it collects values of an unknown number of iterations",
    "make the number of iterations constant, or give the most there may be as "
    "the trip count"};
static constexpr Limit kSequenceStates{
    "its states are sequences in too many iterations",
    "make the number of iterations constant"};
static constexpr Limit kStateExtents{
    "a state changes its bounded extents from one iteration to the next",
    "make the number of iterations constant, or fix the extents"};
static constexpr Limit kUnknownGrowth{
    "a state grows in an unknown number of iterations",
    "give the most there may be as the trip count"};
static constexpr Limit kStateRank{"a state changes its rank", "keep its shape"};

/// Loops of at most this many nodes in all iterations are unrolled.
static constexpr int64_t kMaxUnrolledNodes = 1024;
/// The same for those that cannot stay loops.
static constexpr int64_t kMaxForcedNodes = 1 << 15;

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

namespace {
/// A state that becomes longer along one dimension in every iteration.
struct Growth {
  size_t state;
  int64_t dim, by;
};

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
  /// The states that grow by the same in every iteration; none when one changes
  /// otherwise.
  std::optional<SmallVector<Growth>> findGrowths(ArrayRef<Value> yielded);
  /// Gives such states the most room that they need, and adds last states that
  /// are their extents.
  LogicalResult growStates(ArrayRef<Growth> growths);
  /// The next values of such states, and these extents.
  ImportResult stepGrown(Value i, ValueRange now, size_t numStates,
                         function_ref<ImportResult(ValueRange)> step);
  ImportResult finishLoop(BodyRegion &region, Value loopCondition);
  /// The extents of the results for what the region yields.
  FailureOr<SmallVector<Exprs>> getResultExtents(BodyRegion &region,
                                                 ArrayRef<Value> yielded);

  Value integer(int64_t value) {
    return n.splat(n.builder().getI64Type(), static_cast<double>(value));
  }

  OpImporter &n;
  int64_t numNodes;          ///< Of an iteration.
  size_t numHidden = 0;      ///< Last states that are no results.
  bool counts = false;       ///< Whether the last of them counts iterations.
  SmallVector<Growth> grown; ///< Their extents are the first hidden states.
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
    return ImportResult(n.unsupported(kNoIteration));
  for (ArrayRef<Value> values : collected) {
    if (!llvm::all_of(values, isTensor))
      return ImportResult(n.unsupported(kCollectsSequences));
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
    if (llvm::is_contained(
            llvm::map_range(grown,
                            [](const Growth &growth) { return growth.state; }),
            i)) {
      result.push_back(extents.getExtents(states[i]));
      continue;
    }
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
      return n.unsupported(kStateExtents);
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
      return n.unsupported(kStateShape);
    types.push_back(before.getType());
  }
  if (yielded.size() > numStates && !count)
    return n.unsupported(kUnknownCount);
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
  size_t numVisible = numStates - numHidden;
  for (auto [k, growth] : llvm::enumerate(grown))
    (*exprs)[growth.state][growth.dim] = n.extents().addSymbol(
        op.getResult(numVisible + k),
        {0, typeOf(states[growth.state]).getDimSize(growth.dim)});
  if (counts) {
    AffineExpr runs =
        n.extents().addSymbol(op.getResult(numStates - 1), {0, length});
    for (Exprs &collected : MutableArrayRef(*exprs).drop_front(numStates))
      collected.front() = runs;
  }
  for (auto [result, extents] : llvm::zip_equal(results, *exprs))
    n.extents().setExtents(result, extents);
  results.erase(results.begin() + numVisible, results.begin() + numStates);
  return results;
}

std::optional<SmallVector<Growth>>
LoopImporter::findGrowths(ArrayRef<Value> yielded) {
  Extents &extents = n.extents();
  SmallVector<Growth> growths;
  for (auto [i, state] : llvm::enumerate(states)) {
    RankedTensorType from = typeOf(state), to = typeOf(yielded[i]);
    if (from == to)
      continue;
    if (from.getRank() != to.getRank() ||
        from.getElementType() != to.getElementType())
      return std::nullopt;
    Exprs before = extents.getExtents(state),
          after = extents.getExtents(yielded[i]);
    size_t found = growths.size();
    for (int64_t dim = 0; dim < from.getRank(); ++dim) {
      int64_t by = to.getDimSize(dim) - from.getDimSize(dim);
      if (!extents.areEqual(before[dim] + by, after[dim]))
        return std::nullopt;
      if (by > 0)
        growths.push_back({i, dim, by});
    }
    if (growths.size() != found + 1)
      return std::nullopt;
  }
  return growths;
}

LogicalResult LoopImporter::growStates(ArrayRef<Growth> growths) {
  Extents &extents = n.extents();
  size_t numStates = states.size();
  for (const Growth &growth : growths) {
    Value state = states[growth.state];
    RankedTensorType type = typeOf(state);
    Exprs exprs = extents.getExtents(state);
    int64_t most = count ? extents.getRange(count).high : -1, more = 0;
    SmallVector<int64_t> pads(2 * type.getRank(), 0), shape(type.getShape());
    bool isTooMuch =
        llvm::MulOverflow(std::max<int64_t>(most, 0), growth.by, more) ||
        !hasSensibleSize(more);
    shape[growth.dim] += isTooMuch ? 0 : more;
    if (!count || isTooMuch || !hasSensibleSize(shape))
      return n.unsupported(kUnknownGrowth);
    pads[type.getRank() + growth.dim] = more;
    MaybeValue wide = n.withExtents<PadOp>(
        exprs, state, n.splat(type.getElementType(), 0), pads);
    if (failed(wide))
      return failure();
    states[growth.state] = *wide;
    states.push_back(extents.materialize(n.loc(), exprs[growth.dim]));
    grown.push_back(growth);
  }
  numHidden += growths.size();
  body = [this, numStates, inner = body](Value i, ValueRange now) {
    return stepGrown(i, now, numStates,
                     [&](ValueRange visible) { return inner(i, visible); });
  };
  return success();
}

ImportResult
LoopImporter::stepGrown(Value i, ValueRange now, size_t numStates,
                        function_ref<ImportResult(ValueRange)> step) {
  Extents &extents = n.extents();
  for (auto [k, growth] : llvm::enumerate(grown)) {
    Value state = now[growth.state];
    Exprs exprs = extents.getExtents(states[growth.state]);
    exprs[growth.dim] = extents.addSymbol(
        now[numStates + k], {0, typeOf(state).getDimSize(growth.dim)});
    extents.setExtents(state, exprs);
  }
  ImportResult results = step(now.take_front(numStates));
  size_t first = yieldsCondition ? 1 : 0;
  if (failed(results) || results->size() < first + numStates)
    return failure();
  SmallVector<Value> next;
  for (const Growth &growth : grown) {
    Value &value = (*results)[first + growth.state];
    RankedTensorType type = typeOf(states[growth.state]);
    Exprs exprs = extents.getExtents(value);
    if (typeOf(value).getRank() != type.getRank())
      return n.unsupported(kStateRank);
    // Nothing is beyond the room for all iterations.
    SmallVector<int64_t> starts(type.getRank(), 0), steps(type.getRank(), 1);
    MaybeValue kept =
        n.withExtents<SliceOp>(exprs, value, starts, type.getShape(), steps);
    if (failed(kept))
      return failure();
    value = *kept;
    next.push_back(extents.materialize(n.loc(), exprs[growth.dim]));
  }
  results->insert(results->begin() + first + numStates, next.begin(),
                  next.end());
  return results;
}

ImportResult LoopImporter::buildLoop() {
  if (std::optional<int64_t> constant = getConstantInt(trips))
    count = n.extents().constant(*constant);
  if (!llvm::all_of(states, isTensor))
    return n.unsupported(kSequenceStates);
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
  auto growths =
      findGrowths(ArrayRef(region->results).drop_front(loopCondition ? 1 : 0));
  if (growths && !growths->empty() && grown.empty()) {
    eraseRegion(n, region->block());
    if (failed(growStates(*growths)))
      return failure();
    return buildLoop();
  }
  if (!loopCondition || !collects || counts)
    return finishLoop(*region, loopCondition);
  // How many values are collected is known after the loop: it counts.
  eraseRegion(n, region->block());
  countIterations();
  return buildLoop();
}

void LoopImporter::countIterations() {
  counts = true;
  ++numHidden;
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

ImportResult cameo::buildRepeated(
    OpImporter &n, AffineExpr trips, ArrayRef<Value> states, int64_t numNodes,
    llvm::function_ref<ImportResult(Value i, ValueRange states)> body) {
  LoopImporter loop(n, numNodes);
  loop.trips = n.extents().materialize(n.loc(), trips);
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

void cameo::registerControl(OpRegistry &registry) {
  registry.add("Loop", 1, "int64?, bool?, any|sequence|optional?...",
               importLoop,
               {kNoIteration, kCollectsSequences, kStateShape, kUnknownCount,
                kSequenceStates, kStateExtents, kUnknownGrowth, kStateRank});
  registry.add("Scan", 8, "any?...", importScan,
               {kSequenceLens, kOpenBatch, kStateExtents});
  registry.allowOpenDims({"Loop", "Scan"});
}
