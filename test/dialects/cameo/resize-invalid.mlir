// RUN: cameo-opt %s -split-input-file -verify-diagnostics

func.func @steps_too_short(%x: tensor<2x3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) an attribute has 1 entries for the dimensions of 'tensor<2x3xf32>'}}
  %0 = cameo.resize_nearest %x {offsets = array<f64: 0.0, 0.0>, round_up = array<i1: false, false>, shape = array<i64: 4, 6>, steps = array<f64: 0.5>} : (tensor<2x3xf32>) -> tensor<4x6xf32>
  return
}

// -----

func.func @extent_negative(%x: tensor<3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) extent -1 is negative}}
  %0 = cameo.resize_nearest %x {offsets = array<f64: 0.0>, round_up = array<i1: false>, shape = array<i64: -1>, steps = array<f64: 0.5>} : (tensor<3xf32>) -> tensor<0xf32>
  return
}

// -----

func.func @nothing_to_interpolate(%x: tensor<0xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C2) 'tensor<0xf32>' has no elements to interpolate}}
  %0 = cameo.resize_nearest %x {offsets = array<f64: 0.0>, round_up = array<i1: false>, shape = array<i64: 2>, steps = array<f64: 0.5>} : (tensor<0xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @stretch_below_one(%x: tensor<3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C3) stretch 0.500000 is less than 1}}
  %0 = cameo.resize %x {offsets = array<f64: 0.0>, shape = array<i64: 6>, steps = array<f64: 0.5>, stretches = array<f64: 0.5>} : (tensor<3xf32>) -> tensor<6xf32>
  return
}
