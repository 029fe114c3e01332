//===- ModelDescriptor.cpp - What a compiled model tells of itself --------===//

#include "codegen/abi/ModelDescriptor.h"

#include "codegen/abi/Identifiers.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace cameo;

namespace {

/// How the C interface sees one element type.
struct ElementTypeInfo {
  int32_t value;
  StringRef enumerator;
  StringRef cType;
  unsigned bytes;
};

} // namespace

static const ElementTypeInfo elementTypes[] = {
    {1, "CAMEO_FLOAT32", "float", 4},
    {2, "CAMEO_UINT8", "uint8_t", 1},
    {3, "CAMEO_INT8", "int8_t", 1},
    {4, "CAMEO_UINT16", "uint16_t", 2},
    {5, "CAMEO_INT16", "int16_t", 2},
    {6, "CAMEO_INT32", "int32_t", 4},
    {7, "CAMEO_INT64", "int64_t", 8},
    {9, "CAMEO_BOOL", "uint8_t", 1},
    {10, "CAMEO_FLOAT16", "uint16_t", 2},
    {11, "CAMEO_FLOAT64", "double", 8},
    {12, "CAMEO_UINT32", "uint32_t", 4},
    {13, "CAMEO_UINT64", "uint64_t", 8},
    {16, "CAMEO_BFLOAT16", "uint16_t", 2},
    {17, "CAMEO_FLOAT8E4M3FN", "uint8_t", 1},
    {18, "CAMEO_FLOAT8E4M3FNUZ", "uint8_t", 1},
    {19, "CAMEO_FLOAT8E5M2", "uint8_t", 1},
    {20, "CAMEO_FLOAT8E5M2FNUZ", "uint8_t", 1},
    {21, "CAMEO_UINT4", "uint8_t", 1},
    {22, "CAMEO_INT4", "int8_t", 1},
    {23, "CAMEO_FLOAT4E2M1", "uint8_t", 1},
    {24, "CAMEO_FLOAT8E8M0", "uint8_t", 1},
    {25, "CAMEO_UINT2", "uint8_t", 1},
    {26, "CAMEO_INT2", "int8_t", 1}};

/// The number of a float of 8 bits or less in the C interface.
static int32_t narrowFloatNumber(Type type) {
  return llvm::TypeSwitch<Type, int32_t>(type)
      .Case([](Float8E4M3FNType) { return 17; })
      .Case([](Float8E4M3FNUZType) { return 18; })
      .Case([](Float8E5M2Type) { return 19; })
      .Case([](Float8E5M2FNUZType) { return 20; })
      .Case([](Float4E2M1FNType) { return 23; })
      .Case([](Float8E8M0FNUType) { return 24; })
      .Default(0);
}

/// The number of an element type in the C interface; 0 when it has none.
static int32_t elementTypeNumber(Type type) {
  if (type.isF32())
    return 1;
  if (type.isF64())
    return 11;
  if (type.isF16())
    return 10;
  if (type.isBF16())
    return 16;
  if (type.isInteger(1))
    return 9;
  auto integer = dyn_cast<IntegerType>(type);
  if (!integer)
    return narrowFloatNumber(type);
  bool isUnsigned = integer.isUnsigned();
  switch (integer.getWidth()) {
  case 2:
    return isUnsigned ? 25 : 26;
  case 4:
    return isUnsigned ? 21 : 22;
  case 8:
    return isUnsigned ? 2 : 3;
  case 16:
    return isUnsigned ? 4 : 5;
  case 32:
    return isUnsigned ? 12 : 6;
  case 64:
    return isUnsigned ? 13 : 7;
  default:
    return 0;
  }
}

static const ElementTypeInfo *findElementType(int32_t value) {
  const auto *found =
      llvm::find_if(elementTypes, [&](const ElementTypeInfo &info) {
        return info.value == value;
      });
  return found == std::end(elementTypes) ? nullptr : found;
}

StringRef cameo::elementTypeEnumerator(int32_t elementType) {
  const ElementTypeInfo *info = findElementType(elementType);
  return info ? info->enumerator : "0";
}

static FailureOr<TensorInfo> describeTensor(plan::ModelOp model, Attribute name,
                                            Attribute typeAttr) {
  StringRef text = cast<StringAttr>(name).getValue();
  auto type = dyn_cast<RankedTensorType>(cast<TypeAttr>(typeAttr).getValue());
  if (!type || !type.hasStaticShape())
    return model.emitOpError("has '")
           << text << "' of type " << typeAttr
           << ", which is not a tensor of static shape";
  const ElementTypeInfo *element =
      findElementType(elementTypeNumber(type.getElementType()));
  if (!element)
    return model.emitOpError("has '")
           << text << "' with element type " << type.getElementType()
           << ", which the C interface does not have";
  TensorInfo info;
  info.name = text.str();
  info.elementType = element->value;
  info.cType = element->cType.str();
  info.shape.assign(type.getShape().begin(), type.getShape().end());
  info.bytes = type.getNumElements() * element->bytes;
  return info;
}

static LogicalResult describeTensors(plan::ModelOp model, ArrayAttr names,
                                     ArrayAttr types, StringRef fallback,
                                     std::vector<TensorInfo> &result) {
  IdentifierScope scope;
  for (auto [name, type] : llvm::zip_equal(names, types)) {
    FailureOr<TensorInfo> info = describeTensor(model, name, type);
    if (failed(info))
      return failure();
    info->identifier = scope.add(info->name, fallback, {"_shape"});
    result.push_back(std::move(*info));
  }
  return success();
}

static std::vector<ExtentInfo>
describeExtents(std::optional<ArrayAttr> extents,
                std::vector<TensorInfo> &tensors) {
  std::vector<ExtentInfo> result;
  if (!extents)
    return result;
  for (auto extent : extents->getAsRange<plan::ExtentAttr>()) {
    result.push_back({static_cast<uint32_t>(extent.getTensor()),
                      static_cast<int32_t>(extent.getDim()),
                      static_cast<uint64_t>(extent.getPosition())});
    TensorInfo &tensor = tensors[extent.getTensor()];
    if (tensor.minShape.empty())
      tensor.minShape = tensor.shape;
    tensor.minShape[extent.getDim()] = extent.getLeast();
  }
  return result;
}

/// Inputs that are stored as outputs take as many bytes as these.
static void describeCaches(plan::ModelOp model, ModelDescriptor &descriptor) {
  std::optional<ArrayAttr> caches = model.getCaches();
  if (!caches)
    return;
  for (auto cache : caches->getAsRange<plan::CacheAttr>()) {
    descriptor.caches.push_back({static_cast<uint32_t>(cache.getInput()),
                                 static_cast<uint32_t>(cache.getOutput()),
                                 static_cast<int32_t>(cache.getDim())});
    descriptor.inputs[cache.getInput()].bytes =
        descriptor.outputs[cache.getOutput()].bytes;
  }
}

/// The launch's own description when it has one (equal kernels share a function
/// but not their nodes), else the function's.
static KernelInfo describeLaunch(plan::LaunchOp launch, func::FuncOp kernel) {
  KernelInfo info = {launch.getKernel().str(), "", 0, 0};
  auto common = kernel->getAttrOfType<DictionaryAttr>("plan.kernel");
  auto own = launch->getAttrOfType<DictionaryAttr>("plan.kernel");
  auto find = [&](StringRef key) -> Attribute {
    if (Attribute found = own ? own.get(key) : Attribute())
      return found;
    return common ? common.get(key) : Attribute();
  };
  auto number = [&](StringRef key) -> uint64_t {
    auto attr = dyn_cast_or_null<IntegerAttr>(find(key));
    return attr ? attr.getInt() : 0;
  };
  if (auto nodes = dyn_cast_or_null<ArrayAttr>(find("nodes"))) {
    llvm::raw_string_ostream os(info.nodes);
    llvm::interleave(
        nodes.getAsRange<StringAttr>(), os,
        [&](StringAttr node) { os << node.getValue(); }, ",");
  }
  info.flops = number("flops");
  info.bytes = number("bytes");
  return info;
}

static LogicalResult verifyLaunch(plan::LaunchOp launch, SymbolTable &symbols) {
  auto kernel = symbols.lookup<func::FuncOp>(launch.getKernel());
  if (!kernel || kernel.isExternal())
    return launch.emitOpError("launches '")
           << launch.getKernel() << "', which is no kernel with a body";
  SmallVector<Type> types(launch.getArgs().getTypes());
  if (static_cast<int64_t>(launch.getTasks()) < 0)
    return launch.emitOpError("has ") << launch.getTasks() << " tasks";
  bool takesTask = kernel.getNumArguments() == types.size() + 1 &&
                   kernel.getArgumentTypes().back().isIndex();
  if (takesTask)
    types.push_back(kernel.getArgumentTypes().back());
  if (launch.getTasks() > 1 && !takesTask)
    return launch.emitOpError("has ")
           << launch.getTasks() << " tasks but '" << launch.getKernel()
           << "' takes no task index";
  if (ArrayRef<Type>(types) != kernel.getArgumentTypes() ||
      kernel.getNumResults())
    return launch.emitOpError("passes other types than '")
           << launch.getKernel() << "' of type " << kernel.getFunctionType()
           << " takes";
  for (Value arg : launch.getArgs())
    if (!arg.getDefiningOp<plan::BufferOp>())
      return launch.emitOpError("has an argument that is no plan.buffer");
  return success();
}

FailureOr<plan::ModelOp> cameo::findModel(ModuleOp module) {
  auto models = module.getOps<plan::ModelOp>();
  auto count = std::distance(models.begin(), models.end());
  if (count != 1)
    return module.emitError("expected a module with one plan.model, got ")
           << count;
  plan::ModelOp model = *models.begin();
  SymbolTable symbols(module);
  for (auto launch : model.getBody().getOps<plan::LaunchOp>())
    if (failed(verifyLaunch(launch, symbols)))
      return failure();
  return model;
}

FailureOr<ModelDescriptor> cameo::describeModel(plan::ModelOp model,
                                                StringRef target) {
  if (!isIdentifier(model.getSymName()))
    return model.emitOpError("has the name '")
           << model.getSymName() << "', which is no C identifier";
  ModelDescriptor result;
  result.name = model.getSymName().str();
  result.target = target.str();
  result.arenaBytes = model.getArenaBytes();
  result.arenaAlignment = plan::kBufferAlignment;
  result.weightBytes = model.getWeightBytes();
  if (failed(describeTensors(model, model.getInputNames(),
                             model.getInputTypes(), "input", result.inputs)) ||
      failed(describeTensors(model, model.getOutputNames(),
                             model.getOutputTypes(), "output", result.outputs)))
    return failure();
  result.inputExtents = describeExtents(model.getInputExtents(), result.inputs);
  result.outputExtents =
      describeExtents(model.getOutputExtents(), result.outputs);
  describeCaches(model, result);
  SymbolTable symbols(model->getParentOfType<ModuleOp>());
  for (auto launch : model.getBody().getOps<plan::LaunchOp>())
    result.kernels.push_back(describeLaunch(
        launch, symbols.lookup<func::FuncOp>(launch.getKernel())));
  return result;
}
