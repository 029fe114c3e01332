// RUN: cameo-opt %s "-vectorize-kernel=vector-bits=128 registers=2 lane-operands" -lower-affine -canonicalize -cse | FileCheck %s
// RUN: cameo-opt %s "-vectorize-kernel=vector-bits=128 registers=3 lane-operands" -lower-affine -canonicalize -cse | FileCheck %s --check-prefix=FITS
// RUN: cameo-opt %s "-vectorize-kernel=vector-bits=128 registers=2" -lower-affine -canonicalize -cse | FileCheck %s --check-prefix=FITS

// More results than registers: those that share a sum are one loop, the other is one
// of its own, which reads the first input again.
// CHECK-LABEL: @parts(
// CHECK-SAME: %[[A:[^:]*]]: memref<32xf32>, %[[B:[^:]*]]: memref<32xf32>, %[[C:[^:]*]]: memref<32xf32>, %[[X:[^:]*]]: memref<32xf32>, %[[Y:[^:]*]]: memref<32xf32>, %[[Z:[^:]*]]: memref<32xf32>
// CHECK: scf.for
// CHECK-DAG: vector.load %[[A]]
// CHECK-DAG: vector.load %[[B]]
// CHECK-NOT: vector.load %[[C]]
// CHECK: vector.store {{.*}}, %[[X]]
// CHECK: vector.store {{.*}}, %[[Z]]
// CHECK: }
// CHECK: scf.for
// CHECK-DAG: vector.load %[[A]]
// CHECK-DAG: vector.load %[[C]]
// CHECK-NOT: vector.load %[[B]]
// CHECK: vector.store {{.*}}, %[[Y]]
// CHECK: }
// CHECK-NOT: scf.for
// CHECK-LABEL: @in_place(
// FITS-LABEL: @parts(
// FITS: scf.for
// FITS-NOT: scf.for
// FITS-LABEL: @in_place(
#id = affine_map<(i) -> (i)>
func.func private @parts(%a: memref<32xf32>, %b: memref<32xf32>, %c: memref<32xf32>, %x: memref<32xf32>, %y: memref<32xf32>, %z: memref<32xf32>) attributes {plan.kernel = {}} {
  linalg.generic {indexing_maps = [#id, #id, #id, #id, #id, #id], iterator_types = ["parallel"]} ins(%a, %b, %c : memref<32xf32>, memref<32xf32>, memref<32xf32>) outs(%x, %y, %z : memref<32xf32>, memref<32xf32>, memref<32xf32>) {
  ^bb0(%a0: f32, %b0: f32, %c0: f32, %x0: f32, %y0: f32, %z0: f32):
    %two = arith.constant 2.0 : f32
    %sum = arith.addf %a0, %b0 : f32
    %0 = arith.mulf %sum, %two : f32
    %1 = arith.mulf %a0, %c0 : f32
    %2 = arith.subf %sum, %two : f32
    linalg.yield %0, %1, %2 : f32, f32, f32
  }
  return
}

// What the first part writes is not there for the second one to read.
// CHECK: scf.for
// CHECK-NOT: scf.for
// CHECK: return
func.func private @in_place(%a: memref<32xf32>, %x: memref<32xf32>, %y: memref<32xf32>) attributes {plan.kernel = {}} {
  linalg.generic {indexing_maps = [#id, #id, #id, #id], iterator_types = ["parallel"]} ins(%a : memref<32xf32>) outs(%a, %x, %y : memref<32xf32>, memref<32xf32>, memref<32xf32>) {
  ^bb0(%a0: f32, %b0: f32, %x0: f32, %y0: f32):
    %0 = arith.negf %a0 : f32
    %1 = arith.mulf %a0, %a0 : f32
    %2 = arith.addf %a0, %a0 : f32
    linalg.yield %0, %1, %2 : f32, f32, f32
  }
  return
}
