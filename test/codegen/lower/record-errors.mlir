// RUN: cameo-opt %s -record-errors | FileCheck %s

// CHECK-LABEL: @checked(
// CHECK-SAME: %[[OK:.*]]: memref<1xi8>, %[[STATUS:.*]]: memref<1xi32> {plan.status})
func.func private @checked(%x: memref<1xi8>) attributes {plan.kernel = {}} {
  // CHECK: %[[T:.*]] = arith.trunci
  %c0 = arith.constant 0 : index
  %0 = memref.load %x[%c0] : memref<1xi8>
  %1 = arith.trunci %0 : i8 to i1
  // CHECK: %[[BAD:.*]] = arith.xori %[[T]], %true
  // CHECK-NEXT: scf.if %[[BAD]] {
  // CHECK-NEXT: %[[CODE:.*]] = arith.constant 6 : i32
  // CHECK: memref.store %[[CODE]], %[[STATUS]]
  cf.assert %1, "index out of range"
  // CHECK: arith.constant 7 : i32
  cf.assert %1, "division by zero"
  // CHECK: arith.constant 5 : i32
  cf.assert %1, "extent out of range"
  // CHECK-NOT: cf.assert
  return
}

// No status for a kernel that checks nothing, and none for other functions.
// CHECK-LABEL: @unchecked(
// CHECK-NOT: plan.status
func.func private @unchecked(%x: memref<1xi8>) attributes {plan.kernel = {}} {
  return
}

// CHECK-LABEL: @host(
// CHECK-NOT: plan.status
// CHECK: cf.assert
func.func @host(%x: i1) {
  cf.assert %x, "index out of range"
  return
}
