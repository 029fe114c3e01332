// Implements TestCase.h.
#include "compiler/tools/cameo-conformance/TestCase.h"

#include "compiler/tools/support/Files.h"
#include "compiler/tools/support/TensorProtoFile.h"
#include "compiler/tools/support/Text.h"

#include "llvm/Support/Regex.h"
#include <algorithm>
#include <filesystem>
#include <onnx/onnx-data_pb.h>
#include <onnx/onnx_pb.h>
#include <set>

namespace fs = std::filesystem;

namespace cameo {

std::string filterRegex(const std::string &filter) {
  llvm::StringRef rest = filter;
  bool isGlob = rest.find_first_of("*?") != llvm::StringRef::npos &&
                rest.find_first_of(".[](){}|^$+\\") == llvm::StringRef::npos;
  if (!isGlob)
    return filter;
  std::string regex = "^";
  for (char c : filter)
    regex += c == '*' ? ".*" : c == '?' ? "." : std::string(1, c);
  return regex + "$";
}

bool findTests(const std::vector<std::string> &folders,
               const std::string &filter, std::vector<TestCase> &tests,
               std::string &error) {
  llvm::Regex regex(filterRegex(filter));
  if (!filter.empty() && !regex.isValid(error)) {
    error = text("--filter='%s': %s", filter.c_str(), error.c_str());
    return false;
  }
  std::error_code status;
  for (const std::string &folder : folders) {
    fs::path root = fs::absolute(folder, status);
    fs::recursive_directory_iterator entry(root, status), end;
    for (; !status && entry != end; entry.increment(status)) {
      std::string name = entry->path().filename().string();
      std::error_code ignored;
      if (name.starts_with("test_") &&
          fs::exists(entry->path() / "model.onnx", ignored))
        tests.push_back({name, entry->path().string()});
    }
    if (status) {
      error = text("cannot read folder '%s': %s", folder.c_str(),
                   status.message().c_str());
      return false;
    }
  }
  llvm::sort(tests, [](const TestCase &a, const TestCase &b) {
    return std::tie(a.name, a.folder) < std::tie(b.name, b.folder);
  });
  std::set<std::string> seen;
  for (TestCase &test : tests)
    if (!seen.insert(test.name).second)
      test.name = fs::path(test.folder).parent_path().filename().string() +
                  "/" + test.name;
  std::erase_if(tests, [&](const TestCase &test) {
    return !filter.empty() && !regex.match(test.name);
  });
  return true;
}

std::vector<std::string> findDataSets(const TestCase &test) {
  std::vector<std::string> sets;
  std::error_code status;
  for (fs::directory_iterator entry(test.folder, status), end;
       !status && entry != end; entry.increment(status))
    if (entry->path().filename().string().starts_with("test_data_set_"))
      sets.push_back(entry->path().string());
  llvm::sort(sets);
  return sets;
}

/// Does the model leave the rank or an extent of this input open?
static bool isOpen(const onnx::ValueInfoProto &input) {
  if (!input.type().has_tensor_type())
    return false;
  const onnx::TypeProto::Tensor &type = input.type().tensor_type();
  return !type.has_shape() ||
         llvm::any_of(type.shape().dim(),
                      [](const auto &dim) { return !dim.has_dim_value(); });
}

/// Reads input_0.pb, input_1.pb, ... into the input that the name in the file
/// says, else by position.
static void readValues(std::vector<TestInput> &inputs,
                       const std::string &dataSet) {
  for (size_t i = 0; i < inputs.size(); ++i) {
    Tensor tensor;
    std::string name, ignored;
    std::string file = text("%s/input_%zu.pb", dataSet.c_str(), i);
    std::error_code status;
    if (!inputs[i].isTensor) {
      if (fs::exists(file, status))
        inputs[i].file = file;
      continue;
    }
    // Unreadable data is reported when the test runs.
    if (!readTensorProto(file, tensor, name, ignored))
      continue;
    auto named = llvm::find_if(
        inputs, [&](const TestInput &input) { return input.name == name; });
    TestInput &input = named != inputs.end() ? *named : inputs[i];
    input.file = file;
    input.elementType = tensor.elementType;
    input.shape = tensor.shape;
    if (tensor.isText)
      input.shape.pop_back();
  }
}

/// cameoc says what is wrong with a model that cannot be read.
static bool readModel(const TestCase &test, onnx::ModelProto &model) {
  std::string contents, ignored;
  return readFile(test.model(), contents, ignored) &&
         model.ParseFromString(contents);
}

std::vector<TestInput> readInputs(const TestCase &test,
                                  const std::string &dataSet) {
  onnx::ModelProto model;
  if (!readModel(test, model))
    return {};
  std::set<std::string> constants;
  for (const onnx::TensorProto &tensor : model.graph().initializer())
    constants.insert(tensor.name());
  std::vector<TestInput> inputs;
  for (const onnx::ValueInfoProto &input : model.graph().input()) {
    if (constants.count(input.name()))
      continue;
    inputs.emplace_back();
    inputs.back().name = input.name();
    inputs.back().isOpen = isOpen(input);
    inputs.back().isTensor = input.type().has_tensor_type();
  }
  readValues(inputs, dataSet);
  return inputs;
}

/// Such as a shape, a limit or a list of axes.
static bool isSmall(const TestInput &input) {
  return input.shape.empty() ||
         (input.shape.size() == 1 && input.shape[0] <= 16);
}

bool isBound(const std::vector<TestInput> &inputs, size_t index,
             Binding binding) {
  const TestInput &input = inputs[index];
  if (input.file.empty() || binding == Binding::None)
    return false;
  if (!input.isTensor || binding == Binding::Everything)
    return true;
  bool isInteger =
      input.elementType == CAMEO_INT32 || input.elementType == CAMEO_INT64;
  if (index > 0 && isInteger)
    return true;
  if (binding == Binding::Integers || !isSmall(input))
    return false;
  return index > 0 ||
         (binding == Binding::All && llvm::all_of(inputs, isSmall));
}

std::vector<std::string> inputOptions(const std::vector<TestInput> &inputs,
                                      Binding binding) {
  std::vector<std::string> options;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const TestInput &input = inputs[i];
    if (isBound(inputs, i, binding))
      options.push_back("--constant=" + input.name + "=" + input.file);
    else if (input.isOpen && !input.file.empty())
      options.push_back("--shape=" + input.name + "=" +
                        (input.shape.empty() ? "" : shapeText(input.shape)));
  }
  return options;
}

bool hasSequenceOutputs(const TestCase &test) {
  onnx::ModelProto model;
  return readModel(test, model) &&
         llvm::any_of(model.graph().output(), [](const auto &output) {
           return !output.type().has_tensor_type();
         });
}

static void appendTensors(const onnx::SequenceProto &sequence,
                          std::vector<onnx::TensorProto> &tensors) {
  for (const onnx::TensorProto &tensor : sequence.tensor_values())
    tensors.push_back(tensor);
  for (const onnx::SequenceProto &inner : sequence.sequence_values())
    appendTensors(inner, tensors);
}

/// Writes the tensors of an expected output that is a sequence or an optional
/// as outputs from `position` on.
static bool writeElements(const onnx::TypeProto &type, const std::string &file,
                          const std::string &folder, size_t &position,
                          std::string &error) {
  std::string contents;
  onnx::SequenceProto sequence;
  onnx::OptionalProto optional;
  if (!readFile(file, contents, error))
    return false;
  bool ok = type.has_optional_type() ? optional.ParseFromString(contents)
                                     : sequence.ParseFromString(contents);
  std::vector<onnx::TensorProto> tensors;
  if (optional.has_tensor_value())
    tensors.push_back(optional.tensor_value());
  appendTensors(type.has_optional_type() ? optional.sequence_value() : sequence,
                tensors);
  for (onnx::TensorProto &tensor : tensors) {
    tensor.clear_name();
    ok = ok && writeFile(text("%s/output_%zu.pb", folder.c_str(), position++),
                         tensor.SerializeAsString(), error);
  }
  if (!ok && error.empty())
    error = text("'%s' is not a sequence", file.c_str());
  return ok;
}

bool makeReducedDataSet(const TestCase &test,
                        const std::vector<TestInput> &inputs, Binding binding,
                        const std::string &dataSet, const std::string &folder,
                        std::string &error) {
  std::error_code status;
  onnx::ModelProto model;
  readModel(test, model);
  fs::remove_all(folder, status);
  fs::create_directory(folder, status);
  size_t position = 0;
  for (size_t i = 0; i < inputs.size() && !status; ++i)
    if (!isBound(inputs, i, binding))
      fs::create_symlink(inputs[i].file,
                         text("%s/input_%zu.pb", folder.c_str(), position++),
                         status);
  position = 0;
  for (int i = 0; i < model.graph().output_size() && !status; ++i) {
    std::string file = text("%s/output_%d.pb", dataSet.c_str(), i);
    const onnx::TypeProto &type = model.graph().output(i).type();
    if (!fs::exists(file, status))
      break;
    if (!type.has_tensor_type() &&
        !writeElements(type, file, folder, position, error))
      return false;
    if (type.has_tensor_type())
      fs::create_symlink(
          file, text("%s/output_%zu.pb", folder.c_str(), position++), status);
  }
  if (status)
    error = text("cannot link test data into '%s': %s", folder.c_str(),
                 status.message().c_str());
  return !status;
}

} // namespace cameo
