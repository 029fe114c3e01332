//===- Bounds.h - How far dimensions are read -------------------*- C++ -*-===//
//
// With bounded extents a tensor has the storage of its greatest extents, and
// less of it is read in most runs. A bound says how much, as an expression of
// one number that is known at run time.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_CODEGEN_LOWER_BOUNDS_H
#define CAMEO_CODEGEN_LOWER_BOUNDS_H

#include "mlir/IR/AffineExpr.h"
#include "mlir/IR/Value.h"

#include "llvm/ADT/DenseMap.h"

namespace cameo {

/// Indices from `expr` on are not read, where its symbol 0 is the number in
/// `root`, a scalar tensor of the graph; without a root all may be.
struct Bound {
  mlir::AffineExpr expr;
  mlir::Value root;

  explicit operator bool() const { return root != nullptr; }
  bool operator==(const Bound &other) const {
    return expr == other.expr && root == other.root;
  }
};

/// One per dimension.
using Bounds = llvm::SmallVector<Bound>;

/// The least and the greatest number that a root holds.
using RootRanges = llvm::DenseMap<mlir::Value, std::pair<int64_t, int64_t>>;

/// What is read by both of two readers.
Bound joinBounds(Bound a, Bound b, const RootRanges &ranges);
/// Adds a reader to what is known of a value; `known` is empty before the
/// first one.
void joinBounds(Bounds &known, llvm::ArrayRef<Bound> more,
                const RootRanges &ranges);

/// None for a bound that never cuts anything off `extent` elements.
Bound dropUseless(Bound bound, int64_t extent, const RootRanges &ranges);

/// How far `expr` goes when its dimensions go up to their bounds, or all of
/// their extents where there is none.
Bound boundOf(mlir::AffineExpr expr, llvm::ArrayRef<Bound> dims,
              llvm::ArrayRef<int64_t> extents);

/// Bounds of a tensor whose elements in row-major order are those of another.
Bounds reshapeBounds(llvm::ArrayRef<Bound> bounds,
                     llvm::ArrayRef<int64_t> shape,
                     llvm::ArrayRef<int64_t> newShape);

} // namespace cameo

#endif // CAMEO_CODEGEN_LOWER_BOUNDS_H
