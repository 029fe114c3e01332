//===- ExtentRules.h - Extents through operations ---------------*- C++ -*-===//
//
// How the extents of an operation's results follow from those of its operands,
// and what must be done to operands whose elements beyond their extents would
// mix with others. An operation without a rule takes no open dimensions.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_COMPILER_IMPORT_EXTENTRULES_H
#define CAMEO_COMPILER_IMPORT_EXTENTRULES_H

#include "compiler/import/OpImporter.h"

namespace cameo {

/// What stands beyond an extent where it must not count.
enum class Neutral { Zero, One, Lowest, Highest };

/// A neutral element of an element type.
mlir::TypedAttr getNeutral(mlir::Type type, Neutral neutral);

/// `floor(scale * extent)`, as ONNX computes it; null where that is no
/// expression.
mlir::AffineExpr getScaled(Extents &extents, mlir::AffineExpr extent,
                           double scale);

/// What a rule sees and does. Operations that it builds stand before `op`.
class ExtentRule {
public:
  ExtentRule(OpImporter &n, mlir::Operation *op)
      : n(n), extents(n.extents()), op(op), results(op->getNumResults()) {}

  Exprs of(unsigned operand) { return extents.getExtents(operandAt(operand)); }
  bool isOpen(unsigned operand, int64_t dim) {
    return extents.isOpen(operandAt(operand), dim);
  }
  mlir::Value operandAt(unsigned operand) { return op->getOperand(operand); }
  mlir::RankedTensorType typeOf(unsigned operand) {
    return mlir::cast<mlir::RankedTensorType>(operandAt(operand).getType());
  }
  mlir::RankedTensorType resultType(unsigned result = 0) {
    return mlir::cast<mlir::RankedTensorType>(op->getResult(result).getType());
  }

  /// Gives the elements of an operand beyond its extent along `dim` a value.
  void limit(unsigned operand, int64_t dim, Neutral neutral);
  /// The same along all open dimensions.
  void limit(unsigned operand, Neutral neutral);
  /// An extent that both are, which is checked in a run if need be.
  mlir::AffineExpr unify(mlir::AffineExpr x, mlir::AffineExpr y) {
    return extents.check(op->getLoc(), x, y, y);
  }
  /// Sets the extents of a result.
  llvm::LogicalResult set(Exprs exprs, unsigned result = 0) {
    results[result] = std::move(exprs);
    return mlir::success();
  }
  /// Puts another value in the place of the only result.
  llvm::LogicalResult replace(mlir::FailureOr<mlir::Value> value);
  /// Reports that the operation does not take an open dimension.
  llvm::LogicalResult refuse(unsigned operand, int64_t dim);
  /// The same where any of the dimensions of an operand is open.
  llvm::LogicalResult requireFixed(unsigned operand,
                                   llvm::ArrayRef<int64_t> dims);
  llvm::LogicalResult requireFixed(unsigned operand);
  /// The same of all operands from one on.
  llvm::LogicalResult requireFixedFrom(unsigned first);

  OpImporter &n;
  Extents &extents;
  mlir::Operation *op;
  llvm::SmallVector<std::optional<Exprs>> results;
  mlir::Value replacement;
};

/// Applies the rule of `rule.op`.
llvm::LogicalResult applyExtentRule(ExtentRule &rule);

/// Rules by operation name.
using ExtentRuleTable =
    llvm::StringMap<llvm::LogicalResult (*)(mlir::Operation *, ExtentRule &)>;
void addWindowExtentRules(ExtentRuleTable &table);
void addMovementExtentRules(ExtentRuleTable &table);

/// Adds `rule`, a function of the operation and the context, for `Op`.
template <typename Op, llvm::LogicalResult (*rule)(Op, ExtentRule &)>
void addExtentRule(ExtentRuleTable &table) {
  table[Op::getOperationName()] = [](mlir::Operation *op, ExtentRule &context) {
    return rule(mlir::cast<Op>(op), context);
  };
}

} // namespace cameo

#endif // CAMEO_COMPILER_IMPORT_EXTENTRULES_H
