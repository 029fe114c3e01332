//===- ImportFixture.h - Models for tests of the import ---------*- C++ -*-===//
//
// Models are built in memory, written to a file and imported.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_TEST_UNIT_IMPORT_IMPORTFIXTURE_H
#define CAMEO_TEST_UNIT_IMPORT_IMPORTFIXTURE_H

#include "compiler/import/Importer.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "onnx/onnx_pb.h"
#include "llvm/Support/FileSystem.h"
#include "gtest/gtest.h"

#include <fstream>

namespace cameo {

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
    tensor->mutable_shape(); // Scalars have a shape, too.
    for (int64_t extent : shape)
      if (extent < 0)
        tensor->mutable_shape()->add_dim()->set_dim_param("n");
      else
        tensor->mutable_shape()->add_dim()->set_dim_value(extent);
  }
  onnx::NodeProto *addNode(const std::string &op,
                           std::vector<std::string> inputs,
                           const std::string &output) {
    auto *node = model.mutable_graph()->add_node();
    node->set_op_type(op);
    node->set_name("the_" + output);
    for (const std::string &name : inputs)
      node->add_input(name);
    node->add_output(output);
    return node;
  }
  onnx::TensorProto *addExternal(const std::string &name,
                                 const std::string &location) {
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
  /// Attributes of a node.
  static void setInt(onnx::NodeProto *node, const std::string &name,
                     int64_t value) {
    onnx::AttributeProto *attr = addAttr(node, name, onnx::AttributeProto::INT);
    attr->set_i(value);
  }
  static void setFloat(onnx::NodeProto *node, const std::string &name,
                       float value) {
    onnx::AttributeProto *attr =
        addAttr(node, name, onnx::AttributeProto::FLOAT);
    attr->set_f(value);
  }
  static void setString(onnx::NodeProto *node, const std::string &name,
                        const std::string &value) {
    onnx::AttributeProto *attr =
        addAttr(node, name, onnx::AttributeProto::STRING);
    attr->set_s(value);
  }
  static void setStrings(onnx::NodeProto *node, const std::string &name,
                         std::initializer_list<const char *> values) {
    onnx::AttributeProto *attr =
        addAttr(node, name, onnx::AttributeProto::STRINGS);
    for (const char *value : values)
      attr->add_strings(value);
  }
  static void setInts(onnx::NodeProto *node, const std::string &name,
                      std::initializer_list<int64_t> values) {
    onnx::AttributeProto *attr =
        addAttr(node, name, onnx::AttributeProto::INTS);
    for (int64_t value : values)
      attr->add_ints(value);
  }
  static void setFloats(onnx::NodeProto *node, const std::string &name,
                        std::initializer_list<float> values) {
    onnx::AttributeProto *attr =
        addAttr(node, name, onnx::AttributeProto::FLOATS);
    for (float value : values)
      attr->add_floats(value);
  }
  /// Constant vectors.
  void addFloats(const std::string &name, std::initializer_list<float> values) {
    onnx::TensorProto *tensor = model.mutable_graph()->add_initializer();
    tensor->set_name(name);
    tensor->set_data_type(onnx::TensorProto::FLOAT);
    tensor->add_dims(values.size());
    for (float value : values)
      tensor->add_float_data(value);
  }
  void addInts(const std::string &name, std::initializer_list<int64_t> values) {
    onnx::TensorProto *tensor = model.mutable_graph()->add_initializer();
    tensor->set_name(name);
    tensor->set_data_type(onnx::TensorProto::INT64);
    tensor->add_dims(values.size());
    for (int64_t value : values)
      tensor->add_int64_data(value);
  }
  void addOutput(const std::string &name) {
    model.mutable_graph()->add_output()->set_name(name);
  }
  /// Imports the model; `problems` has one line per problem.
  mlir::OwningOpRef<mlir::ModuleOp> run() {
    llvm::SmallString<128> path;
    EXPECT_FALSE(llvm::sys::fs::createTemporaryFile("import", "onnx", path));
    std::ofstream(path.c_str(), std::ios::binary) << model.SerializeAsString();
    std::vector<ImportProblem> found;
    mlir::OwningOpRef<mlir::ModuleOp> module =
        importModel(&context, path, options, found);
    llvm::sys::fs::remove(path);
    for (const ImportProblem &problem : found)
      problems += problem.str() + "\n";
    return module;
  }
  bool mentions(const std::string &text) const {
    return problems.find(text) != std::string::npos;
  }

  /// The only operation of a kind in the graph; null if there is none.
  template <typename Op> static Op find(mlir::ModuleOp module) {
    auto graph = *module.getOps<mlir::func::FuncOp>().begin();
    auto ops = graph.getOps<Op>();
    return ops.empty() ? Op() : *ops.begin();
  }
  /// The shape of the first result of the graph.
  static llvm::ArrayRef<int64_t> resultShape(mlir::ModuleOp module) {
    auto graph = *module.getOps<mlir::func::FuncOp>().begin();
    return llvm::cast<mlir::ShapedType>(graph.getResultTypes()[0]).getShape();
  }

  mlir::MLIRContext context;
  onnx::ModelProto model;
  ImportOptions options;
  std::string problems;

private:
  static onnx::AttributeProto *
  addAttr(onnx::NodeProto *node, const std::string &name,
          onnx::AttributeProto::AttributeType type) {
    onnx::AttributeProto *attr = node->add_attribute();
    attr->set_name(name);
    attr->set_type(type);
    return attr;
  }
};

/// Keeps what was imported and counts its operations.
class ModuleTest : public ImportTest {
protected:
  template <typename Op> size_t count() {
    size_t result = 0;
    module->walk([&](Op) { ++result; });
    return result;
  }
  mlir::OwningOpRef<mlir::ModuleOp> module;
};

} // namespace cameo

#endif // CAMEO_TEST_UNIT_IMPORT_IMPORTFIXTURE_H
