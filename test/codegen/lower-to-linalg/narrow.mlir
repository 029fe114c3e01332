// RUN: cameo-opt %s -lower-to-linalg | FileCheck %s

// Four bits are a byte in memory, wrapped by shifts.
// CHECK-LABEL: @to_i4
func.func private @to_i4(%x: tensor<8xi32>) -> tensor<8xi4> attributes {plan.kernel = {}} {
  // CHECK: linalg.generic {{.*}} outs(%{{.*}} : tensor<8xi8>)
  // CHECK: %[[BYTE:.*]] = arith.trunci %{{.*}} : i32 to i8
  // CHECK: %[[UP:.*]] = arith.shli %[[BYTE]]
  // CHECK: arith.shrsi %[[UP]]
  %0 = cameo.cast %x {to = i4} : (tensor<8xi32>) -> tensor<8xi4>
  return %0 : tensor<8xi4>
}

// Floats of eight bits are encoded and decoded by integer arithmetic.
// CHECK-LABEL: @to_f8
func.func private @to_f8(%x: tensor<8xf32>) -> tensor<8xf8E5M2> attributes {plan.kernel = {}} {
  // CHECK: linalg.generic {{.*}} outs(%{{.*}} : tensor<8xi8>)
  // CHECK: arith.bitcast %{{.*}} : f32 to i32
  // CHECK: arith.trunci %{{.*}} : i32 to i8
  %0 = cameo.cast %x {to = f8E5M2} : (tensor<8xf32>) -> tensor<8xf8E5M2>
  return %0 : tensor<8xf8E5M2>
}

// CHECK-LABEL: @from_f8
func.func private @from_f8(%x: tensor<8xf8E4M3FN>) -> tensor<8xf32> attributes {plan.kernel = {}} {
  // CHECK: linalg.generic {{.*}} ins(%{{.*}} : tensor<8xi8>)
  // CHECK: arith.extui %{{.*}} : i8 to i32
  // CHECK: arith.bitcast %{{.*}} : i32 to f32
  %0 = cameo.cast %x {to = f32} : (tensor<8xf8E4M3FN>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

// CHECK-LABEL: @bits
func.func private @bits(%x: tensor<8xf16>) -> tensor<8xi16> attributes {plan.kernel = {}} {
  // CHECK: %[[BITS:.*]] = arith.bitcast %{{.*}} : f16 to i16
  // CHECK-NEXT: linalg.yield %[[BITS]]
  %0 = cameo.bitcast %x {to = i16} : (tensor<8xf16>) -> tensor<8xi16>
  return %0 : tensor<8xi16>
}
