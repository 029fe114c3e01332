// RUN: not cameo-opt %s -split-input-file -loops-to-emitc 2>/dev/null | FileCheck %s
// RUN: not cameo-opt %s -split-input-file -loops-to-emitc -o /dev/null 2>&1 | FileCheck %s --check-prefix=ERROR

// CHECK-LABEL: emitc.func {{.*}}@scalars(
// CHECK-SAME: !emitc.ptr<{{.*}}f32>
// CHECK: mul {{.*}} : (f32, f32) -> f32
// CHECK: return
func.func private @scalars(%x: memref<32xf32>, %y: memref<32xf32>) attributes {plan.kernel = {}} {
  %c0 = arith.constant 0 : index
  %0 = memref.load %x[%c0] : memref<32xf32>
  %1 = arith.mulf %0, %0 : f32
  memref.store %1, %y[%c0] : memref<32xf32>
  return
}

// Vectors are GNU vectors; what C++ has no operator for is a call.
// CHECK-LABEL: emitc.func {{.*}}@vectors(
// CHECK: call_opaque "load_f32x8"
// CHECK: verbatim "__builtin_prefetch({} + {}, 0, 3);"
// CHECK: call_opaque "fma_f32x8"
// CHECK: call_opaque "store_f32x8"
func.func private @vectors(%x: memref<32xf32>, %y: memref<32xf32>) attributes {plan.kernel = {}} {
  %c0 = arith.constant 0 : index
  %0 = vector.load %x[%c0] : memref<32xf32>, vector<8xf32>
  memref.prefetch %x[%c0], read, locality<3>, data : memref<32xf32>
  %1 = vector.fma %0, %0, %0 : vector<8xf32>
  vector.store %1, %y[%c0] : memref<32xf32>, vector<8xf32>
  return
}

// Booleans are compared by logic; as signed numbers, true is the smaller one.
// CHECK-LABEL: emitc.func {{.*}}@booleans(
// CHECK: %[[X:.*]] = cmp ne
// CHECK: %[[NOT:.*]] = logical_not %[[Y:.*]] :
// CHECK: bitwise_and %[[NOT]], %[[X]]
// CHECK: bitwise_or
func.func private @booleans(%x: memref<2xi8>, %y: memref<2xi8>) attributes {plan.kernel = {}} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %a8 = memref.load %x[%c0] : memref<2xi8>
  %b8 = memref.load %x[%c1] : memref<2xi8>
  %a = arith.trunci %a8 : i8 to i1
  %b = arith.trunci %b8 : i8 to i1
  %0 = arith.cmpi ugt, %a, %b : i1
  %1 = arith.cmpi sge, %a, %b : i1
  %2 = arith.extui %0 : i1 to i8
  %3 = arith.extui %1 : i1 to i8
  memref.store %2, %y[%c0] : memref<2xi8>
  memref.store %3, %y[%c1] : memref<2xi8>
  return
}

// Results that nothing reads are no variables.
// CHECK-LABEL: emitc.func {{.*}}@unread(
// CHECK-COUNT-2: emitc.variable
// CHECK-NOT: emitc.variable
// CHECK: return
func.func private @unread(%x: memref<1xi64>) attributes {plan.kernel = {}} {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0 : i64
  %one = arith.constant 1 : i64
  %limit = memref.load %x[%c0] : memref<1xi64>
  %0 = scf.while (%i = %zero) : (i64) -> i64 {
    %more = arith.cmpi slt, %i, %limit : i64
    scf.condition(%more) %i : i64
  } do {
  ^bb0(%i: i64):
    %next = arith.addi %i, %one : i64
    scf.yield %next : i64
  }
  return
}

// -----

// ERROR: error: {{.*}}failed to legalize operation 'memref.atomic_rmw'
func.func private @unknown(%x: memref<32xf32>) attributes {plan.kernel = {}} {
  %c0 = arith.constant 0 : index
  %one = arith.constant 1.0 : f32
  %0 = memref.atomic_rmw addf %one, %x[%c0] : (f32, memref<32xf32>) -> f32
  return
}
