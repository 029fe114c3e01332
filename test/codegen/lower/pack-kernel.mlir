// RUN: cameo-opt %s -pack-kernel | FileCheck %s

// CHECK-DAG: #[[IN:.*]] = affine_map<(d0, d1, d2, d3, d4, d5) -> (d0, d3, d2, d5)>
// CHECK-DAG: #[[W:.*]] = affine_map<(d0, d1, d2, d3, d4, d5) -> (d1, d3, d5, d4)>
// CHECK-DAG: #[[OUT:.*]] = affine_map<(d0, d1, d2, d3, d4, d5) -> (d0, d1, d2, d4)>
// CHECK-DAG: #[[STORED:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
// CHECK-DAG: #[[SPLITMAP:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d1, d3, d2)>
// CHECK-DAG: #[[DIVIDED:.*]] = affine_map<(d0, d1, d2) -> (d0, d1 floordiv 16, d2, d1 mod 16)>
// CHECK-DAG: #[[SCALE:.*]] = affine_map<(d0, d1, d2, d3) -> (d1 * 8 + d3)>

// A product over blocks of channels, its filters packed, then a scale per channel
// that stays as it is.
// CHECK-LABEL: @product
// CHECK-NOT: linalg.pack
// CHECK-NOT: linalg.unpack
// CHECK: linalg.generic {indexing_maps = [#[[IN]], #[[W]], #[[OUT]]]{{.*}} ins(%arg0, %arg1 : tensor<1x2x5x16xf32>, tensor<3x2x16x8xf32>) outs({{.*}} : tensor<1x3x5x8xf32>)
// CHECK: linalg.generic {indexing_maps = [#{{.*}}, #[[SCALE]], #{{.*}}]
// CHECK: return %{{.*}} : tensor<1x3x5x8xf32>
func.func private @product(%px: tensor<1x2x5x16xf32>, %pw: tensor<3x2x16x8xf32>, %s: tensor<24xf32>) -> tensor<1x3x5x8xf32> attributes {plan.kernel = {}} {
  %zero = arith.constant 0.0 : f32
  %e0 = tensor.empty() : tensor<1x32x5xf32>
  %x = linalg.unpack %px inner_dims_pos = [1] inner_tiles = [16] into %e0 : tensor<1x2x5x16xf32> -> tensor<1x32x5xf32>
  %e1 = tensor.empty() : tensor<24x32xf32>
  %w = linalg.unpack %pw inner_dims_pos = [1, 0] inner_tiles = [16, 8] into %e1 : tensor<3x2x16x8xf32> -> tensor<24x32xf32>
  %e2 = tensor.empty() : tensor<1x24x5xf32>
  %init = linalg.fill ins(%zero : f32) outs(%e2 : tensor<1x24x5xf32>) -> tensor<1x24x5xf32>
  %y = linalg.generic {
      indexing_maps = [affine_map<(n, o, p, i) -> (n, i, p)>, affine_map<(n, o, p, i) -> (o, i)>, affine_map<(n, o, p, i) -> (n, o, p)>],
      iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<1x32x5xf32>, tensor<24x32xf32>) outs(%init : tensor<1x24x5xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %0 = arith.mulf %a, %b : f32
    %1 = arith.addf %c, %0 : f32
    linalg.yield %1 : f32
  } -> tensor<1x24x5xf32>
  %e4 = tensor.empty() : tensor<1x24x5xf32>
  %z = linalg.generic {
      indexing_maps = [affine_map<(n, o, p) -> (n, o, p)>, affine_map<(n, o, p) -> (o)>, affine_map<(n, o, p) -> (n, o, p)>],
      iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%y, %s : tensor<1x24x5xf32>, tensor<24xf32>) outs(%e4 : tensor<1x24x5xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %0 = arith.mulf %a, %b : f32
    linalg.yield %0 : f32
  } -> tensor<1x24x5xf32>
  %e3 = tensor.empty() : tensor<1x3x5x8xf32>
  %pz = linalg.pack %z inner_dims_pos = [1] inner_tiles = [8] into %e3 : tensor<1x24x5xf32> -> tensor<1x3x5x8xf32>
  return %pz : tensor<1x3x5x8xf32>
}

// Spatial padding happens on the blocks.
// CHECK-LABEL: @padded
// CHECK: tensor.pad %arg0 low[0, 0, 1, 0] high[0, 0, 2, 0]
// CHECK-NOT: linalg.pack
func.func private @padded(%px: tensor<1x2x5x16xf32>) -> tensor<1x2x8x16xf32> attributes {plan.kernel = {}} {
  %zero = arith.constant 0.0 : f32
  %e0 = tensor.empty() : tensor<1x32x5xf32>
  %x = linalg.unpack %px inner_dims_pos = [1] inner_tiles = [16] into %e0 : tensor<1x2x5x16xf32> -> tensor<1x32x5xf32>
  %y = tensor.pad %x low[0, 0, 1] high[0, 0, 2] {
  ^bb0(%i: index, %j: index, %k: index):
    tensor.yield %zero : f32
  } : tensor<1x32x5xf32> to tensor<1x32x8xf32>
  %e1 = tensor.empty() : tensor<1x2x8x16xf32>
  %py = linalg.pack %y inner_dims_pos = [1] inner_tiles = [16] into %e1 : tensor<1x32x8xf32> -> tensor<1x2x8x16xf32>
  return %py : tensor<1x2x8x16xf32>
}

// Whole blocks are inserted and extracted as they are.
// CHECK-LABEL: @slices
// CHECK: %[[HALF:.*]] = tensor.extract_slice %arg0[0, 1, 0, 0] [1, 1, 5, 16] [1, 1, 1, 1]
// CHECK: tensor.insert_slice %[[HALF]] into %{{.*}}[0, 2, 0, 0] [1, 1, 5, 16] [1, 1, 1, 1] : tensor<1x1x5x16xf32> into tensor<1x3x5x16xf32>
// CHECK-NOT: linalg.pack
func.func private @slices(%px: tensor<1x2x5x16xf32>) -> tensor<1x3x5x16xf32> attributes {plan.kernel = {}} {
  %e0 = tensor.empty() : tensor<1x32x5xf32>
  %x = linalg.unpack %px inner_dims_pos = [1] inner_tiles = [16] into %e0 : tensor<1x2x5x16xf32> -> tensor<1x32x5xf32>
  %half = tensor.extract_slice %x[0, 16, 0] [1, 16, 5] [1, 1, 1] : tensor<1x32x5xf32> to tensor<1x16x5xf32>
  %e1 = tensor.empty() : tensor<1x48x5xf32>
  %y = tensor.insert_slice %x into %e1[0, 0, 0] [1, 32, 5] [1, 1, 1] : tensor<1x32x5xf32> into tensor<1x48x5xf32>
  %z = tensor.insert_slice %half into %y[0, 32, 0] [1, 16, 5] [1, 1, 1] : tensor<1x16x5xf32> into tensor<1x48x5xf32>
  %e2 = tensor.empty() : tensor<1x3x5x16xf32>
  %pz = linalg.pack %z inner_dims_pos = [1] inner_tiles = [16] into %e2 : tensor<1x48x5xf32> -> tensor<1x3x5x16xf32>
  return %pz : tensor<1x3x5x16xf32>
}

// A conversion alone is a copy.
// CHECK-LABEL: @alone
// CHECK-NOT: linalg.unpack
// CHECK: linalg.generic
func.func private @alone(%px: tensor<1x2x5x16xf32>) -> tensor<1x32x5xf32> attributes {plan.kernel = {}} {
  %e0 = tensor.empty() : tensor<1x32x5xf32>
  %x = linalg.unpack %px inner_dims_pos = [1] inner_tiles = [16] into %e0 : tensor<1x2x5x16xf32> -> tensor<1x32x5xf32>
  return %x : tensor<1x32x5xf32>
}

// What is left of a conversion is a copy over the stored tensor where its blocks
// are whole and the kernel ends with it, otherwise one over the plain tensor.
// CHECK-LABEL: @whole
// CHECK: %[[SPLIT:.*]] = linalg.generic {indexing_maps = [#[[STORED]], #[[SPLITMAP]]]{{.*}} ins(%arg0 : tensor<1x2x5x16xf32>) outs({{.*}} : tensor<1x2x16x5xf32>)
// CHECK: %[[PLAIN:.*]] = tensor.collapse_shape %[[SPLIT]] {{\[\[}}0], [1, 2], [3]] : tensor<1x2x16x5xf32> into tensor<1x32x5xf32>
// CHECK: return %[[PLAIN]]
func.func private @whole(%px: tensor<1x2x5x16xf32>) -> tensor<1x32x5xf32> attributes {plan.kernel = {}} {
  %e0 = tensor.empty() : tensor<1x32x5xf32>
  %x = linalg.unpack %px inner_dims_pos = [1] inner_tiles = [16] into %e0 : tensor<1x2x5x16xf32> -> tensor<1x32x5xf32>
  return %x : tensor<1x32x5xf32>
}

// CHECK-LABEL: @cut
// CHECK: linalg.generic {indexing_maps = [#[[DIVIDED]], #{{.*}}]{{.*}} outs({{.*}} : tensor<1x30x5xf32>)
func.func private @cut(%px: tensor<1x2x5x16xf32>) -> tensor<1x30x5xf32> attributes {plan.kernel = {}} {
  %e0 = tensor.empty() : tensor<1x30x5xf32>
  %x = linalg.unpack %px inner_dims_pos = [1] inner_tiles = [16] into %e0 : tensor<1x2x5x16xf32> -> tensor<1x30x5xf32>
  return %x : tensor<1x30x5xf32>
}
