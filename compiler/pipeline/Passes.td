//===- Passes.td - Passes that run the pipeline ---------------*- tablegen -*-===//

#ifndef CAMEO_PIPELINE_PASSES
#define CAMEO_PIPELINE_PASSES

include "mlir/Pass/PassBase.td"

def FoldConstants : Pass<"fold-constants", "::mlir::func::FuncOp"> {
  let summary = "Compute what depends on constants only";
  let description = [{
    Operations whose operands are constants, directly or through other such
    operations, are compiled for this machine, run in process, and replaced by
    their results. Small shape arithmetic is folded by the dialect already; this
    pass is for tensors. A result that is much larger than what it is made of
    (more than `max-growth` times, and more than 64 KiB) stays an operation,
    because computing it is cheaper than storing it.

    ```mlir
    %1 = cameo.transpose %w {...} : (tensor<512x512xf32>) -> tensor<512x512xf32>
    // becomes
    %1 = cameo.constant dense_resource<folded> : tensor<512x512xf32>
    ```
  }];
  let options = [
    Option<"maxGrowth", "max-growth", "int64_t", "4",
           "Most bytes of a result per byte of its operands">
  ];
  let statistics = [
    Statistic<"numFolded", "folded-ops", "Operations replaced by constants">,
    Statistic<"foldedBytes", "folded-bytes", "Bytes of the new constants">
  ];
  let dependentDialects = ["::cameo::CameoDialect"];
}

#endif // CAMEO_PIPELINE_PASSES
