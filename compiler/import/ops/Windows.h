//===- Windows.h - Attributes of convolutions and pools ---------*- C++ -*-===//

#ifndef CAMEO_COMPILER_IMPORT_OPS_WINDOWS_H
#define CAMEO_COMPILER_IMPORT_OPS_WINDOWS_H

#include "compiler/import/ExtentRules.h"
#include "compiler/import/ops/Chain.h"

namespace cameo {

/// The attributes that convolutions and pools share, one entry per spatial
/// dimension (pads: all before, then all after).
struct WindowAttrs {
  llvm::SmallVector<int64_t> kernel, strides, dilations, pads;

  int64_t getRank() const { return kernel.size(); }
  int64_t getSpan(int64_t dim) const {
    return (kernel[dim] - 1) * dilations[dim] + 1;
  }
};

/// Reads `strides`, `dilations` and `pads`, with defaults, for windows of
/// `kernel`; refuses arrays of a wrong length and values that make no window.
mlir::FailureOr<WindowAttrs> readWindows(OpImporter &n,
                                         llvm::ArrayRef<int64_t> kernel);

/// Replaces pads by those that `auto_pad` asks for over the spatial extents of
/// `x`; pads that are known at run time are added to the result, with `filling`
/// for elements, if there is one.
MaybeValue resolveAutoPad(OpImporter &n, mlir::Value x, WindowAttrs &windows,
                          std::optional<Neutral> filling);

} // namespace cameo

#endif // CAMEO_COMPILER_IMPORT_OPS_WINDOWS_H
