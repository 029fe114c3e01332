// RUN: cameo-opt %s -fuse-kernels=level=0 -outline-kernels -mlir-print-local-scope | FileCheck %s

// Equal regions share a function, whatever their nodes are called; another shape
// is another function.
// CHECK-LABEL: func.func @net
// CHECK-NOT: cameo.kernel
// CHECK: %[[A:.*]] = plan.launch @relu_0(%arg0) : (tensor<4xf32>) -> tensor<4xf32>
// CHECK: %[[B:.*]] = plan.launch @relu_0(%[[A]])
// CHECK: %[[C:.*]] = plan.launch @leaky_relu_1(%[[B]])
// CHECK: %[[D:.*]] = plan.launch @leaky_relu_2(%[[C]])
// CHECK: %[[E:.*]] = plan.launch @relu_3(%arg1)
// CHECK: return %[[D]], %[[E]]
func.func @net(%x: tensor<4xf32>, %y: tensor<2x2xf32>) -> (tensor<4xf32>, tensor<2x2xf32>) {
  %0 = cameo.relu %x : (tensor<4xf32>) -> tensor<4xf32> loc("first")
  %1 = cameo.relu %0 : (tensor<4xf32>) -> tensor<4xf32> loc("second")
  %2 = cameo.leaky_relu %1 {alpha = 0.1 : f32} : (tensor<4xf32>) -> tensor<4xf32>
  %3 = cameo.leaky_relu %2 {alpha = 0.2 : f32} : (tensor<4xf32>) -> tensor<4xf32>
  %4 = cameo.relu %y : (tensor<2x2xf32>) -> tensor<2x2xf32>
  return %3, %4 : tensor<4xf32>, tensor<2x2xf32>
}

// CHECK: func.func private @relu_0(%[[X:.*]]: tensor<4xf32>) -> tensor<4xf32> attributes
// CHECK-SAME: bytes = 32 : i64
// CHECK-SAME: flops = 4 : i64
// CHECK-SAME: nodes = ["first"]
// CHECK-SAME: ops = ["relu"]
// CHECK-SAME: rule = "elementwise"
// CHECK-NEXT: %[[R:.*]] = cameo.relu %[[X]]
// CHECK-NEXT: return %[[R]]

// A kernel's name that is taken already is varied.
// CHECK: func.func private @abs_4_k(
func.func @abs_4(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = cameo.abs %x : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
