//===- ConvertVector.cpp - vector to EmitC --------------------------------===//
//
// One-dimensional vectors of a power-of-two length. Everything without a C++
// operator is a helper named after its types.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpp/Convert.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace cameo::cpp;

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

static Value convertLoad(vector::LoadOp op, ValueRange in, Emit &emit) {
  return emit.helper("load", op.getType(), op.getType(),
                     emit.address(in[0], in[1]));
}

static Value convertStore(vector::StoreOp op, ValueRange in, Emit &emit) {
  emit.statement("store", {op.getVectorType()},
                 {emit.address(in[1], in[2]), in[0]});
  return {};
}

static Value convertMaskedLoad(vector::MaskedLoadOp op, ValueRange in,
                               Emit &emit) {
  return emit.helper("masked_load", op.getType(), op.getType(),
                     {emit.address(in[0], in[1]), in[2], in[3]});
}

static Value convertMaskedStore(vector::MaskedStoreOp op, ValueRange in,
                                Emit &emit) {
  emit.statement("masked_store", {op.getVectorType()},
                 {emit.address(in[0], in[1]), in[2], in[3]});
  return {};
}

static Value convertGather(vector::GatherOp op, ValueRange in, Emit &emit) {
  Type index = op->getOperand(2).getType();
  return emit.helper("gather", {op.getType(), index}, op.getType(),
                     {emit.address(in[0], in[1]), in[2], in[3], in[4]});
}

static Value convertScatter(vector::ScatterOp op, ValueRange in, Emit &emit) {
  Type index = op->getOperand(2).getType();
  emit.statement("scatter", {op->getOperand(4).getType(), index},
                 {emit.address(in[0], in[1]), in[2], in[3], in[4]});
  return {};
}

//===----------------------------------------------------------------------===//
// Lanes
//===----------------------------------------------------------------------===//

static Value convertBroadcast(vector::BroadcastOp op, ValueRange in,
                              Emit &emit) {
  if (op.getSourceType() == op.getType())
    return in[0];
  if (isa<VectorType>(op.getSourceType()))
    return {};
  return emit.helper("splat", op.getType(), op.getType(), in);
}

/// The only position of a one-dimensional vector, static or dynamic.
static Value position(ArrayRef<OpFoldResult> mixed, ValueRange dynamic,
                      Emit &emit) {
  if (mixed.size() != 1)
    return {};
  if (auto attr = dyn_cast<Attribute>(mixed[0]))
    return emit.literal(emit.builder.getIndexType(),
                        std::to_string(cast<IntegerAttr>(attr).getInt()));
  return dynamic.back();
}

static Value convertExtract(vector::ExtractOp op, ValueRange in, Emit &emit) {
  Value index = position(op.getMixedPosition(), in, emit);
  if (!index)
    return {};
  return emit.helper("extract", op.getSource().getType(), op.getType(),
                     {in[0], index});
}

static Value convertInsert(vector::InsertOp op, ValueRange in, Emit &emit) {
  Value index = position(op.getMixedPosition(), in, emit);
  if (!index)
    return {};
  return emit.helper("insert", op.getType(), op.getType(),
                     {in[1], in[0], index});
}

static Value convertShuffle(vector::ShuffleOp op, ValueRange in, Emit &emit) {
  if (op.getV1().getType() != op.getV2().getType())
    return {};
  Builder &b = emit.builder;
  SmallVector<Attribute> order = {b.getIndexAttr(0), b.getIndexAttr(1)};
  for (int64_t lane : op.getMask())
    order.push_back(b.getI32IntegerAttr(lane));
  return emit.call("__builtin_shufflevector", op.getType(), in,
                   b.getArrayAttr(order));
}

/// Pattern: extract_strided_slice %v -> shuffle of %v with itself
static Value convertSlice(vector::ExtractStridedSliceOp op, ValueRange in,
                          Emit &emit) {
  if (op.hasNonUnitStrides() || op.getSourceVectorType().getRank() != 1)
    return {};
  Builder &b = emit.builder;
  int64_t offset = cast<IntegerAttr>(op.getOffsets()[0]).getInt();
  SmallVector<Attribute> order = {b.getIndexAttr(0), b.getIndexAttr(0)};
  for (int64_t lane = 0; lane < cast<VectorType>(op.getType()).getNumElements();
       ++lane)
    order.push_back(b.getI32IntegerAttr(offset + lane));
  return emit.call("__builtin_shufflevector", op.getType(), in,
                   b.getArrayAttr(order));
}

static Value convertStep(vector::StepOp op, ValueRange, Emit &emit) {
  auto type = cast<VectorType>(op.getType());
  std::string text = CppType::get(type)->name() + "{";
  for (int64_t lane = 0; lane < type.getNumElements(); ++lane)
    text += (lane ? ", " : "") + std::to_string(lane);
  return emit.literal(type, text + "}");
}

static Value convertConstantMask(vector::ConstantMaskOp op, ValueRange,
                                 Emit &emit) {
  auto type = cast<VectorType>(op.getType());
  std::string text = CppType::get(type)->name() + "{";
  for (int64_t lane = 0; lane < type.getNumElements(); ++lane)
    text += std::string(lane ? ", " : "") +
            (lane < op.getMaskDimSizes()[0] ? "-1" : "0");
  return emit.literal(type, text + "}");
}

//===----------------------------------------------------------------------===//
// Reductions
//===----------------------------------------------------------------------===//

/// Combines a reduction's value with its accumulator.
static Value combine(StringRef name, CppType cpp, Type type, ValueRange in,
                     Emit &emit) {
  bool isFloat = cpp.kind == CppType::Float;
  if (isFloat && name == "add")
    return emit.op<emitc::AddOp>(type, in);
  if (isFloat && name == "mul")
    return emit.op<emitc::MulOp>(type, in);
  if (name == "and")
    return emit.op<emitc::BitwiseAndOp>(type, in);
  if (name == "or")
    return emit.op<emitc::BitwiseOrOp>(type, in);
  if (name == "xor")
    return emit.op<emitc::BitwiseXorOp>(type, in);
  if (name == "add" || name == "mul")
    return emit.helper(("wrap_" + name).str(), type, type, in);
  return emit.call((name + "_" + cpp.element().name()).str(), type, in);
}

static Value convertReduction(vector::ReductionOp op, ValueRange in,
                              Emit &emit) {
  using K = vector::CombiningKind;
  static constexpr std::pair<K, StringLiteral> names[] = {
      {K::ADD, "add"},         {K::MUL, "mul"},        {K::MINUI, "min"},
      {K::MINSI, "min"},       {K::MAXUI, "max"},      {K::MAXSI, "max"},
      {K::AND, "and"},         {K::OR, "or"},          {K::XOR, "xor"},
      {K::MINNUMF, "minnum"},  {K::MAXNUMF, "maxnum"}, {K::MINIMUMF, "minimum"},
      {K::MAXIMUMF, "maximum"}};
  K kind = op.getKind();
  StringRef name = llvm::find_if(names, [&](const auto &entry) {
                     return entry.first == kind;
                   })->second;
  Type vectorType = op.getSourceVectorType(), type = op.getType();
  CppType cpp = *CppType::get(vectorType);
  Value vector = in[0];
  if (cpp.kind == CppType::Bool && name.starts_with("m"))
    return {};
  if (kind == K::MINUI || kind == K::MAXUI) {
    vector = emit.asUnsigned(vectorType, vector);
    cpp = cpp.withKind(CppType::Unsigned);
  }
  if (cpp.kind == CppType::Bool)
    name = name == "add" ? "xor" : name;
  Value result =
      emit.call(("reduce_" + name + "_" + cpp.name()).str(), type, vector);
  return in.size() == 1 ? result
                        : combine(name, cpp, type, {result, in[1]}, emit);
}

void cameo::cpp::addVectorRules(Rules rules) {
  rules.add<vector::LoadOp>(convertLoad);
  rules.add<vector::StoreOp>(convertStore);
  rules.add<vector::MaskedLoadOp>(convertMaskedLoad);
  rules.add<vector::MaskedStoreOp>(convertMaskedStore);
  rules.add<vector::GatherOp>(convertGather);
  rules.add<vector::ScatterOp>(convertScatter);
  rules.add<vector::BroadcastOp>(convertBroadcast);
  rules.add<vector::ExtractOp>(convertExtract);
  rules.add<vector::InsertOp>(convertInsert);
  rules.add<vector::ShuffleOp>(convertShuffle);
  rules.add<vector::ExtractStridedSliceOp>(convertSlice);
  rules.add<vector::StepOp>(convertStep);
  rules.add<vector::ConstantMaskOp>(convertConstantMask);
  rules.add<vector::ReductionOp>(convertReduction);
  rules.add<vector::FMAOp>(+[](vector::FMAOp op, ValueRange in, Emit &emit) {
    return emit.helper("fma", op.getType(), op.getType(), in);
  });
  rules.add<vector::FromElementsOp>(
      +[](vector::FromElementsOp op, ValueRange in, Emit &emit) {
        return emit.helper("make", op.getType(), op.getType(), in);
      });
  rules.add<vector::CreateMaskOp>(
      +[](vector::CreateMaskOp op, ValueRange in, Emit &emit) {
        return emit.helper("first", op.getType(), op.getType(), in);
      });
  rules.add<vector::BitCastOp>(
      +[](vector::BitCastOp op, ValueRange in, Emit &emit) {
        return emit.cast(op.getType(), in[0]);
      });
}
