// RUN: cameo-opt %s -lower-to-linalg -fuse-linalg -canonicalize -bufferize-kernel -canonicalize -vectorize-kernel=vector-bits=256 | FileCheck %s
// RUN: cameo-opt %s -lower-to-linalg -fuse-linalg -canonicalize -bufferize-kernel -canonicalize -vectorize-kernel=vector-bits=0 | FileCheck %s --check-prefix=SCALAR
// RUN: cameo-opt %s -lower-to-linalg -fuse-linalg -canonicalize -bufferize-kernel -canonicalize "-vectorize-kernel=vector-bits=256 threads=4" | FileCheck %s --check-prefix=TASKS

// 23 elements: two whole vectors, then 4 lanes, 2 and 1.
// CHECK-LABEL: @tail(
// CHECK: scf.for
// CHECK: vector.load {{.*}} vector<8xf32>
// CHECK: vector.store {{.*}} vector<8xf32>
// CHECK: vector.load {{.*}} vector<4xf32>
// CHECK: vector.load {{.*}} vector<2xf32>
// CHECK: memref.load
// CHECK: memref.store
// CHECK-NOT: linalg.
// SCALAR-LABEL: @tail(
// SCALAR-NOT: vector<
// SCALAR: scf.for
// SCALAR: memref.load
func.func private @tail(%x: tensor<23xf32>) -> tensor<23xf32> attributes {plan.kernel = {}} {
  %0 = cameo.relu %x : (tensor<23xf32>) -> tensor<23xf32>
  return %0 : tensor<23xf32>
}

// Dimensions that all operands walk as one are one loop; a type of twice the size
// halves the lanes.
// CHECK-LABEL: @collapsed(
// CHECK: memref.collapse_shape {{.*}} into memref<24xf64>
// CHECK: scf.for
// CHECK-NOT: scf.for
// CHECK: vector.load {{.*}} vector<4xf64>
// CHECK-NOT: scf.for
// CHECK: return
func.func private @collapsed(%x: tensor<2x3x4xf64>) -> tensor<2x3x4xf64> attributes {plan.kernel = {}} {
  %0 = cameo.relu %x : (tensor<2x3x4xf64>) -> tensor<2x3x4xf64>
  return %0 : tensor<2x3x4xf64>
}

// The sum along the contiguous dimension: partial vectors, added up at the end.
// CHECK-LABEL: @sum(
// CHECK: scf.for {{.*}} iter_args
// CHECK: arith.addf {{.*}} vector<8xf32>
// CHECK: vector.shuffle {{.*}} [0, 1, 2, 3]
// CHECK: arith.addf {{.*}} vector<4xf32>
// CHECK: vector.shuffle {{.*}} [0, 1]
// CHECK: arith.addf {{.*}} vector<2xf32>
// CHECK: vector.extract
// CHECK: arith.addf {{.*}} f32
func.func private @sum(%x: tensor<4x64xf32>) -> tensor<4x1xf32> attributes {plan.kernel = {}} {
  %0 = cameo.reduce_sum %x {axes = array<i64: 1>} : (tensor<4x64xf32>) -> tensor<4x1xf32>
  return %0 : tensor<4x1xf32>
}

// The tile of a matrix product stays in registers through the activation: one
// loop over the 32 products, one store per vector.
// CHECK-LABEL: @product(
// CHECK: scf.for {{.*}} iter_args({{.*}} -> (vector<8xf32>
// CHECK: vector.broadcast
// CHECK: arith.mulf
// CHECK: scf.yield
// CHECK: arith.cmpf olt
// CHECK: vector.store
// TASKS-LABEL: @product(
// TASKS-NOT: scf.forall
func.func private @product(%x: tensor<6x32xf32>, %w: tensor<32x16xf32>) -> tensor<6x16xf32> attributes {plan.kernel = {}} {
  %0 = cameo.matmul %x, %w : (tensor<6x32xf32>, tensor<32x16xf32>) -> tensor<6x16xf32>
  %1 = cameo.relu %0 : (tensor<6x16xf32>) -> tensor<6x16xf32>
  return %1 : tensor<6x16xf32>
}

// Enough work for several threads is split into tasks.
// TASKS-LABEL: @large(
// TASKS: scf.forall
// CHECK-LABEL: @large(
// CHECK-NOT: scf.forall
func.func private @large(%x: tensor<256x256xf32>, %w: tensor<256x256xf32>) -> tensor<256x256xf32> attributes {plan.kernel = {}} {
  %0 = cameo.matmul %x, %w : (tensor<256x256xf32>, tensor<256x256xf32>) -> tensor<256x256xf32>
  return %0 : tensor<256x256xf32>
}

// A body with a position in it is scalar; what starts its results is not.
// CHECK-LABEL: @position(
// CHECK: vector.store
// CHECK: scf.for
// CHECK-NOT: vector
// CHECK: return
func.func private @position(%x: tensor<4x8xf32>) -> tensor<4x1xi64> attributes {plan.kernel = {}} {
  %0 = cameo.arg_max %x {axis = 1 : i64} : (tensor<4x8xf32>) -> tensor<4x1xi64>
  return %0 : tensor<4x1xi64>
}
