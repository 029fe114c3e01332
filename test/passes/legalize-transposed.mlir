// RUN: cameo-opt %s -legalize | FileCheck %s

// Windows that do not overlap: all phases read one pixel, so one convolution
// computes them; what follows does before they are put next to each other.
// CHECK-LABEL: @alike
// CHECK-SAME: %[[X:[a-z0-9]*]]: tensor<1x3x4x5xf32>
// CHECK: %[[Y:.*]] = cameo.conv %[[X]], %{{.*}} bias(%{{.*}}) {{.*}} : (tensor<1x3x4x5xf32>, tensor<8x3x1x1xf32>, tensor<8xf32>) -> tensor<1x8x4x5xf32>
// CHECK-NEXT: %[[R:.*]] = cameo.relu %[[Y]]
// CHECK-NEXT: %[[S:.*]] = cameo.reshape %[[R]] {shape = array<i64: 1, 2, 2, 2, 4, 5>}
// CHECK-NEXT: %[[T:.*]] = cameo.transpose %[[S]] {permutation = array<i64: 0, 3, 4, 1, 5, 2>}
// CHECK-NEXT: %[[Z:.*]] = cameo.reshape %[[T]] {shape = array<i64: 1, 2, 8, 10>}
// CHECK-NEXT: return %[[Z]]
func.func @alike(%x: tensor<1x3x4x5xf32>) -> tensor<1x2x8x10xf32> {
  %w = cameo.constant dense_resource<a> : tensor<3x2x2x2xf32>
  %b = cameo.constant dense_resource<b> : tensor<2xf32>
  %0 = cameo.conv_transpose %x, %w bias(%b) {dilations = array<i64: 1, 1>, output_padding = array<i64: 0, 0>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 2, 2>} : (tensor<1x3x4x5xf32>, tensor<3x2x2x2xf32>, tensor<2xf32>) -> tensor<1x2x8x10xf32>
  %1 = cameo.relu %0 : (tensor<1x2x8x10xf32>) -> tensor<1x2x8x10xf32>
  return %1 : tensor<1x2x8x10xf32>
}

// Two phases of three taps, one of them with two: results 2m sum x[m] w[1], and
// 2m + 1 sum x[m + 1] w[0] + x[m] w[2].
// CHECK-LABEL: @unlike
// CHECK-SAME: %[[X:[a-z0-9]*]]: tensor<1x3x4xf32>
// CHECK-DAG: cameo.slice %{{.*}} {extents = array<i64: 3, 2, 1>, starts = array<i64: 0, 0, 1>, steps = array<i64: 1, 1, -2>}
// CHECK-DAG: cameo.slice %{{.*}} {extents = array<i64: 3, 2, 2>, starts = array<i64: 0, 0, 2>, steps = array<i64: 1, 1, -2>}
// CHECK-DAG: %[[A:.*]] = cameo.conv %[[X]], %{{.*}} {dilations = array<i64: 1>, pads = array<i64: 0, 0>, strides = array<i64: 1>} : (tensor<1x3x4xf32>, tensor<2x3x1xf32>) -> tensor<1x2x4xf32>
// CHECK-DAG: %[[B:.*]] = cameo.conv %[[X]], %{{.*}} {dilations = array<i64: 1>, pads = array<i64: 0, 1>, strides = array<i64: 1>} : (tensor<1x3x4xf32>, tensor<2x3x2xf32>) -> tensor<1x2x4xf32>
// CHECK: cameo.concat %[[A]], %[[B]] {axis = 1 : i64}
func.func @unlike(%x: tensor<1x3x4xf32>) -> tensor<1x2x8xf32> {
  %w = cameo.constant dense_resource<c> : tensor<3x2x3xf32>
  %0 = cameo.conv_transpose %x, %w {dilations = array<i64: 1>, output_padding = array<i64: 1>, pads = array<i64: 1, 1>, strides = array<i64: 2>} : (tensor<1x3x4xf32>, tensor<3x2x3xf32>) -> tensor<1x2x8xf32>
  return %0 : tensor<1x2x8xf32>
}

// Filters with holes, filters that are computed, and fewer taps than steps.
// CHECK-LABEL: @kept
// CHECK-COUNT-3: cameo.conv_transpose
func.func @kept(%x: tensor<1x3x4xf32>, %v: tensor<3x2x3xf32>) -> (tensor<1x2x11xf32>, tensor<1x2x9xf32>, tensor<1x2x7xf32>) {
  %w = cameo.constant dense_resource<c> : tensor<3x2x3xf32>
  %u = cameo.constant dense_resource<d> : tensor<3x2x1xf32>
  %0 = cameo.conv_transpose %x, %w {dilations = array<i64: 2>, output_padding = array<i64: 0>, pads = array<i64: 0, 0>, strides = array<i64: 2>} : (tensor<1x3x4xf32>, tensor<3x2x3xf32>) -> tensor<1x2x11xf32>
  %1 = cameo.conv_transpose %x, %v {dilations = array<i64: 1>, output_padding = array<i64: 0>, pads = array<i64: 0, 0>, strides = array<i64: 2>} : (tensor<1x3x4xf32>, tensor<3x2x3xf32>) -> tensor<1x2x9xf32>
  %2 = cameo.conv_transpose %x, %u {dilations = array<i64: 1>, output_padding = array<i64: 0>, pads = array<i64: 0, 0>, strides = array<i64: 2>} : (tensor<1x3x4xf32>, tensor<3x2x1xf32>) -> tensor<1x2x7xf32>
  return %0, %1, %2 : tensor<1x2x11xf32>, tensor<1x2x9xf32>, tensor<1x2x7xf32>
}

// Statistics of the only channel would be those of as many as there are phases:
// the normalisation stays behind them.
// CHECK-LABEL: @one_channel
// CHECK: %[[Y:.*]] = cameo.reshape {{.*}} -> tensor<1x1x8x8xf32>
// CHECK: cameo.batch_norm %[[Y]], %arg1, %arg1, %arg1, %arg1
func.func @one_channel(%x: tensor<1x3x4x4xf32>, %s: tensor<1xf32>) -> tensor<1x1x8x8xf32> {
  %w = cameo.constant dense_resource<e> : tensor<3x1x2x2xf32>
  %0 = cameo.conv_transpose %x, %w {dilations = array<i64: 1, 1>, output_padding = array<i64: 0, 0>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 2, 2>} : (tensor<1x3x4x4xf32>, tensor<3x1x2x2xf32>) -> tensor<1x1x8x8xf32>
  %1 = cameo.batch_norm %0, %s, %s, %s, %s {epsilon = 1.0e-05 : f32} : (tensor<1x1x8x8xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1x8x8xf32>
  return %1 : tensor<1x1x8x8xf32>
}
