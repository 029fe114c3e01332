// RUN: cameo-opt %s | cameo-opt | FileCheck %s

// CHECK-LABEL: @conv
// CHECK: cameo.fast_conv %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} bias(%{{.*}}) {filter_block = 8 : i64}
func.func @conv(%x: tensor<1x16x8x8xf32>, %w: tensor<32x16x1x1xf32>, %p: tensor<32xf32>, %s: tensor<1xf32>) -> tensor<1x32x8x8xf32> {
  %0 = cameo.fast_conv %x, %w, %p, %s bias(%p) {filter_block = 8 : i64} : (tensor<1x16x8x8xf32>, tensor<32x16x1x1xf32>, tensor<32xf32>, tensor<1xf32>, tensor<32xf32>) -> tensor<1x32x8x8xf32>
  return %0 : tensor<1x32x8x8xf32>
}

// CHECK-LABEL: @product
// CHECK: cameo.fast_product ins(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} : tensor<1x1x8x8x16xf32>, tensor<4x1x16x8xf32>, tensor<32xf32>, tensor<1xf32>) outs(%{{.*}} : tensor<1x4x8x8x8xf32>) -> tensor<1x4x8x8x8xf32>
func.func @product(%x: tensor<1x1x8x8x16xf32>, %w: tensor<4x1x16x8xf32>, %p: tensor<32xf32>, %s: tensor<1xf32>, %y: tensor<1x4x8x8x8xf32>) -> tensor<1x4x8x8x8xf32> {
  %0 = cameo.fast_product ins(%x, %w, %p, %s : tensor<1x1x8x8x16xf32>, tensor<4x1x16x8xf32>, tensor<32xf32>, tensor<1xf32>) outs(%y : tensor<1x4x8x8x8xf32>) -> tensor<1x4x8x8x8xf32>
  return %0 : tensor<1x4x8x8x8xf32>
}

// CHECK-LABEL: @matmul
// CHECK: cameo.fast_matmul %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} : (tensor<2x7x16xf32>, tensor<16x32xf32>, tensor<32xf32>, tensor<1xf32>) -> tensor<2x7x32xf32>
func.func @matmul(%x: tensor<2x7x16xf32>, %w: tensor<16x32xf32>, %p: tensor<32xf32>, %s: tensor<1xf32>) -> tensor<2x7x32xf32> {
  %0 = cameo.fast_matmul %x, %w, %p, %s : (tensor<2x7x16xf32>, tensor<16x32xf32>, tensor<32xf32>, tensor<1xf32>) -> tensor<2x7x32xf32>
  return %0 : tensor<2x7x32xf32>
}

// CHECK-LABEL: @rows
// CHECK: cameo.fast_product ins({{.*}}) outs(%{{.*}} : tensor<2x7x4x8xf32>) -> tensor<2x7x4x8xf32>
func.func @rows(%x: tensor<2x7x1x16xf32>, %w: tensor<4x1x16x8xf32>, %p: tensor<32xf32>, %s: tensor<1xf32>, %y: tensor<2x7x4x8xf32>) -> tensor<2x7x4x8xf32> {
  %0 = cameo.fast_product ins(%x, %w, %p, %s : tensor<2x7x1x16xf32>, tensor<4x1x16x8xf32>, tensor<32xf32>, tensor<1xf32>) outs(%y : tensor<2x7x4x8xf32>) -> tensor<2x7x4x8xf32>
  return %0 : tensor<2x7x4x8xf32>
}
