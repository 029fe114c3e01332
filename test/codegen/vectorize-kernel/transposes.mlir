// RUN: cameo-opt %s -vectorize-kernel="vector-bits=128 registers=16" -canonicalize -mlir-print-local-scope | FileCheck %s
// RUN: cameo-opt %s -vectorize-kernel="vector-bits=128 registers=16 threads=2" -canonicalize | FileCheck %s --check-prefix=TASKS

// Blocks of four by four; the last columns are in a block that overlaps.
// CHECK-LABEL: @transpose
// CHECK: scf.for %[[I:.*]] = %c0 to %c8 step %c4 {
// CHECK: scf.for %[[J:.*]] = %c0 to %c20 step %c4 {
// CHECK-COUNT-4: vector.load %arg0[%{{.*}}, %[[J]]]
// CHECK-NEXT: vector.shuffle %{{.*}} [0, 4, 2, 6]
// CHECK-NEXT: vector.shuffle %{{.*}} [1, 5, 3, 7]
// CHECK: vector.shuffle %{{.*}} [0, 1, 4, 5]
// CHECK-NEXT: vector.shuffle %{{.*}} [2, 3, 6, 7]
// CHECK-COUNT-4: vector.store %{{.*}}, %arg1[%{{.*}}, %[[I]]]
// CHECK: }
// CHECK: vector.load %arg0[%{{.*}}, %c18]
// CHECK-NOT: memref.load
func.func private @transpose(%x: memref<8x22xf32>, %y: memref<22x8xf32>) attributes {plan.kernel = {}} {
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (j, i)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
    ins(%x : memref<8x22xf32>) outs(%y : memref<22x8xf32>) {
  ^bb0(%a: f32, %b: f32):
    linalg.yield %a : f32
  }
  return
}

// Rows of the result are shared among tasks.
// TASKS-LABEL: @heads
// TASKS: scf.forall (%{{.*}}) in (6)
// TASKS: vector.shuffle
func.func private @heads(%x: memref<128x12x64xf32>, %y: memref<12x64x128xf32>) attributes {plan.kernel = {}} {
  linalg.generic {indexing_maps = [affine_map<(h, d, n) -> (n, h, d)>, affine_map<(h, d, n) -> (h, d, n)>], iterator_types = ["parallel", "parallel", "parallel"]}
    ins(%x : memref<128x12x64xf32>) outs(%y : memref<12x64x128xf32>) {
  ^bb0(%a: f32, %b: f32):
    linalg.yield %a : f32
  }
  return
}

// Rows that stay whole, narrow ones, and other elements: no blocks.
// CHECK-LABEL: @others
// CHECK-NOT: vector.shuffle
func.func private @others(%x: memref<8x4x32xf32>, %y: memref<4x8x32xf32>, %n: memref<8x3xf32>, %t: memref<3x8xf32>, %h: memref<8x8xi8>, %g: memref<8x8xi8>) attributes {plan.kernel = {}} {
  linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (j, i, k)>, affine_map<(i, j, k) -> (i, j, k)>], iterator_types = ["parallel", "parallel", "parallel"]}
    ins(%x : memref<8x4x32xf32>) outs(%y : memref<4x8x32xf32>) {
  ^bb0(%a: f32, %b: f32):
    linalg.yield %a : f32
  }
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (j, i)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
    ins(%n : memref<8x3xf32>) outs(%t : memref<3x8xf32>) {
  ^bb0(%a: f32, %b: f32):
    linalg.yield %a : f32
  }
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (j, i)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
    ins(%h : memref<8x8xi8>) outs(%g : memref<8x8xi8>) {
  ^bb0(%a: i8, %b: i8):
    linalg.yield %a : i8
  }
  return
}
