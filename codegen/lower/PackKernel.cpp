//===- PackKernel.cpp - Compute on blocked tensors directly ---------------===//
//
// After the reference lowering, blocked tensors are unpacked at the start of a
// kernel and packed at its end. Here the loops in between are split in blocks,
// so that they read and write blocked tensors themselves.
//
//===----------------------------------------------------------------------===//

#include "codegen/lower/Passes.h"
#include "dialects/cameo/Layouts.h"
#include "dialects/cameo/LinalgBuilders.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/SmallBitVector.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace cameo {
#define GEN_PASS_DEF_PACKKERNEL
#include "codegen/lower/Passes.h.inc"
} // namespace cameo

using namespace cameo;

namespace {
/// The block size of every loop; 0: not split. A reduction that does not fill
/// its last block is not split either: it reads what is stored in blocks of
/// that size, and leaves the tail out.
using LoopBlocks = SmallVector<int64_t>;

struct PackKernelPass : cameo::impl::PackKernelBase<PackKernelPass> {
  void runOnOperation() override;

private:
  void visit(Operation *op);
  void visitLinalg(linalg::LinalgOp op);
  void visitPad(tensor::PadOp op);
  void visitInsert(tensor::InsertSliceOp op);
  void visitExtract(tensor::ExtractSliceOp op);
  void visitPack(linalg::PackOp op);
  linalg::GenericOp split(linalg::LinalgOp op, const LoopBlocks &blocks);
  Value getPacked(Value value, BlockedAttr layout);
  void replaceByUnpacked(Operation *op, Value packed, BlockedAttr layout);
  void lowerToLoops(Operation *op, Value source, BlockedAttr layout,
                    bool unpack);

  IRRewriter *rewriter = nullptr;
};
} // namespace

/// The layout that a pack or unpack operation goes to or comes from.
template <typename Op> static BlockedAttr layoutOf(Op op) {
  return BlockedAttr::get(op.getContext(), op.getInnerDimsPos(),
                          op.getStaticInnerTiles(), op.getOuterDimsPerm());
}

static int64_t dimOf(AffineMap map, int64_t result) {
  auto dim = dyn_cast<AffineDimExpr>(map.getResult(result));
  return dim ? static_cast<int64_t>(dim.getPosition()) : -1;
}

/// Adds the blocks that reading an operand as it is stored asks for; false when
/// they do not suit.
static bool addBlocks(LoopBlocks &blocks, AffineMap map, BlockedAttr layout) {
  LoopBlocks more = blocks;
  for (auto [dim, size] :
       llvm::zip_equal(layout.getDims(), layout.getSizes())) {
    int64_t loop = dimOf(map, dim);
    if (loop < 0 || (more[loop] && more[loop] != size))
      return false;
    more[loop] = size;
  }
  blocks = more;
  return true;
}

/// Whether an operand can be read as it is stored once loops are split.
static bool fits(const LoopBlocks &blocks, AffineMap map, BlockedAttr layout) {
  LoopBlocks same = blocks;
  return addBlocks(same, map, layout) && same == blocks;
}

namespace {
/// The loops of an operation and how they are split.
struct LoopSplit {
  LoopSplit(linalg::LinalgOp op, const LoopBlocks &blocks)
      : blocks(blocks), ranges(op.getStaticLoopRanges()),
        inner(op.getNumLoops(), -1), numLoops(op.getNumLoops()),
        iterators(op.getIteratorTypesArray()) {
    for (int64_t loop = 0, end = op.getNumLoops(); loop < end; ++loop)
      if (isSplit(loop)) {
        inner[loop] = numLoops++;
        iterators.push_back(iterators[loop]);
      }
  }
  bool hasTail(int64_t loop) const {
    return blocks[loop] && ranges[loop] % blocks[loop] != 0;
  }
  bool isSplit(int64_t loop) const {
    return blocks[loop] && !(hasTail(loop) &&
                             iterators[loop] == utils::IteratorType::reduction);
  }
  /// Iterations of a loop once it is split.
  int64_t coveredRange(int64_t loop) const {
    return isSplit(loop) ? llvm::alignTo(ranges[loop], blocks[loop])
                         : ranges[loop];
  }

  LoopBlocks blocks;
  SmallVector<int64_t> ranges, inner; // `inner`: the loop inside blocks.
  int64_t numLoops;
  SmallVector<utils::IteratorType> iterators;
};
} // namespace

/// `map` of loops that are not split, for an operand that stays plain (null) or
/// is read as it is stored.
static AffineMap splitMap(AffineMap map, const LoopSplit &loops,
                          BlockedAttr layout) {
  MLIRContext *context = map.getContext();
  SmallVector<AffineExpr> whole;
  for (int64_t loop = 0, end = map.getNumDims(); loop < end; ++loop) {
    AffineExpr outer = getAffineDimExpr(loop, context);
    whole.push_back(loops.isSplit(loop)
                        ? outer * loops.blocks[loop] +
                              getAffineDimExpr(loops.inner[loop], context)
                        : outer);
  }
  SmallVector<AffineExpr> results;
  for (AffineExpr result : map.getResults())
    results.push_back(result.replaceDims(whole));
  if (layout) {
    SmallVector<AffineExpr> insides;
    for (auto [dim, size] :
         llvm::zip_equal(layout.getDims(), layout.getSizes())) {
      int64_t loop = dimOf(map, dim);
      AffineExpr index = map.getResult(dim);
      results[dim] = loops.isSplit(loop) ? index : index.floorDiv(size);
      insides.push_back(loops.isSplit(loop)
                            ? getAffineDimExpr(loops.inner[loop], context)
                            : index % size);
    }
    if (!layout.getOuter().empty())
      applyPermutationToVector(results, layout.getOuter());
    llvm::append_range(results, insides);
  }
  return AffineMap::get(loops.numLoops, 0, results, context);
}

/// The layout of a result whose loops are split; null when none is.
static BlockedAttr resultLayout(AffineMap map, const LoopBlocks &blocks) {
  SmallVector<int64_t> dims, sizes;
  for (int64_t i = 0, end = map.getNumResults(); i < end; ++i)
    if (int64_t loop = dimOf(map, i); loop >= 0 && blocks[loop]) {
      dims.push_back(i);
      sizes.push_back(blocks[loop]);
    }
  return dims.empty() ? nullptr
                      : BlockedAttr::get(map.getContext(), dims, sizes);
}

void PackKernelPass::replaceByUnpacked(Operation *op, Value packed,
                                       BlockedAttr layout) {
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  rewriter->replaceOp(op, buildUnpacked(*rewriter, op->getLoc(), packed, layout,
                                        type.getShape()));
}

/// The layout in which an operand is read as it is stored; null when it stays
/// plain.
static BlockedAttr storedLayout(linalg::LinalgOp op, OpOperand *operand,
                                const LoopBlocks &blocks) {
  auto unpack = operand->get().getDefiningOp<linalg::UnPackOp>();
  if (!unpack ||
      !fits(blocks, op.getMatchingIndexingMap(operand), layoutOf(unpack)))
    return nullptr;
  return layoutOf(unpack);
}

/// Whether all operands can be read when loops are split like this.
static bool canSplit(linalg::LinalgOp op, const LoopBlocks &blocks) {
  LoopSplit loops(op, blocks);
  llvm::SmallBitVector bounded(op.getNumLoops()); // By an operand's extent.
  for (OpOperand &operand : op->getOpOperands()) {
    AffineMap map = op.getMatchingIndexingMap(&operand);
    BlockedAttr stored = storedLayout(op, &operand, blocks);
    for (auto [dim, result] : llvm::enumerate(map.getResults()))
      for (int64_t loop = 0, end = op.getNumLoops(); loop < end; ++loop) {
        bool inBlocks = stored && llvm::is_contained(stored.getDims(), dim);
        bool isLoop = result == getAffineDimExpr(loop, op.getContext());
        if (isLoop && (loops.isSplit(loop) || !inBlocks))
          bounded.set(loop);
        // A plain operand is padded where it has no elements for the tail.
        if (!isLoop && loops.hasTail(loop) && loops.isSplit(loop) &&
            result.isFunctionOfDim(loop))
          return false;
      }
  }
  for (int64_t loop = 0, end = op.getNumLoops(); loop < end; ++loop)
    if (blocks[loop] && !bounded.test(loop))
      return false;
  return true;
}

/// `value`, read by `map`, with zeros where split loops reach beyond it.
static Value buildPaddedForTails(RewriterBase &rewriter, Location loc,
                                 Value value, AffineMap map,
                                 const LoopSplit &loops) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type)
    return value;
  SmallVector<int64_t> shape(type.getShape());
  SmallVector<OpFoldResult> low(shape.size(), rewriter.getIndexAttr(0)), high;
  for (auto [dim, extent] : llvm::enumerate(shape)) {
    int64_t before = extent;
    if (int64_t loop = dimOf(map, dim); loop >= 0 && loops.hasTail(loop))
      extent = loops.coveredRange(loop);
    high.push_back(rewriter.getIndexAttr(extent - before));
  }
  if (type.getShape() == ArrayRef<int64_t>(shape))
    return value;
  Value zero = arith::ConstantOp::create(
      rewriter, loc, rewriter.getZeroAttr(type.getElementType()));
  return tensor::PadOp::create(rewriter, loc, type.clone(shape), value, low,
                               high, zero);
}

/// Splits the loops of an operation and gives its result the layout that
/// follows; the result is that layout's stored tensor.
linalg::GenericOp PackKernelPass::split(linalg::LinalgOp op,
                                        const LoopBlocks &blocks) {
  rewriter->setInsertionPoint(op);
  LoopSplit loops(op, blocks);
  SmallVector<AffineMap> maps;
  SmallVector<Value> inputs;
  for (OpOperand *operand : op.getDpsInputOperands()) {
    AffineMap map = op.getMatchingIndexingMap(operand);
    BlockedAttr stored = storedLayout(op, operand, blocks);
    inputs.push_back(
        stored ? operand->get().getDefiningOp<linalg::UnPackOp>().getSource()
               : buildPaddedForTails(*rewriter, op.getLoc(), operand->get(),
                                     map, loops));
    maps.push_back(splitMap(map, loops, stored));
  }
  AffineMap map = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  BlockedAttr layout = resultLayout(map, blocks);
  maps.push_back(splitMap(map, loops, layout));
  Value init = op.getDpsInitOperand(0)->get();
  if (layout)
    init = getPacked(init, layout);
  rewriter->setInsertionPoint(op);
  auto generic = linalg::GenericOp::create(
      *rewriter, op.getLoc(), TypeRange{init.getType()}, inputs,
      ValueRange{init}, maps, loops.iterators);
  IRMapping mapping;
  op->getRegion(0).cloneInto(&generic.getRegion(), mapping);
  return generic;
}

/// The stored form of a plain value: the operation that computes it is split
/// where that is possible.
Value PackKernelPass::getPacked(Value value, BlockedAttr layout) {
  if (auto unpack = value.getDefiningOp<linalg::UnPackOp>())
    if (layoutOf(unpack) == layout)
      return unpack.getSource();
  auto op = value.getDefiningOp<linalg::LinalgOp>();
  bool isSplittable =
      op && op.getNumDpsInits() == 1 && !op.hasIndexSemantics() &&
      op.getNumLoops() == op.getNumParallelLoops() && value.hasOneUse() &&
      op.getMatchingIndexingMap(op.getDpsInitOperand(0))
          .isProjectedPermutation();
  if (isSplittable) {
    LoopBlocks blocks(op.getNumLoops(), 0);
    if (addBlocks(blocks, op.getMatchingIndexingMap(op.getDpsInitOperand(0)),
                  layout) &&
        canSplit(op, blocks))
      return split(op, blocks).getResult(0);
  }
  OpBuilder::InsertionGuard guard(*rewriter);
  rewriter->setInsertionPointAfterValue(value);
  Location loc = value.getLoc();
  auto type = cast<RankedTensorType>(value.getType());
  if (value.getDefiningOp<tensor::EmptyOp>())
    return tensor::EmptyOp::create(*rewriter, loc,
                                   layout.getStoredShape(type.getShape()),
                                   type.getElementType());
  return buildPacked(*rewriter, loc, value, layout);
}

void PackKernelPass::visitLinalg(linalg::LinalgOp op) {
  if (op.getNumDpsInits() != 1 || op.hasIndexSemantics() ||
      op->getNumResults() != 1)
    return;
  LoopBlocks blocks(op.getNumLoops(), 0);
  bool any = false;
  for (OpOperand *operand : op.getDpsInputOperands())
    if (auto unpack = operand->get().getDefiningOp<linalg::UnPackOp>())
      any |= addBlocks(blocks, op.getMatchingIndexingMap(operand),
                       layoutOf(unpack));
  if (!any || !canSplit(op, blocks))
    return;
  AffineMap map = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  BlockedAttr layout = resultLayout(map, blocks);
  linalg::GenericOp generic = split(op, blocks);
  replaceByUnpacked(op, generic.getResult(0), layout);
}

/// Pattern: pad(unpack(x)) -> unpack(pad(x)), where blocked dimensions are not
/// padded
void PackKernelPass::visitPad(tensor::PadOp op) {
  auto unpack = op.getSource().getDefiningOp<linalg::UnPackOp>();
  Value padding = op.getConstantPaddingValue();
  if (!unpack || !padding)
    return;
  BlockedAttr layout = layoutOf(unpack);
  if (!layout.getOuter().empty())
    return;
  SmallVector<OpFoldResult> low = op.getMixedLowPad(),
                            high = op.getMixedHighPad();
  for (int64_t dim : layout.getDims())
    if (!isZeroInteger(low[dim]) || !isZeroInteger(high[dim]))
      return;
  rewriter->setInsertionPoint(op);
  low.append(layout.getDims().size(), rewriter->getIndexAttr(0));
  high.append(layout.getDims().size(), rewriter->getIndexAttr(0));
  auto type = cast<RankedTensorType>(op.getType());
  Value padded =
      tensor::PadOp::create(*rewriter, op.getLoc(),
                            type.clone(layout.getStoredShape(type.getShape())),
                            unpack.getSource(), low, high, padding);
  replaceByUnpacked(op, padded, layout);
}

/// Offsets, sizes and steps of a slice, once it is taken of a stored tensor.
struct StoredSlice {
  SmallVector<OpFoldResult> offsets, sizes, strides;
};

/// The slice of a tensor of `shape` in terms of the stored tensor; none when it
/// cuts blocks.
template <typename SliceOp>
static std::optional<StoredSlice> splitSlice(SliceOp op, BlockedAttr layout,
                                             ArrayRef<int64_t> shape) {
  Builder builder(op.getContext());
  StoredSlice slice{op.getMixedOffsets(), op.getMixedSizes(),
                    op.getMixedStrides()};
  if (op.getSourceType().getRank() !=
          cast<RankedTensorType>(op.getType()).getRank() ||
      !layout.getOuter().empty())
    return std::nullopt;
  for (auto [dim, block] :
       llvm::zip_equal(layout.getDims(), layout.getSizes())) {
    std::optional<int64_t> offset = getConstantIntValue(slice.offsets[dim]),
                           size = getConstantIntValue(slice.sizes[dim]);
    if (!offset || !size || *offset % block ||
        (*size % block && *offset + *size != shape[dim]) ||
        !isOneInteger(slice.strides[dim]))
      return std::nullopt;
    slice.offsets[dim] = builder.getIndexAttr(*offset / block);
    slice.sizes[dim] = builder.getIndexAttr(llvm::divideCeil(*size, block));
    slice.offsets.push_back(builder.getIndexAttr(0));
    slice.sizes.push_back(builder.getIndexAttr(block));
    slice.strides.push_back(builder.getIndexAttr(1));
  }
  return slice;
}

/// Pattern: insert_slice(unpack(x), d) -> unpack(insert_slice(x, pack(d)))
void PackKernelPass::visitInsert(tensor::InsertSliceOp op) {
  auto unpack = op.getSource().getDefiningOp<linalg::UnPackOp>();
  if (!unpack)
    return;
  BlockedAttr layout = layoutOf(unpack);
  std::optional<StoredSlice> slice =
      splitSlice(op, layout, op.getDestType().getShape());
  if (!slice)
    return;
  rewriter->setInsertionPoint(op);
  Value dest = getPacked(op.getDest(), layout);
  rewriter->setInsertionPoint(op);
  Value inserted = tensor::InsertSliceOp::create(
      *rewriter, op.getLoc(), unpack.getSource(), dest, slice->offsets,
      slice->sizes, slice->strides);
  replaceByUnpacked(op, inserted, layout);
}

/// Pattern: extract_slice(unpack(x)) -> unpack(extract_slice(x))
void PackKernelPass::visitExtract(tensor::ExtractSliceOp op) {
  auto unpack = op.getSource().getDefiningOp<linalg::UnPackOp>();
  if (!unpack)
    return;
  BlockedAttr layout = layoutOf(unpack);
  std::optional<StoredSlice> slice =
      splitSlice(op, layout, op.getSourceType().getShape());
  if (!slice)
    return;
  rewriter->setInsertionPoint(op);
  Value extracted = tensor::ExtractSliceOp::create(
      *rewriter, op.getLoc(), unpack.getSource(), slice->offsets, slice->sizes,
      slice->strides);
  replaceByUnpacked(op, extracted, layout);
}

/// Pattern: pack(unpack(x)) -> x, pack(op(...)) -> op split in blocks
void PackKernelPass::visitPack(linalg::PackOp op) {
  rewriter->setInsertionPoint(op);
  Value source = op.getSource();
  BlockedAttr layout = layoutOf(op);
  Value packed = getPacked(source, layout);
  auto again = packed.getDefiningOp<linalg::PackOp>();
  if (again && again.getSource() == source)
    rewriter->eraseOp(again); // Nothing better than this operation.
  else
    rewriter->replaceOp(op, packed);
}

void PackKernelPass::visit(Operation *op) {
  if (auto pack = dyn_cast<linalg::PackOp>(op))
    return visitPack(pack);
  if (auto pad = dyn_cast<tensor::PadOp>(op))
    return visitPad(pad);
  if (auto insert = dyn_cast<tensor::InsertSliceOp>(op))
    return visitInsert(insert);
  if (auto extract = dyn_cast<tensor::ExtractSliceOp>(op))
    return visitExtract(extract);
  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op))
    visitLinalg(linalgOp);
}

/// A plain tensor with zeros up to whole blocks.
static Value buildPaddedTails(RewriterBase &rewriter, Location loc, Value value,
                              BlockedAttr layout) {
  auto type = cast<RankedTensorType>(value.getType());
  SmallVector<int64_t> shape(type.getShape());
  for (auto [dim, size] : llvm::zip_equal(layout.getDims(), layout.getSizes()))
    shape[dim] = llvm::alignTo(shape[dim], size);
  SmallVector<OpFoldResult> low(shape.size(), rewriter.getIndexAttr(0)), high;
  for (auto [extent, before] : llvm::zip_equal(shape, type.getShape()))
    high.push_back(rewriter.getIndexAttr(extent - before));
  Value zero = arith::ConstantOp::create(
      rewriter, loc, rewriter.getZeroAttr(type.getElementType()));
  return tensor::PadOp::create(rewriter, loc, type.clone(shape), value, low,
                               high, zero);
}

/// The dimensions of a plain tensor in the order in which their blocks are
/// stored.
static SmallVector<int64_t> outerOrder(BlockedAttr layout, int64_t rank) {
  return layout.getOuter().empty() ? llvm::to_vector(llvm::seq(rank))
                                   : llvm::to_vector(layout.getOuter());
}

/// A tensor of `type` with the elements of `source`, read along `from` and
/// written along `to`.
static Value buildReordered(RewriterBase &rewriter, Location loc, Value source,
                            RankedTensorType type, AffineMap from,
                            AffineMap to) {
  SmallVector<utils::IteratorType> iterators(from.getNumDims(),
                                             utils::IteratorType::parallel);
  Value empty = tensor::EmptyOp::create(rewriter, loc, type.getShape(),
                                        type.getElementType());
  return linalg::GenericOp::create(
             rewriter, loc, TypeRange{type}, ValueRange{source},
             ValueRange{empty}, ArrayRef<AffineMap>{from, to}, iterators,
             [](OpBuilder &builder, Location loc, ValueRange args) {
               linalg::YieldOp::create(builder, loc, args[0]);
             })
      .getResult(0);
}

// Pattern: unpack(x) -> collapse(transpose(x)), where blocks are whole: loops
// over what is stored have neither division nor remainder
static Value buildUnblocked(RewriterBase &rewriter, Location loc, Value source,
                            BlockedAttr layout, RankedTensorType plain) {
  MLIRContext *context = rewriter.getContext();
  auto stored = cast<RankedTensorType>(source.getType());
  SmallVector<int64_t> outer = outerOrder(layout, plain.getRank());
  SmallVector<AffineExpr> exprs;
  SmallVector<int64_t> shape;
  SmallVector<ReassociationIndices> groups(plain.getRank());
  for (int64_t dim = 0; dim < plain.getRank(); ++dim) {
    auto add = [&](int64_t place) {
      groups[dim].push_back(shape.size());
      exprs.push_back(getAffineDimExpr(place, context));
      shape.push_back(stored.getDimSize(place));
    };
    add(llvm::find(outer, dim) - outer.begin());
    for (auto [i, blocked] : llvm::enumerate(layout.getDims()))
      if (blocked == dim)
        add(plain.getRank() + i);
  }
  auto identity = AffineMap::getMultiDimIdentityMap(stored.getRank(), context);
  Value split =
      buildReordered(rewriter, loc, source, stored.clone(shape), identity,
                     AffineMap::get(stored.getRank(), 0, exprs, context));
  return tensor::CollapseShapeOp::create(rewriter, loc, plain, split, groups);
}

/// Whether all that reads a value is the end of the kernel.
static bool isOnlyReturned(Operation *op) {
  return llvm::all_of(op->getUsers(), [](Operation *user) {
    return user->hasTrait<OpTrait::IsTerminator>();
  });
}

/// A conversion that is left: a copy in another order of loops.
void PackKernelPass::lowerToLoops(Operation *op, Value source,
                                  BlockedAttr layout, bool unpack) {
  rewriter->setInsertionPoint(op);
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  MLIRContext *context = &getContext();
  auto plainType = unpack ? type : cast<RankedTensorType>(source.getType());
  if (layout.isPlainOrder(plainType.getShape())) {
    rewriter->replaceOp(
        op, buildReshape(*rewriter, op->getLoc(), source, type.getShape()));
    return;
  }
  if (unpack && isOnlyReturned(op) && !layout.hasTails(plainType.getShape())) {
    rewriter->replaceOp(
        op, buildUnblocked(*rewriter, op->getLoc(), source, layout, plainType));
    return;
  }
  if (!unpack && layout.hasTails(plainType.getShape()))
    source = buildPaddedTails(*rewriter, op->getLoc(), source, layout);
  int64_t plainRank = plainType.getRank();
  SmallVector<int64_t> outer = outerOrder(layout, plainRank);
  SmallVector<AffineExpr> exprs(plainRank);
  for (auto [place, dim] : llvm::enumerate(outer))
    exprs[dim] = getAffineDimExpr(unpack ? dim : place, context);
  SmallVector<AffineExpr> insides;
  for (auto [i, dim] : llvm::enumerate(layout.getDims())) {
    AffineExpr expr = exprs[dim];
    int64_t size = layout.getSizes()[i];
    exprs[dim] = unpack
                     ? expr.floorDiv(size)
                     : expr * size + getAffineDimExpr(plainRank + i, context);
    insides.push_back(expr % size);
  }
  if (unpack) {
    applyPermutationToVector(exprs, outer);
    llvm::append_range(exprs, insides);
  }
  Value copy = buildReordered(
      *rewriter, op->getLoc(), source, type,
      AffineMap::get(type.getRank(), 0, exprs, context),
      AffineMap::getMultiDimIdentityMap(type.getRank(), context));
  rewriter->replaceOp(op, copy);
}

void PackKernelPass::runOnOperation() {
  func::FuncOp function = getOperation();
  if (!isKernel(function))
    return;
  IRRewriter builder(&getContext());
  rewriter = &builder;
  Block &body = function.getBody().front();
  bool isBlocked = llvm::any_of(body, [](Operation &op) {
    return isa<linalg::PackOp, linalg::UnPackOp>(op);
  });
  if (!isBlocked)
    return;
  SmallVector<Operation *> ops;
  for (Operation &op : body)
    ops.push_back(&op);
  for (Operation *op : ops)
    visit(op);
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(body))) {
    if (isOpTriviallyDead(&op))
      rewriter->eraseOp(&op);
    else if (auto pack = dyn_cast<linalg::PackOp>(op))
      lowerToLoops(&op, pack.getSource(), layoutOf(pack), /*unpack=*/false);
    else if (auto unpack = dyn_cast<linalg::UnPackOp>(op))
      lowerToLoops(&op, unpack.getSource(), layoutOf(unpack), /*unpack=*/true);
  }
}
