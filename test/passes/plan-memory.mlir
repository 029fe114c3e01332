// RUN: cameo-opt %s -split-input-file -plan-memory | FileCheck %s

// Two live buffers of 256 bytes behind the status cell; the third value takes the
// place of the first, which is dead by then. Inputs and results are not in the arena.
// CHECK-LABEL: plan.model @reuse
// CHECK-SAME: arena_bytes = 576 : i64
// CHECK-SAME: input_names = ["in"]
// CHECK-SAME: output_names = ["value0"]
// CHECK-SAME: plan.live_bytes = 576 : i64
// CHECK-SAME: weight_bytes = 0 : i64
// CHECK-DAG: %[[IN:.*]] = plan.buffer input[0] : memref<64xf32>
// CHECK-DAG: %[[A:.*]] = plan.buffer arena[64] : memref<64xf32>
// CHECK: plan.launch @k(%[[IN]], %[[A]])
// CHECK-DAG: %[[A1:.*]] = plan.buffer arena[64] : memref<64xf32>
// CHECK-DAG: %[[B:.*]] = plan.buffer arena[320] : memref<64xf32>
// CHECK: plan.launch @k(%[[A1]], %[[B]])
// CHECK-DAG: %[[B1:.*]] = plan.buffer arena[320] : memref<64xf32>
// CHECK-DAG: %[[C:.*]] = plan.buffer arena[64] : memref<64xf32>
// CHECK: plan.launch @k(%[[B1]], %[[C]])
// CHECK-DAG: %[[C1:.*]] = plan.buffer arena[64] : memref<64xf32>
// CHECK-DAG: %[[OUT:.*]] = plan.buffer output[0] : memref<64xf32>
// CHECK: plan.launch @k(%[[C1]], %[[OUT]])
func.func @reuse(%x: tensor<64xf32> {onnx.name = "in"}) -> tensor<64xf32> {
  %0 = plan.launch @k(%x) : (tensor<64xf32>) -> tensor<64xf32>
  %1 = plan.launch @k(%0) : (tensor<64xf32>) -> tensor<64xf32>
  %2 = plan.launch @k(%1) : (tensor<64xf32>) -> tensor<64xf32>
  %3 = plan.launch @k(%2) : (tensor<64xf32>) -> tensor<64xf32>
  return %3 : tensor<64xf32>
}
func.func private @k(%x: memref<64xf32>, %r: memref<64xf32>) attributes {plan.kernel = {}} {
  return
}

// -----

// An operand that dies is overwritten; an input, an operand that is read later and
// one that is also the other operand are not.
// CHECK-LABEL: plan.model @in_place
// CHECK: plan.launch @k
// CHECK: %[[A:.*]] = plan.buffer arena[64]
// CHECK: %[[X:.*]] = plan.buffer input[0]
// CHECK: %[[B:.*]] = plan.buffer arena[320]
// CHECK: plan.launch @k(%[[A]], %[[X]], %[[B]])
// CHECK: %[[B1:.*]] = plan.buffer arena[320]
// CHECK: %[[A1:.*]] = plan.buffer arena[64]
// CHECK: %[[C:.*]] = plan.buffer arena[320]
// CHECK: plan.launch @k(%[[B1]], %[[A1]], %[[C]])
// CHECK: %[[C1:.*]] = plan.buffer arena[320]
// CHECK: %[[C2:.*]] = plan.buffer arena[320]
// CHECK: %[[D:.*]] = plan.buffer arena[64]
// CHECK: plan.launch @k(%[[C1]], %[[C2]], %[[D]])
func.func @in_place(%x: tensor<64xf32>) -> tensor<64xf32> {
  %0 = plan.launch @k(%x, %x) : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>
  %1 = plan.launch @k(%0, %x) : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>
  %2 = plan.launch @k(%1, %0) : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>
  %3 = plan.launch @k(%2, %2) : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>
  %4 = plan.launch @k(%3, %x) : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>
  return %4 : tensor<64xf32>
}
func.func private @k(%x: memref<64xf32> {plan.in_place = 2 : i64}, %y: memref<64xf32>, %r: memref<64xf32>) attributes {plan.kernel = {}} {
  return
}

// -----

// A view shares its source's buffer and keeps it alive: nothing overwrites %0.
// CHECK-LABEL: plan.model @view
// CHECK: plan.buffer arena[64] : memref<64xf32>
// CHECK: plan.launch @k
// CHECK: plan.buffer arena[64] : memref<64xf32>
// CHECK: plan.buffer arena[320] : memref<64xf32>
// CHECK: plan.launch @k
// CHECK: plan.buffer arena[320] : memref<64xf32>
// CHECK: plan.buffer arena[64] : memref<8x8xf32>
// CHECK: plan.buffer output[0] : memref<64xf32>
// CHECK: plan.launch @join
func.func @view(%x: tensor<64xf32>) -> tensor<64xf32> {
  %0 = plan.launch @k(%x) : (tensor<64xf32>) -> tensor<64xf32>
  %1 = cameo.reshape %0 {shape = array<i64: 8, 8>} : (tensor<64xf32>) -> tensor<8x8xf32>
  %2 = plan.launch @k(%0) : (tensor<64xf32>) -> tensor<64xf32>
  %3 = plan.launch @join(%2, %1) : (tensor<64xf32>, tensor<8x8xf32>) -> tensor<64xf32>
  return %3 : tensor<64xf32>
}
func.func private @k(%x: memref<64xf32> {plan.in_place = 1 : i64}, %r: memref<64xf32>) attributes {plan.kernel = {}} {
  return
}
func.func private @join(%x: memref<64xf32>, %y: memref<8x8xf32>, %r: memref<64xf32>) attributes {plan.kernel = {}} {
  return
}

// -----

// A returned view is computed in the output. Equal constants are stored once,
// each at a multiple of 64 bytes; scratch lives for one launch, the status cell is
// the arena's first.
// CHECK-LABEL: plan.model @arguments
// CHECK-SAME: arena_bytes = 128 : i64
// CHECK-SAME: weight_bytes = 128 : i64
// CHECK: plan.data 0 = dense<[1, 2, 3]> : tensor<3xi8>
// CHECK: plan.data 64 = dense<[1, 0]> : tensor<2xi64>
// CHECK: plan.buffer weights[0] : memref<3xi8>
// CHECK: plan.buffer output[0] : memref<3xi8>
// CHECK: plan.buffer weights[64] : memref<2xi64>
// CHECK: plan.buffer arena[64] : memref<5xf32>
// CHECK: plan.buffer arena[0] : memref<1xi32>
// CHECK: plan.launch @k({{.*}}) {tasks = 4 : i64}
// CHECK: plan.buffer weights[0] : memref<3xi8>
// CHECK: plan.buffer output[1] : memref<3xi8>
// CHECK: plan.buffer weights[64] : memref<2xi64>
// CHECK: plan.buffer arena[64] : memref<5xf32>
func.func @arguments() -> (tensor<3x1xi8>, tensor<3xi8>) {
  %c = cameo.constant dense<[1, 2, 3]> : tensor<3xi8>
  %d = cameo.constant dense<[1, 2, 3]> : tensor<3xi8>
  %0 = plan.launch @k(%c) : (tensor<3xi8>) -> tensor<3xi8>
  %1 = cameo.reshape %0 {shape = array<i64: 3, 1>} : (tensor<3xi8>) -> tensor<3x1xi8>
  %2 = plan.launch @k(%d) : (tensor<3xi8>) -> tensor<3xi8>
  return %1, %2 : tensor<3x1xi8>, tensor<3xi8>
}
func.func private @k(%x: memref<3xi8>, %r: memref<3xi8>,
    %t: memref<2xi64> {plan.constant = dense<[1, 0]> : tensor<2xi64>},
    %s: memref<5xf32> {plan.scratch}, %e: memref<1xi32> {plan.status}, %task: index)
    attributes {plan.kernel = {}, plan.tasks = 4 : i64} {
  return
}

// -----

// Operands of a concatenation are computed where they stand in it, also in a larger
// one. The whole lives from the first part to its last use, and a part is not
// overwritten in place: %1 has to stay for the last launch.
// CHECK-LABEL: plan.model @parts
// CHECK-SAME: arena_bytes = 832 : i64
// CHECK: %[[A:.*]] = plan.buffer arena[64] : memref<64xf32>
// CHECK: plan.launch @k(%{{.*}}, %[[A]])
// CHECK: %[[A1:.*]] = plan.buffer arena[64] : memref<64xf32>
// CHECK: %[[B:.*]] = plan.buffer arena[320] : memref<64xf32>
// CHECK: plan.launch @k(%[[A1]], %[[B]])
// CHECK: %[[AB:.*]] = plan.buffer arena[64] : memref<128xf32>
// CHECK: %[[C:.*]] = plan.buffer arena[576] : memref<64xf32>
// CHECK: plan.launch @l(%[[AB]], %[[C]])
// CHECK: %[[ABC:.*]] = plan.buffer arena[64] : memref<192xf32>
// CHECK: plan.launch @m(%[[ABC]]
func.func @parts(%x: tensor<64xf32>) -> tensor<64xf32> {
  %0 = plan.launch @k(%x) : (tensor<64xf32>) -> tensor<64xf32>
  %1 = plan.launch @k(%0) : (tensor<64xf32>) -> tensor<64xf32>
  %2 = cameo.concat %0, %1 {axis = 0 : i64} : (tensor<64xf32>, tensor<64xf32>) -> tensor<128xf32>
  %3 = plan.launch @l(%2) : (tensor<128xf32>) -> tensor<64xf32>
  %4 = cameo.concat %2, %3 {axis = 0 : i64} : (tensor<128xf32>, tensor<64xf32>) -> tensor<192xf32>
  %5 = plan.launch @m(%4) : (tensor<192xf32>) -> tensor<64xf32>
  return %5 : tensor<64xf32>
}
func.func private @k(%x: memref<64xf32> {plan.in_place = 1 : i64}, %r: memref<64xf32>) attributes {plan.kernel = {}} {
  return
}
func.func private @l(%x: memref<128xf32>, %r: memref<64xf32>) attributes {plan.kernel = {}} {
  return
}
func.func private @m(%x: memref<192xf32>, %r: memref<64xf32>) attributes {plan.kernel = {}} {
  return
}

// -----

// Extents are in the arena: those of inputs from the first launch on, those of outputs until the host has read them.
// One may be both. They are no inputs and outputs of the model.
// CHECK-LABEL: plan.model @extents
// CHECK-SAME: input_extents = [#plan.extent<0[0] at 128, least 1>, #plan.extent<1[0] at 128, least 1>, #plan.extent<1[1] at 64, least 1>]
// CHECK-SAME: input_names = ["x", "z"]
// CHECK-SAME: input_types = [tensor<4xf32>, tensor<4x4xf32>]
// CHECK-SAME: output_extents = [#plan.extent<0[0] at 192, least 0>, #plan.extent<0[1] at 128, least 1>]
// CHECK-SAME: output_names = ["y"]
// CHECK-SAME: output_types = [tensor<8x4xf32>]
// CHECK: %[[N:.*]] = plan.buffer arena[128] : memref<i64>
// CHECK: %[[SUM:.*]] = plan.buffer arena[192] : memref<i64>
// CHECK: plan.launch @sum(%[[N]], %{{.*}}, %[[SUM]])
// CHECK: %[[X:.*]] = plan.buffer input[0]
// CHECK: %[[Y:.*]] = plan.buffer output[0]
// CHECK: plan.launch @k(%[[X]], %[[Y]])
func.func @extents(%x: tensor<4xf32> {onnx.name = "x"}, %z: tensor<4x4xf32> {onnx.name = "z"},
    %n: tensor<i64> {onnx.extent = {of = [{value = "x", dim = 0}, {value = "z", dim = 0}], min = 1 : i64}},
    %m: tensor<i64> {onnx.extent = {of = [{value = "z", dim = 1}], min = 1 : i64}})
    -> (tensor<8x4xf32> {onnx.name = "y"}, tensor<i64> {onnx.extent = {of = [{value = "y", dim = 0}]}},
        tensor<i64> {onnx.extent = {of = [{value = "y", dim = 1}], min = 1 : i64}}) {
  %0 = plan.launch @sum(%n, %m) : (tensor<i64>, tensor<i64>) -> tensor<i64>
  %1 = plan.launch @k(%x) : (tensor<4xf32>) -> tensor<8x4xf32>
  return %1, %0, %n : tensor<8x4xf32>, tensor<i64>, tensor<i64>
}
func.func private @sum(%x: memref<i64> {plan.in_place = 2 : i64}, %y: memref<i64>, %r: memref<i64>) attributes {plan.kernel = {}} {
  return
}
func.func private @k(%x: memref<4xf32>, %r: memref<8x4xf32>) attributes {plan.kernel = {}} {
  return
}

// -----

// A cache is read where the output is that it is stored in, before and after it
// is added to.
// CHECK-LABEL: plan.model @cache
// CHECK-SAME: caches = [#plan.cache<1 in 1[0]>]
// CHECK-SAME: input_names = ["x", "past"]
// CHECK-SAME: input_types = [tensor<4xf32>, tensor<60xf32>]
// CHECK-SAME: output_types = [tensor<64xf32>, tensor<64xf32>]
// CHECK: %[[PAST:.*]] = plan.buffer output[1] : memref<64xf32>
// CHECK: %[[Y:.*]] = plan.buffer output[0] : memref<64xf32>
// CHECK: plan.launch @k(%[[PAST]], %[[Y]])
// CHECK: %[[CACHE:.*]] = plan.buffer output[1] : memref<64xf32>
// CHECK: %[[X:.*]] = plan.buffer input[0] : memref<4xf32>
// CHECK: %[[PRESENT:.*]] = plan.buffer output[1] : memref<64xf32>
// CHECK: plan.launch @append(%[[CACHE]], %[[X]], %[[PRESENT]])
func.func @cache(%x: tensor<4xf32> {onnx.name = "x"},
    %past: tensor<64xf32> {onnx.name = "past", onnx.cache = {value = "present", dim = 0 : i64, extent = 60 : i64}})
    -> (tensor<64xf32> {onnx.name = "y"}, tensor<64xf32> {onnx.name = "present"}) {
  %0 = plan.launch @k(%past) : (tensor<64xf32>) -> tensor<64xf32>
  %1 = plan.launch @append(%past, %x) : (tensor<64xf32>, tensor<4xf32>) -> tensor<64xf32>
  return %0, %1 : tensor<64xf32>, tensor<64xf32>
}
func.func private @k(%x: memref<64xf32>, %r: memref<64xf32>) attributes {plan.kernel = {}} {
  return
}
func.func private @append(%p: memref<64xf32> {plan.updated = 0 : i64}, %x: memref<4xf32>, %r: memref<64xf32>) attributes {plan.kernel = {}} {
  return
}

// -----

// The largest first would leave a gap below the second value that is too small for
// the last one (576 bytes): those of the fullest moment come first.
// CHECK-LABEL: plan.model @gap
// CHECK-SAME: arena_bytes = 512 : i64
// CHECK-SAME: plan.live_bytes = 512 : i64
func.func @gap(%x: tensor<48xf32> {onnx.name = "x"}) -> tensor<32xf32> {
  %0 = plan.launch @large(%x) : (tensor<48xf32>) -> tensor<48xf32>
  %1 = plan.launch @large(%0) : (tensor<48xf32>) -> tensor<48xf32>
  %2 = plan.launch @narrow(%1) : (tensor<48xf32>) -> tensor<32xf32>
  %3 = plan.launch @small(%2) : (tensor<32xf32>) -> tensor<32xf32>
  %4 = plan.launch @both(%1, %3) : (tensor<48xf32>, tensor<32xf32>) -> tensor<32xf32>
  return %4 : tensor<32xf32>
}
func.func private @large(%x: memref<48xf32>, %r: memref<48xf32>) attributes {plan.kernel = {}} {
  return
}
func.func private @narrow(%x: memref<48xf32>, %r: memref<32xf32>) attributes {plan.kernel = {}} {
  return
}
func.func private @small(%x: memref<32xf32>, %r: memref<32xf32>) attributes {plan.kernel = {}} {
  return
}
func.func private @both(%x: memref<48xf32>, %y: memref<32xf32>, %r: memref<32xf32>) attributes {plan.kernel = {}} {
  return
}
