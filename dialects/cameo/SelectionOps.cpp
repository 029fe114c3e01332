//===- SelectionOps.cpp - Results as large as data says -------------------===//

#include "dialects/cameo/Cameo.h"
#include "dialects/cameo/ElementTypes.h"
#include "dialects/cameo/IndexingBuilders.h"
#include "dialects/cameo/ScalarMath.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace cameo;

#define GET_OP_CLASSES
#include "dialects/cameo/SelectionOps.cpp.inc"

void CameoDialect::registerSelectionOps() {
  addOperations<
#define GET_OP_LIST
#include "dialects/cameo/SelectionOps.cpp.inc"
      >();
}

static RankedTensorType indexTensor(MLIRContext *context,
                                    ArrayRef<int64_t> shape) {
  return RankedTensorType::get(shape, IntegerType::get(context, 64));
}

/// A position as a tensor without dimensions.
static Value buildCount(OpBuilder &b, Location loc, Value position) {
  Value number = arith::IndexCastOp::create(b, loc, b.getI64Type(), position);
  return tensor::FromElementsOp::create(
      b, loc, RankedTensorType::get({}, b.getI64Type()), number);
}

//===----------------------------------------------------------------------===//
// nonzero
//===----------------------------------------------------------------------===//

LogicalResult NonZeroOp::inferReturnTypes(MLIRContext *context,
                                          std::optional<Location>,
                                          Adaptor adaptor,
                                          SmallVectorImpl<Type> &types) {
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  types.push_back(indexTensor(context, {x.getRank(), x.getNumElements()}));
  types.push_back(indexTensor(context, {}));
  return success();
}

FailureOr<SmallVector<Value>> NonZeroOp::lowerReference(OpBuilder &b,
                                                        ValueRange operands) {
  Location loc = getLoc();
  auto type = cast<RankedTensorType>(getX().getType());
  auto indices = cast<RankedTensorType>(getIndices().getType());
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  Value one = arith::ConstantIndexOp::create(b, loc, 1);
  Value empty = buildEmpty(b, loc, indices);
  if (type.getNumElements() == 0)
    return SmallVector<Value>{empty, buildCount(b, loc, zero)};
  // Every index is written where the next one belongs, and stays there if its
  // element is not zero: no branches.
  SmallVector<Value> results = buildLoops(
      b, loc, type.getShape(), {empty, zero},
      [&](OpBuilder &at, ValueRange index, ValueRange state) {
        Value stored = tensor::ExtractOp::create(at, loc, operands[0], index);
        Value x = buildLoaded(at, loc, stored, type.getElementType());
        ScalarMath m(at, loc, type.getElementType());
        Value isKept = m.ne(x, m.constant(x, 0.0));
        Value written = state[0];
        for (auto [dim, i] : llvm::enumerate(index)) {
          Value number =
              arith::IndexCastOp::create(at, loc, at.getI64Type(), i);
          Value row = arith::ConstantIndexOp::create(at, loc, dim);
          written = tensor::InsertOp::create(at, loc, number, written,
                                             ValueRange{row, state[1]});
        }
        Value next = arith::AddIOp::create(at, loc, state[1], one);
        next = arith::SelectOp::create(at, loc, isKept, next, state[1]);
        return SmallVector<Value>{written, next};
      });
  return SmallVector<Value>{results[0], buildCount(b, loc, results[1])};
}

//===----------------------------------------------------------------------===//
// non_max_suppression
//===----------------------------------------------------------------------===//

LogicalResult NonMaxSuppressionOp::inferReturnTypes(
    MLIRContext *context, std::optional<Location> loc, Adaptor adaptor,
    SmallVectorImpl<Type> &types) {
  auto boxes = cast<RankedTensorType>(adaptor.getBoxes().getType());
  auto scores = cast<RankedTensorType>(adaptor.getScores().getType());
  auto order = cast<RankedTensorType>(adaptor.getOrder().getType());
  if (boxes.getRank() != 3 || scores.getRank() != 3 ||
      boxes.getDimSize(2) != 4 || boxes.getDimSize(0) != scores.getDimSize(0) ||
      boxes.getDimSize(1) != scores.getDimSize(2) ||
      order.getShape() != scores.getShape())
    return emitOptionalError(loc, "(C1) boxes ", boxes, ", scores ", scores,
                             " and order ", order, " do not fit");
  int64_t bound = adaptor.getBound();
  if (bound < 0 || bound > boxes.getDimSize(1))
    return emitOptionalError(loc, "(C2) bound = ", bound, " of ",
                             boxes.getDimSize(1), " boxes");
  int64_t rows = scores.getDimSize(0) * scores.getDimSize(1) * bound;
  types.push_back(indexTensor(context, {rows, 3}));
  types.push_back(indexTensor(context, {}));
  return success();
}

namespace {
/// Corners in ascending order, scalars.
struct Box {
  Value top, left, bottom, right;
};

/// Builds the selection of one image and class.
class Suppressor {
public:
  Suppressor(NonMaxSuppressionOp op, OpBuilder &builder, ValueRange operands,
             Value image, Value label)
      : op(op), b(builder), loc(op.getLoc()), m(b, loc, b.getF32Type()),
        operands(operands), image(image), label(label) {}

  /// `state` is selected rows and their number, an i64.
  SmallVector<Value> build(ValueRange state);

private:
  using Body = function_ref<SmallVector<Value>(ValueRange)>;
  SmallVector<Value> buildWhile(ValueRange inits,
                                function_ref<Value(ValueRange)> condition,
                                Body body);
  SmallVector<Value> consider(Value place, Value selected, Value count);
  Box loadBox(Value box);
  Value overlaps(const Box &x, const Box &y);

  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(b, loc, value);
  }
  Value number(int64_t value) {
    return arith::ConstantIntOp::create(b, loc, value, 64);
  }
  Value at(Value number) { return buildIndexCast(b, loc, number); }
  Value add(Value x, Value y) { return arith::AddIOp::create(b, loc, x, y); }
  Value less(Value x, Value y) {
    return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, x, y);
  }
  Value scalar(unsigned operand, ValueRange at = {}) {
    return tensor::ExtractOp::create(b, loc, operands[operand], at);
  }
  /// A box's number, which is one whatever the data says.
  Value toBox(Value number) {
    int64_t boxes = cast<RankedTensorType>(operands[0].getType()).getDimSize(1);
    number = arith::MaxSIOp::create(
        b, loc, number, arith::ConstantIntOp::create(b, loc, 0, 64));
    number = arith::MinSIOp::create(
        b, loc, number, arith::ConstantIntOp::create(b, loc, boxes - 1, 64));
    return buildIndexCast(b, loc, number);
  }

  NonMaxSuppressionOp op;
  OpBuilder &b;
  Location loc;
  ScalarMath m;
  ValueRange operands;
  Value image, label, first; // Of the current class; its first row.
};
} // namespace

SmallVector<Value>
Suppressor::buildWhile(ValueRange inits,
                       function_ref<Value(ValueRange)> condition, Body body) {
  // Both regions are built with `b`, which stands in them meanwhile.
  return scf::WhileOp::create(
             b, loc, inits.getTypes(), inits,
             [&](OpBuilder &at, Location, ValueRange args) {
               OpBuilder::InsertionGuard guard(b);
               b.restoreInsertionPoint(at.saveInsertionPoint());
               scf::ConditionOp::create(b, loc, condition(args), args);
             },
             [&](OpBuilder &at, Location, ValueRange args) {
               OpBuilder::InsertionGuard guard(b);
               b.restoreInsertionPoint(at.saveInsertionPoint());
               scf::YieldOp::create(b, loc, body(args));
             })
      .getResults();
}

Box Suppressor::loadBox(Value box) {
  std::array<Value, 4> at;
  for (int64_t i = 0; i < 4; ++i)
    at[i] = scalar(0, {image, box, index(i)});
  if (!op.getCenterPointBox())
    return {m.min(at[0], at[2]), m.min(at[1], at[3]), m.max(at[0], at[2]),
            m.max(at[1], at[3])};
  Value half = m.constant(at[0], 0.5);
  Value width = m.mul(at[2], half), height = m.mul(at[3], half);
  return {m.sub(at[1], height), m.sub(at[0], width), m.add(at[1], height),
          m.add(at[0], width)};
}

/// Whether the area that boxes share is too much of what they cover.
Value Suppressor::overlaps(const Box &x, const Box &y) {
  auto area = [&](const Box &box) {
    return m.mul(m.sub(box.bottom, box.top), m.sub(box.right, box.left));
  };
  Value zero = m.constant(x.top, 0.0);
  Value height = m.sub(m.min(x.bottom, y.bottom), m.max(x.top, y.top));
  Value width = m.sub(m.min(x.right, y.right), m.max(x.left, y.left));
  Value shared = m.mul(m.max(height, zero), m.max(width, zero));
  Value covered = m.sub(m.add(area(x), area(y)), shared);
  Value part = m.div(shared, covered);
  return m.bitAnd(m.gt(covered, zero), m.gt(part, scalar(4)));
}

/// Writes a row for the box where the next one belongs; it counts when no box
/// of the class before it overlaps.
SmallVector<Value> Suppressor::consider(Value place, Value selected,
                                        Value count) {
  Value chosen = toBox(scalar(2, {image, label, at(place)}));
  Box box = loadBox(chosen);
  SmallVector<Value> checked = buildWhile(
      {first, first}, [&](ValueRange state) { return less(state[0], count); },
      [&](ValueRange state) {
        Value other = tensor::ExtractOp::create(
            b, loc, selected, ValueRange{at(state[0]), index(2)});
        Value isOver = overlaps(box, loadBox(toBox(other)));
        Value next = add(state[0], number(1));
        // Nothing is left to check after the first.
        return SmallVector<Value>{m.select(isOver, count, next),
                                  m.select(isOver, state[1], next)};
      });
  Value row = selected;
  for (auto [column, value] :
       llvm::enumerate(ArrayRef<Value>{image, label, chosen})) {
    Value stored = arith::IndexCastOp::create(b, loc, b.getI64Type(), value);
    row = tensor::InsertOp::create(
        b, loc, stored, row,
        ValueRange{at(count), index(static_cast<int64_t>(column))});
  }
  Value isFree = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq,
                                       checked[1], count);
  return {row, m.select(isFree, add(count, number(1)), count)};
}

SmallVector<Value> Suppressor::build(ValueRange state) {
  first = state[1];
  auto boxes = cast<RankedTensorType>(operands[0].getType()).getDimSize(1);
  Value most = scalar(3), zero = arith::ConstantIntOp::create(b, loc, 0, 64);
  Value bound = arith::ConstantIntOp::create(b, loc, op.getBound(), 64);
  most = arith::MinSIOp::create(
      b, loc, arith::MaxSIOp::create(b, loc, most, zero), bound);
  Value end = add(first, most);
  SmallVector<Value> results = buildWhile(
      {number(0), state[0], state[1]},
      [&](ValueRange now) {
        Value place = arith::MinSIOp::create(b, loc, now[0], number(boxes - 1));
        Value score = scalar(1, {image, label, at(place)});
        Value isGood = m.gt(score, scalar(5));
        Value isThere =
            m.bitAnd(less(now[0], number(boxes)), less(now[2], end));
        return m.bitAnd(isThere, isGood);
      },
      [&](ValueRange now) {
        SmallVector<Value> next = consider(now[0], now[1], now[2]);
        return SmallVector<Value>{add(now[0], number(1)), next[0], next[1]};
      });
  return {results[1], results[2]};
}

FailureOr<SmallVector<Value>>
NonMaxSuppressionOp::lowerReference(OpBuilder &b, ValueRange operands) {
  Location loc = getLoc();
  auto scores = cast<RankedTensorType>(getScores().getType());
  auto selected = cast<RankedTensorType>(getSelected().getType());
  Value empty = buildEmpty(b, loc, selected);
  Value zero = arith::ConstantIntOp::create(b, loc, 0, 64);
  auto toTensor = [&](Value count) -> Value {
    return tensor::FromElementsOp::create(
        b, loc, indexTensor(b.getContext(), {}), count);
  };
  if (selected.getNumElements() == 0)
    return SmallVector<Value>{empty, toTensor(zero)};
  SmallVector<Value> results = buildLoops(
      b, loc, scores.getShape().take_front(2), {empty, zero},
      [&](OpBuilder &at, ValueRange index, ValueRange state) {
        return Suppressor(*this, at, operands, index[0], index[1]).build(state);
      });
  return SmallVector<Value>{results[0], toTensor(results[1])};
}
