// RUN: cameo-opt %s | cameo-opt | FileCheck %s

// CHECK-LABEL: @det
func.func @det(%x: tensor<2x3x3xf32>) -> tensor<2xf32> {
  // CHECK: cameo.det %{{.*}} : (tensor<2x3x3xf32>) -> tensor<2xf32>
  %0 = cameo.det %x : (tensor<2x3x3xf32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// CHECK-LABEL: @matmul
func.func @matmul(%a: tensor<2x4x3xf32>, %b: tensor<4x5xf32>) -> tensor<2x3x5xf32> {
  // CHECK: cameo.matmul %{{.*}}, %{{.*}} {transpose_a}
  %0 = cameo.matmul %a, %b {transpose_a} : (tensor<2x4x3xf32>, tensor<4x5xf32>) -> tensor<2x3x5xf32>
  return %0 : tensor<2x3x5xf32>
}
