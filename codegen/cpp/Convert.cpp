//===- Convert.cpp - Building blocks of the conversion to EmitC -----------===//

#include "codegen/cpp/Convert.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/Error.h"

using namespace mlir;
using namespace cameo::cpp;

static std::string joined(StringRef op, ArrayRef<Type> suffix) {
  std::string callee = op.str();
  for (Type type : suffix)
    callee += "_" + CppType::get(type)->name();
  return callee;
}

Value Emit::call(StringRef callee, Type result, ValueRange args,
                 ArrayAttr order) {
  Type type = types.convertType(result);
  if (!type)
    return {};
  return emitc::CallOpaqueOp::create(builder, loc, TypeRange{type}, callee,
                                     args, order)
      .getResult(0);
}

Value Emit::helper(StringRef op, ArrayRef<Type> suffix, Type result,
                   ValueRange args) {
  return call(joined(op, suffix), result, args);
}

void Emit::statement(StringRef op, ArrayRef<Type> suffix, ValueRange args) {
  emitc::CallOpaqueOp::create(builder, loc, TypeRange{}, joined(op, suffix),
                              args);
}

Value Emit::literal(Type result, const Twine &text) {
  Type type = types.convertType(result);
  if (!type)
    return {};
  SmallString<32> buffer;
  return emitc::LiteralOp::create(builder, loc, type, text.toStringRef(buffer));
}

Value Emit::cast(Type result, Value value) {
  return op<emitc::CastOp>(result, value);
}

Value Emit::asUnsigned(Type type, Value value) {
  CppType cpp = CppType::get(type)->withKind(CppType::Unsigned);
  Type target = emitc::OpaqueType::get(type.getContext(), cpp.spelling());
  return emitc::CastOp::create(builder, loc, target, value);
}

Value Emit::address(Value pointer, Value index) {
  return emitc::AddOp::create(builder, loc, pointer.getType(), pointer, index);
}

static std::string integerText(const APInt &value) {
  if (value.getBitWidth() == 1)
    return value.isZero() ? "false" : "true";
  if (value.getBitWidth() == 64 && value.isMinSignedValue())
    return "INT64_MIN";
  if (value.getBitWidth() == 32 && value.isMinSignedValue())
    return "INT32_MIN";
  SmallString<24> text;
  value.toStringSigned(text);
  return text.str().str();
}

/// Shortest text that reads back as the same number.
static std::string finiteText(const APFloat &value) {
  for (unsigned digits : {3, 6, 9, 17}) {
    SmallString<32> text;
    value.toString(text, digits, /*FormatMaxPadding=*/5, /*TruncateZero=*/true);
    APFloat back(value.getSemantics());
    if (errorToBool(back.convertFromString(text, APFloat::rmNearestTiesToEven)
                        .takeError()) ||
        !back.bitwiseIsEqual(value))
      continue;
    if (text.find_first_of(".E") == StringRef::npos)
      text += ".0";
    return text.str().str();
  }
  SmallString<32> text;
  value.toString(text);
  return text.str().str();
}

static std::string floatText(const APFloat &value) {
  const llvm::fltSemantics &semantics = value.getSemantics();
  if (&semantics == &APFloat::BFloat()) {
    SmallString<8> hex;
    value.bitcastToAPInt().toString(hex, 16, /*Signed=*/false,
                                    /*formatAsCLiteral=*/true);
    return hex.str().str();
  }
  bool isDouble = &semantics == &APFloat::IEEEdouble();
  std::string suffix = isDouble ? "" : "f";
  std::string text;
  if (value.isNaN())
    text = "__builtin_nan" + suffix + "(\"\")";
  else if (value.isInfinity())
    text = (value.isNegative() ? "-" : "") + ("__builtin_inf" + suffix) + "()";
  else
    text = finiteText(value) + suffix;
  return &semantics == &APFloat::IEEEhalf() ? "(f16)" + text : text;
}

static std::string scalarText(Attribute value) {
  if (auto integer = dyn_cast<IntegerAttr>(value))
    return integerText(integer.getValue());
  return floatText(cast<FloatAttr>(value).getValue());
}

std::string cameo::cpp::literalText(TypedAttr value) {
  auto elements = dyn_cast<DenseElementsAttr>(value);
  if (!elements)
    return scalarText(value);
  bool isMask = elements.getElementType().isInteger(1) &&
                isa<VectorType>(elements.getType());
  std::string text = "{";
  for (auto [i, element] : llvm::enumerate(elements.getValues<Attribute>())) {
    std::string item = scalarText(element);
    if (isMask)
      item = item == "true" ? "-1" : "0";
    text += (i ? ", " : "") + item;
  }
  return text + "}";
}
