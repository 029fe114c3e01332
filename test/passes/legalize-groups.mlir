// RUN: cameo-opt %s -legalize | FileCheck %s

// Two groups of whole blocks of channels are two convolutions, and what follows
// them follows each: a factor per channel and a tensor are cut alike.
// CHECK-LABEL: @two
// CHECK-SAME: %[[X:[a-z0-9]*]]: tensor<1x32x8x8xf32>, %[[Y:[a-z0-9]*]]: tensor<1x64x8x8xf32>
// CHECK-DAG: cameo.slice %[[X]] {extents = array<i64: 1, 16, 8, 8>, starts = array<i64: 0, 0, 0, 0>, steps = array<i64: 1, 1, 1, 1>}
// CHECK-DAG: cameo.slice %[[X]] {extents = array<i64: 1, 16, 8, 8>, starts = array<i64: 0, 16, 0, 0>, steps = array<i64: 1, 1, 1, 1>}
// CHECK-DAG: cameo.slice %[[Y]] {extents = array<i64: 1, 32, 8, 8>, starts = array<i64: 0, 32, 0, 0>, steps = array<i64: 1, 1, 1, 1>}
// CHECK-DAG: %[[A:.*]] = cameo.conv {{.*}} : (tensor<1x16x8x8xf32>, tensor<32x16x3x3xf32>, tensor<32xf32>) -> tensor<1x32x8x8xf32>
// CHECK-DAG: cameo.mul %{{.*}}, %{{.*}} : (tensor<1x32x8x8xf32>, tensor<32x1x1xf32>) -> tensor<1x32x8x8xf32>
// CHECK: %[[Z:.*]] = cameo.concat %{{.*}}, %{{.*}} {axis = 1 : i64} : (tensor<1x32x8x8xf32>, tensor<1x32x8x8xf32>) -> tensor<1x64x8x8xf32>
// CHECK-NEXT: return %[[Z]]
func.func @two(%x: tensor<1x32x8x8xf32>, %y: tensor<1x64x8x8xf32>, %k: tensor<64x1x1xf32>) -> tensor<1x64x8x8xf32> {
  %w = cameo.constant dense_resource<w> : tensor<64x16x3x3xf32>
  %b = cameo.constant dense_resource<b> : tensor<64xf32>
  %0 = cameo.conv %x, %w bias(%b) {dilations = array<i64: 1, 1>, groups = 2 : i64, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x32x8x8xf32>, tensor<64x16x3x3xf32>, tensor<64xf32>) -> tensor<1x64x8x8xf32>
  %1 = cameo.relu %0 : (tensor<1x64x8x8xf32>) -> tensor<1x64x8x8xf32>
  %2 = cameo.mul %1, %k : (tensor<1x64x8x8xf32>, tensor<64x1x1xf32>) -> tensor<1x64x8x8xf32>
  %3 = cameo.add %2, %y : (tensor<1x64x8x8xf32>, tensor<1x64x8x8xf32>) -> tensor<1x64x8x8xf32>
  return %3 : tensor<1x64x8x8xf32>
}

// Another use of all channels: they are put together before what follows.
// CHECK-LABEL: @used_twice
// CHECK: %[[Y:.*]] = cameo.concat
// CHECK: %[[Z:.*]] = cameo.relu %[[Y]]
// CHECK: return %[[Y]], %[[Z]]
func.func @used_twice(%x: tensor<1x32x8x8xf32>) -> (tensor<1x32x8x8xf32>, tensor<1x32x8x8xf32>) {
  %w = cameo.constant dense_resource<v> : tensor<32x16x1x1xf32>
  %0 = cameo.conv %x, %w {dilations = array<i64: 1, 1>, groups = 2 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x32x8x8xf32>, tensor<32x16x1x1xf32>) -> tensor<1x32x8x8xf32>
  %1 = cameo.relu %0 : (tensor<1x32x8x8xf32>) -> tensor<1x32x8x8xf32>
  return %0, %1 : tensor<1x32x8x8xf32>, tensor<1x32x8x8xf32>
}

// Groups that cut blocks of channels, each channel a group, and filters that are
// computed.
// CHECK-LABEL: @whole
// CHECK-NOT: cameo.concat
// CHECK: return
func.func @whole(%x: tensor<1x32x8x8xf32>, %v: tensor<32x16x1x1xf32>) -> (tensor<1x40x8x8xf32>, tensor<1x32x8x8xf32>, tensor<1x32x8x8xf32>) {
  %w = cameo.constant dense_resource<u> : tensor<40x16x1x1xf32>
  %d = cameo.constant dense_resource<d> : tensor<32x1x1x1xf32>
  %0 = cameo.conv %x, %w {dilations = array<i64: 1, 1>, groups = 2 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x32x8x8xf32>, tensor<40x16x1x1xf32>) -> tensor<1x40x8x8xf32>
  %1 = cameo.conv %x, %d {dilations = array<i64: 1, 1>, groups = 32 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x32x8x8xf32>, tensor<32x1x1x1xf32>) -> tensor<1x32x8x8xf32>
  %2 = cameo.conv %x, %v {dilations = array<i64: 1, 1>, groups = 2 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x32x8x8xf32>, tensor<32x16x1x1xf32>) -> tensor<1x32x8x8xf32>
  return %0, %1, %2 : tensor<1x40x8x8xf32>, tensor<1x32x8x8xf32>, tensor<1x32x8x8xf32>
}
