// RUN: cameo-opt %s "-vectorize-kernel=vector-bits=512 registers=32" -lower-affine -canonicalize -cse -prefetch-streams | FileCheck %s

#x = affine_map<(ob, p, ib, i, o) -> (ib, p, i)>
#w = affine_map<(ob, p, ib, i, o) -> (ob, ib, i, o)>
#y = affine_map<(ob, p, ib, i, o) -> (ob, p, o)>

// Weights that no cache holds: while four tiles of pixels are multiplied by those
// of two blocks of filters, the next two are fetched.
// CHECK-LABEL: @weights(
// CHECK-SAME: %[[X:[a-z0-9]*]]: memref<32x56x16xf32>, %[[W:[a-z0-9]*]]: memref<
// CHECK: scf.for %[[FILTERS:[a-z0-9]*]] = %c0 to %c32 step %c2 {
// CHECK: %[[NEXT:.*]] = arith.addi %[[FILTERS]], %c2
// CHECK: scf.for {{.*}} to %c56 step %c14
// CHECK: scf.for {{.*}} = %c0 to %c16 step %c1 iter_args
// CHECK: memref.prefetch %[[W]][%[[NEXT]], {{.*}}], read, locality<2>, data
// CHECK: vector.load %[[W]]
// CHECK-NOT: memref.prefetch %[[X]]
func.func private @weights(%x: memref<32x56x16xf32>, %w: memref<32x32x16x16xf32>, %y: memref<32x56x16xf32>) attributes {plan.kernel = {}} {
  linalg.generic {indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "parallel", "reduction", "reduction", "parallel"]} ins(%x, %w : memref<32x56x16xf32>, memref<32x32x16x16xf32>) outs(%y : memref<32x56x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %0 = arith.mulf %a, %b : f32
    %1 = arith.addf %c, %0 : f32
    linalg.yield %1 : f32
  }
  return
}

// Activations that no cache holds: tiles of pixels are outside, and a line of
// each of the next 14 is fetched with a block of channels.
// CHECK-LABEL: @activations(
// CHECK-SAME: %[[X:[a-z0-9]*]]: memref<4x3136x16xf32>
// CHECK: scf.for {{.*}} to %c3136 step %c14
// CHECK: scf.for {{.*}} to %c4 step %c2
// CHECK: scf.for %[[BLOCK:.*]] = %c0 to %c4 step %c1 iter_args
// CHECK-COUNT-14: memref.prefetch %[[X]][%[[BLOCK]], %{{.*}}, %c0]
// CHECK: scf.for {{.*}} to %c16 step %c1 iter_args
// CHECK-NOT: memref.prefetch
func.func private @activations(%x: memref<4x3136x16xf32>, %w: memref<4x4x16x16xf32>, %y: memref<4x3136x16xf32>) attributes {plan.kernel = {}} {
  linalg.generic {indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "parallel", "reduction", "reduction", "parallel"]} ins(%x, %w : memref<4x3136x16xf32>, memref<4x4x16x16xf32>) outs(%y : memref<4x3136x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %0 = arith.mulf %a, %b : f32
    %1 = arith.addf %c, %0 : f32
    linalg.yield %1 : f32
  }
  return
}
