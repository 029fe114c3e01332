// RUN: cameo-opt %s -canonicalize | FileCheck %s

// CHECK-LABEL: @identities
// CHECK-SAME: (%[[X:[a-z0-9]+]]: tensor<2x3xf32>
func.func @identities(%x: tensor<2x3xf32>, %value: tensor<f32>) -> tensor<2x3xf32> {
  %0 = cameo.transpose %x {permutation = array<i64: 0, 1>} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %1 = cameo.slice %0 {extents = array<i64: 2, 3>, starts = array<i64: 0, 0>, steps = array<i64: 1, 1>} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %2 = cameo.concat %1 {axis = 0 : i64} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %3 = cameo.expand %2 {shape = array<i64: 2, 3>} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %4 = cameo.pad %3, %value {pads = array<i64: 0, 0, 0, 0>} : (tensor<2x3xf32>, tensor<f32>) -> tensor<2x3xf32>
  %5 = cameo.pad_wrap %4 {pads = array<i64: 0, 0, 0, 0>} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK-NEXT: return %[[X]]
  return %5 : tensor<2x3xf32>
}

// CHECK-LABEL: @reversal_is_no_identity
func.func @reversal_is_no_identity(%x: tensor<3xf32>) -> tensor<3xf32> {
  // CHECK: cameo.slice
  %0 = cameo.slice %x {extents = array<i64: 3>, starts = array<i64: 2>, steps = array<i64: -1>} : (tensor<3xf32>) -> tensor<3xf32>
  return %0 : tensor<3xf32>
}

// CHECK-LABEL: @transpose_of_transpose
// CHECK-SAME: (%[[X:[a-z0-9]+]]: tensor<2x3x4xf32>
func.func @transpose_of_transpose(%x: tensor<2x3x4xf32>) -> (tensor<2x3x4xf32>, tensor<3x4x2xf32>) {
  %0 = cameo.transpose %x {permutation = array<i64: 2, 0, 1>} : (tensor<2x3x4xf32>) -> tensor<4x2x3xf32>
  %1 = cameo.transpose %0 {permutation = array<i64: 1, 2, 0>} : (tensor<4x2x3xf32>) -> tensor<2x3x4xf32>
  // CHECK-NEXT: %[[Y:.*]] = cameo.transpose %[[X]] {permutation = array<i64: 1, 2, 0>}
  %2 = cameo.transpose %0 {permutation = array<i64: 2, 0, 1>} : (tensor<4x2x3xf32>) -> tensor<3x4x2xf32>
  // CHECK-NEXT: return %[[X]], %[[Y]]
  return %1, %2 : tensor<2x3x4xf32>, tensor<3x4x2xf32>
}

// CHECK-LABEL: @transpose_of_unit_dimensions
func.func @transpose_of_unit_dimensions(%x: tensor<1x3x1x4xf32>) -> tensor<3x1x4x1xf32> {
  // CHECK: cameo.reshape %{{.*}} {shape = array<i64: 3, 1, 4, 1>}
  %0 = cameo.transpose %x {permutation = array<i64: 1, 0, 3, 2>} : (tensor<1x3x1x4xf32>) -> tensor<3x1x4x1xf32>
  return %0 : tensor<3x1x4x1xf32>
}

// CHECK-LABEL: @slice_of_slice
func.func @slice_of_slice(%x: tensor<10xf32>) -> tensor<2xf32> {
  %0 = cameo.slice %x {extents = array<i64: 4>, starts = array<i64: 9>, steps = array<i64: -2>} : (tensor<10xf32>) -> tensor<4xf32>
  // CHECK: cameo.slice %{{.*}} {extents = array<i64: 2>, starts = array<i64: 7>, steps = array<i64: -4>}
  %1 = cameo.slice %0 {extents = array<i64: 2>, starts = array<i64: 1>, steps = array<i64: 2>} : (tensor<4xf32>) -> tensor<2xf32>
  return %1 : tensor<2xf32>
}

// CHECK-LABEL: @concat_of_concat
// CHECK-SAME: (%[[X:.*]]: tensor<2xf32>, %[[Y:.*]]: tensor<3xf32>, %[[Z:.*]]: tensor<0xf32>)
func.func @concat_of_concat(%x: tensor<2xf32>, %y: tensor<3xf32>, %z: tensor<0xf32>) -> tensor<7xf32> {
  %0 = cameo.concat %y, %x {axis = 0 : i64} : (tensor<3xf32>, tensor<2xf32>) -> tensor<5xf32>
  // CHECK: cameo.concat %[[X]], %[[Y]], %[[X]] {axis = 0 : i64}
  %1 = cameo.concat %x, %z, %0 {axis = 0 : i64} : (tensor<2xf32>, tensor<0xf32>, tensor<5xf32>) -> tensor<7xf32>
  return %1 : tensor<7xf32>
}

// CHECK-LABEL: @expand_before_elementwise
// CHECK-SAME: (%[[X:[a-z0-9]+]]: tensor<3x1xf32>, %[[Y:[a-z0-9]+]]: tensor<2x3x4xf32>)
func.func @expand_before_elementwise(%x: tensor<3x1xf32>, %y: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
  %0 = cameo.expand %x {shape = array<i64: 3, 4>} : (tensor<3x1xf32>) -> tensor<3x4xf32>
  %1 = cameo.expand %0 {shape = array<i64: 2, 3, 4>} : (tensor<3x4xf32>) -> tensor<2x3x4xf32>
  // CHECK-NEXT: cameo.sub %[[Y]], %[[X]]
  %2 = cameo.sub %y, %1 : (tensor<2x3x4xf32>, tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
  return %2 : tensor<2x3x4xf32>
}

// The result would shrink.
// CHECK-LABEL: @expand_that_shapes_result
func.func @expand_that_shapes_result(%x: tensor<1xf32>, %slope: tensor<3xf32>) -> (tensor<3xf32>, tensor<3xf32>) {
  // CHECK: %[[X:.*]] = cameo.expand
  %0 = cameo.expand %x {shape = array<i64: 3>} : (tensor<1xf32>) -> tensor<3xf32>
  // CHECK: cameo.relu %[[X]]
  %1 = cameo.relu %0 : (tensor<3xf32>) -> tensor<3xf32>
  // CHECK: cameo.prelu %[[X]]
  %2 = cameo.prelu %0, %slope : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  return %1, %2 : tensor<3xf32>, tensor<3xf32>
}

// CHECK-LABEL: @constants
func.func @constants() -> (tensor<2x2xi64>, tensor<3xi64>, tensor<5xi64>, tensor<6xi64>, tensor<4096xf32>) {
  %x = cameo.constant dense<[[1, 2], [3, 4]]> : tensor<2x2xi64>
  %y = cameo.constant dense<[5, 6, 7]> : tensor<3xi64>
  %one = cameo.constant dense<1> : tensor<i64>
  %f = cameo.constant dense<2.0> : tensor<1xf32>
  // CHECK-DAG: %[[T:.*]] = cameo.constant dense<{{\[\[}}1, 3], [2, 4]]>
  %0 = cameo.transpose %x {permutation = array<i64: 1, 0>} : (tensor<2x2xi64>) -> tensor<2x2xi64>
  // CHECK-DAG: %[[R:.*]] = cameo.constant dense<[7, 6, 5]>
  %1 = cameo.slice %y {extents = array<i64: 3>, starts = array<i64: 2>, steps = array<i64: -1>} : (tensor<3xi64>) -> tensor<3xi64>
  // CHECK-DAG: %[[P:.*]] = cameo.constant dense<[1, 5, 6, 7, 1]>
  %2 = cameo.pad %y, %one {pads = array<i64: 1, 1>} : (tensor<3xi64>, tensor<i64>) -> tensor<5xi64>
  // CHECK-DAG: %[[C:.*]] = cameo.constant dense<[5, 6, 7, 7, 6, 5]>
  %3 = cameo.concat %y, %1 {axis = 0 : i64} : (tensor<3xi64>, tensor<3xi64>) -> tensor<6xi64>
  // CHECK-DAG: %[[E:.*]] = cameo.constant dense<2.000000e+00> : tensor<4096xf32>
  %4 = cameo.expand %f {shape = array<i64: 4096>} : (tensor<1xf32>) -> tensor<4096xf32>
  // CHECK: return %[[T]], %[[R]], %[[P]], %[[C]], %[[E]]
  return %0, %1, %2, %3, %4 : tensor<2x2xi64>, tensor<3xi64>, tensor<5xi64>, tensor<6xi64>, tensor<4096xf32>
}

// CHECK-LABEL: @padded_constants
func.func @padded_constants() -> (tensor<6xi64>, tensor<8xi64>, tensor<7xi64>) {
  %x = cameo.constant dense<[1, 2, 3]> : tensor<3xi64>
  // CHECK-DAG: dense<[1, 1, 2, 3, 3, 3]>
  %0 = cameo.pad_edge %x {pads = array<i64: 1, 2>} : (tensor<3xi64>) -> tensor<6xi64>
  // CHECK-DAG: dense<[2, 3, 2, 1, 2, 3, 2, 1]>
  %1 = cameo.pad_reflect %x {pads = array<i64: 3, 2>} : (tensor<3xi64>) -> tensor<8xi64>
  // CHECK-DAG: dense<[3, 1, 2, 3, 1, 2, 3]>
  %2 = cameo.pad_wrap %x {pads = array<i64: 1, 3>} : (tensor<3xi64>) -> tensor<7xi64>
  return %0, %1, %2 : tensor<6xi64>, tensor<8xi64>, tensor<7xi64>
}

// Two shuffles with what is between them: only what is used moves, and once.
// CHECK-LABEL: @shuffles
// CHECK-SAME: (%[[X:[a-z0-9]+]]: tensor<1x2x5xf32>, %[[Y:[a-z0-9]+]]: tensor<1x2x5xf32>
// CHECK-NEXT: %[[RIGHT:.*]] = cameo.take_channels %[[X]], %[[Y]] {channels = array<i64: 1, 3>}
// CHECK-NEXT: %[[NEW:.*]] = cameo.relu %[[RIGHT]]
// CHECK-NEXT: %[[ALL:.*]] = cameo.take_channels %[[X]], %[[NEW]], %[[Y]] {channels = array<i64: 0, 2, 4, 3>}
// CHECK-NEXT: return %[[ALL]]
func.func @shuffles(%x: tensor<1x2x5xf32>, %y: tensor<1x2x5xf32>) -> tensor<1x4x5xf32> {
  %0 = cameo.concat %x, %y {axis = 1 : i64} : (tensor<1x2x5xf32>, tensor<1x2x5xf32>) -> tensor<1x4x5xf32>
  %1 = cameo.reshape %0 {shape = array<i64: 1, 2, 2, 5>} : (tensor<1x4x5xf32>) -> tensor<1x2x2x5xf32>
  %2 = cameo.transpose %1 {permutation = array<i64: 0, 2, 1, 3>} : (tensor<1x2x2x5xf32>) -> tensor<1x2x2x5xf32>
  %3 = cameo.reshape %2 {shape = array<i64: 1, 4, 5>} : (tensor<1x2x2x5xf32>) -> tensor<1x4x5xf32>
  %4 = cameo.slice %3 {extents = array<i64: 1, 2, 5>, starts = array<i64: 0, 0, 0>, steps = array<i64: 1, 1, 1>} : (tensor<1x4x5xf32>) -> tensor<1x2x5xf32>
  %5 = cameo.slice %3 {extents = array<i64: 1, 2, 5>, starts = array<i64: 0, 2, 0>, steps = array<i64: 1, 1, 1>} : (tensor<1x4x5xf32>) -> tensor<1x2x5xf32>
  %6 = cameo.relu %5 : (tensor<1x2x5xf32>) -> tensor<1x2x5xf32>
  %7 = cameo.concat %4, %6 {axis = 1 : i64} : (tensor<1x2x5xf32>, tensor<1x2x5xf32>) -> tensor<1x4x5xf32>
  %8 = cameo.reshape %7 {shape = array<i64: 1, 2, 2, 5>} : (tensor<1x4x5xf32>) -> tensor<1x2x2x5xf32>
  %9 = cameo.transpose %8 {permutation = array<i64: 0, 2, 1, 3>} : (tensor<1x2x2x5xf32>) -> tensor<1x2x2x5xf32>
  %10 = cameo.reshape %9 {shape = array<i64: 1, 4, 5>} : (tensor<1x2x2x5xf32>) -> tensor<1x4x5xf32>
  return %10 : tensor<1x4x5xf32>
}
