// RUN: cameo-opt %s "-vectorize-kernel=vector-bits=512 registers=32 threads=2" -lower-affine -canonicalize -cse | FileCheck %s
// RUN: cameo-opt %s "-vectorize-kernel=vector-bits=512 registers=32 threads=2" | FileCheck %s --check-prefix=SCHEDULE

#x = affine_map<(ob, p, ib, i, o) -> (ib, p, i)>
#w = affine_map<(ob, p, ib, i, o) -> (ob, ib, i, o)>
#y = affine_map<(ob, p, ib, i, o) -> (ob, p, o)>

// More activations than weights: every thread computes half of the pixels, which
// the next kernel will read in the same halves.
// CHECK-LABEL: @by_pixels(
// CHECK: scf.forall (%[[TASK:.*]]) in (2)
// CHECK: %[[START:.*]] = arith.muli %[[TASK]], %c1568
// CHECK: %[[LOW:.*]] = arith.minsi %[[START]], %c3136
// CHECK: scf.for {{.*}} = %[[LOW]] to
func.func private @by_pixels(%x: memref<4x3136x16xf32>, %w: memref<4x4x16x16xf32>, %y: memref<4x3136x16xf32>) attributes {plan.kernel = {}} {
  linalg.generic {indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "parallel", "reduction", "reduction", "parallel"]} ins(%x, %w : memref<4x3136x16xf32>, memref<4x4x16x16xf32>) outs(%y : memref<4x3136x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %0 = arith.mulf %a, %b : f32
    %1 = arith.addf %c, %0 : f32
    linalg.yield %1 : f32
  }
  return
}

// More weights than activations: every thread reads half of the weights.
// CHECK-LABEL: @by_filters(
// CHECK: scf.forall (%[[TASK:.*]]) in (2)
// CHECK: %[[START:.*]] = arith.muli %[[TASK]], %c16
// CHECK: %[[LOW:.*]] = arith.minsi %[[START]], %c32
// CHECK: scf.for {{.*}} = %[[LOW]] to
func.func private @by_filters(%x: memref<32x56x16xf32>, %w: memref<32x32x16x16xf32>, %y: memref<32x56x16xf32>) attributes {plan.kernel = {}} {
  linalg.generic {indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "parallel", "reduction", "reduction", "parallel"]} ins(%x, %w : memref<32x56x16xf32>, memref<32x32x16x16xf32>) outs(%y : memref<32x56x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %0 = arith.mulf %a, %b : f32
    %1 = arith.addf %c, %0 : f32
    linalg.yield %1 : f32
  }
  return
}

// Too small for two.
// CHECK-LABEL: @small(
// CHECK-NOT: scf.forall
func.func private @small(%x: memref<1x56x16xf32>, %w: memref<1x1x16x16xf32>, %y: memref<1x56x16xf32>) attributes {plan.kernel = {}} {
  linalg.generic {indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "parallel", "reduction", "reduction", "parallel"]} ins(%x, %w : memref<1x56x16xf32>, memref<1x1x16x16xf32>) outs(%y : memref<1x56x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %0 = arith.mulf %a, %b : f32
    %1 = arith.addf %c, %0 : f32
    linalg.yield %1 : f32
  }
  return
}

// Windows over many rows: by rows, which other kernels split as well, though an even
// number of blocks would do.
// CHECK-LABEL: @windows(
// CHECK: scf.forall (%[[TASK:.*]]) in (2)
// CHECK: %[[START:.*]] = arith.muli %[[TASK]], %c28
// CHECK: %[[LOW:.*]] = arith.minsi %[[START]], %c56
// CHECK: scf.for {{.*}} = %[[LOW]] to
func.func private @windows(%x: memref<2x58x58x16xf32>, %w: memref<2x3x3x16xf32>, %y: memref<2x56x56x16xf32>) attributes {plan.kernel = {}} {
  linalg.generic {indexing_maps = [
      affine_map<(cb, h, w, kh, kw, c) -> (cb, h + kh, w + kw, c)>, affine_map<(cb, h, w, kh, kw, c) -> (cb, kh, kw, c)>,
      affine_map<(cb, h, w, kh, kw, c) -> (cb, h, w, c)>],
      iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction", "parallel"]}
      ins(%x, %w : memref<2x58x58x16xf32>, memref<2x3x3x16xf32>) outs(%y : memref<2x56x56x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %0 = arith.mulf %a, %b : f32
    %1 = arith.addf %c, %0 : f32
    linalg.yield %1 : f32
  }
  return
}

// Ten units of work, shared by four tasks: the estimate is for all of them.
// CHECK-LABEL: @one_unit(
// SCHEDULE-LABEL: @one_unit(
// SCHEDULE-SAME: l1 = [[#LOADS:]]
// SCHEDULE-LABEL: @units(
// SCHEDULE-SAME: l1 = [[#mul(LOADS,10)]]
#r = affine_map<(p, o) -> (p, o)>
func.func private @one_unit(%y: memref<64x16xf32>) attributes {plan.kernel = {schedule = #cameo.schedule<algorithm = "direct">}} {
  linalg.generic {indexing_maps = [#r], iterator_types = ["parallel", "parallel"]} outs(%y : memref<64x16xf32>) {
  ^bb0(%a: f32):
    %0 = arith.addf %a, %a : f32
    linalg.yield %0 : f32
  }
  return
}
func.func private @units(%y: memref<64x16xf32>) attributes {plan.kernel = {schedule = #cameo.schedule<algorithm = "direct">}} {
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c10 = arith.constant 10 : index
  scf.forall (%task) in (4) {
    %next = arith.addi %task, %c1 : index
    %m0 = arith.muli %task, %c10 : index
    %m1 = arith.muli %next, %c10 : index
    %from = arith.divsi %m0, %c4 : index
    %to = arith.divsi %m1, %c4 : index
    scf.for %unit = %from to %to step %c1 {
      linalg.generic {indexing_maps = [#r], iterator_types = ["parallel", "parallel"]} outs(%y : memref<64x16xf32>) {
      ^bb0(%a: f32):
        %0 = arith.addf %a, %a : f32
        linalg.yield %0 : f32
      }
    }
  } {cameo.units = 10 : i64}
  return
}
