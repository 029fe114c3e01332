//===- ControlOps.td - Branches and loops ---------------------*- tablegen -*-===//
//
// Operations with graphs inside. Values of the graph around them are passed in, so
// that every region stands alone.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_CONTROL_OPS
#define CAMEO_CONTROL_OPS

include "dialects/cameo/CameoBase.td"
include "dialects/cameo/TensorTypes.td"

class Cameo_ControlOp<string mnemonic, list<Trait> traits = []>
    : Op<Cameo_Dialect, mnemonic,
         !listconcat([Pure, IsolatedFromAbove, Cameo_Reference], traits)> {
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let hasVerifier = 1;
}

def Cameo_IfOp : Cameo_ControlOp<"if"> {
  let summary = "The results of one of two graphs";
  let description = [{
    Runs the first region when the condition is true, else the second. Both get
    `inputs` as the arguments of their block. What the other region would have recorded as
    an error does not happen.
    ```mlir
    %2 = cameo.if %c(%0) : (tensor<i1>, tensor<4xf32>) -> tensor<4xf32> {
    ^bb0(%x: tensor<4xf32>):
      %y = cameo.neg %x : (tensor<4xf32>) -> tensor<4xf32>
      cameo.yield %y : tensor<4xf32>
    } else {
    ^bb0(%x: tensor<4xf32>):
      cameo.yield %x : tensor<4xf32>
    }
    ```
    ONNX If (opsets 1-25) whose condition is not known while compiling.

    Constraints:
    - (C1) the condition has one element.
    - (C2) both blocks' arguments have the types of the inputs.
    - (C3) both yield values of the types of the results.
  }];
  let arguments = (ins Cameo_BoolTensor:$condition, Variadic<AnyRankedTensor>:$inputs);
  let regions = (region SizedRegion<1>:$then, SizedRegion<1>:$otherwise);
  let assemblyFormat = [{
    $condition `(` $inputs `)` attr-dict `:` functional-type(operands, results) $then `else`
    $otherwise
  }];
}

def Cameo_ChooseOp : Op<Cameo_Dialect, "choose", [Pure, Cameo_Reference]> {
  let summary = "One of two tensors";
  let description = [{
    The first operand when the condition is true, else the second. `fuse-kernels` has
    kernels whose results only one of them needs run under the condition, so that this is
    a branch around them. Without a second operand a false condition is an error.
    ```mlir
    %2 = cameo.choose %c then %0 else %1 : (tensor<i1>, tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    ```
    ONNX If (opsets 1-25) of the model's graph whose condition is not known while compiling.

    Constraints:
    - (C1) the condition has one element.
    - (C2) both tensors have the type of the result.
  }];
  let arguments = (ins Cameo_BoolTensor:$condition, AnyRankedTensor:$yes,
                       Optional<AnyRankedTensor>:$no);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = [{
    $condition `then` $yes (`else` $no^)? attr-dict `:` functional-type(operands, results)
  }];
  let hasFolder = 1;
  let hasVerifier = 1;
}

def Cameo_LoopOp : Cameo_ControlOp<"loop", [AttrSizedOperandSegments]> {
  let summary = "Repeats a graph";
  let description = [{
    Runs the region for iterations 0, 1, ... as long as there are fewer than `trips` of
    them, if that is given, and `condition`, if given, is true. Block arguments are the
    iteration, a scalar, the states, at first `states`, and `inputs`. It yields
    the condition, if there is one, the states of the next iteration, and what to collect:
    results are the last states and the collected values, stacked in a new first dimension.
    ```mlir
    %2 = cameo.loop trips(%n) states(%0) inputs(%1) : (tensor<i64>, tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32> {
    ^bb0(%i: tensor<i64>, %s: tensor<4xf32>, %x: tensor<4xf32>):
      %t = cameo.add %s, %x : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
      cameo.yield %t : tensor<4xf32>
    }
    ```
    ONNX Loop (opsets 1-25) and Scan (opsets 8-25) that are not unrolled while compiling.

    Constraints:
    - (C1) trips and condition have one element.
    - (C2) block arguments are the iteration and have the types of states and inputs.
    - (C3) yielded are the condition, values of the states' types, and `length` of those
      collected are the extents of the further results. No more iterations run; what
      fewer ones leave out may be anything.
    - (C4) there is a trip count or a condition.
  }];
  let arguments = (ins Optional<RankedTensorOf<[I64]>>:$trips,
                       Optional<Cameo_BoolTensor>:$condition,
                       Variadic<AnyRankedTensor>:$states, Variadic<AnyRankedTensor>:$inputs,
                       DefaultValuedAttr<I64Attr, "0">:$length);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    (`trips` `(` $trips^ `)`)? (`while` `(` $condition^ `)`)? (`states` `(` $states^ `)`)?
    (`inputs` `(` $inputs^ `)`)? attr-dict `:` functional-type(operands, results) $body
  }];
}

#endif // CAMEO_CONTROL_OPS
