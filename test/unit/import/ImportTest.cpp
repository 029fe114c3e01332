//===- ImportTest.cpp - Import of ONNX models ------------------------------===//
//
// Models are built in memory, written to a file and imported.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/Importer.h"
#include "dialects/cameo/Cameo.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "onnx/onnx_pb.h"
#include "llvm/Support/FileSystem.h"
#include "gtest/gtest.h"

#include <fstream>

using namespace mlir;
using namespace cameo;

namespace {
class ImportTest : public testing::Test {
protected:
  ImportTest() {
    model.set_ir_version(8);
    setOpset(17);
    model.mutable_graph()->set_name("test");
  }
  void setOpset(int64_t version) {
    model.clear_opset_import();
    model.add_opset_import()->set_version(version);
  }
  void addInput(const std::string &name, std::initializer_list<int64_t> shape,
                int type = onnx::TensorProto::FLOAT) {
    auto *input = model.mutable_graph()->add_input();
    input->set_name(name);
    auto *tensor = input->mutable_type()->mutable_tensor_type();
    tensor->set_elem_type(type);
    for (int64_t extent : shape)
      if (extent < 0)
        tensor->mutable_shape()->add_dim()->set_dim_param("n");
      else
        tensor->mutable_shape()->add_dim()->set_dim_value(extent);
  }
  onnx::NodeProto *addNode(const std::string &op, std::vector<std::string> inputs,
                           const std::string &output) {
    auto *node = model.mutable_graph()->add_node();
    node->set_op_type(op);
    node->set_name("the_" + output);
    for (const std::string &name : inputs)
      node->add_input(name);
    node->add_output(output);
    return node;
  }
  onnx::TensorProto *addExternal(const std::string &name, const std::string &location) {
    auto *tensor = model.mutable_graph()->add_initializer();
    tensor->set_name(name);
    tensor->set_data_type(onnx::TensorProto::FLOAT);
    tensor->add_dims(4);
    tensor->set_data_location(onnx::TensorProto::EXTERNAL);
    auto *entry = tensor->add_external_data();
    entry->set_key("location");
    entry->set_value(location);
    return tensor;
  }
  void addOutput(const std::string &name) {
    model.mutable_graph()->add_output()->set_name(name);
  }
  /// Imports the model; `problems` has one line per problem.
  OwningOpRef<ModuleOp> run() {
    SmallString<128> path;
    EXPECT_FALSE(llvm::sys::fs::createTemporaryFile("import", "onnx", path));
    std::ofstream(path.c_str(), std::ios::binary) << model.SerializeAsString();
    std::vector<ImportProblem> found;
    OwningOpRef<ModuleOp> module = importModel(&context, path, options, found);
    llvm::sys::fs::remove(path);
    for (const ImportProblem &problem : found)
      problems += problem.str() + "\n";
    return module;
  }
  bool mentions(const std::string &text) const {
    return problems.find(text) != std::string::npos;
  }

  MLIRContext context;
  onnx::ModelProto model;
  ImportOptions options;
  std::string problems;
};
} // namespace

TEST_F(ImportTest, NamesAndTypes) {
  addInput("x", {2, 3});
  addNode("Relu", {"x"}, "y");
  addOutput("y");
  OwningOpRef<ModuleOp> module = run();
  ASSERT_TRUE(module) << problems;
  auto graph = *module->getOps<func::FuncOp>().begin();
  EXPECT_EQ(graph.getArgAttrOfType<StringAttr>(0, "onnx.name").getValue(), "x");
  EXPECT_EQ(graph.getResultAttrOfType<StringAttr>(0, "onnx.name").getValue(), "y");
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
  EXPECT_TRUE(mentions("node 'the_a' (Frobnicate-17): operator is not supported"));
  EXPECT_TRUE(mentions("extents 2 and 3 of dimension 0 cannot be broadcast"));
  EXPECT_TRUE(mentions("node 'the_d' (Add-17): input 1 is missing"));
  EXPECT_TRUE(mentions("input 'later' is not defined before it"));
}

TEST_F(ImportTest, ExternalDataStaysInFolder) {
  addExternal("w", "../../etc/passwd");
  addExternal("v", "/etc/passwd");
  addNode("Add", {"w", "v"}, "y");
  addOutput("y");
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("initialiser 'w': external data file '../../etc/passwd' "))
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
