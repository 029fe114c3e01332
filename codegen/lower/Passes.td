//===- Passes.td - Kernel lowering passes ---------------------*- tablegen -*-===//
//
// All of them run on one kernel function (`plan.kernel`) and leave others alone,
// so kernels are lowered side by side.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_LOWER_PASSES
#define CAMEO_LOWER_PASSES

include "mlir/Pass/PassBase.td"

def LowerToLinalg : Pass<"lower-to-linalg", "::mlir::func::FuncOp"> {
  let summary = "Replace operators by their reference lowerings";
  let description = [{
    Element types become storage types (signless integers, a byte per boolean).

    ```mlir
    func.func private @k(%x: tensor<4xf32>) -> tensor<4xf32> attributes {plan.kernel = {}} {
      %0 = cameo.relu %x : (tensor<4xf32>) -> tensor<4xf32>
    // becomes
      %0 = linalg.generic ... ins(%x) { arith.maximumf ... }
    ```
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::bufferization::BufferizationDialect",
    "::mlir::cf::ControlFlowDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::math::MathDialect",
    "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect",
    "::mlir::vector::VectorDialect"];
}

def PackKernel : Pass<"pack-kernel", "::mlir::func::FuncOp"> {
  let summary = "Compute on blocked tensors directly";
  let description = [{
    A kernel on blocked tensors (`#cameo.blocked`) starts as one on plain tensors
    between `linalg.unpack` and `linalg.pack`. Loops over blocked dimensions are
    split in two, one over blocks and one inside, and the conversions go. One that
    is left, where an operation cannot be split, becomes a copy.

    ```mlir
    %x = linalg.unpack %px ...
    %y = linalg.generic {maps = [(n, c, w) -> (n, c, w)]} ins(%x) ...
    %py = linalg.pack %y ...
    // becomes
    %py = linalg.generic {maps = [(n, cb, w, ci) -> (n, cb, w, ci)]} ins(%px) ...
    ```
  }];
  let dependentDialects = ["::cameo::CameoDialect", "::mlir::arith::ArithDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
}

def FuseLinalg : Pass<"fuse-linalg", "::mlir::func::FuncOp"> {
  let summary = "Fuse elementwise linalg operations and reuse their buffers";
  let description = [{
    Upstream elementwise fusion, but nothing is computed twice unless that costs no
    more than to read it. Factors that are one per row leave a product's sum
    (`ScaleAfterProduct`), and a transposition of a reduction's result becomes its
    result's index map (`TransposeInReduction`). A transposition behind a reshape of
    what was computed with more dimensions has these, too, and is fused. Then an
    elementwise operation that is left writes over an input that dies. An argument
    that a lone elementwise operation reads at the index it writes is marked
    `plan.in_place` with the number of the result's argument.
  }];
  let statistics = [
    Statistic<"numInPlace", "num-in-place", "Number of arguments a result may overwrite">
  ];
  let dependentDialects = ["::mlir::affine::AffineDialect", "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
}

def BoundLoops : Pass<"bound-loops", "::mlir::ModuleOp"> {
  let summary = "End loops where nobody reads what they compute";
  let description = [{
    For models with bounded extents (`onnx.extent`). Backwards over the launches of
    the graph and the operations of their kernels: a value that is read up to an
    extent, which is a number at run time, need not be computed beyond it. The
    operations of a kernel are marked with the bounds of their loops (`plan.bounds`),
    and the kernel takes the numbers in these. What is not understood is read to its
    end. A kernel that launches need with other bounds is copied. One that does
    nothing but give elements a value that nobody reads is left out.

    ```mlir
    %0 = plan.launch @k(%x) : (tensor<8xf32>) -> tensor<8xf32>
    %1 = plan.launch @limit(%0, %positions, %n) ...   // reads %0[i] for i < %n
    // becomes
    %0 = plan.launch @k(%x, %n) : (tensor<8xf32>, tensor<i64>) -> tensor<8xf32>
    func.func private @k(%x: tensor<8xf32>, %n: tensor<i64>) -> tensor<8xf32> {
      %0 = linalg.generic ... {plan.bounds = [#plan.bound<()[s0] -> (s0), 1>]}
    ```
  }];
  let statistics = [
    Statistic<"numBounded", "num-bounded", "Number of operations with bounded loops">,
    Statistic<"numCopied", "num-copied", "Number of kernels copied for other bounds">,
    Statistic<"numPassedOn", "num-passed-on", "Number of launches left out">
  ];
}

def TileRows : Pass<"tile-rows", "::mlir::func::FuncOp"> {
  let summary = "Compute reductions and their neighbours a few rows at a time";
  let description = [{
    Where a reduction meets operations that use its result again along what it
    reduced (softmax, normalisations, attention), all of them run in one loop over
    rows, so that what is between them stays in cache. A row loop is cut along
    dimensions in which no operation would be computed twice. With a matrix product
    among them, a tile has as many rows as fill the registers with accumulators.

    ```mlir
    %m = linalg.generic {max over d1} ins(%x : tensor<64x512xf32>) ...
    %y = linalg.generic {x - m} ins(%x, %m : tensor<64x512xf32>, tensor<64xf32>) ...
    // becomes
    %y = scf.for %i = %c0 to %c64 step %c8 iter_args(%r = %empty) {
      %xi = tensor.extract_slice %x[%i, 0] [8, 512] [1, 1] : tensor<64x512xf32> to tensor<8x512xf32>
      ... // Both operations on %xi.
    }
    ```
  }];
  let options = [
    Option<"registers", "registers", "int64_t", "16", "Number of vector registers">,
    Option<"rowBytes", "row-bytes", "int64_t", "16384",
           "Bytes between the operations of a tile">,
    Option<"productBytes", "product-bytes", "int64_t", "393216",
           "The same with a matrix product among them">
  ];
  let statistics = [
    Statistic<"numTiled", "num-tiled", "Number of kernels computed by rows">
  ];
  let dependentDialects = ["::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
                           "::mlir::linalg::LinalgDialect", "::mlir::scf::SCFDialect",
                           "::mlir::tensor::TensorDialect"];
}

def DistributeRows : Pass<"distribute-rows", "::mlir::func::FuncOp"> {
  let summary = "Split the loops over rows into tasks";
  let description = [{
    A loop over rows that `tile-rows` made, at the top level of a kernel, becomes
    an `scf.forall` over tasks, each with a run of the rows. Buffers that are used in
    the loop alone become one per task.

    ```mlir
    scf.for %i = %c0 to %c64 step %c1 { ... } {cameo.row_loop}
    // becomes, for 8 tasks
    scf.forall (%t) in (8) { scf.for %i = %low to %high step %c1 { ... } }
    ```
  }];
  let options = [
    Option<"threads", "threads", "int64_t", "1", "Most threads of a run">
  ];
  let statistics = [
    Statistic<"numLoops", "num-loops", "Number of loops split into tasks">
  ];
  let dependentDialects = ["::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
                           "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect"];
}

def BufferizeKernel : Pass<"bufferize-kernel", "::mlir::func::FuncOp"> {
  let summary = "Turn a kernel on tensors into one on buffers";
  let description = [{
    Arguments become memrefs, results become further arguments that are written
    in place. Buffers in between that are larger than `max-stack-bytes` become
    arguments marked `plan.scratch`. An argument marked `plan.updated` is read where
    its result is, whose buffer is the same: nothing of it is copied.

    ```mlir
    func.func private @k(%x: tensor<4xf32>) -> tensor<4xf32>
    // becomes
    func.func private @k(%x: memref<4xf32>, %result: memref<4xf32>)
    ```
  }];
  let options = [
    Option<"maxStackBytes", "max-stack-bytes", "int64_t", "1024",
           "Largest buffer on the stack">
  ];
  let dependentDialects = [
    "::mlir::bufferization::BufferizationDialect", "::mlir::memref::MemRefDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::scf::SCFDialect",
    "::mlir::vector::VectorDialect"];
}

def ExpandWinograd : Pass<"expand-winograd", "::mlir::func::FuncOp"> {
  let summary = "Give winograd_tiles loops";
  let description = [{
    Works on groups of tile rows, chosen so that their transformed inputs stay in
    the second-level cache: the input transform of every block of channels, from
    a strip of zero-padded rows; then for every two or three blocks of filters,
    which share what they load of the tiles, one matrix product per point and the
    output transform. Elementwise operations in place that follow become part of
    the output transform; so does a reduction over squares of two by two results,
    such as max-pooling, which leaves them without a buffer. With several
    threads, groups are tasks. A single group is in phases: all input transforms;
    then one point after the other with all filters, whose products go to memory,
    and all output transforms, or with step two runs of filters as above. The
    parts of a phase are tasks. Results do not depend on who runs a task.

    ```mlir
    cameo.winograd_tiles ins(%x, %u ...) outs(%y ...)
    linalg.generic outs(%y) { relu }
    // becomes
    scf.for %group ... {
      scf.for %block ... { copies to %strip; linalg.generic ins(%strip, ...) outs(%v, ...) }
      scf.for %blocks ... {
        linalg.generic ins(%v, %u) outs(%m)
        linalg.generic ins(%m, ...) outs(%y, ...) { output transform; relu }
      }
    }
    ```
  }];
  let options = [
    Option<"threads", "threads", "int64_t", "1", "Most threads of a run">,
    Option<"l2Bytes", "l2-bytes", "int64_t", "524288", "Second-level cache of a core">,
    Option<"l3Bytes", "l3-bytes", "int64_t", "8388608", "A core's part of the shared cache">,
    Option<"l2Rate", "l2-rate", "int64_t", "32",
           "Bytes per step from the second-level cache">,
    Option<"l3Rate", "l3-rate", "int64_t", "12", "Bytes per step from the shared cache">,
    Option<"farRate", "far-rate", "int64_t", "6", "Bytes per step from memory">
  ];
  let statistics = [
    Statistic<"numExpanded", "num-expanded", "Number of convolutions expanded">
  ];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::memref::MemRefDialect",
    "::mlir::scf::SCFDialect"];
}

def ExpandFastProducts : Pass<"expand-fast-products", "::mlir::func::FuncOp"> {
  let summary = "Give fast_product loops";
  let description = [{
    Works on groups of pixels, which are tasks with several threads: a scaled copy
    of the pixels, sums over pairs of channels, then the product of sums with all
    filters, and the elementwise operations that follow in place. Groups with
    pixels that are not finite, or very small, take the plain product. Results do
    not depend on who runs a task.

    ```mlir
    cameo.fast_product ins(%x, %w, %pairs, %square ...) outs(%y ...)
    // becomes
    scf.for %group ... {
      linalg.generic ins(%x, %scale, %signs) outs(%panel)
      scf.if %finite {
        linalg.generic ins(%panel, %panel, %w, %w) outs(%y) { (a0 + b1) * (a1 + b0) }
      } else {
        linalg.generic ins(%panel, %w) outs(%y) { a * b }
      }
    }
    ```
  }];
  let options = [
    Option<"threads", "threads", "int64_t", "1", "Most threads of a run">
  ];
  let statistics = [
    Statistic<"numExpanded", "num-expanded", "Number of products expanded">
  ];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::memref::MemRefDialect",
    "::mlir::scf::SCFDialect"];
}

def SplitBroadcasts : Pass<"split-broadcasts", "::mlir::func::FuncOp"> {
  let summary = "Let additions read the numbers that they broadcast";
  let description = [{
    For targets whose vectors are wider than their pipes: there a broadcast to a
    register takes a pipe's time, one in an instruction's operand does not. In
    blocks with pairs of fast inner products (`cameo.pair`), what several additions
    broadcast from memory is read for each of them, at offsets of zero from a
    table, so that nobody makes it one again.

    ```mlir
    %b = vector.broadcast %number : f32 to vector<16xf32> // of %x[%i]
    %s = arith.addf %v, %b : vector<16xf32>
    %t = arith.addf %w, %b : vector<16xf32>
    // becomes
    %b = vector.broadcast %number : f32 to vector<16xf32>
    %s = arith.addf %v, %c : vector<16xf32> // %c of %x[%i + %zero]
    %t = arith.addf %w, %b : vector<16xf32>
    ```
  }];
  let statistics = [
    Statistic<"numSplit", "num-split", "Number of broadcasts that were added">
  ];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect",
                           "::mlir::vector::VectorDialect"];
}

def BalancePairs : Pass<"balance-pairs", "::mlir::func::FuncOp"> {
  let summary = "Compute some pairs of fast inner products directly";
  let description = [{
    One register tile's sum in three, from its start on, takes two multiply-adds
    per pair of products instead of two additions and one multiply-add: then the
    pipes for both have as much to do. Its start, which corrects what pairs have
    too much, becomes zero. Sums whose start goes through memory stay.

    ```mlir
    %start = arith.negf %sums {cameo.pair_start} : vector<16xf32>
    %left = arith.addf %x0, %w1 : vector<16xf32>
    %right = arith.addf %w0, %x1 : vector<16xf32>
    %product = arith.mulf %left, %right : vector<16xf32>
    %sum = arith.addf %start, %product {cameo.pair} : vector<16xf32>
    // becomes
    %p0 = arith.mulf %x0, %w0 : vector<16xf32>
    %s0 = arith.addf %zero, %p0 : vector<16xf32>
    %p1 = arith.mulf %x1, %w1 : vector<16xf32>
    %sum = arith.addf %s0, %p1 : vector<16xf32>
    ```
  }];
  let statistics = [
    Statistic<"numDirect", "num-direct", "Number of additions of pairs that became direct">
  ];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
}

def VectorizeKernel : Pass<"vectorize-kernel", "::mlir::func::FuncOp"> {
  let summary = "Turn linalg operations on buffers into register-tiled vector loops";
  let description = [{
    Every linalg operation becomes one loop nest, in which adjacent dimensions that
    all operands walk as one are one loop. Operations that write one buffer one
    after the other (a bias, a convolution, an activation in place) share a nest:
    the tile of results stays in registers from the first to the last. Along one dimension, in which the
    results are contiguous, a step takes whole vectors; what is left over is done by
    nests of half the lanes, and so on down to one. Reductions keep a tile of
    accumulators in registers over all reduction loops. A reduction along the
    contiguous dimension keeps partial vectors and adds them up at its end.
    With `lane-operands`, four steps of a reduction are written out where what they
    broadcast is contiguous: it is read as one vector per row, of whose lanes the
    target's multiply-adds take one each. On such targets, operations of more results
    than there are registers become one for each set of results that share values.
    Bodies that are not elementwise (gathers, assertions) become scalar loops. Data
    movement that changes what is contiguous goes through registers, in square blocks.
    With several threads, nests with enough work are split into tasks along one
    parallel dimension (`scf.forall`), that which has threads fetch least from
    each other; results do not depend on the number.
    What is chosen for every nest is a `#cameo.nest`, which the loops are generated
    from. They are added to the kernel's `schedule`; where it has them already,
    nothing is chosen.

    ```mlir
    linalg.generic {maps = [(d0) -> (d0), (d0) -> (d0)]} ins(%x : memref<20xf32>) ...
    // becomes, for 512-bit vectors
    scf.for %i = 0 to 16 step 16 { vector.load; ...; vector.store : vector<16xf32> }
    scf.for %i = 16 to 20 step 4 { vector.load; ...; vector.store : vector<4xf32> }
    ```
  }];
  let options = [
    Option<"vectorBits", "vector-bits", "int64_t", "128",
           "Bits of a vector register; 0: scalar loops">,
    Option<"registers", "registers", "int64_t", "16", "Number of vector registers">,
    Option<"threads", "threads", "int64_t", "1", "Most threads of a run">,
    Option<"l1Bytes", "l1-bytes", "int64_t", "49152", "First-level cache of a core">,
    Option<"l2Bytes", "l2-bytes", "int64_t", "1048576", "Second-level cache of a core">,
    Option<"l2Rate", "l2-rate", "int64_t", "32",
           "Bytes per step from the second-level cache">,
    Option<"l3Rate", "l3-rate", "int64_t", "12", "Bytes per step from the shared cache">,
    Option<"laneOperands", "lane-operands", "bool", "false",
           "Multiply-adds take an operand from one lane of a vector">,
    Option<"splitBroadcasts", "split-broadcasts", "bool", "false",
           "Additions of pairs will read what they broadcast">
  ];
  let statistics = [
    Statistic<"numVectorized", "num-vectorized", "Number of operations vectorised">,
    Statistic<"numFused", "num-fused", "Number of operations in the nest of another">,
    Statistic<"numTransposed", "num-transposed", "Number of transpositions in registers">,
    Statistic<"numScalar", "num-scalar", "Number of operations lowered to scalar loops">,
    Statistic<"numPeeled", "num-peeled", "Number of borders of padding that nests leave out">
  ];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect",
    "::mlir::vector::VectorDialect"];
}

def PrefetchStreams : Pass<"prefetch-streams", "::mlir::func::FuncOp"> {
  let summary = "Request packed weights before they are needed";
  let description = [{
    An innermost loop that reads a large argument vector by vector, in order, and
    uses each vector several times gets a prefetch of what it will read
    `distance` bytes later. Where every tile of rows reads the same vectors
    again, or goes on somewhere else after some kilobytes, each asks for a part of
    those of the next columns instead, evenly over its steps. Requests go to the
    second-level cache: the first one has places for few at a time. Those beyond the
    end of a buffer read nothing.

    ```mlir
    scf.for %k = ... { %w = vector.load %weights[%k, %c0] ... }
    // becomes
    scf.for %k = ... {
      %ahead = arith.addi %k, %c128 : index
      memref.prefetch %weights[%ahead, %c0], read, locality<2>, data
      %w = vector.load %weights[%k, %c0] ...
    }
    ```
  }];
  let options = [
    Option<"distance", "distance", "int64_t", "16384", "Bytes ahead">,
    Option<"smallestBytes", "smallest-bytes", "int64_t", "131072",
           "Smallest buffer that is prefetched">
  ];
  let statistics = [
    Statistic<"numPrefetches", "num-prefetches", "Number of requests inserted">
  ];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect"];
}

def FuseLoops : Pass<"fuse-loops", "::mlir::func::FuncOp"> {
  let summary = "Make one loop of loops over the same rows";
  let description = [{
    Loops of one range that follow each other become one when every iteration
    keeps to its own row of each buffer that one of them writes and both access: a
    row is in the first cache when the next operation reads it. Where all rows are
    (less than `min-bytes`), loops stay, as steps of one row wait for each other.

    ```mlir
    scf.for %i = %c0 to %c8 step %c1 { memref.store %v, %m[%i] : memref<8xf32> }
    scf.for %i = %c0 to %c8 step %c1 { %w = memref.load %m[%i] : memref<8xf32> ... }
    // becomes
    scf.for %i = %c0 to %c8 step %c1 {
      memref.store %v, %m[%i] : memref<8xf32>
      %w = memref.load %m[%i] : memref<8xf32> ...
    }
    ```
  }];
  let options = [
    Option<"minBytes", "min-bytes", "int64_t", "32768",
           "Least size of a buffer that two loops access">
  ];
  let statistics = [
    Statistic<"numFused", "num-fused", "Number of loops that became part of another">
  ];
}

def PairKernels : Pass<"pair-kernels", "::mlir::ModuleOp"> {
  let summary = "Launch two kernels of one task beside each other";
  let description = [{
    Launches that do not depend on each other, of kernels without task loops and
    with about as many operations, become one launch of a kernel that does either
    by the index of its task.

    ```mlir
    %1 = plan.launch @forward(%x, %w) : ...
    %2 = plan.launch @reverse(%y, %v) : ...
    // becomes
    %1, %2 = plan.launch @forward_reverse(%x, %w, %y, %v) : ...
    ```
  }];
  let options = [
    Option<"threads", "threads", "int64_t", "1", "Threads; 1: nothing is paired">,
    Option<"leastFlops", "least-flops", "int64_t", "500000",
           "Operations of a kernel that is worth a barrier">
  ];
  let statistics = [
    Statistic<"numPairs", "num-pairs", "Number of launches of two kernels">
  ];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::scf::SCFDialect"];
}

def SplitTasks : Pass<"split-tasks", "::mlir::ModuleOp"> {
  let summary = "Turn task loops into launches with several tasks";
  let description = [{
    A kernel is a sequence of phases: each `scf.forall` at its top level is one,
    whose iterations may run at the same time, and so is what stands between two
    of them. Each phase becomes a function; those of an `scf.forall` get the task
    index as last argument. Every launch of the kernel becomes a launch of each
    phase with the same buffers, and a launch returns when all its tasks are done.

    ```mlir
    plan.launch @k(%x, %y) : ...
    // becomes
    plan.launch @k_0(%x, %y) : ...
    plan.launch @k_1(%x, %y) {tasks = 8} : ...
    ```
  }];
  let statistics = [
    Statistic<"numPhases", "num-phases", "Number of phases of several tasks">
  ];
}

def GuardKernels : Pass<"guard-kernels", "::mlir::func::FuncOp"> {
  let summary = "Put a branch around kernels that run under a condition";
  let description = [{
    A kernel's argument that is marked `plan.guard` is a boolean, and the kernel has work
    to do only when it has the value of the attribute.

    ```mlir
    func.func private @k(%x: memref<8xf32>, %c: memref<i8> {plan.guard = true}, %y: memref<8xf32>) { ... }
    // becomes
    func.func private @k(...) {
      %holds = arith.cmpi ne, %flag, %c0_i8 : i8
      scf.if %holds { ... }
      return
    }
    ```
  }];
  let statistics = [
    Statistic<"numGuarded", "num-guarded", "Number of kernels with a condition">
  ];
  let dependentDialects = ["::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect"];
}

def ExpandMath : Pass<"expand-math", "::mlir::func::FuncOp"> {
  let summary = "Expand elementary functions on f32 to polynomials";
  let description = [{
    Both back ends run the same arithmetic. Upstream's approximations, but for exp
    (less than one ULP off, subnormal results as well) and erf (less than six
    ULP). Infinities and NaN are what the C library makes of them. f64 stays calls
    of the C library.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::math::MathDialect",
                           "::mlir::vector::VectorDialect"];
}

def RecordErrors : Pass<"record-errors", "::mlir::func::FuncOp"> {
  let summary = "Turn assertions into statuses";
  let description = [{
    `cf.assert` stops a program; a compiled model returns a status instead. The
    kernel gets a further argument, the status cell, marked `plan.status`, into
    which a failed assertion stores the `cameo_status` that its message names.

    ```mlir
    cf.assert %ok, "index out of range"
    // becomes
    scf.if %bad { memref.store %c6, %status[%c0] : memref<1xi32> }
    ```
  }];
  let dependentDialects = ["::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect"];
}

#endif // CAMEO_LOWER_PASSES
