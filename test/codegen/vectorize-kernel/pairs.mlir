// RUN: cameo-opt %s "-vectorize-kernel=vector-bits=128 registers=32" -lower-affine -canonicalize -cse | FileCheck %s

#xy = affine_map<(i, j) -> (i, j)>
#other = affine_map<(i, j) -> (i, j - (j mod 2) * 2 + 1)>
#next = affine_map<(i, j) -> (i, j + 1 - (j mod 4))>

// The other element of each pair is in the vector that is loaded anyway.
// CHECK-LABEL: @pairs
// CHECK: %[[V:.*]] = vector.load %arg0[{{.*}}] : memref<5x6xf32>, vector<4xf32>
// CHECK-NEXT: %[[SWAPPED:.*]] = vector.shuffle %[[V]], %[[V]] [1, 0, 3, 2]
// CHECK-NEXT: arith.subf %[[V]], %[[SWAPPED]] : vector<4xf32>
// CHECK: vector.shuffle %{{.*}} [1, 0] : vector<2xf32>, vector<2xf32>
func.func private @pairs(%x: memref<5x6xf32>, %y: memref<5x6xf32>) attributes {plan.kernel = {}} {
  linalg.generic {indexing_maps = [#xy, #other, #xy], iterator_types = ["parallel", "parallel"]}
      ins(%x, %x : memref<5x6xf32>, memref<5x6xf32>) outs(%y : memref<5x6xf32>) {
  ^bb0(%a: f32, %b: f32, %r: f32):
    %0 = arith.subf %a, %b : f32
    linalg.yield %0 : f32
  }
  return
}

// Other orders are read element by element.
// CHECK-LABEL: @second_of_four
// CHECK-NOT: vector.shuffle
// CHECK: return
func.func private @second_of_four(%x: memref<5x8xf32>, %y: memref<5x8xf32>) attributes {plan.kernel = {}} {
  linalg.generic {indexing_maps = [#xy, #next, #xy], iterator_types = ["parallel", "parallel"]}
      ins(%x, %x : memref<5x8xf32>, memref<5x8xf32>) outs(%y : memref<5x8xf32>) {
  ^bb0(%a: f32, %b: f32, %r: f32):
    %0 = arith.subf %a, %b : f32
    linalg.yield %0 : f32
  }
  return
}

// Pairs of a view that skips elements are not next to each other.
// CHECK-LABEL: @gaps
// CHECK-NOT: vector.shuffle
// CHECK: return
func.func private @gaps(%x: memref<5x16xf32>, %y: memref<5x8xf32>) attributes {plan.kernel = {}} {
  %v = memref.subview %x[0, 0] [5, 8] [1, 2] : memref<5x16xf32> to memref<5x8xf32, strided<[16, 2]>>
  linalg.generic {indexing_maps = [#other, #xy], iterator_types = ["parallel", "parallel"]}
      ins(%v : memref<5x8xf32, strided<[16, 2]>>) outs(%y : memref<5x8xf32>) {
  ^bb0(%b: f32, %r: f32):
    %0 = arith.negf %b : f32
    linalg.yield %0 : f32
  }
  return
}
