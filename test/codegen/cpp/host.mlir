// The host side: a launch with tasks, one in place, the embedded weights.
//
// RUN: cameo-opt --emit-cpp %s -o /dev/null | FileCheck %s
// RUN: rm -rf %t && mkdir -p %t
// RUN: cameo-opt --emit-cpp=output-dir=%t %s -o /dev/null
// RUN: %cxx -std=c++17 -O2 -Wall -Wextra -Werror -I%include -c %t/net.cpp -o %t/net.o
// RUN: %cc -DMODEL=net_model -I%include %S/Inputs/run.c %t/net.o %runtime/src/*.c -lm -lpthread -o %t/run
// RUN: %t/run | FileCheck --check-prefix=OUT %s
// RUN: %t/run parallel | FileCheck --check-prefix=OUT %s

// OUT: status 0
// OUT-NEXT: y: 0 2 0 5 1 0 4 0 0 3 0 0 2 0 5 1 0 4 0 0

// CHECK: #include "net.h"
// CHECK: #define NET_WEIGHTS_FILE __FILE__ ".weights.bin"
// CHECK: .balign 64
// CHECK: .incbin
// CHECK: typedef float f32x8 __attribute__((vector_size(32)));

// CHECK: // scale_0: Mul_1 (mul)
// CHECK-NEXT: //   in0   4x16xf32
// CHECK: //   64 FLOPs, 576 bytes
// CHECK-NEXT: __attribute__((noinline)) static void scale_0(const float *__restrict in0,
// CHECK: for (int64_t i = 0; i < 16; i += 8) {
// CHECK-NEXT: int64_t v0 = task * 16 + i;
// CHECK-NEXT: store_f32x8(out0 + v0, load_f32x8(in0 + v0) * load_f32x8(in1 + i));

// An argument that may share a buffer is not `__restrict`.
// CHECK: static void relu_1(const float *in0, float *out0) {
// CHECK: out0[v0] = maximum_f32(in0[v0], 0.0f);

// CHECK: scale_0((const float *)args[0], (const float *)args[1], (float *)args[2], task);
// CHECK: status = cameo_begin_run_v2(&net_descriptor, context, inputs, outputs);
// CHECK: *recorded = CAMEO_OK;
// CHECK-NEXT: void *args_0[] = {(void *)inputs[0].data, (void *)net_weights, (void *)outputs[0].data};
// CHECK-NEXT: net_launch(context, scale_0_task, args_0, 4);
// CHECK-NEXT: relu_1((const float *)outputs[0].data, (float *)outputs[0].data);
// CHECK-NEXT: return cameo_end_run_v2(context, *recorded);

plan.model @net attributes {arena_bytes = 4096 : i64, weight_bytes = 256 : i64,
    input_names = ["x"], input_types = [tensor<4x16xf32>],
    output_names = ["y"], output_types = [tensor<4x16xf32>]} {
  plan.data 0 = dense<2.0> : tensor<16xf32>
  %s = plan.buffer arena[0] : memref<1xi32>
  %x = plan.buffer input[0] : memref<4x16xf32>
  %w = plan.buffer weights[0] : memref<16xf32>
  %y = plan.buffer output[0] : memref<4x16xf32>
  plan.launch @scale_0(%x, %w, %y) {tasks = 4 : i64} : (memref<4x16xf32>, memref<16xf32>, memref<4x16xf32>) -> ()
  plan.launch @relu_1(%y, %y) : (memref<4x16xf32>, memref<4x16xf32>) -> ()
}
func.func private @scale_0(%x: memref<4x16xf32>, %w: memref<16xf32>, %y: memref<4x16xf32>, %task: index)
  attributes {plan.kernel = {nodes = ["Mul_1"], ops = ["mul"], flops = 64 : i64, bytes = 576 : i64}} {
  %c0 = arith.constant 0 : index
  %c8 = arith.constant 8 : index
  %c16 = arith.constant 16 : index
  scf.for %i = %c0 to %c16 step %c8 {
    %a = vector.load %x[%task, %i] : memref<4x16xf32>, vector<8xf32>
    %b = vector.load %w[%i] : memref<16xf32>, vector<8xf32>
    %c = arith.mulf %a, %b : vector<8xf32>
    vector.store %c, %y[%task, %i] : memref<4x16xf32>, vector<8xf32>
  }
  return
}
func.func private @relu_1(%x: memref<4x16xf32> {plan.in_place}, %y: memref<4x16xf32>)
  attributes {plan.kernel = {nodes = ["Relu_2"], ops = ["relu"], flops = 64 : i64, bytes = 512 : i64}} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c16 = arith.constant 16 : index
  %zero = arith.constant 0.0 : f32
  scf.for %i = %c0 to %c4 step %c1 {
    scf.for %j = %c0 to %c16 step %c1 {
      %a = memref.load %x[%i, %j] : memref<4x16xf32>
      %b = arith.maximumf %a, %zero : f32
      memref.store %b, %y[%i, %j] : memref<4x16xf32>
    }
  }
  return
}
