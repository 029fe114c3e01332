// RUN: cameo-opt %s -spread-adds | FileCheck %s

// Every second marked addition of vectors becomes a multiply-add by one, which
// comes from a table.
// CHECK-LABEL: @adds
// CHECK-SAME: %[[TABLE:[a-z0-9]*]]: memref<1xf32> {plan.constant = dense<1.000000e+00> : tensor<1xf32>}
// CHECK: scf.for
// CHECK: %[[SCALAR:.*]] = memref.load %[[TABLE]]
// CHECK: %[[ONE:.*]] = vector.broadcast %[[SCALAR]]
// CHECK: %[[A:.*]] = arith.addf %arg0, %arg1 : vector<16xf32>
// CHECK: %[[B:.*]] = vector.fma %arg1, %[[ONE]], %[[A]]
// CHECK: %[[C:.*]] = arith.addf %[[A]], %[[B]] : vector<16xf32>
// CHECK: arith.addf %[[C]], %[[C]] : vector<16xf32>
// CHECK-NOT: cameo.spread
func.func private @adds(%a: vector<16xf32>, %b: vector<16xf32>, %y: memref<16xf32>) attributes {plan.kernel = {}} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  scf.for %i = %c0 to %c4 step %c1 {
    %0 = arith.addf %a, %b {cameo.spread} : vector<16xf32>
    %1 = arith.addf %b, %0 {cameo.spread} : vector<16xf32>
    %2 = arith.addf %0, %1 : vector<16xf32>
    %3 = arith.addf %2, %2 {cameo.spread} : vector<16xf32>
    vector.store %3, %y[%c0] : memref<16xf32>, vector<16xf32>
  }
  return
}
