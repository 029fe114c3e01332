// RUN: cameo-opt %s -canonicalize | FileCheck %s

// CHECK-LABEL: @shape_arithmetic
func.func @shape_arithmetic() -> tensor<2xi64> {
  %shape = cameo.constant dense<[6, -7]> : tensor<2xi64>
  %two = cameo.constant dense<2> : tensor<i64>
  %0 = cameo.div %shape, %two : (tensor<2xi64>, tensor<i64>) -> tensor<2xi64>
  %1 = cameo.max %0, %two : (tensor<2xi64>, tensor<i64>) -> tensor<2xi64>
  // CHECK-NEXT: %[[C:.*]] = cameo.constant dense<[3, 2]> : tensor<2xi64>
  // CHECK-NEXT: return %[[C]]
  return %1 : tensor<2xi64>
}

// CHECK-LABEL: @unsigned_bytes_wrap
func.func @unsigned_bytes_wrap() -> tensor<2xui8> {
  %a = cameo.constant dense<[250, 3]> : tensor<2xui8>
  %b = cameo.constant dense<10> : tensor<ui8>
  %0 = cameo.add %a, %b : (tensor<2xui8>, tensor<ui8>) -> tensor<2xui8>
  // CHECK-NEXT: cameo.constant dense<[4, 13]> : tensor<2xui8>
  return %0 : tensor<2xui8>
}

// CHECK-LABEL: @broadcast_comparison
func.func @broadcast_comparison() -> tensor<2x2xf16> {
  %a = cameo.constant dense<[[1], [3]]> : tensor<2x1xi32>
  %b = cameo.constant dense<[2, 4]> : tensor<2xi32>
  %x = cameo.constant dense<0.5> : tensor<f16>
  %y = cameo.constant dense<-1.0> : tensor<f16>
  %0 = cameo.less %a, %b : (tensor<2x1xi32>, tensor<2xi32>) -> tensor<2x2xi1>
  %1 = cameo.where %0, %x, %y : (tensor<2x2xi1>, tensor<f16>, tensor<f16>) -> tensor<2x2xf16>
  // CHECK-NEXT: cameo.constant dense<{{\[\[}}5.000000e-01, 5.000000e-01], [-1.000000e+00, 5.000000e-01]]> : tensor<2x2xf16>
  return %1 : tensor<2x2xf16>
}

// CHECK-LABEL: @nothing
func.func @nothing() -> tensor<0xi64> {
  %a = cameo.constant dense<> : tensor<0xi64>
  // CHECK-NEXT: cameo.constant dense<> : tensor<0xi64>
  %0 = cameo.neg %a : (tensor<0xi64>) -> tensor<0xi64>
  return %0 : tensor<0xi64>
}

// CHECK-LABEL: @keep_division_by_zero
func.func @keep_division_by_zero() -> tensor<i32> {
  %a = cameo.constant dense<1> : tensor<i32>
  %b = cameo.constant dense<0> : tensor<i32>
  // CHECK: cameo.div
  %0 = cameo.div %a, %b : (tensor<i32>, tensor<i32>) -> tensor<i32>
  return %0 : tensor<i32>
}

// CHECK-LABEL: @keep_large
func.func @keep_large() -> tensor<1024x2xf32> {
  %x = cameo.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %y = cameo.constant dense<3.0> : tensor<1024x1xf32>
  // CHECK: cameo.mul
  %0 = cameo.mul %y, %x : (tensor<1024x1xf32>, tensor<2xf32>) -> tensor<1024x2xf32>
  return %0 : tensor<1024x2xf32>
}

// One step folds any number of equal elements.
// CHECK-LABEL: @large_uniform
func.func @large_uniform() -> (tensor<4096x2xf32>, tensor<2x8192xf32>, tensor<2x8192xf32>) {
  %x = cameo.constant dense<2.0> : tensor<4096x2xf32>
  %y = cameo.constant dense<3.0> : tensor<2xf32>
  %z = cameo.constant dense<5.0> : tensor<2x4096xf32>
  // CHECK-DAG: cameo.constant dense<6.000000e+00> : tensor<4096x2xf32>
  %0 = cameo.mul %x, %y : (tensor<4096x2xf32>, tensor<2xf32>) -> tensor<4096x2xf32>
  // CHECK-DAG: cameo.constant dense<2.000000e+00> : tensor<2x8192xf32>
  %1 = cameo.transpose %x {permutation = array<i64: 1, 0>} : (tensor<4096x2xf32>) -> tensor<2x4096xf32>
  %2 = cameo.concat %1, %1 {axis = 1 : i64} : (tensor<2x4096xf32>, tensor<2x4096xf32>) -> tensor<2x8192xf32>
  // CHECK: cameo.concat
  %3 = cameo.concat %1, %z {axis = 1 : i64} : (tensor<2x4096xf32>, tensor<2x4096xf32>) -> tensor<2x8192xf32>
  return %0, %2, %3 : tensor<4096x2xf32>, tensor<2x8192xf32>, tensor<2x8192xf32>
}

// CHECK-LABEL: @narrow_integers_wrap
func.func @narrow_integers_wrap() -> tensor<3xi4> {
  %x = cameo.constant dense<[-9, 7, 8]> : tensor<3xi32>
  %0 = cameo.cast %x {to = i4} : (tensor<3xi32>) -> tensor<3xi4>
  // CHECK-NEXT: cameo.constant dense<[7, 7, -8]> : tensor<3xi4>
  return %0 : tensor<3xi4>
}

// CHECK-LABEL: @narrow_floats_saturate
func.func @narrow_floats_saturate() -> tensor<3xf32> {
  %x = cameo.constant dense<[1000.0, 0.3, -3.2]> : tensor<3xf32>
  %0 = cameo.cast %x {to = f8E4M3FN} : (tensor<3xf32>) -> tensor<3xf8E4M3FN>
  %1 = cameo.cast %0 {to = f32} : (tensor<3xf8E4M3FN>) -> tensor<3xf32>
  // CHECK-NEXT: cameo.constant dense<[4.480000e+02, 3.125000e-01, -3.250000e+00]> : tensor<3xf32>
  return %1 : tensor<3xf32>
}
