// RUN: cameo-opt %s -split-input-file -verify-diagnostics

func.func @gather_axis(%x: tensor<2x3xf32>, %i: tensor<1xi64>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) axis 2 is not a dimension of 'tensor<2x3xf32>'}}
  %0 = cameo.gather %x, %i {axis = 2 : i64} : (tensor<2x3xf32>, tensor<1xi64>) -> tensor<2x1xf32>
  return
}

// -----

func.func @gather_from_empty(%x: tensor<2x0xf32>, %i: tensor<1xi64>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C2) no index fits the empty dimension 1 of 'tensor<2x0xf32>'}}
  %0 = cameo.gather %x, %i {axis = 1 : i64} : (tensor<2x0xf32>, tensor<1xi64>) -> tensor<2x1xf32>
  return
}

// -----

func.func @gather_index_type(%x: tensor<2xf32>, %i: tensor<1xf32>) {
  // expected-error@+1 {{operand #1 must be}}
  %0 = cameo.gather %x, %i {axis = 0 : i64} : (tensor<2xf32>, tensor<1xf32>) -> tensor<1xf32>
  return
}
