//===- TileBuilder.h - Building blocks of expansions ------------*- C++ -*-===//
//
// What passes share that give an operation loops over pieces of its result:
// units of work that tasks share, views, scratch buffers, and the elementwise
// operations that follow in place.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_CODEGEN_LOWER_TILEBUILDER_H
#define CAMEO_CODEGEN_LOWER_TILEBUILDER_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/PatternMatch.h"

namespace cameo {

class TileBuilder {
public:
  TileBuilder(mlir::RewriterBase &rewriter, mlir::Operation *op)
      : b(rewriter), loc(op->getLoc()), op(op) {}

  mlir::Value constant(int64_t value);
  mlir::Value zero();
  mlir::AffineExpr dim(unsigned i) { return b.getAffineDimExpr(i); }
  mlir::OpFoldResult index(int64_t value) { return b.getIndexAttr(value); }
  mlir::Value literal(float value);
  mlir::AffineMap map(unsigned dims, llvm::ArrayRef<mlir::AffineExpr> exprs) {
    return mlir::AffineMap::get(dims, 0, exprs, b.getContext());
  }
  /// `expr` of `dims`.
  mlir::Value apply(mlir::AffineExpr expr, mlir::ValueRange dims);

  /// for (i = low; i < high; ++i) body(i)
  void forLoop(mlir::Value low, mlir::Value high,
               llvm::function_ref<void(mlir::Value)> body);
  /// Runs `count` units of work, in runs of about equal length per task.
  void forUnits(int64_t count, int64_t tasks,
                llvm::function_ref<void(mlir::Value unit, mlir::Value task)>);
  /// if (condition) then() else otherwise()
  void ifElse(mlir::Value condition, llvm::function_ref<void()> then,
              llvm::function_ref<void()> otherwise);

  /// One linalg operation that writes `output`.
  using Body =
      llvm::function_ref<mlir::Value(mlir::OpBuilder &, mlir::ValueRange)>;
  void generic(mlir::ValueRange inputs, mlir::Value output,
               llvm::ArrayRef<mlir::AffineMap> maps,
               llvm::ArrayRef<mlir::utils::IteratorType> loops, Body body);

  /// total[p] = sum over c of perLane[p, c]
  void sumLanes(mlir::Value perLane, mlir::Value total);
  /// Whether 0 <= `index` < `extent`.
  mlir::Value isInside(mlir::Value index, int64_t extent);

  /// A buffer of f32 that the memory plan provides.
  mlir::Value addScratch(llvm::ArrayRef<int64_t> shape);
  /// The same for boxes of shape `box`, each at an odd number of lines from the
  /// last one, so that elements at one place of all of them do not compete for
  /// few sets of a cache.
  mlir::Value addSpacedScratch(llvm::ArrayRef<int64_t> boxes,
                               llvm::ArrayRef<int64_t> box);
  /// Takes back a buffer of the kernel that has no uses any more.
  void dropScratch(mlir::Value buffer);
  /// A table among the weights.
  mlir::Value addTable(mlir::DenseElementsAttr values);
  mlir::Value addTable(llvm::ArrayRef<float> values);
  /// A view of a box, without the dimensions `dropped` of extent one.
  mlir::Value slice(mlir::Value buffer,
                    llvm::ArrayRef<mlir::OpFoldResult> offsets,
                    llvm::ArrayRef<int64_t> sizes,
                    llvm::ArrayRef<int64_t> dropped);

  /// The first or second half of one dimension.
  mlir::Value half(mlir::Value buffer, int64_t dimension, int64_t which);

  /// The elementwise operations that follow and change `result` in place.
  llvm::SmallVector<mlir::linalg::LinalgOp> findEpilogue(mlir::Value result);
  /// The part of such an operation that a box of the result needs.
  mlir::linalg::LinalgOp
  tileEpilogue(mlir::linalg::LinalgOp member,
               llvm::ArrayRef<mlir::OpFoldResult> offsets,
               llvm::ArrayRef<int64_t> sizes);

  mlir::RewriterBase &b;
  mlir::Location loc;

private:
  mlir::BlockArgument addArgument(mlir::Type type, llvm::StringRef mark,
                                  mlir::Attribute value);

  mlir::Operation *op;
};

} // namespace cameo

#endif // CAMEO_CODEGEN_LOWER_TILEBUILDER_H
