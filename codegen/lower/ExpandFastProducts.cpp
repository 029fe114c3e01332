//===- ExpandFastProducts.cpp - Loops of fast inner products --------------===//
//
// A group of pixels at a time: their scale, a scaled copy that stays in cache,
// the sums over pairs of channels; then one register-tiled product over all
// filters, with what follows it element by element. Pixels that are not finite
// or very small take the direct product instead. Rows of matrices are pixels of
// one image, stored one after the other.
//
//===----------------------------------------------------------------------===//

#include "codegen/lower/FastSteps.h"
#include "codegen/lower/LoopSchedule.h"
#include "codegen/lower/Passes.h"
#include "codegen/lower/TileBuilder.h"
#include "dialects/cameo/FastProduct.h"
#include "dialects/cameo/LinalgBuilders.h"

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
  Expander(RewriterBase &rewriter, FastProductOp op, int64_t threads,
           int64_t wanted); // Pixels of a group; 0: as many as fit.
  int64_t getPixels() const { return pixels; }
  int64_t getGroup() const { return group; }

  void expand();

private:
  /// Where an operand has its pixels; none: it does not move with them.
  struct PixelPlaces {
    int64_t first = 0, count = 0;
  };
  /// A group of pixels and a run of filters.
  struct Unit {
    Value image, first, block, task;
    int64_t pixels, blocks;
  };

  bool isPixelLoop(unsigned loop) const {
    return loop >= firstPixelLoop && loop < firstPixelLoop + numPixelLoops;
  }
  std::optional<PixelPlaces> findPixels(OpOperand &operand);
  linalg::LinalgOp mergeLoops(linalg::LinalgOp member);
  void mergeEpilogue();
  void emitUnit(Value unit, Value task);
  void emitGroup(const Unit &unit);
  /// Rows have scales of their own, what follows them may depend on it; pixels
  /// of a group share one.
  int64_t countScales(const Unit &unit) const {
    return areRows ? unit.pixels : 1;
  }
  /// How loops of which `pixel` is the one over pixels read scales.
  AffineMap ofScale(Value scale, AffineExpr pixel) {
    if (!isa<MemRefType>(scale.getType()))
      return map(3, {});
    return map(3, {areRows ? pixel : b.getAffineConstantExpr(0)});
  }
  Value emitSquares(const Unit &unit, Value box, Value sums);
  Value emitHasScale(const Unit &unit, Value total);
  std::pair<Value, Value> emitScales(const Unit &unit, Value total);
  void emitScaledCopy(Value box, Value scale, Value panel);
  void emitPairSums(Value panel, Value sums);
  void emitFast(Value panel, Value sums, Value w, Value pairs, Value y);
  void emitDirect(Value panel, Value w, Value y);
  void emitEpilogue(ArrayRef<OpFoldResult> offsets, ArrayRef<int64_t> sizes,
                    Value y);

  FastProductOp op;
  bool areRows;                           // Pixels come before channels.
  unsigned firstPixelLoop, numPixelLoops; // Of operations on the result.
  int64_t images = 1, pixels = 1, channelBlocks, filterBlocks, filters;
  int64_t group;          // Pixels of a group.
  int64_t groups;         // Of an image; the last one may be smaller.
  int64_t filterRuns = 1; // Parts of the filters that units do.
  int64_t tasks = 1;
  Value x, y;         // With one dimension of pixels.
  AffineMap ofResult; // Places of block, pixel and element in it.
  SmallVector<linalg::LinalgOp> replaced, epilogue;  // As found, and merged.
  Value panels, pairSums, squares, scales, extremes; // Scratch.
  Value signs;                                       // A table.
};
} // namespace

/// Into how many runs the filters are split, each of two blocks or more, so
/// that threads are done soonest: every unit of a group and a run scales the
/// group.
static int64_t chooseFilterRuns(int64_t groups, int64_t blocks,
                                int64_t threads) {
  // To fetch and scale pixels takes as long as so many blocks of filters.
  constexpr double kScalingBlocks = 1.65;
  int64_t best = 1;
  auto costOf = [&](int64_t runs) {
    return llvm::divideCeil(groups * runs, threads) *
           (kScalingBlocks + double(blocks) / runs);
  };
  for (int64_t runs = 2; runs <= blocks / 2; ++runs)
    if (blocks % runs == 0 && costOf(runs) < costOf(best))
      best = runs;
  return best;
}

Expander::Expander(RewriterBase &rewriter, FastProductOp op, int64_t threads,
                   int64_t wanted)
    : TileBuilder(rewriter, op), op(op) {
  ArrayRef<int64_t> shape = cast<MemRefType>(op.getInit().getType()).getShape();
  ArrayRef<int64_t> w = cast<MemRefType>(op.getW().getType()).getShape();
  areRows = shape.size() != 5;
  firstPixelLoop = areRows ? 0 : 2;
  numPixelLoops = areRows ? shape.size() - 2 : 2;
  if (!areRows)
    images = shape[0];
  for (int64_t extent : shape.slice(firstPixelLoop, numPixelLoops))
    pixels *= extent;
  filterBlocks = w[0];
  channelBlocks = w[1];
  filters = w[3];
  ofResult = areRows ? map(3, {dim(1), dim(0), dim(2)})
                     : map(3, {dim(0), dim(1), dim(2)});
  group = wanted ? wanted : fastGroup(pixels, channelBlocks * kFastBlock);
  if (group == 0)
    group = pixels; // Whoever made the operation did not mind.
  groups = llvm::divideCeil(pixels, group);
  if (threads == 1)
    return;
  int64_t units = images * groups;
  filterRuns = chooseFilterRuns(units, filterBlocks, threads);
  tasks = std::min(units * filterRuns, threads);
}

//===----------------------------------------------------------------------===//
// Pixels
//===----------------------------------------------------------------------===//

/// Sums of squares, of each row or of all pixels together: per lane first, so
/// that vectors add up. `sums` is scratch.
Value Expander::emitSquares(const Unit &unit, Value box, Value sums) {
  int64_t count = countScales(unit);
  Value perLane = slice(sums, {index(0), index(0)}, {count, kFastBlock}, {});
  Value total = slice(squares, {unit.task, index(0)}, {1, count}, {0});
  linalg::FillOp::create(b, loc, zero(), perLane);
  linalg::FillOp::create(b, loc, zero(), total);
  // perLane[p, c] or perLane[c] = sum over the others of box[., ., c]^2
  Value partial =
      areRows ? perLane
              : slice(perLane, {index(0), index(0)}, {1, kFastBlock}, {0});
  generic(box, partial,
          {map(3, {dim(0), dim(1), dim(2)}),
           areRows ? map(3, {dim(0), dim(2)}) : map(3, {dim(2)})},
          {areRows ? kParallel : kReduction, kReduction, kParallel},
          [&](OpBuilder &builder, ValueRange args) {
            return buildMultiplyAdd(builder, loc, args[0], args[0], args[1]);
          });
  sumLanes(perLane, total);
  return total;
}

/// Whether all pixels of these sums of squares can be scaled: they are finite,
/// and their squares are not lost in underflow.
Value Expander::emitHasScale(const Unit &unit, Value total) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  float elements = unit.pixels * channelBlocks * kFastBlock / countScales(unit);
  auto extreme = [&](int64_t place, float start, auto combine) -> Value {
    Value cell = slice(extremes, {unit.task, index(place)}, {1, 1}, {0});
    linalg::FillOp::create(b, loc, literal(start), cell);
    generic(total, cell,
            {map(1, {dim(0)}), map(1, {b.getAffineConstantExpr(0)})},
            {kReduction}, combine);
    return memref::LoadOp::create(b, loc, cell, ValueRange{constant(0)});
  };
  Value least =
      extreme(0, kInfinity, [&](OpBuilder &builder, ValueRange args) -> Value {
        return arith::MinimumFOp::create(builder, loc, args[1], args[0]);
      });
  Value most = extreme(1, 0, [&](OpBuilder &builder, ValueRange args) -> Value {
    return arith::MaximumFOp::create(builder, loc, args[1], args[0]);
  });
  auto compare = [&](arith::CmpFPredicate predicate, Value value,
                     float bound) -> Value {
    return arith::CmpFOp::create(b, loc, predicate, value, literal(bound));
  };
  return arith::AndIOp::create(
      b, loc,
      compare(arith::CmpFPredicate::OGT, least, kLeastSquare * elements),
      compare(arith::CmpFPredicate::OLT, most, kInfinity));
}

/// The powers of two that bring pixels to the filters' mean square, and their
/// inverses: half the exponent of the quotient of the mean squares.
std::pair<Value, Value> Expander::emitScales(const Unit &unit, Value total) {
  int64_t count = countScales(unit);
  float elements = unit.pixels * channelBlocks * kFastBlock / count;
  Value wanted =
      memref::LoadOp::create(b, loc, op.getSquare(), ValueRange{constant(0)});
  Value factor = arith::DivFOp::create(b, loc, literal(1 / elements), wanted);
  auto power = [&](int64_t place, bool isInverse) {
    Value result = slice(scales, {unit.task, index(place), index(0)},
                         {1, 1, count}, {0, 1});
    generic({total, factor}, result,
            {map(1, {dim(0)}), map(1, {}), map(1, {dim(0)})}, {kParallel},
            [&](OpBuilder &builder, ValueRange args) -> Value {
              Value quotient =
                  arith::MulFOp::create(builder, loc, args[0], args[1]);
              return buildScale(builder, loc, quotient, isInverse);
            });
    return result;
  };
  Value down = power(0, /*isInverse=*/true);
  return {down, power(1, /*isInverse=*/false)};
}

/// panel[cb, p, c] = box[cb, p, c] * scale * signs[c]
void Expander::emitScaledCopy(Value box, Value scale, Value panel) {
  AffineMap all = map(3, {dim(0), dim(1), dim(2)});
  generic({box, scale, signs}, panel,
          {ofResult, ofScale(scale, dim(1)), map(3, {dim(2)}), all},
          {kParallel, kParallel, kParallel},
          [&](OpBuilder &builder, ValueRange args) -> Value {
            Value factor =
                arith::MulFOp::create(builder, loc, args[1], args[2]);
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
          [&](OpBuilder &builder, ValueRange args) {
            return buildMultiplyAdd(builder, loc, args[0], args[1], args[2]);
          });
  sumLanes(partial, result);
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

/// y[fb, p, f] = sum over cb, c < 8 of (a0 + b1) (a1 + b0) - sums[p] -
/// pairs[fb, f] with a0, a1 = panel[cb, p, c], panel[cb, p, c + 8] and b0, b1
/// of w alike.
void Expander::emitFast(Value panel, Value sums, Value w, Value pairs,
                        Value y) {
  Value perPixel =
      slice(sums, {index(0), index(0)},
            {cast<MemRefType>(sums.getType()).getDimSize(0), 1}, {1});
  generic({perPixel, pairs}, y,
          {map(3, {dim(1)}), map(3, {dim(0), dim(2)}), ofResult},
          {kParallel, kParallel, kParallel},
          [&](OpBuilder &builder, ValueRange args) {
            return buildPairStart(builder, loc, args);
          });
  AffineExpr fb = dim(0), p = dim(1), f = dim(2), cb = dim(3), c = dim(4);
  AffineMap ofPanel = map(5, {cb, p, c}), ofFilters = map(5, {fb, cb, c, f});
  AffineMap result = ofResult.compose(map(5, {fb, p, f}));
  generic({half(panel, 2, 0), half(panel, 2, 1), half(w, 2, 0), half(w, 2, 1)},
          y, {ofPanel, ofPanel, ofFilters, ofFilters, result},
          {kParallel, kParallel, kParallel, kReduction, kReduction},
          [&](OpBuilder &builder, ValueRange args) -> Value {
            return buildPairProduct(builder, loc, args);
          });
}

/// y[fb, p, f] = sum over cb, c of panel[cb, p, c] * w[fb, cb, c, f]
void Expander::emitDirect(Value panel, Value w, Value y) {
  linalg::FillOp::create(b, loc, zero(), y);
  AffineExpr fb = dim(0), p = dim(1), f = dim(2), cb = dim(3), c = dim(4);
  generic({panel, w}, y,
          {map(5, {cb, p, c}), map(5, {fb, cb, c, f}),
           ofResult.compose(map(5, {fb, p, f}))},
          {kParallel, kParallel, kParallel, kReduction, kReduction},
          [&](OpBuilder &builder, ValueRange args) {
            return buildMultiplyAdd(builder, loc, args[0], args[1], args[2]);
          });
}

//===----------------------------------------------------------------------===//
// Everything
//===----------------------------------------------------------------------===//

/// Pixels of a buffer as one dimension.
static Value mergePixels(OpBuilder &b, Location loc, Value buffer,
                         int64_t first, int64_t count) {
  SmallVector<ReassociationIndices> merged;
  for (int64_t i = 0, end = cast<MemRefType>(buffer.getType()).getRank();
       i < end; ++i) {
    if (i > first && i < first + count)
      merged.back().push_back(i);
    else
      merged.push_back({i});
  }
  return memref::CollapseShapeOp::create(b, loc, buffer, merged);
}

/// Where an operand has all loops over pixels, in order, but for those of one
/// iteration; none when it sees them apart.
std::optional<Expander::PixelPlaces> Expander::findPixels(OpOperand &operand) {
  auto member = cast<linalg::LinalgOp>(operand.getOwner());
  AffineMap map = member.getMatchingIndexingMap(&operand);
  SmallVector<int64_t> ranges = member.getStaticLoopRanges();
  SmallVector<int64_t> loops, places;
  for (unsigned loop = 0; loop < member.getNumLoops(); ++loop)
    if (isPixelLoop(loop) && ranges[loop] > 1)
      loops.push_back(loop);
  for (auto [place, expr] : llvm::enumerate(map.getResults())) {
    if (llvm::none_of(loops,
                      [&](int64_t loop) { return expr.isFunctionOfDim(loop); }))
      continue;
    if (places.size() == loops.size() || expr != dim(loops[places.size()]))
      return std::nullopt;
    places.push_back(place);
  }
  if (places.empty())
    return PixelPlaces();
  PixelPlaces found{places.front(), places.back() - places.front() + 1};
  if (places.size() != loops.size() || found.count != int64_t(places.size()))
    return std::nullopt;
  return found;
}

/// An elementwise operation with one loop over pixels instead of several; null
/// when it sees them apart.
linalg::LinalgOp Expander::mergeLoops(linalg::LinalgOp member) {
  SmallVector<Value> operands;
  SmallVector<AffineMap> maps;
  SmallVector<AffineExpr> dims;
  for (unsigned loop = 0, merged = 0; loop < member.getNumLoops(); ++loop) {
    dims.push_back(isPixelLoop(loop) ? b.getAffineConstantExpr(0)
                                     : dim(merged));
    merged += !isPixelLoop(loop) || loop == firstPixelLoop;
  }
  unsigned numLoops = member.getNumLoops() - numPixelLoops + 1;
  for (OpOperand *operand : member.getDpsInputOperands()) {
    std::optional<PixelPlaces> places = findPixels(*operand);
    if (!places)
      return nullptr;
    SmallVector<AffineExpr> exprs;
    for (AffineExpr expr : member.getMatchingIndexingMap(operand).getResults())
      exprs.push_back(expr.replaceDims(dims));
    Value value = operand->get();
    if (places->count > 0) {
      exprs[places->first] = dim(firstPixelLoop);
      exprs.erase(exprs.begin() + places->first + 1,
                  exprs.begin() + places->first + places->count);
      value = mergePixels(b, loc, value, places->first, places->count);
    }
    operands.push_back(value);
    maps.push_back(map(numLoops, exprs));
  }
  maps.push_back(b.getMultiDimIdentityMap(numLoops));
  auto merged = linalg::GenericOp::create(
      b, loc, TypeRange(), operands, ValueRange{y}, maps,
      SmallVector<utils::IteratorType>(numLoops, kParallel));
  IRMapping mapping;
  member->getRegion(0).cloneInto(&merged.getRegion(), mapping);
  return merged;
}

/// What follows element by element; from the first operation on that sees loops
/// over pixels apart, it stays as it is, and the product is put before it.
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
    SmallVector<AffineExpr> dims = {dim(0), dim(1), dim(2)};
    if (!areRows)
      dims.insert(dims.begin(), b.getAffineConstantExpr(0));
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

void Expander::emitGroup(const Unit &unit) {
  SmallVector<OpFoldResult> offsets = {unit.image, index(0), unit.first,
                                       index(0)};
  SmallVector<int64_t> sizes = {1, channelBlocks, unit.pixels, kFastBlock},
                       outer = {0};
  // Rows: first, then channels.
  auto order = [&] {
    if (!areRows)
      return;
    offsets = {unit.first, offsets[1], index(0)};
    sizes = {unit.pixels, sizes[1], sizes[3]};
    outer.clear();
  };
  order();
  Value box = slice(x, offsets, sizes, outer);
  offsets = {unit.image, unit.block, unit.first, index(0)};
  sizes = {1, unit.blocks, unit.pixels, filters};
  order();
  Value result = slice(y, offsets, sizes, outer);
  Value panel = slice(panels, {unit.task, index(0), index(0), index(0)},
                      {1, channelBlocks, unit.pixels, kFastBlock}, {0});
  Value sums = slice(pairSums, {unit.task, index(0), index(0)},
                     {1, unit.pixels, kFastBlock}, {0});
  Value w = slice(op.getW(), {unit.block, index(0), index(0), index(0)},
                  {unit.blocks, channelBlocks, kFastBlock, filters}, {});
  Value perFilter = memref::ExpandShapeOp::create(
      b, loc, ArrayRef<int64_t>{filterBlocks, filters}, op.getPairs(),
      ArrayRef<ReassociationIndices>{{0, 1}});
  Value pairs =
      slice(perFilter, {unit.block, index(0)}, {unit.blocks, filters}, {});

  Value total = emitSquares(unit, box, sums);
  ifElse(
      emitHasScale(unit, total),
      [&] {
        auto [down, up] = emitScales(unit, total);
        emitScaledCopy(box, down, panel);
        emitPairSums(panel, sums);
        emitFast(panel, sums, w, pairs, result);
        generic(up, result,
                {ofScale(up, dim(areRows ? 0 : 1)),
                 map(3, {dim(0), dim(1), dim(2)})},
                {kParallel, kParallel, kParallel},
                [&](OpBuilder &builder, ValueRange args) -> Value {
                  return arith::MulFOp::create(builder, loc, args[1], args[0]);
                });
        emitEpilogue(offsets, sizes, result);
      },
      [&] {
        emitScaledCopy(box, literal(1), panel);
        emitDirect(panel, w, result);
        emitEpilogue(offsets, sizes, result);
      });
}

/// One group of pixels and one run of filters.
void Expander::emitUnit(Value unit, Value task) {
  int64_t blocks = filterBlocks / filterRuns;
  Value number = apply(dim(0).floorDiv(filterRuns) % groups, {unit});
  Unit full = {apply(dim(0).floorDiv(groups * filterRuns), {unit}),
               apply(dim(0) * group, {number}),
               apply(dim(0) % filterRuns * blocks, {unit}),
               task,
               group,
               blocks};
  if (groups * group == pixels)
    return emitGroup(full);
  Unit last = full;
  last.pixels = pixels - (groups - 1) * group;
  Value isLast = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, number,
                                       constant(groups - 1));
  ifElse(isLast, [&] { emitGroup(last); }, [&] { emitGroup(full); });
}

void Expander::expand() {
  b.setInsertionPoint(op);
  x = mergePixels(b, loc, op.getX(), firstPixelLoop, numPixelLoops);
  y = mergePixels(b, loc, op.getInit(), firstPixelLoop, numPixelLoops);
  mergeEpilogue();
  panels = addScratch({tasks, channelBlocks, group, kFastBlock});
  pairSums = addScratch({tasks, group, kFastBlock});
  squares = addScratch({tasks, group});
  scales = addScratch({tasks, 2, group});
  extremes = addScratch({tasks, kFastBlock});
  SmallVector<float> table;
  for (int64_t channel = 0; channel < kFastBlock; ++channel)
    table.push_back(fastSign(channel));
  signs = addTable(table);
  forUnits(images * groups * filterRuns, tasks,
           [&](Value unit, Value task) { emitUnit(unit, task); });
  for (linalg::LinalgOp member :
       llvm::concat<linalg::LinalgOp>(epilogue, replaced))
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
    int64_t wanted = getScheduleGroup(function);
    Expander expander(rewriter, op, threads, std::max<int64_t>(wanted, 0));
    if (wanted < 0 || wanted > expander.getPixels()) {
      op.emitError("schedule: groups of ")
          << wanted << " pixels are not 1 to " << expander.getPixels();
      return signalPassFailure();
    }
    setScheduleGroup(function, expander.getGroup());
    expander.expand();
    ++numExpanded;
  }
}
