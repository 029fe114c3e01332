// An index out of range ends the run with a status, whatever was compiled.

// RUN: rm -rf %t && mkdir -p %t
// RUN: cameoc --quiet %s --name=gather -o %t/gather.so
// RUN: cameoc --quiet %s --name=gather -o %t/gather.cpp
// RUN: %cxx -std=c++20 -O1 -shared -fPIC -I%include -c %t/gather.cpp -o %t/gather.o
// RUN: %cc -O1 -shared -fPIC -I%include %runtime/src/alloc.c %runtime/src/context.c %runtime/src/pool.c %runtime/src/status.c %t/gather.o -o %t/gather-cpp.so

// RUN: python3 %S/../../tools/cameo-run/Inputs/make-data.py %t/x.npy f4 4x2 0 1 2 3 4 5 6 7
// RUN: python3 %S/../../tools/cameo-run/Inputs/make-data.py %t/good.npy i8 2 -4 3
// RUN: python3 %S/../../tools/cameo-run/Inputs/make-data.py %t/high.npy i8 2 0 4
// RUN: python3 %S/../../tools/cameo-run/Inputs/make-data.py %t/low.npy i8 2 -5 0
// RUN: python3 %S/../../tools/cameo-run/Inputs/make-data.py %t/huge.npy i8 2 0 -9223372036854775808

// RUN: cameo-run %t/gather.so --input value0=%t/x.npy --input value1=%t/good.npy | FileCheck %s --check-prefix=GOOD
// RUN: cameo-run %t/gather-cpp.so --input value0=%t/x.npy --input value1=%t/good.npy | FileCheck %s --check-prefix=GOOD
// GOOD: float32 2x2, min 0, mean 3.5, max 7

// RUN: not cameo-run %t/gather.so --input value0=%t/x.npy --input value1=%t/high.npy 2>&1 | FileCheck %s
// RUN: not cameo-run %t/gather.so --input value0=%t/x.npy --input value1=%t/low.npy 2>&1 | FileCheck %s
// RUN: not cameo-run %t/gather.so --input value0=%t/x.npy --input value1=%t/huge.npy 2>&1 | FileCheck %s
// RUN: not cameo-run %t/gather-cpp.so --input value0=%t/x.npy --input value1=%t/high.npy 2>&1 | FileCheck %s
// RUN: not cameo-run %t/gather-cpp.so --input value0=%t/x.npy --input value1=%t/low.npy 2>&1 | FileCheck %s
// RUN: not cameo-run %t/gather-cpp.so --input value0=%t/x.npy --input value1=%t/huge.npy 2>&1 | FileCheck %s
// CHECK: error: {{.*}}an index tensor points outside its data

func.func @gather(%x: tensor<4x2xf32>, %i: tensor<2xi64>) -> tensor<2x2xf32> {
  %0 = cameo.gather %x, %i {axis = 0 : i64} : (tensor<4x2xf32>, tensor<2xi64>) -> tensor<2x2xf32>
  return %0 : tensor<2x2xf32>
}
