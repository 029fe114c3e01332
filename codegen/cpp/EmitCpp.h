//===- EmitCpp.h - Standalone C++ from a loops module -----------*- C++ -*-===//
//
// The C++ back end's interface. The header NAME.h and the bytes of the weights
// are written by codegen/abi; the source includes the one and embeds the other.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_CODEGEN_CPP_EMITCPP_H
#define CAMEO_CODEGEN_CPP_EMITCPP_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/raw_ostream.h"

namespace cameo {

struct CppOptions {
  /// What the descriptor says of the target.
  std::string target = "C++ source";
  /// Path of the weights for `.incbin`. Empty: the source's own path followed
  /// by kWeightsSuffix, so that the two files can move together.
  std::string weightsFile;
  /// The model's header as the source includes it. Empty: NAME.h.
  std::string header;
  /// Call the context's profiler around every kernel.
  bool instrument = false;
};

/// NAME.cpp finds its weights in NAME.cpp.weights.bin.
inline constexpr llvm::StringLiteral kWeightsSuffix = ".weights.bin";

/// Writes the C++ source of the model in `loops`, which is not changed.
mlir::LogicalResult emitCpp(mlir::ModuleOp loops, const CppOptions &options,
                            llvm::raw_ostream &source);

} // namespace cameo

#endif // CAMEO_CODEGEN_CPP_EMITCPP_H
