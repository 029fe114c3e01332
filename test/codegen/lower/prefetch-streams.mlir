// RUN: cameo-opt %s -prefetch-streams="distance=256 smallest-bytes=1024" | FileCheck %s

// CHECK-LABEL: @stream
// CHECK: scf.for %[[K:[a-z0-9]*]] =
// CHECK: %[[AHEAD:.*]] = arith.addi %[[K]], %c4
// CHECK: memref.prefetch %arg0[%[[AHEAD]], %c0], read, locality<2>, data
// CHECK: vector.load %arg0[%[[K]], %c0]
// Small buffers stay in cache, and one that is read along a column is no stream.
// CHECK-NOT: memref.prefetch
// CHECK: return
func.func private @stream(%w: memref<64x16xf32>, %small: memref<4x16xf32>, %column: memref<64x64xf32>, %y: memref<64xf32>, %a: vector<16xf32>) attributes {plan.kernel = {}} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c64 = arith.constant 64 : index
  %0 = scf.for %k = %c0 to %c64 step %c1 iter_args(%sum = %a) -> vector<16xf32> {
    %b = vector.load %w[%k, %c0] : memref<64x16xf32>, vector<16xf32>
    %p0 = arith.addf %a, %b : vector<16xf32>
    %p1 = arith.addf %p0, %b : vector<16xf32>
    %p2 = arith.addf %p1, %b : vector<16xf32>
    %p3 = arith.addf %p2, %b : vector<16xf32>
    %next = arith.addf %sum, %p3 : vector<16xf32>
    scf.yield %next : vector<16xf32>
  }
  %1 = scf.for %k = %c0 to %c4 step %c1 iter_args(%sum = %0) -> vector<16xf32> {
    %b = vector.load %small[%k, %c0] : memref<4x16xf32>, vector<16xf32>
    %c = vector.load %column[%k, %c0] : memref<64x64xf32>, vector<16xf32>
    %p0 = arith.addf %c, %b : vector<16xf32>
    %p1 = arith.addf %p0, %b : vector<16xf32>
    %p2 = arith.addf %p1, %b : vector<16xf32>
    %p3 = arith.addf %p2, %b : vector<16xf32>
    %next = arith.addf %sum, %p3 : vector<16xf32>
    scf.yield %next : vector<16xf32>
  }
  vector.store %1, %y[%c0] : memref<64xf32>, vector<16xf32>
  return
}

// A vector that is used once, however it is unpacked: nothing hides the requests.
// CHECK-LABEL: @used_once
// CHECK-NOT: memref.prefetch
// CHECK: return
func.func private @used_once(%w: memref<64x16xf32>, %y: memref<64xf32>, %a: vector<16xf32>) attributes {plan.kernel = {}} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %0 = scf.for %k = %c0 to %c64 step %c1 iter_args(%sum = %a) -> vector<16xf32> {
    %b = vector.load %w[%k, %c0] : memref<64x16xf32>, vector<16xf32>
    %unpacked = arith.mulf %b, %b : vector<16xf32>
    %p = arith.mulf %a, %unpacked : vector<16xf32>
    %next = arith.addf %sum, %p : vector<16xf32>
    scf.yield %next : vector<16xf32>
  }
  vector.store %0, %y[%c0] : memref<64xf32>, vector<16xf32>
  return
}

// Four vectors of one line, each used once: one request for all.
// CHECK-LABEL: @narrow
// CHECK: memref.prefetch %arg0
// CHECK-NOT: memref.prefetch
// CHECK: return
func.func private @narrow(%w: memref<64x64xi8>, %y: memref<64xf32>, %a: vector<16xf32>) attributes {plan.kernel = {}} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c16 = arith.constant 16 : index
  %c32 = arith.constant 32 : index
  %c48 = arith.constant 48 : index
  %c64 = arith.constant 64 : index
  %0 = scf.for %k = %c0 to %c64 step %c1 iter_args(%sum = %a) -> vector<16xf32> {
    %b0 = vector.load %w[%k, %c16] : memref<64x64xi8>, vector<16xi8>
    %b1 = vector.load %w[%k, %c0] : memref<64x64xi8>, vector<16xi8>
    %b2 = vector.load %w[%k, %c32] : memref<64x64xi8>, vector<16xi8>
    %b3 = vector.load %w[%k, %c48] : memref<64x64xi8>, vector<16xi8>
    %f0 = arith.sitofp %b0 : vector<16xi8> to vector<16xf32>
    %f1 = arith.sitofp %b1 : vector<16xi8> to vector<16xf32>
    %f2 = arith.sitofp %b2 : vector<16xi8> to vector<16xf32>
    %f3 = arith.sitofp %b3 : vector<16xi8> to vector<16xf32>
    %p0 = arith.addf %sum, %f0 : vector<16xf32>
    %p1 = arith.addf %p0, %f1 : vector<16xf32>
    %p2 = arith.addf %p1, %f2 : vector<16xf32>
    %p3 = arith.addf %p2, %f3 : vector<16xf32>
    scf.yield %p3 : vector<16xf32>
  }
  vector.store %0, %y[%c0] : memref<64xf32>, vector<16xf32>
  return
}

// Two tiles of rows and one of what is left read the same columns: each asks
// for a part of the next ones. 2 * 4 * 16 vectors over 3 tiles of 64 steps.
// CHECK-LABEL: @columns
// CHECK: scf.for %[[COLUMN:[a-z0-9]*]] = %c0 to %c8 step %c2
// CHECK: %[[NEXT:.*]] = arith.addi %[[COLUMN]], %c2
// CHECK: scf.for %[[ROW:[a-z0-9]*]] = %c0 to %c8 step %c4
// CHECK: scf.for %[[BLOCK:[a-z0-9]*]] = %c0 to %c4
// CHECK: scf.for %[[TAP:[a-z0-9]*]] = %c0 to %c16
// CHECK: arith.divui %{{.*}}, %c4
// CHECK: %[[NUMBER:.*]] = arith.addi %{{.*}}, %c0
// CHECK: %[[PLACE:.*]] = arith.muli %[[NUMBER]], %c16
// CHECK: %[[LAST:.*]] = arith.addi %c0{{.*}}, %[[PLACE]]
// CHECK: %[[AT:.*]] = arith.addi %[[LAST]], %c0
// CHECK: memref.prefetch %arg0[%[[NEXT]], %c0{{.*}}, %c0{{.*}}, %[[AT]]]
// CHECK-NOT: memref.prefetch
// CHECK: scf.for %{{.*}} = %c0 to %c4
// CHECK: scf.for %{{.*}} = %c0 to %c16
// CHECK: arith.addi %{{.*}}, %c128
// CHECK: memref.prefetch
// CHECK-NOT: memref.prefetch
// CHECK: return
func.func private @columns(%w: memref<8x4x16x16xf32>, %y: memref<12x8x16xf32>, %a: vector<16xf32>) attributes {plan.kernel = {}} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c4 = arith.constant 4 : index
  %c8 = arith.constant 8 : index
  %c16 = arith.constant 16 : index
  scf.for %n = %c0 to %c8 step %c2 {
    %n1 = arith.addi %n, %c1 : index
    scf.for %m = %c0 to %c8 step %c4 {
      %0 = scf.for %k = %c0 to %c4 step %c1 iter_args(%outer = %a) -> vector<16xf32> {
        %1 = scf.for %c = %c0 to %c16 step %c1 iter_args(%sum = %outer) -> vector<16xf32> {
          %b0 = vector.load %w[%n, %k, %c, %c0] : memref<8x4x16x16xf32>, vector<16xf32>
          %b1 = vector.load %w[%n1, %k, %c, %c0] : memref<8x4x16x16xf32>, vector<16xf32>
          %p = arith.addf %b0, %b1 : vector<16xf32>
          %next = arith.addf %sum, %p : vector<16xf32>
          scf.yield %next : vector<16xf32>
        }
        scf.yield %1 : vector<16xf32>
      }
      vector.store %0, %y[%m, %n, %c0] : memref<12x8x16xf32>, vector<16xf32>
    }
    %2 = scf.for %k = %c0 to %c4 step %c1 iter_args(%outer = %a) -> vector<16xf32> {
      %3 = scf.for %c = %c0 to %c16 step %c1 iter_args(%sum = %outer) -> vector<16xf32> {
        %b0 = vector.load %w[%n, %k, %c, %c0] : memref<8x4x16x16xf32>, vector<16xf32>
        %b1 = vector.load %w[%n1, %k, %c, %c0] : memref<8x4x16x16xf32>, vector<16xf32>
        %p = arith.addf %b0, %b1 : vector<16xf32>
        %next = arith.addf %sum, %p : vector<16xf32>
        scf.yield %next : vector<16xf32>
      }
      scf.yield %3 : vector<16xf32>
    }
    vector.store %2, %y[%c8, %n, %c0] : memref<12x8x16xf32>, vector<16xf32>
  }
  return
}

// Two blocks that are not beside each other, such as points of several filters:
// each moves on by what is read of it, and asks for its own next part.
// CHECK-LABEL: @parts
// CHECK: scf.for %{{.*}} = %c0 to %c8
// CHECK-COUNT-8: memref.prefetch %arg0[%c0,
// CHECK-COUNT-8: memref.prefetch %arg0[%c1,
// CHECK-NOT: memref.prefetch
// CHECK: return
func.func private @parts(%w: memref<2x8x4x16x16xf32>, %y: memref<2x8x16xf32>, %a: vector<16xf32>) attributes {plan.kernel = {}} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c4 = arith.constant 4 : index
  %c8 = arith.constant 8 : index
  %c16 = arith.constant 16 : index
  scf.for %p = %c0 to %c8 step %c1 {
    scf.for %m = %c0 to %c2 step %c1 {
      %0 = scf.for %k = %c0 to %c4 step %c1 iter_args(%outer = %a) -> vector<16xf32> {
        %1 = scf.for %c = %c0 to %c16 step %c1 iter_args(%sum = %outer) -> vector<16xf32> {
          %b0 = vector.load %w[%c0, %p, %k, %c, %c0] : memref<2x8x4x16x16xf32>, vector<16xf32>
          %b1 = vector.load %w[%c1, %p, %k, %c, %c0] : memref<2x8x4x16x16xf32>, vector<16xf32>
          %q = arith.addf %b0, %b1 : vector<16xf32>
          %next = arith.addf %sum, %q : vector<16xf32>
          scf.yield %next : vector<16xf32>
        }
        scf.yield %1 : vector<16xf32>
      }
      vector.store %0, %y[%m, %p, %c0] : memref<2x8x16xf32>, vector<16xf32>
    }
  }
  return
}

// Columns that are further apart than what is read of each, such as a run of the
// filters of one point after the other.
// CHECK-LABEL: @apart
// CHECK: scf.for %[[COLUMN:[a-z0-9]*]] = %c0 to %c8
// CHECK: %[[NEXT:.*]] = arith.addi %[[COLUMN]], %c1
// CHECK: memref.prefetch %arg0[%[[NEXT]], %c0,
// CHECK: return
func.func private @apart(%w: memref<8x2x4x16x16xf32>, %y: memref<2x8x16xf32>, %a: vector<16xf32>) attributes {plan.kernel = {}} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c4 = arith.constant 4 : index
  %c8 = arith.constant 8 : index
  %c16 = arith.constant 16 : index
  scf.for %p = %c0 to %c8 step %c1 {
    scf.for %m = %c0 to %c2 step %c1 {
      %0 = scf.for %k = %c0 to %c4 step %c1 iter_args(%outer = %a) -> vector<16xf32> {
        %1 = scf.for %c = %c0 to %c16 step %c1 iter_args(%sum = %outer) -> vector<16xf32> {
          %b = vector.load %w[%p, %c0, %k, %c, %c0] : memref<8x2x4x16x16xf32>, vector<16xf32>
          %q = arith.addf %b, %a : vector<16xf32>
          %next = arith.addf %sum, %q : vector<16xf32>
          scf.yield %next : vector<16xf32>
        }
        scf.yield %1 : vector<16xf32>
      }
      vector.store %0, %y[%m, %p, %c0] : memref<2x8x16xf32>, vector<16xf32>
    }
  }
  return
}

// Blocks of two filters, of a run in one point after the other: from the last
// block of a point it goes on to the first one of the next.
// CHECK-LABEL: @jump
// CHECK: scf.for %[[POINT:[a-z0-9]*]] = %c0 to %c8
// CHECK: scf.for %[[BLOCK:[a-z0-9]*]] = %c0 to %c4 step %c2
// CHECK: %[[BLOCK_NEXT:.*]] = arith.addi %[[BLOCK]], %c2
// CHECK: %[[OVER:.*]] = arith.cmpi sge, %[[BLOCK_NEXT]], %c4
// CHECK: %[[BLOCK_AT:.*]] = arith.select %[[OVER]], %c0, %[[BLOCK_NEXT]]
// CHECK: %[[POINT_NEXT:.*]] = arith.addi %[[POINT]], %c1
// CHECK: %[[POINT_AT:.*]] = arith.select %[[OVER]], %[[POINT_NEXT]], %[[POINT]]
// CHECK: scf.for %{{.*}} = %c0 to %c2
// CHECK: memref.prefetch %arg0[%[[POINT_AT]], %[[BLOCK_AT]],
// CHECK-NOT: memref.prefetch
// CHECK: return
func.func private @jump(%w: memref<8x8x4x16x16xf32>, %y: memref<2x4x16xf32>, %a: vector<16xf32>) attributes {plan.kernel = {}} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c4 = arith.constant 4 : index
  %c8 = arith.constant 8 : index
  %c16 = arith.constant 16 : index
  scf.for %p = %c0 to %c8 step %c1 {
    scf.for %n = %c0 to %c4 step %c2 {
      %n1 = arith.addi %n, %c1 : index
      scf.for %m = %c0 to %c2 step %c1 {
        %0 = scf.for %k = %c0 to %c4 step %c1 iter_args(%outer = %a) -> vector<16xf32> {
          %1 = scf.for %c = %c0 to %c16 step %c1 iter_args(%sum = %outer) -> vector<16xf32> {
            %b0 = vector.load %w[%p, %n, %k, %c, %c0] : memref<8x8x4x16x16xf32>, vector<16xf32>
            %b1 = vector.load %w[%p, %n1, %k, %c, %c0] : memref<8x8x4x16x16xf32>, vector<16xf32>
            %q = arith.addf %b0, %b1 : vector<16xf32>
            %next = arith.addf %sum, %q : vector<16xf32>
            scf.yield %next : vector<16xf32>
          }
          scf.yield %1 : vector<16xf32>
        }
        vector.store %0, %y[%m, %n, %c0] : memref<2x4x16xf32>, vector<16xf32>
      }
    }
  }
  return
}

// The same where nothing is read twice: all of a point, then the next one.
// CHECK-LABEL: @jump_once
// CHECK: scf.for %[[POINT:[a-z0-9]*]] = %c0 to %c8
// CHECK: %[[POINT_NEXT:.*]] = arith.addi %[[POINT]], %c1
// CHECK: scf.for %{{.*}} = %c0 to %c2
// CHECK: memref.prefetch %arg0[%[[POINT_NEXT]], %c0,
// CHECK-NOT: memref.prefetch
// CHECK: return
func.func private @jump_once(%w: memref<8x8x4x16x16xf32>, %y: memref<2x16xf32>, %a: vector<16xf32>) attributes {plan.kernel = {}} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c4 = arith.constant 4 : index
  %c8 = arith.constant 8 : index
  %c16 = arith.constant 16 : index
  scf.for %p = %c0 to %c8 step %c1 {
    scf.for %n = %c0 to %c2 step %c1 {
      %0 = scf.for %k = %c0 to %c4 step %c1 iter_args(%outer = %a) -> vector<16xf32> {
        %1 = scf.for %c = %c0 to %c16 step %c1 iter_args(%sum = %outer) -> vector<16xf32> {
          %b = vector.load %w[%p, %n, %k, %c, %c0] : memref<8x8x4x16x16xf32>, vector<16xf32>
          %q = arith.addf %b, %a : vector<16xf32>
          %r = arith.addf %q, %b : vector<16xf32>
          %next = arith.addf %sum, %r : vector<16xf32>
          scf.yield %next : vector<16xf32>
        }
        scf.yield %1 : vector<16xf32>
      }
      vector.store %0, %y[%n, %c0] : memref<2x16xf32>, vector<16xf32>
    }
  }
  return
}

// Nor is a jump worth it where each vector is used once.
// CHECK-LABEL: @jump_used_once
// CHECK-NOT: memref.prefetch
// CHECK: return
func.func private @jump_used_once(%w: memref<8x8x64x16xf32>, %y: memref<8x16xf32>, %a: vector<16xf32>) attributes {plan.kernel = {}} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %c64 = arith.constant 64 : index
  scf.for %p = %c0 to %c8 step %c1 {
    %0 = scf.for %k = %c0 to %c64 step %c1 iter_args(%sum = %a) -> vector<16xf32> {
      %b = vector.load %w[%p, %c0, %k, %c0] : memref<8x8x64x16xf32>, vector<16xf32>
      %next = arith.addf %sum, %b : vector<16xf32>
      scf.yield %next : vector<16xf32>
    }
    vector.store %0, %y[%p, %c0] : memref<8x16xf32>, vector<16xf32>
  }
  return
}

// Two halves whose places differ by a constant are two streams, also where they
// start somewhere else in every call.
// CHECK-LABEL: @halves
// CHECK: scf.for
// CHECK: memref.prefetch %[[FIRST:[a-z0-9_]*]][
// CHECK: vector.load %[[FIRST]][
// CHECK: memref.prefetch %[[SECOND:[a-z0-9_]*]][
// CHECK: vector.load %[[SECOND]][
func.func private @halves(%w: memref<8x32x16xf32>, %point: index, %y: memref<16xf32>, %a: vector<16xf32>) attributes {plan.kernel = {}} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c16 = arith.constant 16 : index
  %first = memref.subview %w[%point, 0, 0] [1, 16, 16] [1, 1, 1] : memref<8x32x16xf32> to memref<16x16xf32, strided<[16, 1], offset: ?>>
  %second = memref.subview %w[%point, 16, 0] [1, 16, 16] [1, 1, 1] : memref<8x32x16xf32> to memref<16x16xf32, strided<[16, 1], offset: ?>>
  %0 = scf.for %k = %c0 to %c16 step %c1 iter_args(%sum = %a) -> vector<16xf32> {
    %b = vector.load %first[%k, %c0] : memref<16x16xf32, strided<[16, 1], offset: ?>>, vector<16xf32>
    %c = vector.load %second[%k, %c0] : memref<16x16xf32, strided<[16, 1], offset: ?>>, vector<16xf32>
    %p0 = arith.addf %b, %c : vector<16xf32>
    %p1 = arith.addf %p0, %b : vector<16xf32>
    %p2 = arith.addf %p1, %c : vector<16xf32>
    %p3 = arith.addf %p2, %a : vector<16xf32>
    %next = arith.addf %sum, %p3 : vector<16xf32>
    scf.yield %next : vector<16xf32>
  }
  vector.store %0, %y[%c0] : memref<16xf32>, vector<16xf32>
  return
}
