// RUN: cameo-opt %s -split-input-file -verify-diagnostics

func.func @f24_matmul_groups(%x: tensor<1x7xf32>, %w: tensor<2x3x5xi32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) 'tensor<1x7xf32>' and 'tensor<2x3x5xi32>' are not matrices that can be multiplied}}
  %0 = cameo.f24_matmul %x, %w : (tensor<1x7xf32>, tensor<2x3x5xi32>) -> tensor<1x5xf32>
  return
}

// -----

func.func @q20_matmul_words(%x: tensor<1x16xf32>, %w: tensor<2x3x5xi32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) 'tensor<1x16xf32>' and 'tensor<2x3x5xi32>' are not matrices that can be multiplied}}
  %0 = cameo.q20_matmul %x, %w : (tensor<1x16xf32>, tensor<2x3x5xi32>) -> tensor<1x5xf32>
  return
}
