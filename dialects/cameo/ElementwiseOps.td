//===- ElementwiseOps.td - Elementwise operators --------------*- tablegen -*-===//

#ifndef CAMEO_ELEMENTWISE_OPS
#define CAMEO_ELEMENTWISE_OPS

include "dialects/cameo/CameoBase.td"

/// Operands are broadcast against each other; the result's elements have the
/// type of the first operand's.
class Cameo_ElementwiseOp<string mnemonic, list<Trait> traits = []>
    : Cameo_Op<mnemonic, !listconcat([Cameo_Elementwise], traits)> {
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

class Cameo_UnaryOp<string mnemonic, string equation> : Cameo_ElementwiseOp<mnemonic> {
  let summary = "Elementwise " # equation;
  let arguments = (ins AnyRankedTensor:$x);
}

class Cameo_BinaryOp<string mnemonic, string equation> : Cameo_ElementwiseOp<mnemonic> {
  let summary = "Elementwise " # equation # " with broadcasting";
  let arguments = (ins AnyRankedTensor:$a, AnyRankedTensor:$b);
}

def Cameo_AddOp : Cameo_BinaryOp<"add", "a + b">;
def Cameo_MulOp : Cameo_BinaryOp<"mul", "a * b">;
def Cameo_IdentityOp : Cameo_UnaryOp<"identity", "copy of x">;
def Cameo_ReluOp : Cameo_UnaryOp<"relu", "max(x, 0)">;

#endif // CAMEO_ELEMENTWISE_OPS
