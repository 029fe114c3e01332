// RUN: cameo-opt %s -lower-to-linalg -canonicalize | FileCheck %s

// The loop over the only window has the extent of the window, not of what it is
// cut from.
// CHECK-LABEL: @one_window
func.func private @one_window(%x: tensor<1x2x5xf32>, %w: tensor<3x2x3xf32>) -> tensor<1x3x1xf32> attributes {plan.kernel = {}} {
  // CHECK: %[[X:.*]] = tensor.extract_slice %{{.*}}[0, 0, 0] [1, 2, 3] [1, 1, 1] : tensor<1x2x5xf32> to tensor<1x2x3xf32>
  // CHECK: linalg.generic {{.*}} ins(%[[X]], %{{.*}} : tensor<1x2x3xf32>, tensor<3x2x3xf32>)
  %0 = cameo.conv %x, %w {dilations = array<i64: 1>, pads = array<i64: 0, 0>, strides = array<i64: 4>} : (tensor<1x2x5xf32>, tensor<3x2x3xf32>) -> tensor<1x3x1xf32>
  return %0 : tensor<1x3x1xf32>
}
