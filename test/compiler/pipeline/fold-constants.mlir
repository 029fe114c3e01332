// RUN: cameo-opt %s -fold-constants | FileCheck %s

// CHECK-LABEL: @small_chain
func.func @small_chain(%x: tensor<2x2xf32>) -> tensor<2x2xf32> {
  // CHECK: %[[FOLDED:.*]] = cameo.constant dense<{{\[\[}}1.500000e+00, 6.000000e+00], [7.500000e+00, 1.600000e+01]]> : tensor<2x2xf32>
  // CHECK: %[[Y:.*]] = cameo.mul %{{.*}}, %[[FOLDED]]
  // CHECK: return %[[Y]]
  %w = cameo.constant dense<[[1.0, 3.0], [5.0, 8.0]]> : tensor<2x2xf32>
  %v = cameo.constant dense<[0.5, 1.0]> : tensor<2xf32>
  %r = cameo.constant dense<[[0.0, 1.0], [0.0, 1.0]]> : tensor<2x2xf32>
  %m = cameo.matmul %w, %r : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  %0 = cameo.mul %w, %v : (tensor<2x2xf32>, tensor<2xf32>) -> tensor<2x2xf32>
  %1 = cameo.add %w, %0 : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  %2 = cameo.sub %1, %m : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  %3 = cameo.add %2, %m : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  %4 = cameo.mul %x, %3 : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  return %4 : tensor<2x2xf32>
}

// A boolean is a byte in memory and a bit in an attribute.
// CHECK-LABEL: @boolean
func.func @boolean() -> tensor<3xi1> {
  // CHECK: cameo.constant dense<[true, false, true]> : tensor<3xi1>
  %a = cameo.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  %b = cameo.constant dense<[2.0, 1.0, 4.0]> : tensor<3xf32>
  %0 = cameo.less %a, %b : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xi1>
  return %0 : tensor<3xi1>
}

// Computing the outer product is cheaper than storing it.
// CHECK-LABEL: @grows
func.func @grows() -> tensor<512x512xf32> {
  // CHECK: cameo.add
  %a = cameo.constant dense<1.0> : tensor<512x1xf32>
  %b = cameo.constant dense<2.0> : tensor<1x512xf32>
  %0 = cameo.add %a, %b : (tensor<512x1xf32>, tensor<1x512xf32>) -> tensor<512x512xf32>
  return %0 : tensor<512x512xf32>
}

// CHECK-LABEL: @depends_on_input
func.func @depends_on_input(%x: tensor<2xf32>) -> tensor<2xf32> {
  // CHECK: cameo.exp %arg0
  %0 = cameo.exp %x : (tensor<2xf32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// Outputs are written by kernels.
// CHECK-LABEL: @kernel_of_output
func.func @kernel_of_output() -> tensor<2x1xf32> {
  // CHECK: cameo.kernel
  %c = cameo.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %0 = cameo.kernel(%c) rule("elementwise") : (tensor<2xf32>) -> tensor<2xf32> {
  ^bb0(%a: tensor<2xf32>):
    %k = cameo.identity %a : (tensor<2xf32>) -> tensor<2xf32>
    cameo.yield %k : tensor<2xf32>
  }
  %1 = cameo.reshape %0 {shape = array<i64: 2, 1>} : (tensor<2xf32>) -> tensor<2x1xf32>
  return %1 : tensor<2x1xf32>
}
