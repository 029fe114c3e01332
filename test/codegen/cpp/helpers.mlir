// Helpers that compilers do not make one instruction of when left alone: roots of
// vectors, which could set errno lane by lane, and a maximum without a jump.
//
// REQUIRES: x86
//
// RUN: cameo-opt --emit-cpp %s -o /dev/null | FileCheck %s
// RUN: rm -rf %t && mkdir -p %t
// RUN: cameo-opt --emit-cpp=output-dir=%t %s -o /dev/null
// RUN: %cxx -std=c++17 -O2 -Wall -Wextra -Werror -I%include -c %t/net.cpp -o %t/net.o
// RUN: g++ -std=c++17 -O2 -mavx512f -Wall -Wextra -Werror -I%include -c %t/net.cpp -o %t/net.o
// RUN: cameo-opt --emit-cpp %S/host.mlir -o /dev/null | FileCheck --check-prefix=NONE %s

// NONE-NOT: immintrin.h
// NONE: scale_0

// CHECK: #if !defined(__clang__) && defined(__x86_64__)
// CHECK-NEXT: #include <immintrin.h>
// CHECK-NEXT: #elif !defined(__clang__) && defined(__aarch64__)
// CHECK-NEXT: #include <arm_neon.h>
// CHECK-NEXT: #endif

// CHECK: f32x16 sqrt_f32x16(const f32x16 &a) {
// CHECK-NEXT: #ifdef __clang__
// CHECK-NEXT: return __builtin_elementwise_sqrt(a);
// CHECK-NEXT: #elif defined(__AVX512F__)
// CHECK-NEXT: return _mm512_maskz_sqrt_ps(-1, a);
// CHECK-NEXT: #else
// CHECK: r[i] = sqrtf(a[i]);

// CHECK: f32x4 sqrt_f32x4(const f32x4 &a) {
// CHECK: #elif defined(__SSE2__)
// CHECK-NEXT: return _mm_sqrt_ps(a);
// CHECK-NEXT: #elif defined(__aarch64__)
// CHECK-NEXT: return vsqrtq_f32(a);

// CHECK: float maximum_f32(float a, float b) {
// CHECK-NEXT: float m = a > b ? a : b;
// CHECK-NEXT: return a != a ? a : m;

plan.model @net attributes {arena_bytes = 64 : i64, weight_bytes = 0 : i64,
    input_names = ["x"], input_types = [tensor<21xf32>],
    output_names = ["y"], output_types = [tensor<21xf32>]} {
  %x = plan.buffer input[0] : memref<21xf32>
  %y = plan.buffer output[0] : memref<21xf32>
  plan.launch @roots_0(%x, %y) : (memref<21xf32>, memref<21xf32>) -> ()
}
func.func private @roots_0(%x: memref<21xf32>, %y: memref<21xf32>)
  attributes {plan.kernel = {nodes = ["Sqrt_1"], ops = ["sqrt"], flops = 21 : i64, bytes = 168 : i64}} {
  %c0 = arith.constant 0 : index
  %c16 = arith.constant 16 : index
  %c20 = arith.constant 20 : index
  %zero = arith.constant 0.0 : f32
  %a = vector.load %x[%c0] : memref<21xf32>, vector<16xf32>
  %b = math.sqrt %a : vector<16xf32>
  vector.store %b, %y[%c0] : memref<21xf32>, vector<16xf32>
  %c = vector.load %x[%c16] : memref<21xf32>, vector<4xf32>
  %d = math.sqrt %c : vector<4xf32>
  vector.store %d, %y[%c16] : memref<21xf32>, vector<4xf32>
  %e = memref.load %x[%c20] : memref<21xf32>
  %f = arith.maximumf %e, %zero : f32
  memref.store %f, %y[%c20] : memref<21xf32>
  return
}
