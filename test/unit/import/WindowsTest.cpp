//===- WindowsTest.cpp - Import of convolutions and pools -----------------===//

#include "dialects/cameo/Cameo.h"
#include "test/unit/import/ImportFixture.h"

using namespace mlir;
using namespace cameo;

namespace {
class WindowsTest : public ImportTest {
protected:
  /// One node over x (1x4x9x9) and w (8x4x3x3).
  onnx::NodeProto *addConv(const std::string &op = "Conv") {
    addInput("x", {1, 4, 9, 9});
    addInput("w", {8, 4, 3, 3});
    addOutput("y");
    return addNode(op, {"x", "w"}, "y");
  }
  onnx::NodeProto *addPool(const std::string &op, int64_t extent = 8) {
    addInput("x", {1, 2, extent, extent});
    addOutput("y");
    onnx::NodeProto *node = addNode(op, {"x"}, "y");
    setInts(node, "kernel_shape", {3, 3});
    setInts(node, "strides", {2, 2});
    return node;
  }
  /// The pads that the only `Op` has after import.
  template <typename Op> std::vector<int64_t> importPads() {
    module = run();
    Op op = module ? find<Op>(*module) : Op();
    EXPECT_TRUE(op) << problems;
    return op ? op.getPads().vec() : std::vector<int64_t>();
  }
  OwningOpRef<ModuleOp> module;
};
using Ints = std::vector<int64_t>;
} // namespace

TEST_F(WindowsTest, ConvDefaults) {
  addConv();
  EXPECT_EQ(importPads<ConvOp>(), Ints({0, 0, 0, 0}));
  EXPECT_EQ(resultShape(*module), ArrayRef<int64_t>({1, 8, 7, 7}));
}

TEST_F(WindowsTest, ConvInOneAndThreeDimensions) {
  addInput("x", {1, 2, 9});
  addInput("w", {4, 1, 3});
  addInput("u", {2, 3, 4, 5, 6});
  addInput("v", {4, 3, 2, 2, 2});
  setInt(addNode("Conv", {"x", "w"}, "y"), "group", 2);
  addNode("Conv", {"u", "v"}, "z");
  addOutput("y");
  addOutput("z");
  OwningOpRef<ModuleOp> module = run();
  ASSERT_TRUE(module) << problems;
  auto graph = *module->getOps<func::FuncOp>().begin();
  EXPECT_EQ(cast<ShapedType>(graph.getResultTypes()[0]).getShape(),
            ArrayRef<int64_t>({1, 4, 7}));
  EXPECT_EQ(cast<ShapedType>(graph.getResultTypes()[1]).getShape(),
            ArrayRef<int64_t>({2, 4, 3, 4, 5}));
}

TEST_F(WindowsTest, AutoPadUpperPadsTheEnd) {
  onnx::NodeProto *node = addConv();
  setString(node, "auto_pad", "SAME_UPPER");
  setInts(node, "kernel_shape", {3, 3});
  setInts(node, "strides", {1, 4});
  setInts(node, "dilations", {2, 2});
  // (9 - 1) + 5 - 9 = 4; (3 - 1) * 4 + 5 - 9 = 4.
  EXPECT_EQ(importPads<ConvOp>(), Ints({2, 2, 2, 2}));
  EXPECT_EQ(resultShape(*module), ArrayRef<int64_t>({1, 8, 9, 3}));
}

TEST_F(WindowsTest, AutoPadOddPadsGoToOneEnd) {
  onnx::NodeProto *node = addPool("MaxPool");
  setString(node, "auto_pad", "SAME_UPPER"); // (4 - 1) * 2 + 3 - 8 = 1.
  EXPECT_EQ(importPads<MaxPoolOp>(), Ints({0, 0, 1, 1}));
  node->mutable_attribute(node->attribute_size() - 1)->set_s("SAME_LOWER");
  EXPECT_EQ(importPads<MaxPoolOp>(), Ints({1, 1, 0, 0}));
  node->mutable_attribute(node->attribute_size() - 1)->set_s("VALID");
  EXPECT_EQ(importPads<MaxPoolOp>(), Ints({0, 0, 0, 0}));
}

TEST_F(WindowsTest, RefusesWrongGroups) {
  setInt(addConv(), "group", 3);
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("node 'the_y' (Conv-17): (C2) 3 groups of filters"))
      << problems;
  EXPECT_TRUE(mentions("check the model with the ONNX checker")) << problems;
}

TEST_F(WindowsTest, RefusesRanksThatDiffer) {
  addInput("x", {1, 4, 9, 9});
  addInput("w", {8, 4, 3});
  addNode("Conv", {"x", "w"}, "y");
  addOutput("y");
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("node 'the_y' (Conv-17): input and filters have ranks 4 "
                       "and 3; both need batch, channels"))
      << problems;
}

TEST_F(WindowsTest, RefusesAttributesThatDoNotFit) {
  onnx::NodeProto *node = addConv();
  setString(node, "auto_pad", "SAME");
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("(Conv-17): auto_pad is 'SAME'; use NOTSET, VALID"))
      << problems;
  node->clear_attribute();
  setInts(node, "kernel_shape", {5, 5});
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("kernel_shape is not the shape of the filters"));
  node->clear_attribute();
  setInts(node, "pads", {1, 1});
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("strides, dilations or pads do not have the entries"));
  node->clear_attribute();
  setInts(node, "strides", {0, 1});
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("strides or dilations are not positive"));
}

TEST_F(WindowsTest, ConvTransposeOutputShape) {
  addInput("x", {1, 1, 3, 3});
  addInput("w", {1, 2, 3, 3});
  addOutput("y");
  onnx::NodeProto *node = addNode("ConvTranspose", {"x", "w"}, "y");
  setInts(node, "strides", {3, 2});
  setInts(node, "output_shape", {10, 8});
  // 3 * 2 + 3 - 10 = -1 and 2 * 2 + 3 - 8 = -1: larger than what is reached.
  EXPECT_EQ(importPads<ConvTransposeOp>(), Ints({0, 0, -1, -1}));
  EXPECT_EQ(resultShape(*module), ArrayRef<int64_t>({1, 2, 10, 8}));
  node->clear_attribute();
  setInts(node, "strides", {2, 2});
  setString(node, "auto_pad", "SAME_UPPER");
  EXPECT_EQ(importPads<ConvTransposeOp>(), Ints({0, 0, 1, 1}));
  EXPECT_EQ(resultShape(*module), ArrayRef<int64_t>({1, 2, 6, 6}));
  node->clear_attribute();
  setInts(node, "output_padding", {1});
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("output_padding has 1 entries")) << problems;
}

TEST_F(WindowsTest, ConvIntegerSubtractsZeroPoints) {
  addInput("x", {1, 1, 4, 4}, onnx::TensorProto::UINT8);
  addInput("w", {2, 1, 2, 2}, onnx::TensorProto::INT8);
  addInput("a", {}, onnx::TensorProto::UINT8);
  addInput("b", {2}, onnx::TensorProto::INT8);
  addNode("ConvInteger", {"x", "w", "a", "b"}, "y");
  addOutput("y");
  OwningOpRef<ModuleOp> module = run();
  ASSERT_TRUE(module) << problems;
  auto conv = find<ConvOp>(*module);
  ASSERT_TRUE(conv);
  EXPECT_TRUE(conv.getX().getDefiningOp<SubOp>());
  EXPECT_TRUE(conv.getW().getDefiningOp<SubOp>());
  EXPECT_TRUE(getElementTypeOrSelf(conv.getType()).isSignlessInteger(32));
}

TEST_F(WindowsTest, CeilModeAndIndices) {
  onnx::NodeProto *node = addPool("MaxPool");
  setInt(node, "ceil_mode", 1);
  node->add_output("i");
  addOutput("i");
  OwningOpRef<ModuleOp> module = run();
  ASSERT_TRUE(module) << problems;
  auto pool = find<MaxPoolIndicesOp>(*module);
  ASSERT_TRUE(pool);
  EXPECT_EQ(cast<ShapedType>(pool.getResult().getType()).getShape(),
            ArrayRef<int64_t>({1, 2, 4, 4}));
  EXPECT_TRUE(getElementTypeOrSelf(pool.getIndices().getType()).isInteger(64));
}

TEST_F(WindowsTest, PoolsNeedAKernel) {
  addPool("AveragePool")->mutable_attribute(0)->set_name("kernel");
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("node 'the_y' (AveragePool-17): ")) << problems;
  EXPECT_TRUE(mentions("kernel_shape has 0 entries")) << problems;
}

TEST_F(WindowsTest, GlobalPoolsReduceSpatialDimensions) {
  addInput("x", {2, 3, 4, 5});
  addNode("GlobalAveragePool", {"x"}, "a");
  addNode("GlobalMaxPool", {"a"}, "b");
  setInt(addNode("GlobalLpPool", {"x"}, "c"), "p", 3);
  addOutput("b");
  addOutput("c");
  OwningOpRef<ModuleOp> module = run();
  ASSERT_TRUE(module) << problems;
  auto mean = find<ReduceMeanOp>(*module);
  ASSERT_TRUE(mean);
  EXPECT_EQ(mean.getAxes(), ArrayRef<int64_t>({2, 3}));
  EXPECT_TRUE(find<ReduceMaxOp>(*module));
  EXPECT_TRUE(find<LpPoolOp>(*module));
  EXPECT_EQ(resultShape(*module), ArrayRef<int64_t>({2, 3, 1, 1}));
}

TEST_F(WindowsTest, RefusesResultsOfAbsurdSize) {
  int64_t pad = int64_t(1) << 30;
  setInts(addConv(), "pads", {pad, pad, pad, pad});
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("(Conv-17): its result has too many elements"))
      << problems;
}
