//===- CppTypes.cpp - Types of the generated C++ --------------------------===//
//
// Short names, spellings and the type converter.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpp/CppTypes.h"

#include "mlir/Dialect/EmitC/IR/EmitC.h"
#include "mlir/IR/BuiltinTypes.h"

using namespace mlir;
using cameo::cpp::CppType;

std::optional<CppType> CppType::get(Type type) {
  if (auto vector = dyn_cast<VectorType>(type)) {
    if (vector.getRank() != 1 || vector.isScalable() ||
        !llvm::isPowerOf2_64(vector.getNumElements()))
      return std::nullopt;
    std::optional<CppType> element = get(vector.getElementType());
    if (!element)
      return std::nullopt;
    unsigned lanes = vector.getNumElements();
    return element->kind == Bool ? CppType{Bool, 32, lanes}
                                 : element->withLanes(lanes);
  }
  if (type.isIndex())
    return CppType{Signed, 64, 0};
  if (type.isBF16())
    return CppType{BFloat, 16, 0};
  if (type.isF16() || type.isF32() || type.isF64())
    return CppType{Float, type.getIntOrFloatBitWidth(), 0};
  if (type.isInteger(1))
    return CppType{Bool, 1, 0};
  if (type.isInteger(8) || type.isInteger(16) || type.isInteger(32) ||
      type.isInteger(64))
    return CppType{Signed, type.getIntOrFloatBitWidth(), 0};
  return std::nullopt;
}

std::optional<CppType> CppType::parse(StringRef name) {
  CppType type;
  if (name == "bool")
    return CppType{Bool, 1, 0};
  if (name.consume_front("mask"))
    return name.getAsInteger(10, type.lanes)
               ? std::nullopt
               : std::optional<CppType>({Bool, 32, type.lanes});
  if (name.consume_front("bf"))
    type.kind = BFloat;
  else if (name.consume_front("f"))
    type.kind = Float;
  else if (name.consume_front("i"))
    type.kind = Signed;
  else if (name.consume_front("u"))
    type.kind = Unsigned;
  else
    return std::nullopt;
  if (name.consumeInteger(10, type.bits))
    return std::nullopt;
  if (name.empty())
    return type;
  if (!name.consume_front("x") || name.getAsInteger(10, type.lanes))
    return std::nullopt;
  return type;
}

std::string CppType::name() const {
  if (kind == Bool)
    return isVector() ? "mask" + std::to_string(lanes) : "bool";
  static constexpr StringLiteral prefix[] = {"f", "bf", "i", "u"};
  std::string base = prefix[kind].str() + std::to_string(bits);
  return isVector() ? base + "x" + std::to_string(lanes) : base;
}

std::string CppType::spelling() const {
  if (isVector() || kind == BFloat || kind == Bool ||
      (kind == Float && bits == 16))
    return name();
  if (kind == Float)
    return bits == 64 ? "double" : "float";
  return (kind == Unsigned ? "uint" : "int") + std::to_string(bits) + "_t";
}

cameo::cpp::CppTypeConverter::CppTypeConverter() {
  addConversion([](Type type) -> std::optional<Type> {
    std::optional<CppType> cpp = CppType::get(type);
    if (!cpp)
      return std::nullopt;
    if (type.isIndex())
      return IntegerType::get(type.getContext(), 64);
    if (cpp->isVector() || cpp->spelling() == cpp->name())
      return type.isInteger(1)
                 ? type
                 : emitc::OpaqueType::get(type.getContext(), cpp->name());
    return type;
  });
  addConversion([this](MemRefType type) -> std::optional<Type> {
    Type element = convertType(type.getElementType());
    if (!element || type.getElementType().isInteger(1))
      return std::nullopt;
    return emitc::PointerType::get(element);
  });
}
