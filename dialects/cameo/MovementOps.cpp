//===- MovementOps.cpp - Data movement ------------------------------------===//
//
// Result types, index maps and reference lowerings. Whole blocks are tensor
// slices, which become views of buffers; other regular movements are loop nests
// with affine maps. Elements are copied in their storage type. Folds are in
// MovementFolds.cpp.
//
//===----------------------------------------------------------------------===//

#include "dialects/cameo/Cameo.h"
#include "dialects/cameo/ElementTypes.h"
#include "dialects/cameo/Layouts.h"
#include "dialects/cameo/TakenChannels.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace cameo;

static LogicalResult inferPadded(std::optional<Location> loc,
                                 RankedTensorType x, ArrayRef<int64_t> pads,
                                 SmallVectorImpl<Type> &types) {
  if (static_cast<int64_t>(pads.size()) != 2 * x.getRank() ||
      llvm::any_of(pads, [](int64_t pad) { return pad < 0; }))
    return emitOptionalError(loc, "(C1) pads [", pads, "] do not fit ", x);
  SmallVector<int64_t> shape(x.getShape());
  for (int64_t dim = 0; dim < x.getRank(); ++dim)
    shape[dim] += pads[dim] + pads[x.getRank() + dim];
  types.push_back(x.clone(shape));
  return success();
}

template <typename Adaptor>
static LogicalResult inferPadFromInput(std::optional<Location> loc,
                                       Adaptor adaptor,
                                       SmallVectorImpl<Type> &types) {
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  if (failed(inferPadded(loc, x, adaptor.getPads(), types)))
    return failure();
  for (int64_t dim = 0; dim < x.getRank(); ++dim)
    if (x.getDimSize(dim) == 0 &&
        cast<RankedTensorType>(types[0]).getDimSize(dim) != 0)
      return emitOptionalError(loc, "(C2) dimension ", dim, " of ", x,
                               " has no elements to pad with");
  return success();
}

template <typename Op>
static ElementSource getPadSource(Op op, ArrayRef<int64_t> index) {
  auto x = cast<RankedTensorType>(op.getX().getType());
  ElementSource source{0, {}};
  for (auto [i, extent, before] :
       llvm::zip_first(index, x.getShape(), op.getPads()))
    source.index.push_back(Op::getSourceIndex(i - before, extent));
  return source;
}

template <typename Op> static OpFoldResult foldPad(Op op) {
  // Pattern: pad(x) by nothing -> x
  if (op.getX().getType() == op.getType())
    return op.getX();
  return {};
}

//===----------------------------------------------------------------------===//
// Building blocks
//===----------------------------------------------------------------------===//

static Value buildEmptyLike(OpBuilder &builder, Location loc, Value x,
                            ArrayRef<int64_t> shape) {
  return tensor::EmptyOp::create(builder, loc, shape,
                                 getElementTypeOrSelf(x.getType()));
}

/// `result[d...] = x[map(d...)]`.
static Value buildMoved(OpBuilder &builder, Location loc, Value x,
                        AffineMap map, ArrayRef<int64_t> shape) {
  Value empty = buildEmptyLike(builder, loc, x, shape);
  if (llvm::is_contained(shape, 0))
    return empty;
  SmallVector<AffineMap> maps = {map,
                                 builder.getMultiDimIdentityMap(shape.size())};
  SmallVector<utils::IteratorType> iterators(shape.size(),
                                             utils::IteratorType::parallel);
  auto generic = linalg::GenericOp::create(
      builder, loc, empty.getType(), x, empty, maps, iterators,
      [](OpBuilder &b, Location l, ValueRange args) {
        linalg::YieldOp::create(b, l, args[0]);
      });
  return generic.getResult(0);
}

static SmallVector<OpFoldResult> toIndices(Builder &builder,
                                           ArrayRef<int64_t> values) {
  return llvm::map_to_vector(values, [&](int64_t value) -> OpFoldResult {
    return builder.getIndexAttr(value);
  });
}

/// Overwrites the block of `target` that begins at `offsets`.
static Value buildInserted(OpBuilder &builder, Location loc, Value block,
                           Value target, ArrayRef<int64_t> offsets) {
  auto type = cast<RankedTensorType>(block.getType());
  SmallVector<int64_t> ones(type.getRank(), 1);
  return tensor::InsertSliceOp::create(
      builder, loc, block, target, toIndices(builder, offsets),
      toIndices(builder, type.getShape()), toIndices(builder, ones));
}

namespace {
/// Indices [position, position + extent) of a result's dimension, which read
/// start, start + step, ... of the operand's.
struct Run {
  int64_t position, start, step, extent;
};
} // namespace

/// Cuts indices into runs of steps -1, 0 and 1.
static SmallVector<Run> findRuns(ArrayRef<int64_t> indices) {
  SmallVector<Run> runs;
  for (auto [i, index] : llvm::enumerate(indices)) {
    Run *last = runs.empty() ? nullptr : &runs.back();
    if (last && last->extent == 1)
      last->step = index - last->start;
    if (last && std::abs(last->step) <= 1 &&
        index == last->start + last->extent * last->step)
      ++last->extent;
    else
      runs.push_back({static_cast<int64_t>(i), index, 0, 1});
  }
  return runs;
}

/// The block of a result that reads one run on every dimension.
static Value buildBlock(OpBuilder &builder, Location loc, Value x,
                        ArrayRef<Run> runs) {
  SmallVector<int64_t> starts, extents, steps;
  SmallVector<AffineExpr> exprs;
  for (auto [dim, run] : llvm::enumerate(runs)) {
    starts.push_back(run.start);
    extents.push_back(run.extent);
    steps.push_back(run.step);
    exprs.push_back(builder.getAffineDimExpr(dim) * run.step + run.start);
  }
  bool isView = llvm::all_of(
      runs, [](const Run &run) { return run.step == 1 || run.extent == 1; });
  if (!isView)
    return buildMoved(
        builder, loc, x,
        AffineMap::get(runs.size(), 0, exprs, builder.getContext()), extents);
  SmallVector<int64_t> ones(runs.size(), 1);
  return tensor::ExtractSliceOp::create(
      builder, loc, x, toIndices(builder, starts), toIndices(builder, extents),
      toIndices(builder, ones));
}

template <typename Op>
static FailureOr<SmallVector<Value>>
lowerPadFromInput(Op op, OpBuilder &builder, ValueRange operands);

#define GET_OP_CLASSES
#include "dialects/cameo/MovementOps.cpp.inc"

void CameoDialect::registerMovementOps() {
  addOperations<
#define GET_OP_LIST
#include "dialects/cameo/MovementOps.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// transpose
//===----------------------------------------------------------------------===//

LogicalResult TransposeOp::inferReturnTypes(MLIRContext *,
                                            std::optional<Location> loc,
                                            Adaptor adaptor,
                                            SmallVectorImpl<Type> &types) {
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  ArrayRef<int64_t> permutation = adaptor.getPermutation();
  if (static_cast<int64_t>(permutation.size()) != x.getRank() ||
      !isPermutationVector(permutation))
    return emitOptionalError(loc, "(C1) [", permutation,
                             "] is not a permutation of the dimensions of ", x);
  types.push_back(x.clone(applyPermutation(x.getShape(), permutation)));
  return success();
}

ElementSource TransposeOp::getSource(ArrayRef<int64_t> index) {
  return {0,
          applyPermutation(index, invertPermutationVector(getPermutation()))};
}

FailureOr<SmallVector<Value>> TransposeOp::lowerReference(OpBuilder &builder,
                                                          ValueRange operands) {
  AffineMap map = AffineMap::getPermutationMap(
      invertPermutationVector(getPermutation()), getContext());
  return SmallVector<Value>{
      buildMoved(builder, getLoc(), operands[0], map, getType().getShape())};
}

//===----------------------------------------------------------------------===//
// slice
//===----------------------------------------------------------------------===//

LogicalResult SliceOp::inferReturnTypes(MLIRContext *,
                                        std::optional<Location> loc,
                                        Adaptor adaptor,
                                        SmallVectorImpl<Type> &types) {
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  ArrayRef<int64_t> starts = adaptor.getStarts(),
                    extents = adaptor.getExtents(), steps = adaptor.getSteps();
  size_t rank = x.getRank();
  if (starts.size() != rank || extents.size() != rank || steps.size() != rank ||
      llvm::is_contained(steps, 0) ||
      llvm::any_of(extents, [](int64_t extent) { return extent < 0; }))
    return emitOptionalError(loc, "(C1) starts [", starts, "], extents [",
                             extents, "] and steps [", steps, "] do not fit ",
                             x);
  for (size_t dim = 0; dim < rank; ++dim) {
    int64_t last = 0;
    bool isFar = llvm::MulOverflow(extents[dim] - 1, steps[dim], last) ||
                 llvm::AddOverflow(starts[dim], last, last);
    auto isIn = [&](int64_t i) { return i >= 0 && i < x.getDimSize(dim); };
    if (extents[dim] != 0 && (isFar || !isIn(starts[dim]) || !isIn(last)))
      return emitOptionalError(loc, "(C2) ", extents[dim], " elements from ",
                               starts[dim], " on in steps of ", steps[dim],
                               " are not in dimension ", dim, " of ", x);
  }
  types.push_back(x.clone(extents));
  return success();
}

ElementSource SliceOp::getSource(ArrayRef<int64_t> index) {
  ElementSource source{0, {}};
  for (auto [i, start, step] : llvm::zip_equal(index, getStarts(), getSteps()))
    source.index.push_back(start + i * step);
  return source;
}

static SmallVector<int64_t> getChannels(SliceOp op) {
  SmallVector<int64_t> channels;
  for (int64_t i = 0; i < op.getExtents()[1]; ++i)
    channels.push_back(op.getStarts()[1] + i * op.getSteps()[1]);
  return channels;
}

BlockedAttr SliceOp::chooseLayouts(MutableArrayRef<BlockedAttr> operands,
                                   const LayoutQuery &) {
  BlockedAttr layout = operands[0];
  bool fits = layout && layout.getDims() == ArrayRef<int64_t>{1} &&
              layout.getOuter().empty();
  if (!fits || (isAwareOf(layout) && !takesChannels(*this)))
    operands[0] = nullptr;
  return operands[0];
}

bool SliceOp::isAwareOf(BlockedAttr layout) {
  int64_t size = layout.getSizes()[0];
  auto x = cast<RankedTensorType>(getX().getType());
  bool toEnd = getStarts()[1] + getExtents()[1] == x.getDimSize(1);
  bool wholeBlocks = getSteps()[1] == 1 && getStarts()[1] % size == 0 &&
                     (getExtents()[1] % size == 0 || toEnd);
  return !wholeBlocks;
}

FailureOr<SmallVector<Value>> SliceOp::lowerReference(OpBuilder &builder,
                                                      ValueRange operands) {
  if (getType().getNumElements() == 0)
    return SmallVector<Value>{
        buildEmptyLike(builder, getLoc(), operands[0], getExtents())};
  if (BlockedAttr layout = getLayout(getX().getType()))
    return SmallVector<Value>{buildTakenBlocks(
        builder, getLoc(), operands, {cast<RankedTensorType>(getX().getType())},
        getChannels(*this), layout.getSizes()[0])};
  SmallVector<Run> runs;
  for (auto [start, extent, step] :
       llvm::zip_equal(getStarts(), getExtents(), getSteps()))
    runs.push_back({0, start, step, extent});
  return SmallVector<Value>{buildBlock(builder, getLoc(), operands[0], runs)};
}

//===----------------------------------------------------------------------===//
// concat
//===----------------------------------------------------------------------===//

LogicalResult ConcatOp::inferReturnTypes(MLIRContext *,
                                         std::optional<Location> loc,
                                         Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  if (adaptor.getInputs().empty())
    return emitOptionalError(loc, "(C1) there is nothing to concatenate");
  auto first = cast<RankedTensorType>(adaptor.getInputs()[0].getType());
  int64_t axis = adaptor.getAxis();
  if (axis < 0 || axis >= first.getRank())
    return emitOptionalError(loc, "(C1) ", first, " has no dimension ", axis);
  SmallVector<int64_t> shape(first.getShape());
  for (Type type : adaptor.getInputs().drop_front().getTypes()) {
    auto next = cast<RankedTensorType>(type);
    SmallVector<int64_t> expected(shape);
    if (next.getRank() == first.getRank())
      expected[axis] = next.getDimSize(axis);
    if (next != first.clone(expected))
      return emitOptionalError(loc, "(C2) ", next, " cannot follow ", first,
                               " along dimension ", axis);
    shape[axis] += next.getDimSize(axis);
  }
  types.push_back(first.clone(shape));
  return success();
}

ElementSource ConcatOp::getSource(ArrayRef<int64_t> index) {
  ElementSource source{0, SmallVector<int64_t>(index)};
  int64_t &position = source.index[getAxis()];
  for (Type type : getInputs().getTypes()) {
    int64_t extent = cast<RankedTensorType>(type).getDimSize(getAxis());
    if (position < extent)
      break;
    position -= extent;
    ++source.operand;
  }
  return source;
}

BlockedAttr ConcatOp::chooseLayouts(MutableArrayRef<BlockedAttr> operands,
                                    const LayoutQuery &) {
  // All in the one layout at hand.
  BlockedAttr chosen;
  bool fits = true;
  for (BlockedAttr layout : operands) {
    fits &= !layout || !chosen || layout == chosen;
    chosen = layout ? layout : chosen;
  }
  fits = fits && chosen && chosen.getDims() == ArrayRef<int64_t>{1} &&
         chosen.getOuter().empty() && (!isAwareOf(chosen) || getAxis() == 1);
  llvm::fill(operands, fits ? chosen : BlockedAttr());
  return operands[0];
}

bool ConcatOp::isAwareOf(BlockedAttr layout) {
  auto isWhole = [&](Value input) {
    return cast<RankedTensorType>(input.getType()).getDimSize(1) %
               layout.getSizes()[0] ==
           0;
  };
  // The last one may have a tail.
  return getAxis() == 1 ? !llvm::all_of(getInputs().drop_back(), isWhole)
                        : !llvm::all_of(getInputs(), isWhole);
}

FailureOr<SmallVector<Value>> ConcatOp::lowerReference(OpBuilder &builder,
                                                       ValueRange operands) {
  if (BlockedAttr layout = getLayout(getType()))
    return SmallVector<Value>{buildTakenBlocks(
        builder, getLoc(), operands,
        llvm::map_to_vector(
            getInputs().getTypes(),
            [](Type type) { return cast<RankedTensorType>(type); }),
        llvm::to_vector(llvm::seq(getType().getDimSize(1))),
        layout.getSizes()[0])};
  Value result =
      buildEmptyLike(builder, getLoc(), operands[0], getType().getShape());
  SmallVector<int64_t> offsets(getType().getRank(), 0);
  for (Value operand : operands) {
    auto type = cast<RankedTensorType>(operand.getType());
    if (type.getNumElements() != 0)
      result = buildInserted(builder, getLoc(), operand, result, offsets);
    offsets[getAxis()] += type.getDimSize(getAxis());
  }
  return SmallVector<Value>{result};
}

//===----------------------------------------------------------------------===//
// expand
//===----------------------------------------------------------------------===//

LogicalResult ExpandOp::inferReturnTypes(MLIRContext *,
                                         std::optional<Location> loc,
                                         Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  ArrayRef<int64_t> shape = adaptor.getShape();
  if (llvm::any_of(shape, [](int64_t extent) { return extent < 0; }))
    return emitOptionalError(loc, "(C1) shape [", shape,
                             "] has a negative extent");
  int64_t lead = static_cast<int64_t>(shape.size()) - x.getRank();
  bool fits = lead >= 0;
  for (int64_t dim = 0; fits && dim < x.getRank(); ++dim)
    fits = x.getDimSize(dim) == 1 || x.getDimSize(dim) == shape[lead + dim];
  if (!fits)
    return emitOptionalError(loc, "(C2) ", x, " cannot be broadcast to [",
                             shape, "]");
  types.push_back(x.clone(shape));
  return success();
}

Value ExpandOp::buildScalar(OpBuilder &, Location, ValueRange args) {
  return args[0];
}

//===----------------------------------------------------------------------===//
// pad
//===----------------------------------------------------------------------===//

LogicalResult PadOp::inferReturnTypes(MLIRContext *,
                                      std::optional<Location> loc,
                                      Adaptor adaptor,
                                      SmallVectorImpl<Type> &types) {
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  if (failed(inferPadded(loc, x, adaptor.getPads(), types)))
    return failure();
  Type value = adaptor.getValue().getType();
  if (value != x.clone(ArrayRef<int64_t>{}))
    return emitOptionalError(loc, "(C2) value of type ", value,
                             " cannot surround ", x);
  return success();
}

ElementSource PadOp::getSource(ArrayRef<int64_t> index) {
  auto x = cast<RankedTensorType>(getX().getType());
  ElementSource source{0, {}};
  for (auto [i, extent, before] :
       llvm::zip_first(index, x.getShape(), getPads())) {
    source.index.push_back(i - before);
    if (i < before || i - before >= extent)
      return {1, {}};
  }
  return source;
}

FailureOr<SmallVector<Value>> PadOp::lowerReference(OpBuilder &builder,
                                                    ValueRange operands) {
  auto x = cast<RankedTensorType>(operands[0].getType());
  Value scalar = tensor::ExtractOp::create(builder, getLoc(), operands[1]);
  Value empty =
      buildEmptyLike(builder, getLoc(), operands[0], getType().getShape());
  Value result =
      linalg::FillOp::create(builder, getLoc(), scalar, empty).getResult(0);
  if (x.getNumElements() != 0)
    result = buildInserted(builder, getLoc(), operands[0], result,
                           getPads().take_front(x.getRank()));
  return SmallVector<Value>{result};
}

OpFoldResult PadOp::fold(FoldAdaptor) { return foldPad(*this); }

//===----------------------------------------------------------------------===//
// pad_edge, pad_reflect, pad_wrap
//===----------------------------------------------------------------------===//

/// More blocks than this are not worth their code.
static constexpr size_t kMaxBlocks = 81;

/// Calls `visit` for every choice of one run per dimension.
static void forEachBlock(ArrayRef<SmallVector<Run>> runs,
                         SmallVector<Run> &chosen,
                         function_ref<void(ArrayRef<Run>)> visit) {
  if (chosen.size() == runs.size())
    return visit(chosen);
  for (const Run &run : runs[chosen.size()]) {
    chosen.push_back(run);
    forEachBlock(runs, chosen, visit);
    chosen.pop_back();
  }
}

/// `result[i...] = x[tables[0][i]...]`, element by element.
static Value buildFromTables(OpBuilder &builder, Location loc, Value x,
                             ArrayRef<SmallVector<int64_t>> tables) {
  SmallVector<int64_t> shape;
  SmallVector<Value> inputs;
  SmallVector<AffineMap> maps;
  for (auto [dim, table] : llvm::enumerate(tables)) {
    shape.push_back(table.size());
    inputs.push_back(arith::ConstantOp::create(
        builder, loc, builder.getI64TensorAttr(table)));
    maps.push_back(
        AffineMap::get(tables.size(), 0, builder.getAffineDimExpr(dim)));
  }
  Value empty = buildEmptyLike(builder, loc, x, shape);
  maps.push_back(builder.getMultiDimIdentityMap(shape.size()));
  SmallVector<utils::IteratorType> iterators(shape.size(),
                                             utils::IteratorType::parallel);
  auto generic = linalg::GenericOp::create(
      builder, loc, empty.getType(), inputs, empty, maps, iterators,
      [&](OpBuilder &b, Location l, ValueRange args) {
        SmallVector<Value> index;
        for (Value arg : args.drop_back())
          index.push_back(
              arith::IndexCastOp::create(b, l, b.getIndexType(), arg));
        linalg::YieldOp::create(
            b, l, tensor::ExtractOp::create(b, l, x, index).getResult());
      });
  return generic.getResult(0);
}

template <typename Op>
static FailureOr<SmallVector<Value>>
lowerPadFromInput(Op op, OpBuilder &builder, ValueRange operands) {
  auto x = cast<RankedTensorType>(operands[0].getType());
  ArrayRef<int64_t> shape = op.getType().getShape();
  Value result = buildEmptyLike(builder, op.getLoc(), operands[0], shape);
  if (op.getType().getNumElements() == 0)
    return SmallVector<Value>{result};
  SmallVector<SmallVector<int64_t>> tables(shape.size());
  SmallVector<SmallVector<Run>> runs;
  size_t blocks = 1;
  for (auto [dim, table] : llvm::enumerate(tables)) {
    for (int64_t i = 0; i < shape[dim]; ++i)
      table.push_back(
          Op::getSourceIndex(i - op.getPads()[dim], x.getDimSize(dim)));
    runs.push_back(findRuns(table));
    blocks = llvm::SaturatingMultiply(blocks, runs.back().size());
  }
  if (blocks > kMaxBlocks)
    return SmallVector<Value>{
        buildFromTables(builder, op.getLoc(), operands[0], tables)};
  SmallVector<Run> chosen;
  forEachBlock(runs, chosen, [&](ArrayRef<Run> block) {
    SmallVector<int64_t> offsets =
        llvm::map_to_vector(block, [](const Run &run) { return run.position; });
    result = buildInserted(builder, op.getLoc(),
                           buildBlock(builder, op.getLoc(), operands[0], block),
                           result, offsets);
  });
  return SmallVector<Value>{result};
}

int64_t PadEdgeOp::getSourceIndex(int64_t i, int64_t extent) {
  return std::clamp<int64_t>(i, 0, extent - 1);
}

int64_t PadReflectOp::getSourceIndex(int64_t i, int64_t extent) {
  if (extent == 1)
    return 0;
  int64_t period = 2 * (extent - 1);
  int64_t place = llvm::mod(i, period);
  return place < extent ? place : period - place;
}

int64_t PadWrapOp::getSourceIndex(int64_t i, int64_t extent) {
  return llvm::mod(i, extent);
}
