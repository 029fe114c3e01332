// RUN: cameo-opt %s -split-input-file -verify-diagnostics

func.func @axis_out_of_range(%x: tensor<2x3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) axis 2 is not a dimension of 'tensor<2x3xf32>'}}
  %0 = cameo.reduce_sum %x {axes = array<i64: 0, 2>} : (tensor<2x3xf32>) -> tensor<1x1xf32>
  return
}

// -----

func.func @axes_repeat(%x: tensor<2x3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) axes [1, 1] do not ascend}}
  %0 = cameo.reduce_max %x {axes = array<i64: 1, 1>} : (tensor<2x3xf32>) -> tensor<2x1xf32>
  return
}

// -----

func.func @arg_max_of_nothing(%x: tensor<2x0xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C2) 'tensor<2x0xf32>' has no element along axis 1}}
  %0 = cameo.arg_max %x {axis = 1 : i64} : (tensor<2x0xf32>) -> tensor<2x1xi64>
  return
}

// -----

func.func @cumsum_axis(%x: tensor<2xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) axis -1 is not a dimension of 'tensor<2xf32>'}}
  %0 = cameo.cumsum %x {axis = -1 : i64} : (tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @cumprod_axis(%x: tensor<2xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) axis 1 is not a dimension of 'tensor<2xf32>'}}
  %0 = cameo.cumprod %x {axis = 1 : i64} : (tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @arg_min_axis(%x: tensor<2x3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) axis 2 is not a dimension of 'tensor<2x3xf32>'}}
  %0 = cameo.arg_min %x {axis = 2 : i64} : (tensor<2x3xf32>) -> tensor<2x1xi64>
  return
}

// -----

func.func @reduce_mean_axis(%x: tensor<2x3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) axis 2 is not a dimension of 'tensor<2x3xf32>'}}
  %0 = cameo.reduce_mean %x {axes = array<i64: 2>} : (tensor<2x3xf32>) -> tensor<2x1xf32>
  return
}

// -----

func.func @reduce_min_axis(%x: tensor<2x3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) axis 2 is not a dimension of 'tensor<2x3xf32>'}}
  %0 = cameo.reduce_min %x {axes = array<i64: 2>} : (tensor<2x3xf32>) -> tensor<2x1xf32>
  return
}

// -----

func.func @reduce_prod_axis(%x: tensor<2x3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) axis 2 is not a dimension of 'tensor<2x3xf32>'}}
  %0 = cameo.reduce_prod %x {axes = array<i64: 2>} : (tensor<2x3xf32>) -> tensor<2x1xf32>
  return
}

// -----

func.func @reduce_l1_axis(%x: tensor<2x3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) axis 2 is not a dimension of 'tensor<2x3xf32>'}}
  %0 = cameo.reduce_l1 %x {axes = array<i64: 2>} : (tensor<2x3xf32>) -> tensor<2x1xf32>
  return
}

// -----

func.func @reduce_l2_axis(%x: tensor<2x3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) axis 2 is not a dimension of 'tensor<2x3xf32>'}}
  %0 = cameo.reduce_l2 %x {axes = array<i64: 2>} : (tensor<2x3xf32>) -> tensor<2x1xf32>
  return
}

// -----

func.func @reduce_sum_square_axis(%x: tensor<2x3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) axis 2 is not a dimension of 'tensor<2x3xf32>'}}
  %0 = cameo.reduce_sum_square %x {axes = array<i64: 2>} : (tensor<2x3xf32>) -> tensor<2x1xf32>
  return
}

// -----

func.func @reduce_log_sum_axis(%x: tensor<2x3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) axis 2 is not a dimension of 'tensor<2x3xf32>'}}
  %0 = cameo.reduce_log_sum %x {axes = array<i64: 2>} : (tensor<2x3xf32>) -> tensor<2x1xf32>
  return
}

// -----

func.func @reduce_log_sum_exp_axis(%x: tensor<2x3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) axis 2 is not a dimension of 'tensor<2x3xf32>'}}
  %0 = cameo.reduce_log_sum_exp %x {axes = array<i64: 2>} : (tensor<2x3xf32>) -> tensor<2x1xf32>
  return
}
