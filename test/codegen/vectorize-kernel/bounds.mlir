// RUN: cameo-opt %s "-vectorize-kernel=vector-bits=512 registers=32" -lower-affine -canonicalize -cse | FileCheck %s
// RUN: cameo-opt %s "-vectorize-kernel=vector-bits=512 registers=32 threads=2" -lower-affine -canonicalize -cse | FileCheck %s --check-prefix=TASKS

#xy = affine_map<(i, j) -> (i, j)>

// Rows end at the number in the argument; a row is one loop, for its end is not bounded.
// CHECK-LABEL: @rows(
// CHECK-SAME: %[[N:[a-z0-9]+]]: memref<i64>
// CHECK: %[[E:.*]] = memref.load %[[N]][]
// CHECK: %[[I:.*]] = arith.index_cast %[[E]]
// CHECK: %[[ALL:.*]] = arith.muli %[[I]], %c32
// CHECK: %[[SOME:.*]] = arith.maxsi %[[ALL]], %c0
// CHECK: %[[END:.*]] = arith.minsi %[[SOME]], %c2048
// CHECK: scf.for %{{.*}} = %c0 to %[[END]] step %c16
func.func private @rows(%x: memref<64x32xf32>, %n: memref<i64>, %y: memref<64x32xf32>) attributes {plan.kernel = {}} {
  linalg.generic {indexing_maps = [#xy, #xy], iterator_types = ["parallel", "parallel"],
      plan.bounds = [#plan.bound<()[s0] -> (s0), 1>, unit]} ins(%x : memref<64x32xf32>) outs(%y : memref<64x32xf32>) {
  ^bb0(%a: f32, %r: f32):
    %0 = arith.addf %a, %a : f32
    linalg.yield %0 : f32
  }
  return
}

// Columns go on to the end of a vector, and what is left over is only done where they reach it.
// CHECK-LABEL: @columns(
// CHECK: %[[END:.*]] = arith.minsi %{{.*}}, %c36
// CHECK: scf.for
// CHECK: %[[FULL:.*]] = arith.minsi %[[END]], %c32
// CHECK: scf.for %{{.*}} = %c0 to %[[FULL]] step %c16
// CHECK: %[[REST:.*]] = arith.cmpi sgt, %[[END]], %c32
// CHECK: scf.if %[[REST]]
// CHECK: vector.store {{.*}} vector<4xf32>
func.func private @columns(%x: memref<64x36xf32>, %n: memref<i64>, %y: memref<64x36xf32>) attributes {plan.kernel = {}} {
  linalg.generic {indexing_maps = [#xy, #xy], iterator_types = ["parallel", "parallel"],
      plan.bounds = [unit, #plan.bound<()[s0] -> (s0), 1>]} ins(%x : memref<64x36xf32>) outs(%y : memref<64x36xf32>) {
  ^bb0(%a: f32, %r: f32):
    %0 = arith.addf %a, %a : f32
    linalg.yield %0 : f32
  }
  return
}

// A reduction along vectors ends exactly: whole tiles, whole vectors, elements.
// CHECK-LABEL: @sum(
// CHECK: %[[END:.*]] = arith.minsi %{{.*}}, %c128
// CHECK: scf.for %{{.*}} = %c0 to %[[TILES:.*]] step %c64 iter_args
// CHECK: scf.for %{{.*}} = %[[TILES]] to %[[VECTORS:.*]] step %c16 iter_args
// CHECK: scf.for %{{.*}} = %[[VECTORS]] to %[[END]] step %c1 iter_args
func.func private @sum(%x: memref<4x128xf32>, %n: memref<i64>, %y: memref<4xf32>) attributes {plan.kernel = {}} {
  linalg.generic {indexing_maps = [#xy, affine_map<(i, j) -> (i)>], iterator_types = ["parallel", "reduction"],
      plan.bounds = [unit, #plan.bound<()[s0] -> (s0), 1>]} ins(%x : memref<4x128xf32>) outs(%y : memref<4xf32>) {
  ^bb0(%a: f32, %r: f32):
    %0 = arith.addf %r, %a : f32
    linalg.yield %0 : f32
  }
  return
}

// Two tasks share as many rows as there are.
// TASKS-LABEL: @product(
// TASKS: scf.forall (%[[TASK:.*]]) in (2)
// TASKS: memref.load %{{.*}}[] : memref<i64>
// TASKS: %[[END:.*]] = arith.minsi %{{.*}}, %c
// TASKS: %[[ROWS:.*]] = arith.minsi %[[END]], %c
// TASKS: %[[START:.*]] = arith.muli %[[TASK]], %[[SHARE:.*]] :
// TASKS: %[[LOW:.*]] = arith.minsi %[[START]], %[[ROWS]]
// TASKS: %[[NEXT:.*]] = arith.addi %[[LOW]], %[[SHARE]]
// TASKS: %[[HIGH:.*]] = arith.minsi %[[NEXT]], %[[ROWS]]
// TASKS: scf.for %{{.*}} = %[[LOW]] to %[[HIGH]]
#a = affine_map<(i, j, k) -> (i, k)>
#b = affine_map<(i, j, k) -> (k, j)>
#c = affine_map<(i, j, k) -> (i, j)>
func.func private @product(%x: memref<512x64xf32>, %w: memref<64x64xf32>, %n: memref<i64>, %y: memref<512x64xf32>) attributes {plan.kernel = {}} {
  linalg.generic {indexing_maps = [#a, #b, #c], iterator_types = ["parallel", "parallel", "reduction"],
      plan.bounds = [#plan.bound<()[s0] -> (s0), 2>, unit, unit]} ins(%x, %w : memref<512x64xf32>, memref<64x64xf32>) outs(%y : memref<512x64xf32>) {
  ^bb0(%l: f32, %r: f32, %s: f32):
    %0 = arith.mulf %l, %r : f32
    %1 = arith.addf %s, %0 : f32
    linalg.yield %1 : f32
  }
  return
}
