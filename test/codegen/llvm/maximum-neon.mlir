// Bounds that are numbers take one instruction each on AArch64, which keeps NaN.
//
// RUN: cameoc %s -o %t.s --emit=asm --name=m --target=aarch64-linux-gnu --quiet
// RUN: FileCheck %s --input-file=%t.s

// CHECK-LABEL: m.clip_0:
// CHECK-NOT: fcm
// CHECK: fmax v{{.*}}.4s
// CHECK-NOT: fcm
// CHECK: fmin v{{.*}}.4s
// CHECK-NOT: fcm
// CHECK: ret
func.func @m(%x: tensor<64xf32> {onnx.name = "x"}) -> (tensor<64xf32> {onnx.name = "y"}) {
  %0 = cameo.clip %x {lo = 0.0 : f32, hi = 6.0 : f32} : (tensor<64xf32>) -> tensor<64xf32>
  return %0 : tensor<64xf32>
}
