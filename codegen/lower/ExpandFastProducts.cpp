//===- ExpandFastProducts.cpp - Loops of fast inner products --------------===//
//
// A group of pixels at a time: their scale, a scaled copy that stays in cache,
// the sums over pairs of channels; then one register-tiled product over all
// filters, with what follows it element by element. Pixels that are not finite
// or very small take the direct product instead.
//
//===----------------------------------------------------------------------===//

#include "codegen/lower/Passes.h"
#include "codegen/lower/TileBuilder.h"
#include "dialects/cameo/FastProduct.h"

#include "mlir/Dialect/Linalg/Transforms/Transforms.h"

using namespace mlir;

namespace cameo {
#define GEN_PASS_DEF_EXPANDFASTPRODUCTS
#include "codegen/lower/Passes.h.inc"
} // namespace cameo

using namespace cameo;

namespace {
struct ExpandFastProductsPass
    : cameo::impl::ExpandFastProductsBase<ExpandFastProductsPass> {
  using ExpandFastProductsBase::ExpandFastProductsBase;
  void runOnOperation() override;
};

constexpr auto kParallel = utils::IteratorType::parallel;
constexpr auto kReduction = utils::IteratorType::reduction;

class Expander : TileBuilder {
public:
  Expander(RewriterBase &rewriter, FastProductOp op, int64_t threads);

  void expand();

private:
  using Body = function_ref<Value(OpBuilder &, ValueRange)>;

  void generic(ValueRange inputs, Value output, ArrayRef<AffineMap> maps,
               ArrayRef<utils::IteratorType> loops, Body body);
  AffineMap map(unsigned dims, ArrayRef<AffineExpr> exprs) {
    return AffineMap::get(dims, 0, exprs, b.getContext());
  }
  Value literal(float value) {
    return arith::ConstantOp::create(b, loc, b.getF32FloatAttr(value));
  }
  Value half(Value buffer, int64_t dimension, int64_t which);
  linalg::LinalgOp mergeLoops(linalg::LinalgOp member);
  void mergeEpilogue();
  void emitUnit(Value unit, Value task);
  Value emitMeanSquare(Value pixels, Value task);
  Value emitHasScale(Value meanSquare);
  std::pair<Value, Value> emitScales(Value meanSquare);
  void emitScaledCopy(Value pixels, Value scale, Value panel);
  void emitPairSums(Value panel, Value sums);
  void emitFast(Value panel, Value sums, Value w, Value pairs, Value y);
  void emitDirect(Value panel, Value w, Value y);
  void emitEpilogue(ArrayRef<OpFoldResult> offsets, ArrayRef<int64_t> sizes,
                    Value y);

  FastProductOp op;
  int64_t images, channelBlocks, pixels, filterBlocks, filters;
  int64_t group;          // Pixels of a group.
  int64_t filterRuns = 1; // Parts of the filters that units do.
  int64_t tasks = 1;
  Value x, y; // With rows and columns as one.
  SmallVector<linalg::LinalgOp> replaced, epilogue; // As found, and merged.
  Value panels, pairSums, lanes, squares, signs;    // Scratch and tables.
};
} // namespace

Expander::Expander(RewriterBase &rewriter, FastProductOp op, int64_t threads)
    : TileBuilder(rewriter, op), op(op) {
  auto xType = cast<MemRefType>(op.getX().getType());
  auto yType = cast<MemRefType>(op.getInit().getType());
  images = xType.getDimSize(0);
  channelBlocks = xType.getDimSize(1);
  pixels = xType.getDimSize(2) * xType.getDimSize(3);
  filterBlocks = yType.getDimSize(1);
  filters = yType.getDimSize(4);
  group = fastGroup(pixels, channelBlocks * kFastBlock);
  if (group == 0)
    group = pixels; // Whoever made the operation did not mind.
  if (threads == 1)
    return;
  // Several units per thread, of all filters where groups suffice.
  int64_t units = images * (pixels / group);
  for (int64_t runs = 1; runs <= filterBlocks; ++runs)
    if (filterBlocks % runs == 0 && filterBlocks / runs >= 2 &&
        units * filterRuns < 2 * threads)
      filterRuns = runs;
  tasks = std::min(units * filterRuns, 2 * threads);
}

/// One linalg operation that writes `output`.
void Expander::generic(ValueRange inputs, Value output,
                       ArrayRef<AffineMap> maps,
                       ArrayRef<utils::IteratorType> loops, Body body) {
  linalg::GenericOp::create(
      b, loc, TypeRange(), inputs, ValueRange{output}, maps, loops,
      [&](OpBuilder &builder, Location, ValueRange args) {
        linalg::YieldOp::create(builder, loc, body(builder, args));
      });
}

//===----------------------------------------------------------------------===//
// Pixels
//===----------------------------------------------------------------------===//

/// The first or second half of the channels of every block.
Value Expander::half(Value buffer, int64_t dimension, int64_t which) {
  SmallVector<int64_t> sizes(cast<MemRefType>(buffer.getType()).getShape());
  SmallVector<OpFoldResult> offsets(sizes.size(), index(0));
  sizes[dimension] = kFastBlock / 2;
  offsets[dimension] = index(which * sizes[dimension]);
  return slice(buffer, offsets, sizes, {});
}

/// The mean square of a group: sums per lane first, so that vectors add up.
Value Expander::emitMeanSquare(Value pixels, Value task) {
  Value partial = slice(lanes, {task, index(0)}, {1, kFastBlock}, {0});
  Value total = slice(squares, {task, index(0)}, {1, 1}, {0});
  linalg::FillOp::create(b, loc, zero(), partial);
  linalg::FillOp::create(b, loc, zero(), total);
  auto add = [&](OpBuilder &builder, Value sum, Value term) -> Value {
    return arith::AddFOp::create(builder, loc, sum, term);
  };
  // partial[c] = sum over cb, p of pixels[cb, p, c]^2
  generic(pixels, partial, {map(3, {dim(0), dim(1), dim(2)}), map(3, {dim(2)})},
          {kReduction, kReduction, kParallel},
          [&](OpBuilder &builder, ValueRange args) {
            return add(builder, args[1],
                       arith::MulFOp::create(builder, loc, args[0], args[0]));
          });
  generic(partial, total,
          {map(1, {dim(0)}), map(1, {b.getAffineConstantExpr(0)})},
          {kReduction}, [&](OpBuilder &builder, ValueRange args) {
            return add(builder, args[1], args[0]);
          });
  Value sum = memref::LoadOp::create(b, loc, total, ValueRange{constant(0)});
  float count = group * channelBlocks * kFastBlock;
  return arith::MulFOp::create(b, loc, sum, literal(1 / count));
}

/// Whether pixels of this mean square can be scaled: they are finite, and their
/// squares are not lost in underflow.
Value Expander::emitHasScale(Value meanSquare) {
  constexpr float kLeast = 1e-30f;
  auto compare = [&](arith::CmpFPredicate predicate, float bound) -> Value {
    return arith::CmpFOp::create(b, loc, predicate, meanSquare, literal(bound));
  };
  return arith::AndIOp::create(b, loc,
                               compare(arith::CmpFPredicate::OGT, kLeast),
                               compare(arith::CmpFPredicate::OLT,
                                       std::numeric_limits<float>::infinity()));
}

/// The power of two that brings the pixels to the filters' mean square, and its
/// inverse: half the exponent of the quotient of the mean squares.
std::pair<Value, Value> Expander::emitScales(Value meanSquare) {
  Value wanted =
      memref::LoadOp::create(b, loc, op.getSquare(), ValueRange{constant(0)});
  Value quotient = arith::DivFOp::create(b, loc, meanSquare, wanted);
  Type i32 = b.getI32Type();
  auto literal = [&](int32_t value) -> Value {
    return arith::ConstantOp::create(b, loc, b.getI32IntegerAttr(value));
  };
  Value bits = arith::BitcastOp::create(b, loc, i32, quotient);
  // The sign is zero: what is above the fraction is the biased exponent.
  Value biased = arith::ShRUIOp::create(b, loc, bits, literal(23));
  Value exponent = arith::SubIOp::create(b, loc, biased, literal(127));
  Value half = arith::ShRSIOp::create(b, loc, exponent, literal(1));
  auto power = [&](Value exponent) -> Value {
    Value moved = arith::AddIOp::create(b, loc, exponent, literal(127));
    return arith::BitcastOp::create(
        b, loc, b.getF32Type(),
        arith::ShLIOp::create(b, loc, moved, literal(23)));
  };
  Value inverse = arith::SubIOp::create(b, loc, literal(0), half);
  return {power(inverse), power(half)};
}

/// panel[cb, p, c] = pixels[cb, p, c] * scale * signs[c]
void Expander::emitScaledCopy(Value pixels, Value scale, Value panel) {
  AffineMap all = map(3, {dim(0), dim(1), dim(2)});
  generic(
      {pixels, scale, signs}, panel, {all, map(3, {}), map(3, {dim(2)}), all},
      {kParallel, kParallel, kParallel},
      [&](OpBuilder &builder, ValueRange args) -> Value {
        Value factor = arith::MulFOp::create(builder, loc, args[1], args[2]);
        return arith::MulFOp::create(builder, loc, args[0], factor);
      });
}

/// sums[p] = sum over cb, c < 8 of panel[cb, p, c] * panel[cb, p, c + 8]
void Expander::emitPairSums(Value panel, Value sums) {
  constexpr int64_t kHalf = kFastBlock / 2;
  auto type = cast<MemRefType>(sums.getType());
  SmallVector<OpFoldResult> none(2, index(0));
  Value partial =
      slice(sums, {index(0), index(kHalf)}, {type.getDimSize(0), kHalf}, {});
  Value result = slice(sums, none, {type.getDimSize(0), 1}, {1});
  linalg::FillOp::create(b, loc, zero(), partial);
  linalg::FillOp::create(b, loc, zero(), result);
  // Loops: p, c, cb.
  AffineMap ofPanel = map(3, {dim(2), dim(0), dim(1)});
  generic({half(panel, 2, 0), half(panel, 2, 1)}, partial,
          {ofPanel, ofPanel, map(3, {dim(0), dim(1)})},
          {kParallel, kParallel, kReduction},
          [&](OpBuilder &builder, ValueRange args) -> Value {
            Value product =
                arith::MulFOp::create(builder, loc, args[0], args[1]);
            return arith::AddFOp::create(builder, loc, args[2], product);
          });
  generic(partial, result, {map(2, {dim(0), dim(1)}), map(2, {dim(0)})},
          {kParallel, kReduction},
          [&](OpBuilder &builder, ValueRange args) -> Value {
            return arith::AddFOp::create(builder, loc, args[1], args[0]);
          });
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

/// y[fb, p, f] = sum over cb, c < 8 of (a0 + b1) (a1 + b0) - sums[p] -
/// pairs[fb, f] with a0, a1 = panel[cb, p, c], panel[cb, p, c + 8] and b0, b1
/// of w alike.
void Expander::emitFast(Value panel, Value sums, Value w, Value pairs,
                        Value y) {
  AffineMap result = map(3, {dim(0), dim(1), dim(2)});
  Value perPixel =
      slice(sums, {index(0), index(0)},
            {cast<MemRefType>(sums.getType()).getDimSize(0), 1}, {1});
  generic({perPixel, pairs}, y,
          {map(3, {dim(1)}), map(3, {dim(0), dim(2)}), result},
          {kParallel, kParallel, kParallel},
          [&](OpBuilder &builder, ValueRange args) -> Value {
            Value sum = arith::AddFOp::create(builder, loc, args[0], args[1]);
            return arith::NegFOp::create(builder, loc, sum);
          });
  AffineExpr fb = dim(0), p = dim(1), f = dim(2), cb = dim(3), c = dim(4);
  AffineMap ofPanel = map(5, {cb, p, c}), ofFilters = map(5, {fb, cb, c, f});
  generic({half(panel, 2, 0), half(panel, 2, 1), half(w, 2, 0), half(w, 2, 1)},
          y, {ofPanel, ofPanel, ofFilters, ofFilters, map(5, {fb, p, f})},
          {kParallel, kParallel, kParallel, kReduction, kReduction},
          [&](OpBuilder &builder, ValueRange args) -> Value {
            Value left = arith::AddFOp::create(builder, loc, args[0], args[3]);
            auto right = arith::AddFOp::create(builder, loc, args[2], args[1]);
            right->setDiscardableAttr(kSpreadAttr, builder.getUnitAttr());
            Value product = arith::MulFOp::create(builder, loc, left, right);
            return arith::AddFOp::create(builder, loc, args[4], product);
          });
}

/// y[fb, p, f] = sum over cb, c of panel[cb, p, c] * w[fb, cb, c, f]
void Expander::emitDirect(Value panel, Value w, Value y) {
  linalg::FillOp::create(b, loc, zero(), y);
  AffineExpr fb = dim(0), p = dim(1), f = dim(2), cb = dim(3), c = dim(4);
  generic({panel, w}, y,
          {map(5, {cb, p, c}), map(5, {fb, cb, c, f}), map(5, {fb, p, f})},
          {kParallel, kParallel, kParallel, kReduction, kReduction},
          [&](OpBuilder &builder, ValueRange args) -> Value {
            Value product =
                arith::MulFOp::create(builder, loc, args[0], args[1]);
            return arith::AddFOp::create(builder, loc, args[2], product);
          });
}

//===----------------------------------------------------------------------===//
// Everything
//===----------------------------------------------------------------------===//

/// The position of rows in `map` when columns follow them and nothing else
/// depends on either; -1: no loop over pixels.
static std::optional<int64_t> findPixels(AffineMap map) {
  constexpr unsigned kRows = 2, kColumns = 3;
  int64_t found = -1;
  for (int64_t i = 0, end = map.getNumResults(); i < end; ++i) {
    AffineExpr expr = map.getResult(i);
    auto dim = dyn_cast<AffineDimExpr>(expr);
    if (dim && dim.getPosition() == kRows && i + 1 < end &&
        map.getResult(i + 1) == getAffineDimExpr(kColumns, map.getContext()))
      found = i++;
    else if (expr.isFunctionOfDim(kRows) || expr.isFunctionOfDim(kColumns))
      return std::nullopt;
  }
  return found;
}

/// Rows and columns of a buffer as one dimension.
static Value mergePixels(OpBuilder &b, Location loc, Value buffer,
                         int64_t rows) {
  SmallVector<ReassociationIndices> merged;
  for (int64_t i = 0, end = cast<MemRefType>(buffer.getType()).getRank();
       i < end; ++i) {
    if (i == rows + 1)
      merged.back().push_back(i);
    else
      merged.push_back({i});
  }
  return memref::CollapseShapeOp::create(b, loc, buffer, merged);
}

/// An elementwise operation with one loop over pixels instead of two; null when
/// it sees rows and columns apart.
linalg::LinalgOp Expander::mergeLoops(linalg::LinalgOp member) {
  SmallVector<Value> operands;
  SmallVector<AffineMap> maps;
  SmallVector<AffineExpr> dims = {dim(0), dim(1), dim(2), dim(2), dim(3)};
  for (OpOperand &operand : member->getOpOperands()) {
    AffineMap old = member.getMatchingIndexingMap(&operand);
    std::optional<int64_t> rows = findPixels(old);
    if (!rows)
      return nullptr;
    SmallVector<AffineExpr> exprs(old.getResults());
    Value value = operand.get();
    if (*rows >= 0) {
      exprs.erase(exprs.begin() + *rows + 1);
      value = mergePixels(b, loc, value, *rows);
    }
    for (AffineExpr &expr : exprs)
      expr = expr.replaceDims(dims);
    operands.push_back(value);
    maps.push_back(map(4, exprs));
  }
  auto merged = linalg::GenericOp::create(
      b, loc, TypeRange(), ArrayRef(operands).drop_back(),
      ValueRange{operands.back()}, maps,
      SmallVector<utils::IteratorType>(4, kParallel));
  IRMapping mapping;
  member->getRegion(0).cloneInto(&merged.getRegion(), mapping);
  return merged;
}

/// What follows element by element; from the first operation on that sees rows
/// and columns apart, it stays as it is, and the product is put before it.
void Expander::mergeEpilogue() {
  for (linalg::LinalgOp member : findEpilogue(op.getInit())) {
    OpBuilder::InsertPoint before = b.saveInsertionPoint();
    b.setInsertionPointAfter(member);
    linalg::LinalgOp merged = mergeLoops(member);
    if (!merged)
      return b.restoreInsertionPoint(before);
    replaced.push_back(member);
    epilogue.push_back(merged);
  }
}

void Expander::emitEpilogue(ArrayRef<OpFoldResult> offsets,
                            ArrayRef<int64_t> sizes, Value y) {
  for (linalg::LinalgOp member : epilogue) {
    linalg::LinalgOp tiled = tileEpilogue(member, offsets, sizes);
    // The tile keeps the image's dimension; the product's result has none.
    SmallVector<Value> operands;
    SmallVector<AffineMap> maps;
    SmallVector<AffineExpr> dims = {b.getAffineConstantExpr(0), dim(0), dim(1),
                                    dim(2)};
    for (OpOperand *operand : tiled.getDpsInputOperands()) {
      operands.push_back(operand->get());
      maps.push_back(
          tiled.getMatchingIndexingMap(operand).replaceDimsAndSymbols(dims, {},
                                                                      3, 0));
    }
    maps.push_back(map(3, {dim(0), dim(1), dim(2)}));
    auto generic = linalg::GenericOp::create(
        b, loc, TypeRange(), operands, ValueRange{y}, maps,
        SmallVector<utils::IteratorType>(3, kParallel));
    generic.getRegion().takeBody(tiled->getRegion(0));
    b.eraseOp(tiled);
  }
}

/// One group of pixels and one run of filters.
void Expander::emitUnit(Value unit, Value task) {
  int64_t groups = pixels / group, blocks = filterBlocks / filterRuns;
  Value image = apply(dim(0).floorDiv(groups * filterRuns), {unit});
  Value first = apply(dim(0).floorDiv(filterRuns) % groups * group, {unit});
  Value block = apply(dim(0) % filterRuns * blocks, {unit});
  Value pixelBox = slice(x, {image, index(0), first, index(0)},
                         {1, channelBlocks, group, kFastBlock}, {0});
  Value panel = slice(panels, {task, index(0), index(0), index(0)},
                      {1, channelBlocks, group, kFastBlock}, {0});
  Value sums =
      slice(pairSums, {task, index(0), index(0)}, {1, group, kFastBlock}, {0});
  Value w = slice(op.getW(), {block, index(0), index(0), index(0)},
                  {blocks, channelBlocks, kFastBlock, filters}, {});
  Value perFilter = memref::ExpandShapeOp::create(
      b, loc, ArrayRef<int64_t>{filterBlocks, filters}, op.getPairs(),
      ArrayRef<ReassociationIndices>{{0, 1}});
  Value pairs = slice(perFilter, {block, index(0)}, {blocks, filters}, {});
  SmallVector<OpFoldResult> offsets = {image, block, first, index(0)};
  SmallVector<int64_t> sizes = {1, blocks, group, filters};
  Value result = slice(y, offsets, sizes, {0});

  Value meanSquare = emitMeanSquare(pixelBox, task);
  Value hasScale = emitHasScale(meanSquare);
  auto [down, up] = emitScales(meanSquare);
  Value scale = arith::SelectOp::create(b, loc, hasScale, down, literal(1));
  emitScaledCopy(pixelBox, scale, panel);
  ifElse(
      hasScale,
      [&, up = up] {
        emitPairSums(panel, sums);
        emitFast(panel, sums, w, pairs, result);
        generic(up, result, {map(3, {}), map(3, {dim(0), dim(1), dim(2)})},
                {kParallel, kParallel, kParallel},
                [&](OpBuilder &builder, ValueRange args) -> Value {
                  return arith::MulFOp::create(builder, loc, args[1], args[0]);
                });
        emitEpilogue(offsets, sizes, result);
      },
      [&] {
        emitDirect(panel, w, result);
        emitEpilogue(offsets, sizes, result);
      });
}

void Expander::expand() {
  b.setInsertionPoint(op);
  x = mergePixels(b, loc, op.getX(), 2);
  y = mergePixels(b, loc, op.getInit(), 2);
  mergeEpilogue();
  panels = addScratch({tasks, channelBlocks, group, kFastBlock});
  pairSums = addScratch({tasks, group, kFastBlock});
  lanes = addScratch({tasks, kFastBlock});
  squares = addScratch({tasks, kFastBlock});
  SmallVector<float> table;
  for (int64_t channel = 0; channel < kFastBlock; ++channel)
    table.push_back(fastSign(channel));
  signs = addTable(table);
  forUnits(images * (pixels / group) * filterRuns, tasks,
           [&](Value unit, Value task) { emitUnit(unit, task); });
  for (linalg::LinalgOp member : epilogue)
    b.eraseOp(member);
  for (linalg::LinalgOp member : replaced)
    b.eraseOp(member);
  b.eraseOp(op);
}

void ExpandFastProductsPass::runOnOperation() {
  func::FuncOp function = getOperation();
  if (!isKernel(function))
    return;
  SmallVector<FastProductOp> ops;
  function.walk([&](FastProductOp op) { ops.push_back(op); });
  IRRewriter rewriter(&getContext());
  for (FastProductOp op : ops) {
    Expander(rewriter, op, threads).expand();
    ++numExpanded;
  }
}
