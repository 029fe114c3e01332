// RUN: cameo-opt %s -nest-expressions | FileCheck %s
// RUN: cameo-opt %s -nest-expressions=max-length=1 | FileCheck %s --check-prefix=SHORT

// CHECK-LABEL: emitc.func @nested(
// CHECK: %[[E:.*]] = expression
// CHECK: call_opaque "load_f32x8"
// CHECK: mul
// CHECK: yield
// SHORT-LABEL: emitc.func @nested(
// SHORT: expression
// SHORT-NEXT: call_opaque "load_f32x8"
// SHORT-NEXT: yield
emitc.func @nested(%p: !emitc.ptr<f32>, %a: !emitc.opaque<"f32x8">) {
  %0 = emitc.call_opaque "load_f32x8"(%p) : (!emitc.ptr<f32>) -> !emitc.opaque<"f32x8">
  %1 = emitc.mul %0, %a : (!emitc.opaque<"f32x8">, !emitc.opaque<"f32x8">) -> !emitc.opaque<"f32x8">
  emitc.call_opaque "store_f32x8"(%p, %1) : (!emitc.ptr<f32>, !emitc.opaque<"f32x8">) -> ()
  emitc.return
}

// A read does not move across a write.
// CHECK-LABEL: emitc.func @ordered(
// CHECK: expression
// CHECK-NEXT: call_opaque "load_f32x8"
// CHECK-NEXT: yield
// CHECK: call_opaque "store_f32x8"
// CHECK: mul
emitc.func @ordered(%p: !emitc.ptr<f32>, %a: !emitc.opaque<"f32x8">) {
  %0 = emitc.call_opaque "load_f32x8"(%p) : (!emitc.ptr<f32>) -> !emitc.opaque<"f32x8">
  emitc.call_opaque "store_f32x8"(%p, %a) : (!emitc.ptr<f32>, !emitc.opaque<"f32x8">) -> ()
  %1 = emitc.mul %0, %a : (!emitc.opaque<"f32x8">, !emitc.opaque<"f32x8">) -> !emitc.opaque<"f32x8">
  emitc.call_opaque "store_f32x8"(%p, %1) : (!emitc.ptr<f32>, !emitc.opaque<"f32x8">) -> ()
  emitc.return
}

// Compilers ask for parentheses around `a | b` in a condition.
// CHECK-LABEL: emitc.func @condition(
// CHECK: bitwise_or
// CHECK-NEXT: yield
// CHECK: conditional
emitc.func @condition(%a: i1, %b: i1, %x: f32, %y: f32) -> f32 {
  %0 = emitc.bitwise_or %a, %b : (i1, i1) -> i1
  %1 = emitc.conditional %0, %x, %y : f32
  emitc.return %1 : f32
}
