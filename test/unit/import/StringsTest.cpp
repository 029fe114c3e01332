//===- StringsTest.cpp - Import of operators on strings -------------------===//

#include "compiler/import/ops/Regex.h"
#include "test/unit/import/ImportFixture.h"

using namespace mlir;
using namespace cameo;

namespace {
class StringsTest : public ImportTest {
protected:
  StringsTest() {
    setOpset(20);
    addInput("s", {3}, onnx::TensorProto::STRING);
    addOutput("y");
  }
};
} // namespace

TEST_F(StringsTest, StringsAreRowsOfBytes) {
  options.stringBytes = 10;
  addNode("StringConcat", {"s", "s"}, "y");
  OwningOpRef<ModuleOp> module = run();
  ASSERT_TRUE(module) << problems;
  EXPECT_EQ(resultShape(*module), ArrayRef<int64_t>({3, 20}));
}

TEST_F(StringsTest, OtherOperatorsRefuseThem) {
  addNode("Neg", {"s"}, "y");
  EXPECT_FALSE(run());
  EXPECT_TRUE(
      mentions("node 'the_y' (Neg-20): input 0 is string and not number; "
               "make numbers of strings by LabelEncoder"));
}

TEST_F(StringsTest, TheirOperatorsRefuseNumbers) {
  addInput("x", {3});
  addNode("StringConcat", {"x", "x"}, "y");
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("(StringConcat-20): input 0 is f32 and not string"));
}

TEST_F(StringsTest, ComparedWithNumbersTheyAreRefused) {
  addInput("x", {3});
  addNode("Equal", {"s", "x"}, "y");
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("it compares strings with numbers"));
}

TEST_F(StringsTest, ResultsAsLongAsTheDataSaysNeedConstants) {
  addNode("StringSplit", {"s"}, "y");
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("its result depends on the values of its input; make it "
                       "constant"));
}

TEST_F(StringsTest, StopWordsNeedConstants) {
  onnx::NodeProto *node = addNode("StringNormalizer", {"s"}, "y");
  setStrings(node, "stopwords", {"the"});
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("its result depends on the values of its input"));
}

TEST_F(StringsTest, PatternsThatAreNotRegularAreRefused) {
  onnx::NodeProto *node = addNode("RegexFullMatch", {"s"}, "y");
  setString(node, "pattern", "(?i)a");
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("pattern: flags and look-around are not supported"));
}

TEST_F(StringsTest, ImagesAreDecodedBefore) {
  addInput("bytes", {100}, onnx::TensorProto::UINT8);
  addNode("ImageDecoder", {"bytes"}, "y");
  EXPECT_FALSE(run());
  EXPECT_TRUE(mentions("decode images before the model"));
}

//===----------------------------------------------------------------------===//
// Regular expressions
//===----------------------------------------------------------------------===//

static bool matches(StringRef pattern, StringRef text) {
  std::string error;
  std::optional<Automaton> automaton = Automaton::compile(pattern, error);
  EXPECT_TRUE(automaton) << error;
  return automaton && automaton->matches(text);
}

TEST(Regex, MatchesWholeStrings) {
  EXPECT_TRUE(matches("ab|cd", "cd"));
  EXPECT_FALSE(matches("ab|cd", "abd"));
  EXPECT_TRUE(matches("", ""));
  EXPECT_FALSE(matches("", "a"));
  EXPECT_TRUE(matches("(a|b*)*c?", "abbac"));
  EXPECT_TRUE(matches("x{2}y{1,}z{0,2}", "xxyyyz"));
  EXPECT_FALSE(matches("x{2}y{1,}z{0,2}", "xxz"));
  EXPECT_TRUE(matches("(^|x)a($|y)", "a"));
  EXPECT_TRUE(matches("(^|x)a($|y)", "xay"));
  EXPECT_FALSE(matches("b^a", "ba"));
  EXPECT_TRUE(matches("^$", ""));
  EXPECT_TRUE(matches("^[^\\s]+\\.\\w{2,3}$", "a-b.org"));
  EXPECT_FALSE(matches("^[^\\s]+\\.\\w{2,3}$", "a b.org"));
}

TEST(Regex, CharactersAreNotBytes) {
  EXPECT_TRUE(matches("..", "\xc3\xa9\xe2\x82\xac"));
  EXPECT_FALSE(matches(".", "\n"));
  EXPECT_TRUE(matches("\xc3\xa9+", "\xc3\xa9\xc3\xa9"));
  EXPECT_FALSE(matches("\xc3\xa9+", "\xc3\xa9\xa9"));
}

TEST(Regex, SaysWhatItCannotDo) {
  for (StringRef pattern :
       {"(", ")", "[a", "*a", "a**", "a{2,1}", "a{", "\\", "\\1", "\\b",
        "(?=a)", "(?i)a", "[[:alpha:]]", "[\xc3\xa9]", "(a{200}){200}"}) {
    std::string error;
    EXPECT_FALSE(Automaton::compile(pattern, error)) << pattern.str();
    EXPECT_FALSE(error.empty()) << pattern.str();
  }
}
