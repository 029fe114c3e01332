// RUN: cameo-opt %s | cameo-opt | FileCheck %s

func.func private @relu_0(%x: memref<1x8xf32>, %y: memref<1x8xf32>) {
  return
}

// CHECK-LABEL: plan.model @net
// CHECK-SAME: arena_bytes = 64 : i64
plan.model @net attributes {arena_bytes = 64 : i64, weight_bytes = 64 : i64,
    input_names = ["x"], input_types = [tensor<1x8xf32>],
    output_names = ["y"], output_types = [tensor<1x8xf32>]} {
  // CHECK: plan.data 0 = dense<1.000000e+00> : tensor<16xf32>
  plan.data 0 = dense<1.0> : tensor<16xf32>
  // CHECK: %[[X:.*]] = plan.buffer input[0] : memref<1x8xf32>
  %x = plan.buffer input[0] : memref<1x8xf32>
  // CHECK: %[[Y:.*]] = plan.buffer output[0] : memref<1x8xf32>
  %y = plan.buffer output[0] : memref<1x8xf32>
  // CHECK: plan.launch @relu_0(%[[X]], %[[Y]]) {tasks = 2 : i64}
  plan.launch @relu_0(%x, %y) {tasks = 2 : i64} : (memref<1x8xf32>, memref<1x8xf32>) -> ()
}
