// RUN: cameo-opt %s -lower-to-linalg -canonicalize | FileCheck %s

// CHECK-DAG: #[[LAST:.*]] = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
// CHECK-DAG: #[[MIDDLE:.*]] = affine_map<(d0, d1, d2) -> (d0, d2, d1)>
// CHECK-DAG: #[[KEPT:.*]] = affine_map<(d0, d1, d2) -> (d0, d1)>

// Reduced dimensions are the innermost loops.
// CHECK-LABEL: @middle_axis
func.func private @middle_axis(%x: tensor<2x3x4xf32>) -> tensor<2x4xf32> attributes {plan.kernel = {}} {
  // CHECK: %[[INIT:.*]] = linalg.fill ins(%cst : f32)
  // CHECK: linalg.generic {indexing_maps = [#[[MIDDLE]], #[[KEPT]]], iterator_types = ["parallel", "parallel", "reduction"]} ins(%{{.*}} : tensor<2x3x4xf32>) outs(%[[INIT]] : tensor<2x4xf32>)
  // CHECK: arith.addf
  %0 = cameo.reduce_sum %x {axes = array<i64: 1>, keepdims = false} : (tensor<2x3x4xf32>) -> tensor<2x4xf32>
  return %0 : tensor<2x4xf32>
}

// CHECK-LABEL: @kept_dimension
func.func private @kept_dimension(%x: tensor<2x3x4xf32>) -> tensor<2x3x1xf32> attributes {plan.kernel = {}} {
  // CHECK: linalg.generic {indexing_maps = [#[[LAST]], #[[KEPT]]]
  // CHECK: arith.maximumf
  // CHECK: tensor.expand_shape %{{.*}} {{\[\[}}0], [1, 2]] output_shape [2, 3, 1] : tensor<2x3xf32> into tensor<2x3x1xf32>
  %0 = cameo.reduce_max %x {axes = array<i64: 2>} : (tensor<2x3x4xf32>) -> tensor<2x3x1xf32>
  return %0 : tensor<2x3x1xf32>
}

// The accumulator is f32; the mean is rounded at the end.
// CHECK-LABEL: @half_mean
func.func private @half_mean(%x: tensor<8xf16>) -> tensor<1xf16> attributes {plan.kernel = {}} {
  // CHECK: linalg.generic {{.*}} outs(%{{.*}} : tensor<f32>)
  // CHECK: arith.extf
  // CHECK: linalg.generic {{.*}} outs(%{{.*}} : tensor<f16>)
  // CHECK: arith.divf
  // CHECK: arith.truncf
  %0 = cameo.reduce_mean %x {axes = array<i64: 0>} : (tensor<8xf16>) -> tensor<1xf16>
  return %0 : tensor<1xf16>
}

// CHECK-LABEL: @arg_max_takes_first_nan
func.func private @arg_max_takes_first_nan(%x: tensor<2x3xf32>) -> tensor<2xi64> attributes {plan.kernel = {}} {
  // CHECK: ^bb0(%[[X:.*]]: f32, %[[BEST:.*]]: f32, %{{.*}}: i64)
  // CHECK: arith.cmpf olt, %[[BEST]], %[[X]]
  // CHECK: arith.cmpf uno, %[[X]], %[[X]]
  // CHECK: arith.cmpf uno, %[[BEST]], %[[BEST]]
  // CHECK: linalg.index 1
  %0 = cameo.arg_max %x {axis = 1 : i64, keepdims = false} : (tensor<2x3xf32>) -> tensor<2xi64>
  return %0 : tensor<2xi64>
}

// CHECK-LABEL: @running_sum
func.func private @running_sum(%x: tensor<2x3xf32>) -> tensor<2x3xf32> attributes {plan.kernel = {}} {
  // CHECK: scf.for
  // CHECK: %[[SLICE:.*]] = tensor.extract_slice
  // CHECK: %[[SUM:.*]] = linalg.generic {{.*}} ins(%[[SLICE]]
  // CHECK: tensor.insert_slice %[[SUM]]
  %0 = cameo.cumsum %x {axis = 1 : i64} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}
