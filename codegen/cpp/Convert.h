//===- Convert.h - Building blocks of the conversion to EmitC ---*- C++ -*-===//
//
// Most operations convert to one expression. `addRule` makes a pattern from a
// function that builds this expression from converted operands.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_CODEGEN_CPP_CONVERT_H
#define CAMEO_CODEGEN_CPP_CONVERT_H

#include "codegen/cpp/CppTypes.h"

#include "mlir/Dialect/EmitC/IR/EmitC.h"
#include "mlir/Transforms/DialectConversion.h"

namespace cameo::cpp {

/// Builds EmitC expressions at one place.
class Emit {
public:
  Emit(mlir::OpBuilder &builder, mlir::Location loc,
       const mlir::TypeConverter &types)
      : builder(builder), loc(loc), types(types) {}

  /// A call of a helper `op_type1_type2`; types are of the loops level.
  mlir::Value helper(llvm::StringRef op, llvm::ArrayRef<mlir::Type> suffix,
                     mlir::Type result, mlir::ValueRange args);
  /// A call of any function; the result type is of the loops level.
  mlir::Value call(llvm::StringRef callee, mlir::Type result,
                   mlir::ValueRange args, mlir::ArrayAttr order = {});
  /// A statement that calls a helper.
  void statement(llvm::StringRef op, llvm::ArrayRef<mlir::Type> suffix,
                 mlir::ValueRange args);
  mlir::Value literal(mlir::Type result, const llvm::Twine &text);
  /// A C cast to a type of the loops level.
  mlir::Value cast(mlir::Type result, mlir::Value value);
  /// A C cast to the unsigned type of an integer or integer vector.
  mlir::Value asUnsigned(mlir::Type type, mlir::Value value);
  /// An address in a buffer.
  mlir::Value address(mlir::Value pointer, mlir::Value index);

  template <typename EmitCOp>
  mlir::Value op(mlir::Type result, mlir::ValueRange operands) {
    mlir::Type type = types.convertType(result);
    return type ? EmitCOp::create(builder, loc, type, operands)->getResult(0)
                : mlir::Value();
  }

  mlir::OpBuilder &builder;
  mlir::Location loc;
  const mlir::TypeConverter &types;
};

/// Signature of a rule: the expression for `op`, or null if there is none.
template <typename SourceOp>
using Rule = mlir::Value (*)(SourceOp op, mlir::ValueRange operands,
                             Emit &emit);

template <typename SourceOp>
class RulePattern : public mlir::OpConversionPattern<SourceOp> {
public:
  RulePattern(const mlir::TypeConverter &types, mlir::MLIRContext *context,
              Rule<SourceOp> rule)
      : mlir::OpConversionPattern<SourceOp>(types, context), rule(rule) {}

  mlir::LogicalResult
  matchAndRewrite(SourceOp op, typename SourceOp::Adaptor adaptor,
                  mlir::ConversionPatternRewriter &rewriter) const override {
    Emit emit(rewriter, op.getLoc(), *this->getTypeConverter());
    for (mlir::Type type : op->getResultTypes())
      if (!emit.types.convertType(type))
        return rewriter.notifyMatchFailure(op, "its type has no C++ form");
    mlir::Value value = rule(op, adaptor.getOperands(), emit);
    if (op->getNumResults() == 0) {
      rewriter.eraseOp(op);
      return mlir::success();
    }
    if (!value)
      return rewriter.notifyMatchFailure(op, "it has no C++ form on this type");
    rewriter.replaceOp(op, value);
    return mlir::success();
  }

private:
  Rule<SourceOp> rule;
};

/// The patterns under construction.
struct Rules {
  mlir::RewritePatternSet &patterns;
  const mlir::TypeConverter &types;

  template <typename SourceOp> void add(Rule<SourceOp> rule) {
    patterns.add<RulePattern<SourceOp>>(types, patterns.getContext(), rule);
  }
};

void addArithRules(Rules rules);
void addCastRules(Rules rules);
void addMathRules(Rules rules);
void addMemRefRules(Rules rules);
void addVectorRules(Rules rules);

/// The C++ literal of a scalar attribute, or of a vector as a braced list.
std::string literalText(mlir::TypedAttr value);

} // namespace cameo::cpp

#endif // CAMEO_CODEGEN_CPP_CONVERT_H
