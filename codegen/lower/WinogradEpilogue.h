//===- WinogradEpilogue.h - What follows minimal filtering ------*- C++ -*-===//
//
// Operations that the output transform of tiles takes in: elementwise ones in
// place, and at the end a reduction over squares of two by two results, as
// max-pooling is. Tiles of an even size have such squares whole, so that only
// what is left of them is stored.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_CODEGEN_LOWER_WINOGRADEPILOGUE_H
#define CAMEO_CODEGEN_LOWER_WINOGRADEPILOGUE_H

#include "dialects/cameo/Cameo.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace cameo {

struct WinogradPool {
  static constexpr int64_t kWindow = 2;

  mlir::linalg::LinalgOp op;
  mlir::linalg::LinalgOp fill; // Writes `start` to the result before.
  mlir::Value start;
  mlir::OpOperand *read = nullptr; // The results of the filtering.
  /// Its loops: image, block, row, column and lane of the result, and then row
  /// and column in the square.
  llvm::SmallVector<unsigned> loops;
};

/// The operation that reduces what `op` and the elementwise operations
/// `epilogue` write, when nothing else reads it.
std::optional<WinogradPool>
findWinogradPool(WinogradTilesOp op,
                 llvm::ArrayRef<mlir::linalg::LinalgOp> epilogue);

/// Inputs of an operation that is being put together, each only once.
struct InputList {
  llvm::SmallVector<mlir::Value> values;
  llvm::SmallVector<mlir::AffineMap> maps;

  unsigned add(mlir::Value value, mlir::AffineMap map);
};

/// An operation that follows, cut to the tiles at hand.
class WinogradMember {
public:
  /// `read` is the operand that is the filtering's result; null when that is
  /// changed in place.
  WinogradMember(mlir::linalg::LinalgOp op, mlir::OpOperand *read)
      : op(op), read(read) {}

  /// Adds what it reads for one result of a tile, at which its loops are as
  /// `ofElement` says.
  void addReads(InputList &list, mlir::AffineMap ofElement);
  /// Its body for `value`, the result with this number; a reduction has `sum`
  /// so far.
  mlir::Value apply(mlir::OpBuilder &builder, size_t number,
                    mlir::ValueRange args, mlir::Value value, mlir::Value sum);
  mlir::linalg::LinalgOp getOp() { return op; }
  bool isReduction() const { return read; }

private:
  mlir::linalg::LinalgOp op;
  mlir::OpOperand *read;
  /// Per result of a tile: which of the listed inputs its other operands are.
  llvm::SmallVector<llvm::SmallVector<unsigned>> inputs;
};

} // namespace cameo

#endif // CAMEO_CODEGEN_LOWER_WINOGRADEPILOGUE_H
