//===- Importer.cpp - From ONNX files to the cameo dialect ----------------===//

#include "compiler/import/Importer.h"
#include "compiler/import/GraphImporter.h"

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "mlir/IR/Verifier.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace cameo;

std::string ImportProblem::str() const {
  std::string text;
  if (!op.empty())
    text = "node '" + node + "' (" + op + "-" + std::to_string(opset) + "): ";
  text += reason;
  return hint.empty() ? text : text + "; " + hint;
}

/// Parses the file; says why it cannot in `error`.
static bool parseModel(StringRef path, onnx::ModelProto &model,
                       std::string &error, StringRef &hint) {
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                            /*RequiresNullTerminator=*/false);
  if (!buffer) {
    error = "cannot open '" + path.str() + "': " + buffer.getError().message();
    hint = "check the path";
    return false;
  }
  size_t size = (*buffer)->getBufferSize();
  if (size > static_cast<size_t>(INT_MAX)) {
    error =
        "'" + path.str() + "' is larger than 2 GB, which no ONNX file can be";
    return false;
  }
  google::protobuf::io::ArrayInputStream array((*buffer)->getBufferStart(),
                                               size);
  google::protobuf::io::CodedInputStream stream(&array);
  stream.SetTotalBytesLimit(INT_MAX);
  if (!model.ParseFromCodedStream(&stream) || !stream.ConsumedEntireMessage()) {
    error = "'" + path.str() + "' is not an ONNX file, or is cut off";
    return false;
  }
  if (!model.has_graph()) {
    error = "'" + path.str() + "' holds no graph";
    return false;
  }
  return true;
}

OwningOpRef<ModuleOp> cameo::importModel(MLIRContext *context, StringRef path,
                                         const ImportOptions &options,
                                         std::vector<ImportProblem> &problems) {
  context->loadDialect<CameoDialect, func::FuncDialect>();
  google::protobuf::SetLogHandler(nullptr);
  onnx::ModelProto model;
  std::string error;
  StringRef hint = "export the model again";
  if (!parseModel(path, model, error, hint)) {
    problems.push_back({"", "", 0, error, hint.str()});
    return nullptr;
  }
  auto loc = FileLineColLoc::get(context, path, 0, 0);
  OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
  GraphImporter importer(context, model, llvm::sys::path::parent_path(path),
                         options, problems);
  importer.importGraph(*module);
  if (!problems.empty())
    return nullptr;
  if (failed(verify(*module))) {
    problems.push_back(
        {"", "", 0, "the imported graph is not valid", "report this"});
    return nullptr;
  }
  return module;
}
