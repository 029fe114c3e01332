// RUN: cameo-opt %s -split-input-file -verify-diagnostics | cameo-opt -split-input-file | FileCheck %s

// CHECK-LABEL: plan.model @net
// CHECK-SAME: caches = [#plan.cache<0 in 1[0]>]
plan.model @net attributes {arena_bytes = 64 : i64, weight_bytes = 0 : i64,
    input_names = ["past"], input_types = [tensor<3x8xf32>],
    output_names = ["y", "present"], output_types = [tensor<4x8xf32>, tensor<4x8xf32>],
    caches = [#plan.cache<0 in 1[0]>]} {
}

// -----

// expected-error@+1 {{has the cache #plan.cache<1 in 0[0]>, whose dimension does not exist}}
plan.model @input attributes {arena_bytes = 64 : i64, weight_bytes = 0 : i64, input_names = ["x"],
    input_types = [tensor<4xf32>], output_names = ["y"], output_types = [tensor<4xf32>],
    caches = [#plan.cache<1 in 0[0]>]} {
}

// -----

// expected-error@+1 {{whose dimension does not exist}}
plan.model @dim attributes {arena_bytes = 64 : i64, weight_bytes = 0 : i64, input_names = ["x"],
    input_types = [tensor<4xf32>], output_names = ["y"], output_types = [tensor<4xf32>],
    caches = [#plan.cache<0 in 0[1]>]} {
}

// -----

// expected-error@+1 {{whose types do not fit}}
plan.model @more attributes {arena_bytes = 64 : i64, weight_bytes = 0 : i64, input_names = ["x"],
    input_types = [tensor<5xf32>], output_names = ["y"], output_types = [tensor<4xf32>],
    caches = [#plan.cache<0 in 0[0]>]} {
}

// -----

// expected-error@+1 {{whose types do not fit}}
plan.model @type attributes {arena_bytes = 64 : i64, weight_bytes = 0 : i64, input_names = ["x"],
    input_types = [tensor<3xf16>], output_names = ["y"], output_types = [tensor<4xf32>],
    caches = [#plan.cache<0 in 0[0]>]} {
}

// -----

// expected-error@+1 {{whose input or output is in another one}}
plan.model @twice attributes {arena_bytes = 64 : i64, weight_bytes = 0 : i64, input_names = ["x", "z"],
    input_types = [tensor<3xf32>, tensor<3xf32>], output_names = ["y"], output_types = [tensor<4xf32>],
    caches = [#plan.cache<0 in 0[0]>, #plan.cache<1 in 0[0]>]} {
}
