// RUN: cameo-opt %s -split-input-file -verify-diagnostics

func.func @rank(%x: tensor<3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) 'tensor<3xf32>' has rank 1}}
  %0 = cameo.tree_ensemble %x {comparisons = array<i64: 0>, features = array<i64: 1>, leaf_starts = array<i64: 0, 1, 2>, nan_is_true = array<i1: false>, num_targets = 1 : i64, on_false = array<i64: -2>, on_true = array<i64: -1>, roots = array<i64: 0>, splits = array<f64: 0.5>, targets = array<i64: 0, 0>, weights = array<f64: 1.0, 2.0>} : (tensor<3xf32>) -> tensor<3x1xf32>
  return
}

// -----

func.func @splits(%x: tensor<3x2xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C2) 0 entries for 1 nodes}}
  %0 = cameo.tree_ensemble %x {comparisons = array<i64: 0>, features = array<i64: 1>, leaf_starts = array<i64: 0, 1, 2>, nan_is_true = array<i1: false>, num_targets = 1 : i64, on_false = array<i64: -2>, on_true = array<i64: -1>, roots = array<i64: 0>, splits = array<f64>, targets = array<i64: 0, 0>, weights = array<f64: 1.0, 2.0>} : (tensor<3x2xf32>) -> tensor<3x1xf32>
  return
}

// -----

func.func @feature(%x: tensor<3x2xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C3) node 0 has feature 2 of 2 and comparison 0}}
  %0 = cameo.tree_ensemble %x {comparisons = array<i64: 0>, features = array<i64: 2>, leaf_starts = array<i64: 0, 1, 2>, nan_is_true = array<i1: false>, num_targets = 1 : i64, on_false = array<i64: -2>, on_true = array<i64: -1>, roots = array<i64: 0>, splits = array<f64: 0.5>, targets = array<i64: 0, 0>, weights = array<f64: 1.0, 2.0>} : (tensor<3x2xf32>) -> tensor<3x1xf32>
  return
}

// -----

func.func @comparison(%x: tensor<3x2xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C3) node 0 has feature 1 of 2 and comparison 6}}
  %0 = cameo.tree_ensemble %x {comparisons = array<i64: 6>, features = array<i64: 1>, leaf_starts = array<i64: 0, 1, 2>, nan_is_true = array<i1: false>, num_targets = 1 : i64, on_false = array<i64: -2>, on_true = array<i64: -1>, roots = array<i64: 0>, splits = array<f64: 0.5>, targets = array<i64: 0, 0>, weights = array<f64: 1.0, 2.0>} : (tensor<3x2xf32>) -> tensor<3x1xf32>
  return
}

// -----

func.func @cycle(%x: tensor<3x2xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C4) node 0 has successors 0 and -2}}
  %0 = cameo.tree_ensemble %x {comparisons = array<i64: 0>, features = array<i64: 1>, leaf_starts = array<i64: 0, 1, 2>, nan_is_true = array<i1: false>, num_targets = 1 : i64, on_false = array<i64: -2>, on_true = array<i64: 0>, roots = array<i64: 0>, splits = array<f64: 0.5>, targets = array<i64: 0, 0>, weights = array<f64: 1.0, 2.0>} : (tensor<3x2xf32>) -> tensor<3x1xf32>
  return
}

// -----

func.func @leaf(%x: tensor<3x2xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C4) node 0 has successors -1 and -3}}
  %0 = cameo.tree_ensemble %x {comparisons = array<i64: 0>, features = array<i64: 1>, leaf_starts = array<i64: 0, 1, 2>, nan_is_true = array<i1: false>, num_targets = 1 : i64, on_false = array<i64: -3>, on_true = array<i64: -1>, roots = array<i64: 0>, splits = array<f64: 0.5>, targets = array<i64: 0, 0>, weights = array<f64: 1.0, 2.0>} : (tensor<3x2xf32>) -> tensor<3x1xf32>
  return
}

// -----

func.func @root(%x: tensor<3x2xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C4) there is no root 1}}
  %0 = cameo.tree_ensemble %x {comparisons = array<i64: 0>, features = array<i64: 1>, leaf_starts = array<i64: 0, 1, 2>, nan_is_true = array<i1: false>, num_targets = 1 : i64, on_false = array<i64: -2>, on_true = array<i64: -1>, roots = array<i64: 1>, splits = array<f64: 0.5>, targets = array<i64: 0, 0>, weights = array<f64: 1.0, 2.0>} : (tensor<3x2xf32>) -> tensor<3x1xf32>
  return
}

// -----

func.func @starts(%x: tensor<3x2xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C5) leaf_starts do not ascend from 0 to 2}}
  %0 = cameo.tree_ensemble %x {comparisons = array<i64: 0>, features = array<i64: 1>, leaf_starts = array<i64: 0, 2, 1>, nan_is_true = array<i1: false>, num_targets = 1 : i64, on_false = array<i64: -2>, on_true = array<i64: -1>, roots = array<i64: 0>, splits = array<f64: 0.5>, targets = array<i64: 0, 0>, weights = array<f64: 1.0, 2.0>} : (tensor<3x2xf32>) -> tensor<3x1xf32>
  return
}

// -----

func.func @targets(%x: tensor<3x2xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C6) 2 targets below 1 for 2 weights}}
  %0 = cameo.tree_ensemble %x {comparisons = array<i64: 0>, features = array<i64: 1>, leaf_starts = array<i64: 0, 1, 2>, nan_is_true = array<i1: false>, num_targets = 1 : i64, on_false = array<i64: -2>, on_true = array<i64: -1>, roots = array<i64: 0>, splits = array<f64: 0.5>, targets = array<i64: 0, 1>, weights = array<f64: 1.0, 2.0>} : (tensor<3x2xf32>) -> tensor<3x1xf32>
  return
}
