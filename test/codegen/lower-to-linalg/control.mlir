// RUN: cameo-opt %s -lower-to-linalg | FileCheck %s

// CHECK-LABEL: @branch
// CHECK-SAME: %[[C:.*]]: tensor<i8>, %[[X:.*]]: tensor<4xf32>
func.func private @branch(%c: tensor<i1>, %x: tensor<4xf32>) -> tensor<4xf32> attributes {plan.kernel = {}} {
  // CHECK: %[[FLAG:.*]] = tensor.extract %[[C]][]
  // CHECK: %[[IS:.*]] = arith.cmpi ne, %[[FLAG]]
  // CHECK: scf.if %[[IS]] -> (tensor<4xf32>)
  // CHECK: %[[NEG:.*]] = linalg.generic {{.*}} ins(%[[X]]
  // CHECK: %[[YES:.*]] = bufferization.materialize_in_destination %[[NEG]] in %[[BUFFER:.*]] :
  // CHECK: scf.yield %[[YES]]
  // CHECK: else
  // CHECK-NEXT: %[[NO:.*]] = bufferization.materialize_in_destination %[[X]] in %[[BUFFER]]
  // CHECK-NEXT: scf.yield %[[NO]]
  %0 = cameo.if %c(%x) : (tensor<i1>, tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%a: tensor<4xf32>):
    %1 = cameo.neg %a : (tensor<4xf32>) -> tensor<4xf32>
    cameo.yield %1 : tensor<4xf32>
  } else {
  ^bb0(%a: tensor<4xf32>):
    cameo.yield %a : tensor<4xf32>
  }
  return %0 : tensor<4xf32>
}

// A loop without a condition is counted; what it collects is inserted by row.
// CHECK-LABEL: @counted
func.func private @counted(%n: tensor<i64>, %s: tensor<4xf32>) -> (tensor<4xf32>, tensor<3x4xf32>) attributes {plan.kernel = {}} {
  // CHECK: scf.for %[[I:.*]] = %{{.*}} to %{{.*}} step %{{.*}} iter_args(%{{.*}}, %[[ALL:.*]] =
  // CHECK: %[[NEXT:.*]] = linalg.generic
  // CHECK: tensor.insert_slice %[[NEXT]] into %{{.*}}[%[[I]], 0] [1, 4] [1, 1]
  %0, %1 = cameo.loop trips(%n) states(%s) {length = 3 : i64} : (tensor<i64>, tensor<4xf32>) -> (tensor<4xf32>, tensor<3x4xf32>) {
  ^bb0(%i: tensor<i64>, %a: tensor<4xf32>):
    %2 = cameo.add %a, %a : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    cameo.yield %2, %2 : tensor<4xf32>, tensor<4xf32>
  }
  return %0, %1 : tensor<4xf32>, tensor<3x4xf32>
}

// CHECK-LABEL: @while
func.func private @while(%n: tensor<i64>, %c: tensor<i1>, %s: tensor<i64>) -> tensor<i64> attributes {plan.kernel = {}} {
  // CHECK: scf.while (%{{.*}} = %{{.*}}, %[[I:.*]] = %{{.*}}, %[[RUNS:.*]] = %{{.*}})
  // CHECK: %[[LEFT:.*]] = arith.cmpi slt, %[[I]]
  // CHECK: %[[BOTH:.*]] = arith.andi %[[RUNS]], %[[LEFT]]
  // CHECK: scf.condition(%[[BOTH]])
  %0 = cameo.loop trips(%n) while(%c) states(%s) : (tensor<i64>, tensor<i1>, tensor<i64>) -> tensor<i64> {
  ^bb0(%i: tensor<i64>, %a: tensor<i64>):
    %1 = cameo.less %i, %a : (tensor<i64>, tensor<i64>) -> tensor<i1>
    cameo.yield %1, %a : tensor<i1>, tensor<i64>
  }
  return %0 : tensor<i64>
}

// A choice writes one of its operands.
// CHECK-LABEL: @choice
// CHECK-SAME: %[[C:.*]]: tensor<i8>, %[[X:.*]]: tensor<4xf32>, %[[Y:.*]]: tensor<4xf32>
func.func private @choice(%c: tensor<i1>, %x: tensor<4xf32>, %y: tensor<4xf32>) -> tensor<4xf32> attributes {plan.kernel = {}} {
  // CHECK: scf.if
  // CHECK: bufferization.materialize_in_destination %[[X]]
  // CHECK: bufferization.materialize_in_destination %[[Y]]
  %0 = cameo.choose %c then %x else %y : (tensor<i1>, tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// What is missing is an error.
// CHECK-LABEL: @left_out
func.func private @left_out(%c: tensor<i1>, %x: tensor<4xf32>) -> tensor<4xf32> attributes {plan.kernel = {}} {
  // CHECK: %[[IS:.*]] = arith.cmpi ne
  // CHECK: cf.assert %[[IS]], "branch left out"
  // CHECK: else
  // CHECK: linalg.fill
  %0 = cameo.choose %c then %x : (tensor<i1>, tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
