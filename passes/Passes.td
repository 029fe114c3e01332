//===- Passes.td - Graph and plan passes ----------------------*- tablegen -*-===//

#ifndef CAMEO_PASSES
#define CAMEO_PASSES

include "mlir/Pass/PassBase.td"

def ChooseAlgorithms : Pass<"choose-algorithms", "::mlir::func::FuncOp"> {
  let summary = "Choose how convolutions and products are computed";
  let description = [{
    3x3 convolutions with constant filters are computed by minimal filtering
    (`winograd_conv`) where an estimate of cycles says that it is faster than the
    direct form: products, transforms, and reading the filters, which grow with
    the size of the tile. 1x1 convolutions and matrix products with constant weights
    are computed by fast inner products (`fast_conv`, `fast_matmul`) where the target
    has spare pipes for additions, there are enough filters to pay for scaling the
    pixels or rows, and enough of those for a register tile. Constant matrices of many
    columns that do not fill vectors get columns of zeros. Products of few rows, which
    wait for their matrix, read it in fixed-point numbers of 20 bits (`q20_matmul`) or
    floats of 24 (`f24_matmul`) where the weights of the graph do not stay in the cache
    from one run to the next, and where that rounds rows and columns little: 24 bits by
    at most 2^-20 of their norms, 20 by 2^-24 times the root of the number of rows.
    Every such operator gets a `cameo.schedule` with its problem, the algorithm and
    the estimates, which becomes its kernel's. The module's attribute
    `cameo.schedule_overrides`, schedules by problem, takes precedence.

    ```mlir
    %1 = cameo.conv %x, %w {dilations = array<i64: 1, 1>, ...}
    // becomes
    %u = cameo.winograd_filter %w {tile = 4}
    %1 = cameo.winograd_conv %x, %u {tile = 4, ...}
    ```
  }];
  let options = [
    Option<"winograd", "winograd", "bool", "true", "Allow minimal filtering">,
    Option<"fastProducts", "fast-products", "bool", "false",
           "Allow fast inner products">,
    Option<"fewestBits", "fewest-bits", "int64_t", "20",
           "Fewest bits of numbers in matrices of products of few rows: 20, 24 or 32">,
    Option<"vectorBits", "vector-bits", "int64_t", "128", "Bits of a vector register">,
    Option<"cacheBytes", "cache-bytes", "int64_t", "4194304",
           "Bytes that stay in the cache from one run to the next">,
    Option<"l3Rate", "l3-rate", "int64_t", "12", "Bytes per step from that cache">,
    Option<"farRate", "far-rate", "int64_t", "6", "Bytes per step from memory">
  ];
  let statistics = [
    Statistic<"numWinograd", "num-winograd", "Number of convolutions by minimal filtering">,
    Statistic<"numFast", "num-fast", "Number of convolutions and products by fast inner products">,
    Statistic<"numPacked", "num-packed", "Number of products with matrices in fewer bits than f32">,
    Statistic<"numPadded", "num-padded", "Number of products with columns of zeros">
  ];
  let dependentDialects = ["::cameo::CameoDialect"];
}

def Legalize : Pass<"legalize", "::mlir::func::FuncOp"> {
  let summary = "Recognise operators in what exporters spell out";
  let description = [{
    - `RecognizeNorm`: d / sqrt(mean(d * d) + e), with d = x - mean(x) or d = x,
      also times the reciprocal; `TakeScale` and `TakeBias` then take in a product
      and a sum with a parameter.
    - `RecognizeGelu`: x * 0.5 * (1 + erf(x / sqrt(2))) in any order, and the tanh
      form; `RecognizeSwish`: x * sigmoid(alpha * x).
    - `RecognizeTurnedRows`: x * cos + turned(x) * sin, where halves or neighbours are
      in each other's place in turned(x), one of them negated;
      `RecognizeRotatedParts`: the same element by element, also for a part of the
      rows, which `RotateInPart` makes one operation with the rest.
      `TransposeRotated` and `ScaleRotation` move what surrounds it to where it
      costs nothing.
    - `FoldIntoConv`: a convolution, maybe transposed, takes a batch normalisation by
      constants into its filters and bias; `MakeAffine`: others are a factor and a
      term per channel.
    - `SplitGroups`: a convolution in groups of whole blocks of channels is one per
      group; `FollowParts`: what follows them elementwise follows each.
    - `MakePhases`: a transposed convolution is one convolution per phase of its
      results, with every step-th tap, and these put next to each other.
    - `MultiplyByReciprocal`: division by a constant, in f32 and f64.
    - `TransposeLast`, `TransposeFirst`, `SliceFirst`, `ReshapeFirst`: move
      transpositions next to the products of attention, past reshapes and slices,
      and slices behind reshapes.
    - `ScaleWeights`: a constant factor of a product with weights scales the weights.
    - `JoinProducts`: products of one tensor with several constant matrices that
      become heads of attention, maybe rotated, are one product, of whose result these
      are parts. That pays where rows are prepared for a fast product; others would
      gain nothing.
    - `ShareHeads`: a product with matrices that are repeated per head has heads of
      a group as a dimension of its own; `MergeAfterElementwise`,
      `MergeAfterSoftmax` and `MergeAfterTranspose` keep that dimension up to the
      end of attention.
    - `KeepKeys`: matmul(a, transpose(x)) with few rows reads x as it is;
      `TransposeKeys`: with many rows it does not.

    ```mlir
    %1 = cameo.sigmoid %0 : (tensor<4xf32>) -> tensor<4xf32>
    %2 = cameo.mul %0, %1 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    // becomes
    %2 = cameo.swish %0 : (tensor<4xf32>) -> tensor<4xf32>
    ```
  }];
  let statistics = [
    Statistic<"numNorms", "num-norms", "Number of layer and RMS normalisations afterwards">,
    Statistic<"numActivations", "num-activations", "Number of GELUs and SiLUs afterwards">,
    Statistic<"numRotary", "num-rotary", "Number of rotary embeddings afterwards">
  ];
  let dependentDialects = ["::cameo::CameoDialect"];
}

def NarrowWeights : Pass<"narrow-weights", "::mlir::func::FuncOp"> {
  let summary = "Store the weights of matrix products in fewer bits";
  let description = [{
    A product with few rows takes as long as reading its weights. Constant matrices
    of f32 are rounded to `type`, and the product widens them where it reads them;
    `int8` also has one factor per column, the largest magnitude / 127, by which the
    result is multiplied. What a type cannot hold (f16: above 65504; f16 and int8: not
    finite) stays f32. The casts are left to `fold-constants`.

    ```mlir
    %1 = cameo.matmul %x, %w : (tensor<1x64xf32>, tensor<64x64xf32>) -> tensor<1x64xf32>
    // becomes
    %v = cameo.cast %w {to = bf16} : (tensor<64x64xf32>) -> tensor<64x64xbf16>
    %1 = cameo.matmul %x, %v : (tensor<1x64xf32>, tensor<64x64xbf16>) -> tensor<1x64xf32>
    ```
  }];
  let options = [
    Option<"type", "type", "std::string", [{"f32"}], "f32, bf16, f16 or int8">,
    Option<"leastElements", "least-elements", "int64_t", "1024",
           "Smaller matrices stay as they are">
  ];
  let statistics = [
    Statistic<"numNarrowed", "num-narrowed", "Number of products with narrow weights">
  ];
  let dependentDialects = ["::cameo::CameoDialect"];
}

def FuseKernels : Pass<"fuse-kernels", "::mlir::func::FuncOp"> {
  let summary = "Group operations into kernel regions";
  let description = [{
    Every operation that computes something ends up in exactly one
    `cameo.kernel`. Grouping goes backwards from consumers: an operation joins
    the kernel of its users when all of them are in one kernel and a rule allows
    it, so every kernel has a single last operation. Rules:

    - `epilogue`: the only root (not elementwise) of a kernel is followed by
      elementwise operations of its result's shape.
    - `elementwise`: elementwise operations of one shape. Those of several parts of
      tensors, as gates have them, read these in place.
    - `root`: an operation that is not elementwise, alone.
    - `rows`: a normalisation along rows, the elementwise operations before it
      (unless a product or a convolution can take them) and after it.
    - `attention`: a product of two activations, elementwise operations (scale,
      mask), a softmax along rows, elementwise operations (rows that are masked as a
      whole), and the product of their result with a third.

    A product of activations also takes transpositions that leave rows whole, of
    its operands and of its result. A rotary embedding takes such a transposition of
    its result. Both read parts of a tensor where they are.

    Minimal filtering also takes the largest of squares of two by two results:
    its tiles have these whole.

    Constants of one value are cloned into the kernel. Results of the function
    that no kernel computes are copied by an `identity` kernel. The reason why an
    operation did not join its users is kept in `cameo.refusals` for the report.

    ```mlir
    %1 = cameo.matmul %a, %b : (tensor<4x8xf32>, tensor<8x4xf32>) -> tensor<4x4xf32>
    %2 = cameo.relu %1 : (tensor<4x4xf32>) -> tensor<4x4xf32>
    // becomes
    %2 = cameo.kernel(%a, %b) rule("epilogue") : ... {
    ^bb0(%x: tensor<4x8xf32>, %y: tensor<8x4xf32>):
      %3 = cameo.matmul %x, %y : ...
      %4 = cameo.relu %3 : ...
      cameo.yield %4 : tensor<4x4xf32>
    }
    ```
  }];
  let options = [
    Option<"level", "level", "int64_t", "2",
           "0: no fusion; 1: elementwise only; 2: with roots">,
    Option<"maxOps", "max-ops", "int64_t", "64",
           "Most operations in one kernel">
  ];
  let statistics = [
    Statistic<"numKernels", "num-kernels", "Number of kernels formed">,
    Statistic<"numFused", "num-fused", "Number of operations that joined another's kernel">
  ];
  let dependentDialects = ["::cameo::CameoDialect"];
}

def AssignLayouts : Pass<"assign-layouts", "::mlir::func::FuncOp"> {
  let summary = "Choose the memory layout of every tensor between kernels";
  let description = [{
    Convolutions run on blocks of channels, one block a vector; elementwise
    operators, pools and others take the layout at hand. The layout is the
    encoding of the tensor type between kernels; inside, `cameo.relayout` stands
    at the borders and tensors are plain. Inputs and results of the graph stay
    plain. Relayouts of constants are left to `fold-constants`. A concatenation of
    what stands in one piece leaves its kernel: in the graph it says that its operands
    are computed where they are in its result (see `plan-memory`).

    ```mlir
    %1 = cameo.kernel(%0, %w) ... : (tensor<1x16x8x8xf32>, tensor<32x16x1x1xf32>) -> tensor<1x32x8x8xf32>
    // becomes, with %x and %v in blocks
    %1 = cameo.kernel(%x, %v) ... -> tensor<1x32x8x8xf32, #cameo.blocked<dims = [1], sizes = [16]>>
    ```
  }];
  let options = [
    Option<"vectorBits", "vector-bits", "int64_t", "128", "Bits of a vector register">
  ];
  let statistics = [
    Statistic<"numBlocked", "num-blocked", "Number of kernels on blocked tensors">,
    Statistic<"numJoined", "num-joined", "Number of concatenations that move nothing">,
    Statistic<"numRelayouts", "num-relayouts", "Number of conversions between layouts">
  ];
}

def OutlineKernels : Pass<"outline-kernels", "::mlir::ModuleOp"> {
  let summary = "Turn kernel regions into functions and launches";
  let description = [{
    Equal regions share one function. The function carries `plan.kernel`: the
    ONNX nodes it computes, their operators, and the cost of one run. An argument
    to which a region appends is marked `plan.updated` with the number of the result.

    ```mlir
    %2 = cameo.kernel(%a) rule("elementwise") : (tensor<4xf32>) -> tensor<4xf32> { ... }
    // becomes
    %2 = plan.launch @relu_0(%a) : (tensor<4xf32>) -> tensor<4xf32>
    func.func private @relu_0(%x: tensor<4xf32>) -> tensor<4xf32> attributes {plan.kernel = {...}} { ... }
    ```
  }];
  let statistics = [
    Statistic<"numShared", "num-shared", "Number of regions that reuse an equal function">
  ];
  let dependentDialects = ["::cameo::plan::PlanDialect", "::mlir::func::FuncDialect"];
}

def PlanMemory : Pass<"plan-memory", "::mlir::ModuleOp"> {
  let summary = "Give every buffer an offset in one arena";
  let description = [{
    Replaces the graph function by a `plan.model`. Constants that kernels read are
    packed into the weights; values between kernels and scratch buffers share
    the arena according to their live ranges, largest first at the lowest free
    offset (Pisarchyk and Lee, "Efficient Memory Management for Deep Neural Net
    Inference", 2020: greedy by size), or in another order where that leaves
    fewer gaps; views share the buffer of what they view;
    an operand that dies at a launch gives its buffer to the result that the
    kernel allows to be written in place. An argument marked `onnx.cache` is read
    where the output is that it is stored in.

    ```mlir
    func.func @net(%past: tensor<2x4xf32> {onnx.name = "past", onnx.cache = {value = "y", dim = 1, extent = 3}}, ...)
    // becomes
    plan.model @net {input_types = [tensor<2x3xf32>, ...], caches = [#plan.cache<0 in 0[1]>], ...} {
      %past = plan.buffer output[0] : memref<2x4xf32>
    ```
  }];
  let statistics = [
    Statistic<"arenaBytes", "arena-bytes", "Size of the arena">,
    Statistic<"liveBytes", "live-bytes", "Largest sum of live buffers, a lower bound">,
    Statistic<"numInPlace", "num-in-place", "Number of results written in place">,
    Statistic<"numParts", "num-parts", "Number of results written as parts of another tensor">
  ];
  let dependentDialects = ["::cameo::plan::PlanDialect", "::mlir::memref::MemRefDialect"];
}

#endif // CAMEO_PASSES
