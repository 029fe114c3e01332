// RUN: cameo-opt %s -split-input-file -verify-diagnostics

func.func @transpose_twice(%x: tensor<2x3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) [1, 1] is not a permutation of the dimensions of 'tensor<2x3xf32>'}}
  %0 = cameo.transpose %x {permutation = array<i64: 1, 1>} : (tensor<2x3xf32>) -> tensor<3x3xf32>
  return
}

// -----

func.func @transpose_rank(%x: tensor<2x3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) [0] is not a permutation}}
  %0 = cameo.transpose %x {permutation = array<i64: 0>} : (tensor<2x3xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @slice_step_zero(%x: tensor<4xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) starts [0], extents [2] and steps [0] do not fit 'tensor<4xf32>'}}
  %0 = cameo.slice %x {extents = array<i64: 2>, starts = array<i64: 0>, steps = array<i64: 0>} : (tensor<4xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @slice_entries(%x: tensor<4xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) starts [0, 0]}}
  %0 = cameo.slice %x {extents = array<i64: 2>, starts = array<i64: 0, 0>, steps = array<i64: 1>} : (tensor<4xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @slice_outside(%x: tensor<4xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C2) 2 elements from 2 on in steps of 2 are not in dimension 0 of 'tensor<4xf32>'}}
  %0 = cameo.slice %x {extents = array<i64: 2>, starts = array<i64: 2>, steps = array<i64: 2>} : (tensor<4xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @slice_overflow(%x: tensor<4xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C2) 3 elements from 0 on}}
  %0 = cameo.slice %x {extents = array<i64: 3>, starts = array<i64: 0>, steps = array<i64: 9223372036854775807>} : (tensor<4xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @concat_axis(%x: tensor<4xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) 'tensor<4xf32>' has no dimension 1}}
  %0 = cameo.concat %x, %x {axis = 1 : i64} : (tensor<4xf32>, tensor<4xf32>) -> tensor<8xf32>
  return
}

// -----

func.func @concat_nothing() {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) there is nothing to concatenate}}
  %0 = "cameo.concat"() {axis = 0 : i64} : () -> tensor<8xf32>
  return
}

// -----

func.func @concat_types(%x: tensor<2x4xf32>, %y: tensor<3x4xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C2) 'tensor<3x4xf32>' cannot follow 'tensor<2x4xf32>' along dimension 1}}
  %0 = cameo.concat %x, %y {axis = 1 : i64} : (tensor<2x4xf32>, tensor<3x4xf32>) -> tensor<2x8xf32>
  return
}

// -----

func.func @expand_negative(%x: tensor<1xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) shape [-1] has a negative extent}}
  %0 = cameo.expand %x {shape = array<i64: -1>} : (tensor<1xf32>) -> tensor<1xf32>
  return
}

// -----

func.func @expand_larger(%x: tensor<2x3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C2) 'tensor<2x3xf32>' cannot be broadcast to [2, 4]}}
  %0 = cameo.expand %x {shape = array<i64: 2, 4>} : (tensor<2x3xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @pad_negative(%x: tensor<3xf32>, %value: tensor<f32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) pads [-1, 0] do not fit 'tensor<3xf32>'}}
  %0 = cameo.pad %x, %value {pads = array<i64: -1, 0>} : (tensor<3xf32>, tensor<f32>) -> tensor<2xf32>
  return
}

// -----

func.func @pad_value(%x: tensor<3xf32>, %value: tensor<f64>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C2) value of type 'tensor<f64>' cannot surround 'tensor<3xf32>'}}
  %0 = cameo.pad %x, %value {pads = array<i64: 1, 0>} : (tensor<3xf32>, tensor<f64>) -> tensor<4xf32>
  return
}

// -----

func.func @pad_edge_entries(%x: tensor<3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) pads [1] do not fit 'tensor<3xf32>'}}
  %0 = cameo.pad_edge %x {pads = array<i64: 1>} : (tensor<3xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @pad_reflect_empty(%x: tensor<0xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C2) dimension 0 of 'tensor<0xf32>' has no elements to pad with}}
  %0 = cameo.pad_reflect %x {pads = array<i64: 1, 0>} : (tensor<0xf32>) -> tensor<1xf32>
  return
}

// -----

func.func @take_channels_rank(%x: tensor<3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) there are no inputs with channels}}
  %0 = cameo.take_channels %x {channels = array<i64: 0>} : (tensor<3xf32>) -> tensor<1xf32>
  return
}

// -----

func.func @take_channels_types(%x: tensor<1x3xf32>, %y: tensor<2x3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C2) 'tensor<2x3xf32>' and 'tensor<1x3xf32>' differ in more than dimension 1}}
  %0 = cameo.take_channels %x, %y {channels = array<i64: 0>} : (tensor<1x3xf32>, tensor<2x3xf32>) -> tensor<1x1xf32>
  return
}

// -----

func.func @take_channels_number(%x: tensor<1x3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C3) channel 3 is not one of the 3 of the inputs}}
  %0 = cameo.take_channels %x {channels = array<i64: 3>} : (tensor<1x3xf32>) -> tensor<1x1xf32>
  return
}

// -----

func.func @pad_wrap_empty(%x: tensor<0xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C2) dimension 0 of 'tensor<0xf32>' has no elements to pad with}}
  %0 = cameo.pad_wrap %x {pads = array<i64: 1, 0>} : (tensor<0xf32>) -> tensor<1xf32>
  return
}

// -----

func.func @reshape_elements(%x: tensor<2x3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{reshape of 'tensor<2x3xf32>' to [7] changes the number of elements}}
  %0 = cameo.reshape %x {shape = array<i64: 7>} : (tensor<2x3xf32>) -> tensor<7xf32>
  return
}

// -----

func.func @constant_type() {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{inferred type(s) 'tensor<2xf32>' are incompatible with return type(s) of operation 'tensor<3xf32>'}}
  %0 = "cameo.constant"() {value = dense<1.0> : tensor<2xf32>} : () -> tensor<3xf32>
  return
}
