//===- AttentionTest.cpp - Import of attention ----------------------------===//

#include "dialects/cameo/Cameo.h"
#include "test/unit/import/ImportFixture.h"

using namespace mlir;
using namespace cameo;

namespace {
class AttentionTest : public ModuleTest {
protected:
  /// Four heads of queries for `keyHeads` of keys, all of size 8.
  onnx::NodeProto *addAttention(int64_t keyHeads) {
    setOpset(24);
    addInput("q", {2, 3, 32});
    addInput("k", {2, 5, keyHeads * 8});
    addInput("v", {2, 5, keyHeads * 8});
    onnx::NodeProto *node = addNode("Attention", {"q", "k", "v"}, "y");
    setInt(node, "q_num_heads", 4);
    setInt(node, "kv_num_heads", keyHeads);
    addOutput("y");
    return node;
  }
};
} // namespace

TEST_F(AttentionTest, IsTwoProductsAndASoftmax) {
  addAttention(4);
  module = run();
  ASSERT_TRUE(module) << problems;
  EXPECT_EQ(resultShape(*module), ArrayRef<int64_t>({2, 3, 32}));
  EXPECT_EQ(count<MatMulOp>(), 2u);
  EXPECT_EQ(count<SoftmaxOp>(), 1u);
  EXPECT_EQ(count<WhereOp>(), 0u);
}

TEST_F(AttentionTest, SharedKeysAreNotRepeated) {
  addAttention(2);
  module = run();
  ASSERT_TRUE(module) << problems;
  module->walk([](MatMulOp op) {
    EXPECT_EQ(cast<RankedTensorType>(op.getB().getType()).getDimSize(2), 1);
  });
  EXPECT_EQ(count<ExpandOp>(), 0u);
}

TEST_F(AttentionTest, RowsThatAreMaskedAreZeroed) {
  onnx::NodeProto *node = addAttention(4);
  addInput("m", {3, 5}, onnx::TensorProto::BOOL);
  node->add_input("m");
  module = run();
  ASSERT_TRUE(module) << problems;
  // Of the scores, of the mask to find the rows, and of these.
  EXPECT_EQ(count<WhereOp>(), 3u);
}

TEST_F(AttentionTest, HeadsThatDoNotDivideAreRefused) {
  setInt(addAttention(4), "q_num_heads", 5);
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("q_num_heads = 5 for an input of shape [2, 3, 32]"));
}

TEST_F(AttentionTest, MaskThatDoesNotFitIsRefused) {
  onnx::NodeProto *node = addAttention(4);
  addInput("m", {3, 7});
  node->add_input("m");
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("the mask does not fit the keys"));
}
