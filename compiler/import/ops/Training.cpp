//===- Training.cpp - Import of optimisers --------------------------------===//
//
// Steps of gradient methods, operators of ai.onnx.preview.training. Inputs are
// the rate, the number of the step, then for all tensors their values, then for
// all their gradients, and so on; outputs are new values, then new states.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/ops/Chain.h"

using namespace mlir;
using namespace cameo;

namespace {
/// Short forms for one tensor that is optimised.
class Optimizer {
public:
  explicit Optimizer(OpImporter &n) : n(n) {}

  Value number(double value) {
    return n.splat(n.builder().getF32Type(), value);
  }
  /// A scalar in the element type of `like`.
  MaybeValue scalar(MaybeValue x, Value like) {
    return chainCast(n, chainReshape(n, x, {}), typeOf(like).getElementType());
  }
  MaybeValue add(MaybeValue a, MaybeValue b) { return chain<AddOp>(n, a, b); }
  MaybeValue mul(MaybeValue a, MaybeValue b) { return chain<MulOp>(n, a, b); }
  MaybeValue scaled(MaybeValue x, double factor) {
    return failed(x) ? x : mul(x, n.splat(typeOf(*x).getElementType(), factor));
  }
  /// The gradient of the value and of half of its square.
  MaybeValue gradient(Value x, Value g) {
    return add(scaled(x, n.floatAttr("norm_coefficient", 0)), g);
  }
  /// The step's number, a float.
  MaybeValue stepNumber() {
    return chainReshape(n, chainCast(n, n.input(1), n.builder().getF32Type()),
                        {});
  }

  OpImporter &n;
};

/// New values and states of one tensor.
using Update = function_ref<SmallVector<MaybeValue>(ArrayRef<Value> operands)>;
} // namespace

/// Applies `update` to every tensor: `numParts` inputs each, values, gradients
/// and states.
static ImportResult updateAll(OpImporter &n, unsigned numParts, Update update) {
  if (n.numInputs() < 2 + numParts || (n.numInputs() - 2) % numParts != 0 ||
      typeOf(n.input(0)).getNumElements() != 1 ||
      typeOf(n.input(1)).getNumElements() != 1)
    return n.unsupported(Twine(n.numInputs()) + " inputs",
                         "check the model with the ONNX checker");
  unsigned count = (n.numInputs() - 2) / numParts;
  // Values and states; there is no new gradient.
  SmallVector<Value> results((numParts - 1) * count);
  for (unsigned i = 0; i < count; ++i) {
    SmallVector<Value> operands;
    for (unsigned part = 0; part < numParts; ++part) {
      if (!n.hasInput(2 + part * count + i))
        return n.unsupported("an input is missing",
                             "check the model with the ONNX checker");
      operands.push_back(n.input(2 + part * count + i));
    }
    for (auto [part, value] : llvm::enumerate(update(operands))) {
      if (failed(value))
        return failure();
      results[part * count + i] = *value;
    }
  }
  return results;
}

/// The squares of gradients are summed; steps shrink with their root.
static ImportResult importAdagrad(OpImporter &n) {
  Optimizer o(n);
  // rate / (1 + step * decay)
  MaybeValue slowed = o.add(
      o.scaled(o.stepNumber(), n.floatAttr("decay_factor", 0)), o.number(1));
  return updateAll(n, 3, [&](ArrayRef<Value> v) -> SmallVector<MaybeValue> {
    Value x = v[0], h = v[2];
    MaybeValue g = o.gradient(x, v[1]);
    MaybeValue sum = o.add(h, o.mul(g, g));
    MaybeValue divisor =
        o.add(chain<SqrtOp>(n, sum), n.splat(typeOf(x).getElementType(),
                                             n.floatAttr("epsilon", 1e-6)));
    MaybeValue rate =
        chain<DivOp>(n, o.scalar(n.input(0), x), o.scalar(slowed, x));
    MaybeValue step = chain<DivOp>(n, o.mul(rate, g), divisor);
    return {chain<SubOp>(n, x, step), sum};
  });
}

/// Averages of gradients and of their squares.
static ImportResult importAdam(OpImporter &n) {
  Optimizer o(n);
  double alpha = n.floatAttr("alpha", 0.9), beta = n.floatAttr("beta", 0.999);
  // After step 0: sqrt(1 - beta^step) / (1 - alpha^step) corrects the bias.
  auto remaining = [&](double base) {
    MaybeValue power = chain<PowOp>(n, o.number(base), o.stepNumber());
    return chain<SubOp>(n, o.number(1), power);
  };
  MaybeValue isLater = chain<GreaterOp>(n, o.stepNumber(), o.number(0));
  MaybeValue correction = chain<WhereOp>(
      n, isLater,
      chain<DivOp>(n, chain<SqrtOp>(n, remaining(beta)), remaining(alpha)),
      o.number(1));
  return updateAll(n, 4, [&](ArrayRef<Value> v) -> SmallVector<MaybeValue> {
    Value x = v[0];
    MaybeValue g = o.gradient(x, v[1]);
    MaybeValue mean = o.add(o.scaled(v[2], alpha), o.scaled(g, 1 - alpha));
    MaybeValue square =
        o.add(o.scaled(v[3], beta), o.scaled(o.mul(g, g), 1 - beta));
    MaybeValue divisor =
        o.add(chain<SqrtOp>(n, square), n.splat(typeOf(x).getElementType(),
                                                n.floatAttr("epsilon", 1e-6)));
    MaybeValue rate = o.mul(o.scalar(n.input(0), x), o.scalar(correction, x));
    MaybeValue next =
        chain<SubOp>(n, x, chain<DivOp>(n, o.mul(rate, mean), divisor));
    return {o.scaled(next, 1 - n.floatAttr("norm_coefficient_post", 0)), mean,
            square};
  });
}

/// A sum of gradients that decays.
static ImportResult importMomentum(OpImporter &n) {
  Optimizer o(n);
  StringRef mode = n.stringAttr("mode", "standard");
  double alpha = n.floatAttr("alpha", 0), beta = n.floatAttr("beta", 0);
  if (mode != "standard" && mode != "nesterov")
    return n.unsupported("mode '" + mode + "'", "use standard or nesterov");
  // In the first step the gradient counts as a whole.
  MaybeValue isLater = chain<GreaterOp>(n, o.stepNumber(), o.number(0));
  MaybeValue weight = chain<WhereOp>(n, isLater, o.number(beta), o.number(1));
  return updateAll(n, 3, [&](ArrayRef<Value> v) -> SmallVector<MaybeValue> {
    Value x = v[0];
    MaybeValue g = o.gradient(x, v[1]);
    MaybeValue sum =
        o.add(o.scaled(v[2], alpha), o.mul(o.scalar(weight, x), g));
    MaybeValue direction =
        mode == "nesterov" ? o.add(g, o.scaled(sum, alpha)) : sum;
    MaybeValue step = o.mul(o.scalar(n.input(0), x), direction);
    return {chain<SubOp>(n, x, step), sum};
  });
}

void cameo::registerTraining(OpRegistry &registry) {
  registry.add("ai.onnx.preview.training:Adagrad", 1,
               "float, int64, float, float, float...", importAdagrad);
  registry.add("ai.onnx.preview.training:Adam", 1,
               "float, int64, float, float, float, float...", importAdam);
  registry.add("ai.onnx.preview.training:Momentum", 1,
               "float, int64, float, float, float...", importMomentum);
  registry.allowOpenDims({"ai.onnx.preview.training:Adagrad",
                          "ai.onnx.preview.training:Adam",
                          "ai.onnx.preview.training:Momentum"});
}
