//===- StructureOps.td - Constants, kernels, views ------------*- tablegen -*-===//
//
// Operations that give a graph its structure.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_STRUCTURE_OPS
#define CAMEO_STRUCTURE_OPS

include "dialects/cameo/CameoBase.td"
include "mlir/IR/BuiltinAttributes.td"

def Cameo_ConstantOp : Cameo_Op<"constant", [ConstantLike]> {
  let summary = "A constant tensor";
  let description = [{
    ```mlir
    %0 = cameo.constant dense<[1, 2]> : tensor<2xi64>
    ```
    Large values are `dense_resource` blobs, which are neither printed nor copied.
  }];
  let arguments = (ins ElementsAttr:$value);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "attr-dict $value";
  let hasFolder = 1;
}

def Cameo_ReshapeOp : Cameo_Op<"reshape", [
    DeclareOpInterfaceMethods<Cameo_ViewOpInterface>, Cameo_Reference, Cameo_IndexMap]> {
  let summary = "The same elements in row-major order under another shape";
  let description = [{
    ```mlir
    %1 = cameo.reshape %0 {shape = array<i64: 1, 8>} : (tensor<2x4xf32>) -> tensor<1x8xf32>
    ```
    ONNX Reshape, Flatten, Squeeze and Unsqueeze.

    Constraints:
    - (C1) the number of elements stays the same.
  }];
  let arguments = (ins AnyRankedTensor:$x, DenseI64ArrayAttr:$shape);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$x attr-dict `:` functional-type($x, results)";
  let hasFolder = 1;
}

def Cameo_RelayoutOp : Op<Cameo_Dialect, "relayout", [Pure, Cameo_Reference]> {
  let summary = "The same tensor in another memory layout";
  let description = [{
    ```mlir
    %1 = cameo.relayout %0 : tensor<1x32x8x8xf32>
        to tensor<1x32x8x8xf32, #cameo.blocked<dims = [1], sizes = [16]>>
    ```
    Constraints:
    - (C1) shape and element type stay the same.
  }];
  let arguments = (ins AnyRankedTensor:$x);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$x attr-dict `:` type($x) `to` type($result)";
  let hasFolder = 1;
  let hasVerifier = 1;
}

def Cameo_CastLayoutOp : Op<Cameo_Dialect, "cast_layout", [
    Pure, DeclareOpInterfaceMethods<Cameo_ViewOpInterface>]> {
  let summary = "Another name for the layout that the bytes have already";
  let description = [{
    `relayout` where nothing has to move, such as a blocked 1x32x1x1 tensor; or the
    tensor that a plain one of the stored shape stands for.

    Constraints:
    - (C1) shape and element type stay the same, or the operand is plain and has the
      stored shape of the result.
    - (C2) both layouts store the elements in the same order.
  }];
  let arguments = (ins AnyRankedTensor:$x);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$x attr-dict `:` type($x) `to` type($result)";
  let hasVerifier = 1;
}

def Cameo_KernelOp : Op<Cameo_Dialect, "kernel", [
    IsolatedFromAbove, SingleBlock, Pure]> {
  let summary = "A region of operations computed by one kernel";
  let description = [{
    One region = one loop nest family: one root (an operation that is not elementwise)
    with its neighbours, or several that meet in rows. `rule` is the name of the fusion rule that formed it.
    ```mlir
    %2 = cameo.kernel(%0, %1) rule("elementwise") : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32> {
    ^bb0(%a: tensor<8xf32>, %b: tensor<8xf32>):
      %s = cameo.add %a, %b : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
      cameo.yield %s : tensor<8xf32>
    }
    ```

    With `guard` the last input is a condition, and the results are needed only when it
    has this value: nothing is computed when it has not.

    Constraints:
    - (C1) the block's arguments have the types of the inputs.
    - (C2) the yielded values have the types of the results.
    - (C3) with a guard the last input is one boolean.
  }];
  let arguments = (ins Variadic<AnyRankedTensor>:$inputs, StrAttr:$rule,
                       OptionalAttr<Cameo_ScheduleAttr>:$schedule,
                       OptionalAttr<BoolAttr>:$guard);
  let results = (outs Variadic<AnyRankedTensor>);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    `(` $inputs `)` `rule` `(` $rule `)` (`schedule` `(` $schedule^ `)`)?
    (`guard` `(` $guard^ `)`)? attr-dict
    `:` functional-type($inputs, results) $body
  }];
  let hasVerifier = 1;
}

def Cameo_YieldOp : Op<Cameo_Dialect, "yield", [
    Pure, Terminator, ParentOneOf<["KernelOp", "IfOp", "LoopOp"]>]> {
  let summary = "Results of a region";
  let arguments = (ins Variadic<AnyRankedTensor>:$values);
  let assemblyFormat = "($values^ `:` type($values))? attr-dict";
}

#endif // CAMEO_STRUCTURE_OPS
