// RUN: cameo-opt %s | cameo-opt | FileCheck %s

// CHECK-LABEL: @f24_matmul
func.func @f24_matmul(%x: tensor<2x1x8xf32>, %w: tensor<2x3x5xi32>) -> tensor<2x1x5xf32> {
  // CHECK: cameo.f24_matmul %{{.*}}, %{{.*}} : (tensor<2x1x8xf32>, tensor<2x3x5xi32>) -> tensor<2x1x5xf32>
  %0 = cameo.f24_matmul %x, %w : (tensor<2x1x8xf32>, tensor<2x3x5xi32>) -> tensor<2x1x5xf32>
  return %0 : tensor<2x1x5xf32>
}

// CHECK-LABEL: @q20_matmul
func.func @q20_matmul(%x: tensor<2x1x16xf32>, %w: tensor<2x5x3xi32>) -> tensor<2x1x3xf32> {
  // CHECK: cameo.q20_matmul %{{.*}}, %{{.*}} : (tensor<2x1x16xf32>, tensor<2x5x3xi32>) -> tensor<2x1x3xf32>
  %0 = cameo.q20_matmul %x, %w : (tensor<2x1x16xf32>, tensor<2x5x3xi32>) -> tensor<2x1x3xf32>
  return %0 : tensor<2x1x3xf32>
}
