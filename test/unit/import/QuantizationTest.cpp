//===- QuantizationTest.cpp - Import of quantised operators ---------------===//

#include "dialects/cameo/Cameo.h"
#include "test/unit/import/ImportFixture.h"

#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace cameo;

namespace {
class QuantizationTest : public ImportTest {
protected:
  QuantizationTest() {
    setOpset(21);
    addInput("x", {2, 6, 3});
    addOutput("y");
  }
};
} // namespace

TEST_F(QuantizationTest, QuantizesToBytesWithoutZeroPoint) {
  addInput("scale", {});
  addNode("QuantizeLinear", {"x", "scale"}, "y");
  OwningOpRef<ModuleOp> module = run();
  ASSERT_TRUE(module) << problems;
  auto cast = find<CastOp>(*module);
  ASSERT_TRUE(cast);
  EXPECT_TRUE(getElementTypeOrSelf(cast.getType()).isUnsignedInteger(8));
  EXPECT_TRUE(find<RoundOp>(*module));
}

TEST_F(QuantizationTest, ScalesPerAxisAreBroadcast) {
  addInput("scale", {6});
  addInput("zero", {6}, onnx::TensorProto::INT16);
  addNode("QuantizeLinear", {"x", "scale", "zero"}, "y");
  OwningOpRef<ModuleOp> module = run();
  ASSERT_TRUE(module) << problems;
  auto reshape = find<ReshapeOp>(*module);
  ASSERT_TRUE(reshape);
  EXPECT_EQ(llvm::cast<ShapedType>(reshape.getType()).getShape(),
            ArrayRef<int64_t>({1, 6, 1}));
  EXPECT_EQ(resultShape(*module), ArrayRef<int64_t>({2, 6, 3}));
}

TEST_F(QuantizationTest, BlocksRepeatScales) {
  addInput("q", {2, 6, 3}, onnx::TensorProto::INT8);
  addInput("scale", {2, 2, 3});
  onnx::NodeProto *node = addNode("DequantizeLinear", {"q", "scale"}, "y");
  setInt(node, "block_size", 3);
  OwningOpRef<ModuleOp> module = run();
  ASSERT_TRUE(module) << problems;
  auto repeated = find<ResizeNearestOp>(*module);
  ASSERT_TRUE(repeated);
  EXPECT_EQ(repeated.getSource({1, 5, 2}).index,
            SmallVector<int64_t>({1, 1, 2}));
}

TEST_F(QuantizationTest, RefusesScalesThatDoNotFit) {
  addInput("scale", {4});
  onnx::NodeProto *node = addNode("QuantizeLinear", {"x", "scale"}, "y");
  EXPECT_FALSE(run());
  EXPECT_TRUE(
      mentions("node 'the_y' (QuantizeLinear-21): scales do not fit the "
               "input; give one scale"))
      << problems;
  setInt(node, "axis", 3);
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("axis = 3 of a tensor of rank 3")) << problems;
}

TEST_F(QuantizationTest, ScalesOfFiltersApplyToChannels) {
  addInput("a", {1, 1, 4, 4}, onnx::TensorProto::UINT8);
  addInput("w", {2, 1, 2, 2}, onnx::TensorProto::INT8);
  addInput("s", {});
  addInput("ws", {2});
  addInput("az", {}, onnx::TensorProto::UINT8);
  addInput("wz", {2}, onnx::TensorProto::INT8);
  addInput("yz", {}, onnx::TensorProto::INT8);
  addNode("QLinearConv", {"a", "s", "az", "w", "ws", "wz", "s", "yz"}, "y");
  OwningOpRef<ModuleOp> module = run();
  ASSERT_TRUE(module) << problems;
  EXPECT_TRUE(getElementTypeOrSelf(find<ConvOp>(*module).getType())
                  .isSignlessInteger(32));
  EXPECT_EQ(resultShape(*module), ArrayRef<int64_t>({1, 2, 3, 3}));
}
