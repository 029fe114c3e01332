//===- LoopBounds.cpp - Loops that may end early --------------------------===//

#include "codegen/lower/LoopBounds.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace cameo;

LoopBounds cameo::boundsOf(linalg::LinalgOp op) {
  LoopBounds bounds(op.getNumLoops());
  auto attrs = op->getAttrOfType<ArrayAttr>(plan::kBoundsAttr);
  if (attrs && attrs.size() == bounds.size())
    for (auto [bound, attr] : llvm::zip_equal(bounds, attrs))
      bound = dyn_cast<plan::BoundAttr>(attr);
  return bounds;
}

void cameo::setBounds(Operation *op, ArrayRef<plan::BoundAttr> bounds) {
  if (!llvm::any_of(bounds, [](plan::BoundAttr bound) { return bool(bound); }))
    return;
  SmallVector<Attribute> attrs;
  for (plan::BoundAttr bound : bounds)
    attrs.push_back(bound ? Attribute(bound) : UnitAttr::get(op->getContext()));
  op->setAttr(plan::kBoundsAttr, ArrayAttr::get(op->getContext(), attrs));
}

/// Attribute of a kernel.
static constexpr StringLiteral kReductionsAttr = "plan.bounded_reductions";

static int64_t countBoundedReductions(func::FuncOp kernel) {
  int64_t count = 0;
  kernel.walk([&](linalg::LinalgOp op) {
    LoopBounds bounds = boundsOf(op);
    SmallVector<unsigned> reductions;
    op.getReductionDims(reductions);
    count += llvm::any_of(reductions,
                          [&](unsigned dim) { return bool(bounds[dim]); });
  });
  return count;
}

void cameo::markBoundedReductions(func::FuncOp kernel) {
  if (int64_t count = countBoundedReductions(kernel))
    kernel->setAttr(kReductionsAttr,
                    Builder(kernel.getContext()).getI64IntegerAttr(count));
}

bool cameo::keepsBoundedReductions(func::FuncOp kernel) {
  auto count = kernel->getAttrOfType<IntegerAttr>(kReductionsAttr);
  return !count || countBoundedReductions(kernel) >= count.getInt();
}

plan::BoundAttr cameo::scaleBound(plan::BoundAttr bound, int64_t factor) {
  if (!bound || factor == 1)
    return bound;
  AffineExpr expr = bound.getMap().getResult(0) * factor;
  return plan::BoundAttr::get(
      bound.getContext(), AffineMap::get(0, 1, simplifyAffineExpr(expr, 0, 1)),
      bound.getArgument());
}

bool cameo::isScalarRead(Operation *op) {
  auto load = dyn_cast<memref::LoadOp>(op);
  return load && load.getIndices().empty() &&
         isa<BlockArgument>(load.getMemRef()) &&
         llvm::all_of(load.getMemRef().getUsers(),
                      llvm::IsaPred<memref::LoadOp>);
}

Value cameo::emitBound(OpBuilder &b, Location loc, plan::BoundAttr bound,
                       int64_t end) {
  auto function =
      b.getInsertionBlock()->getParentOp()->getParentOfType<func::FuncOp>();
  if (!function)
    function = cast<func::FuncOp>(b.getInsertionBlock()->getParentOp());
  Value arg = function.getArgument(bound.getArgument());
  Value number;
  if (isa<MemRefType>(arg.getType()))
    number = memref::LoadOp::create(b, loc, arg, ValueRange());
  else
    number = tensor::ExtractOp::create(b, loc, arg, ValueRange());
  Value index = arith::IndexCastOp::create(b, loc, b.getIndexType(), number);
  Value high = getValueOrCreateConstantIndexOp(
      b, loc,
      affine::makeComposedFoldedAffineApply(b, loc, bound.getMap(),
                                            OpFoldResult(index)));
  // A number is not negative, but fewer than a window takes are none.
  if (high != index)
    high = arith::MaxSIOp::create(b, loc, high,
                                  arith::ConstantIndexOp::create(b, loc, 0));
  return arith::MinSIOp::create(b, loc, high,
                                arith::ConstantIndexOp::create(b, loc, end));
}
