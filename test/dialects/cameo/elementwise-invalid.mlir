// RUN: cameo-opt %s -split-input-file -verify-diagnostics

func.func @element_types_differ(%a: tensor<3xf32>, %b: tensor<3xf64>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) element types 'f32' and 'f64' differ}}
  %0 = cameo.add %a, %b : (tensor<3xf32>, tensor<3xf64>) -> tensor<3xf32>
  return
}

// -----

func.func @shapes_cannot_be_broadcast(%a: tensor<2x3xf32>, %b: tensor<4xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{extents 3 and 4 of dimension 1 cannot be broadcast}}
  %0 = cameo.mul %a, %b : (tensor<2x3xf32>, tensor<4xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @wrong_result_type(%a: tensor<3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{inferred type(s) 'tensor<3xf32>' are incompatible with return type(s) of operation 'tensor<4xf32>'}}
  %0 = cameo.exp %a : (tensor<3xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @exp_of_integers(%a: tensor<3xi32>) {
  // expected-error@+1 {{operand #0 must be ranked tensor of}}
  %0 = cameo.exp %a : (tensor<3xi32>) -> tensor<3xi32>
  return
}

// -----

func.func @where_branches_differ(%c: tensor<3xi1>, %a: tensor<3xf32>, %b: tensor<3xi32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) element types 'f32' and 'i32' differ}}
  %0 = cameo.where %c, %a, %b : (tensor<3xi1>, tensor<3xf32>, tensor<3xi32>) -> tensor<3xf32>
  return
}

// -----

func.func @clip_bound_type(%a: tensor<3xf32>) {
  // expected-error@+1 {{(C1) bound has type 'i32', not the elements' type 'f32'}}
  %0 = cameo.clip %a {lo = 1 : i32} : (tensor<3xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @prelu_slope_grows_result(%x: tensor<3xf32>, %slope: tensor<2x3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C2) slope 'tensor<2x3xf32>' cannot be broadcast to 'tensor<3xf32>'}}
  %0 = cameo.prelu %x, %slope : (tensor<3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @batch_norm_channels(%x: tensor<1x8x4xf32>, %s: tensor<4xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) statistics have type 'tensor<4xf32>' but there are 8 channels}}
  %0 = cameo.batch_norm %x, %s, %s, %s, %s
      : (tensor<1x8x4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<1x8x4xf32>
  return
}

// -----

func.func @cast_to_index(%x: tensor<3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) cannot cast to 'index'}}
  %0 = cameo.cast %x {to = index} : (tensor<3xf32>) -> tensor<3xindex>
  return
}

// -----

func.func @cast_round_mode(%x: tensor<4xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C2) round_mode is 'odd'}}
  %0 = cameo.cast %x {round_mode = "odd", to = f8E8M0FNU} : (tensor<4xf32>) -> tensor<4xf8E8M0FNU>
  return
}

// -----

func.func @bitcast_width(%x: tensor<4xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) cannot read 'f32' as 'i64'}}
  %0 = cameo.bitcast %x {to = i64} : (tensor<4xf32>) -> tensor<4xi64>
  return
}
