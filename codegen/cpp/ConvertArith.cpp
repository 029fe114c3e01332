//===- ConvertArith.cpp - arith to EmitC ----------------------------------===//
//
// Arithmetic, comparisons and selects. Additions, subtractions and products of
// integers wrap, so they are helpers unless the operation says that it does not
// overflow. Casts are in ConvertCasts.cpp.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpp/Convert.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/UB/IR/UBOps.h"

using namespace mlir;
using namespace cameo::cpp;

static bool isVector(Value value) { return isa<VectorType>(value.getType()); }

static bool isBool(Type type) {
  return getElementTypeOrSelf(type).isInteger(1);
}

template <typename EmitCOp, typename SourceOp>
static Value asOperator(SourceOp op, ValueRange in, Emit &emit) {
  return emit.op<EmitCOp>(op.getType(), in);
}

/// An operation whose overflow is defined, on booleans a bitwise one.
template <typename EmitCOp, typename BoolOp, typename SourceOp>
static Value wrapping(StringRef name, SourceOp op, ValueRange in, Emit &emit) {
  Type type = op.getType();
  if (isBool(type))
    return emit.op<BoolOp>(type, in);
  bool noWrap = bitEnumContainsAll(op.getOverflowFlags(),
                                   arith::IntegerOverflowFlags::nsw);
  bool promoted = !type.isIndex() &&
                  getElementTypeOrSelf(type).getIntOrFloatBitWidth() < 32;
  if (noWrap && !promoted && !isVector(op))
    return emit.op<EmitCOp>(type, in);
  return emit.helper(name, type, type, in);
}

/// An operation on the unsigned values of the operands.
template <typename EmitCOp, typename SourceOp>
static Value onUnsigned(SourceOp op, ValueRange in, Emit &emit) {
  Type type = op.getType();
  Value a = emit.asUnsigned(type, in[0]), b = emit.asUnsigned(type, in[1]);
  auto result = EmitCOp::create(emit.builder, emit.loc, a.getType(), a, b);
  return emit.cast(type, result);
}

template <typename SourceOp>
static Value unsignedMinMax(StringRef name, SourceOp op, ValueRange in,
                            Emit &emit) {
  Type type = op.getType();
  Value a = emit.asUnsigned(type, in[0]), b = emit.asUnsigned(type, in[1]);
  CppType cpp = CppType::get(type)->withKind(CppType::Unsigned);
  auto call = emitc::CallOpaqueOp::create(
      emit.builder, emit.loc, TypeRange{a.getType()},
      (name + "_" + cpp.name()).str(), ValueRange{a, b});
  return emit.cast(type, call.getResult(0));
}

static Value convertConstant(arith::ConstantOp op, ValueRange, Emit &emit) {
  auto type = dyn_cast<VectorType>(op.getType());
  if (!type)
    return emit.literal(op.getType(), literalText(op.getValue()));
  auto value = dyn_cast<DenseElementsAttr>(op.getValue());
  if (!value)
    return {};
  std::string name = CppType::get(type)->name();
  if (!value.isSplat())
    return emit.literal(type, name + literalText(value));
  auto element = value.getSplatValue<TypedAttr>();
  std::string text = literalText(element);
  bool isZero =
      text == "0" || text == "false" || text == "0.0f" || text == "0.0";
  return emit.literal(type, isZero ? name + "{}"
                                   : "splat_" + name + "(" + text + ")");
}

//===----------------------------------------------------------------------===//
// Comparisons
//===----------------------------------------------------------------------===//

/// Order of booleans by logic, which compilers prefer to `a < b`; as signed
/// numbers, true is the smaller one.
static Value compareBooleans(arith::CmpIOp op, ValueRange in, Emit &emit) {
  using P = arith::CmpIPredicate;
  P predicate = op.getPredicate();
  bool isSigned = predicate <= P::sge;
  bool isLess = llvm::is_contained({P::slt, P::sle, P::ult, P::ule}, predicate);
  bool orEqual =
      llvm::is_contained({P::sle, P::sge, P::ule, P::uge}, predicate);
  Type type = op.getType();
  Value a = in[0], b = in[1];
  // Pattern: a < b -> !a & b, a <= b -> !a | b, a > b -> b < a
  if (isLess == isSigned)
    std::swap(a, b);
  a = isVector(op) ? emit.op<emitc::BitwiseNotOp>(type, a)
                   : emit.op<emitc::LogicalNotOp>(type, a);
  return orEqual ? emit.op<emitc::BitwiseOrOp>(type, {a, b})
                 : emit.op<emitc::BitwiseAndOp>(type, {a, b});
}

static Value convertCmpI(arith::CmpIOp op, ValueRange in, Emit &emit) {
  using P = arith::CmpIPredicate;
  using E = emitc::CmpPredicate;
  struct Form {
    StringLiteral name;
    E symbol;
    bool isUnsigned;
  };
  static constexpr Form forms[] = {{"eq", E::eq, false}, {"ne", E::ne, false},
                                   {"lt", E::lt, false}, {"le", E::le, false},
                                   {"gt", E::gt, false}, {"ge", E::ge, false},
                                   {"lt", E::lt, true},  {"le", E::le, true},
                                   {"gt", E::gt, true},  {"ge", E::ge, true}};
  Form form = forms[static_cast<unsigned>(op.getPredicate())];
  Type type = op.getLhs().getType();
  bool ordered = op.getPredicate() != P::eq && op.getPredicate() != P::ne;
  if (isBool(type) && ordered)
    return compareBooleans(op, in, emit);
  Value a = in[0], b = in[1];
  CppType cpp = *CppType::get(type);
  if (form.isUnsigned) {
    a = emit.asUnsigned(type, a);
    b = emit.asUnsigned(type, b);
    cpp = cpp.withKind(CppType::Unsigned);
  }
  if (!cpp.isVector())
    return emitc::CmpOp::create(emit.builder, emit.loc,
                                emit.builder.getI1Type(), form.symbol, a, b);
  return emit.call((form.name + "_" + cpp.name()).str(), op.getType(), {a, b});
}

static Value convertCmpF(arith::CmpFOp op, ValueRange in, Emit &emit) {
  using P = arith::CmpFPredicate;
  using E = emitc::CmpPredicate;
  struct Form {
    StringLiteral name;
    std::optional<E> symbol;
  };
  // In the order of arith::CmpFPredicate; `u` forms hold for NaN.
  static constexpr Form forms[] = {
      {"", {}},      {"eq", E::eq}, {"gt", E::gt}, {"ge", E::ge},
      {"lt", E::lt}, {"le", E::le}, {"one", {}},   {"ord", {}},
      {"ueq", {}},   {"ugt", {}},   {"uge", {}},   {"ult", {}},
      {"ule", {}},   {"ne", E::ne}, {"uno", {}},   {"", {}}};
  Type type = op.getLhs().getType();
  if (op.getPredicate() == P::AlwaysFalse || op.getPredicate() == P::AlwaysTrue)
    return {};
  Form form = forms[static_cast<unsigned>(op.getPredicate())];
  if (!isVector(op.getLhs()) && form.symbol)
    return emitc::CmpOp::create(emit.builder, emit.loc,
                                emit.builder.getI1Type(), *form.symbol, in[0],
                                in[1]);
  return emit.helper(form.name, type, op.getType(), in);
}

static Value convertSelect(arith::SelectOp op, ValueRange in, Emit &emit) {
  if (isVector(op.getCondition()))
    return emit.helper("select", op.getType(), op.getType(), in);
  return emit.op<emitc::ConditionalOp>(op.getType(), in);
}

static Value convertXOr(arith::XOrIOp op, ValueRange in, Emit &emit) {
  // Pattern: xor(x, true) -> !x
  auto constant = op.getRhs().getDefiningOp<arith::ConstantOp>();
  if (op.getType().isInteger(1) && constant &&
      cast<IntegerAttr>(constant.getValue()).getInt())
    return emit.op<emitc::LogicalNotOp>(op.getType(), in[0]);
  return emit.op<emitc::BitwiseXorOp>(op.getType(), in);
}

//===----------------------------------------------------------------------===//
// Registration
//===----------------------------------------------------------------------===//

/// Rules that call the helper NAME_TYPE.
#define HELPER_RULE(OP, NAME)                                                  \
  rules.add<arith::OP>(+[](arith::OP op, ValueRange in, Emit &emit) -> Value { \
    return emit.helper(NAME, op.getType(), op.getType(), in);                  \
  })

static void addIntegerRules(Rules rules) {
  rules.add<arith::AddIOp>(+[](arith::AddIOp op, ValueRange in, Emit &emit) {
    return wrapping<emitc::AddOp, emitc::BitwiseXorOp>("wrap_add", op, in,
                                                       emit);
  });
  rules.add<arith::SubIOp>(+[](arith::SubIOp op, ValueRange in, Emit &emit) {
    return wrapping<emitc::SubOp, emitc::BitwiseXorOp>("wrap_sub", op, in,
                                                       emit);
  });
  rules.add<arith::MulIOp>(+[](arith::MulIOp op, ValueRange in, Emit &emit) {
    return wrapping<emitc::MulOp, emitc::BitwiseAndOp>("wrap_mul", op, in,
                                                       emit);
  });
  rules.add<arith::DivSIOp>(asOperator<emitc::DivOp>);
  rules.add<arith::RemSIOp>(asOperator<emitc::RemOp>);
  rules.add<arith::DivUIOp>(onUnsigned<emitc::DivOp>);
  rules.add<arith::RemUIOp>(onUnsigned<emitc::RemOp>);
  rules.add<arith::AndIOp>(asOperator<emitc::BitwiseAndOp>);
  rules.add<arith::OrIOp>(asOperator<emitc::BitwiseOrOp>);
  rules.add<arith::XOrIOp>(convertXOr);
  HELPER_RULE(ShLIOp, "shl");
  HELPER_RULE(ShRSIOp, "shr");
  HELPER_RULE(ShRUIOp, "shr_logical");
  HELPER_RULE(MaxSIOp, "max");
  HELPER_RULE(MinSIOp, "min");
  rules.add<arith::MaxUIOp>(+[](arith::MaxUIOp op, ValueRange in, Emit &emit) {
    return unsignedMinMax("max", op, in, emit);
  });
  rules.add<arith::MinUIOp>(+[](arith::MinUIOp op, ValueRange in, Emit &emit) {
    return unsignedMinMax("min", op, in, emit);
  });
}

void cameo::cpp::addArithRules(Rules rules) {
  addIntegerRules(rules);
  rules.add<arith::ConstantOp>(convertConstant);
  rules.add<arith::CmpIOp>(convertCmpI);
  rules.add<arith::CmpFOp>(convertCmpF);
  rules.add<arith::SelectOp>(convertSelect);
  rules.add<arith::AddFOp>(asOperator<emitc::AddOp>);
  rules.add<arith::SubFOp>(asOperator<emitc::SubOp>);
  rules.add<arith::MulFOp>(asOperator<emitc::MulOp>);
  rules.add<arith::DivFOp>(asOperator<emitc::DivOp>);
  rules.add<arith::NegFOp>(asOperator<emitc::UnaryMinusOp>);
  HELPER_RULE(RemFOp, "fmod");
  HELPER_RULE(MaximumFOp, "maximum");
  HELPER_RULE(MinimumFOp, "minimum");
  HELPER_RULE(MaxNumFOp, "maxnum");
  HELPER_RULE(MinNumFOp, "minnum");
  rules.add<ub::PoisonOp>(+[](ub::PoisonOp op, ValueRange,
                              Emit &emit) -> Value {
    // Any value will do; zero keeps compilers quiet.
    std::optional<CppType> cpp = CppType::get(op.getType());
    return cpp ? emit.literal(op.getType(), cpp->spelling() + "{}") : Value();
  });
}
