// RUN: cameo-opt %s -choose-algorithms=vector-bits=512 | FileCheck %s
// RUN: cameo-opt %s -choose-algorithms="vector-bits=512 fast-products=true" | FileCheck %s --check-prefix=FAST
// RUN: cameo-opt %s -choose-algorithms="vector-bits=512 winograd=false" | FileCheck %s --check-prefix=OFF

// RUN: python3 %S/Inputs/packed_floats.py | cameo-opt -choose-algorithms="vector-bits=512 cache-bytes=0 fewest-bits=24" | FileCheck %s --check-prefixes=F24,F24ONLY
// RUN: python3 %S/Inputs/packed_floats.py | cameo-opt -choose-algorithms="vector-bits=512 cache-bytes=0" | FileCheck %s --check-prefixes=F24,Q20
// RUN: python3 %S/Inputs/packed_floats.py | cameo-opt -choose-algorithms="vector-bits=512 cache-bytes=1000000000" | FileCheck %s --check-prefix=CACHED
// RUN: python3 %S/Inputs/packed_floats.py | cameo-opt -choose-algorithms="vector-bits=512 cache-bytes=0 fewest-bits=32" | FileCheck %s --check-prefix=CACHED

// RUN: split-file %S/Inputs/forced.mlir %t
// RUN: cameo-opt %t/forced -choose-algorithms="vector-bits=512 fast-products=true" | FileCheck %s --check-prefix=FORCED
// RUN: not cameo-opt %t/impossible -choose-algorithms=vector-bits=512 2>&1 | FileCheck %s --check-prefix=IMPOSSIBLE
// RUN: not cameo-opt %t/disagree -choose-algorithms=vector-bits=512 2>&1 | FileCheck %s --check-prefix=DISAGREE

// OFF-NOT: cameo.winograd
// CACHED-NOT: cameo.{{f24|q20}}_matmul

// F24-LABEL: @row
// F24: %[[Y:.*]] = cameo.f24_matmul %arg0, %{{.*}} {cameo.schedule = #cameo.schedule<problem = "matmul:m1k256n64:f32" algorithm = "f24" {{.*}} beaten = {direct = {{[0-9]+}} : i64}>} : (tensor<1x256xf32>, tensor<64x3x64xi32>) -> tensor<1x64xf32>
// F24-NEXT: cameo.mul %[[Y]], %{{.*}} : (tensor<1x64xf32>, tensor<64xf32>)
// F24-LABEL: @transposed
// F24: cameo.f24_matmul %arg0, %{{.*}} : (tensor<8x256xf32>, tensor<64x3x64xi32>)
// Rows that are much smaller than others, infinity, many rows.
// F24-LABEL: @small_row
// F24: cameo.matmul
// F24-LABEL: @infinite
// F24: cameo.matmul
// F24-LABEL: @many_rows
// F24: cameo.matmul
// Of 4096 terms.
// F24-LABEL: @deep(
// F24ONLY: cameo.f24_matmul %arg0, %{{.*}} : (tensor<1x4096xf32>, tensor<1024x3x64xi32>)
// Q20: %[[X:.*]] = cameo.mul %arg0, %{{.*}} : (tensor<1x4096xf32>, tensor<4096xf32>)
// Q20: %[[Y:.*]] = cameo.q20_matmul %[[X]], %{{.*}} {cameo.schedule = #cameo.schedule<problem = "matmul:m1k4096n64:f32" algorithm = "q20" {{.*}} beaten = {direct = {{[0-9]+}} : i64}>} : (tensor<1x4096xf32>, tensor<512x5x64xi32>) -> tensor<1x64xf32>
// Q20-NEXT: cameo.mul %[[Y]], %{{.*}} : (tensor<1x64xf32>, tensor<64xf32>)
// F24-LABEL: @deep_transposed
// Q20: cameo.q20_matmul %{{.*}}, %{{.*}} : (tensor<8x4096xf32>, tensor<512x5x64xi32>)
// F24-LABEL: @deep_uneven_rows
// Q20: cameo.q20_matmul
// A column that is small beside its largest element, infinity, what factors of
// rows would take out of the range.
// F24-LABEL: @deep_outlier
// F24: cameo.f24_matmul
// F24-LABEL: @deep_infinite
// F24: cameo.matmul
// F24-LABEL: @deep_huge
// F24: cameo.f24_matmul
// F24-LABEL: @deep_tiny
// F24: cameo.f24_matmul
// FORCED: cameo.winograd_conv {{.*}} tile = 2 : i64
// FORCED: cameo.fast_conv
// IMPOSSIBLE: error: schedule: 'conv:mb1ic16ih28oc32kh1:f32' cannot be computed by 'winograd4', only by 'direct'
// DISAGREE: error: schedule: 'conv:mb1ic16ih28oc32kh1:f32:relu' asks for 'fast' and another entry of 'conv:mb1ic16ih28oc32kh1:f32' for 'direct'

// Enough rows and columns for tiles of 4 x 4.
// CHECK-LABEL: @large
// CHECK: %[[U:.*]] = cameo.winograd_filter %[[W:.*]] {tile = 4 : i64}
// CHECK: cameo.winograd_conv %arg0, %[[U]] bias(%arg1) {
// CHECK-SAME: cameo.schedule = #cameo.schedule<problem = "conv:mb1ic16ih28oc32kh3ph1:f32" algorithm = "winograd4" cycles = {{[0-9]+}} beaten = {direct = {{[0-9]+}} : i64, winograd2 = {{[0-9]+}} : i64}>,
// CHECK-SAME: channel_block = 16 : i64, filter_block = 16 : i64, pads = array<i64: 1, 1, 1, 1>, tile = 4 : i64}
func.func @large(%x: tensor<1x16x28x28xf32>, %b: tensor<32xf32>) -> tensor<1x32x28x28xf32> {
  %w = cameo.constant dense_resource<w> : tensor<32x16x3x3xf32>
  %0 = cameo.conv %x, %w bias(%b) {dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x16x28x28xf32>, tensor<32x16x3x3xf32>, tensor<32xf32>) -> tensor<1x32x28x28xf32>
  return %0 : tensor<1x32x28x28xf32>
}

// Products of tiles are fast inner products where filters and channels are many.
// FAST-LABEL: @fast_tiles
// FAST: cameo.winograd_filter
// FAST: %[[U:.*]] = cameo.mul
// FAST: cameo.reduce_sum
// FAST: %[[PAIRS:.*]] = cameo.reshape
// FAST: cameo.reduce_mean
// FAST: %[[SQUARE:.*]] = cameo.mul
// FAST: cameo.winograd_conv %arg0, %[[U]] fast(%[[PAIRS]], %[[SQUARE]]) {{.*}} algorithm = "fast_winograd4"
// FAST: cameo.winograd_conv %{{.*}}, %{{[0-9]+}} {cameo.schedule
// CHECK-LABEL: @fast_tiles
// CHECK-NOT: fast(
func.func @fast_tiles(%x: tensor<1x64x28x28xf32>) -> (tensor<1x96x28x28xf32>, tensor<1x64x28x28xf32>) {
  %w = cameo.constant dense_resource<t> : tensor<96x64x3x3xf32>
  %v = cameo.constant dense_resource<s> : tensor<64x64x3x3xf32>
  %0 = cameo.conv %x, %w {dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x64x28x28xf32>, tensor<96x64x3x3xf32>) -> tensor<1x96x28x28xf32>
  %1 = cameo.conv %x, %v {dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x64x28x28xf32>, tensor<64x64x3x3xf32>) -> tensor<1x64x28x28xf32>
  return %0, %1 : tensor<1x96x28x28xf32>, tensor<1x64x28x28xf32>
}

// Reading 36 points per filter would take longer than what they save.
// CHECK-LABEL: @many_filters
// CHECK: cameo.winograd_filter {{.*}} {tile = 2 : i64}
func.func @many_filters(%x: tensor<1x512x7x7xf32>) -> tensor<1x512x7x7xf32> {
  %w = cameo.constant dense_resource<v> : tensor<512x512x3x3xf32>
  %0 = cameo.conv %x, %w {dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x512x7x7xf32>, tensor<512x512x3x3xf32>) -> tensor<1x512x7x7xf32>
  return %0 : tensor<1x512x7x7xf32>
}

// One result: nothing to save.
// CHECK-LABEL: @one_result
// CHECK: cameo.conv
func.func @one_result(%x: tensor<1x16x3x3xf32>) -> tensor<1x32x1x1xf32> {
  %w = cameo.constant dense_resource<w> : tensor<32x16x3x3xf32>
  %0 = cameo.conv %x, %w {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x16x3x3xf32>, tensor<32x16x3x3xf32>) -> tensor<1x32x1x1xf32>
  return %0 : tensor<1x32x1x1xf32>
}

// Step two in tiles, step three and filters that are not constant as they are.
// CHECK-LABEL: @other_forms
// CHECK: cameo.winograd_conv {{.*}} stride = 2 : i64, tile = 4 : i64
// CHECK: cameo.conv
// CHECK: cameo.conv
func.func @other_forms(%x: tensor<1x16x28x28xf32>, %z: tensor<1x32x56x56xf32>, %v: tensor<32x16x3x3xf32>) -> (tensor<1x64x28x28xf32>, tensor<1x32x10x10xf32>, tensor<1x32x28x28xf32>) {
  %w = cameo.constant dense_resource<w> : tensor<32x16x3x3xf32>
  %u = cameo.constant dense_resource<u> : tensor<64x32x3x3xf32>
  %0 = cameo.conv %z, %u {dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 2, 2>} : (tensor<1x32x56x56xf32>, tensor<64x32x3x3xf32>) -> tensor<1x64x28x28xf32>
  %s = cameo.conv %x, %w {dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 3, 3>} : (tensor<1x16x28x28xf32>, tensor<32x16x3x3xf32>) -> tensor<1x32x10x10xf32>
  %1 = cameo.conv %x, %v {dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x16x28x28xf32>, tensor<32x16x3x3xf32>) -> tensor<1x32x28x28xf32>
  return %0, %s, %1 : tensor<1x64x28x28xf32>, tensor<1x32x10x10xf32>, tensor<1x32x28x28xf32>
}

// Signs, sums over pairs and the mean square are left to constant folding. Few
// filters would not pay for scaling the pixels.
// FAST-LABEL: @pointwise
// FAST: %[[W:.*]] = cameo.mul
// FAST: cameo.reduce_sum
// FAST: %[[PAIRS:.*]] = cameo.reshape
// FAST: cameo.reduce_mean
// FAST: cameo.fast_conv %arg0, %[[W]], %[[PAIRS]], %{{.*}} {cameo.schedule = #cameo.schedule<{{.*}} algorithm = "fast" {{.*}}>, filter_block = 16 : i64}
// FAST: cameo.conv
// CHECK-LABEL: @pointwise
// CHECK-NOT: cameo.fast_conv
func.func @pointwise(%x: tensor<1x16x28x28xf32>) -> (tensor<1x96x28x28xf32>, tensor<1x32x28x28xf32>) {
  %w = cameo.constant dense_resource<p> : tensor<96x16x1x1xf32>
  %0 = cameo.conv %x, %w {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x16x28x28xf32>, tensor<96x16x1x1xf32>) -> tensor<1x96x28x28xf32>
  %v = cameo.constant dense_resource<q> : tensor<32x16x1x1xf32>
  %1 = cameo.conv %x, %v {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x16x28x28xf32>, tensor<32x16x1x1xf32>) -> tensor<1x32x28x28xf32>
  return %0, %1 : tensor<1x96x28x28xf32>, tensor<1x32x28x28xf32>
}

// With steps, the pixels that count are gathered first.
// FAST-LABEL: @pointwise_steps
// FAST: %[[X:.*]] = cameo.slice %arg0 {extents = array<i64: 1, 16, 14, 14>, starts = array<i64: 0, 0, 0, 0>, steps = array<i64: 1, 1, 2, 2>}
// FAST: cameo.fast_conv %[[X]],
func.func @pointwise_steps(%x: tensor<1x16x28x28xf32>) -> tensor<1x96x14x14xf32> {
  %w = cameo.constant dense_resource<p> : tensor<96x16x1x1xf32>
  %0 = cameo.conv %x, %w {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 2, 2>} : (tensor<1x16x28x28xf32>, tensor<96x16x1x1xf32>) -> tensor<1x96x14x14xf32>
  return %0 : tensor<1x96x14x14xf32>
}

// Matrices, also transposed ones, where there are rows for a tile and columns to
// pay for scaling them.
// FAST-LABEL: @matrices
// FAST: %[[W:.*]] = cameo.mul
// FAST: %[[PAIRS:.*]] = cameo.reshape
// FAST: cameo.reduce_mean
// FAST: cameo.fast_matmul %arg0, %[[W]], %{{.*}}, %{{.*}} : (tensor<2x50x32xf32>, tensor<32x96xf32>, tensor<96xf32>, tensor<1xf32>)
// FAST: cameo.transpose
// FAST: cameo.fast_matmul
// FAST: cameo.matmul
// FAST: cameo.matmul
// FAST: cameo.matmul
// FAST-NOT: cameo.fast_matmul
// FAST: return
// CHECK-LABEL: @matrices
// CHECK-NOT: cameo.fast_matmul
func.func @matrices(%x: tensor<2x50x32xf32>, %row: tensor<1x32xf32>, %y: tensor<32x96xf32>) -> (tensor<2x50x96xf32>, tensor<2x50x96xf32>, tensor<1x96xf32>, tensor<2x50x24xf32>, tensor<2x50x96xf32>) {
  %w = cameo.constant dense_resource<m> : tensor<32x96xf32>
  %v = cameo.constant dense_resource<t> : tensor<96x32xf32>
  %n = cameo.constant dense_resource<n> : tensor<32x24xf32>
  %0 = cameo.matmul %x, %w : (tensor<2x50x32xf32>, tensor<32x96xf32>) -> tensor<2x50x96xf32>
  %1 = cameo.matmul %x, %v {transpose_b} : (tensor<2x50x32xf32>, tensor<96x32xf32>) -> tensor<2x50x96xf32>
  %2 = cameo.matmul %row, %w : (tensor<1x32xf32>, tensor<32x96xf32>) -> tensor<1x96xf32>
  %3 = cameo.matmul %x, %n : (tensor<2x50x32xf32>, tensor<32x24xf32>) -> tensor<2x50x24xf32>
  %4 = cameo.matmul %x, %y : (tensor<2x50x32xf32>, tensor<32x96xf32>) -> tensor<2x50x96xf32>
  return %0, %1, %2, %3, %4 : tensor<2x50x96xf32>, tensor<2x50x96xf32>, tensor<1x96xf32>, tensor<2x50x24xf32>, tensor<2x50x96xf32>
}

// What depends on an extent that varies stays direct: on that of an input, or on
// how many boxes a selection gives. The scores do not.
// FAST-LABEL: @extents
// FAST: cameo.fast_matmul %arg0,
// FAST: cameo.non_max_suppression
// FAST: cameo.matmul
// FAST: cameo.matmul
// FAST-NOT: cameo.fast_matmul
// FAST: return
func.func @extents(%x: tensor<1x50x32xf32>, %y: tensor<50x32xf32>, %boxes: tensor<1x50x4xf32>, %order: tensor<1x96x50xi64>, %most: tensor<i64>, %limit: tensor<f32>, %n: tensor<i64> {onnx.extent = {of = [{value = "y", dim = 0 : i64}], min = 1 : i64, max = 50 : i64}}) -> (tensor<50x96xf32>, tensor<450x96xf32>, tensor<i64> {onnx.extent = {of = [{value = "z", dim = 1 : i64}]}}) {
  %w = cameo.constant dense_resource<m> : tensor<32x96xf32>
  %scores = cameo.matmul %x, %w : (tensor<1x50x32xf32>, tensor<32x96xf32>) -> tensor<1x50x96xf32>
  %0 = cameo.transpose %scores {permutation = array<i64: 0, 2, 1>} : (tensor<1x50x96xf32>) -> tensor<1x96x50xf32>
  %selected, %count = cameo.non_max_suppression %boxes, %0, %order, %most, %limit, %limit {bound = 50 : i64} : (tensor<1x50x4xf32>, tensor<1x96x50xf32>, tensor<1x96x50xi64>, tensor<i64>, tensor<f32>, tensor<f32>) -> (tensor<4800x3xi64>, tensor<i64>)
  %rows = cameo.cast %selected {to = f32} : (tensor<4800x3xi64>) -> tensor<4800x3xf32>
  %1 = cameo.load_dense %y, %n {dims = array<i64: 0>} : (tensor<50x32xf32>, tensor<i64>) -> tensor<50x32xf32>
  %2 = cameo.matmul %1, %w : (tensor<50x32xf32>, tensor<32x96xf32>) -> tensor<50x96xf32>
  %3 = cameo.reshape %rows {shape = array<i64: 450, 32>} : (tensor<4800x3xf32>) -> tensor<450x32xf32>
  %4 = cameo.matmul %3, %w : (tensor<450x32xf32>, tensor<32x96xf32>) -> tensor<450x96xf32>
  return %2, %4, %count : tensor<50x96xf32>, tensor<450x96xf32>, tensor<i64>
}

// Columns of zeros fill the last vectors: of a matrix, and of a transposed one.
// CHECK-LABEL: @odd_columns
// CHECK: %[[W:.*]] = cameo.pad %{{.*}} {pads = array<i64: 0, 0, 0, 55>} : (tensor<2x1033xf32>, tensor<f32>) -> tensor<2x1088xf32>
// CHECK: %[[Y:.*]] = cameo.matmul %arg0, %[[W]]{{.*}} : (tensor<1x2xf32>, tensor<2x1088xf32>) -> tensor<1x1088xf32>
// CHECK: cameo.slice %[[Y]] {extents = array<i64: 1, 1033>, starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}
// CHECK: %[[V:.*]] = cameo.pad %{{.*}} {pads = array<i64: 0, 0, 55, 0>}
// CHECK: cameo.matmul %arg0, %[[V]] {{{.*}}transpose_b}
func.func @odd_columns(%x: tensor<1x2xf32>) -> (tensor<1x1033xf32>, tensor<1x1033xf32>) {
  %w = cameo.constant dense_resource<o> : tensor<2x1033xf32>
  %v = cameo.constant dense_resource<r> : tensor<1033x2xf32>
  %0 = cameo.matmul %x, %w : (tensor<1x2xf32>, tensor<2x1033xf32>) -> tensor<1x1033xf32>
  %1 = cameo.matmul %x, %v {transpose_b} : (tensor<1x2xf32>, tensor<1033x2xf32>) -> tensor<1x1033xf32>
  return %0, %1 : tensor<1x1033xf32>, tensor<1x1033xf32>
}

// Of bounded extents only products of one row, whose columns are filled.
// CHECK-LABEL: @bounded
// CHECK: cameo.matmul %arg0, %{{.*}} : (tensor<1x2xf32>, tensor<2x1088xf32>)
// CHECK: cameo.matmul %{{.*}}, %{{.*}} : (tensor<3x2xf32>, tensor<2x1033xf32>)
func.func @bounded(%x: tensor<1x2xf32>, %y: tensor<3x2xf32>, %n: tensor<i64> {onnx.extent = {min = 1 : i64, max = 3 : i64}}) -> (tensor<1x1033xf32>, tensor<3x1033xf32>) {
  %w = cameo.constant dense_resource<o> : tensor<2x1033xf32>
  %0 = cameo.matmul %x, %w : (tensor<1x2xf32>, tensor<2x1033xf32>) -> tensor<1x1033xf32>
  %rows = cameo.load_dense %y, %n {dims = array<i64: 0>} : (tensor<3x2xf32>, tensor<i64>) -> tensor<3x2xf32>
  %1 = cameo.matmul %rows, %w : (tensor<3x2xf32>, tensor<2x1033xf32>) -> tensor<3x1033xf32>
  return %0, %1 : tensor<1x1033xf32>, tensor<3x1033xf32>
}
