// RUN: cameo-opt %s -split-input-file -verify-diagnostics | cameo-opt -split-input-file | FileCheck %s

// CHECK-LABEL: plan.model @net
// CHECK-SAME: input_extents = [#plan.extent<0[0] at 64, least 1>, #plan.extent<1[1] at 64, least 0>]
// CHECK-SAME: output_extents = [#plan.extent<0[0] at 72, least 4>]
plan.model @net attributes {arena_bytes = 80 : i64, weight_bytes = 0 : i64,
    input_names = ["x", "z"], input_types = [tensor<4x8xf32>, tensor<2x4xf32>],
    output_names = ["y"], output_types = [tensor<4x8xf32>],
    input_extents = [#plan.extent<0[0] at 64, least 1>, #plan.extent<1[1] at 64, least 0>],
    output_extents = [#plan.extent<0[0] at 72, least 4>]} {
}

// -----

// expected-error@+1 {{whose tensor does not exist}}
plan.model @tensor attributes {arena_bytes = 80 : i64, weight_bytes = 0 : i64, input_names = ["x"],
    input_types = [tensor<4xf32>], output_names = [], output_types = [],
    input_extents = [#plan.extent<1[0] at 64, least 1>]} {
}

// -----

// expected-error@+1 {{whose dimension does not exist}}
plan.model @dim attributes {arena_bytes = 80 : i64, weight_bytes = 0 : i64, input_names = ["x"],
    input_types = [tensor<4xf32>], output_names = [], output_types = [],
    input_extents = [#plan.extent<0[1] at 64, least 1>]} {
}

// -----

// expected-error@+1 {{whose least value is not within its bound}}
plan.model @least attributes {arena_bytes = 80 : i64, weight_bytes = 0 : i64, input_names = [], input_types = [],
    output_names = ["y"], output_types = [tensor<4xf32>], output_extents = [#plan.extent<0[0] at 64, least 5>]} {
}

// -----

// expected-error@+1 {{whose place is not in the arena}}
plan.model @place attributes {arena_bytes = 64 : i64, weight_bytes = 0 : i64, input_names = ["x"],
    input_types = [tensor<4xf32>], output_names = [], output_types = [],
    input_extents = [#plan.extent<0[0] at 64, least 1>]} {
}
