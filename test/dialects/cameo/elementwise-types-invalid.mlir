// RUN: cameo-opt %s -split-input-file -verify-diagnostics
//
// Operators of one kind check their operands by one rule: here is that each of
// them has it.

func.func @ceil_of_integers(%x: tensor<3xi32>) {
  // expected-error@+1 {{operand #0 must be ranked tensor of 16-bit float}}
  %0 = cameo.ceil %x : (tensor<3xi32>) -> tensor<3xi32>
  return
}

// -----

func.func @floor_of_integers(%x: tensor<3xi32>) {
  // expected-error@+1 {{operand #0 must be ranked tensor of 16-bit float}}
  %0 = cameo.floor %x : (tensor<3xi32>) -> tensor<3xi32>
  return
}

// -----

func.func @round_of_integers(%x: tensor<3xi32>) {
  // expected-error@+1 {{operand #0 must be ranked tensor of 16-bit float}}
  %0 = cameo.round %x : (tensor<3xi32>) -> tensor<3xi32>
  return
}

// -----

func.func @reciprocal_of_integers(%x: tensor<3xi32>) {
  // expected-error@+1 {{operand #0 must be ranked tensor of 16-bit float}}
  %0 = cameo.reciprocal %x : (tensor<3xi32>) -> tensor<3xi32>
  return
}

// -----

func.func @sigmoid_of_integers(%x: tensor<3xi32>) {
  // expected-error@+1 {{operand #0 must be ranked tensor of 16-bit float}}
  %0 = cameo.sigmoid %x : (tensor<3xi32>) -> tensor<3xi32>
  return
}

// -----

func.func @softplus_of_integers(%x: tensor<3xi32>) {
  // expected-error@+1 {{operand #0 must be ranked tensor of 16-bit float}}
  %0 = cameo.softplus %x : (tensor<3xi32>) -> tensor<3xi32>
  return
}

// -----

func.func @softsign_of_integers(%x: tensor<3xi32>) {
  // expected-error@+1 {{operand #0 must be ranked tensor of 16-bit float}}
  %0 = cameo.softsign %x : (tensor<3xi32>) -> tensor<3xi32>
  return
}

// -----

func.func @hard_swish_of_integers(%x: tensor<3xi32>) {
  // expected-error@+1 {{operand #0 must be ranked tensor of 16-bit float}}
  %0 = cameo.hard_swish %x : (tensor<3xi32>) -> tensor<3xi32>
  return
}

// -----

func.func @mish_of_integers(%x: tensor<3xi32>) {
  // expected-error@+1 {{operand #0 must be ranked tensor of 16-bit float}}
  %0 = cameo.mish %x : (tensor<3xi32>) -> tensor<3xi32>
  return
}

// -----

func.func @leaky_relu_of_integers(%x: tensor<3xi32>) {
  // expected-error@+1 {{operand #0 must be ranked tensor of 16-bit float}}
  %0 = cameo.leaky_relu %x : (tensor<3xi32>) -> tensor<3xi32>
  return
}

// -----

func.func @elu_of_integers(%x: tensor<3xi32>) {
  // expected-error@+1 {{operand #0 must be ranked tensor of 16-bit float}}
  %0 = cameo.elu %x : (tensor<3xi32>) -> tensor<3xi32>
  return
}

// -----

func.func @selu_of_integers(%x: tensor<3xi32>) {
  // expected-error@+1 {{operand #0 must be ranked tensor of 16-bit float}}
  %0 = cameo.selu %x : (tensor<3xi32>) -> tensor<3xi32>
  return
}

// -----

func.func @celu_of_integers(%x: tensor<3xi32>) {
  // expected-error@+1 {{operand #0 must be ranked tensor of 16-bit float}}
  %0 = cameo.celu %x : (tensor<3xi32>) -> tensor<3xi32>
  return
}

// -----

func.func @thresholded_relu_of_integers(%x: tensor<3xi32>) {
  // expected-error@+1 {{operand #0 must be ranked tensor of 16-bit float}}
  %0 = cameo.thresholded_relu %x : (tensor<3xi32>) -> tensor<3xi32>
  return
}

// -----

func.func @hard_sigmoid_of_integers(%x: tensor<3xi32>) {
  // expected-error@+1 {{operand #0 must be ranked tensor of 16-bit float}}
  %0 = cameo.hard_sigmoid %x : (tensor<3xi32>) -> tensor<3xi32>
  return
}

// -----

func.func @gelu_of_integers(%x: tensor<3xi32>) {
  // expected-error@+1 {{operand #0 must be ranked tensor of 16-bit float}}
  %0 = cameo.gelu %x : (tensor<3xi32>) -> tensor<3xi32>
  return
}

// -----

func.func @swish_of_integers(%x: tensor<3xi32>) {
  // expected-error@+1 {{operand #0 must be ranked tensor of 16-bit float}}
  %0 = cameo.swish %x : (tensor<3xi32>) -> tensor<3xi32>
  return
}

// -----

func.func @shrink_of_integers(%x: tensor<3xi32>) {
  // expected-error@+1 {{operand #0 must be ranked tensor of 16-bit float}}
  %0 = cameo.shrink %x : (tensor<3xi32>) -> tensor<3xi32>
  return
}

// -----

func.func @sqrt_of_integers(%x: tensor<3xi32>) {
  // expected-error@+1 {{operand #0 must be ranked tensor of 16-bit float}}
  %0 = cameo.sqrt %x : (tensor<3xi32>) -> tensor<3xi32>
  return
}

// -----

func.func @log_of_integers(%x: tensor<3xi32>) {
  // expected-error@+1 {{operand #0 must be ranked tensor of 16-bit float}}
  %0 = cameo.log %x : (tensor<3xi32>) -> tensor<3xi32>
  return
}

// -----

func.func @erf_of_integers(%x: tensor<3xi32>) {
  // expected-error@+1 {{operand #0 must be ranked tensor of 16-bit float}}
  %0 = cameo.erf %x : (tensor<3xi32>) -> tensor<3xi32>
  return
}

// -----

func.func @sin_of_integers(%x: tensor<3xi32>) {
  // expected-error@+1 {{operand #0 must be ranked tensor of 16-bit float}}
  %0 = cameo.sin %x : (tensor<3xi32>) -> tensor<3xi32>
  return
}

// -----

func.func @cos_of_integers(%x: tensor<3xi32>) {
  // expected-error@+1 {{operand #0 must be ranked tensor of 16-bit float}}
  %0 = cameo.cos %x : (tensor<3xi32>) -> tensor<3xi32>
  return
}

// -----

func.func @tan_of_integers(%x: tensor<3xi32>) {
  // expected-error@+1 {{operand #0 must be ranked tensor of 16-bit float}}
  %0 = cameo.tan %x : (tensor<3xi32>) -> tensor<3xi32>
  return
}

// -----

func.func @asin_of_integers(%x: tensor<3xi32>) {
  // expected-error@+1 {{operand #0 must be ranked tensor of 16-bit float}}
  %0 = cameo.asin %x : (tensor<3xi32>) -> tensor<3xi32>
  return
}

// -----

func.func @acos_of_integers(%x: tensor<3xi32>) {
  // expected-error@+1 {{operand #0 must be ranked tensor of 16-bit float}}
  %0 = cameo.acos %x : (tensor<3xi32>) -> tensor<3xi32>
  return
}

// -----

func.func @atan_of_integers(%x: tensor<3xi32>) {
  // expected-error@+1 {{operand #0 must be ranked tensor of 16-bit float}}
  %0 = cameo.atan %x : (tensor<3xi32>) -> tensor<3xi32>
  return
}

// -----

func.func @sinh_of_integers(%x: tensor<3xi32>) {
  // expected-error@+1 {{operand #0 must be ranked tensor of 16-bit float}}
  %0 = cameo.sinh %x : (tensor<3xi32>) -> tensor<3xi32>
  return
}

// -----

func.func @cosh_of_integers(%x: tensor<3xi32>) {
  // expected-error@+1 {{operand #0 must be ranked tensor of 16-bit float}}
  %0 = cameo.cosh %x : (tensor<3xi32>) -> tensor<3xi32>
  return
}

// -----

func.func @tanh_of_integers(%x: tensor<3xi32>) {
  // expected-error@+1 {{operand #0 must be ranked tensor of 16-bit float}}
  %0 = cameo.tanh %x : (tensor<3xi32>) -> tensor<3xi32>
  return
}

// -----

func.func @asinh_of_integers(%x: tensor<3xi32>) {
  // expected-error@+1 {{operand #0 must be ranked tensor of 16-bit float}}
  %0 = cameo.asinh %x : (tensor<3xi32>) -> tensor<3xi32>
  return
}

// -----

func.func @acosh_of_integers(%x: tensor<3xi32>) {
  // expected-error@+1 {{operand #0 must be ranked tensor of 16-bit float}}
  %0 = cameo.acosh %x : (tensor<3xi32>) -> tensor<3xi32>
  return
}

// -----

func.func @atanh_of_integers(%x: tensor<3xi32>) {
  // expected-error@+1 {{operand #0 must be ranked tensor of 16-bit float}}
  %0 = cameo.atanh %x : (tensor<3xi32>) -> tensor<3xi32>
  return
}

// -----

func.func @is_nan_of_integers(%x: tensor<3xi32>) {
  // expected-error@+1 {{operand #0 must be ranked tensor of 16-bit float}}
  %0 = cameo.is_nan %x : (tensor<3xi32>) -> tensor<3xi1>
  return
}

// -----

func.func @is_inf_of_integers(%x: tensor<3xi32>) {
  // expected-error@+1 {{operand #0 must be ranked tensor of 16-bit float}}
  %0 = cameo.is_inf %x : (tensor<3xi32>) -> tensor<3xi1>
  return
}

// -----

func.func @neg_of_booleans(%x: tensor<3xi1>) {
  // expected-error@+1 {{operand #0 must be ranked tensor of 16-bit float}}
  %0 = cameo.neg %x : (tensor<3xi1>) -> tensor<3xi1>
  return
}

// -----

func.func @abs_of_booleans(%x: tensor<3xi1>) {
  // expected-error@+1 {{operand #0 must be ranked tensor of 16-bit float}}
  %0 = cameo.abs %x : (tensor<3xi1>) -> tensor<3xi1>
  return
}

// -----

func.func @sign_of_booleans(%x: tensor<3xi1>) {
  // expected-error@+1 {{operand #0 must be ranked tensor of 16-bit float}}
  %0 = cameo.sign %x : (tensor<3xi1>) -> tensor<3xi1>
  return
}

// -----

func.func @relu_of_booleans(%x: tensor<3xi1>) {
  // expected-error@+1 {{operand #0 must be ranked tensor of 16-bit float}}
  %0 = cameo.relu %x : (tensor<3xi1>) -> tensor<3xi1>
  return
}

// -----

func.func @not_of_numbers(%x: tensor<3xui8>) {
  // expected-error@+1 {{operand #0 must be ranked tensor of 1-bit}}
  %0 = cameo.not %x : (tensor<3xui8>) -> tensor<3xui8>
  return
}

// -----

func.func @bitwise_not_of_floats(%x: tensor<3xf32>) {
  // expected-error@+1 {{operand #0 must be ranked tensor of 8-bit signless}}
  %0 = cameo.bitwise_not %x : (tensor<3xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @identity_changes_type(%x: tensor<3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{inferred type(s) 'tensor<3xf32>' are incompatible}}
  %0 = cameo.identity %x : (tensor<3xf32>) -> tensor<3xi32>
  return
}

// -----

func.func @pow_of_booleans(%a: tensor<3xi1>, %b: tensor<3xf32>) {
  // expected-error@+1 {{operand #0 must be ranked tensor of}}
  %0 = cameo.pow %a, %b : (tensor<3xi1>, tensor<3xf32>) -> tensor<3xi1>
  return
}

// -----

func.func @sub_of_two_types(%a: tensor<3xf32>, %b: tensor<3xi32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) element types 'f32' and 'i32' differ}}
  %0 = cameo.sub %a, %b : (tensor<3xf32>, tensor<3xi32>) -> tensor<3xf32>
  return
}

// -----

func.func @div_of_two_types(%a: tensor<3xf32>, %b: tensor<3xi32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) element types 'f32' and 'i32' differ}}
  %0 = cameo.div %a, %b : (tensor<3xf32>, tensor<3xi32>) -> tensor<3xf32>
  return
}

// -----

func.func @max_of_two_types(%a: tensor<3xf32>, %b: tensor<3xi32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) element types 'f32' and 'i32' differ}}
  %0 = cameo.max %a, %b : (tensor<3xf32>, tensor<3xi32>) -> tensor<3xf32>
  return
}

// -----

func.func @min_of_two_types(%a: tensor<3xf32>, %b: tensor<3xi32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) element types 'f32' and 'i32' differ}}
  %0 = cameo.min %a, %b : (tensor<3xf32>, tensor<3xi32>) -> tensor<3xf32>
  return
}

// -----

func.func @mod_of_two_types(%a: tensor<3xf32>, %b: tensor<3xi32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) element types 'f32' and 'i32' differ}}
  %0 = cameo.mod %a, %b : (tensor<3xf32>, tensor<3xi32>) -> tensor<3xf32>
  return
}

// -----

func.func @equal_of_two_types(%a: tensor<3xf32>, %b: tensor<3xi32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) element types 'f32' and 'i32' differ}}
  %0 = cameo.equal %a, %b : (tensor<3xf32>, tensor<3xi32>) -> tensor<3xi1>
  return
}

// -----

func.func @less_of_two_types(%a: tensor<3xf32>, %b: tensor<3xi32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) element types 'f32' and 'i32' differ}}
  %0 = cameo.less %a, %b : (tensor<3xf32>, tensor<3xi32>) -> tensor<3xi1>
  return
}

// -----

func.func @less_or_equal_of_two_types(%a: tensor<3xf32>, %b: tensor<3xi32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) element types 'f32' and 'i32' differ}}
  %0 = cameo.less_or_equal %a, %b : (tensor<3xf32>, tensor<3xi32>) -> tensor<3xi1>
  return
}

// -----

func.func @greater_of_two_types(%a: tensor<3xf32>, %b: tensor<3xi32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) element types 'f32' and 'i32' differ}}
  %0 = cameo.greater %a, %b : (tensor<3xf32>, tensor<3xi32>) -> tensor<3xi1>
  return
}

// -----

func.func @greater_or_equal_of_two_types(%a: tensor<3xf32>, %b: tensor<3xi32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) element types 'f32' and 'i32' differ}}
  %0 = cameo.greater_or_equal %a, %b : (tensor<3xf32>, tensor<3xi32>) -> tensor<3xi1>
  return
}

// -----

func.func @and_of_numbers(%a: tensor<3xi32>, %b: tensor<3xi32>) {
  // expected-error@+1 {{operand #0 must be ranked tensor of 1-bit}}
  %0 = cameo.and %a, %b : (tensor<3xi32>, tensor<3xi32>) -> tensor<3xi32>
  return
}

// -----

func.func @or_of_numbers(%a: tensor<3xi32>, %b: tensor<3xi32>) {
  // expected-error@+1 {{operand #0 must be ranked tensor of 1-bit}}
  %0 = cameo.or %a, %b : (tensor<3xi32>, tensor<3xi32>) -> tensor<3xi32>
  return
}

// -----

func.func @xor_of_numbers(%a: tensor<3xi32>, %b: tensor<3xi32>) {
  // expected-error@+1 {{operand #0 must be ranked tensor of 1-bit}}
  %0 = cameo.xor %a, %b : (tensor<3xi32>, tensor<3xi32>) -> tensor<3xi32>
  return
}

// -----

func.func @bitwise_and_of_floats(%a: tensor<3xf32>, %b: tensor<3xf32>) {
  // expected-error@+1 {{operand #0 must be ranked tensor of 8-bit signless}}
  %0 = cameo.bitwise_and %a, %b : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @bitwise_or_of_floats(%a: tensor<3xf32>, %b: tensor<3xf32>) {
  // expected-error@+1 {{operand #0 must be ranked tensor of 8-bit signless}}
  %0 = cameo.bitwise_or %a, %b : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @bitwise_xor_of_floats(%a: tensor<3xf32>, %b: tensor<3xf32>) {
  // expected-error@+1 {{operand #0 must be ranked tensor of 8-bit signless}}
  %0 = cameo.bitwise_xor %a, %b : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @bit_shift_of_signed(%a: tensor<3xi32>, %b: tensor<3xi32>) {
  // expected-error@+1 {{operand #0 must be ranked tensor of 8-bit unsigned}}
  %0 = cameo.bit_shift %a, %b : (tensor<3xi32>, tensor<3xi32>) -> tensor<3xi32>
  return
}
