// RUN: cameo-opt %s | cameo-opt | FileCheck %s

// CHECK-LABEL: @rnn
func.func @rnn(%x: tensor<5x2x4xf32>, %w: tensor<4x4xf32>, %h: tensor<2x4xf32>, %l: tensor<2xi32>) -> tensor<5x2x4xf32> {
  // CHECK: cameo.rnn x(%{{.*}}), %{{.*}}, h(%{{.*}}) lengths(%{{.*}}) {activations = [#cameo<activation tanh>], alphas = array<f64: 0.000000e+00>, betas = array<f64: 0.000000e+00>, clip = 5.000000e-01 : f64, reverse}
  %y, %last = cameo.rnn x(%x), %w, h(%h) lengths(%l) {activations = [#cameo<activation tanh>], alphas = array<f64: 0.0>, betas = array<f64: 0.0>, clip = 0.5 : f64, reverse} : (tensor<5x2x4xf32>, tensor<4x4xf32>, tensor<2x4xf32>, tensor<2xi32>) -> (tensor<5x2x4xf32>, tensor<2x4xf32>)
  return %y : tensor<5x2x4xf32>
}

// CHECK-LABEL: @gru
func.func @gru(%x: tensor<5x2x12xf16>, %w: tensor<4x12xf16>, %h: tensor<2x4xf16>, %b: tensor<4xf16>) -> tensor<2x4xf16> {
  // CHECK: cameo.gru x(%{{.*}}), %{{.*}}, h(%{{.*}}) hidden_bias(%{{.*}}) {{{.*}}, linear_before_reset} :
  %y, %last = cameo.gru x(%x), %w, h(%h) hidden_bias(%b) {activations = [#cameo<activation sigmoid>, #cameo<activation tanh>], alphas = array<f64: 0.0, 0.0>, betas = array<f64: 0.0, 0.0>, linear_before_reset} : (tensor<5x2x12xf16>, tensor<4x12xf16>, tensor<2x4xf16>, tensor<4xf16>) -> (tensor<5x2x4xf16>, tensor<2x4xf16>)
  return %last : tensor<2x4xf16>
}

// CHECK-LABEL: @lstm
func.func @lstm(%x: tensor<5x2x16xf32>, %w: tensor<4x16xf32>, %h: tensor<2x4xf32>, %c: tensor<2x4xf32>, %p: tensor<12xf32>) -> tensor<2x4xf32> {
  // CHECK: cameo.lstm x(%{{.*}}), %{{.*}}, h(%{{.*}}), c(%{{.*}}) peepholes(%{{.*}}) {
  %y, %hn, %cn = cameo.lstm x(%x), %w, h(%h), c(%c) peepholes(%p) {activations = [#cameo<activation sigmoid>, #cameo<activation tanh>, #cameo<activation tanh>], alphas = array<f64: 0.0, 0.0, 0.0>, betas = array<f64: 0.0, 0.0, 0.0>} : (tensor<5x2x16xf32>, tensor<4x16xf32>, tensor<2x4xf32>, tensor<2x4xf32>, tensor<12xf32>) -> (tensor<5x2x4xf32>, tensor<2x4xf32>, tensor<2x4xf32>)
  return %cn : tensor<2x4xf32>
}
