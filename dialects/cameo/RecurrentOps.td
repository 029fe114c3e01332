//===- RecurrentOps.td - Recurrent networks -------------------*- tablegen -*-===//

#ifndef CAMEO_RECURRENT_OPS
#define CAMEO_RECURRENT_OPS

include "dialects/cameo/CameoBase.td"
include "dialects/cameo/TensorTypes.td"

def Cameo_LengthTensor : RankedTensorOf<[I32, I64]>;

/// One direction of a recurrent network. What does not depend on the state, the
/// product of the inputs and their weights plus biases, is an operand, because it is
/// one matrix product for all steps.
class Cameo_RecurrentOp<string mnemonic, dag states, dag more, dag moreAttrs,
                        list<Trait> traits = [AttrSizedOperandSegments]>
    : Cameo_Op<mnemonic, !listconcat([Cameo_Reference, Cameo_Cost], traits)> {
  let arguments = !con((ins Cameo_FloatTensor:$x, Cameo_FloatTensor:$weights), states,
                       (ins Optional<Cameo_LengthTensor>:$lengths), more,
                       (ins Cameo_ActivationArrayAttr:$activations,
                            DenseF64ArrayAttr:$alphas, DenseF64ArrayAttr:$betas,
                            OptionalAttr<F64Attr>:$clip, UnitAttr:$reverse), moreAttrs);
}

def Cameo_RnnOp : Cameo_RecurrentOp<"rnn",
    (ins Cameo_FloatTensor:$h), (ins), (ins), []> {
  let summary = "One direction of a simple recurrent network";
  let description = [{
    For every step `t` (from the last one on under `reverse`)
    `h = f(clip(x[t] + h * weights))` and `y[t] = h`. `x` is [steps, batch, hidden],
    `weights` [hidden, hidden], `h` [batch, hidden]. Steps beyond the `lengths` of a
    sequence leave its state alone, and its `y` is zero. Under the attribute
    `cameo.same_lengths`, all lengths are the same and `y` beyond them may be anything: the
    loop ends there. Results are y and the last h.
    ```mlir
    %y, %last = cameo.rnn x(%0), %1, h(%2) {activations = [#cameo<activation tanh>], alphas = array<f64: 0.0>, betas = array<f64: 0.0>} : (tensor<5x2x4xf32>, tensor<4x4xf32>, tensor<2x4xf32>) -> (tensor<5x2x4xf32>, tensor<2x4xf32>)
    ```
    ONNX RNN (opsets 7-22), a direction of it. Half precision is computed in f32.

    Constraints:
    - (C1) shapes fit each other, with one block of columns in `x` and `weights` per
      gate.
    - (C2) there are as many activations, alphas and betas as the operator has.
  }];
  let results = (outs AnyRankedTensor:$y, AnyRankedTensor:$h_last);
  let assemblyFormat = [{
    `x` `(` $x `)` `,` $weights `,` `h` `(` $h `)` (`lengths` `(` $lengths^ `)`)?
    attr-dict `:` functional-type(operands, results)
  }];
}

def Cameo_GruOp : Cameo_RecurrentOp<"gru",
    (ins Cameo_FloatTensor:$h), (ins Optional<Cameo_FloatTensor>:$hidden_bias),
    (ins UnitAttr:$linear_before_reset)> {
  let summary = "One direction of a network of gated recurrent units";
  let description = [{
    As `rnn` with gates z, r and n in three blocks of columns of `x` and `weights`:
    `z = f(x_z + h * w_z)`, `r = f(x_r + h * w_r)`, `n = g(x_n + (r . h) * w_n)` or under
    `linear_before_reset` `n = g(x_n + r . (h * w_n + hidden_bias))`; then
    `h = (1 - z) . n + z . h`.
    ```mlir
    %y, %last = cameo.gru x(%0), %1, h(%2) {activations = [#cameo<activation sigmoid>, #cameo<activation tanh>], alphas = array<f64: 0.0, 0.0>, betas = array<f64: 0.0, 0.0>} : (tensor<5x2x12xf32>, tensor<4x12xf32>, tensor<2x4xf32>) -> (tensor<5x2x4xf32>, tensor<2x4xf32>)
    ```
    ONNX GRU (opsets 7-22), a direction of it.

    Constraints:
    - (C1), (C2) as of `rnn`.
  }];
  let results = (outs AnyRankedTensor:$y, AnyRankedTensor:$h_last);
  let assemblyFormat = [{
    `x` `(` $x `)` `,` $weights `,` `h` `(` $h `)` (`lengths` `(` $lengths^ `)`)?
    (`hidden_bias` `(` $hidden_bias^ `)`)? attr-dict `:`
    functional-type(operands, results)
  }];
}

def Cameo_LstmOp : Cameo_RecurrentOp<"lstm",
    (ins Cameo_FloatTensor:$h, Cameo_FloatTensor:$c),
    (ins Optional<Cameo_FloatTensor>:$peepholes), (ins UnitAttr:$input_forget)> {
  let summary = "One direction of a network of long short-term memories";
  let description = [{
    As `rnn` with gates i, o, f and g in four blocks of columns of `x` and `weights`,
    and a second state `c`: `i = f(x_i + h * w_i + p_i . c)`,
    `f = f(x_f + h * w_f + p_f . c)` (`1 - i` under `input_forget`),
    `c = f . c + i . g(x_g + h * w_g)`, `o = f(x_o + h * w_o + p_o . c)`,
    `h = o . h(c)`. `peepholes` are p_i, p_o and p_f. Results are y, the last h and the
    last c.
    ```mlir
    %y, %h, %c = cameo.lstm x(%0), %1, h(%2), c(%3) {activations = [#cameo<activation sigmoid>, #cameo<activation tanh>, #cameo<activation tanh>], alphas = array<f64: 0.0, 0.0, 0.0>, betas = array<f64: 0.0, 0.0, 0.0>} : (tensor<5x2x16xf32>, tensor<4x16xf32>, tensor<2x4xf32>, tensor<2x4xf32>) -> (tensor<5x2x4xf32>, tensor<2x4xf32>, tensor<2x4xf32>)
    ```
    ONNX LSTM (opsets 7-22), a direction of it.

    Constraints:
    - (C1), (C2) as of `rnn`.
  }];
  let results = (outs AnyRankedTensor:$y, AnyRankedTensor:$h_last,
                      AnyRankedTensor:$c_last);
  let assemblyFormat = [{
    `x` `(` $x `)` `,` $weights `,` `h` `(` $h `)` `,` `c` `(` $c `)`
    (`lengths` `(` $lengths^ `)`)? (`peepholes` `(` $peepholes^ `)`)? attr-dict `:`
    functional-type(operands, results)
  }];
}

#endif // CAMEO_RECURRENT_OPS
