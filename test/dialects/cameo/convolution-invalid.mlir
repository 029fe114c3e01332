// RUN: cameo-opt %s -split-input-file -verify-diagnostics

func.func @ranks_differ(%x: tensor<1x3x8x8xf32>, %w: tensor<16x3x3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) input and filters have ranks 4 and 3, not equal ones of at least 3}}
  %0 = cameo.conv %x, %w {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x3x8x8xf32>, tensor<16x3x3xf32>) -> tensor<1x16x6x6xf32>
  return
}

// -----

func.func @stride_zero(%x: tensor<1x3x8xf32>, %w: tensor<16x3x3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) entry 0 of strides is less than 1}}
  %0 = cameo.conv %x, %w {dilations = array<i64: 1>, pads = array<i64: 0, 0>, strides = array<i64: 0>} : (tensor<1x3x8xf32>, tensor<16x3x3xf32>) -> tensor<1x16x6xf32>
  return
}

// -----

func.func @groups_do_not_divide(%x: tensor<1x3x8xf32>, %w: tensor<16x3x3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C2) 2 groups of filters 'tensor<16x3x3xf32>' do not fit an input of 3 channels}}
  %0 = cameo.conv %x, %w {dilations = array<i64: 1>, groups = 2 : i64, pads = array<i64: 0, 0>, strides = array<i64: 1>} : (tensor<1x3x8xf32>, tensor<16x3x3xf32>) -> tensor<1x16x6xf32>
  return
}

// -----

func.func @window_too_large(%x: tensor<1x3x2xf32>, %w: tensor<16x3x3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C3) a window of 3 elements does not fit into spatial dimension 0}}
  %0 = cameo.conv %x, %w {dilations = array<i64: 1>, pads = array<i64: 0, 0>, strides = array<i64: 1>} : (tensor<1x3x2xf32>, tensor<16x3x3xf32>) -> tensor<1x16x0xf32>
  return
}

// -----

func.func @bias_too_short(%x: tensor<1x3x8xf32>, %w: tensor<16x3x3xf32>, %b: tensor<8xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C4) bias is 'tensor<8xf32>', not of 16 elements}}
  %0 = cameo.conv %x, %w bias(%b) {dilations = array<i64: 1>, pads = array<i64: 0, 0>, strides = array<i64: 1>} : (tensor<1x3x8xf32>, tensor<16x3x3xf32>, tensor<8xf32>) -> tensor<1x16x6xf32>
  return
}

// -----

func.func @types_differ(%x: tensor<1x3x8xf32>, %w: tensor<16x3x3xf64>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C5) element types 'f32' and 'f64' differ}}
  %0 = cameo.conv %x, %w {dilations = array<i64: 1>, pads = array<i64: 0, 0>, strides = array<i64: 1>} : (tensor<1x3x8xf32>, tensor<16x3x3xf64>) -> tensor<1x16x6xf32>
  return
}

// -----

func.func @transpose_negative_extent(%x: tensor<1x4x2xf32>, %w: tensor<4x6x2xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C3) spatial dimension 0 of the result has extent -1}}
  %0 = cameo.conv_transpose %x, %w {dilations = array<i64: 1>, output_padding = array<i64: 0>, pads = array<i64: 2, 2>, strides = array<i64: 1>} : (tensor<1x4x2xf32>, tensor<4x6x2xf32>) -> tensor<1x6x0xf32>
  return
}

// -----

func.func @transposed_inner_extents(%a: tensor<4x2xf32>, %b: tensor<4x3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C2) inner extents 4 and 3 differ}}
  %0 = cameo.matmul %a, %b {transpose_a, transpose_b} : (tensor<4x2xf32>, tensor<4x3xf32>) -> tensor<2x4xf32>
  return
}
