// RUN: cameo-opt %s -lower-to-linalg -fuse-linalg -mlir-print-local-scope | FileCheck %s

// One operation for a chain; the result may overwrite the argument that is read
// where it is written, not the one that is broadcast.
// CHECK-LABEL: @chain
// CHECK-SAME: %[[X:.*]]: tensor<4x8xf32> {plan.in_place = 2 : i64}, %[[B:.*]]: tensor<8xf32>)
// CHECK-COUNT-1: linalg.generic
// CHECK-SAME: ins(%[[X]], %[[B]]
// CHECK: arith.addf
// CHECK: arith.cmpf olt
// CHECK-NOT: linalg.generic
func.func private @chain(%x: tensor<4x8xf32>, %b: tensor<8xf32>) -> tensor<4x8xf32> attributes {plan.kernel = {}} {
  %0 = cameo.add %x, %b : (tensor<4x8xf32>, tensor<8xf32>) -> tensor<4x8xf32>
  %1 = cameo.relu %0 : (tensor<4x8xf32>) -> tensor<4x8xf32>
  return %1 : tensor<4x8xf32>
}

// An element of another size does not fit in place.
// CHECK-LABEL: @narrower
// CHECK-NOT: plan.in_place
func.func private @narrower(%x: tensor<8xf32>) -> tensor<8xi64> attributes {plan.kernel = {}} {
  %0 = cameo.cast %x {to = i64} : (tensor<8xf32>) -> tensor<8xi64>
  return %0 : tensor<8xi64>
}

// A reduction reads what it would overwrite, and so does a second operation.
// CHECK-LABEL: @reduced
// CHECK-NOT: plan.in_place
func.func private @reduced(%x: tensor<4x4xf32>) -> tensor<4x1xf32> attributes {plan.kernel = {}} {
  %0 = cameo.reduce_sum %x {axes = array<i64: 1>} : (tensor<4x4xf32>) -> tensor<4x1xf32>
  return %0 : tensor<4x1xf32>
}

// CHECK-LABEL: @softmax
// CHECK-NOT: plan.in_place
func.func private @softmax(%x: tensor<4x4xf32>) -> tensor<4x4xf32> attributes {plan.kernel = {}} {
  %0 = cameo.softmax %x {axis = 1 : i64} : (tensor<4x4xf32>) -> tensor<4x4xf32>
  return %0 : tensor<4x4xf32>
}

// What follows a root is written over its result.
// CHECK-LABEL: @epilogue
// CHECK: %[[P:.*]] = linalg.{{.*}} ins(%{{.*}} : tensor<4x8xf32>, tensor<8x4xf32>)
// CHECK: linalg.generic {{.*}} outs(%[[P]] : tensor<4x4xf32>)
// CHECK: arith.cmpf olt
func.func private @epilogue(%x: tensor<4x8xf32>, %w: tensor<8x4xf32>) -> tensor<4x4xf32> attributes {plan.kernel = {}} {
  %0 = cameo.matmul %x, %w : (tensor<4x8xf32>, tensor<8x4xf32>) -> tensor<4x4xf32>
  %1 = cameo.relu %0 : (tensor<4x4xf32>) -> tensor<4x4xf32>
  return %1 : tensor<4x4xf32>
}

// Functions that are no kernels are left alone.
// CHECK-LABEL: @host
// CHECK: cameo.relu
func.func @host(%x: tensor<8xf32>) -> tensor<8xf32> {
  %0 = cameo.relu %x : (tensor<8xf32>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

// What is one per row is not computed for every element, and nothing is computed
// for two users.
// CHECK-LABEL: @rows
// CHECK-COUNT-1: math.exp
// CHECK-COUNT-1: arith.divf
// CHECK-NOT: math.exp
// CHECK-NOT: arith.divf
// CHECK: return
func.func private @rows(%x: tensor<4x16xf32>) -> tensor<4x16xf32> attributes {plan.kernel = {}} {
  %0 = cameo.softmax %x {axis = 1 : i64} : (tensor<4x16xf32>) -> tensor<4x16xf32>
  return %0 : tensor<4x16xf32>
}

// A factor per row leaves the sum, and a transposition becomes an index map.
// CHECK-LABEL: @scaled
// CHECK-SAME: (%[[X:.*]]: tensor<2x4x8xf32>, %[[S:.*]]: tensor<2x4x1xf32>, %[[W:.*]]: tensor<2x8x3xf32>)
// CHECK: linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d1, d3)>, affine_map<(d0, d1, d2, d3) -> (d0, d3, d2)>, affine_map<(d0, d1, d2, d3) -> (d1, d0, d2)>]
// CHECK-SAME: ins(%[[X]], %[[W]] :
// CHECK: linalg.generic {{.*}} iterator_types = ["parallel", "parallel", "parallel"]
// CHECK: arith.mulf
// CHECK-NOT: linalg.generic
func.func private @scaled(%x: tensor<2x4x8xf32>, %s: tensor<2x4x1xf32>, %w: tensor<2x8x3xf32>) -> tensor<4x2x3xf32> attributes {plan.kernel = {}} {
  %0 = cameo.mul %x, %s : (tensor<2x4x8xf32>, tensor<2x4x1xf32>) -> tensor<2x4x8xf32>
  %1 = cameo.matmul %0, %w : (tensor<2x4x8xf32>, tensor<2x8x3xf32>) -> tensor<2x4x3xf32>
  %2 = cameo.transpose %1 {permutation = array<i64: 1, 0, 2>} : (tensor<2x4x3xf32>) -> tensor<4x2x3xf32>
  return %2 : tensor<4x2x3xf32>
}

// Rows that are rotated by halves and transposed: one loop nest.
// CHECK-LABEL: @rotated
// CHECK-COUNT-1: linalg.generic
// CHECK-NOT: linalg.generic
// CHECK: tensor.collapse_shape %{{.*}} into tensor<2x7x4xf32>
func.func private @rotated(%x: tensor<7x2x4xf32>, %t: tensor<7x1x4xf32>) -> tensor<2x7x4xf32> attributes {plan.kernel = {}} {
  %0 = cameo.rotary_embedding %x, %t, %t : (tensor<7x2x4xf32>, tensor<7x1x4xf32>, tensor<7x1x4xf32>) -> tensor<7x2x4xf32>
  %1 = cameo.transpose %0 {permutation = array<i64: 1, 0, 2>} : (tensor<7x2x4xf32>) -> tensor<2x7x4xf32>
  return %1 : tensor<2x7x4xf32>
}
