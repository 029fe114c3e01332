// RUN: cameo-opt %s | cameo-opt | FileCheck %s

// CHECK-LABEL: @reductions
func.func @reductions(%x: tensor<2x3x4xf32>) -> tensor<f32> {
  // CHECK: cameo.reduce_sum %{{.*}} {axes = array<i64: 1>, keepdims = false} : (tensor<2x3x4xf32>) -> tensor<2x4xf32>
  %0 = cameo.reduce_sum %x {axes = array<i64: 1>, keepdims = false} : (tensor<2x3x4xf32>) -> tensor<2x4xf32>
  // CHECK: cameo.reduce_mean %{{.*}} {axes = array<i64: 1>} : (tensor<2x4xf32>) -> tensor<2x1xf32>
  %1 = cameo.reduce_mean %0 {axes = array<i64: 1>} : (tensor<2x4xf32>) -> tensor<2x1xf32>
  // CHECK: cameo.reduce_log_sum_exp %{{.*}} {axes = array<i64: 0, 1>, keepdims = false} : (tensor<2x1xf32>) -> tensor<f32>
  %2 = cameo.reduce_log_sum_exp %1 {axes = array<i64: 0, 1>, keepdims = false} : (tensor<2x1xf32>) -> tensor<f32>
  // CHECK: cameo.reduce_max %{{.*}} {axes = array<i64>} : (tensor<f32>) -> tensor<f32>
  %3 = cameo.reduce_max %2 {axes = array<i64>} : (tensor<f32>) -> tensor<f32>
  return %3 : tensor<f32>
}

// CHECK-LABEL: @index_of_extreme
func.func @index_of_extreme(%x: tensor<2x3xui8>) -> (tensor<2xi64>, tensor<1x3xi64>) {
  // CHECK: cameo.arg_max %{{.*}} {axis = 1 : i64, keepdims = false, select_last} : (tensor<2x3xui8>) -> tensor<2xi64>
  %0 = cameo.arg_max %x {axis = 1 : i64, keepdims = false, select_last} : (tensor<2x3xui8>) -> tensor<2xi64>
  // CHECK: cameo.arg_min %{{.*}} {axis = 0 : i64} : (tensor<2x3xui8>) -> tensor<1x3xi64>
  %1 = cameo.arg_min %x {axis = 0 : i64} : (tensor<2x3xui8>) -> tensor<1x3xi64>
  return %0, %1 : tensor<2xi64>, tensor<1x3xi64>
}

// CHECK-LABEL: @running_product
func.func @running_product(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  // CHECK: cameo.cumprod %{{.*}} {axis = 0 : i64}
  %0 = cameo.cumprod %x {axis = 0 : i64} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// CHECK-LABEL: @running_sum
func.func @running_sum(%x: tensor<2x3xi32>) -> tensor<2x3xi32> {
  // CHECK: cameo.cumsum %{{.*}} {axis = 1 : i64, exclusive, reverse}
  %0 = cameo.cumsum %x {axis = 1 : i64, exclusive, reverse} : (tensor<2x3xi32>) -> tensor<2x3xi32>
  return %0 : tensor<2x3xi32>
}

// CHECK-LABEL: @kept_and_dropped
func.func @kept_and_dropped(%x: tensor<2x3x4xf32>) {
  // CHECK: cameo.reduce_min {{.*}} : (tensor<2x3x4xf32>) -> tensor<2x4xf32>
  %0 = cameo.reduce_min %x {axes = array<i64: 1>, keepdims = false} : (tensor<2x3x4xf32>) -> tensor<2x4xf32>
  // CHECK: cameo.reduce_prod {{.*}} : (tensor<2x3x4xf32>) -> tensor<1x3x1xf32>
  %1 = cameo.reduce_prod %x {axes = array<i64: 0, 2>} : (tensor<2x3x4xf32>) -> tensor<1x3x1xf32>
  // CHECK: cameo.reduce_l1 {{.*}} : (tensor<2x3x4xf32>) -> tensor<2x4xf32>
  %2 = cameo.reduce_l1 %x {axes = array<i64: 1>, keepdims = false} : (tensor<2x3x4xf32>) -> tensor<2x4xf32>
  // CHECK: cameo.reduce_l2 {{.*}} : (tensor<2x3x4xf32>) -> tensor<1x3x1xf32>
  %3 = cameo.reduce_l2 %x {axes = array<i64: 0, 2>} : (tensor<2x3x4xf32>) -> tensor<1x3x1xf32>
  // CHECK: cameo.reduce_sum_square {{.*}} : (tensor<2x3x4xf32>) -> tensor<2x4xf32>
  %4 = cameo.reduce_sum_square %x {axes = array<i64: 1>, keepdims = false} : (tensor<2x3x4xf32>) -> tensor<2x4xf32>
  // CHECK: cameo.reduce_log_sum {{.*}} : (tensor<2x3x4xf32>) -> tensor<1x3x1xf32>
  %5 = cameo.reduce_log_sum %x {axes = array<i64: 0, 2>} : (tensor<2x3x4xf32>) -> tensor<1x3x1xf32>
  return
}
