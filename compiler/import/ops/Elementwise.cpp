//===- Elementwise.cpp - Import of elementwise operators ------------------===//

#include "compiler/import/ops/Chain.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace cameo;

//===----------------------------------------------------------------------===//
// Unary and binary operators
//===----------------------------------------------------------------------===//

template <typename Op> static ImportResult importUnary(OpImporter &n) {
  return n.build<Op>(n.input(0));
}

/// Before opset 7, operand b was broadcast on request only, and could start at
/// dimension `axis` of operand a.
static MaybeValue getRightOperand(OpImporter &n) {
  Value b = n.input(1);
  if (n.opset() >= 7 || !n.hasAttr("axis"))
    return b;
  int64_t rank = typeOf(n.input(0)).getRank();
  FailureOr<int64_t> axis = n.axis("axis", 0, rank);
  if (failed(axis))
    return failure();
  SmallVector<int64_t> shape(typeOf(b).getShape());
  while (*axis + static_cast<int64_t>(shape.size()) < rank)
    shape.push_back(1);
  return chainReshape(n, b, shape);
}

template <typename Op> static ImportResult importBinary(OpImporter &n) {
  return chainResults(chain<Op>(n, n.input(0), getRightOperand(n)));
}

/// Operands are combined from left to right.
template <typename Op> static MaybeValue combineInputs(OpImporter &n) {
  MaybeValue result = n.input(0);
  for (unsigned i = 1; i < n.numInputs(); ++i)
    if (n.hasInput(i))
      result = chain<Op>(n, result, n.input(i));
  return result;
}

template <typename Op> static ImportResult importVariadic(OpImporter &n) {
  return chainResults(combineInputs<Op>(n));
}

/// The arithmetic mean: the sum divided by the number of operands.
static ImportResult importMean(OpImporter &n) {
  Value count = n.splat(getElementTypeOrSelf(n.input(0)), n.numInputs());
  return chainResults(chain<DivOp>(n, combineInputs<AddOp>(n), count));
}

//===----------------------------------------------------------------------===//
// Operators with attributes
//===----------------------------------------------------------------------===//

/// Sets the f32 attributes `names` that the node has; others keep their
/// defaults, which are ONNX's.
template <typename Op>
static ImportResult importParametric(OpImporter &n, ArrayRef<StringRef> names) {
  SmallVector<NamedAttribute> attrs;
  for (StringRef name : names)
    if (n.hasAttr(name))
      attrs.push_back(n.builder().getNamedAttr(
          name, n.builder().getF32FloatAttr(n.floatAttr(name, 0))));
  return n.build<Op>(ValueRange(n.input(0)), attrs);
}

static ImportResult importLeakyRelu(OpImporter &n) {
  return importParametric<LeakyReluOp>(n, {"alpha"});
}
static ImportResult importElu(OpImporter &n) {
  return importParametric<EluOp>(n, {"alpha"});
}
static ImportResult importSelu(OpImporter &n) {
  return importParametric<SeluOp>(n, {"alpha", "gamma"});
}
static ImportResult importCelu(OpImporter &n) {
  return importParametric<CeluOp>(n, {"alpha"});
}
static ImportResult importThresholdedRelu(OpImporter &n) {
  return importParametric<ThresholdedReluOp>(n, {"alpha"});
}
static ImportResult importHardSigmoid(OpImporter &n) {
  return importParametric<HardSigmoidOp>(n, {"alpha", "beta"});
}
static ImportResult importSwish(OpImporter &n) {
  return importParametric<SwishOp>(n, {"alpha"});
}

static ImportResult importSwiGLU(OpImporter &n) {
  auto alpha = n.builder().getF32FloatAttr(n.floatAttr("alpha", 1));
  MaybeValue gate = n.value<SwishOp>(n.input(0), alpha);
  return chainResults(chain<MulOp>(n, gate, n.input(1)));
}

/// Integers are shrunk in floating point.
static ImportResult importShrink(OpImporter &n) {
  Builder &b = n.builder();
  Type type = getElementTypeOrSelf(n.input(0));
  Type used = isa<FloatType>(type) ? type : b.getF64Type();
  MaybeValue result =
      chain<ShrinkOp>(n, chainCast(n, n.input(0), used),
                      b.getF32FloatAttr(n.floatAttr("bias", 0)),
                      b.getF32FloatAttr(n.floatAttr("lambd", 0.5)));
  return chainResults(chainCast(n, result, type));
}

static ImportResult importGelu(OpImporter &n) {
  StringRef form = n.stringAttr("approximate", "none");
  if (form != "none" && form != "tanh")
    return n.unsupported("approximate '" + form + "'", "use 'none' or 'tanh'");
  return n.build<GeluOp>(n.input(0), /*tanh=*/form == "tanh");
}

/// Input 0 in f32 where its floats have eight bits.
static MaybeValue widenFloats(OpImporter &n) {
  bool isNarrow = getElementTypeOrSelf(n.input(0)).getIntOrFloatBitWidth() < 16;
  return isNarrow ? chainCast(n, n.input(0), n.builder().getF32Type())
                  : n.input(0);
}

static ImportResult importIsNaN(OpImporter &n) {
  return chainResults(chain<IsNaNOp>(n, widenFloats(n)));
}

static ImportResult importIsInf(OpImporter &n) {
  return chainResults(chain<IsInfOp>(n, widenFloats(n),
                                     n.intAttr("detect_negative", 1) != 0,
                                     n.intAttr("detect_positive", 1) != 0));
}

static ImportResult importWhere(OpImporter &n) {
  return n.build<WhereOp>(n.input(0), n.input(1), n.input(2));
}

static ImportResult importMod(OpImporter &n) {
  return n.build<ModOp>(n.input(0), n.input(1),
                        /*fmod=*/n.intAttr("fmod", 0) != 0);
}

static ImportResult importBitShift(OpImporter &n) {
  StringRef direction = n.stringAttr("direction", "");
  if (direction != "LEFT" && direction != "RIGHT")
    return n.unsupported("direction '" + direction + "'",
                         "use 'LEFT' or 'RIGHT'");
  return n.build<BitShiftOp>(n.input(0), n.input(1),
                             /*right=*/direction == "RIGHT");
}

/// Before opset 7, a vector slope had one element per channel.
static ImportResult importPRelu(OpImporter &n) {
  int64_t rank = typeOf(n.input(0)).getRank();
  RankedTensorType slopeType = typeOf(n.input(1));
  MaybeValue slope = n.input(1);
  if (n.opset() < 7 && slopeType.getRank() == 1 && rank > 2) {
    SmallVector<int64_t> shape(rank - 1, 1);
    shape[0] = slopeType.getDimSize(0);
    slope = chainReshape(n, slope, shape);
  }
  return chainResults(chain<PReluOp>(n, n.input(0), slope));
}

//===----------------------------------------------------------------------===//
// Clip
//===----------------------------------------------------------------------===//

/// The single element of a constant operand.
static TypedAttr getConstantScalar(Value value) {
  DenseElementsAttr elements;
  if (!matchPattern(value, m_Constant(&elements)) ||
      elements.getNumElements() != 1)
    return nullptr;
  return cast<TypedAttr>(*elements.value_begin<Attribute>());
}

/// Constant bounds become attributes, others operators.
static ImportResult importClip(OpImporter &n) {
  Value x = n.input(0);
  TypedAttr lo, hi;
  MaybeValue result = x;
  if (n.opset() < 11) {
    auto attr = [&](StringRef name) -> TypedAttr {
      Type type = getElementTypeOrSelf(x.getType());
      return n.hasAttr(name) && isa<FloatType>(type)
                 ? n.builder().getFloatAttr(type, n.floatAttr(name, 0))
                 : TypedAttr();
    };
    lo = attr("min"), hi = attr("max");
  } else {
    bool hasLo = n.hasInput(1), hasHi = n.hasInput(2);
    lo = hasLo ? getConstantScalar(n.input(1)) : nullptr;
    hi = hasHi ? getConstantScalar(n.input(2)) : nullptr;
    if ((hasLo && !lo) || (hasHi && !hi)) {
      if (hasLo)
        result = chain<MaxOp>(n, result, n.input(1));
      if (hasHi)
        result = chain<MinOp>(n, result, n.input(2));
      return chainResults(result);
    }
  }
  return n.build<ClipOp>(x, lo, hi);
}

//===----------------------------------------------------------------------===//
// Conversions
//===----------------------------------------------------------------------===//

static ImportResult buildCast(OpImporter &n, Type to) {
  return n.build<CastOp>(n.input(0), to, n.intAttr("saturate", 1) == 0,
                         n.stringAttr("round_mode", "up"));
}

static ImportResult importCast(OpImporter &n) {
  FailureOr<Type> to = n.elementTypeAttr("to");
  if (failed(to))
    return failure();
  return buildCast(n, *to);
}

static ImportResult importCastLike(OpImporter &n) {
  return buildCast(n, getElementTypeOrSelf(n.input(1).getType()));
}

/// As a boolean, any bits but zeros are true; integers of less than eight bits
/// wrap around to the same bits.
static ImportResult importBitCast(OpImporter &n) {
  FailureOr<Type> to = n.elementTypeAttr("to");
  if (failed(to))
    return failure();
  Type from = getElementTypeOrSelf(n.input(0));
  unsigned width = from.getIntOrFloatBitWidth();
  bool isNarrow = isa<IntegerType>(from) && isa<IntegerType>(*to) &&
                  width == to->getIntOrFloatBitWidth() && width < 8;
  if (isNarrow || (to->isInteger(1) && width == 8))
    return n.build<CastOp>(n.input(0), *to);
  return n.build<BitCastOp>(n.input(0), *to);
}

//===----------------------------------------------------------------------===//
// BatchNormalization
//===----------------------------------------------------------------------===//

/// `old * momentum + now * (1 - momentum)`.
static MaybeValue buildRunning(OpImporter &n, Value old, MaybeValue now,
                               double momentum) {
  Type type = getElementTypeOrSelf(old);
  MaybeValue kept = chain<MulOp>(n, old, n.splat(type, momentum));
  MaybeValue added =
      chain<MulOp>(n, chainCast(n, now, type), n.splat(type, 1 - momentum));
  return chain<AddOp>(n, kept, added);
}

/// Normalises by the statistics of the batch itself and updates running ones.
static ImportResult importBatchNormTraining(OpImporter &n, FloatAttr epsilon) {
  Value x = n.input(0);
  SmallVector<int64_t> axes;
  for (int64_t dim = 0, rank = typeOf(x).getRank(); dim < rank; ++dim)
    if (dim != 1)
      axes.push_back(dim);
  MaybeValue centre = chain<ReduceMeanOp>(n, x, axes, /*keepdims=*/true);
  MaybeValue difference = chain<SubOp>(n, x, centre);
  MaybeValue square = chain<MulOp>(n, difference, difference);
  MaybeValue variance =
      chain<ReduceMeanOp>(n, square, axes, /*keepdims=*/false);
  MaybeValue mean = chain<ReduceMeanOp>(n, x, axes, /*keepdims=*/false);
  MaybeValue y =
      chain<BatchNormOp>(n, x, n.input(1), n.input(2), mean, variance, epsilon);
  double momentum = n.floatAttr("momentum", 0.9);
  SmallVector<MaybeValue> results{
      y, buildRunning(n, n.input(3), mean, momentum),
      buildRunning(n, n.input(4), variance, momentum)};
  results.truncate(n.numOutputs());
  return chainResults(results);
}

static constexpr Limit kNoSpatial{"spatial = 0",
                                  "export the model with opset 9 or later"};
static constexpr Limit kTestOnly{"is_test = 0 before opset 7",
                                 "export the model for inference"};
static constexpr Limit kStatistics{"running statistics as outputs at inference",
                                   "remove all outputs but the first"};

static ImportResult importBatchNorm(OpImporter &n) {
  if (n.opset() < 9 && n.intAttr("spatial", 1) == 0)
    return n.unsupported(kNoSpatial);
  if (n.opset() < 7 && n.intAttr("is_test", 0) == 0)
    return n.unsupported(kTestOnly);
  auto epsilon = n.builder().getF32FloatAttr(n.floatAttr("epsilon", 1e-5));
  if (n.opset() >= 14 && n.intAttr("training_mode", 0) != 0) {
    if (typeOf(n.input(0)).getRank() < 2)
      return n.unsupported("training_mode of a vector",
                           "add a channel dimension");
    return importBatchNormTraining(n, epsilon);
  }
  if (n.numOutputs() > 1)
    return n.unsupported(kStatistics);
  return n.build<BatchNormOp>(n.input(0), n.input(1), n.input(2), n.input(3),
                              n.input(4), epsilon);
}

//===----------------------------------------------------------------------===//
// Registration
//===----------------------------------------------------------------------===//

static void registerUnary(OpRegistry &registry) {
  registry.add("Abs", 1, "number", importUnary<AbsOp>);
  registry.add("Acos", 7, "float", importUnary<AcosOp>);
  registry.add("Acosh", 9, "float", importUnary<AcoshOp>);
  registry.add("Asin", 7, "float", importUnary<AsinOp>);
  registry.add("Asinh", 9, "float", importUnary<AsinhOp>);
  registry.add("Atan", 7, "float", importUnary<AtanOp>);
  registry.add("Atanh", 9, "float", importUnary<AtanhOp>);
  registry.add("BitwiseNot", 18, "int", importUnary<BitwiseNotOp>);
  registry.add("Ceil", 1, "float", importUnary<CeilOp>);
  registry.add("Cos", 7, "float", importUnary<CosOp>);
  registry.add("Cosh", 9, "float", importUnary<CoshOp>);
  registry.add("Erf", 9, "float", importUnary<ErfOp>);
  registry.add("Exp", 1, "float", importUnary<ExpOp>);
  registry.add("Floor", 1, "float", importUnary<FloorOp>);
  registry.add("HardSwish", 14, "float", importUnary<HardSwishOp>);
  registry.add("IsNaN", 9, "float|f8", importIsNaN);
  registry.add("Log", 1, "float", importUnary<LogOp>);
  registry.add("Mish", 18, "float", importUnary<MishOp>);
  registry.add("Neg", 1, "number", importUnary<NegOp>);
  registry.add("Not", 1, "bool", importUnary<NotOp>);
  registry.add("Reciprocal", 1, "float", importUnary<ReciprocalOp>);
  registry.add("Relu", 1, "number", importUnary<ReluOp>);
  registry.add("Round", 11, "float", importUnary<RoundOp>);
  registry.add("Sigmoid", 1, "float", importUnary<SigmoidOp>);
  registry.add("Sign", 9, "number", importUnary<SignOp>);
  registry.add("Sin", 7, "float", importUnary<SinOp>);
  registry.add("Sinh", 9, "float", importUnary<SinhOp>);
  registry.add("Softplus", 1, "float", importUnary<SoftplusOp>);
  registry.add("Softsign", 1, "float", importUnary<SoftsignOp>);
  registry.add("Sqrt", 1, "float", importUnary<SqrtOp>);
  registry.add("Tan", 7, "float", importUnary<TanOp>);
  registry.add("Tanh", 1, "float", importUnary<TanhOp>);
}

static void registerBinary(OpRegistry &registry) {
  registry.add("Add", 1, "number, number", importBinary<AddOp>);
  registry.add("And", 1, "bool, bool", importBinary<AndOp>);
  registry.add("BitwiseAnd", 18, "int, int", importBinary<BitwiseAndOp>);
  registry.add("BitwiseOr", 18, "int, int", importBinary<BitwiseOrOp>);
  registry.add("BitwiseXor", 18, "int, int", importBinary<BitwiseXorOp>);
  registry.add("Div", 1, "number, number", importBinary<DivOp>);
  registry.add("Equal", 1, "number|bool|string, number|bool|string",
               importBinary<EqualOp>);
  registry.add("Greater", 1, "number, number", importBinary<GreaterOp>);
  registry.add("GreaterOrEqual", 12, "number, number",
               importBinary<GreaterOrEqualOp>);
  registry.add("Less", 1, "number, number", importBinary<LessOp>);
  registry.add("LessOrEqual", 12, "number, number",
               importBinary<LessOrEqualOp>);
  registry.add("Mul", 1, "number, number", importBinary<MulOp>);
  registry.add("Or", 1, "bool, bool", importBinary<OrOp>);
  registry.add("Pow", 1, "number, number", importBinary<PowOp>);
  registry.add("Sub", 1, "number, number", importBinary<SubOp>);
  registry.add("Xor", 1, "bool, bool", importBinary<XorOp>);
  registry.add("Max", 1, "number...", importVariadic<MaxOp>);
  registry.add("Mean", 1, "float...", importMean);
  registry.add("Min", 1, "number...", importVariadic<MinOp>);
  registry.add("Sum", 1, "number...", importVariadic<AddOp>);
}

void cameo::registerElementwise(OpRegistry &registry) {
  registerUnary(registry);
  registerBinary(registry);
  registry.add("BatchNormalization", 6, "float, float, float, float, float",
               importBatchNorm, {kTestOnly, kNoSpatial, kStatistics});
  registry.add("BitCast", 26, "any", importBitCast);
  registry.add("BitShift", 11, "unsigned, unsigned", importBitShift);
  registry.add("Cast", 6, "any|string", importCast,
               {{"to = STRING", "convert numbers after the model"}});
  registry.add("CastLike", 15, "any|string, any|string", importCastLike);
  registry.add("Celu", 12, "float", importCelu);
  registry.add("Clip", 1, "number, number?, number?", importClip);
  registry.add("Elu", 1, "float", importElu);
  registry.add("Gelu", 20, "float", importGelu);
  registry.add("HardSigmoid", 1, "float", importHardSigmoid);
  registry.add("IsInf", 10, "float|f8", importIsInf);
  registry.add("LeakyRelu", 1, "float", importLeakyRelu);
  registry.add("Mod", 10, "number, number", importMod);
  registry.add("PRelu", 1, "number, number", importPRelu);
  registry.add("Selu", 1, "float", importSelu);
  registry.add("Shrink", 9, "number", importShrink);
  registry.add("SwiGLU", 28, "float, float", importSwiGLU);
  registry.add("Swish", 24, "float", importSwish);
  registry.add("ThresholdedRelu", 10, "float", importThresholdedRelu);
  registry.add("Where", 9, "bool, number|bool, number|bool", importWhere);
  registry.allowOpenDims({"Abs",
                          "Acos",
                          "Acosh",
                          "Asin",
                          "Asinh",
                          "Atan",
                          "Atanh",
                          "BitwiseNot",
                          "Ceil",
                          "Cos",
                          "Cosh",
                          "Erf",
                          "Exp",
                          "Floor",
                          "HardSwish",
                          "IsNaN",
                          "Log",
                          "Mish",
                          "Neg",
                          "Not",
                          "Reciprocal",
                          "Relu",
                          "Round",
                          "Sigmoid",
                          "Sign",
                          "Sin",
                          "Sinh",
                          "Softplus",
                          "Softsign",
                          "Sqrt",
                          "Tan",
                          "Tanh",
                          "Add",
                          "And",
                          "BitwiseAnd",
                          "BitwiseOr",
                          "BitwiseXor",
                          "Div",
                          "Equal",
                          "Greater",
                          "GreaterOrEqual",
                          "Less",
                          "LessOrEqual",
                          "Mul",
                          "Or",
                          "Pow",
                          "Sub",
                          "Xor",
                          "Max",
                          "Mean",
                          "Min",
                          "Sum",
                          "BatchNormalization",
                          "BitCast",
                          "BitShift",
                          "Cast",
                          "CastLike",
                          "Celu",
                          "Clip",
                          "Elu",
                          "Gelu",
                          "HardSigmoid",
                          "IsInf",
                          "LeakyRelu",
                          "Mod",
                          "PRelu",
                          "Selu",
                          "Shrink",
                          "SwiGLU",
                          "Swish",
                          "ThresholdedRelu",
                          "Where"});
}
