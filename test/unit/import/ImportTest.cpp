//===- ImportTest.cpp - Import of ONNX models -----------------------------===//
//
// What the import does for every operator: names, shapes, constants, problems.
//
//===----------------------------------------------------------------------===//

#include "dialects/cameo/Cameo.h"
#include "test/unit/import/ImportFixture.h"

using namespace mlir;
using namespace cameo;

TEST_F(ImportTest, NamesAndTypes) {
  addInput("x", {2, 3});
  addNode("Relu", {"x"}, "y");
  addOutput("y");
  OwningOpRef<ModuleOp> module = run();
  ASSERT_TRUE(module) << problems;
  auto graph = *module->getOps<func::FuncOp>().begin();
  EXPECT_EQ(graph.getArgAttrOfType<StringAttr>(0, "onnx.name").getValue(), "x");
  EXPECT_EQ(graph.getResultAttrOfType<StringAttr>(0, "onnx.name").getValue(),
            "y");
  auto relu = *graph.getOps<ReluOp>().begin();
  EXPECT_EQ(cast<NameLoc>(relu.getLoc()).getName().getValue(), "the_y");
}

TEST_F(ImportTest, BindsDimensions) {
  addInput("x", {-1, 3});
  addNode("Relu", {"x"}, "y");
  addOutput("y");
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("input 'x' has the unbound dimension 'n'")) << problems;
  options.dims["n"] = 5;
  OwningOpRef<ModuleOp> module = run();
  ASSERT_TRUE(module);
  auto graph = *module->getOps<func::FuncOp>().begin();
  EXPECT_EQ(cast<ShapedType>(graph.getArgumentTypes()[0]).getDimSize(0), 5);
}

TEST_F(ImportTest, ReportsEveryProblemOnce) {
  addInput("x", {2});
  addInput("z", {3});
  addNode("Frobnicate", {"x"}, "a");
  addNode("Relu", {"a"}, "b"); // Skipped without a word: `a` is unknown.
  addNode("Add", {"x", "z"}, "c");
  addNode("Add", {"x"}, "d");
  addNode("Relu", {"later"}, "e");
  addOutput("b");
  EXPECT_FALSE(run());
  EXPECT_EQ(std::count(problems.begin(), problems.end(), '\n'), 4) << problems;
  EXPECT_TRUE(
      mentions("node 'the_a' (Frobnicate-17): operator is not supported"));
  EXPECT_TRUE(mentions("extents 2 and 3 of dimension 0 cannot be broadcast"));
  EXPECT_TRUE(mentions("node 'the_d' (Add-17): input 1 is missing"));
  EXPECT_TRUE(mentions("input 'later' is not defined before it"));
}

TEST_F(ImportTest, NodesThatTheTableOfOperatorsDoesNotAllowAreRefused) {
  addInput("x", {2});
  addNode("Gelu", {"x"}, "a");
  addNode("Neg", {"x", "x"}, "b");
  addNode("Not", {"x"}, "c");
  addOutput("c");
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("(Gelu-17): it is supported from opset 20 on"));
  EXPECT_TRUE(mentions("(Neg-17): it has 2 inputs and takes 1"));
  EXPECT_TRUE(mentions("(Not-17): input 0 is f32 and not bool; cast it"));
}

TEST_F(ImportTest, ExternalDataStaysInFolder) {
  addExternal("w", "../../etc/passwd");
  addExternal("v", "/etc/passwd");
  addNode("Add", {"w", "v"}, "y");
  addOutput("y");
  EXPECT_FALSE(run());
  EXPECT_TRUE(
      mentions("initialiser 'w': external data file '../../etc/passwd' "))
      << problems;
  EXPECT_TRUE(mentions("initialiser 'v': external data file '/etc/passwd' "));
}

TEST_F(ImportTest, HugeAndShortTensors) {
  auto *huge = model.mutable_graph()->add_initializer();
  huge->set_name("huge");
  huge->set_data_type(onnx::TensorProto::FLOAT);
  huge->add_dims(int64_t(1) << 62);
  auto *cut = model.mutable_graph()->add_initializer();
  cut->set_name("cut");
  cut->set_data_type(onnx::TensorProto::FLOAT);
  cut->add_dims(2);
  cut->add_float_data(1);
  addInput("x", {int64_t(1) << 62});
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("input 'x' has too many elements")) << problems;
  EXPECT_TRUE(mentions("initialiser 'huge': its shape has")) << problems;
  EXPECT_TRUE(mentions("'cut': it has 4 bytes of data when it should have 8"));
}

TEST_F(ImportTest, ExpandsFunctions) {
  auto *function = model.add_functions();
  function->set_name("Scale");
  function->set_domain("mine");
  function->add_input("p");
  function->add_output("q");
  function->add_attribute("slope");
  function->add_opset_import()->set_version(17);
  auto *body = function->add_node();
  body->set_op_type("LeakyRelu");
  body->add_input("p");
  body->add_output("q");
  auto *reference = body->add_attribute();
  reference->set_name("alpha");
  reference->set_ref_attr_name("slope");
  reference->set_type(onnx::AttributeProto::FLOAT);
  addInput("x", {2});
  auto *node = addNode("Scale", {"x"}, "y");
  node->set_domain("mine");
  auto *slope = node->add_attribute();
  slope->set_name("slope");
  slope->set_type(onnx::AttributeProto::FLOAT);
  slope->set_f(0.5f);
  addOutput("y");
  OwningOpRef<ModuleOp> module = run();
  ASSERT_TRUE(module) << problems;
  auto graph = *module->getOps<func::FuncOp>().begin();
  auto relu = *graph.getOps<LeakyReluOp>().begin();
  EXPECT_EQ(relu.getAlpha().convertToFloat(), 0.5f);
}

TEST_F(ImportTest, SoftmaxBeforeOpset13WorksOnAMatrix) {
  setOpset(11);
  addInput("x", {2, 3, 4});
  addNode("Softmax", {"x"}, "y");
  addOutput("y");
  OwningOpRef<ModuleOp> module = run();
  ASSERT_TRUE(module) << problems;
  auto graph = *module->getOps<func::FuncOp>().begin();
  auto softmax = *graph.getOps<SoftmaxOp>().begin();
  EXPECT_EQ(softmax.getType().getShape(), ArrayRef<int64_t>({2, 12}));
  EXPECT_EQ(softmax.getAxis(), 1u);
}
