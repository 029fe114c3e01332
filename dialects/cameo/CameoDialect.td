//===- CameoDialect.td - The cameo dialect --------------------*- tablegen -*-===//
//
// The dialect, its attributes, and the base classes of its operations.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_DIALECT
#define CAMEO_DIALECT

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"
include "mlir/IR/TensorEncoding.td"

def Cameo_Dialect : Dialect {
  let name = "cameo";
  let cppNamespace = "::cameo";
  let summary = "Neural network operators on tensors";
  let description = [{
    One operation per mathematical operator of ONNX, normalised: differences
    between operator set versions end at import, and inputs that must be
    constants (axes, pads, shapes) are attributes. Tensors are ranked values;
    `ui8` ... are unsigned integers, `i8` ... signed ones, `i1` is boolean.
    Every operation has one definition of its meaning, its reference lowering
    to linalg.
  }];
  let useDefaultAttributePrinterParser = 1;
  let hasConstantMaterializer = 1;
  // What scalar bodies are made of; constant folding builds them.
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::cf::ControlFlowDialect",
    "::mlir::math::MathDialect", "::mlir::scf::SCFDialect"];
  let extraClassDeclaration = [{
    // One function per operator family, defined beside its operations.
    void registerStructureOps();
    void registerElementwiseOps();
    void registerContractionOps();
    void registerReductionOps();
    void registerNormalizationOps();
    void registerConvolutionOps();
    void registerPoolingOps();
    void registerResizeOps();
    void registerIndexingOps();
    void registerRecurrentOps();
    void registerMovementOps();
    void registerSamplingOps();
    void registerWinogradOps();
    void registerControlOps();
    void registerTreeOps();
    void registerFastProductOps();
    void registerPackedProductOps();
    void registerExtentOps();
    void registerSelectionOps();
    void registerRotaryOps();
  }];
}

class Cameo_Attr<string name, string mnemonicText, list<Trait> traits = []>
    : AttrDef<Cameo_Dialect, name, traits> {
  let mnemonic = mnemonicText;
}

include "dialects/cameo/ScheduleAttributes.td"

def Cameo_Activation : I32Enum<"Activation", "An activation in a recurrent network", [
      I32EnumCase<"Relu", 0, "relu">, I32EnumCase<"Tanh", 1, "tanh">,
      I32EnumCase<"Sigmoid", 2, "sigmoid">, I32EnumCase<"Affine", 3, "affine">,
      I32EnumCase<"LeakyRelu", 4, "leaky_relu">,
      I32EnumCase<"ThresholdedRelu", 5, "thresholded_relu">,
      I32EnumCase<"ScaledTanh", 6, "scaled_tanh">,
      I32EnumCase<"HardSigmoid", 7, "hard_sigmoid">, I32EnumCase<"Elu", 8, "elu">,
      I32EnumCase<"Softsign", 9, "softsign">, I32EnumCase<"Softplus", 10, "softplus">]> {
  let cppNamespace = "::cameo";
}
def Cameo_ActivationAttr : EnumAttr<Cameo_Dialect, Cameo_Activation, "activation">;
def Cameo_ActivationArrayAttr
    : TypedArrayAttrBase<Cameo_ActivationAttr, "array of activations">;

def Cameo_ScatterReduction : I32Enum<"ScatterReduction",
    "How a scatter combines an element with an update", [
      I32EnumCase<"None", 0, "none">, I32EnumCase<"Add", 1, "add">,
      I32EnumCase<"Mul", 2, "mul">, I32EnumCase<"Max", 3, "max">,
      I32EnumCase<"Min", 4, "min">]> {
  let cppNamespace = "::cameo";
}
def Cameo_ScatterReductionAttr
    : EnumAttr<Cameo_Dialect, Cameo_ScatterReduction, "scatter_reduction">;

def Cameo_TreeComparison : I32Enum<"TreeComparison", "How a node of a tree compares", [
      I32EnumCase<"LessOrEqual", 0, "le">, I32EnumCase<"Less", 1, "lt">,
      I32EnumCase<"GreaterOrEqual", 2, "ge">, I32EnumCase<"Greater", 3, "gt">,
      I32EnumCase<"Equal", 4, "eq">, I32EnumCase<"NotEqual", 5, "ne">]> {
  let cppNamespace = "::cameo";
}

def Cameo_TreeAggregate : I32Enum<"TreeAggregate", "How leaves are combined", [
      I32EnumCase<"Average", 0, "average">, I32EnumCase<"Sum", 1, "sum">,
      I32EnumCase<"Min", 2, "min">, I32EnumCase<"Max", 3, "max">]> {
  let cppNamespace = "::cameo";
}
def Cameo_TreeAggregateAttr
    : EnumAttr<Cameo_Dialect, Cameo_TreeAggregate, "tree_aggregate">;

def Cameo_BlockedAttr : Cameo_Attr<"Blocked", "blocked",
    [DeclareAttrInterfaceMethods<VerifiableTensorEncoding>]> {
  let summary = "A tensor stored in blocks";
  let description = [{
    Encoding of a tensor type: every dimension in `dims` is split by the size in
    `sizes`, and the parts inside blocks become the innermost dimensions, in the
    order of `dims`. `tensor<1x64x56x56xf32, #cameo.blocked<dims = [1], sizes = [16]>>`
    is stored as `1x4x56x56x16`. `outer`, if given, is the order of the outer
    dimensions: `tensor<768x64xf32, #cameo.blocked<dims = [1], sizes = [16], outer = [1, 0]>>`
    is stored as `4x768x16`. Where a size does not divide its extent, the last
    block is stored whole, and what stands in it beyond the extent may be anything.
    Shapes stay logical; only memory is different.
  }];
  let parameters = (ins ArrayRefParameter<"int64_t">:$dims, ArrayRefParameter<"int64_t">:$sizes,
                        OptionalArrayRefParameter<"int64_t">:$outer);
  let assemblyFormat = [{
    `<` `dims` `=` `[` $dims `]` `,` `sizes` `=` `[` $sizes `]`
    (`,` `outer` `=` `[` $outer^ `]`)? `>`
  }];
  let builders = [
    AttrBuilder<(ins "::llvm::ArrayRef<int64_t>":$dims, "::llvm::ArrayRef<int64_t>":$sizes), [{
      return $_get($_ctxt, dims, sizes, ::llvm::ArrayRef<int64_t>());
    }]>
  ];
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// The stored shape of a tensor of `shape`.
    ::llvm::SmallVector<int64_t> getStoredShape(::llvm::ArrayRef<int64_t> shape) const;
    /// Whether blocks of a tensor of `shape` are stored that it does not fill.
    bool hasTails(::llvm::ArrayRef<int64_t> shape) const;
    /// Whether a tensor of `shape` is stored like a plain one.
    bool isPlainOrder(::llvm::ArrayRef<int64_t> shape) const;
  }];
}

#endif // CAMEO_DIALECT
