// RUN: cameo-opt %s -expand-math | FileCheck %s

// CHECK-LABEL: @vectors(
func.func private @vectors(%x: vector<8xf32>) -> vector<8xf32> attributes {plan.kernel = {}} {
  // CHECK-NOT: math.{{exp|tanh|log|erf|sin|cos}}
  // CHECK: math.fma
  %0 = math.exp %x : vector<8xf32>
  %1 = math.tanh %0 : vector<8xf32>
  %2 = math.erf %1 : vector<8xf32>
  %3 = math.log %2 : vector<8xf32>
  // CHECK: return
  return %3 : vector<8xf32>
}

// What has no polynomial calls the C library.
// CHECK-LABEL: @doubles(
func.func private @doubles(%x: f64) -> f64 attributes {plan.kernel = {}} {
  // CHECK: math.exp
  %0 = math.exp %x : f64
  return %0 : f64
}

// CHECK-LABEL: @host(
func.func @host(%x: vector<8xf32>) -> vector<8xf32> {
  // CHECK: math.exp
  %0 = math.exp %x : vector<8xf32>
  return %0 : vector<8xf32>
}
