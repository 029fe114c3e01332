//===- ConvertMemRef.cpp - memref to EmitC --------------------------------===//
//
// Expects flat accesses: every buffer is one-dimensional and accessed with one
// index. Reads are `*(p + i)` in EmitC, which the printer turns into `p[i]`.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpp/Convert.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace cameo::cpp;

static Value convertLoad(memref::LoadOp op, ValueRange in, Emit &emit) {
  if (in.size() != 2)
    return {};
  Type type = emit.types.convertType(op.getType());
  return emitc::ApplyOp::create(emit.builder, emit.loc, type, "*",
                                emit.address(in[0], in[1]));
}

static Value convertStore(memref::StoreOp op, ValueRange in, Emit &emit) {
  auto text = emit.builder.getStringAttr("{}[{}] = {};");
  emitc::VerbatimOp::create(emit.builder, emit.loc, text,
                            ValueRange{in[1], in[2], in[0]});
  return {};
}

static Value convertPrefetch(memref::PrefetchOp op, ValueRange in, Emit &emit) {
  std::string text = "__builtin_prefetch({} + {}, " +
                     std::to_string(op.getIsWrite()) + ", " +
                     std::to_string(op.getLocalityHint()) + ");";
  emitc::VerbatimOp::create(emit.builder, emit.loc,
                            emit.builder.getStringAttr(text), in);
  return {};
}

/// Locals are aligned for vectors. Their name was chosen by the pass.
static Value convertAlloca(memref::AllocaOp op, ValueRange, Emit &emit) {
  MemRefType type = op.getType();
  auto name = op->getAttrOfType<StringAttr>("cpp.name");
  std::optional<CppType> element = CppType::get(type.getElementType());
  if (!name || !element)
    return {};
  std::string text = "alignas(64) " + element->spelling() + " " + name.str() +
                     "[" + std::to_string(type.getNumElements()) + "];";
  emitc::VerbatimOp::create(emit.builder, emit.loc,
                            emit.builder.getStringAttr(text));
  return emit.literal(type, name.getValue());
}

static Value convertGetGlobal(memref::GetGlobalOp op, ValueRange, Emit &emit) {
  return emit.literal(op.getType(), op.getName());
}

/// Pattern: memref.global constant @t = dense<...> -> static const T t[N] =
/// {...};
static Value convertGlobal(memref::GlobalOp op, ValueRange, Emit &emit) {
  auto value = dyn_cast<DenseElementsAttr>(op.getInitialValueAttr());
  std::optional<CppType> element = CppType::get(op.getType().getElementType());
  std::string text = "static const " + element->spelling() + " " +
                     op.getSymName().str() + "[" +
                     std::to_string(op.getType().getNumElements()) +
                     "] = " + literalText(value) + ";";
  emitc::VerbatimOp::create(emit.builder, emit.loc,
                            emit.builder.getStringAttr(text));
  return {};
}

void cameo::cpp::addMemRefRules(Rules rules) {
  rules.add<memref::LoadOp>(convertLoad);
  rules.add<memref::StoreOp>(convertStore);
  rules.add<memref::PrefetchOp>(convertPrefetch);
  rules.add<memref::AllocaOp>(convertAlloca);
  rules.add<memref::GetGlobalOp>(convertGetGlobal);
  rules.add<memref::GlobalOp>(convertGlobal);
}
