//===- RecurrentTest.cpp - Import of recurrent networks and Einsum --------===//

#include "dialects/cameo/Cameo.h"
#include "test/unit/import/ImportFixture.h"

using namespace mlir;
using namespace cameo;

namespace {
class RecurrentTest : public ImportTest {
protected:
  /// A node with X of [5, 2, 3] and a hidden size of 4.
  onnx::NodeProto *addRecurrent(const std::string &op, int64_t gates,
                                int64_t directions = 1) {
    addInput("x", {5, 2, 3});
    addInput("w", {directions, gates * 4, 3});
    addInput("r", {directions, gates * 4, 4});
    onnx::NodeProto *node = addNode(op, {"x", "w", "r"}, "y");
    node->add_output("last");
    setInt(node, "hidden_size", 4);
    addOutput("y");
    return node;
  }
  /// The shape of Einsum of operands with these shapes; {-1} when it is
  /// refused.
  std::vector<int64_t>
  shapeOf(const std::string &equation,
          std::initializer_list<std::initializer_list<int64_t>> operands) {
    model.clear_graph();
    std::vector<std::string> names;
    for (auto shape : operands) {
      names.push_back("x" + std::to_string(names.size()));
      addInput(names.back(), shape);
    }
    setString(addNode("Einsum", names, "y"), "equation", equation);
    addOutput("y");
    module = run();
    return module ? resultShape(*module).vec() : std::vector<int64_t>{-1};
  }
  OwningOpRef<ModuleOp> module;
};
using Ints = std::vector<int64_t>;
} // namespace

TEST_F(RecurrentTest, LstmDirectionsAreOperationsOfTheirOwn) {
  setString(addRecurrent("LSTM", 4, 2), "direction", "bidirectional");
  module = run();
  ASSERT_TRUE(module) << problems;
  EXPECT_EQ(Ints(resultShape(*module)), Ints({5, 2, 2, 4}));
  std::vector<bool> reverse;
  module->walk([&](LstmOp op) { reverse.push_back(op.getReverse()); });
  EXPECT_EQ(reverse, std::vector<bool>({false, true}));
}

TEST_F(RecurrentTest, BatchFirstLayout) {
  onnx::NodeProto *node = addRecurrent("RNN", 1);
  setInt(node, "layout", 1);
  module = run();
  ASSERT_TRUE(module) << problems;
  EXPECT_EQ(Ints(resultShape(*module)), Ints({5, 2, 1, 4}));
  auto rnn = find<RnnOp>(*module);
  EXPECT_EQ(Ints(cast<ShapedType>(rnn.getX().getType()).getShape()),
            Ints({2, 5, 4}));
}

TEST_F(RecurrentTest, ActivationsTakeTheirParametersInTurn) {
  onnx::NodeProto *node = addRecurrent("GRU", 3);
  setStrings(node, "activations", {"Tanh", "LeakyRelu"});
  setFloats(node, "activation_alpha", {0.5});
  module = run();
  ASSERT_TRUE(module) << problems;
  auto gru = find<GruOp>(*module);
  EXPECT_EQ(cast<ActivationAttr>(gru.getActivations()[1]).getValue(),
            Activation::LeakyRelu);
  EXPECT_EQ(gru.getAlphas()[1], 0.5);
}

TEST_F(RecurrentTest, WhatDoesNotFitIsRefused) {
  onnx::NodeProto *node = addRecurrent("GRU", 3);
  setInt(node, "hidden_size", 5);
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("the_y")) << problems;
  EXPECT_TRUE(mentions("the shapes of W, R and B do not fit")) << problems;
}

TEST_F(RecurrentTest, UnknownActivationIsRefused) {
  onnx::NodeProto *node = addRecurrent("RNN", 1);
  setStrings(node, "activations", {"Cosine"});
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("activation 'Cosine'")) << problems;
}

TEST_F(RecurrentTest, EinsumShapes) {
  EXPECT_EQ(shapeOf("ij,jk->ik", {{2, 3}, {3, 4}}), Ints({2, 4})) << problems;
  EXPECT_EQ(shapeOf("ij,jk", {{2, 3}, {3, 4}}), Ints({2, 4})) << problems;
  EXPECT_EQ(shapeOf("ba", {{2, 3}}), Ints({3, 2})) << problems;
  EXPECT_EQ(shapeOf("...ii ->...i", {{5, 3, 3}}), Ints({5, 3})) << problems;
  EXPECT_EQ(shapeOf("i,i", {{4}, {4}}), Ints()) << problems;
  EXPECT_EQ(shapeOf("b...q,...kq->...bk", {{2, 5, 4}, {5, 3, 4}}),
            Ints({5, 2, 3}))
      << problems;
  EXPECT_EQ(shapeOf("ab,bc,cd->ad", {{2, 3}, {3, 4}, {4, 5}}), Ints({2, 5}))
      << problems;
  EXPECT_EQ(shapeOf("ij,ij->ij", {{0, 3}, {0, 3}}), Ints({0, 3})) << problems;
}

TEST_F(RecurrentTest, EinsumRefusals) {
  EXPECT_EQ(shapeOf("ij,jk->ik", {{2, 3}}), Ints({-1}));
  EXPECT_TRUE(mentions("an equation of 2 operands for 1 inputs")) << problems;
  EXPECT_EQ(shapeOf("i->j", {{2}}), Ints({-1}));
  EXPECT_TRUE(mentions("an output label")) << problems;
  EXPECT_EQ(shapeOf("ij,jk->ik", {{2, 3}, {4, 5}}), Ints({-1}));
  EXPECT_TRUE(mentions("a label for extents 3 and 4")) << problems;
  EXPECT_EQ(shapeOf("i*->i", {{2}}), Ints({-1}));
  EXPECT_TRUE(mentions("equation part 'i*'")) << problems;
}
