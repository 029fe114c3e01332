//===- ElementwiseOps.td - Elementwise operators --------------*- tablegen -*-===//
//
// One line per operator where nothing but the scalar body differs; bodies are in
// ArithmeticOps.cpp, LogicOps.cpp, ActivationOps.cpp, TranscendentalOps.cpp and
// ConversionOps.cpp, simplifications in ElementwiseFolds.cpp.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_ELEMENTWISE_OPS
#define CAMEO_ELEMENTWISE_OPS

include "dialects/cameo/CameoBase.td"
include "dialects/cameo/TensorTypes.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"

/// Operands are broadcast against each other. The result's elements have the type
/// of those of operand `like`, which all later operands share; when `like` is -1,
/// they are booleans and all operands share one type. `flops` per element are
/// rough weights for cost reports.
class Cameo_ElementwiseOp<string mnemonic, int like = 0, int flops = 1>
    : Cameo_Op<mnemonic, [Cameo_Elementwise]> {
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
  let extraClassDeclaration =
      "int64_t getFlopsPerElement() { return " # flops # "; }";
  let extraClassDefinition = [{
    ::llvm::LogicalResult $cppClass::inferReturnTypes(
        ::mlir::MLIRContext *, ::std::optional<::mlir::Location> loc,
        Adaptor adaptor, ::llvm::SmallVectorImpl<::mlir::Type> &types) {
      return ::cameo::inferElementwise(loc, adaptor.getOperands(), }] # like # [{, types);
    }
  }];
}

class Cameo_UnaryOp<string mnemonic, string equation, string onnx,
                    Type type = Cameo_FloatTensor, int flops = 1, int like = 0>
    : Cameo_ElementwiseOp<mnemonic, like, flops> {
  let summary = "Elementwise " # equation;
  let description = "Every element of the result is " # equation # [{.
    ```mlir
    %1 = cameo.}] # mnemonic # [{ %0 : (tensor<2x3xT>) -> tensor<2x3xT>
    ```
    ONNX }] # onnx # ".\n";
  let arguments = (ins type:$x);
}

class Cameo_BinaryOp<string mnemonic, string equation, string onnx,
                     Type type = Cameo_NumberTensor, int like = 0>
    : Cameo_ElementwiseOp<mnemonic, like> {
  let summary = "Elementwise " # equation # " with broadcasting";
  let description = "Every element of the result is " # equation # [{; operands are broadcast.
    ```mlir
    %2 = cameo.}] # mnemonic # [{ %0, %1 : (tensor<2x3xT>, tensor<3xT>) -> tensor<2x3xT>
    ```
    ONNX }] # onnx # [{.

    Constraints:
    - (C1) element types are equal.
    - (C2) shapes can be broadcast.
  }];
  let arguments = (ins type:$a, type:$b);
}

/// A floating-point parameter with ONNX's default.
class Cameo_F32Default<string value> : DefaultValuedAttr<F32Attr, value>;

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

let hasFolder = 1 in {
def Cameo_AddOp : Cameo_BinaryOp<"add", "a + b", "Add (opsets 1-14), Sum">;
def Cameo_SubOp : Cameo_BinaryOp<"sub", "a - b", "Sub (opsets 1-14)">;
def Cameo_MulOp : Cameo_BinaryOp<"mul", "a * b", "Mul (opsets 1-14)">;
def Cameo_DivOp : Cameo_BinaryOp<"div",
    "a / b (integers: truncated; division by zero is an error)", "Div (opsets 1-14)">;
def Cameo_MaxOp : Cameo_BinaryOp<"max", "the larger of a and b, NaN when one is",
    "Max (opsets 1-13)">;
def Cameo_MinOp : Cameo_BinaryOp<"min", "the smaller of a and b, NaN when one is",
    "Min (opsets 1-13)">;
def Cameo_NegOp : Cameo_UnaryOp<"neg", "-x", "Neg (opsets 1-13)", Cameo_NumberTensor>;
def Cameo_AbsOp : Cameo_UnaryOp<"abs", "|x|", "Abs (opsets 1-13)", Cameo_NumberTensor>;
def Cameo_CeilOp : Cameo_UnaryOp<"ceil", "the least integer not below x", "Ceil (opsets 1-13)">;
def Cameo_FloorOp : Cameo_UnaryOp<"floor", "the greatest integer not above x", "Floor (opsets 1-13)">;
def Cameo_RoundOp : Cameo_UnaryOp<"round", "the nearest integer, ties to even", "Round (opsets 11-22)">;
def Cameo_SignOp : Cameo_UnaryOp<"sign", "-1, 0 or 1 by the sign of x", "Sign (opsets 9-13)",
    Cameo_NumberTensor>;
}
def Cameo_ReciprocalOp : Cameo_UnaryOp<"reciprocal", "1 / x", "Reciprocal (opsets 1-13)",
    Cameo_FloatTensor, 4>;

def Cameo_ModOp : Cameo_BinaryOp<"mod",
    "the remainder of a / b, with the sign of b, or of a under `fmod`", "Mod (opsets 10-13)"> {
  let arguments = (ins Cameo_NumberTensor:$a, Cameo_NumberTensor:$b, UnitAttr:$fmod);
}

def Cameo_PowOp : Cameo_ElementwiseOp<"pow", 0, 20> {
  let summary = "Elementwise a to the power b with broadcasting";
  let description = [{
    Every element of the result is a to the power b; operands are broadcast.
    ```mlir
    %2 = cameo.pow %0, %1 : (tensor<2x3xf32>, tensor<3xi64>) -> tensor<2x3xf32>
    ```
    ONNX Pow (opsets 1-15). The result has the elements of `a`. An integer to an
    integer wraps around; an integer to a float is computed in f64 and saturates.

    Constraints:
    - (C1) shapes can be broadcast.
  }];
  let arguments = (ins Cameo_NumberTensor:$a, Cameo_NumberTensor:$b);
  let hasCanonicalizeMethod = 1;
  let extraClassDefinition = [{
    ::llvm::LogicalResult $cppClass::inferReturnTypes(
        ::mlir::MLIRContext *, ::std::optional<::mlir::Location> loc,
        Adaptor adaptor, ::llvm::SmallVectorImpl<::mlir::Type> &types) {
      return ::cameo::inferElementwise(loc, adaptor.getOperands(), 0, types,
                                       /*mixed=*/true);
    }
  }];
}

def Cameo_ClipOp : Cameo_ElementwiseOp<"clip", 0, 2> {
  let summary = "Elementwise min(max(x, lo), hi)";
  let description = [{
    Every element of the result is x, but not below `lo` and not above `hi`, which
    wins when they cross; NaN stays.
    ```mlir
    %1 = cameo.clip %0 {lo = 0.0 : f32, hi = 6.0 : f32} : (tensor<2x3xf32>) -> tensor<2x3xf32>
    ```
    ONNX Clip (opsets 1-13) with constant bounds; others are `max` and `min`.

    Constraints:
    - (C1) bounds have the type of the elements of `x`.
  }];
  let arguments = (ins Cameo_NumberTensor:$x, OptionalAttr<TypedAttrInterface>:$lo,
                       OptionalAttr<TypedAttrInterface>:$hi);
  let hasFolder = 1;
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Comparison and logic
//===----------------------------------------------------------------------===//

def Cameo_EqualOp : Cameo_BinaryOp<"equal", "a == b", "Equal (opsets 1-19)",
    Cameo_NumberOrBoolTensor, -1>;
def Cameo_LessOp : Cameo_BinaryOp<"less", "a < b", "Less (opsets 1-13)",
    Cameo_NumberTensor, -1>;
def Cameo_LessOrEqualOp : Cameo_BinaryOp<"less_or_equal", "a <= b",
    "LessOrEqual (opsets 12-16)", Cameo_NumberTensor, -1>;
def Cameo_GreaterOp : Cameo_BinaryOp<"greater", "a > b", "Greater (opsets 1-13)",
    Cameo_NumberTensor, -1>;
def Cameo_GreaterOrEqualOp : Cameo_BinaryOp<"greater_or_equal", "a >= b",
    "GreaterOrEqual (opsets 12-16)", Cameo_NumberTensor, -1>;
let hasFolder = 1 in {
def Cameo_AndOp : Cameo_BinaryOp<"and", "a and b", "And (opsets 1-7)", Cameo_BoolTensor>;
def Cameo_OrOp : Cameo_BinaryOp<"or", "a or b", "Or (opsets 1-7)", Cameo_BoolTensor>;
def Cameo_NotOp : Cameo_UnaryOp<"not", "not x", "Not (opset 1)", Cameo_BoolTensor>;
def Cameo_BitwiseAndOp : Cameo_BinaryOp<"bitwise_and", "a & b",
    "BitwiseAnd (opset 18)", Cameo_IntegerTensor>;
def Cameo_BitwiseOrOp : Cameo_BinaryOp<"bitwise_or", "a | b",
    "BitwiseOr (opset 18)", Cameo_IntegerTensor>;
def Cameo_BitwiseNotOp : Cameo_UnaryOp<"bitwise_not", "~x", "BitwiseNot (opset 18)",
    Cameo_IntegerTensor>;
}
def Cameo_XorOp : Cameo_BinaryOp<"xor", "a xor b", "Xor (opsets 1-7)", Cameo_BoolTensor>;
def Cameo_BitwiseXorOp : Cameo_BinaryOp<"bitwise_xor", "a ^ b",
    "BitwiseXor (opset 18)", Cameo_IntegerTensor>;

def Cameo_BitShiftOp : Cameo_BinaryOp<"bit_shift",
    "a shifted by b bits to the left, or to the right under `right`; zero from the width on",
    "BitShift (opset 11)", Cameo_UnsignedTensor> {
  let arguments = (ins Cameo_UnsignedTensor:$a, Cameo_UnsignedTensor:$b, UnitAttr:$right);
}

def Cameo_IsNaNOp : Cameo_UnaryOp<"is_nan", "whether x is NaN", "IsNaN (opsets 9-20)",
    Cameo_FloatTensor, 1, -1>;

def Cameo_IsInfOp : Cameo_UnaryOp<"is_inf",
    "whether x is an infinity of a sign that is to be detected", "IsInf (opsets 10-20)",
    Cameo_FloatTensor, 1, -1> {
  let arguments = (ins Cameo_FloatTensor:$x,
                       DefaultValuedAttr<BoolAttr, "true">:$negative,
                       DefaultValuedAttr<BoolAttr, "true">:$positive);
}

def Cameo_WhereOp : Cameo_ElementwiseOp<"where", 1> {
  let summary = "Elementwise a where the condition holds, b elsewhere";
  let description = [{
    Every element of the result is a or b; operands are broadcast.
    ```mlir
    %3 = cameo.where %c, %a, %b : (tensor<3xi1>, tensor<2x3xf32>, tensor<f32>) -> tensor<2x3xf32>
    ```
    ONNX Where (opsets 9-16).

    Constraints:
    - (C1) `a` and `b` have the same element type.
    - (C2) shapes can be broadcast.
  }];
  let arguments = (ins Cameo_BoolTensor:$condition, Cameo_NumberOrBoolTensor:$a,
                       Cameo_NumberOrBoolTensor:$b);
  let hasFolder = 1;
}

//===----------------------------------------------------------------------===//
// Activations
//===----------------------------------------------------------------------===//

let hasFolder = 1 in
def Cameo_ReluOp : Cameo_UnaryOp<"relu", "max(x, 0)", "Relu (opsets 1-14)", Cameo_NumberTensor>;
def Cameo_SigmoidOp : Cameo_UnaryOp<"sigmoid", "1 / (1 + exp(-x))",
    "Sigmoid (opsets 1-13)", Cameo_FloatTensor, 16>;
def Cameo_SoftplusOp : Cameo_UnaryOp<"softplus", "log(1 + exp(x))",
    "Softplus (opsets 1-22)", Cameo_FloatTensor, 24>;
def Cameo_SoftsignOp : Cameo_UnaryOp<"softsign", "x / (1 + |x|)",
    "Softsign (opsets 1-22)", Cameo_FloatTensor, 6>;
def Cameo_HardSwishOp : Cameo_UnaryOp<"hard_swish", "x * max(0, min(1, x / 6 + 1 / 2))",
    "HardSwish (opsets 14-22)", Cameo_FloatTensor, 4>;
def Cameo_MishOp : Cameo_UnaryOp<"mish", "x * tanh(log(1 + exp(x)))",
    "Mish (opsets 18-22)", Cameo_FloatTensor, 40>;

/// An activation with parameters.
class Cameo_ParametricOp<string mnemonic, string equation, string onnx, int flops, dag parameters>
    : Cameo_UnaryOp<mnemonic, equation, onnx, Cameo_FloatTensor, flops> {
  let arguments = !con((ins Cameo_FloatTensor:$x), parameters);
}

def Cameo_LeakyReluOp : Cameo_ParametricOp<"leaky_relu", "x if x >= 0, else alpha * x",
    "LeakyRelu (opsets 1-16)", 2, (ins Cameo_F32Default<"0.01f">:$alpha)>;
def Cameo_EluOp : Cameo_ParametricOp<"elu", "x if x >= 0, else alpha * (exp(x) - 1)",
    "Elu (opsets 1-22)", 16, (ins Cameo_F32Default<"1.0f">:$alpha)>;
def Cameo_SeluOp : Cameo_ParametricOp<"selu",
    "gamma * x if x > 0, else gamma * (alpha * exp(x) - alpha)", "Selu (opsets 1-22)", 16,
    (ins Cameo_F32Default<"1.67326319217681884765625f">:$alpha,
         Cameo_F32Default<"1.05070102214813232421875f">:$gamma)>;
def Cameo_CeluOp : Cameo_ParametricOp<"celu",
    "max(0, x) + min(0, alpha * (exp(x / alpha) - 1))", "Celu (opset 12)", 18,
    (ins Cameo_F32Default<"1.0f">:$alpha)>;
def Cameo_ThresholdedReluOp : Cameo_ParametricOp<"thresholded_relu", "x if x > alpha, else 0",
    "ThresholdedRelu (opsets 10-22)", 1, (ins Cameo_F32Default<"1.0f">:$alpha)>;
def Cameo_HardSigmoidOp : Cameo_ParametricOp<"hard_sigmoid",
    "max(0, min(1, alpha * x + beta))", "HardSigmoid (opsets 1-22)", 4,
    (ins Cameo_F32Default<"0.2f">:$alpha, Cameo_F32Default<"0.5f">:$beta)>;
def Cameo_GeluOp : Cameo_ParametricOp<"gelu",
    "x / 2 * (1 + erf(x / sqrt(2))), or its tanh form under `tanh`", "Gelu (opset 20)", 24,
    (ins UnitAttr:$tanh)>;
def Cameo_SwishOp : Cameo_ParametricOp<"swish", "x * sigmoid(alpha * x)",
    "Swish (opset 24)", 18, (ins Cameo_F32Default<"1.0f">:$alpha)>;
def Cameo_ShrinkOp : Cameo_ParametricOp<"shrink",
    "x + bias if x < -lambd, x - bias if x > lambd, else 0", "Shrink (opset 9)", 3,
    (ins Cameo_F32Default<"0.0f">:$bias, Cameo_F32Default<"0.5f">:$lambd)>;

def Cameo_PReluOp : Cameo_ElementwiseOp<"prelu", 0, 2> {
  let summary = "Elementwise x if x >= 0, else slope * x";
  let description = [{
    Every element of the result is x if x >= 0, else slope * x; the slope is
    broadcast to x.
    ```mlir
    %2 = cameo.prelu %0, %1 : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
    ```
    ONNX PRelu (opsets 1-16).

    Constraints:
    - (C1) element types are equal.
    - (C2) the slope can be broadcast to the shape of `x`.
  }];
  let arguments = (ins Cameo_NumberTensor:$x, Cameo_NumberTensor:$slope);
  // inferReturnTypes is in ElementwiseOps.cpp.
  let extraClassDefinition = "";
}

def Cameo_BatchNormOp : Cameo_Op<"batch_norm", [
    DeclareOpInterfaceMethods<Cameo_ElementwiseOpInterface, ["getOperandMap"]>]> {
  let summary = "Normalisation by known statistics of each channel";
  let description = [{
    Every element of the result is (x - mean) * (scale / sqrt(var + epsilon)) + bias,
    where all but x depend on the channel, the second dimension, alone.
    ```mlir
    %1 = cameo.batch_norm %0, %scale, %bias, %mean, %var {epsilon = 1.0e-05 : f32}
        : (tensor<1x8x4x4xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<1x8x4x4xf32>
    ```
    ONNX BatchNormalization (opsets 1-15) at inference.

    Constraints:
    - (C1) `scale`, `bias`, `mean` and `var` have one element per channel (the
      second dimension; a vector has one channel).
  }];
  let arguments = (ins Cameo_FloatTensor:$x, Cameo_FloatTensor:$scale,
                       Cameo_FloatTensor:$bias, Cameo_FloatTensor:$mean,
                       Cameo_FloatTensor:$var, Cameo_F32Default<"1.0e-05f">:$epsilon);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
  let extraClassDeclaration = "int64_t getFlopsPerElement() { return 4; }";
}

//===----------------------------------------------------------------------===//
// Transcendental functions
//===----------------------------------------------------------------------===//

def Cameo_SqrtOp : Cameo_UnaryOp<"sqrt", "the square root of x", "Sqrt (opsets 1-13)", Cameo_FloatTensor, 4>;
def Cameo_ExpOp : Cameo_UnaryOp<"exp", "e to the power x", "Exp (opsets 1-13)", Cameo_FloatTensor, 14>;
def Cameo_LogOp : Cameo_UnaryOp<"log", "the natural logarithm of x", "Log (opsets 1-13)", Cameo_FloatTensor, 16>;
def Cameo_ErfOp : Cameo_UnaryOp<"erf", "the error function of x", "Erf (opsets 9-13)", Cameo_FloatTensor, 20>;
def Cameo_SinOp : Cameo_UnaryOp<"sin", "the sine of x", "Sin (opsets 7-22)", Cameo_FloatTensor, 16>;
def Cameo_CosOp : Cameo_UnaryOp<"cos", "the cosine of x", "Cos (opsets 7-22)", Cameo_FloatTensor, 16>;
def Cameo_TanOp : Cameo_UnaryOp<"tan", "the tangent of x", "Tan (opsets 7-22)", Cameo_FloatTensor, 20>;
def Cameo_AsinOp : Cameo_UnaryOp<"asin", "the arcsine of x", "Asin (opsets 7-22)", Cameo_FloatTensor, 20>;
def Cameo_AcosOp : Cameo_UnaryOp<"acos", "the arccosine of x", "Acos (opsets 7-22)", Cameo_FloatTensor, 20>;
def Cameo_AtanOp : Cameo_UnaryOp<"atan", "the arctangent of x", "Atan (opsets 7-22)", Cameo_FloatTensor, 20>;
def Cameo_SinhOp : Cameo_UnaryOp<"sinh", "the hyperbolic sine of x", "Sinh (opsets 9-22)", Cameo_FloatTensor, 20>;
def Cameo_CoshOp : Cameo_UnaryOp<"cosh", "the hyperbolic cosine of x", "Cosh (opsets 9-22)", Cameo_FloatTensor, 20>;
def Cameo_TanhOp : Cameo_UnaryOp<"tanh", "the hyperbolic tangent of x", "Tanh (opsets 1-13)", Cameo_FloatTensor, 16>;
def Cameo_AsinhOp : Cameo_UnaryOp<"asinh", "the inverse hyperbolic sine of x", "Asinh (opsets 9-22)", Cameo_FloatTensor, 20>;
def Cameo_AcoshOp : Cameo_UnaryOp<"acosh", "the inverse hyperbolic cosine of x", "Acosh (opsets 9-22)", Cameo_FloatTensor, 20>;
def Cameo_AtanhOp : Cameo_UnaryOp<"atanh", "the inverse hyperbolic tangent of x", "Atanh (opsets 9-22)", Cameo_FloatTensor, 20>;

//===----------------------------------------------------------------------===//
// Copies and conversions
//===----------------------------------------------------------------------===//

def Cameo_IdentityOp : Cameo_UnaryOp<"identity", "x", "Identity (opsets 1-21), Dropout at inference",
    AnyRankedTensor, 0> {
  let hasFolder = 1;
}

def Cameo_CastOp : Cameo_Op<"cast", [Cameo_Elementwise]> {
  let summary = "Elementwise conversion to another element type";
  let description = [{
    Every element of the result is x in the element type `to`.
    ```mlir
    %1 = cameo.cast %0 {to = i8} : (tensor<2x3xf32>) -> tensor<2x3xi8>
    ```
    ONNX Cast (opsets 1-25), CastLike. Floats round to nearest even; a float to an
    integer truncates and saturates, NaN to zero; integers wrap around, also what is
    wider than an integer of 2 or 4 bits; a number is true unless it is zero.
    Floats of 8 bits saturate or, under `no_saturate`, become infinite or NaN;
    those of 4 bits saturate, NaN to -0. Powers of two (`f8E8M0FNU`) drop the sign and
    round as `round_mode` says: up, down or nearest.

    Constraints:
    - (C1) `to` is an element type.
    - (C2) `round_mode` is up, down or nearest.
  }];
  let arguments = (ins Cameo_ElementTensor:$x, TypeAttr:$to, UnitAttr:$no_saturate,
                       DefaultValuedStrAttr<StrAttr, "up">:$round_mode);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def Cameo_BitCastOp : Cameo_Op<"bitcast", [
    DeclareOpInterfaceMethods<Cameo_ViewOpInterface>, Cameo_Reference]> {
  let summary = "The same bits as another element type";
  let description = [{
    ```mlir
    %1 = cameo.bitcast %0 {to = i32} : (tensor<2x3xf32>) -> tensor<2x3xi32>
    ```
    ONNX BitCast (opset 26).

    Constraints:
    - (C1) `to` is an element type of 8 bits or more, as wide in memory as that of `x`.
  }];
  let arguments = (ins Cameo_NumberOrBoolTensor:$x, TypeAttr:$to);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

#endif // CAMEO_ELEMENTWISE_OPS
