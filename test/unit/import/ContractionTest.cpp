//===- ContractionTest.cpp - Import of matrix products --------------------===//

#include "dialects/cameo/Cameo.h"
#include "test/unit/import/ImportFixture.h"

using namespace mlir;
using namespace cameo;

namespace {
class ContractionTest : public ImportTest {
protected:
  /// The shape of MatMul, empty if it is refused.
  std::vector<int64_t> shapeOf(std::initializer_list<int64_t> a,
                               std::initializer_list<int64_t> b) {
    model.clear_graph();
    addInput("a", a);
    addInput("b", b);
    addNode("MatMul", {"a", "b"}, "y");
    addOutput("y");
    module = run();
    return module ? resultShape(*module).vec() : std::vector<int64_t>{-1};
  }
  onnx::NodeProto *addGemm(std::initializer_list<int64_t> c,
                           int type = onnx::TensorProto::FLOAT) {
    addInput("a", {4, 2}, type);
    addInput("b", {5, 4}, type);
    addInput("c", c, type);
    addOutput("y");
    onnx::NodeProto *node = addNode("Gemm", {"a", "b", "c"}, "y");
    setInt(node, "transA", 1);
    setInt(node, "transB", 1);
    return node;
  }
  OwningOpRef<ModuleOp> module;
};
using Ints = std::vector<int64_t>;
} // namespace

TEST_F(ContractionTest, MatMulShapes) {
  EXPECT_EQ(shapeOf({2, 3}, {3, 4}), Ints({2, 4}));
  EXPECT_EQ(shapeOf({3}, {3, 4}), Ints({4}));
  EXPECT_EQ(shapeOf({2, 3}, {3}), Ints({2}));
  EXPECT_EQ(shapeOf({3}, {3}), Ints({}));
  EXPECT_EQ(shapeOf({5, 2, 3}, {3}), Ints({5, 2}));
  EXPECT_EQ(shapeOf({3}, {5, 3, 4}), Ints({5, 4}));
  EXPECT_EQ(shapeOf({7, 1, 2, 3}, {5, 3, 4}), Ints({7, 5, 2, 4}));
}

TEST_F(ContractionTest, MatMulRefuses) {
  EXPECT_EQ(shapeOf({2, 3}, {4, 5}), Ints({-1}));
  EXPECT_TRUE(mentions("node 'the_y' (MatMul-17): (C2) ")) << problems;
  EXPECT_EQ(shapeOf({}, {4, 5}), Ints({-1}));
  EXPECT_TRUE(mentions("an operand is a scalar; use Mul for scalars"));
}

TEST_F(ContractionTest, GemmScalesAndAdds) {
  onnx::NodeProto *node = addGemm({2, 1});
  setFloat(node, "alpha", 0.5f);
  setFloat(node, "beta", 2);
  module = run();
  ASSERT_TRUE(module) << problems;
  EXPECT_EQ(resultShape(*module), ArrayRef<int64_t>({2, 5}));
  auto product = find<MatMulOp>(*module);
  EXPECT_TRUE(product.getTransposeA() && product.getTransposeB());
  auto graph = *module->getOps<func::FuncOp>().begin();
  EXPECT_EQ(llvm::range_size(graph.getOps<MulOp>()), 2);
  EXPECT_EQ(llvm::range_size(graph.getOps<AddOp>()), 1);
}

TEST_F(ContractionTest, GemmWithoutC) {
  onnx::NodeProto *node = addGemm({5});
  setFloat(node, "beta", 0);
  module = run();
  ASSERT_TRUE(module) << problems;
  EXPECT_FALSE(find<AddOp>(*module));
}

TEST_F(ContractionTest, GemmRefusesC) {
  addGemm({3, 2, 5});
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("(Gemm-17): C cannot be broadcast to the product"))
      << problems;
}

TEST_F(ContractionTest, GemmOfIntegersHasWholeFactors) {
  onnx::NodeProto *node = addGemm({5}, onnx::TensorProto::INT32);
  setFloat(node, "alpha", 2);
  EXPECT_TRUE(run()) << problems;
  setFloat(node, "beta", 0.5f);
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("alpha or beta that is a fraction")) << problems;
}
