// RUN: cameo-opt %s -lower-to-linalg -canonicalize | FileCheck %s

// CHECK-DAG: #[[OTHER_HALF:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d1, -d2 + 1, d3)>
// CHECK-DAG: #[[ROW:.*]] = affine_map<(d0, d1, d2, d3) -> (d1, d2, d3)>
// CHECK-DAG: #[[OTHER_OF_PAIR:.*]] = affine_map<(d0, d1) -> (d0, d1 - (d1 mod 2) * 2 + 1)>

// CHECK-LABEL: @halves
func.func private @halves(%x: tensor<3x7x8xf32>, %cos: tensor<7x8xf32>, %sin: tensor<7x8xf32>) -> tensor<3x7x8xf32> attributes {plan.kernel = {}} {
  // CHECK: %[[X:.*]] = tensor.expand_shape %arg0
  // CHECK: linalg.generic {indexing_maps = [#{{.*}}, #[[OTHER_HALF]], #[[ROW]], #[[ROW]], #{{.*}}], {{.*}} ins(%[[X]], %[[X]],
  // CHECK: arith.mulf %in, %in_{{.*}}
  // CHECK: tensor.collapse_shape
  %0 = cameo.rotary_embedding %x, %cos, %sin : (tensor<3x7x8xf32>, tensor<7x8xf32>, tensor<7x8xf32>) -> tensor<3x7x8xf32>
  return %0 : tensor<3x7x8xf32>
}

// CHECK-LABEL: @pairs
// CHECK-NOT: tensor.expand_shape
// CHECK: linalg.generic {indexing_maps = [#{{.*}}, #[[OTHER_OF_PAIR]], {{.*}} ins(%arg0, %arg0,
// CHECK-NOT: linalg.generic
func.func private @pairs(%x: tensor<7x8xf32>, %t: tensor<8xf32>) -> tensor<7x8xf32> attributes {plan.kernel = {}} {
  %0 = cameo.rotary_embedding %x, %t, %t {interleaved} : (tensor<7x8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<7x8xf32>
  return %0 : tensor<7x8xf32>
}

// The rest of a row is copied.
// CHECK-LABEL: @part
// CHECK: linalg.generic
// CHECK: %[[REST:.*]] = tensor.extract_slice %arg0[0, 6] [7, 2]
// CHECK: %[[Y:.*]] = tensor.insert_slice %{{.*}} into %{{.*}}[0, 0] [7, 6]
// CHECK: tensor.insert_slice %[[REST]] into %[[Y]][0, 6] [7, 2]
func.func private @part(%x: tensor<7x8xf32>, %t: tensor<7x6xf32>) -> tensor<7x8xf32> attributes {plan.kernel = {}} {
  %0 = cameo.rotary_embedding %x, %t, %t : (tensor<7x8xf32>, tensor<7x6xf32>, tensor<7x6xf32>) -> tensor<7x8xf32>
  return %0 : tensor<7x8xf32>
}
