// RUN: cameo-opt %s -lower-to-linalg -canonicalize | FileCheck %s

// Indices are checked once each; rows are copied as wholes.
// CHECK-LABEL: @gather
func.func private @gather(%x: tensor<2x8x4x3xf32>, %i: tensor<5x6xi32>) -> tensor<2x5x6x4x3xf32> attributes {plan.kernel = {}} {
  // CHECK: %[[POSITIONS:.*]] = linalg.generic {{.*}} ins(%{{.*}} : tensor<30xi32>) outs(%{{.*}} : tensor<30xi64>)
  // CHECK: arith.extsi
  // CHECK: cf.assert %{{.*}}, "index out of range"
  // CHECK: scf.for
  // CHECK: scf.for %[[K:[a-z0-9]+]] =
  // CHECK: %[[POSITION:.*]] = tensor.extract %[[POSITIONS]][%[[K]]] : tensor<30xi64>
  // CHECK: %[[ROW:.*]] = arith.index_cast %[[POSITION]]
  // CHECK: tensor.extract_slice %{{.*}}[%{{.*}}, %[[ROW]], 0] [1, 1, 12] [1, 1, 1] : tensor<2x8x12xf32> to tensor<12xf32>
  // CHECK: tensor.insert_slice %{{.*}} into %{{.*}}[%{{.*}}, %[[K]], 0] [1, 1, 12] [1, 1, 1]
  %0 = cameo.gather %x, %i {axis = 1 : i64} : (tensor<2x8x4x3xf32>, tensor<5x6xi32>) -> tensor<2x5x6x4x3xf32>
  return %0 : tensor<2x5x6x4x3xf32>
}

// CHECK-LABEL: @gather_in_bounds
func.func private @gather_in_bounds(%x: tensor<8x4xf32>, %i: tensor<5xi64>) -> tensor<5x4xf32> attributes {plan.kernel = {}} {
  // CHECK-NOT: cf.assert
  // CHECK: scf.for
  %0 = cameo.gather %x, %i {axis = 0 : i64, in_bounds} : (tensor<8x4xf32>, tensor<5xi64>) -> tensor<5x4xf32>
  return %0 : tensor<5x4xf32>
}

// CHECK-LABEL: @gather_nothing
func.func private @gather_nothing(%x: tensor<0x4xf32>, %i: tensor<0xi64>) -> tensor<0x4xf32> attributes {plan.kernel = {}} {
  // CHECK-NEXT: %[[EMPTY:.*]] = tensor.empty() : tensor<0x4xf32>
  // CHECK-NEXT: return %[[EMPTY]]
  %0 = cameo.gather %x, %i {axis = 0 : i64} : (tensor<0x4xf32>, tensor<0xi64>) -> tensor<0x4xf32>
  return %0 : tensor<0x4xf32>
}

// CHECK-LABEL: @gather_elements
func.func private @gather_elements(%x: tensor<2x8xf16>, %i: tensor<2x3xi64>) -> tensor<2x3xf16> attributes {plan.kernel = {}} {
  // CHECK: linalg.generic {{.*}} ins(%{{.*}} : tensor<2x3xi64>) outs(%{{.*}} : tensor<2x3xf16>)
  // CHECK: cf.assert
  // CHECK: %[[ROW:.*]] = linalg.index 0
  // CHECK: tensor.extract %{{.*}}[%[[ROW]], %{{.*}}] : tensor<2x8xf16>
  %0 = cameo.gather_elements %x, %i {axis = 1 : i64} : (tensor<2x8xf16>, tensor<2x3xi64>) -> tensor<2x3xf16>
  return %0 : tensor<2x3xf16>
}

// Tuples become positions in the flattened dimensions: index 0 times 4 plus index 1.
// CHECK-LABEL: @gather_nd
func.func private @gather_nd(%x: tensor<2x8x4x5xf32>, %i: tensor<2x3x2xi64>) -> tensor<2x3x5xf32> attributes {plan.kernel = {}} {
  // CHECK: %[[FOUR:.*]] = arith.constant 4 : i64
  // CHECK: arith.muli %{{.*}}, %[[FOUR]] : i64
  // CHECK: tensor.extract_slice {{.*}} [1, 1, 5] [1, 1, 1] : tensor<2x32x5xf32> to tensor<5xf32>
  %0 = cameo.gather_nd %x, %i {batch_dims = 1 : i64} : (tensor<2x8x4x5xf32>, tensor<2x3x2xi64>) -> tensor<2x3x5xf32>
  return %0 : tensor<2x3x5xf32>
}

// Updates follow one another in sequential loops over a copy.
// CHECK-LABEL: @scatter_elements
func.func private @scatter_elements(%x: tensor<8xui8>, %i: tensor<3xi64>, %u: tensor<3xui8>) -> tensor<8xui8> attributes {plan.kernel = {}} {
  // CHECK: %[[EMPTY:.*]] = tensor.empty() : tensor<8xi8>
  // CHECK: %[[COPY:.*]] = bufferization.materialize_in_destination %{{.*}} in %[[EMPTY]]
  // CHECK: scf.for {{.*}} iter_args(%[[STATE:.*]] = %[[COPY]]) -> (tensor<8xi8>)
  // CHECK: cf.assert %{{.*}}, "index out of range"
  // CHECK: %[[OLD:.*]] = tensor.extract %[[STATE]]
  // CHECK: %[[NEW:.*]] = arith.maxui %[[OLD]], %{{.*}} : i8
  // CHECK: tensor.insert %[[NEW]] into %[[STATE]]
  %0 = cameo.scatter_elements %x, %i, %u {axis = 0 : i64, reduction = #cameo<scatter_reduction max>} : (tensor<8xui8>, tensor<3xi64>, tensor<3xui8>) -> tensor<8xui8>
  return %0 : tensor<8xui8>
}

// CHECK-LABEL: @scatter_nd
func.func private @scatter_nd(%x: tensor<8x4xf16>, %i: tensor<3x1xi64>, %u: tensor<3x4xf16>) -> tensor<8x4xf16> attributes {plan.kernel = {}} {
  // CHECK: scf.for
  // CHECK-NOT: cf.assert
  // CHECK: %[[UPDATE:.*]] = tensor.extract_slice {{.*}} : tensor<3x4xf16> to tensor<4xf16>
  // CHECK: %[[OLD:.*]] = tensor.extract_slice {{.*}} : tensor<8x4xf16> to tensor<4xf16>
  // CHECK: linalg.generic {{.*}} ins(%[[UPDATE]] : tensor<4xf16>) outs(%[[OLD]] : tensor<4xf16>)
  // CHECK: arith.addf %{{.*}} : f32
  // CHECK: tensor.insert_slice
  %0 = cameo.scatter_nd %x, %i, %u {in_bounds, reduction = #cameo<scatter_reduction add>} : (tensor<8x4xf16>, tensor<3x1xi64>, tensor<3x4xf16>) -> tensor<8x4xf16>
  return %0 : tensor<8x4xf16>
}

// CHECK-LABEL: @reverse_sequence
func.func private @reverse_sequence(%x: tensor<5x2x4xf32>, %l: tensor<2xi64>) -> tensor<5x2x4xf32> attributes {plan.kernel = {}} {
  // CHECK: %[[LENGTHS:.*]] = linalg.generic
  // CHECK: cf.assert
  // CHECK: scf.for %[[T:[a-z0-9]+]] =
  // CHECK: scf.for %[[B:[a-z0-9]+]] =
  // CHECK: tensor.extract %[[LENGTHS]][%[[B]]]
  // CHECK: %[[FROM:.*]] = arith.select %{{.*}}, %{{.*}}, %[[T]] : index
  // CHECK: tensor.extract_slice %{{.*}}[%[[FROM]], %[[B]], 0]
  %0 = cameo.reverse_sequence %x, %l {time_axis = 0 : i64} : (tensor<5x2x4xf32>, tensor<2xi64>) -> tensor<5x2x4xf32>
  return %0 : tensor<5x2x4xf32>
}

// Eight elements take three passes: the result is in row 1 of the scratch.
// CHECK-LABEL: @top_k
func.func private @top_k(%x: tensor<8xf32>) -> (tensor<3xf32>, tensor<3xi64>) attributes {plan.kernel = {}} {
  // CHECK-DAG: %[[C0:.*]] = arith.constant 0 : index
  // CHECK-DAG: %[[C1:.*]] = arith.constant 1 : index
  // CHECK-DAG: %[[C3:.*]] = arith.constant 3 : index
  // CHECK: scf.for %{{.*}} = %[[C0]] to %[[C3]] step %[[C1]] {{.*}} -> (tensor<2x8xf32>, tensor<2x8xi64>)
  // CHECK: arith.cmpf olt
  // CHECK: tensor.extract %{{.*}}[%[[C1]], %{{.*}}] : tensor<2x8xf32>
  %0, %1 = cameo.top_k %x {axis = 0 : i64, k = 3 : i64, largest} : (tensor<8xf32>) -> (tensor<3xf32>, tensor<3xi64>)
  return %0, %1 : tensor<3xf32>, tensor<3xi64>
}

// Few of many: the last one's bits by counting, and only three are sorted.
// CHECK-LABEL: @top_k_of_many
func.func private @top_k_of_many(%x: tensor<99xf32>) -> (tensor<3xf32>, tensor<3xi64>) attributes {plan.kernel = {}} {
  // CHECK: %[[RANKS:.*]] = linalg.generic {{.*}} outs({{.*}} : tensor<99xi32>)
  // CHECK: scf.for {{.*}} -> (i32)
  // CHECK: linalg.generic {{.*}} ins(%[[RANKS]] : tensor<99xi32>) outs({{.*}} : tensor<i32>)
  // CHECK: arith.cmpi uge
  // CHECK: linalg.generic {{.*}} ins(%[[RANKS]] : tensor<99xi32>) outs({{.*}} : tensor<i32>)
  // CHECK: arith.cmpi ugt
  // CHECK: scf.for {{.*}} -> (tensor<2x4xf32>, tensor<2x4xi64>, index, index)
  // CHECK: scf.for {{.*}} -> (tensor<2x4xf32>, tensor<2x4xi64>)
  %0, %1 = cameo.top_k %x {axis = 0 : i64, k = 3 : i64, largest} : (tensor<99xf32>) -> (tensor<3xf32>, tensor<3xi64>)
  return %0, %1 : tensor<3xf32>, tensor<3xi64>
}
