// RUN: cameo-opt %s -split-input-file -verify-diagnostics

func.func @filters(%x: tensor<1x16x8x8xf32>, %w: tensor<32x16x3x3xf32>, %p: tensor<32xf32>, %s: tensor<1xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) 'tensor<1x16x8x8xf32>' and 'tensor<32x16x3x3xf32>' are not an image and 1x1 filters of its channels}}
  %0 = cameo.fast_conv %x, %w, %p, %s {filter_block = 8 : i64} : (tensor<1x16x8x8xf32>, tensor<32x16x3x3xf32>, tensor<32xf32>, tensor<1xf32>) -> tensor<1x32x8x8xf32>
  return
}

// -----

func.func @pairs(%x: tensor<1x16x8x8xf32>, %w: tensor<32x16x1x1xf32>, %p: tensor<31xf32>, %s: tensor<1xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C2) pairs, square or bias do not suit 32 filters}}
  %0 = cameo.fast_conv %x, %w, %p, %s {filter_block = 8 : i64} : (tensor<1x16x8x8xf32>, tensor<32x16x1x1xf32>, tensor<31xf32>, tensor<1xf32>) -> tensor<1x32x8x8xf32>
  return
}

// -----

func.func @blocks(%x: tensor<1x24x8x8xf32>, %w: tensor<32x24x1x1xf32>, %p: tensor<32xf32>, %s: tensor<1xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C3) blocks of 16 and 8 do not divide 24 and 32}}
  %0 = cameo.fast_conv %x, %w, %p, %s {filter_block = 8 : i64} : (tensor<1x24x8x8xf32>, tensor<32x24x1x1xf32>, tensor<32xf32>, tensor<1xf32>) -> tensor<1x32x8x8xf32>
  return
}

// -----

func.func @mixed(%x: tensor<1x1x8x8x16xf32>, %w: tensor<4x1x16x8xf32>, %p: tensor<32xf32>, %s: tensor<1xf32>, %y: memref<1x4x8x8x8xf32>) {
  // expected-error@+1 {{(C1) mixes tensors and buffers}}
  cameo.fast_product ins(%x, %w, %p, %s : tensor<1x1x8x8x16xf32>, tensor<4x1x16x8xf32>, tensor<32xf32>, tensor<1xf32>) outs(%y : memref<1x4x8x8x8xf32>)
  return
}

// -----

func.func @shapes(%x: memref<1x1x8x8x16xf32>, %w: memref<3x1x16x8xf32>, %p: memref<32xf32>, %s: memref<1xf32>, %y: memref<1x4x8x8x8xf32>) {
  // expected-error@+1 {{(C2) shapes of}}
  cameo.fast_product ins(%x, %w, %p, %s : memref<1x1x8x8x16xf32>, memref<3x1x16x8xf32>, memref<32xf32>, memref<1xf32>) outs(%y : memref<1x4x8x8x8xf32>)
  return
}

// -----

func.func @inner(%x: tensor<7x16xf32>, %w: tensor<32x32xf32>, %p: tensor<32xf32>, %s: tensor<1xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) 'tensor<7x16xf32>' and 'tensor<32x32xf32>' are not matrices that can be multiplied}}
  %0 = cameo.fast_matmul %x, %w, %p, %s : (tensor<7x16xf32>, tensor<32x32xf32>, tensor<32xf32>, tensor<1xf32>) -> tensor<7x32xf32>
  return
}

// -----

func.func @square(%x: tensor<7x16xf32>, %w: tensor<16x32xf32>, %p: tensor<32xf32>, %s: tensor<2xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C2) pairs or square do not suit 32 columns}}
  %0 = cameo.fast_matmul %x, %w, %p, %s : (tensor<7x16xf32>, tensor<16x32xf32>, tensor<32xf32>, tensor<2xf32>) -> tensor<7x32xf32>
  return
}

// -----

func.func @columns(%x: tensor<7x16xf32>, %w: tensor<16x24xf32>, %p: tensor<24xf32>, %s: tensor<1xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C3) blocks of 16 do not divide 16 and 24}}
  %0 = cameo.fast_matmul %x, %w, %p, %s : (tensor<7x16xf32>, tensor<16x24xf32>, tensor<24xf32>, tensor<1xf32>) -> tensor<7x24xf32>
  return
}

// -----

func.func @rows(%x: memref<7x1x16xf32>, %w: memref<4x1x16x8xf32>, %p: memref<32xf32>, %s: memref<1xf32>, %y: memref<6x4x8xf32>) {
  // expected-error@+1 {{(C2) shapes of}}
  cameo.fast_product ins(%x, %w, %p, %s : memref<7x1x16xf32>, memref<4x1x16x8xf32>, memref<32xf32>, memref<1xf32>) outs(%y : memref<6x4x8xf32>)
  return
}
