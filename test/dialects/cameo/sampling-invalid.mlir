// RUN: cameo-opt %s -split-input-file -verify-diagnostics

func.func @batches(%x: tensor<1x3x8xf32>, %grid: tensor<2x4x1xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) ranks or batches of 'tensor<1x3x8xf32>' and the grid 'tensor<2x4x1xf32>' do not fit}}
  %0 = cameo.grid_sample %x, %grid {mode = "linear", padding = "zeros"} : (tensor<1x3x8xf32>, tensor<2x4x1xf32>) -> tensor<1x3x4xf32>
  return
}

// -----

func.func @components(%x: tensor<1x3x8xf32>, %grid: tensor<1x4x2xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C2) positions of 2 components for 1 spatial dimensions}}
  %0 = cameo.grid_sample %x, %grid {mode = "linear", padding = "zeros"} : (tensor<1x3x8xf32>, tensor<1x4x2xf32>) -> tensor<1x3x4xf32>
  return
}

// -----

func.func @mode(%x: tensor<1x3x8xf32>, %grid: tensor<1x4x1xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C3) mode is 'lanczos'}}
  %0 = cameo.grid_sample %x, %grid {mode = "lanczos", padding = "zeros"} : (tensor<1x3x8xf32>, tensor<1x4x1xf32>) -> tensor<1x3x4xf32>
  return
}

// -----

func.func @padding(%x: tensor<1x3x8xf32>, %grid: tensor<1x4x1xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C3) padding is 'wrap'}}
  %0 = cameo.grid_sample %x, %grid {mode = "linear", padding = "wrap"} : (tensor<1x3x8xf32>, tensor<1x4x1xf32>) -> tensor<1x3x4xf32>
  return
}

// -----

func.func @empty(%x: tensor<1x3x0xf32>, %grid: tensor<1x4x1xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C4) 'tensor<1x3x0xf32>' has no elements to interpolate}}
  %0 = cameo.grid_sample %x, %grid {mode = "linear", padding = "zeros"} : (tensor<1x3x0xf32>, tensor<1x4x1xf32>) -> tensor<1x3x4xf32>
  return
}

// -----

func.func @roi_columns(%x: tensor<1x3x8x8xf32>, %r: tensor<4x5xf32>, %b: tensor<4xi64>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) cannot pool regions 'tensor<4x5xf32>' of 'tensor<1x3x8x8xf32>'}}
  %0 = cameo.roi_align %x, %r, %b {output_shape = array<i64: 2, 2>} : (tensor<1x3x8x8xf32>, tensor<4x5xf32>, tensor<4xi64>) -> tensor<4x3x2x2xf32>
  return
}

// -----

func.func @roi_batches(%x: tensor<1x3x8x8xf32>, %r: tensor<4x4xf32>, %b: tensor<3xi64>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) 'tensor<3xi64>' does not go with regions 'tensor<4x4xf32>'}}
  %0 = cameo.roi_align %x, %r, %b {output_shape = array<i64: 2, 2>} : (tensor<1x3x8x8xf32>, tensor<4x4xf32>, tensor<3xi64>) -> tensor<4x3x2x2xf32>
  return
}

// -----

func.func @roi_ratio(%x: tensor<1x3x8x8xf32>, %r: tensor<4x4xf32>, %b: tensor<4xi64>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C2) sampling_ratio is -1}}
  %0 = cameo.roi_align %x, %r, %b {output_shape = array<i64: 2, 2>, sampling_ratio = -1 : i64} : (tensor<1x3x8x8xf32>, tensor<4x4xf32>, tensor<4xi64>) -> tensor<4x3x2x2xf32>
  return
}

// -----

func.func @roi_shape(%x: tensor<1x3x8x8xf32>, %r: tensor<4x5xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C2) output_shape is not two extents}}
  %0 = cameo.max_roi_pool %x, %r {output_shape = array<i64: 2>} : (tensor<1x3x8x8xf32>, tensor<4x5xf32>) -> tensor<4x3x2x2xf32>
  return
}
