//===- Extents.h - What is known about extents at run time ------*- C++ -*-===//
//
// During import, every value has an extent per dimension: a number, or an
// expression over symbols, which are numbers in the graph that are known at run
// time. Small tensors of integers that come from shapes are known element by
// element in the same way.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_COMPILER_IMPORT_EXTENTS_H
#define CAMEO_COMPILER_IMPORT_EXTENTS_H

#include "mlir/IR/AffineExpr.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"

#include <optional>

namespace cameo {

/// An extent, or an expression of which extents are made.
using Exprs = llvm::SmallVector<mlir::AffineExpr>;

/// A range of numbers, both ends included.
struct NumberRange {
  int64_t low, high;
  bool isNumber() const { return low == high; }
};

class Extents {
public:
  explicit Extents(mlir::OpBuilder &builder) : b(builder) {}

  //===--------------------------------------------------------------------===//
  // Expressions
  //===--------------------------------------------------------------------===//

  /// A symbol for the i64 in `number` (no dimensions), in [low, high]. If it is
  /// a checked form of another expression, that is `equal`.
  mlir::AffineExpr addSymbol(mlir::Value number, NumberRange range,
                             mlir::AffineExpr equal = {});
  mlir::AffineExpr constant(int64_t value) {
    return b.getAffineConstantExpr(value);
  }
  /// Whether anything depends on sizes at run time.
  bool hasSymbols() const { return !symbols.empty(); }
  /// A normal form.
  mlir::AffineExpr simplify(mlir::AffineExpr expr) const;
  NumberRange getRange(mlir::AffineExpr expr) const;
  /// The expression in numbers that are known outside of a region, after which
  /// it is wanted; null when there is none.
  mlir::AffineExpr leaveRegion(mlir::AffineExpr expr,
                               mlir::Region &region) const;
  bool areEqual(mlir::AffineExpr x, mlir::AffineExpr y) const;
  /// Whether x <= y in every run.
  bool isAtMost(mlir::AffineExpr x, mlir::AffineExpr y) const;
  /// The i64 (no dimensions) that the expression has at run time.
  mlir::Value materialize(mlir::Location loc, mlir::AffineExpr expr);
  /// The smaller or larger of two; a symbol when it is not known which.
  mlir::AffineExpr least(mlir::Location loc, mlir::AffineExpr x,
                         mlir::AffineExpr y);
  mlir::AffineExpr greatest(mlir::Location loc, mlir::AffineExpr x,
                            mlir::AffineExpr y);
  /// `expr`, checked at run time to be in [low, high] where that is not known.
  mlir::AffineExpr check(mlir::Location loc, mlir::AffineExpr expr,
                         mlir::AffineExpr low, mlir::AffineExpr high);
  /// The product, and its quotient by a product of some of its factors.
  mlir::AffineExpr product(llvm::ArrayRef<mlir::AffineExpr> factors) const;
  mlir::AffineExpr quotient(llvm::ArrayRef<mlir::AffineExpr> factors,
                            llvm::ArrayRef<mlir::AffineExpr> divisors) const;

  //===--------------------------------------------------------------------===//
  // Values
  //===--------------------------------------------------------------------===//

  /// The extents of a tensor: its shape where nothing else is known.
  Exprs getExtents(mlir::Value value) const;
  mlir::AffineExpr getExtent(mlir::Value value, int64_t dim) const {
    return getExtents(value)[dim];
  }
  bool isOpen(mlir::AffineExpr extent) const {
    return !mlir::isa<mlir::AffineConstantExpr>(extent);
  }
  bool isOpen(mlir::Value value, int64_t dim) const {
    return isOpen(getExtent(value, dim));
  }
  /// The first dimension that is open; none when all are fixed.
  std::optional<int64_t> findOpenDim(mlir::Value value) const;
  bool isOpen(mlir::Value value) const {
    return findOpenDim(value).has_value();
  }
  /// Whether the extents of a value were derived.
  bool isKnown(mlir::Value value) const { return extentsOf.contains(value); }
  void setExtents(mlir::Value value, llvm::ArrayRef<mlir::AffineExpr> extents);

  /// The elements of a small tensor of numbers; none when they are not known.
  std::optional<Exprs> getNumbers(mlir::Value value) const;
  void setNumbers(mlir::Value value, llvm::ArrayRef<mlir::AffineExpr> numbers);

  /// `x` with `fill` beyond its extent along `dim`.
  mlir::Value limit(mlir::Location loc, mlir::Value x, int64_t dim,
                    mlir::TypedAttr fill);
  /// The same beyond another extent.
  mlir::Value limitTo(mlir::Location loc, mlir::Value x, int64_t dim,
                      mlir::AffineExpr extent, mlir::TypedAttr fill);
  /// Notes that `x` has `fill` beyond its extent along `dim` by itself.
  void setFill(mlir::Value x, int64_t dim, mlir::TypedAttr fill) {
    fills[{x, dim}] = fill;
  }

  /// Forgets what is known of an operation that is erased: of its results and
  /// of all values inside.
  void forget(mlir::Operation *op);
  /// The same of values.
  void forget(mlir::ValueRange values);

  /// While it exists, values belong to a region of their own: they are not
  /// found again afterwards.
  class RegionScope {
  public:
    explicit RegionScope(Extents &extents)
        : extents(extents), materialized(extents.materialized),
          limits(extents.limits) {}
    ~RegionScope() {
      extents.materialized = std::move(materialized);
      extents.limits = std::move(limits);
    }

  private:
    Extents &extents;
    llvm::DenseMap<mlir::AffineExpr, mlir::Value> materialized;
    llvm::DenseMap<std::pair<mlir::Value, int64_t>,
                   std::pair<mlir::TypedAttr, mlir::Value>>
        limits;
  };

private:
  struct Symbol {
    mlir::Value number;
    NumberRange range;
    mlir::AffineExpr equal; // Over symbols before it; null when there is none.
  };
  /// The expression without symbols that equal others.
  mlir::AffineExpr resolve(mlir::AffineExpr expr) const;
  /// The symbol of one of the two that cannot be told apart.
  template <typename Op>
  mlir::AffineExpr choose(mlir::Location loc, mlir::AffineExpr x,
                          mlir::AffineExpr y, NumberRange range);

  mlir::OpBuilder &b;
  llvm::SmallVector<Symbol> symbols;
  llvm::DenseMap<mlir::Value, Exprs> extentsOf, numbersOf;
  llvm::DenseMap<mlir::AffineExpr, mlir::Value> materialized;
  llvm::DenseMap<std::pair<mlir::Value, int64_t>, mlir::TypedAttr> fills;
  llvm::DenseMap<std::pair<mlir::Value, int64_t>,
                 std::pair<mlir::TypedAttr, mlir::Value>>
      limits;
};

} // namespace cameo

#endif // CAMEO_COMPILER_IMPORT_EXTENTS_H
