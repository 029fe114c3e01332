// RUN: cameo-opt %s | cameo-opt | FileCheck %s
// RUN: cameo-opt %s -canonicalize | FileCheck %s --check-prefix=FOLD

// CHECK-LABEL: @gather_rows
func.func @gather_rows(%x: tensor<2x8x4xf32>, %i: tensor<3x5xi64>) -> tensor<2x3x5x4xf32> {
  // CHECK: cameo.gather %{{.*}}, %{{.*}} {axis = 1 : i64} : (tensor<2x8x4xf32>, tensor<3x5xi64>) -> tensor<2x3x5x4xf32>
  %0 = cameo.gather %x, %i {axis = 1 : i64} : (tensor<2x8x4xf32>, tensor<3x5xi64>) -> tensor<2x3x5x4xf32>
  return %0 : tensor<2x3x5x4xf32>
}

// CHECK-LABEL: @gather_scalar_index
func.func @gather_scalar_index(%x: tensor<4xi1>, %i: tensor<i32>) -> tensor<i1> {
  // CHECK: cameo.gather %{{.*}}, %{{.*}} {axis = 0 : i64, in_bounds} : (tensor<4xi1>, tensor<i32>) -> tensor<i1>
  %0 = cameo.gather %x, %i {axis = 0 : i64, in_bounds} : (tensor<4xi1>, tensor<i32>) -> tensor<i1>
  return %0 : tensor<i1>
}

// CHECK-LABEL: @gather_nothing_from_nothing
func.func @gather_nothing_from_nothing(%x: tensor<0x4xf32>, %i: tensor<0xi64>) -> tensor<0x4xf32> {
  // CHECK: cameo.gather {{.*}} -> tensor<0x4xf32>
  %0 = cameo.gather %x, %i {axis = 0 : i64} : (tensor<0x4xf32>, tensor<0xi64>) -> tensor<0x4xf32>
  return %0 : tensor<0x4xf32>
}

// FOLD-LABEL: @fold_gather
func.func @fold_gather() -> tensor<2x2xi64> {
  // FOLD: cameo.constant dense<{{\[\[}}3, 2], [6, 5]]> : tensor<2x2xi64>
  %x = cameo.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi64>
  %i = cameo.constant dense<[-1, 1]> : tensor<2xi64>
  %0 = cameo.gather %x, %i {axis = 1 : i64} : (tensor<2x3xi64>, tensor<2xi64>) -> tensor<2x2xi64>
  return %0 : tensor<2x2xi64>
}

// The error belongs to the run.
// FOLD-LABEL: @keep_gather_out_of_range
func.func @keep_gather_out_of_range() -> tensor<1xi64> {
  // FOLD: cameo.gather
  %x = cameo.constant dense<[1, 2, 3]> : tensor<3xi64>
  %i = cameo.constant dense<3> : tensor<1xi64>
  %0 = cameo.gather %x, %i {axis = 0 : i64} : (tensor<3xi64>, tensor<1xi64>) -> tensor<1xi64>
  return %0 : tensor<1xi64>
}
