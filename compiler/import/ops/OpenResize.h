//===- OpenResize.h - Resizing by factors known at run time -----*- C++ -*-===//

#ifndef CAMEO_COMPILER_IMPORT_OPS_OPENRESIZE_H
#define CAMEO_COMPILER_IMPORT_OPS_OPENRESIZE_H

#include "compiler/import/ops/OpenShapes.h"

namespace cameo {

/// How one dimension is resized; modes as ONNX calls them.
struct OpenResize {
  int64_t dim;
  mlir::AffineExpr out; ///< The extent of the result.
  double scale;         ///< Zero: that of the extents.
  llvm::StringRef coordinates;
  llvm::StringRef rounding; ///< Empty: elements are interpolated.
  bool cubic;
  double cubicA;
};

/// Resizes one dimension of a tensor of floats, or of any where elements are
/// picked.
MaybeValue resizeOpen(OpImporter &n, mlir::Value x, const OpenResize &how);

} // namespace cameo

#endif // CAMEO_COMPILER_IMPORT_OPS_OPENRESIZE_H
