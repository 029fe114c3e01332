// Implements TestData.h.
#include "compiler/tools/cameo-run/TestData.h"

#include "compiler/tools/support/Npy.h"
#include "compiler/tools/support/TensorProtoFile.h"
#include "compiler/tools/support/Text.h"

#include <filesystem>

namespace cameo {

bool readTensorFile(const std::string &path, Tensor &tensor, std::string &name,
                    std::string &error) {
  if (path.ends_with(".npy"))
    return readNpy(path, tensor, error);
  if (path.ends_with(".pb"))
    return readTensorProto(path, tensor, name, error);
  error = text("'%s': unknown kind of file; use .npy or .pb", path.c_str());
  return false;
}

/// The path of "input_3" with whichever ending exists; empty if none does.
static std::string findFile(const std::string &folder, const char *kind,
                            uint32_t index) {
  for (const char *ending : {".pb", ".npy"}) {
    std::string path = text("%s/%s_%u%s", folder.c_str(), kind, index, ending);
    std::error_code ignored;
    if (std::filesystem::exists(path, ignored))
      return path;
  }
  return "";
}

/// The ONNX backend tests keep bfloat16 as its bits in uint16.
static void takeBfloat16Bits(Tensor &tensor, const cameo_tensor_info &wanted) {
  if (tensor.elementType == CAMEO_UINT16 &&
      wanted.element_type == CAMEO_BFLOAT16)
    tensor.elementType = CAMEO_BFLOAT16;
}

bool loadTestInputs(const std::string &folder, const CompiledModel &model,
                    ModelRunner &runner, std::string &error) {
  const cameo_model &descriptor = model.descriptor();
  uint32_t index = 0;
  for (std::string path; !(path = findFile(folder, "input", index)).empty();
       ++index) {
    Tensor tensor;
    std::string name;
    if (!readTensorFile(path, tensor, name, error))
      return false;
    int named = model.findInput(name);
    uint32_t position = named < 0 ? index : static_cast<uint32_t>(named);
    if (position >= descriptor.num_inputs) {
      error = text("'%s' is one too many: the model has %u inputs",
                   path.c_str(), descriptor.num_inputs);
      return false;
    }
    takeBfloat16Bits(tensor, descriptor.inputs[position]);
    if (!runner.setInput(position, std::move(tensor), error)) {
      error = text("'%s': %s", path.c_str(), error.c_str());
      return false;
    }
  }
  if (runner.checkInputs(error))
    return true;
  error = text("'%s': %s", folder.c_str(), error.c_str());
  return false;
}

bool compareTestOutputs(const std::string &folder, const CompiledModel &model,
                        const ModelRunner &runner, Tolerance tolerance,
                        std::string &report, bool &equal, std::string &error) {
  const cameo_model &descriptor = model.descriptor();
  equal = true;
  uint32_t index = 0;
  for (std::string path; !(path = findFile(folder, "output", index)).empty();
       ++index) {
    Tensor want;
    std::string name;
    if (!readTensorFile(path, want, name, error))
      return false;
    if (index >= descriptor.num_outputs) {
      error = text("'%s' is one too many: the model has %u outputs",
                   path.c_str(), descriptor.num_outputs);
      return false;
    }
    takeBfloat16Bits(want, descriptor.outputs[index]);
    Comparison result = compareTensors(runner.output(index), want, tolerance);
    equal &= result.equal;
    report += text("output '%s': %s, %s\n", descriptor.outputs[index].name,
                   result.equal ? "ok" : "WRONG", result.report.c_str());
  }
  if (index == descriptor.num_outputs)
    return true;
  error = text("'%s' has %u outputs, the model %u", folder.c_str(), index,
               descriptor.num_outputs);
  return false;
}

} // namespace cameo
