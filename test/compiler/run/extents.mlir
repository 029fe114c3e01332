// Bounded extents: read from the shapes of inputs, computed with, written into the shapes of outputs; by both back
// ends. An extent outside the bounds, or unlike one that has to be equal, ends the run with a status.

// RUN: rm -rf %t && mkdir -p %t
// RUN: cameoc --quiet %s --name=sizes -o %t/sizes.so
// RUN: cameoc --quiet %s --name=sizes -o %t/sizes.cpp
// RUN: %cxx -std=c++20 -O1 -Wall -Wextra -Werror -fPIC -I%include -c %t/sizes.cpp -o %t/sizes.o
// RUN: %cc -O1 -shared -fPIC -I%include %runtime/src/alloc.c %runtime/src/context.c %runtime/src/pool.c %runtime/src/status.c %t/sizes.o -o %t/sizes-cpp.so

// RUN: FileCheck %s --check-prefix=HEADER < %t/sizes.h
// HEADER: Where an extent is declared as low..high
// HEADER: /* x: float32 [1..4, 2] */
// HEADER: /* doubled: float32 [2..8] */
// HEADER: /* n: int64 [] */

// RUN: cameo-run %t/sizes.so --random-inputs=1 --shape x=3x2 --shape=z=3x5 | FileCheck %s --check-prefix=THREE
// RUN: cameo-run %t/sizes-cpp.so --random-inputs=1 --shape x=3x2 --shape=z=3x5 | FileCheck %s --check-prefix=THREE
// THREE:      output 'doubled': float32 6, min 3, mean 5.5, max 8 at 5
// THREE-NEXT: output 'n': int64 scalar, min 3,
// RUN: cameo-run %t/sizes.so --random-inputs=1 --shape x=1x2 --shape=z=1x5 | FileCheck %s --check-prefix=ONE
// RUN: cameo-run %t/sizes-cpp.so --random-inputs=1 --shape x=1x2 --shape=z=1x5 | FileCheck %s --check-prefix=ONE
// ONE: output 'doubled': float32 2, min 1, mean 1.5, max 2 at 1
// RUN: cameo-run %t/sizes.so --random-inputs=1 | FileCheck %s --check-prefix=BOUND
// RUN: cameo-run %t/sizes-cpp.so --random-inputs=1 | FileCheck %s --check-prefix=BOUND
// BOUND: output 'doubled': float32 8, min 4, mean 7.5, max 11 at 7

// RUN: not cameo-run %t/sizes.so --random-inputs=1 --shape x=2x2 --shape z=3x5 2>&1 | FileCheck %s --check-prefix=UNEQUAL
// RUN: not cameo-run %t/sizes-cpp.so --random-inputs=1 --shape x=2x2 --shape z=3x5 2>&1 | FileCheck %s --check-prefix=UNEQUAL
// UNEQUAL: error: the run failed with status 5: extents of inputs that have to be equal are not

// RUN: not cameo-run %t/sizes.so --random-inputs=1 --shape x=5x2 2>&1 | FileCheck %s --check-prefix=OUTSIDE
// OUTSIDE: error: input 'x': got float32 5x2, the model wants float32 1..4x2
// RUN: not cameo-run %t/sizes.so --random-inputs=1 --shape w=5x2 2>&1 | FileCheck %s --check-prefix=NAME
// NAME: error: the model has no input 'w'; it has 'x', 'z'
// RUN: not cameo-run %t/sizes.so --shape x=1x2 2>&1 | FileCheck %s --check-prefix=UNUSED
// UNUSED: error: --shape is for random data; add --random-inputs=SEED
// RUN: not cameo-run %t/sizes.so --random-inputs=1 --shape x=1xx2 2>&1 | FileCheck %s --check-prefix=SYNTAX
// SYNTAX: error: option --shape needs NAME=EXTENTxEXTENT..., got 'x=1xx2'

func.func @sizes(
    %x: tensor<4x2xf32> {onnx.name = "x"}, %z: tensor<4x5xf32> {onnx.name = "z"},
    %n: tensor<i64> {onnx.extent = {of = [{value = "x", dim = 0}, {value = "z", dim = 0}], min = 1 : i64}})
    -> (tensor<8xf32> {onnx.name = "doubled"}, tensor<i64> {onnx.name = "n"},
        tensor<i64> {onnx.extent = {of = [{value = "doubled", dim = 0}], min = 2 : i64}}) {
  %iota = cameo.constant dense<[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]> : tensor<8xf32>
  %real = cameo.cast %n {to = f32} : (tensor<i64>) -> tensor<f32>
  %doubled = cameo.add %iota, %real : (tensor<8xf32>, tensor<f32>) -> tensor<8xf32>
  %twice = cameo.add %n, %n : (tensor<i64>, tensor<i64>) -> tensor<i64>
  return %doubled, %n, %twice : tensor<8xf32>, tensor<i64>, tensor<i64>
}
