// RUN: cameo-opt %s -lower-to-linalg -canonicalize | FileCheck %s

// One loop over time carries y and the states; products with the state, then one
// loop over it, in place.
// CHECK-LABEL: @lstm
func.func private @lstm(%x: tensor<5x2x16xf32>, %w: tensor<4x16xf32>, %h: tensor<2x4xf32>, %c: tensor<2x4xf32>) -> (tensor<5x2x4xf32>, tensor<2x4xf32>, tensor<2x4xf32>) attributes {plan.kernel = {}} {
  // CHECK: scf.for %[[T:[a-z0-9]+]] = {{.*}} iter_args(%[[Y:[a-z0-9]+]] = %{{[a-z0-9]+}}, %[[H:[a-z0-9]+]] = %{{[a-z0-9]+}}, %[[C:[a-z0-9]+]] = %{{[a-z0-9]+}}) -> (tensor<5x2x4xf32>, tensor<2x4xf32>, tensor<2x4xf32>)
  // CHECK: %[[GATES:.*]] = tensor.extract_slice %{{.*}}[%[[T]], 0, 0] [1, 2, 16]
  // CHECK: %[[SUMS:.*]] = linalg.generic {{.*}}"reduction"]} ins(%[[H]], %{{.*}} : tensor<2x4xf32>, tensor<4x16xf32>) outs(%[[GATES]] : tensor<2x16xf32>)
  // CHECK: %[[NEW:.*]]:2 = linalg.generic {{.*}} outs(%[[H]], %[[C]] : tensor<2x4xf32>, tensor<2x4xf32>)
  // CHECK: math.tanh
  // CHECK: %[[KEPT:.*]] = bufferization.materialize_in_destination %[[NEW]]#0 in %[[H]]
  // CHECK: bufferization.materialize_in_destination %[[NEW]]#1 in %[[C]]
  // CHECK: tensor.insert_slice %[[KEPT]] into %[[Y]][%[[T]], 0, 0]
  %y, %hn, %cn = cameo.lstm x(%x), %w, h(%h), c(%c) {activations = [#cameo<activation sigmoid>, #cameo<activation tanh>, #cameo<activation tanh>], alphas = array<f64: 0.0, 0.0, 0.0>, betas = array<f64: 0.0, 0.0, 0.0>} : (tensor<5x2x16xf32>, tensor<4x16xf32>, tensor<2x4xf32>, tensor<2x4xf32>) -> (tensor<5x2x4xf32>, tensor<2x4xf32>, tensor<2x4xf32>)
  return %y, %hn, %cn : tensor<5x2x4xf32>, tensor<2x4xf32>, tensor<2x4xf32>
}

// Half precision is computed in f32, from the last step on; ended sequences are zero.
// CHECK-LABEL: @reverse_half
func.func private @reverse_half(%x: tensor<5x2x4xf16>, %w: tensor<4x4xf16>, %h: tensor<2x4xf16>, %l: tensor<2xi32>) -> (tensor<5x2x4xf16>, tensor<2x4xf16>) attributes {plan.kernel = {}} {
  // CHECK-DAG: %[[C4:.*]] = arith.constant 4 : index
  // CHECK: scf.for %[[T:[a-z0-9]+]] = {{.*}} -> (tensor<5x2x4xf16>, tensor<2x4xf32>)
  // CHECK: arith.subi %[[C4]], %[[T]]
  // CHECK: linalg.generic {{.*}} outs(%{{.*}} : tensor<2x4xf32>)
  // CHECK: arith.cmpi slt
  // CHECK: arith.truncf
  %y, %last = cameo.rnn x(%x), %w, h(%h) lengths(%l) {activations = [#cameo<activation relu>], alphas = array<f64: 0.0>, betas = array<f64: 0.0>, reverse} : (tensor<5x2x4xf16>, tensor<4x4xf16>, tensor<2x4xf16>, tensor<2xi32>) -> (tensor<5x2x4xf16>, tensor<2x4xf16>)
  return %y, %last : tensor<5x2x4xf16>, tensor<2x4xf16>
}

// Where all sequences have one length, the loop ends there, and the reverse
// direction starts there.
// CHECK-LABEL: @same_lengths
func.func private @same_lengths(%x: tensor<5x2x4xf32>, %w: tensor<4x4xf32>, %h: tensor<2x4xf32>, %n: tensor<2xi64>) -> (tensor<5x2x4xf32>, tensor<2x4xf32>) attributes {plan.kernel = {}} {
  // CHECK: %[[N:.*]] = tensor.extract %{{.*}}[%{{.*}}] : tensor<2xi64>
  // CHECK: %[[INDEX:.*]] = arith.index_cast %[[N]] : i64 to index
  // CHECK: %[[POSITIVE:.*]] = arith.maxsi %[[INDEX]]
  // CHECK: %[[COUNT:.*]] = arith.minsi %[[POSITIVE]]
  // CHECK: scf.for %[[I:.*]] = %{{.*}} to %[[COUNT]]
  // CHECK: %[[LAST:.*]] = arith.subi %[[COUNT]]
  // CHECK: arith.subi %[[LAST]], %[[I]]
  // CHECK-NOT: arith.cmpi
  // CHECK: return
  %y, %last = cameo.rnn x(%x), %w, h(%h) lengths(%n) {activations = [#cameo<activation tanh>], alphas = array<f64: 0.0>, betas = array<f64: 0.0>, cameo.same_lengths, reverse} : (tensor<5x2x4xf32>, tensor<4x4xf32>, tensor<2x4xf32>, tensor<2xi64>) -> (tensor<5x2x4xf32>, tensor<2x4xf32>)
  return %y, %last : tensor<5x2x4xf32>, tensor<2x4xf32>
}

// States that begin with one value have a buffer each.
// CHECK-LABEL: @states_of_one_value
func.func private @states_of_one_value(%x: tensor<5x2x16xf16>, %w: tensor<4x16xf16>, %h: tensor<2x4xf16>) -> (tensor<5x2x4xf16>, tensor<2x4xf16>, tensor<2x4xf16>) attributes {plan.kernel = {}} {
  // CHECK-COUNT-2: bufferization.alloc_tensor() copy(%{{.*}}) : tensor<2x4xf32>
  // CHECK: scf.for
  %y, %hn, %cn = cameo.lstm x(%x), %w, h(%h), c(%h) {activations = [#cameo<activation sigmoid>, #cameo<activation tanh>, #cameo<activation tanh>], alphas = array<f64: 0.0, 0.0, 0.0>, betas = array<f64: 0.0, 0.0, 0.0>} : (tensor<5x2x16xf16>, tensor<4x16xf16>, tensor<2x4xf16>, tensor<2x4xf16>) -> (tensor<5x2x4xf16>, tensor<2x4xf16>, tensor<2x4xf16>)
  return %y, %hn, %cn : tensor<5x2x4xf16>, tensor<2x4xf16>, tensor<2x4xf16>
}
