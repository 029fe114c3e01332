// RUN: cameo-opt %s -split-input-file -verify-diagnostics -plan-memory

func.func @unknown_kernel(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error@+1 {{launches an unknown kernel @k}}
  %0 = plan.launch @k(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

func.func @not_outlined(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error@+1 {{is not a launch, a view or a constant}}
  %0 = cameo.relu %x : (tensor<4xf32>) -> tensor<4xf32>
  %1 = plan.launch @k(%0) : (tensor<4xf32>) -> tensor<4xf32>
  return %1 : tensor<4xf32>
}
func.func private @k(%x: memref<4xf32>, %r: memref<4xf32>) attributes {plan.kernel = {}} {
  return
}

// -----

func.func @input_returned(%x: tensor<4xf32>) -> tensor<2x2xf32> {
  %0 = cameo.reshape %x {shape = array<i64: 2, 2>} : (tensor<4xf32>) -> tensor<2x2xf32>
  // expected-error@+1 {{returns a value (number 0) that no launch computes for it alone}}
  return %0 : tensor<2x2xf32>
}

// -----

func.func @returned_twice(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %0 = plan.launch @k(%x) : (tensor<4xf32>) -> tensor<4xf32>
  // expected-error@+1 {{returns a value (number 1) that no launch computes for it alone}}
  return %0, %0 : tensor<4xf32>, tensor<4xf32>
}
func.func private @k(%x: memref<4xf32>, %r: memref<4xf32>) attributes {plan.kernel = {}} {
  return
}

// -----

// Four values of 2^46 bytes, and one whose number of elements does not fit 64 bits.
// expected-error@+1 {{the values of the graph take more than 140737488355328 bytes; give smaller shapes}}
func.func @huge(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = plan.launch @k(%x) : (tensor<4xf32>) -> tensor<70368744177664xi8>
  %1 = plan.launch @l(%0) : (tensor<70368744177664xi8>) -> tensor<4611686018427387904x8xf64>
  %2 = plan.launch @m(%1) : (tensor<4611686018427387904x8xf64>) -> tensor<4xf32>
  return %2 : tensor<4xf32>
}
func.func private @k(%x: memref<4xf32>, %r: memref<70368744177664xi8>) attributes {plan.kernel = {}} {
  return
}
func.func private @l(%x: memref<70368744177664xi8>, %r: memref<4611686018427387904x8xf64>) attributes {plan.kernel = {}} {
  return
}
func.func private @m(%x: memref<4611686018427387904x8xf64>, %r: memref<4xf32>) attributes {plan.kernel = {}} {
  return
}

// -----

func.func @joined_input(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error@+1 {{joins a value that no launch computes}}
  %0 = cameo.concat %x, %x {axis = 0 : i64} : (tensor<4xf32>, tensor<4xf32>) -> tensor<8xf32>
  %1 = plan.launch @k(%0) : (tensor<8xf32>) -> tensor<4xf32>
  return %1 : tensor<4xf32>
}
func.func private @k(%x: memref<8xf32>, %r: memref<4xf32>) attributes {plan.kernel = {}} {
  return
}

// -----

// expected-error@+1 {{names no dimension of a tensor}}
func.func @unknown_value(%x: tensor<4xf32> {onnx.name = "x"}, %n: tensor<i64> {onnx.extent = {of = [{value = "z", dim = 0}], min = 1 : i64}})
    -> tensor<4xf32> {
  %0 = plan.launch @k(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
func.func private @k(%x: memref<4xf32>, %r: memref<4xf32>) attributes {plan.kernel = {}} {
  return
}

// -----

// expected-error@+1 {{has an extent before an input or an output}}
func.func @first(%n: tensor<i64> {onnx.extent = {of = [{value = "x", dim = 0}], min = 1 : i64}}, %x: tensor<4xf32> {onnx.name = "x"})
    -> tensor<4xf32> {
  %0 = plan.launch @k(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
func.func private @k(%x: memref<4xf32>, %r: memref<4xf32>) attributes {plan.kernel = {}} {
  return
}

// -----

// expected-error@+1 {{argument 0 is stored in output 0, which is not computed from it in place}}
func.func @cache_not_updated(%past: tensor<4xf32> {onnx.name = "past", onnx.cache = {value = "y", dim = 0 : i64, extent = 3 : i64}})
    -> (tensor<4xf32> {onnx.name = "y"}) {
  %0 = plan.launch @k(%past) : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
func.func private @k(%x: memref<4xf32>, %r: memref<4xf32>) attributes {plan.kernel = {}} {
  return
}

// -----

// expected-error@+1 {{the cache "past" names no dimension of an output}}
func.func @cache_of_nothing(%past: tensor<4xf32> {onnx.name = "past", onnx.cache = {value = "z", dim = 0 : i64, extent = 3 : i64}})
    -> (tensor<4xf32> {onnx.name = "y"}) {
  %0 = plan.launch @k(%past) : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
func.func private @k(%x: memref<4xf32> {plan.updated = 0 : i64}, %r: memref<4xf32>) attributes {plan.kernel = {}} {
  return
}
