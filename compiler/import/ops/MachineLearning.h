//===- MachineLearning.h - Shared by importers of ai.onnx.ml ----*- C++ -*-===//

#ifndef CAMEO_COMPILER_IMPORT_OPS_MACHINELEARNING_H
#define CAMEO_COMPILER_IMPORT_OPS_MACHINELEARNING_H

#include "compiler/import/ops/Chain.h"

#include <cmath>

namespace cameo {

inline constexpr Limit kTransforms{
    "a post_transform that is not NONE, SOFTMAX, LOGISTIC or SOFTMAX_ZERO",
    "transform the scores after the model"};
inline constexpr Limit kStringLabels{"class labels that are strings or missing",
                                     "use integers as labels"};

/// A constant of f32 numbers.
mlir::Value buildFloats(OpImporter &n, llvm::ArrayRef<int64_t> shape,
                        llvm::ArrayRef<float> values);

/// The scores after one of ai.onnx.ml's post transforms along the last
/// dimension.
MaybeValue buildPostTransform(OpImporter &n, MaybeValue scores,
                              llvm::StringRef transform);

} // namespace cameo

#endif // CAMEO_COMPILER_IMPORT_OPS_MACHINELEARNING_H
