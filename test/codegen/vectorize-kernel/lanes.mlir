// RUN: cameo-opt %s "-vectorize-kernel=vector-bits=128 registers=32 lane-operands" -lower-affine -canonicalize -cse | FileCheck %s

// Where products take lanes, four steps of the depth are written out: a vector of
// each row for all of them. The two steps that are left broadcast scalars.
#a = affine_map<(m, n, k) -> (m, k)>
#b = affine_map<(m, n, k) -> (k, n)>
#c = affine_map<(m, n, k) -> (m, n)>
// CHECK-LABEL: @product(
// CHECK-SAME: %[[A:.*]]: memref<3x18xf32>, %[[B:[^:]*]]: memref<18x8xf32>
// CHECK: %{{.*}}:6 = scf.for %[[K:.*]] = %c0 to %c16 step %c4 iter_args
// CHECK: %[[ROW:.*]] = vector.load %[[A]][%c0, %[[K]]] : memref<3x18xf32>, vector<4xf32>
// CHECK: %[[LANE:.*]] = vector.extract %[[ROW]][0] : f32
// CHECK: vector.broadcast %[[LANE]] : f32 to vector<4xf32>
// CHECK: vector.load %[[B]][%[[K]], %c0]
// CHECK: vector.extract %[[ROW]][1]
// CHECK: vector.extract %[[ROW]][2]
// CHECK: vector.extract %[[ROW]][3]
// CHECK: scf.yield
// CHECK-NOT: vector.load %[[A]]
// CHECK-COUNT-6: memref.load %[[A]]
// CHECK-NOT: memref.load %[[A]]
// CHECK: return
func.func private @product(%a: memref<3x18xf32>, %b: memref<18x8xf32>, %c: memref<3x8xf32>) attributes {plan.kernel = {}} {
  linalg.generic {indexing_maps = [#a, #b, #c], iterator_types = ["parallel", "parallel", "reduction"]} ins(%a, %b : memref<3x18xf32>, memref<18x8xf32>) outs(%c : memref<3x8xf32>) {
  ^bb0(%x: f32, %w: f32, %sum: f32):
    %0 = arith.mulf %x, %w : f32
    %1 = arith.addf %sum, %0 : f32
    linalg.yield %1 : f32
  }
  return
}

// Outputs of a row whose windows overlap share vectors: 6 outputs of 5 taps with step
// two read 15 elements by four vectors, the last of which ends with the last element.
#x = affine_map<(r, t, f) -> (r * 2 + t)>
#w = affine_map<(r, t, f) -> (t, f)>
#y = affine_map<(r, t, f) -> (r, f)>
// CHECK-LABEL: @windows(
// CHECK-SAME: %[[X:[^:]*]]: memref<15xf32>
// CHECK-NOT: memref.load
// CHECK-DAG: vector.load %[[X]][%c0]
// CHECK-DAG: vector.load %[[X]][%c4]
// CHECK-DAG: vector.load %[[X]][%c8]
// CHECK-DAG: vector.load %[[X]][%c11]
// CHECK-NOT: vector.load %[[X]]
// CHECK: return
func.func private @windows(%x: memref<15xf32>, %w: memref<5x4xf32>, %y: memref<6x4xf32>) attributes {plan.kernel = {}} {
  linalg.generic {indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "reduction", "parallel"]} ins(%x, %w : memref<15xf32>, memref<5x4xf32>) outs(%y : memref<6x4xf32>) {
  ^bb0(%a: f32, %b: f32, %sum: f32):
    %0 = arith.mulf %a, %b : f32
    %1 = arith.addf %sum, %0 : f32
    linalg.yield %1 : f32
  }
  return
}

// Nothing is read along the depth where rows are.
#at = affine_map<(m, n, k) -> (k, m)>
// CHECK-LABEL: @transposed(
// CHECK-NOT: vector.extract
// CHECK: return
func.func private @transposed(%a: memref<18x3xf32>, %b: memref<18x8xf32>, %c: memref<3x8xf32>) attributes {plan.kernel = {}} {
  linalg.generic {indexing_maps = [#at, #b, #c], iterator_types = ["parallel", "parallel", "reduction"]} ins(%a, %b : memref<18x3xf32>, memref<18x8xf32>) outs(%c : memref<3x8xf32>) {
  ^bb0(%x: f32, %w: f32, %sum: f32):
    %0 = arith.mulf %x, %w : f32
    %1 = arith.addf %sum, %0 : f32
    linalg.yield %1 : f32
  }
  return
}
