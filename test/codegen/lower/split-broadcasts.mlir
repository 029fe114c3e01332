// RUN: cameo-opt %s -split-broadcasts | FileCheck %s

// Two additions of pairs read a number each: one of them at an offset of zero
// that comes from a table.
// CHECK-LABEL: @pairs
// CHECK-SAME: %[[X:[a-z0-9]*]]: memref<4x8xf32>
// CHECK-SAME: %[[TABLE:[a-z0-9]*]]: memref<1xi64> {plan.constant = dense<0> : tensor<1xi64>}
// CHECK: scf.for %[[I:[a-z0-9]*]] =
// CHECK: %[[NUMBER:.*]] = memref.load %[[TABLE]][%{{.*}}]
// CHECK: %[[OFFSET:.*]] = arith.index_cast %[[NUMBER]] : i64 to index
// CHECK: memref.load %[[X]][%{{.*}}, %[[I]]]
// CHECK: %[[LAST:.*]] = vector.broadcast
// CHECK: %[[AT:.*]] = arith.addi %[[I]], %[[OFFSET]]
// CHECK: memref.load %[[X]][%{{.*}}, %[[AT]]]
// CHECK: %[[FIRST:.*]] = vector.broadcast
// CHECK: arith.addf %[[FIRST]], %{{.*}} : vector<16xf32>
// CHECK: arith.addf %[[LAST]], %{{.*}} : vector<16xf32>
// CHECK: arith.mulf {{.*}}%[[LAST]]
func.func private @pairs(%x: memref<4x8xf32>, %w: vector<16xf32>, %y: memref<16xf32>) attributes {plan.kernel = {}} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %0 = scf.for %i = %c0 to %c8 step %c1 iter_args(%sum = %w) -> vector<16xf32> {
    %number = memref.load %x[%c0, %i] : memref<4x8xf32>
    %b = vector.broadcast %number : f32 to vector<16xf32>
    %left = arith.addf %b, %w : vector<16xf32>
    %right = arith.addf %b, %sum : vector<16xf32>
    %other = arith.mulf %w, %b : vector<16xf32>
    %product = arith.mulf %left, %right : vector<16xf32>
    %both = arith.mulf %product, %other : vector<16xf32>
    %next = arith.addf %sum, %both {cameo.pair} : vector<16xf32>
    scf.yield %next : vector<16xf32>
  }
  vector.store %0, %y[%c0] : memref<16xf32>, vector<16xf32>
  return
}

// Other loops do not fill all pipes.
// CHECK-LABEL: @others
// CHECK-COUNT-1: vector.broadcast
// CHECK-NOT: vector.broadcast
// CHECK: return
func.func private @others(%x: memref<8xf32>, %w: vector<16xf32>, %y: memref<16xf32>) attributes {plan.kernel = {}} {
  %c0 = arith.constant 0 : index
  %number = memref.load %x[%c0] : memref<8xf32>
  %b = vector.broadcast %number : f32 to vector<16xf32>
  %left = arith.addf %b, %w : vector<16xf32>
  %right = arith.addf %b, %left : vector<16xf32>
  vector.store %right, %y[%c0] : memref<16xf32>, vector<16xf32>
  return
}
