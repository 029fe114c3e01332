// RUN: cameo-opt %s -lower-to-linalg -canonicalize | FileCheck %s

// Without branches: every index is written, and counted if it is one.
// CHECK-LABEL: @nonzero
func.func private @nonzero(%x: tensor<2x3xf32>) -> (tensor<2x6xi64>, tensor<i64>) attributes {plan.kernel = {}} {
  // CHECK: scf.for %[[I:.*]] = {{.*}} iter_args
  // CHECK: scf.for %[[J:.*]] = {{.*}} iter_args(%[[R:.*]] = %{{.*}}, %[[N:.*]] = %{{.*}})
  // CHECK: %[[C:.*]] = arith.cmpf une
  // CHECK-COUNT-2: tensor.insert %{{.*}} into %{{.*}}[%{{.*}}, %[[N]]] : tensor<2x6xi64>
  // CHECK-NOT: scf.if
  // CHECK: arith.select %[[C]], %{{.*}}, %[[N]] : index
  %0:2 = cameo.nonzero %x : (tensor<2x3xf32>) -> (tensor<2x6xi64>, tensor<i64>)
  return %0#0, %0#1 : tensor<2x6xi64>, tensor<i64>
}

// CHECK-LABEL: @non_max_suppression
func.func private @non_max_suppression(%b: tensor<1x6x4xf32>, %s: tensor<1x2x6xf32>, %o: tensor<1x2x6xi64>, %m: tensor<i64>, %i: tensor<f32>, %t: tensor<f32>) -> (tensor<6x3xi64>, tensor<i64>) attributes {plan.kernel = {}} {
  // CHECK: scf.while
  // CHECK: arith.cmpf olt
  // CHECK: scf.condition
  // CHECK-COUNT-3: tensor.insert %{{.*}} : tensor<6x3xi64>
  // CHECK: scf.if
  // CHECK: linalg.generic {{.*}} ins({{.*}} : tensor<6xf32>, tensor<6xf32>, tensor<6xf32>, tensor<6xf32>) outs({{.*}} : tensor<6xi32>)
  %0:2 = cameo.non_max_suppression %b, %s, %o, %m, %i, %t {bound = 3 : i64} : (tensor<1x6x4xf32>, tensor<1x2x6xf32>, tensor<1x2x6xi64>, tensor<i64>, tensor<f32>, tensor<f32>) -> (tensor<6x3xi64>, tensor<i64>)
  return %0#0, %0#1 : tensor<6x3xi64>, tensor<i64>
}
