//===- ControlOps.cpp - Branches and loops --------------------------------===//
//
// They become scf operations on tensors in the kernel that holds them.
//
//===----------------------------------------------------------------------===//

#include "dialects/cameo/Cameo.h"
#include "dialects/cameo/ElementTypes.h"
#include "dialects/cameo/LinalgBuilders.h"
#include "dialects/cameo/RegionLowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace cameo;

#define GET_OP_CLASSES
#include "dialects/cameo/ControlOps.cpp.inc"

void CameoDialect::registerControlOps() {
  addOperations<
#define GET_OP_LIST
#include "dialects/cameo/ControlOps.cpp.inc"
      >();
}

static int64_t numElements(Value value) {
  return cast<RankedTensorType>(value.getType()).getNumElements();
}

/// The element of a tensor of one.
static Value extractScalar(OpBuilder &b, Location loc, Value tensor) {
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  SmallVector<Value> index(cast<RankedTensorType>(tensor.getType()).getRank(),
                           zero);
  return tensor::ExtractOp::create(b, loc, tensor, index);
}

/// A boolean tensor of one element, in storage type, as i1.
static Value extractFlag(OpBuilder &b, Location loc, Value tensor) {
  return buildLoaded(b, loc, extractScalar(b, loc, tensor), b.getI1Type());
}

//===----------------------------------------------------------------------===//
// if
//===----------------------------------------------------------------------===//

LogicalResult IfOp::verify() {
  if (numElements(getCondition()) != 1)
    return emitOpError("(C1) condition has ")
           << numElements(getCondition()) << " elements";
  for (Region *region : {&getThen(), &getOtherwise()}) {
    Block &block = region->front();
    if (block.getArgumentTypes() != getInputs().getTypes())
      return emitOpError("(C2) block arguments ")
             << block.getArgumentTypes() << " are not the inputs "
             << getInputs().getTypes();
    auto yield = dyn_cast<YieldOp>(block.getTerminator());
    if (!yield || yield.getValues().getTypes() != getResultTypes())
      return emitOpError("(C3) a region does not yield ") << getResultTypes();
  }
  return success();
}

FailureOr<SmallVector<Value>> IfOp::lowerReference(OpBuilder &builder,
                                                   ValueRange operands) {
  Location loc = getLoc();
  SmallVector<Type> types =
      llvm::map_to_vector(getResultTypes(), [](Type type) -> Type {
        return storageType(cast<RankedTensorType>(type));
      });
  // Both branches write to the same buffers, which are not to be mistaken for
  // other empty tensors.
  SmallVector<Value> buffers =
      llvm::map_to_vector(types, [&](Type type) -> Value {
        return bufferization::AllocTensorOp::create(
            builder, loc, cast<RankedTensorType>(type), ValueRange());
      });
  Value condition = extractFlag(builder, loc, operands[0]);
  auto branch = scf::IfOp::create(builder, loc, types, condition,
                                  /*addThenBlock=*/true, /*addElseBlock=*/true);
  for (auto [source, target] :
       {std::pair(&getThen(), &branch.getThenRegion()),
        std::pair(&getOtherwise(), &branch.getElseRegion())}) {
    OpBuilder inner = OpBuilder::atBlockEnd(&target->front());
    FailureOr<SmallVector<Value>> results =
        lowerBlock(inner, source->front(), operands.drop_front());
    if (failed(results))
      return failure();
    for (auto [result, buffer] : llvm::zip_equal(*results, buffers))
      result = bufferization::MaterializeInDestinationOp::create(inner, loc,
                                                                 result, buffer)
                   .getResult();
    scf::YieldOp::create(inner, loc, *results);
  }
  return llvm::to_vector_of<Value>(branch.getResults());
}

//===----------------------------------------------------------------------===//
// choose
//===----------------------------------------------------------------------===//

LogicalResult ChooseOp::verify() {
  if (numElements(getCondition()) != 1)
    return emitOpError("(C1) condition has ")
           << numElements(getCondition()) << " elements";
  for (Value value : getOperands().drop_front())
    if (value.getType() != getType())
      return emitOpError("(C2) chooses from ")
             << value.getType() << " for " << getType();
  return success();
}

OpFoldResult ChooseOp::fold(FoldAdaptor adaptor) {
  // Pattern: choose(c, x, x) -> x
  if (getYes() == getNo())
    return getYes();
  // Pattern: choose(true, x, y) -> x, choose(false, x, y) -> y
  auto condition = dyn_cast_or_null<DenseElementsAttr>(adaptor.getCondition());
  if (!condition)
    return {};
  return condition.getSplatValue<bool>() ? getYes() : getNo();
}

/// The value where the condition holds, else the other, in one buffer.
FailureOr<SmallVector<Value>> ChooseOp::lowerReference(OpBuilder &builder,
                                                       ValueRange operands) {
  Location loc = getLoc();
  RankedTensorType type = storageType(cast<RankedTensorType>(getType()));
  Value condition = extractFlag(builder, loc, operands[0]);
  if (!getNo())
    cf::AssertOp::create(builder, loc, condition, "branch left out");
  Value buffer =
      bufferization::AllocTensorOp::create(builder, loc, type, ValueRange());
  auto branch = scf::IfOp::create(builder, loc, type, condition,
                                  /*addThenBlock=*/true, /*addElseBlock=*/true);
  auto fill = [&](Block &block, function_ref<Value(OpBuilder &)> build) {
    OpBuilder inner = OpBuilder::atBlockEnd(&block);
    scf::YieldOp::create(inner, loc, build(inner));
  };
  auto moved = [&](Value value) {
    return [&, value](OpBuilder &inner) -> Value {
      return bufferization::MaterializeInDestinationOp::create(inner, loc,
                                                               value, buffer)
          .getResult();
    };
  };
  fill(*branch.thenBlock(), moved(operands[1]));
  if (getNo()) {
    fill(*branch.elseBlock(), moved(operands[2]));
    return SmallVector<Value>(branch.getResults());
  }
  fill(*branch.elseBlock(), [&](OpBuilder &inner) {
    Type elementType = type.getElementType();
    Value zero =
        arith::ConstantOp::create(inner, loc, inner.getZeroAttr(elementType));
    return linalg::FillOp::create(inner, loc, zero, buffer).getResult(0);
  });
  return SmallVector<Value>(branch.getResults());
}

//===----------------------------------------------------------------------===//
// loop
//===----------------------------------------------------------------------===//

LogicalResult LoopOp::verify() {
  for (Value scalar : {Value(getTrips()), Value(getCondition())})
    if (scalar && numElements(scalar) != 1)
      return emitOpError("(C1) trips or condition has ")
             << numElements(scalar) << " elements";
  Block &block = getBody().front();
  auto i64 = IntegerType::get(getContext(), 64);
  SmallVector<Type> arguments = {RankedTensorType::get({}, i64)};
  llvm::append_range(arguments, getStates().getTypes());
  llvm::append_range(arguments, getInputs().getTypes());
  if (block.getArgumentTypes() != TypeRange(arguments))
    return emitOpError("(C2) block arguments ")
           << block.getArgumentTypes() << " are not " << arguments;
  auto yield = dyn_cast<YieldOp>(block.getTerminator());
  SmallVector<Type> results;
  bool hasCondition = bool(getCondition());
  if (yield)
    llvm::append_range(results, yield.getValues().getTypes());
  if (hasCondition && !results.empty() &&
      results[0] == getCondition().getType())
    results.erase(results.begin());
  else if (hasCondition)
    return emitOpError("(C3) no condition is yielded");
  for (Type &type : MutableArrayRef(results).drop_front(
           std::min(results.size(), getStates().size()))) {
    auto tensor = cast<RankedTensorType>(type);
    SmallVector<int64_t> shape(tensor.getShape());
    shape.insert(shape.begin(), getLength());
    type = tensor.clone(shape);
  }
  if (!yield || TypeRange(results) != getResultTypes())
    return emitOpError("(C3) the region yields values for ")
           << results << ", not " << getResultTypes();
  if (!getTrips() && !hasCondition)
    return emitOpError("(C4) has neither trip count nor condition");
  return success();
}

namespace {
/// Builds the scf loop of a `LoopOp`.
class LoopBuilder {
public:
  LoopBuilder(LoopOp op, OpBuilder &builder, ValueRange operands)
      : op(op), b(builder), loc(op.getLoc()) {
    if (op.getTrips())
      trips = take(operands, 1)[0];
    if (op.getCondition())
      condition = take(operands, 1)[0];
    for (Value state : take(operands, op.getStates().size()))
      inits.push_back(ownBuffer(state));
    inputs = operands;
  }

  FailureOr<SmallVector<Value>> build() {
    for (Type type : llvm::drop_begin(op.getResultTypes(), inits.size()))
      inits.push_back(buildEmpty(b, loc, cast<RankedTensorType>(type)));
    return condition ? buildWhile() : buildFor();
  }

private:
  static ValueRange take(ValueRange &values, size_t count) {
    ValueRange front = values.take_front(count);
    values = values.drop_front(count);
    return front;
  }
  /// A copy that iterations may overwrite.
  Value ownBuffer(Value value) {
    return bufferization::AllocTensorOp::create(
        b, loc, cast<RankedTensorType>(value.getType()), ValueRange(),
        /*copy=*/value);
  }
  /// Moves the next values of `states` into their buffers.
  SmallVector<Value> keepBuffers(OpBuilder &builder, ValueRange values,
                                 ValueRange states);
  /// Lowers the body for iteration `i`; what it yields.
  FailureOr<SmallVector<Value>> lowerBody(OpBuilder &builder, Value i,
                                          ValueRange states);
  /// What an iteration passes on, from what its body yields.
  SmallVector<Value> passOn(OpBuilder &builder, ValueRange yielded,
                            ValueRange carried, Value i);
  FailureOr<SmallVector<Value>> buildFor();
  FailureOr<SmallVector<Value>> buildWhile();

  LoopOp op;
  OpBuilder &b;
  Location loc;
  Value trips, condition;
  SmallVector<Value> inits;
  ValueRange inputs;
};
} // namespace

/// Whether a tensor is an argument of a block or a view of one.
static bool isArgument(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    if (!isa<tensor::CollapseShapeOp, tensor::ExpandShapeOp,
             tensor::ExtractSliceOp>(op))
      return false;
    value = op->getOperand(0);
  }
  return true;
}

SmallVector<Value> LoopBuilder::keepBuffers(OpBuilder &builder,
                                            ValueRange values,
                                            ValueRange states) {
  // A state that becomes another one must not be overwritten before.
  SmallVector<Value> sources;
  for (auto [value, state] : llvm::zip_equal(values, states)) {
    sources.push_back(value);
    if (value != state && isArgument(value))
      sources.back() = bufferization::AllocTensorOp::create(
          builder, loc, cast<RankedTensorType>(value.getType()), ValueRange(),
          /*copy=*/value);
  }
  SmallVector<Value> results;
  for (auto [value, state] : llvm::zip_equal(sources, states))
    results.push_back(value == state
                          ? state
                          : bufferization::MaterializeInDestinationOp::create(
                                builder, loc, value, state)
                                .getResult());
  return results;
}

FailureOr<SmallVector<Value>>
LoopBuilder::lowerBody(OpBuilder &builder, Value i, ValueRange states) {
  Value number = tensor::FromElementsOp::create(
      builder, loc, RankedTensorType::get({}, builder.getI64Type()), i);
  SmallVector<Value> args = {number};
  llvm::append_range(args, states);
  llvm::append_range(args, inputs);
  return lowerBlock(builder, op.getBody().front(), args);
}

/// `collected` with `row` as its element `i`.
static Value insertRow(OpBuilder &b, Location loc, Value row, Value collected,
                       Value i) {
  auto type = cast<RankedTensorType>(collected.getType());
  SmallVector<OpFoldResult> offsets(type.getRank(), b.getIndexAttr(0));
  SmallVector<OpFoldResult> strides(type.getRank(), b.getIndexAttr(1));
  SmallVector<OpFoldResult> sizes =
      getAsIndexOpFoldResult(b.getContext(), type.getShape());
  offsets[0] = i;
  sizes[0] = b.getIndexAttr(1);
  return tensor::InsertSliceOp::create(b, loc, row, collected, offsets, sizes,
                                       strides);
}

SmallVector<Value> LoopBuilder::passOn(OpBuilder &builder, ValueRange yielded,
                                       ValueRange carried, Value i) {
  size_t numStates = op.getStates().size();
  SmallVector<Value> next(yielded);
  // What is collected reads states: before these change.
  for (size_t k = numStates; k < next.size(); ++k)
    next[k] = insertRow(builder, loc, yielded[k], carried[k], i);
  llvm::copy(keepBuffers(builder, yielded.take_front(numStates),
                         carried.take_front(numStates)),
             next.begin());
  return next;
}

FailureOr<SmallVector<Value>> LoopBuilder::buildFor() {
  size_t numStates = op.getStates().size();
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  Value one = arith::ConstantIndexOp::create(b, loc, 1);
  Value count = arith::IndexCastOp::create(b, loc, b.getIndexType(),
                                           extractScalar(b, loc, trips));
  // There is room for so many collected values; a known count is as many.
  if (inits.size() > numStates) {
    Value length = arith::ConstantIndexOp::create(b, loc, op.getLength());
    bool isKnown = matchPattern(op.getTrips(), m_Constant());
    count = isKnown ? length : arith::MinSIOp::create(b, loc, count, length);
  }
  LogicalResult status = success();
  auto loop = scf::ForOp::create(
      b, loc, zero, count, one, inits,
      [&](OpBuilder &inner, Location, Value i, ValueRange carried) {
        ValueRange states = carried.take_front(numStates);
        Value number =
            arith::IndexCastOp::create(inner, loc, inner.getI64Type(), i);
        FailureOr<SmallVector<Value>> results =
            lowerBody(inner, number, states);
        status = results;
        SmallVector<Value> next(carried);
        if (succeeded(results))
          next = passOn(inner, *results, carried, i);
        scf::YieldOp::create(inner, loc, next);
      });
  if (failed(status))
    return failure();
  return llvm::to_vector_of<Value>(loop.getResults());
}

/// Carried are the states, the number of the iteration and whether it runs, in
/// this order: canonicalisation drops the last one from what is passed on, and
/// buffers must keep their places.
FailureOr<SmallVector<Value>> LoopBuilder::buildWhile() {
  Value zero = arith::ConstantIntOp::create(b, loc, 0, 64);
  Value one = arith::ConstantIntOp::create(b, loc, 1, 64);
  Value limit = trips ? extractScalar(b, loc, trips) : Value();
  size_t count = inits.size();
  if (count > op.getStates().size()) {
    Value length = arith::ConstantIntOp::create(b, loc, op.getLength(), 64);
    limit = limit ? arith::MinSIOp::create(b, loc, limit, length) : length;
  }
  SmallVector<Value> carried = inits;
  carried.append({zero, extractFlag(b, loc, condition)});
  LogicalResult status = success();
  auto loop = scf::WhileOp::create(
      b, loc, TypeRange(ValueRange(carried)), carried,
      [&](OpBuilder &inner, Location, ValueRange args) {
        Value runs = args[count + 1];
        if (limit) {
          Value isLeft = arith::CmpIOp::create(
              inner, loc, arith::CmpIPredicate::slt, args[count], limit);
          runs = arith::AndIOp::create(inner, loc, runs, isLeft);
        }
        scf::ConditionOp::create(inner, loc, runs, args);
      },
      [&](OpBuilder &inner, Location, ValueRange args) {
        ValueRange states = args.take_front(op.getStates().size());
        FailureOr<SmallVector<Value>> results =
            lowerBody(inner, args[count], states);
        status = results;
        SmallVector<Value> next(args);
        next[count] = arith::AddIOp::create(inner, loc, args[count], one);
        if (succeeded(results)) {
          next[count + 1] = extractFlag(inner, loc, results->front());
          Value at = arith::IndexCastOp::create(
              inner, loc, inner.getIndexType(), args[count]);
          llvm::copy(passOn(inner, ArrayRef(*results).drop_front(),
                            args.take_front(count), at),
                     next.begin());
        }
        scf::YieldOp::create(inner, loc, next);
      });
  if (failed(status))
    return failure();
  return llvm::to_vector_of<Value>(loop.getResults().take_front(count));
}

FailureOr<SmallVector<Value>> LoopOp::lowerReference(OpBuilder &builder,
                                                     ValueRange operands) {
  return LoopBuilder(*this, builder, operands).build();
}
