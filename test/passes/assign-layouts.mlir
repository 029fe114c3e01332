// RUN: cameo-opt %s -assign-layouts=vector-bits=512 -split-input-file | FileCheck %s

// A convolution wants blocks; what comes before and after is converted once.
// CHECK-LABEL: @conv
// CHECK-DAG: %[[X:.*]] = cameo.kernel(%arg0) rule("relayout") : (tensor<1x32x8x8xf32>) -> tensor<1x32x8x8xf32, #cameo.blocked<dims = [1], sizes = [16]>>
// CHECK-DAG: %[[W:.*]] = cameo.kernel(%arg1) rule("relayout") : (tensor<24x32x1x1xf32>) -> tensor<24x32x1x1xf32, #cameo.blocked<dims = [1, 0], sizes = [16, 16]>>
// CHECK: %[[Y:.*]] = cameo.kernel(%[[X]], %[[W]]) rule("root")
// CHECK: %[[PX:.*]] = cameo.relayout %{{.*}} : tensor<1x32x8x8xf32, #cameo.blocked<dims = [1], sizes = [16]>> to tensor<1x32x8x8xf32>
// CHECK: %[[PW:.*]] = cameo.relayout
// CHECK: cameo.conv %[[PX]], %[[PW]]
// CHECK: cameo.relayout {{.*}} to tensor<1x24x8x8xf32, #cameo.blocked<dims = [1], sizes = [16]>>
// The elementwise kernel follows.
// CHECK: %[[R:.*]] = cameo.kernel(%[[Y]]) rule("elementwise") : (tensor<1x24x8x8xf32, #cameo.blocked<dims = [1], sizes = [16]>>)
// CHECK: %[[OUT:.*]] = cameo.kernel(%[[R]]) rule("relayout") {{.*}} -> tensor<1x24x8x8xf32>
// CHECK: return %[[OUT]] : tensor<1x24x8x8xf32>
func.func @conv(%x: tensor<1x32x8x8xf32>, %w: tensor<24x32x1x1xf32>) -> tensor<1x24x8x8xf32> {
  %0 = cameo.kernel(%x, %w) rule("root") : (tensor<1x32x8x8xf32>, tensor<24x32x1x1xf32>) -> tensor<1x24x8x8xf32> {
  ^bb0(%a: tensor<1x32x8x8xf32>, %b: tensor<24x32x1x1xf32>):
    %2 = cameo.conv %a, %b {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x32x8x8xf32>, tensor<24x32x1x1xf32>) -> tensor<1x24x8x8xf32>
    cameo.yield %2 : tensor<1x24x8x8xf32>
  }
  %1 = cameo.kernel(%0) rule("elementwise") : (tensor<1x24x8x8xf32>) -> tensor<1x24x8x8xf32> {
  ^bb0(%a: tensor<1x24x8x8xf32>):
    %2 = cameo.relu %a : (tensor<1x24x8x8xf32>) -> tensor<1x24x8x8xf32>
    cameo.yield %2 : tensor<1x24x8x8xf32>
  }
  return %1 : tensor<1x24x8x8xf32>
}

// -----

// 17 channels fill a block and begin another. The bias has a tail like them; the
// convolution that reads them leaves the tail out: its filters have no blocks of channels.
// CHECK-LABEL: @odd
// CHECK-DAG: %[[B:.*]] = cameo.cast_layout %{{.*}} : tensor<2x16xf32> to tensor<17xf32, #cameo.blocked<dims = [0], sizes = [16]>>
// CHECK-DAG: %[[W:.*]] = cameo.kernel(%arg1) rule("relayout") {{.*}} -> tensor<17x32x1x1xf32, #cameo.blocked<dims = [1, 0], sizes = [16, 16]>>
// CHECK-DAG: %[[V:.*]] = cameo.kernel(%arg2) rule("relayout") {{.*}} -> tensor<16x17x3x3xf32, #cameo.blocked<dims = [0], sizes = [16]>>
// CHECK: %[[Y:.*]] = cameo.kernel(%{{.*}}, %[[W]], %[[B]]) {{.*}} -> tensor<1x17x8x8xf32, #cameo.blocked<dims = [1], sizes = [16]>>
// CHECK: cameo.kernel(%[[Y]], %[[V]])
func.func @odd(%x: tensor<1x32x8x8xf32>, %w: tensor<17x32x1x1xf32>, %v: tensor<16x17x3x3xf32>) -> tensor<1x16x8x8xf32> {
  %b = cameo.constant dense<1.0> : tensor<17xf32>
  %0 = cameo.kernel(%x, %w, %b) rule("root") : (tensor<1x32x8x8xf32>, tensor<17x32x1x1xf32>, tensor<17xf32>) -> tensor<1x17x8x8xf32> {
  ^bb0(%a: tensor<1x32x8x8xf32>, %f: tensor<17x32x1x1xf32>, %c: tensor<17xf32>):
    %2 = cameo.conv %a, %f bias(%c) {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x32x8x8xf32>, tensor<17x32x1x1xf32>, tensor<17xf32>) -> tensor<1x17x8x8xf32>
    cameo.yield %2 : tensor<1x17x8x8xf32>
  }
  %1 = cameo.kernel(%0, %v) rule("root") : (tensor<1x17x8x8xf32>, tensor<16x17x3x3xf32>) -> tensor<1x16x8x8xf32> {
  ^bb0(%a: tensor<1x17x8x8xf32>, %f: tensor<16x17x3x3xf32>):
    %2 = cameo.conv %a, %f {dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x17x8x8xf32>, tensor<16x17x3x3xf32>) -> tensor<1x16x8x8xf32>
    cameo.yield %2 : tensor<1x16x8x8xf32>
  }
  return %1 : tensor<1x16x8x8xf32>
}

// -----

// What repeats a value per channel is in blocks too where channels have a tail.
// Channels that move across blocks move in blocks.
// CHECK-LABEL: @across
// CHECK: %[[S:.*]] = cameo.kernel(%arg2) rule("relayout") : {{.*}} -> tensor<17x1x1xf32, #cameo.blocked<dims = [0], sizes = [16]>>
// CHECK: cameo.kernel(%{{.*}}, %[[S]]) rule("elementwise")
// CHECK: cameo.concat {{.*}} -> tensor<1x34x8x8xf32, #cameo.blocked<dims = [1], sizes = [16]>>
func.func @across(%x: tensor<1x32x8x8xf32>, %w: tensor<17x32x1x1xf32>, %s: tensor<17x1x1xf32>) -> tensor<1x34x8x8xf32> {
  %0 = cameo.kernel(%x, %w) rule("root") : (tensor<1x32x8x8xf32>, tensor<17x32x1x1xf32>) -> tensor<1x17x8x8xf32> {
  ^bb0(%a: tensor<1x32x8x8xf32>, %f: tensor<17x32x1x1xf32>):
    %2 = cameo.conv %a, %f {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x32x8x8xf32>, tensor<17x32x1x1xf32>) -> tensor<1x17x8x8xf32>
    cameo.yield %2 : tensor<1x17x8x8xf32>
  }
  %1 = cameo.kernel(%0, %s) rule("elementwise") : (tensor<1x17x8x8xf32>, tensor<17x1x1xf32>) -> tensor<1x17x8x8xf32> {
  ^bb0(%a: tensor<1x17x8x8xf32>, %c: tensor<17x1x1xf32>):
    %2 = cameo.mul %a, %c : (tensor<1x17x8x8xf32>, tensor<17x1x1xf32>) -> tensor<1x17x8x8xf32>
    cameo.yield %2 : tensor<1x17x8x8xf32>
  }
  %3 = cameo.kernel(%0, %1) rule("root") : (tensor<1x17x8x8xf32>, tensor<1x17x8x8xf32>) -> tensor<1x34x8x8xf32> {
  ^bb0(%a: tensor<1x17x8x8xf32>, %c: tensor<1x17x8x8xf32>):
    %2 = cameo.concat %a, %c {axis = 1 : i64} : (tensor<1x17x8x8xf32>, tensor<1x17x8x8xf32>) -> tensor<1x34x8x8xf32>
    cameo.yield %2 : tensor<1x34x8x8xf32>
  }
  return %3 : tensor<1x34x8x8xf32>
}

// -----

// Blocks of one pixel have the order of a plain tensor: nothing moves.
// CHECK-LABEL: @pixel
// CHECK: cameo.cast_layout %arg0
// CHECK: cameo.kernel
// CHECK: cameo.cast_layout {{.*}} to tensor<1x16x1x1xf32>
func.func @pixel(%x: tensor<1x32x1x1xf32>) -> tensor<1x16x1x1xf32> {
  %w = cameo.constant dense<1.0> : tensor<16x32x1x1xf32>
  %0 = cameo.kernel(%x, %w) rule("root") : (tensor<1x32x1x1xf32>, tensor<16x32x1x1xf32>) -> tensor<1x16x1x1xf32> {
  ^bb0(%a: tensor<1x32x1x1xf32>, %b: tensor<16x32x1x1xf32>):
    %2 = cameo.conv %a, %b {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x32x1x1xf32>, tensor<16x32x1x1xf32>) -> tensor<1x16x1x1xf32>
    cameo.yield %2 : tensor<1x16x1x1xf32>
  }
  return %0 : tensor<1x16x1x1xf32>
}

// -----

// Constant columns are read as one stream of vectors; others stay where they are.
// CHECK-LABEL: @columns
// CHECK: %[[W:.*]] = cameo.relayout %{{.*}} to tensor<8x32xf32, #cameo.blocked<dims = [1], sizes = [16], outer = [1, 0]>>
// CHECK: cameo.kernel(%arg0, %[[W]]) {{.*}} -> tensor<4x32xf32>
// CHECK: cameo.kernel(%arg0, %arg1) {{.*}} : (tensor<4x8xf32>, tensor<8x32xf32>) -> tensor<4x32xf32>
func.func @columns(%x: tensor<4x8xf32>, %y: tensor<8x32xf32>) -> (tensor<4x32xf32>, tensor<4x32xf32>) {
  %w = cameo.constant dense_resource<w> : tensor<8x32xf32>
  %0 = cameo.kernel(%x, %w) rule("root") : (tensor<4x8xf32>, tensor<8x32xf32>) -> tensor<4x32xf32> {
  ^bb0(%a: tensor<4x8xf32>, %b: tensor<8x32xf32>):
    %2 = cameo.matmul %a, %b : (tensor<4x8xf32>, tensor<8x32xf32>) -> tensor<4x32xf32>
    cameo.yield %2 : tensor<4x32xf32>
  }
  %1 = cameo.kernel(%x, %y) rule("root") : (tensor<4x8xf32>, tensor<8x32xf32>) -> tensor<4x32xf32> {
  ^bb0(%a: tensor<4x8xf32>, %b: tensor<8x32xf32>):
    %2 = cameo.matmul %a, %b : (tensor<4x8xf32>, tensor<8x32xf32>) -> tensor<4x32xf32>
    cameo.yield %2 : tensor<4x32xf32>
  }
  return %0, %1 : tensor<4x32xf32>, tensor<4x32xf32>
}

// -----

// Whole blocks stand one after another: the concatenation moves nothing, and is one
// of the graph. One that cuts blocks stays a kernel.
// CHECK-LABEL: @join
// CHECK: %[[A:.*]] = cameo.kernel(%{{.*}}, %{{.*}}) rule("root") {{.*}} -> tensor<1x16x8x8xf32, #cameo.blocked<dims = [1], sizes = [16]>>
// CHECK: %[[B:.*]] = cameo.kernel(%[[A]]) rule("elementwise")
// CHECK: %[[ALL:.*]] = cameo.concat %[[A]], %[[B]] {axis = 1 : i64} : {{.*}} -> tensor<1x32x8x8xf32, #cameo.blocked<dims = [1], sizes = [16]>>
// CHECK: %[[R:.*]] = cameo.kernel(%[[ALL]]) rule("elementwise")
func.func @join(%x: tensor<1x16x8x8xf32>, %w: tensor<16x16x1x1xf32>) -> tensor<1x32x8x8xf32> {
  %0 = cameo.kernel(%x, %w) rule("root") : (tensor<1x16x8x8xf32>, tensor<16x16x1x1xf32>) -> tensor<1x16x8x8xf32> {
  ^bb0(%a: tensor<1x16x8x8xf32>, %f: tensor<16x16x1x1xf32>):
    %2 = cameo.conv %a, %f {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x16x8x8xf32>, tensor<16x16x1x1xf32>) -> tensor<1x16x8x8xf32>
    cameo.yield %2 : tensor<1x16x8x8xf32>
  }
  %1 = cameo.kernel(%0) rule("elementwise") : (tensor<1x16x8x8xf32>) -> tensor<1x16x8x8xf32> {
  ^bb0(%a: tensor<1x16x8x8xf32>):
    %2 = cameo.neg %a : (tensor<1x16x8x8xf32>) -> tensor<1x16x8x8xf32>
    cameo.yield %2 : tensor<1x16x8x8xf32>
  }
  %3 = cameo.kernel(%0, %1) rule("root") : (tensor<1x16x8x8xf32>, tensor<1x16x8x8xf32>) -> tensor<1x32x8x8xf32> {
  ^bb0(%a: tensor<1x16x8x8xf32>, %c: tensor<1x16x8x8xf32>):
    %2 = cameo.concat %a, %c {axis = 1 : i64} : (tensor<1x16x8x8xf32>, tensor<1x16x8x8xf32>) -> tensor<1x32x8x8xf32>
    cameo.yield %2 : tensor<1x32x8x8xf32>
  }
  %4 = cameo.kernel(%3) rule("elementwise") : (tensor<1x32x8x8xf32>) -> tensor<1x32x8x8xf32> {
  ^bb0(%a: tensor<1x32x8x8xf32>):
    %2 = cameo.relu %a : (tensor<1x32x8x8xf32>) -> tensor<1x32x8x8xf32>
    cameo.yield %2 : tensor<1x32x8x8xf32>
  }
  return %4 : tensor<1x32x8x8xf32>
}

// -----

// Windows that overlap and take steps read plain rows lane by lane: channels are
// moved to blocks first. Those that read each element once do not pay for that.
// CHECK-LABEL: @pools
// CHECK: %[[BLOCKS:.*]] = cameo.kernel(%arg0) rule("relayout")
// CHECK: cameo.kernel(%[[BLOCKS]]) rule("root") {{.*}} -> tensor<1x32x4x4xf32, #cameo.blocked<dims = [1], sizes = [16]>>
// CHECK: cameo.kernel(%arg0) rule("root") : (tensor<1x32x9x9xf32>) -> tensor<1x32x4x4xf32>
// CHECK: cameo.kernel(%arg0) rule("root") : (tensor<1x32x9x9xf32>) -> tensor<1x32x7x7xf32>
func.func @pools(%x: tensor<1x32x9x9xf32>) -> (tensor<1x32x4x4xf32>, tensor<1x32x4x4xf32>, tensor<1x32x7x7xf32>) {
  %0 = cameo.kernel(%x) rule("root") : (tensor<1x32x9x9xf32>) -> tensor<1x32x4x4xf32> {
  ^bb0(%a: tensor<1x32x9x9xf32>):
    %3 = cameo.max_pool %a {dilations = array<i64: 1, 1>, kernel = array<i64: 3, 3>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 2, 2>} : (tensor<1x32x9x9xf32>) -> tensor<1x32x4x4xf32>
    cameo.yield %3 : tensor<1x32x4x4xf32>
  }
  %1 = cameo.kernel(%x) rule("root") : (tensor<1x32x9x9xf32>) -> tensor<1x32x4x4xf32> {
  ^bb0(%a: tensor<1x32x9x9xf32>):
    %3 = cameo.max_pool %a {dilations = array<i64: 1, 1>, kernel = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 2, 2>} : (tensor<1x32x9x9xf32>) -> tensor<1x32x4x4xf32>
    cameo.yield %3 : tensor<1x32x4x4xf32>
  }
  %2 = cameo.kernel(%x) rule("root") : (tensor<1x32x9x9xf32>) -> tensor<1x32x7x7xf32> {
  ^bb0(%a: tensor<1x32x9x9xf32>):
    %3 = cameo.max_pool %a {dilations = array<i64: 1, 1>, kernel = array<i64: 3, 3>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x32x9x9xf32>) -> tensor<1x32x7x7xf32>
    cameo.yield %3 : tensor<1x32x7x7xf32>
  }
  return %0, %1, %2 : tensor<1x32x4x4xf32>, tensor<1x32x4x4xf32>, tensor<1x32x7x7xf32>
}
