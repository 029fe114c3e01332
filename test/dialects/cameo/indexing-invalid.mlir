// RUN: cameo-opt %s -split-input-file -verify-diagnostics

func.func @gather_axis(%x: tensor<2x3xf32>, %i: tensor<1xi64>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) axis 2 is not a dimension of 'tensor<2x3xf32>'}}
  %0 = cameo.gather %x, %i {axis = 2 : i64} : (tensor<2x3xf32>, tensor<1xi64>) -> tensor<2x1xf32>
  return
}

// -----

func.func @gather_from_empty(%x: tensor<2x0xf32>, %i: tensor<1xi64>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C2) no index fits the empty dimension 1 of 'tensor<2x0xf32>'}}
  %0 = cameo.gather %x, %i {axis = 1 : i64} : (tensor<2x0xf32>, tensor<1xi64>) -> tensor<2x1xf32>
  return
}

// -----

func.func @gather_index_type(%x: tensor<2xf32>, %i: tensor<1xf32>) {
  // expected-error@+1 {{operand #1 must be}}
  %0 = cameo.gather %x, %i {axis = 0 : i64} : (tensor<2xf32>, tensor<1xf32>) -> tensor<1xf32>
  return
}

// -----

func.func @elements_axis(%x: tensor<2xf32>, %i: tensor<2xi64>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) axis 1 is not a dimension of 'tensor<2xf32>'}}
  %0 = cameo.gather_elements %x, %i {axis = 1 : i64} : (tensor<2xf32>, tensor<2xi64>) -> tensor<2xf32>
  return
}

// -----

func.func @elements_of_empty(%x: tensor<0xf32>, %i: tensor<2xi64>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C2) no index fits the empty dimension 0 of 'tensor<0xf32>'}}
  %0 = cameo.gather_elements %x, %i {axis = 0 : i64} : (tensor<0xf32>, tensor<2xi64>) -> tensor<2xf32>
  return
}

// -----

func.func @elements_rank(%x: tensor<2x2xf32>, %i: tensor<2xi64>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C3) 'tensor<2xi64>' does not have the rank of 'tensor<2x2xf32>'}}
  %0 = cameo.gather_elements %x, %i {axis = 0 : i64} : (tensor<2x2xf32>, tensor<2xi64>) -> tensor<2xf32>
  return
}

// -----

func.func @elements_extent(%x: tensor<2x2xf32>, %i: tensor<2x3xi64>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C3) dimension 1 of 'tensor<2x3xi64>' is larger than that of 'tensor<2x2xf32>'}}
  %0 = cameo.gather_elements %x, %i {axis = 0 : i64} : (tensor<2x2xf32>, tensor<2x3xi64>) -> tensor<2x3xf32>
  return
}

// -----

func.func @nd_batch(%x: tensor<2x2xf32>, %i: tensor<2xi64>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) 1 batch dimensions of 'tensor<2x2xf32>' and 'tensor<2xi64>'}}
  %0 = cameo.gather_nd %x, %i {batch_dims = 1 : i64} : (tensor<2x2xf32>, tensor<2xi64>) -> tensor<2xf32>
  return
}

// -----

func.func @nd_batch_extent(%x: tensor<2x2xf32>, %i: tensor<3x1xi64>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) the first 1 dimensions of 'tensor<2x2xf32>' and 'tensor<3x1xi64>' differ}}
  %0 = cameo.gather_nd %x, %i {batch_dims = 1 : i64} : (tensor<2x2xf32>, tensor<3x1xi64>) -> tensor<3xf32>
  return
}

// -----

func.func @nd_of_empty(%x: tensor<2x0xf32>, %i: tensor<3x2xi64>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C2) no index fits the empty dimension 1 of 'tensor<2x0xf32>'}}
  %0 = cameo.gather_nd %x, %i {batch_dims = 0 : i64} : (tensor<2x0xf32>, tensor<3x2xi64>) -> tensor<3xf32>
  return
}

// -----

func.func @nd_tuple(%x: tensor<2x2xf32>, %i: tensor<3x3xi64>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C3) tuples of 3 indices into 2 dimensions of 'tensor<2x2xf32>'}}
  %0 = cameo.gather_nd %x, %i {batch_dims = 0 : i64} : (tensor<2x2xf32>, tensor<3x3xi64>) -> tensor<3xf32>
  return
}

// -----

func.func @scatter_updates(%x: tensor<4xf32>, %i: tensor<3xi64>, %u: tensor<2xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C4) updates are 'tensor<2xf32>', not 'tensor<3xf32>'}}
  %0 = cameo.scatter_elements %x, %i, %u {axis = 0 : i64, reduction = #cameo<scatter_reduction none>} : (tensor<4xf32>, tensor<3xi64>, tensor<2xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @scatter_nd_updates(%x: tensor<4x2xf32>, %i: tensor<3x1xi64>, %u: tensor<3x2xf64>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C4) updates are 'tensor<3x2xf64>', not 'tensor<3x2xf32>'}}
  %0 = cameo.scatter_nd %x, %i, %u {reduction = #cameo<scatter_reduction none>} : (tensor<4x2xf32>, tensor<3x1xi64>, tensor<3x2xf64>) -> tensor<4x2xf32>
  return
}

// -----

func.func @scatter_nd_scalar(%x: tensor<4xf32>, %i: tensor<i64>, %u: tensor<f32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) 'tensor<i64>' holds no tuples}}
  %0 = cameo.scatter_nd %x, %i, %u {reduction = #cameo<scatter_reduction none>} : (tensor<4xf32>, tensor<i64>, tensor<f32>) -> tensor<4xf32>
  return
}

// -----

func.func @scatter_booleans(%x: tensor<4xi1>, %i: tensor<3xi64>, %u: tensor<3xi1>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C5) booleans are not reduced}}
  %0 = cameo.scatter_elements %x, %i, %u {axis = 0 : i64, reduction = #cameo<scatter_reduction max>} : (tensor<4xi1>, tensor<3xi64>, tensor<3xi1>) -> tensor<4xi1>
  return
}

// -----

func.func @sequence_rank(%x: tensor<4xf32>, %l: tensor<1xi64>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) 'tensor<4xf32>' has less than two dimensions}}
  %0 = cameo.reverse_sequence %x, %l {time_axis = 0 : i64} : (tensor<4xf32>, tensor<1xi64>) -> tensor<4xf32>
  return
}

// -----

func.func @sequence_axis(%x: tensor<4x2xf32>, %l: tensor<4xi64>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) time_axis is 2, not 0 or 1}}
  %0 = cameo.reverse_sequence %x, %l {time_axis = 2 : i64} : (tensor<4x2xf32>, tensor<4xi64>) -> tensor<4x2xf32>
  return
}

// -----

func.func @sequence_lengths(%x: tensor<4x2xf32>, %l: tensor<4xi64>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C2) 'tensor<4xi64>' does not have one entry for 2 sequences}}
  %0 = cameo.reverse_sequence %x, %l {time_axis = 0 : i64} : (tensor<4x2xf32>, tensor<4xi64>) -> tensor<4x2xf32>
  return
}

// -----

func.func @top_k_axis(%x: tensor<4xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C1) axis -1 is not a dimension of 'tensor<4xf32>'}}
  %0, %1 = cameo.top_k %x {axis = -1 : i64, k = 1 : i64} : (tensor<4xf32>) -> (tensor<1xf32>, tensor<1xi64>)
  return
}

// -----

func.func @top_k_too_many(%x: tensor<4xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{(C2) k = 5 elements of dimension 0 of 'tensor<4xf32>'}}
  %0, %1 = cameo.top_k %x {axis = 0 : i64, k = 5 : i64} : (tensor<4xf32>) -> (tensor<5xf32>, tensor<5xi64>)
  return
}
