// RUN: cameo-opt %s -narrow-weights="type=bf16 least-elements=4" | FileCheck %s
// RUN: cameo-opt %s -narrow-weights="type=f16 least-elements=4" | FileCheck %s --check-prefix=HALF
// RUN: cameo-opt %s -narrow-weights="type=int8 least-elements=4" | FileCheck %s --check-prefix=INT
// RUN: cameo-opt %s -narrow-weights | FileCheck %s --check-prefix=OFF

// OFF-NOT: cameo.cast

// The product widens elements as it reads them; factors follow per column.
// CHECK-LABEL: @narrow
// CHECK: %[[W:.*]] = cameo.cast %{{.*}} {to = bf16} : (tensor<2x3xf32>) -> tensor<2x3xbf16>
// CHECK: cameo.matmul %arg0, %[[W]] : (tensor<1x2xf32>, tensor<2x3xbf16>) -> tensor<1x3xf32>
// HALF-LABEL: @narrow
// HALF: cameo.matmul %arg0, %{{.*}} : (tensor<1x2xf32>, tensor<2x3xf16>) -> tensor<1x3xf32>
// INT-LABEL: @narrow
// INT: cameo.reduce_max {{.*}} {axes = array<i64: 0>} : (tensor<2x3xf32>) -> tensor<1x3xf32>
// INT: %[[Q:.*]] = cameo.cast %{{.*}} {to = i8}
// INT: %[[S:.*]] = cameo.reshape {{.*}} -> tensor<3xf32>
// INT: %[[SUM:.*]] = cameo.matmul %arg0, %[[Q]] : (tensor<1x2xf32>, tensor<2x3xi8>) -> tensor<1x3xf32>
// INT: cameo.mul %[[SUM]], %[[S]]
func.func @narrow(%x: tensor<1x2xf32>) -> tensor<1x3xf32> {
  %w = cameo.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
  %0 = cameo.matmul %x, %w : (tensor<1x2xf32>, tensor<2x3xf32>) -> tensor<1x3xf32>
  return %0 : tensor<1x3xf32>
}

// Columns of a transposed matrix are its rows.
// INT-LABEL: @transposed
// INT: cameo.reduce_max {{.*}} {axes = array<i64: 1>} : (tensor<3x2xf32>) -> tensor<3x1xf32>
// INT: cameo.matmul {{.*}} {transpose_b}
func.func @transposed(%x: tensor<1x2xf32>) -> tensor<1x3xf32> {
  %w = cameo.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32>
  %0 = cameo.matmul %x, %w {transpose_b} : (tensor<1x2xf32>, tensor<3x2xf32>) -> tensor<1x3xf32>
  return %0 : tensor<1x3xf32>
}

// What a type cannot hold stays: too large a number, one that is not finite.
// CHECK-LABEL: @large
// CHECK-COUNT-2: cameo.cast
// HALF-LABEL: @large
// HALF-NOT: cameo.cast
// HALF: return
// INT-LABEL: @large
// INT: cameo.cast
// INT-NOT: cameo.cast
// INT: return
func.func @large(%x: tensor<1x2xf32>) -> (tensor<1x2xf32>, tensor<1x2xf32>) {
  %w = cameo.constant dense<[[1.0, 2.0], [3.0, 1.0e5]]> : tensor<2x2xf32>
  %v = cameo.constant dense<[[1.0, 2.0], [3.0, 0x7F800000]]> : tensor<2x2xf32>
  %0 = cameo.matmul %x, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  %1 = cameo.matmul %x, %v : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %0, %1 : tensor<1x2xf32>, tensor<1x2xf32>
}

// Small matrices, and those that are not constant.
// CHECK-LABEL: @others
// CHECK-NOT: cameo.cast
// CHECK: return
func.func @others(%x: tensor<1x2xf32>, %y: tensor<2x2xf32>) -> (tensor<1x1xf32>, tensor<1x2xf32>) {
  %w = cameo.constant dense<[[1.0], [2.0]]> : tensor<2x1xf32>
  %0 = cameo.matmul %x, %w : (tensor<1x2xf32>, tensor<2x1xf32>) -> tensor<1x1xf32>
  %1 = cameo.matmul %x, %y : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %0, %1 : tensor<1x1xf32>, tensor<1x2xf32>
}
