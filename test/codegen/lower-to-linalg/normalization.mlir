// RUN: cameo-opt %s -lower-to-linalg -canonicalize | FileCheck %s

// CHECK-LABEL: @softmax
// CHECK-SAME: (%[[X:.*]]: tensor<2x3xf32>)
func.func private @softmax(%x: tensor<2x3xf32>) -> tensor<2x3xf32> attributes {plan.kernel = {}} {
  // CHECK: %[[MAX:.*]] = linalg.generic {{.*}} ins(%[[X]] : tensor<2x3xf32>) outs(%{{.*}} : tensor<2xf32>)
  // CHECK: arith.maximumf
  // CHECK: %[[EXP:.*]] = linalg.generic {{.*}} ins(%[[X]], %[[MAX]]
  // CHECK: math.exp
  // CHECK: %[[SUM:.*]] = linalg.generic {{.*}} ins(%[[EXP]] : tensor<2x3xf32>) outs(%{{.*}} : tensor<2xf32>)
  // CHECK: %[[INVERSE:.*]] = linalg.generic {{.*}} ins(%[[SUM]] : tensor<2xf32>)
  // CHECK: arith.divf
  // CHECK: linalg.generic {{.*}} ins(%[[EXP]], %[[INVERSE]]
  // CHECK: arith.mulf
  %0 = cameo.softmax %x {axis = 1 : i64} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// The variance is a second pass over the data.
// CHECK-LABEL: @layer_norm
// CHECK-SAME: (%[[X:.*]]: tensor<2x3xf32>, %[[S:.*]]: tensor<3xf32>)
func.func private @layer_norm(%x: tensor<2x3xf32>, %s: tensor<3xf32>) -> tensor<2x3xf32> attributes {plan.kernel = {}} {
  // CHECK: linalg.generic {{.*}} ins(%[[X]] : tensor<2x3xf32>)
  // CHECK: %[[MEAN:.*]] = linalg.generic
  // CHECK: arith.divf
  // CHECK: linalg.generic {{.*}} ins(%[[X]], %[[MEAN]]
  // CHECK: %[[INVERSE:.*]] = linalg.generic
  // CHECK: math.sqrt
  // CHECK: linalg.generic {{.*}} ins(%[[X]], %[[INVERSE]], %[[S]], %[[S]], %[[MEAN]]
  %0 = cameo.layer_norm %x, %s, %s {axis = 1 : i64} : (tensor<2x3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// CHECK-LABEL: @group_norm
func.func private @group_norm(%x: tensor<2x6x5xf32>, %s: tensor<6xf32>) -> tensor<2x6x5xf32> attributes {plan.kernel = {}} {
  // CHECK: tensor.expand_shape %{{.*}} : tensor<2x6x5xf32> into tensor<2x3x2x5xf32>
  // CHECK: linalg.generic {{.*}} iterator_types = ["parallel", "parallel", "reduction", "reduction"]
  // CHECK: tensor.collapse_shape %{{.*}} : tensor<2x3x2x5xf32> into tensor<2x6x5xf32>
  %0 = cameo.group_norm %x, %s, %s {groups = 3 : i64} : (tensor<2x6x5xf32>, tensor<6xf32>, tensor<6xf32>) -> tensor<2x6x5xf32>
  return %0 : tensor<2x6x5xf32>
}

// The default exponent needs no power function.
// CHECK-LABEL: @lrn
func.func private @lrn(%x: tensor<1x8x4xf32>) -> tensor<1x8x4xf32> attributes {plan.kernel = {}} {
  // CHECK: tensor.pad %{{.*}} low[0, 2, 0] high[0, 2, 0]
  // CHECK: linalg.generic {{.*}} iterator_types = ["parallel", "parallel", "parallel", "reduction"]
  // CHECK: math.sqrt
  // CHECK-NOT: math.powf
  %0 = cameo.lrn %x {size = 5 : i64} : (tensor<1x8x4xf32>) -> tensor<1x8x4xf32>
  return %0 : tensor<1x8x4xf32>
}
