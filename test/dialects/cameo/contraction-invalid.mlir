// RUN: cameo-opt %s -split-input-file -verify-diagnostics

func.func @det(%x: tensor<2x3x4xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) 'tensor<2x3x4xf32>' has no square matrices}}
  %0 = cameo.det %x : (tensor<2x3x4xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @matmul_rank(%a: tensor<3xf32>, %b: tensor<3x5xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) operands have ranks 1 and 2, not at least 2}}
  %0 = cameo.matmul %a, %b : (tensor<3xf32>, tensor<3x5xf32>) -> tensor<5xf32>
  return
}

// -----

func.func @matmul_inner(%a: tensor<2x3xf32>, %b: tensor<4x5xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C2) inner extents 3 and 4 differ}}
  %0 = cameo.matmul %a, %b : (tensor<2x3xf32>, tensor<4x5xf32>) -> tensor<2x5xf32>
  return
}

// -----

func.func @matmul_types(%a: tensor<2x3xf32>, %b: tensor<3x5xf64>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C3) element types 'f32' and 'f64' differ}}
  %0 = cameo.matmul %a, %b : (tensor<2x3xf32>, tensor<3x5xf64>) -> tensor<2x5xf32>
  return
}
