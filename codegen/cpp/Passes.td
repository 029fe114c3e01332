//===- Passes.td - Passes of the C++ back end -----------------*- tablegen -*-===//

#ifndef CAMEO_CODEGEN_CPP_PASSES
#define CAMEO_CODEGEN_CPP_PASSES

include "mlir/Pass/PassBase.td"

def FlattenAccesses : Pass<"flatten-accesses", "::mlir::ModuleOp"> {
  let summary = "Make every memory access a linear index into a whole buffer";
  let description = [{
    Views disappear, buffers become one-dimensional and copies become loops.
    Index arithmetic that provably stays within 64 bits is marked `nsw`, so that
    it can be written as plain signed C++. The shapes are kept for comments in
    the attribute `cpp.shapes`.

    ```mlir
    %v = memref.subview %x[%i, 0] [1, 8] [1, 1] : memref<4x8xf32> to memref<1x8xf32, strided<[8, 1], offset: ?>>
    %0 = memref.load %v[%c0, %j] : memref<1x8xf32, strided<[8, 1], offset: ?>>
    // becomes
    %1 = arith.muli %i, %c8 overflow<nsw> : index
    %2 = arith.addi %1, %j overflow<nsw> : index
    %0 = memref.load %x[%2] : memref<32xf32>
    ```
  }];
  let statistics = [
    Statistic<"numAccesses", "num-accesses", "Number of accesses rewritten">,
    Statistic<"numViews", "num-views", "Number of views removed">
  ];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect"
  ];
}

def LoopsToEmitC : Pass<"loops-to-emitc", "::mlir::ModuleOp"> {
  let summary = "Convert kernel functions to EmitC";
  let description = [{
    Vectors become GNU vector types (`f32x16`), masks integer vectors
    (`mask16`), buffers pointers. What C++ has no operator for becomes a call of
    a small inline function named after its types, such as `fma_f32x16`; the
    printer defines the ones that are used. Expects flat accesses.

    ```mlir
    %0 = memref.load %x[%i] : memref<32xf32>
    %1 = arith.mulf %0, %0 : f32
    // becomes
    %p = emitc.add %x, %i : (!emitc.ptr<f32>, i64) -> !emitc.ptr<f32>
    %0 = emitc.apply "*"(%p) : (!emitc.ptr<f32>) -> f32
    %1 = emitc.mul %0, %0 : (f32, f32) -> f32
    ```
  }];
  let statistics = [
    Statistic<"numKernels", "num-kernels", "Number of functions converted">
  ];
  let dependentDialects = ["::mlir::emitc::EmitCDialect"];
}

def NestExpressions : Pass<"nest-expressions", "::mlir::ModuleOp"> {
  let summary = "Fold values used once into the C++ expression that uses them";
  let description = [{
    As upstream's `form-expressions`, but knows that calls and operators on
    vectors made by `loops-to-emitc` have no effect besides reading memory, and
    moves reads only across statements that do not write what they read.

    ```mlir
    %0 = emitc.call_opaque "load_f32x8"(%p) : (!emitc.ptr<f32>) -> !emitc.opaque<"f32x8">
    %1 = emitc.mul %0, %a : ...
    // becomes
    %1 = emitc.expression %p, %a : ... {
      %2 = call_opaque "load_f32x8"(%p) : ...
      %3 = mul %2, %a : ...
      yield %3 : ...
    }
    ```
  }];
  let options = [
    Option<"maxLength", "max-length", "int64_t", "72",
           "Stop folding when the expression would be longer than this many columns">
  ];
  let statistics = [
    Statistic<"numNested", "num-nested", "Number of values folded into their user">
  ];
  let dependentDialects = ["::mlir::emitc::EmitCDialect"];
}

def EmitCpp : Pass<"emit-cpp", "::mlir::ModuleOp"> {
  let summary = "Write a loops module as C++ files";
  let description = [{
    Runs the whole C++ back end on a copy of the module and writes
    `NAME.cpp`, or prints the source when `output-dir` is empty. For tests; the
    driver calls `emitCpp`.
  }];
  let options = [
    Option<"outputDir", "output-dir", "std::string", "", "Where to write; empty: print">,
    Option<"instrument", "instrument", "bool", "false", "Call the profiler around kernels">
  ];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::emitc::EmitCDialect",
    "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect"
  ];
}

#endif // CAMEO_CODEGEN_CPP_PASSES
