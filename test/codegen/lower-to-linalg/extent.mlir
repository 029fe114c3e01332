// RUN: cameo-opt %s -lower-to-linalg -canonicalize | FileCheck %s

// Rows stay whole: one loop over rows of the actual extent, one over columns.
// CHECK-LABEL: @load_dense
// CHECK-SAME: (%[[X:.*]]: tensor<2x5x3xf32>, %[[E:.*]]: tensor<i64>)
func.func private @load_dense(%x: tensor<2x5x3xf32>, %e: tensor<i64>) -> tensor<2x5x3xf32> attributes {plan.kernel = {}} {
  // CHECK: %[[N:.*]] = tensor.extract %[[E]][]
  // CHECK: arith.maxsi %[[N]]
  // CHECK: arith.minsi
  // CHECK: %[[ROW:.*]] = arith.muli %{{.*}}, %c3
  // CHECK: %[[FLAT:.*]] = tensor.collapse_shape %[[X]] {{.*}} into tensor<30xf32>
  // CHECK: scf.for %[[I:[a-z0-9]+]] = %c0 to %c2
  // CHECK: scf.for %[[J:[a-z0-9]+]] = %c0 to %[[ROW]]
  // CHECK: %[[START:.*]] = arith.muli %[[I]], %[[ROW]]
  // CHECK: %[[AT:.*]] = arith.addi %[[START]], %[[J]]
  // CHECK: %[[V:.*]] = tensor.extract %[[FLAT]][%[[AT]]]
  // CHECK: tensor.insert %[[V]] into %{{.*}}[%[[I]], %[[J]]] : tensor<2x15xf32>
  %0 = cameo.load_dense %x, %e {dims = array<i64: 1>} : (tensor<2x5x3xf32>, tensor<i64>) -> tensor<2x5x3xf32>
  return %0 : tensor<2x5x3xf32>
}

// CHECK-LABEL: @store_dense
func.func private @store_dense(%x: tensor<4x8xf16>, %e: tensor<i64>, %f: tensor<i64>) -> tensor<4x8xf16> attributes {plan.kernel = {}} {
  // CHECK: scf.for %[[I:[a-z0-9]+]] =
  // CHECK: scf.for %[[J:[a-z0-9]+]] =
  // CHECK: %[[AT:.*]] = arith.addi
  // CHECK: %[[V:.*]] = tensor.extract %{{.*}}[%[[I]], %[[J]]] : tensor<4x8xf16>
  // CHECK: tensor.insert %[[V]] into %{{.*}}[%[[AT]]] : tensor<32xf16>
  %0 = cameo.store_dense %x, %e, %f {dims = array<i64: 0, 1>} : (tensor<4x8xf16>, tensor<i64>, tensor<i64>) -> tensor<4x8xf16>
  return %0 : tensor<4x8xf16>
}

// CHECK-LABEL: @limit
func.func private @limit(%x: tensor<4x8xf32>, %p: tensor<4x1xi32>, %e: tensor<i64>) -> tensor<4x8xf32> attributes {plan.kernel = {}} {
  // CHECK: linalg.generic
  // CHECK: ^bb0(%[[V:.*]]: f32, %[[I:.*]]: i32, %[[E:.*]]: i64
  // CHECK: %[[END:.*]] = arith.trunci %[[E]]
  // CHECK: %[[C:.*]] = arith.cmpi slt, %[[I]], %[[END]]
  // CHECK: arith.select %[[C]], %[[V]], %{{.*}} : f32
  %0 = cameo.limit %x, %p, %e {dim = 0 : i64, fill = 0xFF800000 : f32} : (tensor<4x8xf32>, tensor<4x1xi32>, tensor<i64>) -> tensor<4x8xf32>
  return %0 : tensor<4x8xf32>
}

// CHECK-LABEL: @check_extent
func.func private @check_extent(%a: tensor<i64>, %b: tensor<i64>, %c: tensor<i64>) -> tensor<i64> attributes {plan.kernel = {}} {
  // CHECK: cf.assert %{{.*}}, "extent out of range"
  %0 = cameo.check_extent %a, %b, %c : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<i64>
  return %0 : tensor<i64>
}

// CHECK-LABEL: @concat_extents
func.func private @concat_extents(%x: tensor<2x3xf32>, %y: tensor<2x1xf32>, %e: tensor<i64>, %f: tensor<i64>) -> tensor<2x4xf32> attributes {plan.kernel = {}} {
  // CHECK: scf.for
  // CHECK: scf.for
  // CHECK: tensor.extract %{{.*}} : tensor<2x3xf32>
  // CHECK: scf.for
  // CHECK: scf.for
  // CHECK: tensor.extract %{{.*}} : tensor<2x1xf32>
  // CHECK: tensor.insert %{{.*}} : tensor<2x4xf32>
  %0 = cameo.concat_extents %x, %y, %e, %f {axis = 1 : i64} : (tensor<2x3xf32>, tensor<2x1xf32>, tensor<i64>, tensor<i64>) -> tensor<2x4xf32>
  return %0 : tensor<2x4xf32>
}

// Nothing but the new elements is written: into the past, behind what it has.
// CHECK-LABEL: @append
// CHECK-SAME: (%[[PAST:.*]]: tensor<2x8x3xf32>, %[[X:.*]]: tensor<2x2x3xf32>, %[[P:.*]]: tensor<i64>, %[[E:.*]]: tensor<i64>)
func.func private @append(%past: tensor<2x8x3xf32>, %x: tensor<2x2x3xf32>, %p: tensor<i64>, %e: tensor<i64>) -> tensor<2x8x3xf32> attributes {plan.kernel = {}} {
  // CHECK: %[[AT:.*]] = tensor.extract %[[P]][]
  // CHECK: arith.maxsi %[[AT]], %c0
  // CHECK: arith.minsi %{{.*}}, %c6_i64
  // CHECK: %[[OFFSET:.*]] = arith.muli %{{.*}}, %c3
  // CHECK: %[[COUNT:.*]] = tensor.extract %[[E]][]
  // CHECK: arith.minsi %{{.*}}, %c2_i64
  // CHECK: %[[ROW:.*]] = arith.muli %{{.*}}, %c3
  // CHECK-DAG: %[[NEW:.*]] = tensor.collapse_shape %[[X]] {{.*}} into tensor<2x6xf32>
  // CHECK-DAG: %[[INTO:.*]] = tensor.collapse_shape %[[PAST]] {{.*}} into tensor<2x24xf32>
  // CHECK: scf.for %[[I:[a-z0-9]+]] = %c0 to %c2 {{.*}}iter_args(%{{.*}} = %[[INTO]])
  // CHECK: scf.for %[[J:[a-z0-9]+]] = %c0 to %[[ROW]]
  // CHECK: %[[V:.*]] = tensor.extract %[[NEW]][%[[I]], %[[J]]]
  // CHECK: %[[TO:.*]] = arith.addi %[[OFFSET]], %[[J]]
  // CHECK: tensor.insert %[[V]] into %{{.*}}[%[[I]], %[[TO]]] : tensor<2x24xf32>
  %0 = cameo.append %past, %x, %p, %e {axis = 1 : i64} : (tensor<2x8x3xf32>, tensor<2x2x3xf32>, tensor<i64>, tensor<i64>) -> tensor<2x8x3xf32>
  return %0 : tensor<2x8x3xf32>
}
