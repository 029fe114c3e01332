//===- Random.cpp - Import of random generators ---------------------------===//
//
// Numbers are drawn while compiling, from the seed of the node or else one that
// follows from the node's name: a model gives the same numbers in every run and
// on every machine. What depends on data draws uniform numbers and compares.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/ops/Random.h"
#include "compiler/import/Reshapes.h"

#include "llvm/ADT/bit.h"
#include "llvm/Support/xxhash.h"

#include <cmath>

using namespace mlir;
using namespace cameo;

/// Tensors of more numbers are refused.
static constexpr int64_t kMaxNumbers = int64_t(1) << 26;
static constexpr double kTwoPi = 6.28318530717958647692;

namespace {
/// A generator that is the same everywhere (splitmix64).
class Generator {
public:
  explicit Generator(uint64_t seed) : state(seed) {}
  /// Uniform in [0, 1).
  double uniform() {
    uint64_t z = state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return std::ldexp(static_cast<double>((z ^ z >> 31) >> 11), -53);
  }
  /// Of mean zero and deviation one.
  double normal() {
    double radius = std::sqrt(-2 * std::log(1 - uniform()));
    return radius * std::cos(kTwoPi * uniform());
  }

private:
  uint64_t state;
};
} // namespace

static uint64_t getSeed(OpImporter &n) {
  if (n.hasAttr("seed"))
    return llvm::bit_cast<uint64_t>(n.floatAttr("seed", 0));
  auto name = dyn_cast<NameLoc>(n.loc());
  return llvm::xxh3_64bits(name ? name.getName().getValue() : StringRef());
}

/// A constant of numbers that `draw` gives.
static MaybeValue buildNumbers(OpImporter &n, ArrayRef<int64_t> shape,
                               Type elementType,
                               function_ref<double(Generator &)> draw) {
  int64_t count = 1;
  auto type = dyn_cast<FloatType>(elementType);
  for (int64_t extent : shape)
    if (extent < 0 || llvm::MulOverflow(count, extent, count) ||
        count > kMaxNumbers)
      return n.unsupported("too many random numbers", "draw fewer");
  if (!type)
    return n.unsupported("random numbers that are integers",
                         "draw floating-point numbers");
  Generator generator(getSeed(n));
  SmallVector<Attribute> elements;
  elements.reserve(count);
  for (int64_t i = 0; i < count; ++i)
    elements.push_back(FloatAttr::get(type, draw(generator)));
  return n.constant(DenseElementsAttr::get(
      RankedTensorType::get(shape, elementType), elements));
}

/// Generated for the bound, with the extents of `like`.
static MaybeValue withExtentsOf(OpImporter &n, MaybeValue numbers, Value like) {
  if (succeeded(numbers) && n.extents().isOpen(like))
    n.extents().setExtents(*numbers, n.extents().getExtents(like));
  return numbers;
}

MaybeValue cameo::buildUniform(OpImporter &n, ArrayRef<int64_t> shape,
                               Type elementType) {
  return buildNumbers(n, shape, elementType,
                      [](Generator &generator) { return generator.uniform(); });
}

/// The element type that `dtype` names.
static FailureOr<Type> getNumberType(OpImporter &n, Type otherwise) {
  if (!n.hasAttr("dtype"))
    return otherwise;
  return n.elementTypeAttr("dtype");
}

static MaybeValue buildDistribution(OpImporter &n, ArrayRef<int64_t> shape,
                                    Type otherwise, bool isNormal) {
  FailureOr<Type> type = getNumberType(n, otherwise);
  if (failed(type))
    return failure();
  double low = isNormal ? n.floatAttr("mean", 0) : n.floatAttr("low", 0);
  double scale =
      isNormal ? n.floatAttr("scale", 1) : n.floatAttr("high", 1) - low;
  return buildNumbers(n, shape, *type, [&](Generator &generator) {
    return low + scale * (isNormal ? generator.normal() : generator.uniform());
  });
}

template <bool isNormal> static ImportResult importRandom(OpImporter &n) {
  return chainResults(buildDistribution(n, n.intsAttr("shape", {}),
                                        n.builder().getF32Type(), isNormal));
}

template <bool isNormal> static ImportResult importRandomLike(OpImporter &n) {
  RankedTensorType type = typeOf(n.input(0));
  return chainResults(withExtentsOf(
      n, buildDistribution(n, type.getShape(), type.getElementType(), isNormal),
      n.input(0)));
}

/// One where a uniform number is below the probability.
static ImportResult importBernoulli(OpImporter &n) {
  RankedTensorType type = typeOf(n.input(0));
  FailureOr<Type> to = getNumberType(n, type.getElementType());
  if (failed(to))
    return failure();
  MaybeValue isOne = chain<LessOp>(
      n,
      withExtentsOf(n, buildUniform(n, type.getShape(), type.getElementType()),
                    n.input(0)),
      n.input(0));
  return chainResults(chainCast(n, isOne, *to));
}

/// The class with the greatest sum of its logarithm and a Gumbel number.
static ImportResult importMultinomial(OpImporter &n) {
  RankedTensorType type = typeOf(n.input(0));
  int64_t samples = n.intAttr("sample_size", 1);
  FailureOr<Type> to = getNumberType(n, n.builder().getI32Type());
  if (type.getRank() != 2 || samples < 0)
    return n.unsupported("scores of rank " + Twine(type.getRank()),
                         "give [batch, classes]");
  if (failed(to))
    return failure();
  SmallVector<int64_t> shape = {type.getDimSize(0), samples,
                                type.getDimSize(1)};
  MaybeValue noise =
      buildNumbers(n, shape, type.getElementType(), [](Generator &generator) {
        return -std::log(-std::log(1 - generator.uniform() * 0.999999999));
      });
  Exprs exprs = n.extents().getExtents(n.input(0));
  exprs.insert(exprs.begin() + 1, n.extents().constant(1));
  MaybeValue scores = chainReshapeTo(n, n.input(0), exprs);
  exprs[1] = n.extents().constant(samples);
  if (succeeded(noise) && n.extents().isOpen(n.input(0)))
    n.extents().setExtents(*noise, exprs);
  MaybeValue best =
      chain<ArgMaxOp>(n, chain<AddOp>(n, scores, noise), 2, /*keepdims=*/false,
                      /*select_last=*/false);
  return chainResults(chainCast(n, best, *to));
}

void cameo::registerRandom(OpRegistry &registry) {
  registry.add("Bernoulli", 15, "float", importBernoulli);
  registry.add("Multinomial", 7, "float", importMultinomial);
  registry.add("RandomNormal", 1, "", importRandom<true>);
  registry.add("RandomNormalLike", 1, "any", importRandomLike<true>);
  registry.add("RandomUniform", 1, "", importRandom<false>);
  registry.add("RandomUniformLike", 1, "any", importRandomLike<false>);
  registry.allowOpenDims(
      {"Bernoulli", "Multinomial", "RandomNormalLike", "RandomUniformLike"});
}
