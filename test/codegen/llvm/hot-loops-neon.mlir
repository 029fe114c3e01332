// What the innermost loops of products are made of on AArch64: a multiply-add takes a
// lane of a vector of pixels or rows, and nothing goes to the stack.
//
// RUN: cameoc %s -o %t.s --emit=asm --name=m --target=aarch64-linux-gnu --cpu=neoverse-n1 --winograd=off --quiet
// RUN: FileCheck %s --input-file=%t.s
// RUN: FileCheck %s --input-file=%t.s --check-prefix=NONE

// NONE-NOT: {{ld1r|dup}}
// NONE-NOT: {{(ld|st)[a-z]+.*q[0-9]+.*\[sp}}

func.func @m(%x: tensor<1x64x56x56xf32> {onnx.name = "x"}, %w0: tensor<64x64x3x3xf32> {onnx.name = "w0"}, %w1: tensor<128x64x1x1xf32> {onnx.name = "w1"}, %a: tensor<32x64xf32> {onnx.name = "a"}, %b: tensor<64x64xf32> {onnx.name = "b"}) -> (tensor<1x128x28x28xf32> {onnx.name = "y"}, tensor<32x64xf32> {onnx.name = "c"}) {
  // 5 pixels for 4 vectors of filters and 4 channels. Tiles at the left edge come
  // first: their three columns of the filter are written out, with a pixel less for
  // the first.
  // CHECK-LABEL: m.conv_{{[0-9]+}}:
  // CHECK-COUNT-224: fmla {{.*}}.s[{{[0-3]}}]
  // CHECK-NOT: fmla
  // CHECK: b.lo
  // CHECK-COUNT-80: fmla {{.*}}.s[{{[0-3]}}]
  // CHECK-NOT: fmla
  // CHECK: b.ne
  %0 = cameo.conv %x, %w0 {dilations = array<i64: 1, 1>, groups = 1 : i64, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 2, 2>} : (tensor<1x64x56x56xf32>, tensor<64x64x3x3xf32>) -> tensor<1x64x28x28xf32>
  // 7 pixels for 3 vectors.
  // CHECK-LABEL: m.conv_{{[0-9]+}}:
  // CHECK-COUNT-84: fmla {{.*}}.s[{{[0-3]}}]
  // CHECK-NOT: fmla
  // CHECK: b.ne
  %1 = cameo.conv %0, %w1 {dilations = array<i64: 1, 1>, groups = 1 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x64x28x28xf32>, tensor<128x64x1x1xf32>) -> tensor<1x128x28x28xf32>
  // CHECK-LABEL: m.matmul_{{[0-9]+}}:
  // CHECK-COUNT-80: fmla {{.*}}.s[{{[0-3]}}]
  // CHECK-NOT: fmla
  // CHECK: b.lo
  %2 = cameo.matmul %a, %b : (tensor<32x64xf32>, tensor<64x64xf32>) -> tensor<32x64xf32>
  return %1, %2 : tensor<1x128x28x28xf32>, tensor<32x64xf32>
}
