//===- MachineLearning.cpp - Import of ai.onnx.ml -------------------------===//
//
// Linear models, tables and scaling; trees are in Trees.cpp.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/ops/MachineLearning.h"

using namespace mlir;
using namespace cameo;

Value cameo::buildFloats(OpImporter &n, ArrayRef<int64_t> shape,
                         ArrayRef<float> values) {
  return n.constant(DenseElementsAttr::get(
      RankedTensorType::get(shape, n.builder().getF32Type()), values));
}

MaybeValue cameo::buildPostTransform(OpImporter &n, MaybeValue scores,
                                     StringRef transform) {
  if (transform == "NONE" || failed(scores))
    return scores;
  int64_t last = typeOf(*scores).getRank() - 1;
  Type type = typeOf(*scores).getElementType();
  if (transform == "SOFTMAX")
    return chain<SoftmaxOp>(n, scores, last);
  if (transform == "LOGISTIC")
    return chain<SigmoidOp>(n, scores);
  if (transform != "SOFTMAX_ZERO")
    return n.unsupported(kTransforms);
  // Scores of zero have no part in it.
  MaybeValue isZero = chain<EqualOp>(n, scores, n.splat(type, 0));
  MaybeValue present =
      chain<WhereOp>(n, isZero, n.splat(type, -HUGE_VAL), scores);
  MaybeValue shares = chain<SoftmaxOp>(n, present, last);
  return chain<WhereOp>(n, isZero, n.splat(type, 0), shares);
}

/// Input 0 in f32.
static MaybeValue buildFeatures(OpImporter &n) {
  return chainCast(n, n.input(0), n.builder().getF32Type());
}

//===----------------------------------------------------------------------===//
// Elementwise operators
//===----------------------------------------------------------------------===//

static ImportResult importBinarizer(OpImporter &n) {
  Type type = typeOf(n.input(0)).getElementType();
  MaybeValue isAbove = chain<GreaterOp>(
      n, n.input(0), n.splat(type, n.floatAttr("threshold", 0)));
  return chainResults(chainCast(n, isAbove, type));
}

/// The attribute as a tensor for the last dimension: one number, or one each.
static MaybeValue buildPerFeature(OpImporter &n, StringRef name) {
  SmallVector<float> values = n.floatsAttr(name);
  RankedTensorType type = typeOf(n.input(0));
  int64_t features = type.getRank() > 0 ? type.getShape().back() : 1;
  auto count = static_cast<int64_t>(values.size());
  if (count != 1 && count != features)
    return n.unsupported(name + " has " + Twine(count) + " numbers for " +
                             Twine(features) + " features",
                         "give one, or one per feature");
  return buildFloats(n, count == 1 ? ArrayRef<int64_t>() : count, values);
}

static ImportResult importScaler(OpImporter &n) {
  MaybeValue x = buildFeatures(n);
  if (n.hasAttr("offset"))
    x = chain<SubOp>(n, x, buildPerFeature(n, "offset"));
  if (n.hasAttr("scale"))
    x = chain<MulOp>(n, x, buildPerFeature(n, "scale"));
  return chainResults(x);
}

/// Rows divided by their norm; rows of zeros stay.
static ImportResult importNormalizer(OpImporter &n) {
  MaybeValue x = buildFeatures(n);
  int64_t rank = typeOf(n.input(0)).getRank();
  if (rank < 1)
    return n.unsupported("a scalar", "give rows of features");
  SmallVector<int64_t> axes = {rank - 1};
  StringRef norm = n.stringAttr("norm", "MAX");
  MaybeValue size = failure();
  if (norm == "MAX")
    size = chain<ReduceMaxOp>(n, x, axes, /*keepdims=*/true);
  else if (norm == "L1")
    size = chain<ReduceL1Op>(n, x, axes, /*keepdims=*/true);
  else if (norm == "L2")
    size = chain<ReduceL2Op>(n, x, axes, /*keepdims=*/true);
  else
    return n.unsupported("norm " + norm, "use MAX, L1 or L2");
  Type f32 = n.builder().getF32Type();
  MaybeValue isZero = chain<EqualOp>(n, size, n.splat(f32, 0));
  return chainResults(
      chain<DivOp>(n, x, chain<WhereOp>(n, isZero, n.splat(f32, 1), size)));
}

static constexpr Limit kIntegerFeatures{"imputed values that are integers",
                                        "use floating-point features"};

/// Replaces one number, or NaN, by another, perhaps one per feature.
static ImportResult importImputer(OpImporter &n) {
  if (n.hasAttr("imputed_value_int64s"))
    return n.unsupported(kIntegerFeatures);
  double replaced = n.floatAttr("replaced_value_float", 0);
  MaybeValue x = buildFeatures(n);
  MaybeValue isMissing =
      std::isnan(replaced)
          ? chain<IsNaNOp>(n, x)
          : chain<EqualOp>(n, x, n.splat(n.builder().getF32Type(), replaced));
  return chainResults(chain<WhereOp>(
      n, isMissing, buildPerFeature(n, "imputed_value_floats"), x));
}

//===----------------------------------------------------------------------===//
// Tables
//===----------------------------------------------------------------------===//

static ImportResult importArrayFeatureExtractor(OpImporter &n) {
  RankedTensorType type = typeOf(n.input(0));
  int64_t rank = type.getRank();
  if (rank < 1)
    return n.unsupported("a scalar", "give rows of features");
  MaybeValue indices =
      chainReshape(n, n.input(1), typeOf(n.input(1)).getNumElements());
  MaybeValue y =
      chain<GatherOp>(n, n.input(0), indices, rank - 1, /*in_bounds=*/false);
  if (rank == 1)
    y = chainReshape(n, y, {1, typeOf(n.input(1)).getNumElements()});
  return chainResults(y);
}

//===----------------------------------------------------------------------===//
// Linear models
//===----------------------------------------------------------------------===//

/// x times the transposed coefficients, [rows, targets], plus intercepts.
static MaybeValue buildLinear(OpImporter &n, int64_t targets) {
  SmallVector<float> coefficients = n.floatsAttr("coefficients");
  SmallVector<float> intercepts = n.floatsAttr("intercepts");
  RankedTensorType type = typeOf(n.input(0));
  MaybeValue x = buildFeatures(n);
  if (type.getRank() == 1)
    x = chainReshape(n, x, {1, type.getDimSize(0)});
  int64_t features = type.getRank() > 0 ? type.getShape().back() : 0;
  int64_t wanted = 0;
  if (type.getRank() < 1 || type.getRank() > 2 || targets < 1 ||
      llvm::MulOverflow(targets, features, wanted) ||
      static_cast<int64_t>(coefficients.size()) != wanted ||
      (!intercepts.empty() &&
       static_cast<int64_t>(intercepts.size()) != targets))
    return n.unsupported(Twine(coefficients.size()) + " coefficients for " +
                             Twine(features) + " features and " +
                             Twine(targets) + " targets",
                         "check the model with the ONNX checker");
  MaybeValue y =
      chain<MatMulOp>(n, x, buildFloats(n, {targets, features}, coefficients),
                      /*transpose_a=*/false, /*transpose_b=*/true);
  if (!intercepts.empty())
    y = chain<AddOp>(n, y, buildFloats(n, targets, intercepts));
  return y;
}

static ImportResult importLinearRegressor(OpImporter &n) {
  MaybeValue y = buildLinear(n, n.intAttr("targets", 1));
  return chainResults(
      buildPostTransform(n, y, n.stringAttr("post_transform", "NONE")));
}

/// The best class and the scores of all.
static ImportResult importLinearClassifier(OpImporter &n) {
  SmallVector<int64_t> labels = n.intsAttr("classlabels_ints", {});
  auto classes = static_cast<int64_t>(labels.size());
  if (classes < 2)
    return n.unsupported(kStringLabels);
  RankedTensorType type = typeOf(n.input(0));
  int64_t features = type.getRank() > 0 ? type.getShape().back() : 0;
  // Two classes may have the coefficients of the second one only.
  bool isBinary =
      classes == 2 &&
      static_cast<int64_t>(n.floatsAttr("coefficients").size()) == features;
  MaybeValue scores = buildLinear(n, isBinary ? 1 : classes);
  StringRef transform = n.stringAttr("post_transform", "NONE");
  if (isBinary) {
    MaybeValue other = chain<NegOp>(n, scores);
    if (failed(scores) || failed(other))
      return failure();
    scores = n.value<ConcatOp>(ValueRange{*other, *scores}, 1);
  }
  MaybeValue best = chain<ArgMaxOp>(n, scores, 1, /*keepdims=*/false,
                                    /*select_last=*/false);
  Value table = n.constant(DenseElementsAttr::get(
      RankedTensorType::get(classes, n.builder().getI64Type()),
      ArrayRef<int64_t>(labels)));
  return chainResults({chain<GatherOp>(n, table, best, 0, /*in_bounds=*/true),
                       buildPostTransform(n, scores, transform)});
}

void cameo::registerMachineLearning(OpRegistry &registry) {
  registry.add("ai.onnx.ml:ArrayFeatureExtractor", 1, "any, index",
               importArrayFeatureExtractor);
  registry.add("ai.onnx.ml:Binarizer", 1, "number", importBinarizer);
  registry.add("ai.onnx.ml:Imputer", 1, "number", importImputer,
               {kIntegerFeatures});
  registry.add("ai.onnx.ml:LinearClassifier", 1, "number",
               importLinearClassifier, {kStringLabels, kTransforms});
  registry.add("ai.onnx.ml:LinearRegressor", 1, "number", importLinearRegressor,
               {kTransforms});
  registry.add("ai.onnx.ml:Normalizer", 1, "number", importNormalizer);
  registry.add("ai.onnx.ml:Scaler", 1, "number", importScaler);
  registry.allowOpenDims({"ai.onnx.ml:Binarizer", "ai.onnx.ml:Imputer",
                          "ai.onnx.ml:LinearClassifier",
                          "ai.onnx.ml:LinearRegressor", "ai.onnx.ml:Normalizer",
                          "ai.onnx.ml:Scaler"});
}
