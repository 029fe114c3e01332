// RUN: cameo-opt %s | cameo-opt | FileCheck %s

// CHECK-LABEL: @grid_sample
func.func @grid_sample(%x: tensor<1x3x8x8xf32>, %grid: tensor<1x4x5x2xf32>) -> tensor<1x3x4x5xf32> {
  // CHECK: cameo.grid_sample %{{.*}}, %{{.*}} {align_corners, mode = "cubic", padding = "reflection"}
  %0 = cameo.grid_sample %x, %grid {align_corners, mode = "cubic", padding = "reflection"} : (tensor<1x3x8x8xf32>, tensor<1x4x5x2xf32>) -> tensor<1x3x4x5xf32>
  return %0 : tensor<1x3x4x5xf32>
}

// CHECK-LABEL: @regions
func.func @regions(%x: tensor<1x3x8x8xf32>, %r: tensor<4x4xf32>, %b: tensor<4xi64>, %p: tensor<2x5xf32>) -> (tensor<4x3x2x2xf32>, tensor<2x3x2x2xf32>) {
  // CHECK: cameo.roi_align %{{.*}} {half_pixel, max, output_shape = array<i64: 2, 2>}
  %0 = cameo.roi_align %x, %r, %b {half_pixel, max, output_shape = array<i64: 2, 2>} : (tensor<1x3x8x8xf32>, tensor<4x4xf32>, tensor<4xi64>) -> tensor<4x3x2x2xf32>
  // CHECK: cameo.max_roi_pool %{{.*}} {output_shape = array<i64: 2, 2>, spatial_scale = 5.000000e-01 : f32}
  %1 = cameo.max_roi_pool %x, %p {output_shape = array<i64: 2, 2>, spatial_scale = 0.5 : f32} : (tensor<1x3x8x8xf32>, tensor<2x5xf32>) -> tensor<2x3x2x2xf32>
  return %0, %1 : tensor<4x3x2x2xf32>, tensor<2x3x2x2xf32>
}
