//===- JitModel.cpp - A model compiled into this process ------------------===//

#include "codegen/jit/JitModel.h"

#include "codegen/abi/WeightsBlob.h"

#include "llvm/ExecutionEngine/Orc/AbsoluteSymbols.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"

#include <atomic>
#include <cstdlib>

using namespace mlir;
using namespace cameo;
namespace orc = llvm::orc;

namespace {

/// A stream into memory of known size.
class MemoryStream : public llvm::raw_ostream {
public:
  MemoryStream(char *begin, size_t size)
      : raw_ostream(/*unbuffered=*/true), begin(begin), size(size) {}

private:
  void write_impl(const char *data, size_t bytes) override {
    bytes = std::min(bytes, size - position);
    memcpy(begin + position, data, bytes);
    position += bytes;
  }
  uint64_t current_pos() const override { return position; }

  char *begin;
  size_t size, position = 0;
};

} // namespace

/// What keeps a loaded model alive.
struct JitModel::Code {
  orc::JITDylib *library = nullptr;
  char *weights = nullptr;
};

/// The linker that all models of the process share; null when it cannot be
/// made.
static orc::LLJIT *sharedJit(std::string &error) {
  static std::string failure;
  static std::unique_ptr<orc::LLJIT> jit = [] {
    initializeTargets();
    auto made = orc::LLJITBuilder().create();
    if (!made) {
      failure = toString(made.takeError());
      return std::unique_ptr<orc::LLJIT>();
    }
    return std::move(*made);
  }();
  error = failure;
  return jit.get();
}

JitModel::JitModel() : code(std::make_unique<Code>()) {}

JitModel::~JitModel() {
  std::string error;
  if (code->library)
    if (orc::LLJIT *jit = sharedJit(error))
      llvm::consumeError(
          jit->getExecutionSession().removeJITDylib(*code->library));
  std::free(code->weights);
}

llvm::Error JitModel::load(std::unique_ptr<llvm::MemoryBuffer> object,
                           llvm::StringRef name) {
  static std::atomic<unsigned> number = 0;
  std::string error;
  orc::LLJIT *jit = sharedJit(error);
  if (!jit)
    return llvm::createStringError(error);
  auto library =
      jit->createJITDylib((name + "." + llvm::Twine(number++)).str());
  if (!library)
    return library.takeError();
  code->library = &*library;
  auto symbol = [&](auto *function) {
    return orc::ExecutorSymbolDef(orc::ExecutorAddr::fromPtr(function),
                                  llvm::JITSymbolFlags::Exported |
                                      llvm::JITSymbolFlags::Callable);
  };
  orc::SymbolMap runtime;
  runtime[jit->mangleAndIntern("cameo_begin_run_v2")] =
      symbol(&cameo_begin_run_v2);
  runtime[jit->mangleAndIntern("cameo_end_run_v2")] = symbol(&cameo_end_run_v2);
  if (llvm::Error error =
          library->define(orc::absoluteSymbols(std::move(runtime))))
    return error;
  if (llvm::Error error = jit->addObjectFile(*library, std::move(object)))
    return error;
  auto address = jit->lookup(*library, (name + "_model").str());
  if (!address)
    return address.takeError();
  model = address->toPtr<const cameo_model *(*)()>()();
  return llvm::Error::success();
}

FailureOr<std::unique_ptr<JitModel>>
JitModel::create(ModuleOp module, const TargetSpec &target, unsigned optLevel) {
  FailureOr<plan::ModelOp> model = findModel(module);
  if (failed(model))
    return failure();
  std::unique_ptr<JitModel> result(new JitModel());
  std::string name = model->getSymName().str();
  if (uint64_t bytes = model->getWeightBytes()) {
    uint64_t padded = llvm::alignTo(bytes, plan::kBufferAlignment);
    auto *weights =
        static_cast<char *>(std::aligned_alloc(plan::kBufferAlignment, padded));
    if (!weights)
      return module.emitError("out of memory for ")
             << bytes << " bytes of weights";
    result->code->weights = weights;
    MemoryStream stream(weights, bytes);
    if (failed(writeWeights(*model, stream)))
      return failure();
  }
  LLVMOptions options;
  options.target = target;
  options.optLevel = optLevel;
  options.weightsAddress = result->code->weights;
  llvm::SmallVector<char, 0> object;
  llvm::raw_svector_ostream stream(object);
  if (failed(generateLLVM(module, options, LLVMOutput::object, stream)))
    return failure();
  auto buffer = std::make_unique<llvm::SmallVectorMemoryBuffer>(
      std::move(object), name, /*RequiresNullTerminator=*/false);
  if (llvm::Error error = result->load(std::move(buffer), name))
    return module.emitError("loading the model failed: ")
           << toString(std::move(error));
  return result;
}
