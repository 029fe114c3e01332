//===- Trees.cpp - Import of ensembles of decision trees ------------------===//
//
// The tables of ONNX become those of cameo.tree_ensemble: nodes in an order in
// which successors come later, membership of a set as a chain of comparisons.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/ops/MachineLearning.h"

#include "llvm/ADT/MapVector.h"

#include <map>

using namespace mlir;
using namespace cameo;

namespace {
/// A node or a leaf as ONNX has it; successors are positions in the ensemble.
struct TreeNode {
  bool isLeaf = false;
  int64_t feature = 0;
  TreeComparison comparison = TreeComparison::LessOrEqual;
  SmallVector<double> splits; ///< Several for the members of a set.
  bool nanIsTrue = false;
  int64_t onTrue = -1, onFalse = -1;
  SmallVector<std::pair<int64_t, double>> weights; ///< Of a leaf, by target.
};

/// An ensemble, and the operation made of it.
class Ensemble {
public:
  explicit Ensemble(OpImporter &n) : n(n) {}

  SmallVector<TreeNode> nodes;
  SmallVector<int64_t> roots;

  MaybeValue build(int64_t numTargets, TreeAggregate aggregate);

private:
  LogicalResult order(int64_t root);
  void number();

  OpImporter &n;
  enum class Mark : char { New, Open, Done };
  SmallVector<Mark> marks;
  SmallVector<int64_t> postOrder, places;
};
} // namespace

/// Appends what is reached from a root after its successors; refuses cycles.
LogicalResult Ensemble::order(int64_t root) {
  SmallVector<int64_t> stack = {root};
  while (!stack.empty()) {
    int64_t at = stack.back();
    if (at < 0 || at >= static_cast<int64_t>(nodes.size()))
      return n.unsupported("a node has the successor " + Twine(at) +
                               ", which is not there",
                           "check the model with the ONNX checker");
    if (marks[at] != Mark::New) {
      stack.pop_back();
      if (marks[at] == Mark::Open)
        postOrder.push_back(at);
      marks[at] = Mark::Done;
      continue;
    }
    marks[at] = Mark::Open;
    if (nodes[at].isLeaf)
      continue;
    for (int64_t next : {nodes[at].onTrue, nodes[at].onFalse}) {
      bool isKnown = next >= 0 && next < static_cast<int64_t>(nodes.size());
      if (isKnown && marks[next] == Mark::Open)
        return n.unsupported("its trees have cycles",
                             "check the model with the ONNX checker");
      if (!isKnown || marks[next] == Mark::New)
        stack.push_back(next);
    }
  }
  return success();
}

/// Numbers nodes in reverse post-order, and leaves apart as -1, -2, ...
void Ensemble::number() {
  places.assign(nodes.size(), 0);
  int64_t nextNode = 0, nextLeaf = -1;
  for (int64_t at : llvm::reverse(postOrder)) {
    places[at] = nodes[at].isLeaf ? nextLeaf : nextNode;
    if (nodes[at].isLeaf)
      --nextLeaf;
    else
      nextNode += static_cast<int64_t>(nodes[at].splits.size());
  }
}

MaybeValue Ensemble::build(int64_t numTargets, TreeAggregate aggregate) {
  marks.assign(nodes.size(), Mark::New);
  for (int64_t root : roots)
    if (failed(order(root)))
      return failure();
  number();
  SmallVector<int64_t> features, comparisons, onTrue, onFalse, starts = {0},
                                                               targets, tops;
  SmallVector<double> splits, weights;
  SmallVector<bool> nanIsTrue;
  for (int64_t at : llvm::reverse(postOrder)) {
    const TreeNode &node = nodes[at];
    for (auto [target, weight] : node.weights) {
      targets.push_back(target);
      weights.push_back(weight);
    }
    if (node.isLeaf)
      starts.push_back(static_cast<int64_t>(weights.size()));
    for (auto [i, split] : llvm::enumerate(node.splits)) {
      bool isLast = i + 1 == node.splits.size();
      features.push_back(node.feature);
      comparisons.push_back(static_cast<int64_t>(node.comparison));
      splits.push_back(split);
      nanIsTrue.push_back(node.nanIsTrue);
      onTrue.push_back(places[node.onTrue]);
      onFalse.push_back(isLast ? places[node.onFalse]
                               : static_cast<int64_t>(onFalse.size()) + 1);
    }
  }
  for (int64_t root : roots)
    tops.push_back(places[root]);
  MaybeValue x = n.input(0);
  if (!isa<FloatType>(typeOf(*x).getElementType()))
    x = chainCast(n, x, n.builder().getF32Type());
  return chain<TreeEnsembleOp>(n, x, features, splits, comparisons, nanIsTrue,
                               onTrue, onFalse, tops, starts, targets, weights,
                               numTargets, aggregate);
}

/// The numbers of a tensor attribute.
static FailureOr<SmallVector<double>> getNumbers(OpImporter &n,
                                                 StringRef name) {
  FailureOr<ElementsAttr> tensor = n.tensorAttr(name);
  if (failed(tensor))
    return failure();
  SmallVector<double> numbers;
  if (auto values = tensor->tryGetValues<APFloat>()) {
    for (APFloat value : *values) {
      bool lost;
      value.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &lost);
      numbers.push_back(value.convertToDouble());
    }
    return numbers;
  }
  if (auto values = tensor->tryGetValues<APInt>()) {
    for (const APInt &value : *values)
      numbers.push_back(static_cast<double>(value.getZExtValue()));
    return numbers;
  }
  return n.unsupported("attribute '" + name + "' has no numbers",
                       "check the model with the ONNX checker");
}

//===----------------------------------------------------------------------===//
// TreeEnsemble
//===----------------------------------------------------------------------===//

/// Reads the nodes of TreeEnsemble-5; leaves come after them.
static LogicalResult readNodes(OpImporter &n, Ensemble &ensemble) {
  auto ints = [&](StringRef name) { return n.intsAttr(name, {}); };
  SmallVector<int64_t> features = ints("nodes_featureids"),
                       yes = ints("nodes_truenodeids"),
                       no = ints("nodes_falsenodeids"),
                       yesIsLeaf = ints("nodes_trueleafs"),
                       noIsLeaf = ints("nodes_falseleafs"),
                       nanIsTrue = ints("nodes_missing_value_tracks_true");
  FailureOr<SmallVector<double>> modes = getNumbers(n, "nodes_modes");
  FailureOr<SmallVector<double>> splits = getNumbers(n, "nodes_splits");
  FailureOr<SmallVector<double>> members = SmallVector<double>();
  if (n.hasAttr("membership_values"))
    members = getNumbers(n, "membership_values");
  if (failed(modes) || failed(splits) || failed(members))
    return failure();
  size_t count = features.size();
  if (yes.size() != count || no.size() != count || yesIsLeaf.size() != count ||
      noIsLeaf.size() != count || modes->size() != count ||
      splits->size() != count ||
      (!nanIsTrue.empty() && nanIsTrue.size() != count))
    return n.unsupported("its tables of nodes differ in length",
                         "check the model with the ONNX checker");
  ArrayRef<double> left = *members;
  auto after = static_cast<int64_t>(count);
  // What is not a position is refused when the trees are put in order.
  auto successor = [&](int64_t at, bool isLeaf) {
    return at < 0 || at > std::numeric_limits<int32_t>::max() ? -1
           : isLeaf                                           ? at + after
                                                              : at;
  };
  for (size_t i = 0; i < count; ++i) {
    if (!((*modes)[i] >= 0 && (*modes)[i] <= 6))
      return n.unsupported("a node of mode " + std::to_string((*modes)[i]),
                           "use modes 0 to 6");
    TreeNode node;
    node.feature = features[i];
    node.nanIsTrue = !nanIsTrue.empty() && nanIsTrue[i] != 0;
    node.onTrue = successor(yes[i], yesIsLeaf[i] != 0);
    node.onFalse = successor(no[i], noIsLeaf[i] != 0);
    node.splits = {(*splits)[i]};
    if ((*modes)[i] == 6) { // The members up to a NaN.
      node.comparison = TreeComparison::Equal;
      ArrayRef<double> set =
          left.take_until([](double member) { return std::isnan(member); });
      left = left.drop_front(std::min(set.size() + 1, left.size()));
      node.splits.assign(set.begin(), set.end());
      if (set.empty()) // Nothing equals NaN.
        node.splits = {std::nan("")};
    } else {
      node.comparison =
          static_cast<TreeComparison>(static_cast<uint32_t>((*modes)[i]));
    }
    ensemble.nodes.push_back(std::move(node));
  }
  return success();
}

static StringRef getTransformName(int64_t number) {
  constexpr const char *names[] = {"NONE", "SOFTMAX", "LOGISTIC",
                                   "SOFTMAX_ZERO", "PROBIT"};
  return number >= 0 && number < 5 ? names[number] : "?";
}

static ImportResult importTreeEnsemble(OpImporter &n) {
  Ensemble ensemble(n);
  SmallVector<int64_t> targets = n.intsAttr("leaf_targetids", {});
  FailureOr<SmallVector<double>> weights = getNumbers(n, "leaf_weights");
  if (failed(weights) || failed(readNodes(n, ensemble)))
    return failure();
  if (weights->size() != targets.size())
    return n.unsupported("its tables of leaves differ in length",
                         "check the model with the ONNX checker");
  for (auto [target, weight] : llvm::zip_equal(targets, *weights)) {
    TreeNode leaf;
    leaf.isLeaf = true;
    leaf.weights = {{target, weight}};
    ensemble.nodes.push_back(std::move(leaf));
  }
  ensemble.roots = n.intsAttr("tree_roots", {});
  auto aggregate = symbolizeTreeAggregate(
      static_cast<uint32_t>(n.intAttr("aggregate_function", 1)));
  if (!aggregate)
    return n.unsupported("an unknown aggregate_function", "use 0 to 3");
  MaybeValue y = ensemble.build(n.intAttr("n_targets", 1), *aggregate);
  return chainResults(buildPostTransform(
      n, y, getTransformName(n.intAttr("post_transform", 0))));
}

//===----------------------------------------------------------------------===//
// TreeEnsembleRegressor and TreeEnsembleClassifier
//===----------------------------------------------------------------------===//

/// Numbers that are an attribute of floats or, from opset 3 on, a tensor.
static FailureOr<SmallVector<double>> getFloats(OpImporter &n,
                                                const std::string &name) {
  if (n.hasAttr(name + "_as_tensor"))
    return getNumbers(n, name + "_as_tensor");
  return llvm::to_vector_of<double>(n.floatsAttr(name));
}

/// Reads nodes that are known by tree and number; `prefix` is that of the
/// attributes of weights. The first node of every tree is its root.
static LogicalResult readOldNodes(OpImporter &n, const std::string &prefix,
                                  Ensemble &ensemble) {
  auto ints = [&](StringRef name) { return n.intsAttr(name, {}); };
  SmallVector<int64_t> trees = ints("nodes_treeids"),
                       numbers = ints("nodes_nodeids"),
                       features = ints("nodes_featureids"),
                       yes = ints("nodes_truenodeids"),
                       no = ints("nodes_falsenodeids"),
                       nanIsTrue = ints("nodes_missing_value_tracks_true"),
                       weightTrees = ints(prefix + "_treeids"),
                       weightNodes = ints(prefix + "_nodeids"),
                       targets = ints(prefix + "_ids");
  SmallVector<StringRef> modes = n.stringsAttr("nodes_modes");
  FailureOr<SmallVector<double>> splits = getFloats(n, "nodes_values");
  FailureOr<SmallVector<double>> weights = getFloats(n, prefix + "_weights");
  if (failed(splits) || failed(weights))
    return failure();
  size_t count = trees.size(), numWeights = targets.size();
  if (numbers.size() != count || features.size() != count ||
      yes.size() != count || no.size() != count || modes.size() != count ||
      splits->size() != count ||
      (!nanIsTrue.empty() && nanIsTrue.size() != count) ||
      weightTrees.size() != numWeights || weightNodes.size() != numWeights ||
      weights->size() != numWeights)
    return n.unsupported("its tables differ in length",
                         "check the model with the ONNX checker");
  std::map<std::pair<int64_t, int64_t>, int64_t> positions;
  llvm::MapVector<int64_t, int64_t> rootOf;
  for (size_t i = 0; i < count; ++i) {
    positions[{trees[i], numbers[i]}] = static_cast<int64_t>(i);
    rootOf.insert({trees[i], static_cast<int64_t>(i)});
  }
  auto find = [&](int64_t tree, int64_t number) {
    auto found = positions.find({tree, number});
    return found == positions.end() ? -1 : found->second;
  };
  const StringRef names[] = {"BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE",
                             "BRANCH_GT",  "BRANCH_EQ", "BRANCH_NEQ"};
  for (size_t i = 0; i < count; ++i) {
    TreeNode node;
    const auto *mode = llvm::find(names, modes[i]);
    node.isLeaf = modes[i] == "LEAF";
    if (!node.isLeaf && mode == std::end(names))
      return n.unsupported("a node of mode '" + modes[i] + "'",
                           "use LEAF or one of the comparisons");
    if (!node.isLeaf) {
      node.comparison = static_cast<TreeComparison>(mode - names);
      node.feature = features[i];
      node.splits = {(*splits)[i]};
      node.nanIsTrue = !nanIsTrue.empty() && nanIsTrue[i] != 0;
      node.onTrue = find(trees[i], yes[i]);
      node.onFalse = find(trees[i], no[i]);
    }
    ensemble.nodes.push_back(std::move(node));
  }
  for (size_t i = 0; i < numWeights; ++i) {
    int64_t leaf = find(weightTrees[i], weightNodes[i]);
    if (leaf < 0 || !ensemble.nodes[leaf].isLeaf)
      return n.unsupported("a weight of something that is no leaf",
                           "check the model with the ONNX checker");
    ensemble.nodes[leaf].weights.push_back({targets[i], (*weights)[i]});
  }
  for (auto [tree, root] : rootOf)
    ensemble.roots.push_back(root);
  return success();
}

/// Adds `base_values`, one per column.
static MaybeValue addBaseValues(OpImporter &n, MaybeValue scores) {
  if (!n.hasAttr("base_values") && !n.hasAttr("base_values_as_tensor"))
    return scores;
  FailureOr<SmallVector<double>> base = getFloats(n, "base_values");
  if (failed(base) || failed(scores))
    return failure();
  auto count = static_cast<int64_t>(base->size());
  if (count != 1 && count != typeOf(*scores).getDimSize(1))
    return n.unsupported(Twine(count) + " base_values", "give one per target");
  SmallVector<float> values = llvm::map_to_vector(
      *base, [](double value) { return static_cast<float>(value); });
  return chain<AddOp>(n, scores,
                      chainCast(n, buildFloats(n, count, values),
                                typeOf(*scores).getElementType()));
}

static ImportResult importTreeRegressor(OpImporter &n) {
  Ensemble ensemble(n);
  if (failed(readOldNodes(n, "target", ensemble)))
    return failure();
  StringRef name = n.stringAttr("aggregate_function", "SUM");
  auto aggregate = symbolizeTreeAggregate(name.lower());
  if (!aggregate)
    return n.unsupported("aggregate_function '" + name + "'",
                         "use AVERAGE, SUM, MIN or MAX");
  MaybeValue y = ensemble.build(n.intAttr("n_targets", 1), *aggregate);
  y = chainCast(n, addBaseValues(n, y), n.builder().getF32Type());
  return chainResults(
      buildPostTransform(n, y, n.stringAttr("post_transform", "NONE")));
}

/// Of two classes of which only one has weights: the scores of both, and
/// whether the second one is chosen.
static std::pair<MaybeValue, MaybeValue> buildBinary(OpImporter &n,
                                                     MaybeValue score,
                                                     bool allPositive,
                                                     StringRef transform) {
  Type f32 = n.builder().getF32Type();
  MaybeValue isSecond =
      chain<GreaterOp>(n, score, n.splat(f32, allPositive ? 0.5 : 0));
  MaybeValue other = allPositive ? chain<SubOp>(n, n.splat(f32, 1), score)
                                 : chain<NegOp>(n, score);
  if (!allPositive && transform == "LOGISTIC") {
    other = chain<SigmoidOp>(n, other);
    score = chain<SigmoidOp>(n, score);
  }
  if (failed(score) || failed(other))
    return {failure(), failure()};
  return {n.value<ConcatOp>(ValueRange{*other, *score}, 1), isSecond};
}

static ImportResult importTreeClassifier(OpImporter &n) {
  SmallVector<int64_t> labels = n.intsAttr("classlabels_int64s", {});
  auto classes = static_cast<int64_t>(labels.size());
  if (classes < 2)
    return n.unsupported(kStringLabels);
  Ensemble ensemble(n);
  if (typeOf(n.input(0)).getRank() != 2)
    return n.unsupported("an input of rank " +
                             Twine(typeOf(n.input(0)).getRank()),
                         "give rows of features");
  if (failed(readOldNodes(n, "class", ensemble)))
    return failure();
  bool allPositive = true;
  for (TreeNode &node : ensemble.nodes)
    for (auto [target, weight] : node.weights)
      allPositive &= weight >= 0;
  SmallVector<int64_t> targets = n.intsAttr("class_ids", {});
  bool isBinary = classes == 2 && !targets.empty() && llvm::all_equal(targets);
  if (isBinary)
    for (TreeNode &node : ensemble.nodes)
      for (auto &entry : node.weights)
        entry.first = 0;
  MaybeValue scores =
      chainCast(n,
                addBaseValues(n, ensemble.build(isBinary ? 1 : classes,
                                                TreeAggregate::Sum)),
                n.builder().getF32Type());
  StringRef transform = n.stringAttr("post_transform", "NONE");
  Type i64 = n.builder().getI64Type();
  MaybeValue best = failure();
  if (isBinary) {
    auto [both, isSecond] = buildBinary(n, scores, allPositive, transform);
    scores = both;
    best = chainReshape(n, chainCast(n, isSecond, i64),
                        {typeOf(n.input(0)).getDimSize(0)});
  } else {
    best = chain<ArgMaxOp>(n, scores, 1, /*keepdims=*/false,
                           /*select_last=*/false);
    scores = buildPostTransform(n, scores, transform);
  }
  Value table = n.constant(DenseElementsAttr::get(
      RankedTensorType::get(classes, i64), ArrayRef<int64_t>(labels)));
  return chainResults(
      {chain<GatherOp>(n, table, best, 0, /*in_bounds=*/true), scores});
}

void cameo::registerTrees(OpRegistry &registry) {
  registry.add("ai.onnx.ml:TreeEnsemble", 5, "float", importTreeEnsemble,
               {kTransforms});
  registry.add("ai.onnx.ml:TreeEnsembleClassifier", 1, "number",
               importTreeClassifier, {kStringLabels, kTransforms});
  registry.add("ai.onnx.ml:TreeEnsembleRegressor", 1, "number",
               importTreeRegressor, {kTransforms});
  registry.allowOpenDims({"ai.onnx.ml:TreeEnsemble",
                          "ai.onnx.ml:TreeEnsembleClassifier",
                          "ai.onnx.ml:TreeEnsembleRegressor"});
}
