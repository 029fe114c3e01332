//===- BoundedTest.cpp - Import of extents that are known at run time -----===//
//
// What becomes of bounded dimensions: arguments and results for extents, limits
// where elements mix, and refusals of what is not covered.
//
//===----------------------------------------------------------------------===//

#include "dialects/cameo/Cameo.h"
#include "test/unit/import/ImportFixture.h"

using namespace mlir;
using namespace cameo;

namespace {
class BoundedTest : public ModuleTest {
protected:
  BoundedTest() { options.dims["n"] = {1, 8}; }
  /// Imports what must be accepted.
  void accept() {
    module = run();
    ASSERT_TRUE(module) << problems;
    graph = *module->getOps<func::FuncOp>().begin();
  }
  /// The expression that result `i`, an extent, is; the symbols' numbers.
  AffineExpr resultExpr(unsigned i) {
    Value result = graph.getBody().front().getTerminator()->getOperand(i);
    auto extent = result.getDefiningOp<ExtentOp>();
    return extent ? extent.getMap().getResult(0) : AffineExpr();
  }
  std::string resultAttr(unsigned i) {
    std::string text;
    llvm::raw_string_ostream(text) << graph.getResultAttr(i, "onnx.extent");
    return text;
  }
  AffineExpr symbol() { return getAffineSymbolExpr(0, &context); }

  func::FuncOp graph;
};
} // namespace

TEST_F(BoundedTest, InputsOfOneNameShareAnExtent) {
  addInput("x", {-1, 3});
  addInput("y", {-1, 1});
  addNode("Add", {"x", "y"}, "z");
  addOutput("z");
  accept();
  ASSERT_EQ(graph.getNumArguments(), 3u);
  ASSERT_EQ(graph.getNumResults(), 2u);
  EXPECT_EQ(resultShape(*module), ArrayRef<int64_t>({8, 3}));
  std::string attr;
  llvm::raw_string_ostream(attr) << graph.getArgAttr(2, "onnx.extent");
  EXPECT_EQ(attr, "{max = 8 : i64, min = 1 : i64, of = [{dim = 0 : i64, value "
                  "= \"x\"}, {dim = 0 : i64, value = \"y\"}]}");
  EXPECT_EQ(resultAttr(1), "{of = [{dim = 0 : i64, value = \"z\"}]}");
  // Callers' memory ends at the extents.
  EXPECT_EQ(count<LoadDenseOp>(), 2u);
  EXPECT_EQ(count<StoreDenseOp>(), 1u);
  EXPECT_EQ(count<CheckExtentOp>(), 0u);
}

TEST_F(BoundedTest, FixedBoundsAreFixed) {
  options.dims["n"] = {4, 4};
  addInput("x", {-1, 3});
  addNode("Relu", {"x"}, "y");
  addOutput("y");
  accept();
  EXPECT_EQ(graph.getNumArguments(), 1u);
  EXPECT_EQ(graph.getNumResults(), 1u);
}

TEST_F(BoundedTest, ExtentsOfWindows) {
  addInput("x", {1, 3, -1});
  addFloats("flat", {1, 2, 3, 4, 5, 6, 7, 8, 9});
  addInts("shape", {1, 3, 3});
  addNode("Reshape", {"flat", "shape"}, "w");
  onnx::NodeProto *conv = addNode("Conv", {"x", "w"}, "y");
  setInts(conv, "pads", {1, 1});
  setInts(conv, "strides", {2});
  addOutput("y");
  accept();
  EXPECT_EQ(resultShape(*module), ArrayRef<int64_t>({1, 1, 4}));
  EXPECT_EQ(resultExpr(1), (symbol() - 1).floorDiv(2) + 1);
  // Windows at the end reach into the padding, which is zero.
  auto limit = find<LimitOp>(*module);
  ASSERT_TRUE(limit);
  EXPECT_EQ(limit.getDim(), 2);
  EXPECT_EQ(count<LoadDenseOp>(), 1u);
}

TEST_F(BoundedTest, SoftmaxLeavesNothingToLimit) {
  addInput("x", {2, -1});
  addInput("v", {-1, 4});
  addNode("Softmax", {"x"}, "p");
  addNode("MatMul", {"p", "v"}, "y");
  addOutput("y");
  accept();
  // One before the softmax, one of the right operand.
  EXPECT_EQ(count<LimitOp>(), 2u);
  EXPECT_EQ(graph.getNumResults(), 1u);
}

TEST_F(BoundedTest, MeansDivideByTheActualExtent) {
  addInput("x", {-1, 3});
  onnx::NodeProto *mean = addNode("ReduceMean", {"x"}, "y");
  setInts(mean, "axes", {0});
  addOutput("y");
  accept();
  EXPECT_EQ(count<ReduceMeanOp>(), 0u);
  EXPECT_EQ(count<ReduceSumOp>(), 1u);
  EXPECT_EQ(count<DivOp>(), 1u);
}

TEST_F(BoundedTest, ShapesAreFollowedThroughArithmetic) {
  addInput("x", {2, -1, 6});
  addNode("Shape", {"x"}, "s");
  addInts("one", {1});
  addInts("two", {2});
  addNode("Gather", {"s", "one"}, "n");
  addNode("Mul", {"n", "two"}, "m");
  addInts("three", {3});
  onnx::NodeProto *concat = addNode("Concat", {"two", "m", "three"}, "t");
  setInt(concat, "axis", 0);
  addNode("Reshape", {"x", "t"}, "y");
  addOutput("y");
  accept();
  EXPECT_EQ(resultShape(*module), ArrayRef<int64_t>({2, 16, 3}));
  EXPECT_EQ(resultExpr(1), symbol() * 2);
  // Gaps are closed and opened elsewhere: [n, 6] becomes [2 n, 3].
  EXPECT_EQ(count<CheckExtentOp>(), 0u);
  EXPECT_EQ(count<StoreDenseOp>(), 1u);
}

TEST_F(BoundedTest, FlatteningClosesGaps) {
  addInput("x", {2, -1});
  addInts("all", {-1});
  addNode("Reshape", {"x", "all"}, "y");
  addOutput("y");
  accept();
  EXPECT_EQ(resultShape(*module), ArrayRef<int64_t>({16}));
  EXPECT_EQ(resultExpr(1), symbol() * 2);
  EXPECT_EQ(count<StoreDenseOp>(), 2u);
}

TEST_F(BoundedTest, ExtentsThatMayDifferAreChecked) {
  addInput("x", {-1});
  addInput("y", {4});
  addNode("Add", {"x", "y"}, "z");
  options.dims["n"] = {1, 4};
  addOutput("z");
  accept();
  EXPECT_EQ(count<CheckExtentOp>(), 1u);
}

TEST_F(BoundedTest, ProductsDependOnTheCheckOfTheirDepth) {
  addInput("x", {2, 8});
  addInput("y", {-1, 4});
  addNode("MatMul", {"x", "y"}, "z");
  addOutput("z");
  accept();
  auto check = find<CheckExtentOp>(*module);
  ASSERT_TRUE(check);
  auto product = find<MatMulOp>(*module);
  auto limit = product.getA().getDefiningOp<LimitOp>();
  ASSERT_TRUE(limit);
  EXPECT_EQ(limit.getExtent(), check.getResult());
}

TEST_F(BoundedTest, LastElementIsCountedFromTheActualExtent) {
  addInput("x", {-1, 3});
  addInts("last", {-1});
  addNode("Gather", {"x", "last"}, "y");
  addOutput("y");
  accept();
  auto gather = find<GatherOp>(*module);
  ASSERT_TRUE(gather);
  EXPECT_FALSE(gather.getInBounds());
  // That it counts from the end is known, not where that is.
  EXPECT_EQ(count<AddOp>(), 1u);
}

TEST_F(BoundedTest, NonZeroSaysHowManyThereAre) {
  options.dims.clear();
  addInput("x", {2, 3});
  addNode("NonZero", {"x"}, "y");
  addOutput("y");
  accept();
  EXPECT_EQ(resultShape(*module), ArrayRef<int64_t>({2, 6}));
  ASSERT_EQ(graph.getNumResults(), 2u);
  EXPECT_EQ(resultAttr(1), "{of = [{dim = 1 : i64, value = \"y\"}]}");
}

TEST_F(BoundedTest, RefusesOperatorsThatAreNotCovered) {
  setOpset(18);
  addInput("x", {1, -1, 4});
  addInts("image", {4, 4});
  addInts("block", {2, 2});
  addNode("Col2Im", {"x", "image", "block"}, "y");
  addOutput("y");
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("node 'the_y' (Col2Im-18): the operator does not "
                       "take the bounded dimension 1 of input 0 yet; fix the "
                       "extent"))
      << problems;
}

TEST_F(BoundedTest, RefusesPaddingThatDependsOnExtents) {
  addInput("x", {1, 3, -1});
  onnx::NodeProto *pool = addNode("AveragePool", {"x"}, "y");
  setInts(pool, "kernel_shape", {3});
  setInts(pool, "strides", {2});
  setString(pool, "auto_pad", "SAME_UPPER");
  addOutput("y");
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("auto_pad depends on the bounded dimension 2"))
      << problems;
}

TEST_F(BoundedTest, AutoPadAddsWhatTheExtentAsksFor) {
  addInput("x", {1, 3, -1});
  onnx::NodeProto *pool = addNode("MaxPool", {"x"}, "y");
  setInts(pool, "kernel_shape", {3});
  setInts(pool, "strides", {2});
  setString(pool, "auto_pad", "SAME_UPPER");
  addOutput("y");
  accept();
  EXPECT_EQ(resultShape(*module), ArrayRef<int64_t>({1, 3, 4}));
  EXPECT_EQ(resultExpr(1), symbol().ceilDiv(2));
}

TEST_F(BoundedTest, NormalisesOverABoundedDimensionByItsExtent) {
  addInput("x", {2, -1});
  addFloats("scale", {1});
  addNode("LayerNormalization", {"x", "scale"}, "y");
  addOutput("y");
  accept();
  EXPECT_EQ(count<LayerNormOp>(), 0u);
  EXPECT_EQ(count<ReduceSumOp>(), 2u);
  EXPECT_EQ(count<LimitOp>(), 2u);
}

TEST_F(BoundedTest, RecurrentNetworksEndWithTheSequence) {
  addInput("x", {-1, 2, 3});
  addInput("w", {1, 4, 3});
  addInput("r", {1, 4, 4});
  onnx::NodeProto *rnn = addNode("RNN", {"x", "w", "r"}, "y");
  setString(rnn, "direction", "reverse");
  addOutput("y");
  accept();
  auto op = find<RnnOp>(*module);
  ASSERT_TRUE(op);
  EXPECT_TRUE(op.getLengths());
  EXPECT_TRUE(op->hasAttr("cameo.same_lengths"));
  EXPECT_EQ(resultAttr(1), "{of = [{dim = 0 : i64, value = \"y\"}]}");
}

TEST_F(BoundedTest, UpdatesBeyondTheExtentHaveAPlaceOfTheirOwn) {
  addInput("x", {5, 3});
  addInput("i", {-1, 1}, onnx::TensorProto::INT64);
  addInput("u", {-1, 3});
  addNode("ScatterND", {"x", "i", "u"}, "y");
  addOutput("y");
  accept();
  auto scatter = find<ScatterNDOp>(*module);
  ASSERT_TRUE(scatter);
  EXPECT_EQ(scatter.getType().getShape(), ArrayRef<int64_t>({6, 3}));
  EXPECT_EQ(resultShape(*module), ArrayRef<int64_t>({5, 3}));
}

TEST_F(BoundedTest, PadsThatRepeatElementsAreGathers) {
  addInput("x", {2, -1});
  addInts("pads", {0, 1, 0, 2});
  onnx::NodeProto *pad = addNode("Pad", {"x", "pads"}, "y");
  setString(pad, "mode", "reflect");
  addOutput("y");
  accept();
  EXPECT_EQ(count<PadReflectOp>(), 0u);
  EXPECT_EQ(count<GatherOp>(), 1u);
  EXPECT_EQ(resultShape(*module), ArrayRef<int64_t>({2, 11}));
  EXPECT_EQ(resultExpr(1), symbol() + 3);
}

TEST_F(BoundedTest, ResizesToComputedSizes) {
  addInput("x", {1, 1, -1});
  addNode("Shape", {"x"}, "shape");
  addInts("two", {2});
  addNode("Gather", {"shape", "two"}, "extent");
  addNode("Add", {"extent", "two"}, "size");
  addInts("lead", {1, 1});
  onnx::NodeProto *concat = addNode("Concat", {"lead", "size"}, "sizes");
  setInt(concat, "axis", 0);
  onnx::NodeProto *resize = addNode("Resize", {"x", "", "", "sizes"}, "y");
  setString(resize, "coordinate_transformation_mode", "align_corners");
  setString(resize, "mode", "linear");
  addOutput("y");
  accept();
  EXPECT_EQ(count<ResizeOp>(), 0u);
  // Of the size, and of the elements on both sides of each coordinate.
  EXPECT_EQ(count<GatherOp>(), 3u);
}

TEST_F(BoundedTest, RefusesConvolutionsOfBoundedChannels) {
  addInput("x", {1, -1, 5});
  addInput("w", {2, 8, 3});
  addNode("Conv", {"x", "w"}, "y");
  addOutput("y");
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("'conv' does not take the bounded dimension 1 of its "
                       "operand 0 yet"))
      << problems;
}
