//===- ConvertCasts.cpp - Conversions of arith to EmitC -------------------===//
//
// Scalars use C casts, vectors __builtin_convertvector behind a helper named
// after both types. Unsigned conversions go through the unsigned type.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpp/Convert.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace cameo::cpp;

static bool isBool(Type type) {
  return getElementTypeOrSelf(type).isInteger(1);
}
static bool isVector(Type type) { return isa<VectorType>(type); }

/// A conversion by value between two vector types, `bf16` included.
static Value convertVector(Emit &emit, CppType to, CppType from, Value value) {
  Type type = emitc::OpaqueType::get(value.getContext(), to.spelling());
  return emitc::CallOpaqueOp::create(emit.builder, emit.loc, TypeRange{type},
                                     "convert_" + to.name() + "_" + from.name(),
                                     value)
      .getResult(0);
}

static bool isBFloat(Type type) { return getElementTypeOrSelf(type).isBF16(); }

/// f32, or a vector of f32, of the shape of `type`.
static Type singleLike(Type type) {
  Type f32 = Float32Type::get(type.getContext());
  auto vector = dyn_cast<VectorType>(type);
  return vector ? Type(vector.clone(f32)) : f32;
}

/// A conversion by signed value.
static Value convertSigned(Type to, Type from, Value value, Emit &emit) {
  // Pattern: bf16 <-> T goes through f32, which holds every bf16.
  Type f32 = singleLike(to);
  if (isBFloat(from)) {
    value = emit.helper("convert", {f32, from}, f32, value);
    return to == f32 ? value : convertSigned(to, f32, value, emit);
  }
  if (isBFloat(to)) {
    if (from != f32)
      value = convertSigned(f32, from, value, emit);
    return emit.helper("convert", {to, f32}, to, value);
  }
  if (isVector(to))
    return convertVector(emit, *CppType::get(to), *CppType::get(from), value);
  if (isBool(from))
    return emit.op<emitc::ConditionalOp>(
        to, {value, emit.literal(to, "-1"), emit.literal(to, "0")});
  return emit.cast(to, value);
}

/// A conversion from an unsigned type: of the unsigned operand, or of 0 and 1.
static Value convertFromUnsigned(Type to, Type from, Value value, Emit &emit) {
  if (isBFloat(to)) {
    Type f32 = singleLike(to);
    return convertSigned(to, f32, convertFromUnsigned(f32, from, value, emit),
                         emit);
  }
  if (!isVector(to))
    return emit.cast(to, isBool(from) ? value : emit.asUnsigned(from, value));
  CppType source = *CppType::get(from), target = *CppType::get(to);
  if (isBool(from)) // Lanes of masks are 0 and -1.
    return convertVector(emit, target, source,
                         emit.op<emitc::UnaryMinusOp>(from, value));
  Value unsignedValue = emit.asUnsigned(from, value);
  source = source.withKind(CppType::Unsigned);
  if (target.kind != CppType::Signed)
    return convertVector(emit, target, source, unsignedValue);
  Value wide = convertVector(emit, target.withKind(CppType::Unsigned), source,
                             unsignedValue);
  return emit.cast(to, wide);
}

static Value convertFPToUI(arith::FPToUIOp op, ValueRange in, Emit &emit) {
  Type to = op.getType(), from = op.getIn().getType();
  Value value = in[0];
  if (isBool(to))
    return {};
  if (isBFloat(from)) {
    Type f32 = singleLike(from);
    value = emit.helper("convert", {f32, from}, f32, value);
    from = f32;
  }
  CppType target = CppType::get(to)->withKind(CppType::Unsigned);
  if (isVector(to))
    return emit.cast(to,
                     convertVector(emit, target, *CppType::get(from), value));
  Type unsignedType =
      emitc::OpaqueType::get(op.getContext(), target.spelling());
  return emit.cast(
      to, emitc::CastOp::create(emit.builder, emit.loc, unsignedType, value));
}

static Value convertTruncI(arith::TruncIOp op, ValueRange in, Emit &emit) {
  Type to = op.getType(), from = op.getIn().getType();
  if (!isBool(to))
    return convertSigned(to, from, in[0], emit);
  if (isVector(to)) // -1 where the lowest bit is set.
    return emit.helper("odd", {from}, to, in);
  Value one = emit.literal(from, "1"), zero = emit.literal(from, "0");
  Value bit = emit.op<emitc::BitwiseAndOp>(from, {in[0], one});
  return emitc::CmpOp::create(emit.builder, emit.loc, emit.builder.getI1Type(),
                              emitc::CmpPredicate::ne, bit, zero);
}

static Value convertBitcast(arith::BitcastOp op, ValueRange in, Emit &emit) {
  Type to = op.getType(), from = op.getIn().getType();
  if (isBool(to) != isBool(from))
    return {};
  if (isVector(to))
    return emit.cast(to, in[0]);
  return emit.helper("bits", {to, from}, to, in);
}

template <typename SourceOp>
static Value signedRule(SourceOp op, ValueRange in, Emit &emit) {
  return isBool(op.getType()) && !isBool(op.getIn().getType())
             ? Value()
             : convertSigned(op.getType(), op.getIn().getType(), in[0], emit);
}

template <typename SourceOp>
static Value unsignedRule(SourceOp op, ValueRange in, Emit &emit) {
  return convertFromUnsigned(op.getType(), op.getIn().getType(), in[0], emit);
}

void cameo::cpp::addCastRules(Rules rules) {
  rules.add<arith::ExtSIOp>(signedRule);
  rules.add<arith::SIToFPOp>(signedRule);
  rules.add<arith::FPToSIOp>(signedRule);
  rules.add<arith::IndexCastOp>(signedRule);
  rules.add<arith::ExtUIOp>(unsignedRule);
  rules.add<arith::UIToFPOp>(unsignedRule);
  rules.add<arith::IndexCastUIOp>(unsignedRule);
  rules.add<arith::FPToUIOp>(convertFPToUI);
  rules.add<arith::TruncIOp>(convertTruncI);
  rules.add<arith::ExtFOp>(signedRule);
  rules.add<arith::TruncFOp>(signedRule);
  rules.add<arith::BitcastOp>(convertBitcast);
}
