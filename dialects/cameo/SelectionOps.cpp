//===- SelectionOps.cpp - Results as large as data says -------------------===//

#include "dialects/cameo/Cameo.h"
#include "dialects/cameo/ElementTypes.h"
#include "dialects/cameo/IndexingBuilders.h"
#include "dialects/cameo/ScalarMath.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
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
  SmallVector<Value> consider(Value place, ValueRange state);
  Value writeRow(Value place, Value selected, Value count);
  Value cross(Value place, Value isFree);
  Value loadCorner(ScalarMath &math, OpBuilder &at, Value box, int64_t corner);
  Value gatherCorner(int64_t corner);
  static Value overlaps(ScalarMath &math, const Box &x, const Box &y,
                        Value threshold);

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
  int64_t countBoxes() const {
    return cast<RankedTensorType>(operands[0].getType()).getDimSize(1);
  }
  /// The number of the box at a place of the order: one whatever the data says.
  Value boxAt(OpBuilder &at, Value place) {
    Value number = tensor::ExtractOp::create(at, loc, operands[2],
                                             ValueRange{image, label, place});
    number = arith::MaxSIOp::create(
        at, loc, number, arith::ConstantIntOp::create(at, loc, 0, 64));
    number = arith::MinSIOp::create(
        at, loc, number,
        arith::ConstantIntOp::create(at, loc, countBoxes() - 1, 64));
    return buildIndexCast(at, loc, number);
  }

  NonMaxSuppressionOp op;
  OpBuilder &b;
  Location loc;
  ScalarMath m;
  ValueRange operands;
  Value image, label; // Of the current class.
  /// Top, left, bottom and right of its boxes in descending order of scores.
  std::array<Value, 4> corners;
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

/// The corner of a box: 0 to 3 for top, left, bottom and right.
Value Suppressor::loadCorner(ScalarMath &math, OpBuilder &at, Value box,
                             int64_t corner) {
  auto load = [&](int64_t i) -> Value {
    Value place = arith::ConstantIndexOp::create(at, loc, i);
    return tensor::ExtractOp::create(at, loc, operands[0],
                                     ValueRange{image, box, place});
  };
  bool isHigh = corner >= 2;
  if (!op.getCenterPointBox()) {
    Value one = load(corner % 2), other = load(corner % 2 + 2);
    return isHigh ? math.max(one, other) : math.min(one, other);
  }
  int64_t axis = 1 - corner % 2; // x comes before y.
  Value centre = load(axis), extent = load(axis + 2);
  Value half = math.mul(extent, math.constant(extent, 0.5));
  return isHigh ? math.add(centre, half) : math.sub(centre, half);
}

/// The corners of all boxes in order.
Value Suppressor::gatherCorner(int64_t corner) {
  auto type = RankedTensorType::get({countBoxes()}, b.getF32Type());
  return buildMap(b, loc, type, {}, {}, {},
                  [&](OpBuilder &at, Location, ValueRange) {
                    ScalarMath math(at, loc, at.getF32Type());
                    Value place = linalg::IndexOp::create(at, loc, 0);
                    return loadCorner(math, at, boxAt(at, place), corner);
                  });
}

/// Whether the area that boxes share is too much of what they cover.
Value Suppressor::overlaps(ScalarMath &m, const Box &x, const Box &y,
                           Value threshold) {
  auto area = [&](const Box &box) {
    return m.mul(m.sub(box.bottom, box.top), m.sub(box.right, box.left));
  };
  Value zero = m.constant(x.top, 0.0);
  Value height = m.sub(m.min(x.bottom, y.bottom), m.max(x.top, y.top));
  Value width = m.sub(m.min(x.right, y.right), m.max(x.left, y.left));
  Value shared = m.mul(m.max(height, zero), m.max(width, zero));
  Value covered = m.sub(m.add(area(x), area(y)), shared);
  Value part = m.div(shared, covered);
  return m.bitAnd(m.gt(covered, zero), m.gt(part, threshold));
}

/// Writes a row for the box at a place of the order.
Value Suppressor::writeRow(Value place, Value selected, Value count) {
  std::array<Value, 3> row = {image, label, boxAt(b, place)};
  for (auto [column, value] : llvm::enumerate(row)) {
    Value stored = arith::IndexCastOp::create(b, loc, b.getI64Type(), value);
    selected = tensor::InsertOp::create(
        b, loc, stored, selected,
        ValueRange{at(count), index(static_cast<int64_t>(column))});
  }
  return selected;
}

/// Crosses out, of the boxes that are free, those that overlap the one at a
/// place of the order: of all, because vectors are faster than the later ones.
Value Suppressor::cross(Value place, Value isFree) {
  auto corner = [&](int64_t i) -> Value {
    return tensor::ExtractOp::create(b, loc, corners[i], place);
  };
  Box box{corner(0), corner(1), corner(2), corner(3)};
  Value threshold = scalar(4);
  Type f32 = b.getF32Type();
  AffineMap each = b.getMultiDimIdentityMap(1);
  return buildReduction(
      b, loc, isFree, corners, {f32, f32, f32, f32},
      SmallVector<AffineMap>(4, each), each, {utils::IteratorType::parallel},
      [&](OpBuilder &at, Location, ValueRange args) {
        ScalarMath math(at, loc, f32);
        Box other{args[0], args[1], args[2], args[3]};
        Value isOver = overlaps(math, other, box, threshold);
        return math.select(isOver, math.constant(args[4], 0.0), args[4]);
      });
}

/// Writes a row for the box where the next one belongs; it counts when it is
/// free, and boxes that overlap it are so no longer. `state` is rows, their
/// number, and which boxes are free.
SmallVector<Value> Suppressor::consider(Value place, ValueRange state) {
  Value written = writeRow(place, state[0], state[1]);
  Value mark = tensor::ExtractOp::create(b, loc, state[2], place);
  Value isFree = m.ne(mark, m.constant(mark, 0.0));
  auto crossed = scf::IfOp::create(
      b, loc, isFree,
      [&](OpBuilder &at, Location) {
        OpBuilder::InsertionGuard guard(b);
        b.restoreInsertionPoint(at.saveInsertionPoint());
        scf::YieldOp::create(b, loc, cross(place, state[2]));
      },
      [&](OpBuilder &at, Location) {
        scf::YieldOp::create(at, loc, state[2]);
      });
  Value next = add(state[1], number(1));
  return {written, m.select(isFree, next, state[1]), crossed.getResult(0)};
}

SmallVector<Value> Suppressor::build(ValueRange state) {
  for (int64_t i = 0; i < 4; ++i)
    corners[i] = gatherCorner(i);
  Value isFree =
      buildFilled(b, loc, RankedTensorType::get({countBoxes()}, b.getI32Type()),
                  arith::ConstantIntOp::create(b, loc, 1, 32));
  Value most = arith::MaxSIOp::create(b, loc, scalar(3), number(0));
  most = arith::MinSIOp::create(b, loc, most, number(op.getBound()));
  Value end = add(state[1], most), boxes = number(countBoxes());
  SmallVector<Value> results = buildWhile(
      {number(0), state[0], state[1], isFree},
      [&](ValueRange now) {
        Value last = number(countBoxes() - 1);
        Value place = at(arith::MinSIOp::create(b, loc, now[0], last));
        Value isGood = m.gt(scalar(1, {image, label, place}), scalar(5));
        Value isThere = m.bitAnd(less(now[0], boxes), less(now[2], end));
        return m.bitAnd(isThere, isGood);
      },
      [&](ValueRange now) {
        SmallVector<Value> next = consider(at(now[0]), now.drop_front());
        next.insert(next.begin(), add(now[0], number(1)));
        return next;
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
