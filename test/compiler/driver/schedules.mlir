// What schedules force, and what they cannot.

// RUN: rm -rf %t && split-file %s %t
// DEFINE: %{compile} = cameoc %t/net.mlir --quiet --target=x86_64-linux-gnu --cpu=x86-64-v4 -o -

// A schedule is in the IR of its kernel and on its own, by problem.
// RUN: %{compile} --emit=loops | FileCheck %s --check-prefix=IR
// RUN: %{compile} --emit=schedule | FileCheck %s --check-prefix=DUMP
// IR: func.func private @matmul_relu_0({{.*}}plan.kernel = {{.*}}schedule = #cameo.schedule<problem = "matmul:m64k32n48:f32:relu" algorithm = "direct" nests = [<loops = [64, 48, 32] vector = 1 lanes = 16 tile = [{{.*}}] {{.*}}cycles = {{[0-9]+}} cost = {compute = {{.*}}beaten = {
// DUMP: {
// DUMP-NEXT: "matmul:m64k32n48:f32:relu" = #cameo.schedule<{{ *}}algorithm = "direct" nests = [<loops = [64, 48, 32]

// The problem of the main operator is enough.
// RUN: %{compile} --emit=loops --schedule-override=%t/tile | FileCheck %s --check-prefix=TILE
// TILE: scf.for {{.*}} step %c2
// TILE: iter_args({{.*}}) -> (vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>)

// RUN: not %{compile} --emit=loops --schedule-override=%t/nowhere 2>&1 | FileCheck %s --check-prefix=FILE
// FILE: cameoc: error: cannot read '{{.*}}nowhere'
// RUN: not %{compile} --emit=loops --schedule-override=%t/syntax 2>&1 | FileCheck %s --check-prefix=SYNTAX
// SYNTAX: cameoc: error: '{{.*}}syntax' is not a dictionary of schedules by problem
// RUN: not %{compile} --emit=loops --schedule-override=%t/kind 2>&1 | FileCheck %s --check-prefix=KIND
// KIND: error: {{.*}}schedule: the value of 'matmul:m64k32n48:f32' is not a #cameo.schedule
// RUN: not %{compile} --emit=loops --schedule-override=%t/key 2>&1 | FileCheck %s --check-prefix=KEY
// KEY: error: {{.*}}schedule: no kernel has the problem 'matmul:m64k32n47:f32:relu'; did you mean 'matmul:m64k32n48:f32:relu'?
// RUN: not %{compile} --emit=loops --schedule-override=%t/algorithm 2>&1 | FileCheck %s --check-prefix=ALGORITHM
// ALGORITHM: error: {{.*}}schedule: 'matmul:m64k32n48:f32' cannot be computed by 'winograd4', only by 'direct'
// RUN: not %{compile} --emit=loops --schedule-override=%t/count 2>&1 | FileCheck %s --check-prefix=COUNT
// COUNT: error: {{.*}}schedule: 'matmul:m64k32n48:f32:relu' has 1 nests, not 2
// RUN: not %{compile} --emit=loops --schedule-override=%t/loops 2>&1 | FileCheck %s --check-prefix=LOOPS
// LOOPS: error: {{.*}}schedule: 'loops' of a nest is [64, 32], but the kernel has [64, 48, 32] here
// RUN: not %{compile} --emit=loops --schedule-override=%t/vector 2>&1 | FileCheck %s --check-prefix=VECTOR
// VECTOR: error: {{.*}}schedule: 'vector' of a nest is dimension 0, which vectors cannot take
// RUN: not %{compile} --emit=loops --schedule-override=%t/lanes 2>&1 | FileCheck %s --check-prefix=LANES
// LANES: error: {{.*}}schedule: 'lanes' of a nest is 32, which is not a power of two up to 16
// RUN: not %{compile} --emit=loops --schedule-override=%t/large 2>&1 | FileCheck %s --check-prefix=LARGE
// LARGE: error: {{.*}}schedule: 'tile' of a nest has 192 vectors, more than 128
// RUN: not %{compile} --emit=loops --schedule-override=%t/order 2>&1 | FileCheck %s --check-prefix=ORDER
// ORDER: error: {{.*}}schedule: 'order' of a nest is not an order of the parallel dimensions
// RUN: not %{compile} --emit=loops --schedule-override=%t/depth 2>&1 | FileCheck %s --check-prefix=DEPTH
// DEPTH: error: {{.*}}schedule: 'depth' of a nest does not cut a reduction into equal runs
// RUN: not %{compile} --emit=loops --schedule-override=%t/tasks 2>&1 | FileCheck %s --check-prefix=TASKS
// TASKS: error: {{.*}}schedule: 'tasks' of a nest is 2, but the nest cannot be split

// More than one thread allows tasks.
// RUN: %{compile} --emit=loops --threads=2 --schedule-override=%t/tasks | FileCheck %s --check-prefix=SPLIT
// SPLIT: plan.launch @{{.*}} {tasks = 2 : i64}

//--- net.mlir
func.func @net(%x: tensor<64x32xf32> {onnx.name = "x"}, %w: tensor<32x48xf32> {onnx.name = "w"}) -> (tensor<64x48xf32> {onnx.name = "y"}) {
  %0 = cameo.matmul %x, %w : (tensor<64x32xf32>, tensor<32x48xf32>) -> tensor<64x48xf32>
  %1 = cameo.relu %0 : (tensor<64x48xf32>) -> tensor<64x48xf32>
  return %1 : tensor<64x48xf32>
}

//--- tile
{"matmul:m64k32n48:f32" = #cameo.schedule<nests = [<loops = [64, 48, 32] vector = 1 lanes = 16 tile = [2, 2, 1] column = 1>]>}
//--- syntax
{"matmul:m64k32n48:f32" = #cameo.schedule<nests = 3>}
//--- kind
{"matmul:m64k32n48:f32" = 3}
//--- key
{"matmul:m64k32n47:f32:relu" = #cameo.schedule<>}
//--- algorithm
{"matmul:m64k32n48:f32" = #cameo.schedule<algorithm = "winograd4">}
//--- count
{"matmul:m64k32n48:f32" = #cameo.schedule<nests = [<>, <>]>}
//--- loops
{"matmul:m64k32n48:f32" = #cameo.schedule<nests = [<loops = [64, 32] vector = 1 lanes = 16 tile = [1, 1]>]>}
//--- vector
{"matmul:m64k32n48:f32" = #cameo.schedule<nests = [<loops = [64, 48, 32] vector = 0 lanes = 16 tile = [1, 1, 1]>]>}
//--- lanes
{"matmul:m64k32n48:f32" = #cameo.schedule<nests = [<loops = [64, 48, 32] vector = 1 lanes = 32 tile = [1, 1, 1]>]>}
//--- large
{"matmul:m64k32n48:f32" = #cameo.schedule<nests = [<loops = [64, 48, 32] vector = 1 lanes = 16 tile = [64, 3, 1]>]>}
//--- order
{"matmul:m64k32n48:f32" = #cameo.schedule<nests = [<loops = [64, 48, 32] vector = 1 lanes = 16 tile = [1, 1, 1] order = [0, 2]>]>}
//--- depth
{"matmul:m64k32n48:f32" = #cameo.schedule<nests = [<loops = [64, 48, 32] vector = 1 lanes = 16 tile = [1, 1, 1] depth = 2 by 12>]>}
//--- tasks
{"matmul:m64k32n48:f32" = #cameo.schedule<nests = [<loops = [64, 48, 32] vector = 1 lanes = 16 tile = [1, 1, 1] tasks = 2 of 0>]>}
