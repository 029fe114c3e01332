//===- ShapeTest.cpp - Import of shape arithmetic -------------------------===//

#include "dialects/cameo/Cameo.h"
#include "test/unit/import/ImportFixture.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace cameo;

namespace {
class ShapeTest : public ImportTest {
protected:
  ShapeTest() { addInput("x", {2, 3, 4}); }
  onnx::NodeProto *addReshape(std::initializer_list<int64_t> shape) {
    addInts("shape", shape);
    addOutput("y");
    return addNode("Reshape", {"x", "shape"}, "y");
  }
  /// The integers of the graph's first result, a constant.
  static SmallVector<int64_t> resultInts(ModuleOp module) {
    auto graph = *module.getOps<func::FuncOp>().begin();
    DenseIntElementsAttr value;
    EXPECT_TRUE(
        matchPattern(graph.getBody().front().getTerminator()->getOperand(0),
                     m_Constant(&value)));
    SmallVector<int64_t> result;
    for (APInt element : value.getValues<APInt>())
      result.push_back(element.getSExtValue());
    return result;
  }
};
} // namespace

TEST_F(ShapeTest, ReshapeKeepsAndInfersExtents) {
  addReshape({0, -1, 2});
  OwningOpRef<ModuleOp> module = run();
  ASSERT_TRUE(module) << problems;
  EXPECT_EQ(resultShape(*module), ArrayRef<int64_t>({2, 6, 2}));
}

TEST_F(ShapeTest, ReshapeRefusesTwoOpenExtents) {
  addReshape({-1, -1, 2});
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("shape has a second -1 at 1")) << problems;
}

TEST_F(ShapeTest, ReshapeRefusesExtentsThatDoNotDivide) {
  addReshape({-1, 5});
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("no extent in place of -1 gives 24 elements"))
      << problems;
}

TEST_F(ShapeTest, ReshapeRefusesAnotherNumberOfElements) {
  addReshape({5, 5});
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("changes the number of elements")) << problems;
}

TEST_F(ShapeTest, ReshapeRefusesZeroBeyondTheRank) {
  addReshape({2, 3, 4, 0});
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("keeps dimension 3 of a tensor of rank 3")) << problems;
}

TEST_F(ShapeTest, ReshapeAllowsZeros) {
  addInput("empty", {0, 3});
  addInts("shape", {3, 0});
  setInt(addNode("Reshape", {"empty", "shape"}, "y"), "allowzero", 1);
  addOutput("y");
  OwningOpRef<ModuleOp> module = run();
  ASSERT_TRUE(module) << problems;
  EXPECT_EQ(resultShape(*module), ArrayRef<int64_t>({3, 0}));
}

TEST_F(ShapeTest, ReshapeRefusesAShapeThatIsNoConstant) {
  addInput("shape", {2}, onnx::TensorProto::INT64);
  addNode("Reshape", {"x", "shape"}, "y");
  addOutput("y");
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("shape is not a constant")) << problems;
}

TEST_F(ShapeTest, ReshapeByComputedShape) {
  addNode("Shape", {"x"}, "all");
  addInts("one", {1});
  addInts("three", {3});
  addNode("Slice", {"all", "one", "three"}, "some");
  addInts("open", {-1});
  setInt(addNode("Concat", {"some", "open"}, "wanted"), "axis", 0);
  addNode("Reshape", {"x", "wanted"}, "y");
  addOutput("y");
  OwningOpRef<ModuleOp> module = run();
  ASSERT_TRUE(module) << problems;
  EXPECT_EQ(resultShape(*module), ArrayRef<int64_t>({3, 4, 2}));
}

TEST_F(ShapeTest, FlattenAtTheEnds) {
  setInt(addNode("Flatten", {"x"}, "y"), "axis", 3);
  addOutput("y");
  OwningOpRef<ModuleOp> module = run();
  ASSERT_TRUE(module) << problems;
  EXPECT_EQ(resultShape(*module), ArrayRef<int64_t>({24, 1}));
}

TEST_F(ShapeTest, SqueezeRefusesLargerExtents) {
  addInts("axes", {1});
  addNode("Squeeze", {"x", "axes"}, "y");
  addOutput("y");
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("axis 1 has extent 3")) << problems;
}

TEST_F(ShapeTest, UnsqueezeCountsAxesInTheResult) {
  addInts("axes", {-1, 0});
  addNode("Unsqueeze", {"x", "axes"}, "y");
  addOutput("y");
  OwningOpRef<ModuleOp> module = run();
  ASSERT_TRUE(module) << problems;
  EXPECT_EQ(resultShape(*module), ArrayRef<int64_t>({1, 2, 3, 4, 1}));
}

TEST_F(ShapeTest, PartOfAShape) {
  setOpset(15);
  onnx::NodeProto *node = addNode("Shape", {"x"}, "y");
  setInt(node, "start", -2);
  setInt(node, "end", 9);
  addOutput("y");
  OwningOpRef<ModuleOp> module = run();
  ASSERT_TRUE(module) << problems;
  EXPECT_EQ(resultInts(*module), SmallVector<int64_t>({3, 4}));
}

TEST_F(ShapeTest, RangeBackwards) {
  auto addScalar = [&](const std::string &name, int64_t value) {
    addInts(name, {value});
    model.mutable_graph()
        ->mutable_initializer(model.graph().initializer_size() - 1)
        ->clear_dims();
  };
  addScalar("start", 5);
  addScalar("limit", -2);
  addScalar("delta", -3);
  addNode("Range", {"start", "limit", "delta"}, "y");
  addOutput("y");
  OwningOpRef<ModuleOp> module = run();
  ASSERT_TRUE(module) << problems;
  EXPECT_EQ(resultInts(*module), SmallVector<int64_t>({5, 2, -1}));
}

TEST_F(ShapeTest, RangeRefusesDeltaZero) {
  addInts("start", {0});
  addInts("limit", {0});
  addNode("Range", {"start", "limit", "start"}, "y");
  addOutput("y");
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("endless or too long")) << problems;
}

TEST_F(ShapeTest, RangeRefusesAbsurdLengths) {
  addInts("start", {0});
  addInts("limit", {int64_t(1) << 40});
  addInts("delta", {1});
  addNode("Range", {"start", "limit", "delta"}, "y");
  addOutput("y");
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("endless or too long")) << problems;
}

TEST_F(ShapeTest, LargeConstantOfShapeStaysSmall) {
  addInts("shape", {1024, 1024});
  addNode("ConstantOfShape", {"shape"}, "y");
  addOutput("y");
  OwningOpRef<ModuleOp> module = run();
  ASSERT_TRUE(module) << problems;
  auto value = cast<DenseElementsAttr>(find<ConstantOp>(*module).getValue());
  EXPECT_TRUE(value.isSplat());
}

TEST_F(ShapeTest, ConstantOfShapeRefusesAbsurdSizes) {
  addInts("shape", {1 << 20, 1 << 20});
  addNode("ConstantOfShape", {"shape"}, "y");
  addOutput("y");
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("too many elements")) << problems;
}

TEST_F(ShapeTest, DropoutKeepsEverything) {
  onnx::NodeProto *node = addNode("Dropout", {"x"}, "y");
  node->add_output("mask");
  addOutput("mask");
  OwningOpRef<ModuleOp> module = run();
  ASSERT_TRUE(module) << problems;
  EXPECT_EQ(resultShape(*module), ArrayRef<int64_t>({2, 3, 4}));
}

TEST_F(ShapeTest, DropoutThatMayTrainSelects) {
  addInput("training", {}, onnx::TensorProto::BOOL);
  addNode("Dropout", {"x", "", "training"}, "y");
  addOutput("y");
  OwningOpRef<ModuleOp> module = run();
  ASSERT_TRUE(module) << problems;
  EXPECT_TRUE(find<WhereOp>(*module));
}

TEST_F(ShapeTest, TriluRefusesVectors) {
  addInput("v", {3});
  addNode("Trilu", {"v"}, "y");
  addOutput("y");
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("rank 1")) << problems;
}
