//===- Pipeline.h - From a graph to loops -----------------------*- C++ -*-===//
//
// The order of the passes. Each stage is one function that reads as a table of
// contents.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_COMPILER_PIPELINE_PIPELINE_H
#define CAMEO_COMPILER_PIPELINE_PIPELINE_H

#include "dialects/target/MemoryFigures.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassManager.h"

namespace cameo {

/// The levels of IR at which compilation can stop (`--emit=`).
enum class Level { Graph, Fused, Layout, Plan, Loops };

/// What the passes need to know.
struct PipelineOptions {
  int optLevel = 3;          // 0: reference lowering, no fusion, scalar loops.
  int64_t fuse = 2;          // See --fuse.
  int64_t vectorBits = 128;  // Of the target.
  int64_t registers = 16;    // Vector registers of the target.
  MemoryFigures memory = {}; // Of the target.
  bool laneOperands = false; // Of the target's multiply-adds.
  bool splitBroadcasts = false; // Vectors are wider than the target's pipes.
  int64_t threads = 1;          // Most threads of a run.
  bool layouts = true;       // Let kernels choose blocked layouts (--layout).
  bool winograd = true;      // Convolutions by minimal filtering (--winograd).
  bool fastProducts = false; // Products by fast inner products.
  std::string weightsType = "auto"; // Of products in memory (--weights-type).
  bool foldConstants = true;        // Compute what depends on constants only.
  bool timing = false;              // Print what each pass took.
};

/// Registers every dialect and interface implementation that the passes need.
void registerDialects(mlir::DialectRegistry &registry);

/// Registers every pass of the project for command lines.
void registerPasses();

/// Simplifies the graph: folding, canonical forms, common subexpressions.
void buildGraphStage(mlir::OpPassManager &manager,
                     const PipelineOptions &options);
/// Forms kernels.
void buildFuseStage(mlir::OpPassManager &manager,
                    const PipelineOptions &options);
/// Chooses memory layouts between kernels and packs weights.
void buildLayoutStage(mlir::OpPassManager &manager,
                      const PipelineOptions &options);
/// Lowers every kernel to loops and plans memory: the `loops` contract.
void buildLowerStage(mlir::OpPassManager &manager,
                     const PipelineOptions &options);

/// Takes a module at any level up to `level`. Errors are emitted as
/// diagnostics.
mlir::LogicalResult runPipeline(mlir::ModuleOp module,
                                const PipelineOptions &options, Level level);

} // namespace cameo

#endif // CAMEO_COMPILER_PIPELINE_PIPELINE_H
