// Estimates take what comes from the caches from the row of the CPU, and from
// that of its class where it has none.
//
// RUN: cameoc %s -o - --emit=schedule --name=m --target=x86_64-linux-gnu --cpu=znver5 --quiet | FileCheck %s --check-prefix=ZEN5
// RUN: cameoc %s -o - --emit=schedule --name=m --target=x86_64-linux-gnu --cpu=haswell --quiet | FileCheck %s --check-prefix=HASWELL
// RUN: cameoc %s -o - --emit=schedule --name=m --target=x86_64-linux-gnu --cpu=knl --quiet | FileCheck %s --check-prefix=AVX2
// RUN: cameoc %s -o - --emit=schedule --name=m --target=aarch64-linux-gnu --cpu=cortex-a76 --quiet | FileCheck %s --check-prefix=A76
// RUN: cameoc %s -o - --emit=schedule --name=m --target=aarch64-linux-gnu --cpu=cortex-a57 --quiet | FileCheck %s --check-prefix=A76

// 25690112 bytes: by 12, 10 and 8 from the last cache, by 32, 28 and 20 from
// the second one.
// ZEN5:    l2 = 802816 : i64, memory = 2140843 : i64
// HASWELL: l2 = 917504 : i64, memory = 2569011 : i64
// AVX2:    l2 = 917504 : i64, memory = 2140843 : i64
// A76:     l2 = 1284506 : i64, memory = 3211264 : i64
func.func @m(%x: tensor<1x64x224x224xf32> {onnx.name = "x"}) -> (tensor<1x64x224x224xf32> {onnx.name = "y"}) {
  %0 = cameo.relu %x : (tensor<1x64x224x224xf32>) -> tensor<1x64x224x224xf32>
  return %0 : tensor<1x64x224x224xf32>
}
