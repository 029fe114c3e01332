// RUN: cameo-opt %s -expand-winograd | FileCheck %s
// RUN: cameo-opt %s -expand-winograd="threads=2" | FileCheck %s --check-prefix=TASKS

// 14 x 14 results are 4 x 4 tiles, in two groups; three blocks of filters share
// what they load of the tiles. The last ones reach beyond the
// result: whole tiles, the right edge, the lower edge and the corner each have an
// output transform, which ends in the addition that followed. Transformed tiles of
// one point are an odd number of lines of 16 after those of the last; so are
// products.
// CHECK-LABEL: @tails
// CHECK-SAME: %[[S:[a-z0-9]*]]: memref<1x10x18x8xf32> {plan.scratch}
// CHECK-SAME: %[[V:[a-z0-9]*]]: memref<1x36x144xf32> {plan.scratch}
// CHECK-SAME: %[[M:[a-z0-9]*]]: memref<1x3x36x80xf32> {plan.scratch}
// CHECK: memref.subview %[[V]][0, 0, 0] [1, 36, 128] [1, 1, 1]
// CHECK: memref.subview %[[M]][0, 0, 0, 0] [1, 3, 36, 64] [1, 1, 1, 1]
// CHECK: scf.for
// CHECK:   scf.for
// CHECK:     scf.for
// CHECK:       scf.if
// CHECK:     linalg.generic {{.*}} ins({{.*}}memref<10x18x8xf32
// CHECK:   scf.for
// CHECK:     linalg.fill
// CHECK:     linalg.generic {{.*}}"reduction", "reduction"]
// CHECK-NOT: "reduction"
// CHECK:     linalg.generic {{.*}} outs({{.*memref<4x12x8xf32}}
// CHECK:       arith.addf %{{.*}}, %in_
// CHECK:     linalg.generic {{.*}} outs({{.*memref<4x2x8xf32}}
// CHECK:     linalg.generic {{.*}} outs({{.*memref<2x12x8xf32}}
// CHECK:     linalg.generic {{.*}} outs({{.*memref<2x2x8xf32}}
// CHECK:   } else {
// CHECK:     linalg.generic {{.*}} outs({{.*memref<8x12x8xf32}}
// CHECK:     linalg.generic {{.*}} outs({{.*memref<8x2x8xf32}}
// CHECK-NOT: linalg.generic
// CHECK: return

// Two groups for two threads.
// TASKS-LABEL: @tails
// TASKS: scf.forall (%{{.*}}) in (2)
// TASKS-NOT: scf.forall
// TASKS: return
func.func private @tails(%x: memref<1x2x14x14x8xf32>, %u: memref<36x3x2x8x8xf32>, %b: memref<24xf32>, %y: memref<1x3x14x14x8xf32>) attributes {plan.kernel = {}} {
  cameo.winograd_tiles ins(%x, %u : memref<1x2x14x14x8xf32>, memref<36x3x2x8x8xf32>) outs(%y : memref<1x3x14x14x8xf32>) {tile = 4 : i64, pads = array<i64: 1, 1>}
  linalg.generic {
      indexing_maps = [affine_map<(n, fb, h, w, f) -> (fb * 8 + f)>, affine_map<(n, fb, h, w, f) -> (n, fb, h, w, f)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]}
      ins(%b : memref<24xf32>) outs(%y : memref<1x3x14x14x8xf32>) {
  ^bb0(%bias: f32, %sum: f32):
    %0 = arith.addf %sum, %bias : f32
    linalg.yield %0 : f32
  }
  return
}

// As few groups of tile rows as give all threads the same: they are the tasks.
// TASKS-LABEL: @groups
// TASKS: scf.forall (%{{.*}}) in (2)
// TASKS-NOT: scf.forall
// TASKS: return
func.func private @groups(%x: memref<1x2x56x56x8xf32>, %u: memref<36x3x2x8x8xf32>, %y: memref<1x3x56x56x8xf32>) attributes {plan.kernel = {}} {
  cameo.winograd_tiles ins(%x, %u : memref<1x2x56x56x8xf32>, memref<36x3x2x8x8xf32>) outs(%y : memref<1x3x56x56x8xf32>) {tile = 4 : i64, pads = array<i64: 1, 1>}
  return
}

// One group is in phases: blocks of channels, then with step two blocks of
// filters, one at a time so that each thread has some.
// TASKS-LABEL: @step_two
// TASKS: scf.forall (%{{.*}}) in (2)
// TASKS: scf.forall (%{{.*}}) in (3)
// TASKS-NOT: scf.forall
// TASKS: return

// Step two: even rows and columns of points have planes of their own, odd ones
// share one.
// CHECK-LABEL: @step_two
// CHECK: linalg.generic {{.*}}"reduction", "reduction"]} ins({{.*}} : memref<4x4x2x{{.*}}, memref<4x4x3x2x
// CHECK: linalg.generic {{.*}}"reduction", "reduction"]} ins({{.*}} : memref<4x3x2x{{.*}}, memref<4x1x3x2x
// CHECK: linalg.generic {{.*}}"reduction", "reduction"]} ins({{.*}} : memref<3x4x2x{{.*}}, memref<1x4x3x2x
// CHECK: linalg.generic {{.*}}"reduction", "reduction"]} ins({{.*}} : memref<3x3x2x{{.*}}, memref<1x1x3x2x
// CHECK-NOT: "reduction"
// CHECK: return
func.func private @step_two(%x: memref<1x2x12x12x8xf32>, %u: memref<25x3x2x8x8xf32>, %y: memref<1x3x6x6x8xf32>) attributes {plan.kernel = {}} {
  cameo.winograd_tiles ins(%x, %u : memref<1x2x12x12x8xf32>, memref<25x3x2x8x8xf32>) outs(%y : memref<1x3x6x6x8xf32>) {tile = 3 : i64, stride = 2 : i64, pads = array<i64: 1, 1>}
  return
}

// The largest of four results: the output transform stores it alone, and the
// results have no buffer. Of seven rows and columns, three squares are whole.
// All filters of one point at a time.
// CHECK-LABEL: @pool
// CHECK: scf.for %{{.*}} = %{{.*}} to %c36
// CHECK: linalg.generic {{.*}}"reduction", "reduction"]} ins({{.*}} : memref<1x1x2x{{.*}}, memref<1x1x2x2x
// CHECK: scf.for
// CHECK-NOT: linalg.generic {{.*}} outs(%arg3
// CHECK: linalg.generic {{.*}} outs({{.*memref<2x2x8xf32}}
// CHECK-COUNT-16: arith.maximumf
// CHECK: linalg.generic {{.*}} outs({{.*memref<2x1x8xf32}}
// CHECK: linalg.generic {{.*}} outs({{.*memref<1x2x8xf32}}
// CHECK: linalg.generic {{.*}} outs({{.*memref<1x1x8xf32}}
// CHECK-NOT: linalg.generic
// CHECK: return
func.func private @pool(%x: memref<1x2x7x7x8xf32>, %u: memref<36x2x2x8x8xf32>, %b: memref<16xf32>, %y: memref<1x2x3x3x8xf32>, %c: memref<1x2x7x7x8xf32> {plan.scratch}, %window: memref<2x2xi8>) attributes {plan.kernel = {}} {
  %least = arith.constant 0xFF800000 : f32
  cameo.winograd_tiles ins(%x, %u : memref<1x2x7x7x8xf32>, memref<36x2x2x8x8xf32>) outs(%c : memref<1x2x7x7x8xf32>) {tile = 4 : i64, pads = array<i64: 1, 1>}
  linalg.generic {indexing_maps = [affine_map<(n, fb, h, w, f) -> (n, fb, h, w, f)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]} outs(%y : memref<1x2x3x3x8xf32>) {
  ^bb0(%old: f32):
    linalg.yield %least : f32
  }
  linalg.generic {
      indexing_maps = [affine_map<(n, fb, h, w, i, j, f) -> (n, fb, 2 * h + i, 2 * w + j, f)>, affine_map<(n, fb, h, w, i, j, f) -> (fb * 8 + f)>, affine_map<(n, fb, h, w, i, j, f) -> (i, j)>, affine_map<(n, fb, h, w, i, j, f) -> (n, fb, h, w, f)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction", "parallel"]}
      ins(%c, %b, %window : memref<1x2x7x7x8xf32>, memref<16xf32>, memref<2x2xi8>) outs(%y : memref<1x2x3x3x8xf32>) {
  ^bb0(%conv: f32, %bias: f32, %unused: i8, %most: f32):
    %0 = arith.addf %conv, %bias : f32
    %1 = arith.maximumf %0, %most : f32
    linalg.yield %1 : f32
  }
  return
}

// Something else reads the results too: they are stored.
// CHECK-LABEL: @pool_and_more
// CHECK: linalg.generic {{.*}} outs({{.*memref<4x4x8xf32}}
// CHECK: linalg.generic {{.*}}"reduction", "reduction", "parallel"]}
// CHECK: memref.copy
func.func private @pool_and_more(%x: memref<1x2x7x7x8xf32>, %u: memref<36x2x2x8x8xf32>, %z: memref<1x2x7x7x8xf32>, %y: memref<1x2x3x3x8xf32>, %c: memref<1x2x7x7x8xf32> {plan.scratch}, %window: memref<2x2xi8>) attributes {plan.kernel = {}} {
  %least = arith.constant 0xFF800000 : f32
  cameo.winograd_tiles ins(%x, %u : memref<1x2x7x7x8xf32>, memref<36x2x2x8x8xf32>) outs(%c : memref<1x2x7x7x8xf32>) {tile = 4 : i64, pads = array<i64: 1, 1>}
  linalg.generic {indexing_maps = [affine_map<(n, fb, h, w, f) -> (n, fb, h, w, f)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]} outs(%y : memref<1x2x3x3x8xf32>) {
  ^bb0(%old: f32):
    linalg.yield %least : f32
  }
  linalg.generic {
      indexing_maps = [affine_map<(n, fb, h, w, i, j, f) -> (n, fb, 2 * h + i, 2 * w + j, f)>, affine_map<(n, fb, h, w, i, j, f) -> (i, j)>, affine_map<(n, fb, h, w, i, j, f) -> (n, fb, h, w, f)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction", "parallel"]}
      ins(%c, %window : memref<1x2x7x7x8xf32>, memref<2x2xi8>) outs(%y : memref<1x2x3x3x8xf32>) {
  ^bb0(%conv: f32, %unused: i8, %most: f32):
    %1 = arith.maximumf %conv, %most : f32
    linalg.yield %1 : f32
  }
  memref.copy %c, %z : memref<1x2x7x7x8xf32> to memref<1x2x7x7x8xf32>
  return
}

// Fast inner products: the squares of a group's rows give a scale, with which and
// with the signs of channels the strip is filled; sums over pairs of the
// transformed tiles; the products, or direct ones where there is no scale; results
// are scaled back. With tasks, they share the blocks whose squares are summed, and
// sum over pairs what they multiply.
// CHECK-LABEL: @fast
// CHECK: scf.for
// CHECK: linalg.generic {{.*}}"parallel", "reduction"]}
// CHECK: arith.select
// CHECK: arith.mulf
// CHECK: linalg.generic {{.*}}"parallel", "parallel", "parallel", "reduction"]}
// CHECK: scf.if
// CHECK: arith.negf {{.*}} {cameo.pair_start}
// CHECK: arith.addf {{.*}} {cameo.pair}
// CHECK: } else {
// CHECK: linalg.generic {{.*}}"reduction", "reduction"]}
// CHECK: arith.select
// CHECK: return
// TASKS-LABEL: @fast
// TASKS: scf.forall (%{{.*}}) in (4)
// TASKS: linalg.generic {{.*}}"parallel", "reduction"]} ins({{.*}} : memref<1x4x16xf32
// TASKS: linalg.generic {{.*}}["reduction", "reduction"]}
// TASKS: scf.forall (%{{.*}}) in (4)
// TASKS: scf.forall (%{{.*}}) in (4)
// TASKS: linalg.generic {{.*}}"parallel", "parallel", "parallel", "parallel", "reduction"]} ins({{.*}} : memref<1x1x4x1x8xf32
// TASKS: scf.if
// TASKS: scf.forall (%{{.*}}) in (4)
func.func private @fast(%x: memref<1x4x4x4x16xf32>, %u: memref<36x6x4x16x16xf32>, %pairs: memref<3456xf32>, %square: memref<1xf32>, %y: memref<1x6x4x4x16xf32>) attributes {plan.kernel = {}} {
  cameo.winograd_tiles ins(%x, %u : memref<1x4x4x4x16xf32>, memref<36x6x4x16x16xf32>) fast(%pairs, %square : memref<3456xf32>, memref<1xf32>) outs(%y : memref<1x6x4x4x16xf32>) {tile = 4 : i64, pads = array<i64: 1, 1>}
  return
}
