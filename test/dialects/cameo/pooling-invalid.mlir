// RUN: cameo-opt %s -split-input-file -verify-diagnostics

func.func @no_spatial_dimension(%x: tensor<1x2xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) 'tensor<1x2xf32>' has no spatial dimension}}
  %0 = cameo.max_pool %x {dilations = array<i64>, kernel = array<i64>, pads = array<i64>, strides = array<i64>} : (tensor<1x2xf32>) -> tensor<1x2xf32>
  return
}

// -----

func.func @pads_too_short(%x: tensor<1x2x4xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) pads has 1 entries, not 2}}
  %0 = cameo.avg_pool %x {dilations = array<i64: 1>, kernel = array<i64: 2>, pads = array<i64: 0>, strides = array<i64: 1>} : (tensor<1x2x4xf32>) -> tensor<1x2x3xf32>
  return
}

// -----

func.func @window_too_large(%x: tensor<1x2x4xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C2) a window of 5 elements does not fit into spatial dimension 0 of 'tensor<1x2x4xf32>'}}
  %0 = cameo.lp_pool %x {dilations = array<i64: 2>, kernel = array<i64: 3>, pads = array<i64: 0, 0>, strides = array<i64: 1>} : (tensor<1x2x4xf32>) -> tensor<1x2x0xf32>
  return
}

// -----

func.func @indices_of_no_spatial_dimension(%x: tensor<1x2xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) 'tensor<1x2xf32>' has no spatial dimension}}
  %0, %1 = cameo.max_pool_indices %x {dilations = array<i64>, kernel = array<i64>, pads = array<i64>, strides = array<i64>} : (tensor<1x2xf32>) -> (tensor<1x2xf32>, tensor<1x2xi64>)
  return
}
