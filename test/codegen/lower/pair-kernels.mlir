// RUN: cameo-opt %s -pair-kernels="threads=2 least-flops=100" -split-input-file | FileCheck %s
// RUN: cameo-opt %s -pair-kernels="least-flops=100" -split-input-file | FileCheck %s --check-prefix=ONE

// A reshape of the first result goes behind the launch of both.
// ONE-LABEL: func.func @net
// ONE: plan.launch @forward(
// ONE: plan.launch @reverse(
// CHECK-LABEL: func.func @net
// CHECK-NEXT: %[[V:.*]] = plan.launch @small(%arg1)
// CHECK-NEXT: %[[R:.*]]:2 = plan.launch @forward_reverse(%arg0, %[[V]]) : (tensor<4xf32>, tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>)
// CHECK-NEXT: %[[Y:.*]] = cameo.reshape %[[R]]#0
// CHECK-NEXT: return %[[Y]], %[[R]]#1
func.func @net(%x: tensor<4xf32>, %w: tensor<4xf32>) -> (tensor<2x2xf32>, tensor<4xf32>) {
  %0 = plan.launch @forward(%x) : (tensor<4xf32>) -> tensor<4xf32>
  %1 = cameo.reshape %0 {shape = array<i64: 2, 2>} : (tensor<4xf32>) -> tensor<2x2xf32>
  %2 = plan.launch @small(%w) : (tensor<4xf32>) -> tensor<4xf32>
  %3 = plan.launch @reverse(%2) : (tensor<4xf32>) -> tensor<4xf32>
  return %1, %3 : tensor<2x2xf32>, tensor<4xf32>
}

// Inputs, then results, then scratch buffers of both.
// CHECK-NOT: @forward(
// CHECK: func.func private @forward_reverse(%[[X:.*]]: memref<4xf32>, %[[X2:.*]]: memref<4xf32>, %[[Y:.*]]: memref<4xf32>, %[[Y2:.*]]: memref<4xf32>, %[[S:.*]]: memref<8xf32> {plan.scratch})
// CHECK-SAME: bytes = 32 : i64, flops = 250 : i64, nodes = ["f", "r"]
// CHECK: scf.forall (%[[TASK:.*]]) in (2)
// CHECK: %[[FIRST:.*]] = arith.cmpi eq, %[[TASK]]
// CHECK: scf.if %[[FIRST]]
// CHECK: memref.copy %[[X]], %[[Y]]
// CHECK: else
// CHECK: memref.store %{{.*}}, %[[S]]
// CHECK: memref.copy %[[X2]], %[[Y2]]
func.func private @forward(%x: memref<4xf32>, %y: memref<4xf32>) attributes {plan.kernel = {bytes = 16 : i64, flops = 100 : i64, nodes = ["f"], ops = ["lstm"]}} {
  memref.copy %x, %y : memref<4xf32> to memref<4xf32>
  return
}
func.func private @reverse(%x: memref<4xf32>, %y: memref<4xf32>, %s: memref<8xf32> {plan.scratch}) attributes {plan.kernel = {bytes = 16 : i64, flops = 150 : i64, nodes = ["r"], ops = ["lstm"]}} {
  %c0 = arith.constant 0 : index
  %0 = memref.load %x[%c0] : memref<4xf32>
  memref.store %0, %s[%c0] : memref<8xf32>
  memref.copy %x, %y : memref<4xf32> to memref<4xf32>
  return
}
func.func private @small(%x: memref<4xf32>, %y: memref<4xf32>) attributes {plan.kernel = {bytes = 16 : i64, flops = 10 : i64, nodes = ["s"], ops = ["add"]}} {
  memref.copy %x, %y : memref<4xf32> to memref<4xf32>
  return
}

// -----

// One needs the other, a third is split already, a fourth takes much longer.
// CHECK-LABEL: func.func @chain
// CHECK: plan.launch @a(
// CHECK: plan.launch @a(
// CHECK: plan.launch @tasks(
// CHECK: plan.launch @long(
func.func @chain(%x: tensor<4xf32>, %w: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %0 = plan.launch @a(%x) : (tensor<4xf32>) -> tensor<4xf32>
  %1 = plan.launch @a(%0) : (tensor<4xf32>) -> tensor<4xf32>
  %2 = plan.launch @tasks(%w) : (tensor<4xf32>) -> tensor<4xf32>
  %3 = plan.launch @long(%w) : (tensor<4xf32>) -> tensor<4xf32>
  return %1, %2, %3 : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}
func.func private @a(%x: memref<4xf32>, %y: memref<4xf32>) attributes {plan.kernel = {flops = 100 : i64}} {
  memref.copy %x, %y : memref<4xf32> to memref<4xf32>
  return
}
func.func private @long(%x: memref<4xf32>, %y: memref<4xf32>) attributes {plan.kernel = {flops = 1000 : i64}} {
  memref.copy %x, %y : memref<4xf32> to memref<4xf32>
  return
}
func.func private @tasks(%x: memref<4xf32>, %y: memref<4xf32>) attributes {plan.kernel = {flops = 100 : i64}} {
  scf.forall (%i) in (4) {
    %0 = memref.load %x[%i] : memref<4xf32>
    memref.store %0, %y[%i] : memref<4xf32>
  }
  return
}

// -----

// Two launches of one kernel: each has its own loop and its own accumulator.
// CHECK-LABEL: func.func @twice
// CHECK-NEXT: plan.launch @sum_sum(%arg0, %arg1) : (tensor<4xf32>, tensor<4xf32>) -> (tensor<1xf32>, tensor<1xf32>)
func.func @twice(%x: tensor<4xf32>, %y: tensor<4xf32>) -> (tensor<1xf32>, tensor<1xf32>) {
  %0 = plan.launch @sum(%x) : (tensor<4xf32>) -> tensor<1xf32>
  %1 = plan.launch @sum(%y) : (tensor<4xf32>) -> tensor<1xf32>
  return %0, %1 : tensor<1xf32>, tensor<1xf32>
}

// CHECK: func.func private @sum_sum(%[[X:.*]]: memref<4xf32>, %[[Y:.*]]: memref<4xf32>, %[[A:.*]]: memref<1xf32>, %[[B:.*]]: memref<1xf32>)
// CHECK: scf.if
// CHECK: scf.for {{.*}} iter_args
// CHECK: memref.load %[[X]]
// CHECK: memref.store %{{.*}}, %[[A]]
// CHECK: else
// CHECK: scf.for {{.*}} iter_args
// CHECK: memref.load %[[Y]]
// CHECK: memref.store %{{.*}}, %[[B]]
func.func private @sum(%x: memref<4xf32>, %y: memref<1xf32>) attributes {plan.kernel = {bytes = 20 : i64, flops = 100 : i64, nodes = ["s"], ops = ["reduce_sum"]}} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %zero = arith.constant 0.0 : f32
  %0 = scf.for %i = %c0 to %c4 step %c1 iter_args(%sum = %zero) -> f32 {
    %1 = memref.load %x[%i] : memref<4xf32>
    %2 = arith.addf %sum, %1 : f32
    scf.yield %2 : f32
  }
  memref.store %0, %y[%c0] : memref<1xf32>
  return
}
