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

/// The integers of input `i`, which may be data: then symbols of any number.
mlir::FailureOr<Exprs> readInts(OpImporter &n, unsigned i,
                                llvm::StringRef what);
/// Whether input `i` is neither constant nor known as numbers of shapes.
bool isData(OpImporter &n, unsigned i);

/// A vector of numbers, or a scalar when there is one and not `isVector`.
MaybeValue buildNumbers(OpImporter &n, llvm::ArrayRef<mlir::AffineExpr> numbers,
                        bool isVector);
/// The bounds of extents; a failure when they are too large.
mlir::FailureOr<llvm::SmallVector<int64_t>>
getBounds(OpImporter &n, llvm::ArrayRef<mlir::AffineExpr> extents);

/// Which elements of one dimension a slice has.
struct Selection {
  mlir::AffineExpr start, count;
  int64_t step = 1;
};
/// The slice of one dimension.
MaybeValue sliceOpen(OpImporter &n, mlir::Value x, int64_t dim,
                     const Selection &range);
/// The elements of `x` at `indices` along `dim`, which count up to `extent`; an
/// index that is not there is that of the first or the last element.
MaybeValue gatherOpen(OpImporter &n, mlir::Value x, int64_t dim,
                      MaybeValue indices, mlir::AffineExpr extent);
/// `x` moved by `before` elements along `dim`, to the extent `extent`; what was
/// not there is `filling`, a scalar.
MaybeValue padOpen(OpImporter &n, mlir::Value x, int64_t dim,
                   mlir::AffineExpr before, mlir::AffineExpr extent,
                   mlir::Value filling);
/// The numbers 0, 1, ... up to the bound of an extent.
mlir::Value buildCounts(OpImporter &n, mlir::AffineExpr extent);
/// An extent that a node asks for: a run in which it is negative is an error.
mlir::AffineExpr checkExtent(OpImporter &n, mlir::AffineExpr extent);

ImportResult importOpenReshape(OpImporter &n);
ImportResult importOpenExpand(OpImporter &n);
ImportResult importOpenTile(OpImporter &n);
ImportResult importOpenSlice(OpImporter &n);
ImportResult importOpenRange(OpImporter &n);
/// The pads of all dimensions, those before first; negative ones remove
/// elements.
mlir::FailureOr<Exprs> readPads(OpImporter &n, int64_t rank);
ImportResult importOpenPad(OpImporter &n);
ImportResult importOpenSplit(OpImporter &n, int64_t axis);

} // namespace cameo

#endif // CAMEO_COMPILER_IMPORT_OPS_OPENSHAPES_H
