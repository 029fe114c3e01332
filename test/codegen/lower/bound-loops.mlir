// RUN: cameo-opt %s -split-input-file -bound-loops | FileCheck %s

// Backwards from the extent of the output's outermost dimension: @shift reads one row more than it computes.
// CHECK-LABEL: func.func @net(
// CHECK-SAME: %[[X:[^:]*]]: tensor<8x4xf32> {{{[^}]*}}}, %[[N:[^:]*]]: tensor<i64> {
// CHECK: %[[A:.*]] = plan.launch @double(%[[X]], %[[N]])
// CHECK: plan.launch @limit(%[[A]], %{{.*}}, %[[N]]) :
func.func @net(%x: tensor<8x4xf32> {onnx.name = "x"},
    %n: tensor<i64> {onnx.extent = {of = [{value = "x", dim = 0}], min = 1 : i64, max = 8 : i64}})
    -> (tensor<8x4xf32> {onnx.name = "y"}, tensor<i64> {onnx.extent = {of = [{value = "y", dim = 0}]}}) {
  %positions = cameo.constant dense<[[0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi32>
  %0 = plan.launch @double(%x) : (tensor<8x4xf32>) -> tensor<8x4xf32>
  %1 = plan.launch @limit(%0, %positions, %n) : (tensor<8x4xf32>, tensor<8x1xi32>, tensor<i64>) -> tensor<8x4xf32>
  %2 = plan.launch @shift(%1) : (tensor<8x4xf32>) -> tensor<8x4xf32>
  return %2, %n : tensor<8x4xf32>, tensor<i64>
}

// CHECK-LABEL: func.func private @double
// CHECK-SAME: (%{{.*}}: tensor<8x4xf32> {plan.in_place = 2 : i64}, %{{.*}}: tensor<i64>)
// CHECK: linalg.generic
// CHECK-SAME: plan.bounds = [#plan.bound<()[s0] -> (s0 + 1), 1>, unit]
func.func private @double(%x: tensor<8x4xf32> {plan.in_place = 1 : i64}) -> tensor<8x4xf32> attributes {plan.kernel = {}} {
  %empty = tensor.empty() : tensor<8x4xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>],
      iterator_types = ["parallel", "parallel"]} ins(%x : tensor<8x4xf32>) outs(%empty : tensor<8x4xf32>) {
  ^bb0(%a: f32, %r: f32):
    %s = arith.addf %a, %a : f32
    linalg.yield %s : f32
  } -> tensor<8x4xf32>
  return %0 : tensor<8x4xf32>
}
// CHECK-LABEL: func.func private @limit
// CHECK: linalg.generic
// CHECK-SAME: plan.bounds = [#plan.bound<()[s0] -> (s0 + 1), 2>, unit]
func.func private @limit(%x: tensor<8x4xf32>, %positions: tensor<8x1xi32>, %n: tensor<i64>) -> tensor<8x4xf32>
    attributes {plan.kernel = {}} {
  %fill = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<8x4xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, 0)>, affine_map<(i, j) -> ()>,
      affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%x, %positions, %n : tensor<8x4xf32>, tensor<8x1xi32>, tensor<i64>) outs(%empty : tensor<8x4xf32>) {
  ^bb0(%a: f32, %p: i32, %e: i64, %r: f32):
    %e32 = arith.trunci %e : i64 to i32
    %in = arith.cmpi slt, %p, %e32 : i32
    %s = arith.select %in, %a, %fill : f32
    linalg.yield %s : f32
  } -> tensor<8x4xf32>
  return %0 : tensor<8x4xf32>
}
// Reads one row ahead.
// CHECK-LABEL: func.func private @shift
// CHECK: linalg.generic
// CHECK-SAME: plan.bounds = [#plan.bound<()[s0] -> (s0), 1>, unit, unit]
func.func private @shift(%x: tensor<8x4xf32>) -> tensor<8x4xf32> attributes {plan.kernel = {}} {
  %zero = arith.constant 0.0 : f32
  %0 = tensor.pad %x low[0, 0] high[1, 0] {
  ^bb0(%i: index, %j: index):
    tensor.yield %zero : f32
  } : tensor<8x4xf32> to tensor<9x4xf32>
  %1 = tensor.empty() : tensor<8x4xf32>
  %window = tensor.empty() : tensor<2xf32>
  %2 = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i + k, j)>, affine_map<(i, j, k) -> (k)>, affine_map<(i, j, k) -> (i, j)>],
      iterator_types = ["parallel", "parallel", "reduction"]} ins(%0, %window : tensor<9x4xf32>, tensor<2xf32>) outs(%1 : tensor<8x4xf32>) {
  ^bb0(%a: f32, %w: f32, %r: f32):
    %s = arith.maximumf %a, %r : f32
    linalg.yield %s : f32
  } -> tensor<8x4xf32>
  return %2 : tensor<8x4xf32>
}

// -----

// A sum over what is zero beyond an extent ends there: then nobody reads the zeros, and who wrote them is left out. The loop
// that nothing is known of goes to its end. The same kernel for other bounds is a copy.
// CHECK-LABEL: func.func @sums(
// CHECK-SAME: %[[X:[^:]*]]: tensor<4x8xf32> {{{[^}]*}}}, %[[N:[^:]*]]: tensor<i64> {
// CHECK-NOT: @limit
// CHECK: plan.launch @sum_0(%[[X]], %[[N]])
// CHECK-NOT: @limit
// CHECK: plan.launch @sum(%[[X]]) : (tensor<4x8xf32>) -> tensor<4xf32>
// CHECK-NOT: @limit
func.func @sums(%x: tensor<4x8xf32> {onnx.name = "x"},
    %n: tensor<i64> {onnx.extent = {of = [{value = "x", dim = 1}], min = 1 : i64, max = 8 : i64}})
    -> (tensor<4xf32> {onnx.name = "y"}, tensor<4xf32> {onnx.name = "z"}) {
  %positions = cameo.constant dense<[[0, 1, 2, 3, 4, 5, 6, 7]]> : tensor<1x8xi32>
  %0 = plan.launch @limit(%x, %positions, %n) : (tensor<4x8xf32>, tensor<1x8xi32>, tensor<i64>) -> tensor<4x8xf32>
  %1 = plan.launch @sum(%0) : (tensor<4x8xf32>) -> tensor<4xf32>
  %2 = plan.launch @sum(%x) : (tensor<4x8xf32>) -> tensor<4xf32>
  return %1, %2 : tensor<4xf32>, tensor<4xf32>
}
func.func private @limit(%x: tensor<4x8xf32>, %positions: tensor<1x8xi32>, %n: tensor<i64>) -> tensor<4x8xf32>
    attributes {plan.kernel = {}} {
  %fill = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<4x8xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (0, j)>, affine_map<(i, j) -> ()>,
      affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%x, %positions, %n : tensor<4x8xf32>, tensor<1x8xi32>, tensor<i64>) outs(%empty : tensor<4x8xf32>) {
  ^bb0(%a: f32, %p: i32, %e: i64, %r: f32):
    %e32 = arith.trunci %e : i64 to i32
    %in = arith.cmpi slt, %p, %e32 : i32
    %s = arith.select %in, %a, %fill : f32
    linalg.yield %s : f32
  } -> tensor<4x8xf32>
  return %0 : tensor<4x8xf32>
}
// CHECK-LABEL: func.func private @sum(
// CHECK-NOT: plan.bounds
// CHECK: func.func private @sum_0(
// CHECK-SAME: plan.bounded_reductions = 1
// CHECK: linalg.generic
// CHECK-SAME: plan.bounds = [unit, #plan.bound<()[s0] -> (s0), 1>]
func.func private @sum(%x: tensor<4x8xf32>) -> tensor<4xf32> attributes {plan.kernel = {}} {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<4xf32>
  %start = linalg.fill ins(%zero : f32) outs(%empty : tensor<4xf32>) -> tensor<4xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>],
      iterator_types = ["parallel", "reduction"]} ins(%x : tensor<4x8xf32>) outs(%start : tensor<4xf32>) {
  ^bb0(%a: f32, %r: f32):
    %s = arith.addf %r, %a : f32
    linalg.yield %s : f32
  } -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

// Zeros that are an output are written.
// CHECK-LABEL: func.func @returned(
// CHECK: %[[L:.*]] = plan.launch @limit(
// CHECK: %[[S:.*]] = plan.launch @sum(%[[L]],
// CHECK: return %[[L]], %[[S]]
func.func @returned(%x: tensor<8x4xf16> {onnx.name = "x"},
    %n: tensor<i64> {onnx.extent = {of = [{value = "x", dim = 0}], min = 1 : i64, max = 8 : i64}})
    -> (tensor<8x4xf16> {onnx.name = "y"}, tensor<4xf32> {onnx.name = "z"}, tensor<i64> {onnx.extent = {of = [{value = "y", dim = 0}]}}) {
  %positions = cameo.constant dense<[[0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi32>
  %0 = plan.launch @limit(%x, %positions, %n) : (tensor<8x4xf16>, tensor<8x1xi32>, tensor<i64>) -> tensor<8x4xf16>
  %1 = plan.launch @sum(%0) : (tensor<8x4xf16>) -> tensor<4xf32>
  return %0, %1, %n : tensor<8x4xf16>, tensor<4xf32>, tensor<i64>
}
// Half precision is computed in f32; what is passed on is the same.
// CHECK-LABEL: func.func @half(
// CHECK-SAME: %[[X:[^:]*]]: tensor<8x4xf16> {{{[^}]*}}}, %[[N:[^:]*]]: tensor<i64> {
// CHECK-NOT: @limit
// CHECK: plan.launch @sum_0(%[[X]], %[[N]])
func.func @half(%x: tensor<8x4xf16> {onnx.name = "x"},
    %n: tensor<i64> {onnx.extent = {of = [{value = "x", dim = 0}], min = 1 : i64, max = 8 : i64}}) -> (tensor<4xf32> {onnx.name = "z"}) {
  %positions = cameo.constant dense<[[0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi32>
  %0 = plan.launch @limit(%x, %positions, %n) : (tensor<8x4xf16>, tensor<8x1xi32>, tensor<i64>) -> tensor<8x4xf16>
  %1 = plan.launch @sum(%0) : (tensor<8x4xf16>) -> tensor<4xf32>
  return %1 : tensor<4xf32>
}
// CHECK: func.func private @limit(
func.func private @limit(%x: tensor<8x4xf16>, %positions: tensor<8x1xi32>, %n: tensor<i64>) -> tensor<8x4xf16>
    attributes {plan.kernel = {}} {
  %fill = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<8x4xf16>
  %0 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, 0)>, affine_map<(i, j) -> ()>,
      affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%x, %positions, %n : tensor<8x4xf16>, tensor<8x1xi32>, tensor<i64>) outs(%empty : tensor<8x4xf16>) {
  ^bb0(%a: f16, %p: i32, %e: i64, %r: f16):
    %wide = arith.extf %a : f16 to f32
    %e32 = arith.trunci %e : i64 to i32
    %in = arith.cmpi slt, %p, %e32 : i32
    %s = arith.select %in, %wide, %fill : f32
    %y = arith.truncf %s : f32 to f16
    linalg.yield %y : f16
  } -> tensor<8x4xf16>
  return %0 : tensor<8x4xf16>
}
func.func private @sum(%x: tensor<8x4xf16>) -> tensor<4xf32> attributes {plan.kernel = {}} {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<4xf32>
  %start = linalg.fill ins(%zero : f32) outs(%empty : tensor<4xf32>) -> tensor<4xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (j, i)>, affine_map<(i, j) -> (i)>],
      iterator_types = ["parallel", "reduction"]} ins(%x : tensor<8x4xf16>) outs(%start : tensor<4xf32>) {
  ^bb0(%a: f16, %r: f32):
    %wide = arith.extf %a : f16 to f32
    %s = arith.addf %r, %wide : f32
    linalg.yield %s : f32
  } -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
