// RUN: cameo-opt %s | cameo-opt | FileCheck %s

// CHECK-LABEL: @nonzero
func.func @nonzero(%x: tensor<2x3xi1>) -> (tensor<2x6xi64>, tensor<i64>) {
  // CHECK: cameo.nonzero %{{.*}} : (tensor<2x3xi1>) -> (tensor<2x6xi64>, tensor<i64>)
  %0:2 = cameo.nonzero %x : (tensor<2x3xi1>) -> (tensor<2x6xi64>, tensor<i64>)
  return %0#0, %0#1 : tensor<2x6xi64>, tensor<i64>
}

// CHECK-LABEL: @non_max_suppression
func.func @non_max_suppression(%b: tensor<1x6x4xf32>, %s: tensor<1x2x6xf32>, %o: tensor<1x2x6xi64>, %m: tensor<i64>, %i: tensor<f32>, %t: tensor<f32>) -> (tensor<6x3xi64>, tensor<i64>) {
  // CHECK: cameo.non_max_suppression %{{.*}} {bound = 3 : i64} : (tensor<1x6x4xf32>, tensor<1x2x6xf32>, tensor<1x2x6xi64>, tensor<i64>, tensor<f32>, tensor<f32>) -> (tensor<6x3xi64>, tensor<i64>)
  %0:2 = cameo.non_max_suppression %b, %s, %o, %m, %i, %t {bound = 3 : i64} : (tensor<1x6x4xf32>, tensor<1x2x6xf32>, tensor<1x2x6xi64>, tensor<i64>, tensor<f32>, tensor<f32>) -> (tensor<6x3xi64>, tensor<i64>)
  return %0#0, %0#1 : tensor<6x3xi64>, tensor<i64>
}
