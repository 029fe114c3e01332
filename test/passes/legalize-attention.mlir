// RUN: cameo-opt %s -legalize -canonicalize -mlir-print-local-scope | FileCheck %s

// As Hugging Face's repeat_kv is exported: keys and values of two groups are
// repeated for three heads each, and read by several rows of queries.
// CHECK-LABEL: @grouped_queries
// CHECK-NOT: cameo.expand
// CHECK: %[[K:.*]] = cameo.reshape %arg1 {shape = array<i64: 1, 2, 1, 7, 4>}
// CHECK: %[[V:.*]] = cameo.reshape %arg2 {shape = array<i64: 1, 2, 1, 7, 4>}
// CHECK: %[[T:.*]] = cameo.transpose %[[K]] {permutation = array<i64: 0, 1, 2, 4, 3>}
// CHECK: %[[Q:.*]] = cameo.reshape %arg0 {shape = array<i64: 1, 2, 3, 5, 4>}
// CHECK: %[[S:.*]] = cameo.matmul %[[Q]], %[[T]] :
// CHECK: %[[SCALED:.*]] = cameo.mul %[[S]]
// CHECK: %[[M:.*]] = cameo.reshape %arg3 {shape = array<i64: 1, 1, 1, 5, 7>}
// CHECK: %[[MASKED:.*]] = cameo.add %[[SCALED]], %[[M]]
// CHECK: %[[W:.*]] = cameo.softmax %[[MASKED]] {axis = 4 : i64}
// CHECK: %[[O:.*]] = cameo.matmul %[[W]], %[[V]] :
// CHECK: %[[R:.*]] = cameo.transpose %[[O]] {permutation = array<i64: 0, 3, 1, 2, 4>}
// CHECK: cameo.reshape %[[R]] {shape = array<i64: 1, 5, 24>}
func.func @grouped_queries(%q: tensor<1x6x5x4xf32>, %k: tensor<1x2x7x4xf32>, %v: tensor<1x2x7x4xf32>, %m: tensor<1x1x5x7xf32>) -> tensor<1x5x24xf32> {
  %c = cameo.constant dense<0.5> : tensor<f32>
  %k1 = cameo.reshape %k {shape = array<i64: 1, 2, 1, 7, 4>} : (tensor<1x2x7x4xf32>) -> tensor<1x2x1x7x4xf32>
  %k2 = cameo.expand %k1 {shape = array<i64: 1, 2, 3, 7, 4>} : (tensor<1x2x1x7x4xf32>) -> tensor<1x2x3x7x4xf32>
  %k3 = cameo.reshape %k2 {shape = array<i64: 1, 6, 7, 4>} : (tensor<1x2x3x7x4xf32>) -> tensor<1x6x7x4xf32>
  %v1 = cameo.reshape %v {shape = array<i64: 1, 2, 1, 7, 4>} : (tensor<1x2x7x4xf32>) -> tensor<1x2x1x7x4xf32>
  %v2 = cameo.expand %v1 {shape = array<i64: 1, 2, 3, 7, 4>} : (tensor<1x2x1x7x4xf32>) -> tensor<1x2x3x7x4xf32>
  %v3 = cameo.reshape %v2 {shape = array<i64: 1, 6, 7, 4>} : (tensor<1x2x3x7x4xf32>) -> tensor<1x6x7x4xf32>
  %k4 = cameo.transpose %k3 {permutation = array<i64: 0, 1, 3, 2>} : (tensor<1x6x7x4xf32>) -> tensor<1x6x4x7xf32>
  %s = cameo.matmul %q, %k4 : (tensor<1x6x5x4xf32>, tensor<1x6x4x7xf32>) -> tensor<1x6x5x7xf32>
  %s1 = cameo.mul %s, %c : (tensor<1x6x5x7xf32>, tensor<f32>) -> tensor<1x6x5x7xf32>
  %s2 = cameo.add %s1, %m : (tensor<1x6x5x7xf32>, tensor<1x1x5x7xf32>) -> tensor<1x6x5x7xf32>
  %w = cameo.softmax %s2 {axis = 3 : i64} : (tensor<1x6x5x7xf32>) -> tensor<1x6x5x7xf32>
  %o = cameo.matmul %w, %v3 : (tensor<1x6x5x7xf32>, tensor<1x6x7x4xf32>) -> tensor<1x6x5x4xf32>
  %t = cameo.transpose %o {permutation = array<i64: 0, 2, 1, 3>} : (tensor<1x6x5x4xf32>) -> tensor<1x5x6x4xf32>
  %r = cameo.reshape %t {shape = array<i64: 1, 5, 24>} : (tensor<1x5x6x4xf32>) -> tensor<1x5x24xf32>
  return %r : tensor<1x5x24xf32>
}

// A mask per head is split like the heads, and chosen between by `where`.
// CHECK-LABEL: @mask_per_head
// CHECK-DAG: %[[M:.*]] = cameo.reshape %arg2 {shape = array<i64: 2, 2, 1, 7>} : (tensor<4x1x7xi1>)
// CHECK-DAG: %[[S:.*]] = cameo.matmul %{{.*}}, %{{.*}} {transpose_b} : (tensor<1x2x2x1x4xf32>, tensor<1x2x1x7x4xf32>)
// CHECK: cameo.where %[[M]], %[[S]], %{{.*}} : (tensor<2x2x1x7xi1>, tensor<1x2x2x1x7xf32>, tensor<f32>)
func.func @mask_per_head(%q: tensor<1x4x1x4xf32>, %k: tensor<1x2x7x4xf32>, %m: tensor<4x1x7xi1>) -> tensor<1x4x1x7xf32> {
  %low = cameo.constant dense<0xFF800000> : tensor<f32>
  %k1 = cameo.reshape %k {shape = array<i64: 1, 2, 1, 7, 4>} : (tensor<1x2x7x4xf32>) -> tensor<1x2x1x7x4xf32>
  %k2 = cameo.expand %k1 {shape = array<i64: 1, 2, 2, 7, 4>} : (tensor<1x2x1x7x4xf32>) -> tensor<1x2x2x7x4xf32>
  %k3 = cameo.reshape %k2 {shape = array<i64: 1, 4, 7, 4>} : (tensor<1x2x2x7x4xf32>) -> tensor<1x4x7x4xf32>
  %k4 = cameo.transpose %k3 {permutation = array<i64: 0, 1, 3, 2>} : (tensor<1x4x7x4xf32>) -> tensor<1x4x4x7xf32>
  %s = cameo.matmul %q, %k4 : (tensor<1x4x1x4xf32>, tensor<1x4x4x7xf32>) -> tensor<1x4x1x7xf32>
  %r = cameo.where %m, %s, %low : (tensor<4x1x7xi1>, tensor<1x4x1x7xf32>, tensor<f32>) -> tensor<1x4x1x7xf32>
  return %r : tensor<1x4x1x7xf32>
}

// One row per head: keys stay as they are stored, by position.
// CHECK-LABEL: @one_row
// CHECK-NEXT: %[[K:.*]] = cameo.transpose %arg1 {permutation = array<i64: 0, 2, 1, 3>}
// CHECK-NEXT: cameo.matmul %arg0, %[[K]] {transpose_b}
func.func @one_row(%q: tensor<1x3x1x8xf32>, %k: tensor<1x7x3x8xf32>) -> tensor<1x3x1x7xf32> {
  %t = cameo.transpose %k {permutation = array<i64: 0, 2, 3, 1>} : (tensor<1x7x3x8xf32>) -> tensor<1x3x8x7xf32>
  %s = cameo.matmul %q, %t : (tensor<1x3x1x8xf32>, tensor<1x3x8x7xf32>) -> tensor<1x3x1x7xf32>
  return %s : tensor<1x3x1x7xf32>
}

// Of many rows each pays a part of the transposition.
// CHECK-LABEL: @many_rows
// CHECK: cameo.transpose %arg1 {permutation = array<i64: 0, 2, 3, 1>}
// CHECK-NOT: transpose_b
func.func @many_rows(%q: tensor<1x3x9x8xf32>, %k: tensor<1x7x3x8xf32>) -> tensor<1x3x9x7xf32> {
  %t = cameo.transpose %k {permutation = array<i64: 0, 2, 3, 1>} : (tensor<1x7x3x8xf32>) -> tensor<1x3x8x7xf32>
  %s = cameo.matmul %q, %t : (tensor<1x3x9x8xf32>, tensor<1x3x8x7xf32>) -> tensor<1x3x9x7xf32>
  return %s : tensor<1x3x9x7xf32>
}

// The operator Attention reads keys as they are stored.
// CHECK-LABEL: @attention_operator
// CHECK-NEXT: %[[T:.*]] = cameo.transpose %arg1 {permutation = array<i64: 0, 1, 3, 2>}
// CHECK-NEXT: cameo.matmul %arg0, %[[T]] :
func.func @attention_operator(%q: tensor<1x3x9x8xf32>, %k: tensor<1x3x7x8xf32>) -> tensor<1x3x9x7xf32> {
  %s = cameo.matmul %q, %k {transpose_b} : (tensor<1x3x9x8xf32>, tensor<1x3x7x8xf32>) -> tensor<1x3x9x7xf32>
  return %s : tensor<1x3x9x7xf32>
}

// Matrices repeated the other way round are those of other heads.
// CHECK-LABEL: @tiled_heads
// CHECK: cameo.expand
func.func @tiled_heads(%q: tensor<1x6x5x4xf32>, %k: tensor<1x1x2x4x7xf32>) -> tensor<1x6x5x7xf32> {
  %k2 = cameo.expand %k {shape = array<i64: 1, 3, 2, 4, 7>} : (tensor<1x1x2x4x7xf32>) -> tensor<1x3x2x4x7xf32>
  %k3 = cameo.reshape %k2 {shape = array<i64: 1, 6, 4, 7>} : (tensor<1x3x2x4x7xf32>) -> tensor<1x6x4x7xf32>
  %s = cameo.matmul %q, %k3 : (tensor<1x6x5x4xf32>, tensor<1x6x4x7xf32>) -> tensor<1x6x5x7xf32>
  return %s : tensor<1x6x5x7xf32>
}

// Queries, keys and values of one tensor, as BERT and Whisper have them: keys
// without a bias. One product, whose parts are whole heads.
// CHECK-LABEL: @joined
// CHECK: %[[W:.*]] = cameo.concat %{{.*}}, %{{.*}} {axis = 1 : i64} : (tensor<32x16xf32>, tensor<32x16xf32>) -> tensor<32x32xf32>
// CHECK: %[[P:.*]] = cameo.matmul %arg0, %[[W]]
// CHECK: %[[Y:.*]] = cameo.add %[[P]], %{{.*}} : (tensor<1x24x32xf32>, tensor<32xf32>)
// CHECK: %[[HEADS:.*]] = cameo.reshape %[[Y]] {shape = array<i64: 1, 24, 4, 8>}
// CHECK: cameo.slice %[[HEADS]] {extents = array<i64: 1, 24, 2, 8>, starts = array<i64: 0, 0, 0, 0>
// CHECK: cameo.slice %{{.*}} {extents = array<i64: 1, 24, 2, 8>, starts = array<i64: 0, 0, 2, 0>
func.func @joined(%x: tensor<1x24x32xf32>) -> tensor<1x2x24x24xf32> {
  %v = cameo.constant dense_resource<v> : tensor<32x16xf32>
  %w = cameo.constant dense_resource<w> : tensor<32x16xf32>
  %b = cameo.constant dense<2.0> : tensor<16xf32>
  %0 = cameo.matmul %x, %v : (tensor<1x24x32xf32>, tensor<32x16xf32>) -> tensor<1x24x16xf32>
  %1 = cameo.add %b, %0 : (tensor<16xf32>, tensor<1x24x16xf32>) -> tensor<1x24x16xf32>
  %2 = cameo.reshape %1 {shape = array<i64: 1, 24, 2, 8>} : (tensor<1x24x16xf32>) -> tensor<1x24x2x8xf32>
  %q = cameo.transpose %2 {permutation = array<i64: 0, 2, 1, 3>} : (tensor<1x24x2x8xf32>) -> tensor<1x2x24x8xf32>
  %3 = cameo.matmul %x, %w : (tensor<1x24x32xf32>, tensor<32x16xf32>) -> tensor<1x24x16xf32>
  %4 = cameo.reshape %3 {shape = array<i64: 1, 24, 2, 8>} : (tensor<1x24x16xf32>) -> tensor<1x24x2x8xf32>
  %k = cameo.transpose %4 {permutation = array<i64: 0, 2, 3, 1>} : (tensor<1x24x2x8xf32>) -> tensor<1x2x8x24xf32>
  %s = cameo.matmul %q, %k : (tensor<1x2x24x8xf32>, tensor<1x2x8x24xf32>) -> tensor<1x2x24x24xf32>
  return %s : tensor<1x2x24x24xf32>
}

// One row takes as long as reading the matrices: nothing is shared.
// CHECK-LABEL: @not_joined
// CHECK-COUNT-2: cameo.matmul %arg0
func.func @not_joined(%x: tensor<1x1x32xf32>) -> tensor<1x2x1x1xf32> {
  %v = cameo.constant dense_resource<v> : tensor<32x16xf32>
  %w = cameo.constant dense_resource<w> : tensor<32x16xf32>
  %0 = cameo.matmul %x, %v : (tensor<1x1x32xf32>, tensor<32x16xf32>) -> tensor<1x1x16xf32>
  %2 = cameo.reshape %0 {shape = array<i64: 1, 1, 2, 8>} : (tensor<1x1x16xf32>) -> tensor<1x1x2x8xf32>
  %q = cameo.transpose %2 {permutation = array<i64: 0, 2, 1, 3>} : (tensor<1x1x2x8xf32>) -> tensor<1x2x1x8xf32>
  %3 = cameo.matmul %x, %w : (tensor<1x1x32xf32>, tensor<32x16xf32>) -> tensor<1x1x16xf32>
  %4 = cameo.reshape %3 {shape = array<i64: 1, 1, 2, 8>} : (tensor<1x1x16xf32>) -> tensor<1x1x2x8xf32>
  %k = cameo.transpose %4 {permutation = array<i64: 0, 2, 3, 1>} : (tensor<1x1x2x8xf32>) -> tensor<1x2x8x1xf32>
  %s = cameo.matmul %q, %k : (tensor<1x2x1x8xf32>, tensor<1x2x8x1xf32>) -> tensor<1x2x1x1xf32>
  return %s : tensor<1x2x1x1xf32>
}

// Whisper scales queries behind the bias, and has heads without a batch: the factor
// is in the weights, and the products are one.
// CHECK-LABEL: @scaled_queries
// CHECK-DAG: cameo.mul %{{.*}}, %{{.*}} : (tensor<32x16xf32>, tensor<f32>)
// CHECK-DAG: cameo.constant dense<[5.000000e-01, {{.*}}, 0.000000e+00]> : tensor<32xf32>
// CHECK: %[[P:.*]] = cameo.matmul %arg0, %{{.*}} : (tensor<1x24x32xf32>, tensor<32x32xf32>)
// CHECK: %[[Y:.*]] = cameo.add %[[P]]
// CHECK: %[[HEADS:.*]] = cameo.reshape %[[Y]] {shape = array<i64: 24, 4, 8>}
// CHECK-DAG: cameo.slice %[[HEADS]] {extents = array<i64: 24, 2, 8>, starts = array<i64: 0, 0, 0>
// CHECK-DAG: cameo.slice %{{.*}} {extents = array<i64: 24, 2, 8>, starts = array<i64: 0, 2, 0>
// CHECK: return
func.func @scaled_queries(%x: tensor<1x24x32xf32>) -> tensor<2x24x24xf32> {
  %v = cameo.constant dense_resource<v> : tensor<32x16xf32>
  %w = cameo.constant dense_resource<w> : tensor<32x16xf32>
  %b = cameo.constant dense<2.0> : tensor<16xf32>
  %c = cameo.constant dense<0.25> : tensor<f32>
  %0 = cameo.matmul %x, %v : (tensor<1x24x32xf32>, tensor<32x16xf32>) -> tensor<1x24x16xf32>
  %1 = cameo.add %b, %0 : (tensor<16xf32>, tensor<1x24x16xf32>) -> tensor<1x24x16xf32>
  %2 = cameo.mul %1, %c : (tensor<1x24x16xf32>, tensor<f32>) -> tensor<1x24x16xf32>
  %3 = cameo.reshape %2 {shape = array<i64: 24, 2, 8>} : (tensor<1x24x16xf32>) -> tensor<24x2x8xf32>
  %q = cameo.transpose %3 {permutation = array<i64: 1, 0, 2>} : (tensor<24x2x8xf32>) -> tensor<2x24x8xf32>
  %4 = cameo.matmul %x, %w : (tensor<1x24x32xf32>, tensor<32x16xf32>) -> tensor<1x24x16xf32>
  %5 = cameo.reshape %4 {shape = array<i64: 24, 2, 8>} : (tensor<1x24x16xf32>) -> tensor<24x2x8xf32>
  %k = cameo.transpose %5 {permutation = array<i64: 1, 2, 0>} : (tensor<24x2x8xf32>) -> tensor<2x8x24xf32>
  %s = cameo.matmul %q, %k : (tensor<2x24x8xf32>, tensor<2x8x24xf32>) -> tensor<2x24x24xf32>
  return %s : tensor<2x24x24xf32>
}

// Weights that others use as they are keep their values.
// CHECK-LABEL: @shared_weights
// CHECK: cameo.matmul
// CHECK: cameo.mul %{{.*}} : (tensor<1x24x16xf32>, tensor<f32>)
func.func @shared_weights(%x: tensor<1x24x32xf32>, %y: tensor<1x24x32xf32>) -> (tensor<1x24x16xf32>, tensor<1x24x16xf32>) {
  %v = cameo.constant dense_resource<v> : tensor<32x16xf32>
  %c = cameo.constant dense<0.25> : tensor<f32>
  %0 = cameo.matmul %x, %v : (tensor<1x24x32xf32>, tensor<32x16xf32>) -> tensor<1x24x16xf32>
  %1 = cameo.mul %0, %c : (tensor<1x24x16xf32>, tensor<f32>) -> tensor<1x24x16xf32>
  %2 = cameo.matmul %y, %v : (tensor<1x24x32xf32>, tensor<32x16xf32>) -> tensor<1x24x16xf32>
  return %1, %2 : tensor<1x24x16xf32>, tensor<1x24x16xf32>
}

// Queries of two heads and keys of one are rotated: both are read where the joint
// product has them.
// CHECK-LABEL: @rotated
// CHECK: %[[P:.*]] = cameo.matmul %arg0, %{{.*}} : (tensor<1x24x32xf32>, tensor<32x24xf32>)
// CHECK: %[[HEADS:.*]] = cameo.reshape %[[P]] {shape = array<i64: 1, 24, 3, 8>}
// CHECK-DAG: %[[Q:.*]] = cameo.slice %[[HEADS]] {extents = array<i64: 1, 24, 2, 8>, starts = array<i64: 0, 0, 0, 0>
// CHECK-DAG: %[[K:.*]] = cameo.slice %{{.*}} {extents = array<i64: 1, 24, 1, 8>, starts = array<i64: 0, 0, 2, 0>
// CHECK-DAG: cameo.rotary_embedding %[[Q]], %arg1, %arg1
// CHECK-DAG: cameo.rotary_embedding %[[K]], %arg1, %arg1
func.func @rotated(%x: tensor<1x24x32xf32>, %t: tensor<24x1x8xf32>) -> (tensor<1x24x2x8xf32>, tensor<1x24x1x8xf32>) {
  %v = cameo.constant dense_resource<v> : tensor<32x16xf32>
  %w = cameo.constant dense_resource<u> : tensor<32x8xf32>
  %0 = cameo.matmul %x, %v : (tensor<1x24x32xf32>, tensor<32x16xf32>) -> tensor<1x24x16xf32>
  %1 = cameo.reshape %0 {shape = array<i64: 1, 24, 2, 8>} : (tensor<1x24x16xf32>) -> tensor<1x24x2x8xf32>
  %q = cameo.rotary_embedding %1, %t, %t : (tensor<1x24x2x8xf32>, tensor<24x1x8xf32>, tensor<24x1x8xf32>) -> tensor<1x24x2x8xf32>
  %2 = cameo.matmul %x, %w : (tensor<1x24x32xf32>, tensor<32x8xf32>) -> tensor<1x24x8xf32>
  %3 = cameo.reshape %2 {shape = array<i64: 1, 24, 1, 8>} : (tensor<1x24x8xf32>) -> tensor<1x24x1x8xf32>
  %k = cameo.rotary_embedding %3, %t, %t : (tensor<1x24x1x8xf32>, tensor<24x1x8xf32>, tensor<24x1x8xf32>) -> tensor<1x24x1x8xf32>
  return %q, %k : tensor<1x24x2x8xf32>, tensor<1x24x1x8xf32>
}
