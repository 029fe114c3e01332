// RUN: cameo-opt %s -legalize -canonicalize -mlir-print-local-scope | FileCheck %s

// As Hugging Face's rotate_half is exported: halves are slices, in each other's
// place in a concatenation.
// CHECK-LABEL: @halves
// CHECK: %[[SIGNS:.*]] = cameo.constant dense<[-1.000000e+00, -1.000000e+00, 1.000000e+00, 1.000000e+00]>
// CHECK: %[[SIN:.*]] = cameo.mul %arg2, %[[SIGNS]]
// CHECK: %[[Y:.*]] = cameo.rotary_embedding %arg0, %arg1, %[[SIN]] : (tensor<1x3x7x4xf32>
// CHECK-NEXT: return %[[Y]]
func.func @halves(%x: tensor<1x3x7x4xf32>, %cos: tensor<1x1x7x4xf32>, %sin: tensor<1x1x7x4xf32>) -> tensor<1x3x7x4xf32> {
  %a = cameo.slice %x {extents = array<i64: 1, 3, 7, 2>, starts = array<i64: 0, 0, 0, 0>, steps = array<i64: 1, 1, 1, 1>} : (tensor<1x3x7x4xf32>) -> tensor<1x3x7x2xf32>
  %b = cameo.slice %x {extents = array<i64: 1, 3, 7, 2>, starts = array<i64: 0, 0, 0, 2>, steps = array<i64: 1, 1, 1, 1>} : (tensor<1x3x7x4xf32>) -> tensor<1x3x7x2xf32>
  %n = cameo.neg %b : (tensor<1x3x7x2xf32>) -> tensor<1x3x7x2xf32>
  %t = cameo.concat %n, %a {axis = 3 : i64} : (tensor<1x3x7x2xf32>, tensor<1x3x7x2xf32>) -> tensor<1x3x7x4xf32>
  %0 = cameo.mul %x, %cos : (tensor<1x3x7x4xf32>, tensor<1x1x7x4xf32>) -> tensor<1x3x7x4xf32>
  %1 = cameo.mul %t, %sin : (tensor<1x3x7x4xf32>, tensor<1x1x7x4xf32>) -> tensor<1x3x7x4xf32>
  %2 = cameo.add %0, %1 : (tensor<1x3x7x4xf32>, tensor<1x3x7x4xf32>) -> tensor<1x3x7x4xf32>
  return %2 : tensor<1x3x7x4xf32>
}

// GPT-J's rotate_every_two: neighbours, by slices with steps and a stack.
// CHECK-LABEL: @pairs
// CHECK: %[[SIGNS:.*]] = cameo.constant dense<[-1.000000e+00, 1.000000e+00, -1.000000e+00, 1.000000e+00]>
// CHECK: %[[SIN:.*]] = cameo.mul %arg2, %[[SIGNS]]
// CHECK: cameo.rotary_embedding %arg0, %arg1, %[[SIN]] {interleaved}
// CHECK-NEXT: return
func.func @pairs(%x: tensor<3x7x4xf32>, %cos: tensor<7x4xf32>, %sin: tensor<7x4xf32>) -> tensor<3x7x4xf32> {
  %a = cameo.slice %x {extents = array<i64: 3, 7, 2>, starts = array<i64: 0, 0, 0>, steps = array<i64: 1, 1, 2>} : (tensor<3x7x4xf32>) -> tensor<3x7x2xf32>
  %b = cameo.slice %x {extents = array<i64: 3, 7, 2>, starts = array<i64: 0, 0, 1>, steps = array<i64: 1, 1, 2>} : (tensor<3x7x4xf32>) -> tensor<3x7x2xf32>
  %n = cameo.neg %b : (tensor<3x7x2xf32>) -> tensor<3x7x2xf32>
  %n1 = cameo.reshape %n {shape = array<i64: 3, 7, 2, 1>} : (tensor<3x7x2xf32>) -> tensor<3x7x2x1xf32>
  %a1 = cameo.reshape %a {shape = array<i64: 3, 7, 2, 1>} : (tensor<3x7x2xf32>) -> tensor<3x7x2x1xf32>
  %c = cameo.concat %n1, %a1 {axis = 3 : i64} : (tensor<3x7x2x1xf32>, tensor<3x7x2x1xf32>) -> tensor<3x7x2x2xf32>
  %t = cameo.reshape %c {shape = array<i64: 3, 7, 4>} : (tensor<3x7x2x2xf32>) -> tensor<3x7x4xf32>
  %0 = cameo.mul %sin, %t : (tensor<7x4xf32>, tensor<3x7x4xf32>) -> tensor<3x7x4xf32>
  %1 = cameo.mul %cos, %x : (tensor<7x4xf32>, tensor<3x7x4xf32>) -> tensor<3x7x4xf32>
  %2 = cameo.add %0, %1 : (tensor<3x7x4xf32>, tensor<3x7x4xf32>) -> tensor<3x7x4xf32>
  return %2 : tensor<3x7x4xf32>
}

// The first Llama: rows as complex numbers, with an angle per pair.
// CHECK-LABEL: @complex
// CHECK-DAG: cameo.concat %{{.*}}, %{{.*}} {axis = 2 : i64} : (tensor<7x2x1xf32>, tensor<7x2x1xf32>) -> tensor<7x2x2xf32>
// CHECK-DAG: cameo.neg %{{.*}} : (tensor<7x2x1xf32>)
// CHECK: cameo.rotary_embedding %arg0, %{{.*}}, %{{.*}} {interleaved} : (tensor<3x7x4xf32>, tensor<7x4xf32>, tensor<7x4xf32>)
// CHECK-NEXT: return
func.func @complex(%x: tensor<3x7x4xf32>, %cos: tensor<7x2xf32>, %sin: tensor<7x2xf32>) -> tensor<3x7x4xf32> {
  %p = cameo.reshape %x {shape = array<i64: 3, 7, 2, 2>} : (tensor<3x7x4xf32>) -> tensor<3x7x2x2xf32>
  %a1 = cameo.slice %p {extents = array<i64: 3, 7, 2, 1>, starts = array<i64: 0, 0, 0, 0>, steps = array<i64: 1, 1, 1, 1>} : (tensor<3x7x2x2xf32>) -> tensor<3x7x2x1xf32>
  %b1 = cameo.slice %p {extents = array<i64: 3, 7, 2, 1>, starts = array<i64: 0, 0, 0, 1>, steps = array<i64: 1, 1, 1, 1>} : (tensor<3x7x2x2xf32>) -> tensor<3x7x2x1xf32>
  %a = cameo.reshape %a1 {shape = array<i64: 3, 7, 2>} : (tensor<3x7x2x1xf32>) -> tensor<3x7x2xf32>
  %b = cameo.reshape %b1 {shape = array<i64: 3, 7, 2>} : (tensor<3x7x2x1xf32>) -> tensor<3x7x2xf32>
  %ac = cameo.mul %a, %cos : (tensor<3x7x2xf32>, tensor<7x2xf32>) -> tensor<3x7x2xf32>
  %bs = cameo.mul %b, %sin : (tensor<3x7x2xf32>, tensor<7x2xf32>) -> tensor<3x7x2xf32>
  %as = cameo.mul %a, %sin : (tensor<3x7x2xf32>, tensor<7x2xf32>) -> tensor<3x7x2xf32>
  %bc = cameo.mul %b, %cos : (tensor<3x7x2xf32>, tensor<7x2xf32>) -> tensor<3x7x2xf32>
  %r = cameo.sub %ac, %bs : (tensor<3x7x2xf32>, tensor<3x7x2xf32>) -> tensor<3x7x2xf32>
  %i = cameo.add %as, %bc : (tensor<3x7x2xf32>, tensor<3x7x2xf32>) -> tensor<3x7x2xf32>
  %r1 = cameo.reshape %r {shape = array<i64: 3, 7, 2, 1>} : (tensor<3x7x2xf32>) -> tensor<3x7x2x1xf32>
  %i1 = cameo.reshape %i {shape = array<i64: 3, 7, 2, 1>} : (tensor<3x7x2xf32>) -> tensor<3x7x2x1xf32>
  %c = cameo.concat %r1, %i1 {axis = 3 : i64} : (tensor<3x7x2x1xf32>, tensor<3x7x2x1xf32>) -> tensor<3x7x2x2xf32>
  %0 = cameo.reshape %c {shape = array<i64: 3, 7, 4>} : (tensor<3x7x2x2xf32>) -> tensor<3x7x4xf32>
  return %0 : tensor<3x7x4xf32>
}

// GPT-NeoX and Phi rotate the first elements of rows. After folding, all parts are
// slices of the rows.
// CHECK-LABEL: @part_of_rows
// CHECK: cameo.rotary_embedding %arg0, %arg1, %{{.*}} : (tensor<3x7x8xf32>, tensor<7x4xf32>, tensor<7x4xf32>) -> tensor<3x7x8xf32>
// CHECK-NEXT: return
func.func @part_of_rows(%x: tensor<3x7x8xf32>, %cos: tensor<7x4xf32>, %sin: tensor<7x4xf32>) -> tensor<3x7x8xf32> {
  %f = cameo.slice %x {extents = array<i64: 3, 7, 4>, starts = array<i64: 0, 0, 0>, steps = array<i64: 1, 1, 1>} : (tensor<3x7x8xf32>) -> tensor<3x7x4xf32>
  %r = cameo.slice %x {extents = array<i64: 3, 7, 4>, starts = array<i64: 0, 0, 4>, steps = array<i64: 1, 1, 1>} : (tensor<3x7x8xf32>) -> tensor<3x7x4xf32>
  %a = cameo.slice %x {extents = array<i64: 3, 7, 2>, starts = array<i64: 0, 0, 0>, steps = array<i64: 1, 1, 1>} : (tensor<3x7x8xf32>) -> tensor<3x7x2xf32>
  %b = cameo.slice %x {extents = array<i64: 3, 7, 2>, starts = array<i64: 0, 0, 2>, steps = array<i64: 1, 1, 1>} : (tensor<3x7x8xf32>) -> tensor<3x7x2xf32>
  %n = cameo.neg %b : (tensor<3x7x2xf32>) -> tensor<3x7x2xf32>
  %t = cameo.concat %n, %a {axis = 2 : i64} : (tensor<3x7x2xf32>, tensor<3x7x2xf32>) -> tensor<3x7x4xf32>
  %0 = cameo.mul %f, %cos : (tensor<3x7x4xf32>, tensor<7x4xf32>) -> tensor<3x7x4xf32>
  %1 = cameo.mul %t, %sin : (tensor<3x7x4xf32>, tensor<7x4xf32>) -> tensor<3x7x4xf32>
  %2 = cameo.add %0, %1 : (tensor<3x7x4xf32>, tensor<3x7x4xf32>) -> tensor<3x7x4xf32>
  %3 = cameo.concat %2, %r {axis = 2 : i64} : (tensor<3x7x4xf32>, tensor<3x7x4xf32>) -> tensor<3x7x8xf32>
  return %3 : tensor<3x7x8xf32>
}

// The operator RotaryEmbedding, of a part of the rows: the concatenations are one.
// CHECK-LABEL: @operator
// CHECK-DAG: cameo.concat %arg1, %arg1 {axis = 1 : i64} : (tensor<7x2xf32>, tensor<7x2xf32>) -> tensor<7x4xf32>
// CHECK-DAG: cameo.neg %arg2
// CHECK: cameo.rotary_embedding %arg0, %{{.*}}, %{{.*}} : (tensor<3x7x8xf32>, tensor<7x4xf32>, tensor<7x4xf32>) -> tensor<3x7x8xf32>
// CHECK-NEXT: return
func.func @operator(%x: tensor<3x7x8xf32>, %cos: tensor<7x2xf32>, %sin: tensor<7x2xf32>) -> tensor<3x7x8xf32> {
  %a = cameo.slice %x {extents = array<i64: 3, 7, 2>, starts = array<i64: 0, 0, 0>, steps = array<i64: 1, 1, 1>} : (tensor<3x7x8xf32>) -> tensor<3x7x2xf32>
  %b = cameo.slice %x {extents = array<i64: 3, 7, 2>, starts = array<i64: 0, 0, 2>, steps = array<i64: 1, 1, 1>} : (tensor<3x7x8xf32>) -> tensor<3x7x2xf32>
  %r = cameo.slice %x {extents = array<i64: 3, 7, 4>, starts = array<i64: 0, 0, 4>, steps = array<i64: 1, 1, 1>} : (tensor<3x7x8xf32>) -> tensor<3x7x4xf32>
  %ac = cameo.mul %cos, %a : (tensor<7x2xf32>, tensor<3x7x2xf32>) -> tensor<3x7x2xf32>
  %bs = cameo.mul %sin, %b : (tensor<7x2xf32>, tensor<3x7x2xf32>) -> tensor<3x7x2xf32>
  %as = cameo.mul %sin, %a : (tensor<7x2xf32>, tensor<3x7x2xf32>) -> tensor<3x7x2xf32>
  %bc = cameo.mul %cos, %b : (tensor<7x2xf32>, tensor<3x7x2xf32>) -> tensor<3x7x2xf32>
  %0 = cameo.sub %ac, %bs : (tensor<3x7x2xf32>, tensor<3x7x2xf32>) -> tensor<3x7x2xf32>
  %1 = cameo.add %as, %bc : (tensor<3x7x2xf32>, tensor<3x7x2xf32>) -> tensor<3x7x2xf32>
  %2 = cameo.concat %0, %1, %r {axis = 2 : i64} : (tensor<3x7x2xf32>, tensor<3x7x2xf32>, tensor<3x7x4xf32>) -> tensor<3x7x8xf32>
  return %2 : tensor<3x7x8xf32>
}

// Heads are rotated before they are transposed, and the factor of scores is in the
// tables.
// CHECK-LABEL: @transposed_and_scaled
// CHECK-DAG: %[[C:.*]] = cameo.mul %arg1, %{{.*}} : (tensor<1x7x4xf32>, tensor<f32>)
// CHECK-DAG: %[[S:.*]] = cameo.mul %arg2, %{{.*}} : (tensor<1x7x4xf32>, tensor<f32>)
// CHECK-DAG: %[[COS:.*]] = cameo.reshape %[[C]] {shape = array<i64: 7, 1, 4>}
// CHECK-DAG: %[[SIN:.*]] = cameo.reshape %[[S]] {shape = array<i64: 7, 1, 4>}
// CHECK: %[[Y:.*]] = cameo.rotary_embedding %arg0, %[[COS]], %[[SIN]] : (tensor<7x8x4xf32>, tensor<7x1x4xf32>, tensor<7x1x4xf32>)
// CHECK-NEXT: cameo.transpose %[[Y]] {permutation = array<i64: 1, 0, 2>}
// CHECK-NEXT: return
func.func @transposed_and_scaled(%x: tensor<7x8x4xf32>, %cos: tensor<1x7x4xf32>, %sin: tensor<1x7x4xf32>) -> tensor<8x7x4xf32> {
  %c = cameo.constant dense<0.5> : tensor<f32>
  %0 = cameo.transpose %x {permutation = array<i64: 1, 0, 2>} : (tensor<7x8x4xf32>) -> tensor<8x7x4xf32>
  %1 = cameo.rotary_embedding %0, %cos, %sin : (tensor<8x7x4xf32>, tensor<1x7x4xf32>, tensor<1x7x4xf32>) -> tensor<8x7x4xf32>
  %2 = cameo.mul %1, %c : (tensor<8x7x4xf32>, tensor<f32>) -> tensor<8x7x4xf32>
  return %2 : tensor<8x7x4xf32>
}

// Tables as large as the rows stay as they are.
// CHECK-LABEL: @large_tables
// CHECK: cameo.transpose %arg0
// CHECK: cameo.rotary_embedding
// CHECK-NEXT: cameo.mul
func.func @large_tables(%x: tensor<7x8x4xf32>, %cos: tensor<8x7x4xf32>, %sin: tensor<8x7x4xf32>) -> tensor<8x7x4xf32> {
  %c = cameo.constant dense<0.5> : tensor<f32>
  %0 = cameo.transpose %x {permutation = array<i64: 1, 0, 2>} : (tensor<7x8x4xf32>) -> tensor<8x7x4xf32>
  %1 = cameo.rotary_embedding %0, %cos, %sin : (tensor<8x7x4xf32>, tensor<8x7x4xf32>, tensor<8x7x4xf32>) -> tensor<8x7x4xf32>
  %2 = cameo.mul %1, %c : (tensor<8x7x4xf32>, tensor<f32>) -> tensor<8x7x4xf32>
  return %2 : tensor<8x7x4xf32>
}

// Halves in their own places are not turned.
// CHECK-LABEL: @halves_in_place
// CHECK-NOT: rotary_embedding
// CHECK: return
func.func @halves_in_place(%x: tensor<7x4xf32>, %cos: tensor<7x4xf32>, %sin: tensor<7x4xf32>) -> tensor<7x4xf32> {
  %a = cameo.slice %x {extents = array<i64: 7, 2>, starts = array<i64: 0, 0>, steps = array<i64: 1, 1>} : (tensor<7x4xf32>) -> tensor<7x2xf32>
  %b = cameo.slice %x {extents = array<i64: 7, 2>, starts = array<i64: 0, 2>, steps = array<i64: 1, 1>} : (tensor<7x4xf32>) -> tensor<7x2xf32>
  %n = cameo.neg %a : (tensor<7x2xf32>) -> tensor<7x2xf32>
  %t = cameo.concat %n, %b {axis = 1 : i64} : (tensor<7x2xf32>, tensor<7x2xf32>) -> tensor<7x4xf32>
  %0 = cameo.mul %x, %cos : (tensor<7x4xf32>, tensor<7x4xf32>) -> tensor<7x4xf32>
  %1 = cameo.mul %t, %sin : (tensor<7x4xf32>, tensor<7x4xf32>) -> tensor<7x4xf32>
  %2 = cameo.add %0, %1 : (tensor<7x4xf32>, tensor<7x4xf32>) -> tensor<7x4xf32>
  return %2 : tensor<7x4xf32>
}

// The turned rows are those of another tensor.
// CHECK-LABEL: @other_rows
// CHECK-NOT: rotary_embedding
// CHECK: return
func.func @other_rows(%x: tensor<7x4xf32>, %y: tensor<7x4xf32>, %t: tensor<7x4xf32>) -> tensor<7x4xf32> {
  %a = cameo.slice %y {extents = array<i64: 7, 2>, starts = array<i64: 0, 0>, steps = array<i64: 1, 1>} : (tensor<7x4xf32>) -> tensor<7x2xf32>
  %b = cameo.slice %y {extents = array<i64: 7, 2>, starts = array<i64: 0, 2>, steps = array<i64: 1, 1>} : (tensor<7x4xf32>) -> tensor<7x2xf32>
  %n = cameo.neg %b : (tensor<7x2xf32>) -> tensor<7x2xf32>
  %c = cameo.concat %n, %a {axis = 1 : i64} : (tensor<7x2xf32>, tensor<7x2xf32>) -> tensor<7x4xf32>
  %0 = cameo.mul %x, %t : (tensor<7x4xf32>, tensor<7x4xf32>) -> tensor<7x4xf32>
  %1 = cameo.mul %c, %t : (tensor<7x4xf32>, tensor<7x4xf32>) -> tensor<7x4xf32>
  %2 = cameo.add %0, %1 : (tensor<7x4xf32>, tensor<7x4xf32>) -> tensor<7x4xf32>
  return %2 : tensor<7x4xf32>
}

// One number for all elements of a row is not an angle for each pair.
// CHECK-LABEL: @one_angle
// CHECK-NOT: rotary_embedding
// CHECK: return
func.func @one_angle(%x: tensor<7x4xf32>, %t: tensor<7x1xf32>) -> tensor<7x4xf32> {
  %a = cameo.slice %x {extents = array<i64: 7, 2>, starts = array<i64: 0, 0>, steps = array<i64: 1, 1>} : (tensor<7x4xf32>) -> tensor<7x2xf32>
  %b = cameo.slice %x {extents = array<i64: 7, 2>, starts = array<i64: 0, 2>, steps = array<i64: 1, 1>} : (tensor<7x4xf32>) -> tensor<7x2xf32>
  %n = cameo.neg %b : (tensor<7x2xf32>) -> tensor<7x2xf32>
  %c = cameo.concat %n, %a {axis = 1 : i64} : (tensor<7x2xf32>, tensor<7x2xf32>) -> tensor<7x4xf32>
  %0 = cameo.mul %x, %t : (tensor<7x4xf32>, tensor<7x1xf32>) -> tensor<7x4xf32>
  %1 = cameo.mul %c, %t : (tensor<7x4xf32>, tensor<7x1xf32>) -> tensor<7x4xf32>
  %2 = cameo.add %0, %1 : (tensor<7x4xf32>, tensor<7x4xf32>) -> tensor<7x4xf32>
  return %2 : tensor<7x4xf32>
}
