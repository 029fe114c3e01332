//===- Windows.cpp - Windows that slide over an operand -------------------===//

#include "codegen/lower/Windows.h"

#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace cameo;

//===----------------------------------------------------------------------===//
// Windows
//===----------------------------------------------------------------------===//

std::pair<int64_t, int64_t> Window::getInterior(int64_t taps) const {
  int64_t first = std::max<int64_t>(llvm::divideCeilSigned(low, stride), 0);
  int64_t reach = dilation * (taps - 1);
  int64_t last = llvm::divideFloorSigned(extent - 1 + low - reach, stride) + 1;
  return {first, std::max(first, last)};
}

/// Adds up `expr` as one coefficient per dimension; false when it is not a sum
/// of multiples.
static bool addCoefficients(AffineExpr expr, int64_t factor,
                            MutableArrayRef<int64_t> coefficients) {
  if (auto dim = dyn_cast<AffineDimExpr>(expr)) {
    coefficients[dim.getPosition()] += factor;
    return true;
  }
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return false;
  if (expr.getKind() == AffineExprKind::Add)
    return addCoefficients(binary.getLHS(), factor, coefficients) &&
           addCoefficients(binary.getRHS(), factor, coefficients);
  auto scale = dyn_cast<AffineConstantExpr>(binary.getRHS());
  return expr.getKind() == AffineExprKind::Mul && scale &&
         addCoefficients(binary.getLHS(), factor * scale.getValue(),
                         coefficients);
}

std::optional<Window> cameo::matchWindow(linalg::LinalgOp op,
                                         OpOperand &operand, int64_t dim) {
  AffineMap map = op.getMatchingIndexingMap(&operand);
  SmallVector<int64_t> coefficients(op.getNumLoops(), 0);
  if (!addCoefficients(map.getResult(dim), 1, coefficients))
    return std::nullopt;
  Window window{-1, -1, 0, 0};
  SmallVector<utils::IteratorType> iterators = op.getIteratorTypesArray();
  for (auto [loop, coefficient] : llvm::enumerate(coefficients)) {
    if (coefficient == 0)
      continue;
    bool isTap = iterators[loop] == utils::IteratorType::reduction;
    int64_t &place = isTap ? window.tap : window.output;
    if (place >= 0 || coefficient < 0)
      return std::nullopt;
    place = loop;
    (isTap ? window.dilation : window.stride) = coefficient;
  }
  if (window.output < 0 || window.tap < 0)
    return std::nullopt;
  return window;
}

//===----------------------------------------------------------------------===//
// Padded views
//===----------------------------------------------------------------------===//

/// Marks the view; it exists only while a kernel's nests are built.
static constexpr StringLiteral kLowAttr = "cameo.low_pads";

std::optional<PaddedView> cameo::getPaddedView(Value buffer) {
  auto cast = buffer.getDefiningOp<memref::ReinterpretCastOp>();
  auto low = cast ? cast->getAttrOfType<DenseI64ArrayAttr>(kLowAttr)
                  : DenseI64ArrayAttr();
  if (!low)
    return std::nullopt;
  return PaddedView{cast.getSource(), llvm::to_vector(low.asArrayRef())};
}

Value cameo::createPaddedView(OpBuilder &builder, Location loc,
                              const PaddedView &view, ArrayRef<int64_t> shape) {
  auto type =
      MemRefType::get(shape, getElementTypeOrSelf(view.source.getType()));
  auto cast = memref::ReinterpretCastOp::create(
      builder, loc, type, view.source, /*offset=*/0, shape,
      type.getStridesAndOffset().first);
  cast->setAttr(kLowAttr, builder.getDenseI64ArrayAttr(view.low));
  return cast;
}

SmallVector<Window> cameo::findPaddedWindows(linalg::LinalgOp op) {
  SmallVector<Window> windows;
  for (OpOperand *operand : op.getDpsInputOperands()) {
    std::optional<PaddedView> view = getPaddedView(operand->get());
    if (!view)
      continue;
    auto padded = cast<MemRefType>(operand->get().getType());
    auto source = cast<MemRefType>(view->source.getType());
    for (int64_t dim = 0; dim < padded.getRank(); ++dim) {
      if (padded.getDimSize(dim) == source.getDimSize(dim))
        continue;
      std::optional<Window> window = matchWindow(op, *operand, dim);
      assert(window && "views are made of windows only");
      window->low = view->low[dim];
      window->extent = source.getDimSize(dim);
      windows.push_back(*window);
    }
  }
  return windows;
}

//===----------------------------------------------------------------------===//
// Peeling
//===----------------------------------------------------------------------===//

namespace {
/// A buffer that is filled, then holds a copy of another inside.
struct Bordered {
  linalg::FillOp fill;
  memref::SubViewOp inside;
  linalg::LinalgOp copy, reader;
  OpOperand *operand = nullptr; // The reader's.
  Value getSource() { return copy.getDpsInputOperand(0)->get(); }
};
} // namespace

/// Whether `op` copies its only input, element by element.
static bool isCopy(linalg::LinalgOp op) {
  Block *body = op.getBlock();
  return op.getNumDpsInputs() == 1 && op.getNumDpsInits() == 1 &&
         llvm::all_of(op.getIndexingMapsArray(),
                      [](AffineMap map) { return map.isIdentity(); }) &&
         body->getOperations().size() == 1 &&
         body->getTerminator()->getOperand(0) == body->getArgument(0);
}

/// Whether anything from `first` to `last` writes to what `buffer` is.
static bool isWrittenBetween(Value buffer, Operation *first, Operation *last) {
  for (Operation *op = first; op != last; op = op->getNextNode()) {
    auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
    if (!linalgOp && !isMemoryEffectFree(op))
      return true;
    if (linalgOp && llvm::is_contained(linalgOp.getDpsInits(), buffer))
      return true;
  }
  return false;
}

static std::optional<Bordered> matchBordered(Value buffer) {
  Bordered found;
  for (OpOperand &use : buffer.getUses()) {
    Operation *user = use.getOwner();
    auto linalgOp = dyn_cast<linalg::LinalgOp>(user);
    if (auto view = dyn_cast<memref::SubViewOp>(user)) {
      if (found.inside || !view->hasOneUse() || !view.hasUnitStride())
        return std::nullopt;
      found.inside = view;
    } else if (linalgOp && linalgOp.isDpsInput(&use) && !found.reader) {
      found.reader = linalgOp;
      found.operand = &use;
    } else if (auto fill = dyn_cast<linalg::FillOp>(user);
               fill && !found.fill) {
      found.fill = fill;
    } else {
      return std::nullopt;
    }
  }
  if (!found.inside || !found.reader || !found.fill)
    return std::nullopt;
  found.copy = dyn_cast<linalg::LinalgOp>(*found.inside->user_begin());
  if (!found.copy || !isCopy(found.copy) ||
      found.copy.getDpsInits()[0] != found.inside.getResult())
    return std::nullopt;
  Block *block = found.copy->getBlock();
  if (found.reader->getBlock() != block || found.fill->getBlock() != block ||
      !found.fill->isBeforeInBlock(found.copy) ||
      !found.copy->isBeforeInBlock(found.reader) ||
      isWrittenBetween(found.getSource(), found.copy, found.reader))
    return std::nullopt;
  return found;
}

/// Whether the reader's result is the same without the elements of the border.
static bool isNeutral(Bordered &found) {
  linalg::LinalgOp reader = found.reader;
  BlockArgument arg = reader.getMatchingBlockArgument(found.operand);
  SmallVector<Operation *, 4> combiners;
  Attribute value;
  if (reader.getNumDpsInits() != 1 || !arg.hasOneUse() ||
      !matchPattern(found.fill.getInputs()[0], m_Constant(&value)) ||
      !matchReduction(reader.getRegionOutputArgs(), 0, combiners) ||
      combiners.size() != 1)
    return false;
  Operation *user = *arg.user_begin();
  if (user == combiners[0]) {
    std::optional<TypedAttr> neutral = arith::getNeutralElement(user);
    return neutral &&
           (*neutral == value || (isa<arith::AddFOp>(user) &&
                                  matchPattern(value, m_AnyZeroFloat())));
  }
  // A product with zero, added up.
  return isa<arith::MulFOp>(user) && isa<arith::AddFOp>(combiners[0]) &&
         user->hasOneUse() && *user->user_begin() == combiners[0] &&
         matchPattern(value, m_AnyZeroFloat());
}

/// The elements before each dimension; none when a dimension has a border that
/// is not read by a window, or more of one than edges are made for.
static std::optional<SmallVector<int64_t>> matchBorders(Bordered &found,
                                                        int64_t vectorDim) {
  constexpr int64_t kMostEdges = 40, kMostTaps = 15;
  auto source = cast<MemRefType>(found.getSource().getType());
  auto padded = cast<MemRefType>(found.operand->get().getType());
  ArrayRef<int64_t> low = found.inside.getStaticOffsets();
  SmallVector<int64_t> ranges = found.reader.getStaticLoopRanges();
  if (source.getRank() != padded.getRank() ||
      llvm::any_of(low, ShapedType::isDynamic) ||
      !source.areTrailingDimsContiguous(1))
    return std::nullopt;
  llvm::SmallDenseSet<int64_t> loops;
  for (int64_t dim = 0; dim < padded.getRank(); ++dim) {
    if (padded.getDimSize(dim) == source.getDimSize(dim))
      continue;
    std::optional<Window> window =
        matchWindow(found.reader, *found.operand, dim);
    if (!window || window->output == vectorDim || window->tap == vectorDim ||
        !loops.insert(window->output).second ||
        !loops.insert(window->tap).second)
      return std::nullopt;
    window->low = low[dim];
    window->extent = source.getDimSize(dim);
    int64_t outputs = ranges[window->output], taps = ranges[window->tap];
    auto [first, last] = window->getInterior(taps);
    if (outputs < 2 || taps < 2 || taps > kMostTaps ||
        outputs - std::max<int64_t>(std::min(last, outputs) - first, 0) >
            kMostEdges)
      return std::nullopt;
  }
  return llvm::to_vector(low);
}

int64_t
cameo::peelBorders(RewriterBase &rewriter, func::FuncOp function,
                   function_ref<int64_t(linalg::LinalgOp)> getVectorDim) {
  SmallVector<Value> buffers;
  for (BlockArgument arg : function.getArguments())
    if (function.getArgAttr(arg.getArgNumber(), "plan.scratch"))
      buffers.push_back(arg);
  function.walk([&](memref::AllocaOp op) { buffers.push_back(op); });
  int64_t count = 0;
  for (Value buffer : buffers) {
    std::optional<Bordered> found = matchBordered(buffer);
    if (!found || !isNeutral(*found))
      continue;
    int64_t vectorDim = getVectorDim(found->reader);
    std::optional<SmallVector<int64_t>> low = matchBorders(*found, vectorDim);
    if (!low || vectorDim < 0)
      continue;
    rewriter.setInsertionPoint(found->copy);
    auto type = cast<MemRefType>(buffer.getType());
    Value view = createPaddedView(rewriter, found->copy.getLoc(),
                                  {found->getSource(), *low}, type.getShape());
    rewriter.modifyOpInPlace(found->reader, [&] { found->operand->set(view); });
    rewriter.eraseOp(found->copy);
    rewriter.eraseOp(found->inside);
    rewriter.eraseOp(found->fill);
    ++count;
  }
  return count;
}
