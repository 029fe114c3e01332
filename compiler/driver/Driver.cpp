//===- Driver.cpp - The compiler as a function ----------------------------===//
//
// Import, pipeline, back end, link: one compilation from file to file. Every
// output appears under its name only when it is whole.
//
//===----------------------------------------------------------------------===//

#include "compiler/driver/Driver.h"

#include "codegen/abi/Identifiers.h"
#include "codegen/abi/ModelHeader.h"
#include "codegen/abi/WeightsBlob.h"
#include "codegen/cpp/EmitCpp.h"
#include "codegen/llvm/GenerateLLVM.h"
#include "compiler/driver/Problems.h"
#include "compiler/import/Importer.h"
#include "compiler/link/Link.h"
#include "compiler/pipeline/Pipeline.h"
#include "dialects/target/TargetDescription.h"
#include "passes/schedule/Problem.h"

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"

using namespace llvm;
using namespace cameo;

namespace {

/// One compilation.
class Compilation {
public:
  Compilation(const DriverOptions &options, StringRef executable)
      : options(options), executable(executable), context(makeRegistry()),
        printer(context) {
    context.loadAllAvailableDialects();
  }

  Error run();
  Error report();
  /// Imports only; false when there are problems, which were printed.
  bool check();

private:
  static mlir::DialectRegistry makeRegistry();
  Error resolve();
  Error resolveMachine();
  PipelineOptions pipelineOptions() const;
  Error load();
  Error loadOverrides();
  Error lower(Level level);
  Error write(const Twine &path, function_ref<Error(raw_ostream &)> fill);
  Error writeWeightsFile(const Twine &path);
  Error emitIR();
  Error emitSchedules();
  Error emitCode();
  Error emitLLVM(const ModelDescriptor &model);
  Error emitCppFiles(const ModelDescriptor &model);
  Error emitObject(StringRef path, StringRef weights, LLVMOutput kind);
  Error emitLibrary(const ModelDescriptor &model, StringRef object);
  Error writeHeaderFile(const ModelDescriptor &model);
  void progress(StringRef stage) const;
  std::string stem() const { return sys::path::stem(options.output).str(); }

  const DriverOptions &options;
  StringRef executable;
  mlir::MLIRContext context;
  DiagnosticPrinter printer;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  TargetSpec target;
  Emit emit = Emit::Shared;
  std::vector<std::string> written; ///< files to remove if there is an error
};

} // namespace

static Error makeError(const Twine &message) {
  return createStringError(inconvertibleErrorCode(), message);
}

mlir::DialectRegistry Compilation::makeRegistry() {
  mlir::DialectRegistry registry;
  registerDialects(registry);
  registerLLVMTranslations(registry);
  return registry;
}

/// On a terminal, one line shows what is under way.
void Compilation::progress(StringRef stage) const {
  if (!options.quiet && sys::Process::StandardErrIsDisplayed())
    errs() << "\r\x1b[K" << stage;
}

/// What to write follows from the output's ending where `--emit` is not given.
static Expected<Emit> emitOf(const DriverOptions &options) {
  if (options.emit)
    return *options.emit;
  StringRef ending = sys::path::extension(options.output);
  for (auto [known, kind] : {std::pair(StringRef(".so"), Emit::Shared),
                             {StringRef(".a"), Emit::Static},
                             {StringRef(".o"), Emit::Object},
                             {StringRef(".cpp"), Emit::Cpp},
                             {StringRef(".s"), Emit::Assembly},
                             {StringRef(".ll"), Emit::LLVM}})
    if (known == ending)
      return kind;
  return makeError(
      "cannot tell from '" + options.output +
      "' what to write; use an ending .so, .a, .o or .cpp, or --emit=KIND");
}

Error Compilation::resolveMachine() {
  Expected<TargetSpec> spec =
      resolveTarget(options.target, options.cpu, options.features);
  if (!spec)
    return spec.takeError();
  target = *spec;
  if (!options.quiet && options.cpu.empty() && options.target.empty())
    errs() << "cameoc: compiling for this machine (" << target.cpu
           << "); choose another with --cpu=NAME\n";
  return Error::success();
}

/// Whether `path` can become a file: known before the work is done.
static Error checkOutput(const std::string &path) {
  sys::fs::file_status status;
  if (!sys::fs::status(path, status) && !sys::fs::is_regular_file(status))
    return makeError("cannot write '" + path + "': it is not a file");
  std::string folder = sys::path::parent_path(path).str();
  if (!folder.empty() && !sys::fs::is_directory(folder))
    return makeError("cannot write '" + path + "': there is no folder '" +
                     folder + "'");
  if (sys::fs::access(folder.empty() ? "." : folder,
                      sys::fs::AccessMode::Write))
    return makeError("cannot write '" + path +
                     "': its folder cannot be written");
  return Error::success();
}

Error Compilation::resolve() {
  if (options.output.empty())
    return makeError("no output; name it with -o FILE");
  Expected<Emit> kind = emitOf(options);
  if (!kind)
    return kind.takeError();
  emit = *kind;
  if (emit > Emit::Loops && options.output == "-")
    return makeError(
        "only --emit=graph, fused, layout, plan, schedule and loops can be "
        "written to the standard output");
  if (options.output != "-" && options.output != "/dev/null")
    if (Error error = checkOutput(options.output))
      return error;
  return resolveMachine();
}

Error Compilation::load() {
  progress("importing");
  if (StringRef(options.model).ends_with(".mlir")) {
    module = mlir::parseSourceFile<mlir::ModuleOp>(options.model, &context);
    return module ? Error(Error::success())
                  : makeError("cannot read '" + options.model + "'");
  }
  ImportOptions importOptions;
  importOptions.name =
      options.name.empty()
          ? makeIdentifier(sys::path::stem(options.output.empty()
                                               ? options.model
                                               : options.output),
                           "model")
          : options.name;
  if (!isIdentifier(importOptions.name))
    return makeError("--name=" + options.name + " is not a C identifier");
  importOptions.shapes = options.shapes;
  importOptions.dims = options.dims;
  importOptions.constants = options.constants;
  importOptions.caches = options.caches;
  importOptions.stringBytes = options.stringBytes;
  std::vector<ImportProblem> problems;
  module = importModel(&context, options.model, importOptions, problems);
  if (options.command == Command::Check && options.json)
    printProblemsJson(problems, outs());
  else
    printProblems(problems, errs());
  if (!module)
    return makeError("'" + options.model +
                     "' cannot be compiled: " + Twine(problems.size()) +
                     (problems.size() == 1 ? " problem" : " problems"));
  return Error::success();
}

/// Schedules that take the place of what the compiler would choose.
Error Compilation::loadOverrides() {
  if (options.scheduleOverride.empty())
    return Error::success();
  auto buffer = MemoryBuffer::getFile(options.scheduleOverride);
  if (!buffer)
    return makeError("cannot read '" + options.scheduleOverride +
                     "': " + buffer.getError().message());
  auto overrides = dyn_cast_if_present<mlir::DictionaryAttr>(
      mlir::parseAttribute((*buffer)->getBuffer(), &context));
  if (!overrides)
    return makeError("'" + options.scheduleOverride +
                     "' is not a dictionary of schedules by problem, as "
                     "--emit=schedule writes it");
  (*module)->setAttr(kOverridesAttr, overrides);
  return Error::success();
}

Error Compilation::lower(Level level) {
  progress("lowering");
  if (mlir::failed(runPipeline(*module, pipelineOptions(), level)))
    return makeError("'" + options.model + "' cannot be compiled");
  if (level >= Level::Plan && (*module)->hasAttr(kOverridesAttr))
    return makeError("'" + options.model +
                     "' has its kernels already: --schedule-override comes "
                     "too late");
  return Error::success();
}

bool Compilation::check() {
  Error error = load();
  if (!error)
    return true;
  if (!options.json)
    errs() << "cameoc: error: " << toString(std::move(error)) << "\n";
  else
    consumeError(std::move(error));
  return false;
}

/// Writes a file, whole or not at all; a later error takes it back.
Error Compilation::write(const Twine &path,
                         function_ref<Error(raw_ostream &)> fill) {
  if (Error error = writeToOutput(path.str(), fill))
    return makeError("cannot write " + toString(std::move(error)));
  written.push_back(path.str());
  return Error::success();
}

Error Compilation::writeWeightsFile(const Twine &path) {
  auto plan = findModel(*module);
  Error error = write(path, [&](raw_ostream &os) -> Error {
    return mlir::failed(writeWeights(*plan, os)) ? makeError("the weights")
                                                 : Error(Error::success());
  });
  releaseWeights(*plan);
  return error;
}

/// Writes the module as IR.
Error Compilation::emitIR() {
  return writeToOutput(options.output, [&](raw_ostream &os) -> Error {
    mlir::OpPrintingFlags flags;
    flags.elideLargeResourceString(64);
    module->print(os, flags);
    os << "\n";
    return Error::success();
  });
}

/// Writes what --schedule-override reads.
Error Compilation::emitSchedules() {
  return writeToOutput(options.output, [&](raw_ostream &os) -> Error {
    printSchedules(collectSchedules(*module), os);
    return Error::success();
  });
}

Error Compilation::emitObject(StringRef path, StringRef weights,
                              LLVMOutput kind) {
  LLVMOptions llvmOptions;
  llvmOptions.target = target;
  llvmOptions.optLevel = options.optLevel;
  llvmOptions.instrument = options.instrument;
  llvmOptions.weightsFile = weights.str();
  std::error_code code;
  raw_fd_ostream os(path, code);
  if (code)
    return makeError("cannot write '" + path + "': " + code.message());
  if (mlir::failed(generateLLVM(*module, llvmOptions, kind, os)))
    return makeError("code generation failed");
  os.close();
  if (os.has_error()) {
    std::string text = os.error().message();
    os.clear_error();
    return makeError("cannot write '" + path + "': " + text);
  }
  return Error::success();
}

Error Compilation::emitLibrary(const ModelDescriptor &model, StringRef object) {
  std::string runtime = options.runtime;
  if (runtime.empty() && isHostPlatform(target))
    runtime = findRuntimeArchive(executable);
  if (runtime.empty() && !options.quiet)
    errs() << "cameoc: note: no runtime stub for " << target.triple.str()
           << "; link it to your program, or give its archive with "
              "--runtime=FILE\n";
  if (emit == Emit::Static)
    return writeArchive(object, runtime, options.output);
  StringRef emulation =
      target.triple.isAArch64() ? "aarch64linux" : "elf_x86_64";
  return linkShared(object, runtime, model.name, emulation, options.output);
}

Error Compilation::writeHeaderFile(const ModelDescriptor &model) {
  SmallString<256> path(options.output);
  sys::path::replace_extension(path, "h");
  return write(path, [&](raw_ostream &os) -> Error {
    writeHeader(model, os);
    return Error::success();
  });
}

Error Compilation::emitCppFiles(const ModelDescriptor &model) {
  // The source includes its header by name.
  if (StringRef(stem()).find_first_of("\"\\\n") != StringRef::npos)
    return makeError("'" + options.output +
                     "' has a character that no C++ file can include");
  if (Error error = writeWeightsFile(options.output + kWeightsSuffix))
    return error;
  CppOptions cppOptions;
  cppOptions.instrument = options.instrument;
  cppOptions.header = stem() + ".h";
  std::string source;
  raw_string_ostream stream(source);
  if (mlir::failed(emitCpp(*module, cppOptions, stream)))
    return makeError("code generation failed");
  Error error = write(options.output, [&](raw_ostream &os) -> Error {
    os << source;
    return Error::success();
  });
  return error ? std::move(error) : writeHeaderFile(model);
}

/// Everything from the loops level on.
Error Compilation::emitCode() {
  progress("generating code");
  auto plan = findModel(*module);
  if (mlir::failed(plan))
    return makeError("there is no model to compile");
  mlir::FailureOr<ModelDescriptor> model = describeModel(*plan, target.text());
  if (mlir::failed(model))
    return makeError("the model cannot be described in C");
  Error error = emit == Emit::Cpp ? emitCppFiles(*model) : emitLLVM(*model);
  if (error)
    for (const std::string &path : written)
      (void)sys::fs::remove(path);
  return error;
}

/// Objects and libraries hold the weights; IR and assembly name their file.
Error Compilation::emitLLVM(const ModelDescriptor &model) {
  LLVMOutput kind = emit == Emit::LLVM       ? LLVMOutput::ir
                    : emit == Emit::Assembly ? LLVMOutput::assembly
                                             : LLVMOutput::object;
  bool isObject = kind == LLVMOutput::object;
  std::string weights = options.output + kWeightsSuffix.str(),
              object = options.output + ".o.tmp";
  if (isObject)
    weights = options.output + ".weights.tmp";
  FileRemover removeWeights(isObject ? weights : ""), removeObject(object);
  if (isObject || model.weightBytes > 0)
    if (Error error = writeWeightsFile(weights))
      return error;
  if (Error error = emitObject(object, weights, kind))
    return error;
  if (emit == Emit::Static || emit == Emit::Shared) {
    progress("linking");
    if (Error error = emitLibrary(model, object))
      return error;
  } else if (std::error_code code = sys::fs::rename(object, options.output)) {
    return makeError("cannot write '" + options.output +
                     "': " + code.message());
  }
  written.push_back(options.output);
  return isObject ? writeHeaderFile(model) : Error::success();
}

PipelineOptions Compilation::pipelineOptions() const {
  TargetDescription description = describeTarget(target);
  PipelineOptions result;
  result.optLevel = options.optLevel;
  result.fuse = options.fuse;
  result.layouts = options.layouts;
  result.winograd = options.winograd;
  result.fastProducts =
      options.fastProducts == "on" ||
      (options.fastProducts == "auto" && description.hasAddPipes);
  result.weightsType = options.weightsType;
  result.memory = description.memory;
  result.laneOperands = description.hasLaneOperands;
  result.vectorBits = description.vectorBits;
  result.splitBroadcasts = description.stepCycles() > 1;
  result.registers = description.vectorRegisters;
  result.threads = options.threads;
  result.timing = options.timeReport;
  return result;
}

Error Compilation::run() {
  if (Error error = resolve())
    return error;
  if (Error error = load())
    return error;
  if (Error error = loadOverrides())
    return error;
  Level level = emit == Emit::Graph    ? Level::Graph
                : emit == Emit::Fused  ? Level::Fused
                : emit == Emit::Layout ? Level::Layout
                : emit == Emit::Plan   ? Level::Plan
                                       : Level::Loops;
  if (Error error = lower(level))
    return error;
  Error error = emit == Emit::Schedule ? emitSchedules()
                : emit <= Emit::Loops  ? emitIR()
                                       : emitCode();
  progress("");
  return error;
}

Error Compilation::report() {
  if (Error error = resolveMachine())
    return error;
  if (Error error = load())
    return error;
  if (Error error = loadOverrides())
    return error;
  TargetDescription description = describeTarget(target);
  Report report;
  report.target = target.text();
  report.clockGHz = description.clockGHz;
  report.stepCycles = double(description.stepCycles());
  report.flopsPerCycle = description.flopsPerStep() / report.stepCycles;
  report.bytesPerStep = double(description.memory.l3Rate);
  if (Error error = lower(Level::Plan))
    return error;
  collectKernels(*module, report);
  if (Error error = lower(Level::Loops))
    return error;
  collectMemory(*module, report);
  progress("");
  StringRef output = options.output.empty() ? "-" : StringRef(options.output);
  return writeToOutput(output, [&](raw_ostream &os) -> Error {
    printReport(report, options.format, os);
    return Error::success();
  });
}

int cameo::runDriver(const DriverOptions &options, StringRef executable) {
  if (options.model.empty()) {
    errs() << "cameoc: error: no model; see cameoc --help\n";
    return 2;
  }
  Compilation compilation(options, executable);
  if (options.command == Command::Check)
    return compilation.check() ? 0 : 1;
  Error error = options.command == Command::Report ? compilation.report()
                                                   : compilation.run();
  if (error) {
    errs() << "cameoc: error: " << toString(std::move(error)) << "\n";
    return 1;
  }
  return 0;
}
