// RUN: cameo-opt %s -legalize -mlir-print-local-scope | FileCheck %s

// As PyTorch writes LayerNorm up to opset 16.
// CHECK-LABEL: @layer_norm
// CHECK-NEXT: %[[N:.*]] = cameo.layer_norm %arg0, %arg1, %arg2 {axis = 2 : i64, epsilon = 9.99999996E-13 : f32}
// CHECK-NEXT: return %[[N]]
func.func @layer_norm(%x: tensor<1x4x8xf32>, %w: tensor<8xf32>, %b: tensor<8xf32>) -> tensor<1x4x8xf32> {
  %two = cameo.constant dense<2.0> : tensor<f32>
  %e = cameo.constant dense<1.0e-12> : tensor<f32>
  %mean = cameo.reduce_mean %x {axes = array<i64: 2>} : (tensor<1x4x8xf32>) -> tensor<1x4x1xf32>
  %d = cameo.sub %x, %mean : (tensor<1x4x8xf32>, tensor<1x4x1xf32>) -> tensor<1x4x8xf32>
  %p = cameo.pow %d, %two : (tensor<1x4x8xf32>, tensor<f32>) -> tensor<1x4x8xf32>
  %v = cameo.reduce_mean %p {axes = array<i64: 2>} : (tensor<1x4x8xf32>) -> tensor<1x4x1xf32>
  %a = cameo.add %v, %e : (tensor<1x4x1xf32>, tensor<f32>) -> tensor<1x4x1xf32>
  %s = cameo.sqrt %a : (tensor<1x4x1xf32>) -> tensor<1x4x1xf32>
  %n = cameo.div %d, %s : (tensor<1x4x8xf32>, tensor<1x4x1xf32>) -> tensor<1x4x8xf32>
  %m = cameo.mul %n, %w : (tensor<1x4x8xf32>, tensor<8xf32>) -> tensor<1x4x8xf32>
  %r = cameo.add %m, %b : (tensor<1x4x8xf32>, tensor<8xf32>) -> tensor<1x4x8xf32>
  return %r : tensor<1x4x8xf32>
}

// Without scale and bias; another epsilon per row is none.
// CHECK-LABEL: @plain_norm
// CHECK: %[[ONE:.*]] = cameo.constant dense<1.000000e+00> : tensor<8xf32>
// CHECK: cameo.layer_norm %arg0, %[[ONE]] {axis = 1 : i64
func.func @plain_norm(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %e = cameo.constant dense<1.0e-5> : tensor<f32>
  %mean = cameo.reduce_mean %x {axes = array<i64: 1>} : (tensor<4x8xf32>) -> tensor<4x1xf32>
  %d = cameo.sub %x, %mean : (tensor<4x8xf32>, tensor<4x1xf32>) -> tensor<4x8xf32>
  %p = cameo.mul %d, %d : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  %v = cameo.reduce_mean %p {axes = array<i64: 1>} : (tensor<4x8xf32>) -> tensor<4x1xf32>
  %a = cameo.add %v, %e : (tensor<4x1xf32>, tensor<f32>) -> tensor<4x1xf32>
  %s = cameo.sqrt %a : (tensor<4x1xf32>) -> tensor<4x1xf32>
  %n = cameo.div %d, %s : (tensor<4x8xf32>, tensor<4x1xf32>) -> tensor<4x8xf32>
  return %n : tensor<4x8xf32>
}

// A mean over rows is not one along rows.
// CHECK-LABEL: @over_rows
// CHECK-NOT: cameo.layer_norm
func.func @over_rows(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %e = cameo.constant dense<1.0e-5> : tensor<f32>
  %mean = cameo.reduce_mean %x {axes = array<i64: 0>} : (tensor<4x8xf32>) -> tensor<1x8xf32>
  %d = cameo.sub %x, %mean : (tensor<4x8xf32>, tensor<1x8xf32>) -> tensor<4x8xf32>
  %p = cameo.mul %d, %d : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  %v = cameo.reduce_mean %p {axes = array<i64: 0>} : (tensor<4x8xf32>) -> tensor<1x8xf32>
  %a = cameo.add %v, %e : (tensor<1x8xf32>, tensor<f32>) -> tensor<1x8xf32>
  %s = cameo.sqrt %a : (tensor<1x8xf32>) -> tensor<1x8xf32>
  %n = cameo.div %d, %s : (tensor<4x8xf32>, tensor<1x8xf32>) -> tensor<4x8xf32>
  return %n : tensor<4x8xf32>
}

// As LLaMA-like decoders write it: x * rsqrt(mean(x^2) + e), weight first.
// CHECK-LABEL: @rms_norm
// CHECK-NEXT: cameo.rms_norm %arg0, %arg1 {axis = 1 : i64
// CHECK-NEXT: return
func.func @rms_norm(%x: tensor<4x8xf32>, %w: tensor<8xf32>) -> tensor<4x8xf32> {
  %two = cameo.constant dense<2.0> : tensor<f32>
  %e = cameo.constant dense<1.0e-6> : tensor<f32>
  %p = cameo.pow %x, %two : (tensor<4x8xf32>, tensor<f32>) -> tensor<4x8xf32>
  %v = cameo.reduce_mean %p {axes = array<i64: 1>} : (tensor<4x8xf32>) -> tensor<4x1xf32>
  %a = cameo.add %v, %e : (tensor<4x1xf32>, tensor<f32>) -> tensor<4x1xf32>
  %s = cameo.sqrt %a : (tensor<4x1xf32>) -> tensor<4x1xf32>
  %i = cameo.reciprocal %s : (tensor<4x1xf32>) -> tensor<4x1xf32>
  %n = cameo.mul %x, %i : (tensor<4x8xf32>, tensor<4x1xf32>) -> tensor<4x8xf32>
  %m = cameo.mul %w, %n : (tensor<8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  return %m : tensor<4x8xf32>
}

// As PyTorch writes nn.GELU().
// CHECK-LABEL: @gelu
// CHECK-NEXT: %[[G:.*]] = cameo.gelu %arg0 :
// CHECK-NEXT: return %[[G]]
func.func @gelu(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %root = cameo.constant dense<1.41421354> : tensor<f32>
  %one = cameo.constant dense<1.0> : tensor<f32>
  %half = cameo.constant dense<0.5> : tensor<f32>
  %d = cameo.div %x, %root : (tensor<4x8xf32>, tensor<f32>) -> tensor<4x8xf32>
  %e = cameo.erf %d : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %a = cameo.add %e, %one : (tensor<4x8xf32>, tensor<f32>) -> tensor<4x8xf32>
  %m = cameo.mul %x, %a : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  %r = cameo.mul %m, %half : (tensor<4x8xf32>, tensor<f32>) -> tensor<4x8xf32>
  return %r : tensor<4x8xf32>
}

// As GPT-2 writes gelu_new.
// CHECK-LABEL: @gelu_tanh
// CHECK-NEXT: %[[G:.*]] = cameo.gelu %arg0 {tanh}
// CHECK-NEXT: return %[[G]]
func.func @gelu_tanh(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %three = cameo.constant dense<3.0> : tensor<f32>
  %c = cameo.constant dense<4.471500e-02> : tensor<f32>
  %root = cameo.constant dense<0.797884583> : tensor<f32>
  %one = cameo.constant dense<1.0> : tensor<f32>
  %half = cameo.constant dense<0.5> : tensor<f32>
  %h = cameo.mul %x, %half : (tensor<4x8xf32>, tensor<f32>) -> tensor<4x8xf32>
  %p = cameo.pow %x, %three : (tensor<4x8xf32>, tensor<f32>) -> tensor<4x8xf32>
  %q = cameo.mul %p, %c : (tensor<4x8xf32>, tensor<f32>) -> tensor<4x8xf32>
  %s = cameo.add %x, %q : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  %y = cameo.mul %s, %root : (tensor<4x8xf32>, tensor<f32>) -> tensor<4x8xf32>
  %t = cameo.tanh %y : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %a = cameo.add %t, %one : (tensor<4x8xf32>, tensor<f32>) -> tensor<4x8xf32>
  %r = cameo.mul %h, %a : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  return %r : tensor<4x8xf32>
}

// Another factor: not GELU.
// CHECK-LABEL: @not_gelu
// CHECK: cameo.erf
func.func @not_gelu(%x: tensor<8xf32>) -> tensor<8xf32> {
  %c = cameo.constant dense<0.7> : tensor<f32>
  %one = cameo.constant dense<1.0> : tensor<f32>
  %half = cameo.constant dense<0.5> : tensor<f32>
  %d = cameo.mul %x, %c : (tensor<8xf32>, tensor<f32>) -> tensor<8xf32>
  %e = cameo.erf %d : (tensor<8xf32>) -> tensor<8xf32>
  %a = cameo.add %e, %one : (tensor<8xf32>, tensor<f32>) -> tensor<8xf32>
  %m = cameo.mul %x, %a : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  %r = cameo.mul %m, %half : (tensor<8xf32>, tensor<f32>) -> tensor<8xf32>
  return %r : tensor<8xf32>
}

// SiLU, and the GELU of CLIP.
// CHECK-LABEL: @swish
// CHECK: %[[S:.*]] = cameo.swish %arg0 :
// CHECK: cameo.swish %[[S]] {alpha = 1.702000e+00 : f32}
func.func @swish(%x: tensor<8xf32>) -> tensor<8xf32> {
  %c = cameo.constant dense<1.702> : tensor<f32>
  %0 = cameo.sigmoid %x : (tensor<8xf32>) -> tensor<8xf32>
  %1 = cameo.mul %x, %0 : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  %2 = cameo.mul %1, %c : (tensor<8xf32>, tensor<f32>) -> tensor<8xf32>
  %3 = cameo.sigmoid %2 : (tensor<8xf32>) -> tensor<8xf32>
  %4 = cameo.mul %1, %3 : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  return %4 : tensor<8xf32>
}

// Zero has no reciprocal; a half-precision quotient is not rounded twice.
// CHECK-LABEL: @quotients
// CHECK-DAG: %[[C:.*]] = cameo.constant dense<1.250000e-01> : tensor<f32>
// CHECK: cameo.mul %arg0, %[[C]]
// CHECK: cameo.div
// CHECK: cameo.div
func.func @quotients(%x: tensor<8xf32>, %h: tensor<8xf16>) -> (tensor<8xf32>, tensor<8xf32>, tensor<8xf16>) {
  %eight = cameo.constant dense<8.0> : tensor<f32>
  %zero = cameo.constant dense<0.0> : tensor<f32>
  %three = cameo.constant dense<3.0> : tensor<f16>
  %0 = cameo.div %x, %eight : (tensor<8xf32>, tensor<f32>) -> tensor<8xf32>
  %1 = cameo.div %x, %zero : (tensor<8xf32>, tensor<f32>) -> tensor<8xf32>
  %2 = cameo.div %h, %three : (tensor<8xf16>, tensor<f16>) -> tensor<8xf16>
  return %0, %1, %2 : tensor<8xf32>, tensor<8xf32>, tensor<8xf16>
}

// As Whisper splits heads: the dimension of one goes before the transposition.
// CHECK-LABEL: @split_heads
// CHECK: %[[R:.*]] = cameo.reshape %arg0 {shape = array<i64: 5, 6, 8>}
// CHECK: %[[T:.*]] = cameo.transpose %{{.*}} {permutation = array<i64: 1, 0, 2>} : (tensor<5x6x8xf32>) -> tensor<6x5x8xf32>
// CHECK: return %[[T]]
func.func @split_heads(%x: tensor<1x5x48xf32>) -> tensor<6x5x8xf32> {
  %0 = cameo.reshape %x {shape = array<i64: 1, 5, 6, 8>} : (tensor<1x5x48xf32>) -> tensor<1x5x6x8xf32>
  %1 = cameo.transpose %0 {permutation = array<i64: 0, 2, 1, 3>} : (tensor<1x5x6x8xf32>) -> tensor<1x6x5x8xf32>
  %2 = cameo.reshape %1 {shape = array<i64: 6, 5, 8>} : (tensor<1x6x5x8xf32>) -> tensor<6x5x8xf32>
  return %2 : tensor<6x5x8xf32>
}

// And merges them: the transposition comes to the product.
// CHECK-LABEL: @merge_heads
// CHECK: %[[M:.*]] = cameo.matmul
// CHECK: %[[T:.*]] = cameo.transpose %[[M]] {permutation = array<i64: 1, 0, 2>}
// CHECK: %[[R:.*]] = cameo.reshape %[[T]] {shape = array<i64: 1, 5, 48>}
// CHECK: return %[[R]]
func.func @merge_heads(%p: tensor<6x5x5xf32>, %v: tensor<6x5x8xf32>) -> tensor<1x5x48xf32> {
  %0 = cameo.matmul %p, %v : (tensor<6x5x5xf32>, tensor<6x5x8xf32>) -> tensor<6x5x8xf32>
  %1 = cameo.reshape %0 {shape = array<i64: 1, 6, 5, 8>} : (tensor<6x5x8xf32>) -> tensor<1x6x5x8xf32>
  %2 = cameo.transpose %1 {permutation = array<i64: 0, 2, 1, 3>} : (tensor<1x6x5x8xf32>) -> tensor<1x5x6x8xf32>
  %3 = cameo.reshape %2 {shape = array<i64: 1, 5, 48>} : (tensor<1x5x6x8xf32>) -> tensor<1x5x48xf32>
  return %3 : tensor<1x5x48xf32>
}

// As torchvision splits one projection into queries, keys and values.
// CHECK-LABEL: @split_projection
// CHECK: %[[R:.*]] = cameo.reshape %arg0 {shape = array<i64: 5, 6, 8>}
// CHECK: %[[S:.*]] = cameo.slice %[[R]] {extents = array<i64: 5, 2, 8>, starts = array<i64: 0, 2, 0>
// CHECK: cameo.transpose %[[S]] {permutation = array<i64: 1, 0, 2>}
func.func @split_projection(%x: tensor<5x3x2x8xf32>) -> tensor<2x5x8xf32> {
  %0 = cameo.transpose %x {permutation = array<i64: 1, 2, 0, 3>} : (tensor<5x3x2x8xf32>) -> tensor<3x2x5x8xf32>
  %1 = cameo.slice %0 {extents = array<i64: 1, 2, 5, 8>, starts = array<i64: 1, 0, 0, 0>, steps = array<i64: 1, 1, 1, 1>} : (tensor<3x2x5x8xf32>) -> tensor<1x2x5x8xf32>
  %2 = cameo.reshape %1 {shape = array<i64: 2, 5, 8>} : (tensor<1x2x5x8xf32>) -> tensor<2x5x8xf32>
  return %2 : tensor<2x5x8xf32>
}

// A softmax over what is -inf beyond an extent is zero there; one over another extent is not.
// CHECK-LABEL: @limited_softmax
// CHECK: %[[L:.*]] = cameo.limit %arg0
// CHECK: %[[S:.*]] = cameo.softmax %[[L]]
// CHECK: %[[O:.*]] = cameo.limit %[[S]], %{{.*}}, %arg2
// CHECK: return %[[S]], %[[O]]
func.func @limited_softmax(%x: tensor<2x4xf32>, %n: tensor<i64>, %m: tensor<i64>) -> (tensor<2x4xf32>, tensor<2x4xf32>) {
  %p = cameo.constant dense<[[0, 1, 2, 3]]> : tensor<1x4xi32>
  %0 = cameo.limit %x, %p, %n {dim = 1 : i64, fill = 0xFF800000 : f32} : (tensor<2x4xf32>, tensor<1x4xi32>, tensor<i64>) -> tensor<2x4xf32>
  %1 = cameo.softmax %0 {axis = 1 : i64} : (tensor<2x4xf32>) -> tensor<2x4xf32>
  %2 = cameo.limit %1, %p, %n {dim = 1 : i64, fill = 0.0 : f32} : (tensor<2x4xf32>, tensor<1x4xi32>, tensor<i64>) -> tensor<2x4xf32>
  %3 = cameo.limit %1, %p, %m {dim = 1 : i64, fill = 0.0 : f32} : (tensor<2x4xf32>, tensor<1x4xi32>, tensor<i64>) -> tensor<2x4xf32>
  return %2, %3 : tensor<2x4xf32>, tensor<2x4xf32>
}
