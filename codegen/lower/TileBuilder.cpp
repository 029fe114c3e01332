//===- TileBuilder.cpp - Building blocks of expansions --------------------===//

#include "codegen/lower/TileBuilder.h"

#include "codegen/lower/Passes.h"

#include "mlir/Interfaces/TilingInterface.h"

using namespace mlir;
using namespace cameo;

Value TileBuilder::constant(int64_t value) {
  return arith::ConstantIndexOp::create(b, loc, value);
}

Value TileBuilder::zero() {
  return arith::ConstantOp::create(b, loc, b.getF32FloatAttr(0));
}

Value TileBuilder::apply(AffineExpr expr, ValueRange dims) {
  return affine::makeComposedAffineApply(
      b, loc, AffineMap::get(dims.size(), 0, expr), getAsOpFoldResult(dims));
}

void TileBuilder::forLoop(Value low, Value high,
                          function_ref<void(Value)> body) {
  auto loop = scf::ForOp::create(b, loc, low, high, constant(1));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  body(loop.getInductionVar());
}

void TileBuilder::forUnits(int64_t count, int64_t tasks,
                           function_ref<void(Value, Value)> body) {
  if (tasks == 1)
    return forLoop(constant(0), constant(count),
                   [&](Value unit) { body(unit, constant(0)); });
  auto forall = scf::ForallOp::create(
      b, loc, ArrayRef<OpFoldResult>{b.getIndexAttr(tasks)}, ValueRange(),
      std::nullopt);
  forall->setDiscardableAttr(kUnitsAttr, b.getI64IntegerAttr(count));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(forall.getBody());
  Value task = forall.getInductionVars().front();
  auto start = [&](Value of) {
    return arith::DivSIOp::create(
        b, loc, arith::MulIOp::create(b, loc, of, constant(count)),
        constant(tasks));
  };
  Value next = arith::AddIOp::create(b, loc, task, constant(1));
  forLoop(start(task), start(next), [&](Value unit) { body(unit, task); });
}

void TileBuilder::ifElse(Value condition, function_ref<void()> then,
                         function_ref<void()> otherwise) {
  auto branch = scf::IfOp::create(b, loc, condition, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  then();
  b.setInsertionPointToStart(branch.elseBlock());
  otherwise();
}

BlockArgument TileBuilder::addArgument(Type type, StringRef mark,
                                       Attribute value) {
  auto function = op->getParentOfType<func::FuncOp>();
  unsigned index = function.getNumArguments();
  NamedAttribute attr = b.getNamedAttr(mark, value);
  (void)function.insertArgument(index, type, b.getDictionaryAttr(attr), loc);
  return function.getArgument(index);
}

Value TileBuilder::literal(float value) {
  return arith::ConstantOp::create(b, loc, b.getF32FloatAttr(value));
}

void TileBuilder::generic(ValueRange inputs, Value output,
                          ArrayRef<AffineMap> maps,
                          ArrayRef<utils::IteratorType> loops, Body body) {
  linalg::GenericOp::create(
      b, loc, TypeRange(), inputs, ValueRange{output}, maps, loops,
      [&](OpBuilder &builder, Location, ValueRange args) {
        linalg::YieldOp::create(builder, loc, body(builder, args));
      });
}

void TileBuilder::sumLanes(Value perLane, Value total) {
  generic(perLane, total, {map(2, {dim(0), dim(1)}), map(2, {dim(0)})},
          {utils::IteratorType::parallel, utils::IteratorType::reduction},
          [&](OpBuilder &builder, ValueRange args) -> Value {
            return arith::AddFOp::create(builder, loc, args[1], args[0]);
          });
}

Value TileBuilder::isInside(Value index, int64_t extent) {
  // One unsigned comparison checks both ends.
  return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult, index,
                               constant(extent));
}

Value TileBuilder::addScratch(ArrayRef<int64_t> shape) {
  return addArgument(MemRefType::get(shape, b.getF32Type()), "plan.scratch",
                     b.getUnitAttr());
}

Value TileBuilder::addSpacedScratch(ArrayRef<int64_t> boxes,
                                    ArrayRef<int64_t> box) {
  constexpr int64_t kLine = 16; // Elements.
  int64_t count = ShapedType::getNumElements(box);
  int64_t lines = llvm::divideCeil(count, kLine) | 1;
  SmallVector<int64_t> shape(boxes);
  shape.push_back(lines * kLine);
  Value scratch = addScratch(shape);
  SmallVector<OpFoldResult> offsets(shape.size(), index(0));
  shape.back() = count;
  Value used = slice(scratch, offsets, shape, {});
  SmallVector<ReassociationIndices> groups;
  for (int64_t i = 0, end = boxes.size(); i <= end; ++i)
    groups.push_back({i});
  shape.pop_back();
  llvm::append_range(shape, box);
  for (int64_t i = boxes.size() + 1, end = shape.size(); i < end; ++i)
    groups.back().push_back(i);
  return memref::ExpandShapeOp::create(b, loc, shape, used, groups);
}

void TileBuilder::dropScratch(Value buffer) {
  if (!buffer.use_empty())
    return;
  if (auto argument = dyn_cast<BlockArgument>(buffer))
    (void)cast<func::FuncOp>(argument.getOwner()->getParentOp())
        .eraseArgument(argument.getArgNumber());
  else
    b.eraseOp(buffer.getDefiningOp());
}

Value TileBuilder::addTable(DenseElementsAttr values) {
  ShapedType type = values.getType();
  return addArgument(MemRefType::get(type.getShape(), type.getElementType()),
                     "plan.constant", values);
}

Value TileBuilder::addTable(ArrayRef<float> values) {
  auto type = RankedTensorType::get({static_cast<int64_t>(values.size())},
                                    b.getF32Type());
  return addTable(DenseElementsAttr::get(type, values));
}

Value TileBuilder::slice(Value buffer, ArrayRef<OpFoldResult> offsets,
                         ArrayRef<int64_t> sizes, ArrayRef<int64_t> dropped) {
  SmallVector<int64_t> shape;
  for (auto [i, size] : llvm::enumerate(sizes))
    if (!llvm::is_contained(dropped, i))
      shape.push_back(size);
  SmallVector<OpFoldResult> mixedSizes =
      getAsIndexOpFoldResult(b.getContext(), sizes);
  SmallVector<OpFoldResult> ones(sizes.size(), b.getIndexAttr(1));
  MemRefType type = memref::SubViewOp::inferRankReducedResultType(
      shape, cast<MemRefType>(buffer.getType()), offsets, mixedSizes, ones);
  return memref::SubViewOp::create(b, loc, type, buffer, offsets, mixedSizes,
                                   ones);
}

Value TileBuilder::half(Value buffer, int64_t dimension, int64_t which) {
  SmallVector<int64_t> sizes(cast<MemRefType>(buffer.getType()).getShape());
  SmallVector<OpFoldResult> offsets(sizes.size(), index(0));
  sizes[dimension] /= 2;
  offsets[dimension] = index(which * sizes[dimension]);
  return slice(buffer, offsets, sizes, {});
}

/// Whether `op` changes the result in place, element by element.
static bool isEpilogue(Operation &op, Value result) {
  auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
  return linalgOp && linalgOp.getNumDpsInits() == 1 &&
         linalgOp.getDpsInitOperand(0)->get() == result &&
         linalgOp.getNumLoops() == linalgOp.getNumParallelLoops() &&
         !linalgOp.hasIndexSemantics() &&
         !llvm::is_contained(linalgOp.getDpsInputs(), result) &&
         linalgOp.getMatchingIndexingMap(linalgOp.getDpsInitOperand(0))
             .isIdentity();
}

SmallVector<linalg::LinalgOp> TileBuilder::findEpilogue(Value result) {
  SmallVector<linalg::LinalgOp> found;
  for (Operation *next = op->getNextNode(); next; next = next->getNextNode()) {
    if (isEpilogue(*next, result))
      found.push_back(cast<linalg::LinalgOp>(next));
    else if (!isMemoryEffectFree(next))
      break;
  }
  return found;
}

linalg::LinalgOp TileBuilder::tileEpilogue(linalg::LinalgOp member,
                                           ArrayRef<OpFoldResult> offsets,
                                           ArrayRef<int64_t> sizes) {
  SmallVector<OpFoldResult> mixedSizes =
      getAsIndexOpFoldResult(b.getContext(), sizes);
  FailureOr<TilingResult> tiled =
      cast<TilingInterface>(member.getOperation())
          .getTiledImplementation(b, offsets, mixedSizes);
  assert(succeeded(tiled) && "structured operations can be tiled");
  return cast<linalg::LinalgOp>(tiled->tiledOps.front());
}
