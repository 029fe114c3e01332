//===- OpenShapes.h - Operators whose shapes are known at run time --------===//
//
// The forms of shape operators for open dimensions, and for shapes that are
// computed from such. Tensors are as large as their bounds.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_COMPILER_IMPORT_OPS_OPENSHAPES_H
#define CAMEO_COMPILER_IMPORT_OPS_OPENSHAPES_H

#include "compiler/import/ops/Chain.h"

namespace cameo {

/// Whether input `i` is not a constant, but known as numbers of shapes.
bool isFromShapes(OpImporter &n, unsigned i);
/// Whether input `i` is an open tensor, or there are numbers from shapes in
/// one of the inputs.
bool isOpenNode(OpImporter &n);

/// A vector of numbers, or a scalar when there is one and not `isVector`.
MaybeValue buildNumbers(OpImporter &n, llvm::ArrayRef<mlir::AffineExpr> numbers,
                        bool isVector);
/// The bounds of extents; a failure when they are too large.
mlir::FailureOr<llvm::SmallVector<int64_t>>
getBounds(OpImporter &n, llvm::ArrayRef<mlir::AffineExpr> extents);

ImportResult importOpenReshape(OpImporter &n);
ImportResult importOpenExpand(OpImporter &n);
ImportResult importOpenTile(OpImporter &n);
ImportResult importOpenSlice(OpImporter &n);
ImportResult importOpenRange(OpImporter &n);

} // namespace cameo

#endif // CAMEO_COMPILER_IMPORT_OPS_OPENSHAPES_H
