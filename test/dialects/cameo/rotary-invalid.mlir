// RUN: cameo-opt %s -split-input-file -verify-diagnostics

func.func @other_elements(%x: tensor<7x8xf32>, %t: tensor<7x8xf16>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) the elements of 'tensor<7x8xf32>', 'tensor<7x8xf16>' and 'tensor<7x8xf16>' differ}}
  %0 = cameo.rotary_embedding %x, %t, %t : (tensor<7x8xf32>, tensor<7x8xf16>, tensor<7x8xf16>) -> tensor<7x8xf32>
  return
}

// -----

func.func @no_rows(%x: tensor<7x8xf32>, %t: tensor<f32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C2) 'tensor<7x8xf32>', 'tensor<f32>' and 'tensor<f32>' do not all have rows}}
  %0 = cameo.rotary_embedding %x, %t, %t : (tensor<7x8xf32>, tensor<f32>, tensor<f32>) -> tensor<7x8xf32>
  return
}

// -----

func.func @odd(%x: tensor<7x8xf32>, %t: tensor<7x3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C2) 3 and 3 elements do not rotate pairs of 8}}
  %0 = cameo.rotary_embedding %x, %t, %t : (tensor<7x8xf32>, tensor<7x3xf32>, tensor<7x3xf32>) -> tensor<7x8xf32>
  return
}

// -----

func.func @more_than_there_are(%x: tensor<7x8xf32>, %t: tensor<7x10xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C2) 10 and 10 elements do not rotate pairs of 8}}
  %0 = cameo.rotary_embedding %x, %t, %t : (tensor<7x8xf32>, tensor<7x10xf32>, tensor<7x10xf32>) -> tensor<7x8xf32>
  return
}

// -----

func.func @other_rows(%x: tensor<1x7x8xf32>, %c: tensor<7x8xf32>, %s: tensor<2x7x8xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C3) 'tensor<2x7x8xf32>' cannot be broadcast to rows of 'tensor<1x7x8xf32>'}}
  %0 = cameo.rotary_embedding %x, %c, %s : (tensor<1x7x8xf32>, tensor<7x8xf32>, tensor<2x7x8xf32>) -> tensor<1x7x8xf32>
  return
}
