// RUN: cameo-opt %s | cameo-opt | FileCheck %s

// CHECK-LABEL: @branch
func.func @branch(%c: tensor<i1>, %x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: cameo.if %{{.*}}(%{{.*}}) : (tensor<i1>, tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: } else {
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

// CHECK-LABEL: @counted
func.func @counted(%n: tensor<i64>, %s: tensor<4xf32>, %x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: cameo.loop trips(%{{.*}}) states(%{{.*}}) inputs(%{{.*}})
  %0 = cameo.loop trips(%n) states(%s) inputs(%x) : (tensor<i64>, tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%i: tensor<i64>, %a: tensor<4xf32>, %b: tensor<4xf32>):
    %1 = cameo.add %a, %b : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    cameo.yield %1 : tensor<4xf32>
  }
  return %0 : tensor<4xf32>
}

// CHECK-LABEL: @while
func.func @while(%c: tensor<i1>, %s: tensor<i64>) -> tensor<i64> {
  // CHECK: cameo.loop while(%{{.*}}) states(%{{.*}})
  %0 = cameo.loop while(%c) states(%s) : (tensor<i1>, tensor<i64>) -> tensor<i64> {
  ^bb0(%i: tensor<i64>, %a: tensor<i64>):
    %1 = cameo.less %i, %a : (tensor<i64>, tensor<i64>) -> tensor<i1>
    cameo.yield %1, %a : tensor<i1>, tensor<i64>
  }
  return %0 : tensor<i64>
}

// CHECK-LABEL: @collecting
func.func @collecting(%n: tensor<i64>) -> tensor<3xi64> {
  // CHECK: cameo.loop trips(%{{.*}}) {length = 3 : i64}
  %0 = cameo.loop trips(%n) {length = 3 : i64} : (tensor<i64>) -> tensor<3xi64> {
  ^bb0(%i: tensor<i64>):
    cameo.yield %i : tensor<i64>
  }
  return %0 : tensor<3xi64>
}

// CHECK-LABEL: @choice
func.func @choice(%c: tensor<i1>, %x: tensor<4xf32>, %y: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  // CHECK: cameo.choose %{{.*}} then %{{.*}} else %{{.*}} : (tensor<i1>, tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %0 = cameo.choose %c then %x else %y : (tensor<i1>, tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  // CHECK: cameo.choose %{{.*}} then %{{.*}} : (tensor<i1>, tensor<4xf32>) -> tensor<4xf32>
  %1 = cameo.choose %c then %x : (tensor<i1>, tensor<4xf32>) -> tensor<4xf32>
  return %0, %1 : tensor<4xf32>, tensor<4xf32>
}
