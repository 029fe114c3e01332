// RUN: cameo-opt %s -legalize | FileCheck %s

// Filters and bias take in statistics that are constant: k = 3 / sqrt(1 + 1e-5) and
// 4 / sqrt(4 + 1e-5), filters of 0.5 k, biases 5 + (1 - 7) k and 6 + (2 - 8) k.
// CHECK-LABEL: @into_conv
// CHECK-SAME: %[[X:.*]]: tensor<1x3x8x8xf32>
// CHECK-DAG: %[[BIAS:.*]] = cameo.constant dense<[-12.9999{{[0-9]*}}, -5.99998{{[0-9]*}}]>
// CHECK-DAG: %[[W:.*]] = cameo.constant dense<{{.*}}1.49999{{[0-9]*}}, {{.*}}0.99999{{[0-9]*}}{{.*}}> : tensor<2x3x3x3xf32>
// CHECK: %[[Y:.*]] = cameo.conv %[[X]], %[[W]] bias(%[[BIAS]])
// CHECK-NEXT: return %[[Y]]
func.func @into_conv(%x: tensor<1x3x8x8xf32>) -> tensor<1x2x8x8xf32> {
  %w = cameo.constant dense<0.5> : tensor<2x3x3x3xf32>
  %b = cameo.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %scale = cameo.constant dense<[3.0, 4.0]> : tensor<2xf32>
  %bias = cameo.constant dense<[5.0, 6.0]> : tensor<2xf32>
  %mean = cameo.constant dense<[7.0, 8.0]> : tensor<2xf32>
  %var = cameo.constant dense<[1.0, 4.0]> : tensor<2xf32>
  %0 = cameo.conv %x, %w bias(%b) {dilations = array<i64: 1, 1>, groups = 1 : i64, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x3x8x8xf32>, tensor<2x3x3x3xf32>, tensor<2xf32>) -> tensor<1x2x8x8xf32>
  %1 = cameo.batch_norm %0, %scale, %bias, %mean, %var {epsilon = 1.0e-05 : f32} : (tensor<1x2x8x8xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x8x8xf32>
  return %1 : tensor<1x2x8x8xf32>
}

// Without a convolution that is its own: a factor and a term per channel, k and
// 5 - 7 k, 6 - 8 k.
// CHECK-LABEL: @affine
// CHECK-DAG: %[[TERM:.*]] = cameo.constant dense<{{.*}}-15.9998{{[0-9]*}}{{.*}}-9.99998{{[0-9]*}}{{.*}}> : tensor<1x2x1x1xf32>
// CHECK-DAG: %[[FACTOR:.*]] = cameo.constant dense<{{.*}}2.99998{{[0-9]*}}{{.*}}1.99999{{[0-9]*}}{{.*}}> : tensor<1x2x1x1xf32>
// CHECK: %[[CONV:.*]] = cameo.conv
// CHECK-NEXT: %[[PRODUCT:.*]] = cameo.mul %[[CONV]], %[[FACTOR]]
// CHECK-NEXT: %[[Y:.*]] = cameo.add %[[PRODUCT]], %[[TERM]]
// CHECK-NEXT: return %[[CONV]], %[[Y]]
func.func @affine(%x: tensor<1x3x8x8xf32>) -> (tensor<1x2x8x8xf32>, tensor<1x2x8x8xf32>) {
  %w = cameo.constant dense<0.5> : tensor<2x3x3x3xf32>
  %scale = cameo.constant dense<[3.0, 4.0]> : tensor<2xf32>
  %bias = cameo.constant dense<[5.0, 6.0]> : tensor<2xf32>
  %mean = cameo.constant dense<[7.0, 8.0]> : tensor<2xf32>
  %var = cameo.constant dense<[1.0, 4.0]> : tensor<2xf32>
  %0 = cameo.conv %x, %w {dilations = array<i64: 1, 1>, groups = 1 : i64, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x3x8x8xf32>, tensor<2x3x3x3xf32>) -> tensor<1x2x8x8xf32>
  %1 = cameo.batch_norm %0, %scale, %bias, %mean, %var {epsilon = 1.0e-05 : f32} : (tensor<1x2x8x8xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x8x8xf32>
  return %0, %1 : tensor<1x2x8x8xf32>, tensor<1x2x8x8xf32>
}

// Statistics that are computed stay, and so do vectors, of one channel.
// CHECK-LABEL: @computed
// CHECK-COUNT-2: cameo.batch_norm
func.func @computed(%x: tensor<1x2x8xf32>, %s: tensor<2xf32>, %v: tensor<4xf32>) -> (tensor<1x2x8xf32>, tensor<4xf32>) {
  %one = cameo.constant dense<1.0> : tensor<1xf32>
  %0 = cameo.batch_norm %x, %s, %s, %s, %s {epsilon = 1.0e-05 : f32} : (tensor<1x2x8xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x8xf32>
  %1 = cameo.batch_norm %v, %one, %one, %one, %one {epsilon = 1.0e-05 : f32} : (tensor<4xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<4xf32>
  return %0, %1 : tensor<1x2x8xf32>, tensor<4xf32>
}

// Filters of a transposed convolution have the channels of the result second.
// CHECK-LABEL: @into_transposed
// CHECK-NOT: cameo.batch_norm
// CHECK-NOT: cameo.mul
// CHECK: cameo.conv {{.*}} bias(
// CHECK-NOT: cameo.mul
// CHECK: return
func.func @into_transposed(%x: tensor<1x3x4x4xf32>) -> tensor<1x2x8x8xf32> {
  %w = cameo.constant dense<0.5> : tensor<3x2x2x2xf32>
  %scale = cameo.constant dense<[3.0, 4.0]> : tensor<2xf32>
  %bias = cameo.constant dense<[5.0, 6.0]> : tensor<2xf32>
  %mean = cameo.constant dense<[7.0, 8.0]> : tensor<2xf32>
  %var = cameo.constant dense<[1.0, 4.0]> : tensor<2xf32>
  %0 = cameo.conv_transpose %x, %w {dilations = array<i64: 1, 1>, output_padding = array<i64: 0, 0>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 2, 2>} : (tensor<1x3x4x4xf32>, tensor<3x2x2x2xf32>) -> tensor<1x2x8x8xf32>
  %1 = cameo.batch_norm %0, %scale, %bias, %mean, %var {epsilon = 1.0e-05 : f32} : (tensor<1x2x8x8xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x8x8xf32>
  return %1 : tensor<1x2x8x8xf32>
}
