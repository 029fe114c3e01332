//===- HostCode.cpp - NAME_run, NAME_model and the descriptor -------------===//
//
// The host side of a model as LLVM IR. Structure types mirror
// runtime-stub/include/cameo/runtime.h.
//
//===----------------------------------------------------------------------===//

#include "codegen/llvm/Stages.h"

#include "llvm/IR/IRBuilder.h"
#include "llvm/Support/FormatVariadic.h"

using namespace llvm;
using namespace cameo;

namespace {

/// Members of cameo_context.
enum ContextMember {
  Arena = 2,
  ParallelFor = 4,
  ParallelForData,
  Profiler,
  ProfilerData
};

/// Builds the host code of one model.
class HostBuilder {
public:
  HostBuilder(Module &module, const ModelDescriptor &model,
              const LLVMOptions &options)
      : module(module), model(model), options(options),
        builder(module.getContext()), ptr(builder.getPtrTy()),
        i32(builder.getInt32Ty()), i64(builder.getInt64Ty()),
        contextType(
            StructType::get(i32, i32, ptr, i64, ptr, ptr, ptr, ptr, ptr)) {}

  void addRun(const LaunchList &launches);
  void addDescriptor();

private:
  void addWeights();
  Constant *text(StringRef value);
  Constant *constantArray(ArrayRef<Constant *> values, Type *type,
                          const Twine &name);
  Constant *shapeTable(ArrayRef<int64_t> shape);
  Constant *tensorInfos(ArrayRef<TensorInfo> tensors, const Twine &name);
  Constant *kernelInfos();
  Constant *cacheInfos();

  Value *member(ContextMember which, const Twine &name);
  Value *tensorData(Value *list, uint64_t index);
  Value *address(const LaunchArgument &argument);
  BasicBlock *block(const Twine &name) {
    return BasicBlock::Create(module.getContext(), name, run);
  }
  SmallVector<Value *> extentArguments(ArrayRef<ExtentInfo> extents,
                                       Value *tensors);
  void returnUnlessOk(Value *status, const Twine &refused, const Twine &next);
  void addTakeExtents();
  void addTakeCaches();
  void addGiveExtents();
  void addLaunch(const Launch &launch);
  void addParallelLaunch(const Launch &launch, Function *kernel,
                         ArrayRef<Value *> arguments);
  void addProfilerCall(unsigned kernel, bool end);
  Function *thunk(const Launch &launch, Function *kernel);

  Module &module;
  const ModelDescriptor &model;
  const LLVMOptions &options;
  IRBuilder<> builder;
  PointerType *ptr;
  IntegerType *i32, *i64;
  StructType *contextType;
  GlobalVariable *descriptor = nullptr;
  Constant *weights = nullptr;
  Function *run = nullptr;
  Value *context = nullptr, *inputs = nullptr, *outputs = nullptr,
        *arena = nullptr;
  /// Pointers that a parallel launch passes; one array for all launches.
  AllocaInst *closure = nullptr;
  DenseMap<std::pair<int, uint64_t>, Value *> tensors;
};

} // namespace

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

/// Weights from a file: assembly that includes it into a read-only section. The
/// section starts at a page when there is much, so that pages are shared.
static std::string weightsAssembly(const std::string &symbol,
                                   const LLVMOptions &options, uint64_t bytes,
                                   bool isLarge) {
  std::string path;
  for (char c : options.weightsFile) {
    if (c == '"' || c == '\\')
      path += '\\';
    path += c;
  }
  return formatv(".section {0},\"{1}\",%progbits\n.p2align {2}\n"
                 ".type {3},%object\n{3}:\n.incbin \"{4}\"\n.size {3}, "
                 "{5}\n.text\n",
                 isLarge ? ".lrodata" : ".rodata.weights", isLarge ? "al" : "a",
                 bytes > (1 << 20) ? 12 : 6, symbol, path, bytes)
      .str();
}

void HostBuilder::addWeights() {
  if (!model.weightBytes)
    return;
  if (options.weightsAddress) {
    uint64_t value = reinterpret_cast<uintptr_t>(options.weightsAddress);
    weights = ConstantExpr::getIntToPtr(builder.getInt64(value), ptr);
    return;
  }
  std::string symbol = model.name + "_weights";
  bool isLarge = module.getTargetTriple().getArch() == Triple::x86_64 &&
                 model.weightBytes > (1ull << 30);
  auto *global = new GlobalVariable(
      module, ArrayType::get(builder.getInt8Ty(), model.weightBytes), true,
      GlobalValue::ExternalLinkage, nullptr, symbol);
  global->setVisibility(GlobalValue::HiddenVisibility);
  global->setDSOLocal(true);
  global->setAlignment(Align(plan::kBufferAlignment));
  if (isLarge)
    global->setCodeModel(CodeModel::Large);
  module.appendModuleInlineAsm(
      weightsAssembly(symbol, options, model.weightBytes, isLarge));
  weights = global;
}

static GlobalVariable *addConstant(Module &module, Constant *value,
                                   const Twine &name) {
  auto *global = new GlobalVariable(module, value->getType(), true,
                                    GlobalValue::PrivateLinkage, value, name);
  return global;
}

Constant *HostBuilder::text(StringRef value) {
  GlobalVariable *global = addConstant(
      module, ConstantDataArray::getString(module.getContext(), value), "text");
  global->setUnnamedAddr(GlobalValue::UnnamedAddr::Global);
  global->setAlignment(Align(1));
  return global;
}

Constant *HostBuilder::constantArray(ArrayRef<Constant *> values, Type *type,
                                     const Twine &name) {
  if (values.empty())
    return ConstantPointerNull::get(ptr);
  return addConstant(
      module, ConstantArray::get(ArrayType::get(type, values.size()), values),
      name);
}

Constant *HostBuilder::shapeTable(ArrayRef<int64_t> shape) {
  SmallVector<Constant *> extents;
  for (int64_t extent : shape)
    extents.push_back(builder.getInt64(extent));
  return constantArray(extents, i64, "shape");
}

Constant *HostBuilder::tensorInfos(ArrayRef<TensorInfo> tensors,
                                   const Twine &name) {
  auto *type = StructType::get(ptr, i32, i32, ptr, ptr, i64);
  SmallVector<Constant *> infos;
  for (const TensorInfo &tensor : tensors)
    infos.push_back(ConstantStruct::get(
        type, {text(tensor.name), builder.getInt32(tensor.elementType),
               builder.getInt32(tensor.shape.size()), shapeTable(tensor.shape),
               shapeTable(tensor.minShape), builder.getInt64(tensor.bytes)}));
  return constantArray(infos, type, name);
}

Constant *HostBuilder::kernelInfos() {
  auto *type = StructType::get(ptr, ptr, i64, i64);
  SmallVector<Constant *> infos;
  for (const KernelInfo &kernel : model.kernels)
    infos.push_back(
        ConstantStruct::get(type, {text(kernel.name), text(kernel.nodes),
                                   builder.getInt64(kernel.flops),
                                   builder.getInt64(kernel.bytes)}));
  return constantArray(infos, type, "kernels");
}

Constant *HostBuilder::cacheInfos() {
  auto *type = StructType::get(i32, i32, i32);
  SmallVector<Constant *> infos;
  for (const CacheInfo &cache : model.caches)
    infos.push_back(ConstantStruct::get(type, {builder.getInt32(cache.input),
                                               builder.getInt32(cache.output),
                                               builder.getInt32(cache.dim)}));
  return constantArray(infos, type, "caches");
}

void HostBuilder::addDescriptor() {
  constexpr uint32_t abiVersion = 2;
  auto count = [&](size_t size) { return builder.getInt32(size); };
  auto *value = ConstantStruct::getAnon(
      {builder.getInt32(abiVersion), count(model.inputs.size()),
       count(model.outputs.size()), count(model.kernels.size()),
       text(model.name), text(model.target),
       tensorInfos(model.inputs, "inputs"),
       tensorInfos(model.outputs, "outputs"), kernelInfos(),
       builder.getInt64(model.arenaBytes),
       builder.getInt64(model.arenaAlignment),
       builder.getInt64(model.weightBytes), run, cacheInfos(),
       count(model.caches.size())});
  auto *global = addConstant(module, value, "model");
  if (descriptor) {
    descriptor->replaceAllUsesWith(global);
    descriptor->eraseFromParent();
  }
  auto *getter = Function::Create(FunctionType::get(ptr, false),
                                  GlobalValue::ExternalLinkage,
                                  model.name + "_model", module);
  builder.SetInsertPoint(BasicBlock::Create(module.getContext(), "", getter));
  builder.CreateRet(global);
}

//===----------------------------------------------------------------------===//
// NAME_run
//===----------------------------------------------------------------------===//

Value *HostBuilder::member(ContextMember which, const Twine &name) {
  Value *place = builder.CreateStructGEP(contextType, context, which);
  return builder.CreateLoad(ptr, place, name);
}

/// The data pointer of one input or output.
Value *HostBuilder::tensorData(Value *list, uint64_t index) {
  Value *&data = tensors[{list == outputs, index}];
  if (!data) {
    Value *place = builder.CreateConstInBoundsGEP1_64(StructType::get(ptr, ptr),
                                                      list, index);
    data = builder.CreateLoad(ptr, place);
  }
  return data;
}

Value *HostBuilder::address(const LaunchArgument &argument) {
  Type *byte = builder.getInt8Ty();
  switch (argument.space) {
  case plan::Space::arena:
    return builder.CreateConstInBoundsGEP1_64(byte, arena, argument.position);
  case plan::Space::weights:
    return weights ? builder.CreateConstInBoundsGEP1_64(byte, weights,
                                                        argument.position)
                   : arena; // A buffer without bytes.
  case plan::Space::input:
    return tensorData(inputs, argument.position);
  case plan::Space::output:
    return tensorData(outputs, argument.position);
  }
  llvm_unreachable("unknown space");
}

/// void thunk(void *closure, int64_t task): calls the kernel with the pointers
/// that the closure holds.
Function *HostBuilder::thunk(const Launch &launch, Function *kernel) {
  std::string name = launch.kernel + ".task";
  if (Function *existing = module.getFunction(name))
    return existing;
  auto *type = FunctionType::get(builder.getVoidTy(), {ptr, i64}, false);
  auto *function =
      Function::Create(type, GlobalValue::InternalLinkage, name, module);
  IRBuilder<> body(BasicBlock::Create(module.getContext(), "", function));
  SmallVector<Value *> arguments;
  for (size_t i = 0; i < launch.arguments.size(); ++i) {
    Value *place = body.CreateConstInBoundsGEP1_64(ptr, function->getArg(0), i);
    arguments.push_back(body.CreateLoad(ptr, place));
  }
  arguments.push_back(function->getArg(1));
  body.CreateCall(kernel, arguments);
  body.CreateRetVoid();
  return function;
}

/// Calls the context's parallel_for with a thunk, or loops when there is none.
void HostBuilder::addParallelLaunch(const Launch &launch, Function *kernel,
                                    ArrayRef<Value *> arguments) {
  Value *count = builder.getInt64(launch.tasks);
  Value *parallelFor = member(ParallelFor, "parallel_for");
  BasicBlock *parallel = block("parallel"), *serial = block("serial"),
             *done = block("done");
  builder.CreateCondBr(builder.CreateIsNotNull(parallelFor), parallel, serial);

  builder.SetInsertPoint(parallel);
  for (auto [i, argument] : llvm::enumerate(arguments))
    builder.CreateStore(argument,
                        builder.CreateConstInBoundsGEP1_64(ptr, closure, i));
  auto *type =
      FunctionType::get(builder.getVoidTy(), {ptr, ptr, ptr, i64}, false);
  builder.CreateCall(
      type, parallelFor,
      {member(ParallelForData, "data"), thunk(launch, kernel), closure, count});
  builder.CreateBr(done);

  builder.SetInsertPoint(serial);
  BasicBlock *loop = block("task");
  builder.CreateBr(loop);
  builder.SetInsertPoint(loop);
  PHINode *task = builder.CreatePHI(i64, 2, "task");
  SmallVector<Value *> all(arguments);
  all.push_back(task);
  builder.CreateCall(kernel, all);
  Value *next = builder.CreateAdd(task, builder.getInt64(1));
  task->addIncoming(builder.getInt64(0), serial);
  task->addIncoming(next, loop);
  builder.CreateCondBr(builder.CreateICmpSLT(next, count), loop, done);
  builder.SetInsertPoint(done);
}

void HostBuilder::addProfilerCall(unsigned kernel, bool end) {
  if (!options.instrument)
    return;
  Value *profiler = member(Profiler, "profiler");
  BasicBlock *call = block("profile"), *done = block("profiled");
  builder.CreateCondBr(builder.CreateIsNotNull(profiler), call, done);
  builder.SetInsertPoint(call);
  auto *type = FunctionType::get(builder.getVoidTy(), {ptr, i32, i32}, false);
  builder.CreateCall(type, profiler,
                     {member(ProfilerData, "data"), builder.getInt32(kernel),
                      builder.getInt32(end)});
  builder.CreateBr(done);
  builder.SetInsertPoint(done);
}

void HostBuilder::addLaunch(const Launch &launch) {
  if (launch.tasks == 0)
    return;
  Function *kernel = module.getFunction(launch.kernel);
  SmallVector<Value *> arguments;
  for (const LaunchArgument &argument : launch.arguments)
    arguments.push_back(address(argument));
  if (launch.tasks > 1)
    return addParallelLaunch(launch, kernel, arguments);
  if (launch.takesTask)
    arguments.push_back(builder.getInt64(0));
  builder.CreateCall(kernel, arguments);
}

/// What both functions of the stub that move extents take.
SmallVector<Value *> HostBuilder::extentArguments(ArrayRef<ExtentInfo> extents,
                                                  Value *tensors) {
  auto *type = StructType::get(i32, i32, i64);
  SmallVector<Constant *> values;
  for (const ExtentInfo &extent : extents)
    values.push_back(ConstantStruct::get(
        type, {builder.getInt32(extent.tensor), builder.getInt32(extent.dim),
               builder.getInt64(extent.position)}));
  return {descriptor, context, tensors, constantArray(values, type, "extents"),
          builder.getInt32(extents.size())};
}

void HostBuilder::returnUnlessOk(Value *status, const Twine &refused,
                                 const Twine &next) {
  BasicBlock *failed = block(refused), *passed = block(next);
  builder.CreateCondBr(builder.CreateIsNotNull(status), failed, passed);
  builder.SetInsertPoint(failed);
  builder.CreateRet(status);
  builder.SetInsertPoint(passed);
}

/// Extents of the inputs into the arena, unless they contradict each other.
void HostBuilder::addTakeExtents() {
  if (model.inputExtents.empty())
    return;
  FunctionCallee take = module.getOrInsertFunction("cameo_take_extents_v2", i32,
                                                   ptr, ptr, ptr, ptr, i32);
  Value *status =
      builder.CreateCall(take, extentArguments(model.inputExtents, inputs));
  returnUnlessOk(status, "unequal", "taken");
}

/// Caches to where kernels read them, if they are not there already.
void HostBuilder::addTakeCaches() {
  if (model.caches.empty())
    return;
  FunctionCallee take = module.getOrInsertFunction("cameo_take_caches_v2", i32,
                                                   ptr, ptr, ptr, ptr);
  returnUnlessOk(
      builder.CreateCall(take, {descriptor, context, inputs, outputs}),
      "overlapping", "cached");
}

void HostBuilder::addGiveExtents() {
  if (model.inputExtents.empty() && model.outputExtents.empty())
    return;
  FunctionCallee give = module.getOrInsertFunction(
      "cameo_give_extents_v2", builder.getVoidTy(), ptr, ptr, ptr, ptr, i32);
  builder.CreateCall(give, extentArguments(model.outputExtents, outputs));
}

void HostBuilder::addRun(const LaunchList &launches) {
  addWeights();
  auto *type = FunctionType::get(i32, {ptr, ptr, ptr}, false);
  run = Function::Create(type, GlobalValue::ExternalLinkage,
                         model.name + "_run", module);
  context = run->getArg(0);
  inputs = run->getArg(1);
  outputs = run->getArg(2);
  // Stands for the descriptor, which needs this function.
  descriptor =
      new GlobalVariable(module, builder.getInt8Ty(), true,
                         GlobalValue::ExternalLinkage, nullptr, "model");
  FunctionCallee begin =
      module.getOrInsertFunction("cameo_begin_run_v2", i32, ptr, ptr, ptr, ptr);
  FunctionCallee end =
      module.getOrInsertFunction("cameo_end_run_v2", i32, ptr, i32);

  builder.SetInsertPoint(block("entry"));
  size_t closureSize = 0;
  for (const Launch &launch : launches)
    if (launch.tasks > 1)
      closureSize = std::max(closureSize, launch.arguments.size());
  if (closureSize)
    closure = builder.CreateAlloca(ArrayType::get(ptr, closureSize));
  Value *status =
      builder.CreateCall(begin, {descriptor, context, inputs, outputs});
  returnUnlessOk(status, "refused", "start");

  arena = member(Arena, "arena");
  builder.CreateAlignedStore(builder.getInt32(0), arena,
                             Align(model.arenaAlignment));
  addTakeExtents();
  addTakeCaches();
  // Pointers are read once and here, where they dominate every launch.
  for (const Launch &launch : launches)
    for (const LaunchArgument &argument : launch.arguments)
      if (argument.space == plan::Space::input ||
          argument.space == plan::Space::output)
        address(argument);
  for (auto [i, launch] : llvm::enumerate(launches)) {
    addProfilerCall(i, false);
    addLaunch(launch);
    addProfilerCall(i, true);
  }
  addGiveExtents();
  Value *recorded = builder.CreateLoad(i32, arena, "recorded");
  builder.CreateRet(builder.CreateCall(end, {context, recorded}));
}

void cameo::addHostCode(Module &module, const ModelDescriptor &model,
                        const LaunchList &launches,
                        const LLVMOptions &options) {
  HostBuilder host(module, model, options);
  host.addRun(launches);
  host.addDescriptor();
}
