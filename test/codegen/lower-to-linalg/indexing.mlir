// RUN: cameo-opt %s -lower-to-linalg -canonicalize | FileCheck %s

// Indices are checked once each; rows are copied as wholes.
// CHECK-LABEL: @gather
func.func private @gather(%x: tensor<2x8x4x3xf32>, %i: tensor<5x6xi32>) -> tensor<2x5x6x4x3xf32> attributes {plan.kernel = {}} {
  // CHECK: %[[POSITIONS:.*]] = linalg.generic {{.*}} ins(%{{.*}} : tensor<30xi32>) outs(%{{.*}} : tensor<30xi64>)
  // CHECK: arith.extsi
  // CHECK: cf.assert %{{.*}}, "index out of range"
  // CHECK: scf.for
  // CHECK: scf.for %[[K:[a-z0-9]+]] =
  // CHECK: %[[POSITION:.*]] = tensor.extract %[[POSITIONS]][%[[K]]] : tensor<30xi64>
  // CHECK: %[[ROW:.*]] = arith.index_cast %[[POSITION]]
  // CHECK: tensor.extract_slice %{{.*}}[%{{.*}}, %[[ROW]], 0] [1, 1, 12] [1, 1, 1] : tensor<2x8x12xf32> to tensor<12xf32>
  // CHECK: tensor.insert_slice %{{.*}} into %{{.*}}[%{{.*}}, %[[K]], 0] [1, 1, 12] [1, 1, 1]
  %0 = cameo.gather %x, %i {axis = 1 : i64} : (tensor<2x8x4x3xf32>, tensor<5x6xi32>) -> tensor<2x5x6x4x3xf32>
  return %0 : tensor<2x5x6x4x3xf32>
}

// CHECK-LABEL: @gather_in_bounds
func.func private @gather_in_bounds(%x: tensor<8x4xf32>, %i: tensor<5xi64>) -> tensor<5x4xf32> attributes {plan.kernel = {}} {
  // CHECK-NOT: cf.assert
  // CHECK: scf.for
  %0 = cameo.gather %x, %i {axis = 0 : i64, in_bounds} : (tensor<8x4xf32>, tensor<5xi64>) -> tensor<5x4xf32>
  return %0 : tensor<5x4xf32>
}

// CHECK-LABEL: @gather_nothing
func.func private @gather_nothing(%x: tensor<0x4xf32>, %i: tensor<0xi64>) -> tensor<0x4xf32> attributes {plan.kernel = {}} {
  // CHECK-NEXT: %[[EMPTY:.*]] = tensor.empty() : tensor<0x4xf32>
  // CHECK-NEXT: return %[[EMPTY]]
  %0 = cameo.gather %x, %i {axis = 0 : i64} : (tensor<0x4xf32>, tensor<0xi64>) -> tensor<0x4xf32>
  return %0 : tensor<0x4xf32>
}
