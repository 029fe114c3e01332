// RUN: cameo-opt %s | cameo-opt | FileCheck %s

// CHECK-LABEL: @normalizations
func.func @normalizations(%x: tensor<2x4x3xf32>, %s: tensor<3xf32>, %c: tensor<4xf32>) -> tensor<2x4x3xf32> {
  // CHECK: cameo.softmax %{{.*}} {axis = 2 : i64} : (tensor<2x4x3xf32>) -> tensor<2x4x3xf32>
  %0 = cameo.softmax %x {axis = 2 : i64} : (tensor<2x4x3xf32>) -> tensor<2x4x3xf32>
  // CHECK: cameo.log_softmax %{{.*}} {axis = 0 : i64}
  %1 = cameo.log_softmax %0 {axis = 0 : i64} : (tensor<2x4x3xf32>) -> tensor<2x4x3xf32>
  // CHECK: cameo.layer_norm %{{.*}}, %{{.*}} {axis = 2 : i64} : (tensor<2x4x3xf32>, tensor<3xf32>) -> tensor<2x4x3xf32>
  %2 = cameo.layer_norm %1, %s {axis = 2 : i64} : (tensor<2x4x3xf32>, tensor<3xf32>) -> tensor<2x4x3xf32>
  // CHECK: cameo.layer_norm %{{.*}}, %{{.*}}, %{{.*}} {axis = 2 : i64, epsilon = 1.000000e-03 : f32}
  %3 = cameo.layer_norm %2, %s, %s {axis = 2 : i64, epsilon = 0.001 : f32} : (tensor<2x4x3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<2x4x3xf32>
  // CHECK: cameo.rms_norm %{{.*}}, %{{.*}} {axis = 1 : i64}
  %4 = cameo.rms_norm %3, %s {axis = 1 : i64} : (tensor<2x4x3xf32>, tensor<3xf32>) -> tensor<2x4x3xf32>
  // CHECK: cameo.group_norm %{{.*}}, %{{.*}}, %{{.*}} {groups = 2 : i64}
  %5 = cameo.group_norm %4, %c, %c {groups = 2 : i64} : (tensor<2x4x3xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<2x4x3xf32>
  // CHECK: cameo.lrn %{{.*}} {size = 3 : i64}
  %6 = cameo.lrn %5 {size = 3 : i64} : (tensor<2x4x3xf32>) -> tensor<2x4x3xf32>
  return %6 : tensor<2x4x3xf32>
}
