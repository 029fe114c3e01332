//===- SignalTest.cpp - Import of signal processing, selections, trees ----===//

#include "dialects/cameo/Cameo.h"
#include "test/unit/import/ImportFixture.h"

using namespace mlir;
using namespace cameo;

namespace {
class SignalTest : public ImportTest {
protected:
  onnx::NodeProto *addDFT(std::initializer_list<int64_t> shape) {
    addInput("x", shape);
    onnx::NodeProto *node = addNode("DFT", {"x"}, "y");
    addOutput("y");
    return node;
  }
  /// A stump whose root has the given successors.
  void addStump(int64_t onTrue, int64_t onFalse) {
    auto *ml = model.add_opset_import();
    ml->set_domain("ai.onnx.ml");
    ml->set_version(1);
    addInput("x", {3, 2});
    onnx::NodeProto *node = addNode("TreeEnsembleRegressor", {"x"}, "y");
    node->set_domain("ai.onnx.ml");
    setInts(node, "nodes_treeids", {0, 0, 0});
    setInts(node, "nodes_nodeids", {0, 1, 2});
    setInts(node, "nodes_featureids", {1, 0, 0});
    setInts(node, "nodes_truenodeids", {onTrue, 0, 0});
    setInts(node, "nodes_falsenodeids", {onFalse, 0, 0});
    setFloats(node, "nodes_values", {0.5, 0, 0});
    setStrings(node, "nodes_modes", {"BRANCH_GT", "LEAF", "LEAF"});
    setInts(node, "target_treeids", {0, 0});
    setInts(node, "target_nodeids", {1, 2});
    setInts(node, "target_ids", {0, 0});
    setFloats(node, "target_weights", {1, 2});
    addOutput("y");
  }
  OwningOpRef<ModuleOp> module;
};
} // namespace

TEST_F(SignalTest, OneSidedTransform) {
  setInt(addDFT({2, 10, 4, 1}), "onesided", 1);
  module = run();
  ASSERT_TRUE(module) << problems;
  EXPECT_EQ(resultShape(*module), ArrayRef<int64_t>({2, 6, 4, 2}));
}

TEST_F(SignalTest, TransformOfTooManyPointsIsRefused) {
  addDFT({1, 100000, 2});
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("transforms whose matrix has more than 2^24 elements"));
}

TEST_F(SignalTest, TransformWithoutComponentsIsRefused) {
  addDFT({1, 8, 3});
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("not that of real and imaginary parts"));
}

TEST_F(SignalTest, NumbersAreTheSameInEveryCompilation) {
  for (int i = 0; i < 2; ++i) {
    model.clear_graph();
    onnx::NodeProto *node = addNode("RandomUniform", {}, "y");
    setInts(node, "shape", {4});
    addOutput("y");
    OwningOpRef<ModuleOp> now = run();
    ASSERT_TRUE(now) << problems;
    std::string text;
    llvm::raw_string_ostream os(text);
    now->walk([&](ConstantOp op) { os << op.getValue(); });
    static std::string first;
    if (i == 0)
      first = text;
    EXPECT_EQ(first, text);
  }
}

TEST_F(SignalTest, UniqueOfAConstant) {
  addInts("x", {3, 1, 3, 2});
  addNode("Unique", {"x"}, "y");
  addOutput("y");
  module = run();
  ASSERT_TRUE(module) << problems;
  EXPECT_EQ(resultShape(*module), ArrayRef<int64_t>({3}));
}

TEST_F(SignalTest, UniqueOfDataSortsIt) {
  addInput("x", {4});
  addNode("Unique", {"x"}, "y");
  addOutput("y");
  module = run();
  ASSERT_TRUE(module) << problems;
  EXPECT_TRUE(find<TopKOp>(*module));
  EXPECT_TRUE(find<NonZeroOp>(*module));
}

TEST_F(SignalTest, UniqueOfRowsOfDataIsRefused) {
  addInput("x", {4, 2});
  setInt(addNode("Unique", {"x"}, "y"), "axis", 0);
  addOutput("y");
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("depends on the values of parts along an axis"));
}

TEST_F(SignalTest, TreesBecomeTables) {
  addStump(2, 1);
  module = run();
  ASSERT_TRUE(module) << problems;
  module->walk([](TreeEnsembleOp op) {
    EXPECT_EQ(op.getRoots(), ArrayRef<int64_t>({0}));
    EXPECT_EQ(op.getComparisons(), ArrayRef<int64_t>({3}));
    // Leaves in the order in which they are numbered.
    EXPECT_EQ(op.getLeafStarts(), ArrayRef<int64_t>({0, 1, 2}));
    EXPECT_NE(op.getOnTrue()[0], op.getOnFalse()[0]);
  });
}

TEST_F(SignalTest, CyclesInTreesAreRefused) {
  addStump(0, 1);
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("its trees have cycles"));
}

TEST_F(SignalTest, SuccessorsThatAreNotThereAreRefused) {
  addStump(7, 1);
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("a node has the successor -1, which is not there"));
}
