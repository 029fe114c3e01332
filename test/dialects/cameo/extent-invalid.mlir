// RUN: cameo-opt %s -split-input-file -verify-diagnostics

func.func @extent(%a: tensor<i64>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) a map of 0 dimensions, 2 symbols and 1 results for 1 operands}}
  %0 = cameo.extent %a {map = affine_map<()[s0, s1] -> (s0 * 2 + s1)>} : (tensor<i64>) -> tensor<i64>
  return
}

// -----

func.func @limit_dim(%x: tensor<4x8xf32>, %p: tensor<4x1xi32>, %e: tensor<i64>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) 'tensor<4x8xf32>' has no dimension 2}}
  %0 = cameo.limit %x, %p, %e {dim = 2 : i64, fill = 0.0 : f32} : (tensor<4x8xf32>, tensor<4x1xi32>, tensor<i64>) -> tensor<4x8xf32>
  return
}

// -----

func.func @limit_positions(%x: tensor<4x8xf32>, %p: tensor<4x1xi32>, %e: tensor<i64>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C2) positions of type 'tensor<4x1xi32>' along dimension 1 of 'tensor<4x8xf32>'}}
  %0 = cameo.limit %x, %p, %e {dim = 1 : i64, fill = 0.0 : f32} : (tensor<4x8xf32>, tensor<4x1xi32>, tensor<i64>) -> tensor<4x8xf32>
  return
}

// -----

func.func @limit_fill(%x: tensor<4x8xf32>, %p: tensor<4x1xi32>, %e: tensor<i64>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C3) 0 : i32 in 'tensor<4x8xf32>'}}
  %0 = cameo.limit %x, %p, %e {dim = 0 : i64, fill = 0 : i32} : (tensor<4x8xf32>, tensor<4x1xi32>, tensor<i64>) -> tensor<4x8xf32>
  return
}

// -----

func.func @load_dense(%x: tensor<4x8xf32>, %e: tensor<i64>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) dimensions [1, 0] of 'tensor<4x8xf32>' for 1 extents}}
  %0 = cameo.load_dense %x, %e {dims = array<i64: 1, 0>} : (tensor<4x8xf32>, tensor<i64>) -> tensor<4x8xf32>
  return
}

// -----

func.func @store_dense(%x: tensor<4x8xf32>, %e: tensor<i64>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) dimensions [2] of 'tensor<4x8xf32>' for 1 extents}}
  %0 = cameo.store_dense %x, %e {dims = array<i64: 2>} : (tensor<4x8xf32>, tensor<i64>) -> tensor<4x8xf32>
  return
}

// -----

func.func @concat_extents(%x: tensor<2x3xf32>, %y: tensor<1x1xf32>, %e: tensor<i64>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C2) 'tensor<1x1xf32>' cannot follow 'tensor<2x3xf32>' along dimension 1}}
  %0 = cameo.concat_extents %x, %y, %e, %e {axis = 1 : i64} : (tensor<2x3xf32>, tensor<1x1xf32>, tensor<i64>, tensor<i64>) -> tensor<2x4xf32>
  return
}

// -----

func.func @check_extent_type(%a: tensor<i64>, %b: tensor<1xi64>) {
  // expected-error@+1 {{operand #2 must be 0D tensor of 64-bit signless integer values}}
  %0 = cameo.check_extent %a, %a, %b : (tensor<i64>, tensor<i64>, tensor<1xi64>) -> tensor<i64>
  return
}

// -----

func.func @append_axis(%past: tensor<2x4xf32>, %x: tensor<2x1xf32>, %e: tensor<i64>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) 'tensor<2x1xf32>' is no part of 'tensor<2x4xf32>' along dimension 2}}
  %0 = cameo.append %past, %x, %e, %e {axis = 2 : i64} : (tensor<2x4xf32>, tensor<2x1xf32>, tensor<i64>, tensor<i64>) -> tensor<2x4xf32>
  return
}

// -----

func.func @append_too_much(%past: tensor<2x4xf32>, %x: tensor<2x5xf32>, %e: tensor<i64>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) 'tensor<2x5xf32>' is no part of 'tensor<2x4xf32>' along dimension 1}}
  %0 = cameo.append %past, %x, %e, %e {axis = 1 : i64} : (tensor<2x4xf32>, tensor<2x5xf32>, tensor<i64>, tensor<i64>) -> tensor<2x4xf32>
  return
}

// -----

func.func @append_type(%past: tensor<2x4xf32>, %x: tensor<2x1xf16>, %e: tensor<i64>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) 'tensor<2x1xf16>' is no part of 'tensor<2x4xf32>' along dimension 1}}
  %0 = cameo.append %past, %x, %e, %e {axis = 1 : i64} : (tensor<2x4xf32>, tensor<2x1xf16>, tensor<i64>, tensor<i64>) -> tensor<2x4xf32>
  return
}
