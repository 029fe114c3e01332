//===- Chain.h - Compositions of operations ---------------------*- C++ -*-===//
//
// Operators that become several operations are written as expressions over
// values that may be missing: what depends on a missing one is missing, and the
// first failure has reported why.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_COMPILER_IMPORT_OPS_CHAIN_H
#define CAMEO_COMPILER_IMPORT_OPS_CHAIN_H

#include "compiler/import/OpImporter.h"
#include "dialects/cameo/Cameo.h"

#include "mlir/IR/TypeUtilities.h"

namespace cameo {

using MaybeValue = mlir::FailureOr<mlir::Value>;

namespace detail {
template <typename T> bool isMissing(const T &) { return false; }
inline bool isMissing(const MaybeValue &value) { return failed(value); }
template <typename T> const T &present(const T &arg) { return arg; }
template <typename T> const T &present(const T &&arg) = delete;
inline mlir::Value present(const MaybeValue &value) { return *value; }
} // namespace detail

/// The operation `Op` with operands, which may be missing, and attributes.
template <typename Op, typename... Args>
MaybeValue chain(OpImporter &n, const Args &...args) {
  if ((detail::isMissing(args) || ...))
    return mlir::failure();
  return n.value<Op>(detail::present(args)...);
}

inline mlir::RankedTensorType typeOf(mlir::Value value) {
  return mlir::cast<mlir::RankedTensorType>(value.getType());
}

inline MaybeValue chainCast(OpImporter &n, MaybeValue x,
                            mlir::Type elementType) {
  if (failed(x) || mlir::getElementTypeOrSelf(*x) == elementType)
    return x;
  return n.value<CastOp>(*x, elementType);
}

inline MaybeValue chainReshape(OpImporter &n, MaybeValue x,
                               llvm::ArrayRef<int64_t> shape) {
  return chain<ReshapeOp>(n, x, shape);
}

/// The indices along `axis` of a tensor of `type`, to be broadcast to it.
inline mlir::Value buildPositions(OpImporter &n, mlir::RankedTensorType type,
                                  int64_t axis) {
  llvm::SmallVector<int64_t> shape(type.getRank(), 1);
  shape[axis] = type.getDimSize(axis);
  auto indices = llvm::to_vector(llvm::seq<int64_t>(0, shape[axis]));
  return n.constant(mlir::DenseElementsAttr::get(
      mlir::RankedTensorType::get(shape, n.builder().getI64Type()),
      llvm::ArrayRef(indices)));
}

/// The same for the extent of `x`, which may be open.
inline mlir::Value buildPositions(OpImporter &n, mlir::Value x, int64_t axis) {
  mlir::Value positions = buildPositions(n, typeOf(x), axis);
  if (n.extents().isOpen(x, axis)) {
    Exprs extents(typeOf(x).getRank(), n.extents().constant(1));
    extents[axis] = n.extents().getExtent(x, axis);
    n.extents().setExtents(positions, extents);
  }
  return positions;
}

/// The values of one node's results; none when one is missing.
inline ImportResult chainResults(llvm::ArrayRef<MaybeValue> values) {
  llvm::SmallVector<mlir::Value> results;
  for (const MaybeValue &value : values) {
    if (failed(value))
      return mlir::failure();
    results.push_back(*value);
  }
  return results;
}

} // namespace cameo

#endif // CAMEO_COMPILER_IMPORT_OPS_CHAIN_H
