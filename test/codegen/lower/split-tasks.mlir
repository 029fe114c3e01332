// RUN: cameo-opt %s -split-tasks | FileCheck %s

// CHECK: plan.launch @k_0(%[[X:.*]], %[[Y:.*]]) :
// CHECK-NEXT: plan.launch @k_1(%[[X]], %[[Y]]) {tasks = 4 : i64}
// CHECK-NEXT: plan.launch @only_tasks(%[[X]], %[[Y]]) {tasks = 2 : i64}
// CHECK-NEXT: plan.launch @plain(%[[X]], %[[Y]]) :
plan.model @net attributes {arena_bytes = 64 : i64, weight_bytes = 0 : i64,
    input_names = ["x"], input_types = [tensor<4xf32>],
    output_names = ["y"], output_types = [tensor<4xf32>]} {
  %x = plan.buffer input[0] : memref<4xf32>
  %y = plan.buffer output[0] : memref<4xf32>
  plan.launch @k(%x, %y) : (memref<4xf32>, memref<4xf32>) -> ()
  plan.launch @only(%x, %y) : (memref<4xf32>, memref<4xf32>) -> ()
  plan.launch @plain(%x, %y) : (memref<4xf32>, memref<4xf32>) -> ()
}

// What the first phase reads and computes does not stay in the second.
// CHECK: func.func private @k_0(%{{.*}}: memref<4xf32>, %{{.*}}: memref<4xf32>)
// CHECK: memref.load
// CHECK-NEXT: arith.mulf
// CHECK-NEXT: memref.store
// CHECK-NEXT: return
// CHECK: func.func private @k_1(%[[X:.*]]: memref<4xf32>, %[[Y:.*]]: memref<4xf32>, %[[TASK:.*]]: index)
// CHECK-NOT: arith.mulf
// CHECK: memref.load %[[X]][%[[TASK]]]
// CHECK-NEXT: memref.store %{{.*}}, %[[Y]][%[[TASK]]]
// CHECK-NEXT: return
func.func private @k(%x: memref<4xf32>, %y: memref<4xf32>) attributes {plan.kernel = {}} {
  %c0 = arith.constant 0 : index
  %0 = memref.load %x[%c0] : memref<4xf32>
  %1 = arith.mulf %0, %0 : f32
  memref.store %1, %y[%c0] : memref<4xf32>
  scf.forall (%i) in (4) {
    %2 = memref.load %x[%i] : memref<4xf32>
    memref.store %2, %y[%i] : memref<4xf32>
  }
  return
}

// CHECK: func.func private @only_tasks(%{{.*}}: memref<4xf32>, %{{.*}}: memref<4xf32>, %{{.*}}: index)
func.func private @only(%x: memref<4xf32>, %y: memref<4xf32>) attributes {plan.kernel = {}} {
  scf.forall (%i) in (2) {
    %2 = memref.load %x[%i] : memref<4xf32>
    memref.store %2, %y[%i] : memref<4xf32>
  }
  return
}

// CHECK: func.func private @plain(%{{.*}}: memref<4xf32>, %{{.*}}: memref<4xf32>) attributes
func.func private @plain(%x: memref<4xf32>, %y: memref<4xf32>) attributes {plan.kernel = {}} {
  memref.copy %x, %y : memref<4xf32> to memref<4xf32>
  return
}
