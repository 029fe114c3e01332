// RUN: cameo-opt %s -split-input-file -verify-diagnostics

func.func @boxes(%b: tensor<1x5x4xf32>, %s: tensor<1x2x6xf32>, %o: tensor<1x2x6xi64>, %m: tensor<i64>, %i: tensor<f32>, %t: tensor<f32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) boxes 'tensor<1x5x4xf32>', scores 'tensor<1x2x6xf32>' and order 'tensor<1x2x6xi64>' do not fit}}
  %0:2 = cameo.non_max_suppression %b, %s, %o, %m, %i, %t {bound = 3 : i64} : (tensor<1x5x4xf32>, tensor<1x2x6xf32>, tensor<1x2x6xi64>, tensor<i64>, tensor<f32>, tensor<f32>) -> (tensor<6x3xi64>, tensor<i64>)
  return
}

// -----

func.func @bound(%b: tensor<1x6x4xf32>, %s: tensor<1x2x6xf32>, %o: tensor<1x2x6xi64>, %m: tensor<i64>, %i: tensor<f32>, %t: tensor<f32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C2) bound = 7 of 6 boxes}}
  %0:2 = cameo.non_max_suppression %b, %s, %o, %m, %i, %t {bound = 7 : i64} : (tensor<1x6x4xf32>, tensor<1x2x6xf32>, tensor<1x2x6xi64>, tensor<i64>, tensor<f32>, tensor<f32>) -> (tensor<14x3xi64>, tensor<i64>)
  return
}

// -----

func.func @nonzero_shape(%x: tensor<2x3xi1>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{inferred type(s) 'tensor<2x6xi64>', 'tensor<i64>' are incompatible}}
  %0:2 = cameo.nonzero %x : (tensor<2x3xi1>) -> (tensor<2x5xi64>, tensor<i64>)
  return
}
