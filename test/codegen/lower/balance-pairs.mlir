// RUN: cameo-opt %s -balance-pairs | FileCheck %s

// Of four sums, the second one adds products directly, through all loops, and
// starts at zero.
// CHECK-LABEL: @tile
// CHECK: %[[START0:.*]] = arith.negf %arg4 : vector<16xf32>
// CHECK: %[[ZERO:.*]] = arith.constant dense<0.000000e+00> : vector<16xf32>
// CHECK: %[[START2:.*]] = arith.negf %arg4 : vector<16xf32>
// CHECK: %[[START3:.*]] = arith.negf %arg4 : vector<16xf32>
// CHECK-NOT: arith.negf
// CHECK: scf.for {{.*}} iter_args(%[[A:[a-z0-9]*]] = %[[START0]], %[[B:[a-z0-9]*]] = %[[ZERO]], %{{.*}} = %[[START2]], %{{.*}} = %[[START3]])
// CHECK: scf.for {{.*}} iter_args(%[[A1:[a-z0-9]*]] = %[[A]], %[[B1:[a-z0-9]*]] = %[[B]],
// CHECK: %[[LEFT:.*]] = arith.addf %arg0, %arg3
// CHECK: %[[RIGHT:.*]] = arith.addf %arg2, %arg1
// CHECK: %[[PRODUCT:.*]] = arith.mulf %[[LEFT]], %[[RIGHT]]
// CHECK: arith.addf %[[A1]], %[[PRODUCT]] : vector<16xf32>
// CHECK: %[[P0:.*]] = arith.mulf %arg0, %arg2
// CHECK: %[[S0:.*]] = arith.addf %[[B1]], %[[P0]]
// CHECK: %[[P1:.*]] = arith.mulf %arg1, %arg3
// CHECK: arith.addf %[[S0]], %[[P1]]
// CHECK-COUNT-2: arith.mulf
// CHECK-NOT: arith.mulf
// CHECK: return
func.func private @tile(%x0: vector<16xf32>, %x1: vector<16xf32>, %w0: vector<16xf32>, %w1: vector<16xf32>, %sums: vector<16xf32>, %y: memref<64xf32>) attributes {plan.kernel = {}} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c16 = arith.constant 16 : index
  %c32 = arith.constant 32 : index
  %c48 = arith.constant 48 : index
  %n0 = arith.negf %sums {cameo.pair_start} : vector<16xf32>
  %n1 = arith.negf %sums {cameo.pair_start} : vector<16xf32>
  %n2 = arith.negf %sums {cameo.pair_start} : vector<16xf32>
  %n3 = arith.negf %sums {cameo.pair_start} : vector<16xf32>
  %r:4 = scf.for %i = %c0 to %c4 step %c1 iter_args(%a = %n0, %b = %n1, %c = %n2, %d = %n3) -> (vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>) {
    %s:4 = scf.for %j = %c0 to %c4 step %c1 iter_args(%a1 = %a, %b1 = %b, %c1_ = %c, %d1 = %d) -> (vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>) {
      %la = arith.addf %x0, %w1 : vector<16xf32>
      %ra = arith.addf %w0, %x1 : vector<16xf32>
      %pa = arith.mulf %la, %ra : vector<16xf32>
      %sa = arith.addf %a1, %pa {cameo.pair} : vector<16xf32>
      %lb = arith.addf %x0, %w1 : vector<16xf32>
      %rb = arith.addf %w0, %x1 : vector<16xf32>
      %pb = arith.mulf %lb, %rb : vector<16xf32>
      %sb = arith.addf %b1, %pb {cameo.pair} : vector<16xf32>
      %lc = arith.addf %x0, %w1 : vector<16xf32>
      %rc = arith.addf %w0, %x1 : vector<16xf32>
      %pc = arith.mulf %lc, %rc : vector<16xf32>
      %sc = arith.addf %c1_, %pc {cameo.pair} : vector<16xf32>
      %ld = arith.addf %x0, %w1 : vector<16xf32>
      %rd = arith.addf %w0, %x1 : vector<16xf32>
      %pd = arith.mulf %ld, %rd : vector<16xf32>
      %sd = arith.addf %d1, %pd {cameo.pair} : vector<16xf32>
      scf.yield %sa, %sb, %sc, %sd : vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>
    }
    scf.yield %s#0, %s#1, %s#2, %s#3 : vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>
  }
  vector.store %r#0, %y[%c0] : memref<64xf32>, vector<16xf32>
  vector.store %r#1, %y[%c16] : memref<64xf32>, vector<16xf32>
  vector.store %r#2, %y[%c32] : memref<64xf32>, vector<16xf32>
  vector.store %r#3, %y[%c48] : memref<64xf32>, vector<16xf32>
  return
}

// Starts that go through memory stay, and so do the pairs that follow.
// CHECK-LABEL: @stored
// CHECK-COUNT-2: arith.negf
// CHECK-COUNT-2: arith.mulf
// CHECK-NOT: arith.mulf
// CHECK-NOT: cameo.pair
// CHECK: return
func.func private @stored(%x0: vector<16xf32>, %x1: vector<16xf32>, %w0: vector<16xf32>, %w1: vector<16xf32>, %sums: vector<16xf32>, %y: memref<32xf32>) attributes {plan.kernel = {}} {
  %c0 = arith.constant 0 : index
  %c16 = arith.constant 16 : index
  %n0 = arith.negf %sums {cameo.pair_start} : vector<16xf32>
  %n1 = arith.negf %sums {cameo.pair_start} : vector<16xf32>
  vector.store %n0, %y[%c0] : memref<32xf32>, vector<16xf32>
  vector.store %n1, %y[%c16] : memref<32xf32>, vector<16xf32>
  %a = vector.load %y[%c0] : memref<32xf32>, vector<16xf32>
  %b = vector.load %y[%c16] : memref<32xf32>, vector<16xf32>
  %left = arith.addf %x0, %w1 : vector<16xf32>
  %right = arith.addf %w0, %x1 : vector<16xf32>
  %pa = arith.mulf %left, %right : vector<16xf32>
  %sa = arith.addf %a, %pa {cameo.pair} : vector<16xf32>
  %pb = arith.mulf %left, %right : vector<16xf32>
  %sb = arith.addf %b, %pb {cameo.pair} : vector<16xf32>
  vector.store %sa, %y[%c0] : memref<32xf32>, vector<16xf32>
  vector.store %sb, %y[%c16] : memref<32xf32>, vector<16xf32>
  return
}
