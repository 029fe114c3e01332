// RUN: cameo-opt %s | cameo-opt | FileCheck %s

// CHECK-LABEL: @ceil_mode_adds_a_window
func.func @ceil_mode_adds_a_window(%x: tensor<1x2x6xui8>) -> tensor<1x2x3xui8> {
  // CHECK: cameo.max_pool %{{.*}} {ceil_mode, dilations = array<i64: 1>, kernel = array<i64: 3>, pads = array<i64: 0, 0>, strides = array<i64: 2>} : (tensor<1x2x6xui8>) -> tensor<1x2x3xui8>
  %0 = cameo.max_pool %x {ceil_mode, dilations = array<i64: 1>, kernel = array<i64: 3>, pads = array<i64: 0, 0>, strides = array<i64: 2>} : (tensor<1x2x6xui8>) -> tensor<1x2x3xui8>
  return %0 : tensor<1x2x3xui8>
}

// The third window would start in the padding.
// CHECK-LABEL: @ceil_mode_drops_window_of_padding
func.func @ceil_mode_drops_window_of_padding(%x: tensor<1x1x2x2xf32>) -> tensor<1x1x1x1xf32> {
  // CHECK: -> tensor<1x1x1x1xf32>
  %0 = cameo.avg_pool %x {ceil_mode, count_include_pad, dilations = array<i64: 1, 1>, kernel = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 2, 2>} : (tensor<1x1x2x2xf32>) -> tensor<1x1x1x1xf32>
  return %0 : tensor<1x1x1x1xf32>
}

// CHECK-LABEL: @lp_pool
func.func @lp_pool(%x: tensor<1x2x6xf32>) -> tensor<1x2x4xf32> {
  // CHECK: cameo.lp_pool %{{.*}} {{.*}}p = 3 : i64
  %0 = cameo.lp_pool %x {dilations = array<i64: 1>, kernel = array<i64: 3>, p = 3 : i64, pads = array<i64: 0, 0>, strides = array<i64: 1>} : (tensor<1x2x6xf32>) -> tensor<1x2x4xf32>
  return %0 : tensor<1x2x4xf32>
}

// CHECK-LABEL: @max_pool_indices
func.func @max_pool_indices(%x: tensor<1x2x6xf32>) -> tensor<1x2x3xi64> {
  // CHECK: cameo.max_pool_indices %{{.*}} : (tensor<1x2x6xf32>) -> (tensor<1x2x3xf32>, tensor<1x2x3xi64>)
  %0, %1 = cameo.max_pool_indices %x {dilations = array<i64: 1>, kernel = array<i64: 2>, pads = array<i64: 0, 0>, strides = array<i64: 2>} : (tensor<1x2x6xf32>) -> (tensor<1x2x3xf32>, tensor<1x2x3xi64>)
  return %1 : tensor<1x2x3xi64>
}
