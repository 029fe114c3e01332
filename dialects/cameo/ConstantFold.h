//===- ConstantFold.h - Evaluate small constant operators -------*- C++ -*-===//
//
// The dialect's fallback for operations whose own folders do not apply.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_DIALECTS_CAMEO_CONSTANTFOLD_H
#define CAMEO_DIALECTS_CAMEO_CONSTANTFOLD_H

#include "mlir/IR/Dialect.h"
#include "mlir/IR/DialectInterface.h"

namespace cameo {

/// Folds elementwise operators and data movements on small constants.
std::unique_ptr<mlir::DialectInterface>
createConstantFolder(mlir::Dialect *dialect);

} // namespace cameo

#endif // CAMEO_DIALECTS_CAMEO_CONSTANTFOLD_H
