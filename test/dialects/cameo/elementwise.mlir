// RUN: cameo-opt %s | cameo-opt | FileCheck %s

// CHECK-LABEL: @arithmetic
func.func @arithmetic(%a: tensor<2x3xf32>, %b: tensor<3xf32>) -> tensor<2x3xf32> {
  // CHECK: cameo.add %{{.*}}, %{{.*}} : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  %0 = cameo.add %a, %b : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  // CHECK: cameo.sub
  %1 = cameo.sub %0, %b : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  // CHECK: cameo.mul
  %2 = cameo.mul %1, %b : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  // CHECK: cameo.div
  %3 = cameo.div %2, %b : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  // CHECK: cameo.max
  %4 = cameo.max %3, %b : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  // CHECK: cameo.min
  %5 = cameo.min %4, %b : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  // CHECK: cameo.mod %{{.*}}, %{{.*}} {fmod}
  %6 = cameo.mod %5, %b {fmod} : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  // CHECK: cameo.clip %{{.*}} {hi = 6.000000e+00 : f32, lo = 0.000000e+00 : f32}
  %7 = cameo.clip %6 {lo = 0.0 : f32, hi = 6.0 : f32} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: cameo.neg
  %8 = cameo.neg %7 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: cameo.reciprocal
  %9 = cameo.reciprocal %8 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return %9 : tensor<2x3xf32>
}

// CHECK-LABEL: @pow_mixed_types
func.func @pow_mixed_types(%a: tensor<2x3xf16>, %b: tensor<3xi64>) -> tensor<2x3xf16> {
  // CHECK: cameo.pow %{{.*}}, %{{.*}} : (tensor<2x3xf16>, tensor<3xi64>) -> tensor<2x3xf16>
  %0 = cameo.pow %a, %b : (tensor<2x3xf16>, tensor<3xi64>) -> tensor<2x3xf16>
  return %0 : tensor<2x3xf16>
}

// CHECK-LABEL: @comparison
func.func @comparison(%a: tensor<4xui8>, %b: tensor<ui8>, %x: tensor<4xf64>) -> tensor<4xi1> {
  // CHECK: cameo.equal %{{.*}}, %{{.*}} : (tensor<4xui8>, tensor<ui8>) -> tensor<4xi1>
  %0 = cameo.equal %a, %b : (tensor<4xui8>, tensor<ui8>) -> tensor<4xi1>
  // CHECK: cameo.less_or_equal
  %1 = cameo.less_or_equal %a, %b : (tensor<4xui8>, tensor<ui8>) -> tensor<4xi1>
  // CHECK: cameo.is_nan %{{.*}} : (tensor<4xf64>) -> tensor<4xi1>
  %2 = cameo.is_nan %x : (tensor<4xf64>) -> tensor<4xi1>
  // CHECK: cameo.is_inf %{{.*}} {negative = false}
  %3 = cameo.is_inf %x {negative = false} : (tensor<4xf64>) -> tensor<4xi1>
  // CHECK: cameo.and
  %4 = cameo.and %0, %1 : (tensor<4xi1>, tensor<4xi1>) -> tensor<4xi1>
  // CHECK: cameo.where %{{.*}}, %{{.*}}, %{{.*}} : (tensor<4xi1>, tensor<4xi1>, tensor<4xi1>) -> tensor<4xi1>
  %5 = cameo.where %4, %2, %3 : (tensor<4xi1>, tensor<4xi1>, tensor<4xi1>) -> tensor<4xi1>
  return %5 : tensor<4xi1>
}

// CHECK-LABEL: @bits
func.func @bits(%a: tensor<4xui16>, %b: tensor<ui16>) -> tensor<4xui16> {
  // CHECK: cameo.bit_shift %{{.*}}, %{{.*}} {right}
  %0 = cameo.bit_shift %a, %b {right} : (tensor<4xui16>, tensor<ui16>) -> tensor<4xui16>
  // CHECK: cameo.bitwise_xor
  %1 = cameo.bitwise_xor %0, %b : (tensor<4xui16>, tensor<ui16>) -> tensor<4xui16>
  // CHECK: cameo.bitwise_not
  %2 = cameo.bitwise_not %1 : (tensor<4xui16>) -> tensor<4xui16>
  return %2 : tensor<4xui16>
}

// CHECK-LABEL: @activations
func.func @activations(%x: tensor<2x3xbf16>, %slope: tensor<3xbf16>) -> tensor<2x3xbf16> {
  // CHECK: cameo.leaky_relu %{{[a-z0-9]+}} :
  %0 = cameo.leaky_relu %x {alpha = 0.01 : f32} : (tensor<2x3xbf16>) -> tensor<2x3xbf16>
  // CHECK: cameo.selu %{{.*}} {gamma = 1.000000e+00 : f32}
  %1 = cameo.selu %0 {gamma = 1.0 : f32} : (tensor<2x3xbf16>) -> tensor<2x3xbf16>
  // CHECK: cameo.gelu %{{.*}} {tanh}
  %2 = cameo.gelu %1 {tanh} : (tensor<2x3xbf16>) -> tensor<2x3xbf16>
  // CHECK: cameo.prelu
  %3 = cameo.prelu %2, %slope : (tensor<2x3xbf16>, tensor<3xbf16>) -> tensor<2x3xbf16>
  return %3 : tensor<2x3xbf16>
}

// CHECK-LABEL: @batch_norm
func.func @batch_norm(%x: tensor<1x8x4xf16>, %s: tensor<8xf32>) -> tensor<1x8x4xf16> {
  // CHECK: cameo.batch_norm %{{.*}}, %{{.*}} {epsilon = 1.000000e-03 : f32}
  %0 = cameo.batch_norm %x, %s, %s, %s, %s {epsilon = 0.001 : f32}
      : (tensor<1x8x4xf16>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<1x8x4xf16>
  return %0 : tensor<1x8x4xf16>
}

// CHECK-LABEL: @cast
func.func @cast(%x: tensor<2xf32>) -> tensor<2xui8> {
  // CHECK: cameo.cast %{{.*}} {to = ui8} : (tensor<2xf32>) -> tensor<2xui8>
  %0 = cameo.cast %x {to = ui8} : (tensor<2xf32>) -> tensor<2xui8>
  return %0 : tensor<2xui8>
}

// CHECK-LABEL: @narrow_types
func.func @narrow_types(%x: tensor<4xf32>) -> (tensor<4xi4>, tensor<4xf8E4M3FN>, tensor<4xi32>) {
  // CHECK: cameo.cast %{{.*}} {to = i4}
  %0 = cameo.cast %x {to = i4} : (tensor<4xf32>) -> tensor<4xi4>
  // CHECK: cameo.cast %{{.*}} {no_saturate, to = f8E4M3FN}
  %1 = cameo.cast %x {no_saturate, to = f8E4M3FN} : (tensor<4xf32>) -> tensor<4xf8E4M3FN>
  // CHECK: cameo.bitcast %{{.*}} {to = i32}
  %2 = cameo.bitcast %x {to = i32} : (tensor<4xf32>) -> tensor<4xi32>
  return %0, %1, %2 : tensor<4xi4>, tensor<4xf8E4M3FN>, tensor<4xi32>
}
