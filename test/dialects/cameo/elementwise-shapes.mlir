// RUN: cameo-opt %s | cameo-opt | FileCheck %s
//
// Every operator of one operand has its operand's shape; of two, the shape that
// both are broadcast to.

// CHECK-LABEL: @of_a_float
func.func @of_a_float(%x: tensor<2x3xf32>) {
  // CHECK: cameo.ceil {{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %0 = cameo.ceil %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: cameo.floor {{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %1 = cameo.floor %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: cameo.round {{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %2 = cameo.round %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: cameo.reciprocal {{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %3 = cameo.reciprocal %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: cameo.sigmoid {{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %4 = cameo.sigmoid %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: cameo.softplus {{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %5 = cameo.softplus %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: cameo.softsign {{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %6 = cameo.softsign %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: cameo.hard_swish {{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %7 = cameo.hard_swish %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: cameo.mish {{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %8 = cameo.mish %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: cameo.leaky_relu {{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %9 = cameo.leaky_relu %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: cameo.elu {{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %10 = cameo.elu %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: cameo.selu {{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %11 = cameo.selu %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: cameo.celu {{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %12 = cameo.celu %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: cameo.thresholded_relu {{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %13 = cameo.thresholded_relu %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: cameo.hard_sigmoid {{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %14 = cameo.hard_sigmoid %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: cameo.gelu {{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %15 = cameo.gelu %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: cameo.swish {{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %16 = cameo.swish %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: cameo.shrink {{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %17 = cameo.shrink %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: cameo.sqrt {{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %18 = cameo.sqrt %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: cameo.exp {{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %19 = cameo.exp %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: cameo.log {{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %20 = cameo.log %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: cameo.erf {{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %21 = cameo.erf %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: cameo.sin {{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %22 = cameo.sin %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: cameo.cos {{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %23 = cameo.cos %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: cameo.tan {{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %24 = cameo.tan %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: cameo.asin {{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %25 = cameo.asin %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: cameo.acos {{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %26 = cameo.acos %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: cameo.atan {{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %27 = cameo.atan %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: cameo.sinh {{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %28 = cameo.sinh %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: cameo.cosh {{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %29 = cameo.cosh %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: cameo.tanh {{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %30 = cameo.tanh %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: cameo.asinh {{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %31 = cameo.asinh %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: cameo.acosh {{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %32 = cameo.acosh %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: cameo.atanh {{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %33 = cameo.atanh %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// CHECK-LABEL: @of_a_half
func.func @of_a_half(%x: tensor<2x3xbf16>) {
  // CHECK: cameo.sqrt {{.*}} : (tensor<2x3xbf16>) -> tensor<2x3xbf16>
  %0 = cameo.sqrt %x : (tensor<2x3xbf16>) -> tensor<2x3xbf16>
  // CHECK: cameo.erf {{.*}} : (tensor<2x3xbf16>) -> tensor<2x3xbf16>
  %1 = cameo.erf %x : (tensor<2x3xbf16>) -> tensor<2x3xbf16>
  // CHECK: cameo.gelu {{.*}} : (tensor<2x3xbf16>) -> tensor<2x3xbf16>
  %2 = cameo.gelu %x : (tensor<2x3xbf16>) -> tensor<2x3xbf16>
  // CHECK: cameo.tanh {{.*}} : (tensor<2x3xbf16>) -> tensor<2x3xbf16>
  %3 = cameo.tanh %x : (tensor<2x3xbf16>) -> tensor<2x3xbf16>
  return
}

// CHECK-LABEL: @of_a_number
func.func @of_a_number(%x: tensor<2x3xi32>) {
  // CHECK: cameo.neg {{.*}} : (tensor<2x3xi32>) -> tensor<2x3xi32>
  %0 = cameo.neg %x : (tensor<2x3xi32>) -> tensor<2x3xi32>
  // CHECK: cameo.abs {{.*}} : (tensor<2x3xi32>) -> tensor<2x3xi32>
  %1 = cameo.abs %x : (tensor<2x3xi32>) -> tensor<2x3xi32>
  // CHECK: cameo.sign {{.*}} : (tensor<2x3xi32>) -> tensor<2x3xi32>
  %2 = cameo.sign %x : (tensor<2x3xi32>) -> tensor<2x3xi32>
  // CHECK: cameo.relu {{.*}} : (tensor<2x3xi32>) -> tensor<2x3xi32>
  %3 = cameo.relu %x : (tensor<2x3xi32>) -> tensor<2x3xi32>
  // CHECK: cameo.identity {{.*}} : (tensor<2x3xi32>) -> tensor<2x3xi32>
  %4 = cameo.identity %x : (tensor<2x3xi32>) -> tensor<2x3xi32>
  return
}

// CHECK-LABEL: @of_a_boolean
func.func @of_a_boolean(%x: tensor<2x3xi1>) {
  // CHECK: cameo.not {{.*}} : (tensor<2x3xi1>) -> tensor<2x3xi1>
  %0 = cameo.not %x : (tensor<2x3xi1>) -> tensor<2x3xi1>
  return
}

// CHECK-LABEL: @of_bits
func.func @of_bits(%x: tensor<2x3xui8>) {
  // CHECK: cameo.bitwise_not {{.*}} : (tensor<2x3xui8>) -> tensor<2x3xui8>
  %0 = cameo.bitwise_not %x : (tensor<2x3xui8>) -> tensor<2x3xui8>
  return
}

// CHECK-LABEL: @kinds_of_floats
func.func @kinds_of_floats(%x: tensor<2x3xf64>) {
  // CHECK: cameo.is_nan {{.*}} : (tensor<2x3xf64>) -> tensor<2x3xi1>
  %0 = cameo.is_nan %x : (tensor<2x3xf64>) -> tensor<2x3xi1>
  // CHECK: cameo.is_inf {{.*}} : (tensor<2x3xf64>) -> tensor<2x3xi1>
  %1 = cameo.is_inf %x : (tensor<2x3xf64>) -> tensor<2x3xi1>
  return
}

// CHECK-LABEL: @of_two_numbers
func.func @of_two_numbers(%a: tensor<2x1xi64>, %b: tensor<3xi64>) {
  // CHECK: cameo.add {{.*}} : (tensor<2x1xi64>, tensor<3xi64>) -> tensor<2x3xi64>
  %0 = cameo.add %a, %b : (tensor<2x1xi64>, tensor<3xi64>) -> tensor<2x3xi64>
  // CHECK: cameo.sub {{.*}} : (tensor<2x1xi64>, tensor<3xi64>) -> tensor<2x3xi64>
  %1 = cameo.sub %a, %b : (tensor<2x1xi64>, tensor<3xi64>) -> tensor<2x3xi64>
  // CHECK: cameo.mul {{.*}} : (tensor<2x1xi64>, tensor<3xi64>) -> tensor<2x3xi64>
  %2 = cameo.mul %a, %b : (tensor<2x1xi64>, tensor<3xi64>) -> tensor<2x3xi64>
  // CHECK: cameo.div {{.*}} : (tensor<2x1xi64>, tensor<3xi64>) -> tensor<2x3xi64>
  %3 = cameo.div %a, %b : (tensor<2x1xi64>, tensor<3xi64>) -> tensor<2x3xi64>
  // CHECK: cameo.max {{.*}} : (tensor<2x1xi64>, tensor<3xi64>) -> tensor<2x3xi64>
  %4 = cameo.max %a, %b : (tensor<2x1xi64>, tensor<3xi64>) -> tensor<2x3xi64>
  // CHECK: cameo.min {{.*}} : (tensor<2x1xi64>, tensor<3xi64>) -> tensor<2x3xi64>
  %5 = cameo.min %a, %b : (tensor<2x1xi64>, tensor<3xi64>) -> tensor<2x3xi64>
  // CHECK: cameo.mod {{.*}} : (tensor<2x1xi64>, tensor<3xi64>) -> tensor<2x3xi64>
  %6 = cameo.mod %a, %b : (tensor<2x1xi64>, tensor<3xi64>) -> tensor<2x3xi64>
  // CHECK: cameo.pow {{.*}} : (tensor<2x1xi64>, tensor<3xi64>) -> tensor<2x3xi64>
  %7 = cameo.pow %a, %b : (tensor<2x1xi64>, tensor<3xi64>) -> tensor<2x3xi64>
  return
}

// CHECK-LABEL: @comparisons
func.func @comparisons(%a: tensor<2x1xf16>, %b: tensor<3xf16>) {
  // CHECK: cameo.equal {{.*}} : (tensor<2x1xf16>, tensor<3xf16>) -> tensor<2x3xi1>
  %0 = cameo.equal %a, %b : (tensor<2x1xf16>, tensor<3xf16>) -> tensor<2x3xi1>
  // CHECK: cameo.less {{.*}} : (tensor<2x1xf16>, tensor<3xf16>) -> tensor<2x3xi1>
  %1 = cameo.less %a, %b : (tensor<2x1xf16>, tensor<3xf16>) -> tensor<2x3xi1>
  // CHECK: cameo.less_or_equal {{.*}} : (tensor<2x1xf16>, tensor<3xf16>) -> tensor<2x3xi1>
  %2 = cameo.less_or_equal %a, %b : (tensor<2x1xf16>, tensor<3xf16>) -> tensor<2x3xi1>
  // CHECK: cameo.greater {{.*}} : (tensor<2x1xf16>, tensor<3xf16>) -> tensor<2x3xi1>
  %3 = cameo.greater %a, %b : (tensor<2x1xf16>, tensor<3xf16>) -> tensor<2x3xi1>
  // CHECK: cameo.greater_or_equal {{.*}} : (tensor<2x1xf16>, tensor<3xf16>) -> tensor<2x3xi1>
  %4 = cameo.greater_or_equal %a, %b : (tensor<2x1xf16>, tensor<3xf16>) -> tensor<2x3xi1>
  return
}

// CHECK-LABEL: @of_two_booleans
func.func @of_two_booleans(%a: tensor<2x1xi1>, %b: tensor<3xi1>) {
  // CHECK: cameo.and {{.*}} : (tensor<2x1xi1>, tensor<3xi1>) -> tensor<2x3xi1>
  %0 = cameo.and %a, %b : (tensor<2x1xi1>, tensor<3xi1>) -> tensor<2x3xi1>
  // CHECK: cameo.or {{.*}} : (tensor<2x1xi1>, tensor<3xi1>) -> tensor<2x3xi1>
  %1 = cameo.or %a, %b : (tensor<2x1xi1>, tensor<3xi1>) -> tensor<2x3xi1>
  // CHECK: cameo.xor {{.*}} : (tensor<2x1xi1>, tensor<3xi1>) -> tensor<2x3xi1>
  %2 = cameo.xor %a, %b : (tensor<2x1xi1>, tensor<3xi1>) -> tensor<2x3xi1>
  return
}

// CHECK-LABEL: @of_bits_of_two
func.func @of_bits_of_two(%a: tensor<2x1xui16>, %b: tensor<3xui16>) {
  // CHECK: cameo.bitwise_and {{.*}} : (tensor<2x1xui16>, tensor<3xui16>) -> tensor<2x3xui16>
  %0 = cameo.bitwise_and %a, %b : (tensor<2x1xui16>, tensor<3xui16>) -> tensor<2x3xui16>
  // CHECK: cameo.bitwise_or {{.*}} : (tensor<2x1xui16>, tensor<3xui16>) -> tensor<2x3xui16>
  %1 = cameo.bitwise_or %a, %b : (tensor<2x1xui16>, tensor<3xui16>) -> tensor<2x3xui16>
  // CHECK: cameo.bitwise_xor {{.*}} : (tensor<2x1xui16>, tensor<3xui16>) -> tensor<2x3xui16>
  %2 = cameo.bitwise_xor %a, %b : (tensor<2x1xui16>, tensor<3xui16>) -> tensor<2x3xui16>
  // CHECK: cameo.bit_shift {{.*}} : (tensor<2x1xui16>, tensor<3xui16>) -> tensor<2x3xui16>
  %3 = cameo.bit_shift %a, %b : (tensor<2x1xui16>, tensor<3xui16>) -> tensor<2x3xui16>
  return
}
