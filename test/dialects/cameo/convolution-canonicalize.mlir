// RUN: cameo-opt %s -canonicalize | FileCheck %s

// With windows wider than the input, only the middle of the kernel meets it.
// CHECK-LABEL: @wide
// CHECK: %[[W:.*]] = cameo.slice %arg1 {extents = array<i64: 4, 2, 1, 3>, starts = array<i64: 0, 0, 1, 0>
// CHECK: cameo.conv %arg0, %[[W]] {dilations = array<i64: 1, 4>, pads = array<i64: 0, 4, 0, 4>, strides = array<i64: 1, 1>}
func.func @wide(%x: tensor<1x2x8x8xf32>, %w: tensor<4x2x3x3xf32>) -> tensor<1x4x8x8xf32> {
  %0 = cameo.conv %x, %w {dilations = array<i64: 8, 4>, pads = array<i64: 8, 4, 8, 4>, strides = array<i64: 1, 1>} : (tensor<1x2x8x8xf32>, tensor<4x2x3x3xf32>) -> tensor<1x4x8x8xf32>
  return %0 : tensor<1x4x8x8xf32>
}

// One side only.
// CHECK-LABEL: @side
// CHECK: %[[W:.*]] = cameo.slice %arg1 {extents = array<i64: 4, 2, 2>, starts = array<i64: 0, 0, 1>
// CHECK: cameo.conv %arg0, %[[W]] {dilations = array<i64: 3>, pads = array<i64: 0, 0>, strides = array<i64: 1>}
func.func @side(%x: tensor<1x2x4xf32>, %w: tensor<4x2x3xf32>) -> tensor<1x4x1xf32> {
  %0 = cameo.conv %x, %w {dilations = array<i64: 3>, pads = array<i64: 3, 0>, strides = array<i64: 1>} : (tensor<1x2x4xf32>, tensor<4x2x3xf32>) -> tensor<1x4x1xf32>
  return %0 : tensor<1x4x1xf32>
}

// Every element is used somewhere.
// CHECK-LABEL: @used
// CHECK-NOT: cameo.slice
func.func @used(%x: tensor<1x2x8xf32>, %w: tensor<4x2x3xf32>) -> tensor<1x4x8xf32> {
  %0 = cameo.conv %x, %w {dilations = array<i64: 1>, pads = array<i64: 1, 1>, strides = array<i64: 1>} : (tensor<1x2x8xf32>, tensor<4x2x3xf32>) -> tensor<1x4x8xf32>
  return %0 : tensor<1x4x8xf32>
}
