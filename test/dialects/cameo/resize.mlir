// RUN: cameo-opt %s | cameo-opt | FileCheck %s

// CHECK-LABEL: @nearest
func.func @nearest(%x: tensor<2x3xui8>) -> tensor<4x6xui8> {
  // CHECK: cameo.resize_nearest %{{.*}} {{.*}}round_up = array<i1: false, true>{{.*}} : (tensor<2x3xui8>) -> tensor<4x6xui8>
  %0 = cameo.resize_nearest %x {offsets = array<f64: 0.0, -0.25>, round_up = array<i1: false, true>, shape = array<i64: 4, 6>, steps = array<f64: 0.5, 0.5>} : (tensor<2x3xui8>) -> tensor<4x6xui8>
  return %0 : tensor<4x6xui8>
}

// CHECK-LABEL: @cubic
func.func @cubic(%x: tensor<2x3xf32>) -> tensor<2x6xf32> {
  // CHECK: cameo.resize %{{.*}} {cubic, exclude_outside, {{.*}}} : (tensor<2x3xf32>) -> tensor<2x6xf32>
  %0 = cameo.resize %x {cubic, exclude_outside, offsets = array<f64: 0.0, -0.25>, shape = array<i64: 2, 6>, steps = array<f64: 1.0, 0.5>, stretches = array<f64: 1.0, 1.0>} : (tensor<2x3xf32>) -> tensor<2x6xf32>
  return %0 : tensor<2x6xf32>
}
