// RUN: cameo-opt %s -fuse-kernels=level=0 -outline-kernels -mlir-print-local-scope | FileCheck %s
// RUN: cameo-opt %s -fuse-kernels=level=0 -outline-kernels -mlir-print-local-scope | FileCheck %s --check-prefix=CACHE

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

// What is added to a cache is added in its buffer; to another tensor it is not,
// even if the regions are equal.
// CACHE-LABEL: func.func @cache
// CACHE: plan.launch @append_[[A:[0-9]+]](%arg0, %arg2,
// CACHE: plan.launch @append_[[B:[0-9]+]](%arg1, %arg2,
func.func @cache(%past: tensor<2x4xf32> {onnx.name = "past", onnx.cache = {value = "present", dim = 1 : i64, extent = 3 : i64}},
    %other: tensor<2x4xf32> {onnx.name = "other"}, %x: tensor<2x1xf32> {onnx.name = "x"}, %p: tensor<i64> {onnx.name = "p"})
    -> (tensor<2x4xf32> {onnx.name = "present"}, tensor<2x4xf32> {onnx.name = "y"}) {
  %0 = cameo.append %past, %x, %p, %p {axis = 1 : i64} : (tensor<2x4xf32>, tensor<2x1xf32>, tensor<i64>, tensor<i64>) -> tensor<2x4xf32>
  %1 = cameo.append %other, %x, %p, %p {axis = 1 : i64} : (tensor<2x4xf32>, tensor<2x1xf32>, tensor<i64>, tensor<i64>) -> tensor<2x4xf32>
  return %0, %1 : tensor<2x4xf32>, tensor<2x4xf32>
}
// CACHE: func.func private @append_[[A]](%{{.*}}: tensor<2x4xf32> {plan.updated = 0 : i64}, %{{[^{]*}}) -> tensor<2x4xf32>
// CACHE: func.func private @append_[[B]](%{{[^{]*}}) -> tensor<2x4xf32>
