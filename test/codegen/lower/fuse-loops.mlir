// RUN: cameo-opt %s -fuse-loops=min-bytes=0 | FileCheck %s
// RUN: cameo-opt %s -fuse-loops | FileCheck %s --check-prefix=SMALL

// Each iteration keeps to its row: one loop.
// CHECK-LABEL: @rows
// CHECK-COUNT-1: scf.for
// CHECK: memref.store
// CHECK: memref.load
// CHECK: vector.load
// CHECK-NOT: scf.for
// SMALL-LABEL: @rows
// SMALL-COUNT-2: scf.for
func.func private @rows(%x: memref<8x16xf32>, %m: memref<8xf32>, %y: memref<8x16xf32>) attributes {plan.kernel = {}} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  scf.for %i = %c0 to %c8 step %c1 {
    %0 = memref.load %x[%i, %c0] : memref<8x16xf32>
    memref.store %0, %m[%i] : memref<8xf32>
  }
  scf.for %i = %c0 to %c8 step %c1 {
    %0 = memref.load %m[%i] : memref<8xf32>
    %1 = vector.load %x[%i, %c0] : memref<8x16xf32>, vector<16xf32>
    %2 = vector.broadcast %0 : f32 to vector<16xf32>
    %3 = arith.addf %1, %2 : vector<16xf32>
    vector.store %3, %y[%i, %c0] : memref<8x16xf32>, vector<16xf32>
  }
  return
}

// The second loop reads what other iterations of the first write.
// CHECK-LABEL: @shifted
// CHECK-COUNT-2: scf.for
func.func private @shifted(%m: memref<9xf32>, %y: memref<8xf32>, %v: f32) attributes {plan.kernel = {}} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  scf.for %i = %c0 to %c8 step %c1 {
    memref.store %v, %m[%i] : memref<9xf32>
  }
  scf.for %i = %c0 to %c8 step %c1 {
    %next = arith.addi %i, %c1 : index
    %0 = memref.load %m[%next] : memref<9xf32>
    memref.store %0, %y[%i] : memref<8xf32>
  }
  return
}

// A vector reaches into the next rows.
// CHECK-LABEL: @vectors
// CHECK-COUNT-2: scf.for
func.func private @vectors(%m: memref<16xf32>, %y: memref<8x4xf32>, %v: f32) attributes {plan.kernel = {}} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  scf.for %i = %c0 to %c8 step %c1 {
    memref.store %v, %m[%i] : memref<16xf32>
  }
  scf.for %i = %c0 to %c8 step %c1 {
    %0 = vector.load %m[%i] : memref<16xf32>, vector<4xf32>
    vector.store %0, %y[%i, %c0] : memref<8x4xf32>, vector<4xf32>
  }
  return
}

// Two views of one buffer could be any rows; other ranges are other loops.
// CHECK-LABEL: @views
// CHECK-COUNT-3: scf.for
func.func private @views(%m: memref<9xf32>, %y: memref<8xf32>, %v: f32) attributes {plan.kernel = {}} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c8 = arith.constant 8 : index
  %view = memref.subview %m[1] [8] [1] : memref<9xf32> to memref<8xf32, strided<[1], offset: 1>>
  scf.for %i = %c0 to %c8 step %c1 {
    memref.store %v, %m[%i] : memref<9xf32>
  }
  scf.for %i = %c0 to %c8 step %c1 {
    %0 = memref.load %view[%i] : memref<8xf32, strided<[1], offset: 1>>
    memref.store %0, %y[%i] : memref<8xf32>
  }
  scf.for %i = %c0 to %c4 step %c1 {
    memref.store %v, %y[%i] : memref<8xf32>
  }
  return
}
