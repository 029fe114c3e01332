// RUN: cameo-opt %s | cameo-opt | FileCheck %s

// CHECK-LABEL: @conv_bias
func.func @conv_bias(%x: tensor<1x3x8x8xf32>, %w: tensor<16x3x3x3xf32>, %b: tensor<16xf32>) -> tensor<1x16x4x4xf32> {
  // CHECK: cameo.conv %{{.*}}, %{{.*}} bias(%{{.*}}) {dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 2, 2>} : (tensor<1x3x8x8xf32>, tensor<16x3x3x3xf32>, tensor<16xf32>) -> tensor<1x16x4x4xf32>
  %0 = cameo.conv %x, %w bias(%b) {dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 2, 2>} : (tensor<1x3x8x8xf32>, tensor<16x3x3x3xf32>, tensor<16xf32>) -> tensor<1x16x4x4xf32>
  return %0 : tensor<1x16x4x4xf32>
}

// CHECK-LABEL: @conv_grouped_1d
func.func @conv_grouped_1d(%x: tensor<2x4x9xf16>, %w: tensor<6x2x3xf16>) -> tensor<2x6x5xf16> {
  // CHECK: cameo.conv %{{.*}}, %{{.*}} {dilations = array<i64: 2>, groups = 2 : i64, pads = array<i64: 0, 0>, strides = array<i64: 1>} : (tensor<2x4x9xf16>, tensor<6x2x3xf16>) -> tensor<2x6x5xf16>
  %0 = cameo.conv %x, %w {dilations = array<i64: 2>, groups = 2 : i64, pads = array<i64: 0, 0>, strides = array<i64: 1>} : (tensor<2x4x9xf16>, tensor<6x2x3xf16>) -> tensor<2x6x5xf16>
  return %0 : tensor<2x6x5xf16>
}

// CHECK-LABEL: @conv_transpose
func.func @conv_transpose(%x: tensor<1x4x8xf32>, %w: tensor<4x6x2xf32>) -> tensor<1x6x17xf32> {
  // CHECK: cameo.conv_transpose %{{.*}}, %{{.*}} {dilations = array<i64: 1>, output_padding = array<i64: 1>, pads = array<i64: 0, 0>, strides = array<i64: 2>} : (tensor<1x4x8xf32>, tensor<4x6x2xf32>) -> tensor<1x6x17xf32>
  %0 = cameo.conv_transpose %x, %w {dilations = array<i64: 1>, output_padding = array<i64: 1>, pads = array<i64: 0, 0>, strides = array<i64: 2>} : (tensor<1x4x8xf32>, tensor<4x6x2xf32>) -> tensor<1x6x17xf32>
  return %0 : tensor<1x6x17xf32>
}

// CHECK-LABEL: @matmul_transposed
func.func @matmul_transposed(%a: tensor<4x2xf32>, %b: tensor<3x4xf32>) -> tensor<2x3xf32> {
  // CHECK: cameo.matmul %{{.*}}, %{{.*}} {transpose_a, transpose_b} : (tensor<4x2xf32>, tensor<3x4xf32>) -> tensor<2x3xf32>
  %0 = cameo.matmul %a, %b {transpose_a, transpose_b} : (tensor<4x2xf32>, tensor<3x4xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}
