//===- ResizeTest.cpp - Import of Resize and Upsample ---------------------===//

#include "dialects/cameo/Cameo.h"
#include "test/unit/import/ImportFixture.h"

using namespace mlir;
using namespace cameo;

namespace {
class ResizeTest : public ImportTest {
protected:
  ResizeTest() { addInput("x", {1, 1, 4, 6}); }
  /// Resize by the input `scales` or `sizes`, constants of these names.
  onnx::NodeProto *addResize(const std::string &given,
                             const std::string &mode = "nearest") {
    std::vector<std::string> inputs = {"x", ""};
    if (given == "sizes")
      inputs.push_back("");
    inputs.push_back(given);
    onnx::NodeProto *node = addNode("Resize", inputs, "y");
    setString(node, "mode", mode);
    addOutput("y");
    return node;
  }
};
} // namespace

TEST_F(ResizeTest, HalfPixelsByScales) {
  addFloats("scales", {1, 1, 2, 0.5f});
  addResize("scales", "linear");
  OwningOpRef<ModuleOp> module = run();
  ASSERT_TRUE(module) << problems;
  auto resize = find<ResizeOp>(*module);
  ASSERT_TRUE(resize);
  EXPECT_EQ(resize.getSteps(), ArrayRef<double>({1, 1, 0.5, 2}));
  EXPECT_EQ(resize.getOffsets(), ArrayRef<double>({0, 0, -0.25, 0.5}));
  EXPECT_EQ(resultShape(*module), ArrayRef<int64_t>({1, 1, 8, 3}));
}

TEST_F(ResizeTest, AlignsCornersOfSomeAxes) {
  setOpset(18);
  addInts("sizes", {11, 7});
  onnx::NodeProto *node = addResize("sizes", "linear");
  setInts(node, "axes", {-1, 2});
  setString(node, "coordinate_transformation_mode", "align_corners");
  OwningOpRef<ModuleOp> module = run();
  ASSERT_TRUE(module) << problems;
  auto resize = find<ResizeOp>(*module);
  EXPECT_EQ(resize.getSteps(), ArrayRef<double>({1, 1, 0.5, 0.5}));
  EXPECT_EQ(resultShape(*module), ArrayRef<int64_t>({1, 1, 7, 11}));
}

TEST_F(ResizeTest, KeepsAspectRatio) {
  setOpset(18);
  addInts("sizes", {8, 18});
  onnx::NodeProto *node = addResize("sizes");
  setInts(node, "axes", {2, 3});
  setString(node, "keep_aspect_ratio_policy", "not_larger");
  OwningOpRef<ModuleOp> module = run();
  ASSERT_TRUE(module) << problems;
  EXPECT_EQ(resultShape(*module), ArrayRef<int64_t>({1, 1, 8, 12}));
}

TEST_F(ResizeTest, UpsampleBeforeOpset9HasAttributes) {
  setOpset(7);
  onnx::NodeProto *node = addNode("Upsample", {"x"}, "y");
  setFloats(node, "scales", {1, 1, 2, 3});
  addOutput("y");
  OwningOpRef<ModuleOp> module = run();
  ASSERT_TRUE(module) << problems;
  EXPECT_TRUE(find<ResizeNearestOp>(*module));
  EXPECT_EQ(resultShape(*module), ArrayRef<int64_t>({1, 1, 8, 18}));
}

TEST_F(ResizeTest, RefusesWhatIsNotConstant) {
  addInput("sizes", {4}, onnx::TensorProto::INT64);
  addResize("sizes");
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("node 'the_y' (Resize-17): sizes is not a constant of "
                       "integers; make it an initialiser"))
      << problems;
}

TEST_F(ResizeTest, RefusesNumbersThatDoNotFit) {
  addFloats("scales", {2, 2});
  addResize("scales");
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("there are 2 scales for 4 dimensions")) << problems;
}

TEST_F(ResizeTest, RefusesScalesWithoutExtent) {
  addFloats("scales", {1, 1, 2, -1});
  addResize("scales");
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("scale -1.000000 gives no extent")) << problems;
}

TEST_F(ResizeTest, RefusesUnknownModes) {
  addFloats("scales", {1, 1, 2, 2});
  onnx::NodeProto *node = addResize("scales", "lanczos");
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("(Resize-17): mode is 'lanczos'; use nearest, linear or "
                       "cubic"))
      << problems;
  node->mutable_attribute(0)->set_s("nearest");
  setString(node, "nearest_mode", "up");
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("nearest_mode is 'up'")) << problems;
  setString(node, "coordinate_transformation_mode", "crooked");
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("coordinate_transformation_mode is 'crooked'"));
}
