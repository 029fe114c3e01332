// Inputs from files, and ONNX test_data_set folders.
#ifndef CAMEO_COMPILER_TOOLS_CAMEO_RUN_TESTDATA_H
#define CAMEO_COMPILER_TOOLS_CAMEO_RUN_TESTDATA_H

#include "compiler/tools/cameo-run/Options.h"
#include "compiler/tools/support/ModelRunner.h"

namespace cameo {

/// Reads .npy or .pb, by the file's ending. `name` is empty for .npy.
bool readTensorFile(const std::string &path, Tensor &tensor, std::string &name,
                    std::string &error);

/// Sets the inputs from input_0.pb, input_1.pb, ... of `folder`: by name where
/// the file names an input of the model, else by position.
bool loadTestInputs(const std::string &folder, const CompiledModel &model,
                    ModelRunner &runner, std::string &error);

/// Compares with output_0.pb, ... of `folder`; one line of `report` each. False
/// with `error` if a file is unusable; `equal` tells the verdict.
bool compareTestOutputs(const std::string &folder, const CompiledModel &model,
                        const ModelRunner &runner, Tolerance tolerance,
                        std::string &report, bool &equal, std::string &error);

} // namespace cameo

#endif
