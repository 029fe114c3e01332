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

#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"

using namespace mlir;

namespace cameo {
#define GEN_PASS_DEF_PACKKERNEL
#include "codegen/lower/Passes.h.inc"
} // namespace cameo

using namespace cameo;

namespace {
/// The block size of every loop; 0: not split.
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
  return dim ? dim.getPosition() : -1;
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

/// `map` of loops that are not split, for an operand that stays plain (null) or
/// is read as it is stored. `inner[loop]` is the loop inside blocks.
static AffineMap splitMap(AffineMap map, const LoopBlocks &blocks,
                          ArrayRef<int64_t> inner, int64_t numLoops,
                          BlockedAttr layout) {
  MLIRContext *context = map.getContext();
  SmallVector<AffineExpr> whole;
  for (int64_t loop = 0, end = map.getNumDims(); loop < end; ++loop) {
    AffineExpr outer = getAffineDimExpr(loop, context);
    whole.push_back(blocks[loop] ? outer * blocks[loop] +
                                       getAffineDimExpr(inner[loop], context)
                                 : outer);
  }
  SmallVector<AffineExpr> results;
  for (AffineExpr result : map.getResults())
    results.push_back(result.replaceDims(whole));
  if (layout) {
    for (int64_t dim : layout.getDims())
      results[dim] = map.getResult(dim);
    if (!layout.getOuter().empty())
      applyPermutationToVector(results, layout.getOuter());
    for (int64_t dim : layout.getDims())
      results.push_back(getAffineDimExpr(inner[dimOf(map, dim)], context));
  }
  return AffineMap::get(numLoops, 0, results, context);
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

/// Splits the loops of an operation and gives its result the layout that
/// follows; the result is that layout's stored tensor.
linalg::GenericOp PackKernelPass::split(linalg::LinalgOp op,
                                        const LoopBlocks &blocks) {
  rewriter->setInsertionPoint(op);
  int64_t numLoops = op.getNumLoops();
  SmallVector<utils::IteratorType> iterators = op.getIteratorTypesArray();
  SmallVector<int64_t> inner(numLoops, -1);
  for (int64_t loop = 0, end = numLoops; loop < end; ++loop)
    if (blocks[loop]) {
      inner[loop] = numLoops++;
      iterators.push_back(iterators[loop]);
    }
  SmallVector<AffineMap> maps;
  SmallVector<Value> inputs;
  for (OpOperand *operand : op.getDpsInputOperands()) {
    AffineMap map = op.getMatchingIndexingMap(operand);
    auto unpack = operand->get().getDefiningOp<linalg::UnPackOp>();
    bool stored = unpack && fits(blocks, map, layoutOf(unpack));
    inputs.push_back(stored ? unpack.getSource() : operand->get());
    maps.push_back(splitMap(map, blocks, inner, numLoops,
                            stored ? layoutOf(unpack) : BlockedAttr()));
  }
  AffineMap map = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  BlockedAttr layout = resultLayout(map, blocks);
  maps.push_back(splitMap(map, blocks, inner, numLoops, layout));
  Value init = op.getDpsInitOperand(0)->get();
  if (layout)
    init = getPacked(init, layout);
  rewriter->setInsertionPoint(op);
  auto generic = linalg::GenericOp::create(*rewriter, op.getLoc(),
                                           TypeRange{init.getType()}, inputs,
                                           ValueRange{init}, maps, iterators);
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
                  layout))
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
  if (!any)
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

/// The slice in terms of the stored tensor; none when it cuts blocks.
template <typename SliceOp>
static std::optional<StoredSlice> splitSlice(SliceOp op, BlockedAttr layout) {
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
    if (!offset || !size || *offset % block || *size % block ||
        !isOneInteger(slice.strides[dim]))
      return std::nullopt;
    slice.offsets[dim] = builder.getIndexAttr(*offset / block);
    slice.sizes[dim] = builder.getIndexAttr(*size / block);
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
  std::optional<StoredSlice> slice = splitSlice(op, layout);
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
  std::optional<StoredSlice> slice = splitSlice(op, layout);
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
  int64_t plainRank = plainType.getRank();
  SmallVector<int64_t> outer = llvm::to_vector(llvm::seq(plainRank));
  if (!layout.getOuter().empty())
    outer = llvm::to_vector(layout.getOuter());
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
  AffineMap maps[] = {
      AffineMap::get(type.getRank(), 0, exprs, context),
      AffineMap::getMultiDimIdentityMap(type.getRank(), context)};
  SmallVector<utils::IteratorType> iterators(type.getRank(),
                                             utils::IteratorType::parallel);
  Value empty = tensor::EmptyOp::create(*rewriter, op->getLoc(),
                                        type.getShape(), type.getElementType());
  auto copy = linalg::GenericOp::create(
      *rewriter, op->getLoc(), TypeRange{type}, ValueRange{source},
      ValueRange{empty}, maps, iterators,
      [](OpBuilder &builder, Location loc, ValueRange args) {
        linalg::YieldOp::create(builder, loc, args[0]);
      });
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
