//===- DetLowering.cpp - Determinants -------------------------------------===//
//
// Gaussian elimination with partial pivoting on a copy of every matrix: the
// determinant is the product of the pivots, negated for every exchange of rows.
//
//===----------------------------------------------------------------------===//

#include "dialects/cameo/Cameo.h"
#include "dialects/cameo/ElementTypes.h"
#include "dialects/cameo/IndexingBuilders.h"
#include "dialects/cameo/ScalarMath.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace cameo;

LogicalResult DetOp::inferReturnTypes(MLIRContext *,
                                      std::optional<Location> loc,
                                      Adaptor adaptor,
                                      SmallVectorImpl<Type> &types) {
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  int64_t rank = x.getRank();
  if (rank < 2 || x.getDimSize(rank - 1) != x.getDimSize(rank - 2))
    return emitOptionalError(loc, "(C1) ", x, " has no square matrices");
  types.push_back(x.clone(x.getShape().drop_back(2)));
  return success();
}

int64_t DetOp::getFlops() {
  auto x = cast<RankedTensorType>(getX().getType());
  return x.getNumElements() * x.getShape().back() * 2 / 3;
}

namespace {
/// Steps of the elimination of one matrix.
class Elimination {
public:
  Elimination(OpBuilder &b, Location loc, int64_t size, Type scalar)
      : b(b), loc(loc), size(size), scalar(scalar), m(b, loc, scalar) {}

  /// The index of the row from `k` on with the largest element in column `k`.
  Value findPivot(Value matrix, Value k);
  /// The matrix with rows `k` and `pivot` exchanged.
  Value exchange(Value matrix, Value k, Value pivot);
  /// The matrix with multiples of row `k` subtracted from the rows after it.
  Value eliminate(Value matrix, Value k, Value pivotElement);

  Value read(Value matrix, Value i, Value j) {
    return tensor::ExtractOp::create(b, loc, matrix, ValueRange{i, j});
  }

private:
  Value write(Value element, Value matrix, Value i, Value j) {
    return tensor::InsertOp::create(b, loc, element, matrix, ValueRange{i, j});
  }
  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(b, loc, value);
  }
  /// A loop from `first` to the size, with one value carried.
  Value loop(Value first, Value init,
             function_ref<Value(Value i, Value carried)> body);

  OpBuilder &b;
  Location loc;
  int64_t size;
  Type scalar;
  ScalarMath m;
};
} // namespace

Value Elimination::loop(Value first, Value init,
                        function_ref<Value(Value, Value)> body) {
  auto loop = scf::ForOp::create(b, loc, first, index(size), index(1), init);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  Value next = body(loop.getInductionVar(), loop.getRegionIterArg(0));
  scf::YieldOp::create(b, loc, next);
  return loop.getResult(0);
}

Value Elimination::findPivot(Value matrix, Value k) {
  return loop(k, k, [&](Value i, Value best) {
    Value isLarger =
        m.gt(m.abs(read(matrix, i, k)), m.abs(read(matrix, best, k)));
    return m.select(isLarger, i, best);
  });
}

Value Elimination::exchange(Value matrix, Value k, Value pivot) {
  return loop(k, matrix, [&](Value j, Value now) {
    Value upper = read(now, k, j), lower = read(now, pivot, j);
    return write(upper, write(lower, now, k, j), pivot, j);
  });
}

Value Elimination::eliminate(Value matrix, Value k, Value pivotElement) {
  // Of a singular matrix, whatever is subtracted: a zero pivot stays.
  Value isZero = m.eq(pivotElement, m.constant(scalar, 0));
  Value divisor = m.select(isZero, m.constant(scalar, 1), pivotElement);
  Value after = arith::AddIOp::create(b, loc, k, index(1));
  return loop(after, matrix, [&](Value i, Value outer) {
    Value factor = m.div(read(outer, i, k), divisor);
    return loop(after, outer, [&](Value j, Value now) {
      Value product = m.mul(factor, read(now, k, j));
      return write(m.sub(read(now, i, j), product), now, i, j);
    });
  });
}

/// The determinant of `matrix`, which is overwritten.
static Value buildDeterminant(OpBuilder &b, Location loc, Value matrix,
                              Type scalar) {
  int64_t size = cast<RankedTensorType>(matrix.getType()).getDimSize(0);
  Value one = buildScalarConstant(b, loc, scalar, 1);
  return buildLoops(b, loc, {size}, {matrix, one},
                    [&](OpBuilder &inner, ValueRange index, ValueRange state) {
                      Elimination step(inner, loc, size, scalar);
                      ScalarMath m(inner, loc, scalar);
                      Value k = index[0];
                      Value pivot = step.findPivot(state[0], k);
                      Value now = step.exchange(state[0], k, pivot);
                      Value element = step.read(now, k, k);
                      Value isInPlace = arith::CmpIOp::create(
                          inner, loc, arith::CmpIPredicate::eq, pivot, k);
                      Value factor =
                          m.select(isInPlace, element, m.neg(element));
                      return SmallVector<Value>{step.eliminate(now, k, element),
                                                m.mul(state[1], factor)};
                    })[1];
}

FailureOr<SmallVector<Value>> DetOp::lowerReference(OpBuilder &builder,
                                                    ValueRange operands) {
  Location loc = getLoc();
  auto type = cast<RankedTensorType>(getX().getType());
  auto resultType = cast<RankedTensorType>(getType());
  int64_t size = type.getShape().back(), batch = resultType.getNumElements();
  Type scalar = computeType(type.getElementType());
  Value x = buildReshape(builder, loc, operands[0], {batch, size * size});
  RankedTensorType flat = resultType.clone({batch});
  Value result = buildLoops(
      builder, loc, {batch}, {buildEmpty(builder, loc, flat)},
      [&](OpBuilder &inner, ValueRange index, ValueRange state) {
        Value row = buildReadRow(inner, loc, x, index);
        Value copy = buildMap(
            inner, loc, RankedTensorType::get({size, size}, scalar),
            buildReshape(inner, loc, row, {size, size}), type.getElementType(),
            inner.getMultiDimIdentityMap(2),
            [](OpBuilder &, Location, ValueRange args) { return args[0]; });
        Value det =
            buildStored(inner, loc, buildDeterminant(inner, loc, copy, scalar),
                        type.getElementType());
        return SmallVector<Value>{
            tensor::InsertOp::create(inner, loc, det, state[0], index)};
      })[0];
  return SmallVector<Value>{
      buildReshape(builder, loc, result, resultType.getShape())};
}
