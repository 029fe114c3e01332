//===- Movement.cpp - Import of data movement -----------------------------===//
//
// Split becomes slices; Tile and the exchanges of depth and space become
// reshapes around one expansion or transposition.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/Reshapes.h"
#include "compiler/import/ops/OpenShapes.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace cameo;

//===----------------------------------------------------------------------===//
// Permutations and parts
//===----------------------------------------------------------------------===//

static ImportResult importTranspose(OpImporter &n) {
  int64_t rank = typeOf(n.input(0)).getRank();
  SmallVector<int64_t> reversed =
      llvm::to_vector(llvm::reverse(llvm::seq(rank)));
  return n.build<TransposeOp>(n.input(0), n.intsAttr("perm", reversed));
}

static ImportResult importConcat(OpImporter &n) {
  SmallVector<Value> inputs;
  for (unsigned i = 0; i < n.numInputs(); ++i)
    if (n.hasInput(i))
      inputs.push_back(n.input(i));
  // Before opset 4 there was a default.
  FailureOr<int64_t> axis = n.axis("axis", 1, typeOf(inputs[0]).getRank());
  if (failed(axis))
    return failure();
  return n.build<ConcatOp>(ValueRange(inputs), *axis);
}

/// The part [start, start + extent) of dimension `axis`.
static MaybeValue chainPart(OpImporter &n, Value x, int64_t axis, int64_t start,
                            int64_t extent) {
  auto type = typeOf(x);
  SmallVector<int64_t> starts(type.getRank(), 0), extents(type.getShape()),
      steps(type.getRank(), 1);
  starts[axis] = start;
  extents[axis] = extent;
  return n.value<SliceOp>(x, starts, extents, steps);
}

/// The extents of the parts: given, or equal but for a smaller last one.
static FailureOr<SmallVector<int64_t>> getSplit(OpImporter &n, int64_t extent) {
  FailureOr<SmallVector<int64_t>> split = n.intsAttr("split", {});
  if (n.hasInput(1))
    split = n.constantInts(1, "split");
  if (failed(split))
    return failure();
  int64_t parts = n.intAttr("num_outputs", n.numOutputs());
  if (split->empty()) {
    if (parts <= 0 || parts != n.numOutputs())
      return n.unsupported("num_outputs = " + Twine(parts) +
                               ", but there are " + Twine(n.numOutputs()) +
                               " outputs",
                           "give the number of outputs");
    int64_t part = llvm::divideCeil(extent, parts);
    for (int64_t i = 0, left = extent; i < parts; ++i, left -= split->back())
      split->push_back(std::min(part, left));
  }
  int64_t total = 0;
  for (int64_t part : *split)
    if (part < 0 || llvm::AddOverflow(total, part, total))
      return n.unsupported("split has the part " + Twine(part),
                           "give extents of at least 0");
  if (total != extent || split->size() != n.numOutputs())
    return n.unsupported(Twine(split->size()) + " parts of " + Twine(total) +
                             " elements do not make " + Twine(n.numOutputs()) +
                             " outputs of " + Twine(extent) + " elements",
                         "give an extent per output");
  return split;
}

static ImportResult importSplit(OpImporter &n) {
  auto x = typeOf(n.input(0));
  FailureOr<int64_t> axis = n.axis("axis", 0, x.getRank());
  if (failed(axis))
    return failure();
  if (n.extents().isOpen(n.input(0), *axis) || isFromShapes(n, 1))
    return importOpenSplit(n, *axis);
  FailureOr<SmallVector<int64_t>> split = getSplit(n, x.getDimSize(*axis));
  if (failed(split))
    return failure();
  SmallVector<MaybeValue> results;
  int64_t start = 0;
  for (int64_t extent : *split) {
    results.push_back(chainPart(n, n.input(0), *axis, start, extent));
    start += extent;
  }
  return chainResults(results);
}

namespace {
/// What Slice's operands say.
struct SliceRanges {
  SmallVector<int64_t> starts, ends, axes, steps;
};
} // namespace

/// Reads operand `i` of Slice, from opset 10 on, or attribute `name` before.
static LogicalResult getSliceInts(OpImporter &n, unsigned i, StringRef name,
                                  SmallVector<int64_t> &values) {
  if (n.opset() < 10) {
    values = n.intsAttr(name, values);
    return success();
  }
  if (!n.hasInput(i) && i > 2)
    return success();
  FailureOr<SmallVector<int64_t>> given = n.constantInts(i, name);
  if (succeeded(given))
    values = *given;
  return given;
}

static FailureOr<SliceRanges> getSliceRanges(OpImporter &n, int64_t rank) {
  SliceRanges ranges;
  if (failed(getSliceInts(n, 1, "starts", ranges.starts)) ||
      failed(getSliceInts(n, 2, "ends", ranges.ends)))
    return failure();
  size_t count = ranges.starts.size();
  ranges.axes = llvm::to_vector(llvm::seq<int64_t>(0, count));
  ranges.steps.assign(count, 1);
  if (failed(getSliceInts(n, 3, "axes", ranges.axes)) ||
      failed(getSliceInts(n, 4, "steps", ranges.steps)))
    return failure();
  if (ranges.ends.size() != count || ranges.axes.size() != count ||
      ranges.steps.size() != count || llvm::is_contained(ranges.steps, 0))
    return n.unsupported("starts, ends, axes and steps do not belong together",
                         "give an entry per axis and steps other than 0");
  // Their order is that of the other operands: only checked here.
  if (failed(n.normalizedAxes(ranges.axes, rank)))
    return failure();
  for (int64_t &axis : ranges.axes)
    axis += axis < 0 ? rank : 0;
  return ranges;
}

static ImportResult importSlice(OpImporter &n) {
  if (isOpenNode(n) || (n.opset() >= 10 && (isData(n, 1) || isData(n, 2))))
    return importOpenSlice(n);
  auto x = typeOf(n.input(0));
  FailureOr<SliceRanges> ranges = getSliceRanges(n, x.getRank());
  if (failed(ranges))
    return failure();
  SmallVector<int64_t> starts(x.getRank(), 0), extents(x.getShape()),
      steps(x.getRank(), 1);
  for (auto [start, end, axis, step] : llvm::zip_equal(
           ranges->starts, ranges->ends, ranges->axes, ranges->steps)) {
    int64_t extent = x.getDimSize(axis);
    // Ends may be the extremes of the integer type.
    auto clamp = [&](int64_t i, int64_t low, int64_t high) {
      return std::clamp(i < 0 ? i + extent : i, low, high);
    };
    int64_t low = step > 0 ? 0 : -1, high = step > 0 ? extent : extent - 1;
    int64_t first =
        clamp(start, step > 0 ? 0 : std::min<int64_t>(0, high), high);
    int64_t last = clamp(end, low, high);
    // No extent is as long as the longest step.
    steps[axis] = std::clamp(step, -std::max<int64_t>(extent, 1),
                             std::max<int64_t>(extent, 1));
    int64_t span = step > 0 ? last - first : first - last;
    extents[axis] =
        span > 0 ? llvm::divideCeil(span, std::abs(steps[axis])) : int64_t(0);
    starts[axis] = extents[axis] == 0 ? 0 : first;
  }
  return n.build<SliceOp>(n.input(0), starts, extents, steps);
}

//===----------------------------------------------------------------------===//
// Repetition
//===----------------------------------------------------------------------===//

static ImportResult importExpand(OpImporter &n) {
  if (isOpenNode(n))
    return importOpenExpand(n);
  FailureOr<SmallVector<int64_t>> given = n.constantInts(1, "shape");
  if (failed(given))
    return failure();
  // The operand may have the larger extents.
  SmallVector<int64_t> shape = *given;
  auto x = typeOf(n.input(0));
  while (static_cast<int64_t>(shape.size()) < x.getRank())
    shape.insert(shape.begin(), 1);
  int64_t lead = shape.size() - x.getRank();
  for (int64_t dim = 0; dim < x.getRank(); ++dim)
    if (shape[lead + dim] == 1)
      shape[lead + dim] = x.getDimSize(dim);
  return n.build<ExpandOp>(n.input(0), shape);
}

/// Every repeated dimension is expanded along a new dimension before it.
static MaybeValue chainTile(OpImporter &n, ArrayRef<int64_t> repeats) {
  auto x = typeOf(n.input(0));
  SmallVector<int64_t> split, expanded, shape;
  for (auto [extent, repeat] : llvm::zip_equal(x.getShape(), repeats)) {
    if (repeat != 1) {
      split.push_back(1);
      expanded.push_back(repeat);
    }
    split.push_back(extent);
    expanded.push_back(extent);
    shape.push_back(extent * repeat);
  }
  MaybeValue result =
      chain<ExpandOp>(n, chainReshape(n, n.input(0), split), expanded);
  return chainReshape(n, result, shape);
}

static ImportResult importTile(OpImporter &n) {
  if (n.opset() >= 6 && isOpenNode(n))
    return importOpenTile(n);
  auto x = typeOf(n.input(0));
  FailureOr<SmallVector<int64_t>> repeats = n.constantInts(1, "repeats");
  if (failed(repeats))
    return failure();
  int64_t count = x.getNumElements();
  bool isBad = static_cast<int64_t>(repeats->size()) != x.getRank();
  for (int64_t repeat : *repeats)
    isBad |= repeat < 0 || llvm::MulOverflow(count, repeat, count);
  if (isBad)
    return n.unsupported("repeats do not fit a tensor of rank " +
                             Twine(x.getRank()),
                         "give a number per dimension");
  return chainResults(chainTile(n, *repeats));
}

//===----------------------------------------------------------------------===//
// Padding
//===----------------------------------------------------------------------===//

/// Pads that repeat elements are laid out index by index: more are refused.
static constexpr Limit kLongPad{
    "more than 2^20 elements of padding from the tensor itself",
    "give smaller pads"};

static constexpr int64_t kMaxRepeatingPad = int64_t(1) << 20;

/// The pads of all dimensions, which are constant.
static FailureOr<SmallVector<int64_t>> getPads(OpImporter &n, int64_t rank) {
  FailureOr<Exprs> pads = readPads(n, rank);
  if (failed(pads))
    return failure();
  return llvm::map_to_vector(*pads, [](AffineExpr pad) {
    return cast<AffineConstantExpr>(pad).getValue();
  });
}

/// Removes elements as negative pads say, and makes these zero.
static MaybeValue chainCrop(OpImporter &n, SmallVector<int64_t> &pads) {
  auto x = typeOf(n.input(0));
  int64_t rank = x.getRank();
  SmallVector<int64_t> starts(rank, 0), extents(x.getShape()), steps(rank, 1);
  for (int64_t dim = 0; dim < rank; ++dim) {
    for (int64_t *pad : {&pads[dim], &pads[rank + dim]}) {
      if (*pad >= 0)
        continue;
      if (-*pad > extents[dim] || *pad == std::numeric_limits<int64_t>::min())
        return n.unsupported("pads remove more elements than dimension " +
                                 Twine(dim) + " has",
                             "give larger pads");
      starts[dim] -= pad == &pads[dim] ? *pad : 0;
      extents[dim] += *pad;
      *pad = 0;
    }
    if (extents[dim] == 0)
      starts[dim] = 0;
  }
  return n.value<SliceOp>(n.input(0), starts, extents, steps);
}

/// The value that constant pads have.
static MaybeValue chainPadding(OpImporter &n) {
  Type elementType = typeOf(n.input(0)).getElementType();
  if (n.opset() >= 11 && n.hasInput(2))
    return chainReshape(n, n.input(2), {});
  return n.splat(elementType, n.opset() < 11 ? n.floatAttr("value", 0) : 0);
}

static ImportResult importPad(OpImporter &n) {
  if (isOpenNode(n))
    return importOpenPad(n);
  FailureOr<SmallVector<int64_t>> pads =
      getPads(n, typeOf(n.input(0)).getRank());
  if (failed(pads))
    return failure();
  MaybeValue x = chainCrop(n, *pads);
  if (failed(x))
    return failure();
  // Sums are checked here, extents not before.
  auto type = typeOf(*x);
  int64_t count = 1;
  for (int64_t dim = 0; dim < type.getRank(); ++dim) {
    int64_t extent = type.getDimSize(dim);
    if (llvm::AddOverflow(extent, (*pads)[dim], extent) ||
        llvm::AddOverflow(extent, (*pads)[type.getRank() + dim], extent) ||
        llvm::MulOverflow(count, extent, count))
      return n.unsupported("pads make too many elements", "give smaller pads");
  }
  StringRef mode = n.stringAttr("mode", "constant");
  if (mode != "constant" &&
      llvm::any_of(*pads, [](int64_t pad) { return pad > kMaxRepeatingPad; }))
    return n.unsupported(kLongPad);
  if (mode == "constant")
    return chainResults(chain<PadOp>(n, x, chainPadding(n), *pads));
  if (mode == "edge")
    return n.build<PadEdgeOp>(*x, *pads);
  if (mode == "reflect")
    return n.build<PadReflectOp>(*x, *pads);
  if (mode == "wrap")
    return n.build<PadWrapOp>(*x, *pads);
  return n.unsupported("mode = " + mode, "use constant, edge, reflect or wrap");
}

//===----------------------------------------------------------------------===//
// Depth and space
//===----------------------------------------------------------------------===//

/// The block size; a failure when the operand is no image.
static FailureOr<int64_t> getBlockSize(OpImporter &n) {
  int64_t rank = typeOf(n.input(0)).getRank(), size = n.intAttr("blocksize", 0);
  if (rank != 4 || size <= 0 || size > std::numeric_limits<int32_t>::max())
    return n.unsupported("blocksize = " + Twine(size) +
                             " of a tensor of rank " + Twine(rank),
                         "give a positive size and a tensor of rank 4");
  return size;
}

static ImportResult importDepthToSpace(OpImporter &n) {
  FailureOr<int64_t> size = getBlockSize(n);
  if (failed(size))
    return failure();
  auto x = typeOf(n.input(0));
  int64_t batch = x.getDimSize(0), channels = x.getDimSize(1),
          height = x.getDimSize(2), width = x.getDimSize(3), s = *size;
  if (channels % (s * s) != 0)
    return n.unsupported(Twine(channels) + " channels for blocks of " +
                             Twine(s) + " x " + Twine(s),
                         "give a multiple of the block's size");
  int64_t left = channels / (s * s);
  StringRef mode = n.stringAttr("mode", "DCR");
  if (mode != "DCR" && mode != "CRD")
    return n.unsupported("mode = " + mode, "use DCR or CRD");
  bool depthFirst = mode == "DCR";
  SmallVector<int64_t> split = {batch, s, s, left, height, width};
  SmallVector<int64_t> order = {0, 3, 4, 1, 5, 2};
  if (!depthFirst) {
    split = {batch, left, s, s, height, width};
    order = {0, 1, 4, 2, 5, 3};
  }
  MaybeValue blocks =
      chain<TransposeOp>(n, chainReshape(n, n.input(0), split), order);
  return chainResults(
      chainReshape(n, blocks, {batch, left, height * s, width * s}));
}

/// The same for open extents: runs in which blocks do not fit are errors.
static ImportResult importOpenSpaceToDepth(OpImporter &n, int64_t s) {
  Extents &extents = n.extents();
  Exprs x = extents.getExtents(n.input(0)), whole = x, result = x;
  SmallVector<int64_t> shape(typeOf(n.input(0)).getShape()), starts(4, 0),
      steps(4, 1), order = {0, 3, 5, 1, 2, 4};
  AffineExpr blocks[2], size = extents.constant(s);
  for (int64_t dim : {2, 3}) {
    blocks[dim - 2] = extents.quotient(x[dim], size);
    whole[dim] = extents.simplify(blocks[dim - 2] * s);
    shape[dim] = shape[dim] / s * s;
    AffineExpr checked = extents.check(n.loc(), x[dim], whole[dim], whole[dim]);
    result[dim] = extents.quotient(checked, size);
  }
  result[1] = extents.simplify(x[1] * s * s);
  MaybeValue y =
      n.withExtents<SliceOp>(whole, n.input(0), starts, shape, steps);
  y = chainReshapeTo(n, y, {x[0], x[1], blocks[0], size, blocks[1], size});
  y = chain<TransposeOp>(n, y, order);
  y = chainReshapeTo(n, y, {x[0], result[1], blocks[0], blocks[1]});
  if (succeeded(y))
    extents.setExtents(*y, result);
  return chainResults(y);
}

static ImportResult importSpaceToDepth(OpImporter &n) {
  FailureOr<int64_t> size = getBlockSize(n);
  if (failed(size))
    return failure();
  auto x = typeOf(n.input(0));
  if (n.extents().isOpen(n.input(0)))
    return importOpenSpaceToDepth(n, *size);
  int64_t batch = x.getDimSize(0), channels = x.getDimSize(1),
          height = x.getDimSize(2), width = x.getDimSize(3), s = *size;
  if (height % s != 0 || width % s != 0)
    return n.unsupported(Twine(height) + " x " + Twine(width) +
                             " elements for blocks of " + Twine(s) + " x " +
                             Twine(s),
                         "give multiples of the block's size");
  SmallVector<int64_t> split = {batch, channels, height / s, s, width / s, s};
  SmallVector<int64_t> order = {0, 3, 5, 1, 2, 4};
  MaybeValue blocks =
      chain<TransposeOp>(n, chainReshape(n, n.input(0), split), order);
  return chainResults(chainReshape(
      n, blocks, {batch, channels * s * s, height / s, width / s}));
}

void cameo::registerMovement(OpRegistry &registry) {
  registry.add("Concat", 1, "any...", importConcat);
  registry.add("DepthToSpace", 1, "any", importDepthToSpace);
  registry.add("Expand", 8, "any, known int64", importExpand);
  registry.add("Pad", 1, "any, known int64?, any?, known index?", importPad,
               {kLongPad});
  registry.add("Slice", 1, "any, index?, index?, known index?, known index?",
               importSlice);
  registry.add("SpaceToDepth", 1, "any", importSpaceToDepth);
  registry.add("Split", 1, "any, known int64?", importSplit);
  registry.add("Tile", 6, "any, known int64", importTile);
  registry.add("Transpose", 1, "any", importTranspose);
  registry.allowOpenDims({"Concat", "DepthToSpace", "Expand", "Pad", "Slice",
                          "SpaceToDepth", "Split", "Tile", "Transpose"});
}
