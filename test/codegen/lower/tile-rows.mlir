// RUN: cameo-opt %s -lower-to-linalg -fuse-linalg -tile-rows="registers=16 row-bytes=4096" -canonicalize -cse -mlir-print-local-scope | FileCheck %s

// All operations of a normalisation run on the same rows, and the last writes
// its rows of the result.
// CHECK-LABEL: @softmax
// CHECK-SAME: (%[[X:.*]]: tensor<3x50x130xf32>)
// CHECK: scf.for %[[I:.*]] = %c0 to %c3 step %c1 iter_args
// CHECK: scf.for %[[J:.*]] = %c0 to %c48 step %c3 iter_args(%[[R:.*]] =
// CHECK: tensor.extract_slice %[[X]][%[[I]], %[[J]], 0] [1, 3, 130]
// CHECK: arith.maximumf
// CHECK: math.exp
// CHECK: arith.addf
// CHECK: arith.divf
// CHECK: arith.mulf
// CHECK: tensor.insert_slice %{{.*}} into %[[R]][%[[I]], %[[J]], 0] [1, 3, 130]
// CHECK: scf.yield
// What is left over is a tile of its own.
// CHECK: tensor.extract_slice %[[X]][%[[I]], 48, 0] [1, 2, 130]
// CHECK: arith.maximumf
// CHECK: } {cameo.row_loop}
func.func private @softmax(%x: tensor<3x50x130xf32>) -> tensor<3x50x130xf32> attributes {plan.kernel = {}} {
  %0 = cameo.softmax %x {axis = 2 : i64} : (tensor<3x50x130xf32>) -> tensor<3x50x130xf32>
  return %0 : tensor<3x50x130xf32>
}

// With products, a tile has as many rows as accumulators; heads are the outer
// loop although they are not the first dimension of the result.
// CHECK-LABEL: @attention
// CHECK: scf.for %[[H:.*]] = %c0 to %c4 step %c1
// CHECK: scf.for %[[M:.*]] = %c0 to %c72 step %c12
// CHECK: tensor.extract_slice %arg0[%[[M]], %[[H]], 0] [12, 1, 16]
// CHECK: tensor.extract_slice %arg1[%[[H]], 0, 0] [1, 16, 72]
// CHECK: math.exp
// CHECK: tensor.extract_slice %arg2[0, %[[H]], 0] [72, 1, 16]
// CHECK: tensor.insert_slice {{.*}}[%[[M]], %[[H]], 0] [12, 1, 16]
func.func private @attention(%q: tensor<72x4x16xf32>, %k: tensor<4x16x72xf32>, %v: tensor<72x4x16xf32>) -> tensor<72x4x16xf32> attributes {plan.kernel = {}} {
  %qh = cameo.transpose %q {permutation = array<i64: 1, 0, 2>} : (tensor<72x4x16xf32>) -> tensor<4x72x16xf32>
  %vh = cameo.transpose %v {permutation = array<i64: 1, 0, 2>} : (tensor<72x4x16xf32>) -> tensor<4x72x16xf32>
  %0 = cameo.matmul %qh, %k : (tensor<4x72x16xf32>, tensor<4x16x72xf32>) -> tensor<4x72x72xf32>
  %1 = cameo.softmax %0 {axis = 2 : i64} : (tensor<4x72x72xf32>) -> tensor<4x72x72xf32>
  %2 = cameo.matmul %1, %vh : (tensor<4x72x72xf32>, tensor<4x72x16xf32>) -> tensor<4x72x16xf32>
  %3 = cameo.transpose %2 {permutation = array<i64: 1, 0, 2>} : (tensor<4x72x16xf32>) -> tensor<72x4x16xf32>
  return %3 : tensor<72x4x16xf32>
}

// A product and its epilogue share registers already.
// CHECK-LABEL: @epilogue
// CHECK-NOT: scf.for
func.func private @epilogue(%x: tensor<64x64xf32>, %w: tensor<64x64xf32>) -> tensor<64x64xf32> attributes {plan.kernel = {}} {
  %0 = cameo.matmul %x, %w : (tensor<64x64xf32>, tensor<64x64xf32>) -> tensor<64x64xf32>
  %1 = cameo.relu %0 : (tensor<64x64xf32>) -> tensor<64x64xf32>
  return %1 : tensor<64x64xf32>
}

// Small data is in cache anyway, and so is a row that is all there is.
// CHECK-LABEL: @small
// CHECK-NOT: scf.for
func.func private @small(%x: tensor<4x16xf32>) -> tensor<4x16xf32> attributes {plan.kernel = {}} {
  %0 = cameo.softmax %x {axis = 1 : i64} : (tensor<4x16xf32>) -> tensor<4x16xf32>
  return %0 : tensor<4x16xf32>
}

// CHECK-LABEL: @whole
// CHECK-NOT: scf.for
func.func private @whole(%x: tensor<100x100xf32>, %s: tensor<100x100xf32>) -> tensor<100x100xf32> attributes {plan.kernel = {}} {
  %0 = cameo.layer_norm %x, %s {axis = 0 : i64} : (tensor<100x100xf32>, tensor<100x100xf32>) -> tensor<100x100xf32>
  return %0 : tensor<100x100xf32>
}
