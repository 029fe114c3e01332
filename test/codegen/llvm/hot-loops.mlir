// What the innermost loops of convolutions are made of, once LLVM has had them.
//
// RUN: cameoc %s -o %t.avx512.s --emit=asm --name=m --target=x86_64-pc-linux-gnu --cpu=znver4 --quiet
// RUN: FileCheck %s --input-file=%t.avx512.s
// RUN: FileCheck %s --input-file=%t.avx512.s --check-prefix=SPILL
// RUN: cameoc %s -o %t.avx2.s --emit=asm --name=m --target=x86_64-pc-linux-gnu --cpu=haswell --quiet
// RUN: FileCheck %s --input-file=%t.avx2.s --check-prefix=AVX2
// RUN: FileCheck %s --input-file=%t.avx2.s --check-prefix=SPILL

// Registers of vectors are neither written to the stack nor read from it.
// SPILL-NOT: {{[yz]mm[0-9]+, [-0-9]*\(%rsp\)}}
// SPILL-NOT: {{[-0-9]+\(%rsp\), %[yz]mm}}

func.func @m(%x: tensor<1x64x56x56xf32> {onnx.name = "x"}, %w0: tensor<64x64x3x3xf32> {onnx.name = "w0"}, %w1: tensor<16x64x1x1xf32> {onnx.name = "w1"}, %w2: tensor<16x1x3x3xf32> {onnx.name = "w2"}) -> (tensor<1x16x28x28xf32> {onnx.name = "y"}) {
  // 14 pixels for two vectors of filters: 14 broadcasts, 28 products. Tiles at the
  // left edge come first: a pixel less for the first column of the filter.
  // CHECK-LABEL: m.conv_{{[0-9]+}}:
  // CHECK-COUNT-26: vfmadd231ps {{.*}}%zmm
  // CHECK-NOT: vfmadd
  // CHECK: jne
  // CHECK: [[LOOP:.LBB.*]]:
  // CHECK: vbroadcastss
  // CHECK-COUNT-28: vfmadd231ps {{.*}}%zmm
  // CHECK-NOT: vfmadd
  // CHECK: jne [[LOOP]]
  // AVX2-LABEL: m.conv_{{[0-9]+}}:
  // Two vectors for 6 pixels, of which the left edge has 5.
  // AVX2-COUNT-10: vfmadd231ps {{.*}}%ymm
  // AVX2-NOT: vfmadd
  // AVX2: jne
  // AVX2: [[LOOP:.LBB.*]]:
  // AVX2: vbroadcastss
  // AVX2-COUNT-12: vfmadd231ps {{.*}}%ymm
  // AVX2-NOT: vfmadd
  // AVX2: jne [[LOOP]]
  %0 = cameo.conv %x, %w0 {dilations = array<i64: 1, 1>, groups = 1 : i64, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 2, 2>} : (tensor<1x64x56x56xf32>, tensor<64x64x3x3xf32>) -> tensor<1x64x28x28xf32>
  // 28 pixels for one vector: products broadcast by themselves.
  // CHECK-LABEL: m.conv_{{[0-9]+}}:
  // CHECK-NOT: vbroadcastss
  // CHECK-COUNT-28: vfmadd231ps {{.*}}{1to16}, %zmm
  // CHECK-NOT: vfmadd
  // CHECK: jne
  %1 = cameo.conv %0, %w1 {dilations = array<i64: 1, 1>, groups = 1 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x64x28x28xf32>, tensor<16x64x1x1xf32>) -> tensor<1x16x28x28xf32>
  %2 = cameo.conv %1, %w2 {dilations = array<i64: 1, 1>, groups = 16 : i64, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x16x28x28xf32>, tensor<16x1x3x3xf32>) -> tensor<1x16x28x28xf32>
  return %2 : tensor<1x16x28x28xf32>
}
