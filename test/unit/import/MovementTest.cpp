//===- MovementTest.cpp - Import of data movement -------------------------===//

#include "dialects/cameo/Cameo.h"
#include "test/unit/import/ImportFixture.h"

using namespace mlir;
using namespace cameo;

namespace {
class MovementTest : public ImportTest {
protected:
  MovementTest() { addInput("x", {2, 6}); }
  /// Slice by constants of these values; opset 10 on.
  void addSlice(std::initializer_list<int64_t> starts,
                std::initializer_list<int64_t> ends,
                std::initializer_list<int64_t> axes,
                std::initializer_list<int64_t> steps) {
    addInts("starts", starts);
    addInts("ends", ends);
    addInts("axes", axes);
    addInts("steps", steps);
    addNode("Slice", {"x", "starts", "ends", "axes", "steps"}, "y");
    addOutput("y");
  }
  onnx::NodeProto *addPad(std::initializer_list<int64_t> pads,
                          const std::string &mode) {
    addInts("pads", pads);
    onnx::NodeProto *node = addNode("Pad", {"x", "pads"}, "y");
    setString(node, "mode", mode);
    addOutput("y");
    return node;
  }
};
} // namespace

constexpr int64_t kFarthest = std::numeric_limits<int64_t>::max();
constexpr int64_t kLowest = std::numeric_limits<int64_t>::min();

TEST_F(MovementTest, TransposeReversesByDefault) {
  addNode("Transpose", {"x"}, "y");
  addOutput("y");
  OwningOpRef<ModuleOp> module = run();
  ASSERT_TRUE(module) << problems;
  EXPECT_EQ(resultShape(*module), ArrayRef<int64_t>({6, 2}));
}

TEST_F(MovementTest, SliceClampsItsEnds) {
  addSlice({-4, 1}, {kFarthest, kLowest}, {-1, 0}, {3, -1});
  OwningOpRef<ModuleOp> module = run();
  ASSERT_TRUE(module) << problems;
  auto slice = find<SliceOp>(*module);
  ASSERT_TRUE(slice);
  EXPECT_EQ(slice.getStarts(), ArrayRef<int64_t>({1, 2}));
  EXPECT_EQ(slice.getExtents(), ArrayRef<int64_t>({2, 2}));
  EXPECT_EQ(slice.getSteps(), ArrayRef<int64_t>({-1, 3}));
}

TEST_F(MovementTest, SliceTakesExtremeSteps) {
  addSlice({5}, {kLowest}, {1}, {kLowest});
  OwningOpRef<ModuleOp> module = run();
  ASSERT_TRUE(module) << problems;
  EXPECT_EQ(resultShape(*module), ArrayRef<int64_t>({2, 1}));
}

TEST_F(MovementTest, SliceOfNothing) {
  addSlice({4}, {2}, {1}, {1});
  OwningOpRef<ModuleOp> module = run();
  ASSERT_TRUE(module) << problems;
  EXPECT_EQ(resultShape(*module), ArrayRef<int64_t>({2, 0}));
}

TEST_F(MovementTest, SliceRefusesAxisTwice) {
  addSlice({0, 0}, {1, 1}, {1, -1}, {1, 1});
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("an axis is given twice")) << problems;
}

TEST_F(MovementTest, SliceBeforeOpset10HasAttributes) {
  setOpset(9);
  onnx::NodeProto *node = addNode("Slice", {"x"}, "y");
  setInts(node, "starts", {1});
  setInts(node, "ends", {-1});
  setInts(node, "axes", {1});
  addOutput("y");
  OwningOpRef<ModuleOp> module = run();
  ASSERT_TRUE(module) << problems;
  EXPECT_EQ(resultShape(*module), ArrayRef<int64_t>({2, 4}));
}

TEST_F(MovementTest, SplitLeavesTheRestToTheLastPart) {
  setOpset(18);
  onnx::NodeProto *node = addNode("Split", {"x"}, "a");
  node->add_output("b");
  node->add_output("c");
  node->add_output("d");
  setInt(node, "axis", -1);
  setInt(node, "num_outputs", 4);
  addOutput("c");
  addOutput("d");
  OwningOpRef<ModuleOp> module = run();
  ASSERT_TRUE(module) << problems;
  EXPECT_EQ(resultShape(*module), ArrayRef<int64_t>({2, 2}));
}

TEST_F(MovementTest, SplitRefusesPartsThatDoNotFit) {
  addInts("split", {2, 3});
  onnx::NodeProto *node = addNode("Split", {"x", "split"}, "a");
  node->add_output("b");
  setInt(node, "axis", 1);
  addOutput("a");
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("2 parts of 5 elements do not make 2 outputs of 6"))
      << problems;
}

TEST_F(MovementTest, ConcatRefusesOtherShapes) {
  addInput("z", {3, 6});
  setInt(addNode("Concat", {"x", "z"}, "y"), "axis", -1);
  addOutput("y");
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("cannot follow")) << problems;
}

TEST_F(MovementTest, NegativePadsAreASlice) {
  addPad({0, -1, 1, 2}, "edge");
  OwningOpRef<ModuleOp> module = run();
  ASSERT_TRUE(module) << problems;
  auto slice = find<SliceOp>(*module);
  ASSERT_TRUE(slice);
  EXPECT_EQ(slice.getStarts(), ArrayRef<int64_t>({0, 1}));
  auto pad = find<PadEdgeOp>(*module);
  ASSERT_TRUE(pad);
  EXPECT_EQ(pad.getPads(), ArrayRef<int64_t>({0, 0, 1, 2}));
  EXPECT_EQ(resultShape(*module), ArrayRef<int64_t>({3, 7}));
}

TEST_F(MovementTest, PadRefusesAnUnknownMode) {
  addPad({0, 1, 0, 1}, "mirror");
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("mode = mirror")) << problems;
}

TEST_F(MovementTest, PadRefusesAbsurdSizes) {
  addPad({kFarthest, 1, 0, 1}, "constant");
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("too many elements")) << problems;
}

TEST_F(MovementTest, PadRefusesAbsurdRepetition) {
  addPad({0, 1 << 24, 0, 0}, "wrap");
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("more than 2^20 elements of padding")) << problems;
}

TEST_F(MovementTest, PadRefusesToRemoveMoreThanThereIs) {
  addPad({-3, 0, 0, 0}, "constant");
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("pads remove more elements")) << problems;
}

TEST_F(MovementTest, PadOfSomeAxes) {
  setOpset(18);
  addInts("pads", {1, 2});
  addInts("axes", {-1});
  addNode("Pad", {"x", "pads", "", "axes"}, "y");
  addOutput("y");
  OwningOpRef<ModuleOp> module = run();
  ASSERT_TRUE(module) << problems;
  EXPECT_EQ(resultShape(*module), ArrayRef<int64_t>({2, 9}));
}

TEST_F(MovementTest, PadBeforeOpset11HasAttributes) {
  setOpset(2);
  onnx::NodeProto *node = addNode("Pad", {"x"}, "y");
  setInts(node, "pads", {0, 1, 0, 1});
  setFloat(node, "value", 3);
  addOutput("y");
  OwningOpRef<ModuleOp> module = run();
  ASSERT_TRUE(module) << problems;
  EXPECT_EQ(resultShape(*module), ArrayRef<int64_t>({2, 8}));
}

TEST_F(MovementTest, ExpandKeepsLargerExtents) {
  addInts("shape", {3, 1, 1});
  addNode("Expand", {"x", "shape"}, "y");
  addOutput("y");
  OwningOpRef<ModuleOp> module = run();
  ASSERT_TRUE(module) << problems;
  EXPECT_EQ(resultShape(*module), ArrayRef<int64_t>({3, 2, 6}));
}

TEST_F(MovementTest, TileIsAnExpansion) {
  addInts("repeats", {1, 3});
  addNode("Tile", {"x", "repeats"}, "y");
  addOutput("y");
  OwningOpRef<ModuleOp> module = run();
  ASSERT_TRUE(module) << problems;
  auto expand = find<ExpandOp>(*module);
  ASSERT_TRUE(expand);
  EXPECT_EQ(expand.getShape(), ArrayRef<int64_t>({2, 3, 6}));
  EXPECT_EQ(resultShape(*module), ArrayRef<int64_t>({2, 18}));
}

TEST_F(MovementTest, TileRefusesNegativeRepeats) {
  addInts("repeats", {1, -3});
  addNode("Tile", {"x", "repeats"}, "y");
  addOutput("y");
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("repeats do not fit")) << problems;
}

TEST_F(MovementTest, DepthToSpaceRefusesOtherDepths) {
  addInput("image", {1, 6, 2, 2});
  setInt(addNode("DepthToSpace", {"image"}, "y"), "blocksize", 2);
  addOutput("y");
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("6 channels for blocks of 2 x 2")) << problems;
}
