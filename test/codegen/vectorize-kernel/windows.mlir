// RUN: cameo-opt %s "-vectorize-kernel=vector-bits=512 registers=32" -lower-affine -canonicalize -cse | FileCheck %s

// A border of zeros is not made: rows that read it leave taps out, and columns at
// either edge have tiles of their own. 28 sums are in registers.
// CHECK-LABEL: @peeled(
// CHECK-SAME: %[[X:.*]]: memref<1x4x28x28x16xf32>, %{{.*}}: memref<2x4x3x3x16x16xf32>, %{{.*}}: memref<1x2x28x28x16xf32>)
// CHECK-NOT: memref<1x4x30x30x16xf32>
// CHECK: scf.for %[[ROW:.*]] = %c0 to %c28 step %c1
// CHECK: scf.for {{.*}} to %c4 step %c1 iter_args
// CHECK: %[[LOW:.*]] = arith.maxsi
// CHECK: %[[HIGH:.*]] = arith.minsi
// CHECK: scf.for {{.*}} = %[[LOW]] to %[[HIGH]] step %c1 iter_args
// The first tap of the first column is outside, with it 2 of 28 sums.
// CHECK: %{{.*}}:26 = scf.for {{.*}} to %c16 step %c1 iter_args
// CHECK: %{{.*}}:28 = scf.for {{.*}} to %c16 step %c1 iter_args
// CHECK: %{{.*}}:28 = scf.for {{.*}} to %c16 step %c1 iter_args
// The last tap of the last column.
// CHECK: %{{.*}}:28 = scf.for {{.*}} to %c16 step %c1 iter_args
// CHECK: %{{.*}}:28 = scf.for {{.*}} to %c16 step %c1 iter_args
// CHECK: %{{.*}}:26 = scf.for {{.*}} to %c16 step %c1 iter_args
#x = affine_map<(ob, h, w, ib, kh, kw, i, o) -> (0, ib, h + kh, w + kw, i)>
#w = affine_map<(ob, h, w, ib, kh, kw, i, o) -> (ob, ib, kh, kw, i, o)>
#y = affine_map<(ob, h, w, ib, kh, kw, i, o) -> (0, ob, h, w, o)>
func.func private @peeled(%x: memref<1x4x28x28x16xf32>, %w: memref<2x4x3x3x16x16xf32>, %y: memref<1x2x28x28x16xf32>, %s: memref<1x4x30x30x16xf32> {plan.scratch}) attributes {plan.kernel = {}} {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%s : memref<1x4x30x30x16xf32>)
  %inside = memref.subview %s[0, 0, 1, 1, 0] [1, 4, 28, 28, 16] [1, 1, 1, 1, 1] : memref<1x4x30x30x16xf32> to memref<1x4x28x28x16xf32, strided<[57600, 14400, 480, 16, 1], offset: 496>>
  memref.copy %x, %inside : memref<1x4x28x28x16xf32> to memref<1x4x28x28x16xf32, strided<[57600, 14400, 480, 16, 1], offset: 496>>
  linalg.generic {indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction", "reduction", "reduction", "parallel"]} ins(%s, %w : memref<1x4x30x30x16xf32>, memref<2x4x3x3x16x16xf32>) outs(%y : memref<1x2x28x28x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %0 = arith.mulf %a, %b : f32
    %1 = arith.addf %c, %0 : f32
    linalg.yield %1 : f32
  }
  return
}

// A border that is not neutral stays.
// CHECK-LABEL: @border_of_ones(
// CHECK-SAME: memref<1x4x9x9x16xf32> {plan.scratch}
#px = affine_map<(c, h, w, kh, kw, l) -> (0, c, h + kh, w + kw, l)>
#pk = affine_map<(c, h, w, kh, kw, l) -> (kh, kw)>
#py = affine_map<(c, h, w, kh, kw, l) -> (0, c, h, w, l)>
func.func private @border_of_ones(%x: memref<1x4x7x7x16xf32>, %y: memref<1x4x7x7x16xf32>, %s: memref<1x4x9x9x16xf32> {plan.scratch}, %k: memref<3x3xi8> {plan.scratch}) attributes {plan.kernel = {}} {
  %one = arith.constant 1.0 : f32
  linalg.fill ins(%one : f32) outs(%s : memref<1x4x9x9x16xf32>)
  %inside = memref.subview %s[0, 0, 1, 1, 0] [1, 4, 7, 7, 16] [1, 1, 1, 1, 1] : memref<1x4x9x9x16xf32> to memref<1x4x7x7x16xf32, strided<[5184, 1296, 144, 16, 1], offset: 160>>
  memref.copy %x, %inside : memref<1x4x7x7x16xf32> to memref<1x4x7x7x16xf32, strided<[5184, 1296, 144, 16, 1], offset: 160>>
  linalg.generic {indexing_maps = [#px, #pk, #py], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction", "parallel"]} ins(%s, %k : memref<1x4x9x9x16xf32>, memref<3x3xi8>) outs(%y : memref<1x4x7x7x16xf32>) {
  ^bb0(%a: f32, %b: i8, %c: f32):
    %0 = arith.addf %c, %a : f32
    linalg.yield %0 : f32
  }
  return
}

// Windows that meet: 8 outputs of a depthwise 3x3 convolution read 10 vectors per
// row of the kernel, not 24.
// CHECK-LABEL: @shared(
// CHECK: scf.for {{.*}} to %c3 step %c1 iter_args
// CHECK-COUNT-13: vector.load
// CHECK-NOT: vector.load
// CHECK: scf.yield
#dx = affine_map<(c, h, w, kh, kw, l) -> (c, h + kh, w + kw, l)>
#dw = affine_map<(c, h, w, kh, kw, l) -> (c, 0, kh, kw, l)>
#dy = affine_map<(c, h, w, kh, kw, l) -> (c, h, w, l)>
func.func private @shared(%x: memref<4x18x18x16xf32>, %w: memref<4x1x3x3x16xf32>, %y: memref<4x16x16x16xf32>) attributes {plan.kernel = {}} {
  linalg.generic {indexing_maps = [#dx, #dw, #dy], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction", "parallel"]} ins(%x, %w : memref<4x18x18x16xf32>, memref<4x1x3x3x16xf32>) outs(%y : memref<4x16x16x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %0 = arith.mulf %a, %b : f32
    %1 = arith.addf %c, %0 : f32
    linalg.yield %1 : f32
  }
  return
}

// Loops of one iteration go, then pixels are one dimension: 1x1 as a product.
// CHECK-LABEL: @pointwise(
// CHECK: memref.collapse_shape {{.*}} into memref<4x80x16xf32>
// CHECK: iter_args
#qx = affine_map<(n, ob, h, w, ib, kh, kw, i, o) -> (n, ib, h + kh, w + kw, i)>
#qw = affine_map<(n, ob, h, w, ib, kh, kw, i, o) -> (ob, ib, kh, kw, i, o)>
#qy = affine_map<(n, ob, h, w, ib, kh, kw, i, o) -> (n, ob, h, w, o)>
func.func private @pointwise(%x: memref<1x4x8x10x16xf32>, %w: memref<2x4x1x1x16x16xf32>, %y: memref<1x2x8x10x16xf32>) attributes {plan.kernel = {}} {
  linalg.generic {indexing_maps = [#qx, #qw, #qy], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction", "reduction", "reduction", "parallel"]} ins(%x, %w : memref<1x4x8x10x16xf32>, memref<2x4x1x1x16x16xf32>) outs(%y : memref<1x2x8x10x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %0 = arith.mulf %a, %b : f32
    %1 = arith.addf %c, %0 : f32
    linalg.yield %1 : f32
  }
  return
}

// The bias of blocked channels does not keep pixels from being one dimension.
// CHECK-LABEL: @bias(
// CHECK: memref.expand_shape {{.*}} : memref<32xf32> into memref<2x16xf32>
// CHECK: memref.collapse_shape {{.*}} into memref<2x80x16xf32>
#b = affine_map<(ob, h, w, o) -> (ob * 16 + o)>
#by = affine_map<(ob, h, w, o) -> (ob, h, w, o)>
func.func private @bias(%b: memref<32xf32>, %y: memref<2x8x10x16xf32>) attributes {plan.kernel = {}} {
  linalg.generic {indexing_maps = [#b, #by], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%b : memref<32xf32>) outs(%y : memref<2x8x10x16xf32>) {
  ^bb0(%a: f32, %c: f32):
    linalg.yield %a : f32
  }
  return
}

// Windows that do not overlap, behind a border: the input is not split into them,
// because what stands at its address is something else.
// CHECK-LABEL: @apart(
// CHECK-SAME: %[[X:.*]]: memref<4x4x16xf32>
// CHECK-NOT: memref.expand_shape
// CHECK: memref.load %[[X]]
#ax = affine_map<(h, w, kh, kw, i, o) -> (h * 2 + kh, w * 2 + kw, i)>
#aw = affine_map<(h, w, kh, kw, i, o) -> (kh, kw, i, o)>
#ay = affine_map<(h, w, kh, kw, i, o) -> (h, w, o)>
func.func private @apart(%x: memref<4x4x16xf32>, %w: memref<2x2x16x16xf32>, %y: memref<3x3x16xf32>, %s: memref<6x6x16xf32> {plan.scratch}) attributes {plan.kernel = {}} {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%s : memref<6x6x16xf32>)
  %inside = memref.subview %s[1, 1, 0] [4, 4, 16] [1, 1, 1] : memref<6x6x16xf32> to memref<4x4x16xf32, strided<[96, 16, 1], offset: 112>>
  memref.copy %x, %inside : memref<4x4x16xf32> to memref<4x4x16xf32, strided<[96, 16, 1], offset: 112>>
  linalg.generic {indexing_maps = [#ax, #aw, #ay], iterator_types = ["parallel", "parallel", "reduction", "reduction", "reduction", "parallel"]} ins(%s, %w : memref<6x6x16xf32>, memref<2x2x16x16xf32>) outs(%y : memref<3x3x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %0 = arith.mulf %a, %b : f32
    %1 = arith.addf %c, %0 : f32
    linalg.yield %1 : f32
  }
  return
}

// A product over channels that are stored in blocks with a tail: blocks of 16, then
// 8 more. Nothing is divided in a loop.
// CHECK-LABEL: @tail(
// CHECK: scf.for %[[BLOCK:.*]] = %c0 to %c2 step %c1 iter_args
// CHECK: scf.for %[[INSIDE:.*]] = %c0 to %c16 step %c1 iter_args
// CHECK: memref.load %{{.*}}[%[[BLOCK]], %{{.*}}, %[[INSIDE]]]
// CHECK: scf.for %[[INSIDE:.*]] = %c0 to %c8 step %c1 iter_args
// CHECK: memref.load %{{.*}}[%c2, %{{.*}}, %[[INSIDE]]]
// CHECK-NOT: arith.divsi
// CHECK-NOT: arith.remsi
#tx = affine_map<(ob, p, k, o) -> (k floordiv 16, p, k mod 16)>
#tw = affine_map<(ob, p, k, o) -> (ob, k, o)>
#ty = affine_map<(ob, p, k, o) -> (ob, p, o)>
func.func private @tail(%x: memref<3x28x16xf32>, %w: memref<2x40x16xf32>, %y: memref<2x28x16xf32>) attributes {plan.kernel = {}} {
  linalg.generic {indexing_maps = [#tx, #tw, #ty], iterator_types = ["parallel", "parallel", "reduction", "parallel"]} ins(%x, %w : memref<3x28x16xf32>, memref<2x40x16xf32>) outs(%y : memref<2x28x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %0 = arith.mulf %a, %b : f32
    %1 = arith.addf %c, %0 : f32
    linalg.yield %1 : f32
  }
  return
}
