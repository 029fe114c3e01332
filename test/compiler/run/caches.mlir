// An input that is stored in the output it grows to: of the one buffer nothing but the new elements is written, by both
// back ends.

// RUN: rm -rf %t && mkdir -p %t
// RUN: cameoc --quiet %s --name=grow -o %t/grow.so
// RUN: cameoc --quiet %s --name=grow -o %t/grow.cpp
// RUN: %cxx -std=c++20 -O1 -Wall -Wextra -Werror -fPIC -I%include -c %t/grow.cpp -o %t/grow.o
// RUN: %cc -O1 -shared -fPIC -I%include %runtime/src/alloc.c %runtime/src/caches.c %runtime/src/context.c %runtime/src/pool.c %runtime/src/status.c %t/grow.o -o %t/grow-cpp.so

// RUN: cameoc --quiet %s --emit=loops -o - | FileCheck %s --check-prefix=LOOPS
// RUN: cameoc --quiet %s -O0 --emit=loops -o - | FileCheck %s --check-prefix=LOOPS
// LOOPS: plan.model @{{.*}} caches = [#plan.cache<0 in 0[1]>]
// LOOPS-SAME: input_types = [tensor<2x3xf32>, tensor<2x1xf32>]
// LOOPS: %[[CACHE:.*]] = plan.buffer output[0] : memref<2x4xf32>
// LOOPS: plan.launch @[[KERNEL:append[a-z0-9_]*]](%[[CACHE]], %{{.*}}, %[[CACHE]])
// LOOPS-NOT: plan.launch @{{.*}}2x4
// LOOPS: func.func private @[[KERNEL]](%[[PAST:[a-z0-9]*]]: memref<2x4xf32>
// LOOPS-NOT: memref.copy
// LOOPS-NOT: %[[PAST]]
// LOOPS: memref.store
// LOOPS-NOT: memref.store
// LOOPS: return

// RUN: FileCheck %s --check-prefix=CODE < %t/grow.cpp
// CODE: static const cameo_cache grow_caches[] = {{[{][{]}}0, 0, 1{{[}][}]}};
// CODE: grow_caches, 1};
// CODE: status = cameo_take_caches_v2(&grow_descriptor, context, inputs, outputs);
// CODE-NEXT: if (status != CAMEO_OK)

// RUN: FileCheck %s --check-prefix=HEADER < %t/grow.h
// HEADER: #define GROW_INPUT_0_BYTES 32
// HEADER: #define GROW_OUTPUT_0_BYTES 32
// HEADER: An input and an output that are stored with each other
// HEADER: /* past: float32 [2, 0..3], stored as [2, 4] with present */
// HEADER: /* x: float32 [2, 1] */
// HEADER: /* present: float32 [2, 0..4], stored as [2, 4] with past */

// RUN: mkdir %t/two %t/none %t/full
// RUN: python3 %S/../../tools/cameo-run/Inputs/make-data.py %t/two/input_0.npy f4 2x2 1 2 3 4
// RUN: python3 %S/../../tools/cameo-run/Inputs/make-data.py %t/two/input_1.npy f4 2x1 5 6
// RUN: python3 %S/../../tools/cameo-run/Inputs/make-data.py %t/two/output_0.npy f4 2x3 1 2 5 3 4 6
// RUN: python3 %S/../../tools/cameo-run/Inputs/make-data.py %t/none/input_0.npy f4 2x0
// RUN: python3 %S/../../tools/cameo-run/Inputs/make-data.py %t/none/input_1.npy f4 2x1 5 6
// RUN: python3 %S/../../tools/cameo-run/Inputs/make-data.py %t/none/output_0.npy f4 2x1 5 6
// RUN: python3 %S/../../tools/cameo-run/Inputs/make-data.py %t/full/input_0.npy f4 2x3 1 2 3 4 5 6
// RUN: python3 %S/../../tools/cameo-run/Inputs/make-data.py %t/full/input_1.npy f4 2x1 7 8
// RUN: python3 %S/../../tools/cameo-run/Inputs/make-data.py %t/full/output_0.npy f4 2x4 1 2 3 7 4 5 6 8
// RUN: cameo-run %t/grow.so --test-data %t/two | FileCheck %s --check-prefix=OK
// RUN: cameo-run %t/grow-cpp.so --test-data %t/two | FileCheck %s --check-prefix=OK
// RUN: cameo-run %t/grow.so --test-data %t/none | FileCheck %s --check-prefix=OK
// RUN: cameo-run %t/grow.so --test-data %t/full | FileCheck %s --check-prefix=OK
// OK: output 'present': ok
// RUN: not cameo-run %t/grow.so --random-inputs=1 --shape past=2x4 2>&1 | FileCheck %s --check-prefix=BEYOND
// BEYOND: input 'past': got float32 2x4, the model wants float32 2x0..3

func.func @grow(
    %past: tensor<2x4xf32> {onnx.name = "past", onnx.cache = {value = "present", dim = 1 : i64, extent = 3 : i64}},
    %x: tensor<2x1xf32> {onnx.name = "x"},
    %n: tensor<i64> {onnx.extent = {of = [{value = "past", dim = 1}], min = 0 : i64, max = 3 : i64}})
    -> (tensor<2x4xf32> {onnx.name = "present"},
        tensor<i64> {onnx.extent = {of = [{value = "present", dim = 1}]}}) {
  %one = cameo.constant dense<1> : tensor<i64>
  %0 = cameo.append %past, %x, %n, %one {axis = 1 : i64} : (tensor<2x4xf32>, tensor<2x1xf32>, tensor<i64>, tensor<i64>) -> tensor<2x4xf32>
  %1 = cameo.extent %n {map = affine_map<()[s0] -> (s0 + 1)>} : (tensor<i64>) -> tensor<i64>
  return %0, %1 : tensor<2x4xf32>, tensor<i64>
}
