//===- PrefetchStreams.cpp - Ask for weights before they are needed -------===//
//
// Packed weights are read in order, between loads that hardware prefetchers
// follow instead. Weights that every tile of rows reads again are requested
// while the columns before them are computed, a few lines at a time; others
// some kilobytes ahead. All come to the second-level cache.
//
//===----------------------------------------------------------------------===//

#include "codegen/lower/Passes.h"

#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace cameo {
#define GEN_PASS_DEF_PREFETCHSTREAMS
#include "codegen/lower/Passes.h.inc"
} // namespace cameo

using namespace cameo;

namespace {
/// Loops around an innermost one that reads a buffer.
struct Stream {
  SmallVector<vector::LoadOp> loads;
  int64_t additions = 0; // Of the innermost loop, per iteration.
  // From the innermost loop on: those along which the loads move, those which
  // repeat them, and then the next one along which they move.
  SmallVector<scf::ForOp> taps, rows;
  scf::ForOp columns;

  Value getBuffer() { return baseOf(loads.front().getBase()); }
};

struct PrefetchStreamsPass
    : cameo::impl::PrefetchStreamsBase<PrefetchStreamsPass> {
  using PrefetchStreamsBase::PrefetchStreamsBase;
  void runOnOperation() override;

private:
  bool isWorthIt(Value buffer) const;
  void requestAhead(Stream &stream);
  bool requestColumns(scf::ForOp columns, ArrayRef<Stream *> streams,
                      bool areParts = false);
  bool requestParts(scf::ForOp columns, ArrayRef<Stream *> streams);
  void request(vector::LoadOp load, OpBuilder &builder, ValueRange indices);
};

constexpr int64_t kLineBytes = 64;
} // namespace

/// The factor of `variable` in `value`, an expression of values from outside
/// `loop`; none when it is not linear.
static std::optional<int64_t> factorIn(Value value, scf::ForOp loop) {
  if (value == loop.getInductionVar())
    return 1;
  Operation *op = value.getDefiningOp();
  if (!op || !loop->isProperAncestor(op))
    return value.getParentBlock() == loop.getBody() ? std::nullopt
                                                    : std::optional<int64_t>(0);
  if (!isa<arith::AddIOp, arith::MulIOp>(op))
    return std::nullopt;
  std::optional<int64_t> left = factorIn(op->getOperand(0), loop),
                         right = factorIn(op->getOperand(1), loop);
  if (!left || !right)
    return std::nullopt;
  if (isa<arith::AddIOp>(op))
    return *left + *right;
  std::optional<int64_t> scale = getConstantIntValue(op->getOperand(1));
  if (*left == 0 && *right == 0)
    return 0;
  return scale ? std::optional<int64_t>(*left * *scale) : std::nullopt;
}

/// How many elements further an access is after one step of the loop; none
/// when that is not fixed.
static std::optional<int64_t> stepOf(vector::LoadOp load, scf::ForOp loop) {
  auto [strides, offset] = load.getMemRefType().getStridesAndOffset();
  std::optional<int64_t> step = getConstantIntValue(loop.getStep());
  int64_t sum = 0;
  for (auto [index, stride] : llvm::zip_equal(load.getIndices(), strides)) {
    std::optional<int64_t> factor = factorIn(index, loop);
    if (!step || !factor || ShapedType::isDynamic(stride))
      return std::nullopt;
    sum += *factor * stride * *step;
  }
  return sum;
}

/// Buffers from outside that a second-level cache does not hold anyway.
bool PrefetchStreamsPass::isWorthIt(Value buffer) const {
  buffer = baseOf(buffer);
  auto argument = dyn_cast<BlockArgument>(buffer);
  auto type = cast<MemRefType>(buffer.getType());
  return argument && argument.getOwner()->isEntryBlock() &&
         isa<func::FuncOp>(argument.getOwner()->getParentOp()) &&
         type.hasStaticShape() &&
         type.getNumElements() * type.getElementTypeBitWidth() >=
             8 * smallestBytes;
}

/// Whether products take single lanes of what is loaded: each line of a row
/// lasts for some steps.
static bool isTakenByLane(vector::LoadOp load) {
  return llvm::all_of(load->getUsers(), [](Operation *user) {
    return isa<vector::ExtractOp, vector::BroadcastOp>(user);
  });
}

/// What of an index is the same in every step.
static int64_t constantPart(Value value) {
  if (std::optional<int64_t> constant = getConstantIntValue(value))
    return *constant;
  Operation *op = value.getDefiningOp();
  if (isa_and_nonnull<arith::AddIOp>(op))
    return constantPart(op->getOperand(0)) + constantPart(op->getOperand(1));
  if (isa_and_nonnull<arith::MulIOp>(op))
    return constantPart(op->getOperand(0)) * constantPart(op->getOperand(1));
  return 0;
}

/// Where `load` reads in its buffer, in elements, as far as that is the same in
/// every step.
static int64_t placeOf(vector::LoadOp load) {
  int64_t place = 0;
  auto addIndices = [&](MemRefType type, ArrayRef<OpFoldResult> indices) {
    SmallVector<int64_t> strides = type.getStridesAndOffset().first;
    for (auto [index, stride] : llvm::zip_equal(indices, strides)) {
      auto value = dyn_cast<Value>(index);
      int64_t constant =
          value ? constantPart(value) : *getConstantIntValue(index);
      place += constant * stride;
    }
  };
  addIndices(load.getMemRefType(), getAsOpFoldResult(load.getIndices()));
  Value buffer = load.getBase();
  while (auto view = buffer.getDefiningOp<ViewLikeOpInterface>()) {
    buffer = view.getViewSource();
    if (auto part = dyn_cast<memref::SubViewOp>(*view))
      addIndices(part.getSourceType(), part.getMixedOffsets());
  }
  return place;
}

static int64_t bytesOf(vector::LoadOp load) {
  VectorType type = load.getVectorType();
  return type.getNumElements() * type.getElementTypeBitWidth() / 8;
}

/// The indices of `load` with other values for the variables of loops, all of
/// them in `outermost`.
static SmallVector<Value> indicesWith(OpBuilder &builder, vector::LoadOp load,
                                      scf::ForOp outermost, IRMapping &moved) {
  std::function<Value(Value)> rebuild = [&](Value value) -> Value {
    Operation *op = value.getDefiningOp();
    if (moved.contains(value))
      return moved.lookup(value);
    if (!op || !outermost->isProperAncestor(op))
      return value;
    for (Value operand : op->getOperands())
      moved.map(operand, rebuild(operand));
    return builder.clone(*op, moved)->getResult(0);
  };
  return llvm::map_to_vector(load.getIndices(), rebuild);
}

/// The variable of a loop, `steps` steps further on.
static Value variableAhead(OpBuilder &builder, scf::ForOp loop, int64_t steps) {
  int64_t distance = steps * *getConstantIntValue(loop.getStep());
  return arith::AddIOp::create(
      builder, loop.getLoc(), loop.getInductionVar(),
      arith::ConstantIndexOp::create(builder, loop.getLoc(), distance));
}

// The first-level cache has places for a few dozen lines that are under way: a
// loop would wait for one. It finds in the second one what it reads next.
void PrefetchStreamsPass::request(vector::LoadOp load, OpBuilder &builder,
                                  ValueRange indices) {
  memref::PrefetchOp::create(builder, load.getLoc(), load.getBase(), indices,
                             /*isWrite=*/false, /*localityHint=*/2,
                             /*isDataCache=*/true);
  ++numPrefetches;
}

//===----------------------------------------------------------------------===//
// Some kilobytes ahead
//===----------------------------------------------------------------------===//

/// One load for each line, in the order of memory.
static SmallVector<vector::LoadOp>
firstOfLines(SmallVector<vector::LoadOp> loads) {
  llvm::sort(loads, [](vector::LoadOp a, vector::LoadOp b) {
    return placeOf(a) < placeOf(b);
  });
  SmallVector<vector::LoadOp> lines;
  for (vector::LoadOp load : loads) {
    int64_t lineElements =
        kLineBytes * load.getVectorType().getNumElements() / bytesOf(load);
    if (lines.empty() || placeOf(load) - placeOf(lines.back()) >= lineElements)
      lines.push_back(load);
  }
  return lines;
}

void PrefetchStreamsPass::requestAhead(Stream &stream) {
  // Where each line is used only a few times the loads themselves are what
  // takes time.
  SmallVector<vector::LoadOp> lines = firstOfLines(stream.loads);
  if (stream.additions < 2 * static_cast<int64_t>(lines.size()))
    return;
  int64_t count = stream.loads.size();
  scf::ForOp loop = stream.taps.front();
  for (vector::LoadOp load : lines) {
    int64_t lanes = load.getVectorType().getNumElements();
    std::optional<int64_t> step = stepOf(load, loop);
    if (!step || *step < lanes || *step > lanes * count)
      continue; // Not read in order.
    int64_t bytes = *step * load.getVectorType().getElementTypeBitWidth() / 8;
    OpBuilder builder(load);
    IRMapping moved;
    moved.map(loop.getInductionVar(),
              variableAhead(builder, loop, llvm::divideCeil(distance, bytes)));
    request(load, builder, indicesWith(builder, load, loop, moved));
  }
}

//===----------------------------------------------------------------------===//
// The next columns
//===----------------------------------------------------------------------===//

/// How often loops run together; none when that is not fixed.
static std::optional<int64_t> countSteps(ArrayRef<scf::ForOp> loops) {
  int64_t product = 1;
  for (scf::ForOp loop : loops) {
    std::optional<APInt> count = loop.getStaticTripCount();
    if (!count)
      return std::nullopt;
    product *= count->getSExtValue();
  }
  return product;
}

/// The number of a step of loops, innermost first, counted through.
static Value numberOfStep(OpBuilder &b, Location loc,
                          ArrayRef<scf::ForOp> loops) {
  Value number = arith::ConstantIndexOp::create(b, loc, 0);
  for (scf::ForOp loop : llvm::reverse(loops)) {
    Value count = arith::ConstantIndexOp::create(
        b, loc, loop.getStaticTripCount()->getSExtValue());
    Value done = arith::SubIOp::create(b, loc, loop.getInductionVar(),
                                       loop.getLowerBound());
    if (!isConstantIntValue(loop.getStep(), 1))
      done = arith::DivUIOp::create(b, loc, done, loop.getStep());
    number = arith::AddIOp::create(
        b, loc, arith::MulIOp::create(b, loc, number, count), done);
  }
  return number;
}

/// Whether the streams of one step of `columns` read what it, or the outermost
/// of their taps in all its steps, moves on by, each of them all of it.
static bool readAll(scf::ForOp columns, ArrayRef<Stream *> streams) {
  return llvm::all_of(streams, [&](Stream *stream) {
    vector::LoadOp load = stream->loads.front();
    scf::ForOp tap = stream->taps.back();
    std::optional<int64_t> step = stepOf(load, columns),
                           tapStep = stepOf(load, tap),
                           iterations = countSteps(stream->taps);
    if (!step || !tapStep || !iterations || !countSteps(stream->rows))
      return false;
    int64_t read = *iterations * int64_t(stream->loads.size()) *
                   load.getVectorType().getNumElements();
    return *step == read || *tapStep * *countSteps(tap) == read;
  });
}

/// Spreads requests for what the next step of `columns` reads evenly over what
/// this step does with its own, which it reads once per tile of rows.
bool PrefetchStreamsPass::requestColumns(scf::ForOp columns,
                                         ArrayRef<Stream *> streams,
                                         bool areParts) {
  if (!readAll(columns, streams))
    return requestParts(columns, streams);
  int64_t tiles = 0;
  for (Stream *stream : streams)
    tiles += *countSteps(stream->rows);
  int64_t firstTile = 0;
  for (Stream *stream : streams) {
    vector::LoadOp load = firstOfLines(stream->loads).front();
    int64_t lines = *countSteps(stream->taps) * stream->loads.size() *
                    bytesOf(load) / kLineBytes;
    // In the innermost loop where most steps have a request; half of them do
    // where parts add up to one.
    ArrayRef<scf::ForOp> loops = stream->taps;
    while (loops.size() > 1 &&
           2 * lines < tiles * *countSteps(loops) + (areParts ? 1 : 0))
      loops = loops.drop_front();
    int64_t steps = *countSteps(loops);
    int64_t perStep = llvm::divideCeil(lines, tiles * steps);
    scf::ForOp loop = loops.front();
    Location loc = load.getLoc();
    auto b = OpBuilder::atBlockBegin(loop.getBody());
    auto constant = [&](int64_t value) -> Value {
      return arith::ConstantIndexOp::create(b, loc, value);
    };
    SmallVector<scf::ForOp> counted(loops);
    llvm::append_range(counted, stream->rows);
    Value number = arith::AddIOp::create(b, loc, numberOfStep(b, loc, counted),
                                         constant(firstTile * steps));
    int64_t lineElements =
        kLineBytes * load.getVectorType().getNumElements() / bytesOf(load);
    Value place =
        arith::MulIOp::create(b, loc, number, constant(perStep * lineElements));
    IRMapping moved;
    moved.map(columns.getInductionVar(), variableAhead(b, columns, 1));
    for (scf::ForOp tap : stream->taps)
      moved.map(tap.getInductionVar(), tap.getLowerBound());
    SmallVector<Value> indices = indicesWith(b, load, columns, moved);
    Value last = arith::AddIOp::create(b, loc, indices.back(), place);
    for (int64_t line = 0; line < perStep; ++line) {
      indices.back() =
          arith::AddIOp::create(b, loc, last, constant(line * lineElements));
      request(load, b, indices);
    }
    firstTile += *countSteps(stream->rows);
  }
  return true;
}

/// The loads of a stream, each run of adjacent ones as a stream of its own.
static SmallVector<Stream> splitRuns(const Stream &stream) {
  SmallVector<vector::LoadOp> loads = stream.loads;
  llvm::sort(loads, [](vector::LoadOp a, vector::LoadOp b) {
    return placeOf(a) < placeOf(b);
  });
  SmallVector<Stream> runs;
  for (auto [i, load] : llvm::enumerate(loads)) {
    int64_t lanes = load.getVectorType().getNumElements();
    if (i == 0 || placeOf(load) - placeOf(loads[i - 1]) > lanes) {
      runs.push_back(stream);
      runs.back().loads.clear();
    }
    runs.back().loads.push_back(load);
  }
  return runs;
}

/// Streams of the same number of runs, such as several blocks of filters, each
/// of which `columns` moves on by.
bool PrefetchStreamsPass::requestParts(scf::ForOp columns,
                                       ArrayRef<Stream *> streams) {
  SmallVector<SmallVector<Stream>> parts;
  for (Stream *stream : streams)
    parts.push_back(splitRuns(*stream));
  size_t count = parts.front().size();
  if (count < 2 ||
      !llvm::all_of(parts, [&](auto &runs) { return runs.size() == count; }))
    return false;
  SmallVector<SmallVector<Stream *>> runs(count);
  for (SmallVector<Stream> &stream : parts)
    for (size_t i = 0; i < count; ++i)
      runs[i].push_back(&stream[i]);
  if (!llvm::all_of(runs, [&](auto &run) { return readAll(columns, run); }))
    return false;
  for (ArrayRef<Stream *> run : runs)
    requestColumns(columns, run, /*areParts=*/true);
  return true;
}

//===----------------------------------------------------------------------===//
// Everything
//===----------------------------------------------------------------------===//

/// Finds the roles of the loops around `stream`.
static void classifyLoops(Stream &stream, scf::ForOp inner) {
  stream.taps.push_back(inner);
  for (auto loop = inner->getParentOfType<scf::ForOp>(); loop;
       loop = loop->getParentOfType<scf::ForOp>()) {
    std::optional<int64_t> step = stepOf(stream.loads.front(), loop);
    if (!step)
      return;
    if (*step == 0) {
      stream.rows.push_back(loop);
    } else if (stream.rows.empty()) {
      stream.taps.push_back(loop);
    } else {
      stream.columns = loop;
      return;
    }
  }
}

/// The innermost loop along which `stream` moves that is among `columns`; what
/// was taken for taps outside it is none.
template <typename Map>
static scf::ForOp findColumns(Stream &stream, const Map &columns) {
  if (stream.columns)
    return stream.columns;
  for (auto [i, loop] : llvm::enumerate(stream.taps)) {
    if (i == 0 || !columns.contains({loop, stream.getBuffer()}))
      continue;
    stream.taps.truncate(i);
    stream.rows.clear();
    return loop;
  }
  return nullptr;
}

void PrefetchStreamsPass::runOnOperation() {
  if (!isKernel(getOperation()))
    return;
  std::vector<Stream> streams;
  getOperation().walk([&](scf::ForOp loop) {
    llvm::MapVector<Value, Stream> found;
    int64_t additions = 0;
    for (Operation &op : *loop.getBody()) {
      if (op.getNumRegions() > 0)
        return; // An outer loop.
      // Products that only unpack what is read do not count.
      additions += isa<arith::AddFOp, arith::AddIOp>(op) &&
                   isa<VectorType>(op.getResult(0).getType());
      if (auto load = dyn_cast<vector::LoadOp>(op))
        if (isWorthIt(load.getBase()) && !isTakenByLane(load))
          found[baseOf(load.getBase())].loads.push_back(load);
    }
    for (auto &[buffer, stream] : found) {
      stream.additions = additions;
      classifyLoops(stream, loop);
      streams.push_back(stream);
    }
  });
  llvm::MapVector<std::pair<Operation *, Value>, SmallVector<Stream *>> columns;
  for (Stream &stream : streams)
    if (stream.columns)
      columns[{stream.columns, stream.getBuffer()}];
  for (Stream &stream : streams) {
    if (scf::ForOp loop = findColumns(stream, columns))
      columns[{loop, stream.getBuffer()}].push_back(&stream);
    else
      requestAhead(stream);
  }
  for (auto &[key, members] : columns)
    if (!requestColumns(cast<scf::ForOp>(key.first), members))
      for (Stream *stream : members)
        requestAhead(*stream);
}
