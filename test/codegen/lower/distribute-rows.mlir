// RUN: cameo-opt %s -distribute-rows=threads=2 -canonicalize -mlir-print-local-scope | FileCheck %s

// Seven tasks of ten rows, the last of four; the scratch buffer is one per task.
// CHECK-LABEL: @rows
// CHECK-SAME: %[[S:[a-z0-9]*]]: memref<7x1x4096xf32> {plan.scratch}
// CHECK: scf.forall (%[[T:.*]]) in (7) {
// CHECK: %[[PART:.*]] = memref.subview %[[S]][%[[T]], 0, 0] [1, 1, 4096]
// CHECK: %[[LOW:.*]] = arith.muli %[[T]], %c10
// CHECK: scf.for %[[I:.*]] = %{{.*}} to %{{.*}} step %c1 {
// CHECK: linalg.fill {{.*}} outs(%[[PART]]
func.func private @rows(%x: memref<64x4096xf32>, %y: memref<64x4096xf32>, %s: memref<1x4096xf32> {plan.scratch}) attributes {plan.kernel = {}} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %zero = arith.constant 0.0 : f32
  scf.for %i = %c0 to %c64 step %c1 {
    %xi = memref.subview %x[%i, 0] [1, 4096] [1, 1] : memref<64x4096xf32> to memref<1x4096xf32, strided<[4096, 1], offset: ?>>
    %yi = memref.subview %y[%i, 0] [1, 4096] [1, 1] : memref<64x4096xf32> to memref<1x4096xf32, strided<[4096, 1], offset: ?>>
    linalg.fill ins(%zero : f32) outs(%s : memref<1x4096xf32>)
    linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%xi, %s : memref<1x4096xf32, strided<[4096, 1], offset: ?>>, memref<1x4096xf32>) outs(%yi : memref<1x4096xf32, strided<[4096, 1], offset: ?>>) {
    ^bb0(%a: f32, %b: f32, %c: f32):
      %0 = arith.addf %a, %b : f32
      linalg.yield %0 : f32
    }
  } {cameo.row_loop}
  return
}

// Too little work for several tasks.
// CHECK-LABEL: @small
// CHECK-NOT: scf.forall
func.func private @small(%y: memref<4x16xf32>) attributes {plan.kernel = {}} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %zero = arith.constant 0.0 : f32
  scf.for %i = %c0 to %c4 step %c1 {
    %yi = memref.subview %y[%i, 0] [1, 16] [1, 1] : memref<4x16xf32> to memref<1x16xf32, strided<[16, 1], offset: ?>>
    linalg.fill ins(%zero : f32) outs(%yi : memref<1x16xf32, strided<[16, 1], offset: ?>>)
  } {cameo.row_loop}
  return
}
