// RUN: cameo-opt %s "-vectorize-kernel=vector-bits=512 registers=32" -lower-affine -canonicalize -cse | FileCheck %s
// RUN: cameo-opt %s "-vectorize-kernel=vector-bits=512 registers=32 threads=2" | FileCheck %s --check-prefix=TASKS

// 2 MB of filters for two blocks of results would come from beyond the cache again for
// every tile of pixels: all tiles take a run of the channels, then the next.
// CHECK-LABEL: @many_channels(
// What sums start from:
// CHECK: scf.for
// CHECK-NOT: scf.for {{.*}} iter_args
// Runs:
// CHECK: scf.for %[[LOW:.*]] = %c0 to %c120 step %[[STEPS:c[0-9]+]] {
// CHECK:   %[[SUM:.*]] = vector.load %arg2
// CHECK:   %[[HIGH:.*]] = arith.addi %[[LOW]], %[[STEPS]]
// CHECK:   scf.for %{{.*}} = %[[LOW]] to %[[HIGH]] {{.*}} iter_args({{.*}} = %[[SUM]]
// CHECK:   vector.store {{.*}} %arg2
// What follows:
// CHECK: scf.for
// CHECK-NOT: scf.for {{.*}} iter_args
// CHECK: arith.maximumf
// CHECK: return

// Every task does all stages of its tiles.
// TASKS-LABEL: @many_channels(
// TASKS: scf.forall (%{{.*}}) in (2)
// TASKS: scf.for %{{.*}} = %c0{{.*}} to %c120
// TASKS-NOT: scf.forall
// TASKS: arith.maximumf
#x = affine_map<(ob, h, w, ib, kh, kw, i, o) -> (ib, h + kh, w + kw, i)>
#w = affine_map<(ob, h, w, ib, kh, kw, i, o) -> (ob, ib, kh, kw, i, o)>
#y = affine_map<(ob, h, w, ib, kh, kw, i, o) -> (ob, h, w, o)>
#all = affine_map<(ob, h, w, o) -> (ob, h, w, o)>
func.func private @many_channels(%x: memref<120x22x22x16xf32>, %w: memref<16x120x3x3x16x16xf32>, %y: memref<16x20x20x16xf32>) attributes {plan.kernel = {}} {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<16x20x20x16xf32>)
  linalg.generic {indexing_maps = [#x, #w, #y],
      iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction", "reduction", "reduction", "parallel"]}
      ins(%x, %w : memref<120x22x22x16xf32>, memref<16x120x3x3x16x16xf32>) outs(%y : memref<16x20x20x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %0 = arith.mulf %a, %b : f32
    %1 = arith.addf %c, %0 : f32
    linalg.yield %1 : f32
  }
  linalg.generic {indexing_maps = [#all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      outs(%y : memref<16x20x20x16xf32>) {
  ^bb0(%sum: f32):
    %0 = arith.maximumf %sum, %zero : f32
    linalg.yield %0 : f32
  }
  return
}

// Filters that a cache holds: one loop.
// CHECK-LABEL: @few_channels(
// CHECK-NOT: vector.load %arg2
func.func private @few_channels(%x: memref<4x22x22x16xf32>, %w: memref<16x4x3x3x16x16xf32>, %y: memref<16x20x20x16xf32>) attributes {plan.kernel = {}} {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<16x20x20x16xf32>)
  linalg.generic {indexing_maps = [#x, #w, #y],
      iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction", "reduction", "reduction", "parallel"]}
      ins(%x, %w : memref<4x22x22x16xf32>, memref<16x4x3x3x16x16xf32>) outs(%y : memref<16x20x20x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %0 = arith.mulf %a, %b : f32
    %1 = arith.addf %c, %0 : f32
    linalg.yield %1 : f32
  }
  return
}
