// RUN: cameo-opt %s -flatten-accesses -canonicalize | FileCheck %s

// Buffers have one dimension; the shapes stay for comments. A view is an offset.
// CHECK-LABEL: func.func private @view(
// CHECK-SAME: %[[X:[^:]*]]: memref<32xf32>, %[[Y:[^:]*]]: memref<8xf32>, %[[I:[^:]*]]: index)
// CHECK-SAME: cpp.shapes
// CHECK-NOT: memref.subview
// CHECK: %[[ROW:.*]] = arith.muli %[[I]], %c8 overflow<nsw> : index
// CHECK: %[[AT:.*]] = arith.addi %[[ROW]], %{{.*}} overflow<nsw> : index
// CHECK: memref.load %[[X]][%[[AT]]] : memref<32xf32>
func.func private @view(%x: memref<4x8xf32>, %y: memref<8xf32>, %i: index) attributes {plan.kernel = {}, plan.tasks = 4 : i64} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %v = memref.subview %x[%i, 0] [1, 8] [1, 1] : memref<4x8xf32> to memref<1x8xf32, strided<[8, 1], offset: ?>>
  scf.for %j = %c0 to %c8 step %c1 {
    %0 = memref.load %v[%c0, %j] : memref<1x8xf32, strided<[8, 1], offset: ?>>
    memref.store %0, %y[%j] : memref<8xf32>
  }
  return
}

// A copy is a loop nest.
// CHECK-LABEL: func.func private @copy(
// CHECK-NOT: memref.copy
// CHECK: scf.for
// CHECK: scf.for
// CHECK: %[[V:.*]] = memref.load %{{.*}}[%{{.*}}] : memref<32xf32>
// CHECK: memref.store %[[V]], %{{.*}}[%{{.*}}] : memref<32xf32>
func.func private @copy(%x: memref<4x8xf32>, %y: memref<4x8xf32>) attributes {plan.kernel = {}} {
  memref.copy %x, %y : memref<4x8xf32> to memref<4x8xf32>
  return
}
