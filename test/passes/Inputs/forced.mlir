//--- forced
module attributes {cameo.schedule_overrides = {
  "conv:mb1ic16ih28oc32kh1:f32:relu" = #cameo.schedule<algorithm = "fast">,
  "conv:mb1ic16ih28oc32kh3ph1:f32" = #cameo.schedule<algorithm = "winograd2">}} {
func.func @net(%x: tensor<1x16x28x28xf32>) -> (tensor<1x32x28x28xf32>, tensor<1x32x28x28xf32>) {
  %w = cameo.constant dense_resource<w> : tensor<32x16x3x3xf32>
  %0 = cameo.conv %x, %w {dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x16x28x28xf32>, tensor<32x16x3x3xf32>) -> tensor<1x32x28x28xf32>
  %v = cameo.constant dense_resource<v> : tensor<32x16x1x1xf32>
  %1 = cameo.conv %x, %v {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x16x28x28xf32>, tensor<32x16x1x1xf32>) -> tensor<1x32x28x28xf32>
  return %0, %1 : tensor<1x32x28x28xf32>, tensor<1x32x28x28xf32>
}
}
//--- impossible
module attributes {cameo.schedule_overrides = {"conv:mb1ic16ih28oc32kh1:f32" = #cameo.schedule<algorithm = "winograd4">}} {
func.func @net(%x: tensor<1x16x28x28xf32>) -> (tensor<1x32x28x28xf32>, tensor<1x32x28x28xf32>) {
  %w = cameo.constant dense_resource<w> : tensor<32x16x3x3xf32>
  %0 = cameo.conv %x, %w {dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x16x28x28xf32>, tensor<32x16x3x3xf32>) -> tensor<1x32x28x28xf32>
  %v = cameo.constant dense_resource<v> : tensor<32x16x1x1xf32>
  %1 = cameo.conv %x, %v {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x16x28x28xf32>, tensor<32x16x1x1xf32>) -> tensor<1x32x28x28xf32>
  return %0, %1 : tensor<1x32x28x28xf32>, tensor<1x32x28x28xf32>
}
}
//--- disagree
module attributes {cameo.schedule_overrides = {
  "conv:mb1ic16ih28oc32kh1:f32" = #cameo.schedule<algorithm = "direct">,
  "conv:mb1ic16ih28oc32kh1:f32:relu" = #cameo.schedule<algorithm = "fast">}} {
func.func @net(%x: tensor<1x16x28x28xf32>) -> (tensor<1x32x28x28xf32>, tensor<1x32x28x28xf32>) {
  %w = cameo.constant dense_resource<w> : tensor<32x16x3x3xf32>
  %0 = cameo.conv %x, %w {dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x16x28x28xf32>, tensor<32x16x3x3xf32>) -> tensor<1x32x28x28xf32>
  %v = cameo.constant dense_resource<v> : tensor<32x16x1x1xf32>
  %1 = cameo.conv %x, %v {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x16x28x28xf32>, tensor<32x16x1x1xf32>) -> tensor<1x32x28x28xf32>
  return %0, %1 : tensor<1x32x28x28xf32>, tensor<1x32x28x28xf32>
}
}
