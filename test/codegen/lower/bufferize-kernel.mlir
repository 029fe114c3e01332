// RUN: cameo-opt %s -lower-to-linalg -fuse-linalg -canonicalize -bufferize-kernel -canonicalize | FileCheck %s

// The result is a further argument, written in place: nothing is copied.
// CHECK-LABEL: @relu(
// CHECK-SAME: %[[X:.*]]: memref<4xf32> {plan.in_place = 1 : i64}, %[[R:.*]]: memref<4xf32>)
// CHECK-NOT: memref.copy
// CHECK: linalg.generic {{.*}} ins(%[[X]] : memref<4xf32>) outs(%[[R]] : memref<4xf32>)
// CHECK-NOT: memref.copy
// CHECK: return
func.func private @relu(%x: tensor<4xf32>) -> tensor<4xf32> attributes {plan.kernel = {}} {
  %0 = cameo.relu %x : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// What stands between operations becomes scratch, marked after the results.
// CHECK-LABEL: @softmax(
// CHECK-SAME: %{{[^,]*}}: memref<4x8xf32>, %[[R:.*]]: memref<4x8xf32>, %{{.*}}: memref<4xf32> {plan.scratch}
// CHECK-NOT: memref.alloc
// CHECK: return
func.func private @softmax(%x: tensor<4x8xf32>) -> tensor<4x8xf32> attributes {plan.kernel = {}} {
  %0 = cameo.softmax %x {axis = 1 : i64} : (tensor<4x8xf32>) -> tensor<4x8xf32>
  return %0 : tensor<4x8xf32>
}

// A reshaped result is computed through a view of its buffer.
// CHECK-LABEL: @kept(
// CHECK-SAME: %[[X:.*]]: memref<4x8xf32>, %[[R:.*]]: memref<4x1xf32>)
// CHECK: %[[V:.*]] = memref.collapse_shape %[[R]]
// CHECK: linalg.generic {{.*}} outs(%[[V]] : memref<4xf32>)
// CHECK-NOT: memref.copy
func.func private @kept(%x: tensor<4x8xf32>) -> tensor<4x1xf32> attributes {plan.kernel = {}} {
  %0 = cameo.reduce_sum %x {axes = array<i64: 1>} : (tensor<4x8xf32>) -> tensor<4x1xf32>
  return %0 : tensor<4x1xf32>
}

// Tables become arguments that the plan fills from the weights.
// CHECK-LABEL: @table(
// CHECK-SAME: %{{[^,]*}}: memref<2xf32>{{.*}}, %[[R:.*]]: memref<2xf32>, %[[T:.*]]: memref<2xf32> {plan.constant = dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32>})
// CHECK: linalg.generic {{.*}} ins(%{{.*}}, %[[T]]
func.func private @table(%x: tensor<2xf32>) -> tensor<2xf32> attributes {plan.kernel = {}} {
  %c = cameo.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %0 = cameo.add %x, %c : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// CHECK-LABEL: @host(
// CHECK-SAME: tensor<8xf32>
func.func @host(%x: tensor<8xf32>) -> tensor<8xf32> {
  return %x : tensor<8xf32>
}

// What is updated is the result's buffer: the rest of it is neither read nor
// copied.
// CHECK-LABEL: @append(
// CHECK-SAME: %[[PAST:[^:]*]]: memref<2x4xf32> {plan.in_place = 4 : i64, plan.updated = 0 : i64}, %[[X:[^:]*]]: memref<2x1xf32>, %{{.*}}: memref<i64>, %{{.*}}: memref<i64>, %[[R:[^:]*]]: memref<2x4xf32>)
// CHECK-NOT: memref.copy
// CHECK-NOT: %[[PAST]]
// CHECK: memref.store %{{.*}}, %[[R]][
// CHECK-NOT: memref.copy
// CHECK: return
func.func private @append(%past: tensor<2x4xf32> {plan.updated = 0 : i64}, %x: tensor<2x1xf32>, %p: tensor<i64>, %e: tensor<i64>)
    -> tensor<2x4xf32> attributes {plan.kernel = {}} {
  %0 = cameo.append %past, %x, %p, %e {axis = 1 : i64} : (tensor<2x4xf32>, tensor<2x1xf32>, tensor<i64>, tensor<i64>) -> tensor<2x4xf32>
  return %0 : tensor<2x4xf32>
}
