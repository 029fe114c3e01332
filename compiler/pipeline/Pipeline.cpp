//===- Pipeline.cpp - From a graph to loops -------------------------------===//

#include "compiler/pipeline/Pipeline.h"

#include "codegen/lower/Passes.h"
#include "compiler/pipeline/Passes.h"
#include "passes/Passes.h"

#include "mlir/Conversion/AffineToStandard/AffineToStandard.h"
#include "mlir/Dialect/Arith/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Bufferization/Transforms/FuncBufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Linalg/Transforms/AllInterfaces.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Dialect/SCF/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Tensor/IR/TensorInferTypeOpInterfaceImpl.h"
#include "mlir/Dialect/Tensor/IR/TensorTilingInterfaceImpl.h"
#include "mlir/Dialect/Tensor/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Tensor/Transforms/SubsetInsertionOpInterfaceImpl.h"
#include "mlir/Dialect/Vector/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Support/Timing.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace cameo;

void cameo::registerDialects(DialectRegistry &registry) {
  registry
      .insert<CameoDialect, plan::PlanDialect, affine::AffineDialect,
              arith::ArithDialect, bufferization::BufferizationDialect,
              cf::ControlFlowDialect, func::FuncDialect, linalg::LinalgDialect,
              math::MathDialect, memref::MemRefDialect, scf::SCFDialect,
              tensor::TensorDialect, ub::UBDialect, vector::VectorDialect>();
  arith::registerBufferizableOpInterfaceExternalModels(registry);
  linalg::registerAllDialectInterfaceImplementations(registry);
  scf::registerBufferizableOpInterfaceExternalModels(registry);
  registerTilesBufferization(registry);
  tensor::registerBufferizableOpInterfaceExternalModels(registry);
  tensor::registerInferTypeOpInterfaceExternalModels(registry);
  tensor::registerSubsetOpInterfaceExternalModels(registry);
  tensor::registerTilingInterfaceExternalModels(registry);
  vector::registerBufferizableOpInterfaceExternalModels(registry);
}

void cameo::registerPasses() {
  registerCameoGraphPasses();
  registerCameoLowerPasses();
  registerCameoPipelinePasses();
}

void cameo::buildGraphStage(OpPassManager &manager,
                            const PipelineOptions &options) {
  if (options.optLevel == 0)
    return;
  // 1. Folds what the importer left and brings operators to one form each.
  manager.addPass(createCanonicalizerPass());
  // 2. Equal subgraphs once: exporters repeat shape and mask arithmetic.
  manager.addPass(createCSEPass());
  // 3. Operators that exporters spell out.
  manager.addNestedPass<func::FuncOp>(createLegalize());
  manager.addPass(createCanonicalizerPass());
  // 4. What patterns built for every layer.
  manager.addPass(createCSEPass());
  // 5. Weights that exporters transpose, scale or unpack at run time.
  if (options.foldConstants)
    manager.addNestedPass<func::FuncOp>(createFoldConstants());
}

void cameo::buildFuseStage(OpPassManager &manager,
                           const PipelineOptions &options) {
  // 1. Weights in fewer bits, which every product reads as they are.
  bool isAuto = options.weightsType == "auto",
       isPacked = options.weightsType == "f24" || options.weightsType == "q20",
       isNarrow = !isAuto && !isPacked && options.weightsType != "f32";
  if (isNarrow && options.foldConstants) {
    NarrowWeightsOptions narrow;
    narrow.type = options.weightsType;
    manager.addNestedPass<func::FuncOp>(createNarrowWeights(narrow));
    manager.addNestedPass<func::FuncOp>(createFoldConstants());
  }
  // 2. Faster algorithms, whose weights are transformed now.
  if (options.optLevel > 0 && options.layouts && options.foldConstants) {
    ChooseAlgorithmsOptions algorithms;
    algorithms.winograd = options.winograd;
    algorithms.fastProducts = options.fastProducts;
    algorithms.vectorBits = options.vectorBits;
    algorithms.fewestBits = !isAuto && !isPacked           ? 32
                            : options.weightsType == "f24" ? 24
                                                           : 20;
    algorithms.cacheBytes = isAuto ? options.memory.l3Bytes : 0;
    algorithms.l3Rate = options.memory.l3Rate;
    algorithms.farRate = options.memory.farRate;
    manager.addNestedPass<func::FuncOp>(createChooseAlgorithms(algorithms));
    manager.addNestedPass<func::FuncOp>(createFoldConstants());
  }
  // 3. One region per kernel.
  FuseKernelsOptions fuse;
  fuse.level = options.optLevel == 0 ? 0 : options.fuse;
  manager.addNestedPass<func::FuncOp>(createFuseKernels(fuse));
  // 4. Constants that were cloned into kernels, and dead ones, go.
  manager.addPass(createCanonicalizerPass());
}

void cameo::buildLayoutStage(OpPassManager &manager,
                             const PipelineOptions &options) {
  if (options.optLevel == 0 || !options.layouts || !options.foldConstants)
    return;
  // 1. Every kernel takes the layouts that it runs best in.
  AssignLayoutsOptions layouts;
  layouts.vectorBits = options.vectorBits;
  manager.addNestedPass<func::FuncOp>(createAssignLayouts(layouts));
  // 2. Weights are packed now, not in every run.
  manager.addNestedPass<func::FuncOp>(createFoldConstants());
  manager.addPass(createCanonicalizerPass());
}

void cameo::buildLowerStage(OpPassManager &manager,
                            const PipelineOptions &options) {
  OpPassManager &values = manager.nest<func::FuncOp>();
  // 1. The reference lowering gives every operator its meaning.
  values.addPass(createLowerToLinalg());
  // 2. Loops over blocks where tensors are stored in blocks.
  values.addPass(createPackKernel());
  // 3. While values are tensors: fuse, drop unit dimensions, collapse loops.
  values.addPass(createFuseLinalg());
  values.addPass(createCanonicalizerPass());
  values.addPass(createCSEPass());
  // 4. Bounded extents: kernels go as far as others read their results.
  if (options.optLevel > 0)
    manager.addPass(createBoundLoops());
  OpPassManager &kernel = manager.nest<func::FuncOp>();
  if (options.optLevel > 0) {
    TileRowsOptions rows;
    rows.registers = options.registers;
    kernel.addPass(createTileRows(rows));
    kernel.addPass(createCanonicalizerPass());
  }
  // 5. Buffers, before loops, so that loops are built once and in place.
  kernel.addPass(createBufferizeKernel());
  kernel.addPass(createCSEPass());
  kernel.addPass(createCanonicalizerPass());
  if (options.threads > 1 && options.optLevel > 0) {
    DistributeRowsOptions distribute;
    distribute.threads = options.threads;
    kernel.addPass(createDistributeRows(distribute));
  }
  // 6. Loops of operations that are not linalg ones.
  ExpandWinogradOptions winograd;
  winograd.threads = options.threads;
  winograd.l2Bytes = options.memory.l2Bytes;
  winograd.l3Bytes = options.memory.l3Bytes;
  winograd.l2Rate = options.memory.l2Rate;
  winograd.l3Rate = options.memory.l3Rate;
  winograd.farRate = options.memory.farRate;
  kernel.addPass(createExpandWinograd(winograd));
  ExpandFastProductsOptions fast;
  fast.threads = options.threads;
  kernel.addPass(createExpandFastProducts(fast));
  // 7. Register tiles and vectors.
  VectorizeKernelOptions vectorize;
  vectorize.vectorBits = options.optLevel == 0 ? 0 : options.vectorBits;
  vectorize.registers = options.registers;
  vectorize.threads = options.optLevel == 0 ? 1 : options.threads;
  vectorize.laneOperands = options.laneOperands;
  vectorize.splitBroadcasts = options.splitBroadcasts;
  vectorize.l1Bytes = options.memory.l1Bytes;
  vectorize.l2Bytes = options.memory.l2Bytes;
  vectorize.l2Rate = options.memory.l2Rate;
  vectorize.l3Rate = options.memory.l3Rate;
  kernel.addPass(createVectorizeKernel(vectorize));
  if (options.optLevel > 0)
    kernel.addPass(createFuseLoops());
  if (options.splitBroadcasts)
    kernel.addPass(createSplitBroadcasts());
  kernel.addPass(createBalancePairs());
  // 8. Failed checks become statuses, now that nothing moves loops any more.
  kernel.addPass(createRecordErrors());
  // 9. Elementary functions on vectors become arithmetic.
  kernel.addPass(createExpandMath());
  // 10. Down to the operations of the `loops` contract.
  kernel.addPass(createLowerAffinePass());
  kernel.addPass(createCanonicalizerPass());
  kernel.addPass(createCSEPass());
  kernel.addPass(createLoopInvariantCodeMotionPass());
  // 11. Last, because requests look like side effects to the passes above.
  if (options.optLevel > 0)
    kernel.addPass(createPrefetchStreams());
  // 12. Kernels that could not be split run beside each other, before their
  // buffers are placed.
  if (options.optLevel > 0) {
    PairKernelsOptions pairs;
    pairs.threads = options.threads;
    manager.addPass(createPairKernels(pairs));
  }
  // 13. Kernels now say what buffers they need: plan them all.
  manager.addPass(createPlanMemory());
  // 14. Task loops become launches with tasks.
  manager.addPass(createSplitTasks());
  // 15. Kernels of branches run under their condition.
  manager.addNestedPass<func::FuncOp>(createGuardKernels());
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createCSEPass());
}

/// The level a module stands at: a host function is a graph (with kernel
/// regions: fused; with relayouts in them: layout; with launches: plan), a
/// plan.model is loops.
static Level levelOf(ModuleOp module) {
  if (!module.getOps<plan::ModelOp>().empty())
    return Level::Loops;
  Level level = Level::Graph;
  module.walk([&](Operation *op) {
    Level least = isa<plan::LaunchOp>(op) ? Level::Plan
                  : isa<RelayoutOp>(op) && isa<KernelOp>(op->getParentOp())
                      ? Level::Layout
                  : isa<KernelOp>(op) ? Level::Fused
                                      : Level::Graph;
    level = std::max(level, least);
  });
  return level;
}

LogicalResult cameo::runPipeline(ModuleOp module,
                                 const PipelineOptions &options, Level level) {
  DefaultTimingManager timing;
  timing.setEnabled(options.timing);
  TimingScope all = timing.getRootScope();
  PassManager manager(module.getContext());
  manager.enableTiming(all);
  Level at = levelOf(module);
  if (at == Level::Graph) {
    buildGraphStage(manager, options);
    if (level >= Level::Fused)
      buildFuseStage(manager, options);
  }
  if (at < Level::Layout && level >= Level::Layout)
    buildLayoutStage(manager, options);
  // Equal kernels once.
  if (at < Level::Plan && level >= Level::Plan)
    manager.addPass(createOutlineKernels());
  if (failed(manager.run(module)))
    return failure();
  if (at == Level::Loops || level != Level::Loops)
    return success();
  // Kernels become large here: they are verified once, at the end.
  PassManager lower(module.getContext());
  lower.enableTiming(all);
  lower.enableVerifier(false);
  buildLowerStage(lower, options);
  return success(succeeded(lower.run(module)) && succeeded(verify(module)));
}
