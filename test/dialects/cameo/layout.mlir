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

// The last block may have a tail.
// CHECK-LABEL: @tail
func.func @tail(%x: tensor<2x8x8x16xf32>, %y: tensor<1x2x8x8x16xf32>) {
  // CHECK: cameo.cast_layout %arg1 : tensor<1x2x8x8x16xf32> to tensor<1x24x8x8xf32, #cameo.blocked<dims = [1], sizes = [16]>>
  %0 = cameo.cast_layout %y : tensor<1x2x8x8x16xf32> to tensor<1x24x8x8xf32, #cameo.blocked<dims = [1], sizes = [16]>>
  return
}

// -----

func.func @prefix(%x: tensor<1x24x1x1xf32>) {
  // expected-error @+1 {{(C2)}}
  %0 = cameo.cast_layout %x : tensor<1x24x1x1xf32> to tensor<1x24x1x1xf32, #cameo.blocked<dims = [1], sizes = [16]>>
  return
}

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
