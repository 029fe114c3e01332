// Attributes of kernels, the launch sequence and the interface in LLVM IR.
//
// RUN: rm -rf %t && mkdir -p %t
// RUN: cameoc %s --quiet --target=x86_64-linux-gnu --cpu=x86-64-v3 -o %t/net.ll
// RUN: FileCheck %s < %t/net.ll
// RUN: cameoc %s --quiet --target=x86_64-linux-gnu --cpu=x86-64-v3 --instrument=profile -o %t/profile.ll
// RUN: FileCheck %s --check-prefix=PROFILE < %t/profile.ll
// RUN: not cameoc %s --quiet --target=armv7-linux-gnueabi -o %t/none.ll 2>&1 | FileCheck %s --check-prefix=TARGET

// Buffers of the arena and the weights are aligned, those of callers for their
// elements; no argument aliases another but those that share a buffer.
// CHECK: define internal {{.*}}void @net.double(ptr noalias noundef nonnull {{.*}}align 4 {{.*}}%0, ptr noalias noundef nonnull {{.*}}align 64 {{.*}}%1)
// CHECK: define internal {{.*}}void @net.in_place(ptr noundef nonnull {{.*}}align 64 {{.*}}%0, ptr noundef nonnull {{.*}}align 64 {{.*}}%1)
// CHECK-NOT: define internal {{.*}}void @net.in_place(ptr noalias

// CHECK: define {{.*}}i32 @net_run(
// CHECK: call {{.*}}@net.double(
// CHECK: call {{.*}}@net.in_place(
// CHECK: call {{.*}}@net.last(
// CHECK: define {{.*}}ptr @net_model(
// PROFILE: define {{.*}}i32 @net_run(
// PROFILE: call void %profiler(ptr %data, i32 0
// PROFILE: call {{.*}}@net.double(
// TARGET: cameoc: error: {{.*}}armv7

plan.model @net attributes {arena_bytes = 320 : i64, weight_bytes = 0 : i64,
    input_names = ["x"], input_types = [tensor<32xf32>],
    output_names = ["y"], output_types = [tensor<32xf32>]} {
  %x = plan.buffer input[0] : memref<32xf32>
  %a = plan.buffer arena[64] : memref<32xf32>
  %y = plan.buffer output[0] : memref<32xf32>
  plan.launch @double(%x, %a) : (memref<32xf32>, memref<32xf32>) -> ()
  plan.launch @in_place(%a, %a) : (memref<32xf32>, memref<32xf32>) -> ()
  plan.launch @last(%a, %y) : (memref<32xf32>, memref<32xf32>) -> ()
}
func.func private @double(%x: memref<32xf32>, %y: memref<32xf32>) attributes {plan.kernel = {nodes = ["d"], ops = ["add"], flops = 32 : i64, bytes = 256 : i64}} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  scf.for %i = %c0 to %c32 step %c1 {
    %0 = memref.load %x[%i] : memref<32xf32>
    %1 = arith.addf %0, %0 : f32
    memref.store %1, %y[%i] : memref<32xf32>
  }
  return
}
func.func private @in_place(%x: memref<32xf32> {plan.in_place = 1 : i64}, %y: memref<32xf32>) attributes {plan.kernel = {nodes = ["s"], ops = ["mul"], flops = 32 : i64, bytes = 256 : i64}} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  scf.for %i = %c0 to %c32 step %c1 {
    %0 = memref.load %x[%i] : memref<32xf32>
    %1 = arith.mulf %0, %0 : f32
    memref.store %1, %y[%i] : memref<32xf32>
  }
  return
}
func.func private @last(%x: memref<32xf32>, %y: memref<32xf32>) attributes {plan.kernel = {nodes = ["l"], ops = ["copy"], flops = 0 : i64, bytes = 256 : i64}} {
  memref.copy %x, %y : memref<32xf32> to memref<32xf32>
  return
}
