//===- CachesTest.cpp - Import of inputs that are stored in outputs -------===//
//
// `--cache`: what is written in place, what other readers of the input see, and
// what is refused.
//
//===----------------------------------------------------------------------===//

#include "dialects/cameo/Cameo.h"
#include "test/unit/import/ImportFixture.h"

using namespace mlir;
using namespace cameo;

namespace {
class CachesTest : public ModuleTest {
protected:
  CachesTest() { options.dims["n"] = {0, 8}; }
  /// `present` is `past` and then `x`.
  void addCache(int64_t length) {
    if (length >= 0)
      options.dims.clear();
    addInput("past", {2, length, 4});
    addInput("x", {2, 3, 4});
    setInt(addNode("Concat", {"past", "x"}, "present"), "axis", 1);
    addOutput("present");
  }
  void accept() {
    module = run();
    ASSERT_TRUE(module) << problems;
    graph = *module->getOps<func::FuncOp>().begin();
  }
  void refuse(const std::string &reason) {
    EXPECT_FALSE(run());
    EXPECT_TRUE(mentions(reason)) << problems;
  }
  std::string cacheAttr(unsigned argument) {
    std::string text;
    llvm::raw_string_ostream(text) << graph.getArgAttr(argument, "onnx.cache");
    return text;
  }
  void keep(const std::string &past, const std::string &present) {
    options.caches.push_back({past, present});
  }

  func::FuncOp graph;
};
} // namespace

TEST_F(CachesTest, OfAnOpenLengthAreAppendedTo) {
  addCache(-1);
  keep("past", "present");
  accept();
  EXPECT_EQ(count<AppendOp>(), 1u);
  EXPECT_EQ(count<ConcatExtentsOp>(), 0u);
  EXPECT_EQ(count<LoadDenseOp>(), 0u);
  EXPECT_EQ(count<StoreDenseOp>(), 0u);
  EXPECT_EQ(count<SliceOp>(), 0u);
  auto append = find<AppendOp>(*module);
  EXPECT_EQ(append.getPast(), graph.getArgument(0));
  EXPECT_EQ(append.getPosition(), graph.getArgument(2));
  EXPECT_EQ(append.getAxis(), 1);
  EXPECT_EQ(resultShape(*module), ArrayRef<int64_t>({2, 11, 4}));
  EXPECT_EQ(graph.getArgumentTypes()[0], graph.getResultTypes()[0]);
  EXPECT_EQ(cacheAttr(0),
            "{dim = 1 : i64, extent = 8 : i64, value = \"present\"}");
}

TEST_F(CachesTest, OfAFixedLengthAreAppendedTo) {
  addCache(5);
  keep("past", "present");
  accept();
  EXPECT_EQ(count<AppendOp>(), 1u);
  EXPECT_EQ(count<ConcatOp>(), 0u);
  EXPECT_EQ(resultShape(*module), ArrayRef<int64_t>({2, 8, 4}));
  EXPECT_EQ(cacheAttr(0),
            "{dim = 1 : i64, extent = 5 : i64, value = \"present\"}");
}

TEST_F(CachesTest, OtherReadersTakeWhatThereWas) {
  for (int64_t length : {-1, 5}) {
    model.mutable_graph()->Clear();
    options.caches.clear();
    addCache(length);
    addNode("Relu", {"past"}, "y");
    addOutput("y");
    addOutput("past");
    keep("past", "present");
    accept();
    auto part = find<SliceOp>(*module);
    ASSERT_TRUE(part);
    EXPECT_EQ(part.getX(), graph.getArgument(0));
    EXPECT_EQ(part.getType().getDimSize(1), length < 0 ? 8 : length);
    EXPECT_EQ(find<ReluOp>(*module).getX(), part.getResult());
    // As outputs, both are dense.
    EXPECT_EQ(count<StoreDenseOp>(), length < 0 ? 2u : 0u);
  }
}

TEST_F(CachesTest, StarsStandForTheSame) {
  for (std::string layer : {"0", "1"}) {
    addInput("past." + layer + ".key", {2, -1, 4});
    addInput("x" + layer, {2, 1, 4});
    setInt(addNode("Concat", {"past." + layer + ".key", "x" + layer},
                   "present." + layer + ".key"),
           "axis", 1);
    addOutput("present." + layer + ".key");
  }
  keep("past.*.key", "present.*.key");
  accept();
  EXPECT_EQ(count<AppendOp>(), 2u);
  EXPECT_NE(cacheAttr(0).find("present.0.key"), std::string::npos);
  EXPECT_NE(cacheAttr(2).find("present.1.key"), std::string::npos);
}

TEST_F(CachesTest, OfAttentionAreAppendedTo) {
  setOpset(23);
  for (const char *name : {"q", "k", "v"})
    addInput(name, {1, 2, 3, 4});
  for (const char *name : {"past_key", "past_value"})
    addInput(name, {1, 2, -1, 4});
  onnx::NodeProto *node =
      addNode("Attention", {"q", "k", "v", "", "past_key", "past_value"}, "y");
  node->add_output("present_key");
  node->add_output("present_value");
  for (const char *name : {"y", "present_key", "present_value"})
    addOutput(name);
  keep("past_*", "present_*");
  accept();
  EXPECT_EQ(count<AppendOp>(), 2u);
  EXPECT_EQ(count<ConcatExtentsOp>(), 0u);
}

TEST_F(CachesTest, NamesThatMatchNothingAreRefused) {
  addCache(-1);
  keep("key_*", "present_*");
  refuse(
      "--cache names 'key_*', which is no input; the inputs are 'past', 'x'");
}

TEST_F(CachesTest, OutputsThatAreNoneAreRefused) {
  addCache(-1);
  keep("past", "presnt");
  refuse("--cache=past:presnt: 'presnt' is no output");
}

TEST_F(CachesTest, OtherOutputsAreRefused) {
  addCache(-1);
  addNode("Relu", {"present"}, "y");
  addOutput("y");
  keep("past", "y");
  refuse("--cache=past:y: 'y' is not 'past' and new elements after it, but the "
         "result of 'relu' of node 'the_y'");
}

TEST_F(CachesTest, OtherTypesAreRefused) {
  addInput("past", {2, -1, 4}, onnx::TensorProto::FLOAT16);
  addInput("x", {2, 1, 4});
  setInt(addNode("Cast", {"past"}, "wide"), "to", onnx::TensorProto::FLOAT);
  setInt(addNode("Concat", {"wide", "x"}, "present"), "axis", 1);
  addOutput("present");
  keep("past", "present");
  refuse("'present' joins 2 tensors, but not 'past' and one after it");
}

TEST_F(CachesTest, ThePastComesFirst) {
  addInput("past", {2, -1, 4});
  addInput("x", {2, 1, 4});
  setInt(addNode("Concat", {"x", "past"}, "present"), "axis", 1);
  addOutput("present");
  keep("past", "present");
  refuse("'present' joins 2 tensors, but not 'past' and one after it");
}

TEST_F(CachesTest, StacksOfKeysAndValuesAreRefused) {
  addInput("past", {2, 1, -1, 4});
  addInput("x", {2, 1, 1, 4});
  setInt(addNode("Concat", {"past", "x"}, "joined"), "axis", 2);
  addInts("axes", {0});
  addNode("Unsqueeze", {"joined", "axes"}, "k");
  addNode("Unsqueeze", {"joined", "axes"}, "v");
  setInt(addNode("Concat", {"k", "v"}, "present"), "axis", 0);
  addOutput("present");
  keep("past", "present");
  refuse(
      "'present' joins 2 tensors, but not 'past' and one after it; give keys "
      "and values an input and an output each");
}

TEST_F(CachesTest, PairsAreDisjoint) {
  addCache(-1);
  keep("past", "present");
  keep("past", "present");
  refuse("--cache=past:present: one of them is in another pair");
}

TEST_F(CachesTest, OutputsOfTwoNamesAreRefused) {
  addCache(-1);
  addNode("Identity", {"present"}, "again");
  addOutput("again");
  keep("past", "present");
  refuse("--cache=past:present: 'present' has a second name as an output");
}
