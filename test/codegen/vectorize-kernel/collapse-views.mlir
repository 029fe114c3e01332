// RUN: cameo-opt %s -vectorize-kernel=vector-bits=128 | FileCheck %s

// A view of whole planes has gaps between batches only.
// CHECK-LABEL: @whole_planes
func.func private @whole_planes(%x: memref<2x8x3x3xf32>, %y: memref<2x4x3x3xf32>) attributes {plan.kernel = {}} {
  // CHECK: %[[VIEW:.*]] = memref.subview
  %view = memref.subview %x[0, 4, 0, 0] [2, 4, 3, 3] [1, 1, 1, 1] : memref<2x8x3x3xf32> to memref<2x4x3x3xf32, strided<[72, 9, 3, 1], offset: 36>>
  // CHECK: memref.collapse_shape %[[VIEW]] {{\[\[}}0], [1, 2, 3]] : memref<2x4x3x3xf32, strided<[72, 9, 3, 1], offset: 36>> into memref<2x36xf32, strided<[72, 1], offset: 36>>
  // CHECK: vector.load {{.*}} vector<4xf32>
  memref.copy %view, %y : memref<2x4x3x3xf32, strided<[72, 9, 3, 1], offset: 36>> to memref<2x4x3x3xf32>
  return
}

// A view of parts of rows has gaps between rows.
// CHECK-LABEL: @parts_of_rows
func.func private @parts_of_rows(%x: memref<2x4x3x8xf32>, %y: memref<2x4x3x4xf32>) attributes {plan.kernel = {}} {
  // CHECK: %[[VIEW:.*]] = memref.subview
  %view = memref.subview %x[0, 0, 0, 2] [2, 4, 3, 4] [1, 1, 1, 1] : memref<2x4x3x8xf32> to memref<2x4x3x4xf32, strided<[96, 24, 8, 1], offset: 2>>
  // CHECK: memref.collapse_shape %[[VIEW]] {{\[\[}}0, 1, 2], [3]] : memref<2x4x3x4xf32, strided<[96, 24, 8, 1], offset: 2>> into memref<24x4xf32, strided<[8, 1], offset: 2>>
  memref.copy %view, %y : memref<2x4x3x4xf32, strided<[96, 24, 8, 1], offset: 2>> to memref<2x4x3x4xf32>
  return
}

// Every dimension has gaps.
// CHECK-LABEL: @corner
func.func private @corner(%x: memref<5x5xf32>, %y: memref<4x4xf32>) attributes {plan.kernel = {}} {
  %view = memref.subview %x[1, 1] [4, 4] [1, 1] : memref<5x5xf32> to memref<4x4xf32, strided<[5, 1], offset: 6>>
  // CHECK-NOT: memref.collapse_shape
  memref.copy %view, %y : memref<4x4xf32, strided<[5, 1], offset: 6>> to memref<4x4xf32>
  return
}
