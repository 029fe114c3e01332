// RUN: cameo-opt %s | cameo-opt | FileCheck %s

// CHECK-LABEL: @halves
func.func @halves(%x: tensor<1x3x7x8xf32>, %cos: tensor<7x8xf32>, %sin: tensor<1x1x7x8xf32>) -> tensor<1x3x7x8xf32> {
  // CHECK: cameo.rotary_embedding %arg0, %arg1, %arg2 : (tensor<1x3x7x8xf32>, tensor<7x8xf32>, tensor<1x1x7x8xf32>) -> tensor<1x3x7x8xf32>
  %0 = cameo.rotary_embedding %x, %cos, %sin : (tensor<1x3x7x8xf32>, tensor<7x8xf32>, tensor<1x1x7x8xf32>) -> tensor<1x3x7x8xf32>
  return %0 : tensor<1x3x7x8xf32>
}

// CHECK-LABEL: @pairs_of_a_part
func.func @pairs_of_a_part(%x: tensor<7x8xf16>, %t: tensor<6xf16>) -> tensor<7x8xf16> {
  // CHECK: cameo.rotary_embedding %arg0, %arg1, %arg1 {interleaved} : (tensor<7x8xf16>, tensor<6xf16>, tensor<6xf16>) -> tensor<7x8xf16>
  %0 = cameo.rotary_embedding %x, %t, %t {interleaved} : (tensor<7x8xf16>, tensor<6xf16>, tensor<6xf16>) -> tensor<7x8xf16>
  return %0 : tensor<7x8xf16>
}
