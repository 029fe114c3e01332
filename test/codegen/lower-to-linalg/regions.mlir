// RUN: cameo-opt %s -lower-to-linalg -canonicalize | FileCheck %s

// Batch indices are checked once each, numbers of samples per bin.
// CHECK-LABEL: @roi_align
func.func private @roi_align(%x: tensor<2x3x8x8xf32>, %r: tensor<4x4xf32>, %b: tensor<4xi64>) -> tensor<4x3x2x2xf32> attributes {plan.kernel = {}} {
  // CHECK: linalg.generic {{.*}} outs(%{{.*}} : tensor<4xi64>)
  // CHECK: cf.assert %{{.*}}, "index out of range"
  // CHECK-COUNT-4: scf.for
  // CHECK: cf.assert %{{.*}}, "region is too large"
  // CHECK: scf.for
  // CHECK: scf.for
  // CHECK-COUNT-4: tensor.extract %{{.*}}tensor<2x3x8x8xf32>
  %0 = cameo.roi_align %x, %r, %b {output_shape = array<i64: 2, 2>} : (tensor<2x3x8x8xf32>, tensor<4x4xf32>, tensor<4xi64>) -> tensor<4x3x2x2xf32>
  return %0 : tensor<4x3x2x2xf32>
}

// CHECK-LABEL: @max_roi_pool
func.func private @max_roi_pool(%x: tensor<2x3x8x8xf32>, %r: tensor<4x5xf32>) -> tensor<4x3x2x2xf32> attributes {plan.kernel = {}} {
  // CHECK-COUNT-4: scf.for
  // CHECK: cf.assert %{{.*}}, "index out of range"
  // CHECK: arith.maximumf
  %0 = cameo.max_roi_pool %x, %r {output_shape = array<i64: 2, 2>} : (tensor<2x3x8x8xf32>, tensor<4x5xf32>) -> tensor<4x3x2x2xf32>
  return %0 : tensor<4x3x2x2xf32>
}

// CHECK-LABEL: @det
func.func private @det(%x: tensor<5x3x3xf32>) -> tensor<5xf32> attributes {plan.kernel = {}} {
  // CHECK: scf.for
  // CHECK: scf.for
  // CHECK: arith.cmpf olt
  // CHECK: arith.divf
  %0 = cameo.det %x : (tensor<5x3x3xf32>) -> tensor<5xf32>
  return %0 : tensor<5xf32>
}

// CHECK-LABEL: @tree
func.func private @tree(%x: tensor<3x2xf32>) -> tensor<3x1xf32> attributes {plan.kernel = {}} {
  // CHECK: scf.while
  // CHECK: arith.cmpi sge
  // CHECK: tensor.extract %{{.*}} : tensor<3x2xf32>
  // CHECK: arith.cmpf ole
  // CHECK: arith.select
  %0 = cameo.tree_ensemble %x {comparisons = array<i64: 0>, features = array<i64: 1>, leaf_starts = array<i64: 0, 1, 2>, nan_is_true = array<i1: false>, num_targets = 1 : i64, on_false = array<i64: -2>, on_true = array<i64: -1>, roots = array<i64: 0>, splits = array<f64: 0.5>, targets = array<i64: 0, 0>, weights = array<f64: 1.0, 2.0>} : (tensor<3x2xf32>) -> tensor<3x1xf32>
  return %0 : tensor<3x1xf32>
}
