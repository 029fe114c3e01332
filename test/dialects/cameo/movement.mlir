// RUN: cameo-opt %s | cameo-opt | FileCheck %s

// CHECK-LABEL: @transpose
func.func @transpose(%x: tensor<2x3x4xf32>) -> tensor<4x2x3xf32> {
  // CHECK: cameo.transpose %{{.*}} {permutation = array<i64: 2, 0, 1>} : (tensor<2x3x4xf32>) -> tensor<4x2x3xf32>
  %0 = cameo.transpose %x {permutation = array<i64: 2, 0, 1>} : (tensor<2x3x4xf32>) -> tensor<4x2x3xf32>
  return %0 : tensor<4x2x3xf32>
}

// Backwards from the last element to the second.
// CHECK-LABEL: @slice
func.func @slice(%x: tensor<2x4xui8>) -> tensor<2x2xui8> {
  // CHECK: cameo.slice %{{.*}} {extents = array<i64: 2, 2>, starts = array<i64: 0, 3>, steps = array<i64: 1, -2>} : (tensor<2x4xui8>) -> tensor<2x2xui8>
  %0 = cameo.slice %x {extents = array<i64: 2, 2>, starts = array<i64: 0, 3>, steps = array<i64: 1, -2>} : (tensor<2x4xui8>) -> tensor<2x2xui8>
  return %0 : tensor<2x2xui8>
}

// A slice of nothing may start anywhere.
// CHECK-LABEL: @empty_slice
func.func @empty_slice(%x: tensor<4xi1>) -> tensor<0xi1> {
  // CHECK: cameo.slice
  %0 = cameo.slice %x {extents = array<i64: 0>, starts = array<i64: 9>, steps = array<i64: 1>} : (tensor<4xi1>) -> tensor<0xi1>
  return %0 : tensor<0xi1>
}

// CHECK-LABEL: @concat
func.func @concat(%x: tensor<2x3xf16>, %y: tensor<2x0xf16>) -> tensor<2x6xf16> {
  // CHECK: cameo.concat %{{.*}}, %{{.*}}, %{{.*}} {axis = 1 : i64} : (tensor<2x3xf16>, tensor<2x0xf16>, tensor<2x3xf16>) -> tensor<2x6xf16>
  %0 = cameo.concat %x, %y, %x {axis = 1 : i64} : (tensor<2x3xf16>, tensor<2x0xf16>, tensor<2x3xf16>) -> tensor<2x6xf16>
  return %0 : tensor<2x6xf16>
}

// CHECK-LABEL: @expand
func.func @expand(%x: tensor<3x1xf32>) -> tensor<2x3x4xf32> {
  // CHECK: cameo.expand %{{.*}} {shape = array<i64: 2, 3, 4>} : (tensor<3x1xf32>) -> tensor<2x3x4xf32>
  %0 = cameo.expand %x {shape = array<i64: 2, 3, 4>} : (tensor<3x1xf32>) -> tensor<2x3x4xf32>
  return %0 : tensor<2x3x4xf32>
}

// CHECK-LABEL: @pads
func.func @pads(%x: tensor<2x3xf32>, %value: tensor<f32>) -> (tensor<2x6xf32>, tensor<2x6xf32>, tensor<2x6xf32>, tensor<2x6xf32>) {
  // CHECK: cameo.pad %{{.*}}, %{{.*}} {pads = array<i64: 0, 1, 0, 2>} : (tensor<2x3xf32>, tensor<f32>) -> tensor<2x6xf32>
  %0 = cameo.pad %x, %value {pads = array<i64: 0, 1, 0, 2>} : (tensor<2x3xf32>, tensor<f32>) -> tensor<2x6xf32>
  // CHECK: cameo.pad_edge %{{.*}} {pads = array<i64: 0, 1, 0, 2>} : (tensor<2x3xf32>) -> tensor<2x6xf32>
  %1 = cameo.pad_edge %x {pads = array<i64: 0, 1, 0, 2>} : (tensor<2x3xf32>) -> tensor<2x6xf32>
  // CHECK: cameo.pad_reflect
  %2 = cameo.pad_reflect %x {pads = array<i64: 0, 1, 0, 2>} : (tensor<2x3xf32>) -> tensor<2x6xf32>
  // CHECK: cameo.pad_wrap
  %3 = cameo.pad_wrap %x {pads = array<i64: 0, 1, 0, 2>} : (tensor<2x3xf32>) -> tensor<2x6xf32>
  return %0, %1, %2, %3 : tensor<2x6xf32>, tensor<2x6xf32>, tensor<2x6xf32>, tensor<2x6xf32>
}

// CHECK-LABEL: @take_channels
func.func @take_channels(%x: tensor<1x2x4xf32>, %y: tensor<1x1x4xf32>) -> tensor<1x3x4xf32> {
  // CHECK: cameo.take_channels %{{.*}}, %{{.*}} {channels = array<i64: 0, 2, 1>} : (tensor<1x2x4xf32>, tensor<1x1x4xf32>) -> tensor<1x3x4xf32>
  %0 = cameo.take_channels %x, %y {channels = array<i64: 0, 2, 1>} : (tensor<1x2x4xf32>, tensor<1x1x4xf32>) -> tensor<1x3x4xf32>
  return %0 : tensor<1x3x4xf32>
}
