// RUN: cameo-opt %s | cameo-opt | FileCheck %s

// CHECK-LABEL: @grid_sample
func.func @grid_sample(%x: tensor<1x3x8x8xf32>, %grid: tensor<1x4x5x2xf32>) -> tensor<1x3x4x5xf32> {
  // CHECK: cameo.grid_sample %{{.*}}, %{{.*}} {align_corners, mode = "cubic", padding = "reflection"}
  %0 = cameo.grid_sample %x, %grid {align_corners, mode = "cubic", padding = "reflection"} : (tensor<1x3x8x8xf32>, tensor<1x4x5x2xf32>) -> tensor<1x3x4x5xf32>
  return %0 : tensor<1x3x4x5xf32>
}
