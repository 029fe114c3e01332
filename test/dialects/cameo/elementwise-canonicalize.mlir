// RUN: cameo-opt %s -canonicalize | FileCheck %s

// CHECK-LABEL: @neutral_elements
// CHECK-SAME: (%[[X:[a-z0-9]+]]: tensor<2x3xf32>)
func.func @neutral_elements(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %zero = cameo.constant dense<0.0> : tensor<3xf32>
  %one = cameo.constant dense<1.0> : tensor<f32>
  %0 = cameo.add %zero, %x : (tensor<3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  %1 = cameo.sub %0, %zero : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  %2 = cameo.mul %1, %one : (tensor<2x3xf32>, tensor<f32>) -> tensor<2x3xf32>
  %3 = cameo.div %2, %one : (tensor<2x3xf32>, tensor<f32>) -> tensor<2x3xf32>
  %4 = cameo.identity %3 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %5 = cameo.neg %4 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %6 = cameo.neg %5 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %7 = cameo.max %6, %6 : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK-NEXT: return %[[X]]
  return %7 : tensor<2x3xf32>
}

// CHECK-LABEL: @keep_when_zero_broadcasts
func.func @keep_when_zero_broadcasts(%x: tensor<3xf32>) -> tensor<2x3xf32> {
  %zero = cameo.constant dense<0.0> : tensor<2x3xf32>
  // CHECK: cameo.add
  %0 = cameo.add %x, %zero : (tensor<3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// CHECK-LABEL: @logic
// CHECK-SAME: (%[[C:[a-z0-9]+]]: tensor<2xi1>, %[[X:[a-z0-9]+]]: tensor<2xi32>
func.func @logic(%c: tensor<2xi1>, %x: tensor<2xi32>, %y: tensor<2xi32>) -> (tensor<2xi1>, tensor<2xi32>) {
  %true = cameo.constant dense<true> : tensor<i1>
  %0 = cameo.and %c, %true : (tensor<2xi1>, tensor<i1>) -> tensor<2xi1>
  %1 = cameo.not %0 : (tensor<2xi1>) -> tensor<2xi1>
  %2 = cameo.not %1 : (tensor<2xi1>) -> tensor<2xi1>
  %3 = cameo.where %true, %x, %y : (tensor<i1>, tensor<2xi32>, tensor<2xi32>) -> tensor<2xi32>
  // CHECK-NEXT: return %[[C]], %[[X]]
  return %2, %3 : tensor<2xi1>, tensor<2xi32>
}

// CHECK-LABEL: @idempotent
func.func @idempotent(%x: tensor<2xf32>) -> tensor<2xf32> {
  // CHECK: cameo.relu
  // CHECK-NOT: cameo.relu
  %0 = cameo.relu %x : (tensor<2xf32>) -> tensor<2xf32>
  %1 = cameo.relu %0 : (tensor<2xf32>) -> tensor<2xf32>
  return %1 : tensor<2xf32>
}

// CHECK-LABEL: @pow_by_constants
// CHECK-SAME: (%[[X:[a-z0-9]+]]: tensor<2xf32>)
func.func @pow_by_constants(%x: tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) {
  %two = cameo.constant dense<2> : tensor<i64>
  %half = cameo.constant dense<0.5> : tensor<f32>
  %other = cameo.constant dense<1.7> : tensor<f32>
  // CHECK-DAG: %[[SQUARE:.*]] = cameo.mul %[[X]], %[[X]]
  %0 = cameo.pow %x, %two : (tensor<2xf32>, tensor<i64>) -> tensor<2xf32>
  // CHECK-DAG: %[[ROOT:.*]] = cameo.sqrt %[[X]]
  %1 = cameo.pow %x, %half : (tensor<2xf32>, tensor<f32>) -> tensor<2xf32>
  // CHECK-DAG: %[[POWER:.*]] = cameo.pow %[[X]]
  %2 = cameo.pow %x, %other : (tensor<2xf32>, tensor<f32>) -> tensor<2xf32>
  // CHECK: return %[[SQUARE]], %[[ROOT]], %[[POWER]]
  return %0, %1, %2 : tensor<2xf32>, tensor<2xf32>, tensor<2xf32>
}

// CHECK-LABEL: @cast_chains
// CHECK-SAME: (%[[X:[a-z0-9]+]]: tensor<2xi8>
func.func @cast_chains(%x: tensor<2xi8>, %y: tensor<2xf32>) -> (tensor<2xi8>, tensor<2xf32>) {
  %0 = cameo.cast %x {to = i32} : (tensor<2xi8>) -> tensor<2xi32>
  %1 = cameo.cast %0 {to = i8} : (tensor<2xi32>) -> tensor<2xi8>
  // CHECK: %[[INT:.*]] = cameo.cast %{{.*}} {to = i32}
  %2 = cameo.cast %y {to = i32} : (tensor<2xf32>) -> tensor<2xi32>
  // CHECK: %[[FLOAT:.*]] = cameo.cast %[[INT]] {to = f32}
  %3 = cameo.cast %2 {to = f32} : (tensor<2xi32>) -> tensor<2xf32>
  // CHECK: return %[[X]], %[[FLOAT]]
  return %1, %3 : tensor<2xi8>, tensor<2xf32>
}
