// ONNX backend tests on disk: where they are, and the shapes of their inputs.
#ifndef CAMEO_COMPILER_TOOLS_CAMEO_CONFORMANCE_TESTCASE_H
#define CAMEO_COMPILER_TOOLS_CAMEO_CONFORMANCE_TESTCASE_H

#include <cstdint>
#include <string>
#include <vector>

namespace cameo {

struct TestCase {
  std::string name; // of the folder
  std::string folder;
  std::string model() const { return folder + "/model.onnx"; }
};

/// A filter as a regular expression: `test_conv*` without any other special
/// character is a glob.
std::string filterRegex(const std::string &filter);

/// Every folder test_* with a model.onnx below `folders`, sorted by name.
/// Of two tests of one name the second is called parent/name.
bool findTests(const std::vector<std::string> &folders,
               const std::string &filter, std::vector<TestCase> &tests,
               std::string &error);

/// The data sets of a test, sorted, as absolute paths.
std::vector<std::string> findDataSets(const TestCase &test);

/// An input of a test's model with the value of one data set.
struct TestInput {
  std::string name, file;
  int32_t elementType = 0;
  std::vector<int64_t> shape;
  bool isOpen = false;  // the model leaves its rank or an extent open
  bool isTensor = true; // not a sequence or an optional
};

/// The inputs in graph order without initialisers; those whose data cannot be
/// read have no file. Empty if the model cannot be read.
std::vector<TestInput> readInputs(const TestCase &test,
                                  const std::string &dataSet);

/// Which inputs are made constants, for operators whose shapes depend on them.
enum class Binding { None, Integers, Small, All, Everything };

/// Integers: all but the first that hold 32 or 64-bit integers, and what is not
/// a tensor. Small: these and all but the first of at most one dimension with
/// 16 elements. All: the first as well if all are small, for models such as a
/// range. Everything: for operators whose results are as large as data says.
bool isBound(const std::vector<TestInput> &inputs, size_t index,
             Binding binding);

/// `--shape=NAME=AxB` for an open input, `--constant=NAME=FILE` for a bound
/// one.
std::vector<std::string> inputOptions(const std::vector<TestInput> &inputs,
                                      Binding binding);

/// Whether an output of the model is a sequence or an optional.
bool hasSequenceOutputs(const TestCase &test);

/// A data set for the model whose bound inputs are gone and whose sequences are
/// outputs of their own per element, made in `folder`; false with `error` if it
/// cannot be made.
bool makeReducedDataSet(const TestCase &test,
                        const std::vector<TestInput> &inputs, Binding binding,
                        const std::string &dataSet, const std::string &folder,
                        std::string &error);

} // namespace cameo

#endif
