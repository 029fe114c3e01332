//===- ControlTest.cpp - Import of control flow and sequences -------------===//

#include "dialects/cameo/Cameo.h"
#include "test/unit/import/ImportFixture.h"

using namespace mlir;
using namespace cameo;

namespace {
class ControlTest : public ModuleTest {
protected:
  static onnx::GraphProto *addGraph(onnx::NodeProto *node,
                                    const std::string &name) {
    onnx::AttributeProto *attr = node->add_attribute();
    attr->set_name(name);
    attr->set_type(onnx::AttributeProto::GRAPH);
    return attr->mutable_g();
  }
  static void addBodyNode(onnx::GraphProto *graph, const std::string &op,
                          std::vector<std::string> inputs,
                          const std::string &output) {
    onnx::NodeProto *node = graph->add_node();
    node->set_op_type(op);
    for (const std::string &name : inputs)
      node->add_input(name);
    node->add_output(output);
  }
  /// A branch that computes `op` of the outer value x.
  static void addBranch(onnx::NodeProto *node, const std::string &name,
                        const std::string &op) {
    onnx::GraphProto *graph = addGraph(node, name);
    addBodyNode(graph, op, {"x"}, name + "_y");
    graph->add_output()->set_name(name + "_y");
  }
  onnx::NodeProto *addIf() {
    addInput("x", {4});
    onnx::NodeProto *node = addNode("If", {"c"}, "y");
    addBranch(node, "then_branch", "Neg");
    addBranch(node, "else_branch", "Abs");
    addOutput("y");
    return node;
  }
  /// A loop that adds x to its state s, which starts as x.
  onnx::NodeProto *addLoop(const std::string &trips, const std::string &next) {
    addInput("x", {4});
    onnx::NodeProto *node = addNode("Loop", {trips, "", "x"}, "y");
    onnx::GraphProto *body = addGraph(node, "body");
    for (const char *name : {"i", "c", "s"})
      body->add_input()->set_name(name);
    addBodyNode(body, "Add", {"s", "x"}, "t");
    addBodyNode(body, "Identity", {"c"}, "go");
    for (const std::string &name : {next, std::string("t")})
      body->add_output()->set_name(name);
    addOutput("y");
    return node;
  }
};
} // namespace

TEST_F(ControlTest, BranchOfAKnownConditionIsBuiltInPlace) {
  onnx::TensorProto *c = model.mutable_graph()->add_initializer();
  c->set_name("c");
  c->set_data_type(onnx::TensorProto::BOOL);
  c->add_int32_data(1);
  addIf();
  module = run();
  ASSERT_TRUE(module) << problems;
  EXPECT_EQ(count<IfOp>(), 0u);
  EXPECT_EQ(count<NegOp>(), 1u);
  EXPECT_EQ(count<AbsOp>(), 0u);
}

TEST_F(ControlTest, BranchesOfTheGraphAreBuiltInIt) {
  addInput("c", {}, onnx::TensorProto::BOOL);
  addIf();
  module = run();
  ASSERT_TRUE(module) << problems;
  module->walk([](ChooseOp op) {
    EXPECT_TRUE(op.getYes().getDefiningOp<NegOp>());
    EXPECT_TRUE(op.getNo().getDefiningOp<AbsOp>());
  });
  EXPECT_EQ(count<ChooseOp>(), 1u);
  EXPECT_EQ(count<IfOp>(), 0u);
}

TEST_F(ControlTest, BranchesInsideOthersGetWhatTheyCapture) {
  addInput("c", {}, onnx::TensorProto::BOOL);
  onnx::NodeProto *node = addIf();
  onnx::GraphProto *branch = node->mutable_attribute(0)->mutable_g();
  onnx::NodeProto *inner = branch->add_node();
  inner->set_op_type("If");
  inner->add_input("c");
  inner->add_output("inner_y");
  addBranch(inner, "then_branch", "Exp");
  addBranch(inner, "else_branch", "Sqrt");
  branch->mutable_output(0)->set_name("inner_y");
  module = run();
  ASSERT_TRUE(module) << problems;
  module->walk([](IfOp op) { EXPECT_EQ(op.getInputs().size(), 1u); });
  EXPECT_EQ(count<IfOp>(), 1u);
  EXPECT_EQ(count<ChooseOp>(), 1u);
}

TEST_F(ControlTest, BranchThatCannotBeBuiltIsLeftOut) {
  addInput("c", {}, onnx::TensorProto::BOOL);
  onnx::NodeProto *node = addIf();
  onnx::GraphProto *branch = node->mutable_attribute(0)->mutable_g();
  branch->mutable_node(0)->set_op_type("Transmogrify");
  std::string warning;
  ScopedDiagnosticHandler handler(
      &context, [&](Diagnostic &diagnostic) { warning += diagnostic.str(); });
  module = run();
  ASSERT_TRUE(module) << problems;
  EXPECT_NE(warning.find("its then branch cannot be compiled, so a run that "
                         "takes it returns an error: node 'then_branch_y' "
                         "(Transmogrify-"),
            std::string::npos)
      << warning;
  module->walk([](ChooseOp op) {
    EXPECT_TRUE(op.getCondition().getDefiningOp<NotOp>());
    EXPECT_TRUE(op.getYes().getDefiningOp<AbsOp>());
    EXPECT_FALSE(op.getNo());
  });
  EXPECT_EQ(count<ChooseOp>(), 1u);
}

TEST_F(ControlTest, NoBranchThatCanBeBuiltIsRefused) {
  addInput("c", {}, onnx::TensorProto::BOOL);
  onnx::NodeProto *node = addIf();
  for (int i = 0; i < 2; ++i)
    node->mutable_attribute(i)->mutable_g()->mutable_node(0)->set_op_type(
        "Transmogrify");
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("'then_branch_y'"));
  EXPECT_TRUE(mentions("'else_branch_y'"));
}

TEST_F(ControlTest, BranchesOfDifferentShapesChooseTheirExtents) {
  addInput("c", {}, onnx::TensorProto::BOOL);
  onnx::NodeProto *node = addIf();
  onnx::GraphProto *branch = node->mutable_attribute(0)->mutable_g();
  branch->mutable_node(0)->set_op_type("ReduceMax");
  module = run();
  ASSERT_TRUE(module) << problems;
  // The tensor and its extent.
  EXPECT_EQ(count<ChooseOp>(), 2u);
  auto graph = *module->getOps<func::FuncOp>().begin();
  EXPECT_EQ(graph.getNumResults(), 2u);
}

TEST_F(ControlTest, BranchesOfDifferentTypesAreRefused) {
  addInput("c", {}, onnx::TensorProto::BOOL);
  onnx::NodeProto *node = addIf();
  onnx::GraphProto *branch = node->mutable_attribute(0)->mutable_g();
  branch->mutable_node(0)->set_op_type("Shape");
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("its branches give tensors of different types"));
}

TEST_F(ControlTest, FewIterationsAreUnrolled) {
  addInts("n", {3});
  addLoop("n", "go");
  module = run();
  ASSERT_TRUE(module) << problems;
  EXPECT_EQ(count<LoopOp>(), 0u);
  EXPECT_EQ(count<AddOp>(), 3u);
}

TEST_F(ControlTest, ManyIterationsStayALoop) {
  addInts("n", {100000});
  addLoop("n", "go");
  module = run();
  ASSERT_TRUE(module) << problems;
  module->walk([](LoopOp op) { EXPECT_FALSE(op.getCondition()); });
  EXPECT_EQ(count<LoopOp>(), 1u);
  EXPECT_EQ(count<AddOp>(), 1u);
}

TEST_F(ControlTest, ConditionFromDataMakesAWhileLoop) {
  addInput("n", {1}, onnx::TensorProto::INT64);
  onnx::NodeProto *node = addLoop("n", "go");
  onnx::GraphProto *body = node->mutable_attribute(0)->mutable_g();
  onnx::NodeProto *sum = body->mutable_node(1);
  sum->set_op_type("Less");
  sum->clear_input();
  addInput("limit", {}, onnx::TensorProto::INT64);
  sum->add_input("i");
  sum->add_input("limit");
  module = run();
  ASSERT_TRUE(module) << problems;
  module->walk([](LoopOp op) {
    EXPECT_TRUE(op.getCondition());
    EXPECT_TRUE(op.getTrips());
  });
  EXPECT_EQ(count<LoopOp>(), 1u);
}

TEST_F(ControlTest, EndlessLoopIsRefused) {
  addLoop("", "go");
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("it never ends"));
}

TEST_F(ControlTest, SequencesAreResolved) {
  addInput("x", {4});
  addNode("SequenceConstruct", {"x", "x", "x"}, "s");
  addInts("at", {-1});
  addNode("SequenceErase", {"s", "at"}, "t");
  setInt(addNode("ConcatFromSequence", {"t"}, "y"), "axis", 0);
  addOutput("y");
  module = run();
  ASSERT_TRUE(module) << problems;
  EXPECT_EQ(resultShape(*module), ArrayRef<int64_t>({8}));
}

TEST_F(ControlTest, SequenceWhereATensorIsWantedIsRefused) {
  addInput("x", {4});
  addNode("SequenceConstruct", {"x"}, "s");
  addNode("Neg", {"s"}, "y");
  addOutput("y");
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("input 0 is sequence and not number"));
}

TEST_F(ControlTest, PositionOutsideASequenceIsRefused) {
  addInput("x", {4});
  addNode("SequenceConstruct", {"x"}, "s");
  addInts("at", {1});
  addNode("SequenceAt", {"s", "at"}, "y");
  addOutput("y");
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("position 1 in a sequence of length 1"));
}
