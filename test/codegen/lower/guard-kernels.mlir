// RUN: cameo-opt %s -guard-kernels | FileCheck %s

// Buffers on the stack stay in the first block.
// CHECK-LABEL: @guarded
// CHECK-SAME: %[[X:.*]]: memref<8xf32>, %[[C:.*]]: memref<1xi8>
// CHECK: memref.alloca
// CHECK-NOT: memref.store
// CHECK: %[[FLAG:.*]] = memref.load %[[C]][%{{.*}}]
// CHECK: %[[HOLDS:.*]] = arith.cmpi eq, %[[FLAG]]
// CHECK: scf.if %[[HOLDS]] {
// CHECK: memref.store
// CHECK: }
// CHECK-NEXT: return
func.func private @guarded(%x: memref<8xf32>, %c: memref<1xi8> {plan.guard = false}, %y: memref<8xf32>) attributes {plan.kernel = {}} {
  %c0 = arith.constant 0 : index
  %b = memref.alloca() : memref<1xf32>
  %0 = memref.load %x[%c0] : memref<8xf32>
  memref.store %0, %b[%c0] : memref<1xf32>
  %1 = memref.load %b[%c0] : memref<1xf32>
  memref.store %1, %y[%c0] : memref<8xf32>
  return
}

// CHECK-LABEL: @scalar
// CHECK: %[[FLAG:.*]] = memref.load %{{.*}}[] : memref<i8>
// CHECK: arith.cmpi ne, %[[FLAG]]
func.func private @scalar(%x: memref<f32>, %c: memref<i8> {plan.guard = true}, %y: memref<f32>) attributes {plan.kernel = {}} {
  %0 = memref.load %x[] : memref<f32>
  memref.store %0, %y[] : memref<f32>
  return
}

// CHECK-LABEL: @unguarded
// CHECK-NOT: scf.if
func.func private @unguarded(%x: memref<f32>, %c: memref<i8>, %y: memref<f32>) attributes {plan.kernel = {}} {
  %0 = memref.load %x[] : memref<f32>
  memref.store %0, %y[] : memref<f32>
  return
}
