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

// FOLD-LABEL: @gather_of_one_index
func.func @gather_of_one_index(%x: tensor<2x8x4xf32>) -> tensor<2x4xf32> {
  // FOLD: %[[SLICE:.*]] = cameo.slice %{{.*}} {extents = array<i64: 2, 1, 4>, starts = array<i64: 0, 7, 0>, steps = array<i64: 1, 1, 1>}
  // FOLD: cameo.reshape %[[SLICE]] {shape = array<i64: 2, 4>}
  %i = cameo.constant dense<-1> : tensor<i64>
  %0 = cameo.gather %x, %i {axis = 1 : i64} : (tensor<2x8x4xf32>, tensor<i64>) -> tensor<2x4xf32>
  return %0 : tensor<2x4xf32>
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

// CHECK-LABEL: @gather_elements
func.func @gather_elements(%x: tensor<2x8xf16>, %i: tensor<1x3xi32>) -> tensor<1x3xf16> {
  // CHECK: cameo.gather_elements %{{.*}}, %{{.*}} {axis = 1 : i64} : (tensor<2x8xf16>, tensor<1x3xi32>) -> tensor<1x3xf16>
  %0 = cameo.gather_elements %x, %i {axis = 1 : i64} : (tensor<2x8xf16>, tensor<1x3xi32>) -> tensor<1x3xf16>
  return %0 : tensor<1x3xf16>
}

// CHECK-LABEL: @gather_nd
func.func @gather_nd(%x: tensor<2x8x4x5xf32>, %i: tensor<2x3x2xi64>) -> tensor<2x3x5xf32> {
  // CHECK: cameo.gather_nd {{.*}} -> tensor<2x3x5xf32>
  %0 = cameo.gather_nd %x, %i {batch_dims = 1 : i64} : (tensor<2x8x4x5xf32>, tensor<2x3x2xi64>) -> tensor<2x3x5xf32>
  return %0 : tensor<2x3x5xf32>
}

// CHECK-LABEL: @scatters
func.func @scatters(%x: tensor<8x4xf32>, %i: tensor<3x1xi64>, %u: tensor<3x1xf32>, %v: tensor<3x4xf32>) -> (tensor<8x4xf32>, tensor<8x4xf32>) {
  // CHECK: cameo.scatter_elements %{{.*}}, %{{.*}}, %{{.*}} {axis = 0 : i64, reduction = #cameo<scatter_reduction add>} :
  %0 = cameo.scatter_elements %x, %i, %u {axis = 0 : i64, reduction = #cameo<scatter_reduction add>} : (tensor<8x4xf32>, tensor<3x1xi64>, tensor<3x1xf32>) -> tensor<8x4xf32>
  // CHECK: cameo.scatter_nd {{.*}} {in_bounds, reduction = #cameo<scatter_reduction none>} :
  %1 = cameo.scatter_nd %x, %i, %v {in_bounds, reduction = #cameo<scatter_reduction none>} : (tensor<8x4xf32>, tensor<3x1xi64>, tensor<3x4xf32>) -> tensor<8x4xf32>
  return %0, %1 : tensor<8x4xf32>, tensor<8x4xf32>
}

// CHECK-LABEL: @reverse_sequence
func.func @reverse_sequence(%x: tensor<5x2x4xf32>, %l: tensor<2xi64>) -> tensor<5x2x4xf32> {
  // CHECK: cameo.reverse_sequence %{{.*}}, %{{.*}} {time_axis = 0 : i64} :
  %0 = cameo.reverse_sequence %x, %l {time_axis = 0 : i64} : (tensor<5x2x4xf32>, tensor<2xi64>) -> tensor<5x2x4xf32>
  return %0 : tensor<5x2x4xf32>
}

// CHECK-LABEL: @top_k
func.func @top_k(%x: tensor<2x8xui8>) -> (tensor<2x3xui8>, tensor<2x3xi64>) {
  // CHECK: cameo.top_k %{{.*}} {axis = 1 : i64, k = 3 : i64, largest} : (tensor<2x8xui8>) -> (tensor<2x3xui8>, tensor<2x3xi64>)
  %0, %1 = cameo.top_k %x {axis = 1 : i64, k = 3 : i64, largest} : (tensor<2x8xui8>) -> (tensor<2x3xui8>, tensor<2x3xi64>)
  return %0, %1 : tensor<2x3xui8>, tensor<2x3xi64>
}

// FOLD-LABEL: @fold_gather_elements
func.func @fold_gather_elements() -> tensor<2x2xi64> {
  // FOLD: cameo.constant dense<{{\[\[}}2, 1], [6, 6]]> : tensor<2x2xi64>
  %x = cameo.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi64>
  %i = cameo.constant dense<[[1, 0], [2, -1]]> : tensor<2x2xi64>
  %0 = cameo.gather_elements %x, %i {axis = 1 : i64} : (tensor<2x3xi64>, tensor<2x2xi64>) -> tensor<2x2xi64>
  return %0 : tensor<2x2xi64>
}

// FOLD-LABEL: @fold_gather_nd
func.func @fold_gather_nd() -> tensor<2x2xi64> {
  // FOLD: cameo.constant dense<{{\[\[}}3, 4], [5, 6]]> : tensor<2x2xi64>
  %x = cameo.constant dense<[[[1, 2], [3, 4]], [[5, 6], [7, 8]]]> : tensor<2x2x2xi64>
  %i = cameo.constant dense<[[1], [0]]> : tensor<2x1xi64>
  %0 = cameo.gather_nd %x, %i {batch_dims = 1 : i64} : (tensor<2x2x2xi64>, tensor<2x1xi64>) -> tensor<2x2xi64>
  return %0 : tensor<2x2xi64>
}

// FOLD-LABEL: @fold_reverse_sequence
func.func @fold_reverse_sequence() -> tensor<2x3xi64> {
  // FOLD: cameo.constant dense<{{\[\[}}2, 1, 3], [4, 5, 6]]> : tensor<2x3xi64>
  %x = cameo.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi64>
  %l = cameo.constant dense<[2, 1]> : tensor<2xi64>
  %0 = cameo.reverse_sequence %x, %l {time_axis = 1 : i64} : (tensor<2x3xi64>, tensor<2xi64>) -> tensor<2x3xi64>
  return %0 : tensor<2x3xi64>
}
