// RUN: cameo-opt %s -lower-to-linalg -canonicalize | FileCheck %s

// CHECK-DAG: #[[ID:.*]] = affine_map<(d0, d1) -> (d0, d1)>
// CHECK-DAG: #[[SWAP:.*]] = affine_map<(d0, d1) -> (d1, d0)>
// CHECK-DAG: #[[BACK:.*]] = affine_map<(d0, d1) -> (d0, d1 * -2 + 3)>
// CHECK-DAG: #[[LAST:.*]] = affine_map<(d0, d1) -> (d0, 2)>

// Elements are moved as they are stored.
// CHECK-LABEL: @transpose
func.func private @transpose(%x: tensor<2x3xf16>) -> tensor<3x2xf16> attributes {plan.kernel = {}} {
  // CHECK: linalg.generic {indexing_maps = [#[[SWAP]], #[[ID]]], iterator_types = ["parallel", "parallel"]} ins(%{{.*}} : tensor<2x3xf16>)
  // CHECK-NEXT: ^bb0(%[[IN:.*]]: f16, %{{.*}}: f16)
  // CHECK-NEXT: linalg.yield %[[IN]] : f16
  %0 = cameo.transpose %x {permutation = array<i64: 1, 0>} : (tensor<2x3xf16>) -> tensor<3x2xf16>
  return %0 : tensor<3x2xf16>
}

// CHECK-LABEL: @slice
func.func private @slice(%x: tensor<2x4xi1>) -> tensor<2x2xi1> attributes {plan.kernel = {}} {
  // CHECK-NEXT: tensor.extract_slice %{{.*}}[0, 1] [2, 2] [1, 1] : tensor<2x4xi8> to tensor<2x2xi8>
  // CHECK-NEXT: return
  %0 = cameo.slice %x {extents = array<i64: 2, 2>, starts = array<i64: 0, 1>, steps = array<i64: 1, 1>} : (tensor<2x4xi1>) -> tensor<2x2xi1>
  return %0 : tensor<2x2xi1>
}

// CHECK-LABEL: @slice_backwards
func.func private @slice_backwards(%x: tensor<2x4xui8>) -> tensor<2x2xui8> attributes {plan.kernel = {}} {
  // CHECK: linalg.generic {indexing_maps = [#[[BACK]], #[[ID]]]
  %0 = cameo.slice %x {extents = array<i64: 2, 2>, starts = array<i64: 0, 3>, steps = array<i64: 1, -2>} : (tensor<2x4xui8>) -> tensor<2x2xui8>
  return %0 : tensor<2x2xui8>
}

// CHECK-LABEL: @concat
func.func private @concat(%x: tensor<2x3xf32>, %y: tensor<2x0xf32>, %z: tensor<2x1xf32>) -> tensor<2x4xf32> attributes {plan.kernel = {}} {
  // CHECK-NEXT: %[[EMPTY:.*]] = tensor.empty() : tensor<2x4xf32>
  // CHECK-NEXT: %[[X:.*]] = tensor.insert_slice %{{.*}} into %[[EMPTY]][0, 0] [2, 3] [1, 1]
  // CHECK-NEXT: tensor.insert_slice %{{.*}} into %[[X]][0, 3] [2, 1] [1, 1]
  // CHECK-NEXT: return
  %0 = cameo.concat %x, %y, %z {axis = 1 : i64} : (tensor<2x3xf32>, tensor<2x0xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>
  return %0 : tensor<2x4xf32>
}

// CHECK-LABEL: @pad
func.func private @pad(%x: tensor<2x3xf32>, %value: tensor<f32>) -> tensor<2x5xf32> attributes {plan.kernel = {}} {
  // CHECK: %[[VALUE:.*]] = tensor.extract %{{.*}}[] : tensor<f32>
  // CHECK: %[[FILL:.*]] = linalg.fill ins(%[[VALUE]] : f32)
  // CHECK: tensor.insert_slice %{{.*}} into %[[FILL]][0, 1] [2, 3] [1, 1]
  %0 = cameo.pad %x, %value {pads = array<i64: 0, 1, 0, 1>} : (tensor<2x3xf32>, tensor<f32>) -> tensor<2x5xf32>
  return %0 : tensor<2x5xf32>
}

// One block as it is, one of copies of the last column.
// CHECK-LABEL: @pad_edge
func.func private @pad_edge(%x: tensor<2x3xf32>) -> tensor<2x5xf32> attributes {plan.kernel = {}} {
  // CHECK: %[[X:.*]] = tensor.insert_slice %{{.*}} into %{{.*}}[0, 0] [2, 3] [1, 1]
  // CHECK: %[[EDGE:.*]] = linalg.generic {indexing_maps = [#[[LAST]], #[[ID]]]
  // CHECK: tensor.insert_slice %[[EDGE]] into %[[X]][0, 3] [2, 2] [1, 1]
  %0 = cameo.pad_edge %x {pads = array<i64: 0, 0, 0, 2>} : (tensor<2x3xf32>) -> tensor<2x5xf32>
  return %0 : tensor<2x5xf32>
}

// So many blocks would be more code than a table of indices.
// CHECK-LABEL: @pad_by_table
func.func private @pad_by_table(%x: tensor<2xf32>) -> tensor<402xf32> attributes {plan.kernel = {}} {
  // CHECK-NOT: tensor.insert_slice
  // CHECK: linalg.generic {{.*}} ins(%{{.*}} : tensor<402xi64>)
  // CHECK: tensor.extract
  %0 = cameo.pad_wrap %x {pads = array<i64: 200, 200>} : (tensor<2xf32>) -> tensor<402xf32>
  return %0 : tensor<402xf32>
}

// CHECK-LABEL: @nothing
func.func private @nothing(%x: tensor<3x4xf32>) -> tensor<0x4xf32> attributes {plan.kernel = {}} {
  // CHECK-NEXT: tensor.empty() : tensor<0x4xf32>
  // CHECK-NEXT: return
  %0 = cameo.slice %x {extents = array<i64: 0, 4>, starts = array<i64: 3, 0>, steps = array<i64: 1, 1>} : (tensor<3x4xf32>) -> tensor<0x4xf32>
  return %0 : tensor<0x4xf32>
}
