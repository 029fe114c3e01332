//===- IndexingTest.cpp - Import of data movement by index tensors --------===//

#include "dialects/cameo/Cameo.h"
#include "test/unit/import/ImportFixture.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace cameo;

namespace {
class IndexingTest : public ImportTest {
protected:
  /// The integers of a constant operand; empty when it is not constant.
  static std::vector<int64_t> constantOf(Value value) {
    DenseElementsAttr dense;
    std::vector<int64_t> result;
    if (matchPattern(value, m_Constant(&dense)))
      for (APInt element : dense.getValues<APInt>())
        result.push_back(element.getSExtValue());
    return result;
  }
  static Value returned(ModuleOp module) {
    auto graph = *module.getOps<func::FuncOp>().begin();
    return graph.getBody().front().getTerminator()->getOperand(0);
  }
};
using Ints = std::vector<int64_t>;
} // namespace

TEST_F(IndexingTest, ConstantIndicesAreMadeNonNegative) {
  addInput("x", {4, 3});
  addInts("i", {-1, 0});
  setInt(addNode("Gather", {"x", "i"}, "y"), "axis", -1);
  addOutput("y");
  OwningOpRef<ModuleOp> module = run();
  ASSERT_TRUE(module) << problems;
  auto gather = find<GatherOp>(*module);
  ASSERT_TRUE(gather);
  EXPECT_EQ(gather.getAxis(), 1u);
  EXPECT_TRUE(gather.getInBounds());
  EXPECT_EQ(constantOf(gather.getIndices()), Ints({2, 0}));
}

TEST_F(IndexingTest, OtherIndicesAreCheckedWhenRun) {
  addInput("x", {4, 3});
  addInput("i", {2}, onnx::TensorProto::INT32);
  addNode("Gather", {"x", "i"}, "y");
  addOutput("y");
  OwningOpRef<ModuleOp> module = run();
  ASSERT_TRUE(module) << problems;
  EXPECT_FALSE(find<GatherOp>(*module).getInBounds());
}

TEST_F(IndexingTest, ConstantIndexOutOfRangeIsRefused) {
  addInput("x", {4, 3});
  addInts("i", {0, 4});
  addNode("Gather", {"x", "i"}, "y");
  addOutput("y");
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("the_y")) << problems;
  EXPECT_TRUE(mentions("index 4 into a dimension of extent 4")) << problems;
}

TEST_F(IndexingTest, TuplesAreCheckedByDimension) {
  addInput("x", {2, 8, 5});
  addInts("flat", {1, -8, 0, 7});
  addInts("shape", {2, 2});
  addNode("Reshape", {"flat", "shape"}, "i");
  addNode("GatherND", {"x", "i"}, "y");
  addOutput("y");
  OwningOpRef<ModuleOp> module = run();
  ASSERT_TRUE(module) << problems;
  auto gather = find<GatherNDOp>(*module);
  EXPECT_TRUE(gather.getInBounds());
  EXPECT_EQ(constantOf(gather.getIndices()), Ints({1, 0, 0, 7}));
}

TEST_F(IndexingTest, GatherOfConstantsFolds) {
  addInts("shape", {2, 3, 5});
  addInts("i", {-1, 0});
  addInput("x", {10});
  addNode("Gather", {"shape", "i"}, "target");
  addNode("Reshape", {"x", "target"}, "y");
  addOutput("y");
  OwningOpRef<ModuleOp> module = run();
  ASSERT_TRUE(module) << problems;
  EXPECT_EQ(Ints(resultShape(*module)), Ints({5, 2}));
}

TEST_F(IndexingTest, ScatterReductions) {
  addInput("x", {4, 3});
  addInput("i", {2, 1}, onnx::TensorProto::INT64);
  addInput("u", {2, 3});
  setString(addNode("ScatterND", {"x", "i", "u"}, "y"), "reduction", "mul");
  addOutput("y");
  OwningOpRef<ModuleOp> module = run();
  ASSERT_TRUE(module) << problems;
  EXPECT_EQ(find<ScatterNDOp>(*module).getReduction(), ScatterReduction::Mul);
}

TEST_F(IndexingTest, UnknownScatterReductionIsRefused) {
  addInput("x", {4});
  addInput("i", {2}, onnx::TensorProto::INT64);
  addInput("u", {2});
  setString(addNode("ScatterElements", {"x", "i", "u"}, "y"), "reduction",
            "mean");
  addOutput("y");
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("reduction 'mean'")) << problems;
}

TEST_F(IndexingTest, OneHotPutsTheNewDimensionAtItsAxis) {
  addInput("i", {2, 3}, onnx::TensorProto::INT64);
  addInts("depth", {5});
  addFloats("values", {0, 1});
  setInt(addNode("OneHot", {"i", "depth", "values"}, "y"), "axis", 1);
  addOutput("y");
  OwningOpRef<ModuleOp> module = run();
  ASSERT_TRUE(module) << problems;
  EXPECT_EQ(Ints(resultShape(*module)), Ints({2, 5, 3}));
}

TEST_F(IndexingTest, OneHotNeedsAConstantDepth) {
  addInput("i", {2}, onnx::TensorProto::INT64);
  addInput("depth", {}, onnx::TensorProto::INT64);
  addFloats("values", {0, 1});
  addNode("OneHot", {"i", "depth", "values"}, "y");
  addOutput("y");
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("depth is not a constant number")) << problems;
}

TEST_F(IndexingTest, TopKBeforeOpset10HasAnAttribute) {
  setOpset(9);
  addInput("x", {2, 8});
  setInt(addNode("TopK", {"x"}, "y"), "k", 3);
  addOutput("y");
  OwningOpRef<ModuleOp> module = run();
  ASSERT_TRUE(module) << problems;
  auto topK = find<TopKOp>(*module);
  EXPECT_EQ(topK.getK(), 3u);
  EXPECT_EQ(topK.getAxis(), 1u);
  EXPECT_TRUE(topK.getLargest());
}

TEST_F(IndexingTest, NonZeroOfAConstant) {
  addInts("x", {0, 7, 0, -1});
  addNode("NonZero", {"x"}, "y");
  addOutput("y");
  OwningOpRef<ModuleOp> module = run();
  ASSERT_TRUE(module) << problems;
  EXPECT_EQ(Ints(resultShape(*module)), Ints({1, 2}));
  EXPECT_EQ(constantOf(returned(*module)), Ints({1, 3}));
}

TEST_F(IndexingTest, CompressByAConstant) {
  addInput("x", {2, 4});
  addInts("numbers", {0, 1, 1});
  setInt(addNode("Cast", {"numbers"}, "condition"), "to",
         onnx::TensorProto::BOOL);
  setInt(addNode("Compress", {"x", "condition"}, "y"), "axis", 1);
  addOutput("y");
  OwningOpRef<ModuleOp> module = run();
  ASSERT_TRUE(module) << problems;
  EXPECT_EQ(constantOf(find<GatherOp>(*module).getIndices()), Ints({1, 2}));
}

TEST_F(IndexingTest, ShapesThatDependOnDataHaveTheirBounds) {
  addInput("x", {4});
  addInput("c", {3}, onnx::TensorProto::BOOL);
  addNode("NonZero", {"x"}, "y");
  addNode("Compress", {"x", "c"}, "z");
  addOutput("y");
  addOutput("z");
  OwningOpRef<ModuleOp> module = run();
  ASSERT_TRUE(module) << problems;
  auto graph = *module->getOps<func::FuncOp>().begin();
  ASSERT_EQ(graph.getNumResults(), 4u);
  EXPECT_EQ(resultShape(*module), ArrayRef<int64_t>({1, 4}));
  EXPECT_EQ(cast<ShapedType>(graph.getResultTypes()[1]).getShape(),
            ArrayRef<int64_t>(3));
}
