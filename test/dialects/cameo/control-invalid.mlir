// RUN: cameo-opt %s -split-input-file -verify-diagnostics

func.func @if_condition(%c: tensor<2xi1>) {
  // expected-error@+1 {{(C1) condition has 2 elements}}
  cameo.if %c() : (tensor<2xi1>) -> () {
    cameo.yield
  } else {
    cameo.yield
  }
  return
}

// -----

func.func @if_arguments(%c: tensor<i1>, %x: tensor<4xf32>) {
  // expected-error@+1 {{(C2) block arguments 'tensor<3xf32>' are not the inputs 'tensor<4xf32>'}}
  cameo.if %c(%x) : (tensor<i1>, tensor<4xf32>) -> () {
  ^bb0(%a: tensor<3xf32>):
    cameo.yield
  } else {
  ^bb0(%a: tensor<4xf32>):
    cameo.yield
  }
  return
}

// -----

func.func @if_results(%c: tensor<i1>, %x: tensor<4xf32>) {
  // expected-error@+1 {{(C3) a region does not yield 'tensor<4xf32>'}}
  %0 = cameo.if %c(%x) : (tensor<i1>, tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%a: tensor<4xf32>):
    cameo.yield %a : tensor<4xf32>
  } else {
  ^bb0(%a: tensor<4xf32>):
    cameo.yield
  }
  return
}

// -----

func.func @loop_trips(%n: tensor<2xi64>) {
  // expected-error@+1 {{(C1) trips or condition has 2 elements}}
  cameo.loop trips(%n) : (tensor<2xi64>) -> () {
  ^bb0(%i: tensor<i64>):
    cameo.yield
  }
  return
}

// -----

func.func @loop_arguments(%n: tensor<i64>) {
  // expected-error@+1 {{(C2) block arguments}}
  cameo.loop trips(%n) : (tensor<i64>) -> () {
    cameo.yield
  }
  return
}

// -----

func.func @loop_without_condition(%c: tensor<i1>) {
  // expected-error@+1 {{(C3) no condition is yielded}}
  cameo.loop while(%c) : (tensor<i1>) -> () {
  ^bb0(%i: tensor<i64>):
    cameo.yield
  }
  return
}

// -----

func.func @loop_length(%n: tensor<i64>) {
  // expected-error@+1 {{(C3) the region yields values for}}
  %0 = cameo.loop trips(%n) {length = 2 : i64} : (tensor<i64>) -> tensor<3xi64> {
  ^bb0(%i: tensor<i64>):
    cameo.yield %i : tensor<i64>
  }
  return
}

// -----

func.func @endless() {
  // expected-error@+1 {{(C4) has neither trip count nor condition}}
  cameo.loop : () -> () {
  ^bb0(%i: tensor<i64>):
    cameo.yield
  }
  return
}

// -----

func.func @choose_condition(%c: tensor<2xi1>, %x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error@+1 {{(C1) condition has 2 elements}}
  %0 = cameo.choose %c then %x else %x : (tensor<2xi1>, tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

func.func @choose_types(%c: tensor<i1>, %x: tensor<4xf32>, %y: tensor<3xf32>) -> tensor<4xf32> {
  // expected-error@+1 {{(C2) chooses from 'tensor<3xf32>' for 'tensor<4xf32>'}}
  %0 = cameo.choose %c then %x else %y : (tensor<i1>, tensor<4xf32>, tensor<3xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
