//===- Windows.h - Windows that slide over an operand -----------*- C++ -*-===//
//
// A convolution or pool reads `x[stride * output + dilation * tap]`. Around x
// there may be a border of padding: instead of a copy of x with a border, nests
// read x itself and leave out the taps that fall outside.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_CODEGEN_LOWER_WINDOWS_H
#define CAMEO_CODEGEN_LOWER_WINDOWS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace cameo {

/// How one dimension of an operand is read: at
/// `stride * output + dilation * tap - low`, which is inside from 0 to
/// `extent`.
struct Window {
  int64_t output, tap; // Dimensions of the operation.
  int64_t stride, dilation;
  int64_t low = 0, extent = 0;

  int64_t at(int64_t outputIndex, int64_t tapIndex) const {
    return stride * outputIndex + dilation * tapIndex - low;
  }
  bool isInside(int64_t outputIndex, int64_t tapIndex) const {
    int64_t place = at(outputIndex, tapIndex);
    return place >= 0 && place < extent;
  }
  /// The outputs all of whose `taps` are inside: [first, second).
  std::pair<int64_t, int64_t> getInterior(int64_t taps) const;
};

/// Dimension `dim` of an operand as a window over one parallel and one
/// reduction loop; none where it is read otherwise.
std::optional<Window> matchWindow(mlir::linalg::LinalgOp op,
                                  mlir::OpOperand &operand, int64_t dim);

/// A buffer that is to be read as `source` within a border of `low` elements
/// before each dimension. Only nests may read it: nothing is at its address.
struct PaddedView {
  mlir::Value source;
  llvm::SmallVector<int64_t> low;
};
std::optional<PaddedView> getPaddedView(mlir::Value buffer);
mlir::Value createPaddedView(mlir::OpBuilder &builder, mlir::Location loc,
                             const PaddedView &view,
                             llvm::ArrayRef<int64_t> shape);

/// The windows of `op` some of whose taps fall outside of a padded view.
llvm::SmallVector<Window> findPaddedWindows(mlir::linalg::LinalgOp op);

/// Replaces buffers that hold a copy of another within a border by padded views
/// where what the border holds does not matter to the only reader.
/// `getVectorDim` says which dimension of the reader vectors will take. Returns
/// how many.
int64_t
peelBorders(mlir::RewriterBase &rewriter, mlir::func::FuncOp function,
            llvm::function_ref<int64_t(mlir::linalg::LinalgOp)> getVectorDim);

} // namespace cameo

#endif // CAMEO_CODEGEN_LOWER_WINDOWS_H
