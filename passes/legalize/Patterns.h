//===- Patterns.h - Patterns of the legalize pass ---------------*- C++ -*-===//
//
// What exporters write for an operator that Cameo has, one populate function
// per family, and what the patterns share to recognise it.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_PASSES_LEGALIZE_PATTERNS_H
#define CAMEO_PASSES_LEGALIZE_PATTERNS_H

#include "dialects/cameo/Cameo.h"

#include "mlir/IR/PatternMatch.h"

namespace cameo {

bool isConstant(mlir::Value value);

/// The number that `value` holds in every element, when it is a constant of
/// floats.
std::optional<double> getSplat(mlir::Value value);

/// Whether `value` is a constant of `number`, up to the precision in which
/// exporters store it.
bool isSplat(mlir::Value value, double number);

/// The other operand of an operation of two, one of which is a constant of
/// `number`; null when none is.
mlir::Value otherThanSplat(mlir::Operation *op, double number);

/// `value` * `scale`, beside `value`, which may stand before that constant.
mlir::Value buildScaled(mlir::PatternRewriter &rewriter, mlir::Location loc,
                        mlir::Value value, mlir::Value scale);

/// `count` elements of `value` along `dim` from `first` on.
mlir::Value buildPart(mlir::OpBuilder &builder, mlir::Location loc,
                      mlir::Value value, int64_t dim, int64_t first,
                      int64_t count);

/// `op` with `part` for its first operand, and a result of that shape.
mlir::Operation *cloneForPart(mlir::OpBuilder &builder,
                              ElementwiseOpInterface op, mlir::Value part);

/// The factors of a product of one type: operands of `mul` and of those that
/// only this product uses.
llvm::SmallVector<mlir::Value, 4> getFactors(mlir::Value product);

void populateActivationPatterns(mlir::RewritePatternSet &patterns);
void populateAttentionPatterns(mlir::RewritePatternSet &patterns);
void populateBatchNormPatterns(mlir::RewritePatternSet &patterns);
void populateConvolutionPatterns(mlir::RewritePatternSet &patterns);
void populateMovementPatterns(mlir::RewritePatternSet &patterns);
void populateNormalizationPatterns(mlir::RewritePatternSet &patterns);
void populateProductPatterns(mlir::RewritePatternSet &patterns);
void populateScalePatterns(mlir::RewritePatternSet &patterns);
void populateRotaryPatterns(mlir::RewritePatternSet &patterns);
void populateTransposedPatterns(mlir::RewritePatternSet &patterns);

} // namespace cameo

#endif // CAMEO_PASSES_LEGALIZE_PATTERNS_H
