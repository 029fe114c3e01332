// RUN: cameo-opt %s -lower-to-linalg -canonicalize | FileCheck %s

// CHECK-DAG: #[[ID:.*]] = affine_map<(d0, d1) -> (d0, d1)>
// CHECK-DAG: #[[ROW:.*]] = affine_map<(d0, d1) -> (d1)>

// CHECK-LABEL: @broadcast
func.func private @broadcast(%a: tensor<2x3xf32>, %b: tensor<3xf32>) -> tensor<2x3xf32> attributes {plan.kernel = {}} {
  // CHECK: linalg.generic {indexing_maps = [#[[ID]], #[[ROW]], #[[ID]]], iterator_types = ["parallel", "parallel"]}
  // CHECK: arith.addf
  %0 = cameo.add %a, %b : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// Half precision is computed in f32.
// CHECK-LABEL: @half
func.func private @half(%x: tensor<3xf16>) -> tensor<3xf16> attributes {plan.kernel = {}} {
  // CHECK: ^bb0(%[[X:.*]]: f16, %{{.*}}: f16)
  // CHECK: %[[WIDE:.*]] = arith.extf %[[X]] : f16 to f32
  // CHECK: %[[EXP:.*]] = math.exp %[[WIDE]] : f32
  // CHECK: arith.truncf %[[EXP]] : f32 to f16
  %0 = cameo.exp %x : (tensor<3xf16>) -> tensor<3xf16>
  return %0 : tensor<3xf16>
}

// A NaN stays: 0 < NaN is false.
// CHECK-LABEL: @relu
func.func private @relu(%x: tensor<3xf32>) -> tensor<3xf32> attributes {plan.kernel = {}} {
  // CHECK: ^bb0(%[[X:.*]]: f32, %{{.*}}: f32)
  // CHECK: %[[NEGATIVE:.*]] = arith.cmpf olt, %[[X]], %[[ZERO:.*]] : f32
  // CHECK: arith.select %[[NEGATIVE]], %[[ZERO]], %[[X]] : f32
  %0 = cameo.relu %x : (tensor<3xf32>) -> tensor<3xf32>
  return %0 : tensor<3xf32>
}

// CHECK-LABEL: @max_propagates_nan
func.func private @max_propagates_nan(%a: tensor<3xf32>, %b: tensor<3xf32>) -> tensor<3xf32> attributes {plan.kernel = {}} {
  // CHECK: arith.maximumf
  %0 = cameo.max %a, %b : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  return %0 : tensor<3xf32>
}

// CHECK-LABEL: @unsigned_integers
// CHECK-SAME: tensor<3xi8>
func.func private @unsigned_integers(%a: tensor<3xui8>, %b: tensor<3xui8>) -> tensor<3xi1> attributes {plan.kernel = {}} {
  // CHECK: arith.maxui
  %0 = cameo.max %a, %b : (tensor<3xui8>, tensor<3xui8>) -> tensor<3xui8>
  // CHECK: %[[LESS:.*]] = arith.cmpi ult
  // CHECK: arith.extui %[[LESS]] : i1 to i8
  %1 = cameo.less %0, %b : (tensor<3xui8>, tensor<3xui8>) -> tensor<3xi1>
  return %1 : tensor<3xi1>
}

// Division by zero is recorded; the divisor that is used neither traps nor overflows.
// CHECK-LABEL: @integer_division
func.func private @integer_division(%a: tensor<3xi32>, %b: tensor<3xi32>) -> tensor<3xi32> attributes {plan.kernel = {}} {
  // CHECK: ^bb0(%[[A:.*]]: i32, %[[B:.*]]: i32, %{{.*}}: i32)
  // CHECK: %[[OK:.*]] = arith.cmpi ne, %[[B]], %{{.*}} : i32
  // CHECK: cf.assert %[[OK]], "division by zero"
  // CHECK: %[[SAFE:.*]] = arith.select %[[OK]], %[[B]]
  // CHECK: arith.cmpi eq, %[[A]], %c-2147483648_i32
  // CHECK: %[[DIVISOR:.*]] = arith.select %{{.*}}, %{{.*}}, %[[SAFE]]
  // CHECK: arith.divsi %[[A]], %[[DIVISOR]]
  %0 = cameo.div %a, %b : (tensor<3xi32>, tensor<3xi32>) -> tensor<3xi32>
  return %0 : tensor<3xi32>
}

// CHECK-LABEL: @saturating_cast
func.func private @saturating_cast(%x: tensor<3xf32>) -> tensor<3xi32> attributes {plan.kernel = {}} {
  // CHECK: ^bb0(%[[X:.*]]: f32, %{{.*}}: i32)
  // CHECK: %[[SAFE:.*]] = arith.select %{{.*}}, %[[X]], %cst{{.*}} : f32
  // CHECK: %[[INT:.*]] = arith.fptosi %[[SAFE]] : f32 to i32
  // CHECK: arith.select %{{.*}}, %c2147483647_i32, %[[INT]]
  // CHECK: arith.select %{{.*}}, %c-2147483648_i32
  %0 = cameo.cast %x {to = i32} : (tensor<3xf32>) -> tensor<3xi32>
  return %0 : tensor<3xi32>
}

// Rounded once, from f64.
// CHECK-LABEL: @cast_to_half
func.func private @cast_to_half(%x: tensor<3xf64>) -> tensor<3xf16> attributes {plan.kernel = {}} {
  // CHECK: arith.truncf %{{.*}} : f64 to f16
  // CHECK-NOT: f64 to f32
  %0 = cameo.cast %x {to = f16} : (tensor<3xf64>) -> tensor<3xf16>
  return %0 : tensor<3xf16>
}

// CHECK-LABEL: @batch_norm
func.func private @batch_norm(%x: tensor<2x3x4x4xf32>, %s: tensor<3xf32>) -> tensor<2x3x4x4xf32> attributes {plan.kernel = {}} {
  // CHECK: linalg.generic
  // CHECK: math.sqrt
  // CHECK: %[[FACTOR:.*]] = arith.divf
  // CHECK: %[[CENTRED:.*]] = arith.subf
  // CHECK: %[[SCALED:.*]] = arith.mulf %[[CENTRED]], %[[FACTOR]]
  // CHECK: arith.addf %[[SCALED]]
  %0 = cameo.batch_norm %x, %s, %s, %s, %s : (tensor<2x3x4x4xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<2x3x4x4xf32>
  return %0 : tensor<2x3x4x4xf32>
}
