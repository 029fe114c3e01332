//===- Plan.td - The plan dialect -----------------------------*- tablegen -*-===//
//
// Buffer level: what runs in which order on which bytes. Host side of a compiled
// model: no tensors are computed here, kernels are only launched.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_PLAN
#define CAMEO_PLAN

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Plan_Dialect : Dialect {
  let name = "plan";
  let cppNamespace = "::cameo::plan";
  let summary = "Memory plan and launch sequence of a compiled model";
  let description = [{
    A `plan.model` holds the packed constants of a model (`plan.data`), names
    byte ranges of the arena, the constants, the inputs and the outputs
    (`plan.buffer`), and launches kernels on them in order (`plan.launch`).
    Both back ends read this form; nothing allocates any more.
  }];
  let useDefaultAttributePrinterParser = 1;
}

class Plan_Op<string mnemonic, list<Trait> traits = []>
    : Op<Plan_Dialect, mnemonic, traits>;

def Plan_Space : I32EnumAttr<"Space", "where a buffer lives", [
    I32EnumAttrCase<"arena", 0>,
    I32EnumAttrCase<"weights", 1>,
    I32EnumAttrCase<"input", 2>,
    I32EnumAttrCase<"output", 3>]> {
  let cppNamespace = "::cameo::plan";
}

def Plan_ExtentAttr : AttrDef<Plan_Dialect, "Extent"> {
  let mnemonic = "extent";
  let summary = "A bounded extent of an input or output and its place at run time";
  let description = [{
    `#plan.extent<0[1] at 64, least 1>`: dimension 1 of tensor 0, an `i64` at
    byte 64 of the arena. The greatest value is the extent of the tensor's type.
  }];
  let parameters = (ins "int64_t":$tensor, "int64_t":$dim, "int64_t":$position,
                        "int64_t":$least);
  let assemblyFormat = [{
    `<` $tensor `[` $dim `]` `at` $position `,` `least` $least `>`
  }];
}

def Plan_CacheAttr : AttrDef<Plan_Dialect, "Cache"> {
  let mnemonic = "cache";
  let summary = "An input that is stored as the output that it grows to";
  let description = [{
    `#plan.cache<1 in 0[2]>`: input 1 is stored with the strides of output 0, along
    whose dimension 2 there is room for more. Kernels find it in the buffer of the
    output: when a caller gives it another one, the host copies it there first.
  }];
  let parameters = (ins "int64_t":$input, "int64_t":$output, "int64_t":$dim);
  let assemblyFormat = "`<` $input `in` $output `[` $dim `]` `>`";
}

def Plan_BoundAttr : AttrDef<Plan_Dialect, "Bound"> {
  let mnemonic = "bound";
  let summary = "Where a loop of a kernel may end early";
  let description = [{
    `#plan.bound<()[s0] -> (s0 * 2 + 1), 3>`: nobody reads what a
    parallel loop computes from this index on, and a reduction adds nothing;
    `s0` is the number in the kernel's argument 3, a scalar tensor.
  }];
  let parameters = (ins "::mlir::AffineMap":$map, "unsigned":$argument);
  let assemblyFormat = "`<` $map `,` $argument `>`";
}

def Plan_ExtentArrayAttr : TypedArrayAttrBase<Plan_ExtentAttr, "extents">;

def Plan_CacheArrayAttr : TypedArrayAttrBase<Plan_CacheAttr, "caches">;

def Plan_ModelOp : Plan_Op<"model", [
    Symbol, IsolatedFromAbove, SingleBlock, NoTerminator, NoRegionArguments]> {
  let summary = "One compiled model: its interface and its launch sequence";
  let description = [{
    ```mlir
    plan.model @net {arena_bytes = 4096 : i64, weight_bytes = 64 : i64,
        input_names = ["x"], input_types = [tensor<1x8xf32>],
        output_names = ["y"], output_types = [tensor<1x8xf32>]} {
      plan.data 0 = dense<1.0> : tensor<16xf32>
      %x = plan.buffer input[0] : memref<1x8xf32>
      %w = plan.buffer weights[0] : memref<16xf32>
      %y = plan.buffer output[0] : memref<1x8xf32>
      plan.launch @kernel_0(%x, %w, %y) : memref<1x8xf32>, memref<16xf32>, memref<1x8xf32>
    }
    ```
    The first 64 bytes of the arena are the status cell (see `plan.buffer`).
    Input and output types are ONNX types: unsigned integers are `ui8` ...,
    booleans are `i1` (one byte each in memory).

    Extents that are bounded, not fixed: the types have the upper bounds. Before
    the first launch the host writes what `input_extents` name from the shapes
    of the inputs into the arena, in order; one that has the position of the one
    before it must have the same value. After the last launch it writes what
    `output_extents` name into the shapes of the outputs.

    Constraints:
    - (C1) one name per input and output type.
    - (C2) arena and weight ranges of buffers lie within `arena_bytes` and
      `weight_bytes`; input and output indices are in range.
    - (C3) extents name dimensions that exist, with a least value of at most the
      upper bound, and aligned positions behind the status cell.
    - (C4) caches name every input and output at most once; the types of the two are
      equal but for the named dimension, of which the output has at least as much.
  }];
  let arguments = (ins
    SymbolNameAttr:$sym_name, I64Attr:$arena_bytes, I64Attr:$weight_bytes,
    StrArrayAttr:$input_names, TypeArrayAttr:$input_types,
    StrArrayAttr:$output_names, TypeArrayAttr:$output_types,
    OptionalAttr<Plan_ExtentArrayAttr>:$input_extents,
    OptionalAttr<Plan_ExtentArrayAttr>:$output_extents,
    OptionalAttr<Plan_CacheArrayAttr>:$caches);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$sym_name attr-dict-with-keyword $body";
  let hasVerifier = 1;
}

def Plan_DataOp : Plan_Op<"data", [HasParent<"ModelOp">]> {
  let summary = "Constant bytes at an offset of the weights";
  let arguments = (ins I64Attr:$offset, ElementsAttr:$value);
  let assemblyFormat = "$offset `=` $value attr-dict";
}

def Plan_BufferOp : Plan_Op<"buffer", [Pure, HasParent<"ModelOp">]> {
  let summary = "A byte range of the arena, the weights, an input or an output";
  let description = [{
    `position` is a byte offset for the arena and the weights, an index for
    inputs and outputs. The arena's first bytes are the status cell, an `i32`
    that is 0 when a run begins and in which kernels record a
    `cameo_status`: `plan.buffer arena[0] : memref<1xi32>`.
  }];
  let arguments = (ins Plan_Space:$space, I64Attr:$position);
  let results = (outs AnyStaticShapeMemRef:$result);
  let assemblyFormat = "$space `[` $position `]` attr-dict `:` type($result)";
}

def Plan_LaunchOp : Plan_Op<"launch"> {
  let summary = "Run a kernel function";
  let description = [{
    Two forms. Before memory is planned, operands and results are tensors:
    ```mlir
    %1 = plan.launch @kernel_0(%0) : (tensor<8xf32>) -> tensor<8xf32>
    ```
    Afterwards operands are buffers, results' buffers last, and there are no
    results. `tasks` > 1 runs the kernel once for every task index, in any order
    and concurrently; the index is the kernel's last argument.

    Constraints:
    - (C1) operands and results are all tensors, or operands are all memrefs and
      there are no results.
  }];
  let arguments = (ins FlatSymbolRefAttr:$kernel, Variadic<AnyType>:$args,
                       DefaultValuedAttr<I64Attr, "1">:$tasks);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = [{
    $kernel `(` $args `)` attr-dict `:` functional-type($args, $results)
  }];
  let hasVerifier = 1;
}

#endif // CAMEO_PLAN
