// RUN: cameo-opt %s | cameo-opt | FileCheck %s

// CHECK-LABEL: @conv
// CHECK: cameo.winograd_filter %{{.*}} {tile = 4 : i64} : (tensor<32x16x3x3xf32>) -> tensor<36x32x16xf32>
// CHECK: cameo.winograd_conv %{{.*}}, %{{.*}} bias(%{{.*}}) {channel_block = 16 : i64, filter_block = 8 : i64, pads = array<i64: 1, 1, 1, 1>, tile = 4 : i64}
func.func @conv(%x: tensor<1x16x8x8xf32>, %w: tensor<32x16x3x3xf32>, %b: tensor<32xf32>) -> tensor<1x32x8x8xf32> {
  %u = cameo.winograd_filter %w {tile = 4 : i64} : (tensor<32x16x3x3xf32>) -> tensor<36x32x16xf32>
  %0 = cameo.winograd_conv %x, %u bias(%b) {channel_block = 16 : i64, filter_block = 8 : i64, pads = array<i64: 1, 1, 1, 1>, tile = 4 : i64} : (tensor<1x16x8x8xf32>, tensor<36x32x16xf32>, tensor<32xf32>) -> tensor<1x32x8x8xf32>
  return %0 : tensor<1x32x8x8xf32>
}

// CHECK-LABEL: @step_two
// CHECK: cameo.winograd_filter %{{.*}} {stride = 2 : i64, tile = 3 : i64} : (tensor<32x16x3x3xf32>) -> tensor<25x32x16xf32>
// CHECK: cameo.winograd_conv {{.*}} {channel_block = 16 : i64, filter_block = 8 : i64, pads = array<i64: 1, 1, 1, 1>, stride = 2 : i64, tile = 3 : i64}
func.func @step_two(%x: tensor<1x16x8x8xf32>, %w: tensor<32x16x3x3xf32>) -> tensor<1x32x4x4xf32> {
  %u = cameo.winograd_filter %w {stride = 2 : i64, tile = 3 : i64} : (tensor<32x16x3x3xf32>) -> tensor<25x32x16xf32>
  %0 = cameo.winograd_conv %x, %u {channel_block = 16 : i64, filter_block = 8 : i64, pads = array<i64: 1, 1, 1, 1>, stride = 2 : i64, tile = 3 : i64} : (tensor<1x16x8x8xf32>, tensor<25x32x16xf32>) -> tensor<1x32x4x4xf32>
  return %0 : tensor<1x32x4x4xf32>
}

// CHECK-LABEL: @tiles
// CHECK: cameo.winograd_tiles ins(%{{.*}}, %{{.*}} : tensor<1x1x8x8x16xf32>, tensor<16x4x1x16x8xf32>) outs(%{{.*}} : tensor<1x4x8x8x8xf32>)
func.func @tiles(%x: tensor<1x1x8x8x16xf32>, %u: tensor<16x4x1x16x8xf32>, %y: tensor<1x4x8x8x8xf32>) -> tensor<1x4x8x8x8xf32> {
  %0 = cameo.winograd_tiles ins(%x, %u : tensor<1x1x8x8x16xf32>, tensor<16x4x1x16x8xf32>) outs(%y : tensor<1x4x8x8x8xf32>) {pads = array<i64: 1, 1>, tile = 2 : i64} -> tensor<1x4x8x8x8xf32>
  return %0 : tensor<1x4x8x8x8xf32>
}

// CHECK-LABEL: @fast
// CHECK: cameo.winograd_conv %{{.*}}, %{{.*}} bias(%{{.*}}) fast(%{{.*}}, %{{.*}}) {channel_block = 16 : i64, filter_block = 8 : i64, pads = array<i64: 1, 1, 1, 1>, tile = 4 : i64}
func.func @fast(%x: tensor<1x16x8x8xf32>, %u: tensor<36x32x16xf32>, %b: tensor<32xf32>, %pairs: tensor<1152xf32>, %square: tensor<1xf32>) -> tensor<1x32x8x8xf32> {
  %0 = cameo.winograd_conv %x, %u bias(%b) fast(%pairs, %square) {channel_block = 16 : i64, filter_block = 8 : i64, pads = array<i64: 1, 1, 1, 1>, tile = 4 : i64} : (tensor<1x16x8x8xf32>, tensor<36x32x16xf32>, tensor<32xf32>, tensor<1152xf32>, tensor<1xf32>) -> tensor<1x32x8x8xf32>
  return %0 : tensor<1x32x8x8xf32>
}
