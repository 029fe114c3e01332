//===- Recurrent.cpp - Import of recurrent networks -----------------------===//
//
// Directions become operations of their own. The product of all inputs with
// their weights is one matrix product before them.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/Reshapes.h"
#include "compiler/import/ops/Chain.h"

using namespace mlir;
using namespace cameo;

namespace {
/// What RNN, GRU and LSTM have in common.
class RecurrentImporter {
public:
  RecurrentImporter(OpImporter &n, int64_t numGates,
                    std::initializer_list<StringRef> activations)
      : n(n), numGates(numGates), defaults(activations) {}

  LogicalResult read();
  /// Builds all directions by `build(d, reverse)`, whose results are y and the
  /// last states.
  ImportResult run(function_ref<ImportResult(int64_t d, bool reverse)> build);

  /// The part of an input for direction `d`, without that dimension; zeros of
  /// `shape` when the input is not there.
  MaybeValue direction(unsigned input, int64_t d, ArrayRef<int64_t> shape);
  /// The initial state in `input`.
  MaybeValue initial(unsigned input, int64_t d);
  /// Elements [first, first + count) of dimension 0.
  MaybeValue slice(MaybeValue x, int64_t first, int64_t count);
  /// The products of inputs and weights with `bias`.
  MaybeValue gates(int64_t d, MaybeValue bias);
  /// Input biases plus all recurrent biases.
  MaybeValue biases(int64_t d);
  MaybeValue inputBias(int64_t d) {
    return slice(direction(3, d, 2 * numGates * hidden), 0, numGates * hidden);
  }
  MaybeValue hiddenBias(int64_t d) {
    return slice(direction(3, d, 2 * numGates * hidden), numGates * hidden,
                 numGates * hidden);
  }
  MaybeValue weights(int64_t d);
  Value lengths() const { return n.hasInput(4) ? n.input(4) : Value(); }
  ArrayAttr activations(int64_t d) const;
  ArrayRef<double> parameters(ArrayRef<double> all, int64_t d) const {
    return all.slice(d * defaults.size(), defaults.size());
  }
  FloatAttr clip() const {
    return n.hasAttr("clip")
               ? n.builder().getF64FloatAttr(n.floatAttr("clip", 0))
               : FloatAttr();
  }

  OpImporter &n;
  int64_t numGates, numDirections = 1, hidden = 0;
  SmallVector<double> alphas, betas;

private:
  LogicalResult readActivations();
  LogicalResult checkShapes();
  MaybeValue swapped(MaybeValue x);

  SmallVector<StringRef> defaults;
  SmallVector<Activation> kinds;
  Value x; // [steps, batch, inputs].
  bool batchFirst = false;
};

/// An activation of ONNX with its default parameters.
struct ActivationInfo {
  StringRef name;
  Activation kind;
  double alpha, beta;
};
} // namespace

static const ActivationInfo kActivations[] = {
    {"Relu", Activation::Relu, 0, 0},
    {"Tanh", Activation::Tanh, 0, 0},
    {"Sigmoid", Activation::Sigmoid, 0, 0},
    {"Affine", Activation::Affine, 1, 0},
    {"LeakyRelu", Activation::LeakyRelu, 0.01, 0},
    {"ThresholdedRelu", Activation::ThresholdedRelu, 1, 0},
    {"ScaledTanh", Activation::ScaledTanh, 1, 1},
    {"HardSigmoid", Activation::HardSigmoid, 0.2, 0.5},
    {"Elu", Activation::Elu, 1, 0},
    {"Softsign", Activation::Softsign, 0, 0},
    {"Softplus", Activation::Softplus, 0, 0}};

/// Whether an activation takes a parameter from the lists of the node.
static bool hasAlpha(Activation kind) {
  switch (kind) {
  case Activation::Affine:
  case Activation::LeakyRelu:
  case Activation::ThresholdedRelu:
  case Activation::ScaledTanh:
  case Activation::HardSigmoid:
  case Activation::Elu:
    return true;
  default:
    return false;
  }
}
static bool hasBeta(Activation kind) {
  return kind == Activation::Affine || kind == Activation::ScaledTanh ||
         kind == Activation::HardSigmoid;
}

/// Parameters are listed for those activations only that have them.
LogicalResult RecurrentImporter::readActivations() {
  SmallVector<StringRef> names = n.stringsAttr("activations");
  if (names.empty())
    for (int64_t d = 0; d < numDirections; ++d)
      names.append(defaults);
  if (names.size() != numDirections * defaults.size())
    return n.unsupported(Twine(names.size()) + " activations",
                         "give " + Twine(numDirections * defaults.size()));
  SmallVector<float> givenAlphas = n.floatsAttr("activation_alpha");
  SmallVector<float> givenBetas = n.floatsAttr("activation_beta");
  size_t nextAlpha = 0, nextBeta = 0;
  for (StringRef name : names) {
    const ActivationInfo *info =
        llvm::find_if(kActivations, [&](const ActivationInfo &candidate) {
          return candidate.name.equals_insensitive(name);
        });
    if (info == std::end(kActivations))
      return n.unsupported("activation '" + name + "'",
                           "use one that ONNX lists for this operator");
    kinds.push_back(info->kind);
    bool alpha = hasAlpha(info->kind) && nextAlpha < givenAlphas.size();
    bool beta = hasBeta(info->kind) && nextBeta < givenBetas.size();
    alphas.push_back(alpha ? givenAlphas[nextAlpha++] : info->alpha);
    betas.push_back(beta ? givenBetas[nextBeta++] : info->beta);
  }
  return success();
}

LogicalResult RecurrentImporter::checkShapes() {
  RankedTensorType xType = typeOf(n.input(0)), w = typeOf(n.input(1)),
                   r = typeOf(n.input(2));
  if (xType.getRank() != 3 || w.getRank() != 3 || r.getRank() != 3)
    return n.unsupported("inputs X, W and R do not have three dimensions",
                         "check the model with the ONNX checker");
  hidden = r.getDimSize(2);
  SmallVector<int64_t> wShape = {numDirections, numGates * hidden,
                                 xType.getDimSize(2)};
  SmallVector<int64_t> rShape = {numDirections, numGates * hidden, hidden};
  SmallVector<int64_t> bShape = {numDirections, 2 * numGates * hidden};
  bool fits =
      w.getShape() == ArrayRef(wShape) && r.getShape() == ArrayRef(rShape) &&
      (!n.hasInput(3) || typeOf(n.input(3)).getShape() == ArrayRef(bShape));
  if (!fits || n.intAttr("hidden_size", hidden) != hidden)
    return n.unsupported("the shapes of W, R and B do not fit X and the "
                         "attributes hidden_size and direction",
                         "check the model with the ONNX checker");
  return success();
}

/// Exchanges the first two dimensions.
MaybeValue RecurrentImporter::swapped(MaybeValue value) {
  if (failed(value))
    return failure();
  auto permutation =
      llvm::to_vector(llvm::seq<int64_t>(0, typeOf(*value).getRank()));
  std::swap(permutation[0], permutation[1]);
  return n.value<TransposeOp>(*value, permutation);
}

LogicalResult RecurrentImporter::read() {
  StringRef direction = n.stringAttr("direction", "forward");
  if (direction != "forward" && direction != "reverse" &&
      direction != "bidirectional")
    return n.unsupported("direction '" + direction + "'",
                         "use forward, reverse or bidirectional");
  numDirections = direction == "bidirectional" ? 2 : 1;
  if (failed(checkShapes()) || failed(readActivations()))
    return failure();
  batchFirst = n.intAttr("layout", 0) != 0;
  MaybeValue input = n.input(0);
  if (batchFirst)
    input = swapped(input);
  if (failed(input))
    return failure();
  x = *input;
  return success();
}

MaybeValue RecurrentImporter::slice(MaybeValue value, int64_t first,
                                    int64_t count) {
  if (failed(value))
    return failure();
  SmallVector<int64_t> extents(typeOf(*value).getShape());
  SmallVector<int64_t> starts(extents.size(), 0), steps(extents.size(), 1);
  starts[0] = first;
  extents[0] = count;
  return n.value<SliceOp>(*value, starts, extents, steps);
}

MaybeValue RecurrentImporter::direction(unsigned input, int64_t d,
                                        ArrayRef<int64_t> shape) {
  if (n.hasInput(input))
    return chainReshape(n, slice(n.input(input), d, 1), shape);
  Type elementType = typeOf(x).getElementType();
  return n.constant(DenseElementsAttr::get(
      RankedTensorType::get(shape, elementType),
      ArrayRef<Attribute>(FloatAttr::get(elementType, 0))));
}

MaybeValue RecurrentImporter::initial(unsigned input, int64_t d) {
  SmallVector<int64_t> shape = {typeOf(x).getDimSize(1), hidden};
  if (!n.hasInput(input) || !batchFirst)
    return direction(input, d, shape);
  return chainReshape(n, slice(swapped(n.input(input)), d, 1), shape);
}

MaybeValue RecurrentImporter::biases(int64_t d) {
  return chain<AddOp>(n, inputBias(d), hiddenBias(d));
}

MaybeValue RecurrentImporter::gates(int64_t d, MaybeValue bias) {
  ArrayRef<int64_t> shape = typeOf(x).getShape();
  int64_t columns = numGates * hidden;
  // Merging an open batch with the steps would close its gaps.
  MaybeValue rows = x;
  if (!n.extents().isOpen(x, 1))
    rows = chainReshape(n, x, {shape[0] * shape[1], shape[2]});
  MaybeValue product =
      chain<MatMulOp>(n, rows, direction(1, d, {columns, shape[2]}),
                      /*transpose_a=*/false,
                      /*transpose_b=*/true);
  if (n.hasInput(3))
    product = chain<AddOp>(n, product, bias);
  Exprs exprs = n.extents().getExtents(x);
  return chainReshapeTo(n, product,
                        {exprs[0], exprs[1], n.extents().constant(columns)});
}

MaybeValue RecurrentImporter::weights(int64_t d) {
  return swapped(direction(2, d, {numGates * hidden, hidden}));
}

ArrayAttr RecurrentImporter::activations(int64_t d) const {
  MLIRContext *context = n.builder().getContext();
  SmallVector<Attribute> attrs;
  for (size_t i = 0; i < defaults.size(); ++i)
    attrs.push_back(
        ActivationAttr::get(context, kinds[d * defaults.size() + i]));
  return ArrayAttr::get(context, attrs);
}

ImportResult RecurrentImporter::run(
    function_ref<ImportResult(int64_t d, bool reverse)> build) {
  bool reverse = n.stringAttr("direction", "forward") == "reverse";
  SmallVector<SmallVector<Value>> parts;
  for (int64_t d = 0; d < numDirections; ++d) {
    ImportResult results = build(d, reverse || d == 1);
    if (failed(results))
      return failure();
    parts.resize(results->size());
    for (auto [i, result] : llvm::enumerate(*results)) {
      // y is [steps, directions, batch, hidden], states [directions, batch,
      // hidden].
      SmallVector<int64_t> shape(typeOf(result).getShape());
      shape.insert(shape.begin() + (i == 0), 1);
      MaybeValue part = chainReshape(n, result, shape);
      if (failed(part))
        return failure();
      parts[i].push_back(*part);
    }
  }
  SmallVector<Value> outputs;
  for (auto [i, values] : llvm::enumerate(parts)) {
    MaybeValue all =
        n.value<ConcatOp>(ValueRange(values), static_cast<int64_t>(i == 0));
    if (batchFirst && i == 0 && succeeded(all))
      all = n.value<TransposeOp>(*all, ArrayRef<int64_t>{2, 0, 1, 3});
    else if (batchFirst)
      all = swapped(all);
    if (failed(all))
      return failure();
    outputs.push_back(*all);
  }
  return outputs;
}

/// The results of a built operation.
static ImportResult resultsOf(MaybeValue first) {
  if (failed(first))
    return failure();
  return llvm::to_vector_of<Value>(first->getDefiningOp()->getResults());
}

static ImportResult importRnn(OpImporter &n) {
  RecurrentImporter r(n, 1, {"Tanh"});
  if (failed(r.read()))
    return failure();
  return r.run([&](int64_t d, bool reverse) -> ImportResult {
    MaybeValue gates = r.gates(d, r.biases(d)), weights = r.weights(d);
    MaybeValue h = r.initial(5, d);
    if (failed(gates) || failed(weights) || failed(h))
      return failure();
    return resultsOf(n.value<RnnOp>(Type(), *gates, *weights, *h, r.lengths(),
                                    r.activations(d), r.parameters(r.alphas, d),
                                    r.parameters(r.betas, d), r.clip(),
                                    reverse));
  });
}

static ImportResult importGru(OpImporter &n) {
  RecurrentImporter r(n, 3, {"Sigmoid", "Tanh"});
  if (failed(r.read()))
    return failure();
  bool linear = n.intAttr("linear_before_reset", 0) != 0;
  return r.run([&](int64_t d, bool reverse) -> ImportResult {
    // The bias of the new state is added before the reset gate is applied.
    MaybeValue bias = r.biases(d);
    Value hiddenBias;
    if (linear && n.hasInput(3)) {
      MaybeValue input = r.slice(r.inputBias(d), 2 * r.hidden, r.hidden);
      MaybeValue both = r.slice(bias, 0, 2 * r.hidden);
      MaybeValue late = r.slice(r.hiddenBias(d), 2 * r.hidden, r.hidden);
      if (failed(input) || failed(both) || failed(late))
        return failure();
      hiddenBias = *late;
      bias = n.value<ConcatOp>(ValueRange{*both, *input}, 0);
    }
    MaybeValue gates = r.gates(d, bias), weights = r.weights(d);
    MaybeValue h = r.initial(5, d);
    if (failed(gates) || failed(weights) || failed(h))
      return failure();
    return resultsOf(
        n.value<GruOp>(Type(), *gates, *weights, *h, r.lengths(), hiddenBias,
                       r.activations(d), r.parameters(r.alphas, d),
                       r.parameters(r.betas, d), r.clip(), reverse, linear));
  });
}

static ImportResult importLstm(OpImporter &n) {
  RecurrentImporter r(n, 4, {"Sigmoid", "Tanh", "Tanh"});
  if (failed(r.read()))
    return failure();
  bool inputForget = n.intAttr("input_forget", 0) != 0;
  return r.run([&](int64_t d, bool reverse) -> ImportResult {
    MaybeValue gates = r.gates(d, r.biases(d)), weights = r.weights(d);
    MaybeValue h = r.initial(5, d), c = r.initial(6, d);
    MaybeValue peepholes = Value();
    if (n.hasInput(7))
      peepholes = r.direction(7, d, 3 * r.hidden);
    if (failed(gates) || failed(weights) || failed(h) || failed(c) ||
        failed(peepholes))
      return failure();
    return resultsOf(n.value<LstmOp>(
        Type(), Type(), *gates, *weights, *h, *c, r.lengths(), *peepholes,
        r.activations(d), r.parameters(r.alphas, d), r.parameters(r.betas, d),
        r.clip(), reverse, inputForget));
  });
}

void cameo::registerRecurrent(OpRegistry &registry) {
  registry.add("GRU", 7, "float, float, float, float?, index?, float?",
               importGru);
  registry.add("LSTM", 7,
               "float, float, float, float?, index?, float?, float?, float?",
               importLstm);
  registry.add("RNN", 7, "float, float, float, float?, index?, float?",
               importRnn);
  registry.allowOpenDims({"GRU", "LSTM", "RNN"});
}
