// RUN: cameo-opt %s | cameo-opt | FileCheck %s
// RUN: cameo-opt %s -canonicalize | FileCheck %s --check-prefix=FOLD

// CHECK: #map = affine_map<()[s0, s1] -> (s0 * 2 + s1)>
// CHECK-LABEL: @extent(
func.func @extent(%a: tensor<i64>, %b: tensor<i64>) -> tensor<i64> {
  // CHECK: cameo.extent %{{.*}}, %{{.*}} {map = #map} : (tensor<i64>, tensor<i64>) -> tensor<i64>
  %0 = cameo.extent %a, %b {map = affine_map<()[s0, s1] -> (s0 * 2 + s1)>} : (tensor<i64>, tensor<i64>) -> tensor<i64>
  return %0 : tensor<i64>
}

// Divisions round towards minus infinity, or up, and remainders are positive.
// FOLD-LABEL: @extent_of_constants
// FOLD-DAG: dense<-2> : tensor<i64>
// FOLD-DAG: dense<-1> : tensor<i64>
// FOLD-DAG: dense<1> : tensor<i64>
func.func @extent_of_constants() -> (tensor<i64>, tensor<i64>, tensor<i64>) {
  %0 = cameo.constant dense<-3> : tensor<i64>
  %1 = cameo.extent %0 {map = affine_map<()[s0] -> (s0 floordiv 2)>} : (tensor<i64>) -> tensor<i64>
  %2 = cameo.extent %0 {map = affine_map<()[s0] -> (s0 ceildiv 2)>} : (tensor<i64>) -> tensor<i64>
  %3 = cameo.extent %0 {map = affine_map<()[s0] -> (s0 mod 2)>} : (tensor<i64>) -> tensor<i64>
  return %1, %2, %3 : tensor<i64>, tensor<i64>, tensor<i64>
}

// CHECK-LABEL: @check_extent
func.func @check_extent(%a: tensor<i64>, %b: tensor<i64>, %c: tensor<i64>) -> tensor<i64> {
  // CHECK: cameo.check_extent %{{.*}}, %{{.*}}, %{{.*}} : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<i64>
  %0 = cameo.check_extent %a, %b, %c : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<i64>
  return %0 : tensor<i64>
}

// A check that fails is not folded away.
// FOLD-LABEL: @failing_check
// FOLD: cameo.check_extent
func.func @failing_check() -> tensor<i64> {
  %0 = cameo.constant dense<3> : tensor<i64>
  %1 = cameo.constant dense<4> : tensor<i64>
  %2 = cameo.check_extent %0, %1, %1 : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<i64>
  return %2 : tensor<i64>
}

// CHECK-LABEL: @limit
func.func @limit(%x: tensor<4x8xf32>, %p: tensor<4x1xi32>, %e: tensor<i64>) -> tensor<4x8xf32> {
  // CHECK: cameo.limit %{{.*}}, %{{.*}}, %{{.*}} {dim = 0 : i64, fill = 0.000000e+00 : f32} : (tensor<4x8xf32>, tensor<4x1xi32>, tensor<i64>) -> tensor<4x8xf32>
  %0 = cameo.limit %x, %p, %e {dim = 0 : i64, fill = 0.0 : f32} : (tensor<4x8xf32>, tensor<4x1xi32>, tensor<i64>) -> tensor<4x8xf32>
  return %0 : tensor<4x8xf32>
}

// FOLD-LABEL: @limit_to_all
// FOLD-SAME: (%[[X:.*]]: tensor<4x8xui8>
// FOLD: return %[[X]]
func.func @limit_to_all(%x: tensor<4x8xui8>, %p: tensor<4x1xi32>) -> tensor<4x8xui8> {
  %e = cameo.constant dense<4> : tensor<i64>
  %0 = cameo.limit %x, %p, %e {dim = 0 : i64, fill = 255 : ui8} : (tensor<4x8xui8>, tensor<4x1xi32>, tensor<i64>) -> tensor<4x8xui8>
  return %0 : tensor<4x8xui8>
}

// CHECK-LABEL: @dense
func.func @dense(%x: tensor<4x8xf32>, %e: tensor<i64>) -> tensor<4x8xf32> {
  // CHECK: %[[Y:.*]] = cameo.load_dense %{{.*}}, %{{.*}} {dims = array<i64: 1>} : (tensor<4x8xf32>, tensor<i64>) -> tensor<4x8xf32>
  // CHECK: cameo.store_dense %[[Y]], %{{.*}} {dims = array<i64: 1>} : (tensor<4x8xf32>, tensor<i64>) -> tensor<4x8xf32>
  // FOLD: cameo.load_dense
  // FOLD: cameo.store_dense
  %0 = cameo.load_dense %x, %e {dims = array<i64: 1>} : (tensor<4x8xf32>, tensor<i64>) -> tensor<4x8xf32>
  %1 = cameo.store_dense %0, %e {dims = array<i64: 1>} : (tensor<4x8xf32>, tensor<i64>) -> tensor<4x8xf32>
  return %1 : tensor<4x8xf32>
}

// FOLD-LABEL: @load_all
// FOLD-SAME: (%[[X:.*]]: tensor<1x4x8xf32>
// FOLD: return %[[X]]
func.func @load_all(%x: tensor<1x4x8xf32>) -> tensor<1x4x8xf32> {
  %all = cameo.constant dense<8> : tensor<i64>
  %0 = cameo.load_dense %x, %all {dims = array<i64: 2>} : (tensor<1x4x8xf32>, tensor<i64>) -> tensor<1x4x8xf32>
  return %0 : tensor<1x4x8xf32>
}

// CHECK-LABEL: @concat_extents
func.func @concat_extents(%x: tensor<2x3xf32>, %y: tensor<2x1xf32>, %e: tensor<i64>, %f: tensor<i64>) -> tensor<2x4xf32> {
  // CHECK: cameo.concat_extents %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} {axis = 1 : i64} : (tensor<2x3xf32>, tensor<2x1xf32>, tensor<i64>, tensor<i64>) -> tensor<2x4xf32>
  %0 = cameo.concat_extents %x, %y, %e, %f {axis = 1 : i64} : (tensor<2x3xf32>, tensor<2x1xf32>, tensor<i64>, tensor<i64>) -> tensor<2x4xf32>
  return %0 : tensor<2x4xf32>
}

// CHECK-LABEL: @append
func.func @append(%past: tensor<2x4xf32>, %x: tensor<2x1xf32>, %p: tensor<i64>, %e: tensor<i64>) -> tensor<2x4xf32> {
  // CHECK: cameo.append %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} {axis = 1 : i64} : (tensor<2x4xf32>, tensor<2x1xf32>, tensor<i64>, tensor<i64>) -> tensor<2x4xf32>
  %0 = cameo.append %past, %x, %p, %e {axis = 1 : i64} : (tensor<2x4xf32>, tensor<2x1xf32>, tensor<i64>, tensor<i64>) -> tensor<2x4xf32>
  return %0 : tensor<2x4xf32>
}
