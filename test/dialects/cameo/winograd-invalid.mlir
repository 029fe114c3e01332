// RUN: cameo-opt %s -split-input-file -verify-diagnostics

func.func @filter_size(%w: tensor<32x16x5x5xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) 'tensor<32x16x5x5xf32>' holds no 3x3 filters}}
  %0 = cameo.winograd_filter %w {tile = 4 : i64} : (tensor<32x16x5x5xf32>) -> tensor<64x32x16xf32>
  return
}

// -----

func.func @filter_tile(%w: tensor<32x16x3x3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C2) there are no tiles of 3 for step 1}}
  %0 = cameo.winograd_filter %w {tile = 3 : i64} : (tensor<32x16x3x3xf32>) -> tensor<25x32x16xf32>
  return
}

// -----

func.func @points(%x: tensor<1x16x8x8xf32>, %u: tensor<35x32x16xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) 'tensor<1x16x8x8xf32>' and 'tensor<35x32x16xf32>' are not an image and filters of 36 planes}}
  %0 = cameo.winograd_conv %x, %u {channel_block = 16 : i64, filter_block = 8 : i64, pads = array<i64: 1, 1, 1, 1>, tile = 4 : i64} : (tensor<1x16x8x8xf32>, tensor<35x32x16xf32>) -> tensor<1x32x8x8xf32>
  return
}

// -----

func.func @channels(%x: tensor<1x8x8x8xf32>, %u: tensor<36x32x16xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C2) 'tensor<36x32x16xf32>' does not fit 'tensor<1x8x8x8xf32>' or the bias}}
  %0 = cameo.winograd_conv %x, %u {channel_block = 8 : i64, filter_block = 8 : i64, pads = array<i64: 1, 1, 1, 1>, tile = 4 : i64} : (tensor<1x8x8x8xf32>, tensor<36x32x16xf32>) -> tensor<1x32x8x8xf32>
  return
}

// -----

func.func @window(%x: tensor<1x16x1x8xf32>, %u: tensor<36x32x16xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C3) a 3x3 window does not fit into 'tensor<1x16x1x8xf32>'}}
  %0 = cameo.winograd_conv %x, %u {channel_block = 8 : i64, filter_block = 8 : i64, pads = array<i64: 0, 0, 0, 0>, tile = 4 : i64} : (tensor<1x16x1x8xf32>, tensor<36x32x16xf32>) -> tensor<1x32x1x6xf32>
  return
}

// -----

func.func @blocks(%x: tensor<1x16x8x8xf32>, %u: tensor<36x32x16xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C4) blocks of 3 and 8 do not suit 16 and 32}}
  %0 = cameo.winograd_conv %x, %u {channel_block = 3 : i64, filter_block = 8 : i64, pads = array<i64: 1, 1, 1, 1>, tile = 4 : i64} : (tensor<1x16x8x8xf32>, tensor<36x32x16xf32>) -> tensor<1x32x8x8xf32>
  return
}

// -----

func.func @tile(%x: tensor<1x16x8x8xf32>, %u: tensor<25x32x16xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C5) there are no tiles of 3 for step 1}}
  %0 = cameo.winograd_conv %x, %u {channel_block = 16 : i64, filter_block = 8 : i64, pads = array<i64: 1, 1, 1, 1>, tile = 3 : i64} : (tensor<1x16x8x8xf32>, tensor<25x32x16xf32>) -> tensor<1x32x8x8xf32>
  return
}

// -----

func.func @stride(%x: tensor<1x16x8x8xf32>, %u: tensor<36x32x16xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C5) there are no tiles of 4 for step 3}}
  %0 = cameo.winograd_conv %x, %u {channel_block = 16 : i64, filter_block = 8 : i64, pads = array<i64: 1, 1, 1, 1>, stride = 3 : i64, tile = 4 : i64} : (tensor<1x16x8x8xf32>, tensor<36x32x16xf32>) -> tensor<1x32x3x3xf32>
  return
}

// -----

func.func @tiles_mixed(%x: tensor<1x1x8x8x16xf32>, %u: tensor<16x4x1x16x8xf32>, %y: memref<1x4x8x8x8xf32>) {
  // expected-error@+1 {{(C1) mixes tensors and buffers, or its results do not follow}}
  cameo.winograd_tiles ins(%x, %u : tensor<1x1x8x8x16xf32>, tensor<16x4x1x16x8xf32>) outs(%y : memref<1x4x8x8x8xf32>) {pads = array<i64: 1, 1>, tile = 2 : i64}
  return
}

// -----

func.func @tiles_shapes(%x: memref<1x1x8x8x16xf32>, %u: memref<16x3x1x16x8xf32>, %y: memref<1x4x8x8x8xf32>) {
  // expected-error@+1 {{(C2) shapes of}}
  cameo.winograd_tiles ins(%x, %u : memref<1x1x8x8x16xf32>, memref<16x3x1x16x8xf32>) outs(%y : memref<1x4x8x8x8xf32>) {pads = array<i64: 1, 1>, tile = 2 : i64}
  return
}

// -----

func.func @fast_pairs(%x: tensor<1x16x8x8xf32>, %u: tensor<36x32x16xf32>, %pairs: tensor<32xf32>, %square: tensor<1xf32>) {
  // expected-error@+1 {{(C6) what 'fast' has, the step or the blocks do not suit fast inner products}}
  %0 = cameo.winograd_conv %x, %u fast(%pairs, %square) {channel_block = 16 : i64, filter_block = 8 : i64, pads = array<i64: 1, 1, 1, 1>, tile = 4 : i64} : (tensor<1x16x8x8xf32>, tensor<36x32x16xf32>, tensor<32xf32>, tensor<1xf32>) -> tensor<1x32x8x8xf32>
  return
}
