// RUN: cameo-opt %s -split-input-file -fuse-kernels -mlir-print-local-scope | FileCheck %s
// RUN: cameo-opt %s -split-input-file -fuse-kernels=level=1 | FileCheck %s --check-prefix=ELEMENTWISE
// RUN: cameo-opt %s -split-input-file -fuse-kernels=level=0 | FileCheck %s --check-prefix=OFF
// RUN: cameo-opt %s -split-input-file -fuse-kernels=max-ops=2 | FileCheck %s --check-prefix=MOST

// A root and what follows it: one kernel. The splat is a literal in it.
// CHECK-LABEL: @epilogue
// CHECK-SAME: cameo.refusals = []
// CHECK-NOT: cameo.matmul
// CHECK: %[[K:.*]] = cameo.kernel(%arg0, %arg1, %arg2) rule("epilogue")
// CHECK-NEXT: ^bb0(%[[A:.*]]: tensor<4x8xf32>, %[[B:.*]]: tensor<8x4xf32>, %[[C:.*]]: tensor<4xf32>):
// CHECK-NEXT: %[[P:.*]] = cameo.matmul %[[A]], %[[B]]
// CHECK-NEXT: %[[S:.*]] = cameo.add %[[P]], %[[C]]
// CHECK: %[[TWO:.*]] = cameo.constant dense<2.000000e+00>
// CHECK-NEXT: %[[M:.*]] = cameo.mul %[[S]], %[[TWO]]
// CHECK-NEXT: cameo.yield %[[M]]
// CHECK: return %[[K]]
// ELEMENTWISE-LABEL: @epilogue
// ELEMENTWISE: ["m", "matmul", "fusion with roots is off"]
// ELEMENTWISE-COUNT-2: cameo.kernel(
// ELEMENTWISE: return
// OFF-LABEL: @epilogue
// OFF: ["a", "add", "fusion is off"], ["m", "matmul", "fusion is off"]
// OFF-COUNT-3: cameo.kernel(
// MOST-LABEL: @epilogue
// MOST: ["m", "matmul", "the kernel has the most operations allowed"]
// MOST-COUNT-2: cameo.kernel(
// MOST: return
func.func @epilogue(%a: tensor<4x8xf32>, %b: tensor<8x4xf32>, %c: tensor<4xf32>) -> tensor<4x4xf32> {
  %two = cameo.constant dense<2.0> : tensor<4xf32>
  %0 = cameo.matmul %a, %b : (tensor<4x8xf32>, tensor<8x4xf32>) -> tensor<4x4xf32> loc("m")
  %1 = cameo.add %0, %c : (tensor<4x4xf32>, tensor<4xf32>) -> tensor<4x4xf32> loc("a")
  %2 = cameo.mul %1, %two : (tensor<4x4xf32>, tensor<4xf32>) -> tensor<4x4xf32> loc("t")
  return %2 : tensor<4x4xf32>
}

// -----

// Both uses are in one kernel: a diamond is one kernel.
// CHECK-LABEL: @diamond
// CHECK: cameo.kernel(%arg0) rule("elementwise")
// CHECK: cameo.exp
// CHECK: cameo.tanh
// CHECK: cameo.sigmoid
// CHECK: cameo.mul
// CHECK: cameo.yield
// CHECK-NOT: cameo.kernel
func.func @diamond(%x: tensor<8xf32>) -> tensor<8xf32> {
  %0 = cameo.exp %x : (tensor<8xf32>) -> tensor<8xf32>
  %1 = cameo.tanh %0 : (tensor<8xf32>) -> tensor<8xf32>
  %2 = cameo.sigmoid %0 : (tensor<8xf32>) -> tensor<8xf32>
  %3 = cameo.mul %1, %2 : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  return %3 : tensor<8xf32>
}

// -----

// A value that two kernels read is computed once, on its own.
// CHECK-LABEL: @two_users
// CHECK-SAME: ["shared", "exp", "its users are in different kernels"]
// CHECK: %[[E:.*]] = cameo.kernel(%arg0)
// CHECK: cameo.exp
// CHECK: cameo.kernel(%[[E]])
// CHECK: cameo.kernel(%[[E]])
func.func @two_users(%x: tensor<4x8xf32>) -> (tensor<4x8xf32>, tensor<4x8xf32>) {
  %0 = cameo.exp %x : (tensor<4x8xf32>) -> tensor<4x8xf32> loc("shared")
  %1 = cameo.relu %0 : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %2 = cameo.abs %0 : (tensor<4x8xf32>) -> tensor<4x8xf32>
  return %1, %2 : tensor<4x8xf32>, tensor<4x8xf32>
}

// -----

// A value that is also returned is computed on its own, for no reason to report.
// CHECK-LABEL: @returned
// CHECK-SAME: cameo.refusals = []
// CHECK: %[[E:.*]] = cameo.kernel(%arg0)
// CHECK: %[[R:.*]] = cameo.kernel(%[[E]])
// CHECK: return %[[E]], %[[R]]
func.func @returned(%x: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
  %0 = cameo.exp %x : (tensor<8xf32>) -> tensor<8xf32>
  %1 = cameo.relu %0 : (tensor<8xf32>) -> tensor<8xf32>
  return %0, %1 : tensor<8xf32>, tensor<8xf32>
}

// -----

// The first of two roots stays outside, as does what is broadcast by its user.
// CHECK-LABEL: @refused
// CHECK-SAME: ["small", "exp", "its users have another shape"]
// CHECK-SAME: ["first", "matmul", "the kernel has a root already"]
// CHECK-SAME: ["before", "relu", "its user is not elementwise"]
// CHECK-COUNT-4: cameo.kernel(
// CHECK: return
func.func @refused(%x: tensor<4x4xf32>, %y: tensor<4xf32>) -> tensor<4x4xf32> {
  %0 = cameo.relu %x : (tensor<4x4xf32>) -> tensor<4x4xf32> loc("before")
  %1 = cameo.matmul %0, %x : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32> loc("first")
  %2 = cameo.matmul %x, %x : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  %3 = cameo.exp %y : (tensor<4xf32>) -> tensor<4xf32> loc("small")
  %4 = cameo.add %1, %2 : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  %5 = cameo.add %4, %3 : (tensor<4x4xf32>, tensor<4xf32>) -> tensor<4x4xf32>
  return %5 : tensor<4x4xf32>
}

// -----

// Results that nothing computes, or that are returned twice, are copied.
// CHECK-LABEL: @passed_through
// CHECK: %[[R:.*]] = cameo.kernel(%arg0)
// CHECK: cameo.relu
// CHECK: %[[X:.*]] = cameo.kernel(%arg0)
// CHECK: cameo.identity
// CHECK: %[[C:.*]] = cameo.kernel(
// CHECK: cameo.identity
// CHECK: %[[AGAIN:.*]] = cameo.kernel(%[[R]])
// CHECK: cameo.identity
// CHECK: return %[[R]], %[[X]], %[[C]], %[[AGAIN]]
func.func @passed_through(%x: tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) {
  %c = cameo.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %0 = cameo.relu %x : (tensor<2xf32>) -> tensor<2xf32>
  return %0, %x, %c, %0 : tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>
}

// -----

// A normalisation takes what comes before it and after it.
// CHECK-LABEL: @rows
// CHECK-SAME: cameo.refusals = []
// CHECK: cameo.kernel(%arg0, %arg1, %arg2) rule("rows")
// CHECK: cameo.add
// CHECK: cameo.layer_norm
// CHECK: cameo.relu
// CHECK-NOT: cameo.kernel
// ELEMENTWISE-LABEL: @rows
// ELEMENTWISE-COUNT-2: cameo.kernel(
func.func @rows(%a: tensor<4x8xf32>, %b: tensor<4x8xf32>, %s: tensor<8xf32>) -> tensor<4x8xf32> {
  %0 = cameo.add %a, %b : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  %1 = cameo.layer_norm %0, %s {axis = 1 : i64} : (tensor<4x8xf32>, tensor<8xf32>) -> tensor<4x8xf32>
  %2 = cameo.relu %1 : (tensor<4x8xf32>) -> tensor<4x8xf32>
  return %2 : tensor<4x8xf32>
}

// -----

// What a product takes in registers stays with the product.
// CHECK-LABEL: @after_product
// CHECK: ["add", "add", "its user is not elementwise"]
// CHECK: cameo.kernel({{.*}}) rule("epilogue")
// CHECK: cameo.kernel({{.*}}) rule("root")
func.func @after_product(%a: tensor<4x8xf32>, %w: tensor<8x8xf32>, %s: tensor<8xf32>) -> tensor<4x8xf32> {
  %0 = cameo.matmul %a, %w : (tensor<4x8xf32>, tensor<8x8xf32>) -> tensor<4x8xf32>
  %1 = cameo.add %0, %a : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32> loc("add")
  %2 = cameo.layer_norm %1, %s {axis = 1 : i64} : (tensor<4x8xf32>, tensor<8xf32>) -> tensor<4x8xf32>
  return %2 : tensor<4x8xf32>
}

// -----

// Attention with the split and the merging of heads is one kernel. Columns of
// the keys' transposition do not stay whole: it is a kernel of its own.
// CHECK-LABEL: @attention
// CHECK: cameo.kernel(%arg1) rule("root")
// CHECK: cameo.kernel({{.*}}) rule("attention")
// CHECK-COUNT-2: cameo.transpose
// CHECK: cameo.matmul
// CHECK: cameo.mul
// CHECK: cameo.add
// CHECK: cameo.softmax
// CHECK: cameo.matmul
// CHECK: cameo.transpose
// CHECK-NOT: cameo.kernel
func.func @attention(%q: tensor<5x2x8xf32>, %k: tensor<5x2x8xf32>, %v: tensor<5x2x8xf32>, %mask: tensor<1x1x5xf32>, %c: tensor<f32>) -> tensor<5x2x8xf32> {
  %qh = cameo.transpose %q {permutation = array<i64: 1, 0, 2>} : (tensor<5x2x8xf32>) -> tensor<2x5x8xf32>
  %kh = cameo.transpose %k {permutation = array<i64: 1, 2, 0>} : (tensor<5x2x8xf32>) -> tensor<2x8x5xf32>
  %vh = cameo.transpose %v {permutation = array<i64: 1, 0, 2>} : (tensor<5x2x8xf32>) -> tensor<2x5x8xf32>
  %0 = cameo.matmul %qh, %kh : (tensor<2x5x8xf32>, tensor<2x8x5xf32>) -> tensor<2x5x5xf32>
  %1 = cameo.mul %0, %c : (tensor<2x5x5xf32>, tensor<f32>) -> tensor<2x5x5xf32>
  %2 = cameo.add %1, %mask : (tensor<2x5x5xf32>, tensor<1x1x5xf32>) -> tensor<2x5x5xf32>
  %3 = cameo.softmax %2 {axis = 2 : i64} : (tensor<2x5x5xf32>) -> tensor<2x5x5xf32>
  %4 = cameo.matmul %3, %vh : (tensor<2x5x5xf32>, tensor<2x5x8xf32>) -> tensor<2x5x8xf32>
  %5 = cameo.transpose %4 {permutation = array<i64: 1, 0, 2>} : (tensor<2x5x8xf32>) -> tensor<5x2x8xf32>
  return %5 : tensor<5x2x8xf32>
}

// -----

// Weights are packed: a product with them is not attention.
// CHECK-LABEL: @no_attention
// CHECK-NOT: rule("attention")
func.func @no_attention(%a: tensor<4x8xf32>, %b: tensor<8x4xf32>) -> tensor<4x2xf32> {
  %w = cameo.constant dense<[[0.0, 1.0], [2.0, 3.0], [4.0, 5.0], [6.0, 7.0]]> : tensor<4x2xf32>
  %0 = cameo.matmul %a, %b : (tensor<4x8xf32>, tensor<8x4xf32>) -> tensor<4x4xf32>
  %1 = cameo.softmax %0 {axis = 1 : i64} : (tensor<4x4xf32>) -> tensor<4x4xf32>
  %2 = cameo.matmul %1, %w : (tensor<4x4xf32>, tensor<4x2xf32>) -> tensor<4x2xf32>
  return %2 : tensor<4x2xf32>
}

// -----

// What only one side of a choice needs runs under the condition, apart from
// what is needed always; the condition is the last input.
// CHECK-LABEL: @branches
// CHECK: ["shared", "exp", "its users are in different kernels"]
// CHECK: %[[E:.*]] = cameo.kernel(%arg1) rule("elementwise") :
// CHECK-NEXT: ^bb0
// CHECK-NEXT: cameo.exp
// CHECK: %[[A:.*]] = cameo.kernel(%[[E]], %arg0) rule("elementwise") guard(true)
// CHECK-NEXT: ^bb0
// CHECK-NEXT: cameo.neg
// CHECK-NEXT: cameo.abs
// CHECK: %[[B:.*]] = cameo.kernel(%[[E]], %arg0) rule("elementwise") guard(false)
// CHECK-NEXT: ^bb0
// CHECK-NEXT: cameo.sqrt
// CHECK: cameo.kernel(%arg0, %[[A]], %[[B]]) rule("root") :
// CHECK: cameo.choose
func.func @branches(%c: tensor<i1>, %x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = cameo.exp %x : (tensor<4xf32>) -> tensor<4xf32> loc("shared")
  %1 = cameo.neg %0 : (tensor<4xf32>) -> tensor<4xf32>
  %2 = cameo.abs %1 : (tensor<4xf32>) -> tensor<4xf32>
  %3 = cameo.sqrt %0 : (tensor<4xf32>) -> tensor<4xf32>
  %4 = cameo.choose %c then %2 else %3 : (tensor<i1>, tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %4 : tensor<4xf32>
}

// -----

// The outermost of two conditions counts; one that comes later does not.
// CHECK-LABEL: @nested
// CHECK: cameo.neg
// CHECK: cameo.kernel({{.*}}%arg0) rule("elementwise") guard(true)
// CHECK: cameo.exp
// CHECK: cameo.kernel({{.*}}%arg0) rule("root") guard(true)
// CHECK: cameo.choose
// CHECK: cameo.kernel(%{{.*}}) rule("elementwise") :
// CHECK: cameo.abs
func.func @nested(%c: tensor<i1>, %d: tensor<i1>, %x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %0 = cameo.neg %x : (tensor<4xf32>) -> tensor<4xf32>
  %1 = cameo.exp %0 : (tensor<4xf32>) -> tensor<4xf32>
  %2 = cameo.choose %d then %1 else %0 : (tensor<i1>, tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %3 = cameo.choose %c then %2 else %0 : (tensor<i1>, tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %4 = cameo.abs %3 : (tensor<4xf32>) -> tensor<4xf32>
  %late = cameo.not %c : (tensor<i1>) -> tensor<i1>
  %5 = cameo.choose %late then %4 else %0 : (tensor<i1>, tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %5, %3 : tensor<4xf32>, tensor<4xf32>
}

// Queries, keys and values that are computed together: attention reads its
// parts of rows, and so does the transposition of keys.
// CHECK-LABEL: @parts_of_rows
// CHECK: cameo.kernel(%arg0)
// CHECK: cameo.slice
// CHECK: cameo.transpose
// CHECK: cameo.kernel(%arg0, %{{.*}}) rule("attention")
// CHECK-COUNT-2: cameo.slice
// CHECK: cameo.matmul
// CHECK-NOT: cameo.kernel
func.func @parts_of_rows(%x: tensor<1x9x6x8xf32>) -> tensor<1x2x9x8xf32> {
  %q = cameo.slice %x {extents = array<i64: 1, 9, 2, 8>, starts = array<i64: 0, 0, 0, 0>, steps = array<i64: 1, 1, 1, 1>} : (tensor<1x9x6x8xf32>) -> tensor<1x9x2x8xf32>
  %k = cameo.slice %x {extents = array<i64: 1, 9, 2, 8>, starts = array<i64: 0, 0, 2, 0>, steps = array<i64: 1, 1, 1, 1>} : (tensor<1x9x6x8xf32>) -> tensor<1x9x2x8xf32>
  %v = cameo.slice %x {extents = array<i64: 1, 9, 2, 8>, starts = array<i64: 0, 0, 4, 0>, steps = array<i64: 1, 1, 1, 1>} : (tensor<1x9x6x8xf32>) -> tensor<1x9x2x8xf32>
  %qt = cameo.transpose %q {permutation = array<i64: 0, 2, 1, 3>} : (tensor<1x9x2x8xf32>) -> tensor<1x2x9x8xf32>
  %kt = cameo.transpose %k {permutation = array<i64: 0, 2, 3, 1>} : (tensor<1x9x2x8xf32>) -> tensor<1x2x8x9xf32>
  %vt = cameo.transpose %v {permutation = array<i64: 0, 2, 1, 3>} : (tensor<1x9x2x8xf32>) -> tensor<1x2x9x8xf32>
  %s = cameo.matmul %qt, %kt : (tensor<1x2x9x8xf32>, tensor<1x2x8x9xf32>) -> tensor<1x2x9x9xf32>
  %w = cameo.softmax %s {axis = 3 : i64} : (tensor<1x2x9x9xf32>) -> tensor<1x2x9x9xf32>
  %o = cameo.matmul %w, %vt : (tensor<1x2x9x9xf32>, tensor<1x2x9x8xf32>) -> tensor<1x2x9x8xf32>
  return %o : tensor<1x2x9x8xf32>
}

// -----

// Tiles of four by four have the squares of a pool whole.
// CHECK-LABEL: @pooled_tiles
// CHECK-SAME: cameo.refusals = []
// CHECK: cameo.kernel({{.*}}) rule("epilogue")
// CHECK: cameo.winograd_conv
// CHECK: cameo.relu
// CHECK: cameo.max_pool
// CHECK-NOT: cameo.kernel
func.func @pooled_tiles(%x: tensor<1x16x9x8xf32>, %u: tensor<36x32x16xf32>, %b: tensor<32xf32>) -> tensor<1x32x4x4xf32> {
  %0 = cameo.winograd_conv %x, %u bias(%b) {channel_block = 16 : i64, filter_block = 8 : i64, pads = array<i64: 1, 1, 1, 1>, tile = 4 : i64} : (tensor<1x16x9x8xf32>, tensor<36x32x16xf32>, tensor<32xf32>) -> tensor<1x32x9x8xf32> loc("conv")
  %1 = cameo.relu %0 : (tensor<1x32x9x8xf32>) -> tensor<1x32x9x8xf32> loc("relu")
  %2 = cameo.max_pool %1 {dilations = array<i64: 1, 1>, kernel = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 2, 2>} : (tensor<1x32x9x8xf32>) -> tensor<1x32x4x4xf32>
  return %2 : tensor<1x32x4x4xf32>
}

// -----

// Windows of three reach into the next tile.
// CHECK-LABEL: @overlapping_windows
// CHECK-SAME: ["relu", "relu", "its user is not elementwise"]
// CHECK-COUNT-2: cameo.kernel(
func.func @overlapping_windows(%x: tensor<1x16x9x9xf32>, %u: tensor<36x32x16xf32>, %b: tensor<32xf32>) -> tensor<1x32x4x4xf32> {
  %0 = cameo.winograd_conv %x, %u bias(%b) {channel_block = 16 : i64, filter_block = 8 : i64, pads = array<i64: 1, 1, 1, 1>, tile = 4 : i64} : (tensor<1x16x9x9xf32>, tensor<36x32x16xf32>, tensor<32xf32>) -> tensor<1x32x9x9xf32> loc("conv")
  %1 = cameo.relu %0 : (tensor<1x32x9x9xf32>) -> tensor<1x32x9x9xf32> loc("relu")
  %2 = cameo.max_pool %1 {dilations = array<i64: 1, 1>, kernel = array<i64: 3, 3>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 2, 2>} : (tensor<1x32x9x9xf32>) -> tensor<1x32x4x4xf32>
  return %2 : tensor<1x32x4x4xf32>
}

// -----

// Heads of a joint product are rotated where they are, and transposed as they are
// rotated where no product takes that.
// CHECK-LABEL: @rotary
// CHECK: %[[Q:.*]] = cameo.kernel(%arg0, %arg1) rule("epilogue")
// CHECK-NEXT: ^bb0(%[[A:.*]]: tensor<7x6x4xf32>, %[[T:.*]]: tensor<7x1x4xf32>):
// CHECK-NEXT: %[[PART:.*]] = cameo.slice %[[A]]
// CHECK-NEXT: %[[ROTATED:.*]] = cameo.rotary_embedding %[[PART]], %[[T]], %[[T]]
// CHECK-NEXT: %[[MOVED:.*]] = cameo.transpose %[[ROTATED]] {permutation = array<i64: 1, 0, 2>}
// CHECK-NEXT: cameo.yield %[[MOVED]]
// CHECK: return %[[Q]]
func.func @rotary(%x: tensor<7x6x4xf32>, %t: tensor<7x1x4xf32>) -> tensor<2x7x4xf32> {
  %0 = cameo.slice %x {extents = array<i64: 7, 2, 4>, starts = array<i64: 0, 2, 0>, steps = array<i64: 1, 1, 1>} : (tensor<7x6x4xf32>) -> tensor<7x2x4xf32>
  %1 = cameo.rotary_embedding %0, %t, %t : (tensor<7x2x4xf32>, tensor<7x1x4xf32>, tensor<7x1x4xf32>) -> tensor<7x2x4xf32>
  %2 = cameo.transpose %1 {permutation = array<i64: 1, 0, 2>} : (tensor<7x2x4xf32>) -> tensor<2x7x4xf32>
  return %2 : tensor<2x7x4xf32>
}

// -----

// Queries, keys and values in one row of GPT-NeoX: a part of the row is read.
// CHECK-LABEL: @rotary_of_part
// CHECK: cameo.kernel(%arg0, %arg1) rule("epilogue")
// CHECK: cameo.slice
// CHECK: cameo.rotary_embedding
// CHECK-NOT: cameo.kernel
// CHECK: return
func.func @rotary_of_part(%x: tensor<7x2x12xf32>, %t: tensor<7x1x4xf32>) -> tensor<7x2x4xf32> {
  %0 = cameo.slice %x {extents = array<i64: 7, 2, 4>, starts = array<i64: 0, 0, 4>, steps = array<i64: 1, 1, 1>} : (tensor<7x2x12xf32>) -> tensor<7x2x4xf32>
  %1 = cameo.rotary_embedding %0, %t, %t : (tensor<7x2x4xf32>, tensor<7x1x4xf32>, tensor<7x1x4xf32>) -> tensor<7x2x4xf32>
  return %1 : tensor<7x2x4xf32>
}

// -----

// Another permutation moves elements of rows.
// CHECK-LABEL: @rotary_then_columns
// CHECK-SAME: ["r", "rotary_embedding", "its user is not elementwise"]
func.func @rotary_then_columns(%x: tensor<7x2x4xf32>, %t: tensor<7x1x4xf32>) -> tensor<2x4x7xf32> {
  %1 = cameo.rotary_embedding %x, %t, %t : (tensor<7x2x4xf32>, tensor<7x1x4xf32>, tensor<7x1x4xf32>) -> tensor<7x2x4xf32> loc("r")
  %2 = cameo.transpose %1 {permutation = array<i64: 1, 2, 0>} : (tensor<7x2x4xf32>) -> tensor<2x4x7xf32>
  return %2 : tensor<2x4x7xf32>
}

// -----

// Rows that are masked as a whole become zeros between the softmax and the product.
// CHECK-LABEL: @attention_without_nan
// CHECK: cameo.kernel({{.*}}) rule("attention")
// CHECK: cameo.softmax
// CHECK-NEXT: cameo.is_nan
// CHECK: cameo.where
// CHECK-NEXT: cameo.matmul
// CHECK-NOT: cameo.kernel
// CHECK: return
func.func @attention_without_nan(%q: tensor<2x5x4xf32>, %k: tensor<2x4x7xf32>, %v: tensor<2x7x4xf32>, %m: tensor<5x7xf32>) -> tensor<2x5x4xf32> {
  %zero = cameo.constant dense<0.0> : tensor<f32>
  %0 = cameo.matmul %q, %k : (tensor<2x5x4xf32>, tensor<2x4x7xf32>) -> tensor<2x5x7xf32>
  %1 = cameo.add %0, %m : (tensor<2x5x7xf32>, tensor<5x7xf32>) -> tensor<2x5x7xf32>
  %2 = cameo.softmax %1 {axis = 2 : i64} : (tensor<2x5x7xf32>) -> tensor<2x5x7xf32>
  %3 = cameo.is_nan %2 : (tensor<2x5x7xf32>) -> tensor<2x5x7xi1>
  %4 = cameo.where %3, %zero, %2 : (tensor<2x5x7xi1>, tensor<f32>, tensor<2x5x7xf32>) -> tensor<2x5x7xf32>
  %5 = cameo.matmul %4, %v : (tensor<2x5x7xf32>, tensor<2x7x4xf32>) -> tensor<2x5x4xf32>
  return %5 : tensor<2x5x4xf32>
}

// -----

// The weights have another user: attention is three kernels.
// CHECK-LABEL: @weights_are_a_result
// CHECK-COUNT-3: cameo.kernel(
// CHECK: return
func.func @weights_are_a_result(%q: tensor<2x5x4xf32>, %k: tensor<2x4x7xf32>, %v: tensor<2x7x4xf32>) -> (tensor<2x5x4xf32>, tensor<2x5x7xf32>) {
  %0 = cameo.matmul %q, %k : (tensor<2x5x4xf32>, tensor<2x4x7xf32>) -> tensor<2x5x7xf32>
  %1 = cameo.softmax %0 {axis = 2 : i64} : (tensor<2x5x7xf32>) -> tensor<2x5x7xf32>
  %2 = cameo.relu %1 : (tensor<2x5x7xf32>) -> tensor<2x5x7xf32>
  %3 = cameo.matmul %2, %v : (tensor<2x5x7xf32>, tensor<2x7x4xf32>) -> tensor<2x5x4xf32>
  return %3, %1 : tensor<2x5x4xf32>, tensor<2x5x7xf32>
}

// -----

// A gate: both parts of a product are read where they are.
// CHECK-LABEL: @gate_of_parts
// CHECK-SAME: cameo.refusals = []
// CHECK: cameo.kernel(%arg0) rule("epilogue")
// CHECK: cameo.slice
// CHECK: cameo.slice
// CHECK: cameo.swish
// CHECK: cameo.mul
// CHECK-NOT: cameo.kernel
func.func @gate_of_parts(%x: tensor<4x16xf32>) -> tensor<4x8xf32> {
  %0 = cameo.slice %x {extents = array<i64: 4, 8>, starts = array<i64: 0, 0>, steps = array<i64: 1, 1>} : (tensor<4x16xf32>) -> tensor<4x8xf32>
  %1 = cameo.slice %x {extents = array<i64: 4, 8>, starts = array<i64: 0, 8>, steps = array<i64: 1, 1>} : (tensor<4x16xf32>) -> tensor<4x8xf32>
  %2 = cameo.swish %0 : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %3 = cameo.mul %2, %1 : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  return %3 : tensor<4x8xf32>
}

// -----

// Every second element of a row would be read one by one in every kernel.
// CHECK-LABEL: @gate_of_neighbours
// CHECK-SAME: ["even", "slice", "the kernel has a root already"]
func.func @gate_of_neighbours(%x: tensor<4x16xf32>) -> tensor<4x8xf32> {
  %0 = cameo.slice %x {extents = array<i64: 4, 8>, starts = array<i64: 0, 0>, steps = array<i64: 1, 2>} : (tensor<4x16xf32>) -> tensor<4x8xf32> loc("even")
  %1 = cameo.slice %x {extents = array<i64: 4, 8>, starts = array<i64: 0, 1>, steps = array<i64: 1, 2>} : (tensor<4x16xf32>) -> tensor<4x8xf32> loc("odd")
  %2 = cameo.mul %0, %1 : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  return %2 : tensor<4x8xf32>
}
