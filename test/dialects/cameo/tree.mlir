// RUN: cameo-opt %s | cameo-opt | FileCheck %s

// CHECK-LABEL: @stump
func.func @stump(%x: tensor<3x2xf32>) -> tensor<3x1xf32> {
  // CHECK: cameo.tree_ensemble %{{.*}} {aggregate = #cameo<tree_aggregate max>, comparisons = array<i64: 0>
  %0 = cameo.tree_ensemble %x {aggregate = #cameo<tree_aggregate max>, comparisons = array<i64: 0>, features = array<i64: 1>, leaf_starts = array<i64: 0, 1, 2>, nan_is_true = array<i1: false>, num_targets = 1 : i64, on_false = array<i64: -2>, on_true = array<i64: -1>, roots = array<i64: 0>, splits = array<f64: 0.5>, targets = array<i64: 0, 0>, weights = array<f64: 1.0, 2.0>} : (tensor<3x2xf32>) -> tensor<3x1xf32>
  return %0 : tensor<3x1xf32>
}
