// RUN: cameo-opt %s -expand-fast-products | FileCheck %s
// RUN: cameo-opt %s -expand-fast-products="threads=2" | FileCheck %s --check-prefix=TASKS

// 56 pixels at a time: mean square, scaled copy, sums of pairs, product, scale and
// what follows; or the direct product for what is not finite.
// CHECK-LABEL: @product
// CHECK-SAME: memref<1x2x56x16xf32> {plan.scratch}
// CHECK-SAME: plan.constant = dense<[1.{{.*}}, -1.{{.*}}]> : tensor<16xf32>
// CHECK: scf.for
// CHECK: arith.minimumf
// CHECK: arith.maximumf
// CHECK: arith.cmpf ogt
// CHECK: arith.cmpf olt
// CHECK: scf.if
// CHECK:   arith.divf
// CHECK:   arith.shli
// CHECK:   arith.negf {{.*}} {cameo.pair_start}
// CHECK:   linalg.generic {{.*}}"reduction", "reduction"]
// CHECK:     arith.mulf
// CHECK:     arith.addf {{.*}} {cameo.pair}
// CHECK:   linalg.generic
// CHECK:     arith.mulf
// CHECK:   linalg.generic
// CHECK:     arith.maximumf
// CHECK: } else {
// CHECK:   linalg.fill
// CHECK:   linalg.generic {{.*}}"reduction", "reduction"]
// CHECK:     arith.mulf
// CHECK:   linalg.generic
// CHECK:     arith.maximumf
// CHECK-NOT: linalg.generic
// CHECK: return

// Two images of two groups are enough for two threads: four units of all filters.
// TASKS-LABEL: @product
// TASKS: scf.forall (%[[TASK:.*]]) in (2)
// TASKS: arith.muli %[[TASK]], %c4
// TASKS: memref.subview %arg1{{.*}} to memref<6x2x16x16xf32
func.func private @product(%x: memref<2x2x8x14x16xf32>, %w: memref<6x2x16x16xf32>, %p: memref<96xf32>, %s: memref<1xf32>, %y: memref<2x6x8x14x16xf32>) attributes {plan.kernel = {}} {
  cameo.fast_product ins(%x, %w, %p, %s : memref<2x2x8x14x16xf32>, memref<6x2x16x16xf32>, memref<96xf32>, memref<1xf32>) outs(%y : memref<2x6x8x14x16xf32>)
  linalg.generic {
      indexing_maps = [affine_map<(n, fb, h, w, f) -> (n, fb, h, w, f)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]}
      outs(%y : memref<2x6x8x14x16xf32>) {
  ^bb0(%sum: f32):
    %zero = arith.constant 0.0 : f32
    %0 = arith.maximumf %sum, %zero : f32
    linalg.yield %0 : f32
  }
  return
}

// An operation that sees columns apart stays, after the product.
// CHECK-LABEL: @columns
// CHECK: scf.for
// CHECK: scf.if
// CHECK: } else {
// CHECK: linalg.generic {{.*}}"reduction", "reduction"]
// CHECK: linalg.generic {{.*}} ins(%{{.*}} : memref<14xf32>) outs(%{{.*}} : memref<1x6x4x14x16xf32>)
// CHECK-NEXT: ^bb0
// CHECK-NEXT: arith.addf
// CHECK: return
// One group: each thread scales it for half of the filters.
// TASKS-LABEL: @columns
// TASKS: scf.forall (%[[TASK:.*]]) in (2)
// TASKS: arith.muli %[[TASK]], %c2
// TASKS: memref.subview %arg1{{.*}} to memref<3x1x16x16xf32
func.func private @columns(%x: memref<1x1x4x14x16xf32>, %w: memref<6x1x16x16xf32>, %p: memref<96xf32>, %s: memref<1xf32>, %r: memref<14xf32>, %y: memref<1x6x4x14x16xf32>) attributes {plan.kernel = {}} {
  cameo.fast_product ins(%x, %w, %p, %s : memref<1x1x4x14x16xf32>, memref<6x1x16x16xf32>, memref<96xf32>, memref<1xf32>) outs(%y : memref<1x6x4x14x16xf32>)
  linalg.generic {
      indexing_maps = [affine_map<(n, fb, h, w, f) -> (w)>, affine_map<(n, fb, h, w, f) -> (n, fb, h, w, f)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]}
      ins(%r : memref<14xf32>) outs(%y : memref<1x6x4x14x16xf32>) {
  ^bb0(%column: f32, %sum: f32):
    %0 = arith.addf %sum, %column : f32
    linalg.yield %0 : f32
  }
  return
}

// Rows of three matrices are one group after the other; the last one is smaller.
// Every row has a scale of its own.
// CHECK-LABEL: @rows
// CHECK-SAME: memref<1x2x50x16xf32> {plan.scratch}
// CHECK: %[[Y:.*]] = memref.collapse_shape %{{.*}} {{\[\[}}0, 1], [2], [3]] : memref<3x33x6x16xf32> into memref<99x6x16xf32>
// CHECK: scf.for
// CHECK: scf.if
// CHECK: memref.subview %[[Y]]{{.*}} [49, 6, 16]
// CHECK: arith.shli
// CHECK: linalg.yield {{.*}} : f32
// CHECK: outs(%{{.*}} : memref<49xf32
// CHECK: linalg.generic {{.*}}"reduction", "reduction"]
// CHECK: ins(%{{.*}} : memref<49x6x16xf32
// CHECK: arith.addf
// CHECK: } else {
// CHECK: memref.subview %[[Y]]{{.*}} [50, 6, 16]
// CHECK: linalg.generic {{.*}}"reduction", "reduction"]
// CHECK: ins(%{{.*}} : memref<50x6x16xf32
func.func private @rows(%x: memref<3x33x2x16xf32>, %w: memref<6x2x16x16xf32>, %p: memref<96xf32>, %s: memref<1xf32>, %r: memref<3x33x6x16xf32>, %y: memref<3x33x6x16xf32>) attributes {plan.kernel = {}} {
  cameo.fast_product ins(%x, %w, %p, %s : memref<3x33x2x16xf32>, memref<6x2x16x16xf32>, memref<96xf32>, memref<1xf32>) outs(%y : memref<3x33x6x16xf32>)
  linalg.generic {
      indexing_maps = [affine_map<(n, m, fb, f) -> (n, m, fb, f)>, affine_map<(n, m, fb, f) -> (n, m, fb, f)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%r : memref<3x33x6x16xf32>) outs(%y : memref<3x33x6x16xf32>) {
  ^bb0(%residual: f32, %sum: f32):
    %0 = arith.addf %sum, %residual : f32
    linalg.yield %0 : f32
  }
  return
}
