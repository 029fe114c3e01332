//===- Signature.cpp - Declarations and comments of kernels ---------------===//

#include "codegen/cpp/Signature.h"
#include "codegen/cpp/CppTypes.h"
#include "codegen/cpp/Passes.h"
#include "dialects/plan/Plan.h"

#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace cameo;

/// Whether a kernel stores into the buffer of an argument.
static bool isWritten(BlockArgument argument) {
  return llvm::any_of(argument.getUsers(), [&](Operation *user) {
    if (auto store = dyn_cast<memref::StoreOp>(user))
      return store.getMemRef() == argument;
    return isa<vector::StoreOp, vector::MaskedStoreOp, vector::ScatterOp>(user);
  });
}

/// Whether a launch passes the status cell for this argument.
static bool isStatusCell(BlockArgument argument, func::FuncOp func) {
  bool found = false;
  func->getParentOfType<ModuleOp>().walk([&](plan::LaunchOp launch) {
    if (launch.getKernel() != func.getSymName())
      return;
    auto buffer = launch.getArgs()[argument.getArgNumber()]
                      .getDefiningOp<plan::BufferOp>();
    found |= buffer && buffer.getSpace() == plan::Space::arena &&
             buffer.getPosition() == 0;
  });
  return found;
}

void cpp::nameArguments(func::FuncOp func) {
  if (func.isExternal())
    return;
  SmallVector<Attribute> names, types;
  Builder b(func.getContext());
  auto inPlace = [&](BlockArgument argument) {
    return !!func.getArgAttr(argument.getArgNumber(), plan::kInPlaceAttr);
  };
  bool anyInPlace = llvm::any_of(func.getArguments(), inPlace);
  int inputs = 0, outputs = 0;
  for (BlockArgument argument : func.getArguments()) {
    auto type = dyn_cast<MemRefType>(argument.getType());
    if (!type) {
      names.push_back(b.getStringAttr("task"));
      types.push_back(b.getStringAttr("int64_t "));
      continue;
    }
    bool written = isWritten(argument);
    std::string name = written ? "out" + std::to_string(outputs)
                               : "in" + std::to_string(inputs);
    if (type.getNumElements() == 1 && isStatusCell(argument, func))
      name = "status";
    else
      ++(written ? outputs : inputs);
    // Without `__restrict` on a pair that may share a buffer.
    bool unique = !anyInPlace || !(written || inPlace(argument));
    std::optional<cpp::CppType> element =
        cpp::CppType::get(type.getElementType());
    names.push_back(b.getStringAttr(name));
    types.push_back(b.getStringAttr((written ? "" : "const ") +
                                    (element ? element->spelling() : "void") +
                                    (unique ? " *__restrict " : " *")));
  }
  func->setAttr(kArgNamesAttr, b.getArrayAttr(names));
  func->setAttr(kArgTypesAttr, b.getArrayAttr(types));
}

std::string cpp::commentText(StringRef text) {
  std::string result;
  for (char c : text)
    result += llvm::isPrint(c) && c != '\\' ? c : '?';
  return result;
}

/// 1x64x56x56xf32
static std::string shapeText(Type type) {
  auto memref = dyn_cast<MemRefType>(type);
  if (!memref)
    return "";
  std::string text;
  for (int64_t extent : memref.getShape())
    text += std::to_string(extent) + "x";
  std::optional<cpp::CppType> element =
      cpp::CppType::get(memref.getElementType());
  return text + (element ? element->name() : "?");
}

std::string cpp::kernelComment(emitc::FuncOp func) {
  std::string text = "// " + func.getName().str();
  auto info = func->getAttrOfType<DictionaryAttr>("plan.kernel");
  if (auto nodes = info ? info.getAs<ArrayAttr>("nodes") : ArrayAttr()) {
    auto ops = info.getAs<ArrayAttr>("ops");
    for (auto [i, node] : llvm::enumerate(nodes.getAsRange<StringAttr>())) {
      text += (i ? ", " : ": ") + commentText(node.getValue());
      if (ops && ops.size() == nodes.size())
        text += " (" + commentText(cast<StringAttr>(ops[i]).getValue()) + ")";
    }
  }
  auto names = func->getAttrOfType<ArrayAttr>(kArgNamesAttr);
  auto shapes = func->getAttrOfType<ArrayAttr>(kShapesAttr);
  if (names && shapes)
    for (auto [name, shape] : llvm::zip_equal(names, shapes)) {
      std::string type = shapeText(cast<TypeAttr>(shape).getValue());
      StringRef label = cast<StringAttr>(name).getValue();
      if (!type.empty() && label != "status")
        text += llvm::formatv("\n//   {0,-5} {1}", label, type).str();
    }
  auto flops = info ? info.getAs<IntegerAttr>("flops") : IntegerAttr();
  auto bytes = info ? info.getAs<IntegerAttr>("bytes") : IntegerAttr();
  if (flops && bytes)
    text += llvm::formatv("\n//   {0} FLOPs, {1} bytes", flops.getInt(),
                          bytes.getInt())
                .str();
  return text;
}
