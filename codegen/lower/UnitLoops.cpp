//===- UnitLoops.cpp - Loops of one iteration -----------------------------===//
//
// A 1x1 convolution is a matrix product once its loops of one iteration are
// gone: only then do adjacent loops become one.
//
//===----------------------------------------------------------------------===//

#include "codegen/lower/LoopGroup.h"
#include "codegen/lower/Windows.h"

#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace cameo;

namespace {
class UnitLoopDropper {
public:
  explicit UnitLoopDropper(RewriterBase &rewriter) : b(rewriter) {}
  void drop(linalg::LinalgOp op);
  linalg::LinalgOp splitSums(linalg::LinalgOp op);

private:
  linalg::LinalgOp replace(linalg::LinalgOp op, ArrayRef<Value> operands,
                           ArrayRef<AffineMap> maps,
                           ArrayRef<utils::IteratorType> iterators);
  Value splitDim(Value buffer, int64_t dim, int64_t size);
  Value reduceRank(Value buffer, ArrayRef<int64_t> dropped);
  Value createReduced(Value buffer, ArrayRef<int64_t> dropped);

  RewriterBase &b;
  /// Operations of one group have to see one and the same view.
  std::map<std::pair<void *, std::vector<int64_t>>, Value> views;
};
} // namespace

static SmallVector<int64_t> without(ArrayRef<int64_t> values,
                                    ArrayRef<int64_t> dropped) {
  SmallVector<int64_t> kept;
  for (auto [i, value] : llvm::enumerate(values))
    if (!llvm::is_contained(dropped, static_cast<int64_t>(i)))
      kept.push_back(value);
  return kept;
}

Value UnitLoopDropper::createReduced(Value buffer, ArrayRef<int64_t> dropped) {
  auto type = cast<MemRefType>(buffer.getType());
  SmallVector<int64_t> shape = without(type.getShape(), dropped);
  Location loc = buffer.getLoc();
  if (std::optional<PaddedView> view = getPaddedView(buffer)) {
    PaddedView reduced{reduceRank(view->source, dropped),
                       without(view->low, dropped)};
    b.setInsertionPointAfterValue(buffer);
    return createPaddedView(b, loc, reduced, shape);
  }
  b.setInsertionPointAfterValue(buffer);
  bool areUnits = llvm::all_of(
      dropped, [&](int64_t dim) { return type.getDimSize(dim) == 1; });
  if (areUnits && type.getLayout().isIdentity())
    if (auto groups =
            getReassociationIndicesForCollapse(type.getShape(), shape))
      return memref::CollapseShapeOp::create(
          b, loc, MemRefType::get(shape, type.getElementType()), buffer,
          *groups);
  SmallVector<int64_t> offsets(type.getRank(), 0), sizes(type.getShape()),
      strides(type.getRank(), 1);
  for (int64_t dim : dropped)
    sizes[dim] = 1;
  MemRefType reduced = memref::SubViewOp::inferRankReducedResultType(
      shape, type, offsets, sizes, strides);
  return memref::SubViewOp::create(b, loc, reduced, buffer, offsets, sizes,
                                   strides);
}

Value UnitLoopDropper::reduceRank(Value buffer, ArrayRef<int64_t> dropped) {
  if (dropped.empty())
    return buffer;
  Value &view = views[{buffer.getAsOpaquePointer(), dropped.vec()}];
  if (!view) {
    OpBuilder::InsertionGuard guard(b);
    view = createReduced(buffer, dropped);
  }
  return view;
}

linalg::LinalgOp
UnitLoopDropper::replace(linalg::LinalgOp op, ArrayRef<Value> operands,
                         ArrayRef<AffineMap> maps,
                         ArrayRef<utils::IteratorType> iterators) {
  b.setInsertionPoint(op);
  auto generic = linalg::GenericOp::create(
      b, op.getLoc(), TypeRange(), operands.take_front(op.getNumDpsInputs()),
      operands.drop_front(op.getNumDpsInputs()), maps, iterators);
  b.inlineRegionBefore(op->getRegion(0), generic.getRegion(),
                       generic.getRegion().begin());
  LoopBounds bounds;
  bool keepsAll = iterators.size() == op.getNumLoops();
  for (auto [bound, range] :
       llvm::zip_equal(boundsOf(op), op.getStaticLoopRanges()))
    if (keepsAll || range != 1)
      bounds.push_back(bound);
  setBounds(generic, bounds);
  b.eraseOp(op);
  return generic;
}

/// `buffer` with dimension `dim` as two, the inner one of `size`.
Value UnitLoopDropper::splitDim(Value buffer, int64_t dim, int64_t size) {
  Value &view = views[{buffer.getAsOpaquePointer(), {-1, dim, size}}];
  if (view)
    return view;
  auto type = cast<MemRefType>(buffer.getType());
  SmallVector<int64_t> shape(type.getShape());
  shape[dim] /= size;
  shape.insert(shape.begin() + dim + 1, size);
  SmallVector<ReassociationIndices> groups;
  for (int64_t i = 0, next = 0; i < type.getRank(); ++i) {
    groups.push_back({next++});
    if (i == dim)
      groups.back().push_back(next++);
  }
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointAfterValue(buffer);
  return view = memref::ExpandShapeOp::create(b, buffer.getLoc(), shape, buffer,
                                              groups);
}

/// The loops of `outer * size + inner` where inner is all of a block of `size`.
static std::optional<std::pair<AffineDimExpr, AffineDimExpr>>
matchBlocks(AffineExpr expr, ArrayRef<int64_t> ranges, int64_t extent) {
  auto sum = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!sum || sum.getKind() != AffineExprKind::Add)
    return std::nullopt;
  auto product = dyn_cast<AffineBinaryOpExpr>(sum.getLHS());
  auto inner = dyn_cast<AffineDimExpr>(sum.getRHS());
  if (!product || !inner || product.getKind() != AffineExprKind::Mul)
    return std::nullopt;
  auto outer = dyn_cast<AffineDimExpr>(product.getLHS());
  auto size = dyn_cast<AffineConstantExpr>(product.getRHS());
  if (!outer || !size || ranges[inner.getPosition()] != size.getValue() ||
      ranges[outer.getPosition()] * size.getValue() != extent)
    return std::nullopt;
  return std::make_pair(outer, inner);
}

/// Pattern: x[outer * 16 + inner] -> x as blocks of 16, at [outer, inner]
///
/// A bias of blocked channels then is a projection like others, which does not
/// keep loops from becoming one.
linalg::LinalgOp UnitLoopDropper::splitSums(linalg::LinalgOp op) {
  if (op.hasIndexSemantics() || op->getNumResults() != 0)
    return op;
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  SmallVector<AffineMap> maps;
  SmallVector<Value> operands;
  bool changes = false;
  for (OpOperand &operand : op->getOpOperands()) {
    AffineMap map = op.getMatchingIndexingMap(&operand);
    Value buffer = operand.get();
    SmallVector<AffineExpr> exprs;
    for (AffineExpr expr : map.getResults()) {
      auto type = cast<MemRefType>(buffer.getType());
      int64_t dim = exprs.size();
      // A padded view is not what its address says: it stays one.
      bool isSplittable = type.getLayout().isIdentity() &&
                          op.isDpsInput(&operand) && !getPaddedView(buffer);
      auto blocks = isSplittable
                        ? matchBlocks(expr, ranges, type.getDimSize(dim))
                        : std::nullopt;
      if (!blocks) {
        exprs.push_back(expr);
        continue;
      }
      changes = true;
      buffer = splitDim(buffer, dim, ranges[blocks->second.getPosition()]);
      exprs.append({blocks->first, blocks->second});
    }
    operands.push_back(buffer);
    maps.push_back(AffineMap::get(map.getNumDims(), 0, exprs, op.getContext()));
  }
  return changes ? replace(op, operands, maps, op.getIteratorTypesArray()) : op;
}

/// Pattern: a loop of one iteration -> none, and no dimension of operands for
/// it
void UnitLoopDropper::drop(linalg::LinalgOp op) {
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  MLIRContext *context = op.getContext();
  if (op.hasIndexSemantics() || op->getNumResults() != 0)
    return;
  SmallVector<AffineExpr> replacements;
  SmallVector<utils::IteratorType> iterators;
  for (auto [range, iterator] :
       llvm::zip_equal(ranges, op.getIteratorTypesArray())) {
    if (range == 1) {
      replacements.push_back(getAffineConstantExpr(0, context));
      continue;
    }
    replacements.push_back(getAffineDimExpr(iterators.size(), context));
    iterators.push_back(iterator);
  }
  if (iterators.empty())
    return;
  SmallVector<AffineMap> maps;
  SmallVector<SmallVector<int64_t>> dropped;
  bool changes = iterators.size() != ranges.size();
  for (AffineMap map : op.getIndexingMapsArray()) {
    SmallVector<AffineExpr> exprs;
    dropped.emplace_back();
    for (auto [i, result] : llvm::enumerate(map.getResults())) {
      AffineExpr expr = simplifyAffineExpr(result.replaceDims(replacements),
                                           iterators.size(), 0);
      auto constant = dyn_cast<AffineConstantExpr>(expr);
      if (constant && constant.getValue() != 0)
        return;
      if (constant)
        dropped.back().push_back(i);
      else
        exprs.push_back(expr);
    }
    changes |= !dropped.back().empty();
    maps.push_back(AffineMap::get(iterators.size(), 0, exprs, context));
  }
  if (!changes)
    return;
  SmallVector<Value> operands;
  for (OpOperand &operand : op->getOpOperands())
    operands.push_back(
        reduceRank(operand.get(), dropped[operand.getOperandNumber()]));
  replace(op, operands, maps, iterators);
}

void cameo::dropUnitLoops(RewriterBase &rewriter, Operation *root) {
  SmallVector<linalg::LinalgOp> ops;
  root->walk([&](linalg::LinalgOp op) { ops.push_back(op); });
  UnitLoopDropper dropper(rewriter);
  for (linalg::LinalgOp op : ops)
    dropper.drop(dropper.splitSums(op));
}
