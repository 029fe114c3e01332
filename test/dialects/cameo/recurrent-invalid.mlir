// RUN: cameo-opt %s -split-input-file -verify-diagnostics

func.func @x_gates(%x: tensor<5x2x4xf32>, %w: tensor<4x4xf32>, %h: tensor<2x4xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) x is 'tensor<5x2x4xf32>', not [steps, batch, 3 * hidden]}}
  %y, %l = cameo.gru x(%x), %w, h(%h) {activations = [#cameo<activation tanh>, #cameo<activation tanh>], alphas = array<f64: 0.0, 0.0>, betas = array<f64: 0.0, 0.0>} : (tensor<5x2x4xf32>, tensor<4x4xf32>, tensor<2x4xf32>) -> (tensor<5x2x4xf32>, tensor<2x4xf32>)
  return
}

// -----

func.func @weights(%x: tensor<5x2x4xf32>, %w: tensor<3x4xf32>, %h: tensor<2x4xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) weights is 'tensor<3x4xf32>', not 'tensor<4x4xf32>'}}
  %y, %l = cameo.rnn x(%x), %w, h(%h) {activations = [#cameo<activation tanh>], alphas = array<f64: 0.0>, betas = array<f64: 0.0>} : (tensor<5x2x4xf32>, tensor<3x4xf32>, tensor<2x4xf32>) -> (tensor<5x2x4xf32>, tensor<2x4xf32>)
  return
}

// -----

func.func @state(%x: tensor<5x2x4xf32>, %w: tensor<4x4xf32>, %h: tensor<1x4xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) h is 'tensor<1x4xf32>', not 'tensor<2x4xf32>'}}
  %y, %l = cameo.rnn x(%x), %w, h(%h) {activations = [#cameo<activation tanh>], alphas = array<f64: 0.0>, betas = array<f64: 0.0>} : (tensor<5x2x4xf32>, tensor<4x4xf32>, tensor<1x4xf32>) -> (tensor<5x2x4xf32>, tensor<2x4xf32>)
  return
}

// -----

func.func @lengths(%x: tensor<5x2x4xf32>, %w: tensor<4x4xf32>, %h: tensor<2x4xf32>, %n: tensor<3xi32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) lengths is 'tensor<3xi32>', not one entry for each of 2 sequences}}
  %y, %l = cameo.rnn x(%x), %w, h(%h) lengths(%n) {activations = [#cameo<activation tanh>], alphas = array<f64: 0.0>, betas = array<f64: 0.0>} : (tensor<5x2x4xf32>, tensor<4x4xf32>, tensor<2x4xf32>, tensor<3xi32>) -> (tensor<5x2x4xf32>, tensor<2x4xf32>)
  return
}

// -----

func.func @peepholes(%x: tensor<5x2x16xf32>, %w: tensor<4x16xf32>, %h: tensor<2x4xf32>, %p: tensor<4xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) peepholes is 'tensor<4xf32>', not 'tensor<12xf32>'}}
  %y, %l, %c = cameo.lstm x(%x), %w, h(%h), c(%h) peepholes(%p) {activations = [#cameo<activation tanh>, #cameo<activation tanh>, #cameo<activation tanh>], alphas = array<f64: 0.0, 0.0, 0.0>, betas = array<f64: 0.0, 0.0, 0.0>} : (tensor<5x2x16xf32>, tensor<4x16xf32>, tensor<2x4xf32>, tensor<2x4xf32>, tensor<4xf32>) -> (tensor<5x2x4xf32>, tensor<2x4xf32>, tensor<2x4xf32>)
  return
}

// -----

func.func @activations(%x: tensor<5x2x4xf32>, %w: tensor<4x4xf32>, %h: tensor<2x4xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C2) there are not 1 activations, alphas and betas}}
  %y, %l = cameo.rnn x(%x), %w, h(%h) {activations = [#cameo<activation tanh>, #cameo<activation tanh>], alphas = array<f64: 0.0, 0.0>, betas = array<f64: 0.0, 0.0>} : (tensor<5x2x4xf32>, tensor<4x4xf32>, tensor<2x4xf32>) -> (tensor<5x2x4xf32>, tensor<2x4xf32>)
  return
}
