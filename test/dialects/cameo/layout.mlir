// RUN: cameo-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @relayout
func.func @relayout(%x: tensor<1x32x8x8xf32>) -> tensor<1x32x8x8xf32, #cameo.blocked<dims = [1], sizes = [16]>> {
  // CHECK: cameo.relayout %arg0 : tensor<1x32x8x8xf32> to tensor<1x32x8x8xf32, #cameo.blocked<dims = [1], sizes = [16]>>
  %0 = cameo.relayout %x : tensor<1x32x8x8xf32> to tensor<1x32x8x8xf32, #cameo.blocked<dims = [1], sizes = [16]>>
  return %0 : tensor<1x32x8x8xf32, #cameo.blocked<dims = [1], sizes = [16]>>
}

// -----

func.func @shape(%x: tensor<1x32x8x8xf32>) {
  // expected-error @+1 {{(C1)}}
  %0 = cameo.relayout %x : tensor<1x32x8x8xf32> to tensor<1x32x64xf32>
  return
}

// -----

func.func @order(%x: tensor<1x32x8x8xf32>) {
  // expected-error @+1 {{(C2)}}
  %0 = cameo.cast_layout %x : tensor<1x32x8x8xf32> to tensor<1x32x8x8xf32, #cameo.blocked<dims = [1], sizes = [16]>>
  return
}

// -----

// expected-error @+1 {{extent 24 of dimension 1 is not a multiple of 16}}
func.func private @divide(tensor<1x24x8x8xf32, #cameo.blocked<dims = [1], sizes = [16]>>)

// -----

// expected-error @+1 {{blocked layout splits dimension 1 by 0}}
func.func private @zero(tensor<1x24x8x8xf32, #cameo.blocked<dims = [1], sizes = [0]>>)

// -----

// CHECK-LABEL: @outer
// CHECK-SAME: #cameo.blocked<dims = [1], sizes = [16], outer = [1, 0]>
func.func private @outer(tensor<8x32xf32, #cameo.blocked<dims = [1], sizes = [16], outer = [1, 0]>>)

// -----

// expected-error @+1 {{which is no permutation}}
func.func private @twice(tensor<8x32xf32, #cameo.blocked<dims = [1], sizes = [16], outer = [1, 1]>>)
