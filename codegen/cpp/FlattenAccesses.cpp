//===- FlattenAccesses.cpp - Linear indices into whole buffers ------------===//
//
// Prepares a loops module for C++: views are folded into the index of each
// access, buffers become one-dimensional, copies become loops, and address
// arithmetic is marked `nsw` where its range is known.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpp/IndexRange.h"
#include "codegen/cpp/Passes.h"

#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/Iterators.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;

namespace cameo::cpp {
#define GEN_PASS_DEF_FLATTENACCESSES
#include "codegen/cpp/Passes.h.inc"
} // namespace cameo::cpp

namespace {

/// A view that only renames elements of its source.
bool isView(Operation *op) {
  return isa_and_nonnull<memref::SubViewOp, memref::CollapseShapeOp,
                         memref::ExpandShapeOp, memref::CastOp,
                         memref::ReinterpretCastOp, memref::AssumeAlignmentOp>(
      op);
}

MemRefType flatType(MemRefType type) {
  return MemRefType::get({type.getNumElements()}, type.getElementType());
}

/// Rewrites the accesses of one function.
class Flattener {
public:
  explicit Flattener(func::FuncOp func) : func(func) {}

  LogicalResult run();
  int64_t accesses = 0, views = 0;

private:
  FailureOr<Value> rootOf(Value memref);
  FailureOr<Value> offsetOf(ImplicitLocOpBuilder &b, Value memref);
  FailureOr<Value> linearIndex(ImplicitLocOpBuilder &b, Value memref,
                               ValueRange indices);
  LogicalResult rewriteAccess(Operation *op, unsigned memrefOperand);
  LogicalResult rewriteCopy(memref::CopyOp op);
  LogicalResult flattenRoots();

  func::FuncOp func;
};

} // namespace

FailureOr<Value> Flattener::rootOf(Value memref) {
  while (Operation *def = memref.getDefiningOp()) {
    if (!isView(def))
      break;
    memref = def->getOperand(0);
  }
  auto type = cast<MemRefType>(memref.getType());
  bool known =
      isa<BlockArgument>(memref)
          ? cast<BlockArgument>(memref).getOwner() == &func.front()
          : isa<memref::AllocaOp, memref::GetGlobalOp>(memref.getDefiningOp());
  if (!known || !type.hasStaticShape() || !type.getLayout().isIdentity()) {
    emitError(memref.getLoc(),
              "buffer is not an argument, a local or a table of static shape");
    return failure();
  }
  return memref;
}

/// The offset of a view's first element in its root, in elements.
FailureOr<Value> Flattener::offsetOf(ImplicitLocOpBuilder &b, Value memref) {
  auto [strides, offset] =
      cast<MemRefType>(memref.getType()).getStridesAndOffset();
  if (!ShapedType::isDynamic(offset))
    return Value(arith::ConstantIndexOp::create(b, offset));
  Operation *def = memref.getDefiningOp();
  if (auto cast = dyn_cast_or_null<memref::ReinterpretCastOp>(def))
    return getValueOrCreateConstantIndexOp(b, b.getLoc(),
                                           cast.getMixedOffsets().front());
  if (!def || !isView(def))
    return failure();
  FailureOr<Value> source = offsetOf(b, def->getOperand(0));
  auto subview = dyn_cast<memref::SubViewOp>(def);
  if (failed(source) || !subview)
    return source;
  return linearIndex(b, subview.getSource(),
                     getValueOrCreateConstantIndexOp(
                         b, b.getLoc(), subview.getMixedOffsets()));
}

/// Takes constants out of a sum; what is left, null for nothing.
static Value takeConstants(Value index, int64_t &constant) {
  while (true) {
    if (std::optional<int64_t> number = getConstantIntValue(index)) {
      constant += *number;
      return nullptr;
    }
    auto sum = index.getDefiningOp<arith::AddIOp>();
    std::optional<int64_t> number =
        sum ? getConstantIntValue(sum.getRhs()) : std::nullopt;
    if (!number)
      return index;
    constant += *number;
    index = sum.getLhs();
  }
}

/// Constants come last, so that neighbours are an expression and a number.
FailureOr<Value> Flattener::linearIndex(ImplicitLocOpBuilder &b, Value memref,
                                        ValueRange indices) {
  auto [strides, offset] =
      cast<MemRefType>(memref.getType()).getStridesAndOffset();
  if (llvm::any_of(strides, ShapedType::isDynamic)) {
    emitError(b.getLoc(), "view has dynamic strides");
    return failure();
  }
  FailureOr<Value> start = offsetOf(b, memref);
  if (failed(start))
    return failure();
  int64_t constant = 0;
  Value sum = takeConstants(*start, constant);
  for (auto [index, stride] : llvm::zip_equal(indices, strides)) {
    int64_t own = 0;
    Value rest = takeConstants(index, own);
    constant += own * stride;
    if (!rest)
      continue;
    Value factor = arith::ConstantIndexOp::create(b, stride);
    Value term = b.createOrFold<arith::MulIOp>(rest, factor);
    sum = sum ? b.createOrFold<arith::AddIOp>(sum, term) : term;
  }
  Value last = arith::ConstantIndexOp::create(b, constant);
  return sum ? b.createOrFold<arith::AddIOp>(sum, last) : last;
}

/// Pattern: load %view[i, j] -> load %root[offset + i * s0 + j * s1]
LogicalResult Flattener::rewriteAccess(Operation *op, unsigned memrefOperand) {
  ImplicitLocOpBuilder b(op->getLoc(), op);
  Value memref = op->getOperand(memrefOperand);
  int64_t rank = cast<MemRefType>(memref.getType()).getRank();
  FailureOr<Value> root = rootOf(memref);
  if (failed(root))
    return failure();
  FailureOr<Value> index =
      linearIndex(b, memref, op->getOperands().slice(memrefOperand + 1, rank));
  if (failed(index))
    return failure();
  op->setOperands(memrefOperand, rank + 1, {*root, *index});
  ++accesses;
  return success();
}

/// Pattern: copy %a, %b -> for i, j { store(load %a[i, j]), %b[i, j] }
LogicalResult Flattener::rewriteCopy(memref::CopyOp op) {
  ImplicitLocOpBuilder b(op.getLoc(), op);
  auto type = cast<MemRefType>(op.getSource().getType());
  if (!type.hasStaticShape())
    return op.emitError("copies a buffer of dynamic shape");
  Value zero = arith::ConstantIndexOp::create(b, 0),
        one = arith::ConstantIndexOp::create(b, 1);
  SmallVector<Value> indices;
  for (int64_t extent : type.getShape()) {
    auto loop = scf::ForOp::create(
        b, zero, arith::ConstantIndexOp::create(b, extent), one);
    indices.push_back(loop.getInductionVar());
    b.setInsertionPointToStart(loop.getBody());
  }
  Value element = memref::LoadOp::create(b, op.getSource(), indices);
  memref::StoreOp::create(b, element, op.getTarget(), indices);
  op.erase();
  return success();
}

/// Gives arguments, locals and tables their one-dimensional type.
LogicalResult Flattener::flattenRoots() {
  SmallVector<Attribute> shapes;
  for (BlockArgument argument : func.getArguments()) {
    shapes.push_back(TypeAttr::get(argument.getType()));
    if (auto type = dyn_cast<MemRefType>(argument.getType()))
      argument.setType(flatType(type));
  }
  func->setAttr(cameo::cpp::kShapesAttr,
                ArrayAttr::get(func.getContext(), shapes));
  func.setFunctionType(FunctionType::get(func.getContext(),
                                         func.front().getArgumentTypes(),
                                         func.getResultTypes()));
  func.walk([](Operation *op) {
    if (isa<memref::AllocaOp, memref::GetGlobalOp>(op))
      op->getResult(0).setType(
          flatType(cast<MemRefType>(op->getResult(0).getType())));
  });
  return success();
}

LogicalResult Flattener::run() {
  WalkResult copies =
      func.walk([&](memref::CopyOp op) { return WalkResult(rewriteCopy(op)); });
  if (copies.wasInterrupted())
    return failure();
  WalkResult walk = func.walk([&](Operation *op) -> WalkResult {
    if (isa<memref::LoadOp, vector::LoadOp, vector::MaskedLoadOp,
            vector::GatherOp, vector::MaskedStoreOp, vector::ScatterOp,
            memref::PrefetchOp>(op))
      return rewriteAccess(op, 0);
    if (isa<memref::StoreOp, vector::StoreOp>(op))
      return rewriteAccess(op, 1);
    return WalkResult::advance();
  });
  if (walk.wasInterrupted())
    return failure();
  func.walk<WalkOrder::PostOrder, ReverseIterator>([&](Operation *op) {
    if (isView(op) && op->use_empty()) {
      op->erase();
      ++views;
    }
  });
  if (failed(flattenRoots()))
    return failure();
  cameo::cpp::markIndexArithmetic(func);
  return success();
}

/// Reshapes the tables to one dimension, as their users now see them.
static LogicalResult flattenGlobal(memref::GlobalOp global) {
  MemRefType type = flatType(global.getType());
  auto value =
      dyn_cast_or_null<DenseElementsAttr>(global.getInitialValueAttr());
  if (!value || !global.getConstant())
    return global.emitError("table has no constant dense value");
  global.setTypeAttr(TypeAttr::get(type));
  global.setInitialValueAttr(value.reshape(
      RankedTensorType::get(type.getShape(), type.getElementType())));
  return success();
}

namespace {
struct FlattenAccessesPass
    : cameo::cpp::impl::FlattenAccessesBase<FlattenAccessesPass> {
  void runOnOperation() override {
    for (auto func : getOperation().getOps<func::FuncOp>()) {
      if (func.isExternal() || func->hasAttr(cameo::cpp::kShapesAttr))
        continue;
      Flattener flattener(func);
      if (failed(flattener.run()))
        return signalPassFailure();
      numAccesses += flattener.accesses;
      numViews += flattener.views;
    }
    for (auto global : getOperation().getOps<memref::GlobalOp>())
      if (failed(flattenGlobal(global)))
        return signalPassFailure();
  }
};
} // namespace
