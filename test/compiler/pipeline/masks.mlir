// RUN: cameoc %s --emit=fused -o - | FileCheck %s

// Masks as traced models of Hugging Face compute them, once for every layer: a causal
// part that is constant, padding from the input, and rows that are masked as a whole
// replaced after the softmax. All layers share one mask, and attention is one kernel.
// CHECK-LABEL: @layers
// CHECK-DAG: cameo.constant dense<{{.*}}> : tensor<1x1x4x4xi1>
// CHECK: %[[KEPT:.*]] = cameo.kernel({{.*}}) rule("elementwise") : {{.*}} -> tensor<1x4xi1>
// CHECK: %[[MASK:.*]] = cameo.kernel({{.*}}) rule("elementwise") : {{.*}} -> tensor<1x1x4x4xf32>
// CHECK: cameo.and
// CHECK: cameo.where
// CHECK: cameo.yield
// CHECK-NOT: cameo.and
// CHECK: cameo.kernel({{.*}}, %[[MASK]]{{.*}}) rule("attention")
// CHECK: cameo.softmax
// CHECK: cameo.is_nan
// CHECK: cameo.where
// CHECK: cameo.matmul
// CHECK: cameo.yield
// CHECK-NOT: cameo.and
// CHECK: cameo.kernel({{.*}}, %[[MASK]]{{.*}}) rule("attention")
// CHECK-NOT: cameo.kernel
// CHECK: return
func.func @layers(%x: tensor<1x2x4x8xf32> {onnx.name = "x"}, %mask: tensor<1x4xi64> {onnx.name = "attention_mask"}) -> (tensor<1x2x4x8xf32> {onnx.name = "y"}) {
  %zero = cameo.constant dense<0.0> : tensor<f32>
  %low = cameo.constant dense<0xFF800000> : tensor<f32>
  %rows = cameo.constant dense<[0, 1, 2, 3]> : tensor<4xi64>
  %keys = cameo.transpose %x {permutation = array<i64: 0, 1, 3, 2>} : (tensor<1x2x4x8xf32>) -> tensor<1x2x8x4xf32>

  %r0 = cameo.reshape %rows {shape = array<i64: 1, 1, 4, 1>} : (tensor<4xi64>) -> tensor<1x1x4x1xi64>
  %c0 = cameo.reshape %rows {shape = array<i64: 1, 1, 1, 4>} : (tensor<4xi64>) -> tensor<1x1x1x4xi64>
  %l0 = cameo.less_or_equal %c0, %r0 : (tensor<1x1x1x4xi64>, tensor<1x1x4x1xi64>) -> tensor<1x1x4x4xi1>
  %k0 = cameo.cast %mask {to = i1} : (tensor<1x4xi64>) -> tensor<1x4xi1>
  %p0 = cameo.reshape %k0 {shape = array<i64: 1, 1, 1, 4>} : (tensor<1x4xi1>) -> tensor<1x1x1x4xi1>
  %e0 = cameo.expand %p0 {shape = array<i64: 1, 1, 4, 4>} : (tensor<1x1x1x4xi1>) -> tensor<1x1x4x4xi1>
  %a0 = cameo.and %l0, %e0 : (tensor<1x1x4x4xi1>, tensor<1x1x4x4xi1>) -> tensor<1x1x4x4xi1>
  %m0 = cameo.where %a0, %zero, %low : (tensor<1x1x4x4xi1>, tensor<f32>, tensor<f32>) -> tensor<1x1x4x4xf32>
  %s0 = cameo.matmul %x, %keys : (tensor<1x2x4x8xf32>, tensor<1x2x8x4xf32>) -> tensor<1x2x4x4xf32>
  %t0 = cameo.add %s0, %m0 : (tensor<1x2x4x4xf32>, tensor<1x1x4x4xf32>) -> tensor<1x2x4x4xf32>
  %w0 = cameo.softmax %t0 {axis = 3 : i64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %n0 = cameo.is_nan %w0 : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xi1>
  %v0 = cameo.where %n0, %zero, %w0 : (tensor<1x2x4x4xi1>, tensor<f32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %y0 = cameo.matmul %v0, %x : (tensor<1x2x4x4xf32>, tensor<1x2x4x8xf32>) -> tensor<1x2x4x8xf32>

  %r1 = cameo.reshape %rows {shape = array<i64: 1, 1, 4, 1>} : (tensor<4xi64>) -> tensor<1x1x4x1xi64>
  %c1 = cameo.reshape %rows {shape = array<i64: 1, 1, 1, 4>} : (tensor<4xi64>) -> tensor<1x1x1x4xi64>
  %l1 = cameo.less_or_equal %c1, %r1 : (tensor<1x1x1x4xi64>, tensor<1x1x4x1xi64>) -> tensor<1x1x4x4xi1>
  %k1 = cameo.cast %mask {to = i1} : (tensor<1x4xi64>) -> tensor<1x4xi1>
  %p1 = cameo.reshape %k1 {shape = array<i64: 1, 1, 1, 4>} : (tensor<1x4xi1>) -> tensor<1x1x1x4xi1>
  %e1 = cameo.expand %p1 {shape = array<i64: 1, 1, 4, 4>} : (tensor<1x1x1x4xi1>) -> tensor<1x1x4x4xi1>
  %a1 = cameo.and %l1, %e1 : (tensor<1x1x4x4xi1>, tensor<1x1x4x4xi1>) -> tensor<1x1x4x4xi1>
  %m1 = cameo.where %a1, %zero, %low : (tensor<1x1x4x4xi1>, tensor<f32>, tensor<f32>) -> tensor<1x1x4x4xf32>
  %s1 = cameo.matmul %y0, %keys : (tensor<1x2x4x8xf32>, tensor<1x2x8x4xf32>) -> tensor<1x2x4x4xf32>
  %t1 = cameo.add %s1, %m1 : (tensor<1x2x4x4xf32>, tensor<1x1x4x4xf32>) -> tensor<1x2x4x4xf32>
  %w1 = cameo.softmax %t1 {axis = 3 : i64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %n1 = cameo.is_nan %w1 : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xi1>
  %v1 = cameo.where %n1, %zero, %w1 : (tensor<1x2x4x4xi1>, tensor<f32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %y1 = cameo.matmul %v1, %x : (tensor<1x2x4x4xf32>, tensor<1x2x4x8xf32>) -> tensor<1x2x4x8xf32>
  return %y1 : tensor<1x2x4x8xf32>
}
