//===- PrefetchStreams.cpp - Ask for weights before they are needed -------===//
//
// Packed weights are read in order, between loads that hardware prefetchers
// follow instead. Weights that every tile of rows reads again, or between which
// there are others, are requested while the columns before them are computed, a
// few lines at a time; the rest some kilobytes ahead. All come to the
// second-level cache.
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
  // repeat them, and then those along which they move on.
  SmallVector<scf::ForOp> taps, rows, columns;

  Value getBuffer() { return baseOf(loads.front().getBase()); }
};

struct PrefetchStreamsPass
    : cameo::impl::PrefetchStreamsBase<PrefetchStreamsPass> {
  using PrefetchStreamsBase::PrefetchStreamsBase;
  void runOnOperation() override;

private:
  bool isWorthIt(Value buffer) const;
  void requestAhead(Stream &stream);
  bool requestColumns(ArrayRef<Stream *> streams);
  void requestPart(ArrayRef<Stream> streams, bool isOnly);
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

static SmallVector<vector::LoadOp>
inOrderOfMemory(SmallVector<vector::LoadOp> loads) {
  llvm::sort(loads, [](vector::LoadOp a, vector::LoadOp b) {
    return placeOf(a) < placeOf(b);
  });
  return loads;
}

/// One load for each line, in the order of memory.
static SmallVector<vector::LoadOp>
firstOfLines(ArrayRef<vector::LoadOp> loads) {
  SmallVector<vector::LoadOp> lines;
  for (vector::LoadOp load : inOrderOfMemory(llvm::to_vector(loads))) {
    int64_t lineElements =
        kLineBytes * load.getVectorType().getNumElements() / bytesOf(load);
    if (lines.empty() || placeOf(load) - placeOf(lines.back()) >= lineElements)
      lines.push_back(load);
  }
  return lines;
}

/// Where each line is used only a few times the loads themselves are what takes
/// time.
static bool isUsedOften(const Stream &stream) {
  return stream.additions >=
         2 * static_cast<int64_t>(firstOfLines(stream.loads).size());
}

void PrefetchStreamsPass::requestAhead(Stream &stream) {
  if (!isUsedOften(stream))
    return;
  int64_t count = stream.loads.size();
  scf::ForOp loop = stream.taps.front();
  for (vector::LoadOp load : firstOfLines(stream.loads)) {
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

/// Elements that a stream reads while it moves along its taps.
static std::optional<int64_t> countElements(const Stream &stream) {
  std::optional<int64_t> steps = countSteps(stream.taps);
  if (!steps)
    return std::nullopt;
  vector::LoadOp load = stream.loads.front();
  return *steps * int64_t(stream.loads.size()) *
         load.getVectorType().getNumElements();
}

/// The loads of a stream in parts, each of which reads all from one place to
/// another along the taps; none when there are no such parts.
static std::vector<Stream> splitParts(const Stream &stream) {
  scf::ForOp tap = stream.taps.back();
  std::optional<int64_t> step = stepOf(stream.loads.front(), tap),
                         count = countSteps(tap);
  if (!step || !count || !countSteps(stream.taps))
    return {};
  int64_t extent = *step * *count, end = 0;
  std::vector<Stream> parts;
  SmallVector<int64_t> extents;
  for (vector::LoadOp load : inOrderOfMemory(stream.loads)) {
    int64_t place = placeOf(load);
    if (parts.empty() || place > end) {
      parts.push_back(stream);
      parts.back().loads.clear();
      extents.push_back(0);
    }
    if (parts.back().loads.empty() || place == end) {
      extents.back() += extent;
      end = place + extent;
    }
    parts.back().loads.push_back(load);
  }
  for (auto [part, all] : llvm::zip_equal(parts, extents))
    if (*countElements(part) != all)
      return {};
  return parts;
}

/// The variables of `columns`, innermost first, one step on.
static IRMapping nextColumn(MutableArrayRef<scf::ForOp> columns) {
  auto b = OpBuilder::atBlockBegin(columns.front().getBody());
  IRMapping next;
  Value isFirst; // Whether all loops inside begin again.
  for (scf::ForOp loop : columns) {
    Location loc = loop.getLoc();
    Value ahead = variableAhead(b, loop, 1), isOver;
    if (loop != columns.back()) {
      isOver = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sge, ahead,
                                     loop.getUpperBound());
      ahead =
          arith::SelectOp::create(b, loc, isOver, loop.getLowerBound(), ahead);
    }
    if (isFirst)
      ahead = arith::SelectOp::create(b, loc, isFirst, ahead,
                                      loop.getInductionVar());
    next.map(loop.getInductionVar(), ahead);
    if (isOver)
      isFirst =
          isFirst ? arith::AndIOp::create(b, loc, isFirst, isOver) : isOver;
  }
  return next;
}

/// Spreads requests for what the next step of the columns reads evenly over
/// what this step does with its own, which it reads once per tile of rows.
/// False where it does not read all from one place to another.
bool PrefetchStreamsPass::requestColumns(ArrayRef<Stream *> streams) {
  std::vector<std::vector<Stream>> parts;
  for (Stream *stream : streams) {
    if (!countSteps(stream->rows))
      return false;
    parts.push_back(splitParts(*stream));
  }
  // Such as several blocks of filters.
  size_t count = parts.front().size();
  if (count == 0 ||
      !llvm::all_of(parts, [&](auto &of) { return of.size() == count; }))
    return false;
  for (size_t i = count; i-- > 0;) {
    std::vector<Stream> part;
    for (const std::vector<Stream> &of : parts)
      part.push_back(of[i]);
    requestPart(part, count == 1);
  }
  return true;
}

/// Requests one part of the next step of the columns.
void PrefetchStreamsPass::requestPart(ArrayRef<Stream> streams, bool isOnly) {
  int64_t tiles = 0;
  for (const Stream &stream : streams)
    tiles += *countSteps(stream.rows);
  int64_t firstTile = 0;
  SmallVector<scf::ForOp> columns = streams.front().columns;
  IRMapping next = nextColumn(columns);
  for (const Stream &stream : streams) {
    vector::LoadOp load = firstOfLines(stream.loads).front();
    int64_t lines = *countSteps(stream.taps) * stream.loads.size() *
                    bytesOf(load) / kLineBytes;
    // In the innermost loop where most steps have a request; half of them do
    // where parts add up to one.
    ArrayRef<scf::ForOp> loops = stream.taps;
    while (loops.size() > 1 &&
           2 * lines < tiles * *countSteps(loops) + (isOnly ? 0 : 1))
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
    llvm::append_range(counted, stream.rows);
    Value number = arith::AddIOp::create(b, loc, numberOfStep(b, loc, counted),
                                         constant(firstTile * steps));
    int64_t lineElements =
        kLineBytes * load.getVectorType().getNumElements() / bytesOf(load);
    Value place =
        arith::MulIOp::create(b, loc, number, constant(perStep * lineElements));
    IRMapping moved = next;
    for (scf::ForOp tap : stream.taps)
      moved.map(tap.getInductionVar(), tap.getLowerBound());
    SmallVector<Value> indices = indicesWith(b, load, columns.back(), moved);
    Value last = arith::AddIOp::create(b, loc, indices.back(), place);
    for (int64_t line = 0; line < perStep; ++line) {
      indices.back() =
          arith::AddIOp::create(b, loc, last, constant(line * lineElements));
      request(load, b, indices);
    }
    firstTile += *countSteps(stream.rows);
  }
}

//===----------------------------------------------------------------------===//
// Everything
//===----------------------------------------------------------------------===//

/// Whether a loop outside the taps of `stream` moves it by other than what they
/// read, as the points of a run of filters do. Where that is little it would be
/// asked for too late, where it is much it need not be all.
static bool isJump(const Stream &stream, int64_t step) {
  constexpr int64_t kLeastBytes = 4096, kMostBytes = 131072;
  std::optional<int64_t> elements = countElements(stream);
  if (!elements || step == *elements || !isUsedOften(stream) ||
      splitParts(stream).empty())
    return false;
  vector::LoadOp load = stream.loads.front();
  int64_t bytes =
      *elements * bytesOf(load) / load.getVectorType().getNumElements();
  return bytes >= kLeastBytes && bytes <= kMostBytes;
}

/// Finds the roles of the loops around `stream`.
static void classifyLoops(Stream &stream, scf::ForOp inner) {
  vector::LoadOp load = stream.loads.front();
  Operation *base = load.getBase().getDefiningOp();
  stream.taps.push_back(inner);
  for (auto loop = inner->getParentOfType<scf::ForOp>(); loop;
       loop = loop->getParentOfType<scf::ForOp>()) {
    std::optional<int64_t> step = stepOf(load, loop);
    if (!step || (base && loop->isProperAncestor(base)))
      return; // Not known.
    if (*step == 0 && !stream.columns.empty())
      return;
    if (*step == 0)
      stream.rows.push_back(loop);
    else if (stream.rows.empty() && stream.columns.empty() &&
             !isJump(stream, *step))
      stream.taps.push_back(loop);
    else
      stream.columns.push_back(loop);
  }
}

/// Gives `stream` the columns of those with which it shares them, where it
/// took their loops for taps.
template <typename Map> static void shareColumns(Stream &stream, Map &columns) {
  for (auto [i, loop] : llvm::enumerate(stream.taps)) {
    auto found = columns.find({loop, stream.getBuffer()});
    if (i == 0 || found == columns.end())
      continue;
    stream.columns = found->second;
    stream.taps.truncate(i);
    stream.rows.clear();
    return;
  }
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
  using Key = std::pair<Operation *, Value>;
  DenseMap<Key, SmallVector<scf::ForOp>> columns;
  for (Stream &stream : streams)
    if (!stream.columns.empty())
      columns[{stream.columns.front(), stream.getBuffer()}] = stream.columns;
  llvm::MapVector<Key, SmallVector<Stream *>> sharing;
  for (Stream &stream : streams) {
    shareColumns(stream, columns);
    if (stream.columns.empty())
      requestAhead(stream);
    else
      sharing[{stream.columns.front(), stream.getBuffer()}].push_back(&stream);
  }
  for (auto &[key, members] : sharing)
    if (!requestColumns(members))
      for (Stream *stream : members)
        requestAhead(*stream);
}
