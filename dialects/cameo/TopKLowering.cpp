//===- TopKLowering.cpp - Reference lowering of top_k ---------------------===//
//
// A bottom-up merge sort of every line along the axis. No sorted run keeps more
// than k elements, so that it takes n log k steps. Two rows of a scratch tensor
// are source and destination in turn. Where k is small, the k elements are
// found first: the k-th one by halving the range of its bits, which counts
// vectors.
//
//===----------------------------------------------------------------------===//

#include "dialects/cameo/ElementTypes.h"
#include "dialects/cameo/IndexingBuilders.h"
#include "dialects/cameo/ScalarMath.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace cameo;

namespace {
/// Builds the sort of one line. `keys` and `places` are tensors of two rows.
class LineSorter {
public:
  LineSorter(OpBuilder &builder, Location loc, Type elementType, int64_t extent,
             int64_t k, bool largest)
      : b(builder), loc(loc), elementType(elementType), extent(extent), k(k),
        largest(largest) {}

  int64_t numPasses() const { return llvm::Log2_64_Ceil(extent); }
  /// The row that holds the sorted elements at the end.
  int64_t resultRow() const { return numPasses() % 2; }
  SmallVector<Value> sort(Value keys, Value places);

private:
  using Body = function_ref<SmallVector<Value>(Value at, ValueRange state)>;
  SmallVector<Value> loop(Value low, Value high, Value step, ValueRange inits,
                          Body body);
  SmallVector<Value> merge(Value start, ValueRange state);
  SmallVector<Value> mergeStep(Value at, ValueRange state);
  Value precedes(Value x, Value y);

  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(b, loc, value);
  }
  Value add(Value x, Value y) { return arith::AddIOp::create(b, loc, x, y); }
  Value sub(Value x, Value y) { return arith::SubIOp::create(b, loc, x, y); }
  Value min(Value x, Value y) { return arith::MinSIOp::create(b, loc, x, y); }
  Value select(Value c, Value x, Value y) {
    return arith::SelectOp::create(b, loc, c, x, y);
  }
  Value less(Value x, Value y) {
    return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, x, y);
  }

  OpBuilder &b;
  Location loc;
  Type elementType;
  int64_t extent, k;
  bool largest;
  Value width, source, target; // Of the current pass.
  Value endA, endB, start;     // Of the current merge.
};
} // namespace

SmallVector<Value> LineSorter::loop(Value low, Value high, Value step,
                                    ValueRange inits, Body body) {
  auto loop = scf::ForOp::create(b, loc, low, high, step, inits);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  scf::YieldOp::create(b, loc,
                       body(loop.getInductionVar(), loop.getRegionIterArgs()));
  return loop.getResults();
}

/// Whether stored element `x` must stand before `y`, which comes first where
/// they are equal.
Value LineSorter::precedes(Value x, Value y) {
  x = buildLoaded(b, loc, x, elementType);
  y = buildLoaded(b, loc, y, elementType);
  if (!largest)
    std::swap(x, y);
  ScalarMath math(b, loc, elementType);
  Value result = math.gt(x, y);
  if (!isa<FloatType>(elementType))
    return result;
  Value onlyX = math.bitAnd(math.isNaN(x), math.bitNot(math.isNaN(y)));
  return math.bitOr(result, onlyX);
}

/// Writes the next element of the two runs; `state` are the positions in both,
/// keys and places.
SmallVector<Value> LineSorter::mergeStep(Value at, ValueRange state) {
  Value a = state[0], bb = state[1], keys = state[2], places = state[3];
  // A run that is at its end is read elsewhere.
  Value last = index(extent - 1);
  Value readA = min(a, last), readB = min(bb, last);
  Value keyA = tensor::ExtractOp::create(b, loc, keys, {source, readA});
  Value keyB = tensor::ExtractOp::create(b, loc, keys, {source, readB});
  Value yes = arith::ConstantIntOp::create(b, loc, 1, 1);
  Value noMoreA = arith::XOrIOp::create(b, loc, less(a, endA), yes);
  Value takeB = arith::AndIOp::create(
      b, loc, less(bb, endB),
      arith::OrIOp::create(b, loc, noMoreA, precedes(keyB, keyA)));
  Value place = tensor::ExtractOp::create(
      b, loc, places, {source, select(takeB, readB, readA)});
  Value to = add(start, at), one = index(1);
  keys = tensor::InsertOp::create(b, loc, select(takeB, keyB, keyA), keys,
                                  {target, to});
  places = tensor::InsertOp::create(b, loc, place, places, {target, to});
  return {select(takeB, a, add(a, one)), select(takeB, add(bb, one), bb), keys,
          places};
}

/// Merges the runs at `first` and `first + width`.
SmallVector<Value> LineSorter::merge(Value first, ValueRange state) {
  start = first;
  Value kept = min(width, index(k)), end = index(extent);
  Value second = min(add(first, width), end);
  endA = min(add(first, kept), end);
  endB = min(add(second, kept), end);
  Value available = add(sub(endA, first), sub(endB, second));
  SmallVector<Value> results =
      loop(index(0), min(available, index(k)), index(1),
           {first, second, state[0], state[1]},
           [&](Value at, ValueRange inner) { return mergeStep(at, inner); });
  return {results[2], results[3]};
}

SmallVector<Value> LineSorter::sort(Value keys, Value places) {
  return loop(index(0), index(numPasses()), index(1), {keys, places},
              [&](Value pass, ValueRange state) {
                source = arith::AndIOp::create(b, loc, pass, index(1));
                target = sub(index(1), source);
                width = arith::ShLIOp::create(b, loc, index(1), pass);
                return loop(index(0), index(extent), add(width, width), state,
                            [&](Value first, ValueRange inner) {
                              return merge(first, inner);
                            });
              });
}

int64_t TopKOp::getFlops() {
  auto type = cast<RankedTensorType>(getX().getType());
  return type.getNumElements() *
         (1 + static_cast<int64_t>(llvm::Log2_64_Ceil(getK() + 1)));
}

namespace {
/// Finds the elements of one line that are among the first k, in their order.
class LineSelector {
public:
  LineSelector(OpBuilder &builder, Location loc, Type elementType,
               RankedTensorType lineType, int64_t k, bool largest)
      : b(builder), loc(loc), elementType(elementType), lineType(lineType),
        k(k), largest(largest) {
    bool isWide = elementType.getIntOrFloatBitWidth() == 64;
    rankType = b.getIntegerType(isWide ? 64 : 32);
  }

  /// Writes them and their places to row 0 of both; the rows have room for
  /// k + 1, the last of which is for all others.
  SmallVector<Value> select(Value line, Value keys, Value places);

private:
  Value rank(ScalarMath &math, OpBuilder &at, Value x);
  Value count(Value ranks, arith::CmpIPredicate predicate, Value bound);
  Value findLast(Value ranks);
  Value constant(OpBuilder &at, const APInt &value) {
    return arith::ConstantOp::create(at, loc,
                                     at.getIntegerAttr(rankType, value));
  }
  unsigned width() const { return rankType.getIntOrFloatBitWidth(); }

  OpBuilder &b;
  Location loc;
  Type elementType;
  RankedTensorType lineType;
  int64_t k;
  bool largest;
  Type rankType;
};
} // namespace

/// An unsigned number that is greater for what stands before: zeros are equal,
/// and so are NaNs, which are the greatest numbers.
Value LineSelector::rank(ScalarMath &math, OpBuilder &at, Value x) {
  Value sign = constant(at, APInt::getSignMask(width()));
  Value result;
  if (isa<FloatType>(x.getType())) {
    Value isZero = math.eq(x, math.constant(x, 0.0));
    Value number = math.select(isZero, math.constant(x, 0.0), x);
    Value bits = arith::BitcastOp::create(at, loc, rankType, number);
    Value isNegative = arith::ShRSIOp::create(
        at, loc, bits, constant(at, APInt(width(), width() - 1)));
    result = math.bitXor(bits, math.bitOr(isNegative, sign));
    result = math.select(math.isNaN(x),
                         constant(at, APInt::getAllOnes(width())), result);
  } else {
    bool isUnsigned = elementType.isUnsignedInteger();
    result = x;
    if (x.getType() != rankType)
      result = isUnsigned
                   ? arith::ExtUIOp::create(at, loc, rankType, x).getResult()
                   : arith::ExtSIOp::create(at, loc, rankType, x).getResult();
    if (!isUnsigned)
      result = math.bitXor(result, sign);
  }
  return largest ? result : math.bitNot(result);
}

/// How many ranks compare like this with `bound`, an i32.
Value LineSelector::count(Value ranks, arith::CmpIPredicate predicate,
                          Value bound) {
  Type i32 = b.getI32Type();
  Value none = arith::ConstantIntOp::create(b, loc, 0, 32);
  Value init = buildFilled(b, loc, RankedTensorType::get({}, i32), none);
  Value sum = buildReduction(
      b, loc, init, ranks, rankType, b.getMultiDimIdentityMap(1),
      AffineMap::get(1, 0, b.getContext()), {utils::IteratorType::reduction},
      [&](OpBuilder &at, Location, ValueRange args) -> Value {
        Value yes = arith::CmpIOp::create(at, loc, predicate, args[0], bound);
        Value one = arith::ExtUIOp::create(at, loc, i32, yes);
        return arith::AddIOp::create(at, loc, args[1], one);
      });
  return tensor::ExtractOp::create(b, loc, sum, ValueRange());
}

/// The k-th greatest rank, one bit after the other: the greatest number that k
/// ranks reach.
Value LineSelector::findLast(Value ranks) {
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  Value one = arith::ConstantIndexOp::create(b, loc, 1);
  Value end = arith::ConstantIndexOp::create(b, loc, width());
  auto loop = scf::ForOp::create(b, loc, zero, end, one,
                                 constant(b, APInt(width(), 0)));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  Value bit =
      arith::IndexCastOp::create(b, loc, rankType, loop.getInductionVar());
  bit = arith::ShRUIOp::create(b, loc, constant(b, APInt::getSignMask(width())),
                               bit);
  Value known = loop.getRegionIterArg(0);
  Value tried = arith::OrIOp::create(b, loc, known, bit);
  Value reach = count(ranks, arith::CmpIPredicate::uge, tried);
  Value areEnough =
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sge, reach,
                            arith::ConstantIntOp::create(b, loc, k, 32));
  scf::YieldOp::create(
      b, loc,
      arith::SelectOp::create(b, loc, areEnough, tried, known).getResult());
  return loop.getResult(0);
}

SmallVector<Value> LineSelector::select(Value line, Value keys, Value places) {
  Value ranks = buildMap(b, loc, lineType.clone(rankType), line, elementType,
                         b.getMultiDimIdentityMap(1),
                         [&](OpBuilder &at, Location, ValueRange args) {
                           ScalarMath math(at, loc, elementType);
                           return rank(math, at, args[0]);
                         });
  Value last = findLast(ranks);
  Value above = arith::IndexCastOp::create(
      b, loc, b.getIndexType(), count(ranks, arith::CmpIPredicate::ugt, last));
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  // Those above come first, then as many equal ones as there is room for.
  auto place = [&](OpBuilder &at, ValueRange j,
                   ValueRange state) -> SmallVector<Value> {
    Value own = tensor::ExtractOp::create(at, loc, ranks, j);
    Value nowhere = arith::ConstantIndexOp::create(at, loc, k);
    auto compare = [&](arith::CmpIPredicate predicate, Value x, Value y) {
      return arith::CmpIOp::create(at, loc, predicate, x, y).getResult();
    };
    Value isAbove = compare(arith::CmpIPredicate::ugt, own, last);
    Value isEqual = arith::AndIOp::create(
        at, loc, compare(arith::CmpIPredicate::eq, own, last),
        compare(arith::CmpIPredicate::ult, state[3], nowhere));
    Value to = arith::SelectOp::create(at, loc, isEqual, state[3], nowhere);
    to = arith::SelectOp::create(at, loc, isAbove, state[2], to);
    auto next = [&](Value number, Value isTaken) -> Value {
      Value one =
          arith::IndexCastUIOp::create(at, loc, at.getIndexType(), isTaken);
      return arith::AddIOp::create(at, loc, number, one);
    };
    Value key = tensor::ExtractOp::create(at, loc, line, j);
    Value from = arith::IndexCastOp::create(at, loc, at.getI64Type(), j[0]);
    return {tensor::InsertOp::create(at, loc, key, state[0], {zero, to}),
            tensor::InsertOp::create(at, loc, from, state[1], {zero, to}),
            next(state[2], isAbove), next(state[3], isEqual)};
  };
  return buildLoops(b, loc, lineType.getShape(), {keys, places, zero, above},
                    place);
}

/// Elements [at[0], :, at[1]] of `x`.
static Value readLine(OpBuilder &b, Location loc, Value x,
                      RankedTensorType type, ValueRange at) {
  OpFoldResult zero = b.getIndexAttr(0), one = b.getIndexAttr(1);
  SmallVector<OpFoldResult> offsets = {at[0], zero, at[1]},
                            sizes = {one, b.getIndexAttr(type.getDimSize(0)),
                                     one},
                            steps = {one, one, one};
  return tensor::ExtractSliceOp::create(b, loc, type, x, offsets, sizes, steps);
}

/// All elements and their places in row 0 of both.
static SmallVector<Value> copyLine(OpBuilder &b, Location loc, Value line,
                                   Value keys, Value places) {
  return buildLoops(
      b, loc, cast<RankedTensorType>(line.getType()).getShape(), {keys, places},
      [&](OpBuilder &at, ValueRange j, ValueRange state) {
        Value key = tensor::ExtractOp::create(at, loc, line, j);
        Value place =
            arith::IndexCastOp::create(at, loc, at.getI64Type(), j[0]);
        Value row = arith::ConstantIndexOp::create(at, loc, 0);
        return SmallVector<Value>{
            tensor::InsertOp::create(at, loc, key, state[0], {row, j[0]}),
            tensor::InsertOp::create(at, loc, place, state[1], {row, j[0]})};
      });
}

FailureOr<SmallVector<Value>> TopKOp::lowerReference(OpBuilder &builder,
                                                     ValueRange operands) {
  Location loc = getLoc();
  auto values = cast<RankedTensorType>(getValues().getType());
  auto indices = cast<RankedTensorType>(getIndices().getType());
  if (values.getNumElements() == 0)
    return SmallVector<Value>{buildEmpty(builder, loc, values),
                              buildEmpty(builder, loc, indices)};
  ArrayRef<int64_t> shape = cast<RankedTensorType>(getX().getType()).getShape();
  int64_t axis = getAxis(), k = getK(), extent = shape[axis];
  int64_t outer = ShapedType::getNumElements(shape.take_front(axis));
  int64_t inner = ShapedType::getNumElements(shape.drop_front(axis + 1));
  Value x = buildReshape(builder, loc, operands[0], {outer, extent, inner});
  // The bits of the k-th element take as many rounds over the line as a merge
  // sort does of scalars, but of vectors.
  constexpr int64_t kFewest = 64;
  bool selects = extent >= kFewest && 2 * k <= extent;
  int64_t sorted = selects ? k : extent, room = selects ? k + 1 : extent;
  auto lineType = RankedTensorType::get(extent, getElementTypeOrSelf(x));
  auto line = [&](OpBuilder &b, ValueRange at,
                  ValueRange state) -> SmallVector<Value> {
    LineSorter sorter(b, loc, values.getElementType(), sorted, k, getLargest());
    Value elements = readLine(b, loc, x, lineType, at);
    Value keys = buildEmpty(b, loc, values.clone({2, room}));
    Value places = buildEmpty(b, loc, indices.clone({2, room}));
    SmallVector<Value> scratch;
    if (selects)
      scratch = LineSelector(b, loc, values.getElementType(), lineType, k,
                             getLargest())
                    .select(elements, keys, places);
    else
      scratch = copyLine(b, loc, elements, keys, places);
    scratch = sorter.sort(scratch[0], scratch[1]);
    auto writeLine = [&](OpBuilder &inside, ValueRange j, ValueRange results) {
      Value row =
          arith::ConstantIndexOp::create(inside, loc, sorter.resultRow());
      SmallVector<Value> written;
      for (auto [from, to] : llvm::zip_equal(scratch, results)) {
        Value element =
            tensor::ExtractOp::create(inside, loc, from, {row, j[0]});
        written.push_back(tensor::InsertOp::create(inside, loc, element, to,
                                                   {at[0], j[0], at[1]}));
      }
      return written;
    };
    return buildLoops(b, loc, k, state, writeLine);
  };
  SmallVector<int64_t> flat = {outer, k, inner};
  SmallVector<Value> results =
      buildLoops(builder, loc, {outer, inner},
                 {buildEmpty(builder, loc, values.clone(flat)),
                  buildEmpty(builder, loc, indices.clone(flat))},
                 line);
  for (Value &result : results)
    result = buildReshape(builder, loc, result, values.getShape());
  return results;
}
